//! Data sets by name: `n-mnist:PATH`, `n-mnist:PATH:test`. Each is read as its authors publish it, unpacked or, where
//! it is a zip of label folders, as it is. `docs/data-sets.md` shows the layouts.
//!
//! A new one enters here: a variant of [`DataSet`], a line in `DataSet::load`, and a section of that page; a file of its own
//! only if its layout is no other's.

mod folders;
mod gesture;
#[cfg(feature = "hdf5")]
mod shd;

use super::{Found, Loaded, Progress, Split, cifar, idx};
use crate::error::Error;
use std::path::{Path, PathBuf};

/// A data set of a known layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataSet {
    /// DVS128 Gesture: AEDAT 3.1 with the times of 11 gestures.
    DvsGesture,
    /// CIFAR10-DVS: AEDAT 2.0 in 10 class folders.
    DvsCifar10,
    /// N-MNIST: `.bin` in 10 label folders.
    NMnist,
    /// N-Caltech101: `.bin` in 101 class folders.
    NCaltech101,
    /// N-CARS: DAT in two class folders.
    NCars,
    /// Spiking Heidelberg Digits: HDF5, 20 classes.
    Shd,
    /// MNIST: IDX.
    Mnist,
    /// Fashion-MNIST: IDX.
    FashionMnist,
    /// CIFAR-10: its binary version.
    Cifar10,
    /// CIFAR-100: its binary version.
    Cifar100,
}

impl DataSet {
    /// All of them.
    pub const ALL: [DataSet; 10] = [
        DataSet::DvsGesture,
        DataSet::DvsCifar10,
        DataSet::NMnist,
        DataSet::NCaltech101,
        DataSet::NCars,
        DataSet::Shd,
        DataSet::Mnist,
        DataSet::FashionMnist,
        DataSet::Cifar10,
        DataSet::Cifar100,
    ];

    /// The word before the colon.
    pub fn name(self) -> &'static str {
        match self {
            DataSet::DvsGesture => "dvs-gesture",
            DataSet::DvsCifar10 => "dvs-cifar10",
            DataSet::NMnist => "n-mnist",
            DataSet::NCaltech101 => "n-caltech101",
            DataSet::NCars => "n-cars",
            DataSet::Shd => "shd",
            DataSet::Mnist => "mnist",
            DataSet::FashionMnist => "fashion-mnist",
            DataSet::Cifar10 => "cifar10",
            DataSet::Cifar100 => "cifar100",
        }
    }
}

/// A part of a data set, somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Which.
    pub set: DataSet,
    /// The folder into which it was unpacked.
    pub root: PathBuf,
    /// The part that its authors set apart for learning or for testing.
    pub split: Split,
}

impl Named {
    /// What `NAME:PATH`, `NAME:PATH:train` or `NAME:PATH:test` means. None if NAME is of no data set.
    pub(super) fn find(text: &str) -> Option<Named> {
        let (name, rest) = text.split_once(':')?;
        let set = DataSet::ALL.into_iter().find(|set| set.name() == name)?;
        let (path, split) = match rest.rsplit_once(':') {
            Some((path, "train")) => (path, Split::Train),
            Some((path, "test")) => (path, Split::Test),
            _ => (rest, Split::Train),
        };
        Some(Named { set, root: path.into(), split })
    }

    pub(super) fn load(&self, limit: usize) -> Result<Loaded, Error> {
        let train = self.split == Split::Train;
        match self.set {
            DataSet::DvsGesture => gesture::load(self, limit),
            DataSet::DvsCifar10 | DataSet::NMnist | DataSet::NCaltech101 | DataSet::NCars => {
                folders::find(self)?.load(limit)
            }
            DataSet::Shd => self.load_shd(limit),
            DataSet::Mnist | DataSet::FashionMnist => {
                let part = if train { "train" } else { "t10k" };
                let names = ["-images-idx3-ubyte", "-images.idx3-ubyte"].map(|name| format!("{part}{name}"));
                idx::load(&self.file(&["", "raw", "MNIST/raw", "FashionMNIST/raw"], &names)?, limit)
            }
            DataSet::Cifar10 if train => {
                let file =
                    |number: u8| self.cifar_file("cifar-10-batches-bin", &format!("data_batch_{number}.bin"));
                cifar::load(&(1..=5).map(file).collect::<Result<Vec<_>, _>>()?, cifar::CIFAR_10, limit)
            }
            DataSet::Cifar10 => cifar::load(
                &[self.cifar_file("cifar-10-batches-bin", "test_batch.bin")?],
                cifar::CIFAR_10,
                limit,
            ),
            DataSet::Cifar100 => {
                let name = if train { "train.bin" } else { "test.bin" };
                cifar::load(&[self.cifar_file("cifar-100-binary", name)?], cifar::CIFAR_100, limit)
            }
        }
    }

    /// Shows every recording to `visit`, whatever is wrong with some; returns the number of classes. None if all items
    /// must be loaded to see them.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(Found, Progress)) -> Option<Result<u16, Error>> {
        match self.set {
            DataSet::DvsGesture => Some(gesture::walk(self, visit)),
            DataSet::DvsCifar10 | DataSet::NMnist | DataSet::NCaltech101 | DataSet::NCars => {
                Some(folders::find(self).and_then(|place| place.walk(visit)))
            }
            _ => None,
        }
    }

    #[cfg(feature = "hdf5")]
    fn load_shd(&self, limit: usize) -> Result<Loaded, Error> {
        shd::load(self, limit)
    }

    #[cfg(not(feature = "hdf5"))]
    fn load_shd(&self, _: usize) -> Result<Loaded, Error> {
        Err(Error::NoHdf5 { path: self.root.display().to_string() })
    }

    fn cifar_file(&self, folder: &str, name: &str) -> Result<PathBuf, Error> {
        self.file(&["", folder], &[name.into()])
    }

    /// The first of these files that there is, with or without `.gz`, in one of these folders of the root.
    fn file(&self, folders: &[&str], names: &[String]) -> Result<PathBuf, Error> {
        let candidates: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| names.iter().map(move |name| self.root.join(folder).join(name)))
            .flat_map(|path| {
                let mut packed = path.clone().into_os_string();
                packed.push(".gz");
                [path, packed.into()]
            })
            .collect();
        let found = candidates.iter().find(|path| path.is_file()).cloned();
        found.ok_or_else(|| self.missing(&candidates))
    }

    fn missing(&self, looked_for: &[PathBuf]) -> Error {
        let names = looked_for.iter().map(|path| {
            let below = path.strip_prefix(&self.root).unwrap_or(path);
            if below == Path::new("") { "label folders".into() } else { format!("`{}`", below.display()) }
        });
        Error::DataSetMissing {
            set: self.set.name(),
            root: self.root.display().to_string(),
            looked_for: names.collect::<Vec<_>>().join(", "),
        }
    }
}

#[cfg(test)]
mod tests;
