//! EVT 3.0 of Prophesee: words of 16 bits, the least significant byte first, after a text header. Each changes
//! a part of the decoder's state; those marked * are events.
//!
//! ```text
//! bits 15..12                  11        10..0
//!      0   row                 camera    y
//!      2 * column              on        x
//!      3   first column        on        x
//!      4 * 12 columns from it, a bit each; they move it on by 12
//!      5 * 8 columns, likewise
//!      6   time 11..0, µs
//!      8   time 23..12
//!      A   external trigger
//!      7, E, F  continued, other
//! ```
//!
//! The time wraps every 16.8 s and is continued. A new upper half of it sets the lower to 0.

use super::clock::Clock;
use super::{Decode, Encode, Opened};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Format, Input, Options, Sensor, TextHeader, Unfit};
use std::hint::select_unpredictable;

const ADDR_Y: u16 = 0x0;
const ADDR_X: u16 = 0x2;
const VECT_BASE_X: u16 = 0x3;
const VECT_12: u16 = 0x4;
const VECT_8: u16 = 0x5;
const TIME_LOW: u16 = 0x6;
const CONTINUED_4: u16 = 0x7;
const TIME_HIGH: u16 = 0x8;
const TRIGGER: u16 = 0xA;
const OTHERS: u16 = 0xE;
const CONTINUED_12: u16 = 0xF;

/// Bits of a time in the file.
const TIME_BITS: u32 = 24;

/// The most events a word holds.
const MAX_VECTOR: usize = 12;

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let header = TextHeader::read(input, "% ", "% end")?;
    let sensor = header.prophesee_sensor()?.or(options.sensor);
    Ok((Box::new(Evt3::new(sensor)), sensor))
}

struct Evt3 {
    sensor: Option<Sensor>,
    /// By type of word.
    kinds: [Kind; 16],
    clock: Clock,
    /// The upper half of the time as it is in the file, and what it stands for in µs.
    high: Option<(u16, u64)>,
    low: u16,
    y: Option<u16>,
    base_x: u16,
    base_on: bool,
}

/// What is done about a type of word: its value is `(word ^ flip) & mask`, and from `limit` on
/// [`Evt3::seldom`] has to look at it. Rows, columns, lower halves of times, an upper half that is the same as
/// before and what is passed over stay below.
#[derive(Clone, Copy, Default)]
struct Kind {
    flip: u16,
    mask: u16,
    limit: u16,
    is_skipped: bool,
}

impl Evt3 {
    fn new(sensor: Option<Sensor>) -> Self {
        let mut evt3 = Evt3 {
            sensor,
            kinds: [Kind::default(); 16],
            clock: Clock::new(TIME_BITS),
            high: None,
            low: 0,
            y: None,
            base_x: 0,
            base_on: false,
        };
        for kind in [CONTINUED_4, OTHERS, CONTINUED_12] {
            evt3.kinds[usize::from(kind)] = Kind { flip: 0, mask: 0, limit: 1, is_skipped: true };
        }
        evt3
    }

    /// Opens the fast path once time and row are known.
    fn set_limits(&mut self) {
        if let (Some((high, _)), Some(y)) = (self.high, self.y) {
            let sensor = self.sensor.unwrap_or(Sensor { width: 0x800, height: 0x800 });
            // Below the sensor no column passes, nor the next row, which ends that.
            let sensor = if y < sensor.height { sensor } else { Sensor { width: 0, height: 0 } };
            let mut set = |kind: u16, flip, mask, limit| {
                self.kinds[usize::from(kind)] = Kind { flip, mask, limit, is_skipped: false };
            };
            set(ADDR_Y, 0, 0x7FF, sensor.height.min(0x800));
            set(ADDR_X, 0, 0x7FF, sensor.width.min(0x800));
            set(TIME_LOW, 0, 0xFFF, 0x1000);
            set(TIME_HIGH, high, 0xFFF, 1);
        }
    }

    /// A word that is none of the frequent ones, or is not on the sensor. There must be room for
    /// [`MAX_VECTOR`] events.
    #[inline(never)]
    fn seldom(
        &mut self,
        word: u16,
        offset: u64,
        chunk: &mut Chunk,
        faults: &mut Faults,
    ) -> Result<(), Fault> {
        match word >> 12 {
            ADDR_Y => {
                self.y = Some(word & 0x7FF);
                self.set_limits();
            }
            ADDR_X => {
                self.base_on = word & 0x800 != 0;
                return self.columns(word & 0x7FF, 1, offset, chunk, faults);
            }
            VECT_BASE_X => (self.base_x, self.base_on) = (word & 0x7FF, word & 0x800 != 0),
            kind @ (VECT_12 | VECT_8) => {
                let (width, mask) = if kind == VECT_12 { (12, word & 0xFFF) } else { (8, word & 0xFF) };
                let first = self.base_x;
                self.base_x = first.saturating_add(width);
                return self.columns(first, mask, offset, chunk, faults);
            }
            TIME_LOW => self.low = word & 0xFFF,
            TIME_HIGH => {
                let high = word & 0xFFF;
                if self.high.is_none_or(|(before, _)| before != high) {
                    self.high = Some((high, self.clock.extend(u64::from(high) << 12)));
                    self.low = 0;
                }
                self.set_limits();
            }
            TRIGGER => faults.skipped.triggers += 1,
            CONTINUED_4 | OTHERS | CONTINUED_12 => faults.skipped.other += 1,
            kind => return faults.bytes(offset, 2, super::word_type(kind.into())),
        }
        Ok(())
    }

    /// The events of the columns whose bits are set, the lowest bit for column `first`.
    fn columns(
        &mut self,
        first: u16,
        mut mask: u16,
        offset: u64,
        chunk: &mut Chunk,
        faults: &mut Faults,
    ) -> Result<(), Fault> {
        let (Some((_, high_us)), Some(y)) = (self.high, self.y) else {
            faults.skipped.untimed += u64::from(mask.count_ones());
            return Ok(());
        };
        let from = chunk.len();
        let t_us = high_us | u64::from(self.low);
        while mask != 0 {
            let x = first.saturating_add(mask.trailing_zeros() as u16);
            chunk.push(Event { t_us, x, y, on: self.base_on });
            mask &= mask - 1;
        }
        chunk.check_sensor(from, self.sensor, faults, |_| offset)
    }

    /// Decodes words up to the first that is [`seldom`](Self::seldom), without a branch that depends on their
    /// types: those follow one another in no order that a processor could learn. Returns how many it decoded.
    fn frequent(&mut self, words: &[[u8; 2]], chunk: &mut Chunk, skipped: &mut u64) -> usize {
        let (Some((_, high_us)), Some(mut y)) = (self.high, self.y) else { return 0 };
        let mut low = self.low;
        let free = chunk.free();
        let words = &words[..words.len().min(free.len())];
        let (mut used, mut filled, mut ignored) = (0, 0, 0);
        for word in words {
            let word = u16::from_le_bytes(*word);
            let kind = word >> 12;
            let Kind { flip, mask, limit, is_skipped } = self.kinds[usize::from(kind)];
            let value = (word ^ flip) & mask;
            if value >= limit {
                break;
            }
            y = select_unpredictable(kind == ADDR_Y, value, y);
            low = select_unpredictable(kind == TIME_LOW, value, low);
            // Written for every word, kept for columns.
            free[filled] = Event { t_us: high_us | u64::from(low), x: value, y, on: word & 0x800 != 0 };
            filled += usize::from(kind == ADDR_X);
            ignored += u64::from(is_skipped);
            used += 1;
        }
        (self.low, self.y) = (low, Some(y));
        *skipped += ignored;
        chunk.advance(filled);
        used
    }
}

impl Decode for Evt3 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        let seen = input.fill(2).len();
        let offset = input.offset();
        if seen < 2 {
            input.consume(seen);
            return if seen > 0 { faults.cut(offset, "a word", seen, 2).map(|()| false) } else { Ok(false) };
        }
        let words = input.fill(2).as_chunks::<2>().0;
        let mut used = 0;
        let mut stopped = Ok(());
        while used < words.len() && chunk.room() >= MAX_VECTOR && stopped.is_ok() {
            let frequent = self.frequent(&words[used..], chunk, &mut faults.skipped.other);
            used += frequent;
            let Some(word) = words.get(used) else { break };
            if chunk.room() < MAX_VECTOR {
                break;
            }
            stopped = self.seldom(u16::from_le_bytes(*word), offset + 2 * used as u64, chunk, faults);
            used += 1;
        }
        input.consume(used * 2);
        stopped.map(|()| true)
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    super::prophesee_header(Format::Evt3, "3.0", sensor, 1 << 11, bytes)?;
    Ok(Box::new(Encoder { t_us: None, y: None }))
}

struct Encoder {
    t_us: Option<u64>,
    y: Option<u16>,
}

impl Encoder {
    /// Words of time that lead to `t_us`. Every wrap in between is written, so that a reader can count them.
    fn time(&mut self, t_us: u64, bytes: &mut Vec<u8>) {
        let before = self.t_us.replace(t_us);
        if before == Some(t_us) {
            return;
        }
        let mut high = before.map_or(0, |before| before >> 12);
        let wanted = t_us >> 12;
        let mut word =
            |kind: u16, value: u64| bytes.extend((kind << 12 | (value & 0xFFF) as u16).to_le_bytes());
        if before.is_none() {
            word(TIME_HIGH, 0);
        }
        // A reader takes steps of up to half the range for what they are.
        while high.abs_diff(wanted) > 0 {
            high =
                if wanted > high { wanted.min(high + 0x7FF) } else { wanted.max(high.saturating_sub(0x7FF)) };
            word(TIME_HIGH, high);
        }
        word(TIME_LOW, t_us);
    }
}

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        let mut index = 0;
        while let Some(first) = events.get(index) {
            super::fits(index, first, MAX_TIME_BITS, 11, 11)?;
            self.time(first.t_us, bytes);
            if self.y.replace(first.y) != Some(first.y) {
                bytes.extend((ADDR_Y << 12 | first.y).to_le_bytes());
            }
            // Neighbours in a row from left to right share a word of 12 columns where that is shorter.
            let mut mask = 0u16;
            while let Some(event) = events.get(index) {
                let column = event.x.wrapping_sub(first.x);
                let same = (event.t_us, event.y, event.on) == (first.t_us, first.y, first.on);
                if !same || column >= MAX_VECTOR as u16 || mask >> column > 0 {
                    break;
                }
                mask |= 1 << column;
                index += 1;
            }
            let place = u16::from(first.on) << 11 | first.x;
            if mask.count_ones() > 2 {
                bytes.extend((VECT_BASE_X << 12 | place).to_le_bytes());
                bytes.extend((VECT_12 << 12 | mask).to_le_bytes());
            } else {
                for column in (0..12).filter(|column| mask >> column & 1 == 1) {
                    bytes.extend((ADDR_X << 12 | (place + column)).to_le_bytes());
                }
            }
        }
        Ok(())
    }
}

/// Of a time that is written: a recording that begins years after 0 would begin with as many wraps.
const MAX_TIME_BITS: u32 = 44;

#[cfg(test)]
#[path = "evt3_tests.rs"]
mod tests;
