"""An Artix-7 card, the Acorn CLE-215+: LitePCIe and the core, and nothing else.

    python soc.py CORE OUT     CORE: the folder of `stop-fpga verilog --shell stream --stream-bits 64`; OUT: for what is written

Writes OUT/gateware/acorn.v with its constraints and Vivado's script, OUT/csr.json, and OUT/driver, LitePCIe's Linux driver for it. Vivado is
not run. No card has been tried.
"""

import sys
from pathlib import Path

from litepcie.phy.s7pciephy import S7PCIEPHY
from litepcie.software import generate_litepcie_software
from litex.gen import LiteXModule
from litex.soc.cores.clock import S7PLL
from litex.soc.integration.builder import Builder
from litex.soc.integration.soc_core import SoCMini
from litex_boards.platforms import sqrl_acorn
from migen import *

from stop_fpga import StopFpga

# What the core meets on this part has not been found out.
CLOCK = 60e6


class Clocks(LiteXModule):
    """The system clock, which stands still until its PLL has locked: the core has no reset."""

    def __init__(self, platform):
        self.rst = Signal()
        self.cd_sys = ClockDomain()
        self.cd_free = ClockDomain(reset_less=True)
        self.pll = pll = S7PLL()
        pll.register_clkin(platform.request("clk200"), 200e6)
        pll.create_clkout(self.cd_free, CLOCK, with_reset=False)
        self.specials += Instance("BUFGCE", i_I=self.cd_free.clk, i_CE=pll.locked, o_O=self.cd_sys.clk)
        self.comb += self.cd_sys.rst.eq(self.rst)


class Acorn(SoCMini):
    def __init__(self, verilog):
        platform = sqrl_acorn.Platform(variant="cle-215+")
        self.crg = Clocks(platform)
        SoCMini.__init__(self, platform, CLOCK, ident="stop-fpga behind LitePCIe", ident_version=False)
        self.comb += platform.request("pcie_clkreq_n").eq(0)
        # The hard block has 128 bits at four lanes; the PHY makes packets of 64 of them, which are the stream's.
        self.pcie_phy = S7PCIEPHY(
            platform, platform.request("pcie_x4"), data_width=64, pcie_data_width=128, bar0_size=0x20000
        )
        # What is buffered outside the DMA would survive its being switched off.
        self.add_pcie(phy=self.pcie_phy, ndmas=1, with_dma_buffering=False, with_dma_loopback=False)
        self.stop_fpga = StopFpga(platform, verilog, self.pcie_dma0)
        self.comb += platform.request("user_led", 0).eq(self.stop_fpga.busy)


def main():
    core, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    soc = Acorn(core / "stop_fpga.v")
    builder = Builder(soc, output_dir=str(out), csr_json=str(out / "csr.json"), compile_software=False)
    builder.build(build_name="acorn", run=False)
    generate_litepcie_software(soc, str(out / "driver"))


if __name__ == "__main__":
    main()
