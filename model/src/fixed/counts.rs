//! Counted work: the same on every machine, and what a cycle count is held against.

use serde::Serialize;

/// Work done since the counters were cleared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Samples ended.
    pub samples: u64,
    /// Time steps run.
    pub steps: u64,
    /// Of those, steps that learned.
    pub learning_steps: u64,
    /// Input events taken.
    pub events: u64,
    /// Synapses integrated.
    pub integrated: u64,
    /// Synapses that carried an error back: δ ≠ 0 above, surrogate open below.
    pub back_propagated: u64,
    /// Synapses updated: δ ≠ 0 and w̃ ≠ 0.
    pub updated: u64,
    /// Neurons × steps.
    pub neuron_visits: u64,
    /// Neurons × learning steps with a loss.
    pub error_chances: u64,
    /// Of those, δ ≠ 0.
    pub errors: u64,
    /// Row words read to integrate; a word is one weight a lane.
    pub integrate_words: u64,
    /// Row words visited to back-propagate or update: the row has an open surrogate or a trace, the word an error.
    pub learn_words: u64,
}
