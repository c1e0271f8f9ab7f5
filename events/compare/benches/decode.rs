//! Events a second on one core, file in the page cache: our decoders, other crates', and reading the file alone.
//!
//! Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets with `vendor-formats/` and
//! `dvs-gesture-10/`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use events::recording::{self, Format, Options, Sensor};
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Decodes a file chunk by chunk; returns the number of events.
fn decode(path: &Path) -> u64 {
    let mut reader = recording::open(path, &Options::default()).expect("a recording");
    while !black_box(reader.next_chunk().expect("a whole recording")).is_empty() {}
    reader.report().events
}

/// Reads a file through a buffer as large as the decoders'.
fn read(path: &Path) -> u64 {
    let mut file = File::open(path).expect("a file");
    let (mut buffer, mut length) = (vec![0; 64 << 10], 0);
    loop {
        match file.read(black_box(&mut buffer[..])).expect("readable") {
            0 => return length,
            count => length += count as u64,
        }
    }
}

fn evt3(path: &Path) -> u64 {
    evt3::Evt3Decoder::new().decode_file(path).expect("a recording").cd_events.len() as u64
}

fn aedat(path: &Path) -> u64 {
    let decoder = aedat::base::Decoder::new_from_file(path).expect("a recording");
    let ids: Vec<u32> = decoder
        .id_to_stream
        .iter()
        .filter(|(_, stream)| matches!(stream.content, aedat::base::StreamContent::Events))
        .map(|(id, _)| *id)
        .collect();
    let mut count = 0;
    for packet in decoder {
        let packet = packet.expect("a whole packet");
        if !ids.contains(&packet.stream_id) {
            continue;
        }
        let events =
            aedat::events_generated::size_prefixed_root_as_event_packet(&packet.buffer).expect("events");
        for event in events.elements().expect("elements") {
            black_box((event.t(), event.x(), event.y(), event.on()));
            count += 1;
        }
    }
    count
}

/// The same events as a file of another format.
fn converted(from: &Path, format: Format, sensor: Sensor, folder: &Path) -> PathBuf {
    let path = folder.join(format!("{}.{format}", from.file_stem().unwrap_or_default().display()));
    let out = std::io::BufWriter::new(File::create(&path).expect("a file"));
    let mut writer = recording::create("converted", out, format, Some(sensor)).expect("a format");
    let mut reader = recording::open(from, &Options::default()).expect("a recording");
    loop {
        let events = reader.next_chunk().expect("a whole recording");
        if events.is_empty() {
            break;
        }
        writer.write(events).expect("events that fit");
    }
    writer.finish().expect("written");
    path
}

fn benches(criterion: &mut Criterion) {
    let Some(data) = std::env::var_os("STOP_FPGA_DATA").map(PathBuf::from) else {
        println!("not run: STOP_FPGA_DATA, a folder of data sets, is not set");
        return;
    };
    let vendor = |name: &str| data.join("vendor-formats").join(name);
    let folder = std::env::temp_dir().join(format!("stop-fpga-compare-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let gestures = data.join("dvs-gesture-10/derived-aedat31/gestures_a.aedat");
    let square = Sensor { width: 128, height: 128 };
    let wide = Sensor { width: 1280, height: 720 };
    // The gestures' times exceed the 23 bits of .bin: their first 8 s do not.
    let first = first_events(&gestures, 8_000_000, &folder);
    let files = [
        vendor("evt2.raw"),
        converted(&vendor("gen4.dat"), Format::Evt2, wide, &folder),
        converted(&vendor("gen4.dat"), Format::Evt21, wide, &folder),
        vendor("evt3.raw"),
        vendor("gen4.dat"),
        vendor("davis346.aedat4"),
        vendor("dvs.es"),
        vendor("dvs.csv.gz"),
        converted(&vendor("dvs.es"), Format::Csv, Sensor { width: 320, height: 240 }, &folder),
        first.clone(),
        converted(&first, Format::Bs3, square, &folder),
        gestures.clone(),
        converted(&gestures, Format::Aedat2, square, &folder),
        converted(&gestures, Format::Aedat4, square, &folder),
    ];
    for path in files {
        let name = path.file_name().unwrap_or_default().display().to_string();
        let count = decode(&path);
        let mut group = criterion.benchmark_group(name.clone());
        group.sample_size(30);
        group.throughput(Throughput::Elements(count));
        group.bench_function("this crate", |bencher| bencher.iter(|| decode(&path)));
        group.bench_function("reading alone", |bencher| bencher.iter(|| read(&path)));
        if name == "evt3.raw" {
            assert_eq!(evt3(&path), count);
            group.bench_function("evt3 0.4.1", |bencher| bencher.iter(|| evt3(&path)));
        }
        if name.ends_with("aedat4") {
            assert_eq!(aedat(&path), count);
            group.bench_function("aedat 1.3.3", |bencher| bencher.iter(|| aedat(&path)));
        }
        group.finish();
    }
    let _ = std::fs::remove_dir_all(folder);
}

/// The events before `end_us` as a `.bin` file.
fn first_events(from: &Path, end_us: u64, folder: &Path) -> PathBuf {
    let path = folder.join("gestures.bin");
    let mut reader = recording::open(from, &Options::default()).expect("a recording");
    let mut events = reader.read_to_end(1 << 24).expect("a whole recording");
    events.retain(|event| event.t_us < end_us);
    let out = File::create(&path).expect("a file");
    let mut writer = recording::create("converted", out, Format::Bin, None).expect("a format");
    writer.write(&events).expect("events that fit");
    writer.finish().expect("written");
    path
}

criterion_group!(all, benches);
criterion_main!(all);
