//! Two rings of buffers that a card and its host share: how streams with pauses go through DMA without any.
//!
//! LitePCIe's driver has its engine go round both rings for ever: it reads buffers that nobody has written since the last round, and
//! hands one over once it is full. So a buffer says which one it is, counted from 1 on since the rings began, and what of it counts:
//!
//! ```text
//!   to the card    head │ words …                     a head's number that is not the next one is passed over
//!   from the card  words … │ head                     what stands last has come last
//!
//!   head           number u32 │ words u32             little-endian, as everything
//! ```
//!
//! A number that was taken never comes again, a number that is not yet due comes again with the next round: nothing is lost, nothing
//! is taken twice, however late the host is. Numbers go round past 0, which no buffer has: that is what rings are full of when they begin.
//!
//! Here are both ends: the host's, and the card's for what stands in for one. `examples/litepcie` is the card's in gateware.

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

/// Bytes of a buffer, as LitePCIe's driver has them.
pub const BUFFER: usize = 8192;
/// Buffers of a ring.
pub const BUFFERS: usize = 256;
/// Bytes of a ring.
pub const RING: usize = BUFFER * BUFFERS;
/// Bytes of a word.
pub const WORD: usize = 8;
/// Words of a buffer that a head leaves.
pub const WORDS: usize = BUFFER / WORD - 1;

/// Shared memory of one ring.
#[derive(Debug)]
pub struct Ring {
    memory: NonNull<AtomicU64>,
}

// SAFETY: it is nothing but memory of atomics, mapped until it is dropped.
#[expect(unsafe_code, reason = "a pointer to mapped atomics may go to another thread")]
unsafe impl Send for Ring {}

impl Ring {
    /// Maps the ring that stands at `offset` bytes of `file`, which is that long.
    ///
    /// Errors: what the system says.
    pub fn map(file: &File, offset: usize) -> io::Result<Self> {
        let length = const { NonZeroUsize::new(RING).unwrap() };
        let (protection, flags) = (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED);
        // SAFETY: a new mapping, which overlays nothing.
        #[expect(unsafe_code, reason = "memory that a device writes can be had in no other way")]
        let memory = unsafe { mmap(None, length, protection, flags, file, offset as i64)? };
        Ok(Self { memory: memory.cast() })
    }

    /// The words of the buffer with this number.
    fn buffer(&self, number: u32) -> &[AtomicU64] {
        const COUNT: usize = BUFFER / WORD;
        let at = (number as usize).wrapping_sub(1) % BUFFERS * COUNT;
        // SAFETY: the mapping has `RING` bytes, begins at a page and lasts as long as `self`; all access to it is atomic.
        #[expect(unsafe_code, reason = "the words of a mapping")]
        unsafe {
            std::slice::from_raw_parts(self.memory.as_ptr().add(at), COUNT)
        }
    }

    /// Fills it with zeros: no buffer has a number.
    pub fn clear(&self) {
        for number in 1..=BUFFERS as u32 {
            self.buffer(number).iter().for_each(|word| word.store(0, Ordering::Relaxed));
        }
        std::sync::atomic::fence(Ordering::Release);
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: nothing that was borrowed of it outlives it.
        #[expect(unsafe_code, reason = "the end of the mapping")]
        let _ = unsafe { munmap(self.memory.cast(), RING) };
    }
}

/// Where a head stands in its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// In the first word: towards the card.
    First,
    /// In the last word: from the card.
    Last,
}

/// One end of a ring, and the number of the buffer that is next.
#[derive(Debug)]
pub struct End {
    ring: Ring,
    head: Head,
    next: u32,
}

impl End {
    /// The end of a ring that begins.
    pub fn new(ring: Ring, head: Head) -> Self {
        Self { ring, head, next: 1 }
    }

    fn parts(&self) -> (&AtomicU64, &[AtomicU64]) {
        let buffer = self.ring.buffer(self.next);
        match self.head {
            Head::First => (&buffer[0], &buffer[1..]),
            Head::Last => (&buffer[WORDS], &buffer[..WORDS]),
        }
    }

    fn go_on(&mut self) {
        self.next = self.next.checked_add(1).unwrap_or(1);
    }

    /// Writes the next buffers: these bytes, whole words.
    pub fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(WORDS * WORD) {
            let (head, words) = self.parts();
            let count = piece.len().div_ceil(WORD) as u64;
            for (word, bytes) in words.iter().zip(piece.chunks(WORD)) {
                let mut whole = [0; WORD];
                whole[..bytes.len()].copy_from_slice(bytes);
                word.store(u64::from_le_bytes(whole), Ordering::Relaxed);
            }
            head.store(u64::from(self.next) | count << 32, Ordering::Release);
            self.go_on();
        }
    }

    /// Appends what the next buffer holds, if it is there.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> bool {
        let (head, words) = self.parts();
        let seen = head.load(Ordering::Acquire);
        if seen as u32 != self.next {
            return false;
        }
        let count = (seen >> 32) as usize;
        for word in words.iter().take(count) {
            bytes.extend(word.load(Ordering::Relaxed).to_le_bytes());
        }
        self.go_on();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> (End, End) {
        let file = tempfile::tempfile().unwrap();
        file.set_len(RING as u64).unwrap();
        let end = || End::new(Ring::map(&file, 0).unwrap(), Head::First);
        (end(), end())
    }

    #[test]
    fn what_is_written_is_read_once_and_in_order() {
        let (mut host, mut card) = ends();
        let mut seen = Vec::new();
        assert!(!card.read(&mut seen), "a ring begins empty");
        let long: Vec<u8> = (0..3 * WORDS * WORD).map(|at| (at % 251) as u8).collect();
        for round in 0..2 * BUFFERS {
            host.write(&long[..WORD * (round % WORDS + 1)]);
            assert!(card.read(&mut seen));
            assert_eq!(seen, long[..WORD * (round % WORDS + 1)], "round {round}");
            seen.clear();
            assert!(!card.read(&mut seen), "what was read stands there, and is not read again");
        }
        host.write(&long);
        while card.read(&mut seen) {}
        assert_eq!(seen, long);
    }

    #[test]
    fn a_buffer_of_another_number_is_passed_over() {
        let (mut host, mut card) = ends();
        // The one after the next, too early; and one of an earlier round.
        for number in [2, 1 + BUFFERS as u32, 0, u32::MAX] {
            host.next = number;
            host.write(&[7; WORD]);
            assert!(!card.read(&mut Vec::new()), "{number}");
        }
        (host.next, card.next) = (u32::MAX, u32::MAX);
        host.write(&[7; WORD]);
        host.write(&[9; WORD]);
        let mut seen = Vec::new();
        assert!(card.read(&mut seen) && card.read(&mut seen));
        assert_eq!((seen, card.next), ([[7; WORD], [9; WORD]].concat(), 2), "0 is passed over");
    }

    #[test]
    fn a_head_that_says_too_much_is_no_more_than_a_buffer() {
        let (mut host, mut card) = ends();
        host.write(&[7; WORD]);
        host.ring.buffer(1)[0].store(1 | u64::from(u32::MAX) << 32, Ordering::Release);
        let mut seen = Vec::new();
        assert!(card.read(&mut seen));
        assert_eq!(seen.len(), WORDS * WORD);
    }
}
