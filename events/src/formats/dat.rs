//! DAT of Prophesee, and so N-CARS: text header, one byte each of event type and size, then eight bytes an
//! event, the least significant byte first.
//!
//! ```text
//! bytes 0..3   time, µs
//! bytes 4..7   version 2: x bits 13..0, y 27..14, on 28
//!              version 1: x bits  8..0, y 16..9,  on 17
//! ```

use super::clock::Clock;
use super::{Decode, Encode, Opened, records};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{
    Chunk, Damage, Fault, Faults, Format, Input, Options, Sensor, TextHeader, Unfit, field,
};

/// Types of events that are changes of brightness: two-dimensional of any kind, and contrast detection.
const TYPES: [u8; 2] = [0x00, 0x0C];

/// Bytes an event.
const EVENT_BYTES: usize = 8;

const TIME_BITS: u32 = 32;

/// Where a version keeps what in the second word.
#[derive(Clone, Copy)]
struct Layout {
    x_bits: u32,
    y_bits: u32,
}

const VERSION_1: Layout = Layout { x_bits: 9, y_bits: 8 };
const VERSION_2: Layout = Layout { x_bits: 14, y_bits: 14 };

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let header = TextHeader::read(input, "% ", "% end")?;
    let sensor = header.prophesee_sensor()?.or(options.sensor);
    let layout = match header.value("version") {
        None | Some("0" | "1") => VERSION_1,
        Some("2") => VERSION_2,
        Some(seen) => {
            let damage = field("the header's version", format!("`{seen}`"), "0, 1 or 2");
            return Err(Fault { offset: 0, damage });
        }
    };
    let offset = input.offset();
    let &[kind, size, ..] = input.fill(2) else {
        let damage = Damage::Cut { what: "the type of event", seen: input.fill(2).len() as u64, wanted: 2 };
        return Err(Fault { offset, damage });
    };
    if !TYPES.contains(&kind) || usize::from(size) != EVENT_BYTES {
        let seen = format!("0x{kind:02X} with {size} bytes");
        let damage = field("the type of event", seen, "0x00 or 0x0C with 8 bytes, changes of brightness");
        return Err(Fault { offset, damage });
    }
    input.consume(2);
    Ok((Box::new(Dat { sensor, layout, clock: Clock::new(TIME_BITS) }), sensor))
}

struct Dat {
    sensor: Option<Sensor>,
    layout: Layout,
    clock: Clock,
}

fn event(record: &[u8; EVENT_BYTES], Layout { x_bits, y_bits }: Layout) -> Event {
    let [a, b, c, d, e, f, g, h] = *record;
    let word = u32::from_le_bytes([e, f, g, h]);
    Event {
        t_us: u32::from_le_bytes([a, b, c, d]).into(),
        x: (word & ((1 << x_bits) - 1)) as u16,
        y: (word >> x_bits & ((1 << y_bits) - 1)) as u16,
        on: word >> (x_bits + y_bits) & 1 == 1,
    }
}

impl Decode for Dat {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        let layout = self.layout;
        let extend = |events: &mut [Event]| self.clock.extend_all(events);
        records::decode(input, chunk, faults, self.sensor, |record| event(record, layout), extend)
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    let Sensor { width, height } = super::required(Format::Dat, sensor, 1 << 14)?;
    let header =
        format!("% Data file containing CD events\n% Version 2\n% Width {width}\n% Height {height}\n");
    bytes.extend(header.bytes());
    bytes.extend([TYPES[1], EVENT_BYTES as u8]);
    Ok(Box::new(Encoder))
}

struct Encoder;

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::fits(index, event, TIME_BITS, VERSION_2.x_bits, VERSION_2.y_bits)?;
            bytes.extend((event.t_us as u32).to_le_bytes());
            let word = u32::from(event.on) << 28 | u32::from(event.y) << 14 | u32::from(event.x);
            bytes.extend(word.to_le_bytes());
        }
        Ok(())
    }
}
