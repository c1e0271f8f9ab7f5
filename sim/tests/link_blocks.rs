//! The link's outer blocks against the codec that the driver and the virtual board use.
//!
//! ```text
//!   frames, damaged, cut, too long, garbage ──┬─> rtl::receiver::Receiver ──┐
//!                                             └─> driver::codec::Decoder ───┴─> the same frames?
//!   answers ──┬─> rtl::transmitter::Transmitter ──┐
//!             └─> driver::codec::encode ──────────┴─> the same bytes?
//! ```

use driver::codec::{Decoder, Received, encode};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::cobs::CobsDecoder;
use rtl::driven;
use rtl::events::Events;
use rtl::intake::Intake;
use rtl::prelude::{Bits, Block, In, Signal};
use rtl::receiver::Receiver;
use rtl::step::{StepError, Stepper};
use rtl::stream::{StreamMaster, StreamSlave};
use rtl::transmitter::Transmitter;
use rtl::uart::{UartReceiver, UartTransmitter};
use sim::lockstep::{design_of, first_difference};
use sim::toolchain::verilator::{Model, PowerUp};
use sim::toolchain::{need, verilator, yosys};

const MAX_PAYLOAD: usize = 508;

type Frame = Option<(u8, u8, Vec<u8>)>;
type Bench = Stepper<Receiver<10, 11>>;

fn bench() -> Bench {
    Stepper::new(Receiver::new(MAX_PAYLOAD), |b| &mut b.clock)
}

fn read(bench: &mut Bench) -> u8 {
    bench.read.next = true;
    bench.cycle().expect("settles");
    bench.read.next = false;
    bench.read_data.val().to_u64() as u8
}

/// Takes the frame at the head, if there is one; its payload twice, as the program does.
fn take(bench: &mut Bench) -> Option<Frame> {
    bench.settle().expect("settles");
    if !bench.waiting.val() {
        return None;
    }
    read(bench);
    pulse(bench, |b| &mut b.end_low);
    let high = read(bench);
    pulse(bench, |b| &mut b.end_high);
    let frame = (high >= 0x80).then(|| {
        let (sequence, opcode) = (read(bench), read(bench));
        pulse(bench, |b| &mut b.free);
        let mut payload = || {
            let mut bytes = Vec::new();
            while !over(bench) {
                bytes.push(read(bench));
            }
            pulse(bench, |b| &mut b.rewind);
            bytes
        };
        let first = payload();
        assert_eq!(first, payload());
        while !over(bench) {
            read(bench);
        }
        (sequence, opcode, first)
    });
    assert!(over(bench));
    pulse(bench, |b| &mut b.free);
    Some(frame)
}

fn over(bench: &mut Bench) -> bool {
    bench.settle().expect("settles");
    bench.over.val()
}

fn pulse(bench: &mut Bench, port: fn(&mut Receiver<10, 11>) -> &mut Signal<In, bool>) {
    port(&mut *bench).next = true;
    bench.cycle().expect("settles");
    port(&mut *bench).next = false;
}

fn feed(bench: &mut Bench, byte: u8) {
    bench.valid.next = true;
    bench.data.next = Bits::wrapped(byte.into());
    bench.cycle().expect("settles");
    bench.valid.next = false;
    (0..3).for_each(|_| bench.cycle().expect("settles"));
}

/// What the codec makes of it, damaged frames in a row as one.
fn expected(wire: &[u8]) -> Vec<Frame> {
    let mut decoder = Decoder::new(MAX_PAYLOAD);
    let (mut frames, mut bytes): (Vec<Frame>, _) = (Vec::new(), wire);
    while let Some(received) = decoder.next(&mut bytes) {
        match received {
            Received::Frame(f) => frames.push(Some((f.sequence, f.opcode, f.payload.to_vec()))),
            Received::Damaged if frames.last() == Some(&None) => {}
            Received::Damaged => frames.push(None),
        }
    }
    frames
}

fn payload(random: &mut ChaCha8Rng, most: usize) -> Vec<u8> {
    let length = match random.random_range(0..4) {
        0 => random.random_range(0..4),
        1 => random.random_range(0..=most),
        _ => random.random_range(0..=most.min(40)),
    };
    let zeros = random.random_range(0..3) as f64 / 4.0;
    (0..length).map(|_| if random.random_bool(zeros) { 0 } else { random.random() }).collect()
}

/// A stretch of the wire with something wrong in it, or not.
fn stretch(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut wire = Vec::new();
    let kind = random.random_range(0..12);
    let most = if kind == 0 { 560 } else { MAX_PAYLOAD };
    encode(random.random(), random.random(), &payload(random, most), &mut wire);
    match kind {
        1 => {
            let at = random.random_range(0..wire.len());
            wire[at] ^= random.random_range(1..=255u8);
        }
        2 => {
            wire.remove(random.random_range(0..wire.len()));
        }
        3 => wire.truncate(random.random_range(0..wire.len())),
        4 => wire.extend((0..random.random_range(0..30)).map(|_| random.random::<u8>())),
        5 => wire.push(0),
        6 => wire.extend([1, 0]),
        7 => wire.extend((0..1500).map(|_| random.random_range(1..=255u8)).chain([0])),
        _ => {}
    }
    wire
}

#[test]
fn the_receiver_finds_the_frames_that_the_codec_finds() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut bench = bench();
    let (mut wire, mut seen) = (Vec::new(), Vec::new());
    for _ in 0..600 {
        for byte in stretch(&mut random) {
            wire.push(byte);
            feed(&mut bench, byte);
            if random.random_bool(0.3) {
                seen.extend(take(&mut bench));
            }
        }
        while let Some(frame) = take(&mut bench) {
            seen.push(frame);
            (0..8).for_each(|_| bench.cycle().expect("settles"));
        }
    }
    let mut want = expected(&wire);
    want.truncate(seen.len());
    assert!(seen.len() > 500);
    for (at, (seen, want)) in seen.iter().zip(&want).enumerate() {
        assert_eq!(seen, want, "frame {at}");
    }
    assert_eq!(bench.collisions(), 0);
}

/// Nobody takes a frame: what fits stays whole, the rest is one damaged frame.
#[test]
fn a_full_ring_keeps_what_it_has() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for _ in 0..40 {
        let mut bench = bench();
        let mut sent = Vec::new();
        let mut bytes = 0;
        while bytes < 3000 {
            let (sequence, payload) = (random.random(), payload(&mut random, MAX_PAYLOAD));
            let mut wire = Vec::new();
            encode(sequence, 5, &payload, &mut wire);
            bytes += wire.len();
            sent.push(Some((sequence, 5, payload)));
            wire.into_iter().for_each(|byte| feed(&mut bench, byte));
        }
        let (mut seen, mut missing) = (Vec::new(), 0);
        for _ in 0..sent.len() + 3 {
            (0..10).for_each(|_| bench.cycle().expect("settles"));
            seen.extend(take(&mut bench));
        }
        // In order; a damaged frame for one or more that found no room.
        let mut left = sent.iter();
        for frame in &seen {
            if frame.is_some() {
                assert!(left.any(|sent| sent == frame), "a frame that was not sent");
            } else {
                missing += 1;
            }
        }
        assert!(seen.len() > 1 && missing > 0);
        assert!(seen.windows(2).all(|pair| pair[0].is_some() || pair[1].is_some()));
        assert_eq!(bench.collisions(), 0);
    }
}

#[test]
fn the_transmitter_writes_what_the_codec_writes() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut bench = Stepper::new(Transmitter::default(), |b| &mut b.clock);
    for round in 0..300 {
        let payload = match round {
            0..=10 => vec![7; 245 + round],
            11..=20 => vec![0; round - 10],
            _ => payload(&mut random, 600),
        };
        let (sequence, opcode) = (random.random(), random.random());
        let mut want = Vec::new();
        encode(sequence, opcode, &payload, &mut want);
        let bytes: Vec<u8> = [sequence, opcode].into_iter().chain(payload).collect();
        let patience: f64 = [1.0, 0.3][random.random_range(0..2)];
        let (mut next, mut seen, mut finished) = (0, Vec::new(), false);
        while seen.len() < want.len() {
            bench.valid.next = next < bytes.len();
            bench.data.next = u64::from(*bytes.get(next).unwrap_or(&0)).into();
            bench.finish.next = next == bytes.len() && !finished;
            finished |= next == bytes.len();
            bench.out_ready.next = random.random_bool(patience);
            bench.settle().expect("settles");
            next += usize::from(bench.ready.val() && next < bytes.len());
            if bench.out_valid.val() && bench.out_ready.next {
                seen.push(bench.out_data.val().to_u64() as u8);
            }
            bench.edge().expect("settles");
        }
        assert_eq!(seen, want, "{bytes:?}");
    }
    assert_eq!(bench.collisions(), 0);
}

#[test]
fn the_receiver_emits() {
    rtl::verilog::emit(&mut Receiver::<10, 11>::new(MAX_PAYLOAD), "receiver", "under test").expect("emits");
}

/// Native and Verilog, cycle by cycle.
fn lockstep<B: Block>(mut block: B, mut native: impl FnMut(&[u128]) -> Result<Vec<u128>, StepError>) {
    let emitted = rtl::verilog::emit(&mut block, "block", "under test").expect("emits");
    let (design, ports) = design_of(&emitted);
    yosys::check(&design).expect("is sound");
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut number = |width: u32| match random.random_range(0..4) {
        0 => random.random_range(0..4u128) & (u128::MAX >> (128 - width)),
        _ => random.random::<u128>() & (u128::MAX >> (128 - width)),
    };
    let mut cycle = || -> Vec<u128> { ports.inputs.0.iter().map(|port| number(port.width)).collect() };
    let cycles: Vec<_> = (0..30_000).map(|_| cycle()).collect();
    let model = Model::build(&design, &ports, &Default::default()).expect("builds");
    let mut running = model.start_as(PowerUp::Zeros).expect("starts");
    assert_eq!(first_difference(&mut running, &mut native, &cycles).expect("runs"), None);
}

#[test]
fn blocks_are_the_same_in_verilog() {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let mut block = driven!(UartReceiver::<4, 3>::default(), clock, [line], [valid, data, broken]);
    lockstep(UartReceiver::<4, 3>::default(), |inputs| block.cycle(inputs));
    let mut block = driven!(UartTransmitter::<4, 3>::default(), clock, [valid, data], [ready, line]);
    lockstep(UartTransmitter::<4, 3>::default(), |inputs| block.cycle(inputs));
    let mut block = driven!(
        CobsDecoder::<10>::new(30),
        clock,
        [valid, data, broken],
        [out_valid, out_data, ended, sound]
    );
    lockstep(CobsDecoder::<10>::new(30), |inputs| block.cycle(inputs));
    let mut block = driven!(
        Events::<3, 9>::default(),
        clock,
        [clear, inputs, data, judge, back, execute, step],
        [bad, working, event_write, event_word, event_data, any_event]
    );
    lockstep(Events::<3, 9>::default(), |inputs| block.cycle(inputs));
    let mut block =
        driven!(Intake::<7>::new(20), clock, [valid, data, answered, busy], [ready, out_valid, out_data]);
    lockstep(Intake::<7>::new(20), |inputs| block.cycle(inputs));
    let mut block =
        driven!(StreamSlave::<32, 4>::default(), clock, [tvalid, tdata, tkeep, ready], [tready, valid, data]);
    lockstep(StreamSlave::<32, 4>::default(), |inputs| block.cycle(inputs));
    let mut block = driven!(
        StreamMaster::<128, 16, 7>::default(),
        clock,
        [valid, data, tready],
        [ready, tvalid, tdata, tkeep, tlast]
    );
    lockstep(StreamMaster::<128, 16, 7>::default(), |inputs| block.cycle(inputs));
}
