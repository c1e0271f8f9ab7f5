//! `background=5ms`: events that come alone.

use super::problem::Problem;
use super::quantity::Micros;
use super::stage::{Filter, Rule, Site, retain};
use super::words::{NO_KEYS, Words};
use crate::item::Event;
use std::fmt;

/// Keeps an event if one of its pixel's eight neighbours had one, of either polarity, at most so long before.
/// Noise has no neighbours; edges that move do (T. Delbruck, Frame-free dynamic digital vision, 2008).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Background {
    /// How long a neighbour's event supports.
    pub within: Micros,
}

impl Background {
    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        Ok(Background { within: words.value(Micros::WANTED)? })
    }
}

impl fmt::Display for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "background={}", self.within)
    }
}

impl Rule for Background {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        site.pixels()?;
        let stride = usize::from(site.sensor.width) + 2;
        let supported = vec![0; stride * (usize::from(site.sensor.height) + 2)];
        Ok(Some(Box::new(Supporting { within_us: self.within.us(), stride, supported })))
    }
}

struct Supporting {
    within_us: u64,
    /// Columns and one more at each side, so that every pixel has eight neighbours.
    stride: usize,
    /// For each pixel the time until which it is supported and one µs more, so that 0 is never.
    supported: Vec<u64>,
}

impl Filter for Supporting {
    fn apply(&mut self, events: &mut Vec<Event>) {
        let stride = self.stride;
        retain(events, |event| {
            let place = (usize::from(event.y) + 1) * stride + usize::from(event.x) + 1;
            let kept = event.t_us < self.supported[place];
            // A pixel does not support itself: its own entry is put back.
            let own = self.supported[place];
            let until = event.t_us.saturating_add(self.within_us).saturating_add(1);
            for row in [place - stride, place, place + stride] {
                self.supported[row - 1..=row + 1].fill(until);
            }
            self.supported[place] = own;
            kept
        });
    }
}
