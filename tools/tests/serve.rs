//! A board that is shared: one owner at a time, who knows the token; whoever else comes changes nothing.
//!
//! ```text
//! train, eval ── tcp ──┐
//! strangers ────── tcp ─┴ serve ── model, or a virtual board in a third process
//! ```

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use common::{Board, Running, listed, refused, refused_with, run, run_with, says};
use serde_json::Value;

const TOKEN: &str = "a-token-for-tests-only";
const OWNER: [(&str, &str); 1] = [("STOP_FPGA_TOKEN", TOKEN)];
const RUN: &str = "train --train bundled:train --train-limit 100 --net 2x17x17-200-10 --json";
/// What a connection without the token hears.
const REFUSED: &[u8] = b"stop-fpga/1 refused token\n";

fn result(train: &Value) -> [Value; 3] {
    assert_eq!(train["parameters_sha256"].as_str().unwrap().len(), 64);
    ["parameters_sha256", "epochs", "counts"].map(|key| train[key].clone())
}

fn address(board: &Board) -> &str {
    board.name.strip_prefix("tcp:").unwrap()
}

/// Says something in pieces, with a pause behind each; everything that comes back until the connection ends.
fn heard(address: &str, pieces: &[&[u8]], pause: Duration) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    for piece in pieces {
        if stream.write_all(piece).is_err() {
            break;
        }
        std::thread::sleep(pause);
    }
    let (mut heard, mut byte) = (Vec::new(), [0]);
    // Who sends on after the refusal may lose it, and hears even less.
    while stream.read(&mut byte).is_ok_and(|count| count == 1) {
        heard.push(byte[0]);
    }
    heard
}

/// 50 who greet wrongly, send garbage, are slow or say nothing at all, while the owner learns.
#[test]
fn strangers_hear_a_refusal_and_do_not_touch_the_owners_run() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("{RUN} --epochs 4 --out net.safetensors");
    let alone = result(&run(folder.path(), &line).json());
    std::fs::remove_file(folder.path().join("net.safetensors")).unwrap();

    let board = Board::share(folder.path(), "--listen :0", TOKEN);
    let mut owner = Running::start_with(folder.path(), &format!("{line} --board {}", board.name), &OWNER);
    owner.until_exists(&folder.path().join("net.safetensors"));
    let strangers: Vec<_> = (0..50u64)
        .map(|at| {
            let address = address(&board).to_owned();
            std::thread::spawn(move || {
                let garbage: Vec<u8> = (0..100).map(|byte: u64| (byte * (at + 7) + at) as u8).collect();
                let none = Duration::ZERO;
                match at % 5 {
                    // A frame of the wire, half a greeting at a time, another token, noise, nothing.
                    0 => heard(&address, &[b"\0\x01\x08\x01\x01\x02\x03\x04\x42\xa9\0"], none),
                    1 => heard(&address, &[b"stop-", b"fpga/1 ", b"a-to"], Duration::from_millis(300)),
                    2 => heard(&address, &[format!("stop-fpga/1 {TOKEN}-{at}\n").as_bytes()], none),
                    3 => heard(&address, &[&garbage, &garbage], none),
                    _ => heard(&address, &[], none),
                }
            })
        })
        .collect();
    assert!(owner.under_way(), "the run was over before the strangers came");
    for (at, stranger) in strangers.into_iter().enumerate() {
        let heard = stranger.join().unwrap();
        let lost = heard.is_empty() && at % 5 == 3;
        assert!(heard == REFUSED || lost, "stranger {at} hears {}", heard.escape_ascii());
    }
    let learned = owner.end().json();
    assert_eq!(result(&learned), alone);
    // Its session was not lost for a moment.
    assert_eq!(learned["link"]["recovery"]["closed"], 0);
    let told = board.stop();
    assert!(told.contains("1 clients had the board, 50 were refused"), "{told}");
}

#[test]
fn an_owner_that_vanishes_leaves_a_board_that_learns_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::share(folder.path(), "--listen :0", TOKEN);
    let line = format!("{RUN} --board {} --out net.safetensors", board.name);
    let mut first = Running::start_with(folder.path(), &format!("{line} --epochs 20"), &OWNER);
    first.until_exists(&folder.path().join("net.safetensors"));
    // While it is there nobody else gets the board, whatever they know.
    let other = tempfile::tempdir().unwrap();
    let second = format!("{RUN} --board {} --epochs 1", board.name);
    refused_with(other.path(), &second, &OWNER, &["another client has the board: try again"]);
    assert!(first.under_way());
    first.kill();
    let next = result(&run_with(other.path(), &second, &OWNER).json());
    assert_eq!(next, result(&run(other.path(), &format!("{RUN} --epochs 1")).json()));
    board.stop();
}

#[test]
fn a_client_is_told_what_is_wrong_with_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::share(folder.path(), "--listen :0", TOKEN);
    let line = format!("{RUN} --epochs 1 --board {}", board.name);
    let said = "the server refuses the token: set STOP_FPGA_TOKEN";
    refused(folder.path(), &line, &[address(&board), said]);
    let with = |token, said| refused_with(folder.path(), &line, &[("STOP_FPGA_TOKEN", token)], &[said]);
    with("another-token-for-tests", said);
    let short = with("short", "STOP_FPGA_TOKEN: the token has 5 characters: wanted 16 to 128");
    with("a token with some spaces", "has a space or a character that is not printable ASCII at place 2");
    // A token is not told to who may look over a shoulder.
    assert!(!short.stderr.contains("short"), "{}", short.stderr);
    assert!(listed(folder.path()).is_empty());
    board.stop();

    let plain = Board::serve(folder.path(), "--tcp :0");
    let line = format!("{RUN} --epochs 1 --board {}", plain.name);
    refused_with(
        folder.path(),
        &line,
        &OWNER,
        &["does not answer as `stop-fpga serve` does", "unset STOP_FPGA_TOKEN"],
    );
    plain.stop();
}

/// A half-open connection: it has the board and says nothing more.
#[test]
fn a_silent_owner_makes_way() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::share(folder.path(), "--listen :0 --idle 0", TOKEN);
    let mut silent = TcpStream::connect(address(&board)).unwrap();
    silent.write_all(format!("stop-fpga/1 {TOKEN}\n").as_bytes()).unwrap();
    let mut welcome = [0; 20];
    silent.read_exact(&mut welcome).unwrap();
    assert_eq!(&welcome, b"stop-fpga/1 welcome\n");
    let doctor = format!("doctor --no-self-test --json --board {}", board.name);
    let found = run_with(folder.path(), &doctor, &OWNER);
    assert!(found.stdout.contains("icebreaker, build"), "{}", found.stdout);
    assert_eq!(silent.read(&mut welcome).unwrap_or(0), 0);
    board.stop();
}

/// A line with faults between client and server, and one between server and board.
#[test]
fn a_shared_board_behind_lines_with_faults_learns_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let virtual_board = Board::serve(folder.path(), "--pty board");
    let options = format!("--listen :0 --board faulty:ber=1e-6,seed=3:{}", virtual_board.name);
    let board = Board::share(folder.path(), &options, TOKEN);
    let line = format!("{RUN} --epochs 1");
    let faulty = format!("{line} --board faulty:loss=0.002,pull=40,seed=4:{}", board.name);
    let learned = run_with(folder.path(), &faulty, &OWNER).json();
    assert_eq!(result(&learned), result(&run(folder.path(), &line).json()));
    assert!(learned["link"]["recovery"]["repaired"].as_u64().unwrap() >= 2, "{}", learned["link"]);
    board.stop();
    virtual_board.stop();
}

#[test]
fn two_shared_boards_work_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let boards = [0, 1].map(|_| Board::share(folder.path(), "--listen :0", TOKEN));
    let line = format!("{RUN} --epochs 1");
    let two = format!("{line} --board {} --board {}", boards[0].name, boards[1].name);
    let learned = run_with(folder.path(), &two, &OWNER).json();
    assert_eq!(result(&learned), result(&run(folder.path(), &format!("{line} --shares 2")).json()));
    for board in boards {
        board.stop();
    }
}

fn announced(folder: &Path, options: &str, settings: &[(&str, &str)]) -> (Value, String) {
    let mut running = Running::start_with(folder, &format!("serve --json {options}"), settings);
    let line = running.first_line();
    running.interrupt();
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    (serde_json::from_str(&line).unwrap(), ended.stderr)
}

#[test]
fn a_server_says_where_it_is_and_is_at_home_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let (json, told) = announced(folder.path(), "--listen :0", &[]);
    let address = json["address"].as_str().unwrap();
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
    assert_eq!(json["board"], format!("tcp:{address}"));
    assert_eq!(json["configuration"], "icebreaker");
    assert_eq!(json["token"].as_str().unwrap().len(), 32);
    assert!(!says(&told, "others than this machine"), "{told}");
    // Another time it is another, and one that was given is not printed.
    assert_ne!(announced(folder.path(), "--listen :0", &[]).0["token"], json["token"]);
    assert_eq!(announced(folder.path(), "--listen :0", &OWNER).0["token"], Value::Null);
    std::fs::write(folder.path().join("token"), "the-token-of-a-file\nmore\n").unwrap();
    let (json, told) = announced(folder.path(), "--listen 0.0.0.0:0 --token-file token", &[]);
    assert_eq!(json["token"], Value::Null);
    assert!(says(&told, "others than this machine can connect"), "{told}");
}

#[test]
fn what_can_not_be_served_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "short\n").unwrap();
    std::fs::write(folder.path().join("long"), "x".repeat(5000)).unwrap();
    for (options, said) in [
        ("--board float", "serve: --board float has no wire"),
        ("--board serial:gone", "there is no serial port gone"),
        ("--board tcp:127.0.0.1:1", "is a virtual board listening there?"),
        ("--listen nonsense", "--listen nonsense"),
        ("--token-file token", "--token-file token"),
        ("--token-file token", "the token has 5 characters: wanted 16 to 128"),
        ("--token-file long", "more than 4096 bytes"),
        ("--token-file gone", "--token-file gone: No such file"),
    ] {
        refused(folder.path(), &format!("serve {options}"), &[said]);
    }
}
