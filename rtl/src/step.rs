//! Steps a block directly: set its input signals, settle, read its outputs, give it a rising edge.
//!
//! rust-hdl's `Simulation` hands the block from thread to thread and is 10 times slower or more. A cycle here is
//!
//! ```text
//!   inputs set      settle()              edge()
//!   ───────────┐  ┌──────────┐  ┌──────────────────────────┐
//!              └──┤ clock 0  ├──┤ clock 1: registers move, │
//!                 │ comb.    │  │ outputs of the new state │
//!                 └──────────┘  └──────────────────────────┘
//! ```
//!
//! so combinational outputs of *these* inputs are read between `settle` and `edge`.

use crate::prelude::*;
use std::ops::{Deref, DerefMut};

pub mod trace;
pub use trace::Trace;

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The block still changed after so many passes: a combinational loop.
    #[error("cycle {cycle}: the block still changes after {passes} passes: look for a combinational loop")]
    Oscillates {
        /// Rising edges so far.
        cycle: u64,
        /// Passes tried.
        passes: usize,
    },
    /// The waveform could not be written.
    #[error("waveform")]
    Waveform(#[from] std::io::Error),
}

/// Passes after which a block counts as oscillating; a deep hierarchy needs about its depth times its longest
/// chain of blocks.
pub const MAX_PASSES: usize = 1000;

/// Finds the clock input of a block: `|b| &mut b.clock`.
pub type ClockOf<B> = fn(&mut B) -> &mut Signal<In, Clock>;

/// A block and its clock. Dereferences to the block, whose pub signals are set (`.next`) and read (`.val()`).
pub struct Stepper<B: Block> {
    block: Box<B>,
    clock: Option<ClockOf<B>>,
    cycles: u64,
    trace: Option<Trace>,
}

impl<B: Block> Stepper<B> {
    /// A clocked block, connected, its clock low, not yet settled.
    pub fn new(block: B, clock: ClockOf<B>) -> Self {
        Self::build(block, Some(clock))
    }

    /// A block without a clock.
    pub fn combinational(block: B) -> Self {
        Self::build(block, None)
    }

    fn build(block: B, clock: Option<ClockOf<B>>) -> Self {
        let mut block = Box::new(block);
        block.connect_all();
        Self { block, clock, cycles: 0, trace: None }
    }

    /// Keeps the waveform of the last `cycles` to twice as many cycles, see [`Stepper::waveform`]. Slow.
    pub fn keep_waveform(&mut self, cycles: u64) {
        self.trace = Some(Trace::new(cycles));
    }

    /// The waveform kept so far, as VCD text.
    pub fn waveform(&self) -> Vec<u8> {
        self.trace.as_ref().map(Trace::text).unwrap_or_default()
    }

    /// Rising edges so far.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// Takes the inputs in with the clock low: afterwards outputs that depend on them directly are right.
    pub fn settle(&mut self) -> Result<(), StepError> {
        self.level(false)?;
        if let Some(trace) = &mut self.trace {
            trace.record(self.cycles, false, self.block.as_ref())?;
        }
        Ok(())
    }

    /// Rising edge of the clock; outputs show the new state with the old inputs.
    pub fn edge(&mut self) -> Result<(), StepError> {
        self.level(true)?;
        if let Some(trace) = &mut self.trace {
            trace.record(self.cycles, true, self.block.as_ref())?;
        }
        self.cycles += 1;
        Ok(())
    }

    /// One whole cycle: [`Stepper::settle`] and [`Stepper::edge`].
    pub fn cycle(&mut self) -> Result<(), StepError> {
        self.settle()?;
        self.edge()
    }

    fn level(&mut self, high: bool) -> Result<(), StepError> {
        if let Some(clock) = self.clock {
            clock(&mut self.block).next = high.into();
        }
        for _ in 0..MAX_PASSES {
            self.block.update_all();
            if !self.block.has_changed() {
                return Ok(());
            }
        }
        Err(StepError::Oscillates { cycle: self.cycles, passes: MAX_PASSES })
    }
}

impl<B: Block> Deref for Stepper<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.block
    }
}

impl<B: Block> DerefMut for Stepper<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.block
    }
}
