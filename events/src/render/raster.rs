//! How it moved: time from left to right, columns or rows of the sensor from top to bottom.

use super::counts::{self, Counts};
use super::{Scale, View, check_size, lettering, palette};
use crate::error::Error;
use crate::item::Event;
use image::RgbImage;

/// Pixels around each raster.
const GAP: u32 = 4;

/// The events of a recording by time and column, and by time and row.
#[derive(Clone, Debug)]
pub struct Raster {
    view: View,
    /// Sensor pixels a side of a cell, and picture pixels a side of it.
    cell: (u32, u32),
    /// Steps of time.
    steps: u32,
    by_column: Counts,
    by_row: Counts,
}

impl Raster {
    /// Counts over `steps` (at least 1) equal parts of the view's time, all 0. A step is a pixel wide.
    ///
    /// # Errors
    /// More pixels than are drawn.
    pub fn new(view: &View, steps: u32, scale: Scale) -> Result<Self, Error> {
        let steps = steps.max(1);
        let cell = scale.cell();
        let (columns, rows) = (view.width.div_ceil(cell.0), view.height.div_ceil(cell.0));
        let height = u64::from(columns) + u64::from(rows);
        // Steps are not enlarged, but the check is the simpler for it and leaves room enough.
        check_size(1, steps.into(), height, cell)?;
        let (by_column, by_row) = (Counts::new(steps, columns), Counts::new(steps, rows));
        Ok(Raster { view: *view, cell, steps, by_column, by_row })
    }

    /// Counts events; those outside the view are passed over. They may come in any order.
    pub fn add(&mut self, events: &[Event]) {
        for event in events {
            let (x, y) = (u32::from(event.x), u32::from(event.y));
            if x < self.view.width
                && y < self.view.height
                && let Some(step) = self.view.part(event.t_us, self.steps)
            {
                self.by_column.add(step, (x / self.cell.0) as usize, event.on);
                self.by_row.add(step, (y / self.cell.0) as usize, event.on);
            }
        }
    }

    /// Columns over time above rows over time, with the times at which they begin and end and a legend.
    pub fn picture(&self) -> RgbImage {
        let (side, line) = (self.cell.1, lettering::LINE);
        let columns = self.view.width.div_ceil(self.cell.0) * side;
        let rows = self.view.height.div_ceil(self.cell.0) * side;
        let (left, below) = (line, GAP + columns + GAP);
        let mut picture =
            RgbImage::from_pixel(left + self.steps + GAP, below + rows + 2 * line, palette::MARGIN);
        for (name, counts, top) in [("x", &self.by_column, GAP), ("y", &self.by_row, below)] {
            counts.draw(&mut picture, (left, top), (1, side), counts::full([counts]));
            lettering::fit(&mut picture, (0, top), line, name);
        }
        let duration_us = self.view.to_us - self.view.from_us;
        let end = lettering::time(duration_us, duration_us / 10);
        let half = self.steps / 2;
        lettering::fit(&mut picture, (left, below + rows), half, &lettering::time(0, duration_us / 10));
        let wide = lettering::width(&end).min(half);
        lettering::fit(&mut picture, (left + self.steps - wide, below + rows), half, &end);
        lettering::legend(&mut picture, (left, below + rows + line), self.steps);
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::palette::{GROUND, MARGIN, OFF, ON};

    #[test]
    fn time_goes_right_and_the_sensor_down() {
        let view = View { width: 3, height: 2, from_us: 1000, to_us: 2000 };
        let mut raster = Raster::new(&view, 10, Scale::Times(2)).unwrap();
        let event = |t_us, x, y, on| Event { t_us, x, y, on };
        raster.add(&[event(1000, 0, 1, true), event(1999, 2, 0, false), event(2000, 0, 0, true)]);
        let picture = raster.picture();
        let line = lettering::LINE;
        assert_eq!(picture.dimensions(), (line + 10 + GAP, 2 * GAP + 6 + 4 + 2 * line));
        let column = |step, x: u32| *picture.get_pixel(line + step, GAP + 2 * x);
        assert_eq!([column(0, 0), column(9, 2), column(0, 1), column(1, 0)], [ON, OFF, GROUND, GROUND]);
        let row = |step, y: u32| *picture.get_pixel(line + step, 2 * GAP + 6 + 2 * y + 1);
        assert_eq!([row(0, 1), row(9, 0), row(0, 0), row(9, 1)], [ON, OFF, GROUND, GROUND]);
        assert_eq!(*picture.get_pixel(line + 10, GAP), MARGIN);
    }
}
