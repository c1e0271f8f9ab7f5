//! The loops on top of a session: an epoch of learning, a pass of classifying.

use std::ops::ControlFlow;

use arch::protocol::SampleResult;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::Sample;

/// What these loops need: a board behind a session, or a model in its place.
pub trait Learner {
    /// What can go wrong.
    type Error;

    /// Output neurons of the loaded network.
    fn classes(&self) -> u32;

    /// Runs samples in order and hands each one's result, with its position, to `on_result`, in order. After a
    /// [`ControlFlow::Break`] no further sample is begun; those under way are finished and their results handed over.
    fn run(
        &mut self,
        samples: &mut dyn Iterator<Item = &Sample>,
        learn: bool,
        on_result: &mut dyn FnMut(usize, SampleResult) -> ControlFlow<()>,
    ) -> Result<(), Self::Error>;
}

/// The order in which an epoch (from 0) visits `len` samples: the same for the same seed and epoch on every
/// machine, so that a resumed run goes on as an uninterrupted one.
pub fn epoch_order(len: usize, seed: u64, epoch: u32) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from(epoch));
    let mut order: Vec<usize> = (0..len).collect();
    order.shuffle(&mut rng);
    order
}

/// What came of an epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Epoch {
    /// Samples learned.
    pub samples: usize,
    /// Of those, classified right while they were being learned.
    pub right: usize,
    /// Wrong output spikes in all.
    pub wrong_spikes: u64,
}

/// Learns `samples` in `order`. `on_sample` is called after each and may stop the epoch: then fewer samples than
/// the order has are counted.
pub fn learn_epoch<L: Learner>(
    learner: &mut L,
    samples: &[Sample],
    order: &[usize],
    mut on_sample: impl FnMut() -> ControlFlow<()>,
) -> Result<Epoch, L::Error> {
    let mut epoch = Epoch::default();
    learner.run(&mut order.iter().map(|&at| &samples[at]), true, &mut |at, result| {
        epoch.samples += 1;
        epoch.right += usize::from(result.prediction == samples[order[at]].label);
        epoch.wrong_spikes += u64::from(result.wrong_spikes);
        on_sample()
    })?;
    Ok(epoch)
}

/// What came of classifying.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Part classified right, 0 to 1.
    pub accuracy: f64,
    /// Samples classified.
    pub recordings: usize,
    /// `[label][prediction]`.
    pub confusion: Vec<Vec<u32>>,
    /// Of each sample, in order.
    pub predictions: Vec<u16>,
}

impl Evaluation {
    /// Of these predictions, one a sample from the first on. Samples that have none are not counted.
    pub fn of(classes: u32, samples: &[Sample], predictions: Vec<u16>) -> Self {
        let classes = classes as usize;
        let mut confusion = vec![vec![0; classes]; classes];
        let mut right = 0;
        for (sample, &prediction) in samples.iter().zip(&predictions) {
            right += usize::from(prediction == sample.label);
            let row = confusion.get_mut(usize::from(sample.label));
            if let Some(cell) = row.and_then(|row| row.get_mut(usize::from(prediction))) {
                *cell += 1;
            }
        }
        let recordings = predictions.len();
        Self { accuracy: right as f64 / recordings.max(1) as f64, recordings, confusion, predictions }
    }
}

/// Classifies `samples` without learning. `on_sample` is called after each and may stop the pass.
pub fn evaluate<L: Learner>(
    learner: &mut L,
    samples: &[Sample],
    mut on_sample: impl FnMut() -> ControlFlow<()>,
) -> Result<Evaluation, L::Error> {
    let mut predictions = Vec::with_capacity(samples.len());
    learner.run(&mut samples.iter(), false, &mut |_, result| {
        predictions.push(result.prediction);
        on_sample()
    })?;
    Ok(Evaluation::of(learner.classes(), samples, predictions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epochs_order_is_pinned() {
        assert_eq!(epoch_order(8, 1, 0), epoch_order(8, 1, 0));
        assert_ne!(epoch_order(100, 1, 0), epoch_order(100, 1, 1));
        assert_ne!(epoch_order(100, 1, 0), epoch_order(100, 2, 0));
        let mut sorted = epoch_order(100, 1, 0);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }
}
