//! The engine of a configuration, alone on a bench: stepped by its ports, or emitted. No link, no pins.
//!
//! An engine's type is long to compile; who drives one through this compiles none.

use crate::configurations::{self as built, Sizes};
use crate::pins::Driven;
use crate::prelude::Block;
use crate::step::StepError;
use crate::verilog::{Design, EmitError, emit};
use arch::Capacity;

/// An engine behind [`INPUTS`] and [`OUTPUTS`].
pub trait Alone {
    /// One cycle with a number for each of [`INPUTS`]: one for each of [`OUTPUTS`] before its rising edge.
    fn cycle(&mut self, inputs: &[u128]) -> Result<Vec<u128>, StepError>;
    /// Cycles in which a memory's address was read and written at once: no simulation may see one.
    fn collisions(&self) -> u64;
    /// Keeps the waveform of the last `cycles`.
    fn keep_waveform(&mut self, cycles: u64);
    /// What was kept, as VCD text.
    fn waveform(&self) -> Vec<u8>;
    /// Its Verilog; the top is called `engine`.
    fn emit(&mut self) -> Result<Design, EmitError>;
}

struct OnBench<B: Block> {
    driven: Driven<B>,
    collisions: fn(&B) -> u64,
}

impl<B: Block> Alone for OnBench<B> {
    fn cycle(&mut self, inputs: &[u128]) -> Result<Vec<u128>, StepError> {
        self.driven.cycle(inputs)
    }

    fn collisions(&self) -> u64 {
        (self.collisions)(&self.driven.bench)
    }

    fn keep_waveform(&mut self, cycles: u64) {
        self.driven.bench.keep_waveform(cycles);
    }

    fn waveform(&self) -> Vec<u8> {
        self.driven.bench.waveform()
    }

    fn emit(&mut self) -> Result<Design, EmitError> {
        emit(&mut *self.driven.bench, "engine", "the engine alone")
    }
}

macro_rules! ports {
    ([$($input:ident),* $(,)?], [$($output:ident),* $(,)?]) => {
        /// Input ports of an engine, in the order of a record, without the clock.
        pub const INPUTS: &[&str] = &[$(stringify!($input)),*];
        /// Its output ports.
        pub const OUTPUTS: &[&str] = &[$(stringify!($output)),*];

        macro_rules! on_bench {
            ($engine:ty) => {
                Box::new(OnBench {
                    driven: crate::driven!(<$engine>::default(), clock, [$($input),*], [$($output),*]),
                    collisions: <$engine>::collisions,
                })
            };
        }
    };
}

ports!(
    [
        activate,
        begin_sample,
        learning,
        host_teaches,
        label,
        layers,
        step,
        with_loss,
        any_event,
        teach,
        end_sample,
        clear_counts,
        event_write,
        event_word,
        event_data,
        seed_load,
        seed_value,
        host_read,
        host_write,
        host_space,
        host_address,
        host_data,
    ],
    [busy, done, wrong_spikes, seed, host_value, integrate_word, learn_word]
);

/// [`Sizes::weight_latency`] of the engine that holds this, if one is built.
pub fn weight_latency(capacity: &Capacity) -> Option<usize> {
    let sizes = BUILT.iter().map(|(sizes, _)| sizes);
    sizes
        .filter(|sizes| sizes.capacity(capacity.clock_hz) == *capacity)
        .map(|sizes| sizes.weight_latency())
        .next()
}

type Make = fn() -> Box<dyn Alone>;

/// What is built.
const BUILT: &[(Sizes, Make)] = &[
    (built::ICEBREAKER, || on_bench!(built::Icebreaker)),
    #[cfg(feature = "boards")]
    (built::SIMULATED_X16, || on_bench!(built::SimulatedX16)),
    (built::SMALL_W8, || on_bench!(built::Small4)),
    (built::SMALL_X8, || on_bench!(built::Small8)),
    (built::SMALL_X16, || on_bench!(built::Small16)),
    (built::SMALL_W16, || on_bench!(built::Small4Wide)),
];

/// The engine of these sizes after configuration, if one is built.
pub fn engine(sizes: Sizes) -> Option<Box<dyn Alone>> {
    BUILT.iter().find(|(built, _)| *built == sizes).map(|(_, make)| make())
}
