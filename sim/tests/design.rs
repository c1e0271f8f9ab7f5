//! The whole design of every configuration as Verilog: clean for Verilator's lint and Yosys' structural checks.

use arch::Board;
use rtl::top::{known, top};
use rtl::verilog::{Form, WAIVERS};
use sim::lockstep::design_of;
use sim::toolchain::lint::{self, lint};
use sim::toolchain::yosys::{self, check};
use sim::toolchain::{Design, need};

fn design(name: &str) -> Design {
    let board = Board::named(name).unwrap();
    let emitted =
        top(&board).unwrap().emit(Form::Kernel, &board.description).unwrap_or_else(|error| panic!("{error}"));
    design_of(&emitted).0
}

#[test]
fn every_configuration_passes_the_lint_with_the_waivers() {
    if !need(lint::TOOLS) {
        return;
    }
    for name in known() {
        let design = design(name);
        let warnings = lint(&design, WAIVERS).unwrap_or_else(|error| panic!("{error}"));
        let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{name}:\n{}", said.join("\n"));
        println!("{name}: no warning of verilator --lint-only -Wall");
    }
}

#[test]
fn every_configuration_is_sound_for_yosys_and_has_no_latch() {
    if !need(yosys::TOOLS) {
        return;
    }
    for name in known() {
        check(&design(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("{name}: yosys check -assert holds, no latches");
    }
}
