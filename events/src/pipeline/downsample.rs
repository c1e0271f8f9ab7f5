//! `downsample=2`: larger pixels.

use super::problem::Problem;
use super::stage::{Filter, Rule, Site};
use super::words::{NO_KEYS, Sides, Words};
use crate::item::Event;
use std::fmt;

/// Merges blocks of pixels into one each, without losing an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Downsample {
    /// Columns that become one, at least 1.
    pub columns: u16,
    /// Rows that become one, at least 1.
    pub rows: u16,
}

const WANTED: &str = "a factor from 1 to 65535, such as 2, or one for columns and one for rows, such as 4x2";

impl Downsample {
    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        let Sides(columns, rows) = words.value(WANTED)?;
        if columns == 0 || rows == 0 {
            let seen = Sides(columns, rows).to_string();
            return Err(Problem::Value { key: "downsample".into(), seen, wanted: WANTED });
        }
        Ok(Downsample { columns, rows })
    }
}

impl fmt::Display for Downsample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "downsample={}", Sides(self.columns, self.rows))
    }
}

impl Rule for Downsample {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        // A block at the edge that is not whole is a pixel, too.
        site.sensor.width = site.sensor.width.div_ceil(self.columns);
        site.sensor.height = site.sensor.height.div_ceil(self.rows);
        Ok(Some(Box::new(*self)))
    }
}

impl Filter for Downsample {
    fn apply(&mut self, events: &mut Vec<Event>) {
        for event in events {
            event.x /= self.columns;
            event.y /= self.rows;
        }
    }
}
