//! A source looked at once, before anything is learned from it: what it holds and what is wrong with it.

use crate::error::{Error, Place};
use crate::item::{Event, Item};
use crate::recording::Sensor;
use crate::sources::{self, Found, MAX_RECORDING_EVENTS, Progress, Source};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a source holds. All counts but `items` are of what is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The source, as it was named.
    pub source: String,
    /// Files, or items of a source whose items are no files; the damaged ones, too.
    pub items: u64,
    /// Recordings that are whole, in order and not empty.
    pub recordings: u64,
    /// Images.
    pub images: u64,
    /// Samples of a synthetic task.
    pub spike_trains: u64,
    /// One more than the highest label.
    pub classes: u16,
    /// Items of each label.
    pub labels: BTreeMap<u16, u64>,
    /// Recordings and images of each size, columns x rows.
    pub sizes: BTreeMap<String, u64>,
    /// Recordings' files of each format.
    pub formats: BTreeMap<String, u64>,
    /// Events a recording; None without recordings.
    pub events: Option<Spread>,
    /// ON events of all recordings.
    pub on_events: u64,
    /// From a recording's first event to its last, µs; None without recordings.
    pub duration_us: Option<Spread>,
    /// Recordings without an event of one of the polarities: whole, but perhaps not what was meant.
    pub one_polarity: Listed<String>,
    /// Recordings without events, by name.
    pub empty: Listed<String>,
    /// Recordings whose time steps back.
    pub reversed: Listed<Reversed>,
    /// What cannot be read, and why.
    pub damaged: Listed<Damaged>,
}

/// How a number is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The smallest.
    pub min: u64,
    /// Half are not larger; the lower one of two in the middle.
    pub median: u64,
    /// The largest.
    pub max: u64,
    /// All together.
    pub total: u64,
}

/// Findings, of which only the first are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// How many there are.
    pub count: u64,
    /// The first [`LISTED`] of them.
    pub first: Vec<T>,
}

/// How many findings of a kind are listed one by one.
pub const LISTED: usize = 1000;

/// A recording whose time steps back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reversed {
    /// The recording.
    pub name: String,
    /// Events before the one that precedes them.
    pub reversals: u64,
}

/// What cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// Byte of the damage in the file, unpacked if it is in gzip; None where the error is of no place.
    pub byte: Option<u64>,
    /// The error, with the file's name.
    pub error: String,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Listed { count: 0, first: Vec::new() }
    }
}

impl<T> Listed<T> {
    fn push(&mut self, finding: T) {
        self.count += 1;
        if self.first.len() < LISTED {
            self.first.push(finding);
        }
    }
}

/// Looks at everything that `source` names, one file after the other, whatever is wrong with some of them. `progress`
/// is told after each.
///
/// # Errors
/// A source that is not there, or of which nothing can be told, such as a zip without its directory.
pub fn check(source: &str, mut progress: impl FnMut(Progress)) -> Result<Check, Error> {
    let mut looked = Looked::default();
    let classes = Source::find(source)?.walk(&mut |found, at| {
        looked.at(found);
        progress(at);
    })?;
    Ok(looked.end(source, classes))
}

impl Check {
    /// Whether there is something, and all of it can be learned from.
    pub fn is_sound(&self) -> bool {
        self.items > 0 && self.damaged.count + self.empty.count + self.reversed.count == 0
    }
}

/// What was seen so far.
#[derive(Default)]
struct Looked {
    check: Check,
    events: Vec<u64>,
    durations_us: Vec<u64>,
}

/// A recording's events, in passing.
#[derive(Default)]
struct Seen {
    events: u64,
    on_events: u64,
    reversals: u64,
    first_us: u64,
    last_us: u64,
}

impl Seen {
    fn chunk(&mut self, events: &[Event]) {
        for event in events {
            if self.events == 0 {
                self.first_us = event.t_us;
            } else if event.t_us < self.last_us {
                self.reversals += 1;
            }
            self.last_us = event.t_us;
            self.events += 1;
            self.on_events += u64::from(event.on);
        }
    }
}

impl Looked {
    fn at(&mut self, found: Found) {
        self.check.items += 1;
        match found {
            Found::Wrong(error) => self.wrong(error),
            Found::Item(item) => self.item(&item),
            Found::File { name, label, bytes, sensor } => match sources::picture(&name, label, &bytes) {
                Ok(Some(item)) => self.item(&item),
                Ok(None) => self.file(name, label, bytes, sensor),
                Err(error) => self.wrong(error),
            },
        }
    }

    fn wrong(&mut self, error: Error) {
        let byte = match &error {
            Error::Damaged { offset, .. } => Some(*offset),
            _ => None,
        };
        match error {
            Error::NoEvents { name } | Error::EmptyFile { name } => self.check.empty.push(name),
            error => self.check.damaged.push(Damaged { byte, error: error.to_string() }),
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Recording(recording) => {
                let mut seen = Seen::default();
                seen.chunk(&recording.events);
                let sensor = Sensor { width: recording.width, height: recording.height };
                self.recording(recording.name.clone(), recording.label, sensor, &seen);
            }
            Item::Image(image) => {
                self.check.images += 1;
                self.whole(image.label, Some(Sensor { width: image.width, height: image.height }));
            }
            Item::Spikes(sample) => {
                self.check.spike_trains += 1;
                self.whole(sample.label, None);
            }
        }
    }

    /// Decodes a file a chunk at a time: no recording is held in memory.
    fn file(&mut self, name: String, label: u16, bytes: Vec<u8>, sensor: Option<Sensor>) {
        let (mut reader, sensor) = match sources::open(&name, bytes, sensor) {
            Ok(opened) => opened,
            Err(error) => return self.wrong(error),
        };
        let mut seen = Seen::default();
        loop {
            match reader.next_chunk() {
                Ok([]) => break,
                Ok(events) => {
                    // A data set's sensor may be smaller than the one that its files state.
                    if let Some(at) = events.iter().position(|event| !sensor.contains(event.x, event.y)) {
                        let (Event { x, y, .. }, Sensor { width, height }) = (events[at], sensor);
                        let place = Place { event: seen.events as usize + at, byte: None };
                        return self.wrong(Error::OutsideSensor { name, place, x, y, width, height });
                    }
                    seen.chunk(events);
                }
                Err(error) => return self.wrong(error),
            }
        }
        if seen.events > MAX_RECORDING_EVENTS as u64 {
            return self.wrong(Error::LongRecording { name, limit: MAX_RECORDING_EVENTS });
        }
        if self.recording(name, label, sensor, &seen) {
            *self.check.formats.entry(reader.header().format.to_string()).or_default() += 1;
        }
    }

    /// Takes what was seen of a recording; whether it is whole.
    fn recording(&mut self, name: String, label: u16, sensor: Sensor, seen: &Seen) -> bool {
        if seen.events == 0 {
            self.check.empty.push(name);
            return false;
        }
        if seen.reversals > 0 {
            self.check.reversed.push(Reversed { name, reversals: seen.reversals });
            return false;
        }
        if seen.on_events == 0 || seen.on_events == seen.events {
            self.check.one_polarity.push(name);
        }
        self.events.push(seen.events);
        self.durations_us.push(seen.last_us - seen.first_us);
        self.check.on_events += seen.on_events;
        self.whole(label, Some(sensor));
        true
    }

    fn whole(&mut self, label: u16, size: Option<Sensor>) {
        *self.check.labels.entry(label).or_default() += 1;
        if let Some(size) = size {
            *self.check.sizes.entry(size.to_string()).or_default() += 1;
        }
    }

    fn end(self, source: &str, classes: u16) -> Check {
        Check {
            source: source.into(),
            classes,
            recordings: self.events.len() as u64,
            events: Spread::of(self.events),
            duration_us: Spread::of(self.durations_us),
            ..self.check
        }
    }
}

impl Spread {
    fn of(mut numbers: Vec<u64>) -> Option<Spread> {
        numbers.sort_unstable();
        let (min, max) = (*numbers.first()?, *numbers.last()?);
        let total = numbers.iter().fold(0, |sum: u64, &number| sum.saturating_add(number));
        Some(Spread { min, median: numbers[(numbers.len() - 1) / 2], max, total })
    }
}
