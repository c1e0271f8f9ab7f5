//! DVS128 Gesture: recordings of several gestures each, and beside each a list of when which one is made.
//!
//! ```text
//! trials_to_train.txt                 a file's name a line
//! user01_fluorescent.aedat            AEDAT 3.1
//! user01_fluorescent_labels.csv       class (1 to 11), startTime_usec, endTime_usec
//! ```

use super::Named;
use crate::bounded;
use crate::error::Error;
use crate::item::{Item, Recording};
use crate::recording::{self, Options, Reader};
use crate::sources::kept::Kept;
use crate::sources::labelled::MAX_RECORDING_EVENTS;
use crate::sources::{Found, Loaded, Progress, Split, unpacked};
use std::ops::Range;
use std::path::{Path, PathBuf};

const CLASSES: u16 = 11;

/// The most bytes of a list.
const MAX_LIST_BYTES: usize = 1 << 20;

/// The most gestures of a recording: there are 11 or a few more.
const MAX_TRIALS: usize = 64;

/// When a gesture is made.
struct Trial {
    label: u16,
    time_us: Range<u64>,
}

/// Reads the first `limit` gestures, in the order of the lists.
pub(super) fn load(named: &Named, limit: usize) -> Result<Loaded, Error> {
    let mut items = Vec::new();
    let mut kept = Kept::new(named.root.display().to_string());
    for (recording, labels) in files(named)? {
        if items.len() >= limit {
            break;
        }
        let mut trials = trials(&labels)?;
        trials.truncate(limit - items.len());
        for recording in cut(&recording, &trials)? {
            let item = Item::Recording(recording);
            kept.add(&item)?;
            items.push(item);
        }
    }
    if items.is_empty() && limit > 0 {
        return Err(Error::NoRecordings { root: named.root.display().to_string() });
    }
    Ok(Loaded { items, classes: CLASSES })
}

/// Shows every gesture to `visit`, one file at a time, whatever is wrong with some; returns the number of classes.
pub(super) fn walk(named: &Named, visit: &mut dyn FnMut(Found, Progress)) -> Result<u16, Error> {
    let files: Vec<_> =
        files(named)?.into_iter().map(|(recording, labels)| (recording, trials(&labels))).collect();
    // What cannot be told counts as one.
    let all = files.iter().map(|(_, trials)| trials.as_ref().map_or(1, Vec::len)).sum();
    let mut done = 0;
    let mut show = |found, gestures: usize| {
        done += gestures;
        visit(found, Progress { done, all });
    };
    for (recording, trials) in files {
        let gestures = trials.as_ref().map_or(1, Vec::len);
        match trials.and_then(|trials| cut(&recording, &trials)) {
            Ok(recordings) => {
                recordings.into_iter().for_each(|gesture| show(Found::Item(Item::Recording(gesture)), 1));
            }
            Err(error) => show(Found::Wrong(error), gestures),
        }
    }
    Ok(CLASSES)
}

/// The recordings of a part, each with its list of gestures.
fn files(named: &Named) -> Result<Vec<(PathBuf, PathBuf)>, Error> {
    let list = if named.split == Split::Train { "trials_to_train.txt" } else { "trials_to_test.txt" };
    let list = named.file(&["", "DvsGesture"], &[list.into()])?;
    let folder = list.parent().unwrap_or(&named.root);
    let names = lines(&list)?;
    let names = names.iter().map(|line| line.trim()).filter(|name| !name.is_empty());
    names.map(|name| beside(named, folder, name)).collect()
}

fn lines(path: &Path) -> Result<Vec<String>, Error> {
    let name = path.display().to_string();
    let bytes = bounded::read_to_end(unpacked(path)?, &name, MAX_LIST_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(String::from).collect())
}

/// A recording and its list of gestures.
fn beside(named: &Named, folder: &Path, name: &str) -> Result<(PathBuf, PathBuf), Error> {
    let stem = name.strip_suffix(".aedat").unwrap_or(name);
    // A name with a path in it would leave the folder.
    let files = [folder.join(name), folder.join(format!("{stem}_labels.csv"))];
    if name.contains(['/', '\\']) || !files.iter().all(|file| file.is_file()) {
        return Err(named.missing(&files));
    }
    let [recording, labels] = files;
    Ok((recording, labels))
}

fn trials(path: &Path) -> Result<Vec<Trial>, Error> {
    let mut trials = Vec::new();
    for (number, line) in (1..).zip(lines(path)?) {
        // The first line names the columns.
        if number == 1 || line.trim().is_empty() {
            continue;
        }
        let numbers: Vec<u64> = line.split(',').map_while(|number| number.trim().parse().ok()).collect();
        let trial = match numbers[..] {
            [class @ 1..=11, start, end] if start < end && trials.len() < MAX_TRIALS => {
                Trial { label: class as u16 - 1, time_us: start..end }
            }
            _ => {
                return Err(Error::DataSetLine {
                    path: path.display().to_string(),
                    line: number,
                    seen: format!("`{}`", line.chars().take(80).collect::<String>()),
                    wanted: "a class from 1 to 11, a start before an end in µs, and 64 such lines at most",
                });
            }
        };
        trials.push(trial);
    }
    Ok(trials)
}

/// The events of each gesture. What lies between gestures is not kept.
fn cut(path: &Path, trials: &[Trial]) -> Result<Vec<Recording>, Error> {
    let mut reader: Reader = recording::open(path, &Options::default())?;
    let name = reader.name().to_owned();
    let format = reader.header().format;
    let sensor = reader.header().sensor.ok_or_else(|| Error::NoSensor { name: name.clone(), format })?;
    let mut recordings: Vec<Recording> = (1..)
        .zip(trials)
        .map(|(number, trial)| Recording {
            label: trial.label,
            name: format!("{name}, gesture {number}"),
            width: sensor.width,
            height: sensor.height,
            events: Vec::new(),
            window_us: Some(trial.time_us.clone()),
        })
        .collect();
    loop {
        let events = reader.next_chunk()?;
        if events.is_empty() {
            break;
        }
        for event in events {
            for (recording, trial) in recordings.iter_mut().zip(trials) {
                if trial.time_us.contains(&event.t_us) {
                    if recording.events.len() == MAX_RECORDING_EVENTS {
                        let limit = MAX_RECORDING_EVENTS;
                        return Err(Error::LongRecording { name: recording.name.clone(), limit });
                    }
                    recording.events.push(*event);
                }
            }
        }
    }
    for recording in &recordings {
        if recording.events.is_empty() {
            return Err(Error::NoEvents { name: recording.name.clone() });
        }
        recording.check()?;
    }
    Ok(recordings)
}
