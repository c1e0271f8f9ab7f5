//! The bytes of a recording, buffered.

use std::io::{self, Read};

/// The most bytes that are buffered, and so the most that can be looked at before they are consumed.
pub(crate) const BUFFER_BYTES: usize = 64 << 10;

/// A reader with a window on its next bytes. It never fails: a reader's failure ends it, and is asked for with
/// [`failure`](Input::failure).
pub(crate) struct Input {
    source: Box<dyn Read + Send>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl Input {
    pub(crate) fn new(source: Box<dyn Read + Send>) -> Self {
        let buffer = vec![0; BUFFER_BYTES].into();
        Input { source, buffer, start: 0, end: 0, offset: 0, ended: false, failure: None }
    }

    /// The next bytes, at least `wanted` of them (at most [`BUFFER_BYTES`]) unless the recording ends before.
    /// It waits for no more than that, so a live stream is not held up.
    pub(crate) fn fill(&mut self, wanted: usize) -> &[u8] {
        debug_assert!(wanted <= BUFFER_BYTES);
        if self.end - self.start < wanted && !self.ended {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < wanted.min(BUFFER_BYTES) && !self.ended {
                match self.source.read(&mut self.buffer[self.end..]) {
                    Ok(0) => self.ended = true,
                    Ok(count) => self.end += count.min(BUFFER_BYTES - self.end),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        self.ended = true;
                        self.failure = Some(error);
                    }
                }
            }
        }
        &self.buffer[self.start..self.end]
    }

    /// How many bytes are buffered.
    pub(crate) fn buffered(&self) -> usize {
        self.end - self.start
    }

    /// Passes over `count` of the buffered bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Passes over `count` bytes, buffered or not; returns how many there were.
    pub(crate) fn skip(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0 {
            let there = self.fill(1).len() as u64;
            if there == 0 {
                break;
            }
            let passed = there.min(left);
            self.consume(passed as usize);
            left -= passed;
        }
        count - left
    }

    /// Takes the next `count` bytes into `bytes`, which is cleared first; fewer at the end. The caller bounds
    /// `count`; no more is reserved than arrives.
    pub(crate) fn take(&mut self, count: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        while bytes.len() < count {
            let there = self.fill(1);
            if there.is_empty() {
                break;
            }
            let part = there.len().min(count - bytes.len());
            bytes.extend_from_slice(&there[..part]);
            self.consume(part);
        }
    }

    /// The position of the next byte in the recording.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Why the reader failed, if it did, once.
    pub(crate) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// What is left, as a reader of its own.
    pub(crate) fn into_reader(self) -> impl Read + Send {
        let rest = self.buffer[self.start..self.end].to_vec();
        io::Cursor::new(rest).chain(self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, and fails at the end.
    struct Slow(u8);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 10 {
                return Err(io::Error::other("unplugged"));
            }
            buffer[0] = self.0;
            self.0 += 1;
            Ok(1)
        }
    }

    #[test]
    fn it_waits_for_no_more_than_is_wanted() {
        let mut input = Input::new(Box::new(Slow(0)));
        assert_eq!(input.fill(3), [0, 1, 2]);
        input.consume(2);
        assert_eq!(input.fill(1), [2]);
        assert_eq!(input.offset(), 2);
        assert_eq!(input.fill(2), [2, 3]);
        assert_eq!(input.skip(4), 4);
        assert_eq!(input.offset(), 6);
        assert!(input.failure().is_none());
        assert_eq!(input.fill(10), [6, 7, 8, 9]);
        assert_eq!(input.failure().unwrap().to_string(), "unplugged");
        assert_eq!(input.skip(9), 4);
        assert!(input.fill(1).is_empty() && input.failure().is_none());
    }

    #[test]
    fn what_is_left_can_be_read_on() {
        let mut input = Input::new(Box::new(&b"one two"[..]));
        input.fill(5);
        input.consume(4);
        let mut rest = String::new();
        input.into_reader().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "two");
    }
}
