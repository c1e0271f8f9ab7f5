//! Frames without I/O: COBS, header and CRC. Both ends of the wire use it.

use arch::crc::FRAME_CRC;
use arch::protocol::{CRC_BYTES, FRAME_END, HEADER_BYTES};

/// Most bytes that a frame with `payload` bytes takes on the wire, its final 0 included.
pub const fn wire_bytes(payload: usize) -> usize {
    cobs::max_encoding_length(HEADER_BYTES + payload + CRC_BYTES) + 1
}

/// The longest payload, up to `limit`, whose frame takes at most `bytes` on the wire.
pub fn payload_within(bytes: usize, limit: usize) -> usize {
    (0..=limit).rev().find(|&payload| wire_bytes(payload) <= bytes).unwrap_or(0)
}

/// Appends a frame to `wire`. `opcode` has the answer bit where it is an answer.
///
/// Any payload is encoded; a receiver takes none longer than it states.
pub fn encode(sequence: u8, opcode: u8, payload: &[u8], wire: &mut Vec<u8>) {
    let header = [sequence, opcode];
    let mut digest = FRAME_CRC.digest();
    digest.update(&header);
    digest.update(payload);
    let crc = digest.finalize().to_le_bytes();
    let start = wire.len();
    wire.resize(start + wire_bytes(payload.len()), 0);
    let mut encoder = cobs::CobsEncoder::new(&mut wire[start..]);
    for part in [&header[..], payload, &crc] {
        // The buffer holds the longest encoding of this many bytes.
        let _ = encoder.push(part);
    }
    let end = start + encoder.finalize();
    wire.truncate(end);
    wire.push(FRAME_END);
}

/// A frame whose CRC is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Sequence number.
    pub sequence: u8,
    /// Opcode, with the answer bit.
    pub opcode: u8,
    /// Payload.
    pub payload: &'a [u8],
}

/// What the bytes up to a 0 held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// Broken stuffing, a wrong CRC, or too many bytes.
    Damaged,
}

/// Turns bytes, however they are cut, into frames. Whatever arrives, it is in step again at the next 0.
#[derive(Debug, Clone)]
pub struct Decoder {
    bytes: Vec<u8>,
    limit: usize,
    too_long: bool,
    ended: bool,
}

impl Decoder {
    /// A decoder of frames with at most `max_payload` bytes of payload; it never holds more than one.
    pub fn new(max_payload: usize) -> Self {
        let limit = wire_bytes(max_payload) - 1;
        Self { bytes: Vec::with_capacity(limit), limit, too_long: false, ended: false }
    }

    /// Takes bytes from the front of `bytes` up to the end of a frame. `None` once all are taken.
    ///
    /// Two zeros in a row hold no frame and are passed over: a sender may end a frame that is not its own.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Option<Received<'_>> {
        loop {
            if std::mem::take(&mut self.ended) {
                self.bytes.clear();
                self.too_long = false;
            }
            let end = bytes.iter().position(|&byte| byte == FRAME_END);
            let (piece, rest) = match end {
                Some(end) => (&bytes[..end], &bytes[end + 1..]),
                None => (*bytes, &[][..]),
            };
            *bytes = rest;
            if self.bytes.len() + piece.len() > self.limit {
                self.too_long = true;
            } else {
                self.bytes.extend_from_slice(piece);
            }
            end?;
            self.ended = true;
            if self.too_long || !self.bytes.is_empty() {
                return Some(self.unpack());
            }
        }
    }

    fn unpack(&mut self) -> Received<'_> {
        if self.too_long {
            return Received::Damaged;
        }
        let Ok(length) = cobs::decode_in_place(&mut self.bytes) else { return Received::Damaged };
        let body = match self.bytes[..length].split_last_chunk::<CRC_BYTES>() {
            Some((body, &crc)) if FRAME_CRC.checksum(body) == u16::from_le_bytes(crc) => body,
            _ => return Received::Damaged,
        };
        match *body {
            [sequence, opcode, ref payload @ ..] => Received::Frame(Frame { sequence, opcode, payload }),
            _ => Received::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use arch::protocol::MAX_PAYLOAD;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    type Owned = Option<(u8, u8, Vec<u8>)>;

    /// Every frame found in `wire`, cut into pieces of `piece` bytes; `None` for a damaged one.
    fn decode(wire: &[u8], piece: usize) -> Vec<Owned> {
        let mut decoder = Decoder::new(MAX_PAYLOAD);
        let mut frames = Vec::new();
        for mut bytes in wire.chunks(piece) {
            while let Some(received) = decoder.next(&mut bytes) {
                frames.push(match received {
                    Received::Frame(f) => Some((f.sequence, f.opcode, f.payload.to_vec())),
                    Received::Damaged => None,
                });
            }
        }
        frames
    }

    fn frame() -> impl Strategy<Value = (u8, u8, Vec<u8>)> {
        // Zeros and long runs without one are what stuffing is about.
        let byte = prop_oneof![Just(0u8), any::<u8>()];
        (any::<u8>(), any::<u8>(), prop::collection::vec(byte, 0..=MAX_PAYLOAD))
    }

    proptest! {
        #[test]
        fn frames_arrive_as_sent(frames in prop::collection::vec(frame(), 1..4), piece in 1usize..700) {
            let mut wire = Vec::new();
            for (sequence, opcode, payload) in &frames {
                let start = wire.len();
                encode(*sequence, *opcode, payload, &mut wire);
                prop_assert!(wire.len() - start <= wire_bytes(payload.len()));
                prop_assert_eq!(wire[start..].iter().filter(|&&byte| byte == FRAME_END).count(), 1);
            }
            prop_assert_eq!(decode(&wire, piece), frames.into_iter().map(Some).collect::<Vec<_>>());
        }

        #[test]
        fn garbage_never_hides_the_frame_after_its_end(garbage in prop::collection::vec(any::<u8>(), 0..1500)) {
            let mut wire = garbage;
            wire.push(FRAME_END);
            encode(1, 2, b"here", &mut wire);
            let last = decode(&wire, 100).pop();
            prop_assert_eq!(last, Some(Some((1, 2, b"here".to_vec()))));
        }
    }

    proptest! {
        // CRC-16 finds every changed byte within the frame's content. A change of the stuffing moves content about and
        // passes once in 65,536 times: a fixed seed keeps this test from doing so once in a while.
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn one_changed_byte_is_noticed(frame in frame(), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let (sequence, opcode, payload) = frame;
            let mut wire = Vec::new();
            encode(sequence, opcode, &payload, &mut wire);
            let next = wire.len();
            encode(9, 9, b"after", &mut wire);
            let at = at.index(next);
            wire[at] ^= flip;
            let after = Some((9, 9, b"after".to_vec()));
            let seen = decode(&wire, 64);
            prop_assert!(seen.iter().all(|frame| frame.is_none() || *frame == after), "{:?}", seen);
            // The frame after it arrives, unless what was changed is the byte between them.
            prop_assert_eq!(at + 1 < next, seen.last() == Some(&after));
        }
    }

    #[test]
    fn a_frame_too_long_is_damaged_and_bounded() {
        let mut wire = Vec::new();
        encode(1, 2, &[7; MAX_PAYLOAD + 1], &mut wire);
        encode(3, 4, &[8; MAX_PAYLOAD], &mut wire);
        assert_eq!(decode(&wire, 50), [None, Some((3, 4, vec![8; MAX_PAYLOAD]))]);
    }

    #[test]
    fn payloads_fill_the_bytes_given() {
        for bytes in [64, 255, 512, 1024] {
            let payload = payload_within(bytes, 10_000);
            assert!(wire_bytes(payload) <= bytes && wire_bytes(payload + 1) > bytes, "{bytes}: {payload}");
        }
        assert_eq!(payload_within(3, 508), 0);
        assert_eq!(payload_within(100_000, 508), 508);
    }
}
