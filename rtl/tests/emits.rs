//! Every configuration becomes Verilog.

use rtl::alone::{INPUTS, engine};
use rtl::configurations::{ICEBREAKER, SIMULATED_X16, SMALL_W8, SMALL_W16, SMALL_X8, SMALL_X16, Sizes};
use rtl::verilog::Direction;

fn lines(built: Sizes, name: &str) -> usize {
    let mut engine = engine(built).expect("is built");
    let design = engine.emit().unwrap_or_else(|error| panic!("{name}: {error}"));
    let inputs = design.ports.iter().filter(|port| port.direction == Direction::In).count();
    assert_eq!(inputs, INPUTS.len() + 1, "{name}: clock, and a port more or less than the bench drives");
    if let Ok(folder) = std::env::var("STOP_FPGA_EMIT") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.v")), &design.text).unwrap();
    }
    design.text.lines().count()
}

#[test]
fn every_configuration_becomes_verilog() {
    for (name, built) in [
        ("icebreaker", ICEBREAKER),
        ("small4", SMALL_W8),
        ("small8", SMALL_X8),
        ("small16", SMALL_X16),
        ("simulated-x16", SIMULATED_X16),
        ("small4-wide", SMALL_W16),
    ] {
        println!("{name}: {} lines of Verilog", lines(built, name));
    }
}
