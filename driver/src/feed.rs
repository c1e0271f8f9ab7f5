//! Samples that run while they are still being recorded: each step goes to the board as soon as it is known.
//!
//! ```text
//!   Begin ─> Steps ─> Steps … ─> End ─> decided
//! ```

use arch::protocol::{Begin, Opcode, SampleResult, Status};

use crate::link::Conversation;
use crate::run::result;
use crate::{Session, SessionError};

/// What comes next of a sample under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A sample begins, with the steps that it will have.
    Begin(Begin),
    /// One step or more of it, packed as `arch::packing` says.
    Steps(Vec<u8>),
    /// All of its steps have been given.
    End,
}

/// Where samples under way come from.
pub trait Feed {
    /// The next part, if it is there by now; it does not wait for one.
    fn next(&mut self) -> Option<Part>;
    /// The result of the oldest sample that has ended.
    fn decided(&mut self, result: SampleResult);
}

impl Session {
    /// Sends every part that `feed` has by now, and waits until the board has answered them. What arrives meanwhile is sent, too, as
    /// long as there is always something; a sample may stay open in between.
    ///
    /// So a slow link does not fall behind: what gathers while an answer is under way goes out as one frame.
    ///
    /// Errors: the link; whatever the board refuses, after which the sample is abandoned and what it has learned stays.
    pub fn feed(&mut self, feed: &mut dyn Feed) -> Result<(), SessionError> {
        let outcome = self.converse(&mut Feeding { feed, ahead: None, steps: Vec::new(), sent: 0 });
        self.abandon_refused(outcome)
    }
}

struct Feeding<'a> {
    feed: &'a mut dyn Feed,
    /// A part that is no steps, to be said once the steps before it are sent.
    ahead: Option<Part>,
    steps: Vec<u8>,
    /// Bytes of `steps` that are sent.
    sent: usize,
}

impl Conversation for Feeding<'_> {
    type Error = SessionError;

    fn next(&mut self, limit: usize, payload: &mut Vec<u8>) -> Option<Opcode> {
        while self.ahead.is_none() && self.steps.len() - self.sent < limit {
            match self.feed.next() {
                Some(Part::Steps(packed)) => self.steps.extend(packed),
                part => {
                    self.ahead = part;
                    break;
                }
            }
        }
        if self.sent < self.steps.len() {
            let end = self.steps.len().min(self.sent + limit);
            payload.extend_from_slice(&self.steps[self.sent..end]);
            self.sent = end;
            return Some(Opcode::Events);
        }
        self.steps.clear();
        self.sent = 0;
        match self.ahead.take()? {
            Part::Begin(begin) => {
                payload.extend(begin.encode());
                Some(Opcode::Begin)
            }
            _ => Some(Opcode::End),
        }
    }

    fn answer(&mut self, opcode: Opcode, status: Status, rest: &[u8]) -> Result<(), SessionError> {
        if let Some(result) = result(opcode, status, rest)? {
            self.feed.decided(result);
        }
        Ok(())
    }
}
