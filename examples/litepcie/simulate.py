"""The core behind LitePCIe's endpoint and DMA, simulated from the packets of PCI Express inward, with a host in Python.

    python simulate.py CORE OUT     CORE: the folder of `stop-fpga verilog --shell stream --stream-bits 64`; OUT: for what is written

In place of the Xilinx hard block stand two streams of transaction-layer packets, 64 bits wide as the hard block's PHY has them;
host.py is at their other end.
"""

import os
import sys
from pathlib import Path

from cocotb_tools.runner import get_results, get_runner
from litepcie.common import get_bar_mask, msi_layout, phy_layout
from litex.build.generic_platform import Pins, Subsignal
from litex.build.xilinx import XilinxPlatform
from litex.gen import LiteXModule
from litex.soc.integration.builder import Builder
from litex.soc.integration.soc_core import SoCMini
from litex.soc.interconnect import stream
from migen import *

from stop_fpga import StopFpga

# Of a ring in the simulation: a round of the driver's own, 256 buffers of 8,192 bytes, takes 262,144 cycles.
BUFFERS = 16
BUFFER_WORDS = 1024 // 8


def packets(name):
    """Pins of a stream of packets."""
    widths = [("valid", 1), ("ready", 1), ("first", 1), ("last", 1), ("dat", 64), ("be", 8)]
    return (name, 0, *[Subsignal(signal, Pins(" ".join("X" * width))) for signal, width in widths])


IO = [
    ("clk", 0, Pins("X")),
    packets("to_host"),
    packets("from_host"),
    ("busy", 0, Pins("X")),
]


class PacketPHY(LiteXModule):
    """What S7PCIEPHY is to LitePCIe, with pins for its packets."""

    endianness = "big"
    data_width = 64
    max_request_size = 512
    max_payload_size = 128

    def __init__(self, platform, bar0_size):
        self.sink = stream.Endpoint(phy_layout(self.data_width))
        self.source = stream.Endpoint(phy_layout(self.data_width))
        self.msi = stream.Endpoint(msi_layout())
        self.id = Signal(16, reset=0x0100)
        self.bar0_size, self.bar0_mask = bar0_size, get_bar_mask(bar0_size)
        self.cd_pcie = ClockDomain(reset_less=True)
        self.comb += self.cd_pcie.clk.eq(ClockSignal())
        to_host, from_host = platform.request("to_host"), platform.request("from_host")
        for signal in ["valid", "first", "last", "dat", "be"]:
            self.comb += [
                getattr(to_host, signal).eq(getattr(self.sink, signal)),
                getattr(self.source, signal).eq(getattr(from_host, signal)),
            ]
        self.comb += [
            self.sink.ready.eq(to_host.ready),
            from_host.ready.eq(self.source.ready),
            # Interrupts are not looked at, by the driver's host as little.
            self.msi.ready.eq(1),
        ]


class Clocks(LiteXModule):
    def __init__(self, platform):
        self.rst = Signal()
        self.cd_sys = ClockDomain()
        self.comb += self.cd_sys.clk.eq(platform.request("clk")), self.cd_sys.rst.eq(self.rst)


class Simulated(SoCMini):
    def __init__(self, verilog):
        platform = XilinxPlatform("xc7a200t", IO, toolchain="vivado")
        self.crg = Clocks(platform)
        SoCMini.__init__(self, platform, 100e6, ident_version=False)
        self.pcie_phy = PacketPHY(platform, bar0_size=0x20000)
        self.add_pcie(
            phy=self.pcie_phy, ndmas=1, max_pending_requests=2, with_dma_buffering=False, with_dma_loopback=False
        )
        self.stop_fpga = StopFpga(platform, verilog, self.pcie_dma0, BUFFER_WORDS)
        self.comb += platform.request("busy").eq(self.stop_fpga.busy)


def main():
    core, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    here = Path(__file__).resolve().parent
    soc = Simulated(core / "stop_fpga.v")
    builder = Builder(soc, output_dir=str(out), csr_json=str(out / "csr.json"), compile_software=False)
    builder.build(build_name="simulated", run=False)
    # A block that reads nothing never runs in a simulator as `always @(*)`, which synthesis takes for the constant that it is.
    gateware = out / "gateware/simulated.v"
    gateware.write_text(gateware.read_text().replace("always @(*)", "always_comb"))
    # The builder has gone elsewhere.
    os.chdir(here)
    sys.path.insert(0, str(here))
    os.environ.update(CORE=str(core), CSR=str(out / "csr.json"), RING=f"{BUFFERS} {BUFFER_WORDS}")
    runner = get_runner("verilator")
    runner.build(
        sources=[core / "stop_fpga.v", gateware],
        hdl_toplevel="simulated",
        build_args=["-Wno-fatal", "-Wno-lint", "-Wno-style", "--x-initial", "fast"],
        build_dir=out / "cocotb",
        timescale=("1ns", "1ps"),
    )
    results = runner.test(
        test_module="test_litepcie",
        hdl_toplevel="simulated",
        build_dir=out / "cocotb",
        test_dir=here,
        results_xml=str(out / "results.xml"),
    )
    tests, failed = get_results(results)
    sys.exit(0 if tests and not failed else 1)


if __name__ == "__main__":
    main()
