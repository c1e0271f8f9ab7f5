//! Lines that take their time, on the command line: the same bits, and what held the run up is said.

mod common;

use common::{refused, run};
use serde_json::Value;
use sim::toolchain::{need, verilator};

const SMALL: &str = "train --train bundled:train --train-limit 20 --net 2x6x6-18-10 --steps 4 --epochs 1 --learn wtl \
                     --config small-w8 --json";

/// Between two bounds.
fn within(value: &Value, low: f64, high: f64) {
    let number = value.as_f64().unwrap_or_else(|| panic!("no number: {value}"));
    assert!((low..=high).contains(&number), "{number}: wanted {low} to {high}");
}

#[test]
fn a_slow_line_learns_the_same_bits_and_says_how_it_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let clean = run(folder.path(), SMALL).json();
    assert_eq!(clean["throughput"]["line_rate"], Value::Null);
    assert_eq!(clean["throughput"]["bottleneck"], "host");
    let line = format!("{SMALL} --report report --board faulty:baud=3000000,latency=16ms:model");
    let train = run(folder.path(), &line).json();
    assert_eq!(train["parameters_sha256"], clean["parameters_sha256"]);
    let throughput = &train["throughput"];
    assert_eq!((&throughput["line_rate"], &throughput["pushes"]), (&300_000.into(), &true.into()));
    within(&throughput["wait"], 0.01, 1.0);
    within(&throughput["line_use"], 1e-6, 1.0);
    within(&throughput["bytes_per_event"], 1.0, 8.0);
    assert!(train["link"]["link"]["pushes"].as_u64().unwrap() > 20);
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("report/report.json")).unwrap()).unwrap();
    assert_eq!(report["run"]["throughput"], train["throughput"]);
    let page = std::fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    assert!(page.contains("bytes an event; line") && page.contains("held up by"));
}

#[test]
fn simulated_hardware_behind_a_line_is_counted_in_its_cycles() {
    if !need(verilator::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let model = run(folder.path(), SMALL).json();
    let of = |board: &str| {
        let train = run(folder.path(), &format!("{SMALL} --board {board}")).json();
        assert_eq!(train["parameters_sha256"], model["parameters_sha256"], "{board}");
        train["throughput"].clone()
    };
    let line = "faulty:latency=0ms,baud=3000000:verilator";
    let throughput = of(line);
    assert_eq!(throughput["simulated"], true);
    assert_eq!(throughput["bottleneck"], "line");
    within(&throughput["line_use"], 0.9, 1.0);
    within(&throughput["engine_use"], 0.1, 0.5);
    assert_eq!(throughput["events_per_second"], of(line)["events_per_second"], "counted, not timed");
    // A packet of 510 bytes is filled by no push: each window waits for the adapter.
    let waiting = of("faulty:latency=16ms,packet=510:verilator");
    assert_eq!(waiting["bottleneck"], "round-trip");
    within(&waiting["line_use"], 0.0, 0.1);
}

#[test]
fn a_line_that_the_hardware_can_not_have_is_refused() {
    if !need(verilator::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (board, said) in [
        ("faulty:baud=115200:verilator", "have 3000000 bits a second: wanted that, or leave baud out"),
        ("faulty:reset=5,latency=1ms:verilator", "keeps its power: leave out latency and baud, or reset"),
        ("faulty:latency=1:verilator", "fault latency=1: wanted a duration from 0ms to 255ms"),
    ] {
        refused(folder.path(), &format!("{SMALL} --board {board}"), &[said]);
    }
}
