//! The report of a run: one page to read, `index.html`, the same data for machines, `report.json`, and one picture to show,
//! `picture.svg`.
//!
//! `docs/report.md` describes both.

pub mod axis;
mod curves;
mod data;
pub mod document;
pub mod drawing;
pub mod frame;
mod lines;
pub mod numbers;
mod page;
pub mod palette;
mod picture;
mod raster;
#[cfg(test)]
mod samples;
mod tables;
#[cfg(test)]
mod tests;
mod thresholds;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use data::{EpochRow, Evaluation, LayerFacts, Raster, RasterRow, Report, RunFacts};

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is no such directory, and it could not be made.
    #[error("cannot create the report's directory {path}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the report could not be written.
    #[error("cannot write {path}")]
    File {
        /// The file; what it held before is still there.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The data could not become JSON.
    #[error("cannot write the report as JSON")]
    Json(#[from] serde_json::Error),
}

/// Writes `report.json`, `picture.svg` and `index.html` into `dir`, which is created where it is missing.
///
/// A file is replaced whole or not at all. The page comes last: where it is new, so is what lies beside it.
pub fn write(dir: &Path, report: &Report) -> Result<(), ReportError> {
    let mut json = serde_json::to_vec(report)?;
    json.push(b'\n');
    let html = page::page(report).into_string();
    fs::create_dir_all(dir).map_err(|source| ReportError::Directory { path: dir.to_owned(), source })?;
    let picture = picture::picture(report);
    let files =
        [("report.json", &json[..]), ("picture.svg", picture.as_bytes()), ("index.html", html.as_bytes())];
    crate::pending::publish(dir, &files).map_err(|(path, source)| ReportError::File { path, source })
}
