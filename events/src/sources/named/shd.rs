//! Spiking Heidelberg Digits: when each of 700 channels of an ear's model spikes while a digit is spoken.
//!
//! ```text
//! shd_train.h5  labels        a number a sample, 0 to 19
//!               spikes/times  as many numbers a sample as it has spikes: seconds
//!               spikes/units  likewise: the channel, 0 to 699
//! ```

use super::Named;
use crate::bounded;
use crate::error::Error;
use crate::item::{Event, Item, Recording};
use crate::sources::kept::Kept;
use crate::sources::labelled::MAX_RECORDING_EVENTS;
use crate::sources::{Loaded, Split, unpacked};
use hdf5_reader::{ByteOrder, Dataset, Datatype, FileStorage, Hdf5File, OpenOptions};
use std::path::Path;
use std::sync::Arc;

const CLASSES: u16 = 20;
const CHANNELS: u16 = 700;

/// The most samples of a file.
const MAX_SAMPLES: u64 = 1 << 20;

/// The most bytes that are read at once, and of a file in gzip, which is unpacked in memory.
const MAX_READ_BYTES: usize = 64 << 20;
const MAX_FILE_BYTES: usize = 2 << 30;

/// Reads the first `limit` samples: recordings of 700 by 1 pixels with ON events only.
pub(super) fn load(named: &Named, limit: usize) -> Result<Loaded, Error> {
    let name = if named.split == Split::Train { "shd_train.h5" } else { "shd_test.h5" };
    let path = named.file(&[""], &[name.into()])?;
    let file = Samples::open(&path)?;
    let mut kept = Kept::new(file.path.clone());
    let mut items = Vec::new();
    for sample in 0..file.labels.len().min(limit) {
        let item = Item::Recording(file.recording(sample)?);
        kept.add(&item)?;
        items.push(item);
    }
    Ok(Loaded { items, classes: CLASSES })
}

/// A file that is open, and where its samples are.
struct Samples {
    path: String,
    labels: Vec<f64>,
    times: Lists,
    units: Lists,
}

impl Samples {
    fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let options = OpenOptions::default().with_max_read_bytes(MAX_READ_BYTES);
        let options = OpenOptions { max_chunk_bytes: MAX_READ_BYTES, ..options };
        let fail = |cause: hdf5_reader::error::Error| failed(&name, "the structure", cause);
        let file = if path.extension().is_some_and(|extension| extension == "gz") {
            let bytes = bounded::read_to_end(unpacked(path)?, &name, MAX_FILE_BYTES)?;
            Hdf5File::from_vec_with_options(bytes, options).map_err(fail)?
        } else {
            let storage = FileStorage::open(path).map_err(fail)?;
            Hdf5File::from_storage_with_options(Arc::new(storage), options).map_err(fail)?
        };
        let labels = dataset(&file, &name, "labels")?;
        let bytes = labels.read_raw_bytes().map_err(|cause| failed(&name, "labels", cause))?;
        let labels = Number::of(labels.dtype())
            .ok_or_else(|| other_type(&name, "labels", labels.dtype()))?
            .all(&bytes);
        let times = Lists::read(&file, &name, "spikes/times")?;
        let units = Lists::read(&file, &name, "spikes/units")?;
        if times.len() != labels.len() || units.len() != labels.len() {
            let counts = format!("{} labels, {} times, {} units", labels.len(), times.len(), units.len());
            return Err(Error::Hdf5 { path: name, what: "the samples", cause: counts });
        }
        Ok(Samples { path: name, labels, times, units })
    }

    fn recording(&self, sample: usize) -> Result<Recording, Error> {
        let refuse = |what, seen: f64, wanted| Error::Hdf5Value {
            path: self.path.clone(),
            sample,
            what,
            seen: seen.to_string(),
            wanted,
        };
        let label = self.labels[sample];
        if !(0.0..f64::from(CLASSES)).contains(&label) {
            return Err(refuse("the label", label, "0 to 19"));
        }
        let (times, units) = (self.times.list(sample, &self.path)?, self.units.list(sample, &self.path)?);
        if times.len() != units.len() {
            return Err(refuse("the number of units", units.len() as f64, "that of the times"));
        }
        let name = format!("{}, sample {sample}", self.path);
        if times.is_empty() {
            return Err(Error::NoEvents { name });
        }
        if times.len() > MAX_RECORDING_EVENTS {
            return Err(Error::LongRecording { name, limit: MAX_RECORDING_EVENTS });
        }
        let mut events = Vec::with_capacity(times.len());
        for (&seconds, &unit) in times.iter().zip(&units) {
            if !(0.0..1e6).contains(&seconds) {
                return Err(refuse("a time", seconds, "0 to a million seconds"));
            }
            if !(0.0..f64::from(CHANNELS)).contains(&unit) {
                return Err(refuse("a unit", unit, "0 to 699"));
            }
            events.push(Event { t_us: (seconds * 1e6).round() as u64, x: unit as u16, y: 0, on: true });
        }
        // Channels are listed one after another in some samples.
        events.sort_by_key(|event| event.t_us);
        Ok(Recording { label: label as u16, name, width: CHANNELS, height: 1, events, window_us: None })
    }
}

/// A data set of HDF5 whose elements are lists.
struct Lists {
    dataset: Dataset,
    /// Where each list lies in the file.
    references: Vec<u8>,
    number: Number,
    name: &'static str,
}

impl Lists {
    fn read(file: &Hdf5File, path: &str, name: &'static str) -> Result<Self, Error> {
        let dataset = dataset(file, path, name)?;
        let number = match dataset.dtype() {
            Datatype::VarLen { base, .. } => Number::of(base),
            _ => None,
        };
        let number = number.ok_or_else(|| other_type(path, name, dataset.dtype()))?;
        let references = dataset.read_raw_bytes().map_err(|cause| failed(path, name, cause))?;
        Ok(Lists { dataset, references, number, name })
    }

    fn len(&self) -> usize {
        self.references.len() / self.dataset.vlen_reference_size()
    }

    fn list(&self, sample: usize, path: &str) -> Result<Vec<f64>, Error> {
        let size = self.dataset.vlen_reference_size();
        let reference = &self.references[sample * size..][..size];
        let bytes = self.dataset.resolve_vlen_reference_bytes(reference, self.number.size);
        Ok(self.number.all(&bytes.map_err(|cause| failed(path, self.name, cause))?))
    }
}

/// How a number is stored.
#[derive(Clone, Copy)]
struct Number {
    kind: Kind,
    /// Bytes: 1, 2, 4 or 8.
    size: usize,
    big_endian: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Unsigned,
    Signed,
    Float,
}

impl Number {
    /// None of what is no number, or one of another size.
    fn of(datatype: &Datatype) -> Option<Number> {
        let (kind, size, order) = match datatype {
            Datatype::FixedPoint { size, signed: false, byte_order } => (Kind::Unsigned, *size, byte_order),
            Datatype::FixedPoint { size, signed: true, byte_order } => (Kind::Signed, *size, byte_order),
            Datatype::FloatingPoint { size, byte_order } => (Kind::Float, *size, byte_order),
            _ => return None,
        };
        let known =
            matches!((kind, size), (Kind::Float, 2 | 4 | 8) | (Kind::Unsigned | Kind::Signed, 1 | 2 | 4 | 8));
        let big_endian = matches!(order, ByteOrder::BigEndian);
        known.then_some(Number { kind, size: usize::from(size), big_endian })
    }

    /// All numbers of some bytes. Whole numbers beyond 2^53 lose their last digits: they are refused anyway.
    fn all(self, bytes: &[u8]) -> Vec<f64> {
        bytes.chunks_exact(self.size).map(|bytes| self.one(bytes)).collect()
    }

    fn one(self, bytes: &[u8]) -> f64 {
        let append = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        let bits =
            if self.big_endian { bytes.iter().fold(0, append) } else { bytes.iter().rev().fold(0, append) };
        let unused = 64 - 8 * self.size as u32;
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => bits as f64,
            (Kind::Signed, _) => ((bits << unused) as i64 >> unused) as f64,
            (Kind::Float, 2) => half(bits as u16),
            (Kind::Float, 4) => f32::from_bits(bits as u32).into(),
            (Kind::Float, _) => f64::from_bits(bits),
        }
    }
}

/// A number of IEEE 754's half precision.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1F if fraction == 0.0 => f64::INFINITY,
        0x1F => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

fn dataset(file: &Hdf5File, path: &str, name: &'static str) -> Result<Dataset, Error> {
    let dataset = file.dataset(name).map_err(|cause| failed(path, name, cause))?;
    match dataset.num_elements() {
        Ok(0..=MAX_SAMPLES) => Ok(dataset),
        Ok(seen) => {
            let cause = format!("it has {seen} samples, more than {MAX_SAMPLES}");
            Err(Error::Hdf5 { path: path.into(), what: name, cause })
        }
        Err(cause) => Err(failed(path, name, cause)),
    }
}

fn failed(path: &str, what: &'static str, cause: hdf5_reader::error::Error) -> Error {
    Error::Hdf5 { path: path.into(), what, cause: cause.to_string() }
}

fn other_type(path: &str, what: &'static str, datatype: &Datatype) -> Error {
    Error::Hdf5 { path: path.into(), what, cause: format!("they are of the type {datatype:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// Files of four samples in the published layout: `shd_train.h5` written by PyTables, `shd_test.h5` by h5py.
    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
    }

    fn load_part(root: &Path, split: Split, limit: usize) -> Result<Loaded, Error> {
        load(&Named { set: super::super::DataSet::Shd, root: root.into(), split }, limit)
    }

    #[test]
    fn both_writers_files_hold_the_same_spikes() {
        let parts = [Split::Train, Split::Test].map(|split| load_part(&folder(), split, 9).unwrap());
        for loaded in &parts {
            let labels: Vec<_> = loaded.items.iter().map(Item::label).collect();
            assert_eq!((labels, loaded.classes), (vec![3, 19, 0, 11], 20));
        }
        let events = |loaded: &Loaded, sample: usize| match &loaded.items[sample] {
            Item::Recording(recording) => {
                assert_eq!((recording.width, recording.height), (700, 1));
                recording.check().unwrap();
                recording.events.iter().map(|event| (event.t_us, event.x)).collect::<Vec<_>>()
            }
            _ => panic!("no recording"),
        };
        let exact = &parts[1];
        assert_eq!(events(exact, 0), [(0, 0), (12_500, 699), (500_000, 350)]);
        assert_eq!(events(exact, 2), [(1000, 1), (2000, 2), (3000, 3), (4000, 4), (1_000_000, 5)]);
        // In the order of time, whatever that of the file.
        assert_eq!(events(exact, 3), [(500_000, 10), (750_000, 20)]);
        for sample in 0..4 {
            for (half, exact) in events(&parts[0], sample).iter().zip(events(exact, sample)) {
                assert!(
                    half.1 == exact.1 && half.0.abs_diff(exact.0) <= exact.0 / 2000,
                    "{half:?} {exact:?}"
                );
            }
        }
        assert_eq!(load_part(&folder(), Split::Train, 2).unwrap().items.len(), 2);
    }

    #[test]
    fn half_precision_is_read() {
        let some =
            [(0x0000, 0.0), (0x3C00, 1.0), (0xC000, -2.0), (0x0001, 2f64.powi(-24)), (0x7BFF, 65_504.0)];
        for (bits, number) in some {
            assert_eq!(half(bits), number);
        }
        assert!(half(0x7C00).is_infinite() && half(0x7E00).is_nan());
    }

    #[test]
    fn gzip_around_the_file_is_unpacked() {
        let root = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(root.path().join("shd_test.h5.gz")).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        let bytes = std::fs::read(folder().join("shd_test.h5")).unwrap();
        std::io::Write::write_all(&mut packed, &bytes).unwrap();
        packed.finish().unwrap();
        let seen = load_part(root.path(), Split::Test, 9).unwrap();
        assert_eq!(seen.items.len(), 4);
    }

    /// A damaged file gives an error or samples, never a panic.
    #[test]
    fn damage_is_survived() {
        let root = tempfile::tempdir().unwrap();
        for split in [Split::Train, Split::Test] {
            let name = format!("shd_{split}.h5");
            let whole = std::fs::read(folder().join(&name)).unwrap();
            let path = root.path().join(&name);
            let mut refused = 0;
            for position in (0..whole.len()).step_by(31) {
                let mut changed = whole.clone();
                changed[position] ^= 0x5A;
                std::fs::write(&path, &changed).unwrap();
                refused += usize::from(load_part(root.path(), split, 9).is_err());
                std::fs::write(&path, &whole[..position]).unwrap();
                assert!(load_part(root.path(), split, 9).is_err(), "{name} cut at {position}");
            }
            assert!(refused > 0);
            let message = load_part(root.path(), split, 9).err().unwrap().to_string();
            assert!(message.contains(&name) && message.contains("fetch it again"), "{message}");
        }
    }
}
