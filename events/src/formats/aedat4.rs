//! AEDAT 4 of DV: a line of text, a header, then packets of events, frames, inertial samples and triggers.
//! Header and packets are flatbuffers preceded by their size; packets are compressed.
//!
//! ```text
//! #!AER-DAT4.0 CR LF
//! header   "IOHE": compression, position of the table of packets at the end, description of the streams (XML)
//! packets  i32 stream, i32 bytes, then as many: LZ4 or Zstandard of
//!          "EVTS": a vector of i64 time in µs, i16 x, i16 y, u8 on, 3 bytes of padding
//! ```
//!
//! Of several streams of events the first is read. The least significant byte comes first.

use super::flatbuffer::{self, Field, Table};
use super::{Decode, Encode, Opened};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Damage, Fault, Faults, Format, Input, Options, Sensor, Unfit, field};
use std::collections::BTreeMap;
use std::io::Read;

const MAGIC: &[u8; 14] = b"#!AER-DAT4.0\r\n";

/// The most bytes of the header, and of a packet, compressed or not.
const MAX_HEADER: usize = 4 << 20;
const MAX_PACKET: usize = 64 << 20;

const PACKET_HEADER_BYTES: usize = 8;
const EVENT_BYTES: usize = 16;

/// The largest window that a Zstandard stream may ask for, as a power of two: 32 MiB.
const MAX_ZSTD_WINDOW: u32 = 25;

/// How packets are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Lz4,
    Zstd,
}

impl Compression {
    /// As the header numbers it: LZ4 and Zstandard each have a second number for a higher level.
    fn from_number(number: i32) -> Option<Self> {
        match number {
            0 => Some(Compression::None),
            1 | 2 => Some(Compression::Lz4),
            3 | 4 => Some(Compression::Zstd),
            _ => None,
        }
    }

    fn number(self) -> i32 {
        match self {
            Compression::None => 0,
            Compression::Lz4 => 1,
            Compression::Zstd => 3,
        }
    }

    /// What a compressed packet begins with.
    fn mark(self) -> &'static [u8] {
        match self {
            Compression::None => &[],
            Compression::Lz4 => &[0x04, 0x22, 0x4D, 0x18],
            Compression::Zstd => &[0x28, 0xB5, 0x2F, 0xFD],
        }
    }

    fn unpack(self, packed: &mut Vec<u8>, unpacked: &mut Vec<u8>) -> Result<(), Damage> {
        unpacked.clear();
        let limit = MAX_PACKET as u64 + 1;
        let read = match self {
            Compression::None => {
                std::mem::swap(packed, unpacked);
                Ok(0)
            }
            Compression::Lz4 => {
                lz4_flex::frame::FrameDecoder::new(&packed[..]).take(limit).read_to_end(unpacked)
            }
            Compression::Zstd => zstd::Decoder::with_buffer(&packed[..]).and_then(|mut decoder| {
                decoder.window_log_max(MAX_ZSTD_WINDOW)?;
                decoder.take(limit).read_to_end(unpacked)
            }),
        };
        read.map_err(|error| Damage::Compressed { cause: error.to_string() })?;
        if unpacked.len() > MAX_PACKET {
            return Err(field("an unpacked packet", "larger", format!("{MAX_PACKET} bytes at most")));
        }
        Ok(())
    }
}

/// What a stream of packets holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Events,
    Frames,
    Imu,
    Triggers,
    Other,
}

impl Kind {
    fn from_identifier(identifier: &[u8]) -> Self {
        match identifier {
            b"EVTS" => Kind::Events,
            b"FRME" => Kind::Frames,
            b"IMUS" => Kind::Imu,
            b"TRIG" => Kind::Triggers,
            _ => Kind::Other,
        }
    }

    fn count(self, faults: &mut Faults) {
        match self {
            Kind::Frames => faults.skipped.frames += 1,
            Kind::Imu => faults.skipped.imu += 1,
            Kind::Triggers => faults.skipped.triggers += 1,
            Kind::Events | Kind::Other => faults.skipped.other += 1,
        }
    }
}

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let start = input.fill(MAGIC.len() + 4);
    let fault = |offset, damage| Err(Fault { offset, damage });
    if !start.starts_with(MAGIC) {
        return fault(0, field("the first line", "another", "#!AER-DAT4.0"));
    }
    let Some(size) = start.get(MAGIC.len()..).and_then(|rest| rest.first_chunk::<4>()).copied() else {
        let damage = Damage::Cut { what: "the header", seen: start.len() as u64, wanted: 18 };
        return fault(0, damage);
    };
    let (offset, size) = (MAGIC.len() as u64, u32::from_le_bytes(size) as usize);
    if size > MAX_HEADER {
        return fault(offset, field("the size of the header", size, format!("{MAX_HEADER} bytes at most")));
    }
    input.consume(MAGIC.len() + 4);
    let mut bytes = Vec::new();
    input.take(size, &mut bytes);
    if bytes.len() < size {
        let damage = Damage::Cut { what: "the header", seen: bytes.len() as u64, wanted: size as u64 };
        return fault(offset, damage);
    }
    let header = flatbuffer::identifier(&bytes).filter(|name| name == b"IOHE").and(Table::root(&bytes));
    let Some(header) = header else {
        return fault(offset, field("the header", "no flatbuffer", "a flatbuffer of type IOHE"));
    };
    let number = header.i32(0).unwrap_or(0);
    let Some(compression) = Compression::from_number(number) else {
        return fault(offset, field("the compression", number, "0 to 4 (none, LZ4, Zstandard)"));
    };
    let end =
        header.i64(1).and_then(|position| u64::try_from(position).ok()).filter(|&position| position > 0);
    let streams = header.string(2).map(streams).unwrap_or_default();
    let events = streams.iter().find(|(_, stream)| stream.kind == Kind::Events);
    let stated = events.and_then(|(_, stream)| stream.sensor);
    let sensor = stated.or(options.sensor);
    let stream = events.map(|(id, _)| *id);
    let aedat4 = Aedat4 { compression, end, streams, stream, sensor, ..Aedat4::default() };
    Ok((Box::new(aedat4), sensor))
}

/// What the header says of a stream.
struct Stream {
    kind: Kind,
    sensor: Option<Sensor>,
}

/// The streams that the header's XML describes: nodes named by their numbers.
fn streams(xml: &str) -> BTreeMap<i32, Stream> {
    let Ok(document) = roxmltree::Document::parse(xml) else { return BTreeMap::new() };
    let attribute = |node: roxmltree::Node, key: &str| {
        let found = node.children().find(|child| child.attribute("key") == Some(key))?;
        found.text().map(str::to_owned)
    };
    let stream = |node: roxmltree::Node| {
        let number = node.attribute("name")?.parse().ok()?;
        let kind = Kind::from_identifier(attribute(node, "typeIdentifier")?.as_bytes());
        let info = node.children().find(|child| child.attribute("name") == Some("info"));
        let side = |key| info.and_then(|info| attribute(info, key)?.parse().ok()).filter(|&side| side > 0);
        let sensor = side("sizeX").zip(side("sizeY")).map(|(width, height)| Sensor { width, height });
        Some((number, Stream { kind, sensor }))
    };
    document.descendants().filter_map(stream).collect()
}

struct Aedat4 {
    compression: Compression,
    /// Where the packets end and the table of them begins.
    end: Option<u64>,
    streams: BTreeMap<i32, Stream>,
    /// The stream of events, once it is known.
    stream: Option<i32>,
    sensor: Option<Sensor>,
    packed: Vec<u8>,
    unpacked: Vec<u8>,
    /// The events of the packet that are still to be handed out: from where to where in `unpacked`.
    events: std::ops::Range<usize>,
    /// Where the packet began in the file.
    packet_offset: u64,
}

impl Default for Aedat4 {
    fn default() -> Self {
        Aedat4 {
            compression: Compression::None,
            end: None,
            streams: BTreeMap::new(),
            stream: None,
            sensor: None,
            packed: Vec::new(),
            unpacked: Vec::new(),
            events: 0..0,
            packet_offset: 0,
        }
    }
}

impl Decode for Aedat4 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        if self.events.is_empty() {
            return self.packet(input, faults);
        }
        let (from, offset) = (chunk.len(), self.packet_offset);
        let records = self.unpacked[self.events.clone()].as_chunks::<EVENT_BYTES>().0;
        let mut negative = false;
        let places = chunk.free().iter_mut().zip(records);
        let count = places.len();
        for (place, record) in places {
            let [a, b, c, d, e, f, g, h, x0, x1, y0, y1, on, ..] = *record;
            let t_us = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            negative |= t_us >> 63 == 1;
            let (x, y) = (u16::from_le_bytes([x0, x1]), u16::from_le_bytes([y0, y1]));
            *place = Event { t_us, x, y, on: on != 0 };
        }
        chunk.advance(count);
        self.events.start += count * EVENT_BYTES;
        let mut stopped = Ok(());
        if negative {
            // A time before 1970 is as good as none.
            let damage = field("the time of an event", "negative", "0 or more");
            let report = |_, _: &Event| faults.events(offset, 1, damage.clone());
            stopped = chunk.retain(from, |event| event.t_us >> 63 == 0, report);
        }
        // An event outside the sensor lies before the one that stopped it.
        chunk.check_sensor(from, self.sensor, faults, |_| offset)?;
        stopped.map(|()| true)
    }
}

impl Aedat4 {
    /// Reads the next packet; one without events is passed over.
    fn packet(&mut self, input: &mut Input, faults: &mut Faults) -> Result<bool, Fault> {
        let offset = input.offset();
        if self.end.is_some_and(|end| offset >= end) {
            return Ok(false);
        }
        let bytes = input.fill(PACKET_HEADER_BYTES);
        let Some((id, size)) = header(bytes) else {
            let seen = bytes.len();
            input.consume(seen);
            return if seen > 0 {
                faults.cut(offset, "a packet's header", seen, PACKET_HEADER_BYTES).map(|()| false)
            } else {
                Ok(false)
            };
        };
        let Some(size) = size else {
            let damage =
                field("the size of a packet", format!("{:?}", &bytes[4..8]), "0 to 64 MiB, from 4 bytes");
            let lost = self.resume(bytes);
            input.consume(lost);
            return faults.bytes(offset, lost as u64, damage).map(|()| true);
        };
        input.consume(PACKET_HEADER_BYTES);
        let kind = self.streams.get(&id).map(|stream| stream.kind);
        let known = kind.filter(|&kind| kind != Kind::Events || self.stream != Some(id));
        if let Some(kind) = known {
            kind.count(faults);
            let passed = input.skip(size as u64);
            return if passed < size as u64 {
                faults.cut(offset, "a packet", passed as usize, size).map(|()| false)
            } else {
                Ok(true)
            };
        }
        input.take(size, &mut self.packed);
        if self.packed.len() < size {
            return faults.cut(offset, "a packet", self.packed.len(), size).map(|()| false);
        }
        self.packet_offset = offset;
        match self.events(id) {
            Ok(Some(kind)) => kind.count(faults),
            Ok(None) => {}
            Err(damage) => faults.bytes(offset, size as u64, damage)?,
        }
        Ok(true)
    }

    /// Unpacks a packet and finds its events. What it holds else, if it holds none.
    fn events(&mut self, id: i32) -> Result<Option<Kind>, Damage> {
        self.compression.unpack(&mut self.packed, &mut self.unpacked)?;
        let wanted = "a flatbuffer of its own size";
        let size = self.unpacked.first_chunk().map(|size| u32::from_le_bytes(*size) as usize);
        let Some(buffer) = self.unpacked.get(4..).filter(|buffer| size == Some(buffer.len())) else {
            return Err(field("a packet", "of another size", wanted));
        };
        let kind = Kind::from_identifier(&flatbuffer::identifier(buffer).unwrap_or_default());
        let first = *self.stream.get_or_insert(id);
        if kind != Kind::Events || first != id {
            if first == id && !self.streams.contains_key(&id) {
                self.stream = None;
            }
            return Ok(Some(kind));
        }
        let Some(table) = Table::root(buffer) else { return Err(field("a packet", "no flatbuffer", wanted)) };
        // A packet without events has no vector.
        if let Some((start, length)) = table.vector(0, EVENT_BYTES) {
            self.events = 4 + start..4 + start + length;
        }
        Ok(None)
    }

    /// How many bytes to pass over to the next that begin like a packet.
    fn resume(&self, bytes: &[u8]) -> usize {
        let mark = self.compression.mark();
        let begins = |position: &usize| {
            let rest = &bytes[*position..];
            let plausible = header(rest).is_some_and(|(id, size)| {
                size.is_some() && (self.streams.is_empty() || self.streams.contains_key(&id))
            });
            plausible && rest[PACKET_HEADER_BYTES..].starts_with(mark)
        };
        (1..bytes.len()).find(begins).unwrap_or_else(|| bytes.len().saturating_sub(16).max(1))
    }
}

/// A packet's stream and size; the size is None if no packet has it.
fn header(bytes: &[u8]) -> Option<(i32, Option<usize>)> {
    let &[a, b, c, d, e, f, g, h] = bytes.first_chunk::<PACKET_HEADER_BYTES>()?;
    let size = usize::try_from(i32::from_le_bytes([e, f, g, h])).ok();
    Some((i32::from_le_bytes([a, b, c, d]), size.filter(|&size| size <= MAX_PACKET)))
}

#[path = "aedat4_write.rs"]
mod write;
pub(super) use write::encoder;

#[cfg(test)]
#[path = "aedat4_tests.rs"]
mod tests;
