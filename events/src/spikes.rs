//! Time-stepped spikes: what a network is fed.

use crate::error::Error;

/// For each of T time steps the input locations that spike, ascending and without repetition.
///
/// Kept flat: one list of indices and where each step ends in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpikeTrain {
    inputs: u32,
    indices: Vec<u32>,
    step_ends: Vec<u32>,
}

impl SpikeTrain {
    /// Takes the spikes of each step in any order; repetitions count once.
    ///
    /// # Errors
    /// An index that is not below `inputs`; more spikes than 32 bits can count.
    pub fn from_steps(steps: Vec<Vec<u32>>, inputs: u32) -> Result<Self, Error> {
        let mut train = SpikeTrain::with_capacity(inputs, steps.len());
        for (step, mut indices) in steps.into_iter().enumerate() {
            indices.sort_unstable();
            indices.dedup();
            if let Some(&index) = indices.last().filter(|&&index| index >= inputs) {
                return Err(Error::IndexOutside { step, index, inputs });
            }
            train.push_step(indices)?;
        }
        Ok(train)
    }

    /// No steps yet.
    pub(crate) fn with_capacity(inputs: u32, steps: usize) -> Self {
        SpikeTrain { inputs, indices: Vec::new(), step_ends: Vec::with_capacity(steps) }
    }

    /// Adds a step. The indices must ascend and stay below `inputs`.
    pub(crate) fn push_step(&mut self, ascending: impl IntoIterator<Item = u32>) -> Result<(), Error> {
        let start = self.indices.len();
        self.indices.extend(ascending);
        debug_assert!(self.indices[start..].is_sorted_by(|a, b| a < b));
        debug_assert!(self.indices[start..].iter().all(|&index| index < self.inputs));
        let end = u32::try_from(self.indices.len()).map_err(|_| Error::TooManySpikes)?;
        self.step_ends.push(end);
        Ok(())
    }

    /// The number of input locations; every index is below it.
    pub fn inputs(&self) -> u32 {
        self.inputs
    }

    /// The number of time steps T.
    pub fn steps(&self) -> usize {
        self.step_ends.len()
    }

    /// The number of spikes in all steps together.
    pub fn spikes(&self) -> usize {
        self.indices.len()
    }

    /// The input locations that spike in step `t`, ascending; none from step T on.
    pub fn step(&self, t: usize) -> &[u32] {
        let Some(&end) = self.step_ends.get(t) else { return &[] };
        let start = t.checked_sub(1).map_or(0, |before| self.step_ends[before]);
        &self.indices[start as usize..end as usize]
    }

    /// The steps in order, each as by [`step`](Self::step).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> + '_ {
        (0..self.steps()).map(|t| self.step(t))
    }
}

/// A labelled spike train, ready for a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// The class, from 0.
    pub label: u16,
    /// What the network is shown.
    pub spikes: SpikeTrain,
    /// The steps before this one carry no loss. 0 except for tasks whose answer is asked for later.
    pub first_loss_step: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_sorted_and_deduplicated() {
        let train = SpikeTrain::from_steps(vec![vec![3, 1, 3], vec![], vec![0]], 4).unwrap();
        assert_eq!(train.iter().collect::<Vec<_>>(), [&[1, 3][..], &[], &[0]]);
        assert_eq!((train.steps(), train.spikes(), train.inputs()), (3, 3, 4));
        assert_eq!(train.step(3), &[] as &[u32]);
    }

    #[test]
    fn an_index_beyond_the_inputs_is_refused() {
        let message = SpikeTrain::from_steps(vec![vec![], vec![4, 0]], 4).unwrap_err().to_string();
        assert!(message.contains("step 1") && message.contains("input 4") && message.contains("0 to 3"));
        assert!(SpikeTrain::from_steps(vec![vec![0]], 0).is_err());
    }

    proptest! {
        #[test]
        fn every_step_comes_back(steps in prop::collection::vec(prop::collection::btree_set(0u32..50, 0..20), 0..20)) {
            let lists: Vec<Vec<u32>> = steps.iter().map(|step| step.iter().copied().collect()).collect();
            let reversed = lists.iter().map(|step| step.iter().rev().copied().collect()).collect();
            let train = SpikeTrain::from_steps(reversed, 50).unwrap();
            prop_assert_eq!(train.iter().map(<[u32]>::to_vec).collect::<Vec<_>>(), lists);
        }
    }
}
