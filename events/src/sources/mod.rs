//! Where recordings and images come from: one file a format.
//!
//! A new format enters here: a file that reads it into `Loaded`, a [`Source`] that names it, a line in
//! [`Source::find`] that recognises it by its content, and a row in `docs/events.md`.

mod bundled;
mod cifar;
mod delayed_decision;
mod folder;
mod idx;
mod kept;
mod label_list;
mod labelled;
mod layout;
mod named;
mod picture;
mod zipped;

pub use bundled::Split;
pub use cifar::Kind as CifarKind;
pub use delayed_decision::DelayedDecision;
pub use named::{DataSet, Named};

pub(crate) use kept::MAX_EVENTS;
pub(crate) use labelled::{MAX_FILES, MAX_RECORDING_EVENTS, open};

use crate::error::Error;
use crate::item::Item;
use crate::recording::Sensor;
use flate2::read::MultiGzDecoder;
use layout::NUMBERED;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// What a source string names.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `bundled:train`, `bundled:test`: the N-MNIST recordings inside this crate.
    Bundled(Split),
    /// `delayed-decision:KEY=VALUE,…`: a synthetic task.
    DelayedDecision(DelayedDecision),
    /// A folder of label folders that hold recordings.
    Folder(PathBuf),
    /// The same inside a zip file, at a path of its own.
    Zip {
        /// The zip file.
        file: PathBuf,
        /// The folder in it that holds the label folders; empty for its top level.
        inside: String,
    },
    /// A binary file of CIFAR-10 or CIFAR-100.
    Cifar(PathBuf, CifarKind),
    /// An IDX file of images, gzip-compressed or not; its labels lie beside it.
    Idx(PathBuf),
    /// A CSV list of recordings' files and their labels.
    LabelList(PathBuf),
    /// `NAME:PATH`, `NAME:PATH:test`: a data set in the layout in which its authors publish it.
    Named(Named),
}

/// What a source holds.
pub(crate) struct Loaded {
    /// At most as many as asked for.
    pub items: Vec<Item>,
    /// One more than the highest label of the whole source, whatever the limit.
    pub classes: u16,
}

/// What a walk through a source comes to.
pub(crate) enum Found {
    /// A file that was read but not decoded.
    File {
        /// Where it came from.
        name: String,
        /// Its class.
        label: u16,
        /// Its content.
        bytes: Vec<u8>,
        /// Its sensor, whatever it says itself.
        sensor: Option<Sensor>,
    },
    /// An item of a source whose items are no files.
    Item(Item),
    /// What cannot be an item.
    Wrong(Error),
}

/// How far a walk has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Items that were looked at.
    pub done: usize,
    /// Items there are.
    pub all: usize,
}

impl Source {
    /// Finds out what `text` names. Files are recognised by their first bytes, not by their extension.
    ///
    /// # Errors
    /// Nothing there; a file of a format that is not read; a misspelt built-in source.
    pub fn find(text: &str) -> Result<Source, Error> {
        if let Some(split) = text.strip_prefix("bundled:") {
            return Ok(Source::Bundled(split.parse()?));
        }
        if text == "delayed-decision" {
            return Ok(Source::DelayedDecision(DelayedDecision::default()));
        }
        if let Some(keys) = text.strip_prefix("delayed-decision:") {
            return Ok(Source::DelayedDecision(keys.parse()?));
        }
        if let Some(named) = Named::find(text) {
            return Ok(Source::Named(named));
        }
        let path = Path::new(text);
        if path.is_dir() {
            return Ok(Source::Folder(path.into()));
        }
        // `recordings.zip/Train`: the nearest part of the path that is a file.
        let Some(file) = path.ancestors().find(|part| part.is_file()) else {
            return Err(Error::NothingThere { source_text: text.into() });
        };
        let inside = path.strip_prefix(file).unwrap_or(Path::new(""));
        let mut first = [0; 4];
        let length = read_start(file, &mut first)?;
        let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
        match first[..length] {
            [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => {
                let inside = inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
                Ok(Source::Zip { file: file.into(), inside })
            }
            _ if !inside.as_os_str().is_empty() => Err(Error::NothingThere { source_text: text.into() }),
            [0x1F, 0x8B, ..] | [0, 0, 8, 1 | 3] => Ok(Source::Idx(file.into())),
            _ if label_list::recognised(file)? => Ok(Source::LabelList(file.into())),
            _ => match CifarKind::of(&first[..length], size) {
                Some(kind) => Ok(Source::Cifar(file.into(), kind)),
                // A damaged IDX file, which says what is wrong with it.
                None if first[..length].starts_with(&[0, 0]) => Ok(Source::Idx(file.into())),
                None => Err(Error::UnknownFormat { path: text.into(), first: first[..length].into() }),
            },
        }
    }

    /// Reads the first `limit` items, or all.
    pub(crate) fn load(&self, limit: Option<usize>) -> Result<Loaded, Error> {
        let limit = limit.unwrap_or(usize::MAX);
        match self {
            Source::Bundled(split) => bundled::load(*split, limit),
            Source::DelayedDecision(task) => task.load(limit),
            Source::Folder(folder) => folder::load(folder, NUMBERED, limit),
            Source::Zip { file, inside } => zipped::load(file, inside, NUMBERED, limit),
            Source::Cifar(file, kind) => cifar::load(std::slice::from_ref(file), *kind, limit),
            Source::Idx(images) => idx::load(images, limit),
            Source::LabelList(list) => label_list::load(list, limit),
            Source::Named(named) => named.load(limit),
        }
    }

    /// Shows all items to `visit`, whatever is wrong with some; returns the number of classes.
    ///
    /// # Errors
    /// A source of which nothing can be told.
    pub(crate) fn walk(&self, visit: &mut dyn FnMut(Found, Progress)) -> Result<u16, Error> {
        match self {
            Source::Folder(folder) => return folder::walk(folder, NUMBERED, visit),
            Source::Zip { file, inside } => return zipped::walk(file, inside, NUMBERED, visit),
            Source::LabelList(list) => return label_list::walk(list, visit),
            Source::Named(named) => {
                if let Some(classes) = named.walk(visit) {
                    return classes;
                }
            }
            Source::Bundled(_) | Source::DelayedDecision(_) | Source::Cifar(..) | Source::Idx(_) => {}
        }
        let Loaded { items, classes } = self.load(None)?;
        let all = items.len();
        for (at, item) in items.into_iter().enumerate() {
            visit(Found::Item(item), Progress { done: at + 1, all });
        }
        Ok(classes)
    }
}

/// Reads a picture's file; None if it is none.
pub(crate) fn picture(name: &str, label: u16, bytes: &[u8]) -> Result<Option<Item>, Error> {
    Ok(picture::read(name, label, bytes)?.map(Item::Image))
}

/// Fills `bytes` with the start of the file as far as it reaches; returns how far.
fn read_start(path: &Path, bytes: &mut [u8]) -> Result<usize, Error> {
    let fail = |cause| Error::Io { path: path.display().to_string(), cause };
    let mut start = Vec::new();
    File::open(path).map_err(fail)?.take(bytes.len() as u64).read_to_end(&mut start).map_err(fail)?;
    bytes[..start.len()].copy_from_slice(&start);
    Ok(start.len())
}

/// Opens a file, and unpacks it if it is in gzip.
fn unpacked(path: &Path) -> Result<Box<dyn Read>, Error> {
    let fail = |cause| Error::Io { path: path.display().to_string(), cause };
    let mut file = File::open(path).map_err(fail)?;
    let mut start = Vec::new();
    (&mut file).take(2).read_to_end(&mut start).map_err(fail)?;
    let is_gzip = start == [0x1F, 0x8B];
    let file = BufReader::new(Cursor::new(start).chain(file));
    Ok(if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_sources_are_found_by_name() {
        assert_eq!(Source::find("bundled:train").unwrap(), Source::Bundled(Split::Train));
        assert_eq!(Source::find("bundled:test").unwrap(), Source::Bundled(Split::Test));
        let message = Source::find("bundled:all").unwrap_err().to_string();
        assert!(message.contains("`all`") && message.contains("bundled:train"), "{message}");
        assert!(matches!(Source::find("delayed-decision").unwrap(), Source::DelayedDecision(_)));
        assert!(matches!(Source::find("delayed-decision:classes=3").unwrap(), Source::DelayedDecision(_)));
    }

    #[test]
    fn files_are_recognised_by_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let find = |path: &Path| Source::find(path.to_str().unwrap());
        assert_eq!(find(folder.path()).unwrap(), Source::Folder(folder.path().into()));

        let path = file("a", b"PK\x03\x04...");
        assert_eq!(find(&path).unwrap(), Source::Zip { file: path.clone(), inside: "".into() });
        let inside = find(&path.join("b").join("c")).unwrap();
        assert_eq!(inside, Source::Zip { file: path, inside: "b/c".into() });

        for bytes in [&[0x1F, 0x8B, 8, 0][..], &[0, 0, 8, 3]] {
            let path = file("a", bytes);
            assert_eq!(find(&path).unwrap(), Source::Idx(path.clone()));
            assert!(matches!(find(&path.join("b")), Err(Error::NothingThere { .. })));
        }

        for (bytes, seen) in [(&b"%eve"[..], "25 65 76 65"), (b"", "nothing"), (b"P", "50")] {
            let message = find(&file("a", bytes)).unwrap_err().to_string();
            assert!(message.contains(seen) && message.contains("IDX"), "{message}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        let message = Source::find("no/such/place").unwrap_err().to_string();
        assert!(message.contains("`no/such/place`") && message.contains("bundled:train"), "{message}");
        assert!(Source::find("").is_err());
    }
}
