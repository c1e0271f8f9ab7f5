//! Beats of AXI4-Stream, on their way in and out.

use rtl::stream::{StreamMaster, StreamSlave};
use sim::toolchain::need;
use sim::toolchain::sby;

use super::{emitted, proved_alone, refuted};

/// AXI4-Stream: a beat stays until it is taken, its kept bytes are the lowest, all but a packet's last are full, and a packet's last byte
/// is the only zero in it. It holds the bytes that came, in order.
#[test]
fn a_streams_beats_obey_its_rules() {
    if !need(sby::TOOLS) {
        return;
    }
    let masters = [
        (32, emitted(StreamMaster::<32, 4, 5>::default(), "master")),
        (64, emitted(StreamMaster::<64, 8, 6>::default(), "master")),
        (128, emitted(StreamMaster::<128, 16, 7>::default(), "master")),
    ];
    for (bits, master) in &masters {
        proved_alone(&format!("beats of {bits} bits"), master, &master_claims(*bits), 2);
    }
    let (master, claims) = (&masters[0].1, master_claims(32));
    for fault in [
        // Goes without being taken; zeros that are no end; bytes that stand in each other's place; a hole.
        ("if (tready)", "if (1'b1)"),
        ("waits_d = !(|data) ||", "waits_d ="),
        ("place_d = place_q + byte_bits;", "place_d = place_q;"),
        ("(kept_q << 1) | 4'd1", "(kept_q << 1)"),
    ] {
        refuted("a beat", master, &claims, 12, fault);
    }
    for (bits, slave) in [
        (32, emitted(StreamSlave::<32, 4>::default(), "slave")),
        (64, emitted(StreamSlave::<64, 8>::default(), "slave")),
        (128, emitted(StreamSlave::<128, 16>::default(), "slave")),
    ] {
        let claims = slave_claims(bits);
        proved_alone(&format!("beats of {bits} bits, taken"), &slave, &claims, 2);
        if bits == 32 {
            refuted("a beat, taken", &slave, &claims, 8, ("!kept_q[0] || ready", "1'b1"));
        }
    }
}

fn master_claims(bits: u32) -> String {
    "    reg waited = 1'b0;
    reg came = 1'b0;
    reg [7:0] byte_before = 8'd0;
    reg [W - 1:0] data_before = 0;
    reg [K - 1:0] keep_before = 0;
    reg last_before = 1'b0;
    always @(posedge clock) begin
        waited <= tvalid && !tready;
        came <= valid && ready;
        byte_before <= data;
        data_before <= tdata;
        keep_before <= tkeep;
        last_before <= tlast;
    end
    integer at;
    always @* begin
        if (waited)
            assert (tvalid && tdata == data_before && tkeep == keep_before && tlast == last_before);
        assert ((tkeep & (tkeep + 1'b1)) == 0 && (!tvalid || tkeep[0]));
        assert (!tvalid || tlast || tkeep[K - 1]);
        assert (tvalid || !tkeep[K - 1]);
        if (came)
            assert (tkeep == ((keep_before << 1) | 1'b1));
        for (at = 0; at < K; at = at + 1) begin
            if (!tkeep[at])
                assert (tdata[8 * at +: 8] == 8'd0);
            if (!tvalid && !tkeep[at] && (at == 0 || tkeep[at - 1]))
                assert (place_q == 8 * at);
            if (tkeep[at] && (at != K - 1 && tkeep[at + 1] || !tvalid))
                assert (tdata[8 * at +: 8] != 8'd0);
            if (tvalid && tkeep[at] && (at == K - 1 || !tkeep[at + 1]))
                assert (tlast == (tdata[8 * at +: 8] == 8'd0));
            if (came && tkeep[at])
                assert (tdata[8 * at +: 8] == (keep_before[at] ? data_before[8 * at +: 8] : byte_before));
        end
    end
"
    .replace("K - 1", &(bits / 8 - 1).to_string())
    .replace("< K", &format!("< {}", bits / 8))
    .replace("W - 1", &(bits - 1).to_string())
}

/// Of a beat that was taken the kept bytes come, the lowest first, and each stays until it is taken; then the next beat is.
fn slave_claims(bits: u32) -> String {
    "    reg waited = 1'b0;
    reg [7:0] byte_before = 8'd0;
    reg [W - 1:0] rest = 0;
    reg [K - 1:0] to_come = 0;
    always @(posedge clock) begin
        waited <= valid && !ready;
        byte_before <= data;
        if (tvalid && tready) begin
            rest <= tdata;
            to_come <= tkeep;
        end else if (!to_come[0] || ready) begin
            rest <= rest >> 8;
            to_come <= to_come >> 1;
        end
    end
    always @* begin
        assert (!waited || (valid && data == byte_before));
        assert (tready == (to_come == 0));
        assert (to_come == kept_q && (to_come == 0 || rest == beat_q));
        assert (valid == to_come[0] && (!valid || data == rest[7:0]));
    end
"
    .replace("K - 1", &(bits / 8 - 1).to_string())
    .replace("W - 1", &(bits - 1).to_string())
}
