//! The pack: recordings in columns, compressed with xz. The bundled recordings are kept in it.
//!
//! Lossless: events come back in order, to the microsecond. Numbers have their least significant byte first.
//! After decompression:
//!
//! ```text
//! magic             8 bytes  "EVPACK01"
//! width, height     u16 each, of the sensor
//! recordings        u32
//! labels            u16 a recording
//! indices           u32 a recording: its number in the data set that it comes from
//! events            u32 a recording
//! y                 u8 an event, all recordings one after the other
//! x                 u8 an event
//! polarity          1 bit an event, ON = 1, the first event in the lowest bit
//! Δt byte 0 .. 3    four columns of u8 an event: µs since the recording's event before it (first: since 0)
//! ```

use crate::bounded;
use crate::error::{Error, Place};
use crate::item::{Event, Recording};
use liblzma::read::XzDecoder;
use liblzma::stream::{Check, Filters, LzmaOptions, MatchFinder, Mode, Stream};
use liblzma::write::XzEncoder;
use std::io::Write;

const MAGIC: [u8; 8] = *b"EVPACK01";

/// The most bytes a pack may unpack to.
const MAX_BYTES: usize = 256 << 20;

/// The latest time that a pack holds.
const MAX_TIME_US: u64 = u32::MAX as u64;

/// A recording and its number in the data set that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 0; for N-MNIST the index of the MNIST image.
    pub index: u32,
    /// Its name is not kept: [`read`] names it `SOURCE/LABEL/INDEX+1.bin`, as N-MNIST names its files.
    pub recording: Recording,
}

/// Packs recordings of one sensor of at most 256×256 pixels.
///
/// # Errors
/// A recording that [`Recording::check`] refuses; another or a larger sensor; more than the pack may hold;
/// a compressor that fails.
pub fn write(entries: &[Entry]) -> Result<Vec<u8>, Error> {
    let (width, height) = entries.first().map_or((0, 0), |e| (e.recording.width, e.recording.height));
    for Entry { recording, .. } in entries {
        recording.check()?;
        if let Some(last) = recording.events.last().filter(|event| event.t_us > MAX_TIME_US) {
            return Err(Error::PackTime { name: recording.name.clone(), t_us: last.t_us });
        }
        if (recording.width, recording.height) != (width, height) || width.max(height) > 256 {
            let seen = (recording.width, recording.height);
            return Err(Error::PackSensor { name: recording.name.clone(), seen, wanted: (width, height) });
        }
    }
    let count: usize = entries.iter().map(|entry| entry.recording.events.len()).sum();
    if count.saturating_mul(7).saturating_add(entries.len().saturating_mul(10)) > MAX_BYTES - 64 {
        return Err(Error::TooLarge { name: "the pack".into(), limit: MAX_BYTES });
    }

    let mut bytes = MAGIC.to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend((entries.len() as u32).to_le_bytes());
    bytes.extend(entries.iter().flat_map(|entry| entry.recording.label.to_le_bytes()));
    bytes.extend(entries.iter().flat_map(|entry| entry.index.to_le_bytes()));
    bytes.extend(entries.iter().flat_map(|entry| (entry.recording.events.len() as u32).to_le_bytes()));
    let events = || entries.iter().flat_map(|entry| &entry.recording.events);
    bytes.extend(events().map(|event| event.y as u8));
    bytes.extend(events().map(|event| event.x as u8));
    let polarities = bytes.len();
    bytes.resize(polarities + count.div_ceil(8), 0);
    for (position, event) in events().enumerate() {
        bytes[polarities + position / 8] |= u8::from(event.on) << (position % 8);
    }
    for column in 0..4 {
        for Entry { recording, .. } in entries {
            let mut previous_us = 0;
            for event in &recording.events {
                bytes.push((event.t_us - previous_us).to_le_bytes()[column]);
                previous_us = event.t_us;
            }
        }
    }
    compress(&bytes).map_err(|cause| Error::Io { path: "the pack".into(), cause })
}

/// Columns of events hardly repeat: a larger dictionary or context bits gain under 1 % on N-MNIST.
fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut options = LzmaOptions::new_preset(9)?;
    options.dict_size(1 << 20).literal_context_bits(0).position_bits(0);
    options.mode(Mode::Normal).match_finder(MatchFinder::BinaryTree4).nice_len(273);
    let stream = Stream::new_stream_encoder(Filters::new().lzma2(&options), Check::Crc64)?;
    let mut encoder = XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Unpacks what [`write()`] made. `source` begins the recordings' names and stands in messages.
///
/// # Errors
/// Bytes that are not a pack, were cut or changed.
pub fn read(packed: &[u8], source: &str) -> Result<Vec<Entry>, Error> {
    let bytes = bounded::read_to_end(XzDecoder::new(packed), source, MAX_BYTES)?;
    let mut columns = Columns { source, rest: &bytes };
    if columns.take("magic", MAGIC.len())? != MAGIC {
        return Err(columns.damaged("it does not begin with EVPACK01"));
    }
    let (width, height) = (columns.u16("width")?, columns.u16("height")?);
    let recordings = columns.u32("recordings")? as usize;
    let labels = columns.take("labels", recordings.saturating_mul(2))?;
    let indices = columns.take("indices", recordings.saturating_mul(4))?;
    let counts: Vec<usize> = columns
        .take("events", recordings.saturating_mul(4))?
        .chunks_exact(4)
        .map(|count| u32_of(count) as usize)
        .collect();
    let total = counts.iter().fold(0usize, |sum, &count| sum.saturating_add(count));
    let y = columns.take("y", total)?;
    let x = columns.take("x", total)?;
    let polarities = columns.take("polarity", total.div_ceil(8))?;
    let mut time = [&[][..]; 4];
    for column in &mut time {
        *column = columns.take("Δt", total)?;
    }
    if !columns.rest.is_empty() {
        return Err(columns.damaged(&format!("{} bytes follow its last column", columns.rest.len())));
    }

    let mut entries = Vec::with_capacity(recordings);
    let mut start = 0;
    for ((label, index), count) in labels.chunks_exact(2).zip(indices.chunks_exact(4)).zip(counts) {
        let (label, index) = (u16_of(label), u32_of(index));
        let name = format!("{source}/{label}/{:05}.bin", u64::from(index) + 1);
        let mut recording =
            Recording { label, name, width, height, events: Vec::with_capacity(count), window_us: None };
        let mut t_us = 0;
        for (number, position) in (start..start + count).enumerate() {
            let gap_us = u32::from_le_bytes(time.map(|column| column[position]));
            let on = polarities[position / 8] >> (position % 8) & 1 == 1;
            let previous_us = t_us;
            t_us += u64::from(gap_us);
            if t_us > MAX_TIME_US {
                return Err(columns.damaged(&format!("a time of {} exceeds 32 bits", recording.name)));
            }
            let event = Event { t_us, x: x[position].into(), y: y[position].into(), on };
            recording.check_event(&event, previous_us, Place { event: number, byte: None })?;
            recording.events.push(event);
        }
        start += count;
        entries.push(Entry { index, recording });
    }
    Ok(entries)
}

/// The unpacked bytes, taken from front to back.
struct Columns<'a> {
    source: &'a str,
    rest: &'a [u8],
}

impl<'a> Columns<'a> {
    fn take(&mut self, column: &str, length: usize) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            let seen = self.rest.len();
            return Err(self.damaged(&format!("its column `{column}` has {seen} of {length} bytes")));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn u16(&mut self, column: &str) -> Result<u16, Error> {
        self.take(column, 2).map(u16_of)
    }

    fn u32(&mut self, column: &str) -> Result<u32, Error> {
        self.take(column, 4).map(u32_of)
    }

    fn damaged(&self, what: &str) -> Error {
        Error::Pack { source_name: self.source.into(), what: what.into() }
    }
}

fn u16_of(bytes: &[u8]) -> u16 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u16::from(byte))
}

fn u32_of(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
