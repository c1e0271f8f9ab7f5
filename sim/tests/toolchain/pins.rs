//! Pins of the boards: nextpnr is asked whether the part in its package has each, and lets it be used as the shell does.

use std::time::Duration;

use arch::Board;
use rtl::shell::{SHELL, shell};
use sim::toolchain::nextpnr::{NextpnrError, Part, Request, place_and_route};
use sim::toolchain::yosys::{self, Ice40, Netlist, synth_ecp5, synth_ice40};
use sim::toolchain::{Design, RunError, Tool, need};

/// In the place of the core: the fewest cells that keep the shell's clock and ports.
const STUB: &str = "
module core(input wire clock, input wire receive, output reg transmit, output reg busy);
    always @(posedge clock) begin
        transmit <= receive;
        busy <= transmit;
    end
endmodule
";

/// The board's shell around the stub.
fn netlist(board: &Board, part: Part) -> Netlist {
    let design = Design::new(SHELL, format!("{STUB}\n{}", shell(board, "core").unwrap()));
    match part.tool() {
        Tool::NextpnrEcp5 => synth_ecp5(&design),
        _ => synth_ice40(&design, Ice40::default()),
    }
    .unwrap()
}

fn placed(netlist: &Netlist, part: Part, pins: &str) -> Result<(), NextpnrError> {
    let request =
        Request { part, mhz: 1.0, seed: 1, pins: Some(pins.to_owned()), full: false, limit: Duration::MAX };
    place_and_route(netlist, &request).map(drop)
}

#[track_caller]
fn refused(netlist: &Netlist, part: Part, pins: &str, said: &str) {
    match placed(netlist, part, pins) {
        Err(NextpnrError::Run(RunError::Failed { stderr, .. })) => assert!(stderr.contains(said), "{stderr}"),
        other => panic!("{other:?}"),
    }
}

/// Holds the boards of one place-and-route tool to their packages, and shows on the first of them that what is not so is found:
/// a pin that the package lacks, a port that the file forgets.
fn hold_to_packages(tool: Tool, absent: &str, said: &str) {
    if !need(yosys::TOOLS) || !need(&[tool]) {
        return;
    }
    let boards = Board::names().into_iter().map(|name| Board::named(name).unwrap());
    let with_part = boards.filter_map(|board| {
        let device = board.device.as_ref()?;
        let part = Part::of(device).unwrap_or_else(|| panic!("{}: no part {device:?}", board.name));
        (part.tool() == tool).then_some((board, part))
    });
    let mut held = 0;
    for (board, part) in with_part {
        let (netlist, pins) = (netlist(&board, part), board.constraints().unwrap());
        placed(&netlist, part, pins).unwrap_or_else(|error| panic!("{}: {error}", board.name));
        println!("{}: {:?} has its {} pins", board.name, part, board.ports().len());
        if held == 0 {
            let led = &board.led.as_ref().unwrap().pin;
            let last = pins.rfind(led.as_str()).unwrap();
            let wrong = format!("{}{absent}{}", &pins[..last], &pins[last + led.len()..]);
            refused(&netlist, part, &wrong, said);
            let lines: Vec<&str> = pins.lines().filter(|line| !line.contains("led_pin")).collect();
            refused(&netlist, part, &lines.join("\n"), "led_pin");
        }
        held += 1;
    }
    assert!(held >= 3, "{held} boards");
}

#[test]
fn the_packages_have_the_pins_of_the_ice40_boards() {
    hold_to_packages(Tool::NextpnrIce40, "99", "99");
}

#[test]
fn the_packages_have_the_pins_of_the_ecp5_boards() {
    hold_to_packages(Tool::NextpnrEcp5, "A99", "A99");
}
