//! Recordings of event cameras as streams: any format in, chunks of events out.
//!
//! [`open`] recognises a file by its content and returns a [`Reader`], which decodes a chunk at a time: its
//! memory is the same for a kilobyte and for a terabyte. What is no event (frames, IMU samples, triggers) is
//! skipped and counted in the [`Report`]; so is, in [`Mode::Lenient`], what is damaged.
//!
//! ```
//! use events::recording::{self, Format, Options};
//!
//! let text = b"t,x,y,on\n10,3,4,1\n25,3,5,0\n";
//! let mut reader = recording::from_reader("two.csv", &text[..], &Options::default())?;
//! assert_eq!(reader.header().format, Format::Csv);
//! let mut last_us = 0;
//! loop {
//!     let events = reader.next_chunk()?;
//!     let Some(last) = events.last() else { break };
//!     last_us = last.t_us;
//! }
//! assert_eq!((last_us, reader.report().events), (25, 2));
//! # Ok::<(), events::Error>(())
//! ```

mod chunk;
mod detect;
mod input;
mod reader;
mod report;
mod summary;
mod text_header;
mod writer;

pub use chunk::CHUNK_EVENTS;
pub use reader::{Reader, from_reader, open};
pub use report::{Damage, Loss, Report, Skipped};
pub use summary::{PEAK_WINDOW_US, SensorFrom, Step, Summary, Tally};
pub use writer::{Writer, create};

pub(crate) use chunk::Chunk;
pub(crate) use input::Input;
pub(crate) use report::{Fault, Faults, field};
pub(crate) use text_header::TextHeader;
pub(crate) use writer::Unfit;

use crate::error::Error;
use std::fmt;
use std::str::FromStr;

/// The pixels of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sensor {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Sensor {
    /// Whether there is such a pixel.
    pub fn contains(self, x: u16, y: u16) -> bool {
        x < self.width && y < self.height
    }
}

impl fmt::Display for Sensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// What to do about damage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The first damage is an error, after the events before it have been handed out.
    #[default]
    Strict,
    /// Everything that can be decoded is; what is lost is counted in [`Report::loss`].
    Lenient,
}

/// How to read a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// What to do about damage.
    pub mode: Mode,
    /// The format, if it is known: then the content is not asked which it is.
    pub format: Option<Format>,
    /// The sensor, if the file does not say; what the file says counts more.
    pub sensor: Option<Sensor>,
}

/// What a recording says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The format that was recognised.
    pub format: Format,
    /// Whether it is wrapped in gzip. Byte offsets are then those of the unpacked content.
    pub gzip: bool,
    /// The sensor, as the file or [`Options::sensor`] says: every event lies on it.
    pub sensor: Option<Sensor>,
}

/// A format of event-camera recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// AEDAT 2.0 of jAER, DVS128 or DAVIS addresses.
    Aedat2,
    /// AEDAT 3.1 of cAER, as DVS128 Gesture comes.
    Aedat31,
    /// AEDAT 4 of DV.
    Aedat4,
    /// Prophesee EVT 2.0.
    Evt2,
    /// Prophesee EVT 2.1.
    Evt21,
    /// Prophesee EVT 3.0.
    Evt3,
    /// Prophesee DAT, versions 1 and 2; N-CARS.
    Dat,
    /// Event Stream, `.es`.
    EventStream,
    /// N-MNIST and N-Caltech101 `.bin`; SLAYER `.bs2`.
    Bin,
    /// SLAYER `.bs3`.
    Bs3,
    /// Text, one event a line.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 11] = [
        Format::Aedat2,
        Format::Aedat31,
        Format::Aedat4,
        Format::Evt2,
        Format::Evt21,
        Format::Evt3,
        Format::Dat,
        Format::EventStream,
        Format::Bin,
        Format::Bs3,
        Format::Csv,
    ];

    /// The word for it on a command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Format::Aedat2 => "aedat2",
            Format::Aedat31 => "aedat3.1",
            Format::Aedat4 => "aedat4",
            Format::Evt2 => "evt2",
            Format::Evt21 => "evt2.1",
            Format::Evt3 => "evt3",
            Format::Dat => "dat",
            Format::EventStream => "es",
            Format::Bin => "bin",
            Format::Bs3 => "bs3",
            Format::Csv => "csv",
        }
    }

    /// The format that a file name's extension stands for. None of those of several formats, `raw` and `aedat`,
    /// and of others.
    pub fn of_extension(extension: &str) -> Option<Format> {
        match extension.to_ascii_lowercase().as_str() {
            "bs2" => Some(Format::Bin),
            "txt" => Some(Format::Csv),
            name => Format::ALL.into_iter().find(|format| format.name() == name),
        }
    }
}

impl FromStr for Sensor {
    type Err = Error;

    /// Reads width and height, such as `128x128`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let sides = text.split_once('x').and_then(|(width, height)| {
            let side = |text: &str| text.parse().ok().filter(|side| *side > 0u16);
            Some(Sensor { width: side(width)?, height: side(height)? })
        });
        sides.ok_or_else(|| Error::SensorText { seen: text.into() })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for Format {
    /// Writes its [`name`](Format::name).
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads a format's [`name`](Format::name).
    fn from_str(text: &str) -> Result<Self, Error> {
        Format::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| Error::FormatText { seen: text.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_of_one_format_name_it() {
        for (extension, format) in [
            ("bin", Format::Bin),
            ("BS2", Format::Bin),
            ("bs3", Format::Bs3),
            ("csv", Format::Csv),
            ("aedat4", Format::Aedat4),
            ("es", Format::EventStream),
        ] {
            assert_eq!(Format::of_extension(extension), Some(format));
        }
        assert_eq!(["raw", "aedat", "gz", ""].map(Format::of_extension), [None; 4]);
    }

    #[test]
    fn sensors_are_read_and_written() {
        let sensor: Sensor = "346x260".parse().unwrap();
        assert_eq!((sensor.width, sensor.height, sensor.to_string().as_str()), (346, 260, "346x260"));
        for text in ["", "128", "0x5", "5x0", "1x2x3", "70000x1"] {
            let message = text.parse::<Sensor>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{text}`")) && message.contains("128x128"), "{message}");
        }
    }
}
