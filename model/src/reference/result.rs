//! The result as it is written.

use serde::{Deserialize, Serialize};

use crate::float::{LayerState, Model};

/// Everything computed for a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceResult {
    /// Loss summed over the steps that have one.
    pub loss: f64,
    /// The output with the most spikes, of equals the one with the larger sum of membranes, of those the first.
    pub prediction: usize,
    /// Spikes of each output over the steps with a loss.
    pub spike_counts: Vec<u32>,
    /// u of each output summed over the steps with a loss.
    pub membrane_sums: Vec<f64>,
    /// Gradients of each layer, summed over steps.
    pub gradients: Vec<LayerGradients>,
    /// Every time step.
    pub steps: Vec<StepResult>,
}

/// Gradients of one layer. What does not learn is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerGradients {
    /// `Σ_t w̃ δᵀ`, in the shape of the case's.
    pub weights_by_input: Vec<Vec<f64>>,
    /// `Σ_t δ (θ̃ − 1)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Vec<f64>>,
    /// `Σ_t Σ_n δ α̃`: the exact derivative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak: Option<f64>,
    /// `leak` over the number of neurons: what learning uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak_mean: Option<f64>,
}

/// One time step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepResult {
    /// Its loss; 0 before the first step that has one.
    pub loss: f64,
    /// Every layer.
    pub layers: Vec<LayerStep>,
}

/// One layer at one time step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerStep {
    /// s, 0 or 1.
    pub spikes: Vec<u8>,
    /// u.
    pub membranes: Vec<f64>,
    /// φ(u − θ).
    pub surrogates: Vec<f64>,
    /// w̃, one per input; the input spike x itself without traces.
    pub weight_traces: Vec<f64>,
    /// θ̃, where thresholds learn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_traces: Option<Vec<f64>>,
    /// α̃, where leaks learn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak_traces: Option<Vec<f64>>,
    /// δ; 0 at steps without a loss.
    pub errors: Vec<f64>,
}

impl StepResult {
    pub(super) fn of(model: &Model<f64>, loss: f64) -> Self {
        let layers = model.network().layers.iter().zip(&model.state().layers);
        let layers = layers.map(|(layer, state)| {
            let LayerState { membranes, spikes, errors, .. } = state;
            LayerStep {
                spikes: spikes.iter().map(|&spike| u8::from(spike)).collect(),
                membranes: membranes.clone(),
                surrogates: membranes.iter().enumerate().map(|(n, &u)| layer.phi(n, u)).collect(),
                weight_traces: (0..layer.inputs).map(|input| state.weight_trace(input)).collect(),
                threshold_traces: layer.learn.thresholds.then(|| state.threshold_traces.clone()),
                leak_traces: layer.learn.leaks.then(|| state.leak_traces.clone()),
                errors: errors.clone(),
            }
        });
        Self { loss, layers: layers.collect() }
    }
}

pub(super) fn gradients(model: &Model<f64>) -> Vec<LayerGradients> {
    let layers = model.network().layers.iter().zip(model.gradients());
    let gradients = layers.map(|(layer, gradients)| LayerGradients {
        weights_by_input: gradients.weights.chunks_exact(layer.outputs).map(<[f64]>::to_vec).collect(),
        thresholds: layer.learn.thresholds.then(|| gradients.thresholds.clone()),
        leak: layer.learn.leaks.then_some(gradients.leak),
        leak_mean: layer.learn.leaks.then(|| gradients.leak_mean()),
    });
    gradients.collect()
}
