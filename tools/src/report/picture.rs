//! The run in one picture: how accuracy grew, and what the network answers to one recording.

use plotters::style::Color;

use super::curves;
use super::data::Report;
use super::drawing::{heading, svg};
use super::palette::{INK, PAPER};
use super::raster;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 360;
/// Room for the raster's title, in pixels.
const TITLE: u32 = 26;
const MARGIN: u32 = 10;

/// An SVG file, 900 pixels wide and 360 tall (more with very many layers): on the left accuracy over epochs,
/// on the right the spikes of one test recording. Where one of them is missing, the other has all the room.
///
/// It brings its own white background: it cannot know on what it is shown.
pub fn picture(report: &Report) -> String {
    let accuracy = Some(curves::accuracy(report)).filter(|chart| !chart.is_empty());
    let spikes = report.raster.as_ref().filter(|raster| !raster.rows.is_empty());
    let height = spikes.map_or(0, |spikes| raster::least_height(spikes).saturating_add(TITLE + 2 * MARGIN));
    svg((WIDTH, height.max(HEIGHT)), |area| {
        area.fill(&PAPER.to_rgba())?;
        let area = area.margin(MARGIN, MARGIN, MARGIN, MARGIN);
        let (left, right) = match (&accuracy, spikes) {
            (Some(_), Some(_)) => area.split_horizontally(WIDTH / 2 - MARGIN),
            _ => (area.clone(), area),
        };
        if let Some(chart) = accuracy {
            chart.draw(&left)?;
        }
        let Some(spikes) = spikes else { return Ok(String::new()) };
        right.draw_text(&raster::title(spikes), &heading(INK), (2, 2))?;
        let (_, below) = right.split_vertically(TITLE);
        raster::draw(&below, spikes)
    })
}
