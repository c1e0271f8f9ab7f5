//! From chunks of events to a file.

use super::{Format, Sensor};
use crate::error::Error;
use crate::formats::{self, Encode};
use crate::item::Event;
use std::io::Write;

/// Begins a recording of `format` in `out`; `name` stands in messages. The sensor is required by formats whose
/// header states it: all but `bin`, `bs3` and `csv`.
///
/// # Errors
/// No sensor, or one that the format cannot state.
pub fn create<W: Write>(
    name: &str,
    out: W,
    format: Format,
    sensor: Option<Sensor>,
) -> Result<Writer<W>, Error> {
    let mut bytes = Vec::new();
    let encoder = formats::encoder(format, sensor, &mut bytes)?;
    Ok(Writer { name: name.into(), format, out, encoder, bytes, written: 0 })
}

/// A recording that is being written. It must be [finished](Writer::finish).
pub struct Writer<W: Write> {
    name: String,
    format: Format,
    out: W,
    encoder: Box<dyn Encode>,
    bytes: Vec<u8>,
    written: u64,
}

/// An event that a format has no place for.
#[derive(Debug)]
pub(crate) struct Unfit {
    /// Its number in the slice that was to be encoded.
    pub(crate) index: usize,
    pub(crate) what: &'static str,
    pub(crate) seen: u64,
    pub(crate) wanted: String,
}

impl<W: Write> Writer<W> {
    /// Writes events.
    ///
    /// # Errors
    /// An event that the format cannot hold (a time or place beyond its bits, a time before the one that
    /// precedes it where times are differences); an `out` that fails. What was written is then incomplete.
    pub fn write(&mut self, events: &[Event]) -> Result<(), Error> {
        self.encoder.encode(events, &mut self.bytes).map_err(|unfit| Error::Unwritable {
            name: self.name.clone(),
            format: self.format,
            event: self.written + unfit.index as u64,
            what: unfit.what,
            seen: unfit.seen,
            wanted: unfit.wanted,
        })?;
        self.written += events.len() as u64;
        self.flush()
    }

    /// Writes what is still to be written and returns what it was written to.
    ///
    /// # Errors
    /// An `out` that fails.
    pub fn finish(mut self) -> Result<W, Error> {
        self.encoder.finish(&mut self.bytes);
        self.flush()?;
        self.out.flush().map_err(|cause| Error::CannotWrite { path: self.name.clone(), cause })?;
        Ok(self.out)
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = self.out.write_all(&self.bytes);
        self.bytes.clear();
        written.map_err(|cause| Error::CannotWrite { path: self.name.clone(), cause })
    }
}
