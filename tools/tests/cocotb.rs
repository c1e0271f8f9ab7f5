//! The core behind AXI4-Stream between the ends of cocotbext-axi. `examples/cocotb` has the test and what it needs; `STOP_FPGA_PYTHON`
//! names a Python that has it.

mod common;

use std::path::Path;
use std::process::Command;

use common::run;
use sim::toolchain::{icarus, need};

/// The Python, or a line that says why the test did not run.
fn python() -> Option<String> {
    let named = std::env::var("STOP_FPGA_PYTHON").ok();
    if named.is_none() {
        eprintln!(
            "not run: STOP_FPGA_PYTHON names no Python with the packages of examples/cocotb/requirements.txt"
        );
    }
    named.filter(|_| need(icarus::TOOLS))
}

/// What the run said, and whether it passed.
fn checked(python: &str, core: &Path, seed: u32) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/cocotb/run.py");
    let output =
        Command::new(python).arg(script).arg(core).arg(seed.to_string()).output().expect("it starts");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[test]
#[ignore = "minutes, and Python packages of its own; run it by its name"]
fn cocotbext_axi_finds_nothing_but_planted_faults() {
    let Some(python) = python() else { return };
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
