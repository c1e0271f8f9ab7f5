//! `quantise=1ms`: coarser time, and fewer events.

use super::problem::Problem;
use super::quantity::Micros;
use super::stage::{Filter, Rule, Site, retain};
use super::words::{NO_KEYS, Words};
use crate::item::Event;
use std::fmt;

/// Moves every event to the start of its tick and keeps the first of each pixel, polarity and tick. Ticks count
/// from a window's start, or from the first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quantise {
    /// Length of a tick.
    pub tick: Micros,
}

impl Quantise {
    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        Ok(Quantise { tick: words.value(Micros::WANTED)? })
    }
}

impl fmt::Display for Quantise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "quantise={}", self.tick)
    }
}

impl Rule for Quantise {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        Ok(Some(Box::new(Quantising {
            tick_us: self.tick.us(),
            start_us: site.window_us.as_ref().map(|window| window.start),
            width: site.sensor.width.into(),
            seen: vec![0; 2 * site.pixels()?],
        })))
    }
}

struct Quantising {
    tick_us: u64,
    start_us: Option<u64>,
    width: usize,
    /// For each pixel and polarity one more than its last tick, so that 0 is never.
    seen: Vec<u64>,
}

impl Filter for Quantising {
    fn apply(&mut self, events: &mut Vec<Event>) {
        let Some(first) = events.first() else { return };
        let start_us = *self.start_us.get_or_insert(first.t_us);
        retain(events, |event| {
            let tick = (event.t_us - start_us) / self.tick_us;
            event.t_us = start_us + tick * self.tick_us;
            let place =
                2 * (usize::from(event.y) * self.width + usize::from(event.x)) + usize::from(event.on);
            std::mem::replace(&mut self.seen[place], tick + 1) != tick + 1
        });
    }
}
