//! Netlists that bitstreams are made of, shell and core, learn real recordings like the model. Needs Yosys and Verilator.
//!
//! ```text
//!   driver ──serial pins──┬─> netlist of the board, with the models of its cells ──┐
//!                         └─> sim::VirtualBoard ───────────────────────────────────┴─> the same parameters, results, memories?
//! ```

mod common;

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

use arch::network::Shifts;
use arch::registers::{Access, SPACES, Space};
use arch::{Board, Layer, Learn, Network, Shape, Surrogate, Updates};
use common::board;
use driver::transport::{ByteDevice, InProcess};
use driver::{Learner, Options, Sample, Session};
use events::{Dataset, Encoding, ImageCode};
use model::fixed::{Initial, initial_parameters};
use rtl::program::FEATURES;
use sim::netlist::{simulated, source, synthesise};
use sim::toolchain::yosys::Netlist;
use sim::toolchain::{need, verilator, yosys};
use sim::{HardwareBoard, VirtualBoard};

/// Recordings of N-MNIST on `side` by `side` pixels, `hidden` neurons.
#[derive(Clone, Copy)]
struct Run {
    side: u16,
    hidden: u16,
    steps: u16,
    learned: usize,
    classified: usize,
}

impl Run {
    fn network(self, board: &Board) -> Network {
        let layer = |input, output, learn, leak| Layer {
            input,
            output: Shape::flat(output),
            weight_fraction_bits: 7,
            surrogate: Surrogate::Shift,
            learn,
            shifts: Shifts { weight: 12, threshold: 15, leak },
        };
        let input = Shape { channels: 2, height: self.side, width: self.side };
        Network {
            weight_bits: board.engine.weight_bits,
            updates: Updates::Online,
            layers: vec![
                layer(input, self.hidden, Learn::WTL, 20),
                layer(Shape::flat(self.hidden), 10, Learn::WTL, 15),
            ],
        }
    }

    fn recordings(self, source: &str, count: usize) -> Vec<Sample> {
        let shape = format!("2x{0}x{0}", self.side).parse().unwrap();
        let encoding = Encoding { shape, steps: self.steps, seed: 0, image_code: ImageCode::default() };
        let encoded = Dataset::open(source, Some(count)).unwrap().encode(&encoding).unwrap();
        encoded.iter().map(|s| Sample::new(s.label, 0, s.spikes.iter()).unwrap()).collect()
    }
}

type Seen = (arch::Parameters, Vec<arch::protocol::SampleResult>, Vec<(&'static str, Vec<u8>)>);

/// Learns, classifies, and reads what is left in every memory that a board of these sizes gives out in a few seconds.
fn run(device: impl ByteDevice + 'static, board: &Board, run: Run) -> Seen {
    let mut session = Session::connect(InProcess::new(device), Options::default()).unwrap();
    let network = run.network(board);
    session.load_network(&network).unwrap();
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    session.write_parameters(&initial_parameters(&network, &initial)).unwrap();
    session.set_seed(77).unwrap();
    let mut results = Vec::new();
    for (source, count, learn) in
        [("bundled:train", run.learned, true), ("bundled:test", run.classified, false)]
    {
        let samples = run.recordings(source, count);
        let mut note = |_, result| {
            results.push(result);
            ControlFlow::Continue(())
        };
        session.run(&mut samples.iter(), learn, &mut note).unwrap();
        // The last word is the learning samples': what classifying leaves is less.
        if learn {
            assert!(session.counts().unwrap().updated > 1000, "little was learned");
        }
    }
    let capacity = board.engine.clone();
    let memory = |info: &&arch::registers::SpaceInfo| {
        info.access != Access::WriteOnly && !matches!(info.space, Space::Registers | Space::Weights)
    };
    let memories = SPACES
        .iter()
        .filter(memory)
        .map(|info| (info.name, session.read(info.space, 0, info.space.len(&capacity)).unwrap()));
    let memories = memories.collect();
    (session.read_parameters().unwrap(), results, memories)
}

fn netlist_of(board: &Board) -> Netlist {
    let (design, part) = source(board).unwrap();
    synthesise(part, &design).unwrap()
}

fn powered(board: &Board, netlist: &Netlist) -> HardwareBoard {
    let (design, ports) = simulated(board, netlist).unwrap();
    let divider = rtl::top::sizes(board).unwrap().divider as u32;
    HardwareBoard::of(&design, &ports, divider).unwrap_or_else(|error| panic!("{}: {error}", board.name))
}

fn is_the_model(name: &str, workload: Run) {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let board = board(name);
    let netlist = netlist_of(&board);
    let hardware = Rc::new(RefCell::new(powered(&board, &netlist)));
    let cycles = hardware.borrow().cycles();
    let wanted = run(VirtualBoard::with_features(&board, FEATURES), &board, workload);
    let got = run(hardware, &board, workload);
    assert_eq!(got.1, wanted.1, "{name}: results");
    for ((space, got), (_, wanted)) in got.2.iter().zip(&wanted.2) {
        assert!(got == wanted, "{name}: {space}");
    }
    assert!(got.0 == wanted.0, "{name}: parameters");
    println!(
        "{name}: its netlist learned {} recordings and classified {}: parameters {}, every result and memory of state equal, {} cycles",
        workload.learned,
        workload.classified,
        got.0.sha256(),
        cycles.get()
    );
}

#[test]
fn the_up5k_netlist_learns_like_the_model() {
    is_the_model("icebreaker", Run { side: 9, hidden: 24, steps: 8, learned: 8, classified: 4 });
}

#[test]
#[ignore = "minutes; the UP5K's stands for it; run it by its name"]
fn the_hx8k_netlist_learns_like_the_model() {
    is_the_model("hx8k-breakout", Run { side: 9, hidden: 20, steps: 8, learned: 8, classified: 4 });
}

#[test]
#[ignore = "minutes; the UP5K's stands for it; run it by its name"]
fn the_ecp5_netlist_learns_like_the_model() {
    is_the_model("ulx3s-12f", Run { side: 9, hidden: 24, steps: 8, learned: 8, classified: 4 });
}

/// A cell of the netlist that answers wrongly: the comparison must see it.
#[test]
fn planted_netlist_faults_are_seen() {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let board = board("icebreaker");
    let workload = Run { side: 9, hidden: 24, steps: 8, learned: 2, classified: 1 };
    let wanted = run(VirtualBoard::with_features(&board, FEATURES), &board, workload);
    let sound = netlist_of(&board);
    // In what a lane adds up: what is written, read and answered goes past it.
    let cell = sound.verilog.find(")\n  ) \\core.engine.lanes.lanes_2").expect("a LUT of a lane");
    let table = cell - 4;
    assert!(sound.verilog[..table].ends_with(".LUT_INIT(16'h"), "{}", &sound.verilog[table - 20..cell]);
    let inverted = !u16::from_str_radix(&sound.verilog[table..table + 4], 16).unwrap();
    let mut faulty = sound.clone();
    faulty.verilog.replace_range(table..table + 4, &format!("{inverted:04x}"));
    let got = run(powered(&board, &faulty), &board, workload);
    assert!(got.0 != wanted.0, "the fault was not seen");
}
