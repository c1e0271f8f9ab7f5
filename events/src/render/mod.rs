//! Pictures of recordings: what someone looks at before anything else.
//!
//! A [`View`] says which part of a recording is drawn, from which [`Frames`] (what happened when) and a
//! [`Raster`] (how it moved) are counted chunk by chunk, in memory that depends on the picture and not on the
//! recording. Brightness changes that rise are blue, those that fall orange, as many of both white; the more events,
//! the stronger the colour ([`palette`] says how).
//!
//! ```
//! use events::Event;
//! use events::render::{Frames, Scale, View};
//!
//! let view = View { width: 4, height: 3, from_us: 0, to_us: 100 };
//! let mut frames = Frames::new(&view, 2, Scale::Times(1))?;
//! frames.add(&[Event { t_us: 10, x: 1, y: 2, on: true }, Event { t_us: 60, x: 3, y: 0, on: false }]);
//! let pictures: Vec<_> = frames.pictures().collect();
//! assert_eq!((pictures.len(), pictures[0].dimensions()), (2, (4, 3)));
//! assert_ne!(pictures[0].get_pixel(1, 2), pictures[1].get_pixel(1, 2));
//! # Ok::<(), events::Error>(())
//! ```

mod animation;
mod counts;
mod frames;
mod lettering;
pub mod palette;
mod raster;

pub use frames::{Frames, MAX_FRAMES};
pub use raster::Raster;

use crate::error::Error;
use crate::recording::Summary;
use image::RgbImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use std::io::Cursor;

/// The most cells, of all frames together, that are counted: four bytes each.
const MAX_CELLS: u64 = 1 << 25;

/// The most pixels of a picture, and of all frames of an animation.
const MAX_PIXELS: u64 = 1 << 27;

/// Which part of a recording is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Columns of the sensor; events beyond are not drawn.
    pub width: u32,
    /// Rows of the sensor; events beyond are not drawn.
    pub height: u32,
    /// The first microsecond.
    pub from_us: u64,
    /// The first microsecond after.
    pub to_us: u64,
}

impl View {
    /// The whole of a recording. None if it has no events.
    pub fn of(summary: &Summary) -> Option<View> {
        Some(View {
            width: summary.width?,
            height: summary.height?,
            from_us: summary.earliest_us?,
            to_us: summary.latest_us?.saturating_add(1),
        })
    }

    /// Which of `parts` equal parts of the time a moment lies in. None outside.
    fn part(&self, t_us: u64, parts: u32) -> Option<usize> {
        if !(self.from_us..self.to_us).contains(&t_us) {
            return None;
        }
        let (since, all) = (u128::from(t_us - self.from_us), u128::from(self.to_us - self.from_us));
        Some((since * u128::from(parts) / all) as usize)
    }
}

/// How large a pixel of the sensor is in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A square of this many pixels a side.
    Times(u16),
    /// This many pixels a side of the sensor make one.
    Part(u16),
}

impl Scale {
    /// The scale at which the longer of a view's sides comes nearest to `side` pixels, not above it; of many frames
    /// to fewer, so that all can be drawn.
    pub fn towards(mut side: u32, view: &View, frames: u32) -> Scale {
        while side > 1 && u64::from(side) * u64::from(side) * u64::from(frames) > MAX_CELLS {
            side /= 2;
        }
        let longer = view.width.max(view.height).max(1);
        if longer <= side {
            Scale::Times((side / longer).min(64) as u16)
        } else {
            Scale::Part(longer.div_ceil(side.max(1)).min(u16::MAX.into()) as u16)
        }
    }

    /// Sensor pixels a side of a cell, and picture pixels a side of it.
    fn cell(self) -> (u32, u32) {
        match self {
            Scale::Times(times) => (1, u32::from(times.max(1))),
            Scale::Part(part) => (u32::from(part.max(1)), 1),
        }
    }
}

impl std::str::FromStr for Scale {
    type Err = Error;

    /// Reads `4` (four times as large) or `1/4`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0u16);
        let scale = match text.split_once('/') {
            None => number(text).map(Scale::Times),
            Some(("1", part)) => number(part).map(Scale::Part),
            Some(_) => None,
        };
        scale.ok_or_else(|| Error::ScaleText { seen: text.into() })
    }
}

/// A picture as the bytes of a PNG.
///
/// # Errors
/// A picture that the encoder refuses.
pub fn png(picture: &RgbImage) -> Result<Vec<u8>, Error> {
    let mut bytes = Cursor::new(Vec::new());
    // Scattered pixels of few colours: filters make them larger.
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::NoFilter);
    picture.write_with_encoder(encoder).map_err(|cause| Error::CannotDraw { cause })?;
    Ok(bytes.into_inner())
}

/// Refuses a picture before anything is reserved for it.
fn check_size(frames: u32, width: u64, height: u64, cell: (u32, u32)) -> Result<(), Error> {
    let (cells, pixels) = (width.saturating_mul(height), u64::from(cell.1) * u64::from(cell.1));
    let all = cells.saturating_mul(u64::from(frames));
    if all > MAX_CELLS || all.saturating_mul(pixels) > MAX_PIXELS {
        let (width, height) = (width * u64::from(cell.1), height * u64::from(cell.1));
        return Err(Error::PictureSize { frames, width, height, limit: MAX_PIXELS });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_time_are_equal_and_end_before_the_end() {
        let view = View { width: 1, height: 1, from_us: 10, to_us: 20 };
        let parts: Vec<_> = (9..21).map(|t_us| view.part(t_us, 2)).collect();
        let halves = [Some(0); 5].into_iter().chain([Some(1); 5]);
        assert_eq!(parts, [None].into_iter().chain(halves).chain([None]).collect::<Vec<_>>());
        let whole = View { from_us: 0, to_us: u64::MAX, ..view };
        assert_eq!(whole.part(u64::MAX - 1, 1000), Some(999));
        assert_eq!(View { to_us: 10, ..view }.part(10, 1), None);
    }

    #[test]
    fn scales_are_read_and_chosen() {
        assert_eq!("4".parse::<Scale>().unwrap(), Scale::Times(4));
        assert_eq!("1/3".parse::<Scale>().unwrap(), Scale::Part(3));
        for text in ["0", "1/0", "2/3", "", "big", "70000"] {
            let message = text.parse::<Scale>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{text}`")) && message.contains("1/2"), "{message}");
        }
        let view = |width, height| View { width, height, from_us: 0, to_us: 1 };
        assert_eq!(Scale::towards(256, &view(128, 128), 8), Scale::Times(2));
        assert_eq!(Scale::towards(256, &view(1280, 720), 8), Scale::Part(5));
        assert_eq!(Scale::towards(256, &view(65_536, 65_536), 1), Scale::Part(256));
        assert_eq!(Scale::towards(256, &view(1, 1), 1), Scale::Times(64));
        // A thousand frames are smaller, but all of them are drawn.
        let large = view(1280, 720);
        assert_eq!(Scale::towards(512, &large, 1000), Scale::Part(10));
        assert!(Frames::new(&large, 1000, Scale::towards(512, &large, 1000)).is_ok());
    }

    #[test]
    fn a_picture_beyond_bounds_is_refused_before_it_is_made() {
        let view = View { width: 65_536, height: 65_536, from_us: 0, to_us: 1 };
        for refused in [
            Frames::new(&view, 1, Scale::Times(1)).err(),
            Frames::new(&View { width: 100, height: 100, ..view }, 1000, Scale::Times(64)).err(),
            Raster::new(&view, 60_000, Scale::Times(1)).err(),
        ] {
            let message = refused.unwrap().to_string();
            assert!(message.contains("134217728") && message.contains("--scale"), "{message}");
        }
        let bounded = Frames::new(&view, 1, Scale::towards(256, &view, 1)).unwrap();
        assert_eq!(bounded.pictures().next().unwrap().dimensions(), (256, 256));
    }
}
