// Cells of an iCE40 that Yosys has no model of: its PLLs. The clock that comes in is the one that the PLL makes: a simulation counts
// cycles, not nanoseconds.

module model_SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "SIMPLE",
    parameter DIVR = 4'd0,
    parameter DIVF = 7'd0,
    parameter DIVQ = 3'd0,
    parameter FILTER_RANGE = 3'd0
) (
    input wire PACKAGEPIN,
    output wire PLLOUTCORE,
    output wire LOCK,
    input wire RESETB,
    input wire BYPASS
);
    assign PLLOUTCORE = PACKAGEPIN;
    assign LOCK = RESETB;
endmodule

module model_SB_PLL40_CORE #(
    parameter FEEDBACK_PATH = "SIMPLE",
    parameter DIVR = 4'd0,
    parameter DIVF = 7'd0,
    parameter DIVQ = 3'd0,
    parameter FILTER_RANGE = 3'd0
) (
    input wire REFERENCECLK,
    output wire PLLOUTCORE,
    output wire LOCK,
    input wire RESETB,
    input wire BYPASS
);
    assign PLLOUTCORE = REFERENCECLK;
    assign LOCK = RESETB;
endmodule
