//! A board that can't be had ends a run in bounded time, with what to check, and with nothing written.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use common::{Board, Running, listed, refused, run};

const RUN: &str = "train --train bundled:train --train-limit 100 --net 2x17x17-200-10";

/// Refuses to train on `board` and finds nothing written beside what lay in `folder` before.
#[track_caller]
fn unreached(folder: &Path, board: &str, said: &[&str]) {
    let before = listed(folder);
    refused(folder, &format!("{RUN} --board {board} --out net.safetensors"), said);
    assert_eq!(listed(folder), before, "--board {board} leaves something behind");
}

#[test]
fn a_port_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    unreached(folder.path(), "serial:gone", &["there is no serial port gone"]);
    std::fs::write(folder.path().join("file"), "no port").unwrap();
    unreached(folder.path(), "serial:file", &["serial port file"]);
}

#[test]
fn an_address_that_leads_nowhere_says_so() {
    let folder = tempfile::tempdir().unwrap();
    unreached(folder.path(), "tcp:nonsense", &["tcp:nonsense", "wanted HOST:PORT"]);
    // Nobody listens on a port that was just given back.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = [&format!("tcp:{address}")[..], "is a virtual board listening there?"];
    unreached(folder.path(), &format!("tcp:{address}"), &said);
}

#[test]
fn a_card_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    unreached(folder.path(), "pcie:nonsense", &["pcie:nonsense: wanted pcie:xdma0 or pcie:litepcie0"]);
    unreached(folder.path(), "pcie:xdma77", &["there is no card behind /dev/xdma77_c2h_0", "lspci", "lsmod"]);
    unreached(folder.path(), "pcie:litepcie77", &["there is no card behind /dev/litepcie77"]);
    // What a transfer would be written into.
    std::fs::write(folder.path().join("file"), "no card").unwrap();
    unreached(folder.path(), "pcie:h2c=file,c2h=file", &["file is a file, wanted a character device"]);
    unreached(folder.path(), "pcie:litepcie=file", &["file is a file, wanted a character device"]);
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"no card");
}

/// Everybody may be kept from a port but a superuser.
#[test]
fn a_port_that_is_forbidden_says_how_to_be_let_in() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--pty board");
    let terminal = folder.path().join("board").canonicalize().unwrap();
    std::fs::set_permissions(&terminal, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&terminal).is_ok() {
        println!("not run: this user may open a port whatever its permissions");
        return;
    }
    let said = ["serial port board: permission denied", "sudo usermod -aG dialout $USER", "udev"];
    unreached(folder.path(), &board.name, &said);
    board.stop();
}

/// Two hosts on one line would take each other's answers.
#[test]
fn a_port_that_another_run_holds_is_busy_and_the_run_undisturbed() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--pty board");
    let line = format!("{RUN} --epochs 8 --json");
    let mut first =
        Running::start(folder.path(), &format!("{line} --board {} --out first.safetensors", board.name));
    first.until_exists(&folder.path().join("first.safetensors"));
    // The first run replaces its file meanwhile: what the second must not write lies in a folder of its own.
    let second = tempfile::tempdir().unwrap();
    let port = folder.path().join("board");
    let said = ["is busy: another program has it open", "fuser -v"];
    unreached(second.path(), &format!("serial:{}", port.display()), &said);
    let first = first.end().json();
    let alone = run(folder.path(), &line).json();
    assert_eq!(first["parameters_sha256"], alone["parameters_sha256"]);
    assert_eq!(first["counts"], alone["counts"]);
    board.stop();
}

/// An address where somebody accepts and then does with the connection what `serve` says.
fn listener(serve: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || serve(listener.accept().unwrap().0));
    format!("tcp:{address}")
}

/// Refuses to train on `board` within the time that the driver's own limits allow, a busy machine's delays included.
#[track_caller]
fn given_up(board: &str, said: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    unreached(folder.path(), board, said);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_board_that_never_answers_is_given_up() {
    let board = listener(|mut stream| {
        let mut byte = [0];
        while stream.read(&mut byte).is_ok_and(|count| count > 0) {}
    });
    given_up(&board, &["no answer to a frame (Identify), sent 5 times", "Check that the board has power"]);
}

#[test]
fn a_board_that_babbles_is_given_up() {
    let board = listener(|mut stream| {
        while stream.write_all(b"login: \r\n\0").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    given_up(&board, &["Bytes came back, but no whole frame", "Check the baud rate"]);
}

#[test]
fn a_board_that_hangs_up_is_given_up() {
    let board = listener(drop);
    given_up(&board, &["the other end is gone", "was the board unplugged"]);
}

#[test]
fn a_virtual_board_needs_a_place_that_is_free() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "kept").unwrap();
    let said = ["mine: exists and is not a link to a pseudo-terminal", "choose another path"];
    refused(folder.path(), "virtual-board --pty mine", &said);
    assert_eq!(std::fs::read(folder.path().join("mine")).unwrap(), b"kept");
    let board = Board::serve(folder.path(), "--pty board");
    refused(folder.path(), "virtual-board --pty board", &["another virtual board serves here"]);
    board.stop();

    let board = Board::serve(folder.path(), "--tcp :0");
    let address = board.name.strip_prefix("tcp:").unwrap();
    refused(folder.path(), &format!("virtual-board --tcp {address}"), &[address, "in use"]);
    board.stop();
}
