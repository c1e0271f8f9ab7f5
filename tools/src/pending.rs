//! Files that appear whole or not at all.

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

fn fill(folder: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    // A temporary file is private to its owner by default; these are for whoever may read the folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}
