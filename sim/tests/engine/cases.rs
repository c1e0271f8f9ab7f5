//! Networks and samples that reach every part of the contract.

use std::path::{Path, PathBuf};

use arch::network::Shifts;
use arch::protocol::{Begin, Teacher};
use arch::{Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use model::fixed::Initial;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sim::agreement::{Mismatch, Sample};

/// The small engines' clock, which says nothing here.
pub const CLOCK_HZ: u32 = 24_000_000;

/// The noise generator's first state.
pub const SEED: u32 = 0x1357_9bdf;

/// Parameters that leave their ranges now and then: large weights, low thresholds.
pub const INITIAL: Initial = Initial { gain: 2.0, threshold: 0.6, leak: 0.8, seed: 5 };

/// A network of these sizes with high learning rates.
pub fn network(sizes: &[u16], bits: WeightBits, learn: Learn, surrogate: Surrogate) -> Network {
    let layer = |(at, pair): (usize, &[u16])| Layer {
        input: Shape::flat(pair[0]),
        output: Shape::flat(pair[1]),
        weight_fraction_bits: match bits {
            WeightBits::Eight => [8, 6, 9][at % 3],
            WeightBits::Sixteen => [12, 9, 15][at % 3],
        },
        surrogate: if at + 2 == sizes.len() { Surrogate::Shift } else { surrogate },
        learn,
        shifts: Shifts { weight: 9 + (at as u8 % 3), threshold: 11, leak: 12 },
    };
    let layers = sizes.windows(2).enumerate().map(layer).collect();
    Network { weight_bits: bits, updates: Updates::Online, layers }
}

/// Samples of 1 to 7 steps: silent, sparse and dense ones, classified, taught by the label and by the host, with a late loss.
pub fn samples(network: &Network, count: u16) -> Vec<Sample> {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut sample = |at: u16| {
        let steps = 1 + at % 7;
        let begin = Begin {
            teacher: [Teacher::Label, Teacher::Host, Teacher::Label, Teacher::Host, Teacher::Nobody]
                [usize::from(at % 5)],
            label: (u32::from(at) % network.outputs()) as u16,
            steps,
            first_loss_step: if at.is_multiple_of(3) { steps / 2 } else { 0 },
        };
        let events = (0..steps).map(|step| {
            let density = [0, 40, 128][usize::from(at + step) % 3];
            (0..network.inputs()).filter(|_| (random.next_u32() & 0xff) < density).collect()
        });
        let events = events.collect();
        // Of each third step none; of the others' errors some are 0, some large, and the last are left out now and then.
        let errors = (0..steps).map(|step| {
            let count = if step % 3 == 2 { 0 } else { network.outputs().saturating_sub(u32::from(step) % 2) };
            (0..count).map(|_| random.next_u32() as i8 >> (random.next_u32() % 9).min(7)).collect()
        });
        let errors = errors.collect();
        Sample { begin, events, errors }
    };
    (0..count).map(&mut sample).collect()
}

/// Where the waves of a mismatch go.
pub fn explained(mismatch: &Mismatch) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("waves");
    std::fs::create_dir_all(&folder).unwrap();
    let step = mismatch.step.map_or("result".to_owned(), |step| format!("step{step}"));
    let name = format!("sample{}-{step}-layer{}-{}.vcd", mismatch.sample, mismatch.layer, mismatch.what);
    folder.join(name.replace(' ', "-"))
}
