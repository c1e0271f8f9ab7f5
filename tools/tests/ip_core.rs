//! The testbench beside an emitted core passes in Icarus Verilog, in every shell, and does not once something is wrong.

mod common;

use std::path::Path;

use common::{listed, refused, run};
use sim::toolchain::{icarus, need};

/// The line with the testbench's verdict.
fn verdict(folder: &Path, core: &str) -> String {
    let said = icarus::run(folder, &["testbench.v", core]).unwrap_or_else(|error| panic!("{error}"));
    let verdicts: Vec<&str> =
        said.lines().filter(|line| line.contains("PASS") || line.contains("FAIL")).collect();
    assert_eq!(verdicts.len(), 1, "{said}");
    verdicts[0].to_owned()
}

/// Writes a core and says what its testbench finds.
fn passes(folder: &Path, options: &str) {
    let manifest = run(folder, &format!("verilog {options} --out core --json")).json();
    let said = verdict(&folder.join("core"), manifest["testbench"]["core"].as_str().unwrap());
    let bytes = &manifest["testbench"]["bytes_to_host"];
    assert!(said.starts_with("PASS: ") && said.contains(&format!("all {bytes} bytes")), "{options}: {said}");
    println!("{options}: {said}");
}

#[test]
fn a_core_behind_serial_pins_plays_its_recording() {
    if !need(icarus::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    passes(folder.path(), "--config small-w8 --shell uart");
    let mut written = listed(&folder.path().join("core"));
    written.sort();
    let wanted = [
        "manifest.json",
        "stop_fpga.v",
        "stop_fpga.vlt",
        "stop_fpga_once.v",
        "testbench.v",
        "to_board.hex",
        "to_host.hex",
    ];
    assert_eq!(written, wanted);
}

#[test]
fn a_core_behind_a_stream_plays_its_recording() {
    if !need(icarus::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    passes(folder.path(), "--config small-w8 --shell stream --stream-bits 32");
}

/// Sixteen bits, and a device's own sizes.
#[test]
#[ignore = "minutes; run it by its name"]
fn every_configuration_plays_its_recording() {
    if !need(icarus::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let shells =
        ["uart", "none", "stream --stream-bits 32", "stream --stream-bits 64", "stream --stream-bits 128"];
    for config in rtl::top::known() {
        let small = ["small-w8", "icebreaker"].contains(&config);
        for shell in if small { &shells[..] } else { &shells[3..4] } {
            passes(folder.path(), &format!("--config {config} --shell {shell}"));
        }
    }
}

/// `from` as `to`, once, in a file of the core's folder; gives the verdict and puts the file back.
#[track_caller]
fn with_fault(core: &Path, file: &str, from: &str, to: &str) -> String {
    let path = core.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {file}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let said = verdict(core, "stop_fpga.v");
    std::fs::write(&path, text).unwrap();
    assert!(said.starts_with("FAIL: "), "{file}, `{to}` for `{from}`: {said}");
    said
}

#[test]
fn a_fault_is_found_where_it_is() {
    if !need(icarus::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "verilog --config small-w8 --shell stream --stream-bits 32 --out core");
    let core = folder.path().join("core");

    // A bit of a weight that is read back: in the longest answer, behind its status.
    let answers = std::fs::read_to_string(core.join("to_host.hex")).unwrap();
    let longest = answers.lines().max_by_key(|line| line.len()).unwrap();
    let at = longest.len() / 6 * 3;
    let byte = u8::from_str_radix(&longest[at..at + 2], 16).unwrap();
    let flipped = format!("{}{:02x}{}", &longest[..at], byte ^ 0x80, &longest[at + 2..]);
    let said = with_fault(&core, "to_host.hex", longest, &flipped);
    let before: usize =
        answers.lines().take_while(|line| *line != longest).map(|line| line.split_whitespace().count()).sum();
    assert!(said.contains(&format!("byte {}, ", before + at / 3)), "{said}");
    assert!(said.ends_with(&format!("{byte:02x}, recorded {:02x}", byte ^ 0x80)), "{said}");

    // A packet that does not end with its frame.
    let said = with_fault(&core, "stop_fpga.v", "assign tlast = last_q;", "assign tlast = 1'b0;");
    assert!(said.contains("tlast and a frame's zero"), "{said}");
    // A bit of the noise that rounds an update: only what is learned differs.
    let said = with_fault(
        &core,
        "stop_fpga.v",
        "always @* noise = folded ^",
        "always @* noise = 16'h8000 ^ folded ^",
    );
    assert!(said.contains("recorded"), "{said}");
}

#[test]
fn what_there_is_no_shell_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), "verilog --shell stream --stream-bits 48 --out core", &["48", "32, 64, 128"]);
    refused(folder.path(), "verilog --config virtual-w8 --shell none --out core", &["model only"]);
    assert!(listed(folder.path()).is_empty());
}
