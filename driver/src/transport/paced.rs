//! A line that takes its time: around any transport, the rate of a serial line and the latency of the adapter at its end.
//!
//! ```text
//!   host ── one byte after the other ──> transport ──> board
//!   host <── adapter <── one byte after the other ── transport <── board
//! ```
//!
//! Both directions pass at once. The board behind it computes in no time, unless its transport takes some.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use arch::protocol::FRAME_END;
use serde::Serialize;

use super::adapter::{Adapter, PACKET_BYTES};
use super::{Clock, Transport, TransportError};

/// Bits of a byte on a serial line: start, eight of data, stop.
pub const BYTE_BITS: u32 = 10;
/// How often a board in another process is looked at.
const LOOK: Duration = Duration::from_micros(200);

/// What time a line takes; by default none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Delays {
    /// Bits a second, both ways.
    pub baud: Option<u32>,
    /// The adapter's latency timer.
    pub latency: Option<Duration>,
    /// Bytes of a full packet; `None`: [`PACKET_BYTES`].
    pub packet: Option<usize>,
}

impl Delays {
    /// Is there anything to wait for?
    pub fn any(&self) -> bool {
        self.baud.is_some() || self.latency.is_some()
    }

    /// How long `bytes` take.
    pub fn time_of(&self, bytes: usize) -> Duration {
        let second = |baud: u32| Duration::from_secs(1) * BYTE_BITS / baud;
        self.baud.map_or(Duration::ZERO, second) * bytes as u32
    }
}

/// A transport with [`Delays`].
pub struct Paced<T> {
    inner: T,
    delays: Delays,
    clock: Clock,
    /// On the line to the board, and when the first of them will have arrived.
    outgoing: VecDeque<u8>,
    arrives: Instant,
    /// On the line to the adapter, each with the time at which it arrives.
    incoming: VecDeque<(Instant, u8)>,
    /// When the newest of them arrives, or arrived.
    last: Instant,
    adapter: Adapter,
}

impl<T: Transport> Paced<T> {
    /// `inner` behind a line with these delays, by this clock.
    pub fn new(inner: T, delays: Delays, clock: Clock) -> Self {
        let now = clock.now();
        let packet = delays.packet.unwrap_or(PACKET_BYTES);
        Self {
            inner,
            delays,
            clock,
            outgoing: VecDeque::new(),
            arrives: now,
            incoming: VecDeque::new(),
            last: now,
            adapter: Adapter::new(delays.latency.unwrap_or_default(), packet, now),
        }
    }

    /// Lets pass what arrives until now: frame by frame to the board, byte by byte to the adapter.
    fn pass(&mut self, now: Instant) -> Result<(), TransportError> {
        while let Some((frame, time)) = self.next_frame()
            && time <= now
        {
            let bytes: Vec<u8> = self.outgoing.drain(..frame).collect();
            self.arrives = time + self.delays.time_of(1);
            self.inner.send(&bytes)?;
            self.listen(time)?;
        }
        self.listen(now)?;
        while let Some(&(time, byte)) = self.incoming.front()
            && time <= now
        {
            self.incoming.pop_front();
            self.adapter.arrive(byte, time);
        }
        Ok(())
    }

    /// Bytes to the end of the frame that is on the line, and when the last of them arrives: a board does nothing before.
    fn next_frame(&self) -> Option<(usize, Instant)> {
        let whole = self.outgoing.iter().position(|&byte| byte == FRAME_END).map(|at| at + 1);
        let bytes = whole.unwrap_or(self.outgoing.len());
        (bytes > 0).then(|| (bytes, self.arrives + self.delays.time_of(bytes - 1)))
    }

    /// Puts on the line what the board says at `time`.
    fn listen(&mut self, time: Instant) -> Result<(), TransportError> {
        let mut buffer = [0; 1024];
        loop {
            let count = self.inner.receive(&mut buffer, Duration::ZERO)?;
            for &byte in &buffer[..count] {
                self.last = self.last.max(time) + self.delays.time_of(1);
                self.incoming.push_back((self.last, byte));
            }
            if count < buffer.len() {
                return Ok(());
            }
        }
    }
}

impl<T: Transport> Transport for Paced<T> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        let now = self.clock.now();
        self.pass(now)?;
        if self.outgoing.is_empty() {
            self.arrives = self.arrives.max(now + self.delays.time_of(1));
        }
        self.outgoing.extend(bytes);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        let deadline = self.clock.now() + timeout;
        loop {
            let now = self.clock.now();
            self.pass(now)?;
            let count = self.adapter.take(buffer, now);
            if count > 0 || now >= deadline {
                return Ok(count);
            }
            let next = [
                self.next_frame().map(|(_, time)| time),
                self.incoming.front().map(|&(time, _)| time),
                self.adapter.due(),
            ];
            let next = next.into_iter().flatten().min().unwrap_or(deadline).min(deadline);
            self.clock.wait_until(next.min(now + LOOK.max(self.delays.time_of(1))));
        }
    }

    fn description(&self) -> String {
        self.inner.description()
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn line_rate(&self) -> Option<u32> {
        self.delays.baud.map(|baud| baud / BYTE_BITS).or_else(|| self.inner.line_rate())
    }
}
