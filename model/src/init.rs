//! Initial parameters, drawn once in `f64` and shared by the float and the fixed model.
//!
//! The fixed model quantises these numbers and the float model converts them, so both start from
//! the same network and their difference measures arithmetic alone.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Draws the weights of layer `layer`, uniform in `±gain · sqrt(3 / inputs)`.
///
/// The variance of one weight is `gain² / inputs`, so with unit-variance inputs a membrane receives
/// variance `gain²` whatever the fan-in. The result is row-major, one row of `outputs` weights per
/// input: the weight from input `i` to neuron `n` is at `i · outputs + n`.
///
/// The generator is ChaCha8 seeded with `seed` and drawing from stream `layer`: the weights of one
/// layer do not depend on the sizes of the layers before it, and the same arguments give the same
/// bits on every platform. An empty layer yields an empty vector.
pub fn uniform_weights(inputs: usize, outputs: usize, gain: f64, seed: u64, layer: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(layer as u64);
    let bound = gain * (3.0 / inputs.max(1) as f64).sqrt();
    (0..inputs * outputs).map(|_| bound * (2.0 * unit(&mut rng) - 1.0)).collect()
}

/// A uniform number in `[0, 1)` with 53 random bits.
fn unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 * (-53f64).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_lie_within_the_bound_and_have_the_stated_variance() {
        let (inputs, outputs, gain) = (300, 50, 1.5);
        let weights = uniform_weights(inputs, outputs, gain, 7, 0);
        assert_eq!(weights.len(), inputs * outputs);
        let bound = gain * (3.0f64 / 300.0).sqrt();
        assert!(weights.iter().all(|w| w.abs() <= bound));
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let variance = weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64;
        assert!(mean.abs() < 0.01 * bound, "mean {mean}");
        let wanted = gain * gain / 300.0;
        assert!((variance / wanted - 1.0).abs() < 0.03, "variance {variance}, wanted {wanted}");
    }

    #[test]
    fn a_layer_depends_on_the_seed_and_its_index_only() {
        let weights = uniform_weights(4, 3, 1.0, 1, 1);
        assert_eq!(weights, uniform_weights(4, 3, 1.0, 1, 1));
        assert_ne!(weights, uniform_weights(4, 3, 1.0, 1, 0));
        assert_ne!(weights, uniform_weights(4, 3, 1.0, 2, 1));
        assert!(uniform_weights(0, 3, 1.0, 1, 0).is_empty());
    }
}
