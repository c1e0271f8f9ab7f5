//! A folder of label folders.

use super::labelled::{Listing, MAX_FILE_BYTES};
use super::layout::Layout;
use super::{Found, Loaded, Progress};
use crate::bounded;
use crate::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Files beside the label folders, such as a list of labels, are passed over.
pub(super) fn load(root: &Path, layout: Layout, limit: usize) -> Result<Loaded, Error> {
    list(root, Listing::new(root.display().to_string(), layout))?.load(limit, read)
}

/// Shows every file to `visit`; returns the number of classes.
pub(super) fn walk(
    root: &Path,
    layout: Layout,
    visit: &mut dyn FnMut(Found, Progress),
) -> Result<u16, Error> {
    list(root, Listing::new(root.display().to_string(), layout).noting())?.walk(read, visit)
}

fn list(root: &Path, mut listing: Listing<PathBuf>) -> Result<Listing<PathBuf>, Error> {
    for folder in fs::read_dir(root).map_err(|cause| unreadable(root, cause))? {
        let folder = folder.map_err(|cause| unreadable(root, cause))?;
        let name = folder.file_name().to_string_lossy().into_owned();
        let folder = folder.path();
        if name.starts_with('.') || !folder.is_dir() {
            continue;
        }
        let Some(position) = listing.folder(&name)? else { continue };
        for file in fs::read_dir(&folder).map_err(|cause| unreadable(&folder, cause))? {
            let file = file.map_err(|cause| unreadable(&folder, cause))?;
            listing.file(position, &file.file_name().to_string_lossy(), file.path())?;
        }
    }
    Ok(listing)
}

fn read(name: &str, path: PathBuf) -> Result<Vec<u8>, Error> {
    let file = File::open(&path).map_err(|cause| unreadable(&path, cause))?;
    bounded::read_to_end(file, name, MAX_FILE_BYTES)
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::Io { path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::layout::NUMBERED;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        root
    }

    #[test]
    fn recordings_lie_in_label_folders() {
        let event = [0; 5];
        let root = folder(&[
            ("3/2.bin", &event),
            ("1/1.bin", &event),
            ("1/.hidden", b""),
            (".git/config", b""),
            ("labels.csv", b""),
        ]);
        let loaded = load(root.path(), NUMBERED, usize::MAX).unwrap();
        assert_eq!(loaded.items.iter().map(|item| item.label()).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(loaded.classes, 4);
    }

    #[test]
    fn errors_name_the_file() {
        let message = |files| load(folder(files).path(), NUMBERED, usize::MAX).err().unwrap().to_string();
        let seen = message(&[("3/a.bin", &[0; 4])]);
        assert!(seen.contains("/3/a.bin`") && seen.contains("4 of 5 bytes"), "{seen}");
        let seen = message(&[("3/deeper.bin/a.bin", &[0; 5])]);
        assert!(seen.contains("cannot read") && seen.contains("/3/deeper.bin`"), "{seen}");
        let seen = message(&[("Train/0/a.bin", &[0; 5])]);
        assert!(seen.contains("`Train`") && seen.contains("no number"), "{seen}");
        let seen = message(&[("3/a.aedat", b"no events")]);
        assert!(seen.contains("/3/a.aedat`"), "{seen}");
        let seen = message(&[]);
        assert!(seen.contains("no recordings"), "{seen}");
        let seen = load(Path::new("gone"), NUMBERED, 1).err().unwrap().to_string();
        assert!(seen.contains("cannot read `gone`"), "{seen}");
    }
}
