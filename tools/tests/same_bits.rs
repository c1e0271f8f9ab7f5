//! The same recipe learns the same bits, whatever board it runs on and however often it is interrupted.

mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::{Board, Running, run};
use serde_json::Value;

/// Everything but where it runs: a network whose layers fill no whole word of 64 lanes.
const RUN: &str = "--train bundled:train --train-limit 100 --test bundled:test --test-limit 30 \
                   --net 2x17x17-200-10 --learn wtl --json --out net.safetensors";
const EVAL: &str = "eval --weights net.safetensors --test bundled:test --test-limit 30 --json";

/// What an epoch on a board comes to, its predictions included.
#[derive(Debug, PartialEq)]
struct Learned {
    /// Hash, epochs with accuracies and leaks, and the work counted.
    train: [Value; 3],
    predictions: Value,
}

fn learned(board: &str) -> Learned {
    let folder = tempfile::tempdir().unwrap();
    learned_in(folder.path(), board, "")
}

fn learned_in(folder: &Path, board: &str, more: &str) -> Learned {
    let train = run(folder, &format!("train {RUN} --epochs 1 --board {board} {more}")).json();
    let eval = run(folder, &format!("{EVAL} --board {board}")).json();
    assert_eq!(eval["predictions"].as_array().unwrap().len(), 30);
    // One JSON may well lack what the other lacks: only what is there says that they are the same.
    assert_eq!(train["parameters_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(train["counts"]["samples"], 100);
    Learned { train: result(&train), predictions: eval["predictions"].clone() }
}

fn result(train: &Value) -> [Value; 3] {
    ["parameters_sha256", "epochs", "counts"].map(|key| train[key].clone())
}

/// What the model learns in the same process, to which all else is compared.
static MODEL: LazyLock<Learned> = LazyLock::new(|| learned("model"));

#[test]
fn a_serial_port_learns_the_bits_of_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--backend model --config icebreaker --pty board");
    assert_eq!(board.name, "serial:board");
    assert_eq!(learned_in(folder.path(), &board.name, ""), *MODEL);
    board.stop();
    assert!(!folder.path().join("board").is_symlink(), "the link goes with the board");
}

#[test]
fn a_socket_learns_the_bits_of_the_model() {
    let folder = tempfile::tempdir().unwrap();
    // Port 0 is any that is free; the board says which it got.
    let board = Board::serve(folder.path(), "--backend model --config icebreaker --tcp 127.0.0.1:0");
    assert!(!board.name.ends_with(":0"), "{}", board.name);
    assert_eq!(learned_in(folder.path(), &board.name, ""), *MODEL);
    board.stop();
}

#[test]
fn a_board_that_an_earlier_run_has_used_learns_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--tcp 127.0.0.1:0");
    let other = learned_in(folder.path(), &board.name, "--seed 9");
    assert_ne!(other, *MODEL);
    assert_eq!(learned_in(folder.path(), &board.name, ""), *MODEL);
}

/// Lanes are how a board computes, not what: 64 of them learn what 8 learn.
#[test]
fn other_lanes_learn_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let wide = learned_in(folder.path(), "model", "--config virtual-w8");
    assert_eq!(wide.train[..2], MODEL.train[..2]);
    assert_eq!(wide.predictions, MODEL.predictions);
    // It was another board, indeed: its words are wider.
    let words = |learned: &Learned| learned.train[2]["learn_words"].as_u64().unwrap();
    assert!(words(&wide) * 4 < words(&MODEL), "{} and {}", words(&wide), words(&MODEL));
}

/// A hash that were always the same would pass every test above.
#[test]
fn another_seed_learns_other_bits() {
    let folder = tempfile::tempdir().unwrap();
    let other = learned_in(folder.path(), "model", "--seed 2");
    assert_ne!(other.train[0], MODEL.train[0]);
    assert_ne!(other.predictions, MODEL.predictions);
}

#[test]
fn a_weights_file_holds_what_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let train = run(folder.path(), &format!("train {RUN} --epochs 2")).json();
    let eval = run(folder.path(), EVAL).json();
    assert_eq!(eval["parameters_sha256"], train["parameters_sha256"]);
    // The test after the last epoch saw the same parameters and the same recordings.
    assert!(eval["accuracy"].is_f64());
    assert_eq!(eval["accuracy"], train["test_accuracy"]);
    assert_eq!(eval["recordings"], 30);
}

/// Long enough that a test which has seen the first epoch's file still meets the run under way.
const EPOCHS: &str = "--epochs 8";

/// The same run without an interruption.
static UNINTERRUPTED: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    result(&run(folder.path(), &format!("train {RUN} {EPOCHS}")).json())
});

#[test]
fn an_interrupted_run_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("train {RUN} {EPOCHS}");
    let mut first = Running::start(folder.path(), &line);
    first.until_exists(&folder.path().join("net.safetensors"));
    first.interrupt();
    let first = first.end();
    assert_eq!(first.code, Some(130), "{}", first.stderr);
    assert!(first.stderr.contains("--resume goes on from there"), "{}", first.stderr);
    let stopped: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(stopped["interrupted"], true);
    let done = stopped["epochs"].as_array().unwrap().len();
    assert!((1..8).contains(&done), "{done} epochs: nothing was left to go on with");
    assert_ne!(stopped["parameters_sha256"], UNINTERRUPTED[0]);

    let resumed = run(folder.path(), &format!("{line} --resume")).json();
    assert_eq!(resumed["interrupted"], false);
    // It went on: what it timed are the epochs that were left.
    assert_eq!(resumed["recordings_per_second"].as_array().unwrap().len(), 8 - done);
    assert_eq!(result(&resumed), *UNINTERRUPTED);
}

/// The plug is pulled in the middle of an epoch, and the run goes on elsewhere.
#[test]
fn a_run_that_lost_its_board_goes_on_to_the_same_bits_on_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::serve(folder.path(), "--pty board");
    let line = format!("train {RUN} {EPOCHS}");
    let mut first = Running::start(folder.path(), &format!("{line} --board {} --reconnect 0", board.name));
    first.until_exists(&folder.path().join("net.safetensors"));
    board.running.kill();
    let first = first.end();
    assert_eq!(first.code, Some(1), "{}", first.stderr);
    assert!(common::says(&first.stderr, "the other end is gone"), "{}", first.stderr);
    assert_eq!(first.stdout, "", "a run that failed has no result");

    let resumed = run(folder.path(), &format!("{line} --resume --board model")).json();
    assert!(resumed["recordings_per_second"].as_array().unwrap().len() < 8, "it began anew");
    assert_eq!(result(&resumed), *UNINTERRUPTED);
}
