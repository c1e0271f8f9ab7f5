//! Data sets of recordings in class folders: each a row of what differs.

use super::{DataSet, Named};
use crate::error::Error;
use crate::recording::Sensor;
use crate::sources::layout::{Classes, Layout, NUMBERED};
use crate::sources::{Found, Loaded, Progress, Split, folder, zipped};
use std::path::PathBuf;

const CIFAR_CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// The part of the sensor that recordings of N-Caltech101 lie on.
const N_CALTECH101: Sensor = Sensor { width: 240, height: 180 };

/// The largest of the cut-outs of N-CARS; smaller ones lie in its upper left corner.
const N_CARS: Sensor = Sensor { width: 120, height: 100 };

/// The folders of class folders to look for, in the root or in a zip, and how to read what is in them.
fn layout(set: DataSet, split: Split) -> (&'static [&'static str], Layout) {
    let train = split == Split::Train;
    let by_number = Layout { by_number: true, ..NUMBERED };
    match set {
        DataSet::NCars => (
            if train {
                &["n-cars_train/train", "n-cars_train", "train"]
            } else {
                &["n-cars_test/test", "n-cars_test", "test"]
            },
            Layout { classes: Classes::Named(&["background", "cars"]), sensor: Some(N_CARS), ..by_number },
        ),
        // No split is published: the last 100 of each class's 1,000.
        DataSet::DvsCifar10 => {
            let takes: fn(u64) -> bool = if train { |number| number < 900 } else { |number| number >= 900 };
            (&[""], Layout { classes: Classes::Named(&CIFAR_CLASSES), takes, ..by_number })
        }
        // No split is published: every fifth.
        DataSet::NCaltech101 => {
            let takes: fn(u64) -> bool =
                if train { |number| number % 5 > 0 } else { |number| number % 5 == 0 };
            let layout = Layout { classes: Classes::Sorted, sensor: Some(N_CALTECH101), takes, ..by_number };
            (&["Caltech101", ""], layout)
        }
        _ => (if train { &["Train"] } else { &["Test"] }, NUMBERED),
    }
}

/// Where the class folders are.
pub(super) struct Place {
    /// A folder, or a zip.
    path: PathBuf,
    /// The folder in the zip.
    inside: Option<&'static str>,
    layout: Layout,
}

impl Place {
    pub(super) fn load(&self, limit: usize) -> Result<Loaded, Error> {
        match self.inside {
            None => folder::load(&self.path, self.layout, limit),
            Some(inside) => zipped::load(&self.path, inside, self.layout, limit),
        }
    }

    pub(super) fn walk(&self, visit: &mut dyn FnMut(Found, Progress)) -> Result<u16, Error> {
        match self.inside {
            None => folder::walk(&self.path, self.layout, visit),
            Some(inside) => zipped::walk(&self.path, inside, self.layout, visit),
        }
    }
}

/// Looks for the class folders.
pub(super) fn find(named: &Named) -> Result<Place, Error> {
    let (folders, layout) = layout(named.set, named.split);
    let mut looked_for: Vec<PathBuf> = Vec::new();
    for name in folders {
        let path = named.root.join(name);
        if path.is_dir() {
            return Ok(Place { path, inside: None, layout });
        }
        // In a zip that is given as the root.
        if named.root.is_file() && zipped::holds(&named.root, name)? {
            return Ok(Place { path: named.root.clone(), inside: Some(name), layout });
        }
        // In a zip of the folder's name, with or without the folder in it.
        let (first, rest) = name.split_once('/').unwrap_or((name, ""));
        let zip = named.root.join(format!("{first}.zip"));
        if zip.is_file() {
            for inside in [*name, rest] {
                if zipped::holds(&zip, inside)? {
                    return Ok(Place { path: zip, inside: Some(inside), layout });
                }
            }
        }
        looked_for.extend([path, zip]);
    }
    looked_for.dedup();
    Err(named.missing(&looked_for))
}
