//! EVT 2.1 of Prophesee: words of 64 bits after a text header; a word holds up to 32 events of a row.
//!
//! ```text
//! bits   63..60       59..54       53..43      42..32   31..0
//!        0 OFF, 1 ON  time 5..0    first x     y        a bit a pixel from x on
//!        8            time 33..6, µs (59..32)           unused
//!        A            external trigger
//!        E, F         other, continued
//! ```
//!
//! The least significant byte comes first; of an older camera the upper half of a word comes before the lower.

use super::clock::Clock;
use super::{Decode, Encode, Opened};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Format, Input, Options, Sensor, TextHeader, Unfit};

const OFF: u64 = 0x0;
const ON: u64 = 0x1;
const TIME_HIGH: u64 = 0x8;
const TRIGGER: u64 = 0xA;
const OTHERS: u64 = 0xE;
const CONTINUED: u64 = 0xF;

/// Bits of a time in all.
const TIME_BITS: u32 = 34;

/// Pixels a word.
const VECTOR: u16 = 32;

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let header = TextHeader::read(input, "% ", "% end")?;
    let sensor = header.prophesee_sensor()?.or(options.sensor);
    let said = header.format_field("endianness").or_else(|| header.value("endianness")).map(str::to_owned);
    let halves_swapped = match said.as_deref() {
        Some("little") => false,
        Some("legacy") => true,
        _ => looks_swapped(input.fill(8 * WORDS_TO_LOOK_AT)),
    };
    Ok((Box::new(Evt21 { sensor, halves_swapped, high: None, clock: Clock::new(TIME_BITS) }), sensor))
}

/// Always as many, however the bytes arrive.
const WORDS_TO_LOOK_AT: usize = 16;

/// Whether more words have a known type with their halves swapped.
fn looks_swapped(bytes: &[u8]) -> bool {
    let count = |swapped| {
        let known = |word: &&[u8; 8]| {
            matches!(number(word, swapped) >> 60, OFF | ON | TIME_HIGH | TRIGGER | OTHERS | CONTINUED)
        };
        bytes.as_chunks::<8>().0.iter().take(WORDS_TO_LOOK_AT).filter(known).count()
    };
    count(true) > count(false)
}

fn number(word: &[u8; 8], halves_swapped: bool) -> u64 {
    u64::from_le_bytes(*word).rotate_left(if halves_swapped { 32 } else { 0 })
}

struct Evt21 {
    sensor: Option<Sensor>,
    halves_swapped: bool,
    /// The time in µs without its lowest 6 bits, once there was a word of time.
    high: Option<u64>,
    clock: Clock,
}

impl Decode for Evt21 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        let seen = input.fill(8).len();
        let mut offset = input.offset();
        if seen < 8 {
            input.consume(seen);
            return if seen > 0 { faults.cut(offset, "a word", seen, 8).map(|()| false) } else { Ok(false) };
        }
        let mut used = 0;
        let mut stopped = Ok(());
        for word in input.fill(8).as_chunks::<8>().0 {
            if chunk.room() < usize::from(VECTOR) || stopped.is_err() {
                break;
            }
            let word = number(word, self.halves_swapped);
            match (word >> 60, self.high) {
                (OFF | ON, Some(high)) => stopped = self.vector(word, high, offset, chunk, faults),
                (OFF | ON, None) => faults.skipped.untimed += u64::from((word as u32).count_ones()),
                (TIME_HIGH, _) => {
                    self.high = Some(self.clock.extend((word >> 32 & 0x0FFF_FFFF) << 6));
                }
                (TRIGGER, _) => faults.skipped.triggers += 1,
                (OTHERS | CONTINUED, _) => faults.skipped.other += 1,
                (kind, _) => stopped = faults.bytes(offset, 8, super::word_type(kind as u32)),
            }
            used += 8;
            offset += 8;
        }
        input.consume(used);
        stopped.map(|()| true)
    }
}

impl Evt21 {
    fn vector(
        &self,
        word: u64,
        high: u64,
        offset: u64,
        chunk: &mut Chunk,
        faults: &mut Faults,
    ) -> Result<(), Fault> {
        let from = chunk.len();
        let mut pixels = word as u32;
        let first = Event {
            t_us: high | (word >> 54 & 0x3F),
            x: (word >> 43 & 0x7FF) as u16,
            y: (word >> 32 & 0x7FF) as u16,
            on: word >> 60 & 1 == 1,
        };
        while pixels != 0 {
            chunk.push(Event { x: first.x + pixels.trailing_zeros() as u16, ..first });
            pixels &= pixels - 1;
        }
        chunk.check_sensor(from, self.sensor, faults, |_| offset)
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    super::prophesee_header(Format::Evt21, "2.1\n% endianness little", sensor, 1 << 11, bytes)?;
    Ok(Box::new(Encoder { high: None }))
}

struct Encoder {
    high: Option<u64>,
}

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        let mut index = 0;
        while let Some(first) = events.get(index) {
            super::fits(index, first, TIME_BITS, 11, 11)?;
            let high = first.t_us >> 6;
            if self.high != Some(high) {
                bytes.extend((TIME_HIGH << 60 | high << 32).to_le_bytes());
                self.high = Some(high);
            }
            // Further events of the row and of the time, from left to right, share its word.
            let base = first.x / VECTOR * VECTOR;
            let mut pixels = 0u32;
            while let Some(event) = events.get(index) {
                let column = event.x.wrapping_sub(base);
                let same = (event.t_us, event.y, event.on) == (first.t_us, first.y, first.on);
                if !same || column >= VECTOR || pixels >> column > 0 {
                    break;
                }
                pixels |= 1 << column;
                index += 1;
            }
            let kind = if first.on { ON } else { OFF };
            let place = (first.t_us & 0x3F) << 54 | u64::from(base) << 43 | u64::from(first.y) << 32;
            bytes.extend((kind << 60 | place | u64::from(pixels)).to_le_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "evt21_tests.rs"]
mod tests;
