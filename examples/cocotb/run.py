"""Checks a core behind AXI4-Stream with cocotbext-axi, in Icarus Verilog.

    python run.py CORE [SEED]     CORE: the folder that `stop-fpga verilog --shell stream` wrote
"""

import os
import sys
from pathlib import Path

from cocotb_tools.runner import get_results, get_runner


def main():
    core = Path(sys.argv[1]).resolve()
    os.environ["CORE"] = str(core)
    os.environ["SEED"] = sys.argv[2] if len(sys.argv) > 2 else "1"
    here = Path(__file__).resolve().parent
    runner = get_runner("icarus")
    build = core / "cocotb"
    runner.build(sources=[core / "stop_fpga.v"], hdl_toplevel="stop_fpga", build_dir=build, timescale=("1ns", "1ps"))
    sys.path.insert(0, str(here))
    results = runner.test(
        test_module="test_stream", hdl_toplevel="stop_fpga", build_dir=build, test_dir=here, results_xml=str(build / "results.xml")
    )
    tests, failed = get_results(results)
    sys.exit(0 if tests and not failed else 1)


if __name__ == "__main__":
    main()
