//! How large frames are and what is sent between them, so that the line to a board stays full.
//!
//! ```text
//!   line    │ frame 1 │ frame 2 │ frame 3 │ …   while the others travel, the first has to be answered:
//!   board             │ answer 1                as many fit the receive buffer as that takes
//!   adapter             …waits…   │ to the host
//! ```
//!
//! Where an adapter waits longer than a receive buffer lasts, *pushes* stand between the frames: reads of registers that never change,
//! whose answers are a packet long. A full packet is handed on at once, and with it every answer before it.

use std::time::Duration;

use arch::protocol::Opcode;
use arch::registers::Space;
use serde::Serialize;

use crate::codec::{payload_within, wire_bytes};
use crate::memory::{READ_BYTES, read_payload};
use crate::transport::adapter::PACKET_BYTES;

/// Registers that a push reads, from the first on: an answer that fills a packet of its own.
const PUSH_REGISTERS: u32 = 14;
/// A push on the wire.
pub(crate) const PUSH: usize = wire_bytes(READ_BYTES);
/// Its answer's payload: the status and the registers.
const PUSH_PAYLOAD: usize = 1 + 4 * PUSH_REGISTERS as usize;
/// Its answer on the wire.
const PUSH_ANSWER: usize = wire_bytes(PUSH_PAYLOAD);
const _: () = assert!(PUSH_ANSWER >= PACKET_BYTES, "a push that fills no packet pushes nothing");
/// The answer to events: status, steps.
const EVENTS_ANSWER: usize = wire_bytes(3);
/// Fewest frames of a window in which pushes can be among others.
const FEWEST: usize = 4;
/// By how much another choice has to be better.
const BETTER: f64 = 1.001;

/// Registers that a probe reads and an answer of which the adapter holds back.
const PROBE_REGISTERS: u32 = 1;

/// Frames that measure a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Its answer is short.
    Short,
    /// Its answer is a packet.
    Push,
}

impl Probe {
    /// Opcode and payload.
    pub fn frame(self) -> (Opcode, Vec<u8>) {
        let count = match self {
            Self::Short => PROBE_REGISTERS,
            Self::Push => PUSH_REGISTERS,
        };
        (Opcode::Read, read_payload(Space::Registers, 0, count))
    }

    /// Bytes on the wire, there and back.
    pub fn bytes(self) -> usize {
        let answer = match self {
            Self::Short => wire_bytes(1 + 4 * PROBE_REGISTERS as usize),
            Self::Push => PUSH_ANSWER,
        };
        PUSH + answer
    }
}

/// What the board states of its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffers {
    /// Frames that may be unanswered.
    pub window: usize,
    /// Bytes of them on the wire.
    pub receive_buffer: usize,
    /// Longest payload.
    pub max_payload: usize,
}

/// What was measured of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Bytes a second each way.
    pub rate: u32,
    /// How long a short answer takes beside its bytes and its frame's.
    pub wait: Duration,
    /// The same with a push behind it; `None` where that was not measured.
    pub pushed: Option<Duration>,
}

/// How frames are sent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pace {
    /// Longest payload of a frame.
    pub payload: usize,
    /// Whether pushes are sent.
    pub pushes: bool,
    /// What line and waiting allow, in bytes of payload a second; `None` where nothing was measured.
    pub bound: Option<f64>,
    /// Bytes a second that the line carries each way.
    pub line_rate: Option<u32>,
    /// How long an answer takes beside the bytes, in seconds.
    pub wait: Option<f64>,
}

impl Pace {
    /// Where nothing is known of the line: two frames fit the receive buffer, so that one travels while the other is executed.
    pub fn unmeasured(buffers: Buffers) -> Self {
        let payload = payload_within(buffers.receive_buffer / 2, buffers.max_payload);
        Self { payload, pushes: false, bound: None, line_rate: None, wait: None }
    }

    /// What carries the most payload over a line that was measured.
    pub fn of(buffers: Buffers, line: Measured) -> Self {
        let mut best = Self::unmeasured(buffers);
        let pushes = line.pushed.filter(|_| buffers.window >= FEWEST && buffers.max_payload >= PUSH_PAYLOAD);
        let plain = (2..=buffers.window.max(2)).map(|frames| (frames, None));
        let pushed = (2..=buffers.window / 2).filter_map(|frames| pushes.map(|wait| (frames, Some(wait))));
        for (frames, pushed) in plain.chain(pushed) {
            let (extra, answer) = match pushed {
                Some(_) => (PUSH, EVENTS_ANSWER + PUSH_ANSWER),
                None => (0, EVENTS_ANSWER),
            };
            let wait = pushed.unwrap_or(line.wait).as_secs_f64();
            let share = buffers.receive_buffer / frames;
            let payload = payload_within(share.saturating_sub(extra), buffers.max_payload);
            let frame = wire_bytes(payload) + extra;
            let most = if pushed.is_some() { buffers.window / 2 } else { buffers.window };
            let ahead = (buffers.receive_buffer / frame).min(most).max(1);
            let rate = f64::from(line.rate);
            // One window: until it is sent, or until its first frame is answered.
            let seconds = (ahead * frame).max(frame + answer) as f64 / rate;
            let seconds = seconds.max((frame + answer) as f64 / rate + wait);
            let bound = (ahead * payload) as f64 / seconds;
            if payload > 0 && bound > BETTER * best.bound.unwrap_or(0.0) {
                best = Self { payload, pushes: pushed.is_some(), bound: Some(bound), ..best };
            }
        }
        Self { line_rate: Some(line.rate), wait: Some(line.wait.as_secs_f64()), ..best }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: Buffers = Buffers { window: 4, receive_buffer: 1024, max_payload: 508 };

    fn line(wait: u64, pushed: Option<u64>) -> Measured {
        Measured {
            rate: 300_000,
            wait: Duration::from_micros(wait),
            pushed: pushed.map(Duration::from_micros),
        }
    }

    /// Part of the line's rate that is payload.
    fn part(pace: Pace) -> f64 {
        pace.bound.unwrap() / 300_000.0
    }

    #[test]
    fn frames_are_large_where_answers_come_at_once() {
        let pace = Pace::of(BUILT, line(20, None));
        assert_eq!((pace.payload, pace.pushes), (504, false));
        assert_eq!(pace.payload, Pace::unmeasured(BUILT).payload);
        assert!(part(pace) > 0.98, "{pace:?}");
    }

    #[test]
    fn frames_are_smaller_where_an_answer_takes_as_long_as_half_a_buffer() {
        let built = Buffers { receive_buffer: 512, max_payload: 252, ..BUILT };
        let pace = Pace::of(built, line(1000, None));
        // Three of 170 bytes: one may be unanswered for as long as two travel.
        assert_eq!((pace.payload, pace.pushes), (164, false));
        assert!(part(pace) > 0.95, "{pace:?}");
    }

    #[test]
    fn pushes_are_worth_their_bytes_where_an_adapter_waits_and_only_there() {
        let waiting = Pace::of(BUILT, line(16_000, None));
        assert!(part(waiting) < 0.25, "{waiting:?}");
        let pushing = Pace::of(BUILT, line(16_000, Some(50)));
        assert!(pushing.pushes && part(pushing) > 0.95, "{pushing:?}");
        assert!(!Pace::of(BUILT, line(500, Some(50))).pushes);
        // An adapter with longer packets is not moved by one.
        assert!(!Pace::of(BUILT, line(16_000, Some(16_000))).pushes);
        // There is no room for them in a window of two.
        assert!(!Pace::of(Buffers { window: 2, ..BUILT }, line(16_000, Some(50))).pushes);
    }

    #[test]
    fn a_large_buffer_needs_no_pushes() {
        let large = Buffers { window: 32, receive_buffer: 8192, max_payload: 508 };
        let pace = Pace::of(large, line(16_000, Some(50)));
        assert!(!pace.pushes && part(pace) > 0.97, "{pace:?}");
    }
}
