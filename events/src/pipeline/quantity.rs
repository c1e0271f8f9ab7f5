//! Times and parts as they are written in a stage: exact, so that every machine reads the same integers.

use std::fmt;
use std::str::FromStr;

/// A time of 1 µs to a day, written `250us`, `5ms` or `2s`. The unit is always given: a number alone might as
/// well count events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Micros(u64);

impl Micros {
    /// What is wanted where another text was seen.
    pub(super) const WANTED: &'static str = "a time from 1us to 86400s, such as 250us, 5ms or 2s";

    /// The longest: a day.
    const MOST: u64 = 86_400_000_000;

    /// Units, the longest first.
    const UNITS: [(&'static str, u64); 3] = [("s", 1_000_000), ("ms", 1000), ("us", 1)];

    /// So many microseconds; None for 0 and for more than a day.
    pub fn new(us: u64) -> Option<Self> {
        (1..=Self::MOST).contains(&us).then_some(Micros(us))
    }

    /// Microseconds, 1 to 86,400,000,000.
    pub fn us(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Micros {
    /// In the largest unit of which it is a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |&&(_, us): &&(_, u64)| self.0.is_multiple_of(us);
        let (unit, us) = Self::UNITS.iter().find(fits).copied().unwrap_or(("us", 1));
        write!(f, "{}{unit}", self.0 / us)
    }
}

impl FromStr for Micros {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(())?;
        let (number, unit) = text.split_at(digits);
        let unit = if unit == "µs" { "us" } else { unit };
        let (_, us) = Self::UNITS.iter().find(|(name, _)| *name == unit).ok_or(())?;
        let number: u64 = number.parse().map_err(|_| ())?;
        number.checked_mul(*us).and_then(Self::new).ok_or(())
    }
}

/// A part of a whole, 0 to 1, in millionths; written as a decimal such as `0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Part(u32);

impl Part {
    /// What is wanted where another text was seen.
    pub(crate) const WANTED: &'static str = "a part from 0 to 1 with up to six decimals, such as 0.1";

    /// The whole, in millionths.
    pub(crate) const WHOLE: u32 = 1_000_000;

    /// So many millionths; None for more than a whole.
    pub fn from_millionths(millionths: u32) -> Option<Self> {
        (millionths <= Self::WHOLE).then_some(Part(millionths))
    }

    /// Millionths, 0 to 1,000,000.
    pub fn millionths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / Self::WHOLE, format!("{:06}", self.0 % Self::WHOLE));
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            decimals => write!(f, "{whole}.{decimals}"),
        }
    }
}

impl FromStr for Part {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 6 {
            return Err(());
        }
        let whole: u32 = whole.parse().map_err(|_| ())?;
        let decimals: u32 = format!("{decimals:0<6}").parse().map_err(|_| ())?;
        whole
            .checked_mul(Self::WHOLE)
            .and_then(|w| w.checked_add(decimals))
            .and_then(Self::from_millionths)
            .ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_have_a_unit() {
        let us = |text: &str| text.parse().map(Micros::us);
        assert_eq!(
            [us("250us"), us("250µs"), us("5ms"), us("2s")],
            [Ok(250), Ok(250), Ok(5000), Ok(2_000_000)]
        );
        for text in ["", "5", "ms", "0ms", "5 ms", "-5ms", "5h", "1.5ms", "86401s", "99999999999999999999s"] {
            assert_eq!(us(text), Err(()), "{text}");
        }
        let shown = [1, 1000, 1500, 2_000_000].map(|us| Micros(us).to_string());
        assert_eq!(shown, ["1us", "1ms", "1500us", "2s"]);
    }

    #[test]
    fn parts_are_exact_decimals() {
        let part = |text: &str| text.parse().map(Part::millionths);
        assert_eq!(
            [part("0"), part("1"), part("0.1"), part("0.000001")],
            [Ok(0), Ok(1_000_000), Ok(100_000), Ok(1)]
        );
        for text in ["", ".5", "1.", "1.000001", "2", "-0.1", "0.0000001", "1e-3", "10%"] {
            assert_eq!(part(text), Err(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(us in 1..=Micros::MOST, millionths in 0..=Part::WHOLE) {
            prop_assert_eq!(Micros(us).to_string().parse(), Ok(Micros(us)));
            prop_assert_eq!(Part(millionths).to_string().parse(), Ok(Part(millionths)));
        }
    }
}
