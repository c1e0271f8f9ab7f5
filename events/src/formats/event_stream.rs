//! Event Stream, `.es`: `Event Stream`, a version of three bytes, the type of its events and their sensor, then
//! events with the time since the one before.
//!
//! ```text
//! version 2   byte 15 type (1 DVS, 2 ATIS), 16..17 width, 18..19 height; from byte 20 on
//!   DVS         time 7..1, on 0      | x, 2 bytes | y, 2 bytes    FF: 127 µs pass    FE: padding
//!   ATIS        time 7..2, on 1, level 0 | x | y                  FD..FF: 63 µs pass 1 to 3 times    FC: padding
//! version 1   byte 14 type (0 DVS, 1 ATIS), no sensor; from byte 15 on three bytes an event, as one number
//!   DVS         on 23, y 22..14, x 13..4, time 3..0               nF: 15 µs pass n times
//!   ATIS        on 23, level 22, y 21..14, x 13..5, time 4..0     n × 32 + 31: 31 µs pass n times
//! ```
//!
//! The least significant byte comes first. Level events of an ATIS measure brightness: they are skipped. The
//! format counts rows from below; here they count from above. The sensor of an ATIS of version 1 is 304x240; a
//! DVS of version 1 must be given one, or its rows stay as they are.

use super::{Decode, Encode, Opened};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Damage, Fault, Faults, Format, Input, Options, Sensor, Unfit, field};

const MAGIC: &[u8; 12] = b"Event Stream";

const ATIS: Sensor = Sensor { width: 304, height: 240 };

/// How events are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Dvs2,
    Atis2,
    Dvs1,
    Atis1,
}

impl Layout {
    fn event_bytes(self) -> usize {
        match self {
            Layout::Dvs2 | Layout::Atis2 => 5,
            Layout::Dvs1 | Layout::Atis1 => 3,
        }
    }

    /// The µs that a byte lets pass, if it is no event's first. Padding lets none pass.
    #[inline(always)]
    fn pause(self, byte: u8) -> Option<u64> {
        match self {
            Layout::Dvs2 => (byte >= 0xFE).then_some(127 * u64::from(byte & 1)),
            Layout::Atis2 => (byte >= 0xFC).then_some(63 * u64::from(byte & 3)),
            Layout::Dvs1 => (byte & 0xF == 0xF).then_some(15 * u64::from(byte >> 4)),
            Layout::Atis1 => (byte & 0x1F == 0x1F).then_some(31 * u64::from(byte >> 5)),
        }
    }

    /// An event whose `t_us` is the time since the one before, and whether it is one of level.
    #[inline(always)]
    fn event(self, bytes: &[u8]) -> (Event, bool) {
        let first = bytes[0];
        if let Layout::Dvs2 | Layout::Atis2 = self {
            let (x, y) = (u16::from_le_bytes([bytes[1], bytes[2]]), u16::from_le_bytes([bytes[3], bytes[4]]));
            return match self {
                Layout::Dvs2 => (Event { t_us: u64::from(first >> 1), x, y, on: first & 1 == 1 }, false),
                _ => (Event { t_us: u64::from(first >> 2), x, y, on: first & 2 == 2 }, first & 1 == 1),
            };
        }
        let word = u32::from_le_bytes([first, bytes[1], bytes[2], 0]);
        let on = word >> 23 & 1 == 1;
        if let Layout::Dvs1 = self {
            let (x, y) = ((word >> 4 & 0x3FF) as u16, (word >> 14 & 0x1FF) as u16);
            return (Event { t_us: u64::from(word & 0xF), x, y, on }, false);
        }
        let (x, y) = ((word >> 5 & 0x1FF) as u16, (word >> 14 & 0xFF) as u16);
        (Event { t_us: u64::from(word & 0x1F), x, y, on }, word >> 22 & 1 == 1)
    }
}

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let start = input.fill(20);
    let cut = |wanted: u64| {
        let damage = Damage::Cut { what: "the header", seen: start.len() as u64, wanted };
        Err(Fault { offset: 0, damage })
    };
    if !start.starts_with(MAGIC) {
        let damage = field("the first word", "another", "`Event Stream`");
        return Err(Fault { offset: 0, damage });
    }
    let [major, kind_1, kind_2] = match start.get(12..16) {
        Some(&[major, _, kind_1, kind_2]) => [major, kind_1, kind_2],
        // The shortest file of version 1 has no event.
        _ if start.get(12) == Some(&1) && start.len() == 15 => [1, start[14], 0],
        _ => return cut(16),
    };
    let (layout, length) = match (major, kind_1, kind_2) {
        (1, 0, _) => (Layout::Dvs1, 15),
        (1, 1, _) => (Layout::Atis1, 15),
        (2, _, 1) => (Layout::Dvs2, 20),
        (2, _, 2) => (Layout::Atis2, 20),
        (1, kind, _) | (2, _, kind) => {
            let wanted = if major == 1 { "0 (DVS) or 1 (ATIS)" } else { "1 (DVS) or 2 (ATIS)" };
            let offset = if major == 1 { 14 } else { 15 };
            return Err(Fault { offset, damage: field("the type of its events", kind, wanted) });
        }
        _ => return Err(Fault { offset: 12, damage: field("the version", major, "1 or 2") }),
    };
    if start.len() < length {
        return cut(length as u64);
    }
    let mut sensor = match layout {
        Layout::Atis1 => Some(ATIS),
        _ => options.sensor,
    };
    if length == 20 {
        let side = |at: usize| u16::from_le_bytes([start[at], start[at + 1]]);
        let stated = Sensor { width: side(16), height: side(18) };
        if stated.width == 0 || stated.height == 0 {
            return Err(Fault { offset: 16, damage: field("the sensor", stated, "at least 1x1") });
        }
        sensor = Some(stated);
    }
    input.consume(length);
    Ok((Box::new(EventStream { layout, sensor, t_us: 0 }), sensor))
}

struct EventStream {
    layout: Layout,
    sensor: Option<Sensor>,
    t_us: u64,
}

impl Decode for EventStream {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        match self.layout {
            Layout::Dvs2 => self.decode_as(Layout::Dvs2, input, chunk, faults),
            layout => self.decode_as(layout, input, chunk, faults),
        }
    }
}

impl EventStream {
    /// Inlined with a constant layout where speed matters.
    #[inline(always)]
    fn decode_as(
        &mut self,
        layout: Layout,
        input: &mut Input,
        chunk: &mut Chunk,
        faults: &mut Faults,
    ) -> Result<bool, Fault> {
        let size = layout.event_bytes();
        let offset = input.offset();
        let bytes = input.fill(size);
        if bytes.is_empty() {
            return Ok(false);
        }
        let ended = bytes.len() < size;
        let sensor = self.sensor.unwrap_or(Sensor { width: u16::MAX, height: u16::MAX });
        // Rows are turned around, if it is known how many there are.
        let (top, sign) = self.sensor.map_or((0, 1), |sensor| (sensor.height - 1, u16::MAX));
        let free = chunk.free();
        let (mut used, mut filled, mut t_us) = (0, 0, self.t_us);
        let mut stopped = Ok(());
        while filled < free.len() && stopped.is_ok() {
            let rest = &bytes[used..];
            let Some(&first) = rest.first() else { break };
            if let Some(pause) = layout.pause(first) {
                t_us = t_us.saturating_add(pause);
                used += 1;
                continue;
            }
            if rest.len() < size {
                if ended {
                    stopped = faults.cut(offset + used as u64, "an event", rest.len(), size);
                    used = bytes.len();
                }
                break;
            }
            let (event, is_level) = layout.event(&rest[..size]);
            t_us = t_us.saturating_add(event.t_us);
            let event = Event { t_us, y: top.wrapping_add(event.y.wrapping_mul(sign)), ..event };
            if is_level {
                faults.skipped.frames += 1;
            } else if sensor.contains(event.x, event.y) {
                free[filled] = event;
                filled += 1;
            } else {
                let stored = Event { y: top.wrapping_add(event.y.wrapping_mul(sign)), ..event };
                stopped = faults.outside(offset + used as u64, &stored, sensor);
            }
            used += size;
        }
        self.t_us = t_us;
        chunk.advance(filled);
        input.consume(used);
        stopped.map(|()| true)
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    let Sensor { width, height } = super::required(Format::EventStream, sensor, u16::MAX)?;
    bytes.extend(MAGIC);
    bytes.extend([2, 0, 0, 1]);
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    Ok(Box::new(Encoder { t_us: 0, sensor: Sensor { width, height } }))
}

/// The longest time before the first event that is written: 127 µs take a byte.
const MAX_TIME_US: u64 = 1 << 36;

struct Encoder {
    t_us: u64,
    sensor: Sensor,
}

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::on_sensor(index, event, self.sensor)?;
            let pause = event.t_us.checked_sub(self.t_us).filter(|&pause| pause < MAX_TIME_US);
            let Some(pause) = pause else {
                let wanted = format!("from {} to {}", self.t_us, self.t_us.saturating_add(MAX_TIME_US));
                return Err(Unfit { index, what: "time in µs", seen: event.t_us, wanted });
            };
            bytes.resize(bytes.len() + (pause / 127) as usize, 0xFF);
            bytes.push(((pause % 127) << 1) as u8 | u8::from(event.on));
            bytes.extend(event.x.to_le_bytes());
            bytes.extend((self.sensor.height - 1 - event.y).to_le_bytes());
            self.t_us = event.t_us;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "event_stream_tests.rs"]
mod tests;
