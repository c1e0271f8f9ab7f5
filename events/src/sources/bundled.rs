//! The N-MNIST recordings inside this crate. Licence and origin: `data/README.md`.

use super::Loaded;
use crate::error::Error;
use crate::item::Item;
use crate::pack;
use std::fmt;
use std::str::FromStr;

/// Which part of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Split {
    /// To learn from: 800 bundled recordings.
    #[default]
    Train,
    /// To be judged by: 100 bundled recordings.
    Test,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Split::Train => "train",
            Split::Test => "test",
        })
    }
}

impl FromStr for Split {
    type Err = Error;

    /// Reads `train` or `test`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "train" => Ok(Split::Train),
            "test" => Ok(Split::Test),
            _ => Err(Error::SplitText { seen: text.into() }),
        }
    }
}

/// The digits.
const CLASSES: u16 = 10;

pub(super) fn load(split: Split, limit: usize) -> Result<Loaded, Error> {
    let packed: &[u8] = match split {
        Split::Train => include_bytes!("../../data/nmnist-small-train.pack.xz"),
        Split::Test => include_bytes!("../../data/nmnist-small-test.pack.xz"),
    };
    let entries = pack::read(packed, &format!("bundled:{split}"))?;
    let items = entries.into_iter().take(limit).map(|entry| Item::Recording(entry.recording)).collect();
    Ok(Loaded { items, classes: CLASSES })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_splits_are_there() {
        for (split, count, first) in
            [(Split::Train, 800, "bundled:train/5/00001.bin"), (Split::Test, 100, "bundled:test/9/00801.bin")]
        {
            let loaded = load(split, usize::MAX).unwrap();
            assert_eq!((loaded.items.len(), loaded.classes), (count, 10));
            let labels: std::collections::BTreeSet<_> = loaded.items.iter().map(Item::label).collect();
            assert_eq!(labels, (0..10).collect());
            let Item::Recording(recording) = &loaded.items[0] else { panic!("no recording") };
            assert_eq!(recording.name, first);
            assert_eq!(load(split, 3).unwrap().items, loaded.items[..3]);
        }
    }
}
