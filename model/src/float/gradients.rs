//! Gradients of one layer and the step of gradient descent they make.

use super::{Layer, Scalar};

/// θ is kept within these bounds by learning, as in the hardware.
pub const THRESHOLD_BOUNDS: (f64, f64) = (0.25, 4.0);
/// α is kept within these bounds by learning, as in the hardware.
pub const LEAK_BOUNDS: (f64, f64) = (1.0 / 16.0, 252.0 / 256.0);

/// Learning rates of one layer. Gradient norms differ between layers, so each has its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates<F> {
    /// Of W.
    pub weights: F,
    /// Of θ.
    pub thresholds: F,
    /// Of α; multiplies the gradient's mean over the layer's neurons.
    pub leak: F,
}

/// `dE/dW`, `dE/dθ` and `dE/dα` of one layer, summed over the steps of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients<F> {
    /// Like [`Layer::weights`].
    pub weights: Vec<F>,
    /// Like [`Layer::thresholds`].
    pub thresholds: Vec<F>,
    /// The exact derivative: the sum over neurons.
    pub leak: F,
}

impl<F: Scalar> Gradients<F> {
    /// Zero, in the shape of `layer`.
    pub fn zero(layer: &Layer<F>) -> Self {
        Self {
            weights: vec![F::zero(); layer.weights.len()],
            thresholds: vec![F::zero(); layer.outputs],
            leak: F::zero(),
        }
    }

    /// The leak's gradient as learning uses it: [`Gradients::leak`] over the number of neurons.
    pub fn leak_mean(&self) -> F {
        self.leak / F::of(self.thresholds.len() as f64)
    }
}

/// `θ ← θ − rate · gradient`, within [`THRESHOLD_BOUNDS`].
pub(super) fn descend_threshold<F: Scalar>(threshold: &mut F, rate: F, gradient: F) {
    let (low, high) = THRESHOLD_BOUNDS;
    *threshold = (*threshold - rate * gradient).max(F::of(low)).min(F::of(high));
}

/// `α ← α − rate · gradient`, within [`LEAK_BOUNDS`].
pub(super) fn descend_leak<F: Scalar>(leak: &mut F, rate: F, mean_gradient: F) {
    let (low, high) = LEAK_BOUNDS;
    *leak = (*leak - rate * mean_gradient).max(F::of(low)).min(F::of(high));
}
