//! Bitstreams: what is built meets the board's clock, and what fails leaves nothing.

mod common;

use common::{listed, refused, run};
use serde_json::Value;
use sim::toolchain::{Tool, need};

#[test]
fn a_configuration_without_pins_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let said = ["--board small-w8", "bitstreams are made for icebreaker", "stop-fpga verilog"];
    refused(folder.path(), "build --board small-w8 --out made", &said);
    refused(folder.path(), "build --board nothing --out made", &["no configuration `nothing`", "icebreaker"]);
    assert_eq!(listed(folder.path()), [""; 0]);
}

/// What the repository keeps of a board's bitstream.
fn manifest(board: &str) -> Value {
    let root = sim::toolchain::repository().unwrap();
    let text = std::fs::read(root.join(format!("bitstreams/{board}/manifest.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// By how much logic cells may grow, in parts of what is kept: with more, a bitstream is to be kept anew, and somebody to say why.
const GROWTH: f64 = 0.03;

#[test]
fn the_icebreakers_bitstream_meets_its_clock_and_is_the_one_that_is_kept() {
    if !need(&[Tool::Yosys, Tool::NextpnrIce40, Tool::Icepack]) {
        return;
    }
    let kept = manifest("icebreaker");
    let folder = tempfile::tempdir().unwrap();
    let line = format!("build --board icebreaker --seed {} --out made --json", kept["seed"]);
    let report = run(folder.path(), &line).json();
    let used = |kind: &str| report["cells"][kind][0].as_u64().unwrap();
    println!("{} MHz with seed {}, {} logic cells", report["mhz"], report["seed"], used("ICESTORM_LC"));
    let most = kept["utilisation"]["logic_cells"][0].as_f64().unwrap() * (1.0 + GROWTH);
    assert!(used("ICESTORM_LC") as f64 <= most, "more than {most} logic cells: {report}");
    let memories = ["ICESTORM_RAM", "ICESTORM_SPRAM", "ICESTORM_DSP", "ICESTORM_PLL"].map(used);
    assert_eq!(memories, [30, 4, 8, 1], "{report}");
    assert!(report["mhz"].as_f64().unwrap() >= 24.0, "{report}");
    let mut made = listed(&folder.path().join("made"));
    made.sort();
    let files = ["icebreaker.bin", "index.html", "placement.svg", "report.json", "stop_fpga_board.v"];
    assert_eq!(made, files);
    let bitstream = std::fs::read(folder.path().join("made/icebreaker.bin")).unwrap();
    assert_eq!(Some(bitstream.len() as u64), report["bytes"].as_u64());
    // Where the configuration begins, behind its comment.
    assert!(bitstream[..64].windows(4).any(|bytes| bytes == [0x7e, 0xaa, 0x99, 0x7e]), "no iCE40 bitstream");
    // The slowest path is told in signals of the source, and adds up to the clock.
    let path = &report["critical_path"];
    let mhz = 1000.0 / path["ns"].as_f64().unwrap();
    assert!((mhz / report["mhz"].as_f64().unwrap() - 1.0).abs() < 0.001, "{path}");
    let steps = path["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["signal"].as_str().unwrap().starts_with("core.")), "{path}");
    assert!(steps.iter().any(|step| step["source"]["line"].as_u64().is_some()), "{path}");
    // The same source and the same tools give the same bytes.
    let same = |what: &str| kept[what] == report[what];
    if same("tools") && same("source_sha256") {
        assert!(same("sha256") && same("bytes") && same("mhz") && same("utilisation"), "{kept}\n{report}");
    } else {
        println!("other tools or another source than those of the kept bitstream: not compared");
    }
}

/// What is the same for the other family: its PLL, its packer, the part that the bitstream is for.
#[test]
#[ignore = "minutes; run it by its name"]
fn the_ulx3s_12fs_bitstream_meets_its_clock() {
    if !need(&[Tool::Yosys, Tool::NextpnrEcp5, Tool::Ecppack]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), "build --board ulx3s-12f --out made --json").json();
    let used = |kind: &str| report["cells"][kind][0].as_u64().unwrap();
    println!("{} MHz with seed {}, {} LUTs", report["mhz"], report["seed"], used("TRELLIS_COMB"));
    // nextpnr takes the part for a 25F: the data sheet's numbers are the board file's.
    let device = arch::Board::named("ulx3s-12f").unwrap().device.unwrap();
    assert!(used("TRELLIS_COMB") <= u64::from(device.logic_cells), "{report}");
    assert!(used("DP16KD") <= u64::from(device.block_rams), "{report}");
    assert_eq!(["MULT18X18D", "EHXPLLL"].map(used), [8, 1], "{report}");
    assert!(report["mhz"].as_f64().unwrap() >= 45.0, "{report}");
    let bitstream = std::fs::read(folder.path().join("made/ulx3s-12f.bit")).unwrap();
    // The command VERIFY_ID with the part's JTAG number: another part refuses the bitstream.
    let id = [0xe2, 0, 0, 0, 0x21, 0x11, 0x10, 0x43];
    assert!(bitstream.windows(id.len()).any(|bytes| bytes == id), "not for an LFE5U-12F");
}
