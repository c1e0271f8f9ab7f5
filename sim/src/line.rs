//! The host's end of a serial line: 8 data bits, a stop bit, so many cycles a bit.

/// Its state from cycle to cycle.
#[derive(Debug, Clone)]
pub struct Line {
    divider: u32,
    /// The bits that are being sent, the lowest next.
    frame: u32,
    bits_left: u32,
    clocks: u32,
    shift: u32,
    bits_to_come: u32,
    wait: u32,
}

/// Bits of a byte on the wire, start and stop bit included.
const FRAME_BITS: u32 = 10;
const STOP: u32 = 1 << (FRAME_BITS - 1);

impl Line {
    /// An idle line of `divider` cycles a bit.
    pub fn new(divider: u32) -> Self {
        Self { divider, frame: 0, bits_left: 0, clocks: 0, shift: 0, bits_to_come: 0, wait: 0 }
    }

    /// Sends `bytes` and notes in `received` what comes back. `cycle` is a cycle of the board: given the level that the host drives, it
    /// returns the level that the board drives and whether it is busy, or `None` to end at once. With `until_idle` it goes on until the board
    /// was not busy and silent for `quiet` cycles, else until the last bit is sent; for at most `limit` cycles. Returns the cycles that
    /// passed and whether the board is idle.
    pub fn exchange(
        &mut self,
        bytes: &[u8],
        until_idle: bool,
        quiet: u32,
        limit: u64,
        received: &mut Vec<u8>,
        mut cycle: impl FnMut(bool) -> Option<(bool, bool)>,
    ) -> (u64, bool) {
        let mut bytes = bytes.iter();
        let (mut cycles, mut silent) = (0, 0);
        while cycles < limit {
            let all_sent = self.bits_left == 0 && bytes.len() == 0;
            if all_sent && (!until_idle || silent >= quiet) {
                break;
            }
            let Some((high, busy)) = cycle(self.level(&mut bytes)) else { break };
            received.extend(self.take(high));
            silent = if busy || self.bits_to_come != 0 { 0 } else { silent + 1 };
            cycles += 1;
        }
        (cycles, silent >= quiet)
    }

    fn level(&mut self, bytes: &mut std::slice::Iter<'_, u8>) -> bool {
        if self.bits_left == 0 {
            let Some(&byte) = bytes.next() else { return true };
            self.frame = STOP | (u32::from(byte) << 1);
            self.bits_left = FRAME_BITS;
            self.clocks = 0;
        }
        let high = self.frame & 1 == 1;
        self.clocks += 1;
        if self.clocks == self.divider {
            self.clocks = 0;
            self.frame >>= 1;
            self.bits_left -= 1;
        }
        high
    }

    fn take(&mut self, high: bool) -> Option<u8> {
        if self.bits_to_come == 0 {
            if !high {
                self.bits_to_come = FRAME_BITS;
                self.wait = self.divider / 2;
            }
            return None;
        }
        self.wait -= 1;
        if self.wait != 0 {
            return None;
        }
        self.wait = self.divider;
        self.shift = (self.shift >> 1) | (u32::from(high) * STOP);
        self.bits_to_come -= 1;
        // A byte without its stop bit is none.
        (self.bits_to_come == 0 && high).then_some((self.shift >> 1) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_over_a_wire_that_leads_back() {
        for divider in [4, 8, 13] {
            let sent: Vec<u8> = (0..=255).collect();
            let (mut line, mut received, mut last) = (Line::new(divider), Vec::new(), true);
            let mut wire = |level: bool| Some((std::mem::replace(&mut last, level), false));
            let (cycles, idle) = line.exchange(&sent, true, 20, 1_000_000, &mut received, &mut wire);
            assert_eq!(received, sent);
            assert!(idle && cycles >= 2560 * u64::from(divider));
        }
    }

    #[test]
    fn the_limit_ends_a_board_that_stays_busy() {
        let (mut line, mut received) = (Line::new(8), Vec::new());
        let ran = line.exchange(&[], true, 20, 500, &mut received, |_| Some((true, true)));
        assert_eq!((ran, received.len()), ((500, false), 0));
    }
}
