//! The board's side of the link: bytes in, bytes out. Sequence numbers, duplicates, repetition.

use std::collections::VecDeque;

use arch::protocol::{ANSWER, KEPT_ANSWER_BYTES, Opcode, Status};
use arch::registers::features;
use arch::{Board, Identity};
use driver::codec::{Decoder, Frame, Received, encode};
use driver::transport::{ByteDevice, PowerCycle};
use model::fixed::Engine;

use crate::device::Device;

/// What the model calls its build: the bytes `MODL`.
const BUILD: u32 = u32::from_le_bytes(*b"MODL");

/// A board made of the bit-exact model: what a host sends goes in, what the board answers comes out.
#[derive(Debug, Clone)]
pub struct VirtualBoard {
    identity: Identity,
    decoder: Decoder,
    link: BoardLink,
}

impl VirtualBoard {
    /// A board of this configuration, as it is after power-up.
    pub fn new(board: &Board) -> Self {
        Self::with_features(board, features::ALL)
    }

    /// One with no more built in than these bits of [`arch::registers::features`], as boards in hardware have it.
    pub fn with_features(board: &Board, built_in: u32) -> Self {
        Self::with_identity(&board.identity(BUILD, built_in))
    }

    /// One that says what the hardware says, so that every byte is the hardware's.
    pub fn as_hardware(board: &Board) -> Self {
        Self::with_identity(&rtl::top::identity(board))
    }

    fn with_identity(identity: &Identity) -> Self {
        Self {
            identity: identity.clone(),
            decoder: Decoder::new(identity.max_payload as usize),
            link: BoardLink::new(identity),
        }
    }

    /// The engine, to be looked at without a wire.
    pub fn engine(&self) -> &Engine {
        &self.link.device.engine
    }

    /// The same, to plant a fault in.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.link.device.engine
    }
}

impl ByteDevice for VirtualBoard {
    fn exchange(&mut self, mut from_host: &[u8], to_host: &mut Vec<u8>) {
        while let Some(received) = self.decoder.next(&mut from_host) {
            match received {
                Received::Frame(frame) => self.link.frame(frame, to_host),
                Received::Damaged => self.link.ask_again(Status::Damaged, to_host),
            }
        }
    }
}

impl PowerCycle for VirtualBoard {
    fn power_cycle(&mut self) {
        *self = Self::with_identity(&self.identity);
    }
}

#[derive(Debug, Clone)]
struct BoardLink {
    device: Device,
    window: u8,
    session: Option<[u8; 4]>,
    /// Sequence number of the next new frame.
    expected: u8,
    /// The last frames executed, the latest last, at most one window of them.
    kept: VecDeque<Kept>,
    /// Whether a repeat frame has been sent since the last good one: one is enough, what is under way behind a lost
    /// frame would bring one each.
    asked: bool,
    #[cfg(test)]
    forgets_duplicates: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    opcode: u8,
    /// `None` for an answer too long to keep: its frame changes nothing and is executed again.
    answer: Option<Vec<u8>>,
}

impl BoardLink {
    fn new(identity: &Identity) -> Self {
        Self {
            device: Device::new(identity),
            window: identity.window as u8,
            session: None,
            expected: 0,
            kept: VecDeque::new(),
            asked: false,
            #[cfg(test)]
            forgets_duplicates: false,
        }
    }

    fn frame(&mut self, frame: Frame<'_>, to_host: &mut Vec<u8>) {
        if frame.opcode == Opcode::Identify as u8 {
            return self.identify(frame, to_host);
        }
        if self.session.is_none() {
            return self.ask_again(Status::NoSession, to_host);
        }
        let back = self.expected.wrapping_sub(frame.sequence);
        if back == 0 {
            self.asked = false;
            self.expected = self.expected.wrapping_add(1);
            let answer = self.execute(frame);
            encode(frame.sequence, frame.opcode | ANSWER, &answer, to_host);
            self.keep(frame.opcode, answer);
        } else if back <= self.window {
            self.duplicate(frame, usize::from(back), to_host);
        } else {
            self.ask_again(Status::OutOfSequence, to_host);
        }
    }

    /// Answers a frame that was executed `back` frames ago; never executes it again if that would change anything.
    fn duplicate(&mut self, frame: Frame<'_>, back: usize, to_host: &mut Vec<u8>) {
        #[cfg(test)]
        if self.forgets_duplicates {
            let answer = self.execute(frame);
            return encode(frame.sequence, frame.opcode | ANSWER, &answer, to_host);
        }
        let kept = self.kept.len().checked_sub(back).and_then(|at| self.kept.get(at));
        match kept.filter(|kept| kept.opcode == frame.opcode) {
            Some(Kept { answer: Some(answer), .. }) => {
                self.asked = false;
                encode(frame.sequence, frame.opcode | ANSWER, answer, to_host);
            }
            Some(Kept { answer: None, .. }) => {
                self.asked = false;
                let answer = self.execute(frame);
                encode(frame.sequence, frame.opcode | ANSWER, &answer, to_host);
            }
            // An old number on a frame that this session never sent.
            None => self.ask_again(Status::OutOfSequence, to_host),
        }
    }

    fn identify(&mut self, frame: Frame<'_>, to_host: &mut Vec<u8>) {
        let mut answer = vec![Status::Ok as u8];
        match <[u8; 4]>::try_from(frame.payload) {
            Ok(session) => {
                if self.session != Some(session) {
                    self.session = Some(session);
                    self.device.abandon();
                    self.kept.clear();
                    self.expected = frame.sequence.wrapping_add(1);
                }
                self.asked = false;
                answer.extend(session);
                self.device.identify(&mut answer);
            }
            Err(_) => answer[0] = Status::BadLength as u8,
        }
        encode(frame.sequence, frame.opcode | ANSWER, &answer, to_host);
    }

    /// The answer's payload.
    fn execute(&mut self, frame: Frame<'_>) -> Vec<u8> {
        let mut answer = vec![Status::Ok as u8];
        let done = match Opcode::from_code(frame.opcode) {
            Some(opcode) => self.device.execute(opcode, frame.payload, &mut answer),
            None => Err(Status::UnknownOpcode),
        };
        if let Err(status) = done {
            answer.clear();
            answer.push(status as u8);
        }
        answer
    }

    fn keep(&mut self, opcode: u8, answer: Vec<u8>) {
        if self.kept.len() == usize::from(self.window) {
            self.kept.pop_front();
        }
        self.kept.push_back(Kept { opcode, answer: (answer.len() <= KEPT_ANSWER_BYTES).then_some(answer) });
    }

    fn ask_again(&mut self, status: Status, to_host: &mut Vec<u8>) {
        if !self.asked {
            self.asked = true;
            encode(self.expected, Opcode::Repeat as u8 | ANSWER, &[status as u8], to_host);
        }
    }
}

#[cfg(test)]
mod tests;
