// Testbench of stop_fpga: plays the host's side of a recorded session and compares every byte that comes back.
// In this folder:
//   iverilog -g2005 -o testbench.vvp testbench.v @CORE@ && vvp testbench.vvp
// With +waves it writes testbench.vcd. It prints one line: PASS, or FAIL with the first difference.
//
// The session: @STORY@.
`timescale 1ns / 1ps

module testbench;
    // Bytes of to_board.hex and of to_host.hex, as they stand on the wire.
    localparam integer SENT = @SENT@;
    localparam integer ANSWERED = @ANSWERED@;
    // Cycles without a byte after which the core counts as silent for good, and after which it has nothing more to say.
    localparam integer PATIENCE = 500000;
    localparam integer QUIET = 2000;

    reg [7:0] to_board [0:SENT - 1];
    reg [7:0] to_host [0:ANSWERED - 1];
    integer sent = 0;
    integer answered = 0;
    // Frames that have been sent, and of those the answered ones.
    integer frames = 0;
    integer answers = 0;
    integer cycles = 0;
    integer silent = 0;
    integer seed = 1;
    reg finished = 1'b0;

    reg clock = 1'b0;
    wire busy;

    always #10 clock = !clock;

    initial begin
        $readmemh("to_board.hex", to_board);
        $readmemh("to_host.hex", to_host);
        if ($test$plusargs("waves")) begin
            $dumpfile("testbench.vcd");
            $dumpvars(0, testbench);
        end
    end

    always @(posedge clock) begin
        cycles = cycles + 1;
        silent = silent + 1;
        if (!finished && answered == ANSWERED && sent == SENT && silent > QUIET) begin
            if (busy !== 1'b0)
                $display("FAIL: busy is %b after the last answer", busy);
            else
                $display("PASS: %0d bytes sent, all %0d bytes of %0d answers as recorded, %0d cycles", SENT, ANSWERED, answers, cycles);
            finish;
        end
        if (!finished && silent > PATIENCE) begin
            $display("FAIL: silent after %0d answers (%0d of %0d bytes; %0d of %0d sent)", answers, answered, ANSWERED, sent, SENT);
            finish;
        end
    end

    task finish;
        begin
            finished = 1'b1;
            $finish;
        end
    endtask

    // Takes a byte from the core.
    task compare;
        input [7:0] seen;
        begin
            silent = 0;
            if (finished) begin
            end else if (answered == ANSWERED) begin
                $display("FAIL: %h comes after the last answer", seen);
                finish;
            end else if (seen !== to_host[answered]) begin
                $display("FAIL: byte %0d, in answer %0d: %h, recorded %h", answered, answers, seen, to_host[answered]);
                finish;
            end else begin
                answered = answered + 1;
                if (seen == 8'd0)
                    answers = answers + 1;
            end
        end
    endtask

    // A rule of the ports is broken.
    task broken;
        input [8 * 60:1] rule;
        if (!finished) begin
            $display("FAIL: %0s", rule);
            finish;
        end
    endtask

@PORTS@endmodule
