//! Streams: beats into bytes and back, with pauses on both sides; and what the intake lets through.
//!
//! ```text
//!   bytes ──> StreamMaster ──> beats, looked at ──> some bytes not kept ──> StreamSlave ──> bytes
//!   frames ──> Intake ──> a link that answers late, or not at all: never more than it has room for
//! ```

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::driven;
use rtl::intake::Intake;
use rtl::stream::{StreamMaster, StreamSlave};
use std::collections::VecDeque;

/// A beat that was taken.
#[derive(Debug, Clone, PartialEq)]
struct Beat {
    data: u128,
    keep: u128,
    last: bool,
}

fn frames(random: &mut ChaCha8Rng, bytes: usize) -> Vec<u8> {
    (0..bytes).map(|_| if random.random_bool(0.1) { 0 } else { random.random() }).chain([0]).collect()
}

/// What a host must see, by the page's words: a frame's zero ends a beat and a packet, other beats are full.
fn packed(bytes: &[u8], width: usize) -> Vec<Beat> {
    let mut beats = Vec::new();
    for frame in bytes.split_inclusive(|&byte| byte == 0) {
        for chunk in frame.chunks(width) {
            let data = chunk.iter().rev().fold(0, |data, &byte| data << 8 | u128::from(byte));
            beats.push(Beat { data, keep: (1 << chunk.len()) - 1, last: chunk.ends_with(&[0]) });
        }
    }
    beats
}

fn master<const W: usize, const K: usize, const S: usize>(seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let bytes = frames(&mut random, 600);
    let block = StreamMaster::<W, K, S>::default();
    let mut bench = driven!(block, clock, [valid, data, tready], [ready, tvalid, tdata, tkeep, tlast]);
    let want = packed(&bytes, K);
    let (mut next, mut beats, mut waiting) = (0, Vec::new(), None);
    while beats.len() < want.len() {
        let valid = next < bytes.len() && random.random_bool(0.8);
        let ready = random.random_bool(0.4);
        let data = if valid { bytes[next] } else { random.random() };
        let out = bench.cycle(&[valid.into(), data.into(), ready.into()]).expect("settles");
        next += usize::from(valid && out[0] == 1);
        let beat = (out[1] == 1).then(|| Beat { data: out[2], keep: out[3], last: out[4] == 1 });
        if waiting.is_some() {
            assert_eq!(beat, waiting, "a beat stays until it is taken");
        }
        waiting = if ready { None } else { beat.clone() };
        beats.extend(beat.filter(|_| ready));
    }
    assert_eq!(beats, want, "{W} bits");
}

fn slave<const W: usize, const K: usize>(seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let block = StreamSlave::<W, K>::default();
    let mut bench = driven!(block, clock, [tvalid, tdata, tkeep, ready], [tready, valid, data]);
    let (mut want, mut seen, mut waiting) = (Vec::new(), Vec::new(), None);
    let mut beat = None;
    for cycle in 0..6000 {
        if beat.is_none() && cycle < 5000 && random.random_bool(0.7) {
            let keep: u128 = match random.random_range(0..4) {
                0 => random.random(),
                1 => 0,
                _ => u128::MAX,
            } & ((1 << K) - 1);
            beat = Some((random.random::<u128>() & (u128::MAX >> (128 - W)), keep));
        }
        let ready = random.random_bool(0.6);
        let (data, keep) = beat.unwrap_or((random.random::<u128>() & (u128::MAX >> (128 - W)), 1));
        let inputs = [beat.is_some().into(), data, keep, ready.into()];
        let out = bench.cycle(&inputs).expect("settles");
        if out[0] == 1 && beat.take().is_some() {
            want.extend((0..K).filter(|lane| keep >> lane & 1 == 1).map(|lane| (data >> (8 * lane)) as u8));
        }
        let byte = (out[1] == 1).then_some(out[2] as u8);
        if waiting.is_some() {
            assert_eq!(byte, waiting, "a byte stays until it is taken");
        }
        waiting = if ready { None } else { byte };
        seen.extend(byte.filter(|_| ready));
    }
    assert!(seen.len() > 500);
    assert_eq!(seen, want, "{W} bits");
}

#[test]
fn bytes_become_beats_that_a_zero_ends() {
    for seed in 0..4 {
        master::<32, 4, 5>(seed);
        master::<64, 8, 6>(seed);
        master::<128, 16, 7>(seed);
    }
}

#[test]
fn beats_become_the_bytes_that_are_kept() {
    for seed in 0..4 {
        slave::<32, 4>(seed);
        slave::<64, 8>(seed);
        slave::<128, 16>(seed);
    }
}

const LIMIT: usize = 64;
/// Cycles between a frame's last byte and the link's beginning with it, at most.
const NOTICED: usize = 10;

/// The link takes frames one after the other, is busy with each for a while, and answers it, or where it is damaged perhaps does not.
#[test]
fn the_intake_lets_in_two_frames_and_no_more_bytes_than_fit() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut bench =
        driven!(Intake::<7>::new(LIMIT), clock, [valid, data, answered, busy], [ready, out_valid, out_data]);
    let mut wire: VecDeque<u8> = VecDeque::new();
    for _ in 0..400 {
        let bytes = [random.random_range(0..20), random.random_range(0..60)][random.random_range(0..2)];
        wire.extend((0..bytes).map(|_| random.random_range(1..=255u8)).chain([0]));
    }
    // Longer than the link has room for: it drops it.
    wire.extend((0..3 * LIMIT).map(|_| 7).chain([0, 0, 0, 5, 0]));
    let sent = wire.clone();
    let (mut taken, mut last, mut cycle) = (Vec::new(), None, 0);
    // Bytes of whole frames with the link, the oldest first, each with the cycle of its zero; bytes of the one that arrives.
    let (mut whole, mut part): (VecDeque<(usize, usize)>, usize) = (VecDeque::new(), 0);
    let (mut left, mut most, mut together, mut idle) = (None, 0, 0, 0);
    while idle < 200 {
        let valid = !wire.is_empty() && random.random_bool(0.9);
        let data = wire.front().copied().filter(|_| valid).unwrap_or_else(|| random.random());
        if left.is_none() && whole.front().is_some_and(|&(_, zero)| zero + NOTICED <= cycle) {
            left = Some(random.random_range(0..200));
        }
        let finishes = left == Some(0);
        let answered = finishes && random.random_bool(0.9);
        let inputs = [valid.into(), data.into(), answered.into(), left.is_some().into()];
        let out = bench.cycle(&inputs).expect("settles");
        assert_eq!(out[1] == 1, valid && out[0] == 1);
        left = left.and_then(|left: u32| left.checked_sub(1));
        if finishes {
            whole.pop_front();
        }
        idle += 1;
        if out[1] == 1 {
            idle = 0;
            assert_eq!(out[2], u128::from(data));
            assert!(last.is_none_or(|last| cycle - last >= 4), "a byte in four cycles");
            last = Some(cycle);
            taken.extend(wire.pop_front());
            part += usize::from(data != 0 || part > 0);
            let held: usize = whole.iter().map(|&(bytes, _)| bytes).sum();
            if !whole.is_empty() {
                assert!(held + part <= LIMIT, "{held} bytes of whole frames, {part} of another");
                most = most.max(held + part);
            }
            if data == 0 && part > 0 {
                whole.push_back((part, cycle));
                part = 0;
            }
            assert!(whole.len() <= 2);
            together += usize::from(whole.len() == 2);
        }
        idle *= usize::from(whole.is_empty());
        cycle += 1;
        assert!(cycle < 2_000_000, "it waits for ever: {} bytes left", wire.len());
    }
    assert_eq!(taken, Vec::from(sent));
    assert!(most == LIMIT && together > 100, "{most} bytes, {together} times two frames");
}
