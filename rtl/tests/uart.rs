//! UART: bytes over a wire whose clock is off, with glitches and missing stop bits; and the frame check's step.
//!
//! ```text
//!   bytes ──> UartTransmitter ──> line ──> UartReceiver ──> bytes
//!   bytes ──> a wire made here, bits of any length ──────^
//! ```

use arch::crc::FRAME_CRC;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::crc::{Crc, START};
use rtl::step::Stepper;
use rtl::uart::{UartReceiver, UartTransmitter};

const DIVIDER: usize = 8;
type Receiver = UartReceiver<DIVIDER, 4>;

/// What a receiver made of a line: bytes, and `None` for each without a stop bit.
fn received(line: impl IntoIterator<Item = bool>) -> Vec<Option<u8>> {
    let mut bench = Stepper::new(Receiver::default(), |b| &mut b.clock);
    let mut bytes = Vec::new();
    for level in line.into_iter().chain([true; 3 * DIVIDER]) {
        bench.line.next = level;
        bench.settle().expect("settles");
        assert!(!(bench.valid.val() && bench.broken.val()));
        if bench.valid.val() {
            bytes.push(Some(bench.data.val().to_u64() as u8));
        }
        if bench.broken.val() {
            bytes.push(None);
        }
        bench.edge().expect("settles");
    }
    bytes
}

/// Levels of bits of `length` receiver clocks each, sampled at the receiver's clock from `phase` on.
fn sampled(bits: &[bool], length: f64, phase: f64) -> Vec<bool> {
    let clocks = (bits.len() as f64 * length) as usize;
    let at = |clock: usize| bits[(((clock as f64 + phase) / length) as usize).min(bits.len() - 1)];
    (0..clocks).map(at).collect()
}

fn bits_of(byte: u8) -> impl Iterator<Item = bool> {
    [false].into_iter().chain((0..8).map(move |bit| byte >> bit & 1 == 1)).chain([true])
}

#[test]
fn bytes_back_to_back_arrive_from_a_clock_two_percent_off() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for skew in [0.98, 0.99, 1.0, 1.01, 1.02] {
        for phase in [0.0, 0.3, 0.7] {
            let bytes: Vec<u8> = (0..200).map(|_| random.random()).collect();
            let mut bits = vec![true; 3];
            bits.extend(bytes.iter().flat_map(|&byte| bits_of(byte)));
            bits.push(true);
            let seen = received(sampled(&bits, DIVIDER as f64 * skew, phase));
            assert_eq!(seen, bytes.into_iter().map(Some).collect::<Vec<_>>(), "{skew} {phase}");
        }
    }
}

#[test]
fn what_is_sent_is_received_at_one_clock_more_than_ten_bits() {
    let mut bench = Stepper::new(UartTransmitter::<DIVIDER, 4>::default(), |b| &mut b.clock);
    let bytes: Vec<u8> = (0..=255).collect();
    let (mut next, mut line) = (0, Vec::new());
    while next < bytes.len() || line.len() < 256 * (10 * DIVIDER + 1) + 2 {
        bench.valid.next = next < bytes.len();
        bench.data.next = u64::from(*bytes.get(next).unwrap_or(&0)).into();
        bench.settle().expect("settles");
        line.push(bench.line.val());
        next += usize::from(bench.ready.val() && next < bytes.len());
        bench.edge().expect("settles");
    }
    assert!(line.len() <= 256 * (10 * DIVIDER + 1) + 10);
    assert_eq!(received(line), bytes.into_iter().map(Some).collect::<Vec<_>>());
}

#[test]
fn glitches_are_no_bytes_and_bytes_without_a_stop_bit_are_dropped() {
    let mut line = vec![true; 20];
    line.extend([false; 2]);
    line.extend([true; 20]);
    line.extend(sampled(&bits_of(0x5a).collect::<Vec<_>>(), 8.0, 0.0));
    // A break: longer than a byte.
    line.extend([false; 200]);
    line.extend([true; 8]);
    line.extend(sampled(&bits_of(0xa5).collect::<Vec<_>>(), 8.0, 0.0));
    assert_eq!(received(line), [Some(0x5a), None, Some(0xa5)]);
}

#[test]
fn the_check_of_a_frame_is_the_catalogues() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut bench = Stepper::combinational(Crc::default());
    for length in 0..100 {
        let bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
        let mut state = u64::from(START);
        for &byte in &bytes {
            bench.state.next = state.into();
            bench.data.next = u64::from(byte).into();
            bench.settle().expect("settles");
            state = bench.after.val().to_u64();
        }
        assert_eq!(state, u64::from(FRAME_CRC.checksum(&bytes)));
    }
}

#[test]
fn both_emit() {
    rtl::verilog::emit(&mut Receiver::default(), "receiver", "under test").expect("emits");
    rtl::verilog::emit(&mut UartTransmitter::<DIVIDER, 4>::default(), "transmitter", "under test")
        .expect("emits");
}
