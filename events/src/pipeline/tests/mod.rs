mod draws;
mod stages;
mod windows;
mod words;

use super::*;
use crate::item::{Event, Recording};
use crate::recording::Sensor;
use proptest::prelude::*;

/// Time, column, row, polarity.
type Row = (u64, u16, u16, bool);

fn recording(width: u16, height: u16, rows: &[Row]) -> Recording {
    let events = rows.iter().map(|&(t_us, x, y, on)| Event { t_us, x, y, on }).collect();
    Recording { label: 3, name: "here".into(), width, height, events, window_us: None }
}

fn rows(recording: &Recording) -> Vec<Row> {
    recording.events.iter().map(|event| (event.t_us, event.x, event.y, event.on)).collect()
}

fn pipeline(text: &str) -> Pipeline {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What comes of it where nothing is drawn: one recording.
fn through(text: &str, recording: Recording) -> Recording {
    let pipeline = pipeline(text);
    let mut prepared = pipeline.prepare(recording).unwrap();
    assert_eq!(prepared.len(), 1);
    pipeline.finish(prepared.remove(0), None).unwrap()
}
