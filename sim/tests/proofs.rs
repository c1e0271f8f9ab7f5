//! Proofs by SymbiYosys on the emitted Verilog: for every input and for ever, where a test sees some cycles of some inputs.
//!
//! What must hold is written into the module it is about, where it sees the registers. Each proof is also asked about a design with
//! a planted fault, and must refute it.

use rtl::cobs::{CobsDecoder, CobsEncoder};
use rtl::lane::Lane;
use rtl::prelude::Block;
use rtl::processor::Processor;
use rtl::receiver::Receiver;
use rtl::verilog::{Design as Emitted, emit};
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

/// The claims hold, and do not once `from` is written as `to`.
#[track_caller]
fn proved(what: &str, design: &Emitted, claims: &str, depth: u32, (from, to): (&str, &str)) {
    let claimed = claiming(design, claims);
    assert_eq!(verdict(&claimed, depth), Verdict::Holds, "{what}");
    assert_eq!(claimed.text.matches(from).count(), 1, "{what}: `{from}` in the text");
    let faulty = Emitted { text: claimed.text.replace(from, to), ..claimed };
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
