//! Recordings of the cameras' makers against what other decoders read of them.
//!
//! Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets with `vendor-formats/`.

mod common;

use common::folder;
use events::Event;
use events::recording::{self, Format, Options, Reader, Sensor, SensorFrom, Summary, Tally};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// An entry of `expected.json`.
#[derive(Deserialize)]
struct Expected {
    file: String,
    events: u64,
    sensor: (u16, u16),
    first: Vec<[u64; 4]>,
    last: Vec<[u64; 4]>,
    on_events: u64,
    canonical_sha256: String,
}

fn open(path: PathBuf) -> Reader {
    recording::open(&path, &Options::default()).unwrap()
}

/// Time, column, row and polarity, as `expected.json` lists them.
fn row(event: &Event) -> [u64; 4] {
    [event.t_us, event.x.into(), event.y.into(), event.on.into()]
}

#[test]
fn every_recording_decodes_to_what_is_expected() {
    let Some(folder) = folder("vendor-formats") else { return };
    let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Vec<Expected> = serde_json::from_str(&expected).unwrap();
    assert_eq!(expected.len(), 5);
    for expected in expected {
        let mut reader = open(folder.join(&expected.file));
        let (width, height) = expected.sensor;
        assert_eq!(reader.header().sensor, Some(Sensor { width, height }), "{}", expected.file);
        let (mut events, mut digest) = (Vec::new(), Sha256::new());
        loop {
            let chunk = reader.next_chunk().unwrap();
            if chunk.is_empty() {
                break;
            }
            for event in chunk {
                digest.update(event.t_us.to_le_bytes());
                digest.update(event.x.to_le_bytes());
                digest.update(event.y.to_le_bytes());
                digest.update([u8::from(event.on)]);
            }
            events.extend_from_slice(chunk);
        }
        assert_eq!(events.len() as u64, expected.events, "{}", expected.file);
        assert_eq!(reader.report().events, expected.events);
        assert!(reader.report().loss.is_empty(), "{:?}", reader.report());
        let rows: Vec<_> = events.iter().map(row).collect();
        assert!(rows.starts_with(&expected.first) && rows.ends_with(&expected.last), "{}", expected.file);
        assert_eq!(events.iter().filter(|event| event.on).count() as u64, expected.on_events);
        let seen: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(seen, expected.canonical_sha256, "{}", expected.file);
    }
}

fn summary(path: PathBuf) -> Summary {
    let mut reader = open(path);
    let mut tally = Tally::default();
    loop {
        let chunk = reader.next_chunk().unwrap();
        if chunk.is_empty() {
            return tally.summary(reader.header(), reader.report());
        }
        tally.add(chunk);
    }
}

#[test]
fn every_recording_is_summed_up_as_expected() {
    let Some(folder) = folder("vendor-formats") else { return };
    let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Vec<Expected> = serde_json::from_str(&expected).unwrap();
    for expected in expected {
        let seen = summary(folder.join(&expected.file));
        let sides = (u32::from(expected.sensor.0), u32::from(expected.sensor.1));
        assert_eq!((seen.width, seen.height), (Some(sides.0), Some(sides.1)), "{}", expected.file);
        assert_eq!((seen.sensor, seen.gzip), (SensorFrom::Stated, false));
        assert_eq!((seen.events, seen.on_events), (expected.events, expected.on_events));
        assert_eq!(seen.off_events, expected.events - expected.on_events);
        assert_eq!(seen.first_us, Some(expected.first[0][0]), "{}", expected.file);
        assert_eq!(seen.last_us, Some(expected.last[expected.last.len() - 1][0]), "{}", expected.file);
        // The peak is no lower than the mean, and a gap no longer than the whole.
        assert!(seen.mean_rate.unwrap() <= seen.peak_rate, "{seen:?}");
        assert!((1..=seen.duration_us).contains(&seen.largest_gap.unwrap().us), "{seen:?}");
        assert_eq!(seen.time_reversals == 0, seen.largest_reversal.is_none(), "{seen:?}");
        assert!(seen.loss.is_empty());
    }
    let seen = summary(folder.join("davis346.aedat4"));
    assert!(seen.skipped.frames > 0 && seen.skipped.imu > 0, "{:?}", seen.skipped);
    assert!(summary(folder.join("dvs.csv.gz")).gzip);
}

/// All events of both files, chunk by chunk.
fn assert_same(mut one: Reader, mut other: Reader, shift_us: u64) {
    let mut events = one.read_to_end(1 << 24).unwrap();
    events.iter_mut().for_each(|event| event.t_us -= shift_us);
    let other_events = other.read_to_end(1 << 24).unwrap();
    let differing = events.iter().zip(&other_events).position(|(one, other)| one != other);
    assert_eq!(differing, None, "{} and {}", one.name(), other.name());
    assert_eq!(events.len(), other_events.len());
}

#[test]
fn the_same_recording_in_two_formats_has_the_same_events() {
    let Some(folder) = folder("vendor-formats") else { return };
    assert_same(open(folder.join("evt3.raw")), open(folder.join("gen4.dat")), 11_194_368);
    let text = open(folder.join("dvs.csv.gz"));
    assert_eq!((text.header().format, text.header().gzip), (Format::Csv, true));
    assert_same(open(folder.join("dvs.es")), text, 0);
}

#[test]
fn gestures_are_the_same_in_three_formats_and_their_labels_say_where() {
    let Some(folder) = folder("dvs-gesture-10") else { return };
    let mut zip =
        zip::ZipArchive::new(std::fs::File::open(folder.join("dvs-gesture-samples.zip")).unwrap()).unwrap();
    let mut member = |class: u16, kind: &str| {
        let name =
            zip.file_names().find(|name| name.starts_with(&format!("{class:02}_")) && name.ends_with(kind));
        let (name, mut bytes) = (name.unwrap().to_owned(), Vec::new());
        std::io::Read::read_to_end(&mut zip.by_name(&name).unwrap(), &mut bytes).unwrap();
        let mut reader =
            recording::from_reader(&name, std::io::Cursor::new(bytes), &Options::default()).unwrap();
        (reader.header().format, reader.read_to_end(1 << 20).unwrap())
    };
    let path = folder.join("derived-aedat31/gestures_a.aedat");
    let all = open(path).read_to_end(1 << 24).unwrap();
    let labels = std::fs::read_to_string(folder.join("derived-aedat31/gestures_a_labels.csv")).unwrap();
    let mut found = 0;
    for line in labels.lines().skip(1) {
        let numbers: Vec<u64> = line.split(',').map(|number| number.trim().parse().unwrap()).collect();
        let [class, start_us, end_us] = numbers[..] else { panic!("{line}") };
        let mut gesture =
            all.iter().filter(|event| (start_us..end_us).contains(&event.t_us)).copied().collect::<Vec<_>>();
        gesture.iter_mut().for_each(|event| event.t_us -= start_us);
        let (format_2, bs2) = member(class as u16, ".bs2");
        let (format_3, bs3) = member(class as u16, ".bs3");
        assert_eq!((format_2, format_3), (Format::Bin, Format::Bs3));
        assert!(bs2 == bs3 && bs2 == gesture, "class {class}: {} and {} events", bs2.len(), gesture.len());
        found += gesture.len();
    }
    assert_eq!(found, all.len(), "every event belongs to a gesture");
}
