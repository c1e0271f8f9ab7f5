//! How the thresholds of each layer are spread: one histogram a layer, on the same scale.

use plotters::element::Rectangle;
use plotters::style::Color;

use super::axis::{Axis, drawable};
use super::data::LayerFacts;
use super::drawing::{Area, DrawError, svg, text};
use super::frame::Frame;
use super::numbers::{decimal, median, short};
use super::palette::{self, INK, MUTED};

/// Width of the figure, in pixels.
const WIDTH: u32 = 880;
/// Height of a row of histograms, in pixels.
const ROW: u32 = 200;
/// Histograms beside each other.
const COLUMNS: usize = 3;
/// Bins over the range of all layers.
const BINS: u32 = 32;

/// The histograms as one image; `None` where no layer has a threshold.
pub fn thresholds(layers: &[LayerFacts]) -> Option<String> {
    let shown: Vec<(usize, &LayerFacts)> = layers
        .iter()
        .enumerate()
        .filter(|(_, layer)| layer.thresholds.iter().any(|value| drawable(*value)))
        .collect();
    if shown.is_empty() {
        return None;
    }
    let all = shown.iter().flat_map(|(_, layer)| &layer.thresholds).copied();
    let x = Axis::around(all, f64::MIN..=f64::MAX);
    let columns = shown.len().min(COLUMNS);
    let rows = shown.len().div_ceil(columns);
    let height = ROW.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX));
    Some(svg((WIDTH, height), |area| {
        for ((index, layer), part) in shown.iter().zip(area.split_evenly((rows, columns))) {
            histogram(&part, *index, layer, &x)?;
        }
        Ok(String::new())
    }))
}

fn histogram(area: &Area<'_>, index: usize, layer: &LayerFacts, x: &Axis) -> Result<(), DrawError> {
    let bins = bins(&layer.thresholds, x);
    let y = Axis::counts(bins.iter().map(|(_, _, count)| *count));
    let middle = median(&layer.thresholds)
        .map_or_else(String::new, |middle| format!(", median {}", decimal(middle, 3)));
    area.draw_text(&short(&layer.name, 36), &text(INK), (2, 2))?;
    let remark = format!("{} neurons{middle}", layer.thresholds.len());
    area.draw_text(&remark, &text(MUTED), (2, 18))?;
    let frame = Frame { top: 42, right: 16, left: 42, bottom: 38, across: "threshold θ", lines: true };
    let mut chart = frame.draw(area, x, &y)?;
    let filled = bins.into_iter().filter(|(_, _, count)| *count > 0.0);
    chart.draw_series(filled.map(|(left, right, count)| {
        let mut bar = Rectangle::new([(left, 0.0), (right, count)], palette::layer(index).filled());
        // A hair of space between bars.
        bar.set_margin(0, 0, 0, 1);
        bar
    }))?;
    Ok(())
}

/// Each bin's ends and how many values are in it. The last bin holds its upper end.
fn bins(values: &[f64], x: &Axis) -> Vec<(f64, f64, f64)> {
    let (low, high) = x.ends();
    let edge = |at: u32| low + (high - low) * f64::from(at) / f64::from(BINS);
    let mut bins: Vec<(f64, f64, f64)> = (0..BINS).map(|at| (edge(at), edge(at + 1), 0.0)).collect();
    for value in values.iter().filter(|value| drawable(**value)) {
        let at = bins.partition_point(|(left, _, _)| left <= value).saturating_sub(1);
        bins[at].2 += 1.0;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawable_value_is_in_one_bin() {
        let values = [0.0, 0.5, 1.0, 1.0, f64::NAN];
        let bins = bins(&values, &Axis::around(values.into_iter(), 0.0..=1.0));
        assert_eq!(bins.iter().map(|(_, _, count)| *count).sum::<f64>(), 4.0);
        assert_eq!(bins[0].2, 1.0);
        assert_eq!(bins[16], (0.5, 0.53125, 1.0));
        assert_eq!(bins[31].2, 2.0);
    }
}
