//! What a layer remembers between two time steps.

use super::{Layer, Network, Scalar};
use crate::memory::{Buffers, Method};

/// The state of one layer. A buffer that nothing needs is empty, as [`Buffers::of`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerState<F> {
    /// u of the last step, one per neuron.
    pub membranes: Vec<F>,
    /// s of the last step, one per neuron.
    pub spikes: Vec<bool>,
    /// x of the last step, one per input; kept only where it stands in the place of w̃.
    pub input_spikes: Vec<bool>,
    /// δ of the last step, one per neuron.
    pub errors: Vec<F>,
    /// w̃, one per input.
    pub weight_traces: Vec<F>,
    /// θ̃, one per neuron.
    pub threshold_traces: Vec<F>,
    /// α̃, one per neuron.
    pub leak_traces: Vec<F>,
}

impl<F: Scalar> LayerState<F> {
    /// At rest: every value 0.
    pub fn new(layer: &Layer<F>) -> Self {
        let Buffers { membranes, spikes, input_spikes, errors, weight_traces, threshold_traces, leak_traces } =
            Buffers::of(Method::Stop(layer.learn), layer.inputs, layer.outputs);
        Self {
            membranes: vec![F::zero(); membranes],
            spikes: vec![false; spikes],
            input_spikes: vec![false; input_spikes],
            errors: vec![F::zero(); errors],
            weight_traces: vec![F::zero(); weight_traces],
            threshold_traces: vec![F::zero(); threshold_traces],
            leak_traces: vec![F::zero(); leak_traces],
        }
    }

    /// Back to rest.
    pub fn clear(&mut self) {
        self.membranes.fill(F::zero());
        self.spikes.fill(false);
        self.input_spikes.fill(false);
        self.errors.fill(F::zero());
        self.weight_traces.fill(F::zero());
        self.threshold_traces.fill(F::zero());
        self.leak_traces.fill(F::zero());
    }

    /// What multiplies δ in the weight gradient of `input`: w̃, or x where there are no traces.
    pub fn weight_trace(&self, input: usize) -> F {
        match self.weight_traces.get(input) {
            Some(&trace) => trace,
            None if self.input_spikes.get(input) == Some(&true) => F::one(),
            None => F::zero(),
        }
    }
}

/// The state of every layer.
#[derive(Debug, Clone, PartialEq)]
pub struct State<F> {
    /// In the order of the network's layers.
    pub layers: Vec<LayerState<F>>,
}

impl<F: Scalar> State<F> {
    /// Every layer at rest.
    pub fn new(network: &Network<F>) -> Self {
        Self { layers: network.layers.iter().map(LayerState::new).collect() }
    }
}
