//! The link in Verilog, flooded with what is no frame: nothing it keeps changes, and the next good frame is answered.
//!
//! ```text
//!   random bytes, frames of a session that were damaged ──┬─> core behind a byte stream, in Verilator ──┐
//!                                                         └─> VirtualBoard ─────────────────────────────┴─> the same bytes?
//! ```
//!
//! Damage passes the CRC now and then, and what then says something legal is done: the model says what that is. Whether it happened is
//! counted. `docs/faults.md` has the figures of the long run.

mod common;

use arch::WeightBits;
use arch::protocol::{ANSWER, Opcode, Status};
use arch::registers::Space;
use common::*;
use driver::codec::{Decoder, Received, encode};
use driver::transport::ByteDevice;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::ip_core::{Shell, emit};
use sim::VirtualBoard;
use sim::lockstep::{ASSERTING, design_of};
use sim::recording::{Lesson, Recording};
use sim::toolchain::running::{BytePins, Running};
use sim::toolchain::verilator::Model;
use sim::toolchain::{need, verilator};

/// More cycles than lie between two things that the core does while `busy` is low.
const QUIET: u32 = 600;
/// Of a portion; the longest takes a few million.
const LIMIT: u64 = 200_000_000;
/// Of 256 cycles, in every second portion.
const PAUSES: u8 = 60;

/// A core and its model, side by side.
struct Pair {
    running: Running,
    pins: BytePins,
    model: VirtualBoard,
    random: ChaCha8Rng,
    cycles: u64,
    portions: u64,
    /// Of the next session and the next frame in it.
    session: u32,
    number: u8,
    seen: Seen,
}

/// What came of it.
#[derive(Debug, Default)]
struct Seen {
    bytes: u64,
    answers: u64,
    /// Good frames in between: each has to be answered.
    good: u64,
    /// Damaged frames that were executed: they passed the CRC, in sequence.
    executed: u64,
}

impl Pair {
    /// A core that has learned, and what it keeps.
    fn learned(verilog: impl FnOnce(String) -> String) -> (Self, Vec<u8>) {
        let network = network(WeightBits::Eight);
        let samples = samples(2);
        let lesson = Lesson { network: &network, parameters: &parameters(&network), samples: &samples };
        let recording = Recording::of(&board("small-w8"), lesson).unwrap();
        let emitted = emit(&board("small-w8"), Shell::None).unwrap();
        let (design, ports) =
            design_of(&rtl::verilog::Design { text: verilog(emitted.text.clone()), ..emitted });
        let place = |name: &str| {
            ports.inputs.index(name).or_else(|| ports.outputs.index(name)).unwrap_or_else(|| panic!("{name}"))
        };
        let pins = BytePins {
            inputs: ["in_valid", "in_data", "out_ready"].map(place),
            outputs: ["in_ready", "out_valid", "out_data", "busy"].map(place),
        };
        let model = Model::build(&design.with_define(ASSERTING), &ports, &Default::default()).unwrap();
        let mut pair = Self {
            running: model.start().unwrap(),
            pins,
            model: VirtualBoard::as_hardware(&board("small-w8")),
            random: ChaCha8Rng::seed_from_u64(8),
            cycles: 0,
            portions: 0,
            session: 1,
            number: 0,
            seen: Seen::default(),
        };
        let answers = pair.exchange(&recording.to_board).expect("the recorded session");
        assert_eq!(answers, recording.to_host);
        let kept = pair.kept().expect("what it has learned");
        (pair, kept)
    }

    /// The answers of both; the first byte in which they differ.
    fn exchange(&mut self, wire: &[u8]) -> Result<Vec<u8>, String> {
        let mut want = Vec::new();
        self.model.exchange(wire, &mut want);
        let pauses = if self.portions % 2 == 1 { PAUSES } else { 0 };
        let said =
            self.running.bytes(self.pins, wire, pauses, QUIET, LIMIT).map_err(|error| error.to_string())?;
        self.portions += 1;
        self.cycles += said.cycles;
        if !said.idle {
            return Err(format!("portion {}: still busy after {LIMIT} cycles", self.portions));
        }
        if said.bytes != want {
            let at = said.bytes.iter().zip(&want).position(|(seen, want)| seen != want);
            let at = at.unwrap_or(want.len().min(said.bytes.len()));
            let lengths = (said.bytes.len(), want.len());
            return Err(format!(
                "portion {}: byte {at} of the answers differs, of {lengths:?}",
                self.portions
            ));
        }
        Ok(want)
    }

    /// A flood, and whether both answer the same.
    fn flood(&mut self, wire: &[u8]) -> Result<(), String> {
        let answers = self.exchange(wire)?;
        self.seen.bytes += wire.len() as u64;
        let (mut decoder, mut rest) = (Decoder::new(508), &answers[..]);
        while let Some(received) = decoder.next(&mut rest) {
            let Received::Frame(frame) = received else { return Err("an answer is damaged".into()) };
            self.seen.answers += 1;
            // The model asks in the same words, so that all that is not asking was executed.
            let asks = frame.opcode == Opcode::Repeat as u8 | ANSWER;
            self.seen.executed += u64::from(!asks && frame.payload.first() == Some(&(Status::Ok as u8)));
            if asks {
                self.number = frame.sequence;
            }
        }
        Ok(())
    }

    /// A frame in sequence, and what it answers.
    fn ask(&mut self, opcode: Opcode, payload: &[u8]) -> Result<Vec<u8>, String> {
        let mut wire = vec![0];
        encode(self.number, opcode as u8, payload, &mut wire);
        let answer = self.exchange(&wire)?;
        let (mut decoder, mut rest) = (Decoder::new(508), &answer[..]);
        match decoder.next(&mut rest) {
            Some(Received::Frame(frame))
                if frame.opcode == opcode as u8 | ANSWER && frame.payload.first() == Some(&0) =>
            {
                self.number = self.number.wrapping_add(1);
                Ok(frame.payload[1..].to_vec())
            }
            other => Err(format!("{opcode:?} was answered with {other:?}")),
        }
    }

    fn open(&mut self) -> Result<(), String> {
        self.session += 1;
        self.ask(Opcode::Identify, &self.session.to_le_bytes()).map(drop)
    }

    fn read(&mut self, space: Space, address: u32, count: u16) -> Result<Vec<u8>, String> {
        self.ask(Opcode::Read, &[&[space as u8], &address.to_le_bytes()[..], &count.to_le_bytes()].concat())
    }

    /// A session opens, and a weight is read.
    fn good_frames(&mut self) -> Result<(), String> {
        self.open()?;
        let address = self.random.random_range(0..4000);
        self.read(Space::Weights, address, 16)?;
        self.seen.good += 2;
        Ok(())
    }

    /// All that a session leaves: network, weights, thresholds, leaks.
    fn kept(&mut self) -> Result<Vec<u8>, String> {
        self.open()?;
        let capacity = board("small-w8").engine;
        let mut kept = self.read(Space::Registers, arch::registers::Register::Network as u32, 1)?;
        for space in [Space::Descriptors, Space::Weights, Space::Thresholds, Space::Leaks] {
            let (length, most) = (space.len(&capacity), 400 / space.element_bytes(WeightBits::Eight) as u32);
            for address in (0..length).step_by(most as usize) {
                kept.extend(self.read(space, address, most.min(length - address) as u16)?);
            }
        }
        Ok(kept)
    }
}

/// `bytes` of any values, in portions.
fn random_bytes(pair: &mut Pair, bytes: usize) -> Result<(), String> {
    for at in (0..bytes).step_by(10_000) {
        let wire: Vec<u8> = (0..10_000.min(bytes - at)).map(|_| pair.random.random()).collect();
        pair.flood(&wire)?;
        pair.good_frames()?;
    }
    Ok(())
}

/// `count` frames of a session, each damaged in one way or several.
fn damaged_frames(pair: &mut Pair, count: usize) -> Result<(), String> {
    let network = network(WeightBits::Eight);
    let samples = samples(3);
    let lesson = Lesson { network: &network, parameters: &parameters(&network), samples: &samples };
    let recording = Recording::of(&board("small-w8"), lesson).unwrap();
    let frames: Vec<(u8, u8, Vec<u8>)> = {
        let (mut decoder, mut rest, mut frames) = (Decoder::new(508), &recording.to_board[..], Vec::new());
        while let Some(received) = decoder.next(&mut rest) {
            let Received::Frame(frame) = received else { panic!("a recorded frame is damaged") };
            frames.push((frame.sequence, frame.opcode, frame.payload.to_vec()));
        }
        frames
    };
    for at in (0..count).step_by(100) {
        let mut wire = vec![0];
        for _ in 0..100.min(count - at) {
            let (_, opcode, payload) = &frames[pair.random.random_range(0..frames.len())];
            // Mostly the number that is due: what passes the CRC is to be executed.
            let number = if pair.random.random_bool(0.8) { pair.number } else { pair.random.random() };
            let mut frame = Vec::new();
            encode(number, *opcode, payload, &mut frame);
            let whole = frame.clone();
            // With its zero gone, the next one's would do.
            while holds(&[&frame[..], &[0]].concat(), (number, *opcode, payload)) {
                frame.clone_from(&whole);
                for _ in 0..pair.random.random_range(1..=3) {
                    damage(&mut frame, &mut pair.random);
                }
            }
            wire.extend(frame);
        }
        wire.push(0);
        pair.flood(&wire)?;
        pair.good_frames()?;
    }
    Ok(())
}

/// Whether that frame is among these bytes, whatever else is.
fn holds(mut bytes: &[u8], wanted: (u8, u8, &[u8])) -> bool {
    let mut decoder = Decoder::new(508);
    while let Some(received) = decoder.next(&mut bytes) {
        if let Received::Frame(frame) = received
            && (frame.sequence, frame.opcode, frame.payload) == wanted
        {
            return true;
        }
    }
    false
}

fn damage(frame: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    if frame.is_empty() {
        return;
    }
    let at = random.random_range(0..frame.len());
    match random.random_range(0..7) {
        0 => frame[at] ^= 1 << random.random_range(0..8),
        1 => frame[at] = random.random(),
        2 => drop(frame.remove(at)),
        3 => frame.insert(at, random.random()),
        4 => frame.truncate(at),
        5 => {
            let other = random.random_range(0..frame.len());
            frame.swap(at, other);
        }
        _ => {
            let length = random.random_range(1..=8.min(frame.len() - at));
            frame.extend_from_within(at..at + length);
        }
    }
}

/// The soak: what was kept, before and after.
fn soak(bytes: usize, frames: usize) {
    let (mut pair, before) = Pair::learned(|verilog| verilog);
    for (what, amount, run) in [
        ("random bytes", bytes, random_bytes as fn(&mut Pair, usize) -> _),
        ("damaged frames", frames, damaged_frames),
    ] {
        (pair.seen, pair.cycles) = (Seen::default(), 0);
        run(&mut pair, amount).unwrap_or_else(|difference| panic!("{what}: {difference}"));
        let after = pair.kept().unwrap_or_else(|difference| panic!("{what}: {difference}"));
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        println!(
            "{amount} {what}: {:?}, {} cycles, {changed} bytes of {} changed",
            pair.seen,
            pair.cycles,
            before.len()
        );
        assert_eq!(before.len(), after.len());
        // The model has the same bytes: what was changed, a legal frame said, and then it was counted.
        assert!(changed == 0 || pair.seen.executed > 0, "{what}: {changed} bytes changed, by nobody");
    }
}

#[test]
fn what_is_no_frame_changes_nothing() {
    if need(verilator::TOOLS) {
        soak(100_000, 1_000);
    }
}

#[test]
#[ignore = "minutes; run it by its name"]
fn ten_million_bytes_that_are_no_frame_change_nothing() {
    if need(verilator::TOOLS) {
        soak(10_000_000, 100_000);
    }
}

/// A CRC of which half is compared: of damaged frames some are executed.
#[test]
fn a_link_that_takes_damage_for_a_frame_is_noticed() {
    if !need(verilator::TOOLS) {
        return;
    }
    let fault = |verilog: String| {
        let (from, to) =
            ("(state_q == (({8'd0, newer_q} << 8) | {8'd0, older_q}))", "(state_q[7:0] == older_q)");
        assert_eq!(verilog.matches(from).count(), 1, "`{from}` in the text");
        verilog.replacen(from, to, 1)
    };
    let (mut pair, _) = Pair::learned(fault);
    let difference = damaged_frames(&mut pair, 5_000).unwrap_err();
    assert!(difference.contains("of the answers differs"), "{difference}");
    println!("{difference}");
}
