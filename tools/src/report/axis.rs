//! Where an axis starts, ends and has ticks.

use std::ops::{Range, RangeInclusive};

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// Larger than anything a run measures; beyond it, coordinates would run out of digits.
const LARGEST: f64 = 1e12;

/// Whether a value has a place on an axis.
pub fn drawable(value: f64) -> bool {
    value.abs() < LARGEST
}

/// The extent and the ticks of an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// From zero to a round number above all values.
    pub fn from_zero(values: impl Iterator<Item = f64>) -> Self {
        let high = values.filter(|value| drawable(*value)).fold(0.0, f64::max);
        Self::rounded(0.0, if high > 0.0 { high } else { 1.0 }, 0.0..=f64::MAX)
    }

    /// From zero to a round number above all counts, with whole ticks.
    pub fn counts(values: impl Iterator<Item = f64>) -> Self {
        let high = values.filter(|value| drawable(*value)).fold(1.0, f64::max);
        let step = round_step(high, 5).max(1.0);
        let high = (high / step).ceil() * step;
        Self { low: 0.0, high, ticks: ticks(0.0, high, step), decimals: 0 }
    }

    /// Round numbers around all values, no further than the limits.
    pub fn around(values: impl Iterator<Item = f64>, limits: RangeInclusive<f64>) -> Self {
        let (low, high) = values
            .filter(|value| drawable(*value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return Self::rounded(0.0, 1.0, limits);
        }
        // Values that are all but the same still need an extent.
        let least = (low.abs().max(high.abs()) * 0.02).max(1e-6);
        let pad = ((least - (high - low)) / 2.0).max(0.0);
        Self::rounded(low - pad, high + pad, limits)
    }

    /// Whole numbers from `first` to `last`, with half a place before and after, and at most so many ticks.
    pub fn places(first: u32, last: u32, most_ticks: u32) -> Self {
        let (low, high) = (f64::from(first), f64::from(last.max(first)));
        let step = round_step((high - low).max(1.0), most_ticks).max(1.0);
        let mut ticks = ticks(low, high, step);
        if ticks.is_empty() {
            ticks.push(low);
        }
        Self { low: low - 0.5, high: high + 0.5, ticks, decimals: 0 }
    }

    fn rounded(low: f64, high: f64, limits: RangeInclusive<f64>) -> Self {
        let step = round_step(high - low, 5);
        let low = ((low / step).floor() * step).max(*limits.start());
        let high = ((high / step).ceil() * step).min(*limits.end());
        // As many decimals as it takes to tell neighbouring ticks apart.
        let decimals = (0..9).find(|places| step * 10f64.powi(*places) > 0.999).unwrap_or(9);
        let decimals = usize::try_from(decimals).unwrap_or_default();
        let high = if high > low { high } else { low + step };
        Self { low, high, ticks: ticks(low, high, step), decimals }
    }

    /// The two ends.
    pub fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The axis without ticks.
    pub fn bare(&self) -> Self {
        Self { ticks: Vec::new(), ..self.clone() }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        // Between two pixels, so within i32; what is not a number comes to the first.
        from + (share * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Light ones would be ticks between the ticks.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, tick: &f64) -> String {
        format!("{tick:.*}", self.decimals)
    }
}

/// The smallest of 1, 2, 5, 10, 20, … (or 0.5, 0.2, …) that divides the span into no more than so many parts.
fn round_step(span: f64, most: u32) -> f64 {
    let least = span / f64::from(most.max(1));
    let magnitude = 10f64.powf(least.log10().floor());
    // The last always holds: the magnitude is less than ten times too small.
    [1.0, 2.0, 5.0]
        .map(|digit| digit * magnitude)
        .into_iter()
        .find(|step| *step >= least * 0.999)
        .unwrap_or(10.0 * magnitude)
}

/// The multiples of `step` from `low` to `high`.
fn ticks(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-6).ceil();
    // A bound, so that rounding cannot make it endless.
    (0..32u32)
        .map(|at| (first + f64::from(at)) * step)
        .take_while(|tick| *tick <= high + step * 1e-6)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|tick| axis.format_ext(tick)).collect()
    }

    #[test]
    fn ends_are_round_and_hold_the_values() {
        let axis = Axis::around([0.913, 0.938].into_iter(), 0.0..=1.0);
        assert!((axis.low - 0.91).abs() < 1e-9 && (axis.high - 0.94).abs() < 1e-9, "{axis:?}");
        assert_eq!(labels(&axis), ["0.910", "0.915", "0.920", "0.925", "0.930", "0.935", "0.940"]);
        assert_eq!(labels(&Axis::from_zero([3.2, 41.0].into_iter())), ["0", "10", "20", "30", "40", "50"]);
    }

    #[test]
    fn limits_hold_even_where_all_values_are_the_same() {
        let axis = Axis::around([100.0, 100.0].into_iter(), 0.0..=100.0);
        assert_eq!(axis.high, 100.0);
        assert!(axis.low < 100.0);
    }

    #[test]
    fn counts_have_whole_ticks() {
        assert_eq!(labels(&Axis::counts([2.0].into_iter())), ["0", "1", "2"]);
        assert_eq!(labels(&Axis::counts([43.0].into_iter())), ["0", "10", "20", "30", "40", "50"]);
        assert_eq!(labels(&Axis::counts([].into_iter())), ["0", "1"]);
    }

    #[test]
    fn places_have_whole_ticks() {
        assert_eq!(labels(&Axis::places(1, 20, 5)), ["5", "10", "15", "20"]);
        assert_eq!(labels(&Axis::places(7, 7, 5)), ["7"]);
        assert_eq!(labels(&Axis::places(0, 2, 9)), ["0", "1", "2"]);
        assert_eq!(Axis::places(0, u32::MAX, 4).ends(), (-0.5, 4_294_967_295.5));
    }

    #[test]
    fn values_without_a_place_are_left_out() {
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300];
        assert_eq!(Axis::from_zero(odd.into_iter()), Axis::from_zero([].into_iter()));
        assert_eq!(Axis::around(odd.into_iter(), 0.0..=1.0).ends(), (0.0, 1.0));
    }
}
