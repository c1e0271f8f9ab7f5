//! The simulated hardware learns the bits that the model learns: on the command line, behind its serial pins.

mod common;

use std::fs::File;
use std::io::Read;

use common::{Board, refused, run};
use serde_json::Value;
use sim::toolchain::{need, verilator};

/// Hash, accuracy, and predictions of an evaluation; then the work that both counted. Beside them how the engine used its cycles.
fn learned(options: &str, run_of: &str, test: &str) -> ([Value; 5], [Value; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("train {run_of} --test {test} --epochs 1 --json --out net.safetensors {options}");
    let train = run(folder.path(), &line).json();
    let eval =
        run(folder.path(), &format!("eval --weights net.safetensors --test {test} --json {options}")).json();
    assert_eq!(train["parameters_sha256"].as_str().unwrap().len(), 64);
    assert!(!eval["predictions"].as_array().unwrap().is_empty());
    assert!(train["counts"]["updated"].as_u64() > Some(0) && eval["counts"]["integrated"].as_u64() > Some(0));
    let bits = [
        &train["parameters_sha256"],
        &train["test_accuracy"],
        &eval["predictions"],
        &train["counts"],
        &eval["counts"],
    ];
    (bits.map(Value::clone), [&train["engine"], &eval["engine"]].map(Value::clone))
}

#[track_caller]
fn same(backend: &str, config: &str, run_of: &str, test: &str) -> [Value; 5] {
    let (model, no_engine) = learned(&format!("--board model --config {config}"), run_of, test);
    let (hardware, engine) = learned(&format!("--board {backend} --config {config}"), run_of, test);
    assert_eq!(hardware, model, "--board {backend} --config {config} {run_of}");
    assert_eq!(no_engine, [Value::Null, Value::Null], "a model has no cycles");
    let [learning, classifying] = engine.map(|engine| engine["utilisation"].as_f64().unwrap());
    println!("{backend} as the model: {config}, {run_of}: parameters {}", model[0]);
    println!("  utilisation {learning:.3} learning, {classifying:.3} classifying");
    if config == "icebreaker" {
        assert!(learning >= 0.85 && classifying >= 0.90, "utilisation {learning}, {classifying}");
    }
    model
}

const RECORDINGS: &str = "--train bundled:train --train-limit 100 --net 2x17x17-200-10 --learn wtl";
const TEST: &str = "bundled:test --test-limit 30";

#[test]
fn verilog_learns_a_hundred_recordings_as_the_model_does_on_any_lanes() {
    if !need(verilator::TOOLS) {
        return;
    }
    let eight = same("verilator", "icebreaker", RECORDINGS, TEST);
    let sixteen = same("verilator", "simulated-x16", RECORDINGS, TEST);
    // The words they count are of different widths.
    assert_eq!(eight[..3], sixteen[..3], "8 lanes and 16");
}

#[test]
fn verilog_learns_sixteen_bits_and_three_layers_as_the_model_does() {
    if !need(verilator::TOOLS) {
        return;
    }
    same("verilator", "simulated-w16", RECORDINGS, TEST);
    let deep = "--train bundled:train --train-limit 30 --net 2x17x17-120-60-10 --learn wtl";
    same("verilator", "icebreaker", deep, TEST);
}

/// Recordings of 6 x 6 places, few of them: a cycle takes a tenth of a millisecond.
const SMALL: &str = "--train bundled:train --train-limit 3 --net 2x6x6-18-10 --steps 4 --learn wtl";

#[test]
fn blocks_stepped_natively_learn_as_the_model_does() {
    same("rtl", "small-w8", SMALL, "bundled:test --test-limit 2");
}

#[test]
fn a_terminal_leads_to_the_verilog_as_to_any_board() {
    if !need(verilator::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--backend verilator --config small-w8 --pty board");
    let on = |board: &str| format!("train {SMALL} --test {TEST} --epochs 1 --json --board {board}");
    let served = run(folder.path(), &on(&board.name)).json();
    board.stop();
    let model = run(folder.path(), &on("model --config small-w8")).json();
    assert_eq!(served["parameters_sha256"], model["parameters_sha256"]);
    assert_eq!(served["test_accuracy"], model["test_accuracy"]);
}

#[test]
fn a_configuration_without_hardware_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("train {RECORDINGS} --board rtl --config virtual-w8");
    refused(folder.path(), &line, &["configuration `virtual-w8` exists in the model only", "icebreaker"]);
    let line = "verilog --config virtual-w8 --out core";
    refused(folder.path(), line, &["configuration `virtual-w8` exists in the model only"]);
    assert!(common::listed(folder.path()).is_empty());
    let line = format!("train {RECORDINGS} --surrogate triangle --board rtl --config icebreaker");
    refused(folder.path(), &line, &["the triangle surrogate", "use the shift surrogate"]);
}

#[test]
fn verilog_is_written_with_a_manifest_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = run(folder.path(), "verilog --config small-w8 --out core --json").json();
    let written = std::fs::read(folder.path().join("core/manifest.json")).unwrap();
    assert_eq!(manifest, serde_json::from_slice::<Value>(&written).unwrap());
    let text = std::fs::read_to_string(folder.path().join("core/stop_fpga.v")).unwrap();
    assert!(text.contains("module stop_fpga ("));
    assert_eq!(manifest["top"], "stop_fpga");
    let names: Vec<&str> =
        manifest["ports"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["clock", "receive", "transmit", "busy"]);
    assert_eq!((&manifest["shell"], &manifest["clocks_per_bit"]), (&"uart".into(), &8.into()));
    assert_eq!(manifest["memory_map"][2]["elements"], 4096);
    let again = run(folder.path(), "verilog --config small-w8 --out again --json").json();
    assert_eq!(again["sha256"], manifest["sha256"], "the same sources give the same bytes");
    let other = run(folder.path(), "verilog --config small-w16 --out other --json").json();
    assert_ne!(other["sha256"], manifest["sha256"]);
    let line = "verilog --config small-w8 --shell stream --stream-bits 128 --out stream --json";
    let stream = run(folder.path(), line).json();
    let data = &stream["ports"][6];
    assert_eq!(
        (&data["name"], &data["direction"], &data["width"]),
        (&"m_axis_tdata".into(), &"output".into(), &128.into())
    );
    assert!(data["meaning"].as_str().unwrap().contains("zero where not kept"), "{data}");
    assert_eq!((&stream["stream_bits"], &stream["clocks_per_bit"]), (&128.into(), &Value::Null));
}

#[test]
fn waves_are_written_where_they_are_asked_for_with_their_units_in_groups() {
    if !need(verilator::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let line = "train --train bundled:train --train-limit 1 --net 2x2x2-4-10 --steps 1 --epochs 1 \
                --board verilator --config small-w8 --trace waves.vcd --json";
    run(folder.path(), line).json();
    let mut header = [0; 1 << 16];
    let read = File::open(folder.path().join("waves.vcd")).unwrap().read(&mut header).unwrap();
    assert!(String::from_utf8_lossy(&header[..read]).contains("$var"));
    let groups = std::fs::read_to_string(folder.path().join("waves.gtkw")).unwrap();
    assert!(groups.contains("dut.engine.neurons.membrane_0["), "{groups}");
    assert!(folder.path().join("waves.sucl").is_file());
}
