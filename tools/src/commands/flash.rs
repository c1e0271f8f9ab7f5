//! `flash`: a bitstream onto its board, by whatever program of the board's is here.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use miette::{Diagnostic, IntoDiagnostic, Result};
use serde::Deserialize;
use sim::toolchain::nextpnr::Part;
use sim::toolchain::pack;

use super::sha256;
use crate::board::configuration;
use crate::cli::{EXIT_INTERRUPTED, Flash};
use crate::interrupt::Interrupt;
use crate::programmer::{Programmer, ProgrammerError};

/// Where the pages have `build` put a bitstream.
const MADE: &str = "made";
/// Largest bitstream that is read: that of an ECP5-85F, uncompressed, is 2 MB.
const MOST: u64 = 16 << 20;
/// Largest report that is read.
const MOST_REPORT: u64 = 1 << 20;

/// What `build` says of a bitstream.
#[derive(Debug, Deserialize)]
struct Made {
    board: String,
    sha256: String,
}

/// A bitstream that is not written.
#[derive(Debug, thiserror::Error, Diagnostic)]
enum FlashError {
    #[error("--board {board}: nothing writes to it: it has no device or no [programmer]")]
    #[diagnostic(help("`stop-fpga boards` lists the boards"))]
    NoProgrammer { board: String },
    #[error("{}: {problem}", path.display())]
    #[diagnostic(help("`stop-fpga build --board {board} --out {MADE}` makes it; --bitstream names another"))]
    Bitstream { path: PathBuf, problem: String, board: String },
    #[error("{}: {problem}: without it nobody knows what board the bitstream is for", path.display())]
    #[diagnostic(help(
        "`stop-fpga build` writes it beside the bitstream: keep the two together, or build again"
    ))]
    Report { path: PathBuf, problem: String },
    #[error("{} was made for the board {seen}, wanted {wanted}: it would drive other pins", path.display())]
    #[diagnostic(help(
        "--board {seen}, if that is the board, or `stop-fpga build --board {wanted} --out {MADE}`"
    ))]
    Board { path: PathBuf, seen: String, wanted: String },
    #[error("{} has the SHA-256 {seen}, wanted {wanted}, as the report.json beside it says", path.display())]
    #[diagnostic(help("the file is damaged or was replaced: `stop-fpga build` makes both anew"))]
    Hash { path: PathBuf, seen: String, wanted: String },
}

/// Runs `flash`.
pub fn run(flash: &Flash, interrupt: &Interrupt) -> Result<ExitCode> {
    let board = configuration(&flash.board).into_diagnostic()?;
    let part = board.device.as_ref().and_then(Part::of);
    let (Some(programmer), Some(part)) = (&board.programmer, part) else {
        return Err(FlashError::NoProgrammer { board: flash.board.clone() }.into());
    };
    let usual = || Path::new(MADE).join(format!("{}.{}", board.name, pack::extension(part)));
    let bitstream = flash.bitstream.clone().unwrap_or_else(usual);
    check(&bitstream, &board.name)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = bitstream.to_str().ok_or_else(|| FlashError::Bitstream {
        path: bitstream.clone(),
        problem: "its name is not UTF-8".to_owned(),
        board: board.name.clone(),
    })?;
    let programmer = Programmer::find(programmer, name, &path)?;
    if flash.dry_run {
        println!("{}", programmer.line());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{}", programmer.line());
    match programmer.run(interrupt) {
        Ok(()) => {
            println!("{name} is on the board: `stop-fpga doctor --board serial:PORT` tests it");
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ ProgrammerError::Interrupted) => {
            eprintln!("{error}");
            Ok(ExitCode::from(EXIT_INTERRUPTED))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the bitstream is the one that was built for this board.
fn check(path: &Path, board: &str) -> Result<(), FlashError> {
    let content = bounded(path, MOST);
    let content = content.map_err(|problem| FlashError::Bitstream {
        path: path.to_owned(),
        problem,
        board: board.to_owned(),
    })?;
    let report = path.with_file_name("report.json");
    let fail = |problem| FlashError::Report { path: report.clone(), problem };
    let made = bounded(&report, MOST_REPORT).map_err(fail)?;
    let made: Made = serde_json::from_slice(&made).map_err(|error| fail(error.to_string()))?;
    if made.board != board {
        return Err(FlashError::Board { path: path.to_owned(), seen: made.board, wanted: board.to_owned() });
    }
    let seen = sha256(&content);
    if made.sha256 != seen {
        return Err(FlashError::Hash { path: path.to_owned(), seen, wanted: made.sha256 });
    }
    Ok(())
}

/// The content of a file, `most` bytes at most. What is no file, such as a pipe, might not end and is refused.
fn bounded(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let words = |error: std::io::Error| error.to_string();
    if !path.metadata().map_err(words)?.is_file() {
        return Err("wanted a file".to_owned());
    }
    let mut content = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut content)).map_err(words)?;
    if content.len() as u64 > most {
        return Err(format!("more than {most} bytes, wanted at most that"));
    }
    Ok(content)
}
