"""A host of PCI Express as a card's packets meet it: memory, registers of the card, and no more.

Packets (TLPs) come and go 64 bits a cycle, 32-bit words lowest first; of data, a word's first byte is its highest. Reads are
answered late and in pieces, as a root complex does.
"""

import random

import cocotb
from cocotb.triggers import ReadOnly, RisingEdge

MEMORY_READ, MEMORY_WRITE, COMPLETION = 0b00_00000, 0b10_00000, 0b10_01010
# Most bytes of a completion, and where one may end.
PIECE = 128
HOST, CARD = 0x0000, 0x0100


class Host:
    def __init__(self, dut, memory_bytes, seed):
        self.dut, self.memory, self.chance = dut, bytearray(memory_bytes), random.Random(seed)
        self.to_card, self.reads, self.writes = [], 0, 0
        dut.from_host_valid.value = 0
        dut.to_host_ready.value = 0
        cocotb.start_soon(self.hear())
        cocotb.start_soon(self.speak())

    def write_register(self, address, value):
        """A register of the card, behind its first address range."""
        data = value.to_bytes(4, "little")
        self.to_card.append(words(MEMORY_WRITE, 1) + [HOST << 16 | 0xF, address] + swapped(data))

    async def hear(self):
        """Takes packets from the card, with pauses."""
        packet = []
        while True:
            await RisingEdge(self.dut.clk)
            self.dut.to_host_ready.value = self.chance.random() < 0.8
            await ReadOnly()
            if not (self.dut.to_host_valid.value and self.dut.to_host_ready.value):
                continue
            data, enabled = int(self.dut.to_host_dat.value), int(self.dut.to_host_be.value)
            packet.append(data & 0xFFFFFFFF)
            if enabled >> 4:
                packet.append(data >> 32)
            if self.dut.to_host_last.value:
                self.take(packet)
                packet = []

    def take(self, packet):
        kind, count = packet[0] >> 24 & 0x7F, (packet[0] & 0x3FF) or 1024
        address = packet[2]
        if kind == MEMORY_WRITE:
            data = b"".join(word.to_bytes(4, "big") for word in packet[3:])
            assert len(data) == 4 * count, f"{len(data)} bytes are written, announced {4 * count}"
            assert address % 4096 + len(data) <= 4096, "a write crosses a page"
            assert address + len(data) <= len(self.memory), f"write to {address:#x}"
            self.memory[address : address + len(data)] = data
            self.writes += len(data)
        elif kind == MEMORY_READ:
            tag, left = packet[1] >> 8 & 0xFF, 4 * count
            assert address % 4096 + left <= 4096, "a read crosses a page"
            assert address + left <= len(self.memory), f"read of {address:#x}"
            self.reads += left
            while left:
                piece = min(left, PIECE - address % PIECE, self.chance.choice([64, PIECE]))
                head = words(COMPLETION, piece // 4)
                head += [HOST << 16 | left, CARD << 16 | tag << 8 | address & 0x7F]
                # Read when it is answered: what the program writes meanwhile may be seen.
                self.to_card.append((head, address, piece))
                address, left = address + piece, left - piece
        else:
            raise AssertionError(f"a packet of kind {kind:#x}")

    async def speak(self):
        """Sends packets to the card, with pauses between them and within."""
        while True:
            await RisingEdge(self.dut.clk)
            if not self.to_card:
                continue
            packet = self.to_card.pop(0)
            if isinstance(packet, tuple):
                head, address, length = packet
                packet = head + swapped(self.memory[address : address + length])
            for at in range(0, len(packet), 2):
                while self.chance.random() < 0.1:
                    await RisingEdge(self.dut.clk)
                pair = packet[at : at + 2]
                self.dut.from_host_valid.value = 1
                self.dut.from_host_first.value = at == 0
                self.dut.from_host_last.value = at + 2 >= len(packet)
                self.dut.from_host_dat.value = pair[0] | (pair[1] << 32 if len(pair) == 2 else 0)
                self.dut.from_host_be.value = 0xFF if len(pair) == 2 else 0x0F
                while True:
                    await ReadOnly()
                    taken = bool(self.dut.from_host_ready.value)
                    await RisingEdge(self.dut.clk)
                    if taken:
                        break
                self.dut.from_host_valid.value = 0


def words(kind, count):
    """The first word of a packet."""
    return [kind << 24 | count & 0x3FF]


def swapped(data):
    """Bytes as words of a packet."""
    return [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)]
