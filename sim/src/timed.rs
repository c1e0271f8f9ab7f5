//! The hardware behind a line that takes its time: both directions at once, cycle by cycle, with an adapter at the host's end.
//!
//! ```text
//!   host ── a byte at a time ──> receive ┌──────┐
//!   host <── adapter <──────── transmit ─┤ core │     what time it is, is how many cycles there were
//!                                        └──────┘
//! ```
//!
//! [`InProcess`](driver::transport::InProcess) runs a board until it has nothing more to do before the host sends on. Here a host sends
//! while the board computes, as on a wire, and takes no time itself.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use driver::transport::{Adapter, Delays, adapter};
use driver::{Transport, TransportError};

use crate::HardwareBoard;
use crate::hardware::HardwareError;

/// Cycles that pass at once where nothing is sent: more than a board is quiet before it counts as idle.
const IDLE_CYCLES: u64 = 256;
/// Nanoseconds.
const SECOND: u128 = 1_000_000_000;

/// Simulated hardware and the line to it.
pub struct Timed {
    board: Rc<RefCell<HardwareBoard>>,
    clock_hz: u32,
    outgoing: VecDeque<u8>,
    adapter: Adapter,
    start: Instant,
    /// Cycles, those included that were not simulated because the board was idle.
    elapsed: Rc<Cell<u64>>,
    failure: Option<HardwareError>,
}

impl Timed {
    /// `board`, whose clock has so many cycles a second, behind an adapter with the latency and packets of `delays`. The baud rate
    /// is the board's own. `elapsed` counts cycles on, wherever it is looked at; the board may be opened again.
    pub fn new(
        board: Rc<RefCell<HardwareBoard>>,
        clock_hz: u32,
        delays: Delays,
        elapsed: Rc<Cell<u64>>,
    ) -> Self {
        let start = Instant::now();
        let packet = delays.packet.unwrap_or(adapter::PACKET_BYTES);
        Self {
            board,
            clock_hz,
            outgoing: VecDeque::new(),
            adapter: Adapter::new(delays.latency.unwrap_or_default(), packet, start),
            start,
            elapsed,
            failure: None,
        }
    }

    fn time(&self) -> Instant {
        self.start + duration(self.elapsed.get(), self.clock_hz)
    }

    /// Lets a byte pass, or time where there is none; where nothing happens before, up to `until`.
    fn pass(&mut self, until: Instant) -> Result<(), HardwareError> {
        let mut from_board = Vec::new();
        let mut board = self.board.borrow_mut();
        let before = board.cycles().get();
        let idle = match self.outgoing.pop_front() {
            Some(byte) => board.part(&[byte], u64::MAX, &mut from_board).map(|_| false)?,
            None => board.part(&[], IDLE_CYCLES, &mut from_board)?,
        };
        self.elapsed.set(self.elapsed.get() + board.cycles().get() - before);
        drop(board);
        let now = self.time();
        from_board.iter().for_each(|&byte| self.adapter.arrive(byte, now));
        // What has come is looked at before time goes on.
        if idle && from_board.is_empty() {
            let until = self.adapter.due().map_or(until, |due| due.min(until));
            let nanoseconds = until.saturating_duration_since(now).as_nanos() * u128::from(self.clock_hz);
            let cycles = u64::try_from(nanoseconds.div_ceil(SECOND)).unwrap_or(0);
            self.elapsed.set(self.elapsed.get() + cycles);
        }
        Ok(())
    }

    fn failed(&self) -> Result<(), TransportError> {
        match &self.failure {
            Some(error) => {
                Err(TransportError::Device { description: self.description(), problem: error.to_string() })
            }
            None => Ok(()),
        }
    }
}

/// How long `cycles` take at `clock_hz`.
fn duration(cycles: u64, clock_hz: u32) -> Duration {
    let nanoseconds = u128::from(cycles) * SECOND / u128::from(clock_hz);
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

impl Transport for Timed {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        self.failed()?;
        self.outgoing.extend(bytes);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        let deadline = self.time() + timeout;
        loop {
            self.failed()?;
            let now = self.time();
            let count = self.adapter.take(buffer, now);
            if count > 0 || (now >= deadline && self.outgoing.is_empty()) {
                return Ok(count);
            }
            self.failure = self.pass(deadline).err();
        }
    }

    fn description(&self) -> String {
        "the simulated board and its line".to_owned()
    }

    fn now(&self) -> Instant {
        self.time()
    }

    fn line_rate(&self) -> Option<u32> {
        Some(self.clock_hz / self.board.borrow().byte_cycles())
    }
}
