//! The few letters that a picture needs, five by seven pixels each: no font is asked of the machine.

use super::palette::{INK, OFF, ON};
use image::{Rgb, RgbImage};

/// Pixels of a line of letters, with what is free around them.
pub(super) const LINE: u32 = 20;

/// Pixels from one letter to the next, at their smaller size.
const ADVANCE: u32 = 6;
const HEIGHT: u32 = 7;

/// Each row from the left; the highest of the five bits is the leftmost pixel.
#[rustfmt::skip]
const GLYPHS: [(char, [u8; HEIGHT as usize]); 17] = [
    ('0', [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110]),
    ('1', [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('2', [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111]),
    ('3', [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110]),
    ('4', [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    ('5', [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110]),
    ('6', [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    ('7', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000]),
    ('8', [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110]),
    ('9', [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100]),
    ('.', [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100]),
    ('s', [0b00000, 0b00000, 0b01111, 0b10000, 0b01110, 0b00001, 0b11110]),
    ('x', [0b00000, 0b00000, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001]),
    ('y', [0b00000, 0b00000, 0b10001, 0b10001, 0b01111, 0b00001, 0b01110]),
    ('O', [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('N', [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001]),
    ('F', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000]),
];

/// The pixels across that words take at their larger size.
pub(super) fn width(words: &str) -> u32 {
    2 * ADVANCE * words.chars().count() as u32
}

/// Writes into a line that begins at `left`, `top` and has room for `room` pixels: twice as large as the letters
/// are drawn, or as they are, or not at all.
pub(super) fn fit(picture: &mut RgbImage, place: (u32, u32), room: u32, words: &str) {
    if width(words) <= room {
        write(picture, place, 2, words, INK);
    } else if width(words) / 2 <= room {
        write(picture, place, 1, words, INK);
    }
}

/// Which colour is which, if there is room.
pub(super) fn legend(picture: &mut RgbImage, (left, top): (u32, u32), room: u32) {
    let size = if width("ON OFF") <= room { 2 } else { 1 };
    if size * ADVANCE * 6 <= room {
        write(picture, (left, top), size, "ON", ON);
        write(picture, (left + 3 * ADVANCE * size, top), size, "OFF", OFF);
    }
}

/// A time in seconds, with as many decimals as tell steps of `step_us` apart.
pub(super) fn time(us: u64, step_us: u64) -> String {
    let decimals = match step_us {
        10_000.. => 2,
        1_000.. => 3,
        _ => 6,
    };
    format!("{:.decimals$} s", us as f64 / 1e6)
}

fn write(picture: &mut RgbImage, (left, top): (u32, u32), size: u32, words: &str, colour: Rgb<u8>) {
    let top = top + (LINE - HEIGHT * size) / 2;
    for (number, letter) in (0u32..).zip(words.chars()) {
        let Some((_, rows)) = GLYPHS.iter().find(|(glyph, _)| *glyph == letter) else { continue };
        for (y, row) in (0u32..).zip(rows) {
            for x in (0..5).filter(|x| row >> (4 - x) & 1 == 1) {
                for (pixel_x, pixel_y) in (0..size * size).map(|pixel| (pixel % size, pixel / size)) {
                    let at = (left + (number * ADVANCE + x) * size + pixel_x, top + y * size + pixel_y);
                    if let Some(pixel) = picture.get_pixel_mut_checked(at.0, at.1) {
                        *pixel = colour;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(room: u32, words: &str) -> Vec<(u32, u32)> {
        let mut picture = RgbImage::new(100, LINE);
        fit(&mut picture, (0, 0), room, words);
        picture.enumerate_pixels().filter(|(_, _, pixel)| **pixel == INK).map(|(x, y, _)| (x, y)).collect()
    }

    #[test]
    fn letters_are_as_large_as_there_is_room_for() {
        let small: Vec<_> = [(1, 11), (2, 11), (1, 12), (2, 12)].into();
        assert_eq!(drawn(6, "."), small);
        assert_eq!(drawn(12, ".").len(), 16);
        assert_eq!(drawn(5, "."), []);
        // All that times and legends are made of.
        for letter in "0123456789.sxyONF".chars() {
            assert!(!drawn(12, &letter.to_string()).is_empty(), "{letter}");
        }
    }

    #[test]
    fn times_tell_steps_apart() {
        assert_eq!(time(1_450_000, 181_250), "1.45 s");
        assert_eq!(time(3_000, 1_000), "0.003 s");
        assert_eq!(time(12, 12), "0.000012 s");
    }
}
