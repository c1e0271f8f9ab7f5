//! Which board does which part of a round. What a part comes to is the same whoever does it: this decides only how soon.

use std::time::{Duration, Instant};

/// A part is overdue once it has taken so many times what the slowest finished one took, and `MARGIN` more.
const OVERDUE: u32 = 2;
/// So long nobody minds.
const MARGIN: Duration = Duration::from_secs(1);

/// The parts of a round and who is at them.
pub struct Dealing {
    parts: Vec<Part>,
    /// How long the slowest finished part took.
    slowest: Option<Duration>,
}

#[derive(Default)]
struct Part {
    /// Boards at it, and since when.
    at: Vec<(usize, Instant)>,
    /// All boards that ever began it.
    begun: Vec<usize>,
    done: bool,
}

impl Dealing {
    /// So many parts that nobody has begun.
    pub fn new(parts: usize) -> Self {
        Self { parts: (0..parts).map(|_| Part::default()).collect(), slowest: None }
    }

    /// Gives `member`, who has nothing to do, a part: the first that nobody is at; once there are no more, the one that is most overdue, to
    /// be done a second time. `None`: nothing is to be done now.
    pub fn begin(&mut self, member: usize, now: Instant) -> Option<usize> {
        let free = self.parts.iter().position(|part| !part.done && part.at.is_empty());
        let part = free.or_else(|| self.overdue(member, now))?;
        self.parts[part].at.push((member, now));
        self.parts[part].begun.push(member);
        Some(part)
    }

    fn overdue(&self, member: usize, now: Instant) -> Option<usize> {
        let limit = OVERDUE * self.slowest? + MARGIN;
        let late = |part: &Part| match part.at[..] {
            [(other, since)] if !part.done && other != member && now.duration_since(since) > limit => {
                Some(since)
            }
            _ => None,
        };
        let late = self.parts.iter().enumerate().filter_map(|(at, part)| Some((late(part)?, at)));
        late.min().map(|(_, at)| at)
    }

    /// `member` has finished a part: who else had begun it; `None` if it was finished before.
    pub fn end(&mut self, part: usize, member: usize, now: Instant) -> Option<Vec<usize>> {
        let found = &mut self.parts[part];
        let since = found.at.iter().find(|(at, _)| *at == member).map(|&(_, since)| since);
        found.at.retain(|(at, _)| *at != member);
        if std::mem::replace(&mut found.done, true) {
            return None;
        }
        self.slowest = self.slowest.max(since.map(|since| now.duration_since(since)));
        Some(found.begun.iter().copied().filter(|&other| other != member).collect())
    }

    /// `member` is lost: what it was at is free again.
    pub fn lose(&mut self, member: usize) {
        self.parts.iter_mut().for_each(|part| part.at.retain(|(at, _)| *at != member));
    }

    /// Whether every part is done.
    pub fn is_done(&self) -> bool {
        self.parts.iter().all(|part| part.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_dealt_in_order_and_those_of_a_lost_board_again() {
        let now = Instant::now();
        let mut dealing = Dealing::new(3);
        assert_eq!([0, 1].map(|member| dealing.begin(member, now)), [Some(0), Some(1)]);
        dealing.lose(0);
        assert_eq!(dealing.end(1, 1, now), Some(vec![]));
        assert_eq!(dealing.begin(1, now), Some(0));
        assert_eq!(dealing.end(0, 1, now), Some(vec![0]));
        assert_eq!(dealing.begin(1, now), Some(2));
        assert!(!dealing.is_done());
        assert_eq!(dealing.end(2, 1, now), Some(vec![]));
        assert!(dealing.is_done());
        assert_eq!(dealing.begin(1, now), None);
    }

    #[test]
    fn a_part_that_is_overdue_is_done_a_second_time_and_counts_once() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut dealing = Dealing::new(2);
        assert_eq!([0, 1, 2].map(|member| dealing.begin(member, start)), [Some(0), Some(1), None]);
        // Nobody knows yet how long a part takes.
        assert_eq!(dealing.begin(2, after(100)), None);
        assert_eq!(dealing.end(0, 0, after(100)), Some(vec![]));
        assert_eq!(dealing.begin(0, after(201)), None);
        assert_eq!(dealing.begin(0, after(202)), Some(1));
        // Two are enough.
        assert_eq!(dealing.begin(2, after(500)), None);
        assert_eq!(dealing.end(1, 0, after(210)), Some(vec![1]));
        assert!(dealing.is_done());
        assert_eq!(dealing.end(1, 1, after(220)), None);
    }
}
