//! How fast the stages of a pipeline are, in events a second that go in.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use events::pipeline::{Draw, Pipeline};
use events::{Dataset, Item, Recording};
use std::hint::black_box;

/// A stage each, with what users would give on N-MNIST's 34x34 pixels and 0.3 s.
const STAGES: [&str; 11] = [
    "crop=28x28",
    "downsample=2",
    "quantise=1ms",
    "hot-pixels=500",
    "background=5ms",
    "polarity=on",
    "window=50ms",
    "window=50ms,every=25ms",
    "window=1000events",
    "crop=28x28 | hot-pixels=500 | background=5ms | window=100ms",
    "downsample=2 | polarity=merge",
];

/// Stages that draw.
const DRAWN: [&str; 5] =
    ["shift=2", "flip=columns,keep=all", "jitter=1ms", "drop=0.1", "shift=2 | jitter=1ms | drop=0.1"];

fn recordings() -> Vec<Recording> {
    let recordings = Dataset::open("bundled:test", None).expect("the bundled recordings are whole");
    let recording =
        |item: &Item| if let Item::Recording(recording) = item { Some(recording.clone()) } else { None };
    recordings.items().iter().filter_map(recording).collect()
}

fn stages(criterion: &mut Criterion) {
    let recordings = recordings();
    let events: usize = recordings.iter().map(|recording| recording.events.len()).sum();
    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Elements(events as u64));
    // What every line below includes: a copy of the events, and the check of their places and times.
    group.bench_function("no stages", |bencher| {
        let pipeline = Pipeline::default();
        bencher.iter(|| recordings.iter().for_each(|r| drop(black_box(pipeline.prepare(r.clone())))));
    });
    for text in STAGES {
        let pipeline: Pipeline = text.parse().expect("stages");
        group.bench_function(text, |bencher| {
            bencher.iter(|| recordings.iter().for_each(|r| drop(black_box(pipeline.prepare(r.clone())))));
        });
    }
    for text in DRAWN {
        let pipeline: Pipeline = text.parse().expect("stages");
        group.bench_function(text, |bencher| {
            bencher.iter(|| {
                for (recording, item) in recordings.iter().zip(0..) {
                    let draw = Draw { seed: 1, epoch: 0, item };
                    drop(black_box(pipeline.finish(recording.clone(), Some(draw))));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
