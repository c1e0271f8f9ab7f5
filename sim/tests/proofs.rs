//! Proofs by SymbiYosys on the emitted Verilog: for every input and for ever, where a test sees some cycles of some inputs.
//!
//! What must hold is written into the module it is about, where it sees the registers. Each proof is also asked about a design with
//! a planted fault, and must refute it.

use rtl::cobs::{CobsDecoder, CobsEncoder};
use rtl::intake::Intake;
use rtl::lane::Lane;
use rtl::neurons::Neurons;
use rtl::prelude::Block;
use rtl::processor::Processor;
use rtl::receiver::Receiver;
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

/// After a zero on the wire the decoder is as it was after configuration, whatever came before.
#[test]
fn a_zero_brings_the_decoder_into_step() {
    if !need(sby::TOOLS) {
        return;
    }
    let decoder = emitted(CobsDecoder::<10>::new(514), "decoder");
    let claims = "    reg zero = 1'b0;
    reg lost = 1'b0;
    always @(posedge clock) begin
        zero <= valid && data == 8'd0;
        lost <= broken;
        if (zero)
            assert (left_q == 8'd0 && !zero_due_q && !any_q && bad_q == lost && count_q == 10'd0);
        assert (!(out_valid && ended));
    end
";
    let fault = ("left_d = 8'd0;", "left_d = left_q;");
    proved("the decoder is in step after a zero", &decoder, claims, 5, fault);
}

/// The ring: what is unread is never overwritten, nor is it read before it is written; so nothing is lost that was taken, and what is
/// read comes in the order in which it was written. Whoever reads the ring reads what is written, and no further, and asks for one thing at a time.
#[test]
fn the_receiver_never_writes_over_what_is_unread() {
    if !need(sby::TOOLS) {
        return;
    }
    let receiver = emitted(Receiver::<10, 11>::new(508), "receiver");
    // All pointers as distances from where everything before is free. While an entry is written, `start` is the frame's end.
    let claims = "    wire [10:0] writes = at_q + before_from_q + 11'd1;
    wire [10:0] begins = start_q + before_from_q + 11'd1;
    wire [10:0] reads = next_q + before_from_q + 11'd1;
    wire entry = filling_q == Filling_Low || filling_q == Filling_High;
    wire [10:0] whole = filling_q == Filling_Low ? writes : filling_q == Filling_High ? writes - 11'd1 : begins;
    always @* assume ((!read || reads < whole) && !(free && rewind));
    always @(posedge clock) begin
        if (ring_write_enable)
            assert (writes < 11'd1024);
        assert (reads <= whole && whole <= 11'd1024);
        assert (whole <= 11'd1022 || damage_noted_q);
        assert (filling_q <= Filling_Second);
        if (filling_q == Filling_Take) begin
            assert (writes >= begins + 11'd2 && writes <= 11'd1026);
            assert (lost_q || bytes_q <= 3'd2 || writes <= 11'd1022);
            assert (bytes_q > 3'd1 || !lost_q);
            assert (bytes_q <= 3'd4 && (bytes_q > 3'd2 || writes == begins + 11'd2));
        end
        if (filling_q == Filling_Swap)
            assert (writes >= begins + 11'd2 && writes <= 11'd1024 && begins <= 11'd1022);
        if (entry)
            assert (begins >= whole + 11'd2 && begins <= 11'd1024 && whole <= 11'd1022);
        if (filling_q == Filling_Swap || entry)
            assert (good_q ? !damage_noted_q : damage_noted_q);
        if (filling_q == Filling_Swap || entry)
            assert (!good_q || (entry ? begins : writes) <= 11'd1022);
        if (filling_q == Filling_First)
            assert (writes == begins);
        if (filling_q == Filling_Second)
            assert (writes == begins + 11'd1);
        if (owed_q)
            assert (begins <= 11'd1022 && damage_noted_q && !good_q);
        if (filling_q == Filling_Take || filling_q == Filling_Swap || entry)
            assert (!owed_q);
    end
";
    let fault = ("localparam [10:0] most = 11'h3fd;", "localparam [10:0] most = 11'h3ff;");
    proved("the receiver's ring", &receiver, claims, 2, fault);
}

/// Credit: two frames, and but for one alone `limit` bytes, are with the link and not answered; whatever answers and rests when. No byte is
/// made up, and the link has four cycles for each. Nothing waits for ever: once the link has rested for 33 cycles, a byte is taken.
#[test]
fn the_intake_counts_what_is_not_answered() {
    if !need(sby::TOOLS) {
        return;
    }
    proved_alone(
        "the intake of 1,024 bytes",
        &emitted(Intake::<11>::new(1024), "intake"),
        &intake_claims(1024),
        2,
    );
    // Few cycles lead to a full one of 3 bytes.
    let (small, claims) = (emitted(Intake::<2>::new(3), "intake"), intake_claims(3));
    proved("the intake of 3 bytes", &small, &claims, 2, ("(answered || (&quiet_q))", "answered"));
    for fault in [
        ("((frames_q != two) && (bytes_q != limit))", "(frames_q != two)"),
        ("less = grown - oldest_q;", "less = bytes_q - oldest_q;"),
        ("if (((|data) || open_q) && (bytes_q != limit))", "if (bytes_q != limit)"),
    ] {
        refuted("the intake", &small, &claims, 20, fault);
    }
}

/// Bytes of the older whole frame, of the younger, of what has come of the next; more than 4,095 are counted as that.
fn intake_claims(limit: u32) -> String {
    "    reg [11:0] older = 12'd0;
    reg [11:0] younger = 12'd0;
    reg [11:0] coming = 12'd0;
    reg [1:0] since = 2'd3;
    reg [5:0] rested = 6'd0;
    wire counted = take && (data != 8'd0 || coming != 12'd0);
    wire [11:0] more = counted && coming != 12'd4095 ? coming + 12'd1 : coming;
    wire whole = take && data == 8'd0 && coming != 12'd0;
    wire [13:0] all = {2'd0, older} + {2'd0, younger} + {2'd0, coming};
    always @(posedge clock) begin
        since <= take ? 2'd0 : since == 2'd3 ? 2'd3 : since + 2'd1;
        rested <= busy || take ? 6'd0 : rested == 6'd63 ? 6'd63 : rested + 6'd1;
        coming <= whole ? 12'd0 : more;
        if (done) begin
            older <= frames_q == 2'd2 ? younger : whole ? more : 12'd0;
            younger <= 12'd0;
        end else if (whole) begin
            if (frames_q == 2'd0) older <= more;
            else younger <= more;
        end
    end
    always @* begin
        assert (out_valid == (valid && ready) && (!out_valid || out_data == data));
        assert (frames_q == (older == 12'd0 ? 2'd0 : younger == 12'd0 ? 2'd1 : 2'd2));
        assert (older != 12'd0 || younger == 12'd0);
        assert (open_q == (coming != 12'd0) && (frames_q != 2'd2 || !open_q));
        assert (older == 12'd0 || all == {2'd0, older} || all <= 14'dLIMIT);
        assert (!out_valid || older == 12'd0 || (younger == 12'd0 && all < 14'dLIMIT));
        assert (bytes_q == (all > 14'dLIMIT ? 14'dLIMIT : all));
        assert (older == 12'd0 || oldest_q == (older > 12'dLIMIT ? 12'dLIMIT : older));
        assert (!out_valid || since == 2'd3);
        assert (pace_q == 2'd3 - since && since >= (rested > 6'd3 ? 2'd3 : rested[1:0]));
        assert (quiet_q >= (rested > 6'd31 ? 5'd31 : rested[4:0]));
        assert (rested < 6'd32 || frames_q < 2'd2);
        assert (rested < 6'd33 || ready);
    end
"
    .replace("LIMIT", &limit.to_string())
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
