//! The case as it is written.

use serde::{Deserialize, Serialize};

use crate::float::{Loss, Surrogate, Target};

/// A network, one sample, and what is wanted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Dense layers, from the input to the output.
    pub layers: Vec<CaseLayer>,
    /// `"squared"` or `"cross-entropy"`.
    pub loss: Loss,
    /// What learns: `"w"`, `"wt"`, `"wl"`, `"wtl"`, or `"no-trace"`.
    #[serde(default = "wtl")]
    pub learn: String,
    /// The inputs that spike, ascending from 0, for each step. Either this or `spike_vectors`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spike_indices: Option<Vec<Vec<u32>>>,
    /// 0 or 1 for every input, for each step. Either this or `spike_indices`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spike_vectors: Option<Vec<Vec<u8>>>,
    /// The class, from 0: its output should spike at every step, no other ever. Either this or `targets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<usize>,
    /// y, one value per output, for each step. Either this or `label`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<Vec<f64>>>,
    /// The first step, from 0, with a loss.
    #[serde(default)]
    pub first_loss_step: usize,
}

/// One dense layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseLayer {
    /// W with one row per input: `weights_by_input[i][n]` leads from input `i` to neuron `n`.
    pub weights_by_input: Vec<Vec<f64>>,
    /// θ of each neuron.
    pub thresholds: Vec<f64>,
    /// α.
    pub leak: f64,
    /// `"exponential"`, `"shift"`, `"rectangle"` or `"triangle"`, the last two also with a width: `"triangle:2"`.
    #[serde(default = "exponential")]
    pub surrogate: Surrogate,
}

fn wtl() -> String {
    "wtl".into()
}

fn exponential() -> Surrogate {
    Surrogate::Exponential
}

impl Case {
    /// What the outputs should do at `step`. The targets must have been checked.
    pub(super) fn target(&self, step: usize) -> Target<'_, f64> {
        match (&self.targets, self.label) {
            (Some(targets), _) => Target::Values(&targets[step]),
            (None, label) => Target::Class(label.unwrap_or(0)),
        }
    }
}
