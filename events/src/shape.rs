//! The input shape of a network.

use crate::error::Error;
use std::fmt;
use std::str::FromStr;

/// The most input locations a shape may have: enough for a 1280x720 sensor with both polarities.
pub const MAX_INPUTS: usize = 1 << 21;

/// Channels × height × width of a network's input.
///
/// Input `(c, y, x)` has the index `(c * height + y) * width + x`. Written `2x17x17`; one number alone is a
/// flat input: `784` is `1x1x784`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Polarities for a recording (2 apart, 1 merged); for an image 1 of grey or 3 of colour.
    pub channels: u16,
    /// Rows.
    pub height: u16,
    /// Columns.
    pub width: u16,
}

impl Shape {
    /// The number of input locations, `channels * height * width`.
    pub fn inputs(&self) -> usize {
        usize::from(self.channels)
            .saturating_mul(usize::from(self.height))
            .saturating_mul(usize::from(self.width))
    }

    /// Whether this is one row of one channel: a flat input, without a place on a sensor.
    pub fn is_flat(&self) -> bool {
        self.channels == 1 && self.height == 1
    }

    /// # Errors
    /// No input location, or more than [`MAX_INPUTS`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.inputs() {
            1..=MAX_INPUTS => Ok(()),
            inputs => Err(Error::ShapeSize { shape: *self, inputs }),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.channels, self.height, self.width)
    }
}

impl FromStr for Shape {
    type Err = Error;

    /// Reads `CxHxW` or `N`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::ShapeText { seen: text.into() };
        let sides = text.split('x').map(str::parse).collect::<Result<Vec<u16>, _>>().map_err(|_| wrong())?;
        let shape = match sides[..] {
            [width] => Shape { channels: 1, height: 1, width },
            [channels, height, width] => Shape { channels, height, width },
            _ => return Err(wrong()),
        };
        shape.check()?;
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_and_written() {
        let shape: Shape = "2x17x18".parse().unwrap();
        assert_eq!(shape, Shape { channels: 2, height: 17, width: 18 });
        assert_eq!((shape.to_string().as_str(), shape.inputs(), shape.is_flat()), ("2x17x18", 612, false));
        let flat: Shape = "784".parse().unwrap();
        assert_eq!((flat.to_string().as_str(), flat.inputs(), flat.is_flat()), ("1x1x784", 784, true));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "2x", "2x17", "1x2x3x4", "-1", "70000", "2 x 17 x 17", "axbxc"] {
            let message = text.parse::<Shape>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{text}`")) && message.contains("2x17x17"), "{message}");
        }
        for text in ["0", "2x0x17", "2x65535x65535"] {
            let message = text.parse::<Shape>().unwrap_err().to_string();
            assert!(message.contains("1 to 2097152"), "{message}");
        }
    }
}
