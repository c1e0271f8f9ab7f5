//! Processor: executes the link's program, a byte at a time.
//!
//! Latency, throughput: an instruction in two cycles, the first for its operand, for a byte of the frame in three; a byte to send
//! waits in the first until it is taken.
//! Handshake: `send_valid` only while `send_ready`; pulses last one cycle. Reset: none needed, begins at the program's first word.
//!
//! ```text
//!            ┌──────────────── program: one word ──────────────────┐
//!   memory ──┤                                                     │
//!   number ──┼─> operand ─┬───────────────> result ─┬─> accumulator├─> jumps, pulses
//!   port   ──┘            └─ ± accumulator ─┘       ├─> pointer    │
//!                                                   └─> parameters, transmitter
//! ```

use crate::instruction::{Action, Condition, PROGRAM_BITS, Port};
use crate::leaf::preset::Preset;
use crate::prelude::*;

const _: () = {
    assert!(PROGRAM_BITS == 10, "the kernel's widths");
    assert!(Port::Frame as u8 == 16, "the only one of bit 4");
};

/// Ports and conditions are those of [`crate::instruction`].
#[derive(LogicBlock)]
pub struct Processor {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The port whose byte is wanted.
    pub port: Signal<Out, Bits<4>>,
    /// Its byte.
    pub port_data: Signal<In, Bits<8>>,
    /// Reads the frame's next byte.
    pub frame_read: Signal<Out, Bit>,
    /// The byte, in the cycle after.
    pub frame_data: Signal<In, Bits<8>>,
    /// Conditions from [`NoFrame`](crate::instruction::Condition::NoFrame) on.
    pub conditions: Signal<In, Bits<6>>,
    /// The last five bytes that were put out, the latest highest.
    pub parameters: Signal<Out, Bits<40>>,
    /// A byte for the transmitter.
    pub send_valid: Signal<Out, Bit>,
    /// The byte.
    pub send_data: Signal<Out, Bits<8>>,
    /// It would be taken.
    pub send_ready: Signal<In, Bit>,
    /// It waits for a frame.
    pub resting: Signal<Out, Bit>,
    /// The last result was 0.
    pub zero: Signal<Out, Bit>,
    /// The cycle in which pulses count.
    pub pulse: Signal<Out, Bit>,
    /// They.
    pub pulses: Signal<Out, Bits<9>>,

    /// The first 512 words, which two block RAMs hold without a multiplexer, and what is behind them.
    instructions: Preset<9, 16>,
    more_instructions: Preset<9, 16>,
    memory: Preset<8, 8>,
    /// The program's memory has given a word.
    running: DFF<Bit>,
    /// Second cycle of an instruction.
    executing: DFF<Bit>,
    /// The instruction, in its second cycle: block RAMs are slow.
    instruction: DFF<Bits<16>>,
    at: DFF<Bits<10>>,
    /// The port's byte, or the frame's, which comes a cycle later.
    taken: DFF<Bits<8>>,
    waited: DFF<Bit>,
    accumulator: DFF<Bits<8>>,
    pointer: DFF<Bits<8>>,
    is_zero: DFF<Bit>,
    carry: DFF<Bit>,
    out: DFF<Bits<40>>,

    word: Signal<Local, Bits<16>>,
    action: Signal<Local, Bits<3>>,
    puts: Signal<Local, Bit>,
    arithmetic: Signal<Local, Bit>,
    plain: Signal<Local, Bit>,
    sends: Signal<Local, Bit>,
    held: Signal<Local, Bit>,
    frames: Signal<Local, Bit>,
    address: Signal<Local, Bits<8>>,
    operand: Signal<Local, Bits<8>>,
    right: Signal<Local, Bits<8>>,
    carry_in: Signal<Local, Bit>,
    sum: Signal<Local, Bits<10>>,
    result: Signal<Local, Bits<8>>,
    choices: Signal<Local, Bits<16>>,
    choice: Signal<Local, Bits<4>>,
    flags: Signal<Local, Flags>,
    next: Signal<Local, Bits<10>>,
    actions: [Constant<Bits<3>>; 8],
    no_frame: Constant<Bits<4>>,
}

/// Conditions in the order of their codes.
#[derive(Copy, Clone, Default, PartialEq, Debug, LogicStruct)]
struct Flags {
    /// Always.
    pub always: Bit,
    /// The last result was 0.
    pub zero: Bit,
    /// It was not.
    pub not_zero: Bit,
    /// The last sum had a carry.
    pub carry: Bit,
    /// It had none.
    pub no_carry: Bit,
    /// Those from outside.
    pub outside: Bits<6>,
    /// None, and that of pulses.
    pub rest: Bits<5>,
}

impl Processor {
    /// A processor of a program, with a memory that begins with these bytes.
    pub fn new(program: &[u16], memory: &[u8]) -> Self {
        let memory: Vec<u16> = memory.iter().map(|&byte| byte.into()).collect();
        Self {
            clock: Default::default(),
            port: Default::default(),
            port_data: Default::default(),
            frame_read: Default::default(),
            frame_data: Default::default(),
            conditions: Default::default(),
            parameters: Default::default(),
            send_valid: Default::default(),
            send_data: Default::default(),
            send_ready: Default::default(),
            resting: Default::default(),
            zero: Default::default(),
            pulse: Default::default(),
            pulses: Default::default(),
            instructions: Preset::new(&program[..program.len().min(512)]),
            more_instructions: Preset::new(program.get(512..).unwrap_or_default()),
            memory: Preset::new(&memory),
            running: Default::default(),
            executing: DFF::new(true),
            instruction: Default::default(),
            at: Default::default(),
            taken: Default::default(),
            waited: Default::default(),
            accumulator: Default::default(),
            pointer: Default::default(),
            is_zero: Default::default(),
            carry: Default::default(),
            out: Default::default(),
            word: Default::default(),
            action: Default::default(),
            puts: Default::default(),
            arithmetic: Default::default(),
            plain: Default::default(),
            sends: Default::default(),
            held: Default::default(),
            frames: Default::default(),
            address: Default::default(),
            operand: Default::default(),
            right: Default::default(),
            carry_in: Default::default(),
            sum: Default::default(),
            result: Default::default(),
            choices: Default::default(),
            choice: Default::default(),
            flags: Default::default(),
            next: Default::default(),
            no_frame: Constant::new(Bits::wrapped(Condition::NoFrame as u128)),
            actions: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
        }
    }
}

crate::collisions!(Processor { instructions, more_instructions, memory });

const _: () = {
    assert!(Action::Keep as u16 == 0 && Action::Compare as u16 == 1 && Action::Store as u16 == 2);
    assert!(Action::Out as u16 == 3 && Action::Point as u16 == 4);
    assert!(Action::Put as u16 == 5 && Action::Jump as u16 == 6, "the kernel's literals");
};

impl Logic for Processor {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, executing, instruction, at, taken, waited);
        dff_setup!(self, clock, accumulator, pointer, is_zero, carry, out);
        clock!(self, clock, instructions, more_instructions, memory);
        self.word.next = self.instructions.read_data.val();
        if self.at.q.val().get_bit(9) {
            self.word.next = self.more_instructions.read_data.val();
        }
        self.instruction.d.next = self.word.val();
        self.action.next = self.instruction.q.val().get_bits::<3>(13);
        self.plain.next = !(self.instruction.q.val().get_bit(15) && self.instruction.q.val().get_bit(14));
        self.puts.next = self.action.val() == self.actions[5].val();
        self.arithmetic.next = (self.action.val() == self.actions[0].val())
            || (self.action.val() == self.actions[1].val())
            || (self.instruction.q.val().get_bit(10)
                && ((self.action.val() == self.actions[2].val()) || self.puts.val()));
        self.sends.next =
            (self.word.val().get_bits::<3>(13) == self.actions[3].val()) && self.word.val().get_bit(12);
        self.held.next = self.sends.val() && !self.send_ready.val();

        // The operand: in the first cycle what is to be read, in the second what has been.
        self.address.next = self.word.val().get_bits::<8>(0);
        if self.word.val().get_bit(9) {
            self.address.next = self.pointer.q.val();
        }
        self.memory.read_enable.next = !self.executing.q.val() && !self.held.val();
        self.memory.read_address.next = self.address.val();
        self.port.next = self.word.val().get_bits::<4>(0);
        self.frames.next = (!self.word.val().get_bit(15) || !self.word.val().get_bit(14))
            && self.word.val().get_bit(9)
            && self.word.val().get_bit(8)
            && self.word.val().get_bit(4);
        self.frame_read.next = self.frames.val() && !self.executing.q.val() && !self.waited.q.val();
        self.waited.d.next = self.frame_read.val();
        self.taken.d.next = self.port_data.val();
        if self.frames.val() {
            self.taken.d.next = self.frame_data.val();
        }
        self.operand.next = self.instruction.q.val().get_bits::<8>(0);
        if self.instruction.q.val().get_bit(9) && self.instruction.q.val().get_bit(8) {
            self.operand.next = self.taken.q.val();
        } else if self.instruction.q.val().get_bit(9) || self.instruction.q.val().get_bit(8) {
            self.operand.next = self.memory.read_data.val();
        }

        // The result.
        self.right.next = self.operand.val();
        if self.instruction.q.val().get_bit(11) {
            self.right.next = !self.operand.val();
        }
        self.carry_in.next = self.instruction.q.val().get_bit(11);
        if self.instruction.q.val().get_bit(12) {
            self.carry_in.next = self.carry.q.val();
        }
        comment!("The lowest bits make the carry into the sum.");
        self.sum.next = ((bit_cast::<10, 8>(self.accumulator.q.val()) << 1) | 1)
            + ((bit_cast::<10, 8>(self.right.val()) << 1) | bit_cast::<10, 1>(self.carry_in.val().into()));
        self.result.next = self.operand.val();
        if self.instruction.q.val().get_bit(10) {
            self.result.next = self.sum.val().get_bits::<8>(1);
        }

        // Where the program goes on.
        self.flags.next.always = true;
        self.flags.next.zero = self.is_zero.q.val();
        self.flags.next.not_zero = !self.is_zero.q.val();
        self.flags.next.carry = self.carry.q.val();
        self.flags.next.no_carry = !self.carry.q.val();
        self.flags.next.outside = self.conditions.val();
        self.flags.next.rest = 0.into();
        self.choices.next = self.flags.val().into();
        self.choice.next = self.instruction.q.val().get_bits::<4>(10);
        comment!("Only the program's beginning waits for a frame.");
        self.resting.next = self.running.q.val()
            && !self.plain.val()
            && (self.choice.val() == self.no_frame.val())
            && self.conditions.val().get_bit(0);
        self.next.next = self.at.q.val() + 1;
        if !self.running.q.val() {
            self.next.next = 0.into();
        } else if !self.plain.val() && self.choices.val().get_bit(self.choice.val().index()) {
            self.next.next = self.instruction.q.val().get_bits::<10>(0);
        }
        self.instructions.read_enable.next = self.executing.q.val();
        self.instructions.read_address.next = bit_cast::<9, 10>(self.next.val());
        self.more_instructions.read_enable.next = self.executing.q.val();
        self.more_instructions.read_address.next = bit_cast::<9, 10>(self.next.val());
        self.more_instructions.write_enable.next = false;
        self.more_instructions.write_address.next = 0.into();
        self.more_instructions.write_data.next = 0.into();
        self.instructions.write_enable.next = false;
        self.instructions.write_address.next = 0.into();
        self.instructions.write_data.next = 0.into();

        // What it does.
        self.memory.write_enable.next = false;
        self.memory.write_address.next = self.instruction.q.val().get_bits::<8>(0);
        if self.puts.val() || self.instruction.q.val().get_bit(9) {
            self.memory.write_address.next = self.pointer.q.val();
        }
        self.memory.write_data.next = self.accumulator.q.val();
        if self.puts.val() || self.instruction.q.val().get_bit(10) {
            self.memory.write_data.next = self.result.val();
        }
        self.send_valid.next = false;
        self.send_data.next = self.operand.val();
        self.pulse.next = false;
        self.pulses.next = self.instruction.q.val().get_bits::<9>(0);
        self.parameters.next = self.out.q.val();
        self.zero.next = self.is_zero.q.val();
        self.executing.d.next =
            !self.executing.q.val() && !self.held.val() && (!self.frames.val() || self.waited.q.val());
        if self.executing.q.val() {
            self.running.d.next = true;
            self.at.d.next = self.next.val();
        }
        if self.executing.q.val() && self.running.q.val() {
            if self.puts.val()
                || (self.plain.val()
                    && self.instruction.q.val().get_bit(9)
                    && !self.instruction.q.val().get_bit(8))
            {
                self.pointer.d.next = self.pointer.q.val() + 1;
            }
            if self.action.val() == self.actions[0].val() {
                self.accumulator.d.next = self.result.val();
            }
            if self.arithmetic.val() {
                self.is_zero.d.next = !self.result.val().any()
                    && (self.is_zero.q.val() || !self.instruction.q.val().get_bit(12));
                if self.instruction.q.val().get_bit(10) {
                    self.carry.d.next = self.sum.val().get_bit(9);
                }
            }
            self.memory.write_enable.next = (self.action.val() == self.actions[2].val()) || self.puts.val();
            if self.action.val() == self.actions[3].val() {
                if self.instruction.q.val().get_bit(12) {
                    self.send_valid.next = true;
                } else {
                    self.out.d.next = (self.out.q.val() >> 8) | (bit_cast::<40, 8>(self.result.val()) << 32);
                }
            }
            if self.action.val() == self.actions[4].val() {
                self.pointer.d.next = self.result.val();
            }
            self.pulse.next = !self.plain.val() && self.choice.val().all();
        }
    }
}
