//! The binary files of CIFAR-10 and CIFAR-100: one or two bytes of label, then 32x32 pixels in three planes.
//!
//! ```text
//! CIFAR-10    label 0..9                      | 1024 red | 1024 green | 1024 blue
//! CIFAR-100   coarse label 0..19, label 0..99 | 1024 red | 1024 green | 1024 blue
//! ```
//!
//! Images are grey here: brightness is (77 red + 150 green + 29 blue) / 256, the weights of Rec. 601.

use super::Loaded;
use crate::error::Error;
use crate::item::{Image, Item};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

const SIDE: u16 = 32;
const PLANE: usize = 1024;

/// Of each of the two kinds of file: bytes of label, and the most that the last of them may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    label_bytes: usize,
    most: u8,
}

const CIFAR_10: Kind = Kind { label_bytes: 1, most: 9 };
const CIFAR_100: Kind = Kind { label_bytes: 2, most: 99 };

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

/// Reads the first `limit` images.
pub(super) fn load(path: &Path, kind: Kind, limit: usize) -> Result<Loaded, Error> {
    let name = path.display().to_string();
    let fail = |cause| Error::Io { path: name.clone(), cause };
    let mut reader = BufReader::new(File::open(path).map_err(fail)?);
    let mut items = Vec::new();
    let mut bytes = vec![0; kind.image_bytes() as usize];
    let count = std::fs::metadata(path).map_err(fail)?.len() / kind.image_bytes();
    while items.len() < limit && (items.len() as u64) < count {
        reader.read_exact(&mut bytes).map_err(fail)?;
        let label = bytes[kind.label_bytes - 1];
        if label > kind.most {
            return Err(Error::CifarLabel { path: name, image: items.len(), seen: label, most: kind.most });
        }
        let (red, rest) = bytes[kind.label_bytes..].split_at(PLANE);
        let (green, blue) = rest.split_at(PLANE);
        let pixels = red.iter().zip(green).zip(blue).map(|((&red, &green), &blue)| grey([red, green, blue]));
        let pixels = pixels.collect();
        items.push(Item::Image(Image { label: label.into(), width: SIDE, height: SIDE, pixels }));
    }
    Ok(Loaded { items, classes: u16::from(kind.most) + 1 })
}

/// The brightness of a colour.
pub(super) fn grey([red, green, blue]: [u8; 3]) -> u8 {
    ((77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Source;

    #[test]
    fn both_kinds_are_recognised_and_grey() {
        for (labels, classes) in [(&[3][..], 10), (&[7, 42], 100)] {
            let image = [labels, &[255; PLANE], &[0; PLANE], &[100; PLANE]].concat();
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [&image[..], &image, &image].concat()).unwrap();
            let source = Source::find(file.path().to_str().unwrap()).unwrap();
            let loaded = source.load(Some(2)).unwrap();
            assert_eq!((loaded.items.len(), loaded.classes), (2, classes));
            let Item::Image(image) = &loaded.items[1] else { panic!("no image") };
            assert_eq!((image.label, image.width, image.height), (labels[labels.len() - 1].into(), 32, 32));
            assert!(image.pixels.len() == 1024 && image.pixels.iter().all(|&pixel| pixel == 88));
        }
    }

    #[test]
    fn a_label_that_is_none_is_named() {
        let mut bytes = vec![0; 3073 * 2];
        bytes[3073] = 10;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let message = load(file.path(), CIFAR_10, 9).err().unwrap().to_string();
        assert!(message.contains("image 1 is 10") && message.contains("0 to 9"), "{message}");
    }

    #[test]
    fn grey_keeps_black_and_white() {
        assert_eq!((grey([0; 3]), grey([255; 3])), (0, 255));
    }
}
