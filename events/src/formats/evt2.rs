//! EVT 2.0 of Prophesee: words of 32 bits, the least significant byte first, after a text header.
//!
//! ```text
//! bits   31..28       27..22        21..11   10..0
//!        0 OFF, 1 ON  time 5..0     x        y
//!        8            time 33..6, µs
//!        A            external trigger
//!        E, F         other, continued
//! ```

use super::clock::Clock;
use super::{Decode, Encode, Opened, records};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Format, Input, Options, Sensor, TextHeader, Unfit};

const OFF: u32 = 0x0;
const ON: u32 = 0x1;
const TIME_HIGH: u32 = 0x8;
const TRIGGER: u32 = 0xA;
const OTHERS: u32 = 0xE;
const CONTINUED: u32 = 0xF;

/// Bits of a time in all.
const TIME_BITS: u32 = 34;

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let header = TextHeader::peek(input, "% ", "% end");
    let sensor = header.prophesee_sensor()?.or(options.sensor);
    input.consume(header.length());
    Ok((Box::new(Evt2 { sensor, high: None, clock: Clock::new(TIME_BITS) }), sensor))
}

struct Evt2 {
    sensor: Option<Sensor>,
    /// The time in µs without its lowest 6 bits, once there was a word of time.
    high: Option<u64>,
    clock: Clock,
}

/// An event's place and the low bits of its time.
fn event(word: u32, high: u64) -> Event {
    Event {
        t_us: high | u64::from(word >> 22 & 0x3F),
        x: (word >> 11 & 0x7FF) as u16,
        y: (word & 0x7FF) as u16,
        on: word >> 28 & 1 == 1,
    }
}

impl Decode for Evt2 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        records::scan(input, chunk, faults, self.sensor, usize::MAX, |word, offset, faults| {
            let word = u32::from_le_bytes(*word);
            match (word >> 28, self.high) {
                (OFF | ON, Some(high)) => return Ok(Some(event(word, high))),
                (OFF | ON, None) => faults.skipped.untimed += 1,
                (TIME_HIGH, _) => {
                    self.high = Some(self.clock.extend(u64::from(word & 0x0FFF_FFFF) << 6));
                }
                (TRIGGER, _) => faults.skipped.triggers += 1,
                (OTHERS | CONTINUED, _) => faults.skipped.other += 1,
                (kind, _) => faults.bytes(offset, 4, super::word_type(kind))?,
            }
            Ok(None)
        })
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    super::prophesee_header(Format::Evt2, "2.0", sensor, 1 << 11, bytes)?;
    Ok(Box::new(Encoder { high: None }))
}

struct Encoder {
    high: Option<u64>,
}

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::fits(index, event, TIME_BITS, 11, 11)?;
            let high = event.t_us >> 6;
            if self.high != Some(high) {
                bytes.extend((TIME_HIGH << 28 | high as u32).to_le_bytes());
                self.high = Some(high);
            }
            let low = (event.t_us & 0x3F) as u32;
            let word = u32::from(event.on) << 28 | low << 22 | u32::from(event.x) << 11 | u32::from(event.y);
            bytes.extend(word.to_le_bytes());
        }
        Ok(())
    }
}
