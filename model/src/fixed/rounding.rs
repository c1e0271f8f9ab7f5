//! Stochastic rounding of one gradient.

use arch::formats::NOISE_BITS;

/// Steps a parameter moves against `gradient · 2^−shift`: `⌊noise/2¹⁶ − gradient/2^shift⌋`.
pub fn descent(gradient: i64, shift: u8, noise: u16) -> i64 {
    let shift = u32::from(shift);
    let bits = NOISE_BITS.max(shift);
    ((i64::from(noise) << (bits - NOISE_BITS)) - (gradient << (bits - shift))) >> bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_right_on_average() {
        for (gradient, shift) in [(37, 10), (-37, 10), (5, 18), (-1000, 8), (70_000, 21)] {
            let sum: i64 = (0..=u16::MAX).map(|noise| descent(gradient, shift, noise)).sum();
            let mean = sum as f64 / 65536.0;
            let wanted = -(gradient as f64) / f64::from(1u32 << shift);
            assert!((mean - wanted).abs() < 1.0 / 65536.0, "{gradient} >> {shift}: {mean}, wanted {wanted}");
        }
    }

    #[test]
    fn no_gradient_moves_nothing() {
        for shift in 0..=31 {
            assert_eq!(descent(0, shift, 0), 0);
            assert_eq!(descent(0, shift, u16::MAX), 0);
        }
    }
}
