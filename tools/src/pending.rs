//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Writes files, a name and a content each, into a folder that exists. All are on disk before the first takes its name: a full disk
/// changes nothing.
///
/// Errors: the file that could not be written, and why.
pub fn publish(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), (PathBuf, io::Error)> {
    let mut pending = Vec::new();
    for (name, content) in files {
        let path = folder.join(name);
        match fill(folder, content) {
            Ok(file) => pending.push((file, path)),
            Err(error) => return Err((path, error)),
        }
    }
    for (file, path) in pending {
        file.persist(&path).map_err(|error| (path, error.error))?;
    }
    Ok(())
}

/// A file that is written piece by piece and takes its name at the end; without that end there is none.
#[derive(Debug)]
pub struct Pending {
    file: NamedTempFile,
    path: PathBuf,
}

impl Pending {
    /// Begins a file that will be `path`, whose folder exists.
    pub fn create(path: &Path) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = temporary(folder.unwrap_or(Path::new(".")))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// What to write to.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the file its name. What was there before is replaced.
    pub fn publish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

fn fill(folder: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = temporary(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    // A temporary file is private to its owner by default; these are for whoever may read the folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
