//! The hardware behind its serial pins, driven by the unmodified driver, against the model behind the same wire.
//!
//! ```text
//!   Session ──┬─> HardwareBoard: UART, link, engine ──────────────┐
//!             └─> VirtualBoard: the model ────────────────────────┴─> every memory, result and counter equal?
//! ```

mod common;

use std::ops::ControlFlow;

use arch::registers::{SPACES, Space};
use arch::{Layer, Network, Shape};
use common::*;
use driver::transport::{ByteDevice, InProcess};
use driver::{Learner, Options, Outputs, Sample, Session};
use rtl::program::FEATURES;
use sim::VirtualBoard;
use sim::hardware::{Backend, HardwareBoard};
use sim::toolchain::{need, verilator};

/// Elements of a memory that are read back natively, which is slow: all that [`network`] has.
const PART: u32 = 560;

fn session(device: impl ByteDevice + 'static) -> Session {
    Session::connect(InProcess::new(device), Options::default()).unwrap()
}

/// What a board says of each sample: learned, then classified.
fn results(session: &mut Session, network: &Network, samples: &[Sample]) -> Vec<(u16, u32)> {
    session.load_network(network).unwrap();
    session.write_parameters(&parameters(network)).unwrap();
    session.set_seed(77).unwrap();
    let mut results = Vec::new();
    for learn in [true, false] {
        let mut note = |_, result: arch::protocol::SampleResult| {
            results.push((result.prediction, result.wrong_spikes));
            ControlFlow::Continue(())
        };
        session.run(&mut samples.iter(), learn, &mut note).unwrap();
    }
    // By a host of another opinion: the class after the label.
    for sample in &samples[..samples.len().min(2)] {
        let class = usize::from(sample.label + 1) % network.outputs() as usize;
        let mut teacher = |outputs: &Outputs, errors: &mut [i32]| {
            errors.iter_mut().zip(&outputs.spikes).for_each(|(error, &spike)| *error = 40 * i32::from(spike));
            errors[class] -= 60;
        };
        let result = session.learn_taught(sample, &mut teacher).unwrap();
        results.push((result.prediction, result.wrong_spikes));
    }
    results
}

/// Every space but the registers, up to so many elements: a byte takes 80 cycles on the wire.
fn memories(session: &mut Session, most: u32) -> Vec<(&'static str, Vec<u8>)> {
    let capacity = session.identity().capacity.clone();
    let memory = |space| space != Space::Registers && space != Space::OutputErrors;
    let spaces = SPACES.iter().filter(|info| memory(info.space));
    spaces
        .map(|info| (info.name, session.read(info.space, 0, info.space.len(&capacity).min(most)).unwrap()))
        .collect()
}

fn compare(name: &str, backend: Backend, network: &Network, count: usize) {
    let most = if backend == Backend::Rtl { PART } else { u32::MAX };
    let board = board(name);
    let hardware = HardwareBoard::new(&board, backend, None).unwrap_or_else(|error| panic!("{error}"));
    let cycles = hardware.cycles();
    let mut hardware = session(hardware);
    let mut model = session(VirtualBoard::with_features(&board, FEATURES));
    let samples = samples(count);
    let wanted = results(&mut model, network, &samples);
    let got = results(&mut hardware, network, &samples);
    assert_eq!(got, wanted, "{name}: predictions and wrong spikes");
    let results_of = wanted.len();
    let (mut elements, got, wanted) = (0, memories(&mut hardware, most), memories(&mut model, most));
    for ((space, got), (_, wanted)) in got.iter().zip(&wanted) {
        let first = (0..wanted.len()).find(|&at| got.get(at) != wanted.get(at));
        assert_eq!(
            first,
            None,
            "{name}: byte of {space}: {:?}, the model's {:?}",
            first.map(|at| got[at]),
            first.map(|at| wanted[at])
        );
        elements += wanted.len();
    }
    let learned = model.read_parameters().unwrap() != parameters(network);
    assert!(learned, "nothing was learned");
    println!(
        "{name}, {backend:?}: {count} samples learned and classified, {elements} bytes of memories and {results_of} results equal, {} cycles",
        cycles.get()
    );
}

#[test]
fn a_small_board_stepped_natively_is_the_model_behind_the_wire() {
    compare("small-w8", Backend::Rtl, &network(arch::WeightBits::Eight), 2);
}

#[test]
fn one_of_two_byte_weights_stepped_natively_is_too() {
    compare("small-w16", Backend::Rtl, &network(arch::WeightBits::Sixteen), 1);
}

/// Three layers of weights, of sizes that fill no word.
fn deep(weight_bits: arch::WeightBits) -> Network {
    let two = network(weight_bits);
    let between = Layer { input: Shape::flat(13), output: Shape::flat(9), ..two.layers[0].clone() };
    let last = Layer { input: Shape::flat(9), ..two.layers[1].clone() };
    Network { layers: vec![two.layers[0].clone(), between, last], ..two }
}

#[test]
fn boards_in_verilator_are_the_model_behind_the_wire() {
    if !need(verilator::TOOLS) {
        return;
    }
    for name in ["small-w8", "small-w16", "icebreaker"] {
        let bits = board(name).engine.weight_bits;
        compare(name, Backend::Verilator, &network(bits), 30);
        compare(name, Backend::Verilator, &deep(bits), 30);
    }
}
