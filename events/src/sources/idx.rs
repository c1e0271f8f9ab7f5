//! IDX, the format of MNIST and its relatives: images in one file, labels in another.
//!
//! ```text
//! images  00 00 08 03 | count | rows | columns | count × rows × columns pixels
//! labels  00 00 08 01 | count | count labels
//! ```
//!
//! Numbers have 32 bits, the most significant byte first. Either file may be gzip-compressed.

use super::{Loaded, unpacked};
use crate::bounded;
use crate::error::Error;
use crate::item::{Image, Item};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

const IMAGES_MAGIC: u32 = 0x0803;
const LABELS_MAGIC: u32 = 0x0801;

/// The most rows or columns of an image.
const MAX_SIDE: u32 = 4096;

/// The most images or labels a header may announce.
const MAX_COUNT: u32 = 1 << 24;

/// The most bytes of pixels that are read.
const MAX_PIXEL_BYTES: u64 = 1 << 30;

/// Reads the first `limit` images and the labels beside them. Pixels beyond the limit are not read; without
/// one, the file must end where its header says.
pub(super) fn load(images_path: &Path, limit: usize) -> Result<Loaded, Error> {
    let labels_path = labels_beside(images_path)?;
    let labels = labels(&labels_path)?;

    let mut images = IdxFile::open(images_path, IMAGES_MAGIC, "images")?;
    let count = images.count()?;
    let height = images.side("rows")?;
    let width = images.side("columns")?;
    if count as usize != labels.len() {
        return Err(Error::LabelCount {
            images: images.path,
            image_count: count,
            labels: labels_path.display().to_string(),
            label_count: labels.len(),
        });
    }
    let size = usize::from(width) * usize::from(height);
    let taken = limit.min(count as usize);
    if taken as u64 * size as u64 > MAX_PIXEL_BYTES {
        return Err(Error::TooLarge { name: images.path, limit: MAX_PIXEL_BYTES as usize });
    }
    let mut items = Vec::new();
    for label in &labels[..taken] {
        let pixels = images.bytes(size, || format!("image {} of {count}", items.len() + 1))?;
        items.push(Item::Image(Image { label: u16::from(*label), width, height, channels: 1, pixels }));
    }
    if taken == count as usize {
        images.end()?;
    }
    let classes = labels.iter().max().map_or(0, |&label| u16::from(label) + 1);
    Ok(Loaded { items, classes })
}

fn labels(path: &Path) -> Result<Vec<u8>, Error> {
    let mut file = IdxFile::open(path, LABELS_MAGIC, "labels")?;
    let count = file.count()?;
    let labels = file.bytes(count as usize, || format!("{count} labels"))?;
    file.end()?;
    Ok(labels)
}

/// The labels of `train-images-idx3-ubyte.gz` are `train-labels-idx1-ubyte.gz`, or without the `.gz`.
fn labels_beside(images: &Path) -> Result<PathBuf, Error> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    if !name.contains("images") || !name.contains("idx3") {
        return Err(Error::IdxName { path: images.display().to_string() });
    }
    let same = name.replace("images", "labels").replace("idx3", "idx1");
    let other = same.strip_suffix(".gz").map_or_else(|| format!("{same}.gz"), String::from);
    let candidates = [same, other].map(|name| images.with_file_name(name));
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(|| Error::NoLabels {
        images: images.display().to_string(),
        labels: candidates.map(|path| path.display().to_string()),
    })
}

/// An IDX file, read from front to back.
struct IdxFile {
    path: String,
    reader: Box<dyn Read>,
}

impl IdxFile {
    /// Opens, unpacks if need be, and checks the magic number. `holds` is what it should contain.
    fn open(path: &Path, magic: u32, holds: &'static str) -> Result<Self, Error> {
        let mut opened = IdxFile { path: path.display().to_string(), reader: unpacked(path)? };
        let seen = opened.number("magic number")?;
        if seen != magic {
            return Err(Error::IdxMagic { path: opened.path, holds, seen, wanted: magic });
        }
        Ok(opened)
    }

    /// Reads exactly `length` bytes; `what` they are, for the message when the file ends before.
    fn bytes(&mut self, length: usize, what: impl Fn() -> String) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(length as u64).read_to_end(&mut bytes);
        match read {
            Ok(seen) if seen == length => Ok(bytes),
            Ok(seen) => Err(self.cut(what(), seen, length)),
            // A gzip stream that was cut.
            Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => {
                Err(self.cut(what(), bytes.len(), length))
            }
            Err(cause) => Err(Error::Io { path: self.path.clone(), cause }),
        }
    }

    fn cut(&self, what: String, seen: usize, wanted: usize) -> Error {
        Error::IdxCut { path: self.path.clone(), what, seen, wanted }
    }

    fn number(&mut self, what: &str) -> Result<u32, Error> {
        let bytes = self.bytes(4, || what.into())?;
        Ok(bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }

    fn number_up_to(&mut self, what: &'static str, limit: u32) -> Result<u32, Error> {
        match self.number(what)? {
            seen if (1..=limit).contains(&seen) => Ok(seen),
            seen => Err(Error::IdxSize { path: self.path.clone(), what, seen, limit }),
        }
    }

    fn count(&mut self) -> Result<u32, Error> {
        self.number_up_to("count", MAX_COUNT)
    }

    fn side(&mut self, what: &'static str) -> Result<u16, Error> {
        Ok(self.number_up_to(what, MAX_SIDE)? as u16)
    }

    /// Checks that nothing follows.
    fn end(mut self) -> Result<(), Error> {
        match bounded::read_to_end(&mut self.reader, &self.path, 0) {
            Err(Error::TooLarge { name, .. }) => Err(Error::IdxLonger { path: name }),
            rest => rest.map(drop),
        }
    }
}

#[cfg(test)]
#[path = "idx_tests.rs"]
mod tests;
