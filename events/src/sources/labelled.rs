//! Recordings and images in label folders: `0/00002.bin`, `5/00001.bin`, …, on a disk or in a zip.

use super::kept::Kept;
use super::layout::{Classes, Layout, number_in};
use super::{Found, Loaded, Progress, picture};
use crate::error::Error;
use crate::item::{Item, Recording};
use crate::recording::{self, Format, Options, Reader, Sensor};
use std::collections::HashMap;
use std::io::Cursor;

/// The most files a source may list.
pub(crate) const MAX_FILES: usize = 1 << 20;

/// The most bytes a recording's file may have.
pub(super) const MAX_FILE_BYTES: usize = 64 << 20;

/// The most events a recording may have. N-MNIST's have a few thousand.
pub(crate) const MAX_RECORDING_EVENTS: usize = 4 << 20;

/// The sensor of N-MNIST, whose format does not state it.
const NMNIST: Sensor = Sensor { width: 34, height: 34 };

/// Opens the content of a recording's file, of any format, with its sensor: that which is given, or the one it states.
/// `name` is where it came from.
///
/// # Errors
/// An unknown format, a damaged header, no sensor.
pub(crate) fn open(name: &str, bytes: Vec<u8>, sensor: Option<Sensor>) -> Result<(Reader, Sensor), Error> {
    let is_bin = name.to_ascii_lowercase().ends_with(".bin");
    let bytes = Cursor::new(bytes);
    let mut reader = match recording::from_reader(name, bytes.clone(), &Options::default()) {
        // Too damaged to be recognised: its name says what it should be, and the error what is wrong.
        Err(Error::UnknownRecording { .. }) if is_bin => recording::from_reader(
            name,
            bytes.clone(),
            &Options { format: Some(Format::Bin), ..Options::default() },
        )?,
        opened => opened?,
    };
    let format = reader.header().format;
    if format == Format::Bin {
        let sensor = Some(sensor.unwrap_or(NMNIST));
        let options = Options { format: Some(format), sensor, ..Options::default() };
        reader = recording::from_reader(name, bytes, &options)?;
    }
    match sensor.or(reader.header().sensor) {
        Some(sensor) => Ok((reader, sensor)),
        None => Err(Error::NoSensor { name: name.into(), format }),
    }
}

/// Reads the content of a file: a recording or an image.
///
/// # Errors
/// As [`open`]; damage, no events or too many, a time before the one that precedes it.
pub(super) fn item(name: &str, label: u16, bytes: Vec<u8>, sensor: Option<Sensor>) -> Result<Item, Error> {
    match picture::read(name, label, &bytes)? {
        Some(image) => Ok(Item::Image(image)),
        None => recording(name, label, bytes, sensor).map(Item::Recording),
    }
}

fn recording(name: &str, label: u16, bytes: Vec<u8>, sensor: Option<Sensor>) -> Result<Recording, Error> {
    let (mut reader, Sensor { width, height }) = open(name, bytes, sensor)?;
    let events = reader.read_to_end(MAX_RECORDING_EVENTS)?;
    if events.is_empty() {
        return Err(Error::NoEvents { name: name.into() });
    }
    let recording = Recording { label, name: name.into(), width, height, events, window_us: None };
    recording.check()?;
    Ok(recording)
}

/// A recording's file that was seen but not read.
struct Listed<Handle> {
    file_name: String,
    /// Its label folder, by its position in the listing.
    folder: usize,
    handle: Handle,
}

/// The recordings' files found so far.
pub(super) struct Listing<Handle> {
    /// The folder of label folders, as the user would write it.
    root: String,
    layout: Layout,
    /// The label folders, and where among them each name is.
    folders: Vec<String>,
    positions: HashMap<String, usize>,
    files: Vec<Listed<Handle>>,
    /// What is wrong, where that does not end the listing.
    noted: Option<Vec<Error>>,
}

impl<Handle> Listing<Handle> {
    pub(super) fn new(root: String, layout: Layout) -> Self {
        let (folders, files) = (Vec::new(), Vec::new());
        Listing { root, layout, folders, positions: HashMap::new(), files, noted: None }
    }

    /// What is wrong ends the listing no more: [`walk`](Self::walk) tells it.
    pub(super) fn noting(self) -> Self {
        Listing { noted: Some(Vec::new()), ..self }
    }

    fn wrong(&mut self, error: Error) -> Result<(), Error> {
        match &mut self.noted {
            Some(noted) => noted.push(error),
            None => return Err(error),
        }
        Ok(())
    }

    /// Takes a folder's name as that of a class, and returns its position. None if it is none, which is noted.
    pub(super) fn folder(&mut self, name: &str) -> Result<Option<usize>, Error> {
        if let Some(position) = self.positions.get(name) {
            return Ok(Some(*position));
        }
        let root = self.root.clone();
        match self.layout.classes {
            Classes::Numbered if number(name).is_none() => {
                self.wrong(Error::LabelFolder { root, folder: name.into() })?;
                return Ok(None);
            }
            Classes::Named(names) if !names.contains(&name) => {
                self.wrong(Error::ClassFolder { root, folder: name.into(), wanted: names.join(", ") })?;
                return Ok(None);
            }
            _ if self.folders.len() == usize::from(u16::MAX) => {
                return Err(Error::TooManyFiles { root, limit: u16::MAX.into() });
            }
            _ => {}
        }
        let position = self.folders.len();
        self.folders.push(name.into());
        self.positions.insert(name.into(), position);
        Ok(Some(position))
    }

    /// Takes a file of a label folder. Hidden files are passed over.
    pub(super) fn file(&mut self, folder: usize, file_name: &str, handle: Handle) -> Result<(), Error> {
        if file_name.starts_with('.') {
            return Ok(());
        }
        // A zip lists what lies deeper as well.
        if file_name.contains('/') {
            let path = format!("{}/{}/{file_name}", self.root, self.folders[folder]);
            return self.wrong(Error::NotARecording { path });
        }
        if self.files.len() == MAX_FILES {
            return Err(Error::TooManyFiles { root: self.root.clone(), limit: MAX_FILES });
        }
        if (self.layout.takes)(number_in(file_name)) {
            self.files.push(Listed { file_name: file_name.into(), folder, handle });
        }
        Ok(())
    }

    /// Each folder's label, and the number of classes.
    fn labels(&mut self) -> Result<(Vec<u16>, u16), Error> {
        let names: Vec<String> = match self.layout.classes {
            Classes::Numbered => {
                let labels: Vec<u16> = self.folders.iter().filter_map(|name| number(name)).collect();
                let classes = labels.iter().max().map_or(0, |label| label + 1);
                return Ok((labels, classes));
            }
            Classes::Named(names) => names.iter().map(|name| name.to_string()).collect(),
            Classes::Sorted => {
                let mut names = self.folders.clone();
                names.sort_unstable();
                names
            }
        };
        let missing: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !self.positions.contains_key(*name)).collect();
        if !missing.is_empty() {
            self.wrong(Error::ClassesMissing { root: self.root.clone(), missing: missing.join(", ") })?;
        }
        let mut labels = vec![0; self.folders.len()];
        for (label, name) in (0..).zip(&names) {
            if let Some(&position) = self.positions.get(name) {
                labels[position] = label;
            }
        }
        Ok((labels, names.len() as u16))
    }

    /// Reads the first `limit` recordings in the order of their file names, then labels: N-MNIST numbers its
    /// files across the labels, so a limit takes a mix of them. The others are not opened.
    pub(super) fn load(
        mut self,
        limit: usize,
        mut read: impl FnMut(&str, Handle) -> Result<Vec<u8>, Error>,
    ) -> Result<Loaded, Error> {
        if self.folders.is_empty() {
            return Err(Error::NoRecordings { root: self.root });
        }
        let (labels, classes) = self.labels()?;
        if self.files.is_empty() {
            return Err(Error::NoRecordings { root: self.root });
        }
        self.sort(&labels);
        let mut items = Vec::with_capacity(self.files.len().min(limit));
        let mut kept = Kept::new(self.root.clone());
        for Listed { file_name, folder, handle } in self.files.into_iter().take(limit) {
            let name = format!("{}/{}/{file_name}", self.root, self.folders[folder]);
            let bytes = read(&name, handle)?;
            let item = item(&name, labels[folder], bytes, self.layout.sensor)?;
            kept.add(&item)?;
            items.push(item);
        }
        Ok(Loaded { items, classes })
    }

    /// Shows all files to `visit` in the same order, one at a time, whatever is wrong with some of them; returns the
    /// number of classes.
    ///
    /// # Errors
    /// None after [`noting`](Self::noting).
    pub(super) fn walk(
        mut self,
        mut read: impl FnMut(&str, Handle) -> Result<Vec<u8>, Error>,
        visit: &mut dyn FnMut(Found, Progress),
    ) -> Result<u16, Error> {
        let (labels, classes) = self.labels()?;
        self.sort(&labels);
        let mut progress = Progress { done: 0, all: self.files.len() };
        for wrong in self.noted.into_iter().flatten() {
            visit(Found::Wrong(wrong), progress);
        }
        for Listed { file_name, folder, handle } in self.files {
            let (name, label) =
                (format!("{}/{}/{file_name}", self.root, self.folders[folder]), labels[folder]);
            progress.done += 1;
            let found = match read(&name, handle) {
                Ok(bytes) => Found::File { name, label, bytes, sensor: self.layout.sensor },
                Err(error) => Found::Wrong(error),
            };
            visit(found, progress);
        }
        Ok(classes)
    }

    fn sort(&mut self, labels: &[u16]) {
        let by_number = self.layout.by_number;
        self.files.sort_by_cached_key(|file| {
            let number = if by_number { number_in(&file.file_name) } else { 0 };
            (number, file.file_name.clone(), labels[file.folder])
        });
    }
}

/// The label that a folder's name is.
fn number(folder: &str) -> Option<u16> {
    folder.parse().ok().filter(|&label| label < u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::layout::NUMBERED;

    #[test]
    fn a_limit_takes_the_first_file_names_and_opens_no_others() {
        let mut listing = Listing::new("root".into(), NUMBERED);
        for (folder, file) in [("0", "2.bin"), ("0", "4.bin"), ("5", "1.bin"), ("9", "3.bin"), ("2", "1.BIN")]
        {
            let folder = listing.folder(folder).unwrap().unwrap();
            listing.file(folder, file, ()).unwrap();
        }
        listing.file(0, ".DS_Store", ()).unwrap();
        let mut opened = Vec::new();
        let loaded = listing
            .load(4, |name, ()| {
                opened.push(name.to_string());
                Ok(vec![0; 5])
            })
            .unwrap();
        assert_eq!(opened, ["root/2/1.BIN", "root/5/1.bin", "root/0/2.bin", "root/9/3.bin"]);
        assert_eq!(loaded.items.iter().map(Item::label).collect::<Vec<_>>(), [2, 5, 0, 9]);
        assert_eq!(loaded.classes, 10);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        let mut listing = Listing::<()>::new("root".into(), NUMBERED);
        for folder in ["Train", "-1", "65535", "1.5"] {
            let message = listing.folder(folder).unwrap_err().to_string();
            assert!(
                message.contains(&format!("label folder `{folder}` of `root` is no number")),
                "{message}"
            );
            assert!(message.contains(&format!("root/{folder}")), "{message}");
        }
        let folder = listing.folder("3").unwrap().unwrap();
        let message = listing.file(folder, "deeper/1.bin", ()).unwrap_err().to_string();
        assert!(message.contains("`root/3/deeper/1.bin`"), "{message}");
        let message = listing.load(1, |_, ()| Ok(vec![])).err().unwrap().to_string();
        assert!(message.contains("`root`") && message.contains("no recordings"), "{message}");
    }

    #[test]
    fn any_format_is_read_and_damage_is_named() {
        let text = b"t,x@3,y@2,on\n5,2,1,1\n7,0,0,0\n";
        let read = recording("a.txt", 4, text.to_vec(), None).unwrap();
        assert_eq!((read.label, read.width, read.height, read.events.len()), (4, 3, 2, 2));
        let message =
            |name: &str, bytes: &[u8]| recording(name, 0, bytes.to_vec(), None).unwrap_err().to_string();
        let seen = message("a.bin", &[]);
        assert!(seen.contains("`a.bin`") && seen.contains("no events"), "{seen}");
        let seen = message("a.bin", &[0; 13]);
        assert!(seen.contains("byte 10") && seen.contains("3 of 5 bytes"), "{seen}");
        let seen = message("a.bin", &[0, 0, 0, 0, 0, 34, 0, 0, 0, 0]);
        assert!(
            seen.contains("byte 5") && seen.contains("x = 34, y = 0") && seen.contains("34x34"),
            "{seen}"
        );
        let seen = message("a.bin", &[0, 240, 0, 0, 0]);
        assert!(seen.contains("byte 0") && seen.contains("x = 0, y = 240"), "{seen}");
        let seen = message("a.bin", &[0, 0, 0, 1, 0, 0, 0, 0, 0, 255]);
        assert!(seen.contains("event 1 is at 255 µs") && seen.contains("256 µs"), "{seen}");
        let seen = message("a.bin", &[0; (MAX_RECORDING_EVENTS + 1) * 5]);
        assert!(seen.contains("4194304 events"), "{seen}");
        let seen = message("a.csv", b"t,x,y,on\n5,2,1,1\n");
        assert!(seen.contains("`a.csv`") && seen.contains("csv") && seen.contains("sensor"), "{seen}");
        let seen = message("a.txt", b"t,x@3,y@2,on\n5,2,1,1\n7,0,2,0\n");
        assert!(seen.contains("byte 21") && seen.contains("y = 2"), "{seen}");
        let seen = message("readme.txt", b"What lies here");
        assert!(seen.contains("`readme.txt` begins with 57 68"), "{seen}");
    }

    #[test]
    fn too_many_files_are_refused() {
        let mut listing = Listing::new("root".into(), NUMBERED);
        listing.folder("0").unwrap();
        (0..MAX_FILES).for_each(|_| listing.file(0, "1.bin", ()).unwrap());
        let message = listing.file(0, "1.bin", ()).unwrap_err().to_string();
        assert!(message.contains("more than 1048576"), "{message}");
    }

    #[test]
    fn classes_have_names_in_some_data_sets() {
        let layout = |classes| Layout { classes, by_number: true, takes: |number| number != 3, ..NUMBERED };
        let listing = |classes, folders: &[&str]| {
            let mut listing = Listing::new("root".into(), layout(classes));
            for name in folders {
                let Some(folder) = listing.folder(name)? else { continue };
                [10, 9, 3].iter().try_for_each(|n| listing.file(folder, &format!("a_{n}_x1.bin.bin"), ()))?;
                [10, 9, 3].iter().try_for_each(|n| listing.file(folder, &format!("a_{n}_td.bin"), ()))?;
            }
            listing.load(usize::MAX, |_, ()| Ok(vec![0; 5]))
        };
        let labels = |loaded: Loaded| loaded.items.iter().map(Item::label).collect::<Vec<_>>();
        let named = listing(Classes::Named(&["dog", "cat"]), &["cat", "dog"]).unwrap();
        assert_eq!((named.classes, named.items.len()), (2, 10));
        // Files with the number 1 come first, then those with 9.
        assert_eq!(labels(named), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
        assert_eq!(labels(listing(Classes::Sorted, &["dog", "cat"]).unwrap())[..2], [0, 1]);
        let message = listing(Classes::Named(&["dog", "cat"]), &["cat", "cow"]).err().unwrap().to_string();
        assert!(message.contains("`cow`") && message.contains("dog, cat"), "{message}");
        let message = listing(Classes::Named(&["dog", "cat", "cow"]), &["cat"]).err().unwrap().to_string();
        assert!(message.contains("`root`") && message.contains("dog, cow"), "{message}");
    }
}
