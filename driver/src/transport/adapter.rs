//! The receiving half of a USB serial adapter, as FTDI's application note 232B-04 describes its chips.
//!
//! ```text
//!   bytes from the board ──> held ──> to the host: when a packet is full, or when the latency timer runs out
//! ```
//!
//! The timer measures the time since something was last handed over, and begins anew each time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes from a board in a full packet of a full-speed adapter (FT232R, FT231X): 64 less two of status. A high-speed one
/// (FT232H, FT2232H) has 510.
pub const PACKET_BYTES: usize = 62;

/// What an adapter holds back, and until when.
#[derive(Debug, Clone)]
pub struct Adapter {
    latency: Duration,
    packet: usize,
    held: VecDeque<u8>,
    /// Of the oldest bytes in `held` as many as the host has not taken yet.
    handed: usize,
    /// When something was last handed over.
    since: Instant,
}

impl Adapter {
    /// One with this latency timer and this packet size, switched on at `start`. With a latency of 0 nothing is held.
    pub fn new(latency: Duration, packet: usize, start: Instant) -> Self {
        Self { latency, packet: packet.max(1), held: VecDeque::new(), handed: 0, since: start }
    }

    /// A byte comes from the board at `time`, which never goes back.
    pub fn arrive(&mut self, byte: u8, time: Instant) {
        self.pass(time);
        self.held.push_back(byte);
        if self.latency.is_zero() {
            self.handed = self.held.len();
        } else if self.held.len() - self.handed >= self.packet {
            self.handed = self.held.len();
            self.since = time;
        }
    }

    /// When what it holds is handed over at the latest; `None` if it holds nothing.
    pub fn due(&self) -> Option<Instant> {
        (self.held.len() > self.handed).then(|| self.since + self.latency)
    }

    /// Moves what was handed over until `time` into `buffer`; how much that was.
    pub fn take(&mut self, buffer: &mut [u8], time: Instant) -> usize {
        self.pass(time);
        let count = self.handed.min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(self.held.drain(..count)) {
            *place = byte;
        }
        self.handed -= count;
        count
    }

    /// Lets the timer run out as often as it does until `time`.
    fn pass(&mut self, time: Instant) {
        let (passed, latency) = (time.saturating_duration_since(self.since), self.latency);
        if passed >= latency && !latency.is_zero() {
            self.handed = self.held.len();
            let times = passed.as_nanos() / latency.as_nanos();
            self.since += latency * u32::try_from(times).unwrap_or(u32::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(adapter: &mut Adapter, time: Instant) -> Vec<u8> {
        let mut buffer = [0; 1000];
        let count = adapter.take(&mut buffer, time);
        buffer[..count].to_vec()
    }

    #[test]
    fn bytes_wait_for_the_timer_or_a_full_packet() {
        let start = Instant::now();
        let at = |milliseconds: u64| start + Duration::from_millis(milliseconds);
        let mut adapter = Adapter::new(Duration::from_millis(16), 62, start);
        adapter.arrive(1, at(3));
        assert_eq!(adapter.due(), Some(at(16)));
        assert!(taken(&mut adapter, at(15)).is_empty());
        assert_eq!(taken(&mut adapter, at(16)), [1]);
        // The timer goes on where nothing comes: the next byte meets its third round.
        adapter.arrive(2, at(40));
        assert_eq!(adapter.due(), Some(at(48)));
        // Of 70 more, 61 fill the packet, which begins the timer anew.
        (3..73).for_each(|byte| adapter.arrive(byte, at(41)));
        assert_eq!(taken(&mut adapter, at(41)), (2..64).collect::<Vec<_>>());
        assert_eq!(adapter.due(), Some(at(57)));
        assert_eq!(taken(&mut adapter, at(57)), (64..73).collect::<Vec<_>>());
        assert_eq!(adapter.due(), None);
    }

    #[test]
    fn without_latency_nothing_is_held() {
        let start = Instant::now();
        let mut adapter = Adapter::new(Duration::ZERO, 62, start);
        adapter.arrive(7, start);
        assert_eq!((adapter.due(), taken(&mut adapter, start)), (None, vec![7]));
    }
}
