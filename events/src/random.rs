//! Random numbers, the same on every machine: ChaCha8, keyed by what is drawn for.

use crate::pipeline::Part;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The stream whose 256-bit key is these words, little-endian.
pub(crate) fn keyed(words: [u64; 4]) -> ChaCha8Rng {
    let mut key = [0; 32];
    key.chunks_exact_mut(8).zip(words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
    ChaCha8Rng::from_seed(key)
}

/// Uniform in `0..limit`: the upper half of a 64-bit number times `limit`.
pub(crate) fn below(random: &mut ChaCha8Rng, limit: u64) -> u64 {
    ((u128::from(random.next_u64()) * u128::from(limit)) >> 64) as u64
}

/// True with this probability: a 32-bit number lies below it.
pub(crate) fn happens(random: &mut ChaCha8Rng, probability: Part) -> bool {
    u64::from(random.next_u32()) * u64::from(Part::WHOLE) < u64::from(probability.millionths()) << 32
}

/// Mixes a list: every order is as likely.
pub(crate) fn shuffle<T>(random: &mut ChaCha8Rng, list: &mut [T]) {
    for last in (1..list.len()).rev() {
        list.swap(last, below(random, last as u64 + 1) as usize);
    }
}
