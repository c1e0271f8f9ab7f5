//! Counted work of one layer: the same on every machine.

use serde::Serialize;

/// Work done since the counters were cleared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Synapses integrated: an input spike touches all neurons.
    pub integrated: u64,
    /// Synapses of this layer that carried an error back: δ ≠ 0 here, surrogate open below.
    pub back_propagated: u64,
    /// Synapses updated: δ ≠ 0 and w̃ ≠ 0.
    pub updated: u64,
    /// Neurons × steps.
    pub neuron_visits: u64,
    /// Neurons × steps with a loss.
    pub error_chances: u64,
    /// Of those, δ ≠ 0.
    pub errors: u64,
}

impl Counts {
    /// The fraction of δ that were not 0; 0 where there was no loss.
    pub fn error_fraction(&self) -> f64 {
        if self.error_chances == 0 { 0.0 } else { self.errors as f64 / self.error_chances as f64 }
    }
}
