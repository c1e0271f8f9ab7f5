    localparam integer BYTES = @BYTES@;

    reg [8 * BYTES - 1:0] s_axis_tdata = 0;
    reg [BYTES - 1:0] s_axis_tkeep = 0;
    reg s_axis_tlast = 1'b0;
    reg s_axis_tvalid = 1'b0;
    wire s_axis_tready;
    wire [8 * BYTES - 1:0] m_axis_tdata;
    wire [BYTES - 1:0] m_axis_tkeep;
    wire m_axis_tlast;
    wire m_axis_tvalid;
    reg m_axis_tready = 1'b0;
    stop_fpga core (
        .aclk(clock),
        .s_axis_tdata(s_axis_tdata),
        .s_axis_tkeep(s_axis_tkeep),
        .s_axis_tlast(s_axis_tlast),
        .s_axis_tvalid(s_axis_tvalid),
        .s_axis_tready(s_axis_tready),
        .m_axis_tdata(m_axis_tdata),
        .m_axis_tkeep(m_axis_tkeep),
        .m_axis_tlast(m_axis_tlast),
        .m_axis_tvalid(m_axis_tvalid),
        .m_axis_tready(m_axis_tready),
        .busy(busy)
    );

    // The next beat: full, or with some bytes not kept, or ended by a frame and padded with zeros.
    integer lane;
    integer kind;
    reg ended;
    task pack;
        begin
            kind = $random(seed) % 4;
            ended = 1'b0;
            s_axis_tdata <= 0;
            s_axis_tkeep <= 0;
            s_axis_tlast <= 1'b0;
            for (lane = 0; lane < BYTES; lane = lane + 1) begin
                if (sent == SENT || (ended && kind > 0)) begin
                    // Zeros that count or do not: both are nothing to the core.
                    s_axis_tkeep[lane] <= kind == 1;
                    s_axis_tlast <= 1'b1;
                end else if (kind >= 0 || $random(seed) % 2 == 0) begin
                    s_axis_tdata[8 * lane +: 8] <= to_board[sent];
                    s_axis_tkeep[lane] <= 1'b1;
                    ended = to_board[sent] == 8'd0;
                    sent = sent + 1;
                end else
                    s_axis_tdata[8 * lane +: 8] <= 8'h5a;
            end
        end
    endtask

    reg pauses = 1'b0;
    reg waited = 1'b0;
    reg [9 * BYTES:0] waiting = 0;
    integer place;
    reg offer;
    reg over;
    always @(posedge clock) begin
        pauses <= cycles[12];
        if (!s_axis_tvalid || s_axis_tready) begin
            offer = sent < SENT && !(pauses && $random(seed) % 4 == 0);
            s_axis_tvalid <= offer;
            // Between beats the other wires say anything.
            s_axis_tdata <= {BYTES{8'h5a}};
            if (offer)
                pack;
        end
        m_axis_tready <= !(pauses && $random(seed) % 8 != 0);
        if (waited && {m_axis_tvalid, m_axis_tlast, m_axis_tkeep, m_axis_tdata} !== {1'b1, waiting})
            broken("a beat does not stay until it is taken");
        waited <= m_axis_tvalid && !m_axis_tready;
        waiting <= {m_axis_tlast, m_axis_tkeep, m_axis_tdata};
        if (m_axis_tvalid && m_axis_tready) begin
            over = 1'b0;
            for (place = 0; place < BYTES; place = place + 1)
                if (m_axis_tkeep[place] === 1'b1) begin
                    if (over)
                        broken("a byte after a frame's zero, or after one that is not kept");
                    compare(m_axis_tdata[8 * place +: 8]);
                    over = m_axis_tdata[8 * place +: 8] == 8'd0;
                end else begin
                    if (m_axis_tdata[8 * place +: 8] !== 8'd0 || m_axis_tkeep[place] !== 1'b0)
                        broken("a byte that is not kept is not zero");
                    over = 1'b1;
                end
            if (m_axis_tlast !== over)
                broken("tlast and a frame's zero are not in one beat");
        end
    end
