// Cells of an iCE40 that Yosys has no model of: its PLLs. The clock that comes in is the one that the PLL makes: a simulation counts
// cycles, not nanoseconds. The ports and parameters are those that IceStorm writes of a bitstream; a netlist names fewer.

module model_SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "SIMPLE",
    parameter DELAY_ADJUSTMENT_MODE_FEEDBACK = "FIXED",
    parameter DELAY_ADJUSTMENT_MODE_RELATIVE = "FIXED",
    parameter PLLOUT_SELECT = "GENCLK",
    parameter SHIFTREG_DIV_MODE = 1'b0,
    parameter FDA_FEEDBACK = 4'd0,
    parameter FDA_RELATIVE = 4'd0,
    parameter ENABLE_ICEGATE = 1'b0,
    parameter TEST_MODE = 1'b0,
    parameter DIVR = 4'd0,
    parameter DIVF = 7'd0,
    parameter DIVQ = 3'd0,
    parameter FILTER_RANGE = 3'd0
) (
    input wire PACKAGEPIN,
    output wire PLLOUTCORE,
    output wire LOCK,
    input wire RESETB,
    input wire BYPASS,
    input wire EXTFEEDBACK,
    input wire [7:0] DYNAMICDELAY,
    input wire LATCHINPUTVALUE,
    input wire SDI,
    input wire SCLK,
    output wire SDO,
    output wire PLLOUTGLOBAL
);
    assign PLLOUTCORE = PACKAGEPIN;
    assign PLLOUTGLOBAL = PACKAGEPIN;
    assign LOCK = RESETB;
    assign SDO = 1'b0;
endmodule

module model_SB_PLL40_CORE #(
    parameter FEEDBACK_PATH = "SIMPLE",
    parameter DELAY_ADJUSTMENT_MODE_FEEDBACK = "FIXED",
    parameter DELAY_ADJUSTMENT_MODE_RELATIVE = "FIXED",
    parameter PLLOUT_SELECT = "GENCLK",
    parameter SHIFTREG_DIV_MODE = 1'b0,
    parameter FDA_FEEDBACK = 4'd0,
    parameter FDA_RELATIVE = 4'd0,
    parameter ENABLE_ICEGATE = 1'b0,
    parameter TEST_MODE = 1'b0,
    parameter DIVR = 4'd0,
    parameter DIVF = 7'd0,
    parameter DIVQ = 3'd0,
    parameter FILTER_RANGE = 3'd0
) (
    input wire REFERENCECLK,
    output wire PLLOUTCORE,
    output wire LOCK,
    input wire RESETB,
    input wire BYPASS,
    input wire EXTFEEDBACK,
    input wire [7:0] DYNAMICDELAY,
    input wire LATCHINPUTVALUE,
    input wire SDI,
    input wire SCLK,
    output wire SDO,
    output wire PLLOUTGLOBAL
);
    assign PLLOUTCORE = REFERENCECLK;
    assign PLLOUTGLOBAL = REFERENCECLK;
    assign LOCK = RESETB;
    assign SDO = 1'b0;
endmodule
