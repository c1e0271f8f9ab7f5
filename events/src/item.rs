//! What a source holds before it is encoded: recordings, images, ready-made spikes.

use crate::error::{Error, Place};
use crate::spikes::Sample;
use std::borrow::Cow;
use std::ops::Range;

/// One event of an event camera: at `t_us` the brightness at (`x`, `y`) rose (`on`) or fell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Event {
    /// Microseconds since the recording's origin, whatever that is: 0, the camera's start or 1970.
    pub t_us: u64,
    /// Column, 0 at the left, below the sensor's width.
    pub x: u16,
    /// Row, 0 at the top, below the sensor's height.
    pub y: u16,
    /// Polarity: brighter (true) or darker (false).
    pub on: bool,
}

/// What an event camera saw while it was shown one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The class, from 0.
    pub label: u16,
    /// Where it came from, for messages.
    pub name: String,
    /// Sensor columns.
    pub width: u16,
    /// Sensor rows.
    pub height: u16,
    /// In the order in which they were recorded: times never decrease.
    pub events: Vec<Event>,
    /// The time in µs that it stands for, if that is not the time from its first event to its last: of a recording
    /// that was cut out of a longer one, the window.
    pub window_us: Option<Range<u64>>,
}

impl Recording {
    /// Checks what every reader guarantees and [`Item::encode`] relies on.
    ///
    /// # Errors
    /// A sensor without pixels, an event outside the sensor, a time before the one that precedes it or outside the
    /// window.
    pub fn check(&self) -> Result<(), Error> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::NoPixels { what: self.name.clone(), width: self.width, height: self.height });
        }
        let mut previous_us = 0;
        for (number, event) in self.events.iter().enumerate() {
            self.check_event(event, previous_us, Place { event: number, byte: None })?;
            previous_us = event.t_us;
        }
        if let (Some(window), Some(first), Some(last)) =
            (&self.window_us, self.events.first(), self.events.last())
            && let Some(outside) = [first, last].into_iter().find(|event| !window.contains(&event.t_us))
        {
            let (name, window_us) = (self.name.clone(), window.clone());
            return Err(Error::OutsideWindow { name, t_us: outside.t_us, window_us });
        }
        Ok(())
    }

    /// What it holds of a time in µs: a recording that stands for that time.
    pub(crate) fn part(&self, part_us: Range<u64>) -> Recording {
        let from = self.events.partition_point(|event| event.t_us < part_us.start);
        let to = self.events.partition_point(|event| event.t_us < part_us.end);
        Recording {
            label: self.label,
            name: format!("{} from {} to {} µs", self.name, part_us.start, part_us.end),
            width: self.width,
            height: self.height,
            events: self.events[from..to].to_vec(),
            window_us: Some(part_us),
        }
    }

    /// Checks one event against the sensor and the time of the event before it.
    pub(crate) fn check_event(&self, event: &Event, previous_us: u64, place: Place) -> Result<(), Error> {
        if event.x >= self.width || event.y >= self.height {
            return Err(Error::OutsideSensor {
                name: self.name.clone(),
                place,
                x: event.x,
                y: event.y,
                width: self.width,
                height: self.height,
            });
        }
        if event.t_us < previous_us {
            return Err(Error::TimeBackwards {
                name: self.name.clone(),
                place,
                t_us: event.t_us,
                previous_us,
            });
        }
        Ok(())
    }
}

/// An image, grey or in colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The class, from 0.
    pub label: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// 1 of grey, or 3: red, green, blue.
    pub channels: u16,
    /// Channel by channel and in each row by row from the top left, `channels * width * height` of them; 0 is
    /// dark, 255 bright.
    pub pixels: Vec<u8>,
}

impl Image {
    /// The brightness of every pixel: of a colour (77 red + 150 green + 29 blue) / 256, the weights of Rec. 601.
    pub fn grey(&self) -> Cow<'_, [u8]> {
        if self.channels != 3 {
            return Cow::Borrowed(&self.pixels);
        }
        let (red, rest) = self.pixels.split_at(self.pixels.len() / 3);
        let (green, blue) = rest.split_at(red.len());
        let brightness = |((&red, &green), &blue): ((&u8, &u8), &u8)| {
            ((77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) >> 8) as u8
        };
        red.iter().zip(green).zip(blue).map(brightness).collect()
    }

    /// # Errors
    /// An image without pixels, with another number of them than its sides say, or of 2 channels.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::NoPixels { what: "image".into(), width: self.width, height: self.height });
        }
        let Image { width, height, channels, .. } = *self;
        let wanted = usize::from(channels) * usize::from(width) * usize::from(height);
        if !matches!(channels, 1 | 3) || self.pixels.len() != wanted {
            return Err(Error::PixelCount { seen: self.pixels.len(), channels, width, height });
        }
        Ok(())
    }
}

/// One thing to classify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Events, to be binned into time steps.
    Recording(Recording),
    /// Brightness, to be coded as firing rates.
    Image(Image),
    /// Spikes already: a synthetic task's sample.
    Spikes(Sample),
}

impl Item {
    /// The class, from 0.
    pub fn label(&self) -> u16 {
        match self {
            Item::Recording(recording) => recording.label,
            Item::Image(image) => image.label,
            Item::Spikes(sample) => sample.label,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(events: Vec<Event>) -> Recording {
        Recording { label: 0, name: "here".into(), width: 2, height: 3, events, window_us: None }
    }

    #[test]
    fn a_recording_must_keep_to_its_sensor_and_to_time() {
        let event = |t_us, x, y| Event { t_us, x, y, on: true };
        assert!(recording(vec![event(0, 0, 0), event(0, 1, 2), event(5, 0, 0)]).check().is_ok());

        let message = recording(vec![event(0, 0, 0), event(1, 2, 1)]).check().unwrap_err().to_string();
        assert!(message.contains("`here`: event 1 lies at x = 2, y = 1"), "{message}");
        assert!(message.contains("2x3"), "{message}");

        let message = recording(vec![event(9, 0, 0), event(8, 1, 1)]).check().unwrap_err().to_string();
        assert!(message.contains("`here`: event 1 is at 8 µs"), "{message}");
        assert!(message.contains("9 µs"), "{message}");

        let cut = |times: &[u64]| Recording {
            window_us: Some(5..8),
            ..recording(times.iter().map(|&t_us| event(t_us, 0, 0)).collect())
        };
        assert!(cut(&[5, 7]).check().is_ok() && cut(&[]).check().is_ok());
        for times in [&[4, 6][..], &[6, 8]] {
            let message = cut(times).check().unwrap_err().to_string();
            assert!(message.contains("`here`") && message.contains("5 to 7 µs"), "{message}");
        }

        let message = Recording { width: 0, ..recording(vec![]) }.check().unwrap_err().to_string();
        assert!(message.contains("0x3"), "{message}");
    }

    #[test]
    fn an_image_must_have_the_pixels_its_sides_say() {
        let image = Image { label: 1, width: 2, height: 2, channels: 1, pixels: vec![0; 3] };
        let message = image.check().unwrap_err().to_string();
        assert!(message.contains("3 pixels") && message.contains("2x2"), "{message}");
        let message =
            Image { channels: 2, pixels: vec![0; 8], ..image.clone() }.check().unwrap_err().to_string();
        assert!(message.contains("2 channels") && message.contains("8 pixels"), "{message}");
        assert!(Image { channels: 3, pixels: vec![0; 12], ..image.clone() }.check().is_ok());
        let message = Image { width: 0, ..image }.check().unwrap_err().to_string();
        assert!(message.contains("0x2"), "{message}");
    }

    #[test]
    fn grey_keeps_black_and_white_and_weighs_colours() {
        let pixels = vec![0, 255, 255, 0, 255, 0, 0, 255, 100];
        let image = Image { label: 1, width: 3, height: 1, channels: 3, pixels };
        assert_eq!(*image.grey(), [0, 255, 88]);
        let grey = Image { channels: 1, width: 9, ..image };
        assert_eq!(*grey.grey(), *grey.pixels);
    }
}
