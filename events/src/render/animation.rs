//! What happened when, moving: an animated GIF.

use super::Frames;
use crate::error::Error;
use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame};
use std::io::Write;

/// A GIF counts hundredths of a second, and browsers slow down what is shown for less than two.
const FASTEST_FPS: u32 = 50;

impl Frames {
    /// Writes the frames as a GIF that begins anew at its end, `fps` (1 to 50) of them a second. The format counts
    /// hundredths of a second: 50, 25, 20 and 10 are exact, others are shown a little slower or faster.
    ///
    /// # Errors
    /// Another number a second; sides of more than 65,535 pixels; an `out` that fails.
    pub fn gif(&self, fps: u32, out: impl Write) -> Result<(), Error> {
        if !(1..=FASTEST_FPS).contains(&fps) {
            return Err(Error::FramesASecond { seen: fps, limit: FASTEST_FPS });
        }
        let fail = |cause| Error::CannotDraw { cause };
        // The colours are fewer than 256: each frame keeps its own as they are, whatever the speed.
        let mut encoder = GifEncoder::new_with_speed(out, 10);
        encoder.set_repeat(Repeat::Infinite).map_err(fail)?;
        for picture in self.pictures() {
            let picture = DynamicImage::ImageRgb8(picture).into_rgba8();
            let delay = Delay::from_numer_denom_ms(1000, fps);
            encoder.encode_frame(Frame::from_parts(picture, 0, 0, delay)).map_err(fail)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::item::Event;
    use crate::render::{Frames, Scale, View};
    use image::AnimationDecoder;
    use image::codecs::gif::GifDecoder;
    use std::io::Cursor;

    #[test]
    fn an_animation_has_every_frame_as_it_is() {
        let view = View { width: 8, height: 8, from_us: 0, to_us: 640 };
        let mut frames = Frames::new(&view, 5, Scale::Times(2)).unwrap();
        let event =
            |i: u64| Event { t_us: i, x: (i * i % 8) as u16, y: (i % 8) as u16, on: i.is_multiple_of(3) };
        frames.add(&(0..640).map(event).collect::<Vec<_>>());
        let mut bytes = Vec::new();
        frames.gif(25, &mut bytes).unwrap();
        let decoded = GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames().collect_frames().unwrap();
        assert_eq!(decoded.len(), 5);
        for (decoded, picture) in decoded.iter().zip(frames.pictures()) {
            assert_eq!(decoded.delay().numer_denom_ms(), (40, 1));
            let seen = decoded.buffer().pixels().map(|pixel| [pixel[0], pixel[1], pixel[2]]);
            assert!(seen.eq(picture.pixels().map(|pixel| pixel.0)));
        }
    }

    #[test]
    fn a_speed_that_a_gif_has_not_is_refused() {
        let view = View { width: 8, height: 8, from_us: 0, to_us: 640 };
        let frames = Frames::new(&view, 1, Scale::Times(1)).unwrap();
        for fps in [0, 51] {
            let message = frames.gif(fps, std::io::sink()).unwrap_err().to_string();
            assert!(
                message.contains(&format!("{fps} frames a second")) && message.contains("1 to 50"),
                "{message}"
            );
        }
    }
}
