//! The bit-exact model on real recordings: recordings and synaptic operations a second, learning and inferring.
//!
//! 2x17x17-200-10, T = 16, 8-bit weights, WTL online, the bundled N-MNIST recordings. Criterion's throughput is in
//! elements: recordings for `recordings/*`, synaptic operations (integrated, carried back and updated synapses)
//! for `synaptic-operations/*`.

use arch::network::Shifts;
use arch::protocol::{Begin, Teacher};
use arch::{Capacity, Counts, Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use events::{Dataset, Encoding, ImageCode, Sample};
use model::fixed::{Engine, Initial, initial_parameters};

/// Recordings in a pass.
const RECORDINGS: usize = 400;
/// Passes before timing: the work of a step depends on how many outputs are wrong.
const WARM_PASSES: usize = 2;

fn network() -> Network {
    let layer = |input, output, bits, learn, leak| Layer {
        input,
        output: Shape::flat(output),
        weight_fraction_bits: bits,
        surrogate: Surrogate::Shift,
        learn,
        shifts: Shifts { weight: 19 - bits, threshold: 15, leak },
    };
    let input = Shape { channels: 2, height: 17, width: 17 };
    Network {
        weight_bits: WeightBits::Eight,
        updates: Updates::Online,
        layers: vec![layer(input, 200, 8, Learn::WTL, 20), layer(Shape::flat(200), 10, 7, Learn::W, 15)],
    }
}

fn samples() -> Vec<Sample> {
    let encoding = Encoding {
        shape: "2x17x17".parse().expect("a shape"),
        steps: 16,
        seed: 0,
        image_code: ImageCode::default(),
    };
    let dataset = Dataset::open("bundled:train", Some(RECORDINGS)).expect("bundled recordings");
    dataset.encode(&encoding).expect("recordings fit the sensor")
}

fn pass(engine: &mut Engine, samples: &[Sample], learn: bool) {
    for sample in samples {
        let begin =
            Begin { teacher: Teacher::label_if(learn), label: sample.label, steps: 16, first_loss_step: 0 };
        engine.begin(begin).expect("no sample is open");
        for events in sample.spikes.iter() {
            engine.step(events).expect("events fit");
        }
        engine.end().expect("all steps have run");
    }
}

fn synaptic_operations(counts: &Counts) -> u64 {
    counts.integrated + counts.back_propagated + counts.updated
}

fn benches(c: &mut Criterion) {
    let samples = samples();
    let capacity = Capacity {
        lanes: 8,
        weight_bits: WeightBits::Eight,
        synapses: 131_072,
        neurons: 512,
        inputs: 1024,
        classes: 256,
        layers: 8,
        clock_hz: 24_000_000,
    };
    let network = network();
    let mut fresh = Engine::new(&capacity);
    fresh.load(&network).expect("the network fits");
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    fresh.set_parameters(&initial_parameters(&network, &initial)).expect("parameters fit");
    for _ in 0..WARM_PASSES {
        pass(&mut fresh, &samples, true);
    }
    for (learn, verb) in [(true, "learn"), (false, "infer")] {
        let mut counted = fresh.clone();
        counted.clear_counts();
        pass(&mut counted, &samples, learn);
        let operations = synaptic_operations(counted.counts());
        for (group, elements) in [("recordings", samples.len() as u64), ("synaptic-operations", operations)] {
            let mut group = c.benchmark_group(group);
            group.throughput(Throughput::Elements(elements));
            group.sample_size(20);
            group.bench_function(verb, |b| {
                b.iter_batched_ref(|| fresh.clone(), |e| pass(e, &samples, learn), BatchSize::LargeInput);
            });
            group.finish();
        }
    }
}

criterion_group!(fixed, benches);
criterion_main!(fixed);
