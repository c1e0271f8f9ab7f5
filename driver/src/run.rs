//! Streaming samples: begin, events, end, one sample behind the other, as far ahead as the window allows.

use std::ops::ControlFlow;

use arch::protocol::{Begin, Opcode, SampleResult, Status, Teacher};

use crate::link::Conversation;
use crate::{Learner, Sample, Session, SessionError};

impl Learner for Session {
    type Error = SessionError;

    fn classes(&self) -> u32 {
        self.network().map_or(0, |network| network.outputs())
    }

    fn run(
        &mut self,
        samples: &mut dyn Iterator<Item = &Sample>,
        learn: bool,
        on_result: &mut dyn FnMut(usize, SampleResult) -> ControlFlow<()>,
    ) -> Result<(), SessionError> {
        let mut stream = Stream { samples, learn, on_result, now: None, stop: false, ended: 0 };
        let outcome = self.converse(&mut stream);
        self.abandon_refused(outcome)
    }
}

impl Session {
    /// Closes the sample that the board still holds open where it refused a part of it: what it refused is the news, not how this
    /// ends.
    pub(crate) fn abandon_refused<T>(&mut self, outcome: Result<T, SessionError>) -> Result<T, SessionError> {
        if matches!(outcome, Err(SessionError::Refused { .. } | SessionError::Answer { .. })) {
            let _ = self.converse(&mut Single(Some(Opcode::Abandon)));
        }
        outcome
    }
}

struct Stream<'a, 's> {
    samples: &'a mut dyn Iterator<Item = &'s Sample>,
    learn: bool,
    on_result: &'a mut dyn FnMut(usize, SampleResult) -> ControlFlow<()>,
    /// The sample being sent and the bytes of it already sent.
    now: Option<(&'s Sample, usize)>,
    stop: bool,
    ended: usize,
}

impl Conversation for Stream<'_, '_> {
    type Error = SessionError;

    fn next(&mut self, limit: usize, payload: &mut Vec<u8>) -> Option<Opcode> {
        match self.now {
            None => {
                if self.stop {
                    return None;
                }
                let sample = self.samples.next()?;
                self.now = Some((sample, 0));
                let begin = Begin {
                    teacher: Teacher::label_if(self.learn),
                    label: sample.label,
                    steps: sample.steps,
                    first_loss_step: sample.first_loss_step,
                };
                payload.extend(begin.encode());
                Some(Opcode::Begin)
            }
            Some((sample, sent)) if sent < sample.packed.len() => {
                let end = sample.packed.len().min(sent + limit);
                payload.extend_from_slice(&sample.packed[sent..end]);
                self.now = Some((sample, end));
                Some(Opcode::Events)
            }
            Some(_) => {
                self.now = None;
                Some(Opcode::End)
            }
        }
    }

    fn answer(&mut self, opcode: Opcode, status: Status, rest: &[u8]) -> Result<(), SessionError> {
        if let Some(result) = result(opcode, status, rest)? {
            self.stop |= (self.on_result)(self.ended, result).is_break();
            self.ended += 1;
        }
        Ok(())
    }
}

/// What the answer to a frame of a sample says: its end, the result.
pub(crate) fn result(
    opcode: Opcode,
    status: Status,
    rest: &[u8],
) -> Result<Option<SampleResult>, SessionError> {
    let what = match opcode {
        Opcode::Begin => "to begin a sample",
        Opcode::Events => "the sample's events",
        _ => "to end the sample",
    };
    if status != Status::Ok {
        return Err(SessionError::Refused { what, status });
    }
    if opcode != Opcode::End {
        return Ok(None);
    }
    let wrong = SessionError::Answer { what, seen: rest.len(), wanted: SampleResult::BYTES };
    SampleResult::decode(rest).map(Some).ok_or(wrong)
}

/// One frame without a payload, its answer of no interest.
struct Single(Option<Opcode>);

impl Conversation for Single {
    type Error = SessionError;

    fn next(&mut self, _limit: usize, _payload: &mut Vec<u8>) -> Option<Opcode> {
        self.0.take()
    }

    fn answer(&mut self, _: Opcode, _: Status, _: &[u8]) -> Result<(), SessionError> {
        Ok(())
    }
}
