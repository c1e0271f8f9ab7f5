//! The axes of a chart: thin, with few ticks, and no box around.

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::style::{Color, TRANSPARENT};

use super::axis::Axis;
use super::drawing::{Area, DrawError, text};
use super::palette::{MUTED, RULE};

/// A chart to draw marks on.
pub type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// Room around the marks, in pixels, and what the horizontal axis is.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Above: for a heading.
    pub top: i32,
    /// On the right: for labels of lines.
    pub right: i32,
    /// On the left: for tick labels.
    pub left: i32,
    /// Below: for tick labels and the name.
    pub bottom: i32,
    /// Name of the horizontal axis.
    pub across: &'static str,
    /// Whether the vertical ticks go on as faint lines.
    pub lines: bool,
}

impl Frame {
    /// Draws both axes.
    pub fn draw<'a, 'b>(self, area: &'a Area<'b>, x: &Axis, y: &Axis) -> Result<Chart<'a, 'b>, DrawError> {
        let mut chart = ChartBuilder::on(area)
            .margin_top(self.top)
            .margin_right(self.right)
            .x_label_area_size(self.bottom)
            .y_label_area_size(self.left)
            .build_cartesian_2d(x.clone(), y.clone())?;
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh()
            .axis_style(RULE)
            .bold_line_style(if self.lines { RULE.mix(0.6) } else { TRANSPARENT })
            .light_line_style(TRANSPARENT)
            .label_style(text(MUTED))
            .axis_desc_style(text(MUTED))
            .set_all_tick_mark_size(4);
        if !self.across.is_empty() {
            mesh.x_desc(self.across);
        }
        mesh.draw()?;
        Ok(chart)
    }
}
