//! The time by which a line's delays are counted.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The system's time, or one that passes only when somebody waits for it: a minute of that is over at once, the same on every machine.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    System,
    /// What was waited for since it began.
    Virtual(Instant, Rc<Cell<Duration>>),
}

impl Clock {
    /// One that stands until it is waited for. Its clones are the same clock.
    pub fn standing() -> Self {
        Self::Virtual(Instant::now(), Rc::default())
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        match self {
            Self::System => Instant::now(),
            Self::Virtual(start, passed) => *start + passed.get(),
        }
    }

    /// Waits until it is `time`.
    pub fn wait_until(&self, time: Instant) {
        let left = time.saturating_duration_since(self.now());
        match self {
            Self::System => std::thread::sleep(left),
            Self::Virtual(_, passed) => passed.set(passed.get() + left),
        }
    }
}
