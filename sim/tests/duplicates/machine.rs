//! A model of the link's processor, without an engine, and the comparison with it.

use arch::protocol::Opcode;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::bits::Bits;
use rtl::instruction::{Assembler, Condition, Operand};
use rtl::processor::Processor;
use rtl::program::program;
use rtl::step::Stepper;

use super::{EXPECTED, OPCODE, OTHER, first_memory, frame, identity};

/// An instruction in its parts, as rtl/src/instruction.rs has them.
#[derive(Clone, Copy)]
struct Instruction {
    action: u8,
    add: bool,
    invert: bool,
    carry: bool,
    operand: u8,
    number: u8,
    condition: u8,
    target: u16,
}

impl Instruction {
    fn of(word: u16) -> Self {
        let bit = |at: u16| word >> at & 1 == 1;
        Self {
            action: (word >> 13) as u8,
            add: bit(10),
            invert: bit(11),
            carry: bit(12),
            operand: (word >> 8 & 3) as u8,
            number: word as u8,
            condition: (word >> 10 & 15) as u8,
            target: word & 0x3ff,
        }
    }
}

/// The program and its processor, without an engine: at rest, its values 0.
pub struct Machine {
    program: Vec<Instruction>,
    /// Where a frame's opcode is looked up: from here on it is executed.
    execute: usize,
}

/// What became of a frame.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    pub executed: bool,
    pub sent: Vec<u8>,
}

impl Machine {
    pub fn new(program: &[u16]) -> Self {
        let mut looks_up = Assembler::default();
        looks_up.load(Operand::At(OPCODE));
        looks_up.compare(Opcode::Events as u8);
        let places: Vec<usize> = program
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| **pair == looks_up.assemble()[..])
            .map(|found| found.0)
            .collect();
        assert_eq!(places.len(), 1, "a frame is executed from one place on");
        Self { program: program.iter().map(|&word| Instruction::of(word)).collect(), execute: places[0] }
    }

    /// Runs until the frame is executed, unless `on`, or until the next is waited for. `looked_at` takes the bytes of memory that were read
    /// before they were written.
    pub fn run(
        &self,
        memory: &mut [u8; 256],
        frame: &[u8],
        on: bool,
        looked_at: &mut [bool; 256],
    ) -> Outcome {
        let (mut at, mut next, mut outcome) = (0, 0, Outcome::default());
        let (mut accumulator, mut pointer, mut zero, mut carry) = (0u8, 0u8, false, false);
        let mut written = [false; 256];
        for _ in 0..10_000 {
            if at == self.execute {
                outcome.executed = true;
                if !on {
                    return outcome;
                }
            }
            let i = self.program[at];
            at += 1;
            if i.action >= 6 {
                let over = next == frame.len();
                let jumps = match i.condition {
                    0 => true,
                    1 => zero,
                    2 => !zero,
                    3 => carry,
                    4 => !carry,
                    // Another frame never waits.
                    5 if next > 0 => return outcome,
                    6 => over,
                    7 => !over,
                    _ => false,
                };
                if jumps {
                    at = usize::from(i.target);
                }
                continue;
            }
            let mut read = |address: u8| {
                looked_at[usize::from(address)] |= !written[usize::from(address)];
                memory[usize::from(address)]
            };
            let here = if i.operand == 2 { pointer } else { i.number };
            // The accumulator goes to memory without a look at what was there.
            let blind = i.action == 2 && !i.add;
            let operand = match i.operand {
                0 => i.number,
                1 | 2 if blind => 0,
                1 | 2 => read(here),
                _ if i.number & 16 != 0 => {
                    next += 1;
                    *frame.get(next - 1).expect("a frame is read to its end and no further")
                }
                _ => 0,
            };
            let right = if i.invert { !operand } else { operand };
            let carried = if i.carry { carry } else { i.invert };
            let sum = u16::from(accumulator) + u16::from(right) + u16::from(carried);
            let result = if i.add { sum as u8 } else { operand };
            let place = pointer;
            if i.operand == 2 || i.action == 5 {
                pointer = pointer.wrapping_add(1);
            }
            let mut write = |address: u8, value: u8| {
                written[usize::from(address)] = true;
                memory[usize::from(address)] = value;
            };
            match i.action {
                2 => write(here, if i.add { result } else { accumulator }),
                3 if i.carry => outcome.sent.push(operand),
                4 => pointer = result,
                5 => write(place, result),
                _ => {}
            }
            if i.action < 2 || (i.add && (i.action == 2 || i.action == 5)) {
                zero = result == 0 && (zero || !i.carry);
                if i.add {
                    carry = sum > 0xff;
                }
            }
            if i.action == 0 {
                accumulator = result;
            }
        }
        panic!("a frame's end is not reached");
    }
}

/// The machine is the processor: the same sessions, the same bytes.
#[test]
fn the_processor_does_what_the_machine_does() {
    let (words, first) = (program(&identity()), first_memory());
    let machine = Machine::new(&words);
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut answers = 0;
    for _ in 0..20 {
        let mut memory = first;
        let mut bench = Stepper::new(Processor::new(&words, &first), |b| &mut b.clock);
        let mut next = 0u8;
        for at in 0..60 {
            let back = random.random_range(0..7) * u8::from(random.random_bool(0.4));
            let opcode = [OTHER, OTHER, OTHER + 1, Opcode::End as u8, Opcode::Abandon as u8, 1]
                [random.random_range(0..6)];
            let payload: Vec<u8> =
                (0..random.random_range(0..9)).map(|_| random.random_range(0..3)).collect();
            let frame = match random.random_range(0..10) {
                0 => vec![0, 0],
                1 => frame(random.random(), opcode, &payload),
                _ if at == 0 => frame(next, 1, &[1, 1, 1, 1]),
                _ => frame(next.wrapping_sub(back), opcode, &payload),
            };
            let wanted = machine.run(&mut memory, &frame, true, &mut [false; 256]).sent;
            next = memory[usize::from(EXPECTED)];
            assert_eq!(sent(&mut bench, &frame), wanted, "frame {at}: {frame:?}");
            answers += usize::from(!wanted.is_empty());
        }
    }
    assert!(answers > 300, "{answers}");
}

/// What the processor sends for this frame; its engine rests.
fn sent(bench: &mut Stepper<Processor>, frame: &[u8]) -> Vec<u8> {
    let (mut next, mut sent, mut resting) = (0, Vec::new(), 0);
    while resting < 8 {
        let over = next == frame.len();
        // From `Condition::NoFrame` on.
        const {
            assert!(Condition::NoFrame as u8 == 5 && Condition::Over as u8 == 6 && Condition::More as u8 == 7)
        };
        bench.conditions.next =
            Bits::wrapped(u128::from(next > 0) | u128::from(over) << 1 | u128::from(!over) << 2);
        bench.send_ready.next = true;
        bench.settle().expect("settles");
        if bench.send_valid.val() {
            sent.push(bench.send_data.val().to_u64() as u8);
        }
        let reads = bench.frame_read.val();
        resting = if bench.resting.val() { resting + 1 } else { 0 };
        bench.edge().expect("settles");
        if reads {
            bench.frame_data.next = Bits::wrapped(frame[next].into());
            next += 1;
        }
    }
    sent
}
