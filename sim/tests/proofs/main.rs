//! Proofs by SymbiYosys on the emitted Verilog: for every input and for ever, where a test sees some cycles of some inputs.
//!
//! What must hold is written into the module it is about, where it sees the registers. Each proof is also asked about a design with
//! a planted fault, and must refute it.

mod link;
mod stream;

use rtl::cobs::CobsEncoder;
use rtl::lane::Lane;
use rtl::neurons::Neurons;
use rtl::prelude::Block;
use rtl::processor::Processor;
use rtl::scores::Scores;
use rtl::traces::Traces;
use rtl::verilog::{Design as Emitted, emit};
use rtl::walk::Walk;
use sim::toolchain::sby::{self, Mode, Question, Verdict, prove};
use sim::toolchain::{Design, need};

fn emitted(mut block: impl Block, top: &str) -> Emitted {
    emit(&mut block, top, "to be proved").unwrap_or_else(|error| panic!("{error}"))
}

/// The design with these claims at the end of its top module.
fn claiming(design: &Emitted, claims: &str) -> Emitted {
    let end = design.text.rfind("endmodule").expect("the top module is the last");
    let text = format!("{}`ifdef FORMAL\n{claims}`endif\n{}", &design.text[..end], &design.text[end..]);
    Emitted { text, ..design.clone() }
}

fn verdict(design: &Emitted, depth: u32) -> Verdict {
    let question = Question { mode: Mode::Prove, depth, timeout_s: 400 };
    prove(&Design::new(&design.top, design.text.clone()), &question).unwrap_or_else(|error| panic!("{error}"))
}

/// The design with these claims, once `from` is written as `to`.
#[track_caller]
fn faulty(what: &str, design: &Emitted, claims: &str, (from, to): (&str, &str)) -> Emitted {
    let claimed = claiming(design, claims);
    assert_eq!(claimed.text.matches(from).count(), 1, "{what}: `{from}` in the text");
    Emitted { text: claimed.text.replace(from, to), ..claimed }
}

/// The claims hold.
#[track_caller]
fn proved_alone(what: &str, design: &Emitted, claims: &str, depth: u32) {
    assert_eq!(verdict(&claiming(design, claims), depth), Verdict::Holds, "{what}");
    println!("{what}: proved");
}

/// Within so many cycles after configuration the claims do not hold once `from` is written as `to`.
#[track_caller]
fn refuted(what: &str, design: &Emitted, claims: &str, depth: u32, (from, to): (&str, &str)) {
    let faulty = faulty(what, design, claims, (from, to));
    let question = Question { mode: Mode::Bounded, depth, timeout_s: 400 };
    match prove(&Design::new(&faulty.top, faulty.text), &question) {
        Ok(Verdict::Refuted { assertion, .. }) => println!("{what}: with `{to}` refuted by {assertion}"),
        other => panic!("{what}, with `{to}`: {other:?}"),
    }
}

/// The claims hold, and do not once `from` is written as `to`.
#[track_caller]
fn proved(what: &str, design: &Emitted, claims: &str, depth: u32, (from, to): (&str, &str)) {
    proved_alone(what, design, claims, depth);
    let faulty = faulty(what, design, claims, (from, to));
    match verdict(&faulty, depth) {
        Verdict::Refuted { assertion, .. } => println!("{what}: proved; with `{to}` refuted by {assertion}"),
        // A run that takes longer than is searched: at least the proof fails.
        Verdict::Unknown { .. } => println!("{what}: proved; with `{to}` no longer"),
        other => panic!("{what}, with `{to}`: {other:?}"),
    }
}

/// Sums saturate: they never wrap. Of a current, and of a weight with its update, whatever trace and error made it.
#[test]
fn a_lane_saturates() {
    if !need(sby::TOOLS) {
        return;
    }
    let lane = emitted(Lane::<8, 16, 16, 32, 9>::default(), "lane");
    let claims = "    wire signed [17:0] exact = $signed(current) + $signed(weight);
    always @* assume (store || delta == 0);
    always @*
        assert (store || $signed(stored) == (exact > 18'sd32767 ? 18'sd32767 : exact < -18'sd32768 ? -18'sd32768 : exact));
";
    let fault = ("beyond = exact[16] != exact[15]", "beyond = 1'b0");
    proved("a lane's current", &lane, claims, 2, fault);
    let claims = "    wire signed [31:0] now = $signed(result) >>> 16;
    always @* assume (now < 32'sd256 && now >= -32'sd256);
    always @*
        assert ($signed(updated) == (now > 32'sd127 ? 32'sd127 : now < -32'sd128 ? -32'sd128 : now));
";
    let fault = ("fits ? wide[7:0] : {wide[8], {7{!wide[8]}}}", "wide[7:0]");
    proved("a lane's weight", &lane, claims, 2, fault);
}

/// No memory is read and written at one address in one cycle: the claim is in each memory that promises it.
#[test]
fn memories_that_promise_it_see_no_collision() {
    if !need(sby::TOOLS) {
        return;
    }
    let encoder = emitted(CobsEncoder::default(), "encoder");
    let fault = ("block_write_enable = 1'd0;", "block_write_enable = out_ready;");
    proved("the encoder's block", &encoder, "", 4, fault);
    let processor = emitted(Processor::new(&[0; 1024], &[0; 16]), "processor");
    let fault = ("memory_write_enable = 1'd0;", "memory_write_enable = 1'd1;");
    proved("the processor's memory", &processor, "", 4, fault);
}

/// Those of the engine's units, whatever their parts of the engine do, as long as it is what their pages say.
#[test]
fn the_engines_units_see_no_collision() {
    if !need(sby::TOOLS) {
        return;
    }
    // The lists of words with errors: one is read while the other is written.
    let walk = emitted(Walk::<4, 5, 8, 6>::default(), "walk");
    let fault = ("list_write_address = (filled_q << 1) | 5'd1;", "list_write_address = filled_q << 1;");
    proved("the lists of words with errors", &walk, "", 4, fault);

    // Weight traces: the scanner's indices ascend, and lie within the memory.
    let traces = emitted(Traces::<6>::default(), "traces");
    let claims = "    reg [16:0] least = 17'd0;
    reg [5:0] base = 6'd0;
    reg over = 1'b0;
    always @(posedge clock) begin
        base <= trace_base;
        over <= busy && (over || scan_done);
    end
    always @* assume (!busy || (trace_base == base && !(over && index_valid)));
    always @(posedge clock)
        if (start && !busy) least <= 17'd0;
        else if (index_valid && index_ready) least <= {1'b0, index} + 17'd1;
    always @* assume (!index_valid || ({1'b0, index} >= least && index < 16'd64));
    always @* begin
        assert (!(trace_read_enable && trace_write_enable && trace_read_address == trace_write_address));
        assert (!read_q || (running_q && {1'b0, read_location_q} < least && read_location_q < 16'd64));
        assert (!visit_q || (running_q && {1'b0, location_q} < least && location_q < 16'd64));
        assert (!(read_q && visit_q) || location_q < read_location_q);
        assert (!scanned_q || over);
    end
";
    let fault = (
        "trace_write_address = trace_base + location_q[5:0];",
        "trace_write_address = trace_base + index[5:0];",
    );
    proved("the weight traces' memory", &traces, claims, 4, fault);

    // Neurons: while one is written, the fourth after it is read.
    let neurons = emitted(Neurons::<1, 6, 16>::default(), "neurons");
    let claims = "    wire [5:0] pass = {stage_q, reading_q};
    wire [5:0] first = pass & (~pass + 6'd1);
    always @* assume (outputs != 16'd0 && outputs <= 16'd64 && !(start && busy));
    always @* begin
        assert (pass == 6'd0 || running_q);
        assert (((pass + first) & pass) == 6'd0);
        if (stage_q[0])
            assert (memory_index_q == (!stage_q[1] ? 6'd0 : !stage_q[2] ? 6'd1 : !stage_q[3] ? 6'd2 : !stage_q[4] ? 6'd3 : write_index_q + 6'd4));
    end
    always @* assert (!(memory_read_enable && memory_write_enable && memory_read_address == memory_write_address));
";
    let fault = ("memory_index_d = memory_index_q + forward;", "memory_index_d = memory_index_q;");
    proved("the neurons' memories", &neurons, claims, 8, fault);

    // Scores and counters: as their page says that they are asked for.
    let scores = emitted(Scores::<7>::default(), "scores");
    let claims = "    reg tallied = 1'b0;
    reg [5:0] before = 6'd0;
    always @(posedge clock) begin
        tallied <= tally;
        before <= tally_number;
    end
    always @* begin
        assume ({1'b0, score_next} + {1'b0, tally} + {1'b0, read_enable} <= 2'd1);
        assume (!tallied || (!score_write && !(tally && tally_number == before) && !read_enable));
        assume (!score_write || (!read_enable && !(score_next && score_next_index == score_index)));
        assume (!score_next_index[6] && !score_index[6] && !(tally && tally_number == 6'd0));
    end
";
    let fault =
        ("counts_write_address = {1'd0, number_q} | counters;", "counts_write_address = {1'd0, number_q};");
    proved("the memories of scores and counters", &scores, claims, 4, fault);
}
