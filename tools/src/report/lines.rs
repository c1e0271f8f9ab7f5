//! A chart of lines over epochs, each with its name at its end.

use plotters::element::Circle;
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor};

use super::axis::{Axis, drawable};
use super::drawing::{Area, DrawError, beside, heading, spread, text, width};
use super::frame::Frame;
use super::numbers::short;
use super::palette::{INK, MUTED};

/// With more points than this the line alone shows them.
const MOST_DOTS: usize = 40;
/// Longest name at a line's end, in characters.
const LONGEST_NAME: usize = 16;

/// What is shown over the epochs.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub colour: RGBColor,
    /// Epoch and value; values without a place on an axis are left out.
    pub points: Vec<(u32, f64)>,
}

impl Line {
    fn drawn(&self) -> Vec<(f64, f64)> {
        let points = self.points.iter().filter(|(_, value)| drawable(*value));
        points.map(|(epoch, value)| (f64::from(*epoch), *value)).collect()
    }
}

/// Lines with the same axes.
#[derive(Debug, Clone)]
pub struct LineChart {
    /// What is seen.
    pub title: &'static str,
    /// What the vertical axis counts.
    pub unit: &'static str,
    /// The lines.
    pub lines: Vec<Line>,
    /// The vertical axis.
    pub y: Axis,
}

impl LineChart {
    /// Whether there is a single point to see.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.drawn().is_empty())
    }

    /// Draws it over all of `area`.
    pub fn draw(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let epochs = || self.lines.iter().flat_map(|line| &line.points).map(|(epoch, _)| *epoch);
        let x = Axis::places(epochs().min().unwrap_or(1), epochs().max().unwrap_or(1), 6);
        let names: Vec<String> = self.lines.iter().map(|line| short(&line.name, LONGEST_NAME)).collect();
        // A single line is named by the title.
        let named = names.len() > 1;
        let right = if named { names.iter().map(|name| width(name)).max().unwrap_or(0) + 14 } else { 14 };
        area.draw_text(self.title, &heading(INK), (2, 2))?;
        area.draw_text(self.unit, &text(MUTED), (2, 22))?;
        let frame = Frame { top: 46, right, left: 46, bottom: 38, across: "epoch", lines: true };
        let mut chart = frame.draw(area, &x, &self.y)?;

        let mut ends = Vec::new();
        for (line, name) in self.lines.iter().zip(&names) {
            let points = line.drawn();
            chart.draw_series(LineSeries::new(points.iter().copied(), line.colour.stroke_width(2)))?;
            if points.len() <= MOST_DOTS {
                let dots = points.iter().map(|point| Circle::new(*point, 3, line.colour.filled()));
                chart.draw_series(dots)?;
            }
            if let Some(last) = points.last() {
                ends.push((name, line.colour, chart.backend_coord(last)));
            }
        }
        if named {
            let (_, bottom) = chart.backend_coord(&(x.ends().0, self.y.ends().0));
            let mut heights: Vec<i32> = ends.iter().map(|(_, _, (_, height))| *height).collect();
            spread(&mut heights, bottom);
            let (left, top) = area.get_base_pixel();
            for ((name, colour, (end, _)), height) in ends.into_iter().zip(heights) {
                area.draw_text(name, &beside(colour), (end - left + 8, height - top))?;
            }
        }
        Ok(())
    }
}
