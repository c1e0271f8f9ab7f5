//! When events are due: at the recording's own clock, or at once.

use std::time::{Duration, Instant};

use events::Event;

use crate::cli::Pace;

/// How finely the recording's clock is followed.
pub const TICK: Duration = Duration::from_millis(1);
/// An event that is handed on so much after it was due is late, in µs.
pub const LATE_US: u64 = 10_000;

/// The clock that a stream follows.
#[derive(Debug)]
pub struct Clock {
    pace: Pace,
    /// The first event's time, and when it came.
    start: Option<(u64, Instant)>,
}

impl Clock {
    /// One that starts with the first event.
    pub fn new(pace: Pace) -> Self {
        Self { pace, start: None }
    }

    /// How many of `events` are due by now; `now_us` is the recording's time, `None` where it is not followed.
    pub fn due(&mut self, events: &[Event]) -> (usize, Option<u64>) {
        let Some(first) = events.first() else { return (0, None) };
        if self.pace == Pace::Fast {
            return (events.len(), None);
        }
        let (first_us, start) = *self.start.get_or_insert_with(|| (first.t_us, Instant::now()));
        let elapsed = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let now_us = first_us.saturating_add(elapsed);
        (events.iter().position(|event| event.t_us > now_us).unwrap_or(events.len()), Some(now_us))
    }

    /// When `t_us` is; now, where the recording's clock is not followed.
    pub fn instant(&self, t_us: u64) -> Instant {
        let due = self.start.and_then(|(first_us, start)| {
            start.checked_add(Duration::from_micros(t_us.saturating_sub(first_us)))
        });
        due.unwrap_or_else(Instant::now)
    }
}

/// How many of `events` come late.
pub fn late(events: &[Event], now_us: Option<u64>) -> u64 {
    let late = |event: &&Event| now_us.is_some_and(|now| event.t_us.saturating_add(LATE_US) < now);
    events.iter().filter(late).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(times: &[u64]) -> Vec<Event> {
        times.iter().map(|&t_us| Event { t_us, ..Event::default() }).collect()
    }

    #[test]
    fn a_recordings_clock_starts_with_its_first_event() {
        let mut clock = Clock::new(Pace::Recorded);
        let hour = 3_600_000_000;
        let (due, now) = clock.due(&events(&[5_000_000, 5_000_000, 5_000_000 + hour]));
        assert_eq!(due, 2);
        assert!(now.is_some_and(|now| (5_000_000..5_000_000 + hour).contains(&now)));
        assert!(clock.instant(5_000_000 + hour) > Instant::now() + Duration::from_secs(3000));
        // A time that steps back is due.
        assert_eq!(clock.due(&events(&[4_000_000, 5_000_000 + hour])).0, 1);
        let mut fast = Clock::new(Pace::Fast);
        assert_eq!(fast.due(&events(&[0, hour])), (2, None));
        assert!(fast.instant(hour) <= Instant::now());
    }

    #[test]
    fn late_is_what_is_handed_on_long_after_it_was_due() {
        let events = events(&[0, 100, LATE_US]);
        assert_eq!(late(&events, Some(LATE_US)), 0);
        assert_eq!(late(&events, Some(LATE_US + 1)), 1);
        assert_eq!(late(&events, Some(2 * LATE_US)), 2);
        assert_eq!(late(&events, None), 0);
    }
}
