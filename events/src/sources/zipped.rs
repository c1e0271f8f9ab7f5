//! Label folders inside a zip file. Nothing is unpacked to the disk.

use super::labelled::{Listing, MAX_FILE_BYTES, MAX_FILES};
use super::layout::Layout;
use super::{Found, Loaded, Progress};
use crate::bounded;
use crate::error::Error;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use zip::ZipArchive;
use zip::result::ZipError;

/// Whether a zip has anything below `inside`.
pub(super) fn holds(file: &Path, inside: &str) -> Result<bool, Error> {
    let path = || file.display().to_string();
    let reader = File::open(file).map_err(|cause| Error::Io { path: path(), cause })?;
    let archive =
        ZipArchive::new(BufReader::new(reader)).map_err(|cause| Error::Zip { path: path(), cause })?;
    let prefix = format!("{inside}/");
    Ok(inside.is_empty() || archive.file_names().any(|name| name.starts_with(&prefix)))
}

/// Reads the recordings below `inside`, a path without slashes at its ends; empty for the top level.
pub(super) fn load(file: &Path, inside: &str, layout: Layout, limit: usize) -> Result<Loaded, Error> {
    let (listing, mut archive) = list(file, inside, layout, |listing| listing)?;
    listing.load(limit, |name, index| read(&mut archive, name, index))
}

/// Shows every file to `visit`; returns the number of classes.
pub(super) fn walk(
    file: &Path,
    inside: &str,
    layout: Layout,
    visit: &mut dyn FnMut(Found, Progress),
) -> Result<u16, Error> {
    let (listing, mut archive) = list(file, inside, layout, Listing::noting)?;
    listing.walk(|name, index| read(&mut archive, name, index), visit)
}

type Archive = ZipArchive<BufReader<File>>;

fn list(
    file: &Path,
    inside: &str,
    layout: Layout,
    begin: impl Fn(Listing<usize>) -> Listing<usize>,
) -> Result<(Listing<usize>, Archive), Error> {
    let zip = file.display().to_string();
    let damaged = |cause: ZipError| Error::Zip { path: zip.clone(), cause };
    let reader = File::open(file).map_err(|cause| Error::Io { path: zip.clone(), cause })?;
    let archive = ZipArchive::new(BufReader::new(reader)).map_err(damaged)?;
    let root = if inside.is_empty() { zip.clone() } else { format!("{zip}/{inside}") };
    if archive.len() > MAX_FILES {
        return Err(Error::TooManyFiles { root, limit: MAX_FILES });
    }

    let prefix = if inside.is_empty() { String::new() } else { format!("{inside}/") };
    let mut listing = begin(Listing::new(root, layout));
    let mut below = false;
    for index in 0..archive.len() {
        let Some(rest) = archive.name_for_index(index).and_then(|path| path.strip_prefix(&prefix)) else {
            continue;
        };
        below = true;
        // A folder's own entry ends in a slash; a file beside the label folders has none.
        let Some((folder, file_name)) = rest.split_once('/') else { continue };
        if folder.starts_with('.') || folder == "__MACOSX" {
            continue;
        }
        let Some(position) = listing.folder(folder)? else { continue };
        if !file_name.is_empty() {
            listing.file(position, file_name, index)?;
        }
    }
    if !below {
        let top: BTreeSet<_> =
            archive.file_names().filter_map(|path| Some(path.split_once('/')?.0)).collect();
        let top = top.into_iter().take(8).collect::<Vec<_>>().join(", ");
        return Err(Error::NotInZip { zip, inside: inside.into(), top });
    }
    Ok((listing, archive))
}

fn read(archive: &mut Archive, name: &str, index: usize) -> Result<Vec<u8>, Error> {
    let member = archive.by_index(index).map_err(|cause| Error::Zip { path: name.into(), cause })?;
    bounded::read_to_end(member, name, MAX_FILE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::layout::NUMBERED;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zip(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = ZipWriter::new(file.reopen().unwrap());
        for (path, bytes) in files {
            if path.ends_with('/') {
                writer.add_directory(*path, SimpleFileOptions::default()).unwrap();
            } else {
                writer.start_file(*path, SimpleFileOptions::default()).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
        writer.finish().unwrap();
        file
    }

    fn labels(files: &[(&str, &[u8])], inside: &str) -> Vec<u16> {
        let loaded = load(zip(files).path(), inside, NUMBERED, usize::MAX).unwrap();
        loaded.items.iter().map(|item| item.label()).collect()
    }

    fn message(files: &[(&str, &[u8])], inside: &str) -> String {
        load(zip(files).path(), inside, NUMBERED, usize::MAX).err().unwrap().to_string()
    }

    #[test]
    fn label_folders_may_lie_at_the_top_or_deeper() {
        let event = &[0; 5][..];
        let files = [
            ("Train.csv", &b""[..]),
            ("3/", b""),
            ("3/2.bin", event),
            ("1/1.bin", event),
            ("__MACOSX/3/._2.bin", b""),
        ];
        assert_eq!(labels(&files, ""), [1, 3]);
        let files = [("a/Train/3/2.bin", event), ("a/Train/1/1.bin", event), ("a/Test/4/1.bin", event)];
        assert_eq!(labels(&files, "a/Train"), [1, 3]);
        assert_eq!(labels(&files, "a/Test"), [4]);
    }

    #[test]
    fn errors_name_the_place_in_the_zip() {
        let files = [("Train/3/2.bin", &[0; 4][..]), ("Test/0/1.bin", &[0; 5])];
        let seen = message(&files, "Train");
        assert!(seen.contains("/Train/3/2.bin`") && seen.contains("4 of 5 bytes"), "{seen}");
        let seen = message(&files, "Trian");
        assert!(seen.contains("`Trian`") && seen.contains("Test, Train"), "{seen}");
        let seen = message(&files, "");
        assert!(seen.contains("`Train`") && seen.contains("no number"), "{seen}");
        let seen = message(&[("3/a/b.txt", b"")], "");
        assert!(seen.contains("/3/a/b.txt`"), "{seen}");
        let seen = message(&[("3/a/b.bin", b"")], "");
        assert!(seen.contains("/3/a/b.bin`"), "{seen}");
    }

    #[test]
    fn a_small_member_that_unpacks_to_much_is_refused() {
        let seen = message(&[("3/2.bin", &vec![0; MAX_FILE_BYTES + 1])], "");
        assert!(seen.contains("67108864 bytes"), "{seen}");
    }

    #[test]
    fn damaged_zips_are_refused() {
        let whole = std::fs::read(zip(&[("3/2.bin", &[0; 5])]).path()).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        for length in 0..whole.len() {
            std::fs::write(file.path(), &whole[..length]).unwrap();
            let message = load(file.path(), "", NUMBERED, usize::MAX).err().unwrap().to_string();
            assert!(message.contains("zip"), "{message}");
        }
        for position in 0..whole.len() {
            let mut changed = whole.clone();
            changed[position] ^= 0x55;
            std::fs::write(file.path(), changed).unwrap();
            let _ = load(file.path(), "", NUMBERED, usize::MAX);
        }
    }
}
