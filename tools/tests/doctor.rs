//! The self-test of `doctor --board`, on boards of every kind and on one with a fault.

mod common;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arch::registers::Space;
use common::{Board, run};
use driver::transport::ByteDevice;
use serde_json::Value;
use sim::toolchain::{need, verilator};
use sim::{VirtualBoard, serve_tcp};

/// The parts of the self-test, in the order in which they are done.
const PARTS: [&str; 7] = [
    "link",
    "memory: weights",
    "memory: thresholds",
    "memory: leaks",
    "memory: descriptors",
    "learning",
    "link: nothing lost",
];

/// What the self-test found: part, whether it passed, detail. `code` is how `doctor` must end.
#[track_caller]
fn parts(options: &str, code: i32) -> Vec<(String, bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), &format!("doctor --json {options}"));
    assert_eq!(ended.code, Some(code), "{options}: {}\n{}", ended.stdout, ended.stderr);
    let findings: Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = findings.as_array().unwrap();
    let board = findings.iter().position(|finding| finding["what"] == "board").unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let part = |finding: &Value| {
        assert_eq!(finding["found"] == false, finding["remedy"].is_string(), "{finding}");
        (text(finding, "what"), finding["found"] == true, text(finding, "detail"))
    };
    findings[board + 1..].iter().map(part).collect()
}

#[track_caller]
fn passes(options: &str) -> Vec<(String, bool, String)> {
    let parts = parts(options, 0);
    assert_eq!(parts.iter().map(|(what, ..)| &what[..]).collect::<Vec<_>>(), PARTS, "{options}");
    assert!(parts.iter().all(|(_, passed, _)| *passed), "{options}: {parts:?}");
    parts
}

#[test]
fn the_model_passes() {
    for config in ["icebreaker", "small-w16", "ulx3s-25f"] {
        passes(&format!("--board model --config {config}"));
    }
}

#[test]
fn the_verilog_passes() {
    if !need(verilator::TOOLS) {
        return;
    }
    for config in ["small-w8", "small-w16"] {
        let parts = passes(&format!("--board verilator --config {config}"));
        // The surrogate that the hardware has beside the other is tested, too.
        assert!(parts[5].2.ends_with("\nonline, rectangle surrogate"), "{parts:?}");
    }
}

#[test]
fn a_board_on_a_terminal_passes_and_goes_on_with_its_network() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--config small-w8 --pty board");
    let line = format!("doctor --json --board {}", board.name);
    for _ in 0..2 {
        let ended = run(folder.path(), &line).json();
        let link = ended.as_array().unwrap().iter().find(|finding| finding["what"] == "link").unwrap();
        for number in
            ["round_trip_us", "write_bytes_per_second", "read_bytes_per_second", "write_part_of_baud"]
        {
            assert!(link["measured"][number].as_f64() > Some(0.0), "{number}: {link}");
        }
    }
    board.stop();
}

#[test]
fn the_self_test_can_be_left_out() {
    assert_eq!(parts("--board model --no-self-test", 0), []);
}

/// A board with a bit of its weights stuck, on a socket.
struct Stuck(VirtualBoard);

impl ByteDevice for Stuck {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        self.0.exchange(from_host, to_host);
        let engine = self.0.engine_mut();
        let mut weight = Vec::new();
        engine.read(Space::Weights, 3000, 1, &mut weight).unwrap();
        if engine.steps_left().is_none() {
            engine.write(Space::Weights, 3000, &[weight[0] | 0x40]).unwrap();
        }
    }
}

#[test]
fn a_stuck_bit_ends_with_its_exit_code_and_says_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let server = std::thread::spawn(move || {
        let mut board = Stuck(VirtualBoard::new(&arch::Board::named("small-w8").unwrap()));
        serve_tcp(&mut board, &listener, &stopped)
    });
    let parts = parts(&format!("--board tcp:{address}"), 3);
    let faults: Vec<_> = parts.iter().filter(|(_, passed, _)| !passed).collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].2.contains("weights 3000") && faults[0].2.ends_with("in the bits 0x40"), "{faults:?}");
    let said = run(tempfile::tempdir().unwrap().path(), &format!("doctor --board tcp:{address}"));
    assert_eq!(said.code, Some(3));
    assert!(common::says(&said.stdout, "write the bitstream again (stop-fpga flash)"), "{}", said.stdout);
    stop.store(true, Ordering::SeqCst);
    server.join().unwrap().unwrap();
}
