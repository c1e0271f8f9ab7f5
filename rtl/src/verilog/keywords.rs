//! Words that Verilog or SystemVerilog reserves and a Rust field may well be called.

const RESERVED: &str = "always always_comb always_ff always_latch and assert assign assume automatic before begin \
    bind bins binsof bit break buf byte case casex casez cell chandle checker class clocking cmos config const \
    constraint context continue cover covergroup coverpoint cross deassign default defparam design disable dist do \
    edge else end endcase endclass endconfig endfunction endgenerate endmodule endpackage endtask enum event \
    eventually expect export extends extern final first_match for force foreach forever fork forkjoin function \
    generate genvar global highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir \
    include initial inout input inside instance int integer interconnect interface intersect join join_any \
    join_none large let liblist library local localparam logic longint macromodule matches medium modport module \
    nand negedge nettype new nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed \
    parameter pmos posedge primitive priority program property protected pull0 pull1 pulldown pullup pure rand \
    randc randcase randsequence rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos \
    rtran s_always s_eventually s_nexttime s_until scalared sequence shortint shortreal showcancelled signed \
    small soft solve specify specparam static string strong strong0 strong1 struct super supply0 supply1 \
    sync_accept_on table tagged task this throughout time timeprecision timeunit tran tri tri0 tri1 triand trior \
    trireg type typedef union unique unique0 unsigned until untyped use uwire var vectored virtual void wait \
    wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor";

/// Is the name reserved?
pub(super) fn reserved(name: &str) -> bool {
    RESERVED.split_ascii_whitespace().any(|word| word == name)
}
