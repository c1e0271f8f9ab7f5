"""A recorded session over rings in a host's memory, as the driver has them: see driver/src/transport/pcie/rings.rs."""

import json
import os
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

from host import Host

FOLDER = Path(os.environ["CORE"])
DESCRIBED = json.loads(Path(os.environ["CSR"]).read_text())
CSR = DESCRIBED["csr_registers"]
# Where the card's address range begins on its bus.
BASE = DESCRIBED["csr_bases"]["ctrl"] & ~0xFFFF
BUFFERS, WORDS = map(int, os.environ["RING"].split())
BUFFER = 8 * WORDS
RING = BUFFERS * BUFFER
# Of a descriptor, as LitePCIe's driver sets them.
IRQ_DISABLE, LAST_DISABLE = 1 << 24, 1 << 25
# Cycles without an answer after which there is none.
PATIENCE = 100_000


def recorded(name):
    """The bytes of a recorded session, a frame a line."""
    return [bytes.fromhex(line) for line in (FOLDER / name).read_text().splitlines()]


class Rings:
    """The host's end of both rings: to the card from address 0 on, from the card behind it."""

    def __init__(self, host):
        self.host = host

    def register(self, name, value, offset=0):
        self.host.write_register(CSR[f"pcie_dma0_{name}"]["addr"] - BASE + offset, value)

    def begin(self):
        """What the driver does when both engines are switched on."""
        self.sent, self.seen = 1, 1
        self.host.memory[:] = bytes(len(self.host.memory))
        for engine, start in (("reader", 0), ("writer", RING)):
            self.register(f"{engine}_enable", 0)
            self.register(f"{engine}_table_reset", 1)
            self.register(f"{engine}_table_loop_prog_n", 0)
            for at in range(BUFFERS):
                quiet = IRQ_DISABLE if at % 8 else 0
                self.register(f"{engine}_table_value", LAST_DISABLE | quiet | BUFFER)
                self.register(f"{engine}_table_value", start + at * BUFFER, 4)
                self.register(f"{engine}_table_we", 0)
            self.register(f"{engine}_table_loop_prog_n", 1)
        self.register("writer_enable", 1)
        self.register("reader_enable", 1)

    def end(self):
        """What it does when they are switched off."""
        for engine in ("writer", "reader"):
            self.register(f"{engine}_table_loop_prog_n", 0)
            self.register(f"{engine}_table_reset", 1)

    def off(self):
        """… a millisecond later."""
        for engine in ("writer", "reader"):
            self.register(f"{engine}_enable", 0)
            self.register(f"{engine}_table_reset", 1)

    def write(self, data):
        data += bytes(-len(data) % 16)
        for at in range(0, len(data), BUFFER - 8):
            piece = data[at : at + BUFFER - 8]
            start = (self.sent - 1) % BUFFERS * BUFFER
            self.host.memory[start + 8 : start + 8 + len(piece)] = piece
            head = self.sent | len(piece) // 8 << 32
            self.host.memory[start : start + 8] = head.to_bytes(8, "little")
            self.sent += 1

    def read(self):
        """The next buffer's bytes, or none."""
        start = RING + (self.seen - 1) % BUFFERS * BUFFER
        head = int.from_bytes(self.host.memory[start + BUFFER - 8 : start + BUFFER], "little")
        if head & 0xFFFFFFFF != self.seen:
            return b""
        self.seen += 1
        return bytes(self.host.memory[start : start + 8 * (head >> 32)])


async def play(dut, rings, frames, answers):
    """Sends frames as far ahead as a host may, two at a time, and compares every answer."""
    sent = heard = 0
    waited = 0
    arrived = b""
    while heard < len(answers):
        while sent < len(frames) and sent < heard + 2:
            rings.write(frames[sent])
            sent += 1
        arrived += rings.read()
        while b"\0" in arrived:
            answer, arrived = arrived.split(b"\0", 1)
            if answer:
                assert answer + b"\0" == answers[heard], f"answer {heard}: {answer.hex()}, recorded {answers[heard].hex()}"
                heard, waited = heard + 1, 0
        await ClockCycles(dut.clk, 50)
        waited += 50
        assert waited < PATIENCE, (
            f"silent after {heard} answers; the card has read {rings.host.reads} bytes and written {rings.host.writes}"
        )


@cocotb.test()
async def plays_its_recording(dut):
    frames, answers = recorded("to_board.hex"), recorded("to_host.hex")
    # The first of them is the zero that ends whatever went before.
    frames = [frames[0] + frames[1]] + frames[2:] if frames[0] == b"\0" else frames
    assert len(frames) == len(answers)
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    host = Host(dut, 2 * RING, seed=1)
    rings = Rings(host)
    await ClockCycles(dut.clk, 20)
    rings.begin()
    await play(dut, rings, frames, answers)
    dut._log.info(
        "%d answers as recorded; %d bytes read, %d written by the card, buffers %d and %d",
        len(answers), host.reads, host.writes, rings.sent - 1, rings.seen - 1,
    )
    # Switched off and on again, both ends begin anew: a session's first frame, once more.
    rings.end()
    await ClockCycles(dut.clk, 20_000)
    rings.off()
    await ClockCycles(dut.clk, 2000)
    rings.begin()
    await play(dut, rings, frames[:1], answers[:1])
    dut._log.info("switched off and on again: the first answer, in %d buffers", rings.seen - 1)
