//! Files in label folders: `0/00002.bin`, `5/00001.bin`, …, on a disk or in a zip.

use super::{Loaded, nmnist};
use crate::error::Error;
use crate::item::Item;

/// The most files a source may list.
pub(super) const MAX_FILES: usize = 1 << 20;

/// The most events a source may hold together: N-MNIST's 60,000 training recordings have 250 million.
const MAX_EVENTS: usize = 1 << 28;

/// The most bytes a recording's file may have.
pub(super) const MAX_FILE_BYTES: usize = nmnist::MAX_EVENTS * nmnist::EVENT_BYTES;

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
}

impl<Handle> Listing<Handle> {
    pub(super) fn new(root: String) -> Self {
        Listing { root, files: Vec::new(), classes: 0 }
    }

    /// Takes a folder's name as a label.
    pub(super) fn label(&mut self, folder: &str) -> Result<u16, Error> {
        let label = folder
            .parse()
            .ok()
            .filter(|&label: &u16| label < u16::MAX)
            .ok_or_else(|| Error::LabelFolder { root: self.root.clone(), folder: folder.into() })?;
        self.classes = self.classes.max(label + 1);
        Ok(label)
    }

    /// Takes a file of a label folder. Hidden files are passed over; others must be recordings.
    pub(super) fn file(&mut self, label: u16, file_name: &str, handle: Handle) -> Result<(), Error> {
        if file_name.starts_with('.') {
            return Ok(());
        }
        // A zip lists what lies deeper as well.
        if !file_name.to_ascii_lowercase().ends_with(".bin") || file_name.contains('/') {
            return Err(Error::NotARecording { path: format!("{}/{label}/{file_name}", self.root) });
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
        self.files.sort_by(|a, b| (&a.file_name, a.label).cmp(&(&b.file_name, b.label)));
        let mut items = Vec::with_capacity(self.files.len().min(limit));
        let mut events = 0;
        for Listed { file_name, label, handle } in self.files.into_iter().take(limit) {
            let name = format!("{}/{label}/{file_name}", self.root);
            let recording = nmnist::decode(&name, label, &read(&name, handle)?)?;
            events += recording.events.len();
            if events > MAX_EVENTS {
                let (items, limit) = (items.len(), MAX_EVENTS);
                return Err(Error::TooManyEvents { root: self.root, items, limit });
            }
            items.push(Item::Recording(recording));
        }
        Ok(Loaded { items, classes: self.classes })
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
            let label = listing.label(folder).unwrap();
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
        let message = listing.file(3, "readme.txt", ()).unwrap_err().to_string();
        assert!(message.contains("`root/3/readme.txt`") && message.contains(".bin"), "{message}");
        let message = listing.load(1, |_, ()| Ok(vec![])).err().unwrap().to_string();
        assert!(message.contains("`root`") && message.contains("no recordings"), "{message}");
    }

    #[test]
    fn too_many_files_are_refused() {
        let mut listing = Listing::new("root".into());
        (0..MAX_FILES).for_each(|_| listing.file(0, "1.bin", ()).unwrap());
        let message = listing.file(0, "1.bin", ()).unwrap_err().to_string();
        assert!(message.contains("more than 1048576"), "{message}");
    }
}
