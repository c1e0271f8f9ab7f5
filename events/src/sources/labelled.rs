//! Recordings and images in label folders: `0/00002.bin`, `5/00001.bin`, …, on a disk or in a zip.

use super::{Found, Loaded, Progress, picture};
use crate::error::Error;
use crate::item::{Item, Recording};
use crate::recording::{self, Format, Options, Reader, Sensor};
use std::io::Cursor;

/// The most files a source may list.
pub(crate) const MAX_FILES: usize = 1 << 20;

/// The most events a source may hold together: N-MNIST's 60,000 training recordings have 250 million.
pub(crate) const MAX_EVENTS: usize = 1 << 28;

/// The most bytes a recording's file may have.
pub(super) const MAX_FILE_BYTES: usize = 64 << 20;

/// The most events a recording may have. N-MNIST's have a few thousand.
pub(crate) const MAX_RECORDING_EVENTS: usize = 4 << 20;

/// The sensor of N-MNIST, whose format does not state it.
const NMNIST: Sensor = Sensor { width: 34, height: 34 };

/// Opens the content of a recording's file, of any format, with its sensor. `name` is where it came from.
///
/// # Errors
/// An unknown format, a damaged header, no sensor.
pub(crate) fn open(name: &str, bytes: Vec<u8>) -> Result<(Reader, Sensor), Error> {
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
        let options = Options { format: Some(format), sensor: Some(NMNIST), ..Options::default() };
        reader = recording::from_reader(name, bytes, &options)?;
    }
    match reader.header().sensor {
        Some(sensor) => Ok((reader, sensor)),
        None => Err(Error::NoSensor { name: name.into(), format }),
    }
}

/// Reads the content of a file: a recording or an image.
///
/// # Errors
/// As [`open`]; damage, no events or too many, a time before the one that precedes it.
pub(super) fn item(name: &str, label: u16, bytes: Vec<u8>) -> Result<Item, Error> {
    match picture::read(name, label, &bytes)? {
        Some(image) => Ok(Item::Image(image)),
        None => recording(name, label, bytes).map(Item::Recording),
    }
}

fn recording(name: &str, label: u16, bytes: Vec<u8>) -> Result<Recording, Error> {
    let (mut reader, Sensor { width, height }) = open(name, bytes)?;
    let events = reader.read_to_end(MAX_RECORDING_EVENTS)?;
    if events.is_empty() {
        return Err(Error::NoEvents { name: name.into() });
    }
    let recording = Recording { label, name: name.into(), width, height, events, window_us: None };
    recording.check()?;
    Ok(recording)
}

/// A recording's file that was seen but not read.
pub(super) struct Listed<Handle> {
    file_name: String,
    label: u16,
    handle: Handle,
}

/// The recordings' files found so far.
pub(super) struct Listing<Handle> {
    /// The folder of label folders, as the user would write it.
    root: String,
    files: Vec<Listed<Handle>>,
    classes: u16,
    /// What is wrong, where that does not end the listing.
    noted: Option<Vec<Error>>,
}

/// What an item takes of the memory. A pixel of an image takes less than an event.
pub(super) fn size(item: &Item) -> usize {
    match item {
        Item::Recording(recording) => recording.events.len(),
        Item::Image(image) => image.pixels.len(),
        Item::Spikes(sample) => sample.spikes.spikes(),
    }
}

impl<Handle> Listing<Handle> {
    pub(super) fn new(root: String) -> Self {
        Listing { root, files: Vec::new(), classes: 0, noted: None }
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

    /// Takes a folder's name as a label.
    pub(super) fn label(&mut self, folder: &str) -> Result<Option<u16>, Error> {
        let label = folder.parse().ok().filter(|&label: &u16| label < u16::MAX);
        match label {
            Some(label) => self.classes = self.classes.max(label + 1),
            None => self.wrong(Error::LabelFolder { root: self.root.clone(), folder: folder.into() })?,
        }
        Ok(label)
    }

    /// Takes a file of a label folder. Hidden files are passed over.
    pub(super) fn file(&mut self, label: u16, file_name: &str, handle: Handle) -> Result<(), Error> {
        if file_name.starts_with('.') {
            return Ok(());
        }
        // A zip lists what lies deeper as well.
        if file_name.contains('/') {
            return self.wrong(Error::NotARecording { path: format!("{}/{label}/{file_name}", self.root) });
        }
        if self.files.len() == MAX_FILES {
            return Err(Error::TooManyFiles { root: self.root.clone(), limit: MAX_FILES });
        }
        self.files.push(Listed { file_name: file_name.into(), label, handle });
        Ok(())
    }

    /// Reads the first `limit` recordings in the order of their file names, then labels: N-MNIST numbers its
    /// files across the labels, so a limit takes a mix of them. The others are not opened.
    pub(super) fn load(
        mut self,
        limit: usize,
        mut read: impl FnMut(&str, Handle) -> Result<Vec<u8>, Error>,
    ) -> Result<Loaded, Error> {
        if self.files.is_empty() {
            return Err(Error::NoRecordings { root: self.root });
        }
        self.sort();
        let mut items = Vec::with_capacity(self.files.len().min(limit));
        let mut events = 0;
        for Listed { file_name, label, handle } in self.files.into_iter().take(limit) {
            let name = format!("{}/{label}/{file_name}", self.root);
            let bytes = read(&name, handle)?;
            let item = item(&name, label, bytes)?;
            events += size(&item);
            if events > MAX_EVENTS {
                let (items, limit) = (items.len(), MAX_EVENTS);
                return Err(Error::TooManyEvents { root: self.root, items, limit });
            }
            items.push(item);
        }
        Ok(Loaded { items, classes: self.classes })
    }

    /// Shows all files to `visit` in the same order, one at a time, whatever is wrong with some of them.
    pub(super) fn walk(
        mut self,
        mut read: impl FnMut(&str, Handle) -> Result<Vec<u8>, Error>,
        visit: &mut dyn FnMut(Found, Progress),
    ) -> u16 {
        self.sort();
        let mut progress = Progress { done: 0, all: self.files.len() };
        for wrong in self.noted.into_iter().flatten() {
            visit(Found::Wrong(wrong), progress);
        }
        for Listed { file_name, label, handle } in self.files {
            let name = format!("{}/{label}/{file_name}", self.root);
            progress.done += 1;
            let found = match read(&name, handle) {
                Ok(bytes) => Found::File { name, label, bytes },
                Err(error) => Found::Wrong(error),
            };
            visit(found, progress);
        }
        self.classes
    }

    fn sort(&mut self) {
        self.files.sort_by(|a, b| (&a.file_name, a.label).cmp(&(&b.file_name, b.label)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_takes_the_first_file_names_and_opens_no_others() {
        let mut listing = Listing::new("root".into());
        for (folder, file) in [("0", "2.bin"), ("0", "4.bin"), ("5", "1.bin"), ("9", "3.bin"), ("2", "1.BIN")]
        {
            let label = listing.label(folder).unwrap().unwrap();
            listing.file(label, file, ()).unwrap();
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
        let mut listing = Listing::<()>::new("root".into());
        for folder in ["Train", "-1", "65535", "1.5"] {
            let message = listing.label(folder).unwrap_err().to_string();
            assert!(
                message.contains(&format!("label folder `{folder}` of `root` is no number")),
                "{message}"
            );
            assert!(message.contains(&format!("root/{folder}")), "{message}");
        }
        let message = listing.file(3, "deeper/1.bin", ()).unwrap_err().to_string();
        assert!(message.contains("`root/3/deeper/1.bin`"), "{message}");
        let message = listing.load(1, |_, ()| Ok(vec![])).err().unwrap().to_string();
        assert!(message.contains("`root`") && message.contains("no recordings"), "{message}");
    }

    #[test]
    fn any_format_is_read_and_damage_is_named() {
        let text = b"t,x@3,y@2,on\n5,2,1,1\n7,0,0,0\n";
        let read = recording("a.txt", 4, text.to_vec()).unwrap();
        assert_eq!((read.label, read.width, read.height, read.events.len()), (4, 3, 2, 2));
        let message = |name: &str, bytes: &[u8]| recording(name, 0, bytes.to_vec()).unwrap_err().to_string();
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
        let mut listing = Listing::new("root".into());
        (0..MAX_FILES).for_each(|_| listing.file(0, "1.bin", ()).unwrap());
        let message = listing.file(0, "1.bin", ()).unwrap_err().to_string();
        assert!(message.contains("more than 1048576"), "{message}");
    }
}
