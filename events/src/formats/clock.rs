//! Times of few bits, continued beyond their wrap.

use crate::item::Event;

/// Extends times of a fixed number of bits: one that falls back by more than half their range has wrapped; one
/// that falls back by less has really stepped back, and is kept as it is.
pub(super) struct Clock {
    range: u64,
    last: u64,
    base: u64,
}

impl Clock {
    /// For times of `bits` bits, below 63.
    pub(super) fn new(bits: u32) -> Self {
        Clock { range: 1 << bits, last: 0, base: 0 }
    }

    /// The time that `time` stands for.
    pub(super) fn extend(&mut self, time: u64) -> u64 {
        if self.last.saturating_sub(time) > self.range / 2 {
            self.base = self.base.saturating_add(self.range);
        } else if time.saturating_sub(self.last) > self.range / 2 && self.base > 0 {
            // A step back across the wrap.
            self.base -= self.range;
        }
        self.last = time;
        self.base.saturating_add(time)
    }

    /// Takes note of a time that did not wrap.
    pub(super) fn passed(&mut self, time: u64) {
        self.last = time;
    }

    /// Extends the times of events, faster than one by one.
    pub(super) fn extend_all(&mut self, events: &mut [Event]) {
        let Some(last) = events.last().map(|event| event.t_us) else { return };
        let far = |a: u64, b: u64| a.abs_diff(b) > self.range / 2;
        let jumps = events.windows(2).fold(false, |any, pair| any | far(pair[0].t_us, pair[1].t_us));
        if jumps || far(self.last, events[0].t_us) {
            events.iter_mut().for_each(|event| event.t_us = self.extend(event.t_us));
            return;
        }
        if self.base > 0 {
            events.iter_mut().for_each(|event| event.t_us = self.base.saturating_add(event.t_us));
        }
        self.last = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrap_goes_on_and_a_step_back_stays() {
        let raw = [200, 190, 255, 3, 2, 250, 10, 200, 20];
        let wanted = [200, 190, 255, 259, 258, 250, 266, 200, 276];
        let mut clock = Clock::new(8);
        assert_eq!(raw.map(|time| clock.extend(time)), wanted);
        for split in 0..raw.len() {
            let mut events = raw.map(|t_us| Event { t_us, ..Event::default() });
            let mut clock = Clock::new(8);
            clock.extend_all(&mut events[..split]);
            clock.extend_all(&mut events[split..]);
            assert_eq!(events.map(|event| event.t_us), wanted, "{split}");
        }
    }

    #[test]
    fn a_recording_may_begin_late_and_jump_ahead() {
        let mut clock = Clock::new(8);
        assert_eq!([0, 250, 5].map(|time| clock.extend(time)), [0, 250, 261]);
    }
}
