//! A synthetic task that needs memory: a pattern is shown, then the inputs fall silent, and only after that
//! the answer is asked for.
//!
//! ```text
//! step     0 ...... cue              steps - loss .. steps
//! inputs   | pattern | silence or noise            |
//! loss                              | counted      |
//! ```
//!
//! Each class has a pattern of its own: a quarter of the inputs, which spike often while the others spike
//! seldom. A network without traces that outlast the silence stays at chance, 1 in `classes`.

use super::{Loaded, Split};
use crate::error::Error;
use crate::item::Item;
use crate::spikes::{Sample, SpikeTrain};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::str::FromStr;

/// The probability a step that an input of the class's pattern spikes while the pattern is shown.
const OFTEN: f64 = 0.5;
/// The same for the other inputs.
const SELDOM: f64 = 0.05;

/// The most random decisions a task may need, and the most that its classes' patterns may hold.
const MAX_DRAWS: u64 = 1 << 32;

const KEYS: &str = "classes, inputs, steps, cue, loss, noise, seed, count, split";

/// The task's parameters; [`Default`] gives those that a source string leaves out.
#[derive(Clone, Debug, PartialEq)]
pub struct DelayedDecision {
    /// Classes, at least 2.
    pub classes: u16,
    /// Input locations, at least 4.
    pub inputs: u16,
    /// Time steps a sample.
    pub steps: u16,
    /// The pattern is shown in the first `cue` steps.
    pub cue: u16,
    /// The last `loss` steps carry the loss; `cue + loss <= steps`.
    pub loss: u16,
    /// The probability a step, 0 to 1, that an input spikes after the pattern, whatever the class.
    pub noise: f64,
    /// Of the patterns and the samples.
    pub seed: u64,
    /// Samples.
    pub count: u32,
    /// Both splits have the same patterns and different samples.
    pub split: Split,
}

impl Default for DelayedDecision {
    fn default() -> Self {
        DelayedDecision {
            classes: 10,
            inputs: 64,
            steps: 20,
            cue: 6,
            loss: 4,
            noise: 0.0,
            seed: 0,
            count: 1000,
            split: Split::Train,
        }
    }
}

impl FromStr for DelayedDecision {
    type Err = Error;

    /// Reads `KEY=VALUE,…`; the keys are the fields.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut task = DelayedDecision::default();
        for pair in text.split(',').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "classes" => task.classes = number(key, value, "2 to 65535")?,
                "inputs" => task.inputs = number(key, value, "4 to 65535")?,
                "steps" => task.steps = number(key, value, "2 to 65535")?,
                "cue" => task.cue = number(key, value, "1 to 65535")?,
                "loss" => task.loss = number(key, value, "1 to 65535")?,
                "noise" => task.noise = number(key, value, "a probability from 0 to 1")?,
                "seed" => task.seed = number(key, value, "0 to 18446744073709551615")?,
                "count" => task.count = number(key, value, "1 to 4294967295")?,
                "split" => task.split = number(key, value, "`train` or `test`")?,
                _ => return Err(Error::TaskKey { key: key.into(), keys: KEYS }),
            }
        }
        task.check()?;
        Ok(task)
    }
}

fn number<T: FromStr>(key: &str, value: &str, wanted: &'static str) -> Result<T, Error> {
    value.parse().map_err(|_| Error::TaskValue { key: key.into(), value: value.into(), wanted })
}

impl DelayedDecision {
    fn check(&self) -> Result<(), Error> {
        let refuse =
            |key: &str, value: String, wanted| Err(Error::TaskValue { key: key.into(), value, wanted });
        if self.classes < 2 {
            return refuse("classes", self.classes.to_string(), "2 to 65535");
        }
        if self.inputs < 4 {
            return refuse("inputs", self.inputs.to_string(), "4 to 65535");
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return refuse("noise", self.noise.to_string(), "a probability from 0 to 1");
        }
        for (key, value) in [("cue", self.cue), ("loss", self.loss)] {
            if value == 0 {
                return refuse(key, value.to_string(), "1 to 65535");
            }
        }
        if self.count == 0 {
            return refuse("count", self.count.to_string(), "1 to 4294967295");
        }
        if u32::from(self.cue) + u32::from(self.loss) > u32::from(self.steps) {
            return Err(Error::TaskTimes { cue: self.cue, loss: self.loss, steps: self.steps });
        }
        let a_sample = u64::from(self.inputs) * u64::from(self.steps);
        let samples = a_sample.saturating_mul(self.count.into());
        let patterns = u64::from(self.inputs) * u64::from(self.classes);
        if samples.max(patterns) > MAX_DRAWS {
            return Err(Error::TaskSize { draws: samples.max(patterns), limit: MAX_DRAWS });
        }
        Ok(())
    }

    pub(super) fn load(&self, limit: usize) -> Result<Loaded, Error> {
        self.check()?;
        let patterns = self.patterns();
        let count = limit.min(self.count as usize) as u32;
        let items = (0..count)
            .map(|index| Ok(Item::Spikes(self.sample(index, &patterns)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Loaded { items, classes: self.classes })
    }

    /// Random numbers: stream 0 draws the patterns, the others a sample each.
    fn random(&self, stream: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(stream);
        random
    }

    /// For each class whether an input belongs to its pattern.
    fn patterns(&self) -> Vec<Vec<bool>> {
        let mut random = self.random(0);
        let inputs = usize::from(self.inputs);
        let pattern = |_| {
            let mut order: Vec<usize> = (0..inputs).collect();
            let mut belongs = vec![false; inputs];
            for chosen in 0..inputs / 4 {
                let other = chosen + below(&mut random, inputs - chosen);
                order.swap(chosen, other);
                belongs[order[chosen]] = true;
            }
            belongs
        };
        (0..self.classes).map(pattern).collect()
    }

    fn sample(&self, index: u32, patterns: &[Vec<bool>]) -> Result<Sample, Error> {
        let test = u64::from(self.split == Split::Test);
        let mut random = self.random(1 + 2 * u64::from(index) + test);
        let label = below(&mut random, patterns.len());
        let mut spikes = SpikeTrain::with_capacity(self.inputs.into(), self.steps.into());
        for step in 0..self.steps {
            let probability = |belongs: bool| match belongs {
                _ if step >= self.cue => self.noise,
                true => OFTEN,
                false => SELDOM,
            };
            let active = (0..self.inputs.into()).zip(&patterns[label]).filter_map(|(input, &belongs)| {
                let probability = probability(belongs);
                (probability > 0.0 && happens(&mut random, probability)).then_some(input)
            });
            spikes.push_step(active)?;
        }
        Ok(Sample { label: label as u16, spikes, first_loss_step: self.steps - self.loss })
    }
}

/// Uniform in `0..limit`, to within 2⁻³².
fn below(random: &mut ChaCha8Rng, limit: usize) -> usize {
    crate::random::below(random, limit as u64) as usize
}

fn happens(random: &mut ChaCha8Rng, probability: f64) -> bool {
    u64::from(random.next_u32()) < (probability * 2f64.powi(32)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(text: &str) -> Vec<Sample> {
        let loaded = text.parse::<DelayedDecision>().unwrap().load(usize::MAX).unwrap();
        let sample = |item| if let Item::Spikes(sample) = item { sample } else { panic!("no spikes") };
        loaded.items.into_iter().map(sample).collect()
    }

    fn message(text: &str) -> String {
        text.parse::<DelayedDecision>().unwrap_err().to_string()
    }

    /// Spikes an input in a range of steps.
    fn counts(sample: &Sample, steps: std::ops::Range<usize>) -> Vec<f64> {
        let mut counts = vec![0.0; sample.spikes.inputs() as usize];
        steps.flat_map(|t| sample.spikes.step(t)).for_each(|&input| counts[input as usize] += 1.0);
        counts
    }

    #[test]
    fn the_pattern_is_shown_and_the_answer_asked_for_later() {
        for sample in samples("count=50,steps=12,cue=5,loss=3") {
            assert_eq!((sample.spikes.steps(), sample.first_loss_step, sample.spikes.inputs()), (12, 9, 64));
            assert!(sample.label < 10);
            assert!((0..5).any(|t| !sample.spikes.step(t).is_empty()));
            assert!((5..12).all(|t| sample.spikes.step(t).is_empty()));
        }
    }

    #[test]
    fn the_pattern_tells_the_class_also_of_the_other_split_and_the_noise_does_not() {
        let train = samples("noise=0.2");
        let mut means = vec![vec![0.0; 64]; 10];
        for sample in &train {
            means[usize::from(sample.label)].iter_mut().zip(counts(sample, 0..6)).for_each(|(m, c)| *m += c);
        }
        let accuracy = |steps: std::ops::Range<usize>| {
            let test = samples("noise=0.2,split=test,count=400");
            let right = test.iter().filter(|sample| {
                let counts = counts(sample, steps.clone());
                let match_of = |mean: &[f64]| {
                    let norm = mean.iter().map(|m| m * m).sum::<f64>().sqrt();
                    mean.iter().zip(&counts).map(|(m, c)| m * c).sum::<f64>() / norm
                };
                let best = (0..10).max_by(|&a, &b| match_of(&means[a]).total_cmp(&match_of(&means[b])));
                best == Some(usize::from(sample.label))
            });
            right.count() as f64 / test.len() as f64
        };
        let (shown, later) = (accuracy(0..6), accuracy(16..20));
        assert!(shown > 0.98, "{shown}");
        assert!(later < 0.2, "{later}");
    }

    #[test]
    fn a_sample_depends_on_its_seed_split_and_index_only() {
        let all = samples("count=20");
        assert_eq!(all[..5], samples("count=5"));
        assert_ne!(all[..5], samples("count=5,seed=1"));
        assert_ne!(all[..5], samples("count=5,split=test"));
        let limited = "count=20".parse::<DelayedDecision>().unwrap().load(3).unwrap();
        assert_eq!((limited.items.len(), limited.classes), (3, 10));
        assert_eq!(DelayedDecision::default(), "".parse().unwrap());
    }

    #[test]
    fn keys_and_values_out_of_range_are_refused() {
        let seen = message("colour=3");
        assert!(seen.contains("`colour`") && seen.contains("classes, inputs"), "{seen}");
        for (pair, wanted) in [
            ("classes=1", "2 to 65535"),
            ("inputs=3", "4 to 65535"),
            ("inputs=65536", "4 to 65535"),
            ("inputs=many", "4 to 65535"),
            ("steps=", "2 to 65535"),
            ("cue=0", "1 to 65535"),
            ("loss=0", "1 to 65535"),
            ("noise=1.5", "from 0 to 1"),
            ("noise=NaN", "from 0 to 1"),
            ("seed=-1", "0 to"),
            ("count=0", "1 to"),
            ("split=dev", "`train` or `test`"),
        ] {
            let seen = message(pair);
            let (key, value) = pair.split_once('=').unwrap();
            assert!(seen.contains(&format!("{key} = `{value}`")) && seen.contains(wanted), "{seen}");
        }
        let seen = message("cue=6,loss=5,steps=10");
        assert!(seen.contains("6 + 5") && seen.contains("10"), "{seen}");
        let seen = message("count=4000000000,inputs=60000,steps=65535");
        assert!(seen.contains("4294967296"), "{seen}");
    }
}
