//! Recordings are looked into, converted and drawn by what a person types.

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{listed, refused, run};
use events::Event;
use events::recording::{self, Format, Options, Sensor};

const SENSOR: Sensor = Sensor { width: 128, height: 128 };

/// A folder with a recording of 3,000 events in 0.6 s, `in.aedat4`, and an empty folder `out`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    write(&folder.path().join("in.aedat4"), Format::Aedat4, &moving());
    folder
}

fn moving() -> Vec<Event> {
    let event = |i: u64| Event {
        t_us: i * 200,
        x: (i / 30 % 128) as u16,
        y: (i * 7 % 128) as u16,
        on: i.is_multiple_of(3),
    };
    (0..3000).map(event).collect()
}

fn write(path: &Path, format: Format, events: &[Event]) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = recording::create("recording", file, format, Some(SENSOR)).unwrap();
    writer.write(events).unwrap();
    writer.finish().unwrap();
}

fn read(path: &Path) -> Vec<Event> {
    recording::open(path, &Options::default()).unwrap().read_to_end(1 << 20).unwrap()
}

#[test]
fn info_tells_what_a_recording_holds() {
    let folder = folder();
    let seen = run(folder.path(), "events info in.aedat4 --json").json();
    for (key, value) in [
        ("format", "aedat4".into()),
        ("gzip", false.into()),
        ("width", 128.into()),
        ("height", 128.into()),
        ("sensor", "stated".into()),
        ("events", 3000.into()),
        ("first_us", 0.into()),
        ("last_us", 599_800.into()),
        ("duration_us", 599_800.into()),
        ("on_events", 1000.into()),
        ("off_events", 2000.into()),
        ("time_reversals", 0.into()),
    ] {
        let value: serde_json::Value = value;
        assert_eq!(seen[key], value, "{key}");
    }
    assert_eq!((&seen["peak_rate"], &seen["largest_gap"]["us"]), (&5000.0.into(), &200.into()));
    let table = run(folder.path(), "events info in.aedat4").stdout;
    for said in ["aedat4", "128x128", "33.3 %", "5\u{202f}000 events/s", "599\u{202f}800 µs"] {
        assert!(table.contains(said), "no `{said}` in {table}");
    }
}

#[test]
fn info_reads_standard_input() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stop-fpga"));
    command.args(["events", "info", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"t,x,y,on\n5,1,2,1\n9,7,0,0\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&seen["format"], &seen["events"], &seen["width"]), (&"csv".into(), &2.into(), &8.into()));
    assert_eq!(seen["sensor"], "seen");
}

#[test]
fn damage_is_an_error_or_counted() {
    let folder = folder();
    let text = "t,x@4,y@4,on\n1,2,3,1\n2,4,0,1\n3,3,3,0\n";
    std::fs::write(folder.path().join("bad.csv"), text).unwrap();
    let said = ["`bad.csv` (csv) is damaged at byte 21", "x = 4, y = 0", "leniently"];
    for line in ["info bad.csv", "convert bad.csv out/bad.bin", "render bad.csv --out out/bad.png"] {
        refused(folder.path(), &format!("events {line}"), &said);
    }
    assert_eq!(listed(&folder.path().join("out")), [""; 0]);
    let seen = run(folder.path(), "events info bad.csv --lenient --json").json();
    assert_eq!((&seen["events"], &seen["loss"]["events"]), (&2.into(), &1.into()));
    assert_eq!(seen["loss"]["first"][0]["offset"], 21);
    let seen = run(folder.path(), "events convert bad.csv out/good.es --lenient --json").json();
    assert_eq!((&seen["events"], &seen["lost_events"]), (&2.into(), &1.into()));
    assert_eq!(read(&folder.path().join("out/good.es")).len(), 2);
    refused(folder.path(), "events info gone.raw", &["cannot read `gone.raw`", "check that it is whole"]);
}

#[test]
fn every_format_is_written_and_read_back() {
    let folder = folder();
    let events = moving();
    for format in Format::ALL {
        let name = format!("out/{format}.any");
        let line = format!("events convert in.aedat4 {name} --to {format} --json");
        let seen = run(folder.path(), &line).json();
        assert_eq!((&seen["from"], &seen["to"]), (&"aedat4".into(), &format.name().into()));
        assert_eq!((&seen["events"], &seen["skipped"]), (&3000.into(), &0.into()));
        assert!(read(&folder.path().join(&name)) == events, "{format}");
        run(folder.path(), &format!("events convert {name} out/back.csv --sensor 128x128"));
        assert!(read(&folder.path().join("out/back.csv")) == events, "{format} and back");
    }
    let printed = run(folder.path(), "events convert in.aedat4 out/a.bs2").stdout;
    assert!(printed.contains("out/a.bs2: 3\u{202f}000 events, aedat4 to bin"), "{printed}");
}

#[test]
fn what_a_format_cannot_hold_is_named_and_nothing_is_written() {
    let folder = folder();
    let late = Event { t_us: 1 << 23, x: 5, y: 6, on: true };
    write(&folder.path().join("late.aedat4"), Format::Aedat4, &[moving(), vec![late]].concat());
    let said = ["event 3000", "time in µs is 8388608", "format bin holds 0 to 8388607"];
    refused(folder.path(), "events convert late.aedat4 out/late.bin", &said);
    write(&folder.path().join("plain.bin"), Format::Bin, &moving());
    let said = ["a recording of format evt3 states its sensor", "--sensor 128x128"];
    refused(folder.path(), "events convert plain.bin out/plain.raw --to evt3", &said);
    for (out, said) in [("out/a.raw", "a.raw names no single format"), ("out/a", "--to evt3")] {
        refused(folder.path(), &format!("events convert in.aedat4 {out}"), &[said]);
    }
    let said = ["there is no format `evt4`", "evt3"];
    refused(folder.path(), "events convert in.aedat4 out/a --to evt4", &said);
    refused(folder.path(), "events convert in.aedat4 gone/a.es", &["cannot write gone/a.es"]);
    assert_eq!(listed(&folder.path().join("out")), [""; 0]);
}

/// Columns and rows, of a PNG or GIF.
fn size(path: &Path) -> (u32, u32) {
    let bytes = std::fs::read(path).unwrap();
    match bytes[..] {
        [0x89, b'P', b'N', b'G', ..] => {
            let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            (number(16), number(20))
        }
        [b'G', b'I', b'F', ..] => {
            let number = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
            (number(6), number(8))
        }
        _ => panic!("{} is no picture", path.display()),
    }
}

#[test]
fn recordings_are_drawn() {
    let folder = folder();
    let out = folder.path().join("out");
    let seen = run(folder.path(), "events render in.aedat4 --out out/strip.png --json").json();
    assert_eq!((&seen["frames"], &seen["events"]), (&8.into(), &3000.into()));
    assert_eq!((&seen["from_us"], &seen["to_us"]), (&0.into(), &599_801.into()));
    // Two rows of four frames of 256 pixels.
    let (width, height) = size(&out.join("strip.png"));
    assert!(width == 4 * 260 + 4 && (2 * 256..2 * 300).contains(&height), "{width}x{height}");

    run(folder.path(), "events render in.aedat4 --out out/a.gif --fps 20 --scale 1");
    assert_eq!(size(&out.join("a.gif")), (128, 128));
    let gif = std::fs::read(out.join("a.gif")).unwrap();
    // 0.6 s at 20 frames a second: as many blocks that give a delay of 5 hundredths.
    let delays = gif.windows(6).filter(|block| block.starts_with(&[0x21, 0xF9, 4]) && block[4..] == [5, 0]);
    assert_eq!(delays.count(), 11);

    let line = "events render in.aedat4 --out out/frames --frames 3 --scale 1/2 --from 0.1 --to 0.3 --json";
    let seen = run(folder.path(), line).json();
    assert_eq!(
        (&seen["from_us"], &seen["to_us"], &seen["events"]),
        (&100_000.into(), &300_000.into(), &1000.into())
    );
    let mut names = listed(&out.join("frames"));
    names.sort();
    assert_eq!(names, ["frame-000.png", "frame-001.png", "frame-002.png"]);
    assert_eq!(seen["pictures"][2], "out/frames/frame-002.png");
    assert_eq!(size(&out.join("frames/frame-000.png")), (64, 64));

    run(folder.path(), "events render in.aedat4 --out out/raster.png --as raster");
    let (width, height) = size(&out.join("raster.png"));
    assert!(width > 1024 && height > 512, "{width}x{height}");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let folder = folder();
    write(&folder.path().join("none.es"), Format::EventStream, &[]);
    for (line, said) in [
        ("in.aedat4 --out out/a.jpg", "no picture that is drawn"),
        ("in.aedat4 --out out/a.png --from 0.5 --to 0.5", "the recording lasts 0.599801 s"),
        ("in.aedat4 --out out/a.png --from 7", "nothing lies between"),
        ("in.aedat4 --out out/a.png --from -1", "seconds from 0 to a billion"),
        ("in.aedat4 --out out/a.png --to soon", "seconds from 0 to a billion"),
        ("in.aedat4 --out out/a.png --frames 0", "1..=1000"),
        ("in.aedat4 --out out/a.gif --fps 51", "1..=50"),
        ("in.aedat4 --out out/a.png --scale 0", "there is no scale `0`"),
        ("in.aedat4 --out out/a.png --scale 200 --frames 900", "wanted 134217728 pixels or fewer"),
        ("in.aedat4 --out out/a.png --as raster --frames 5", "leave --frames out"),
        ("- --out out/a.png", "read twice"),
        ("none.es --out out/a.png", "none.es holds no events"),
        ("in.aedat4 --out gone/a.png", "cannot write gone/a.png"),
    ] {
        refused(folder.path(), &format!("events render {line}"), &[said]);
    }
    assert_eq!(listed(&folder.path().join("out")), [""; 0]);
}

/// Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets with `dvs-gesture-10/`.
#[test]
fn gestures_are_drawn() {
    let Some(data) = std::env::var_os("STOP_FPGA_DATA") else {
        println!("not run: STOP_FPGA_DATA, a folder of data sets, is not set");
        return;
    };
    let recording = Path::new(&data).join("dvs-gesture-10/derived-aedat31/gestures_a.aedat");
    if !recording.is_file() {
        println!("not run: there is no {}", recording.display());
        return;
    }
    let folder = folder();
    let line = format!("events render {} --out out/a.png --to 1.45 --json", recording.display());
    let seen = run(folder.path(), &line).json();
    // The first gesture's events, as its own file has them.
    assert_eq!(seen["events"], 63_471);
}
