//! Events that come while a board decides: whatever they come through, it decides what it decides on the same windows at rest.

mod common;

use std::io::Write;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use common::{Running, refused, run};
use events::recording::{self, Format, Sensor};
use events::{Dataset, Event, Item};
use serde_json::Value;
use tempfile::TempDir;

const SENSOR: Sensor = Sensor { width: 34, height: 34 };
/// Of a window, in µs.
const WINDOW: u64 = 100_000;
/// Digits in the recording, one behind the other, each three windows long.
const DIGITS: usize = 4;

/// A folder with a trained network, `net.safetensors`, and `live.es`: digits, one behind the other, 0.3 s each.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let trained = run(
            folder.path(),
            "train --train bundled:train --train-limit 60 --net 2x17x17-20-10 --epochs 2 --json --out net.safetensors",
        );
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        for (name, format) in [("live.es", Format::EventStream), ("live.csv", Format::Csv)] {
            write(&folder.path().join(name), format);
        }
        let labels: String = (digits().iter().enumerate())
            .map(|(at, (label, _))| format!("{label},{},{}\n", at as u64 * 3 * WINDOW, (at as u64 + 1) * 3 * WINDOW))
            .collect();
        std::fs::write(folder.path().join("labels.csv"), format!("label,start_us,end_us\n{labels}")).unwrap();
        folder
    });
    folder.path()
}

/// Labels and events of the digits; the first event of all is at 0.
fn digits() -> Vec<(u16, Vec<Event>)> {
    let dataset = Dataset::open("bundled:test", Some(DIGITS)).unwrap();
    let digit = |(at, item): (usize, &Item)| {
        let Item::Recording(recording) = item else { panic!("no recording") };
        let first = recording.events[0].t_us;
        let moved = |event: &Event| Event { t_us: event.t_us - first + at as u64 * 3 * WINDOW, ..*event };
        let inside = |event: &Event| event.t_us < (at as u64 + 1) * 3 * WINDOW;
        (recording.label, recording.events.iter().map(moved).filter(inside).collect())
    };
    dataset.items().iter().enumerate().map(digit).collect()
}

fn write(path: &Path, format: Format) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = recording::create("live", file, format, Some(SENSOR)).unwrap();
    for (_, events) in digits() {
        writer.write(&events).unwrap();
    }
    // So that the last window is over.
    writer.write(&[Event { t_us: DIGITS as u64 * 3 * WINDOW, x: 0, y: 0, on: true }]).unwrap();
    writer.finish().unwrap();
}

/// What a stream printed: its decisions, and its summary.
fn lines(stdout: &str) -> (Vec<Value>, Value) {
    let mut lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let summary = lines.pop().expect("a summary");
    (lines, summary)
}

fn predictions(decisions: &[Value]) -> Vec<u64> {
    decisions.iter().map(|decision| decision["prediction"].as_u64().unwrap()).collect()
}

#[track_caller]
fn streamed(options: &str) -> (Vec<Value>, Value) {
    let line = format!("stream --weights net.safetensors --window 100ms --json {options}");
    let ended = run(folder(), &line);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    lines(&ended.stdout)
}

/// What `eval` says of the same windows.
fn wanted() -> Vec<u64> {
    let labelled = tempfile::tempdir().unwrap();
    std::fs::create_dir(labelled.path().join("9")).unwrap();
    std::fs::copy(folder().join("live.es"), labelled.path().join("9/live.es")).unwrap();
    let weights = folder().join("net.safetensors");
    let line = format!("eval --test . --weights {} --pipeline window=100ms --json", weights.display());
    let seen = run(labelled.path(), &line).json();
    seen["predictions"].as_array().unwrap().iter().map(|p| p.as_u64().unwrap()).collect()
}

#[test]
fn a_stream_decides_what_eval_decides_on_its_windows() {
    let wanted = wanted();
    assert_eq!(wanted.len(), 3 * DIGITS);
    assert!(wanted.iter().any(|class| *class != wanted[0]), "one class for everything: {wanted:?}");
    let (decisions, summary) = streamed("--source live.es --pace fast --labels labels.csv");
    assert_eq!(predictions(&decisions), wanted);
    let events: usize = digits().iter().map(|(_, events)| events.len()).sum();
    assert_eq!(summary["events"], events + 1);
    let inside: u64 = decisions.iter().map(|decision| decision["events"].as_u64().unwrap()).sum();
    assert_eq!(inside, events as u64);
    assert_eq!(summary["events_behind_the_last_window"], 1);
    assert_eq!(summary["late_events"], 0);
    assert_eq!((&summary["decisions"], &summary["labelled"]), (&12.into(), &12.into()));
    let right = decisions.iter().filter(|decision| decision["prediction"] == decision["label"]).count();
    assert_eq!(summary["right"], right);
    for (at, decision) in decisions.iter().enumerate() {
        assert_eq!((&decision["window"], &decision["start_us"]), (&at.into(), &(at as u64 * WINDOW).into()));
        assert_eq!(decision["label"], digits()[at / 3].0);
    }
}

#[test]
fn a_paced_recording_takes_its_time_and_ends_in_a_histogram() {
    let start = Instant::now();
    let (decisions, summary) = streamed("--source live.es");
    assert!(start.elapsed() >= Duration::from_micros(3 * DIGITS as u64 * WINDOW), "{:?}", start.elapsed());
    assert_eq!(predictions(&decisions), wanted());
    let time = |key: &str| summary[key].as_u64().unwrap();
    assert!(time("min_us") <= time("p50_us") && time("p50_us") <= time("p99_us"));
    assert!(time("p99_us") <= time("max_us") + time("max_us") / 100);
    let words =
        run(folder(), "stream --source live.es --weights net.safetensors --window 100ms --labels labels.csv");
    assert_eq!(words.code, Some(0), "{}", words.stderr);
    for said in ["window 11", "of 12 whose class was known", "half within", "█", "of those late"] {
        assert!(words.stdout.contains(said), "{said}: {}", words.stdout);
    }
}

#[test]
fn a_socket_and_standard_input_are_sources_like_a_file() {
    let wanted = wanted();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = format!("tcp:{}", listener.local_addr().unwrap());
    let bytes = std::fs::read(folder().join("live.es")).unwrap();
    let sender = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        // Cut anywhere.
        bytes.chunks(1000).for_each(|part| stream.write_all(part).unwrap());
    });
    assert_eq!(predictions(&streamed(&format!("--source {source}")).0), wanted);
    sender.join().unwrap();

    let mut command = Command::new(env!("CARGO_BIN_EXE_stop-fpga"));
    command.args("stream --source stdin --weights net.safetensors --window 100ms --json".split_whitespace());
    command.current_dir(folder()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let bytes = std::fs::read(folder().join("live.es")).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(predictions(&lines(&String::from_utf8(output.stdout).unwrap()).0), wanted);
}

/// Datagrams of whole lines; an empty one ends the stream.
#[test]
fn datagrams_are_a_source_too() {
    // A port that is free now.
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let line = format!(
        "stream --source udp:127.0.0.1:{port} --weights net.safetensors --window 100ms --json --sensor 34x34"
    );
    let mut running = Running::start(folder(), &line);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(("127.0.0.1", port)).unwrap();
    let text = std::fs::read_to_string(folder().join("live.csv")).unwrap();
    let mut lines_of = text.split_inclusive('\n');
    let header = lines_of.next().unwrap();
    // Refused until the stream listens.
    let start = Instant::now();
    while socket.send(header.as_bytes()).is_err() || socket.send(b"\n").is_err() {
        assert!(start.elapsed() < Duration::from_secs(60), "nobody listens");
        std::thread::sleep(Duration::from_millis(10));
    }
    let body: Vec<&str> = lines_of.collect();
    for part in body.chunks(50) {
        socket.send(part.concat().as_bytes()).unwrap();
        std::thread::sleep(Duration::from_micros(500));
    }
    socket.send(b"").unwrap();
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(predictions(&lines(&ended.stdout).0), wanted());
}

#[test]
fn a_stream_with_labels_learns() {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("learned.safetensors");
    let options =
        format!("--source live.es --pace fast --labels labels.csv --learn --out {}", path.display());
    let (decisions, summary) = streamed(&options);
    assert!(decisions.iter().all(|decision| decision["learned"] == true));
    assert_eq!(summary["learned"], 12);
    let before = streamed("--source live.es --pace fast").1;
    assert_ne!(summary["parameters_sha256"], before["parameters_sha256"]);
    assert_eq!(
        streamed(&options).1["parameters_sha256"],
        summary["parameters_sha256"],
        "other bits the second time"
    );
    let weights = path.display();
    let seen =
        run(folder(), &format!("eval --test bundled:test --test-limit 3 --weights {weights} --json")).json();
    assert_eq!(seen["parameters_sha256"], summary["parameters_sha256"]);
    // Half of it labelled: half of it learned.
    let half = "label,start_us,end_us\n3,0,600000\n";
    std::fs::write(folder().join("half.csv"), half).unwrap();
    let (decisions, _) = streamed("--source live.es --pace fast --labels half.csv --learn");
    let learned = decisions.iter().filter(|decision| decision["learned"] == true).count();
    assert_eq!(learned, 6);
}

#[test]
fn damage_ends_a_stream_or_is_counted() {
    let damaged = std::fs::read_to_string(folder().join("live.csv")).unwrap().replacen("\n1", "\nx", 1);
    std::fs::write(folder().join("damaged.csv"), damaged).unwrap();
    let line = "stream --source damaged.csv --weights net.safetensors --window 100ms --pace fast";
    refused(folder(), line, &["damaged.csv", "byte"]);
    let (decisions, summary) = streamed("--source damaged.csv --pace fast --lenient");
    assert_eq!(decisions.len(), 12);
    assert_eq!(summary["lost_bytes"].as_u64().map(|bytes| bytes > 0), Some(true), "{summary}");
}

#[test]
fn what_cannot_be_streamed_says_so() {
    let folder = folder();
    let stream = "stream --weights net.safetensors";
    refused(folder, &format!("{stream} --source live.es"), &["whole recordings", "--window 300ms"]);
    refused(folder, &format!("{stream} --source gone.es --window 1ms"), &["--source gone.es"]);
    refused(folder, &format!("{stream} --source live.es --window 1ms --board float"), &["--board model"]);
    refused(
        folder,
        &format!("{stream} --source net.safetensors --window 1ms"),
        &["net.safetensors", "--format"],
    );
    refused(
        folder,
        &format!("{stream} --source udp:nowhere --window 1ms"),
        &["udp:nowhere", "udp:0.0.0.0:7777"],
    );
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(folder, &format!("{stream} --source tcp:{address} --window 1ms"), &["refused"]);
    std::fs::write(folder.join("far.csv"), "label,start_us,end_us\n10,0,5\n").unwrap();
    let line = format!("{stream} --source live.es --window 1ms --labels far.csv");
    refused(folder, &line, &["row 1: label 10, the network has 10 outputs"]);
}

/// Ctrl-C ends a stream that has no end, and says what it came to.
#[test]
fn an_interrupted_stream_says_what_it_came_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = format!("tcp:{}", listener.local_addr().unwrap());
    let line = format!("stream --source {source} --weights net.safetensors --window 100ms --json");
    let mut running = Running::start(folder(), &line);
    let mut stream = listener.accept().unwrap().0;
    stream.write_all(&std::fs::read(folder().join("live.es")).unwrap()).unwrap();
    // Long enough for it to have read that; its end does not depend on it.
    std::thread::sleep(Duration::from_millis(500));
    running.interrupt();
    let ended = running.end();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let (decisions, summary) = lines(&ended.stdout);
    assert_eq!(summary["interrupted"], true);
    assert_eq!(summary["decisions"], decisions.len());
}
