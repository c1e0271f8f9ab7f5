//! Boards that work side by side come to the same bits, however many there are, whichever is slow and whichever is lost.

mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::{Board, Running, listed, refused, run, says};
use serde_json::Value;

/// Everything but the boards: an epoch of two shares, each of 45.
const RUN: &str = "train --train bundled:train --train-limit 90 --test bundled:test --test-limit 30 --net 2x17x17-200-10 \
                   --learn wtl --json --out net.safetensors --epochs 3";
const EVAL: &str = "eval --weights net.safetensors --test bundled:test --test-limit 60 --json";
/// Loses its power again and again, and is made good each time.
const BAD: &str = "faulty:reset=2:model";
/// Most of its frames take a tenth of a second.
const SLOW: &str = "faulty:stall=100ms@0.9:model";

/// Hash, epochs with accuracies and leaks, and the work counted.
fn result(train: &Value) -> [Value; 3] {
    assert_eq!(train["parameters_sha256"].as_str().unwrap().len(), 64);
    ["parameters_sha256", "epochs", "counts"].map(|key| train[key].clone())
}

fn learned(boards: &str) -> Value {
    run(tempfile::tempdir().unwrap().path(), &format!("{RUN} {boards}")).json()
}

/// One board that does both shares, one after the other.
static ONE: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let train = learned("--shares 2");
    assert_eq!(train["counts"]["samples"], 3 * 90);
    result(&train)
});

fn number(board: &Value, name: &str) -> u64 {
    board[name].as_u64().unwrap_or_else(|| panic!("no {name} in {board}"))
}

/// What all boards of a run did comes to everything once.
#[track_caller]
fn check(json: &Value, recordings: u64) -> Vec<Value> {
    let boards = json["boards"].as_array().unwrap().clone();
    let sum = |name| boards.iter().map(|board| number(board, name)).sum::<u64>();
    assert_eq!(sum("recordings"), recordings, "{boards:?}");
    assert!(sum("taken_over") <= sum("given_up"), "{boards:?}");
    boards
}

#[test]
fn several_boards_learn_what_one_learns_in_as_many_shares() {
    let train = learned("--board model --board model");
    assert_eq!(result(&train), *ONE);
    assert_eq!(train["shares"], 2);
    assert_eq!(train["board"], "model, model");
    let boards = check(&train, 3 * (90 + 30));
    assert!(boards.iter().all(|board| number(board, "parts") > 0 && board["lost"].is_null()), "{boards:?}");
    // More boards than shares, in another process, over a line with faults.
    let folder = tempfile::tempdir().unwrap();
    let served = Board::serve(folder.path(), "--pty board");
    let line = format!(
        "{RUN} --shares 2 --board faulty:ber=1e-5,seed=3:{} --board model --board model",
        served.name
    );
    assert_eq!(result(&run(folder.path(), &line).json()), *ONE);
    served.stop();
}

/// A hash that were always the same would pass every other test.
#[test]
fn other_shares_and_seeds_learn_other_bits() {
    let hash = |train: &Value| train["parameters_sha256"].clone();
    let other = [learned("--shares 3"), learned("--shares 1"), learned(""), learned("--shares 2 --seed 2")];
    for (at, train) in other.iter().enumerate() {
        assert_ne!(hash(train), ONE[0], "{at}");
        assert!(other[..at].iter().all(|before| hash(before) != hash(train)), "{at}");
    }
    assert_eq!(other[2].get("boards").or(other[2].get("shares")), None, "one board has a report as ever");
}

/// The plug is pulled in the middle of an epoch.
#[test]
fn a_board_that_dies_leaves_its_share_to_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::serve(folder.path(), "--tcp :0");
    let line = format!("{RUN} --board {} --board model --reconnect 0 --report report", board.name);
    let mut running = Running::start(folder.path(), &line);
    running.until_exists(&folder.path().join("net.safetensors"));
    board.running.kill();
    let ended = running.end();
    let train = ended.json();
    assert_eq!(result(&train), *ONE);
    let boards = check(&train, 3 * (90 + 30));
    assert!(boards[0]["lost"].as_str().unwrap().contains("the other end is gone"), "{boards:?}");
    assert!(number(&boards[0], "parts") > 0 && boards[1]["lost"].is_null(), "{boards:?}");
    assert_eq!((number(&boards[0], "given_up"), number(&boards[1], "taken_over")), (1, 1), "{boards:?}");
    assert!(says(&ended.stderr, "is lost, its part goes to another board"), "{}", ended.stderr);
    let report = std::fs::read(folder.path().join("report/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["run"]["boards"], train["boards"]);
    let page = std::fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    assert!(page.contains("taken over") && page.contains("lost: "));
}

#[test]
fn a_slow_board_holds_nobody_up() {
    let train = learned(&format!("--board model --board {SLOW}"));
    assert_eq!(result(&train), *ONE);
    let boards = check(&train, 3 * (90 + 30));
    assert!(number(&boards[1], "given_up") > 0 && boards[1]["lost"].is_null(), "{boards:?}");
}

#[test]
fn the_last_board_that_dies_leaves_the_last_epoch_to_go_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::serve(folder.path(), "--tcp :0");
    let line = format!("{RUN} --shares 2 --board {} --reconnect 0", board.name);
    let mut running = Running::start(folder.path(), &line);
    running.until_exists(&folder.path().join("net.safetensors"));
    board.running.kill();
    let ended = running.end();
    assert_eq!((ended.code, &ended.stdout[..]), (Some(1), ""), "{}", ended.stderr);
    for said in [
        "no board is left",
        &format!("{}: ", board.name),
        "the other end is gone",
        "--resume goes on from it",
    ] {
        assert!(says(&ended.stderr, said), "{}", ended.stderr);
    }
    let resumed =
        run(folder.path(), &format!("{RUN} --resume --board model --board {BAD} --board model")).json();
    assert!(resumed["recordings_per_second"].as_array().unwrap().len() < 3, "it began anew");
    assert_eq!(result(&resumed), *ONE);
}

#[test]
fn an_interrupted_run_goes_on_in_as_many_shares_on_any_boards() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Running::start(folder.path(), &format!("{RUN} --board model --board {SLOW}"));
    first.until_exists(&folder.path().join("net.safetensors"));
    first.interrupt();
    let first = first.end();
    assert_eq!(first.code, Some(130), "{}", first.stderr);
    assert!(first.stderr.contains("--resume goes on from there"), "{}", first.stderr);
    let resumed = run(folder.path(), &format!("{RUN} --resume")).json();
    assert_eq!(resumed["shares"], 2);
    assert_eq!(result(&resumed), *ONE);
    // After its last epoch there is nothing left to learn.
    let again = run(folder.path(), &format!("{RUN} --resume --board model --board model")).json();
    assert_eq!(again["recordings_per_second"].as_array().unwrap().len(), 0);
    assert_eq!(result(&again), *ONE);
}

#[test]
fn what_was_begun_in_other_shares_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let said =
        |found: &str, wanted: &str| format!("trained with --shares {found}, this run asks for {wanted}");
    run(folder.path(), &format!("{RUN} --shares 2")).json();
    let line = format!("{RUN} --resume --shares 3");
    refused(folder.path(), &line, &[&said("2", "3"), "give the same options"]);
    run(folder.path(), RUN).json();
    let line = format!("{RUN} --resume --board model --board model");
    refused(folder.path(), &line, &[&said("none", "2")]);
}

fn classified(folder: &Path, boards: &str) -> Value {
    run(folder, &format!("{EVAL} {boards}")).json()
}

#[test]
fn several_boards_classify_as_one() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &format!("{RUN} --shares 2")).json();
    let result = |eval: &Value| {
        assert_eq!(eval["predictions"].as_array().unwrap().len(), 60);
        ["predictions", "confusion", "accuracy", "recordings", "counts"].map(|key| eval[key].clone())
    };
    let one = classified(folder.path(), "");
    assert_eq!(one.get("boards"), None);
    assert_eq!(one["counts"]["samples"], 60);
    for boards in
        ["--board model --board model --board model", &format!("--board {SLOW} --board {BAD} --board model")]
    {
        let eval = classified(folder.path(), boards);
        assert_eq!(result(&eval), result(&one), "{boards}");
        check(&eval, 60);
    }
}

#[test]
fn boards_that_do_not_go_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let wide = Board::serve(folder.path(), "--tcp :0 --config virtual-w16");
    let large = Board::serve(folder.path(), "--tcp :0 --config ulx3s-12f");
    let [wide_said, large_said] = [&wide, &large].map(|board| format!("have to be alike: {}", board.name));
    let two = |board: &str| format!("--board model --board {board}");
    for (boards, said) in [
        (two(&wide.name), [&wide_said[..], "has 16 bits a weight, model (`icebreaker`) has 8"]),
        (two(&large.name), [&large_said[..], "model (`icebreaker`) has"]),
        (two("float"), ["--board float", "in a board's formats"]),
        (two("serial:gone"), ["--board serial:gone", "there is no serial port gone"]),
        ("--shares 2 --board float".to_owned(), ["--board float", "in a board's formats"]),
        (two("rtl") + " --trace waves.vcd", ["--trace: several boards", "trace one board by itself"]),
        ("--shares 0".to_owned(), ["--shares", "0"]),
    ] {
        refused(folder.path(), &format!("{RUN} {boards}"), &said);
    }
    let line = format!("{} --board model --board model", RUN.replace("200", "20000"));
    refused(folder.path(), &line, &["the network does not fit the board `icebreaker`"]);
    assert_eq!(listed(folder.path()).len(), 0);
    wide.stop();
    large.stop();
}
