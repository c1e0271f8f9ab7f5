//! Back-propagation through time of the same network: the gradient that STOP approximates.
//!
//! Nothing is detached. With `g[t] = dE/du[t]` and `h[t] = dE/ds[t]`, E being the loss of all steps, and going back
//! from the last step with `g[T] = 0`,
//!
//! ```text
//! h[t] = ∂E[t]/∂s[t]  or  W⁺ g⁺[t]      from the loss, or from the layer above
//!        − α θ g[t+1]                    through the reset
//! g[t] = h[t] φ(u[t] − θ) + α g[t+1]
//! dE/dW = Σ_t x[t] g[t]ᵀ
//! dE/dθ = −Σ_t (h[t] φ + α s[t−1] g[t])
//! dE/dα = Σ_t Σ_n (u[t−1] − θ s[t−1]) g[t]
//! ```

use super::sample::check_spikes;
use super::{Gradients, Layer, Model, Network, SampleError, Scalar, Target};
use crate::memory::{Buffers, Method};

/// What back-propagation keeps of one layer over the T steps of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerHistory<F> {
    /// u of every step, `[steps][neurons]`. The layer's spikes follow from it.
    pub membranes: Vec<F>,
    /// x of every step, `[steps][inputs]`.
    pub input_spikes: Vec<bool>,
    /// First h, then g of the step that is being worked on, and behind them g of the step after it.
    errors: Vec<F>,
}

impl<F: Scalar> LayerHistory<F> {
    /// Room for `steps` steps.
    pub fn new(layer: &Layer<F>, steps: usize) -> Self {
        let buffers = Buffers::of(Method::Bptt { steps }, layer.inputs, layer.outputs);
        Self {
            membranes: vec![F::zero(); buffers.membranes],
            input_spikes: vec![false; buffers.input_spikes],
            errors: vec![F::zero(); buffers.errors],
        }
    }

    fn membrane(&self, layer: &Layer<F>, step: usize, n: usize) -> F {
        self.membranes[step * layer.outputs + n]
    }

    fn spike(&self, layer: &Layer<F>, step: usize, n: usize) -> bool {
        self.membrane(layer, step, n) >= layer.thresholds[n]
    }

    /// Turns h into g, and adds the step to `gradients`.
    fn close(&mut self, layer: &Layer<F>, step: usize, gradients: &mut Gradients<F>) {
        for n in 0..layer.outputs {
            let following = self.errors[layer.outputs + n];
            let theta = layer.thresholds[n];
            let h = self.errors[n] - layer.leak * theta * following;
            let through_spike = h * layer.phi(n, self.membrane(layer, step, n));
            let g = through_spike + layer.leak * following;
            self.errors[n] = g;
            gradients.thresholds[n] -= through_spike;
            if step > 0 {
                let mut rest = self.membrane(layer, step - 1, n);
                if self.spike(layer, step - 1, n) {
                    rest -= theta;
                    gradients.thresholds[n] -= layer.leak * g;
                }
                gradients.leak += rest * g;
            }
        }
        let inputs = &self.input_spikes[step * layer.inputs..][..layer.inputs];
        for (row, _) in inputs.iter().enumerate().filter(|(_, spike)| **spike) {
            let row = &mut gradients.weights[row * layer.outputs..][..layer.outputs];
            F::add_row(row, &self.errors[..layer.outputs]);
        }
    }
}

/// Gradients of one sample by back-propagation through time, one a layer and for every parameter.
///
/// `target` gives the target of a step; steps before `first_loss_step` have no loss. Each [`Layer::learn`] is ignored.
///
/// # Errors
/// Spikes that do not ascend or lie outside the network's inputs.
///
/// # Panics
/// If [`Network::check`] refuses the network.
pub fn gradients<'a, F: Scalar>(
    network: &Network<F>,
    steps: &[impl AsRef<[u32]>],
    target: impl Fn(usize) -> Target<'a, F>,
    first_loss_step: usize,
) -> Result<Vec<Gradients<F>>, SampleError> {
    let mut histories: Vec<_> =
        network.layers.iter().map(|layer| LayerHistory::new(layer, steps.len())).collect();
    record(network, steps, &mut histories)?;
    let mut gradients: Vec<_> = network.layers.iter().map(Gradients::zero).collect();
    for step in (0..steps.len()).rev() {
        for index in (0..network.layers.len()).rev() {
            let layer = &network.layers[index];
            let (history, above) = histories[index..].split_first_mut().expect("one history a layer");
            let h = &mut history.errors[..layer.outputs];
            match (above.first(), network.layers.get(index + 1)) {
                (Some(above), Some(above_layer)) => {
                    let g = &above.errors[..above_layer.outputs];
                    for (h, row) in h.iter_mut().zip(above_layer.weights.chunks_exact(above_layer.outputs)) {
                        *h = F::dot(row, g);
                    }
                }
                _ if step >= first_loss_step => {
                    let spikes: Vec<bool> =
                        (0..layer.outputs).map(|n| history.spike(layer, step, n)).collect();
                    let h = &mut history.errors[..layer.outputs];
                    network.loss.differentiate(&spikes, target(step), h);
                }
                _ => h.fill(F::zero()),
            }
            history.close(layer, step, &mut gradients[index]);
        }
        for (history, layer) in histories.iter_mut().zip(&network.layers) {
            history.errors.copy_within(..layer.outputs, layer.outputs);
        }
    }
    Ok(gradients)
}

/// Runs the sample and keeps what happened.
fn record<F: Scalar>(
    network: &Network<F>,
    steps: &[impl AsRef<[u32]>],
    histories: &mut [LayerHistory<F>],
) -> Result<(), SampleError> {
    let mut model = Model::new(network.clone()).expect("a network that passes its check");
    model.begin_sample(false);
    for (step, spikes) in steps.iter().enumerate() {
        let spikes = spikes.as_ref();
        check_spikes(step, spikes, network.inputs())?;
        model.step(spikes);
        for (index, (layer, history)) in network.layers.iter().zip(histories.iter_mut()).enumerate() {
            let inputs = &mut history.input_spikes[step * layer.inputs..][..layer.inputs];
            match index.checked_sub(1) {
                None => spikes.iter().for_each(|&input| inputs[input as usize] = true),
                Some(below) => inputs.copy_from_slice(&model.state.layers[below].spikes),
            }
            history.membranes[step * layer.outputs..][..layer.outputs]
                .copy_from_slice(&model.state.layers[index].membranes);
        }
    }
    Ok(())
}
