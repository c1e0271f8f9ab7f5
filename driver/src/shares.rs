//! An epoch cut into shares that several boards learn side by side, and the average of what they learned.
//!
//! A share is a piece of work of its own: recordings, the parameters at the epoch's start, a state of the noise generator. Who does
//! it, and how often it is begun again, changes no bit. `docs/several-boards.md` says what averaging does to learning.

use arch::Parameters;
use arch::formats::{Leak, Membrane};
use arch::parameters::LayerParameters;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Streams of a run's random numbers, one an epoch; those below are [`epoch_order`](crate::epoch_order)'s.
const NOISE: u64 = 1 << 32;
const ROUNDING: u64 = 2 << 32;

/// Cuts an epoch's order into shares, dealt like cards: share `k` of `n` has the places `k`, `k + n`, `k + 2n` and so on. None is empty: of
/// fewer recordings than shares each is a share.
pub fn deal(order: &[usize], shares: usize) -> Vec<Vec<usize>> {
    let shares = shares.min(order.len());
    (0..shares).map(|share| order.iter().copied().skip(share).step_by(shares).collect()).collect()
}

/// State of the noise generator at the beginning of each of an epoch's shares: never 0.
pub fn noise_seeds(seed: u64, epoch: u32, shares: usize) -> Vec<u32> {
    let mut rng = stream(seed, NOISE, epoch);
    (0..shares).map(|_| rng.next_u32().max(1)).collect()
}

/// The mean of what an epoch's shares have learned, parameter by parameter in the board's own integers. A mean between two integers
/// becomes the upper one with the probability of its fraction, so that what one of many boards has learned is not rounded away.
/// `None` of nothing; all are of the same network.
///
/// Exactly: of n integers with the sum n·q + r, 0 ≤ r < n, the mean is q + 1 if ⌊x·n / 2³²⌋ < r and q otherwise. x is the next number of
/// 32 bits from ChaCha8 with the run's seed, in the stream 2³³ + `epoch`; each parameter takes one, in the order of
/// [`Parameters::to_bytes`].
pub fn average(learned: &[Parameters], seed: u64, epoch: u32) -> Option<Parameters> {
    let first = learned.first()?;
    let mut rng = stream(seed, ROUNDING, epoch);
    let count = learned.len() as i64;
    let mut mean = |sum: i64| {
        let drawn = (i64::from(rng.next_u32()) * count) >> 32;
        sum.div_euclid(count) + i64::from(drawn < sum.rem_euclid(count))
    };
    let layers = || 0..first.layers.len();
    let of = |layer: usize| learned.iter().map(move |parameters| &parameters.layers[layer]);
    // A mean lies between the least and the greatest: it has their type's range.
    let weights: Vec<Vec<i16>> = layers()
        .map(|at| {
            let places = 0..first.layers[at].weights.len();
            places
                .map(|place| mean(of(at).map(|layer| i64::from(layer.weights[place])).sum()) as i16)
                .collect()
        })
        .collect();
    let thresholds: Vec<Vec<Membrane>> = layers()
        .map(|at| {
            let places = 0..first.layers[at].thresholds.len();
            let sum = |place: usize| of(at).map(|layer| i64::from(layer.thresholds[place].to_bits())).sum();
            places.map(|place| Membrane::from_bits(mean(sum(place)) as i16)).collect()
        })
        .collect();
    let leaks = layers()
        .map(|at| Leak::from_bits(mean(of(at).map(|layer| i64::from(layer.leak.to_bits())).sum()) as u16));
    let leaks: Vec<Leak> = leaks.collect();
    let parts = weights.into_iter().zip(thresholds).zip(leaks);
    let layers = parts.map(|((weights, thresholds), leak)| LayerParameters { weights, thresholds, leak });
    Some(Parameters { weight_bits: first.weight_bits, layers: layers.collect() })
}

fn stream(seed: u64, kind: u64, epoch: u32) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(kind + u64::from(epoch));
    rng
}

#[cfg(test)]
mod tests {
    use arch::WeightBits;

    use super::*;

    fn parameters(weights: &[i16], threshold: i16, leak: u16) -> Parameters {
        let layer = LayerParameters {
            weights: weights.to_vec(),
            thresholds: vec![Membrane::from_bits(threshold)],
            leak: Leak::from_bits(leak),
        };
        Parameters { weight_bits: WeightBits::Eight, layers: vec![layer] }
    }

    #[test]
    fn shares_are_dealt_like_cards() {
        assert_eq!(deal(&[9, 8, 7, 6, 5], 2), [vec![9, 7, 5], vec![8, 6]]);
        assert_eq!(deal(&[9, 8], 3), [[9], [8]]);
        assert!(deal(&[], 3).is_empty());
    }

    #[test]
    fn noise_differs_between_shares_epochs_and_seeds_and_is_pinned() {
        let seeds = noise_seeds(1, 0, 4);
        assert_eq!(seeds[..2], noise_seeds(1, 0, 2));
        let mut all = [seeds, noise_seeds(1, 1, 4), noise_seeds(2, 0, 4)].concat();
        assert_eq!(all[..2], [1_344_756_634, 544_005_287]);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn a_whole_mean_is_exact_and_any_other_one_of_its_neighbours() {
        let learned =
            [parameters(&[-128, 127, 3, -4], 256, 65_535), parameters(&[-128, 127, 5, -6], 258, 65_535)];
        assert_eq!(average(&learned, 1, 0), Some(parameters(&[-128, 127, 4, -5], 257, 65_535)));
        assert_eq!(average(&learned[..1], 1, 0).as_ref(), Some(&learned[0]));
        assert_eq!(average(&[], 1, 0), None);
    }

    /// A quarter of what one of four has learned stays, in the mean over many weights, and of what is negative too.
    #[test]
    fn rounding_keeps_the_mean() {
        let many = 40_000;
        for (one, wanted) in [(1i16, 0.25), (-1, -0.25), (-3, -0.75), (5, 1.25)] {
            let still = parameters(&vec![0; many], 0, 0);
            let learned = [still.clone(), parameters(&vec![one; many], 0, 0), still.clone(), still];
            let weights = |epoch| average(&learned, 7, epoch).unwrap().layers[0].weights.clone();
            let mean = weights(0).iter().map(|&weight| f64::from(weight)).sum::<f64>() / many as f64;
            assert!((mean - wanted).abs() < 0.01, "{one}: {mean}");
            assert_eq!(weights(0), weights(0));
            assert_ne!(weights(0), weights(1));
        }
    }

    #[test]
    fn an_average_is_pinned() {
        let learned = [parameters(&[0; 8], 0, 0), parameters(&[1; 8], 1, 1)];
        assert_eq!(average(&learned, 1, 0), Some(parameters(&[0, 0, 0, 0, 0, 1, 1, 0], 1, 0)));
    }
}
