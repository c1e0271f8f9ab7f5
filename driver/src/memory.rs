//! Reading and writing every register and memory of a board.

use std::ops::RangeInclusive;

use arch::counts::{COUNTERS, CYCLES};
use arch::protocol::{Opcode, Status};
use arch::registers::{Register, Space};
use arch::{Counts, Cycles};

use crate::link::Conversation;
use crate::{Session, SessionError};

/// `space u8, address u32`.
const ADDRESS_BYTES: usize = 5;
/// The same and `count u16`: the payload that reads.
pub(crate) const READ_BYTES: usize = ADDRESS_BYTES + 2;

impl Session {
    /// Reads `count` elements from `address` on: their little-endian bytes.
    ///
    /// Errors: the link; an address outside the space.
    pub fn read(&mut self, space: Space, address: u32, count: u32) -> Result<Vec<u8>, SessionError> {
        let width = space.element_bytes(self.identity().capacity.weight_bits);
        // The status takes a byte of the answer.
        let most = (self.identity().max_payload as usize - 1) / width;
        let mut read = Read {
            space,
            width,
            next: address,
            left: count,
            most: most as u32,
            expected: std::collections::VecDeque::new(),
            bytes: Vec::with_capacity(count as usize * width),
        };
        self.converse(&mut read)?;
        Ok(read.bytes)
    }

    /// Writes whole little-endian elements from `address` on.
    ///
    /// Errors: the link; whatever the board refuses, what was written before it stays.
    pub fn write(&mut self, space: Space, address: u32, bytes: &[u8]) -> Result<(), SessionError> {
        let width = space.element_bytes(self.identity().capacity.weight_bits);
        let most = (self.payload_limit() - ADDRESS_BYTES) / width * width;
        self.converse(&mut Write { space, width, most, address, bytes })
    }

    /// Reads a register.
    pub fn read_register(&mut self, register: Register) -> Result<u32, SessionError> {
        let bytes = self.read(Space::Registers, register.address(), 1)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Writes a register.
    pub fn write_register(&mut self, register: Register, value: u32) -> Result<(), SessionError> {
        self.write(Space::Registers, register.address(), &value.to_le_bytes())
    }

    /// Work the board has counted since its counters were cleared.
    pub fn counts(&mut self) -> Result<Counts, SessionError> {
        self.counters(COUNTERS, Counts::from_registers)
    }

    /// Cycles it took for that; 0 on a board that has none.
    pub fn cycles(&mut self) -> Result<Cycles, SessionError> {
        self.counters(CYCLES, Cycles::from_registers)
    }

    fn counters<T>(
        &mut self,
        registers: RangeInclusive<u32>,
        meaning: impl Fn(&[u32]) -> Option<T>,
    ) -> Result<T, SessionError> {
        let count = registers.end() - registers.start() + 1;
        let bytes = self.read(Space::Registers, *registers.start(), count)?;
        let (words, _) = bytes.as_chunks::<4>();
        let words: Vec<u32> = words.iter().map(|&word| u32::from_le_bytes(word)).collect();
        meaning(&words).ok_or(SessionError::Answer {
            what: "reading the counters",
            seen: bytes.len(),
            wanted: 4 * count as usize,
        })
    }

    /// Clears the board's counters.
    pub fn clear_counts(&mut self) -> Result<(), SessionError> {
        self.write_register(Register::ClearCounters, 1)
    }

    /// State of the noise generator.
    pub fn seed(&mut self) -> Result<u32, SessionError> {
        self.read_register(Register::Seed)
    }

    /// Sets the noise generator; 0 is refused.
    pub fn set_seed(&mut self, seed: u32) -> Result<(), SessionError> {
        self.write_register(Register::Seed, seed)
    }
}

/// The payload that asks for `count` elements, at most 65,535.
pub(crate) fn read_payload(space: Space, address: u32, count: u32) -> Vec<u8> {
    let mut payload = write_payload(space, address, &[]);
    payload.extend((count as u16).to_le_bytes());
    payload
}

/// The payload that writes whole elements.
pub(crate) fn write_payload(space: Space, address: u32, bytes: &[u8]) -> Vec<u8> {
    let mut payload = vec![space as u8];
    payload.extend(address.to_le_bytes());
    payload.extend_from_slice(bytes);
    payload
}

struct Read {
    space: Space,
    width: usize,
    next: u32,
    left: u32,
    most: u32,
    /// Bytes that each unanswered frame asks for.
    expected: std::collections::VecDeque<usize>,
    bytes: Vec<u8>,
}

impl Conversation for Read {
    type Error = SessionError;

    fn next(&mut self, _limit: usize, payload: &mut Vec<u8>) -> Option<Opcode> {
        if self.left == 0 {
            return None;
        }
        let count = self.left.min(self.most);
        payload.extend(read_payload(self.space, self.next, count));
        // An address beyond the last is the board's to refuse.
        self.next = self.next.wrapping_add(count);
        self.left -= count;
        self.expected.push_back(count as usize * self.width);
        Some(Opcode::Read)
    }

    fn answer(&mut self, _: Opcode, status: Status, rest: &[u8]) -> Result<(), SessionError> {
        let wanted = self.expected.pop_front().unwrap_or(0);
        if status != Status::Ok {
            return Err(SessionError::Refused { what: "a read", status });
        }
        if rest.len() != wanted {
            return Err(SessionError::Answer { what: "a read", seen: rest.len(), wanted });
        }
        self.bytes.extend_from_slice(rest);
        Ok(())
    }
}

struct Write<'a> {
    space: Space,
    width: usize,
    most: usize,
    address: u32,
    bytes: &'a [u8],
}

impl Conversation for Write<'_> {
    type Error = SessionError;

    fn next(&mut self, _limit: usize, payload: &mut Vec<u8>) -> Option<Opcode> {
        if self.bytes.is_empty() {
            return None;
        }
        let (now, later) = self.bytes.split_at(self.bytes.len().min(self.most));
        payload.extend(write_payload(self.space, self.address, now));
        self.address = self.address.wrapping_add((now.len() / self.width) as u32);
        self.bytes = later;
        Some(Opcode::Write)
    }

    fn answer(&mut self, _: Opcode, status: Status, _rest: &[u8]) -> Result<(), SessionError> {
        match status {
            Status::Ok => Ok(()),
            _ => Err(SessionError::Refused { what: "a write", status }),
        }
    }
}
