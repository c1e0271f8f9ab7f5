//! Dense layers and their parameters.

use arch::network::Learn;
use thiserror::Error;

use super::{Loss, Scalar, Surrogate};

/// A dense layer of leaky integrate-and-fire neurons.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer<F> {
    /// Input locations.
    pub inputs: usize,
    /// Neurons.
    pub outputs: usize,
    /// W, one contiguous row of `outputs` weights per input as in the hardware: from input `i` to neuron `n` at
    /// `i · outputs + n`.
    pub weights: Vec<F>,
    /// θ, one per neuron; positive.
    pub thresholds: Vec<F>,
    /// α, one for the layer; 0 … 1.
    pub leak: F,
    /// φ.
    pub surrogate: Surrogate,
    /// What learns, and whether gradients reach back in time.
    pub learn: Learn,
}

/// Dense layers, each fed by the spikes of the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Network<F> {
    /// From the input to the output; at least one.
    pub layers: Vec<Layer<F>>,
    /// The loss on the last layer's spikes.
    pub loss: Loss,
}

/// A network whose parts do not fit.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NetworkError {
    /// No layers.
    #[error("the network has no layers: give at least one")]
    NoLayers,
    /// A layer without inputs or without neurons.
    #[error("layers[{layer}] is {inputs}-{outputs}: give it at least one input and one neuron")]
    Empty {
        /// Index of the layer.
        layer: usize,
        /// Its inputs.
        inputs: usize,
        /// Its neurons.
        outputs: usize,
    },
    /// A layer that does not take what the one before gives.
    #[error("layers[{layer}] has {seen} inputs, the layer before it has {wanted} neurons: make them equal")]
    Chain {
        /// Index of the layer.
        layer: usize,
        /// Its inputs.
        seen: usize,
        /// Neurons of the layer before.
        wanted: usize,
    },
    /// A parameter list of the wrong length.
    #[error("layers[{layer}].{what} has {seen} values where the layer's shape needs {wanted}")]
    Length {
        /// Index of the layer.
        layer: usize,
        /// The list.
        what: &'static str,
        /// Its length.
        seen: usize,
        /// The length its shape asks for.
        wanted: usize,
    },
    /// A parameter outside its range.
    #[error("layers[{layer}].{what} is {seen}: it must be {wanted}")]
    Value {
        /// Index of the layer.
        layer: usize,
        /// The parameter.
        what: String,
        /// Its value.
        seen: f64,
        /// Its range, in words.
        wanted: &'static str,
    },
}

impl<F: Scalar> Layer<F> {
    /// A layer with `weights` (row-major `[inputs][outputs]`, see [`crate::init`]) and one threshold for all
    /// neurons, which learns what `learn` says.
    pub fn new(
        (inputs, outputs): (usize, usize),
        weights: &[f64],
        threshold: f64,
        leak: f64,
        surrogate: Surrogate,
        learn: Learn,
    ) -> Self {
        Self {
            inputs,
            outputs,
            weights: weights.iter().map(|&weight| F::of(weight)).collect(),
            thresholds: vec![F::of(threshold); outputs],
            leak: F::of(leak),
            surrogate,
            learn,
        }
    }

    /// λ, what a trace keeps of itself at a step: α, or 0 where gradients do not reach back in time.
    pub fn trace_decay(&self) -> F {
        if self.learn.traces { self.leak } else { F::zero() }
    }

    /// φ(u − θ) of neuron `n` at membrane `u`.
    pub fn phi(&self, n: usize, membrane: F) -> F {
        self.surrogate.at(membrane - self.thresholds[n])
    }

    fn check(&self, layer: usize) -> Result<(), NetworkError> {
        let (inputs, outputs) = (self.inputs, self.outputs);
        if inputs == 0 || outputs == 0 {
            return Err(NetworkError::Empty { layer, inputs, outputs });
        }
        let lengths = [
            ("weights", self.weights.len(), inputs.saturating_mul(outputs)),
            ("thresholds", self.thresholds.len(), outputs),
        ];
        for (what, seen, wanted) in lengths {
            if seen != wanted {
                return Err(NetworkError::Length { layer, what, seen, wanted });
            }
        }
        let value =
            |what: String, seen: F, wanted| NetworkError::Value { layer, what, seen: seen.real(), wanted };
        if let Some(at) = self.weights.iter().position(|weight| !weight.is_finite()) {
            let place = format!("weights[{}][{}]", at / outputs, at % outputs);
            return Err(value(place, self.weights[at], "finite"));
        }
        if let Some(at) = self.thresholds.iter().position(|&theta| !(theta.is_finite() && theta > F::zero()))
        {
            return Err(value(format!("thresholds[{at}]"), self.thresholds[at], "finite and above 0"));
        }
        if !(self.leak >= F::zero() && self.leak <= F::one()) {
            return Err(value("leak".into(), self.leak, "between 0 and 1"));
        }
        Ok(())
    }
}

impl<F: Scalar> Network<F> {
    /// Checks that shapes chain and that every parameter lies in its range.
    ///
    /// # Errors
    /// The first place where they do not.
    pub fn check(&self) -> Result<(), NetworkError> {
        if self.layers.is_empty() {
            return Err(NetworkError::NoLayers);
        }
        for (index, layer) in self.layers.iter().enumerate() {
            layer.check(index)?;
            if let Some(below) = index.checked_sub(1).map(|below| &self.layers[below])
                && below.outputs != layer.inputs
            {
                return Err(NetworkError::Chain { layer: index, seen: layer.inputs, wanted: below.outputs });
            }
        }
        Ok(())
    }

    /// Input locations of the first layer.
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.inputs)
    }

    /// Neurons of the last layer.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }
}
