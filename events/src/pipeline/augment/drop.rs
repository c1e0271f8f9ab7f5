//! `drop=0.1`: events that are missing.

use crate::item::Event;
use crate::pipeline::problem::Problem;
use crate::pipeline::quantity::Part;
use crate::pipeline::stage::{Filter, Rule, Site, retain};
use crate::pipeline::words::{NO_KEYS, Words};
use crate::random::happens;
use rand_chacha::ChaCha8Rng;
use std::fmt;

/// Takes each event off with this probability, independently of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Drop {
    /// The probability.
    pub part: Part,
}

impl Drop {
    pub(in crate::pipeline) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        Ok(Drop { part: words.value(Part::WANTED)? })
    }
}

impl fmt::Display for Drop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "drop={}", self.part)
    }
}

impl Rule for Drop {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        let part = self.part;
        let dropping = |random| Box::new(Dropping { part, random }) as Box<dyn Filter>;
        Ok(site.random.take().map(dropping))
    }

    fn draws(&self) -> bool {
        true
    }
}

struct Dropping {
    part: Part,
    random: ChaCha8Rng,
}

impl Filter for Dropping {
    fn apply(&mut self, events: &mut Vec<Event>) {
        retain(events, |_| !happens(&mut self.random, self.part));
    }
}
