//! The noise of stochastic rounding: a function of the time step's seed and the synapse, and of nothing else.
//!
//! Because it is a function and not a stream, the result of a training step does not depend on the number of
//! lanes, on rows or lanes that were skipped, or on the order in which they were visited.
//!
//! `noise(seed, row, column) = (seed >> 16) ^ seed ^ row_pattern(row) ^ column_pattern(column)`, 16 bits.
//! The column pattern is the bit-reversed column: at one step, neighbouring columns get evenly spread noise (a
//! digitally shifted van der Corput sequence), and over steps each synapse's noise is uniform because the seed is.

/// Row number whose noise rounds threshold updates; the column is the neuron.
pub const THRESHOLD_ROW: u16 = 0xffff;
/// Row number whose noise rounds the leak update; the column is 0.
pub const LEAK_ROW: u16 = 0xfffe;
/// Seed after reset. A seed is never 0: the generator would stay there.
pub const RESET_SEED: u32 = 0x5354_4f50;

/// The seed of the next learning time step: one step of xorshift32 (shifts 13, 17, 5; period 2³² − 1; Marsaglia,
/// J. Stat. Soft. 8(14), 2003), a linear feedback shift register that moves 32 bits at once.
///
/// It is advanced at the start of every time step that learns, and once more at the end of a sample that applies
/// accumulated gradients; inference leaves it alone.
pub const fn next_seed(seed: u32) -> u32 {
    let mut s = seed;
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    s
}

/// The part of the noise that is common to a row at one step.
pub const fn row_noise(seed: u32, row: u16) -> u16 {
    let folded = ((seed >> 16) ^ seed) as u16;
    folded ^ row.rotate_left(5) ^ row.reverse_bits().rotate_left(3)
}

/// The part of the noise that is common to a column at all steps.
pub const fn column_noise(column: u16) -> u16 {
    column.reverse_bits()
}

/// The 16-bit noise of a synapse at one step.
pub const fn noise(seed: u32, row: u16, column: u16) -> u16 {
    row_noise(seed, row) ^ column_noise(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_do_not_repeat_early_and_never_reach_zero() {
        let mut seed = RESET_SEED;
        for _ in 0..1_000_000 {
            seed = next_seed(seed);
            assert_ne!(seed, 0);
            assert_ne!(seed, RESET_SEED);
        }
    }

    #[test]
    fn noise_of_one_synapse_is_uniform_over_steps() {
        let mut seed = RESET_SEED;
        let mut bins = [0u32; 64];
        let samples = 64 * 1000;
        for _ in 0..samples {
            seed = next_seed(seed);
            bins[usize::from(noise(seed, 321, 57) >> 10)] += 1;
        }
        // χ² with 63 degrees of freedom: 99.9 % of samples lie below 103.4.
        let chi2: f64 = bins.iter().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi2 < 103.4, "χ² = {chi2}");
    }

    #[test]
    fn neighbouring_columns_are_spread_evenly() {
        let mut high: Vec<u16> = (0..16).map(|column| noise(0x1234_5678, 9, column) >> 12).collect();
        high.sort_unstable();
        assert_eq!(high, (0..16).collect::<Vec<u16>>());
    }
}
