//! `jitter=1ms`: times that are a little off.

use crate::item::Event;
use crate::pipeline::problem::Problem;
use crate::pipeline::quantity::Micros;
use crate::pipeline::stage::{Filter, Rule, Site};
use crate::pipeline::words::{NO_KEYS, Words};
use crate::random::below;
use rand_chacha::ChaCha8Rng;
use std::fmt;

/// Moves each event in time, earlier or later, by up to so much, but not out of its window or recording; then sorts
/// them, those of the same time in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Jitter {
    /// How far at most.
    pub most: Micros,
}

impl Jitter {
    pub(in crate::pipeline) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        Ok(Jitter { most: words.value(Micros::WANTED)? })
    }
}

impl fmt::Display for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "jitter={}", self.most)
    }
}

impl Rule for Jitter {
    fn begin(
        &self,
        site: &mut Site,
        recording: Option<&[Event]>,
    ) -> Result<Option<Box<dyn Filter>>, Problem> {
        let Some(random) = site.random.take() else { return Ok(None) };
        let own = || recording.and_then(|events| Some((events.first()?.t_us, events.last()?.t_us)));
        let window = site.window_us.as_ref().map(|window| (window.start, window.end.saturating_sub(1)));
        let Some((first_us, last_us)) = window.or_else(own) else { return Ok(None) };
        Ok(Some(Box::new(Jittering { most_us: self.most.us(), first_us, last_us, random })))
    }

    fn draws(&self) -> bool {
        true
    }
}

struct Jittering {
    most_us: u64,
    first_us: u64,
    last_us: u64,
    random: ChaCha8Rng,
}

impl Filter for Jittering {
    fn apply(&mut self, events: &mut Vec<Event>) {
        for event in events.iter_mut() {
            let by = below(&mut self.random, 2 * self.most_us + 1);
            let t_us = event.t_us.saturating_add(by).saturating_sub(self.most_us);
            event.t_us = t_us.clamp(self.first_us, self.last_us);
        }
        events.sort_by_key(|event| event.t_us);
    }
}
