//! Netlists that bitstreams are made of, shell and core, learn real recordings like the model. Needs Yosys and Verilator.
//!
//! ```text
//!   driver ──serial pins──┬─> netlist of the board, with the models of its cells ──┐
//!                         └─> sim::VirtualBoard ───────────────────────────────────┴─> the same parameters, results, memories?
//! ```

mod common;

use arch::Board;
use common::board;
use common::recordings::{Run, is_the_model, of_the_model, run};
use sim::HardwareBoard;
use sim::netlist::{simulated, source, synthesise};
use sim::toolchain::yosys::Netlist;
use sim::toolchain::{need, verilator, yosys};

fn netlist_of(board: &Board) -> Netlist {
    let (design, part) = source(board).unwrap();
    synthesise(part, &design).unwrap()
}

fn powered(board: &Board, netlist: &Netlist) -> HardwareBoard {
    let (design, ports) = simulated(board, netlist).unwrap();
    let divider = rtl::top::sizes(board).unwrap().divider as u32;
    HardwareBoard::of(&design, &ports, divider).unwrap_or_else(|error| panic!("{}: {error}", board.name))
}

fn learns_like_the_model(name: &str, workload: Run) {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let board = board(name);
    let hardware = powered(&board, &netlist_of(&board));
    is_the_model("netlist", hardware, &board, workload);
}

#[test]
fn the_up5k_netlist_learns_like_the_model() {
    learns_like_the_model("icebreaker", Run { side: 9, hidden: 24, steps: 8, learned: 8, classified: 4 });
}

#[cfg(feature = "boards")]
#[test]
#[ignore = "minutes; the UP5K's stands for it; run it by its name"]
fn the_hx8k_netlist_learns_like_the_model() {
    learns_like_the_model("hx8k-breakout", Run { side: 9, hidden: 20, steps: 8, learned: 8, classified: 4 });
}

#[cfg(feature = "boards")]
#[test]
#[ignore = "minutes; the UP5K's stands for it; run it by its name"]
fn the_ecp5_netlist_learns_like_the_model() {
    learns_like_the_model("ulx3s-12f", Run { side: 9, hidden: 24, steps: 8, learned: 8, classified: 4 });
}

/// A cell of the netlist that answers wrongly: the comparison must see it.
#[test]
fn planted_netlist_faults_are_seen() {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let board = board("icebreaker");
    let workload = Run { side: 9, hidden: 24, steps: 8, learned: 2, classified: 1 };
    let wanted = of_the_model(&board, workload);
    let sound = netlist_of(&board);
    // In what a lane adds up: what is written, read and answered goes past it.
    let cell = sound.verilog.find(")\n  ) \\core.engine.lanes.lanes_2").expect("a LUT of a lane");
    let table = cell - 4;
    assert!(sound.verilog[..table].ends_with(".LUT_INIT(16'h"), "{}", &sound.verilog[table - 20..cell]);
    let inverted = !u16::from_str_radix(&sound.verilog[table..table + 4], 16).unwrap();
    let mut faulty = sound.clone();
    faulty.verilog.replace_range(table..table + 4, &format!("{inverted:04x}"));
    let got = run(powered(&board, &faulty), &board, workload).unwrap();
    assert!(got.0 != wanted.0, "the fault was not seen");
}
