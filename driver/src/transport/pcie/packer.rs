//! Bytes become whole words: what a DMA engine sends to a card.
//!
//! Zeros behind a frame's zero are nothing to the core, zeros within a frame end it. So a word is filled up where a frame ends, and waits
//! for what completes it where none does.

use arch::protocol::FRAME_END;

/// Bytes of a word: a beat of the widest stream there is.
pub const WORD: usize = 16;

/// Holds back what fills no word.
#[derive(Debug, Default)]
pub struct Packer {
    waiting: Vec<u8>,
}

impl Packer {
    /// Whole words of what was held back and these bytes.
    pub fn pack(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.last() == Some(&FRAME_END) {
            self.waiting.resize(self.waiting.len().next_multiple_of(WORD), FRAME_END);
        }
        let whole = self.waiting.len() / WORD * WORD;
        let rest = self.waiting.split_off(whole);
        std::mem::replace(&mut self.waiting, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Frames, without the empty ones.
    fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
        bytes.split(|&byte| byte == 0).filter(|frame| !frame.is_empty()).map(<[u8]>::to_vec).collect()
    }

    proptest! {
        #[test]
        fn frames_arrive_whole_however_they_are_cut(
            sent in proptest::collection::vec(proptest::collection::vec(1..=255u8, 1..40), 1..20),
            cuts in proptest::collection::vec(1..60usize, 1..40),
        ) {
            let wire: Vec<u8> = sent.iter().flat_map(|frame| frame.iter().copied().chain([0])).collect();
            let (mut packer, mut rest, mut seen) = (Packer::default(), &wire[..], Vec::new());
            for cut in cuts.into_iter().cycle() {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                let words = packer.pack(now);
                prop_assert_eq!(words.len() % WORD, 0);
                seen.extend(words);
                rest = later;
                // What ends a frame is never held back.
                if now.last() == Some(&0) {
                    let gone = wire.len() - rest.len();
                    prop_assert_eq!(frames(&seen), frames(&wire[..gone]));
                }
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(frames(&seen), sent);
        }
    }
}
