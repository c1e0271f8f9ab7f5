//! Bitstreams of the HX8K, taken apart by IceStorm, do what was packed into them. Needs Yosys, nextpnr, IceStorm and Verilator.
//!
//! ```text
//!   shell and core ──> netlist ─────────────────────────────────────────────> the same bits?
//!                         └──nextpnr, icepack──> bitstream ──icebox_vlog──────────┘
//! ```

#![cfg(feature = "boards")]

mod common;

use std::time::Duration;

use arch::Board;
use common::board;
use common::recordings::{Run, is_the_model, of_the_model, run};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::shell::{SHELL, shell};
use sim::HardwareBoard;
use sim::bitstream::{BitstreamError, TOOLS, make, simulated};
use sim::netlist;
use sim::toolchain::nextpnr::{Part, Report, Request, Routed, place_and_route};
use sim::toolchain::pack::pack;
use sim::toolchain::unpack::{UnpackError, text};
use sim::toolchain::verilator::{self, Model};
use sim::toolchain::yosys::{Ice40, synth_ice40};
use sim::toolchain::{Design, Ports, RunError, need};

const PART: Part = Part::Hx8kCt256;

/// What a configuration is made of, in the place of the core: block RAMs of each width with contents, one of them written in part,
/// carries, flip-flops with enable, set and reset, on both edges.
const PARTS: &str = "
module core(input wire clock, input wire receive, output reg transmit, output reg busy);
    reg [15:0] words [0:255];
    reg [7:0] bytes [0:511];
    reg [3:0] nibbles [0:1023];
    reg [1:0] pairs [0:2047];
    integer at;
    initial begin
        for (at = 0; at < 256; at = at + 1) words[at] = at * 40503;
        for (at = 0; at < 512; at = at + 1) bytes[at] = at * 37 + 11;
        for (at = 0; at < 1024; at = at + 1) nibbles[at] = at * 5 + at / 7;
        for (at = 0; at < 2048; at = at + 1) pairs[at] = at / 3;
    end
    reg [10:0] count = 11'd5;
    reg [15:0] sum = 16'd0, word = 16'd0;
    reg [7:0] octet = 8'd0;
    reg [3:0] nibble = 4'd0;
    reg [1:0] pair = 2'd0;
    reg [5:0] shifted = 6'd0;
    reg set = 1'b1, late = 1'b0;
    always @(posedge clock) begin
        shifted <= {shifted[4:0], receive};
        if (receive) count <= count + 11'd3;
        sum <= sum + word + {octet, nibble, pair, shifted[1:0]};
        if (shifted == 6'd0) set <= 1'b1;
        else if (receive) set <= shifted[2];
        word <= words[count[7:0]];
        octet <= bytes[count[8:0]];
        nibble <= nibbles[count[9:0]];
        pair <= pairs[count];
        if (shifted[0]) words[sum[7:0]][7:0] <= sum[15:8];
        if (shifted[1]) words[sum[7:0]][15:8] <= sum[8:1];
        if (shifted[2]) bytes[sum[8:0]] <= sum[7:0];
        if (shifted[3]) nibbles[sum[9:0]] <= sum[3:0];
        if (shifted[4]) pairs[sum[10:0]] <= sum[15:14];
        transmit <= sum[15] ^ sum[4] ^ set;
        busy <= late;
    end
    always @(negedge clock) late <= sum[9] ^ nibble[0];
endmodule
";

fn small(board: &Board) -> (Design, Vec<u8>, Ports) {
    let design = Design::new(SHELL, format!("{PARTS}\n{}", shell(board, "core").unwrap()));
    let netlist = synth_ice40(&design, Ice40::default()).unwrap();
    for (cell, count) in [("SB_RAM40_4K", 4), ("SB_CARRY", 20), ("SB_DFFN", 2), ("SB_PLL40_CORE", 1)] {
        assert!(netlist.statistics.count(cell) >= count, "{cell}: {:?}", netlist.statistics);
    }
    let pins = Some(board.constraints().unwrap().to_owned());
    let request = Request { part: PART, mhz: 40.0, seed: 1, pins, full: false, limit: Duration::MAX };
    let packed = pack(PART, &place_and_route(&netlist, &request).unwrap()).unwrap();
    let (design, ports) = netlist::simulated(board, &netlist).unwrap();
    (design, packed, ports)
}

/// Both outputs in each of 20,000 cycles, with what is received by chance: half of the time, rarely, nearly always.
fn outputs(design: &Design, ports: &Ports) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let received: Vec<u8> = (0..20_000)
        .map(|at: u32| u8::from(random.random_bool([0.5, 0.1, 0.9][at as usize / 500 % 3])))
        .collect();
    let model = Model::build(design, ports, &verilator::Options::default()).unwrap();
    model.start().unwrap().cycles(&received).unwrap()
}

/// The bitstream with one bit of a LUT inverted: of a sum, in the logic cell of that place among those with a carry, what it
/// answers where its first operand alone is 1.
fn with_a_fault(bitstream: &[u8], place: usize) -> (String, Vec<u8>) {
    let text = text(bitstream).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let tiles = (0..lines.len()).filter(|&at| lines[at].starts_with(".logic_tile "));
    // Two rows of a tile are a logic cell; columns 36 to 45 are its own, the carry's enable is the ninth of the upper row.
    let cells = tiles.flat_map(|at| (0..8).map(move |cell| (at, at + 1 + 2 * cell)));
    let mut summing = cells.filter(|&(_, row)| lines[row].as_bytes()[36 + 8] == b'1');
    let (tile, row) = summing.nth(place).unwrap();
    let named = format!("{} cell {}", lines[tile], (row - tile) / 2);
    // IceStorm's documentation has the third entry of the table in the sixth column of the lower row.
    let column = 36 + 5;
    let inverted = if lines[row + 1].as_bytes()[column] == b'1' { "0" } else { "1" };
    lines[row + 1].replace_range(column..=column, inverted);
    let configuration = lines.join("\n") + "\n";
    (named, pack(PART, &Routed { report: Report::default(), configuration, placement: Vec::new() }).unwrap())
}

/// The whole way on a design that takes seconds: what is in every kind of cell comes back out of the bitstream, and a bit of a LUT
/// that is inverted in it is seen.
#[test]
fn a_bitstream_taken_apart_does_what_its_netlist_does() {
    if !need(TOOLS) || !need(verilator::TOOLS) {
        return;
    }
    let board = board("hx8k-breakout");
    let (netlist, packed, ports) = small(&board);
    let wanted = outputs(&netlist, &ports);
    assert!(wanted.windows(2).filter(|pair| pair[0] != pair[1]).count() > 5000, "little happened");
    let (design, ports) = simulated(&board, &packed).unwrap();
    assert!(outputs(&design, &ports) == wanted, "the bitstream does something else");
    let (_, faulty) = with_a_fault(&packed, 3);
    assert_eq!(faulty.len(), packed.len());
    let (design, ports) = simulated(&board, &faulty).unwrap();
    assert!(outputs(&design, &ports) != wanted, "the fault was not seen");

    // A damaged bitstream, one of another clock, one of other pins, one of another part.
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 1;
    let error = simulated(&board, &damaged).unwrap_err();
    assert!(matches!(error, BitstreamError::Unpack(UnpackError::Run(RunError::Failed { .. }))), "{error}");
    let mut faster = board.clone();
    faster.engine.clock_hz *= 2;
    let error = simulated(&faster, &packed).unwrap_err();
    assert!(matches!(error, BitstreamError::Pll { .. }), "{error}");
    let error = simulated(&Board::named("icebreaker").unwrap(), &packed).unwrap_err();
    assert!(error.to_string().contains("cannot be simulated"), "{error}");
}

fn powered(board: &Board, bitstream: &[u8]) -> HardwareBoard {
    HardwareBoard::of_bitstream(board, bitstream, None).unwrap()
}

const WORKLOAD: Run = Run { side: 9, hidden: 20, steps: 8, learned: 8, classified: 4 };

/// The board's bitstream learns; with one bit of it inverted, in what adds up, it learns something else or nothing.
#[test]
#[ignore = "minutes of nextpnr and the C++ compiler; run it by its name"]
fn the_bitstream_learns_like_the_model_and_a_faulty_one_does_not() {
    if !need(TOOLS) || !need(verilator::TOOLS) {
        return;
    }
    let board = board("hx8k-breakout");
    let packed = make(&board).unwrap();
    is_the_model("bitstream", powered(&board, &packed), &board, WORKLOAD);
    let (place, faulty) = with_a_fault(&packed, 100);
    match run(powered(&board, &faulty), &board, WORKLOAD) {
        Ok(got) => assert!(got != of_the_model(&board, WORKLOAD), "{place}: the fault was not seen"),
        Err(error) => println!("{place}: {error}"),
    }
}
