//! Instructions of [`Processor`](crate::processor::Processor), and an assembler.
//!
//! ```text
//!   15 14 13 | 12 11 10 | 9 8     | 7 … 0
//!   action   | function | operand | number, address in the memory, or port
//!   1 1 | condition (4 bits) | target (10 bits), or pulses
//! ```

use std::collections::BTreeMap;

/// Address bits of a program.
pub const PROGRAM_BITS: usize = 10;

/// What is done with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Into the accumulator; sets the flags.
    Keep = 0,
    /// Sets the flags.
    Compare = 1,
    /// With [`ADD`] into the memory where the operand stood, setting the flags; else the accumulator goes there.
    Store = 2,
    /// Shifted into the parameters; with [`SEND`], a byte for the transmitter.
    Out = 3,
    /// Into the pointer.
    Point = 4,
    /// Into the memory where the pointer points; it then points to the next byte.
    Put = 5,
    /// Goes elsewhere if a condition holds, or pulses. So does the code after it.
    Jump = 6,
}

/// Function bit: the accumulator and the operand are added; else the operand passes.
pub const ADD: u16 = 1;
/// Function bit: the operand is inverted, and the carry into a sum is 1.
pub const INVERT: u16 = 2;
/// Function bit: the carry into a sum is the flag, and the zero flag only stays.
pub const CARRY: u16 = 4;
/// Function bit of [`Action::Out`], in the place of [`CARRY`].
pub const SEND: u16 = 4;

/// Where a byte comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// The instruction.
    Number(u8),
    /// This address of the memory.
    At(u8),
    /// Where the pointer points; it then points to the next byte.
    Next,
    /// An input.
    Port(Port),
}

impl From<u8> for Operand {
    fn from(number: u8) -> Self {
        Self::Number(number)
    }
}

impl From<Port> for Operand {
    fn from(port: Port) -> Self {
        Self::Port(port)
    }
}

impl Operand {
    fn bits(self) -> u16 {
        match self {
            Self::Number(number) => u16::from(number),
            Self::At(address) => 1 << 8 | u16::from(address),
            Self::Next => 2 << 8,
            Self::Port(port) => 3 << 8 | port as u16,
        }
    }
}

/// An input of a byte: in the upper bits a word of 32 bits, in the lower two its byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The engine's element, its lowest byte.
    Value0 = 0,
    /// The next.
    Value1,
    /// The next.
    Value2,
    /// The highest.
    Value3,
    /// The noise generator's state, its lowest byte.
    Seed0,
    /// The next.
    Seed1,
    /// The next.
    Seed2,
    /// The highest.
    Seed3,
    /// Wrong spikes of the sample, the lowest byte.
    Wrong0,
    /// The next.
    Wrong1,
    /// The next.
    Wrong2,
    /// The highest.
    Wrong3,
    /// A descriptor's word, its low byte.
    Descriptor0,
    /// Its high byte.
    Descriptor1,
    /// The frame's next byte.
    Frame = 16,
}

/// When a jump is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always = 0,
    /// The last result was 0.
    Zero,
    /// It was not.
    NotZero,
    /// The last sum had a carry: a difference was not negative.
    Carry,
    /// It had none.
    NoCarry,
    /// No frame waits.
    NoFrame,
    /// The frame's last byte has been read.
    Over,
    /// It has not.
    More,
    /// The engine executes a command.
    Busy,
    /// The byte read last is no byte of packed events, or an event beyond the inputs.
    BadEvent,
    /// The byte of packed events is being executed.
    Working,
    /// Never: the target's bits are pulses.
    Pulse = 15,
}

/// Pulses: one of the engine's, one of the frame's, two alone.
pub mod pulse {
    /// A network becomes active.
    pub const ACTIVATE: u16 = 1;
    /// A sample begins.
    pub const BEGIN: u16 = 2;
    /// A step runs, with a loss if the last result was 0.
    pub const STEP: u16 = 3;
    /// The sample is over.
    pub const END: u16 = 4;
    /// The noise generator's state is loaded.
    pub const LOAD_SEED: u16 = 5;
    /// The counters are cleared.
    pub const CLEAR_COUNTS: u16 = 6;
    /// The latest two parameters are the first layer's inputs.
    pub const INPUTS: u16 = 7;
    /// What has been read of the frame is free, and is not read again. Judged events are forgotten.
    pub const RELEASE: u16 = 1 << 3;
    /// Goes back to where was released last. Judged events are forgotten.
    pub const REWIND: u16 = 2 << 3;
    /// The byte read last is the low one of where the frame ends.
    pub const END_LOW: u16 = 3 << 3;
    /// The high one.
    pub const END_HIGH: u16 = 4 << 3;
    /// Judges the byte read last as packed events.
    pub const JUDGE: u16 = 5 << 3;
    /// Executes it.
    pub const EXECUTE: u16 = 6 << 3;
    /// The answer is complete.
    pub const FINISH: u16 = 7 << 3;
    /// Reads an element; it is there for the instruction after the next.
    pub const READ: u16 = 1 << 6;
    /// Writes an element.
    pub const WRITE: u16 = 1 << 7;
    /// The step that ran last learns from the errors that were written.
    pub const TEACH: u16 = 1 << 8;
}

#[derive(Clone, Copy, Debug)]
enum Word {
    Ready(u16),
    Jump(Condition, &'static str),
}

/// A program as it is written.
#[derive(Clone, Debug, Default)]
pub struct Assembler {
    words: Vec<Word>,
    labels: BTreeMap<&'static str, u16>,
}

impl Assembler {
    fn plain(&mut self, action: Action, function: u16, operand: Operand) {
        self.words.push(Word::Ready((action as u16) << 13 | function << 10 | operand.bits()));
    }

    /// The next instruction's place.
    pub fn label(&mut self, name: &'static str) {
        let before = self.labels.insert(name, self.words.len() as u16);
        assert!(before.is_none(), "label `{name}` stands twice");
    }

    /// Goes to a label.
    pub fn go(&mut self, label: &'static str) {
        self.jump(Condition::Always, label);
    }

    /// Goes to a label if a condition holds.
    pub fn jump(&mut self, condition: Condition, label: &'static str) {
        self.words.push(Word::Jump(condition, label));
    }

    /// Waits until a condition does not hold.
    pub fn wait(&mut self, condition: Condition) {
        let here = self.words.len() as u16;
        self.words.push(Word::Ready(jump(condition, here)));
    }

    /// Pulses.
    pub fn pulse(&mut self, pulses: u16) {
        self.words.push(Word::Ready(jump(Condition::Pulse, pulses)));
    }

    /// Accumulator = operand.
    pub fn load(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Keep, 0, operand.into());
    }

    /// Accumulator += operand.
    pub fn add(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Keep, ADD, operand.into());
    }

    /// The same, with the carry of the sum before.
    pub fn add_carry(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Keep, ADD | CARRY, operand.into());
    }

    /// Accumulator −= operand; a carry where nothing had to be borrowed.
    pub fn subtract(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Keep, ADD | INVERT, operand.into());
    }

    /// The same, with what the difference before had to borrow.
    pub fn subtract_borrow(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Keep, ADD | INVERT | CARRY, operand.into());
    }

    /// As [`Assembler::subtract`], for its flags.
    pub fn compare(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Compare, ADD | INVERT, operand.into());
    }

    /// As [`Assembler::subtract_borrow`], for its flags.
    pub fn compare_borrow(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Compare, ADD | INVERT | CARRY, operand.into());
    }

    /// Memory = accumulator.
    pub fn store(&mut self, place: Operand) {
        assert!(matches!(place, Operand::At(_) | Operand::Next), "{place:?} is no memory");
        self.plain(Action::Store, 0, place);
    }

    /// Memory = operand, through the accumulator.
    pub fn set(&mut self, place: Operand, operand: impl Into<Operand>) {
        self.load(operand);
        self.store(place);
    }

    /// Memory += accumulator.
    pub fn increase(&mut self, place: Operand) {
        self.plain(Action::Store, ADD, place);
    }

    /// The same, with the carry of the sum before.
    pub fn increase_carry(&mut self, place: Operand) {
        self.plain(Action::Store, ADD | CARRY, place);
    }

    /// Two bytes of memory −= 1; no carry where they were 0.
    pub fn decrease(&mut self, place: [Operand; 2]) {
        self.load(0xff);
        self.increase(place[0]);
        self.increase_carry(place[1]);
    }

    /// The operand, for its flags.
    pub fn test(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Compare, 0, operand.into());
    }

    /// The zero flag stays where the operand is 0, too.
    pub fn test_also(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Compare, CARRY, operand.into());
    }

    /// Where the pointer points = operand.
    pub fn put(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Put, 0, operand.into());
    }

    /// Where the pointer points = accumulator + operand; sets the flags.
    pub fn put_sum(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Put, ADD, operand.into());
    }

    /// The same, with the carry of the sum before.
    pub fn put_sum_carry(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Put, ADD | CARRY, operand.into());
    }

    /// A parameter for the engine.
    pub fn out(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Out, 0, operand.into());
    }

    /// The accumulator + operand, a parameter for the engine.
    pub fn out_sum(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Out, ADD, operand.into());
    }

    /// A byte for the transmitter.
    pub fn send(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Out, SEND, operand.into());
    }

    /// Pointer = operand.
    pub fn point(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Point, 0, operand.into());
    }

    /// Pointer = accumulator + operand.
    pub fn point_from(&mut self, operand: impl Into<Operand>) {
        self.plain(Action::Point, ADD, operand.into());
    }

    /// The program's words.
    pub fn assemble(&self) -> Vec<u16> {
        let word = |word: &Word| match *word {
            Word::Ready(word) => word,
            Word::Jump(condition, label) => {
                let target = self.labels.get(label);
                jump(condition, *target.unwrap_or_else(|| panic!("no label `{label}`")))
            }
        };
        self.words.iter().map(word).collect()
    }
}

fn jump(condition: Condition, target: u16) -> u16 {
    (Action::Jump as u16) << 13 | (condition as u16) << PROGRAM_BITS | target
}
