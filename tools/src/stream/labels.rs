//! The right class from time to time, beside a stream.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use csv::{ReaderBuilder, Trim};
use serde::Deserialize;

/// The largest file of labels that is read.
const MOST_BYTES: u64 = 16 << 20;

/// A file of labels that can't be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("--labels {path}: {problem}")]
#[diagnostic(help(
    "wanted a CSV file with the columns label (from 0), start_us and end_us, their times ascending without overlap"
))]
pub struct LabelsError {
    path: String,
    problem: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    label: u16,
    start_us: u64,
    end_us: u64,
}

/// When which class is right.
#[derive(Debug, Default)]
pub struct Labels(Vec<(Range<u64>, u16)>);

impl Labels {
    /// Reads a file with the columns label, start_us and end_us (exclusive), for `classes` classes.
    pub fn open(path: &Path, classes: u32) -> Result<Self, LabelsError> {
        let fail = |problem: String| LabelsError { path: path.display().to_string(), problem };
        let file = File::open(path).map_err(|error| fail(error.to_string()))?;
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        if size > MOST_BYTES {
            return Err(fail(format!("{size} bytes, wanted at most {MOST_BYTES}")));
        }
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(file.take(MOST_BYTES));
        let mut labels: Vec<(Range<u64>, u16)> = Vec::new();
        for row in reader.deserialize() {
            let row: Row = row.map_err(|error: csv::Error| fail(error.to_string()))?;
            let Row { label, start_us, end_us } = row;
            let number = labels.len() + 1;
            if u32::from(label) >= classes {
                return Err(fail(format!("row {number}: label {label}, the network has {classes} outputs")));
            }
            let after = labels.last().map_or(0, |(before, _)| before.end);
            if start_us < after || end_us <= start_us {
                return Err(fail(format!("row {number}: from {start_us} to {end_us} µs, after {after}")));
            }
            labels.push((start_us..end_us, label));
        }
        Ok(Self(labels))
    }

    /// The class of a window that lies within one label's time.
    pub fn of(&self, window_us: &Range<u64>) -> Option<u16> {
        let after = self.0.partition_point(|(time, _)| time.start <= window_us.start);
        let (time, label) = self.0.get(after.checked_sub(1)?)?;
        (window_us.end <= time.end).then_some(*label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Labels, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        std::fs::write(&path, text).unwrap();
        Labels::open(&path, 3).map_err(|error| error.to_string())
    }

    #[test]
    fn a_window_has_the_label_that_it_lies_in() {
        let labels = labels("label, start_us, end_us\n2, 100, 200\n0, 200, 300\n1, 500, 600\n").unwrap();
        let of = |start, end| labels.of(&(start..end));
        assert_eq!([of(100, 200), of(200, 210), of(590, 600)], [Some(2), Some(0), Some(1)]);
        assert_eq!([of(99, 150), of(150, 201), of(300, 310), of(0, 50), of(599, 601)], [None; 5]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, said) in [
            ("label,start_us,end_us\n3,0,1\n", "row 1: label 3, the network has 3 outputs"),
            ("label,start_us,end_us\n1,0,10\n1,9,12\n", "row 2: from 9 to 12 µs, after 10"),
            ("label,start_us,end_us\n1,5,5\n", "row 1: from 5 to 5 µs"),
            ("label,start_us\n1,5\n", "end_us"),
            ("label,start_us,end_us\nx,5,6\n", "invalid digit"),
        ] {
            let seen = labels(text).unwrap_err();
            assert!(seen.contains(said), "{seen}");
        }
    }
}
