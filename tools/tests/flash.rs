//! `flash` with stand-ins for the programs that write to a board: shell scripts on a PATH of the test's own.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use arch::protocol::ABI;
use common::{Ended, Running, run_with, says};
use tempfile::TempDir;

/// The SHA-256 of the four bytes `bits`.
const HASH: &str = "e5e59d10f196504b6e08ac7785f84430a61e1558fd6246075a9566edaab2e814";

/// A folder with a bitstream as `build` leaves it, and an empty folder `bin`.
fn built(board: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("made")).unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    fs::write(folder.path().join(format!("made/{board}.bin")), "bits").unwrap();
    let report = format!(r#"{{"board": "{board}", "seed": 1, "abi": {ABI}, "sha256": "{HASH}"}}"#);
    fs::write(folder.path().join("made/report.json"), report).unwrap();
    folder
}

/// A program in `bin` that notes its arguments in `ran`, a line each, and goes on with `then`.
fn plant(folder: &Path, name: &str, then: &str) {
    let path = folder.join("bin").join(name);
    let ran = folder.join("ran");
    let text = format!("#!/bin/sh\nprintf '%s\\n' {name} \"$@\" > '{}'\n{then}\n", ran.display());
    // Another process writes it: a file that this one has open for writing could not be started meanwhile.
    let planted = folder.join("planted");
    fs::write(&planted, text).unwrap();
    fs::set_permissions(&planted, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(std::process::Command::new("cp").arg("-p").args([&planted, &path]).status().unwrap().success());
}

fn flash(folder: &Path, options: &str) -> Ended {
    let bin = folder.join("bin");
    run_with(folder, &format!("flash {options}"), &[("PATH", bin.to_str().unwrap())])
}

/// What the program was called with, if one was.
fn ran(folder: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(folder.join("ran")).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

#[track_caller]
fn refused(folder: &Path, options: &str, said: &[&str]) {
    let ended = flash(folder, options);
    assert_eq!((ended.code, &ended.stdout[..]), (Some(1), ""), "{}", ended.stderr);
    for what in said {
        assert!(says(&ended.stderr, what), "no `{what}` in {}", ended.stderr);
    }
}

#[test]
fn the_first_program_that_is_there_writes_the_bitstream() {
    let folder = built("icebreaker");
    plant(folder.path(), "iceprog", "echo cdone: high; echo done >&2");
    let ended = flash(folder.path(), "--board icebreaker");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ran(folder.path()).unwrap(), ["iceprog", "made/icebreaker.bin"]);
    // The command and all that the program says, but the result alone on stdout.
    for said in ["iceprog made/icebreaker.bin\n", "cdone: high\n", "done\n"] {
        assert!(ended.stderr.contains(said), "no `{said}` in {}", ended.stderr);
    }
    assert!(ended.stdout.starts_with("made/icebreaker.bin is on the board"), "{}", ended.stdout);

    plant(folder.path(), "openFPGALoader", "");
    let ended = flash(folder.path(), "--board icebreaker --bitstream made/icebreaker.bin");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(
        ran(folder.path()).unwrap(),
        ["openFPGALoader", "-b", "ice40_generic", "-f", "made/icebreaker.bin"]
    );
}

#[test]
fn a_dry_run_prints_the_command_and_runs_nothing() {
    let folder = built("icebreaker");
    plant(folder.path(), "openFPGALoader", "");
    let ended = flash(folder.path(), "--board icebreaker --dry-run");
    let line = "openFPGALoader -b ice40_generic -f made/icebreaker.bin\n";
    assert_eq!((ended.code, &ended.stdout[..], &ended.stderr[..]), (Some(0), line, ""));
    assert_eq!(ran(folder.path()), None);
}

/// Nothing is run for what is not known to be this board's bitstream.
#[test]
fn another_bitstream_than_the_reports_is_refused() {
    let folder = built("icebreaker");
    plant(folder.path(), "openFPGALoader", "");
    let made = |name: &str| folder.path().join("made").join(name);
    refused(
        folder.path(),
        "--board upduino --bitstream made/icebreaker.bin",
        &["made for the board icebreaker, wanted upduino", "--board icebreaker, if that is the board"],
    );
    // A board of which this repository keeps nothing.
    let toml =
        include_str!("../../constraints/icebreaker/board.toml").replacen("\"icebreaker\"", "\"mine\"", 1);
    fs::write(folder.path().join("mine.toml"), toml).unwrap();
    refused(
        folder.path(),
        "--board mine.toml",
        &["made/mine.bin: No such file", "stop-fpga build --board mine --out made"],
    );
    refused(
        folder.path(),
        "--board small-w8",
        &["--board small-w8: nothing writes to it", "stop-fpga boards"],
    );
    refused(folder.path(), "--board gone", &["no configuration `gone`"]);
    refused(folder.path(), "--board icebreaker --bitstream made", &["made: wanted a file"]);

    fs::write(made("icebreaker.bin"), "bitS").unwrap();
    refused(
        folder.path(),
        "--board icebreaker",
        &["has the SHA-256 ", &format!("wanted {HASH}"), "damaged or was replaced"],
    );
    fs::write(made("icebreaker.bin"), "bits").unwrap();
    fs::write(made("report.json"), "{\"board\": 7}").unwrap();
    refused(
        folder.path(),
        "--board icebreaker",
        &["report.json: invalid type: integer `7`", "keep the two together"],
    );
    fs::remove_file(made("report.json")).unwrap();
    refused(folder.path(), "--board icebreaker", &["report.json: No such file", "nobody knows what board"]);
    assert_eq!(ran(folder.path()), None);
}

#[test]
fn without_a_build_the_repositorys_bitstream_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    plant(folder.path(), "iceprog", "");
    let ended = flash(folder.path(), "--board icebreaker");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("made/icebreaker.bin is not there"), "{}", ended.stderr);
    let kept = sim::toolchain::repository().unwrap().join("bitstreams/icebreaker/icebreaker.bin");
    assert_eq!(ran(folder.path()).unwrap(), ["iceprog", kept.to_str().unwrap()]);
    fs::remove_file(folder.path().join("ran")).unwrap();

    // Its manifest is held to it like a report.
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["icebreaker.bin", "manifest.json"] {
        fs::copy(kept.with_file_name(name), copy.join(name)).unwrap();
    }
    let bitstream = "--board icebreaker --bitstream copy/icebreaker.bin";
    assert_eq!(flash(folder.path(), bitstream).code, Some(0));
    fs::remove_file(folder.path().join("ran")).unwrap();
    let manifest = fs::read_to_string(copy.join("manifest.json")).unwrap();
    let older = manifest.replacen(&format!("\"abi\": {ABI}"), "\"abi\": 1", 1);
    fs::write(copy.join("manifest.json"), older).unwrap();
    let abi = format!("speaks ABI 1, this program ABI {ABI}");
    refused(folder.path(), bitstream, &[&abi, "stop-fpga build --board icebreaker --out made"]);
    fs::write(copy.join("icebreaker.bin"), "bits").unwrap();
    refused(folder.path(), bitstream, &["has the SHA-256 ", "as the manifest.json beside it says"]);
    assert_eq!(ran(folder.path()), None);
}

#[test]
fn without_a_program_both_are_named_with_where_to_get_them() {
    let folder = built("icebreaker");
    // A file that can't be run is no program.
    fs::write(folder.path().join("bin/iceprog"), "").unwrap();
    let said = ["looked for openFPGALoader and iceprog", "trabucayre.github.io", "apt install fpga-icestorm"];
    refused(folder.path(), "--board icebreaker", &said);
}

#[test]
fn what_a_program_complains_of_is_explained() {
    for (program, words, code, said) in [
        (
            "openFPGALoader",
            "unable to open ftdi device: -4 (usb_open() failed)",
            1,
            &["permission denied", "70-stop-fpga.rules"][..],
        ),
        ("iceprog", "LIBUSB_ERROR_ACCESS", 2, &["permission denied", "ATTRS{idVendor}==\"0403\""]),
        (
            "openFPGALoader",
            "unable to open ftdi device: -3 (device not found)",
            1,
            &["not found on USB", "lsusb"],
        ),
        (
            "iceprog",
            "Can't find iCE FTDI USB device (vendor_id 0x0403, device_id 0x6010).",
            2,
            &["no board on USB that it may open", "plugged in", "70-stop-fpga.rules"],
        ),
        ("openFPGALoader", "unable to claim usb device", 1, &["another program has", "close what has it"]),
        ("iceprog", "verify failed", 3, &["its words are above", "exit status: 3"]),
    ] {
        let folder = built("icebreaker");
        plant(folder.path(), program, &format!("echo \"{words}\" >&2; exit {code}"));
        refused(folder.path(), "--board icebreaker", &[&[words, program][..], said].concat());
    }
}

#[test]
fn an_interrupted_program_is_ended_and_the_bitstream_called_half_written() {
    let folder = built("icebreaker");
    plant(folder.path(), "openFPGALoader", "exec /bin/sleep 60");
    let bin = folder.path().join("bin");
    let mut running =
        Running::start_with(folder.path(), "flash --board icebreaker", &[("PATH", bin.to_str().unwrap())]);
    running.until_exists(&folder.path().join("ran"));
    running.interrupt();
    let ended = running.end();
    assert_eq!((ended.code, &ended.stdout[..]), (Some(130), ""), "{}", ended.stderr);
    assert!(says(&ended.stderr, "may hold a part of the bitstream; write it again"), "{}", ended.stderr);
}
