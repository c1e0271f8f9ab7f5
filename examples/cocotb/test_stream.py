"""The stream shell's core between cocotbext-axi's source and sink: other people's AXI4-Stream, pauses by chance on both sides.

    AxiStreamSource ──> s_axis ┌─────────────┐ m_axis ──> AxiStreamSink
       to_board.hex            │  stop_fpga  │   │            to_host.hex?
                               └─────────────┘   └──> AxiStreamMonitor, and the rules below, every cycle

Run by run.py, in the folder of a core that `stop-fpga verilog --shell stream` wrote.
"""

import logging
import os
import random
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamMonitor, AxiStreamSink, AxiStreamSource

FOLDER = Path(os.environ["CORE"])


def recorded(name):
    """The bytes of a recorded session, a frame a line."""
    return [bytes.fromhex(line) for line in (FOLDER / name).read_text().splitlines()]


def pauses(seed):
    """Whether a side pauses, cycle by cycle: often, seldom, never, in turns."""
    chance = random.Random(seed)
    while True:
        share = chance.choice([0, 0.1, 0.5, 0.9])
        for _ in range(chance.randrange(1, 400)):
            yield chance.random() < share


def packets(frames, width, seed):
    """The frames as packets of any length: cut within frames, several in one, padded behind a frame's zero."""
    chance = random.Random(seed)
    wire = b"".join(frames)
    while wire:
        length = chance.choice([1, width - 1, width, width + 1, chance.randrange(1, 200)])
        packet, wire = wire[:length], wire[length:]
        if packet[-1] == 0 and chance.random() < 0.5:
            packet += bytes(-len(packet) % width)
        yield packet


class Rules:
    """What a stream's sender must do, said here once more: cocotbext-axi takes what comes as it comes."""

    def __init__(self, dut, prefix):
        self.dut, self.prefix, self.beats, self.stalls = dut, prefix, 0, 0
        cocotb.start_soon(self.watch())

    def at(self, name):
        return getattr(self.dut, f"{self.prefix}_{name}").value

    async def watch(self):
        waiting, width = None, len(getattr(self.dut, f"{self.prefix}_tkeep"))
        while True:
            await RisingEdge(self.dut.aclk)
            await ReadOnly()
            valid, ready = self.at("tvalid"), self.at("tready")
            assert valid.is_resolvable and ready.is_resolvable, f"{self.prefix}: X on a handshake"
            offered = (self.at("tdata"), self.at("tkeep"), self.at("tlast")) if valid else None
            if waiting is not None:
                assert offered == waiting, f"{self.prefix}: {waiting} did not stay until it was taken"
            if offered:
                data, keep, last = offered
                assert all(value.is_resolvable for value in offered), f"{self.prefix}: X in a beat"
                keep, data = int(keep), int(data)
                assert keep and keep & (keep + 1) == 0, f"{self.prefix}: tkeep {keep:b} has a hole"
                assert keep.bit_length() == width or last, f"{self.prefix}: a beat within a packet is not full"
                top = data >> 8 * (keep.bit_length() - 1)
                assert bool(last) == (top == 0), f"{self.prefix}: tlast and a frame's zero are not in one beat"
            waiting = offered if valid and not ready else None
            self.stalls += waiting is not None
            self.beats += bool(valid and ready)


@cocotb.test()
async def plays_its_recording(dut):
    frames, answers = recorded("to_board.hex"), recorded("to_host.hex")
    cocotb.start_soon(Clock(dut.aclk, 10, unit="ns").start())
    into = AxiStreamBus.from_prefix(dut, "s_axis")
    out = AxiStreamBus.from_prefix(dut, "m_axis")
    source = AxiStreamSource(into, dut.aclk)
    sink = AxiStreamSink(out, dut.aclk)
    monitor = AxiStreamMonitor(out, dut.aclk)
    for end in (source, sink, monitor):
        end.log.setLevel(logging.WARNING)
    rules = Rules(dut, "m_axis")
    seed = int(os.environ.get("SEED", "1"))
    source.set_pause_generator(pauses(seed))
    sink.set_pause_generator(pauses(seed + 1))
    width = len(dut.s_axis_tkeep)
    sent = 0
    for packet in packets(frames, width, seed + 2):
        await source.send(AxiStreamFrame(packet))
        sent += 1
    for at, answer in enumerate(answers):
        packet = await with_timeout(sink.recv(), 10, "ms")
        assert bytes(packet.tdata) == answer, f"answer {at}: {bytes(packet.tdata).hex()}, recorded {answer.hex()}"
    for _ in range(2000):
        await RisingEdge(dut.aclk)
    assert sink.empty() and source.empty(), "something is left"
    assert not dut.busy.value, "busy after the last answer"
    seen = b"".join(bytes(monitor.recv_nowait().tdata) for _ in answers)
    assert seen == b"".join(answers), "the monitor saw something else"
    dut._log.info(
        "%d bits: %d bytes in %d packets, all %d answers, %d beats, %d cycles of waiting",
        8 * width, sum(map(len, frames)), sent, len(answers), rules.beats, rules.stalls,
    )
