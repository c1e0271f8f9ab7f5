//! The spikes of one recording: a panel a layer, one below the other over the same time steps.

use std::collections::BTreeSet;
use std::fmt::Write;

use plotters::style::RGBColor;

use super::axis::Axis;
use super::data::{Raster, RasterRow};
use super::drawing::{Area, DrawError, beside, spread, text};
use super::frame::{Chart, Frame};
use super::numbers::{grouped, short};
use super::palette::{BLUE, INK, VERMILLION, hex};

/// Heading of a panel and the space before it, in pixels.
const HEADING: i32 = 28;
/// Tick labels and name of the time axis, in pixels.
const TIME: i32 = 38;
/// Least height of a panel's marks, in pixels.
const LEAST: u32 = 24;

/// Height that leaves each panel legible, in pixels.
pub fn comfortable_height(raster: &Raster) -> u32 {
    height(raster, |row| row.size.saturating_mul(11).clamp(56, 130))
}

/// Height below which a panel would have no room, in pixels.
pub fn least_height(raster: &Raster) -> u32 {
    height(raster, |_| LEAST)
}

fn height(raster: &Raster, panel: impl Fn(&RasterRow) -> u32) -> u32 {
    let around = |row| panel(row).saturating_add(HEADING.unsigned_abs());
    raster.rows.iter().map(around).fold(TIME.unsigned_abs(), u32::saturating_add)
}

/// Draws the panels over all of `area`; returns the spikes as markup.
pub fn draw(area: &Area<'_>, raster: &Raster) -> Result<String, DrawError> {
    let mut markup = String::new();
    let steps = Axis::places(0, last_step(raster), 10);
    let (_, height) = area.dim_in_pixel();
    let spare = height.saturating_sub(least_height(raster));
    let tall =
        LEAST + HEADING.unsigned_abs() + spare / u32::try_from(raster.rows.len()).unwrap_or(u32::MAX).max(1);
    let mut rest = area.clone();
    for (at, row) in raster.rows.iter().enumerate() {
        let last = at + 1 == raster.rows.len();
        let (panel, below) = if last { (rest.clone(), rest.clone()) } else { rest.split_vertically(tall) };
        rest = below;
        let layer = Panel {
            row,
            what: if at == 0 { "inputs" } else { "neurons" },
            last,
            // Only neurons of the output stand for a class.
            classes: (last && at > 0).then_some((u32::from(raster.label), u32::from(raster.prediction))),
        };
        markup.push_str(&layer.draw(&panel, &steps)?);
    }
    Ok(markup)
}

fn last_step(raster: &Raster) -> u32 {
    let spiked = raster.rows.iter().flat_map(|row| &row.spikes).map(|(step, _)| *step).max().unwrap_or(0);
    u32::from(spiked.max(raster.steps.saturating_sub(1)))
}

/// One layer of a raster.
struct Panel<'a> {
    row: &'a RasterRow,
    /// What spikes there.
    what: &'static str,
    /// Whether it has the time axis below it.
    last: bool,
    /// Label and prediction, where the neurons are classes.
    classes: Option<(u32, u32)>,
}

impl Panel<'_> {
    fn draw(&self, area: &Area<'_>, steps: &Axis) -> Result<String, DrawError> {
        let Self { row, what, last, classes } = self;
        let spiked = row.spikes.iter().map(|(_, index)| *index).max().unwrap_or(0);
        let bottom = if *last { TIME } else { 2 };
        let (_, tall) = area.dim_in_pixel();
        let room = tall.saturating_sub((HEADING + bottom).unsigned_abs());
        let indices = Axis::places(0, spiked.max(row.size.saturating_sub(1)), (room / 16).max(1));
        let (size, spikes) = (grouped(row.size.into()), grouped(row.spikes.len() as u128));
        let heading = format!("{}: {size} {what}, {spikes} spikes", short(&row.name, 30));
        area.draw_text(&heading, &text(INK), (46, 10))?;
        let across = if *last { "time step" } else { "" };
        let frame = Frame { top: HEADING, right: 92, left: 46, bottom, across, lines: false };
        let chart = frame.draw(area, &if *last { steps.clone() } else { steps.bare() }, &indices)?;
        let Some((label, prediction)) = *classes else {
            return Ok(path(&chart, steps, &indices, INK, row.spikes.iter().copied()));
        };
        name_classes(area, &chart, steps, label, prediction)?;
        let (right, wrong) = row.spikes.iter().copied().partition::<Vec<_>, _>(|(_, index)| *index == label);
        let right = path(&chart, steps, &indices, BLUE, right.into_iter());
        Ok(right + &path(&chart, steps, &indices, VERMILLION, wrong.into_iter()))
    }
}

/// Writes beside the output panel which neuron is the label's, and which one was taken for it.
fn name_classes(
    area: &Area<'_>,
    chart: &Chart<'_, '_>,
    steps: &Axis,
    label: u32,
    prediction: u32,
) -> Result<(), DrawError> {
    let mut names = vec![(format!("label {label}"), BLUE, label)];
    if prediction != label {
        names.push((format!("predicted {prediction}"), VERMILLION, prediction));
    }
    let place = |index: u32| chart.backend_coord(&(steps.ends().1, f64::from(index)));
    let mut heights: Vec<i32> = names.iter().map(|(_, _, index)| place(*index).1).collect();
    let (left, top) = area.get_base_pixel();
    // Labels never come below the axis; a class without a neuron is named at the panel's upper edge.
    spread(&mut heights, place(0).1);
    for ((name, colour, index), height) in names.iter().zip(heights) {
        area.draw_text(name, &beside(*colour), (place(*index).0 - left + 6, height - top))?;
    }
    Ok(())
}

/// The spikes as one path of upright ticks: thousands of tags would make the page large.
fn path(
    chart: &Chart<'_, '_>,
    steps: &Axis,
    indices: &Axis,
    colour: RGBColor,
    spikes: impl Iterator<Item = (u16, u32)>,
) -> String {
    let place = |step: f64, index: f64| chart.backend_coord(&(step, index));
    let (left, low) = place(steps.ends().0, indices.ends().0);
    let (right, high) = place(steps.ends().1, indices.ends().1);
    let share = |pixels: i32, axis: &Axis| f64::from(pixels) / (axis.ends().1 - axis.ends().0);
    let wide = (share(right - left, steps) * 0.4).clamp(1.0, 2.0);
    let tall = (share(low - high, indices) * 0.7).clamp(2.0, 9.0);
    let mut data = String::new();
    // Neurons that share a pixel share a tick.
    let places: BTreeSet<(i32, i32)> =
        spikes.map(|(step, index)| place(f64::from(step), f64::from(index))).collect();
    for (x, y) in places {
        // Writing into a String does not fail.
        let _ = write!(data, "M{x} {:.1}v{tall:.1}", f64::from(y) - tall / 2.0);
    }
    if data.is_empty() {
        return String::new();
    }
    format!(r#"<path fill="none" stroke="{}" stroke-width="{wide:.1}" d="{data}"/>"#, hex(colour))
}

/// Which recording, and whether it was classified right.
pub fn title(raster: &Raster) -> String {
    let Raster { label, prediction, .. } = raster;
    if label == prediction {
        format!("Test recording of class {label}, predicted {prediction}")
    } else {
        format!("Test recording of class {label}, wrongly predicted {prediction}")
    }
}
