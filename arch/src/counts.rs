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

impl Counts {
    /// The cycles that this work asks for on hardware that fires so many neurons a cycle: a word to integrate one, a word to learn two
    /// (it is read and written), as many neurons one.
    pub fn ideal_cycles(&self, neurons_a_cycle: u64) -> u64 {
        self.integrate_words + 2 * self.learn_words + self.neuron_visits.div_ceil(neurons_a_cycle)
    }
}

/// Clock cycles that commands took since the counters were cleared, by what they were spent on. The whole of them is the time that the
/// engine was busy; all are 0 on a board that has no cycles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycles {
    /// Outside passes: records of layers read, a sample cleared.
    pub control: u64,
    /// Integrate passes.
    pub integrate: u64,
    /// Passes over neurons and traces.
    pub fire: u64,
    /// Learn passes.
    pub learn: u64,
    /// Updates of thresholds and leaks.
    pub update: u64,
}

/// First and last register of [`Cycles`], all with a high word.
pub const CYCLES: std::ops::RangeInclusive<u32> =
    Register::CyclesControl.address()..=Register::CyclesUpdateHigh.address();

impl Cycles {
    /// Of each kind, with its name.
    pub fn by_kind(&self) -> [(&'static str, u64); 5] {
        [
            ("control", self.control),
            ("integrate", self.integrate),
            ("fire", self.fire),
            ("learn", self.learn),
            ("update", self.update),
        ]
    }

    /// Of all kinds.
    pub fn total(&self) -> u64 {
        self.by_kind().iter().map(|(_, cycles)| cycles).sum()
    }

    /// Ideal cycles of `work` by these, 0 to 1; not a number where there are none.
    pub fn utilisation(&self, work: &Counts, neurons_a_cycle: u64) -> f64 {
        work.ideal_cycles(neurons_a_cycle) as f64 / self.total() as f64
    }

    /// Reads the registers [`CYCLES`]; `None` where there are not as many as there should be.
    pub fn from_registers(words: &[u32]) -> Option<Self> {
        let (pairs, []) = words.as_chunks::<2>() else { return None };
        let counts = pairs.iter().map(|&[low, high]| u64::from(low) | u64::from(high) << 32);
        let &[control, integrate, fire, learn, update] = &counts.collect::<Vec<_>>()[..] else { return None };
        Some(Self { control, integrate, fire, learn, update })
    }
}

impl AddAssign for Cycles {
    fn add_assign(&mut self, other: Self) {
        self.control += other.control;
        self.integrate += other.integrate;
        self.fire += other.fire;
        self.learn += other.learn;
        self.update += other.update;
    }
}

/// First and last register of the counters of work; a count with a high word has it at the next address.
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
    fn cycles_read_back_over_both_words() {
        let cycles = Cycles { control: 1, integrate: 2, fire: 3 << 32, learn: 4, update: (5 << 32) + 6 };
        let words = [1, 0, 2, 0, 0, 3, 4, 0, 6, 5];
        assert_eq!(Cycles::from_registers(&words), Some(cycles));
        assert_eq!(cycles.total(), (8 << 32) + 13);
        for wrong in [0, 9, 11, 12] {
            assert_eq!(Cycles::from_registers(&[0; 12][..wrong]), None);
        }
        let mut twice = cycles;
        twice += cycles;
        assert_eq!(twice.total(), 2 * cycles.total());
        assert_eq!(CYCLES.count(), words.len());
    }

    #[test]
    fn sums_go_count_by_count() {
        let mut sum = Counts { samples: 1, learn_words: 2, ..Counts::default() };
        sum += Counts { samples: 10, learn_words: 20, events: 5, ..Counts::default() };
        assert_eq!(sum, Counts { samples: 11, learn_words: 22, events: 5, ..Counts::default() });
    }
}
