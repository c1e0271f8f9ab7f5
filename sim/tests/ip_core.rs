//! The core without its serial pins against the model, byte for byte: everything is offered at once, and what the core has no room for
//! waits.
//!
//! ```text
//!   a recorded session, damage between its frames ──┬─> core: bytes, or beats, with pauses on both sides ──┐
//!                                                   └─> VirtualBoard ──────────────────────────────────────┴─> the same bytes?
//! ```

mod common;

use arch::{Layer, Network, Shape, WeightBits};
use common::*;
use driver::Sample;
use driver::codec::encode;
use driver::transport::ByteDevice;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::ip_core::{Shell, StreamBits, emit};
use rtl::top::core;
use rtl::verilog::WAIVERS;
use sim::VirtualBoard;
use sim::lockstep::{ASSERTING, design_of};
use sim::recording::{Lesson, Recording};
use sim::toolchain::lint::{self, lint};
use sim::toolchain::running::Running;
use sim::toolchain::verilator::Model;
use sim::toolchain::yosys::{self, check};
use sim::toolchain::{need, verilator};

/// Cycles without a byte either way after which a core is lost.
const PATIENCE: u64 = 1_000_000;

fn recording(network: &Network, samples: &[Sample]) -> Recording {
    let lesson = Lesson { network, parameters: &parameters(network), samples };
    let made = Recording::of(&board("small-w8"), lesson).unwrap();
    assert_ne!(made.learned, parameters(network), "nothing is learned");
    made
}

/// Frames that are damaged, empty, too long or unknown, behind an identification.
fn troubled() -> Vec<u8> {
    let mut wire = vec![0];
    encode(0, 1, &[1, 0, 0, 0], &mut wire);
    wire.extend([0, 0, 9, 9, 9, 0]);
    // Damaged ones in a row are one to the board, which answers the first only.
    wire.extend([3, 1, 1, 0].repeat(5));
    wire.extend((0..2500).map(|at| (at % 255 + 1) as u8).chain([0]));
    encode(1, 2, &[0, 0, 0, 0, 0, 4, 0], &mut wire);
    wire.extend([5, 5, 0, 0, 0]);
    encode(2, 0x44, &[1; 300], &mut wire);
    for number in 2..30 {
        encode(number, 2, &[0, 0, 0, 0, 0, 4, 0], &mut wire);
    }
    wire
}

fn answers(wire: &[u8]) -> Vec<u8> {
    let mut answers = Vec::new();
    VirtualBoard::as_hardware(&board("small-w8")).exchange(wire, &mut answers);
    answers
}

#[test]
fn the_core_answers_a_flood_of_bytes_as_the_model_does() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let learned = recording(&network(WeightBits::Eight), &samples(1));
    let troubled = troubled();
    for (wire, want) in [(&troubled, answers(&troubled)), (&learned.to_board, learned.to_host)] {
        let mut core = core(&board("small-w8")).unwrap();
        let (mut next, mut seen, mut silent, mut offered) = (0, Vec::new(), 0, false);
        while seen.len() < want.len() || next < wire.len() {
            offered |= next < wire.len() && random.random_bool(0.9);
            let data = if offered { wire[next] } else { random.random() };
            let ready = random.random_bool(0.5);
            let out = core.cycle(&[offered.into(), data.into(), ready.into()]).expect("settles");
            if offered && out[0] == 1 {
                (next, offered, silent) = (next + 1, false, 0);
            }
            if out[1] == 1 && ready {
                seen.push(out[2] as u8);
                silent = 0;
                assert_eq!(seen.last(), want.get(seen.len() - 1), "byte {} of the answers", seen.len() - 1);
            }
            silent += 1;
            assert!(silent < PATIENCE, "silent after {} bytes sent, {} answered", next, seen.len());
        }
        assert_eq!(core.collisions(), 0);
    }
}

/// Packs bytes into beats of 8 with pauses, unpacks what comes: what was answered, and how many cycles that took.
fn streamed(running: &mut Running, wire: &[u8], wanted: usize, random: &mut ChaCha8Rng) -> (Vec<u8>, u64) {
    let ports = running.ports().clone();
    let at = |name: &str| ports.inputs.index(name).unwrap();
    let of = |name: &str| ports.outputs.index(name).unwrap();
    let mut inputs = vec![0; ports.inputs.0.len()];
    let (mut next, mut seen, mut cycles, mut silent) = (0, Vec::new(), 0, 0);
    while seen.len() < wanted || next < wire.len() {
        if inputs[at("s_axis_tvalid")] == 0 && next < wire.len() && random.random_bool(0.8) {
            let count = random.random_range(1..=8).min(wire.len() - next);
            let bytes = wire[next..next + count].iter().rev();
            inputs[at("s_axis_tvalid")] = 1;
            inputs[at("s_axis_tdata")] = bytes.fold(0, |data, &byte| data << 8 | u128::from(byte));
            inputs[at("s_axis_tkeep")] = (1 << count) - 1;
            inputs[at("s_axis_tlast")] = random.random_range(0..2);
            next += count;
        }
        let ready = random.random_bool(0.5);
        inputs[at("m_axis_tready")] = ready.into();
        let out = running.step(&inputs).expect("runs");
        silent += 1;
        if out[of("s_axis_tready")] == 1 {
            inputs[at("s_axis_tvalid")] = 0;
        }
        if ready && out[of("m_axis_tvalid")] == 1 {
            let (data, keep) = (out[of("m_axis_tdata")], out[of("m_axis_tkeep")]);
            seen.extend((0..8).filter(|lane| keep >> lane & 1 == 1).map(|lane| (data >> (8 * lane)) as u8));
            assert_eq!(out[of("m_axis_tlast")] == 1, seen.last() == Some(&0), "a packet is an answer");
            silent = 0;
        }
        cycles += 1;
        assert!(silent < PATIENCE, "silent after {} bytes sent, {} answered", next, seen.len());
    }
    (seen, cycles)
}

/// Weights by the thousand, in the longest frames there are, one behind the other.
#[test]
fn a_stream_learns_as_the_model_does() {
    if !need(verilator::TOOLS) {
        return;
    }
    let mut wide = network(WeightBits::Eight);
    let layer = |inputs, outputs| Layer {
        input: Shape::flat(inputs),
        output: Shape::flat(outputs),
        ..wide.layers[0].clone()
    };
    wide.layers = vec![layer(64, 48), layer(48, 4)];
    let learned = recording(&wide, &samples(2));
    let emitted = emit(&board("small-w8"), Shell::Stream(StreamBits::Bits64)).unwrap();
    let (design, ports) = design_of(&emitted);
    let model = Model::build(&design.with_define(ASSERTING), &ports, &Default::default()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let troubled = troubled();
    for (what, wire, want) in
        [("learning", &learned.to_board, learned.to_host), ("damage", &troubled, answers(&troubled))]
    {
        let (seen, cycles) = streamed(&mut model.start().unwrap(), wire, want.len(), &mut random);
        let differs = seen.iter().zip(&want).position(|(seen, want)| seen != want);
        assert_eq!((differs, seen.len()), (None, want.len()), "{what}");
        println!(
            "{what}: {} bytes sent, {} answered as by the model in {cycles} cycles",
            wire.len(),
            want.len()
        );
    }
}

#[test]
fn every_shell_passes_the_lint_and_is_sound() {
    if !need(lint::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    for shell in [Shell::None].into_iter().chain(StreamBits::ALL.map(Shell::Stream)) {
        let (design, _) = design_of(&emit(&board("small-w8"), shell).unwrap());
        let warnings = lint(&design, WAIVERS).unwrap_or_else(|error| panic!("{error}"));
        let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{shell:?}:\n{}", said.join("\n"));
        check(&design).unwrap_or_else(|error| panic!("{shell:?}: {error}"));
    }
}
