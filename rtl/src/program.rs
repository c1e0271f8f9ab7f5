//! The link's program: what `docs/protocol.md` says, for [`Processor`](crate::processor::Processor).
//!
//! ```text
//!            ┌── again: kept ─────────────────────────────────────> send ─┐
//!   frame ───┼── identify ────────────────────────────────────────────────┼─> finish, the next frame
//!            └── next: read │ write │ begin │ events │ end │ abandon ─> keep ─┘
//! ```
//!
//! What is written, and events, are gone through twice: to be checked before any of it is executed.

mod access;
mod activation;
mod frames;
mod registers;
mod samples;

use crate::instruction::{Assembler, Operand};
use arch::Identity;
use arch::protocol::{KEPT_ANSWER_BYTES, Status};
use arch::registers::{SPACES, features};

pub use activation::TABLE_SPACE;

/// What is built in, in bits of [`arch::registers::features`].
pub const FEATURES: u32 = features::RECTANGLE;

/// Frames the host may have unanswered: answers that are kept.
pub const WINDOW: u8 = 4;

/// Bytes of an answer that is kept: its payload's length, 0 where it was too long; its frame's opcode; its payload.
const KEPT: u8 = 2 + KEPT_ANSWER_BYTES as u8;

/// What the memory holds.
mod place {
    use crate::instruction::Operand::{self, At};

    const SPACE_COUNT: u8 = arch::registers::SPACES.len() as u8;
    /// Answers that are kept, [`super::WINDOW`] times [`super::KEPT`] bytes.
    const ANSWERS: u8 = super::WINDOW * super::KEPT;

    /// The status that says so while there was no session, else 0.
    pub const UNKNOWN: Operand = At(ANSWERS);
    /// Number of the next new frame; answers kept; where the latest stands.
    pub const EXPECTED: Operand = At(ANSWERS + 1);
    pub const ANSWERED: Operand = At(ANSWERS + 2);
    pub const NEWEST: Operand = At(ANSWERS + 3);
    /// The status of the repeat that was sent since the last good frame, or 0.
    pub const ASKED: Operand = At(ANSWERS + 4);
    /// Layers of the active network.
    pub const LAYERS: Operand = At(ANSWERS + 5);
    /// Is a sample open (0, or [`AWAITS`] while its last step waits for the host's errors, or anything else), its steps left, steps
    /// to come without a loss, steps run, what `OPEN` becomes with a step that has a loss.
    pub const SAMPLE: u8 = ANSWERS + 6;
    pub const OPEN: Operand = At(SAMPLE);
    pub const LEFT: [Operand; 2] = [At(SAMPLE + 1), At(SAMPLE + 2)];
    pub const QUIET: [Operand; 2] = [At(SAMPLE + 3), At(SAMPLE + 4)];
    pub const RUN: [Operand; 2] = [At(SAMPLE + 5), At(SAMPLE + 6)];
    pub const TEACHER: Operand = At(SAMPLE + 7);
    pub const AWAITS: u8 = 1 + arch::protocol::Teacher::Host as u8;
    /// Of the frame: its number, its opcode, the first bytes of its payload and how many they are.
    pub const HEADER: u8 = SAMPLE + 8;
    pub const NUMBER: Operand = At(HEADER);
    pub const OPCODE: Operand = At(HEADER + 1);
    pub const HEAD: u8 = HEADER + 2;
    pub const GOT: Operand = At(HEAD + 7);
    /// The same bytes of a read or a write.
    pub const SPACE: Operand = At(HEAD);
    pub const ADDRESS: [Operand; 4] = [At(HEAD + 1), At(HEAD + 2), At(HEAD + 3), At(HEAD + 4)];
    pub const COUNT: [Operand; 2] = [At(HEAD + 5), At(HEAD + 6)];
    /// Of the answer: where it is kept, its status, its payload's length, whether it was too long to be kept before.
    pub const SLOT: Operand = At(HEAD + 8);
    pub const STATUS: Operand = At(HEAD + 9);
    pub const LENGTH: Operand = At(HEAD + 10);
    pub const AGAIN: Operand = At(HEAD + 11);
    /// An element.
    pub const ELEMENT_PLACE: u8 = HEAD + 12;
    pub const ELEMENT: [Operand; 4] =
        [At(ELEMENT_PLACE), At(ELEMENT_PLACE + 1), At(ELEMENT_PLACE + 2), At(ELEMENT_PLACE + 3)];
    /// Its bytes.
    pub const WIDTH: Operand = At(HEAD + 16);
    /// Where an element that is read goes: into the answer that is kept, or to its place.
    pub const KEEP: Operand = At(HEAD + 18);
    /// The best class so far: its spikes, the sum of its membranes, its number.
    pub const BEST: u8 = HEAD;
    pub const CLASS: [Operand; 2] = [At(HEAD + 6), At(HEAD + 7)];
    /// Bytes a read answers; steps left when all judged events are executed; classes left.
    pub const TOTAL: [Operand; 2] = [At(HEAD + 19), At(HEAD + 20)];
    /// The address behind the last element.
    pub const END: [Operand; 3] = [KEEP, At(HEAD + 17), AFTER];
    const AFTER: Operand = At(HEAD + 21);
    /// An element that would be written was refused.
    pub const FLAW: Operand = TOTAL[0];
    pub const SCRATCH: Operand = AFTER;
    pub const PART: Operand = AFTER;

    /// The session and, behind it, the identity registers.
    pub const SESSION: u8 = HEAD + 22;
    pub const IDENTITY: u8 = SESSION + 4;
    /// Of each space: bytes of an element, how many there are.
    pub const WIDTHS: u8 = IDENTITY + 4 * arch::registers::IDENTITY_REGISTERS as u8;
    pub const LENGTHS: [u8; 3] = [WIDTHS + SPACE_COUNT, WIDTHS + 2 * SPACE_COUNT, WIDTHS + 3 * SPACE_COUNT];
    /// Outputs of the active network: as many elements its errors have.
    pub const OUTPUTS: [Operand; 2] = [At(LENGTHS[0] + OUTPUT_ERRORS), At(LENGTHS[1] + OUTPUT_ERRORS)];
    pub const OUTPUT_ERRORS: u8 = arch::registers::Space::OutputErrors as u8;
    /// Inputs of a layer that is activated: the rest of what activation needs lies where a read's, a write's and a sample's is.
    const BEHIND: u8 = WIDTHS + 4 * SPACE_COUNT;
    pub const INPUTS: [Operand; 2] = [At(BEHIND), At(BEHIND + 1)];
    pub const BYTES: usize = BEHIND as usize + 2;
}

/// A byte of a session or of the frame's head.
const fn byte(of: u8, index: u8) -> Operand {
    Operand::At(of + index)
}

/// The program of a board that says this of itself.
pub fn program(identity: &Identity) -> Vec<u16> {
    assert!(identity.capacity.layers <= 254, "the program's bytes");
    let mut p = Assembler::default();
    frames::frames(&mut p);
    frames::identify(&mut p);
    access::access(&mut p, identity);
    registers::registers(&mut p, identity);
    samples::samples(&mut p);
    p.assemble()
}

/// What the memory of its processor holds at first.
pub fn memory(identity: &Identity) -> Vec<u8> {
    let mut memory = vec![0; place::BYTES];
    let mut set = |at: usize, value: u32| memory[at] = u8::try_from(value).expect("a byte");
    if let Operand::At(at) = place::UNKNOWN {
        set(at.into(), Status::NoSession as u32);
    }
    let identity_bytes = identity.registers().into_iter().flat_map(u32::to_le_bytes);
    for (at, value) in identity_bytes.enumerate() {
        set(usize::from(place::IDENTITY) + at, value.into());
    }
    for (code, info) in SPACES.iter().enumerate() {
        let (width, length) =
            (info.space.element_bytes(identity.capacity.weight_bits), info.space.len(&identity.capacity));
        assert!(length <= 1 << 20, "{} elements of {}", length, info.name);
        set(usize::from(place::WIDTHS) + code, width as u32);
        for (index, column) in place::LENGTHS.into_iter().enumerate() {
            set(usize::from(column) + code, length >> (8 * index) & 0xff);
        }
    }
    memory
}

/// Answers that the frame was refused.
fn refuse(p: &mut Assembler, label: &'static str, status: Status) {
    p.label(label);
    p.load(status as u8);
    p.go("answer");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction::PROGRAM_BITS;

    /// Boards without a device are larger than an address.
    #[test]
    fn program_and_memory_of_each_board_fit() {
        let boards = arch::Board::names().into_iter().map(|name| arch::Board::named(name).expect("reads"));
        for board in boards.filter(|board| board.device.is_some()) {
            let identity = board.identity(0, 0);
            let (program, memory) = (program(&identity), memory(&identity));
            println!("{}: {} instructions, {} bytes", board.name, program.len(), memory.len());
            assert!(program.len() <= 1 << PROGRAM_BITS && memory.len() <= 256);
        }
    }
}
