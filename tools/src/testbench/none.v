    reg in_valid = 1'b0;
    reg [7:0] in_data = 8'd0;
    wire in_ready;
    wire out_valid;
    wire [7:0] out_data;
    reg out_ready = 1'b0;
    stop_fpga core (
        .clock(clock),
        .in_valid(in_valid),
        .in_data(in_data),
        .in_ready(in_ready),
        .out_valid(out_valid),
        .out_data(out_data),
        .out_ready(out_ready),
        .busy(busy)
    );

    // Everything is offered as fast as the core takes it, with pauses by chance on both sides, or none for a while.
    reg pauses = 1'b0;
    reg waited = 1'b0;
    reg [7:0] waiting = 8'd0;
    always @(posedge clock) begin
        pauses <= cycles[12];
        if (in_valid && in_ready)
            sent = sent + 1;
        if (!in_valid || in_ready) begin
            in_valid <= sent < SENT && !(pauses && $random(seed) % 4 == 0);
            in_data <= to_board[sent < SENT ? sent : 0];
        end
        out_ready <= !(pauses && $random(seed) % 8 != 0);
        if (waited && (out_valid !== 1'b1 || out_data !== waiting))
            broken("a byte does not stay until it is taken");
        waited <= out_valid && !out_ready;
        waiting <= out_data;
        if (out_valid && out_ready)
            compare(out_data);
    end
