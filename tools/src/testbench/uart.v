    localparam integer CLOCKS_PER_BIT = @CLOCKS_PER_BIT@;

    reg receive = 1'b1;
    wire transmit;
    stop_fpga core (.clock(clock), .receive(receive), .transmit(transmit), .busy(busy));

    task send;
        input [7:0] value;
        integer at;
        begin
            receive = 1'b0;
            repeat (CLOCKS_PER_BIT) @(negedge clock);
            for (at = 0; at < 8; at = at + 1) begin
                receive = value[at];
                repeat (CLOCKS_PER_BIT) @(negedge clock);
            end
            receive = 1'b1;
            repeat (CLOCKS_PER_BIT) @(negedge clock);
        end
    endtask

    // A frame, and the next once it is answered: a serial line has no way to say that there is no room.
    initial begin
        repeat (20) @(negedge clock);
        while (sent < SENT) begin
            send(to_board[sent]);
            if (to_board[sent] == 8'd0 && sent != 0) begin
                frames = frames + 1;
                while (answers != frames) @(negedge clock);
            end
            sent = sent + 1;
        end
    end

    reg [7:0] shifted;
    initial begin
        @(posedge clock);
        forever begin
            @(negedge transmit);
            repeat (CLOCKS_PER_BIT / 2) @(negedge clock);
            repeat (8) begin
                repeat (CLOCKS_PER_BIT) @(negedge clock);
                shifted = {transmit, shifted[7:1]};
            end
            repeat (CLOCKS_PER_BIT) @(negedge clock);
            if (transmit !== 1'b1)
                broken("a byte without a stop bit");
            compare(shifted);
        end
    end
