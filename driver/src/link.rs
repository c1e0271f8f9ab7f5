//! Sequence numbers, the credit window and repetition: frames out, their answers in the same order.
//!
//! The host sends ahead as far as the board's window and receive buffer allow. Answers come in the order of the
//! frames; when one is missing or damaged, every unanswered frame is sent again from the oldest on (go back N), and
//! the board answers those it has executed already without executing them again.

mod pushes;

use std::collections::VecDeque;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use arch::protocol::{ANSWER, FRAME_END, MAX_PAYLOAD, Opcode, Status};
use serde::Serialize;

use crate::codec::{self, Decoder, Frame, Received};
use crate::pace::{Buffers, PUSH, Pace};
use crate::{LinkError, Transport, TransportError};

/// How patient a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for an answer before repeating the frame.
    pub timeout: Duration,
    /// How often to send a frame before giving the board up.
    pub attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(1), attempts: 5 }
    }
}

/// What a link has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LinkCounts {
    /// Frames sent for the first time.
    pub frames: u64,
    /// Of those, the pushes between them ([`Pace`]).
    pub pushes: u64,
    /// Frames sent again.
    pub repeated: u64,
    /// Times that the board asked for a frame again: it was damaged or did not come.
    pub asked: u64,
    /// Damaged frames received.
    pub damaged: u64,
    /// Bytes sent, stuffing included.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
}

impl AddAssign for LinkCounts {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.pushes += other.pushes;
        self.repeated += other.repeated;
        self.asked += other.asked;
        self.damaged += other.damaged;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
    }
}

/// One side of an exchange of many frames: says what to send next and takes the answers in order.
pub(crate) trait Conversation {
    /// Why the conversation can end early.
    type Error: From<LinkError>;
    /// Appends the next frame's payload, at most `limit` bytes; `None` once there is nothing more to say.
    fn next(&mut self, limit: usize, payload: &mut Vec<u8>) -> Option<Opcode>;
    /// Takes the answer to the oldest unanswered frame: its status and what follows it.
    fn answer(&mut self, opcode: Opcode, status: Status, rest: &[u8]) -> Result<(), Self::Error>;
}

#[derive(Debug)]
struct Unanswered {
    sequence: u8,
    opcode: Opcode,
    /// The session an identify frame opens, which its answer repeats.
    session: Option<[u8; 4]>,
    /// Nobody waits for its answer.
    push: bool,
    wire: Vec<u8>,
}

pub(crate) struct Link {
    transport: Box<dyn Transport>,
    options: Options,
    decoder: Decoder,
    sequence: u8,
    buffers: Buffers,
    pace: Pace,
    unanswered: VecDeque<Unanswered>,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    taken: usize,
    counts: LinkCounts,
    /// Set by a repetition, cleared by progress: what was under way when it was sent asks for it again in vain.
    repeated_at: Option<Instant>,
    /// How long was waited for answers.
    waited: Duration,
}

enum Heard {
    Answer,
    Ask,
    Nothing,
    Restarted,
}

impl Link {
    pub fn new(transport: Box<dyn Transport>, options: Options) -> Self {
        let receive_buffer = codec::wire_bytes(MAX_PAYLOAD);
        let buffers = Buffers { window: 1, receive_buffer, max_payload: MAX_PAYLOAD };
        Self {
            transport,
            options,
            decoder: Decoder::new(MAX_PAYLOAD),
            sequence: 0,
            buffers,
            pace: Pace::unmeasured(buffers),
            unanswered: VecDeque::new(),
            // Ends whatever the line carried before: the board resynchronises on it.
            outgoing: vec![FRAME_END],
            incoming: Vec::new(),
            taken: 0,
            counts: LinkCounts::default(),
            repeated_at: None,
            waited: Duration::ZERO,
        }
    }

    /// Takes the buffers that the board states, and measures the line where its rate is known.
    pub fn widen(&mut self, buffers: Buffers) -> Result<(), LinkError> {
        self.buffers = Buffers { window: buffers.window.max(1), ..buffers };
        self.pace = Pace::unmeasured(self.buffers);
        if let Some(rate) = self.transport.line_rate() {
            let measured = self.measure(rate)?;
            self.pace = Pace::of(self.buffers, measured);
        }
        Ok(())
    }

    pub fn description(&self) -> String {
        self.transport.description()
    }

    /// Lets go of the transport: a port has to be closed before it can be opened again.
    pub fn close(&mut self) {
        self.transport = Box::new(Gone(self.transport.description()));
    }

    pub fn counts(&self) -> LinkCounts {
        self.counts
    }

    /// How frames are sent.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// What time it is for the transport.
    pub fn now(&self) -> Instant {
        self.transport.now()
    }

    /// How long was waited for answers.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Sends what `conversation` says, as far ahead as the window allows, until it has nothing more to say and every
    /// frame of it is answered; pushes may be unanswered still. After an error no frame is, unless the link itself is broken.
    pub fn converse<C: Conversation>(&mut self, conversation: &mut C) -> Result<(), C::Error> {
        let mut payload = Vec::new();
        let mut waiting: Option<Opcode> = None;
        let mut failed = None;
        loop {
            while failed.is_none() && self.unanswered.len() < self.buffers.window {
                if waiting.is_none() {
                    payload.clear();
                    waiting = conversation.next(self.pace.payload, &mut payload);
                }
                let Some(opcode) = waiting else { break };
                if !self.fits(payload.len()) {
                    break;
                }
                waiting = None;
                self.submit(opcode, &payload);
                if self.push_is_due() {
                    self.push();
                }
            }
            let Some(oldest) = self.unanswered.front() else { break };
            let over = failed.is_some() || waiting.is_none();
            if over && self.unanswered.iter().all(|frame| frame.push) {
                break;
            }
            let (opcode, push) = (oldest.opcode, oldest.push);
            self.push();
            let mut outcome = Ok(());
            self.answer(&mut |status, rest| {
                if !push {
                    outcome = conversation.answer(opcode, status, rest);
                }
            })?;
            if let Err(error) = outcome
                && failed.is_none()
            {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Whether a frame may be sent now. One alone always may. The last place is a push's, unless it would be beside one.
    fn fits(&self, payload: usize) -> bool {
        let Some(newest) = self.unanswered.back() else { return true };
        let kept = self.pace.pushes && !newest.push;
        let frames = self.unanswered.len() + 1 + usize::from(kept);
        let bytes = self.under_way() + codec::wire_bytes(payload) + if kept { PUSH } else { 0 };
        frames <= self.buffers.window && bytes <= self.buffers.receive_buffer
    }

    fn submit(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut wire = Vec::with_capacity(codec::wire_bytes(payload.len()));
        codec::encode(self.sequence, opcode as u8, payload, &mut wire);
        self.outgoing.extend_from_slice(&wire);
        let session = if opcode == Opcode::Identify { payload.first_chunk().copied() } else { None };
        self.unanswered.push_back(Unanswered { sequence: self.sequence, opcode, session, push: false, wire });
        self.sequence = self.sequence.wrapping_add(1);
        self.counts.frames += 1;
    }

    /// Waits for the answer to the oldest unanswered frame, repeating it as need be.
    fn answer(&mut self, take: &mut dyn FnMut(Status, &[u8])) -> Result<(), LinkError> {
        let start = self.transport.now();
        let heard_before = self.counts.bytes_received;
        for attempt in 1..=self.options.attempts {
            // Waiting begins when everything is sent.
            let mut deadline = None;
            loop {
                while let Some(heard) = self.hear(take) {
                    match heard {
                        Heard::Answer => return Ok(()),
                        Heard::Ask => self.repeat(),
                        Heard::Nothing => {}
                        Heard::Restarted => {
                            return Err(LinkError::Restarted { transport: self.transport.description() });
                        }
                    }
                }
                self.flush()?;
                let deadline = *deadline.get_or_insert_with(|| self.transport.now() + self.options.timeout);
                let left = deadline.saturating_duration_since(self.transport.now());
                if left.is_zero() {
                    break;
                }
                self.receive(left)?;
            }
            if attempt < self.options.attempts {
                self.repeated_at = None;
                self.repeat();
            }
        }
        Err(LinkError::NoAnswer {
            transport: self.transport.description(),
            opcode: self.unanswered.front().map_or(Opcode::Identify, |oldest| oldest.opcode),
            attempts: self.options.attempts,
            waited: self.transport.now().saturating_duration_since(start),
            bytes_heard: self.counts.bytes_received - heard_before,
        })
    }

    fn flush(&mut self) -> Result<(), LinkError> {
        if !self.outgoing.is_empty() {
            self.transport.send(&self.outgoing)?;
            self.counts.bytes_sent += self.outgoing.len() as u64;
            self.outgoing.clear();
        }
        Ok(())
    }

    fn receive(&mut self, timeout: Duration) -> Result<(), LinkError> {
        self.incoming.resize(4096, 0);
        self.taken = 0;
        let start = self.transport.now();
        let received = self.transport.receive(&mut self.incoming, timeout);
        self.waited += self.transport.now().saturating_duration_since(start);
        self.incoming.truncate(*received.as_ref().unwrap_or(&0));
        self.counts.bytes_received += self.incoming.len() as u64;
        received?;
        Ok(())
    }

    /// Looks at the next frame among the bytes received; `None` once they are used up.
    fn hear(&mut self, take: &mut dyn FnMut(Status, &[u8])) -> Option<Heard> {
        let mut bytes = &self.incoming[self.taken..];
        let received = self.decoder.next(&mut bytes);
        self.taken = self.incoming.len() - bytes.len();
        let frame = match received? {
            Received::Frame(frame) => frame,
            Received::Damaged => {
                self.counts.damaged += 1;
                return Some(Heard::Ask);
            }
        };
        Some(match self.unanswered.front() {
            Some(oldest) => match awaited(frame, oldest) {
                Some((status, rest)) => {
                    take(status, rest);
                    self.unanswered.pop_front();
                    self.repeated_at = None;
                    Heard::Answer
                }
                None => {
                    self.counts.asked += u64::from(frame.opcode == Opcode::Repeat as u8 | ANSWER);
                    unexpected(frame, oldest, self.unanswered.len())
                }
            },
            None => Heard::Nothing,
        })
    }

    /// Sends every unanswered frame again, unless that was done a moment ago and nothing has come of it yet.
    fn repeat(&mut self) {
        let now = self.transport.now();
        let pause = self.options.timeout / 4;
        if self.repeated_at.is_some_and(|at| now.duration_since(at) < pause) {
            return;
        }
        self.repeated_at = Some(now);
        // A frame not yet sent is among the unanswered ones.
        self.outgoing.clear();
        self.outgoing.push(FRAME_END);
        for frame in &self.unanswered {
            self.outgoing.extend_from_slice(&frame.wire);
        }
        self.counts.repeated += self.unanswered.len() as u64;
    }
}

/// In the place of a transport that was closed; the name is for messages.
struct Gone(String);

impl Transport for Gone {
    fn send(&mut self, _: &[u8]) -> Result<(), TransportError> {
        Err(TransportError::Closed { description: self.description() })
    }

    fn receive(&mut self, _: &mut [u8], _: Duration) -> Result<usize, TransportError> {
        Err(TransportError::Closed { description: self.description() })
    }

    fn description(&self) -> String {
        self.0.clone()
    }
}

/// Status and rest of the answer to `oldest`, if `frame` is that.
fn awaited<'f>(frame: Frame<'f>, oldest: &Unanswered) -> Option<(Status, &'f [u8])> {
    if frame.sequence != oldest.sequence || frame.opcode != oldest.opcode as u8 | ANSWER {
        return None;
    }
    let (&status, rest) = frame.payload.split_first()?;
    // The answer to an earlier session's identify frame may still be on the line.
    let stale = oldest.session.is_some() && rest.first_chunk() != oldest.session.as_ref();
    Some((Status::from_code(status)?, rest)).filter(|_| !stale)
}

/// What a frame that is not the awaited answer means.
fn unexpected(frame: Frame<'_>, oldest: &Unanswered, under_way: usize) -> Heard {
    if frame.opcode == Opcode::Repeat as u8 | ANSWER {
        let no_session = frame.payload.first() == Some(&(Status::NoSession as u8));
        // Before it has heard this session's identify frame a board may well say so.
        return if no_session && oldest.opcode != Opcode::Identify { Heard::Restarted } else { Heard::Ask };
    }
    // An answer to a later frame: the one before it was lost. Any other is a late second answer.
    let ahead = usize::from(frame.sequence.wrapping_sub(oldest.sequence));
    if frame.opcode & ANSWER != 0 && (1..under_way).contains(&ahead) { Heard::Ask } else { Heard::Nothing }
}
