//! Parameters before learning.

use arch::formats::{leak_from_f64, threshold_from_f64};
use arch::{Network, Parameters, parameters::LayerParameters};

/// How a network starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Initial {
    /// Scale of the weights, see [`crate::init::uniform_weights`].
    pub gain: f64,
    /// Threshold of every neuron.
    pub threshold: f64,
    /// Leak of every layer.
    pub leak: f64,
    /// Seed of the weights.
    pub seed: u64,
}

/// The float model's initial weights, rounded to each layer's weight format.
pub fn initial_parameters(network: &Network, initial: &Initial) -> Parameters {
    let layers = network.layers.iter().enumerate().map(|(at, layer)| {
        let (inputs, outputs) = (layer.inputs() as usize, layer.outputs() as usize);
        let steps = f64::from(1u32 << layer.weight_fraction_bits);
        let (min, max) = (f64::from(network.weight_bits.min()), f64::from(network.weight_bits.max()));
        LayerParameters {
            weights: crate::init::uniform_weights(inputs, outputs, initial.gain, initial.seed, at)
                .into_iter()
                .map(|w| (w * steps).round().clamp(min, max) as i16)
                .collect(),
            thresholds: vec![threshold_from_f64(initial.threshold); outputs],
            leak: leak_from_f64(initial.leak),
        }
    });
    Parameters { weight_bits: network.weight_bits, layers: layers.collect() }
}
