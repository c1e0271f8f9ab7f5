//! AEDAT 3.1 of cAER, the format of DVS128 Gesture: lines of text, then packets, the least significant byte
//! first.
//!
//! ```text
//! header   u16 type (1 = polarity), u16 source, u32 bytes an event, u32 offset of its time, u32 overflow of
//!          the time, u32 capacity, u32 events, u32 valid events
//! then     capacity events; of polarity: u32 (bit 0 valid, bit 1 on, y bits 16..2, x bits 31..17), u32 µs
//! ```
//!
//! The whole time is that of the event and 2^31 times the overflow.

use super::{Decode, Encode, Opened, records};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{
    Chunk, Damage, Fault, Faults, Format, Input, Options, Sensor, TextHeader, Unfit, field,
};

const HEADER_BYTES: usize = 28;
const EVENT_BYTES: usize = 8;

const SPECIAL: u16 = 0;
const POLARITY: u16 = 1;
const FRAME: u16 = 2;
const IMU_6: u16 = 3;
const IMU_9: u16 = 4;

/// Types of packets that libcaer knows.
const TYPES: u16 = 16;

/// The most bytes an event of any type has: a frame of a large sensor, in colour.
const MAX_EVENT_BYTES: u32 = 1 << 26;

/// The most events a packet has.
const MAX_EVENTS: u32 = 1 << 26;

/// The sensors that a header names.
const CAMERAS: [(&str, Sensor); 6] = [
    ("DVS128", Sensor { width: 128, height: 128 }),
    ("DAVIS128", Sensor { width: 128, height: 128 }),
    ("DAVIS208", Sensor { width: 208, height: 192 }),
    ("DAVIS240", Sensor { width: 240, height: 180 }),
    ("DAVIS346", Sensor { width: 346, height: 260 }),
    ("DAVIS640", Sensor { width: 640, height: 480 }),
];

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    const END: &str = "#!END-HEADER";
    let header = TextHeader::read(input, "#", END)?;
    if !header.lines().last().is_some_and(|line| line.starts_with(END)) {
        let damage = field("the header", "without an end", format!("a line {END} within 64 KiB"));
        return Err(Fault { offset: header.length() as u64, damage });
    }
    // The first source; a recording of several cameras names them all.
    let source = header.lines().iter().find_map(|line| line.strip_prefix("#Source ")?.split_once(": "));
    let named = source.and_then(|(_, name)| {
        let name = name.to_ascii_uppercase();
        CAMERAS.iter().find(|(camera, _)| name.starts_with(camera)).map(|&(_, sensor)| sensor)
    });
    let sensor = named.or(options.sensor);
    Ok((Box::new(Aedat31 { sensor, left: 0, overflow_us: 0 }), sensor))
}

struct Aedat31 {
    sensor: Option<Sensor>,
    /// Events that are left of the packet.
    left: u32,
    overflow_us: u64,
}

/// The header of a packet.
struct Packet {
    kind: u16,
    event_bytes: u32,
    overflow: u32,
    capacity: u32,
    number: u32,
}

impl Packet {
    /// Reads a header, or says what is wrong with it.
    fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Packet, Damage> {
        let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let u32_at = |at: usize| u32::from(u16_at(at)) | u32::from(u16_at(at + 2)) << 16;
        let packet = Packet {
            kind: u16_at(0),
            event_bytes: u32_at(4),
            overflow: u32_at(12),
            capacity: u32_at(16),
            number: u32_at(20),
        };
        if packet.kind >= TYPES {
            return Err(field("the type of a packet", packet.kind, "0 to 15"));
        }
        let is_polarity = packet.kind == POLARITY;
        if is_polarity && packet.event_bytes != EVENT_BYTES as u32 || packet.event_bytes > MAX_EVENT_BYTES {
            return Err(field(
                "the size of an event",
                packet.event_bytes,
                "8 bytes of polarity, or less than 64 MiB",
            ));
        }
        if is_polarity && u32_at(8) != 4 {
            return Err(field("the offset of an event's time", u32_at(8), "4 of polarity"));
        }
        if packet.capacity > MAX_EVENTS || packet.number > packet.capacity || u32_at(24) > packet.number {
            let seen =
                format!("capacity {}, {} events, {} valid", packet.capacity, packet.number, u32_at(24));
            let wanted = format!("{MAX_EVENTS} or fewer, as many or fewer, and again");
            return Err(field("the size of a packet", seen, wanted));
        }
        if packet.overflow > 1 << 16 {
            return Err(field("the overflow of the time", packet.overflow, "0 to 65536"));
        }
        Ok(packet)
    }
}

impl Decode for Aedat31 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        if self.left == 0 {
            return self.packet(input, faults);
        }
        let seen = input.fill(EVENT_BYTES).len();
        if seen < EVENT_BYTES {
            let offset = input.offset();
            input.consume(seen);
            let missing = std::mem::take(&mut self.left) as usize * EVENT_BYTES;
            return faults.cut(offset, "a packet", seen, missing).map(|()| false);
        }
        let (overflow_us, limit, left) = (self.overflow_us, self.left as usize, &mut self.left);
        records::scan::<EVENT_BYTES>(input, chunk, faults, self.sensor, limit, |record, _, faults| {
            *left -= 1;
            let [a, b, c, d, e, f, g, h] = *record;
            let data = u32::from_le_bytes([a, b, c, d]);
            if data & 1 == 0 {
                faults.skipped.invalid += 1;
                return Ok(None);
            }
            Ok(Some(Event {
                t_us: overflow_us + u64::from(u32::from_le_bytes([e, f, g, h])),
                x: (data >> 17) as u16,
                y: (data >> 2 & 0x7FFF) as u16,
                on: data & 2 != 0,
            }))
        })
    }
}

impl Aedat31 {
    /// Reads a packet's header, and passes over the packet if it is not of polarity.
    fn packet(&mut self, input: &mut Input, faults: &mut Faults) -> Result<bool, Fault> {
        let offset = input.offset();
        let bytes = input.fill(HEADER_BYTES);
        let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
            let seen = bytes.len();
            input.consume(seen);
            return if seen > 0 {
                faults.cut(offset, "a packet's header", seen, HEADER_BYTES).map(|()| false)
            } else {
                Ok(false)
            };
        };
        let packet = match Packet::parse(header) {
            Ok(packet) => packet,
            Err(damage) => {
                // The next place that reads as a header of polarity.
                let is_next = |bytes: &[u8; HEADER_BYTES]| {
                    Packet::parse(bytes).is_ok_and(|packet| packet.kind == POLARITY && packet.number > 0)
                };
                let next = bytes
                    .windows(HEADER_BYTES)
                    .skip(1)
                    .position(|window| window.first_chunk::<HEADER_BYTES>().is_some_and(is_next));
                let lost = next.map_or(bytes.len() - HEADER_BYTES + 1, |position| position + 1);
                input.consume(lost);
                return faults.bytes(offset, lost as u64, damage).map(|()| true);
            }
        };
        input.consume(HEADER_BYTES);
        if packet.kind == POLARITY {
            self.left = packet.capacity;
            self.overflow_us = u64::from(packet.overflow) << 31;
            return Ok(true);
        }
        let number = u64::from(packet.number);
        match packet.kind {
            SPECIAL => faults.skipped.triggers += number,
            FRAME => faults.skipped.frames += number,
            IMU_6 | IMU_9 => faults.skipped.imu += number,
            _ => faults.skipped.other += number,
        }
        let length = u64::from(packet.capacity) * u64::from(packet.event_bytes);
        let passed = input.skip(length);
        if passed < length {
            let damage = Damage::Cut { what: "a packet", seen: passed, wanted: length };
            faults.bytes(input.offset() - passed, passed, damage)?;
        }
        Ok(true)
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    let sensor = super::required(Format::Aedat31, sensor, 1 << 15)?;
    let camera = CAMERAS.iter().find(|(_, known)| *known == sensor);
    let Some((camera, _)) = camera else { return Err(Error::Camera { format: Format::Aedat31, sensor }) };
    let header = format!("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: {camera}\r\n#!END-HEADER\r\n");
    bytes.extend(header.bytes());
    Ok(Box::new(Encoder))
}

/// The most events that are written as a packet.
const PACKET_EVENTS: usize = 4096;

const OVERFLOW_BITS: u32 = 31;

struct Encoder;

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::fits(index, event, OVERFLOW_BITS + 16, 15, 15)?;
        }
        // A packet has one overflow.
        for run in events.chunk_by(|a, b| a.t_us >> OVERFLOW_BITS == b.t_us >> OVERFLOW_BITS) {
            for packet in run.chunks(PACKET_EVENTS) {
                let (overflow, count) = ((packet[0].t_us >> OVERFLOW_BITS) as u32, packet.len() as u32);
                bytes.extend(POLARITY.to_le_bytes());
                bytes.extend(1u16.to_le_bytes());
                for field in [EVENT_BYTES as u32, 4, overflow, count, count, count] {
                    bytes.extend(field.to_le_bytes());
                }
                for event in packet {
                    let place = u32::from(event.x) << 17 | u32::from(event.y) << 2;
                    bytes.extend((place | u32::from(event.on) << 1 | 1).to_le_bytes());
                    bytes.extend((event.t_us as u32 & 0x7FFF_FFFF).to_le_bytes());
                }
            }
        }
        Ok(())
    }
}
