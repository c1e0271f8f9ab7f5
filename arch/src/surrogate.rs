//! Surrogate φ and the error δ in integers (B1 of `docs/fixed-point.md`): what the engine computes, and a host that teaches.

use crate::Surrogate;
use crate::formats::{DELTA_FRACTION_BITS, MEMBRANE_FRACTION_BITS, PHI_FRACTION_BITS};

/// 1.0 in φ's format.
const ONE: i64 = 1 << PHI_FRACTION_BITS;

/// u − θ, from what is stored: a neuron that fired holds `v = u − θ`, one that did not holds `v = u`.
pub fn distance(membrane: i16, spike: u8, threshold: i16) -> i32 {
    i32::from(membrane) - if spike == 0 { i32::from(threshold) } else { 0 }
}

/// φ(u − θ), `distance` with 8 fraction bits, the result with 7.
pub fn phi(surrogate: Surrogate, distance: i32) -> i64 {
    let magnitude = i64::from(distance.unsigned_abs());
    match surrogate {
        Surrogate::Shift => match magnitude >> MEMBRANE_FRACTION_BITS {
            whole @ 0..8 => ONE >> whole,
            _ => 0,
        },
        Surrogate::Rectangle if magnitude < 1 << (MEMBRANE_FRACTION_BITS - 1) => ONE,
        Surrogate::Rectangle => 0,
        Surrogate::Triangle => ((1 << MEMBRANE_FRACTION_BITS) - magnitude).max(0) >> 1,
    }
}

/// δ = e·φ, rounded to nearest and saturated to i8; the incoming error `e` has `fraction_bits` beyond δ's own 6.
pub fn delta(e: i64, fraction_bits: u32, phi: i64) -> i16 {
    let shift = fraction_bits + PHI_FRACTION_BITS;
    let rounded = (e * phi + (1 << (shift - 1))) >> shift;
    rounded.clamp(i8::MIN.into(), i8::MAX.into()) as i16
}

/// The output's incoming error s − y, in δ's format.
pub fn output_error(spike: u8, wanted: bool) -> i64 {
    (i64::from(spike) - i64::from(wanted)) << DELTA_FRACTION_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_halves_at_every_whole_distance() {
        for (distance, wanted) in
            [(0, 128), (255, 128), (-255, 128), (256, 64), (-256, 64), (2047, 1), (2048, 0)]
        {
            assert_eq!(phi(Surrogate::Shift, distance), wanted, "{distance}");
        }
        assert_eq!(phi(Surrogate::Rectangle, 127), 128);
        assert_eq!(phi(Surrogate::Rectangle, -128), 0);
        assert_eq!(phi(Surrogate::Triangle, 0), 128);
        assert_eq!(phi(Surrogate::Triangle, -128), 64);
        assert_eq!(phi(Surrogate::Triangle, 300), 0);
    }

    #[test]
    fn delta_rounds_to_nearest_and_saturates() {
        assert_eq!(delta(output_error(1, false), 0, 128), 64);
        assert_eq!(delta(output_error(0, true), 0, 64), -32);
        assert_eq!(delta(output_error(1, true), 0, 128), 0);
        // w = 100 of 8 fraction bits times δ = 64: 100/256 in δ's 6 bits is 25.
        assert_eq!(delta(100 * 64, 8, 128), 25);
        assert_eq!(delta(i64::from(i32::MAX), 8, 128), 127);
        assert_eq!(delta(i64::from(i32::MIN), 8, 128), -128);
        assert_eq!(delta(127, 8, 128), 0);
        assert_eq!(delta(128, 8, 128), 1);
        assert_eq!(delta(-128, 8, 128), 0);
    }

    #[test]
    fn distance_is_u_minus_theta() {
        assert_eq!(distance(300, 0, 256), 44);
        assert_eq!(distance(44, 1, 256), 44);
    }
}
