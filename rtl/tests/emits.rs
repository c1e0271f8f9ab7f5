//! Every configuration becomes Verilog.

use rtl::configurations::{Icebreaker, SimulatedX16, Small4, Small4Wide, Small8, Small16};
use rtl::prelude::Block;
use rtl::verilog::{Direction, emit};

fn lines(mut engine: impl Block, name: &str) -> usize {
    let design = emit(&mut engine, "engine", name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let inputs = design.ports.iter().filter(|port| port.direction == Direction::In).count();
    assert_eq!(inputs, 23, "{name}: a port more or less than the bench drives");
    if let Ok(folder) = std::env::var("STOP_FPGA_EMIT") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.v")), &design.text).unwrap();
    }
    design.text.lines().count()
}

#[test]
fn every_configuration_becomes_verilog() {
    for (name, lines) in [
        ("icebreaker", lines(Icebreaker::default(), "icebreaker")),
        ("small4", lines(Small4::default(), "small4")),
        ("small8", lines(Small8::default(), "small8")),
        ("small16", lines(Small16::default(), "small16")),
        ("simulated-x16", lines(SimulatedX16::default(), "simulated-x16")),
        ("small4-wide", lines(Small4Wide::default(), "small4-wide")),
    ] {
        println!("{name}: {lines} lines of Verilog");
    }
}
