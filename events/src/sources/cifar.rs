//! The binary files of CIFAR-10 and CIFAR-100: one or two bytes of label, then 32x32 pixels in three planes.
//!
//! ```text
//! CIFAR-10    label 0..9                      | 1024 red | 1024 green | 1024 blue
//! CIFAR-100   coarse label 0..19, label 0..99 | 1024 red | 1024 green | 1024 blue
//! ```
//!
//! Images keep their colours: a network of one channel sees them in grey. Files may be gzip-compressed.

use super::{Loaded, unpacked};
use crate::error::Error;
use crate::item::{Image, Item};
use std::io::Read;
use std::path::{Path, PathBuf};

const SIDE: u16 = 32;
const PLANE: usize = 1024;

/// Of each of the two kinds of file: bytes of label, and the most that the last of them may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    label_bytes: usize,
    most: u8,
}

pub(super) const CIFAR_10: Kind = Kind { label_bytes: 1, most: 9 };
pub(super) const CIFAR_100: Kind = Kind { label_bytes: 2, most: 99 };

impl Kind {
    fn image_bytes(self) -> u64 {
        (self.label_bytes + 3 * PLANE) as u64
    }

    /// The kind of a file that begins with `start` and has `length` bytes.
    pub(super) fn of(start: &[u8], length: u64) -> Option<Kind> {
        let fits = |kind: &Kind| {
            let label = start.get(kind.label_bytes - 1).is_some_and(|&label| label <= kind.most);
            length > 0 && length.is_multiple_of(kind.image_bytes()) && label
        };
        [CIFAR_10, CIFAR_100].into_iter().find(fits)
    }
}

/// The most images of a file: ten times those of CIFAR-100's training file.
const MAX_IMAGES: usize = 500_000;

/// Reads the first `limit` images of files that follow one another.
pub(super) fn load(files: &[PathBuf], kind: Kind, limit: usize) -> Result<Loaded, Error> {
    let mut items = Vec::new();
    for file in files {
        append(file, kind, limit, &mut items)?;
    }
    Ok(Loaded { items, classes: u16::from(kind.most) + 1 })
}

fn append(path: &Path, kind: Kind, limit: usize, items: &mut Vec<Item>) -> Result<(), Error> {
    let name = path.display().to_string();
    let mut reader = unpacked(path)?;
    let mut bytes = Vec::new();
    for image in 0.. {
        if items.len() >= limit {
            break;
        }
        bytes.clear();
        let wanted = kind.image_bytes();
        let read = (&mut reader).take(wanted).read_to_end(&mut bytes);
        let seen = read.map_err(|cause| Error::Io { path: name.clone(), cause })?;
        if seen == 0 {
            break;
        }
        if seen as u64 != wanted {
            return Err(Error::CifarCut { path: name, image, seen, wanted });
        }
        if image == MAX_IMAGES {
            let limit = MAX_IMAGES * wanted as usize;
            return Err(Error::TooLarge { name, limit });
        }
        let label = bytes[kind.label_bytes - 1];
        if label > kind.most {
            return Err(Error::CifarLabel { path: name, image, seen: label, most: kind.most });
        }
        let pixels = bytes[kind.label_bytes..].to_vec();
        items.push(Item::Image(Image {
            label: label.into(),
            width: SIDE,
            height: SIDE,
            channels: 3,
            pixels,
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Source;

    #[test]
    fn both_kinds_are_recognised_and_keep_their_colours() {
        for (labels, classes) in [(&[3][..], 10), (&[7, 42], 100)] {
            let colours = [labels, &[255; PLANE], &[0; PLANE], &[100; PLANE]].concat();
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), colours.repeat(3)).unwrap();
            let source = Source::find(file.path().to_str().unwrap()).unwrap();
            let loaded = source.load(Some(2)).unwrap();
            assert_eq!((loaded.items.len(), loaded.classes), (2, classes));
            let Item::Image(image) = &loaded.items[1] else { panic!("no image") };
            assert_eq!((image.label, image.width, image.height), (labels[labels.len() - 1].into(), 32, 32));
            assert_eq!((image.channels, &image.pixels[..]), (3, &colours[labels.len()..]));
            assert!(image.grey().iter().all(|&pixel| pixel == 88));
        }
    }

    #[test]
    fn a_label_that_is_none_is_named() {
        let mut bytes = vec![0; 3073 * 2];
        bytes[3073] = 10;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let message = load(&[file.path().into()], CIFAR_10, 9).err().unwrap().to_string();
        assert!(message.contains("image 1 is 10") && message.contains("0 to 9"), "{message}");
    }

    #[test]
    fn files_follow_one_another_and_a_cut_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, label: u8, bytes: usize| {
            let path = folder.path().join(name);
            let mut content = vec![9; bytes];
            content.chunks_mut(3073).for_each(|image| image[0] = label);
            std::fs::write(&path, content).unwrap();
            path
        };
        let files = [file("one", 1, 2 * 3073), file("two", 2, 3073)];
        let labels = |limit| -> Vec<u16> {
            load(&files, CIFAR_10, limit).unwrap().items.iter().map(Item::label).collect()
        };
        assert_eq!((labels(9), labels(2), labels(0)), (vec![1, 1, 2], vec![1, 1], vec![]));
        let message = load(&[file("cut", 1, 3080)], CIFAR_10, 9).err().unwrap().to_string();
        assert!(
            message.contains("/cut`") && message.contains("image 1: there are 7 of 3073 bytes"),
            "{message}"
        );
    }
}
