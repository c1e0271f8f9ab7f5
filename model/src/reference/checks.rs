//! What a case must satisfy, and the network and steps it makes.

use thiserror::Error;

use super::{Case, LayerStep, ReferenceResult, StepResult};
use crate::float::{Layer, Learn, Network, NetworkError};

/// The longest case that is read.
pub const MAX_CASE_BYTES: usize = 16 << 20;
/// The most numbers a result may have: about 100 MB of JSON.
pub const MAX_RESULT_VALUES: usize = 5_000_000;

/// Why a case has no result.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CaseError {
    /// A text longer than [`MAX_CASE_BYTES`].
    #[error(
        "the case has {seen} bytes, at most {MAX_CASE_BYTES} are read: take a smaller network or fewer steps"
    )]
    TooLong {
        /// Its bytes.
        seen: usize,
    },
    /// No JSON, or JSON of another form.
    #[error("{place}: {problem}; docs/reference.md describes the fields")]
    Json {
        /// The field.
        place: String,
        /// What is wrong there, with line and column.
        problem: String,
    },
    /// A value that does not fit the others.
    #[error("{place} is {seen}: it must be {wanted}")]
    Value {
        /// The field.
        place: String,
        /// What it holds.
        seen: String,
        /// What it may hold.
        wanted: String,
    },
    /// Two ways to say the same thing, or none.
    #[error("the case gives {seen} of `{first}` and `{second}`: give exactly one")]
    OneOf {
        /// `both` or `neither`.
        seen: &'static str,
        /// One field.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A network that the model refuses.
    #[error(transparent)]
    Network(NetworkError),
    /// More numbers than [`MAX_RESULT_VALUES`].
    #[error(
        "the result would have {seen} numbers, at most {MAX_RESULT_VALUES} are computed: take fewer steps"
    )]
    TooLarge {
        /// Its numbers.
        seen: usize,
    },
    /// A computed number that `f64` cannot hold.
    #[error("{place} leaves the range of a 64-bit float: scale the weights or the targets down")]
    Overflow {
        /// Where in the result.
        place: String,
    },
}

fn refuse(place: impl Into<String>, seen: impl Into<String>, wanted: impl Into<String>) -> CaseError {
    CaseError::Value { place: place.into(), seen: seen.into(), wanted: wanted.into() }
}

fn one_of((first, second): (&'static str, &'static str), given: (bool, bool)) -> Result<(), CaseError> {
    match given {
        (true, true) => Err(CaseError::OneOf { seen: "both", first, second }),
        (false, false) => Err(CaseError::OneOf { seen: "neither", first, second }),
        _ => Ok(()),
    }
}

impl Case {
    /// The network, its shapes and values checked.
    pub(super) fn network(&self) -> Result<Network<f64>, CaseError> {
        let learn: Learn = self.learn.parse().map_err(|_| {
            let names = Learn::NAMED.map(|(name, _)| name).join(", ");
            refuse("learn", format!("{:?}", truncated(&self.learn)), format!("one of {names}"))
        })?;
        let mut layers = Vec::with_capacity(self.layers.len());
        for (l, layer) in self.layers.iter().enumerate() {
            let (inputs, outputs) = (layer.weights_by_input.len(), layer.thresholds.len());
            for (i, row) in layer.weights_by_input.iter().enumerate() {
                if row.len() != outputs {
                    return Err(refuse(
                        format!("layers[{l}].weights_by_input[{i}]"),
                        format!("a row of {} weights", row.len()),
                        format!("one weight for each of the {outputs} thresholds"),
                    ));
                }
            }
            layers.push(Layer {
                inputs,
                outputs,
                weights: layer.weights_by_input.concat(),
                thresholds: layer.thresholds.clone(),
                leak: layer.leak,
                surrogate: layer.surrogate,
                learn,
            });
        }
        let network = Network { layers, loss: self.loss };
        network.check().map_err(CaseError::Network)?;
        Ok(network)
    }

    /// The ascending spike indices of each step.
    pub(super) fn steps(&self, inputs: usize) -> Result<Vec<Vec<u32>>, CaseError> {
        let given = (self.spike_indices.is_some(), self.spike_vectors.is_some());
        one_of(("spike_indices", "spike_vectors"), given)?;
        let (steps, name) = match (&self.spike_indices, &self.spike_vectors) {
            (Some(steps), _) => (check_indices(steps, inputs)?, "spike_indices"),
            (None, vectors) => (indices(vectors.as_deref().unwrap_or(&[]), inputs)?, "spike_vectors"),
        };
        if self.first_loss_step >= steps.len() {
            return Err(match steps.len() {
                0 => refuse(name, "empty", "a list of at least one time step"),
                steps => refuse(
                    "first_loss_step",
                    self.first_loss_step.to_string(),
                    format!("below the number of time steps, {steps}"),
                ),
            });
        }
        Ok(steps)
    }

    /// Checks the label or the targets.
    pub(super) fn check_targets(&self, outputs: usize, steps: usize) -> Result<(), CaseError> {
        one_of(("label", "targets"), (self.label.is_some(), self.targets.is_some()))?;
        if let Some(label) = self.label.filter(|&label| label >= outputs) {
            return Err(refuse(
                "label",
                label.to_string(),
                format!("below the number of outputs, {outputs}"),
            ));
        }
        let Some(targets) = &self.targets else { return Ok(()) };
        if targets.len() != steps {
            let seen = format!("a list of {} steps", targets.len());
            return Err(refuse("targets", seen, format!("one list for each of the {steps} time steps")));
        }
        for (t, target) in targets.iter().enumerate() {
            if target.len() != outputs {
                let seen = format!("a list of {} values", target.len());
                return Err(refuse(
                    format!("targets[{t}]"),
                    seen,
                    format!("one value for each of the {outputs} outputs"),
                ));
            }
            if let Some(n) = target.iter().position(|value| !value.is_finite()) {
                return Err(refuse(format!("targets[{t}][{n}]"), target[n].to_string(), "finite"));
            }
        }
        Ok(())
    }
}

fn truncated(text: &str) -> String {
    text.chars().take(40).collect()
}

fn check_indices(steps: &[Vec<u32>], inputs: usize) -> Result<Vec<Vec<u32>>, CaseError> {
    for (t, step) in steps.iter().enumerate() {
        for (at, &index) in step.iter().enumerate() {
            let place = format!("spike_indices[{t}][{at}]");
            if index as usize >= inputs {
                return Err(refuse(
                    place,
                    index.to_string(),
                    format!("below the number of inputs, {inputs}"),
                ));
            }
            if at > 0 && step[at - 1] >= index {
                return Err(refuse(
                    place,
                    index.to_string(),
                    format!("above the index before it, {}", step[at - 1]),
                ));
            }
        }
    }
    Ok(steps.to_vec())
}

fn indices(steps: &[Vec<u8>], inputs: usize) -> Result<Vec<Vec<u32>>, CaseError> {
    let mut lists = Vec::with_capacity(steps.len());
    for (t, step) in steps.iter().enumerate() {
        if step.len() != inputs {
            let seen = format!("a list of {} values", step.len());
            return Err(refuse(
                format!("spike_vectors[{t}]"),
                seen,
                format!("one 0 or 1 for each of the {inputs} inputs"),
            ));
        }
        if let Some(i) = step.iter().position(|&spike| spike > 1) {
            return Err(refuse(format!("spike_vectors[{t}][{i}]"), step[i].to_string(), "0 or 1"));
        }
        lists.push((0u32..).zip(step).filter(|(_, spike)| **spike == 1).map(|(i, _)| i).collect());
    }
    Ok(lists)
}

/// The size of the result, before anything is computed.
pub(super) fn check_size(network: &Network<f64>, steps: usize) -> Result<(), CaseError> {
    let a_step: usize = network.layers.iter().map(|layer| layer.inputs + 6 * layer.outputs).sum();
    let weights: usize = network.layers.iter().map(|layer| layer.weights.len()).sum();
    let seen = steps.saturating_mul(a_step).saturating_add(weights);
    if seen > MAX_RESULT_VALUES { Err(CaseError::TooLarge { seen }) } else { Ok(()) }
}

fn finite(place: impl Fn(usize) -> String, values: &[f64]) -> Result<(), CaseError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(CaseError::Overflow { place: place(at) }),
        None => Ok(()),
    }
}

pub(super) fn check_finite(t: usize, step: &StepResult) -> Result<(), CaseError> {
    for (l, layer) in step.layers.iter().enumerate() {
        let LayerStep { membranes, surrogates, weight_traces, threshold_traces, leak_traces, errors, .. } =
            layer;
        let absent = Vec::new();
        let lists = [
            ("membranes", membranes),
            ("surrogates", surrogates),
            ("weight_traces", weight_traces),
            ("threshold_traces", threshold_traces.as_ref().unwrap_or(&absent)),
            ("leak_traces", leak_traces.as_ref().unwrap_or(&absent)),
            ("errors", errors),
        ];
        for (name, values) in lists {
            finite(|n| format!("steps[{t}].layers[{l}].{name}[{n}]"), values)?;
        }
    }
    finite(|_| format!("steps[{t}].loss"), &[step.loss])
}

pub(super) fn check_finite_sums(result: &ReferenceResult) -> Result<(), CaseError> {
    for (l, layer) in result.gradients.iter().enumerate() {
        for (i, row) in layer.weights_by_input.iter().enumerate() {
            finite(|n| format!("gradients[{l}].weights_by_input[{i}][{n}]"), row)?;
        }
        let thresholds = layer.thresholds.as_deref().unwrap_or(&[]);
        finite(|n| format!("gradients[{l}].thresholds[{n}]"), thresholds)?;
        finite(|_| format!("gradients[{l}].leak"), &[layer.leak.unwrap_or(0.0)])?;
    }
    finite(|n| format!("membrane_sums[{n}]"), &result.membrane_sums)?;
    finite(|_| "loss".into(), &[result.loss])
}
