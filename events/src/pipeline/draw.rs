//! What the random numbers of a stage are keyed by.

use crate::random::keyed;
use rand_chacha::ChaCha8Rng;

/// For what stages draw: each seed, epoch and item has draws of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draw {
    /// Of the run.
    pub seed: u64,
    /// From 0.
    pub epoch: u32,
    /// The item's place in what is learned in an epoch, from 0.
    pub item: u64,
}

impl Draw {
    /// The numbers of the stage at place `number`, from 1.
    pub(super) fn stage(&self, number: usize) -> ChaCha8Rng {
        keyed([self.seed, self.epoch.into(), self.item, number as u64])
    }
}
