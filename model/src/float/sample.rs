//! A whole sample: its time steps, its loss and the class it is taken for.

use thiserror::Error;

use super::{Loss, Model, Rates, Scalar, Target, Updates};

/// How a sample changes the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Training<F> {
    /// When.
    pub updates: Updates,
    /// How fast, one a layer.
    pub rates: Vec<Rates<F>>,
}

/// What came of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The class, by [`predict`].
    pub prediction: usize,
    /// Spikes of each output over the steps with a loss.
    pub spike_counts: Vec<u32>,
    /// u of each output summed over the steps with a loss.
    pub membrane_sums: Vec<f64>,
    /// Loss summed over those steps, with the parameters as each step found them.
    pub loss: f64,
}

/// A sample that does not fit the network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SampleError {
    /// A label that is no output.
    #[error("label {label} has no output neuron: the network has {outputs}, so labels end at {}", outputs - 1)]
    Label {
        /// The label.
        label: usize,
        /// Output neurons of the network.
        outputs: usize,
    },
    /// A spike of an input that the network does not have.
    #[error("step {step} has a spike at input {input}: the network has {inputs} inputs")]
    Input {
        /// Time step, from 0.
        step: usize,
        /// The spike.
        input: u32,
        /// Inputs of the network.
        inputs: usize,
    },
    /// Spikes that do not ascend.
    #[error("step {step} lists input {second} after input {first}: list each input once, in ascending order")]
    Order {
        /// Time step, from 0.
        step: usize,
        /// An index.
        first: u32,
        /// The one after it.
        second: u32,
    },
    /// No step with a loss.
    #[error(
        "the sample has {steps} steps and its loss begins at step {first_loss_step}: begin before its end"
    )]
    NoLossStep {
        /// Time steps of the sample.
        steps: usize,
        /// The first that counts.
        first_loss_step: usize,
    },
    /// Not one set of rates a layer.
    #[error("{seen} sets of learning rates for {wanted} layers: give one a layer")]
    Rates {
        /// Sets given.
        seen: usize,
        /// Layers of the network.
        wanted: usize,
    },
}

/// The output with the most spikes; of equals the one with the larger sum of membranes; of those the first.
pub fn predict(spike_counts: &[u32], membrane_sums: &[f64]) -> usize {
    let better = |a: usize, b: usize| {
        (spike_counts[a], membrane_sums[a]).partial_cmp(&(spike_counts[b], membrane_sums[b]))
            == Some(std::cmp::Ordering::Greater)
    };
    (0..spike_counts.len()).reduce(|best, n| if better(n, best) { n } else { best }).unwrap_or(0)
}

impl<F: Scalar> Model<F> {
    /// Runs a sample of class `label`, and learns from it where `training` says how.
    ///
    /// `steps` are the ascending indices of the inputs that spike, step by step. The loss, the prediction and all
    /// learning take the steps from `first_loss_step` on.
    ///
    /// # Errors
    /// A sample that does not fit. With an error in a step, updates of the steps before it have been made.
    pub fn run_sample<S: AsRef<[u32]>>(
        &mut self,
        steps: impl IntoIterator<Item = S>,
        label: usize,
        first_loss_step: usize,
        training: Option<&Training<F>>,
    ) -> Result<Outcome, SampleError> {
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        if label >= outputs {
            return Err(SampleError::Label { label, outputs });
        }
        if let Some(Training { rates, .. }) = training
            && rates.len() != self.network.layers.len()
        {
            return Err(SampleError::Rates { seen: rates.len(), wanted: self.network.layers.len() });
        }
        let mut outcome = Outcome {
            prediction: 0,
            spike_counts: vec![0; outputs],
            membrane_sums: vec![0.0; outputs],
            loss: 0.0,
        };
        let mut count = 0;
        self.begin_sample(training.is_some());
        for (step, spikes) in steps.into_iter().enumerate() {
            check_spikes(step, spikes.as_ref(), inputs)?;
            self.step(spikes.as_ref());
            count += 1;
            if step >= first_loss_step {
                self.observe(&mut outcome);
                let target = Target::Class(label);
                outcome.loss += match training {
                    None => self.loss(target),
                    Some(Training { updates: Updates::PerSample, .. }) => self.accumulate(target),
                    Some(Training { updates: Updates::Online, rates }) => self.update(target, rates),
                };
            }
        }
        if count <= first_loss_step {
            return Err(SampleError::NoLossStep { steps: count, first_loss_step });
        }
        if let Some(Training { updates: Updates::PerSample, rates }) = training {
            self.apply(rates);
        }
        outcome.prediction = predict(&outcome.spike_counts, &outcome.membrane_sums);
        Ok(outcome)
    }

    /// The loss of the step that ran last.
    pub fn loss(&mut self, target: Target<F>) -> f64 {
        let loss: Loss = self.network.loss;
        let top = self.network.layers.len() - 1;
        let state = &mut self.state.layers[top];
        let loss = loss.differentiate(&state.spikes, target, &mut state.errors);
        state.errors.fill(F::zero());
        loss
    }

    /// Adds the outputs of the step that ran last.
    fn observe(&self, outcome: &mut Outcome) {
        let Some(state) = self.state.layers.last() else { return };
        for (n, (&spike, &membrane)) in state.spikes.iter().zip(&state.membranes).enumerate() {
            outcome.spike_counts[n] += u32::from(spike);
            outcome.membrane_sums[n] += membrane.real();
        }
    }
}

/// Ascending, and below `inputs`.
pub(super) fn check_spikes(step: usize, spikes: &[u32], inputs: usize) -> Result<(), SampleError> {
    if let Some(pair) = spikes.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(SampleError::Order { step, first: pair[0], second: pair[1] });
    }
    match spikes.last() {
        Some(&input) if input as usize >= inputs => Err(SampleError::Input { step, input, inputs }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::predict;

    #[test]
    fn spikes_decide_then_membranes_then_the_lower_index() {
        assert_eq!(predict(&[1, 3, 2], &[9.0, 0.0, 5.0]), 1);
        assert_eq!(predict(&[2, 1, 2], &[1.0, 9.0, 1.5]), 2);
        assert_eq!(predict(&[0, 0, 0], &[-2.0, -1.0, -1.0]), 1);
        assert_eq!(predict(&[], &[]), 0);
    }
}
