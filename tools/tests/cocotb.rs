//! The core behind AXI4-Stream between the ends of cocotbext-axi, and behind LitePCIe's DMA. `examples/cocotb` and `examples/litepcie` have the
//! tests and what they need; `STOP_FPGA_PYTHON` names a Python that has it.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::run;
use sim::toolchain::{Tool, icarus, need, verilator};

/// The Python, or a line that says why the test did not run.
fn python(example: &str, tools: &[Tool]) -> Option<String> {
    let named = std::env::var("STOP_FPGA_PYTHON").ok();
    if named.is_none() {
        eprintln!(
            "not run: STOP_FPGA_PYTHON names no Python with the packages of {example}/requirements.txt"
        );
    }
    named.filter(|_| need(tools))
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// What the run said, and whether it passed.
fn checked(python: &str, core: &Path, seed: u32) -> (bool, String) {
    let script = examples().join("cocotb/run.py");
    said_by(Command::new(python).arg(script).arg(core).arg(seed.to_string()))
}

fn said_by(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it starts");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[test]
#[ignore = "minutes, and Python packages of its own; run it by its name"]
fn cocotbext_axi_finds_nothing_but_planted_faults() {
    let Some(python) = python("examples/cocotb", icarus::TOOLS) else { return };
    let folder = tempfile::tempdir().unwrap();
    for bits in [32, 64, 128] {
        let name = format!("core{bits}");
        run(
            folder.path(),
            &format!("verilog --config small-w8 --shell stream --stream-bits {bits} --out {name}"),
        );
        let core = folder.path().join(name);
        for seed in [1, 2] {
            let (passed, said) = checked(&python, &core, seed);
            assert!(passed, "{bits} bits, seed {seed}:\n{said}");
            let line = said.lines().find(|line| line.contains("cycles of waiting"));
            println!("seed {seed}: {}", line.unwrap_or_default().trim_end());
        }
    }
    let core = folder.path().join("core32");
    let path = core.join("stop_fpga.v");
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to, said) in [
        // A beat that goes without having been taken; that has a hole; whose packet does not end.
        (
            "assign tvalid = waits_q;",
            "reg up = 0; always @(posedge clock) up <= !up; assign tvalid = waits_q && up;",
            "did not stay",
        ),
        ("assign tkeep = kept_q;", "assign tkeep = {kept_q[3:2], 1'b0, kept_q[0]};", "has a hole"),
        ("assign tlast = last_q;", "assign tlast = 1'b0;", "is not full"),
        ("assign tdata = beat_q;", "assign tdata = tready ? beat_q : ~beat_q;", "did not stay"),
        // A byte that is lost on its way in, where a beat ends.
        ("assign tready = !(|kept_q);", "assign tready = !(|kept_q[3:1]);", ""),
    ] {
        assert_eq!(text.matches(from).count(), 1, "`{from}` in the text");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let (passed, heard) = checked(&python, &core, 1);
        assert!(!passed && heard.contains(said), "`{to}`:\n{heard}");
        println!("`{to}` is found");
    }
}

/// Whether the session over rings in a host's memory ends as recorded.
fn over_rings(python: &str, example: &Path, core: &Path, out: &Path) -> (bool, String) {
    let verilator = Tool::Verilator.find().expect("needed");
    let bin = verilator.program.canonicalize().expect("it is there").parent().expect("a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([bin.clone()].into_iter().chain(std::env::split_paths(&path)));
    let mut command = Command::new(python);
    command.arg(example.join("simulate.py")).arg(core).arg(out).env("PATH", path.expect("a path"));
    // The pinned wheel has been told of no compiler: how that takes a precompiled header.
    command.env("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include");
    if let Some(root) = bin.parent().filter(|root| root.join("include/verilated.mk").exists()) {
        command.env("VERILATOR_ROOT", root);
    }
    said_by(&mut command)
}

#[test]
#[ignore = "minutes, and Python packages of its own; run it by its name"]
fn litepcies_dma_carries_a_session() {
    let Some(python) = python("examples/litepcie", verilator::TOOLS) else { return };
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "verilog --config small-w8 --shell stream --stream-bits 64 --out core");
    let (core, example) = (folder.path().join("core"), examples().join("litepcie"));
    let (passed, said) = over_rings(&python, &example, &core, &folder.path().join("out"));
    assert!(passed, "{said}");
    said.lines().filter(|line| line.contains("as recorded;")).for_each(|line| println!("{}", line.trim()));

    // A card that takes every buffer that has ever been written takes old ones again; one that says nothing of its own ones is not heard.
    let copied = folder.path().join("example");
    std::fs::create_dir(&copied).unwrap();
    for file in ["simulate.py", "stop_fpga.py", "host.py", "test_litepcie.py"] {
        std::fs::copy(example.join(file), copied.join(file)).unwrap();
    }
    let text = std::fs::read_to_string(example.join("stop_fpga.py")).unwrap();
    for (at, (from, to)) in [
        ("If(sink.data[:32] == number, ", "If(sink.data[:32] != 0, "),
        ("source.data.eq(Cat(number, count))", "source.data.eq(Cat(count, number))"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(text.matches(from).count(), 1, "`{from}` in the text");
        std::fs::write(copied.join("stop_fpga.py"), text.replace(from, to)).unwrap();
        let (passed, said) = over_rings(&python, &copied, &core, &folder.path().join(format!("out{at}")));
        assert!(!passed && said.contains("AssertionError"), "`{to}`:\n{said}");
        println!("`{to}` is found");
    }

    // The board's own design: all of it in Verilog, with the driver that goes with it.
    let acorn = folder.path().join("acorn");
    let (elaborated, said) =
        said_by(Command::new(&python).arg(example.join("soc.py")).arg(&core).arg(&acorn));
    assert!(elaborated, "{said}");
    let verilog = std::fs::read_to_string(acorn.join("gateware/acorn.v")).unwrap();
    assert!(verilog.contains("stop_fpga stop_fpga(") && verilog.contains("pcie_s7 pcie_s7("));
    let driver = std::fs::read_to_string(acorn.join("driver/kernel/config.h")).unwrap();
    for fact in ["DMA_BUFFER_COUNT       256", "DMA_BUFFER_SIZE        8192"] {
        assert!(driver.contains(fact), "{fact}: the driver's rings are others than ours");
    }
}
