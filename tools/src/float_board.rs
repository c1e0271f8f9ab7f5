//! `--board float`: the equations in 32 bits in the place of a board, for comparison.

use arch::protocol::SampleResult;
use arch::{Counts, Network};
use driver::Sample;
use model::float::{self, F32_TRACE_FLOOR, Loss, Rates, Training};
use model::init::uniform_weights;

use crate::recipe::Recipe;

/// A float model that learns by the same recipe as a board: same initial weights, rates and order of recordings.
#[derive(Debug)]
pub struct FloatBoard {
    model: float::Model<f32>,
    training: Training<f32>,
    counts: Counts,
}

impl FloatBoard {
    /// The float model of `network`, with the recipe's initial parameters before any rounding.
    pub fn new(network: &Network, recipe: &Recipe, seed: u64) -> Result<Self, float::NetworkError> {
        let layers = network.layers.iter().enumerate().map(|(at, layer)| {
            let (inputs, outputs) = (layer.inputs() as usize, layer.outputs() as usize);
            let weights = uniform_weights(inputs, outputs, recipe.gain, seed, at);
            float::Layer {
                inputs,
                outputs,
                weights: weights.into_iter().map(|w| w as f32).collect(),
                thresholds: vec![recipe.threshold as f32; outputs],
                leak: recipe.leak as f32,
                surrogate: surrogate(layer.surrogate),
                learn: layer.learn,
            }
        });
        let network_of_floats = float::Network { layers: layers.collect(), loss: Loss::Squared };
        let model = float::Model::new(network_of_floats)?.with_trace_floor(F32_TRACE_FLOOR as f32);
        Ok(Self { model, training: training(network, recipe, 0), counts: Counts::default() })
    }

    /// Takes the rates of an epoch whose recipe has halved them `halvings` times.
    pub fn set_rates(&mut self, network: &Network, recipe: &Recipe, halvings: u32) {
        self.training = training(network, recipe, halvings);
    }

    /// Learns or classifies one recording.
    pub fn run(&mut self, sample: &Sample, learn: bool) -> Result<SampleResult, float::SampleError> {
        let steps = sample.unpack();
        self.counts.samples += 1;
        self.counts.steps += steps.len() as u64;
        self.counts.events += steps.iter().map(|step| step.len() as u64).sum::<u64>();
        self.counts.learning_steps += if learn { steps.len() as u64 } else { 0 };
        let training = learn.then_some(&self.training);
        let outcome =
            self.model.run_sample(&steps, sample.label.into(), sample.first_loss_step.into(), training)?;
        Ok(SampleResult {
            prediction: outcome.prediction as u16,
            spikes: outcome.spike_counts.get(outcome.prediction).map_or(0, |&count| count as u16),
            // The squared loss is half the wrong spikes.
            wrong_spikes: (2.0 * outcome.loss).round() as u32,
        })
    }

    /// Work counted since the last clearing. A float model has no lanes, so no row words.
    pub fn counts(&self) -> Counts {
        let mut counts = self.counts;
        for layer in self.model.counts() {
            counts.integrated += layer.integrated;
            counts.back_propagated += layer.back_propagated;
            counts.updated += layer.updated;
            counts.neuron_visits += layer.neuron_visits;
            counts.error_chances += layer.error_chances;
            counts.errors += layer.errors;
        }
        counts
    }

    /// Clears the counters.
    pub fn clear_counts(&mut self) {
        self.counts = Counts::default();
        self.model.clear_counts();
    }

    /// Output neurons.
    pub fn classes(&self) -> u32 {
        self.model.network().outputs() as u32
    }

    /// The parameters.
    pub fn network(&self) -> &float::Network<f32> {
        self.model.network()
    }
}

fn training(network: &Network, recipe: &Recipe, halvings: u32) -> Training<f32> {
    let rate = |below: u8, at: usize| {
        let first = recipe.rate.get(at).or(recipe.rate.last()).copied().unwrap_or(8);
        (-f64::from(u32::from(first) + u32::from(below) + halvings)).exp2() as f32
    };
    let rates = (0..network.layers.len())
        .map(|at| Rates {
            weights: rate(0, at),
            thresholds: rate(recipe.threshold_rate, at),
            leak: rate(recipe.leak_rate, at),
        })
        .collect();
    Training { updates: network.updates, rates }
}

fn surrogate(surrogate: arch::Surrogate) -> float::Surrogate {
    match surrogate {
        arch::Surrogate::Shift => float::Surrogate::Shift,
        arch::Surrogate::Rectangle => float::Surrogate::RECTANGLE,
        arch::Surrogate::Triangle => float::Surrogate::TRIANGLE,
    }
}
