//! What was built before: folders in `target/`, named by a digest of everything that went into them.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// `name` at the root of this repository, where it is there: beside the folder this crate was compiled from, else in the
/// current folder or one above.
pub(super) fn in_repository(name: &str) -> Option<PathBuf> {
    let compiled_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned);
    let current = std::env::current_dir().unwrap_or_default();
    let roots = compiled_from.into_iter().chain(current.ancestors().map(Path::to_owned));
    roots.map(|root| root.join(name)).find(|path| path.exists())
}

/// The folder for what tools leave behind. Not the system's folder for temporary files: the yowasp programs see one of
/// their own in its place.
pub(super) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .and_then(|folder| std::path::absolute(folder).ok())
        .or_else(|| in_repository("Cargo.lock").map(|lock| lock.with_file_name("target")))
        .unwrap_or_else(|| std::env::temp_dir().join("stop-fpga"))
}

/// A folder of its own below `target/<kind>/`, removed when dropped.
pub(super) fn scratch(kind: &str) -> io::Result<tempfile::TempDir> {
    let parent = target().join(kind);
    std::fs::create_dir_all(&parent)?;
    tempfile::Builder::new().prefix(".making-").tempdir_in(parent)
}

/// The folder `target/<kind>/<digest of key>`, which `make` fills when it is not there.
///
/// It is made elsewhere and renamed into place: what is there is whole, and of two that make the same folder at a time
/// one wins and the other uses it.
pub(super) fn folder<E: From<io::Error>>(
    kind: &str,
    key: &[&[u8]],
    make: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    let path = target().join(kind).join(digest(key));
    if path.is_dir() {
        return Ok(path);
    }
    let making = scratch(kind)?;
    make(making.path())?;
    match std::fs::rename(making.path(), &path) {
        Err(error) if !path.is_dir() => Err(error.into()),
        _ => Ok(path),
    }
}

/// SHA-256 over the parts, each with its length before it, in hexadecimal.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_a_failed_one_not_kept() {
        let key = format!("{:?}", std::time::SystemTime::now());
        let key: &[&[u8]] = &[key.as_bytes()];
        let failed = folder("test", key, |_| Err(io::Error::other("planted")));
        assert_eq!(failed.unwrap_err().to_string(), "planted");
        let write = |path: &Path| std::fs::write(path.join("file"), "made");
        let path = folder("test", key, write).unwrap();
        let again = folder("test", key, |_| Err(io::Error::other("made twice"))).unwrap();
        assert_eq!(path, again);
        assert_eq!(std::fs::read_to_string(path.join("file")).unwrap(), "made");
        std::fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn where_one_part_ends_counts() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
