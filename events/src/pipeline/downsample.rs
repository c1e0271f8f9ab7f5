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
        Ok(Some(Box::new(Merging { columns: reciprocal(self.columns), rows: reciprocal(self.rows) })))
    }
}

/// 2^32 / factor, rounded up.
fn reciprocal(factor: u16) -> u64 {
    (1u64 << 32).div_ceil(factor.into())
}

/// at / factor. Exact: the reciprocal is too large by less than 1, which 16 bits times cannot carry to the next integer.
fn divided(at: u16, reciprocal: u64) -> u16 {
    ((u64::from(at) * reciprocal) >> 32) as u16
}

/// Factors as reciprocals: a multiplication takes a tenth of a division.
struct Merging {
    columns: u64,
    rows: u64,
}

impl Filter for Merging {
    fn apply(&mut self, events: &mut Vec<Event>) {
        for event in events {
            event.x = divided(event.x, self.columns);
            event.y = divided(event.y, self.rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reciprocal_divides() {
        let factors = (1..300).chain((300..u16::MAX).step_by(97)).chain(65_500..=u16::MAX);
        for factor in factors {
            let reciprocal = reciprocal(factor);
            // Where a quotient changes, and at the end.
            let edges = (0..=u16::MAX / factor).flat_map(|n| [n * factor, (n * factor).wrapping_sub(1)]);
            for at in edges.chain([u16::MAX]) {
                assert_eq!(divided(at, reciprocal), at / factor, "{at} / {factor}");
            }
        }
    }
}
