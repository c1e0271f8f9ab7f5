//! The report of a run: one page to read, `index.html`, the same data for machines, `report.json`, and one picture to show,
//! `picture.svg`.
//!
//! `docs/report.md` describes both.

mod axis;
mod curves;
mod data;
mod drawing;
mod frame;
mod lines;
mod numbers;
mod page;
mod palette;
mod picture;
mod raster;
#[cfg(test)]
mod samples;
mod tables;
#[cfg(test)]
mod tests;
mod thresholds;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

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
    // All are on disk before any takes its name: a full disk changes nothing.
    let json = Pending::new(dir, "report.json", &json)?;
    let picture = Pending::new(dir, "picture.svg", picture::picture(report).as_bytes())?;
    let html = Pending::new(dir, "index.html", html.as_bytes())?;
    json.publish()?;
    picture.publish()?;
    html.publish()
}

/// A file that has its content but not yet its name; dropped, it is gone.
struct Pending {
    file: NamedTempFile,
    path: PathBuf,
}

impl Pending {
    fn new(dir: &Path, name: &str, content: &[u8]) -> Result<Self, ReportError> {
        let path = dir.join(name);
        match fill(dir, content) {
            Ok(file) => Ok(Self { file, path }),
            Err(source) => Err(ReportError::File { path, source }),
        }
    }

    fn publish(self) -> Result<(), ReportError> {
        let Self { file, path } = self;
        match file.persist(&path) {
            Ok(_) => Ok(()),
            Err(error) => Err(ReportError::File { path, source: error.error }),
        }
    }
}

fn fill(dir: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    // A temporary file is private to its owner by default; a report is for whoever may read its directory.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}
