//! How fast recordings are decoded and binned, in events a second, and images coded.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use events::recording::{self, Format, Options};
use events::{Dataset, Encoding, Image, ImageCode, Item};
use std::hint::black_box;

/// The recording as the bytes of a `.bin` file.
fn bytes(item: &Item) -> Vec<u8> {
    let Item::Recording(recording) = item else { return Vec::new() };
    let mut writer = recording::create("memory", Vec::new(), Format::Bin, None).expect("a format");
    writer.write(&recording.events).expect("events of N-MNIST");
    writer.finish().expect("written")
}

fn decode(criterion: &mut Criterion) {
    let recordings = Dataset::open("bundled:test", None).expect("the bundled recordings are whole");
    let file: &'static [u8] = recordings.items().iter().flat_map(bytes).collect::<Vec<_>>().leak();
    let events = file.len() / 5;
    let options = Options { format: Some(Format::Bin), ..Options::default() };

    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Elements(events as u64));
    group.bench_function("decode .bin", |bencher| {
        bencher.iter(|| {
            let mut reader = recording::from_reader("memory", file, &options).expect("a recording");
            while !black_box(reader.next_chunk().expect("whole")).is_empty() {}
        });
    });
    for shape in ["2x17x17", "2x34x34"] {
        let shape = shape.parse().expect("a shape");
        let encoding = Encoding { shape, steps: 16, seed: 0, image_code: ImageCode::Regular };
        group.bench_function(format!("bin into 16 steps of {shape}"), |bencher| {
            bencher.iter(|| black_box(recordings.encode(&encoding)));
        });
    }
    group.finish();
}

/// The 800 training recordings, from xz to events.
fn unpack(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("unpack");
    group.sample_size(10);
    group.bench_function("bundled:train", |bencher| {
        bencher.iter(|| black_box(Dataset::open("bundled:train", None)));
    });
    group.finish();
}

/// A grey-scale image as large as MNIST's, in images a second.
fn code(criterion: &mut Criterion) {
    let pixels = (0..784u32).map(|pixel| (pixel % 256) as u8).collect();
    let image = Item::Image(Image { label: 0, width: 28, height: 28, channels: 1, pixels });
    let mut group = criterion.benchmark_group("images");
    group.throughput(Throughput::Elements(1));
    for image_code in [ImageCode::Regular, ImageCode::Rate] {
        let shape = "784".parse().expect("a shape");
        let encoding = Encoding { shape, steps: 8, seed: 0, image_code };
        group.bench_function(format!("{image_code} code, 8 steps"), |bencher| {
            bencher.iter(|| black_box(image.encode(0, &encoding)));
        });
    }
    group.finish();
}

criterion_group!(benches, decode, unpack, code);
criterion_main!(benches);
