//! The inner loops over neurons and synapses, written so that the compiler vectorises them.
//!
//! Each does one operation of the contract (`docs/fixed-point.md`) on one layer; [`super::Engine`] orders them.
//! Raw integers throughout: the formats are named in [`arch::formats`].

use arch::WeightBits;
use arch::formats::MEMBRANE_FRACTION_BITS;
use multiversion::multiversion;

/// Columns whose errors are looked at together: a block without an error is skipped.
pub const BLOCK: usize = 16;
/// Half a [`BLOCK`].
const HALF: usize = BLOCK / 2;
/// Columns whose currents are held in registers while the events of a step pass by.
const TILE: usize = 64;

/// Integrate: `current[i] = q(Σ_rows w[row][i])`. The sum is in the weights' own format, eight bits wider than a weight,
/// and saturates after each row in ascending order of rows. `q` brings it to the membrane's format.
///
/// `weights` is the layer's `[rows][pitch]`, of the width and the fraction bits in `format`; `current` is its neurons,
/// overwritten.
pub fn integrate(weights: &[i16], pitch: usize, rows: &[u32], format: (WeightBits, u8), current: &mut [i16]) {
    match format.0 {
        WeightBits::Eight => integrate_eight(weights, pitch, rows, format.1.into(), current),
        WeightBits::Sixteen => integrate_sixteen(weights, pitch, rows, format.1.into(), current),
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn integrate_eight(weights: &[i16], pitch: usize, rows: &[u32], fraction_bits: u32, current: &mut [i16]) {
    let sum = |sum: i16, w: i16| sum.saturating_add(w);
    integrate_tiles(weights, pitch, rows, current, sum, |sum| to_membrane(sum.into(), fraction_bits));
}

#[multiversion(targets("x86_64+avx2"))]
fn integrate_sixteen(weights: &[i16], pitch: usize, rows: &[u32], fraction_bits: u32, current: &mut [i16]) {
    let sum = |sum: i32, w: i16| (sum + i32::from(w)).clamp(-(1 << 23), (1 << 23) - 1);
    integrate_tiles(weights, pitch, rows, current, sum, |sum| to_membrane(sum, fraction_bits));
}

/// `q`: a sum of weights in the membrane's 8 fraction bits, shifted left, or right and rounded to nearest; saturates.
#[inline(always)]
fn to_membrane(sum: i32, fraction_bits: u32) -> i16 {
    let shifted = match fraction_bits {
        ..=MEMBRANE_FRACTION_BITS => sum << (MEMBRANE_FRACTION_BITS - fraction_bits),
        _ => {
            let down = fraction_bits - MEMBRANE_FRACTION_BITS;
            (sum + (1 << (down - 1))) >> down
        }
    };
    shifted.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[inline(always)]
fn integrate_tiles<S: Copy + Default>(
    weights: &[i16],
    pitch: usize,
    rows: &[u32],
    current: &mut [i16],
    add: impl Fn(S, i16) -> S,
    finish: impl Fn(S) -> i16,
) {
    let (tiles, rest) = current.as_chunks_mut::<TILE>();
    let whole = tiles.len() * TILE;
    for (at, tile) in tiles.iter_mut().enumerate() {
        let mut sums = [S::default(); TILE];
        for &row in rows {
            let start = row as usize * pitch + at * TILE;
            let (words, _) = weights[start..].as_chunks::<TILE>();
            sums.iter_mut().zip(&words[0]).for_each(|(sum, &w)| *sum = add(*sum, w));
        }
        tile.iter_mut().zip(sums).for_each(|(current, sum)| *current = finish(sum));
    }
    let mut sums = [S::default(); TILE];
    for &row in rows {
        let columns = &weights[row as usize * pitch + whole..][..rest.len()];
        sums.iter_mut().zip(columns).for_each(|(sum, &w)| *sum = add(*sum, w));
    }
    rest.iter_mut().zip(sums).for_each(|(current, sum)| *current = finish(sum));
}

/// `α·v` rounded to nearest: `(alpha·v + 128) >> 8`, `alpha` in Q0.8.
#[inline(always)]
fn decay(alpha: i16, v: i16) -> i16 {
    // In the form of the packed multiply that rounds: alpha · 128 is at most 252 · 128.
    let product = i32::from(alpha << 7) * i32::from(v);
    (((product >> 14) + 1) >> 1) as i16
}

/// Decay, integrate, fire, reset: `u = sat(α·v + current)`, `s = u ≥ θ`, `v = u − θ·s`. Slices of one length.
#[multiversion(targets("x86_64+avx2"))]
pub fn fire(alpha: i16, current: &[i16], thresholds: &[i16], membranes: &mut [i16], spikes: &mut [u8]) {
    let n = membranes.len();
    let (current, thresholds, spikes) = (&current[..n], &thresholds[..n], &mut spikes[..n]);
    for i in 0..n {
        let u = decay(alpha, membranes[i]).saturating_add(current[i]);
        let fired = u >= thresholds[i];
        spikes[i] = u8::from(fired);
        membranes[i] = if fired { u - thresholds[i] } else { u };
    }
}

/// Threshold trace, as a magnitude: `m = min(255, (α·(m + s)) >> 8)`, rounded down so that it decays to 0.
/// `keep` 0 forgets the past (no traces): `m = (α·s) >> 8`.
#[multiversion(targets("x86_64+avx2"))]
pub fn threshold_traces(alpha: i16, keep: bool, spikes: &[u8], traces: &mut [u8]) {
    let (alpha, keep, one) = (alpha as u32, u32::from(keep), u32::from(arch::formats::TRACE_ONE.to_bits()));
    for (trace, &spike) in traces.iter_mut().zip(spikes) {
        let sum = keep * u32::from(*trace) + one * u32::from(spike);
        *trace = ((alpha * sum) >> 8).min(255) as u8;
    }
}

/// Leak trace: `α̃ = sat(α·α̃ + v)` with the membranes of the step before; `alpha` 0 forgets the past.
#[multiversion(targets("x86_64+avx2"))]
pub fn leak_traces(alpha: i16, membranes: &[i16], traces: &mut [i16]) {
    for (trace, &v) in traces.iter_mut().zip(membranes) {
        *trace = decay(alpha, *trace).saturating_add(v);
    }
}

/// What [`update_row`] needs beside the row.
pub struct RowUpdate<'a> {
    /// Errors shifted left by `16 − weight shift`, one a column.
    pub scaled_errors: &'a [i16],
    /// [`arch::noise::column_noise`], one a column.
    pub column_noise: &'a [u16],
    /// Runs of neighbouring blocks of [`BLOCK`] columns that hold an error, as block numbers from … to before.
    pub runs: &'a [(u32, u32)],
    /// Smallest and largest weight.
    pub limits: (i16, i16),
}

/// Appends the runs of blocks that hold the ascending columns `erring`.
pub fn runs_of_blocks(erring: &[u32], runs: &mut Vec<(u32, u32)>) {
    for block in erring.iter().map(|&column| column / BLOCK as u32) {
        match runs.last_mut() {
            Some((_, end)) if block < *end => {}
            Some((_, end)) if block == *end => *end += 1,
            _ => runs.push((block, block + 1)),
        }
    }
}

/// Update of one row: `w = clamp(w + ((noise − δ·w̃·2^(16−shift)) >> 16))`.
#[multiversion(targets("x86_64+avx2"))]
pub fn update_row(row: &mut [i16], update: &RowUpdate<'_>, row_noise: u16, trace: i16) {
    let n = row.len();
    let (errors, columns) = (&update.scaled_errors[..n], &update.column_noise[..n]);
    let limits = update.limits;
    let (whole, _) = row.as_chunks_mut::<BLOCK>();
    let whole_blocks = whole.len();
    let (whole_errors, _) = errors.as_chunks::<BLOCK>();
    let (whole_columns, _) = columns.as_chunks::<BLOCK>();
    for &(start, end) in update.runs {
        let run = start as usize..(end as usize).min(whole_blocks);
        let blocks = whole[run.clone()].iter_mut().zip(&whole_errors[run.clone()]).zip(&whole_columns[run]);
        for ((w, e), c) in blocks {
            for i in 0..BLOCK {
                w[i] = updated(w[i], e[i], c[i] ^ row_noise, trace, limits);
            }
        }
    }
    // The last block may be cut short: half a block, then column by column.
    if update.runs.last().is_some_and(|&(_, end)| end as usize > whole_blocks) {
        let mut start = whole_blocks * BLOCK;
        if let (Some(w), Some(e), Some(c)) = (
            row[start..].first_chunk_mut::<HALF>(),
            errors[start..].first_chunk::<HALF>(),
            columns[start..].first_chunk::<HALF>(),
        ) {
            for i in 0..HALF {
                w[i] = updated(w[i], e[i], c[i] ^ row_noise, trace, limits);
            }
            start += HALF;
        }
        for i in start..n {
            row[i] = updated(row[i], errors[i], columns[i] ^ row_noise, trace, limits);
        }
    }
}

/// One weight's update. The difference of noise and product is formed from the product's halves, which are what
/// packed 16-bit multipliers give.
#[inline(always)]
fn updated(w: i16, scaled_error: i16, noise: u16, trace: i16, (min, max): (i16, i16)) -> i16 {
    let product = i32::from(scaled_error) * i32::from(trace);
    let high = (product >> 16) as i16;
    let low = scaled_error.wrapping_mul(trace) as u16;
    let borrow = low.saturating_sub(noise).min(1) as i16;
    // |high| is below 2^15 − 1: δ·2^8 · 255 / 2^16.
    w.saturating_sub(high + borrow).max(min).min(max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decay_rounds_to_nearest(alpha in 0i16..=252, v in any::<i16>()) {
            prop_assert_eq!(i32::from(decay(alpha, v)), (i32::from(alpha) * i32::from(v) + 128) >> 8);
        }

        #[test]
        fn update_is_the_specified_difference(
            w in any::<i16>(), delta in any::<i8>(), shift in 8u32..=16, noise in any::<u16>(), trace in any::<u8>(), wide: bool
        ) {
            let limits = if wide { (i16::MIN, i16::MAX) } else { (-128, 127) };
            let w = w.clamp(limits.0, limits.1);
            let product = (i64::from(delta) * i64::from(trace)) << (16 - shift);
            let step = (i64::from(noise) - product) >> 16;
            let wanted = (i64::from(w) + step).clamp(limits.0.into(), limits.1.into());
            let got = updated(w, i16::from(delta) << (16 - shift), noise, trace.into(), limits);
            prop_assert_eq!(i64::from(got), wanted);
        }

        #[test]
        fn integrate_saturates_after_each_row(
            weights in prop::collection::vec(any::<i16>(), 4 * 75),
            rows in prop::collection::btree_set(0u32..4, 0..4),
            bits in 4u8..=15,
        ) {
            for width in [WeightBits::Eight, WeightBits::Sixteen] {
                let weights: Vec<i16> = match width {
                    WeightBits::Eight => weights.iter().map(|w| w >> 8).collect(),
                    WeightBits::Sixteen => weights.clone(),
                };
                let rows: Vec<u32> = rows.iter().copied().collect();
                let mut current = [99i16; 70];
                integrate(&weights, 75, &rows, (width, bits), &mut current);
                let top = 1i64 << (width.bits() + 7);
                for (column, &got) in current.iter().enumerate() {
                    let mut sum = 0i64;
                    for &row in &rows {
                        sum = (sum + i64::from(weights[row as usize * 75 + column])).clamp(-top, top - 1);
                    }
                    let q = if bits <= 8 { sum << (8 - bits) } else { (sum + (1 << (bits - 9))) >> (bits - 8) };
                    prop_assert_eq!(i64::from(got), q.clamp(i16::MIN.into(), i16::MAX.into()));
                }
            }
        }

        #[test]
        fn a_row_changes_only_where_blocks_say(n in 1usize..40, blocks in prop::collection::btree_set(0u32..3, 0..4)) {
            let blocks: Vec<u32> = blocks.into_iter().filter(|&b| (b as usize) * BLOCK < n).collect();
            let first_columns: Vec<u32> = blocks.iter().map(|&block| block * BLOCK as u32).collect();
            let mut runs = Vec::new();
            runs_of_blocks(&first_columns, &mut runs);
            let mut row = vec![0i16; n];
            let update = RowUpdate {
                scaled_errors: &vec![64 << 8; n], column_noise: &vec![0; n], runs: &runs, limits: (-128, 127),
            };
            update_row(&mut row, &update, 0, 255);
            for (column, &w) in row.iter().enumerate() {
                prop_assert_eq!(w != 0, blocks.contains(&((column / BLOCK) as u32)), "column {}", column);
            }
        }
    }

    #[test]
    fn a_sum_of_weights_saturates_eight_bits_above_a_weight() {
        let rows: Vec<u32> = (0..300).collect();
        let mut current = [0i16; 1];
        integrate(&[127; 300], 1, &rows, (WeightBits::Eight, 8), &mut current);
        assert_eq!(current, [32_767]);
        integrate(&[-128; 300], 1, &rows, (WeightBits::Eight, 12), &mut current);
        assert_eq!(current, [-2048]);
        integrate(&[i16::MAX; 300], 1, &rows, (WeightBits::Sixteen, 15), &mut current);
        // 2^23 − 1, shifted right by 7 and rounded, is one more than a membrane holds.
        assert_eq!(current, [32_767]);
        integrate(&[127; 2], 1, &[0, 1], (WeightBits::Eight, 4), &mut current);
        assert_eq!(current, [254 << 4]);
    }

    #[test]
    fn threshold_traces_decay_to_nothing() {
        let mut trace = [0u8];
        threshold_traces(252, true, &[1], &mut trace);
        assert_eq!(trace, [31]);
        for _ in 0..40 {
            threshold_traces(252, true, &[0], &mut trace);
        }
        assert_eq!(trace, [0]);
        threshold_traces(252, false, &[1], &mut trace);
        threshold_traces(252, false, &[1], &mut trace);
        assert_eq!(trace, [31]);
    }
}
