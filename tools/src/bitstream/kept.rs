//! The bitstreams of this repository: `bitstreams/BOARD/`, a manifest and, where it is small, the image.

use std::fs;
use std::path::{Path, PathBuf};

use arch::Board;
use miette::Diagnostic;

use super::manifest::{GROWTH, Manifest};
use crate::pending::publish;

/// The folder in the repository.
const FOLDER: &str = "bitstreams";
/// The manifest beside an image.
pub const MANIFEST: &str = "manifest.json";
/// The largest image that is kept, in bytes: beyond it, the manifest alone.
const LARGEST: u64 = 700_000;
/// Seeds that the figures of what is kept are over, at least.
const LEAST_SEEDS: u32 = 5;
/// Largest manifest that is read.
const MOST: u64 = 1 << 20;

/// A bitstream that is not kept.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum KeptError {
    /// There is no repository.
    #[error("--keep: no checkout of this repository here, which holds {FOLDER}/")]
    #[diagnostic(help("run it inside of one"))]
    NoRepository,
    /// Another board than those of the repository.
    #[error("--keep: {name} is not as constraints/{name}/board.toml says")]
    #[diagnostic(help("--board {name} takes that file"))]
    OtherBoard {
        /// Its name.
        name: String,
    },
    /// Too little is known of how much is luck.
    #[error("--keep: {seen} seeds, wanted {LEAST_SEEDS} or more, for the figures in the manifest")]
    #[diagnostic(help("--all-seeds --seeds {LEAST_SEEDS}"))]
    FewSeeds {
        /// Seeds asked for.
        seen: u32,
    },
    /// The design takes more cells than the one that is kept.
    #[error(
        "{}: {before} logic cells there, {now} now: more by over {:.0} %; what is kept was left", path.display(), GROWTH * 100.0
    )]
    #[diagnostic(help("if it is meant, remove that file, run this again and commit both with the reason"))]
    Grown {
        /// The manifest.
        path: PathBuf,
        /// Logic cells of what is kept.
        before: u64,
        /// Logic cells of the new one.
        now: u64,
    },
    /// A manifest that can't be read.
    #[error("{}: {problem}", path.display())]
    #[diagnostic(help("{}", command("BOARD")))]
    Manifest {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that could not be written.
    #[error("{}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// The command that makes and keeps the bitstream of a board.
pub fn command(board: &str) -> String {
    format!("stop-fpga build --board {board} --all-seeds --keep --out made")
}

/// The folder of a board's bitstream: in this repository, else in a folder above the program's own. Whether it is there or not.
pub fn folder(board: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|program| program.ancestors().skip(1));
    let found = sim::toolchain::repository()
        .or_else(|| above.map(Path::to_owned).find(|folder| folder.join(FOLDER).is_dir()));
    Some(found?.join(FOLDER).join(board))
}

/// Whether the bitstream of `board` over `seeds` seeds may be kept, before it is made.
pub fn allowed(board: &Board, seeds: u32) -> Result<(), KeptError> {
    sim::toolchain::repository().ok_or(KeptError::NoRepository)?;
    if Board::named(&board.name).is_ok_and(|known| known == *board) {
        if seeds < LEAST_SEEDS { Err(KeptError::FewSeeds { seen: seeds }) } else { Ok(()) }
    } else {
        Err(KeptError::OtherBoard { name: board.name.clone() })
    }
}

/// Keeps a bitstream in `folder` in the place of the one that is there. Returns the names of the files.
///
/// Errors: it has grown by more than [`GROWTH`]; a file can't be read or written. What was there is left then.
pub fn keep(folder: &Path, manifest: &Manifest, image: &[u8]) -> Result<Vec<String>, KeptError> {
    let path = folder.join(MANIFEST);
    if path.exists() {
        let [before, now] = [&read(&path)?, manifest].map(|one| one.utilisation.logic_cells[0]);
        if now as f64 > before as f64 * (1.0 + GROWTH) {
            return Err(KeptError::Grown { path, before, now });
        }
    }
    let write = |path: PathBuf, error| KeptError::Write { path, error };
    fs::create_dir_all(folder).map_err(|error| write(folder.to_owned(), error))?;
    let mut json = serde_json::to_vec_pretty(manifest).map_err(|error| write(path, error.into()))?;
    json.push(b'\n');
    let mut files = vec![(MANIFEST, &json[..])];
    if manifest.bytes <= LARGEST {
        files.push((&manifest.bitstream, image));
    } else {
        // An image of another time would not be the manifest's.
        let old = folder.join(&manifest.bitstream);
        if old.exists() {
            fs::remove_file(&old).map_err(|error| write(old, error))?;
        }
    }
    publish(folder, &files).map_err(|(path, error)| KeptError::Write { path, error })?;
    Ok(files.iter().map(|(name, _)| (*name).to_owned()).collect())
}

/// Reads a manifest.
fn read(path: &Path) -> Result<Manifest, KeptError> {
    let fail = |problem: String| KeptError::Manifest { path: path.to_owned(), problem };
    let text = crate::commands::bounded(path, MOST).map_err(fail)?;
    serde_json::from_slice(&text).map_err(|error| fail(error.to_string()))
}

#[cfg(test)]
mod tests;
