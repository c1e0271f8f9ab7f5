//! What happened when: the recording's time in equal parts, a picture of each.

use super::counts::{self, Counts};
use super::{Scale, View, check_size, lettering, palette};
use crate::error::Error;
use crate::item::Event;
use image::RgbImage;

/// The most frames of a picture or an animation.
pub const MAX_FRAMES: u32 = 1000;

/// Pictures of a strip stand side by side, this many in a row.
const ROW: usize = 4;

/// Pixels between the pictures of a strip.
const GAP: u32 = 4;

/// The events of equal parts of a recording's time, counted pixel by pixel.
#[derive(Clone, Debug)]
pub struct Frames {
    view: View,
    /// Sensor pixels a side of a cell, and picture pixels a side of it.
    cell: (u32, u32),
    width: u32,
    height: u32,
    frames: Vec<Counts>,
}

impl Frames {
    /// Counts of `number` frames (1 to [`MAX_FRAMES`]), all 0.
    ///
    /// # Errors
    /// No frames or too many; more pixels than are drawn.
    pub fn new(view: &View, number: u32, scale: Scale) -> Result<Self, Error> {
        if !(1..=MAX_FRAMES).contains(&number) {
            return Err(Error::FrameCount { seen: number, limit: MAX_FRAMES });
        }
        let cell = scale.cell();
        let (width, height) = (view.width.div_ceil(cell.0), view.height.div_ceil(cell.0));
        check_size(number, width.into(), height.into(), cell)?;
        let frames = vec![Counts::new(width, height); number as usize];
        Ok(Frames { view: *view, cell, width, height, frames })
    }

    /// Counts events; those outside the view are passed over. They may come in any order.
    pub fn add(&mut self, events: &[Event]) {
        let number = self.frames.len() as u32;
        for event in events {
            let (x, y) = (u32::from(event.x), u32::from(event.y));
            if x < self.view.width
                && y < self.view.height
                && let Some(part) = self.view.part(event.t_us, number)
            {
                self.frames[part].add((x / self.cell.0) as usize, (y / self.cell.0) as usize, event.on);
            }
        }
    }

    /// A picture of each frame, in the order of time.
    pub fn pictures(&self) -> impl Iterator<Item = RgbImage> + '_ {
        let full = counts::full(&self.frames);
        let (width, height) = self.picture_size();
        self.frames.iter().map(move |frame| {
            let mut picture = RgbImage::new(width, height);
            frame.draw(&mut picture, (0, 0), (self.cell.1, self.cell.1), full);
            picture
        })
    }

    /// All frames side by side, in rows of four, with the time at which each begins below it and a legend.
    pub fn strip(&self) -> RgbImage {
        let full = counts::full(&self.frames);
        let (width, height) = self.picture_size();
        let columns = self.frames.len().min(ROW) as u32;
        let rows = self.frames.len().div_ceil(ROW) as u32;
        let line = lettering::LINE;
        let mut picture = RgbImage::from_pixel(
            columns * (width + GAP) + GAP,
            rows * (height + GAP + line) + GAP + line,
            palette::MARGIN,
        );
        for (index, frame) in self.frames.iter().enumerate() {
            let (column, row) = ((index % ROW) as u32, (index / ROW) as u32);
            let (left, top) = (GAP + column * (width + GAP), GAP + row * (height + GAP + line));
            frame.draw(&mut picture, (left, top), (self.cell.1, self.cell.1), full);
            let time = lettering::time(self.begins_us(index), self.begins_us(1));
            lettering::fit(&mut picture, (left, top + height), width, &time);
        }
        let foot = picture.height() - line;
        lettering::legend(&mut picture, (GAP, foot), columns * (width + GAP) - GAP);
        picture
    }

    /// Columns and rows of each picture.
    pub(super) fn picture_size(&self) -> (u32, u32) {
        (self.width * self.cell.1, self.height * self.cell.1)
    }

    /// When a frame begins, in microseconds since the view's begin.
    fn begins_us(&self, index: usize) -> u64 {
        let all = u128::from(self.view.to_us - self.view.from_us);
        (all * index as u128).div_ceil(self.frames.len() as u128) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::palette::{GROUND, MARGIN, OFF, ON};

    const VIEW: View = View { width: 3, height: 2, from_us: 100, to_us: 200 };

    fn event(t_us: u64, x: u16, y: u16, on: bool) -> Event {
        Event { t_us, x, y, on }
    }

    #[test]
    fn every_event_is_in_its_frame_and_pixel() {
        let mut frames = Frames::new(&VIEW, 2, Scale::Times(1)).unwrap();
        frames.add(&[event(199, 2, 1, false), event(100, 0, 0, true), event(149, 1, 0, false)]);
        // Outside the time or the sensor.
        frames.add(&[event(99, 0, 1, true), event(200, 0, 1, true), event(150, 3, 0, true)]);
        let rows: Vec<Vec<_>> =
            frames.pictures().map(|picture| picture.pixels().copied().collect()).collect();
        assert_eq!(
            rows,
            [[ON, OFF, GROUND, GROUND, GROUND, GROUND], [GROUND, GROUND, GROUND, GROUND, GROUND, OFF]]
        );
    }

    #[test]
    fn a_scale_repeats_pixels_or_gathers_them() {
        let mut large = Frames::new(&VIEW, 1, Scale::Times(2)).unwrap();
        large.add(&[event(100, 2, 1, true)]);
        let picture = large.pictures().next().unwrap();
        assert_eq!(picture.dimensions(), (6, 4));
        let lit: Vec<_> = picture.enumerate_pixels().filter(|(_, _, pixel)| **pixel == ON).collect();
        assert_eq!(
            lit.iter().map(|(x, y, _)| (*x, *y)).collect::<Vec<_>>(),
            [(4, 2), (5, 2), (4, 3), (5, 3)]
        );
        let mut small = Frames::new(&VIEW, 1, Scale::Part(2)).unwrap();
        small.add(&[event(100, 0, 0, true), event(100, 1, 1, true), event(100, 2, 0, false)]);
        let picture = small.pictures().next().unwrap();
        assert_eq!(picture.dimensions(), (2, 1));
        assert_eq!((*picture.get_pixel(0, 0), *picture.get_pixel(1, 0) == GROUND), (ON, false));
    }

    #[test]
    fn a_strip_has_the_frames_side_by_side() {
        let mut frames = Frames::new(&VIEW, 5, Scale::Times(20)).unwrap();
        frames.add(&[event(100, 0, 0, true), event(199, 2, 1, false)]);
        let strip = frames.strip();
        let line = lettering::LINE;
        assert_eq!(strip.dimensions(), (4 * 64 + 4, 2 * (44 + line) + 4 + line));
        assert_eq!((*strip.get_pixel(0, 0), *strip.get_pixel(4, 4)), (MARGIN, ON));
        assert_eq!((*strip.get_pixel(24, 4), *strip.get_pixel(68, 4)), (GROUND, GROUND));
        // The fifth begins a row.
        assert_eq!(*strip.get_pixel(4 + 59, 44 + line + 4 + 39), OFF);
        assert_eq!((0..3).map(|index| frames.begins_us(index)).collect::<Vec<_>>(), [0, 20, 40]);
    }

    #[test]
    fn no_frames_and_too_many_are_refused() {
        for number in [0, 1001] {
            let message = Frames::new(&VIEW, number, Scale::Times(1)).unwrap_err().to_string();
            assert!(
                message.contains(&format!("{number} frames")) && message.contains("1 to 1000"),
                "{message}"
            );
        }
    }
}
