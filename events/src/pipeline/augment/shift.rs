//! `shift=4`: the whole recording, some pixels aside.

use crate::item::Event;
use crate::pipeline::problem::Problem;
use crate::pipeline::stage::{Filter, Rule, Site, retain};
use crate::pipeline::words::{NO_KEYS, Sides, Words};
use crate::random::below;
use std::fmt;

/// Moves all events by as many columns and rows, drawn for each recording; those that leave the sensor are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shift {
    /// Columns at most, to either side.
    pub columns: u16,
    /// Rows at most, up or down.
    pub rows: u16,
}

const WANTED: &str =
    "pixels from 0 to 65535, such as 4, or one number for columns and one for rows, such as 4x2";

impl Shift {
    pub(in crate::pipeline) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        let Sides(columns, rows) = words.value(WANTED)?;
        Ok(Shift { columns, rows })
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shift={}", Sides(self.columns, self.rows))
    }
}

impl Rule for Shift {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        let Some(random) = &mut site.random else { return Ok(None) };
        let mut draw = |most: u16| below(random, 2 * u64::from(most) + 1) as i32 - i32::from(most);
        let (columns, rows) = (draw(self.columns), draw(self.rows));
        let (width, height) = (site.sensor.width.into(), site.sensor.height.into());
        Ok(Some(Box::new(Shifting { columns, rows, width, height })))
    }

    fn draws(&self) -> bool {
        true
    }
}

struct Shifting {
    columns: i32,
    rows: i32,
    width: u32,
    height: u32,
}

impl Filter for Shifting {
    fn apply(&mut self, events: &mut Vec<Event>) {
        retain(events, |event| {
            // What leaves to the left or above wraps to a number beyond the sides.
            let x = u32::from(event.x).wrapping_add_signed(self.columns);
            let y = u32::from(event.y).wrapping_add_signed(self.rows);
            (event.x, event.y) = (x as u16, y as u16);
            (x < self.width) & (y < self.height)
        });
    }
}
