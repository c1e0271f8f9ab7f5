//! The engine against `docs/fixed-point.md`, written down a second time: no lists, no skipping, 64-bit arithmetic.
//!
//! `Engine` and `naive::Network` run the same samples; every memory is compared after every time step.

mod naive;

use arch::protocol::{Begin, Status, Teacher};
use arch::registers::Space;
use arch::{Capacity, Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use model::fixed::{Engine, Initial, initial_parameters};
use naive::Fault;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A network of these sizes whose parameters leave their ranges now and then: small fraction bits, high rates.
fn network(sizes: &[u16], bits: WeightBits, learn: Learn, updates: Updates, surrogate: Surrogate) -> Network {
    let layer = |(at, pair): (usize, &[u16])| Layer {
        input: Shape::flat(pair[0]),
        output: Shape::flat(pair[1]),
        weight_fraction_bits: match bits {
            WeightBits::Eight => [8, 6, 9][at % 3],
            WeightBits::Sixteen => [12, 9, 15][at % 3],
        },
        surrogate: if at + 2 == sizes.len() { Surrogate::Shift } else { surrogate },
        learn,
        shifts: arch::network::Shifts { weight: 9 + (at as u8 % 3), threshold: 11, leak: 12 },
    };
    let layers = sizes.windows(2).enumerate().map(layer).collect();
    Network { weight_bits: bits, updates, layers }
}

fn capacity(bits: WeightBits, lanes: u16) -> Capacity {
    Capacity {
        lanes,
        weight_bits: bits,
        synapses: 40_000,
        neurons: 512,
        inputs: 512,
        classes: 256,
        layers: 4,
        clock_hz: 1,
    }
}

/// Runs samples on both; the first difference in any memory after any step, as text.
fn first_difference(network: &Network, lanes: u16, fault: Fault) -> Option<String> {
    let capacity = capacity(network.weight_bits, lanes);
    let mut engine = Engine::new(&capacity);
    engine.load(network).unwrap();
    let initial = Initial { gain: 2.0, threshold: 0.6, leak: 0.8, seed: 5 };
    engine.set_parameters(&initial_parameters(network, &initial)).unwrap();
    engine.set_seed(0x1357_9bdf).unwrap();
    let mut naive = naive::Network::new(network, &engine.parameters(), engine.seed(), fault);

    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let outputs = network.outputs();
    for sample in 0..12u16 {
        let steps = 1 + sample % 9;
        let begin = Begin {
            teacher: [Teacher::Label, Teacher::Host, Teacher::Label, Teacher::Label, Teacher::Nobody]
                [usize::from(sample % 5)],
            label: (u32::from(sample) % outputs) as u16,
            steps,
            first_loss_step: if sample % 3 == 0 { steps / 2 } else { 0 },
        };
        engine.begin(begin).unwrap();
        naive.begin(begin);
        for step in 0..steps {
            let density = [0, 40, 128][usize::from(sample + step) % 3];
            let events: Vec<u32> =
                (0..network.inputs()).filter(|_| (rng.next_u32() & 0xff) < density).collect();
            engine.step(&events).unwrap();
            naive.step(&events);
            if let Some(what) = difference(&engine, &naive, network, &capacity) {
                return Some(format!("sample {sample}, step {step}: {what}"));
            }
            // The host teaches each step but a third, and some of the outputs.
            if begin.teacher == Teacher::Host && step >= begin.first_loss_step && step % 3 != 2 {
                let first = rng.next_u32() % outputs;
                let errors: Vec<i8> = (first..outputs).map(|_| rng.next_u32() as i8 >> (step % 8)).collect();
                engine.teach(first, &errors).unwrap();
                naive.teach(first as usize, &errors);
                if let Some(what) = difference(&engine, &naive, network, &capacity) {
                    return Some(format!("sample {sample}, step {step}, taught: {what}"));
                }
            }
        }
        let (got, wanted) = (engine.end().unwrap(), naive.end());
        if got != wanted {
            return Some(format!("sample {sample}: result {got:?}, wanted {wanted:?}"));
        }
        if let Some(what) = difference(&engine, &naive, network, &capacity) {
            return Some(format!("sample {sample}, after its end: {what}"));
        }
    }
    None
}

fn difference(
    engine: &Engine,
    naive: &naive::Network,
    network: &Network,
    capacity: &Capacity,
) -> Option<String> {
    let layout = arch::Layout::new(network, capacity).unwrap();
    if engine.seed() != naive.seed {
        return Some(format!("seed {:#x}, wanted {:#x}", engine.seed(), naive.seed));
    }
    for (at, (layer, d)) in naive.layers.iter().zip(&layout.descriptors).enumerate() {
        let read = |space: Space, base: u32, count: usize| {
            let mut bytes = Vec::new();
            engine.read(space, base, count as u32, &mut bytes).unwrap();
            integers(&bytes, space, capacity.weight_bits)
        };
        let pitch = layout.row_pitch[at] as usize;
        let weights: Vec<i64> = read(Space::Weights, d.row_base, layer.inputs * pitch)
            .chunks(pitch)
            .flat_map(|row| row[..layer.outputs].to_vec())
            .collect();
        let (n, j) = (d.neuron_base, d.trace_base);
        for (name, got, wanted) in [
            // What a step computes first stands first, so that a fault shows under its own name.
            ("membrane", read(Space::Membranes, n, layer.outputs), &layer.membranes),
            ("spike", read(Space::Spikes, n, layer.outputs), &layer.spikes),
            ("weight trace", read(Space::WeightTraces, j, layer.inputs), &layer.weight_traces),
            ("threshold trace", read(Space::ThresholdTraces, n, layer.outputs), &layer.threshold_traces),
            ("leak trace", read(Space::LeakTraces, n, layer.outputs), &layer.leak_traces),
            ("error", read(Space::Errors, n, layer.outputs), &layer.errors),
            ("weight", weights, &layer.weights),
            ("threshold", read(Space::Thresholds, n, layer.outputs), &layer.thresholds),
            ("leak", read(Space::Leaks, at as u32, 1), &vec![layer.leak]),
        ] {
            assert_eq!(got.len(), wanted.len());
            if let Some(i) = (0..got.len()).find(|&i| got[i] != wanted[i]) {
                return Some(format!("layer {}: {name} {i} is {}, wanted {}", at + 1, got[i], wanted[i]));
            }
        }
    }
    None
}

fn integers(bytes: &[u8], space: Space, bits: WeightBits) -> Vec<i64> {
    let signed = matches!(space, Space::Weights | Space::Membranes | Space::LeakTraces | Space::Errors);
    let width = space.element_bytes(bits);
    bytes
        .chunks(width)
        .map(|b| match (width, signed) {
            (1, true) => i64::from(b[0] as i8),
            (1, false) => i64::from(b[0]),
            (_, true) => i64::from(i16::from_le_bytes([b[0], b[1]])),
            (_, false) => i64::from(u16::from_le_bytes([b[0], b[1]])),
        })
        .collect()
}

#[test]
fn every_variant_agrees_in_every_memory_after_every_step() {
    let mut compared = 0;
    for sizes in [&[20, 7][..], &[33, 24, 5], &[17, 12, 9, 3], &[70, 130, 10]] {
        for bits in [WeightBits::Eight, WeightBits::Sixteen] {
            for (_, learn) in Learn::NAMED {
                for updates in [Updates::Online, Updates::PerSample] {
                    for (_, surrogate) in Surrogate::NAMED {
                        let network = network(sizes, bits, learn, updates, surrogate);
                        assert_eq!(first_difference(&network, 8, Fault::None), None, "{network:?}");
                        compared += 1;
                    }
                }
            }
        }
    }
    println!("{compared} networks agree with the contract in every memory after every step");
}

#[test]
fn lanes_do_not_change_the_result() {
    let network = network(&[33, 24, 5], WeightBits::Eight, Learn::WTL, Updates::Online, Surrogate::Shift);
    for lanes in [1, 2, 3, 16, 64] {
        assert_eq!(first_difference(&network, lanes, Fault::None), None, "{lanes} lanes");
    }
}

#[test]
fn planted_faults_are_caught_where_they_act() {
    for (fault, sign) in [
        (Fault::NoiseBit, "weight"),
        (Fault::DecayRounding, "membrane"),
        (Fault::UpdateBeforeBackPropagate, "error"),
        (Fault::TraceAfterUse, "weight"),
        (Fault::WeightWraps, "weight"),
        (Fault::ThresholdSign, "threshold"),
        (Fault::LeakTraceOfThisStep, "leak trace"),
        (Fault::NearestRounding, "weight"),
    ] {
        let network = network(&[33, 24, 5], WeightBits::Eight, Learn::WTL, Updates::Online, Surrogate::Shift);
        let found = first_difference(&network, 8, fault);
        assert!(found.as_ref().is_some_and(|text| text.contains(sign)), "{fault:?}: {found:?}");
    }
}

/// δ of a label's error, written by the host, is the label's error: as many bits learned, and the same.
#[test]
fn a_host_that_says_what_the_label_says_teaches_the_same() {
    let network = network(&[33, 24, 5], WeightBits::Eight, Learn::WTL, Updates::Online, Surrogate::Shift);
    let capacity = capacity(network.weight_bits, 8);
    let run = |teacher: Teacher, fault: i8| {
        let mut engine = Engine::new(&capacity);
        engine.load(&network).unwrap();
        let initial = Initial { gain: 2.0, threshold: 0.6, leak: 0.8, seed: 5 };
        engine.set_parameters(&initial_parameters(&network, &initial)).unwrap();
        // Beside it, an engine that is taught by the label: what δ it finds is what the host says.
        let mut label = engine.clone();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let base = arch::Layout::new(&network, &capacity).unwrap().descriptors[1].neuron_base;
        for sample in 0..8 {
            let begin = Begin { teacher, label: sample % 5, steps: 6, first_loss_step: sample % 2 };
            engine.begin(begin).unwrap();
            label.begin(Begin { teacher: Teacher::Label, ..begin }).unwrap();
            for step in 0..6 {
                let events: Vec<u32> = (0..33).filter(|_| rng.next_u32() & 3 == 0).collect();
                engine.step(&events).unwrap();
                label.step(&events).unwrap();
                if teacher == Teacher::Host && step >= begin.first_loss_step {
                    let mut errors = Vec::new();
                    label.read(Space::Errors, base, 5, &mut errors).unwrap();
                    let errors: Vec<i8> = errors.into_iter().map(|error| error as i8 ^ fault).collect();
                    engine.teach(0, &errors).unwrap();
                }
            }
            engine.end().unwrap();
            label.end().unwrap();
        }
        engine.parameters()
    };
    assert_eq!(run(Teacher::Host, 0), run(Teacher::Label, 0));
    assert_ne!(run(Teacher::Host, 1), run(Teacher::Label, 0), "other errors teach something else");
}

#[test]
fn errors_that_no_step_waits_for_are_refused() {
    let network = network(&[9, 7], WeightBits::Eight, Learn::WTL, Updates::Online, Surrogate::Shift);
    let mut engine = Engine::new(&capacity(WeightBits::Eight, 8));
    engine.load(&network).unwrap();
    assert_eq!(engine.teach(0, &[1]), Err(Status::NotAwaited), "no sample");
    for teacher in [Teacher::Nobody, Teacher::Label] {
        engine.begin(Begin { teacher, label: 0, steps: 1, first_loss_step: 0 }).unwrap();
        engine.step(&[]).unwrap();
        assert_eq!(engine.teach(0, &[1]), Err(Status::NotAwaited), "{teacher:?}");
        engine.end().unwrap();
    }
    engine.begin(Begin { teacher: Teacher::Host, label: 0, steps: 2, first_loss_step: 1 }).unwrap();
    engine.step(&[0]).unwrap();
    assert_eq!(engine.teach(0, &[1]), Err(Status::NotAwaited), "a step without a loss");
    engine.step(&[1]).unwrap();
    let before = engine.parameters();
    assert_eq!(engine.teach(4, &[90; 4]), Err(Status::BadAddress), "an eighth output");
    assert_eq!(engine.teach(u32::MAX, &[90]), Err(Status::BadAddress));
    assert_eq!(engine.parameters(), before, "refused, it has changed nothing");
    engine.teach(0, &[90; 7]).unwrap();
    assert_ne!(engine.parameters(), before);
    assert_eq!(engine.teach(0, &[90; 7]), Err(Status::NotAwaited), "taught already");
}
