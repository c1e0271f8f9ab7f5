//! What is between the wire and the link's program.

use rtl::cobs::CobsDecoder;
use rtl::intake::Intake;
use rtl::receiver::Receiver;
use sim::toolchain::need;
use sim::toolchain::sby;

use super::{emitted, proved, proved_alone, refuted};

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
