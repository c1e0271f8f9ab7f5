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
use std::hint::select_unpredictable;

const OFF: u32 = 0x0;
const ON: u32 = 0x1;
const TIME_HIGH: u32 = 0x8;
const TRIGGER: u32 = 0xA;
const OTHERS: u32 = 0xE;
const CONTINUED: u32 = 0xF;

/// Bits of a time in all.
const TIME_BITS: u32 = 34;

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let header = TextHeader::read(input, "% ", "% end")?;
    let sensor = header.prophesee_sensor()?.or(options.sensor);
    Ok((Box::new(Evt2 { sensor, high: None, clock: Clock::new(TIME_BITS) }), sensor))
}

struct Evt2 {
    sensor: Option<Sensor>,
    /// The upper part of the time as it is in the file, and what it stands for in µs, once there was one.
    high: Option<(u32, u64)>,
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

impl Evt2 {
    /// Decodes words up to the first that is neither an event on the sensor nor a time that is a little later,
    /// without a branch that depends on which of them it is. Returns how many it decoded.
    fn frequent(&mut self, words: &[[u8; 4]], chunk: &mut Chunk) -> usize {
        let Some((mut high, mut high_us)) = self.high else { return 0 };
        let sensor = self.sensor.unwrap_or(Sensor { width: 0x800, height: 0x800 });
        let free = chunk.free();
        let words = &words[..words.len().min(free.len())];
        let (mut used, mut filled) = (0, 0);
        for word in words {
            let word = u32::from_le_bytes(*word);
            let event = event(word, high_us);
            let kind = word >> 28;
            let later = (word & 0x0FFF_FFFF).wrapping_sub(high);
            let is_event = (kind <= ON) & (event.x < sensor.width) & (event.y < sensor.height);
            let is_time = (kind == TIME_HIGH) & (later < 1 << 20);
            if !(is_event | is_time) {
                break;
            }
            let later = select_unpredictable(is_time, later, 0);
            high += later;
            high_us += u64::from(later) << 6;
            // Written for every word, kept for events.
            free[filled] = event;
            filled += usize::from(is_event);
            used += 1;
        }
        self.high = Some((high, high_us));
        self.clock.passed(u64::from(high) << 6);
        chunk.advance(filled);
        used
    }
}

/// Words that are looked at together, and the most that are decoded one by one before the next look.
const BLOCK: usize = 16;
const BLOCKS_APART: usize = 8;

/// How many words, a multiple of [`BLOCK`], are events one after the other.
fn run_of_events(words: &[[u8; 4]]) -> usize {
    let first_of_others = (ON + 1) << 28;
    let blocks = words.as_chunks::<BLOCK>().0.iter();
    let are_events = |block: &&[[u8; 4]; BLOCK]| {
        block.iter().map(|word| u32::from_le_bytes(*word)).fold(0, u32::max) < first_of_others
    };
    BLOCK * blocks.take_while(are_events).count()
}

impl Decode for Evt2 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        loop {
            let more = self.step(input, chunk, faults)?;
            if !more || chunk.room() < BLOCK || input.buffered() < 4 * BLOCK {
                return Ok(more);
            }
        }
    }
}

impl Evt2 {
    /// Decodes words of which it knows what they are: events one after the other, a mixture, or a rare one.
    fn step(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        let offset = input.offset();
        let words = input.fill(4).as_chunks::<4>().0;
        let run = run_of_events(&words[..words.len().min(chunk.room())]);
        if let (1.., Some((_, high_us))) = (run, self.high) {
            let from = chunk.len();
            let places = chunk.free().iter_mut().zip(&words[..run]);
            places.for_each(|(place, word)| *place = event(u32::from_le_bytes(*word), high_us));
            chunk.advance(run);
            input.consume(run * 4);
            chunk.check_sensor(from, self.sensor, faults, |index| offset + 4 * index as u64)?;
            return Ok(true);
        }
        let used = self.frequent(&words[..words.len().min(BLOCK * BLOCKS_APART)], chunk);
        input.consume(used * 4);
        if used > 0 {
            return Ok(true);
        }
        // One word of another kind, or the end.
        records::scan(input, chunk, faults, self.sensor, 1, |word, offset, faults| {
            let word = u32::from_le_bytes(*word);
            match (word >> 28, self.high) {
                (OFF | ON, Some((_, high_us))) => return Ok(Some(event(word, high_us))),
                (OFF | ON, None) => faults.skipped.untimed += 1,
                (TIME_HIGH, _) => {
                    let high = word & 0x0FFF_FFFF;
                    self.high = Some((high, self.clock.extend(u64::from(high) << 6)));
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
