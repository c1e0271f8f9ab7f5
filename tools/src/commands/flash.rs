//! `flash`: a bitstream onto its board, by whatever program of the board's is here.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arch::protocol::ABI;
use miette::{Diagnostic, IntoDiagnostic, Result};
use serde::Deserialize;
use sim::toolchain::nextpnr::Part;
use sim::toolchain::pack;

use super::{bounded, sha256};
use crate::bitstream::kept;
use crate::board::configuration;
use crate::cli::{EXIT_INTERRUPTED, Flash};
use crate::interrupt::Interrupt;
use crate::programmer::{Programmer, ProgrammerError};

/// Where the pages have `build` put a bitstream.
const MADE: &str = "made";
/// What `build` writes beside it.
const REPORT: &str = "report.json";
/// Largest bitstream that is read: that of an ECP5-85F, uncompressed, is 2 MB.
const MOST: u64 = 16 << 20;
/// Largest report that is read.
const MOST_REPORT: u64 = 1 << 20;

/// What `build` or a manifest of the repository says of a bitstream.
#[derive(Debug, Deserialize)]
struct Made {
    board: String,
    sha256: String,
    abi: u32,
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
    #[error("{} has the SHA-256 {seen}, wanted {wanted}, as the {says} beside it says", path.display())]
    #[diagnostic(help("the file is damaged or was replaced: `stop-fpga build` makes both anew"))]
    Hash { path: PathBuf, seen: String, wanted: String, says: &'static str },
    #[error("{} speaks ABI {seen}, this program ABI {ABI}: it could not talk to the board", path.display())]
    #[diagnostic(help("`stop-fpga build --board {board} --out {MADE}` makes one that fits this program"))]
    Abi { path: PathBuf, seen: u32, board: String },
}

/// Runs `flash`.
pub fn run(flash: &Flash, interrupt: &Interrupt) -> Result<ExitCode> {
    let board = configuration(&flash.board).into_diagnostic()?;
    let part = board.device.as_ref().and_then(Part::of);
    let (Some(programmer), Some(part)) = (&board.programmer, part) else {
        return Err(FlashError::NoProgrammer { board: flash.board.clone() }.into());
    };
    let bitstream = match &flash.bitstream {
        Some(named) => named.clone(),
        None => usual(&board.name, &format!("{}.{}", board.name, pack::extension(part))),
    };
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

/// Where a board's bitstream is looked for: what was built, else what the repository keeps.
fn usual(board: &str, name: &str) -> PathBuf {
    let made = Path::new(MADE).join(name);
    let kept = kept::folder(board).map(|folder| folder.join(name)).filter(|kept| kept.exists());
    match kept {
        Some(kept) if !made.exists() => {
            eprintln!("{} is not there: the one that this repository keeps is taken", made.display());
            kept
        }
        _ => made,
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
    // What `build` has made, else what the repository keeps.
    let kept = path.with_file_name(kept::MANIFEST);
    let report = path.with_file_name(REPORT);
    let (report, says) =
        if kept.exists() && !report.exists() { (kept, kept::MANIFEST) } else { (report, REPORT) };
    let fail = |problem| FlashError::Report { path: report.clone(), problem };
    let made = bounded(&report, MOST_REPORT).map_err(fail)?;
    let made: Made = serde_json::from_slice(&made).map_err(|error| fail(error.to_string()))?;
    if made.board != board {
        return Err(FlashError::Board { path: path.to_owned(), seen: made.board, wanted: board.to_owned() });
    }
    let seen = sha256(&content);
    if made.sha256 != seen {
        return Err(FlashError::Hash { path: path.to_owned(), seen, wanted: made.sha256, says });
    }
    if made.abi != ABI {
        return Err(FlashError::Abi { path: path.to_owned(), seen: made.abi, board: made.board });
    }
    Ok(())
}
