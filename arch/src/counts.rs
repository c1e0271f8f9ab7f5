//! Counted work: the same on every machine, and what a cycle count is held against.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::registers::Register;

/// Work done since the counters were cleared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// First and last register of the counters; a count with a high word has it at the next address.
pub const COUNTERS: std::ops::RangeInclusive<u32> =
    Register::Samples.address()..=Register::LearnWordsHigh.address();

impl Counts {
    /// Each count with the register of its low word.
    fn fields(&mut self) -> [(Register, &mut u64); 12] {
        [
            (Register::Samples, &mut self.samples),
            (Register::Steps, &mut self.steps),
            (Register::LearningSteps, &mut self.learning_steps),
            (Register::Events, &mut self.events),
            (Register::Integrated, &mut self.integrated),
            (Register::BackPropagated, &mut self.back_propagated),
            (Register::Updated, &mut self.updated),
            (Register::NeuronVisits, &mut self.neuron_visits),
            (Register::ErrorChances, &mut self.error_chances),
            (Register::Errors, &mut self.errors),
            (Register::IntegrateWords, &mut self.integrate_words),
            (Register::LearnWords, &mut self.learn_words),
        ]
    }

    /// The counter registers from [`Register::Samples`] on, low words before high ones. A count without a high word
    /// wraps at 32 bits.
    pub fn to_registers(mut self) -> Vec<u32> {
        let start = *COUNTERS.start();
        let mut words = vec![0; (COUNTERS.end() - start + 1) as usize];
        for (register, count) in self.fields() {
            let at = (register.address() - start) as usize;
            words[at] = *count as u32;
            if has_high_word(register) {
                words[at + 1] = (*count >> 32) as u32;
            }
        }
        words
    }

    /// Reads the counter registers; `None` where there are not as many as there should be.
    pub fn from_registers(words: &[u32]) -> Option<Self> {
        let start = *COUNTERS.start();
        if words.len() != (COUNTERS.end() - start + 1) as usize {
            return None;
        }
        let mut counts = Self::default();
        for (register, count) in counts.fields() {
            let at = (register.address() - start) as usize;
            let high = if has_high_word(register) { words[at + 1] } else { 0 };
            *count = u64::from(words[at]) | u64::from(high) << 32;
        }
        Some(counts)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, mut other: Self) {
        for ((_, count), (_, more)) in self.fields().into_iter().zip(other.fields()) {
            *count += *more;
        }
    }
}

fn has_high_word(register: Register) -> bool {
    register.address() >= Register::Integrated.address()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_read_back_over_both_words() {
        let mut counts = Counts::default();
        for (at, (register, count)) in counts.fields().into_iter().enumerate() {
            *count = if has_high_word(register) { (7 << 32) + at as u64 } else { at as u64 };
        }
        assert_eq!(Counts::from_registers(&counts.to_registers()), Some(counts));
        assert_eq!(Counts::from_registers(&[0; 3]), None);
    }

    #[test]
    fn sums_go_count_by_count() {
        let mut sum = Counts { samples: 1, learn_words: 2, ..Counts::default() };
        sum += Counts { samples: 10, learn_words: 20, events: 5, ..Counts::default() };
        assert_eq!(sum, Counts { samples: 11, learn_words: 22, events: 5, ..Counts::default() });
    }
}
