//! Bytes of payload a second through the frame codec, both ways.

use std::hint::black_box;

use arch::protocol::MAX_PAYLOAD;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driver::codec::{Decoder, Received, encode};

/// Frames a run.
const FRAMES: usize = 64;

fn payload() -> Vec<u8> {
    // Packed events: small gaps, and an end of step now and then.
    (0..MAX_PAYLOAD).map(|at| if at % 40 == 39 { 254 } else { (at * 7 % 23) as u8 }).collect()
}

fn codec(criterion: &mut Criterion) {
    let payload = payload();
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Bytes((FRAMES * payload.len()) as u64));
    let mut wire = Vec::new();
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            wire.clear();
            for sequence in 0..FRAMES {
                encode(sequence as u8, 0x11, black_box(&payload), &mut wire);
            }
            wire.len()
        });
    });
    let mut decoder = Decoder::new(MAX_PAYLOAD);
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut bytes = black_box(&wire[..]);
            let mut frames = 0;
            while let Some(received) = decoder.next(&mut bytes) {
                frames += usize::from(matches!(received, Received::Frame(_)));
            }
            assert_eq!(frames, FRAMES);
        });
    });
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
