//! Every writable memory, with patterns that put a 0 and a 1 into each bit.
//!
//! ```text
//! up    write P                       P is different at each address: lines that are stuck show
//! up    read P, write its inverse     part by part: a write that reaches elsewhere shows
//! down  read the inverse
//! up    write and read the largest    where a format has bits that P leaves out
//! ```

use std::fmt;
use std::ops::Range;

use arch::WeightBits;
use arch::formats::{LEAK_MAX, LEAK_MIN, THRESHOLD_MAX, THRESHOLD_MIN};
use arch::registers::Space;
use driver::Session;

use super::kept::{Kept, after};
use super::link::Speed;
use super::{Fault, bits, mixed};
use crate::interrupt::Interrupt;
use crate::progress::Late;

/// Steps of progress that a memory takes.
pub const PASSES: u64 = 3;
/// Seconds that one memory may take by the link's measured speed; of a memory that would take longer only parts are tested.
const SECONDS: f64 = 4.0;
/// Parts that a memory is read and written in.
const PARTS: usize = 8;

/// Elements that do not hold what was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} {element} was written {wrote:#x} and reads {read:#x}; {count} of {of} readings are wrong, in the bits {bits:#x}",
    name = space.info().name
)]
pub struct Wrong {
    space: Space,
    /// The first of them.
    element: u32,
    wrote: u32,
    read: u32,
    count: u64,
    of: u64,
    /// Bits that are wrong anywhere.
    bits: u32,
}

/// How much of a memory was tested.
#[derive(Debug)]
pub struct Tested {
    elements: u32,
    of: u32,
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { elements, of } = self;
        if elements == of {
            return write!(f, "all {of} hold what is written");
        }
        writeln!(f, "the {elements} of {of} that were tested hold what is written:")?;
        writeln!(f, "the first, the last, some from each power of two on;")?;
        write!(f, "all would take more than {SECONDS} s over this link")
    }
}

/// Tests `space` and puts back what it held.
pub fn march(
    session: &mut Session,
    space: Space,
    speed: &Speed,
    interrupt: &Interrupt,
    progress: &Late,
) -> Result<Tested, Fault> {
    let capacity = &session.identity().capacity;
    let (of, weight_bits) = (space.len(capacity), capacity.weight_bits);
    let width = space.element_bytes(weight_bits) as f64;
    // Each element travels once a pattern, to be kept and written back, and once more to be looked at.
    let patterns = Pattern::of(space).len() as f64;
    let (reads, writes) = (patterns + 2.0, patterns + 1.0);
    let affordable = SECONDS / (width * (reads / speed.read + writes / speed.write));
    let parts = parts(of, affordable as u32);
    let elements = parts.iter().map(|part| part.end - part.start).sum();
    let whole: Vec<_> = parts.iter().map(|part| (space, part.start, part.end - part.start)).collect();
    let kept = Kept::read(session, &whole)?;
    let mut march = March {
        session,
        space,
        weight_bits,
        interrupt,
        wrong: None,
        readings: 0,
        bits: 0,
        wrong_readings: 0,
    };
    let outcome = march.passes(&parts, progress);
    let restored = kept.write_back(session);
    after(outcome, restored).map(|()| Tested { elements, of })
}

/// What of `of` elements is tested, in pieces, when time is for `affordable`.
fn parts(of: u32, affordable: u32) -> Vec<Range<u32>> {
    let cut = |range: Range<u32>, size: u32| {
        range
            .clone()
            .step_by(size as usize)
            .map(move |start| start..range.end.min(start.saturating_add(size)))
    };
    if of <= affordable {
        return cut(0..of, of.div_ceil(PARTS as u32).max(1)).collect();
    }
    // The first elements, the last, and some where each address line is high alone.
    let size = (affordable / (of.ilog2() + 2)).max(1);
    let last = of.saturating_sub(size);
    let powers = (0..32).map(|line| 1u32 << line).filter(|&start| start >= size && start + size <= last);
    let starts = std::iter::once(0).chain(powers).chain((last > 0).then_some(last));
    starts.map(|start| start..of.min(start + size)).collect()
}

/// What is written to an element.
#[derive(Debug, Clone, Copy)]
enum Pattern {
    Mixed,
    Inverse,
    Largest,
}

impl Pattern {
    /// Those that a format takes. Thresholds and leaks are refused outside their ranges.
    fn of(space: Space) -> &'static [Self] {
        match space {
            Space::Thresholds | Space::Leaks => &[Self::Mixed, Self::Inverse, Self::Largest],
            _ => &[Self::Mixed, Self::Inverse],
        }
    }

    /// The bits of element `at`.
    fn bits(self, space: Space, weight_bits: WeightBits, at: u32) -> u32 {
        // Between the smallest value and its inverse under `mask` all values and their inverses are legal.
        let (smallest, mask, largest) = match space {
            Space::Thresholds => (THRESHOLD_MIN.to_bits() as u32, 0x3ff, THRESHOLD_MAX.to_bits() as u32),
            Space::Leaks => (u32::from(LEAK_MIN.to_bits()), 0xffff, u32::from(LEAK_MAX.to_bits())),
            Space::Weights if weight_bits == WeightBits::Eight => (0, 0xff, 0xff),
            _ => (0, 0xffff, 0xffff),
        };
        // The space goes in, so that one memory in the place of another shows, too.
        let drawn = smallest + mixed(at ^ (space as u32) << 28) % (mask + 1 - 2 * smallest);
        match self {
            Self::Mixed => drawn,
            Self::Inverse => drawn ^ mask,
            Self::Largest => largest,
        }
    }
}

struct March<'a> {
    session: &'a mut Session,
    space: Space,
    weight_bits: WeightBits,
    interrupt: &'a Interrupt,
    /// The first wrong reading: element, written, read.
    wrong: Option<(u32, u32, u32)>,
    wrong_readings: u64,
    readings: u64,
    /// Bits that were wrong anywhere.
    bits: u32,
}

impl March<'_> {
    fn passes(&mut self, parts: &[Range<u32>], progress: &Late) -> Result<(), Fault> {
        for part in parts {
            self.write(part, Pattern::Mixed)?;
        }
        progress.advance();
        for part in parts {
            self.read(part, Pattern::Mixed)?;
            self.write(part, Pattern::Inverse)?;
        }
        progress.advance();
        for part in parts.iter().rev() {
            self.read(part, Pattern::Inverse)?;
        }
        for &pattern in &Pattern::of(self.space)[2..] {
            parts.iter().try_for_each(|part| self.write(part, pattern))?;
            parts.iter().try_for_each(|part| self.read(part, pattern))?;
        }
        progress.advance();
        let Some((element, wrote, read)) = self.wrong else { return Ok(()) };
        let (count, of) = (self.wrong_readings, self.readings);
        Err(Wrong { space: self.space, element, wrote, read, count, of, bits: self.bits }.into())
    }

    fn write(&mut self, part: &Range<u32>, pattern: Pattern) -> Result<(), Fault> {
        if self.interrupt.requested() {
            return Err(Fault::Interrupted);
        }
        let width = self.space.element_bytes(self.weight_bits);
        let element =
            |at| pattern.bits(self.space, self.weight_bits, at).to_le_bytes().into_iter().take(width);
        let bytes: Vec<u8> = part.clone().flat_map(element).collect();
        Ok(self.session.write(self.space, part.start, &bytes)?)
    }

    fn read(&mut self, part: &Range<u32>, pattern: Pattern) -> Result<(), Fault> {
        let bytes = self.session.read(self.space, part.start, part.end - part.start)?;
        for (at, element) in part.clone().zip(bytes.chunks_exact(self.space.element_bytes(self.weight_bits)))
        {
            let (wrote, read) = (pattern.bits(self.space, self.weight_bits, at), bits(element));
            self.readings += 1;
            if wrote != read {
                self.wrong_readings += 1;
                self.bits |= wrote ^ read;
                self.wrong.get_or_insert((at, wrote, read));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every bit of a format is written 0 and 1, and nothing but what the format takes.
    #[test]
    fn patterns_reach_every_bit_and_stay_in_their_range() {
        for (space, range, used) in [
            (Space::Thresholds, 64..=1024, 0x7ff),
            (Space::Leaks, 4096..=252 << 8, 0xffff),
            (Space::Weights, 0..=0xff, 0xff),
            (Space::Descriptors, 0..=0xffff, 0xffff),
        ] {
            for at in [0, 1, 77, 131_071] {
                let written = Pattern::of(space).iter().map(|p| p.bits(space, WeightBits::Eight, at));
                let written: Vec<u32> = written.collect();
                assert!(written.iter().all(|bits| range.contains(bits)), "{space:?} {at}: {written:x?}");
                assert_eq!(written.iter().fold(0, |all, bits| all | bits), used, "{space:?}: ones");
                assert_eq!(written.iter().fold(used, |all, bits| all & bits), 0, "{space:?}: zeros");
            }
        }
    }

    /// However little there is time for, the pieces lie within the memory, apart, and at its ends.
    #[test]
    fn pieces_cover_the_memory_or_reach_every_address_line() {
        for of in [1, 2, 3, 4, 60, 4096, 65_537, 131_072] {
            for affordable in [0, 1, 5, 100, 5000, of - 1, of, u32::MAX] {
                let parts = parts(of, affordable);
                assert!(
                    parts.windows(2).all(|pair| pair[0].end <= pair[1].start),
                    "{of}, {affordable}: {parts:?}"
                );
                assert!(parts.iter().all(|part| !part.is_empty()), "{parts:?}");
                assert_eq!((parts[0].start, parts.last().unwrap().end), (0, of), "{affordable}");
                let tested: u32 = parts.iter().map(|part| part.end - part.start).sum();
                assert!(affordable < of || tested == of, "{of}, {affordable}: {tested}");
                assert!(
                    affordable >= of || tested <= affordable.max(of.ilog2() + 3),
                    "{of}, {affordable}: {tested}"
                );
            }
        }
        let some = parts(131_072, 1900);
        assert_eq!(
            some.iter().map(|part| part.start).collect::<Vec<_>>(),
            [0, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 130_972]
        );
    }
}
