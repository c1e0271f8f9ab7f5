"""The core behind LitePCIe's DMA: its card's end of two rings of buffers, in gateware.

    dma.source ──> FromHost ──> s_axis ┌───────────┐ m_axis ──> ToHost ──> dma.sink
                                       │ stop_fpga │
                                       └───────────┘

LitePCIe's driver has the DMA go round both rings for ever, whether or not anybody has written a buffer since, and its stream says neither
where a buffer ends nor how much of it counts. So a buffer has a head, a word of number and count; driver/src/transport/pcie/rings.rs
says why, and is the host's end.
"""

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import *

BITS = 64
# A buffer of LitePCIe's driver (DMA_BUFFER_SIZE), in words.
BUFFER_WORDS = 8192 // (BITS // 8)


def following(number):
    """The number after this one: 0 is none."""
    return Mux(number == 2**32 - 1, 1, number + 1)


class FromHost(LiteXModule):
    """Buffers into words: of those with the next number the words that count, of all others none.

    The head is a buffer's first word. While the DMA is off it is forgotten what came.
    """

    def __init__(self, buffer_words=BUFFER_WORDS):
        self.enable = Signal()
        self.sink = sink = stream.Endpoint([("data", BITS)])
        self.source = source = stream.Endpoint([("data", BITS)])

        at = Signal(max=buffer_words)
        number = Signal(32, reset=1)
        left = Signal(32)
        self.comb += [
            source.data.eq(sink.data),
            source.valid.eq(sink.valid & (at != 0) & (left != 0)),
            sink.ready.eq(source.ready | (at == 0) | (left == 0)),
        ]
        self.sync += [
            If(
                sink.valid & sink.ready,
                at.eq(at + 1),
                If(
                    at == 0,
                    left.eq(0),
                    If(sink.data[:32] == number, left.eq(sink.data[32:]), number.eq(following(number))),
                ).Elif(left != 0, left.eq(left - 1)),
                If(at == buffer_words - 1, at.eq(0)),
            ),
            If(~self.enable, at.eq(0), number.eq(1), left.eq(0)),
        ]


class ToHost(LiteXModule):
    """Words into buffers: a packet, or as much of one as there is room for, and zeros up to the head, which is a buffer's last word.

    While the DMA is off nothing is taken: it would be lost.
    """

    def __init__(self, buffer_words=BUFFER_WORDS):
        self.enable = Signal()
        self.sink = sink = stream.Endpoint([("data", BITS)])
        self.source = source = stream.Endpoint([("data", BITS)])

        at = Signal(max=buffer_words)
        number = Signal(32, reset=1)
        count = Signal(32)
        ended = Signal()
        head = Signal()
        self.comb += [
            head.eq(at == buffer_words - 1),
            If(
                head,
                source.data.eq(Cat(number, count)),
                source.valid.eq(self.enable),
            ).Elif(
                ended,
                source.valid.eq(self.enable),
            ).Else(
                source.data.eq(sink.data),
                source.valid.eq(self.enable & sink.valid),
                sink.ready.eq(self.enable & source.ready),
            ),
        ]
        self.sync += [
            If(
                source.valid & source.ready,
                at.eq(at + 1),
                If(
                    head,
                    at.eq(0),
                    count.eq(0),
                    ended.eq(0),
                    number.eq(following(number)),
                ).Elif(~ended, count.eq(count + 1), ended.eq(sink.last)),
            ),
            If(~self.enable, at.eq(0), number.eq(1), count.eq(0), ended.eq(0)),
        ]


class StopFpga(LiteXModule):
    """The core of `stop-fpga verilog --shell stream --stream-bits 64`, at a DMA."""

    def __init__(self, platform, verilog, dma, buffer_words=BUFFER_WORDS):
        platform.add_source(str(verilog))
        self.busy = Signal()
        self.from_host = from_host = FromHost(buffer_words)
        self.to_host = to_host = ToHost(buffer_words)
        self.comb += [
            from_host.enable.eq(dma.reader.enable),
            to_host.enable.eq(dma.writer.enable),
            dma.source.connect(from_host.sink),
            to_host.source.connect(dma.sink),
        ]
        # A byte that is not kept is zero, and so is what the buffer is filled up with: tkeep says nothing new.
        self.specials += Instance(
            "stop_fpga",
            i_aclk=ClockSignal(),
            i_s_axis_tdata=from_host.source.data,
            i_s_axis_tkeep=2 ** (BITS // 8) - 1,
            i_s_axis_tlast=0,
            i_s_axis_tvalid=from_host.source.valid,
            o_s_axis_tready=from_host.source.ready,
            o_m_axis_tdata=to_host.sink.data,
            o_m_axis_tkeep=Signal(BITS // 8),
            o_m_axis_tlast=to_host.sink.last,
            o_m_axis_tvalid=to_host.sink.valid,
            i_m_axis_tready=to_host.sink.ready,
            o_busy=self.busy,
        )
