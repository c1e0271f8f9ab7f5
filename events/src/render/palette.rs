//! Colours of events: Okabe and Ito's, told apart with every common colour vision.

use image::Rgb;

/// Where nothing happened.
pub const GROUND: Rgb<u8> = Rgb([0x16, 0x18, 0x1C]);
/// Brightness that rises.
pub const ON: Rgb<u8> = Rgb([0x56, 0xB4, 0xE9]);
/// Brightness that falls.
pub const OFF: Rgb<u8> = Rgb([0xE6, 0x9F, 0x00]);
/// As many rises as falls.
const BOTH: Rgb<u8> = Rgb([0xD4, 0xD2, 0xCC]);
/// Between the frames, and behind words.
pub const MARGIN: Rgb<u8> = Rgb([0x2C, 0x30, 0x36]);
/// Words.
pub const INK: Rgb<u8> = Rgb([0xE4, 0xE6, 0xE9]);

/// Steps of strength and, an even number, of balance: an animation's 256 colours hold them all.
const STRENGTHS: u32 = 16;
const BALANCES: u32 = 14;

/// The part of the cells with events, in percent, that stay below full strength: a few pixels that never rest
/// do not darken the others.
pub(super) const PERCENTILE: u64 = 98;

/// The colour of a cell with so many events of rising and falling brightness. At `full` of them together and
/// above it is as strong as it gets; below, its strength is their root, so that one event is seen, too.
pub(super) fn colour(on: u16, off: u16, full: u16) -> Rgb<u8> {
    let (on, off, full) = (u32::from(on), u32::from(off), u32::from(full.max(1)));
    let events = on + off;
    if events == 0 {
        return GROUND;
    }
    let part = f64::from(events.min(full)) / f64::from(full);
    let strength = (part.sqrt() * f64::from(STRENGTHS)).ceil() as u32;
    let balance = (2 * on * BALANCES + events) / (2 * events);
    let hue = match balance.checked_sub(BALANCES / 2) {
        None => mix(OFF, BOTH, balance, BALANCES / 2),
        Some(rises) => mix(BOTH, ON, rises, BALANCES / 2),
    };
    mix(GROUND, hue, strength, STRENGTHS)
}

/// `part` of `whole` from one colour to another.
fn mix(Rgb(from): Rgb<u8>, Rgb(to): Rgb<u8>, part: u32, whole: u32) -> Rgb<u8> {
    let channel = |index: usize| {
        let sum = u32::from(from[index]) * (whole - part) + u32::from(to[index]) * part;
        ((sum + whole / 2) / whole) as u8
    };
    Rgb([channel(0), channel(1), channel(2)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn polarity_is_the_hue_and_number_the_strength() {
        assert_eq!(colour(0, 0, 9), GROUND);
        assert_eq!((colour(9, 0, 9), colour(0, 9, 9)), (ON, OFF));
        assert_eq!(colour(500, 0, 9), ON);
        assert_eq!(colour(5, 5, 10), BOTH);
        assert_eq!(colour(12, 2, 14), mix(BOTH, ON, 5, 7));
        assert_eq!(colour(2, 12, 14), mix(OFF, BOTH, 2, 7));
        // One of 64 is an eighth as strong: two of 16 steps.
        assert_eq!(colour(1, 0, 64), mix(GROUND, ON, 2, 16));
        assert_eq!(colour(u16::MAX, u16::MAX, u16::MAX), BOTH);
        assert_eq!(colour(1, 0, 0), ON);
    }

    #[test]
    fn an_animation_holds_every_colour() {
        let mut colours: BTreeSet<_> = [MARGIN, INK].map(|Rgb(colour)| colour).into();
        for on in 0..200 {
            for off in 0..200 {
                colours.insert(colour(on, off, 300).0);
            }
        }
        assert!((100..=256).contains(&colours.len()), "{}", colours.len());
    }
}
