//! A line with faults: an injector around any transport, for tests and for whoever wants to see what a driver makes of them.
//!
//! ```text
//! host ──> lost, doubled, flipped ──> transport ──> board
//! host <── lost, doubled, flipped, stalled <── transport <── board
//! ```
//!
//! The same bytes meet the same faults. The injector outlives the transports it is put around, as a bad cable does the sessions over it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use arch::protocol::{FRAME_END, MAX_PAYLOAD, Opcode};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{Faults, PowerCycle, Transport, TransportError};
use crate::codec::{Decoder, Received, wire_bytes};

/// What an injector has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FaultCounts {
    /// Bits that were changed.
    pub bits: u64,
    /// Bytes that were lost, whole frames aside.
    pub bytes_lost: u64,
    /// Bytes that came twice.
    pub bytes_doubled: u64,
    /// Bytes that nobody sent.
    pub bytes_inserted: u64,
    /// Frames that were lost.
    pub frames_lost: u64,
    /// Frames that came twice.
    pub frames_doubled: u64,
    /// Times that the line was silent.
    pub stalls: u64,
    /// Times that the board lost its power.
    pub resets: u64,
    /// Times that the cable was pulled.
    pub pulls: u64,
    /// Frames handed on that their check finds damaged.
    pub damaged: u64,
    /// Frames handed on that pass their check though they are not what was sent.
    pub undetected: u64,
}

impl FaultCounts {
    /// Faults in all.
    pub fn injected(&self) -> u64 {
        self.bits
            + self.bytes_lost
            + self.bytes_doubled
            + self.bytes_inserted
            + self.frames_lost
            + self.frames_doubled
            + self.stalls
            + self.resets
            + self.pulls
    }
}

/// The faults of a line and what came of them so far.
#[derive(Debug, Clone)]
pub struct Injector(Rc<RefCell<State>>);

impl Injector {
    /// One for these faults that has done nothing yet.
    pub fn new(faults: Faults) -> Self {
        Self(Rc::new(RefCell::new(State {
            faults,
            rng: ChaCha8Rng::seed_from_u64(faults.seed),
            counts: FaultCounts::default(),
            sent: Direction::default(),
            received: Direction::default(),
            newest: 0,
            recordings: 0,
            due: None,
        })))
    }

    /// What it has done.
    pub fn counts(&self) -> FaultCounts {
        self.0.borrow().counts
    }

    /// Puts it around `inner`. `power` is the board's switch; without one nothing is ever reset.
    pub fn around<T: Transport>(&self, inner: T, power: Option<Box<dyn PowerCycle>>) -> Faulty<T> {
        let mut state = self.0.borrow_mut();
        // What another transport left unfinished never arrives.
        (state.sent, state.received, state.due) = (Direction::default(), Direction::default(), None);
        let injector = self.clone();
        Faulty { inner, injector, power, arrived: Vec::new(), taken: 0, pulled: false, silent_until: None }
    }
}

#[derive(Debug)]
struct State {
    faults: Faults,
    rng: ChaCha8Rng,
    counts: FaultCounts,
    sent: Direction,
    received: Direction,
    /// Sequence number of the newest frame that began a session or a recording: those before it are repetitions.
    newest: u8,
    /// Recordings begun.
    recordings: u64,
    /// What strikes behind the next events.
    due: Option<Strike>,
}

/// What strikes in the middle of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Strike {
    reset: bool,
    pull: bool,
}

/// The frame that is passing one way.
#[derive(Debug, Default)]
struct Direction {
    /// As it was sent, so far.
    frame: Vec<u8>,
    /// The one before, whole.
    last: Vec<u8>,
    /// As it is handed on, so far.
    handed: Vec<u8>,
    losing: bool,
}

impl State {
    fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.rng.random_bool(probability)
    }

    /// Passes a byte on one way: what comes of it goes to `out`. Whether it ends a frame.
    fn pass(&mut self, line: &mut Direction, byte: u8, out: &mut Vec<u8>) -> bool {
        if line.frame.is_empty() && byte != FRAME_END {
            line.losing = self.chance(self.faults.loss);
            self.counts.frames_lost += u64::from(line.losing);
        }
        // No frame is longer; of what is no frame the beginning is enough.
        if line.frame.len() < wire_bytes(MAX_PAYLOAD) {
            line.frame.push(byte);
        }
        if !line.losing {
            self.damage(line, byte, out);
        }
        if byte != FRAME_END {
            return false;
        }
        if !line.losing && line.frame.len() > 1 && self.chance(self.faults.dup) {
            self.counts.frames_doubled += 1;
            for byte in line.frame.clone() {
                self.damage(line, byte, out);
            }
        }
        line.losing = false;
        if line.frame.len() > 1 {
            std::mem::swap(&mut line.last, &mut line.frame);
        }
        line.frame.clear();
        true
    }

    fn damage(&mut self, line: &mut Direction, byte: u8, out: &mut Vec<u8>) {
        if self.chance(self.faults.drop) {
            self.counts.bytes_lost += 1;
            return;
        }
        let mut changed = byte;
        for bit in 0..8 {
            if self.chance(self.faults.ber) {
                self.counts.bits += 1;
                changed ^= 1 << bit;
            }
        }
        self.hand(line, changed, out);
        if self.chance(self.faults.double) {
            self.counts.bytes_doubled += 1;
            self.hand(line, changed, out);
        }
        if self.chance(self.faults.insert) {
            self.counts.bytes_inserted += 1;
            let made_up = self.rng.random();
            self.hand(line, made_up, out);
        }
    }

    /// Hands a byte on, and holds each frame so ended against the one that was sent.
    fn hand(&mut self, line: &mut Direction, byte: u8, out: &mut Vec<u8>) {
        out.push(byte);
        if byte != FRAME_END {
            if line.handed.len() < 2 * wire_bytes(MAX_PAYLOAD) {
                line.handed.push(byte);
            }
            return;
        }
        // The last one where its own end was lost and another came.
        let sent = [&line.frame, &line.last].map(|frame| frame.strip_suffix(&[FRAME_END]).unwrap_or(frame));
        if !line.handed.is_empty() && !sent.contains(&&line.handed[..]) {
            match decoded(&line.handed) {
                Some(_) => self.counts.undetected += 1,
                None => self.counts.damaged += 1,
            }
        }
        line.handed.clear();
    }

    /// Looks at the frame that the host has just sent whole: whether something strikes behind it.
    fn strike(&mut self) -> Option<Strike> {
        let (sequence, opcode) = decoded(self.sent.last.strip_suffix(&[FRAME_END])?)?;
        if opcode == Opcode::Events as u8 {
            // The recording is open, and some of it is learned.
            return self.due.take();
        }
        if opcode == Opcode::Identify as u8 {
            self.newest = sequence;
        }
        // Repetitions go back by a window at most.
        let new = (1..128).contains(&sequence.wrapping_sub(self.newest));
        if opcode == Opcode::Begin as u8 && new {
            self.newest = sequence;
            self.recordings += 1;
            let now = |every: Option<u64>| every.is_some_and(|every| self.recordings.is_multiple_of(every));
            let strike = Strike { reset: now(self.faults.reset), pull: now(self.faults.pull) };
            self.due = (strike.reset || strike.pull).then_some(strike);
        }
        None
    }
}

/// Sequence number and opcode of a frame, its end left out; `None` for a damaged one.
fn decoded(frame: &[u8]) -> Option<(u8, u8)> {
    let bytes = [frame, &[FRAME_END]].concat();
    match Decoder::new(MAX_PAYLOAD).next(&mut &bytes[..])? {
        Received::Frame(frame) => Some((frame.sequence, frame.opcode)),
        Received::Damaged => None,
    }
}

/// A transport with an [`Injector`] around it.
pub struct Faulty<T> {
    inner: T,
    injector: Injector,
    power: Option<Box<dyn PowerCycle>>,
    arrived: Vec<u8>,
    taken: usize,
    pulled: bool,
    silent_until: Option<Instant>,
}

impl<T: Transport> Faulty<T> {
    fn plugged(&self) -> Result<(), TransportError> {
        if self.pulled { Err(TransportError::Closed { description: self.description() }) } else { Ok(()) }
    }

    /// Lets what came from the board pass.
    fn arrive(&mut self, bytes: &[u8]) {
        (self.taken, self.arrived) = (0, Vec::with_capacity(bytes.len()));
        let state = &mut *self.injector.0.borrow_mut();
        let mut line = std::mem::take(&mut state.received);
        for &byte in bytes {
            if line.frame.is_empty()
                && byte != FRAME_END
                && let Some((silence, probability)) = state.faults.stall
                && state.chance(probability)
            {
                state.counts.stalls += 1;
                self.silent_until = Some(Instant::now() + silence);
            }
            state.pass(&mut line, byte, &mut self.arrived);
        }
        state.received = line;
    }

    /// Whether the line is silent still, after at most `timeout`.
    fn silent(&mut self, timeout: Duration) -> bool {
        let Some(until) = self.silent_until else { return false };
        let left = until.saturating_duration_since(Instant::now());
        std::thread::sleep(left.min(timeout));
        if left <= timeout {
            self.silent_until = None;
        }
        left > timeout
    }
}

impl<T: Transport> Transport for Faulty<T> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        self.plugged()?;
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            let strike = {
                let state = &mut *self.injector.0.borrow_mut();
                let mut line = std::mem::take(&mut state.sent);
                let ended = state.pass(&mut line, byte, &mut out);
                state.sent = line;
                if ended { state.strike() } else { None }
            };
            let Some(strike) = strike else { continue };
            self.inner.send(&std::mem::take(&mut out))?;
            let counts = &mut self.injector.0.borrow_mut().counts;
            if let Some(power) = self.power.as_mut().filter(|_| strike.reset) {
                power.power_cycle();
                counts.resets += 1;
            }
            if strike.pull {
                self.pulled = true;
                counts.pulls += 1;
            }
            if self.pulled {
                break;
            }
        }
        self.plugged()?;
        self.inner.send(&out)
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        self.plugged()?;
        if self.taken == self.arrived.len() && self.silent_until.is_none() {
            let mut bytes = vec![0; buffer.len()];
            let count = self.inner.receive(&mut bytes, timeout)?;
            self.arrive(&bytes[..count]);
        }
        if self.silent(timeout) {
            return Ok(0);
        }
        let waiting = &self.arrived[self.taken..];
        let count = waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&waiting[..count]);
        self.taken += count;
        Ok(count)
    }

    fn description(&self) -> String {
        format!("a faulty line to {}", self.inner.description())
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn line_rate(&self) -> Option<u32> {
        self.inner.line_rate()
    }
}

#[cfg(test)]
mod tests;
