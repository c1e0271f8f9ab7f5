//! What becomes of the text on a device: netlists that do the same, clocks that are reached.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sim::toolchain::nextpnr::{NextpnrError, Part, Request, place_and_route};
use sim::toolchain::yosys::{self, Ice40, synth_ecp5, synth_ice40};
use sim::toolchain::{Design, Ports, RunError, Tool, need, verilator};

use crate::{ACCUMULATOR, accumulator, accumulator_ports, build, first_difference, up5k};

/// A multiplier, a block RAM and a large single-port memory: what maps to cells of their own on a UP5K. What an SPRAM
/// shows after a write is not defined, although Yosys maps to it what holds its output then: it is not looked at.
const MEMORIES: &str = "
module memories(
    input wire clock, input wire write, input wire [13:0] address, input wire [15:0] value,
    output wire [15:0] wide, output wire [15:0] near, output wire [31:0] product
);
    reg [15:0] wide_memory [0:16383];
    reg [15:0] near_memory [0:255];
    reg [15:0] wide_read, near_read;
    reg has_read;
    always @(posedge clock)
        if (write) wide_memory[address] <= value;
        else wide_read <= wide_memory[address];
    always @(posedge clock) begin
        has_read <= !write;
        if (write) near_memory[address[7:0]] <= value;
        near_read <= near_memory[~address[7:0]];
    end
    assign wide = has_read ? wide_read : 16'd0;
    assign near = near_read;
    assign product = {2'b00, address} * value;
endmodule
";

fn memories_ports() -> Ports {
    Ports::clocked(
        "clock",
        &[("write", 1), ("address", 14), ("value", 16)],
        &[("wide", 16), ("near", 16), ("product", 32)],
    )
}

fn request(part: Part, mhz: f64) -> Request {
    Request { part, mhz, seed: 1, pins: None, full: false, limit: Duration::MAX }
}

#[test]
fn an_ice40_netlist_with_ram_spram_and_multiplier_agrees_with_its_verilog() {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let design = Design::new("memories", MEMORIES);
    let netlist = up5k(&design);
    let counts = ["SB_SPRAM256KA", "SB_RAM40_4K", "SB_MAC16"].map(|cell| netlist.statistics.count(cell));
    assert_eq!(counts, [1, 1, 1], "{:?}", netlist.statistics);
    let ports = memories_ports();
    let mut records = Vec::new();
    let mut random = ChaCha8Rng::seed_from_u64(3);
    // Every word is written before any is read.
    (0..16384).for_each(|address| {
        ports.inputs.pack_into(&[1, address, u128::from(random.random::<u16>())], &mut records);
    });
    for _ in 0..20_000 {
        let inputs =
            [random.random_range(0..2), random.random_range(0..16384), random.random_range(0..65536)];
        ports.inputs.pack_into(&inputs, &mut records);
    }
    let answers = |design: &Design| build(design, &ports).start().unwrap().cycles(&records).unwrap();
    let from = 16384 * ports.outputs.bytes();
    let (verilog, gates) = (answers(&design), answers(&netlist.design().unwrap()));
    // What is read in the first cycle after the writes was addressed by the last of them.
    let differ =
        verilog[from + 8..].iter().zip(&gates[from + 8..]).filter(|(one, other)| one != other).count();
    assert_eq!(differ, 0);
    // A fault in one cell of the netlist, a LUT that answers the contrary, is seen.
    let mut broken = netlist.clone();
    let table = broken.verilog.find(".LUT_INIT(16'h").expect("a LUT") + ".LUT_INIT(16'h".len();
    let inverted = !u16::from_str_radix(&netlist.verilog[table..table + 4], 16).unwrap();
    broken.verilog.replace_range(table..table + 4, &format!("{inverted:04x}"));
    assert!(verilog[from..] != answers(&broken.design().unwrap())[from..]);
}

#[test]
fn netlists_for_ice40_and_ecp5_agree_with_rust() {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let ice40 = synth_ice40(&accumulator(), Ice40::default()).unwrap();
    assert_eq!(ice40.statistics.count("SB_DFF"), 20);
    let ecp5 = synth_ecp5(&accumulator()).unwrap();
    assert_eq!(ecp5.statistics.count("TRELLIS_FF"), 20);
    let said = "always @(posedge clock) begin assert (sum < step); $display(\"%d\", carry); end\nendmodule";
    let saying = Design::new("accumulator", ACCUMULATOR.replace("endmodule", said));
    let silent = synth_ice40(&saying, Ice40::default()).unwrap();
    assert_eq!(silent.statistics, ice40.statistics, "what is for simulation costs no cell");
    for netlist in [ice40, ecp5] {
        let model = build(&netlist.design().unwrap(), &accumulator_ports());
        assert_eq!(first_difference(&mut model.start().unwrap()), None);
    }
}

#[test]
fn place_and_route_tells_fmax_a_missed_clock_and_what_does_not_fit_apart() {
    if !need(yosys::TOOLS) || !need(&[Tool::NextpnrIce40]) {
        return;
    }
    let netlist = up5k(&accumulator());
    let routed = place_and_route(&netlist, &request(Part::Up5kSg48, 12.0)).unwrap();
    let reached = routed.report.mhz().unwrap();
    assert!((20.0..200.0).contains(&reached), "{reached}");
    let cells = routed.report.utilization["ICESTORM_LC"];
    assert!(cells.used >= 20 && cells.available == 5280, "{cells:?}");
    assert!(routed.configuration.contains(".device 5k"));
    assert_eq!(routed, place_and_route(&netlist, &request(Part::Up5kSg48, 12.0)).unwrap(), "the same seed");
    match place_and_route(&netlist, &request(Part::Up5kSg48, 500.0)) {
        Err(NextpnrError::Timing { report }) => assert!(report.mhz().unwrap() < 500.0),
        other => panic!("{other:?}"),
    }
    let mut many = Design::new("memories", MEMORIES.replace("[0:255]", "[0:16383]").replace("[7:0]", ""));
    many.top = "memories".to_owned();
    match place_and_route(&up5k(&many), &request(Part::Up5kSg48, 12.0)) {
        Err(NextpnrError::Run(RunError::Failed { stderr, .. })) => {
            assert!(stderr.contains("Unable to place"), "{stderr}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn place_and_route_for_ecp5_reports_its_cells() {
    if !need(yosys::TOOLS) || !need(&[Tool::NextpnrEcp5]) {
        return;
    }
    let netlist = synth_ecp5(&accumulator()).unwrap();
    let routed = place_and_route(&netlist, &request(Part::Ecp5With25k, 50.0)).unwrap();
    assert!(routed.report.mhz().unwrap() > 50.0);
    assert_eq!(routed.report.utilization["TRELLIS_FF"].used, 20);
}
