//! Number formats of the datapath, on the types of the `fixed` crate.
//!
//! | quantity | type | range | one step |
//! |---|---|---|---|
//! | membrane u, threshold θ, leak trace α̃ | [`Membrane`] | −128 … 127.996 | 2⁻⁸ |
//! | weight trace w̃, threshold trace magnitude −θ̃ | [`Trace`] | 0 … 7.97 | 2⁻⁵ |
//! | error δ | [`Delta`] | −2 … 1.98 | 2⁻⁶ |
//! | leak α, as learned | [`Leak`] | 1/16 … 252/256 | 2⁻¹⁶ |
//! | surrogate φ | [`Phi`] | 0 … 1 | 2⁻⁷ |
//!
//! A weight is an 8-bit or a 16-bit integer whose number of fraction bits belongs to its layer
//! ([`crate::network::Layer::weight_fraction_bits`]).

use fixed::types::extra::{U5, U6, U7, U8, U16};
use fixed::{FixedI8, FixedI16, FixedU8, FixedU16};

/// Membrane potential u, firing threshold θ and leak trace α̃; arithmetic saturates.
pub type Membrane = FixedI16<U8>;
/// Weight trace w̃ and the magnitude of the (never positive) threshold trace θ̃; arithmetic saturates.
pub type Trace = FixedU8<U5>;
/// Error δ; saturates.
pub type Delta = FixedI8<U6>;
/// Leak α as it is learned. The datapath multiplies by its top [`LEAK_USED_BITS`] bits.
pub type Leak = FixedU16<U16>;
/// Surrogate φ(u − θ), 0 … 1.
pub type Phi = FixedU8<U7>;

/// Fraction bits of [`Membrane`].
pub const MEMBRANE_FRACTION_BITS: u32 = Membrane::FRAC_NBITS;
/// Fraction bits of [`Trace`].
pub const TRACE_FRACTION_BITS: u32 = Trace::FRAC_NBITS;
/// Fraction bits of [`Delta`].
pub const DELTA_FRACTION_BITS: u32 = Delta::FRAC_NBITS;
/// Fraction bits of [`Phi`].
pub const PHI_FRACTION_BITS: u32 = Phi::FRAC_NBITS;
/// Fraction bits of a weight-gradient product δ·w̃, and of a threshold-gradient product δ·(1 − θ̃).
pub const GRADIENT_FRACTION_BITS: u32 = DELTA_FRACTION_BITS + TRACE_FRACTION_BITS;
/// Fraction bits of a leak-gradient product δ·α̃.
pub const LEAK_GRADIENT_FRACTION_BITS: u32 = DELTA_FRACTION_BITS + MEMBRANE_FRACTION_BITS;
/// How many of the leak's top bits multiply membranes and traces (Q0.8).
pub const LEAK_USED_BITS: u32 = 8;
/// Width of the noise that stochastic rounding adds below the result's last bit.
pub const NOISE_BITS: u32 = 16;

/// A spike in the trace's format: 1.0.
pub const TRACE_ONE: Trace = Trace::ONE;
/// Smallest threshold: learning clamps here.
pub const THRESHOLD_MIN: Membrane = Membrane::lit("0.25");
/// Largest threshold: learning clamps here.
pub const THRESHOLD_MAX: Membrane = Membrane::lit("4");
/// Smallest leak: learning clamps here.
pub const LEAK_MIN: Leak = Leak::lit("0.0625");
/// Largest leak, 252/256: learning clamps here.
pub const LEAK_MAX: Leak = Leak::lit("0.984375");

/// Rounds a real number to the nearest threshold the hardware holds, clamped to its range.
pub fn threshold_from_f64(value: f64) -> Membrane {
    Membrane::saturating_from_num(value + 0.5 / 256.0).clamp(THRESHOLD_MIN, THRESHOLD_MAX)
}

/// Rounds a real number to the nearest leak the hardware holds, clamped to its range.
pub fn leak_from_f64(value: f64) -> Leak {
    Leak::saturating_from_num(value + 0.5 / 65536.0).clamp(LEAK_MIN, LEAK_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_the_specified_bit_patterns() {
        assert_eq!(THRESHOLD_MIN.to_bits(), 64);
        assert_eq!(THRESHOLD_MAX.to_bits(), 1024);
        assert_eq!(LEAK_MIN.to_bits(), 4096);
        assert_eq!(LEAK_MAX.to_bits(), 252 << 8);
        assert_eq!(TRACE_ONE.to_bits(), 32);
        assert_eq!(GRADIENT_FRACTION_BITS, 11);
        assert_eq!(LEAK_GRADIENT_FRACTION_BITS, 14);
    }

    #[test]
    fn real_numbers_round_to_nearest_and_clamp() {
        assert_eq!(threshold_from_f64(1.0).to_bits(), 256);
        assert_eq!(threshold_from_f64(1.0 + 0.6 / 256.0).to_bits(), 257);
        assert_eq!(threshold_from_f64(-3.0), THRESHOLD_MIN);
        assert_eq!(threshold_from_f64(1e9), THRESHOLD_MAX);
        assert_eq!(leak_from_f64(0.5).to_bits(), 32768);
        assert_eq!(leak_from_f64(2.0), LEAK_MAX);
        assert_eq!(leak_from_f64(-1.0), LEAK_MIN);
    }
}
