//! `crop=96x96+16+16`: a part of the sensor.

use super::problem::Problem;
use super::stage::{Filter, Rule, Site, retain};
use super::words::{NO_KEYS, Words};
use crate::item::Event;
use crate::recording::Sensor;
use std::fmt;
use std::str::FromStr;

/// Keeps the events of a rectangle; its upper left pixel becomes (0, 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crop {
    /// Columns and rows that are kept, at least one of each.
    pub size: Sensor,
    /// First column and first row; None: the middle of the sensor, rounded to the left and up.
    pub at: Option<(u16, u16)>,
}

const WANTED: &str =
    "columns x rows, such as 96x96 for the middle of the sensor or 96x96+16+8 from column 16, row 8";

impl FromStr for Crop {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse::<u16>().map_err(|_| ());
        let mut parts = text.split('+');
        let (width, height) = parts.next().and_then(|size| size.split_once('x')).ok_or(())?;
        let size = Sensor { width: number(width)?, height: number(height)? };
        let at = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some(left), Some(top), None) => Some((number(left)?, number(top)?)),
            _ => return Err(()),
        };
        if size.width == 0 || size.height == 0 { Err(()) } else { Ok(Crop { size, at }) }
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crop={}", self.size)?;
        self.at.map_or(Ok(()), |(left, top)| write!(f, "+{left}+{top}"))
    }
}

impl Crop {
    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        words.value(WANTED)
    }
}

impl Rule for Crop {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        let (size, sensor) = (self.size, site.sensor);
        let middle =
            || (sensor.width.saturating_sub(size.width) / 2, sensor.height.saturating_sub(size.height) / 2);
        let (left, top) = self.at.unwrap_or_else(middle);
        let (right, bottom) =
            (u32::from(left) + u32::from(size.width), u32::from(top) + u32::from(size.height));
        if right > sensor.width.into() || bottom > sensor.height.into() {
            return Err(Problem::Outside { right: right - 1, bottom: bottom - 1, sensor });
        }
        site.sensor = size;
        Ok(Some(Box::new(Cropping { left, top, size })))
    }
}

struct Cropping {
    left: u16,
    top: u16,
    size: Sensor,
}

impl Filter for Cropping {
    fn apply(&mut self, events: &mut Vec<Event>) {
        // What lies to the left or above wraps to a number beyond the sides.
        retain(events, |event| {
            event.x = event.x.wrapping_sub(self.left);
            event.y = event.y.wrapping_sub(self.top);
            (event.x < self.size.width) & (event.y < self.size.height)
        });
    }
}
