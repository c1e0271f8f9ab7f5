//! Drives a block by its list of ports, one number a port, as the Verilator vector runner does: the same stimulus
//! then goes to both.
//!
//! A cycle: inputs applied with the clock low, settled, outputs read, rising edge.

use crate::bits::Bits;
use crate::prelude::{Block, In, Out, Signal, Synth};
use crate::step::{ClockOf, StepError, Stepper};

/// A signal's value as a number.
pub trait Number: Synth {
    /// The low bits of a number.
    fn of(number: u128) -> Self;
    /// The value.
    fn number(self) -> u128;
}

impl<const N: usize> Number for Bits<N> {
    fn of(number: u128) -> Self {
        Bits::wrapped(number)
    }

    fn number(self) -> u128 {
        self.to_u128()
    }
}

impl Number for bool {
    fn of(number: u128) -> Self {
        number & 1 == 1
    }

    fn number(self) -> u128 {
        self.into()
    }
}

/// One input port, or an array of them.
pub trait Inputs {
    /// Takes one number a port.
    fn put(&mut self, numbers: &mut dyn Iterator<Item = u128>);
}

impl<T: Number> Inputs for Signal<In, T> {
    fn put(&mut self, numbers: &mut dyn Iterator<Item = u128>) {
        self.next = T::of(numbers.next().unwrap_or_default());
    }
}

impl<I: Inputs, const P: usize> Inputs for [I; P] {
    fn put(&mut self, numbers: &mut dyn Iterator<Item = u128>) {
        self.iter_mut().for_each(|port| port.put(numbers));
    }
}

/// One output port, or an array of them.
pub trait Outputs {
    /// Appends one number a port.
    fn get(&self, numbers: &mut Vec<u128>);
}

impl<T: Number> Outputs for Signal<Out, T> {
    fn get(&self, numbers: &mut Vec<u128>) {
        numbers.push(self.val().number());
    }
}

impl<O: Outputs, const P: usize> Outputs for [O; P] {
    fn get(&self, numbers: &mut Vec<u128>) {
        self.iter().for_each(|port| port.get(numbers));
    }
}

/// A block behind its ports; made by [`driven!`](crate::driven).
pub struct Driven<B: Block> {
    /// The block, for a look inside.
    pub bench: Stepper<B>,
    put: fn(&mut B, &mut dyn Iterator<Item = u128>),
    get: fn(&B, &mut Vec<u128>),
}

impl<B: Block> Driven<B> {
    /// What `driven!` expands to.
    pub fn new(
        block: B,
        clock: Option<ClockOf<B>>,
        put: fn(&mut B, &mut dyn Iterator<Item = u128>),
        get: fn(&B, &mut Vec<u128>),
    ) -> Self {
        let bench = match clock {
            Some(clock) => Stepper::new(block, clock),
            None => Stepper::combinational(block),
        };
        Self { bench, put, get }
    }

    /// One cycle: the outputs for these inputs before the rising edge.
    pub fn cycle(&mut self, inputs: &[u128]) -> Result<Vec<u128>, StepError> {
        (self.put)(&mut self.bench, &mut inputs.iter().copied());
        self.bench.settle()?;
        let mut outputs = Vec::new();
        (self.get)(&self.bench, &mut outputs);
        self.bench.edge()?;
        Ok(outputs)
    }
}

/// `driven!(Block::default(), clock, [inputs in the order of the struct], [outputs])`; without `clock` the block is
/// combinational. Arrays of signals are named once.
#[macro_export]
macro_rules! driven {
    ($block: expr, clock, [$($input: ident),*], [$($output: ident),*]) => {
        $crate::driven!(@ $block, Some(|b| &mut b.clock), [$($input),*], [$($output),*])
    };
    ($block: expr, [$($input: ident),*], [$($output: ident),*]) => {
        $crate::driven!(@ $block, None, [$($input),*], [$($output),*])
    };
    (@ $block: expr, $clock: expr, [$($input: ident),*], [$($output: ident),*]) => {
        $crate::pins::Driven::new(
            $block,
            $clock,
            |b, numbers| { $($crate::pins::Inputs::put(&mut b.$input, numbers);)* },
            |b, numbers| { $($crate::pins::Outputs::get(&b.$output, numbers);)* },
        )
    };
}
