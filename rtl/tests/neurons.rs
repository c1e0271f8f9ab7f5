//! The pass over a layer's neurons against the steps F2, F3 and B1 of `docs/fixed-point.md`, written out in plain integers.
//!
//! ```text
//!   currents ──────────────> ┌─────────┐ ──> bitmaps, δ, scores
//!   v, θ, α̃, state (arrays) │ Neurons │ ──> counters
//!           <──────────────> └─────────┘
//!                             a·x, in the bench
//! ```
//!
//! One, two and four neurons a cycle: what they compute is the same, but for zeros in the places between the last neuron and the next
//! multiple of the width.
//!
//! Words that were not asked for are noise: the pass may look at one only in the cycle after its address.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::bits::Bits;
use rtl::neurons::Neurons;
use rtl::prelude::{In, Signal};
use rtl::step::Stepper;
use rtl::surrogate::{OutputError, Surrogate};
use rtl::verilog::emit;
use std::collections::BTreeSet;

#[path = "neurons/contract.rs"]
mod contract;

use contract::*;

/// Address bits of the neuron memories.
const NA: usize = 7;
const WORDS: usize = 1 << NA;
/// Cycles from `start` to `done` beyond those in which neurons come.
const DRAIN: u64 = 8;

type Bench<const P: usize, const IW: usize> = Stepper<Neurons<P, NA, IW>>;

fn bench<const P: usize, const IW: usize>() -> Bench<P, IW> {
    Bench::new(Neurons::default(), |b| &mut b.clock)
}

/// Runs a pass: `start` now, the next pass may follow in the next cycle.
fn run<const P: usize, const IW: usize>(
    b: &mut Bench<P, IW>,
    pass: &Pass,
    memories: &Memories,
    noise: &mut ChaCha8Rng,
) -> Outcome {
    b.start.next = true;
    b.clear.next = pass.clear;
    b.learning.next = pass.learning;
    b.with_loss.next = pass.with_loss;
    b.by_label.next = pass.by_label;
    b.outputs.next = (pass.outputs as u64).into();
    b.neuron_base.next = (pass.base as u64).into();
    b.fraction_bits.next = u64::from(pass.fraction_bits).into();
    b.surrogate.next = u64::from(pass.surrogate).into();
    b.learn_thresholds.next = pass.learn_thresholds;
    b.learn_leaks.next = pass.learn_leaks;
    b.traces.next = pass.traces;
    b.output_layer.next = pass.output_layer;
    b.alpha.next = (pass.alpha as u64).into();
    b.label.next = (pass.label as u64).into();
    b.current_valid.next = pass.current_valid;
    let mut out = Outcome {
        membranes: memories.membranes.clone(),
        leak_traces: memories.leak_traces.clone(),
        states: memories.states.clone(),
        bitmaps: BTreeSet::new(),
        deltas: Vec::new(),
        scores: Vec::new(),
        fired: 0,
        wrong: 0,
        cycles: 0,
    };
    let mut announced = None;
    loop {
        b.settle().expect("settles");
        let alpha = b.factor_alpha.val().to_signed();
        let factors = [&b.membrane_factor, &b.threshold_factor, &b.leak_factor];
        let products = factors.map(|f| std::array::from_fn::<_, P, _>(|i| alpha * f[i].val().to_signed()));
        let read = b.memory_read_enable.val().then(|| b.memory_read_address.val().index());
        let current = b.current_enable.val().then(|| b.current_index.val().index());
        if b.memory_write_enable.val() {
            let at = b.memory_write_address.val().index();
            assert_ne!(read, Some(at), "a word is read and written at once");
            for i in 0..P {
                out.membranes[at + i] = b.membrane_write[i].val().to_signed();
                out.leak_traces[at + i] = b.leak_trace_write[i].val().to_signed();
                out.states[at + i] = b.state_write[i].val().to_u64() as i64;
            }
        }
        if b.bitmap_write.val() {
            let (kind, word) = (b.bitmap_kind.val().to_u64(), b.bitmap_word.val().to_u64());
            let again = out.bitmaps.iter().any(|&(k, w, _)| (k, w) == (kind, word));
            assert!(!again, "word {word} of bitmap {kind} is written twice");
            out.bitmaps.insert((kind, word, b.bitmap_data.val().to_u64()));
        }
        // A neuron's number and place, of those of the layer.
        let of_layer = |first: Bits<16>| {
            (first.to_u64()..).zip(0..P).partition::<Vec<_>, _>(|&(number, _)| number < pass.outputs as u64)
        };
        if b.delta_write.val() {
            let (neurons, padding) = of_layer(b.delta_index.val());
            out.deltas.extend(neurons.iter().map(|&(number, i)| (number, b.delta[i].val().to_signed())));
            assert!(padding.iter().all(|&(_, i)| !b.delta[i].val().any()), "an error that is no neuron's");
        }
        if b.score_write.val() {
            assert_eq!(announced, Some(b.score_index.val()), "a score is announced the cycle before");
            let (neurons, padding) = of_layer(b.score_index.val());
            let score = |i: usize| (b.score_spike[i].val(), b.score_membrane[i].val().to_signed());
            out.scores.extend(neurons.iter().map(|&(number, i)| {
                let (spike, u) = score(i);
                (number, b.score_clear.val(), spike, u)
            }));
            assert!(padding.iter().all(|&(_, i)| score(i) == (false, 0)), "a score that is no neuron's");
        }
        announced = b.score_next.val().then(|| b.score_next_index.val());
        let spikes = b.score_spike.iter().filter(|spike| spike.val()).count() as u64;
        assert_eq!(b.fired.val(), spikes > 0);
        out.fired += spikes;
        out.wrong += b.wrong.val().to_u64();
        assert_eq!(b.busy.val(), out.cycles > 0);
        let done = b.done.val();
        b.edge().expect("settles");
        b.start.next = false;
        let multiply = |ports: &mut [Signal<In, Bits<32>>; P], products: [i64; P]| {
            ports.iter_mut().zip(products).for_each(|(port, product)| port.next = Bits::from_signed(product));
        };
        multiply(&mut b.membrane_product, products[0]);
        multiply(&mut b.threshold_product, products[1]);
        multiply(&mut b.leak_product, products[2]);
        let mut word = |from: &[i64], at: Option<usize>, i: usize| {
            at.and_then(|at| from.get(at + i).copied()).unwrap_or_else(|| noise.random())
        };
        for i in 0..P {
            b.current[i].next = Bits::from_signed(word(&memories.currents, current, i));
            b.membrane[i].next = Bits::from_signed(word(&memories.membranes, read, i));
            b.threshold[i].next = Bits::from_signed(word(&memories.thresholds, read, i));
            b.leak_trace[i].next = Bits::from_signed(word(&memories.leak_traces, read, i));
            b.state[i].next = Bits::from_signed(word(&memories.states, read, i));
        }
        if done {
            return out;
        }
        out.cycles += 1;
        assert!(out.cycles < 1000, "not done");
    }
}

/// Where two outcomes differ.
fn difference(got: &Outcome, wanted: &Outcome) -> Option<String> {
    let memory = |name: &str, got: &[i64], wanted: &[i64]| {
        let at = (0..WORDS).find(|&at| got[at] != wanted[at])?;
        Some(format!("{name}[{at}] is {}, not {}", got[at], wanted[at]))
    };
    let rest = |o: &Outcome| {
        format!(
            "{:?} {:?} {:?} fired {} wrong {} cycles {}",
            o.bitmaps, o.deltas, o.scores, o.fired, o.wrong, o.cycles
        )
    };
    memory("v", &got.membranes, &wanted.membranes)
        .or_else(|| memory("leak trace", &got.leak_traces, &wanted.leak_traces))
        .or_else(|| memory("state", &got.states, &wanted.states))
        .or_else(|| (got != wanted).then(|| format!("{}\nnot {}", rest(got), rest(wanted))))
}

/// A number of `bits` bits: any, small, or at the ends of the range.
fn number(random: &mut ChaCha8Rng, bits: u32) -> i64 {
    let any = random.random::<i64>() >> (64 - bits);
    match random.random_range(0..4) {
        0 => any,
        1 => any >> (bits - 6),
        2 => any >> (bits / 3),
        _ if any < 0 => -(1 << (bits - 1)) + (any & 1),
        _ => (1 << (bits - 1)) - 1 - (any & 1),
    }
}

/// Distances from the threshold at which a surrogate turns.
const TURNS: [i64; 12] = [0, 1, 2, 126, 127, 128, 254, 255, 256, 1792, 2047, 2048];

/// Memories, and currents of which half bring a neuron close to where its surrogate turns.
fn memories<const IW: usize>(random: &mut ChaCha8Rng, pass: &Pass) -> Memories {
    let words = |random: &mut ChaCha8Rng, bits| (0..WORDS).map(|_| number(random, bits)).collect::<Vec<_>>();
    let membranes = words(random, 16);
    let thresholds: Vec<i64> = (0..WORDS)
        .map(|_| [64, 1024, 256, random.random_range(64..=1024)][random.random_range(0..4)])
        .collect();
    let mut currents: Vec<i64> = (0..pass.outputs).map(|_| number(random, IW as u32)).collect();
    for (i, current) in currents.iter_mut().enumerate() {
        if random.random() {
            let turn = TURNS[random.random_range(0..TURNS.len())] + random.random_range(-1..=1);
            let distance = if random.random() { turn } else { -turn };
            let at = pass.base + i;
            let wanted = thresholds[at] + distance - decayed(pass.alpha, membranes[at], Fault::None);
            let current_wanted = if pass.fraction_bits > 8 {
                wanted << (pass.fraction_bits - 8)
            } else {
                wanted >> (8 - pass.fraction_bits)
            };
            *current = limited(current_wanted, IW as u32, false);
        }
    }
    let states = words(random, 16).into_iter().map(|state| state & 0xffff).collect();
    Memories { membranes, thresholds, leak_traces: words(random, 16), states, currents }
}

/// Pass number `at`, of `outputs` neurons, `width` a cycle: all flags and surrogates in 768 passes.
fn pass(random: &mut ChaCha8Rng, at: usize, outputs: usize, width: usize) -> Pass {
    let flag = |bit: usize| at >> bit & 1 == 1;
    Pass {
        outputs,
        width,
        base: 16 * random.random_range(0..=(WORDS - outputs) / 16),
        fraction_bits: [8, random.random_range(4..=15)][random.random_range(0..2)],
        surrogate: (at / 256 % 3) as u32,
        alpha: [16, 252, 255, random.random_range(0..256)][random.random_range(0..4)],
        label: random.random_range(0..=outputs),
        learning: flag(0),
        with_loss: flag(1),
        output_layer: flag(2),
        learn_thresholds: flag(3),
        learn_leaks: flag(4),
        traces: flag(5),
        current_valid: flag(6),
        clear: flag(7),
        by_label: random.random_bool(0.8),
    }
}

/// Every combination of flags with every surrogate `rounds` times, one pass right after the other.
fn all_flags<const P: usize, const IW: usize>(rounds: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(IW as u64);
    let mut b = bench::<P, IW>();
    for at in 0..768 * rounds {
        let outputs = random.random_range(1..=50);
        let pass = pass(&mut random, at, outputs, P);
        let memories = memories::<IW>(&mut random, &pass);
        let got = run(&mut b, &pass, &memories, &mut random);
        assert_eq!(difference(&got, &expected(&pass, &memories, Fault::None)), None, "pass {at}: {pass:?}");
    }
}

#[test]
fn computes_what_the_contract_says_beside_8_bit_weights() {
    all_flags::<1, 16>(4);
    all_flags::<2, 16>(2);
    all_flags::<4, 16>(4);
}

#[test]
fn computes_what_the_contract_says_beside_16_bit_weights() {
    all_flags::<1, 24>(2);
    all_flags::<4, 24>(2);
}

/// A learning step with a loss, of a hidden and of an output layer, at every size.
fn sizes<const P: usize>() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut b = bench::<P, 16>();
    for outputs in (1..=66).chain([WORDS - 15, WORDS - 1, WORDS, 1]) {
        for at in [0b100_0011, 0b100_0111] {
            let pass = pass(&mut random, at, outputs, P);
            let memories = memories::<16>(&mut random, &pass);
            let got = run(&mut b, &pass, &memories, &mut random);
            assert_eq!(difference(&got, &expected(&pass, &memories, Fault::None)), None, "{pass:?}");
            assert!(got.cycles <= outputs.div_ceil(P) as u64 + DRAIN + 2);
        }
    }
}

#[test]
fn takes_a_cycle_for_each_neurons_of_its_width_at_any_size() {
    sizes::<1>();
    sizes::<2>();
    sizes::<4>();
}

/// The mistakes that 768 passes do not show.
fn unnoticed<const P: usize>() -> Vec<Fault> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut b = bench::<P, 16>();
    let mut unnoticed = FAULTS.to_vec();
    for at in 0..768 {
        let pass = pass(&mut random, at, 39, P);
        let memories = memories::<16>(&mut random, &pass);
        let got = run(&mut b, &pass, &memories, &mut random);
        unnoticed.retain(|&fault| got == expected(&pass, &memories, fault));
    }
    unnoticed
}

#[test]
fn planted_faults_are_noticed() {
    // One neuron a cycle has no places that are none.
    assert_eq!(unnoticed::<1>(), [Fault::PaddingStays, Fault::PaddingFires]);
    assert_eq!(unnoticed::<4>(), []);
}

#[test]
fn rests_until_started() {
    let mut b = bench::<4, 16>();
    b.with_loss.next = true;
    b.by_label.next = true;
    b.output_layer.next = true;
    for _ in 0..40 {
        b.settle().expect("settles");
        assert!(!b.busy.val() && !b.done.val() && !b.fired.val() && !b.wrong.val().any());
        assert!(!b.current_enable.val() && !b.memory_read_enable.val() && !b.memory_write_enable.val());
        assert!(!b.bitmap_write.val() && !b.delta_write.val() && !b.score_write.val());
        b.edge().expect("settles");
    }
}

#[test]
fn surrogates_are_exact_at_every_distance() {
    let mut block = Stepper::combinational(Surrogate::default());
    for kind in 0..3 {
        for distance in -(1 << 16)..1 << 16 {
            block.distance.next = Bits::from_signed(distance);
            block.kind.next = u64::from(kind).into();
            block.settle().expect("settles");
            let wanted = phi(kind, distance, Fault::None);
            let got = if block.open.val() { block.code.val().to_signed() & 127 } else { -1 } + 1;
            assert_eq!(got, wanted, "surrogate {kind} of {distance}");
        }
    }
}

#[test]
fn output_errors_are_exact_for_every_surrogate() {
    let mut block = Stepper::combinational(OutputError::default());
    for phi in 0..=128 {
        for (spike, wanted) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            block.wrong.next = spike != wanted;
            block.spike.next = spike == 1;
            block.open.next = phi != 0;
            block.code.next = Bits::from_signed((phi - 1).max(0));
            block.settle().expect("settles");
            let error = delta(64 * (spike - wanted), phi, Fault::None);
            let got = (block.delta.val().to_signed(), block.erring.val());
            assert_eq!(got, (error, error != 0), "φ {phi}, s {spike}, y {wanted}");
        }
    }
}

#[test]
fn emits() {
    let design = emit(&mut Neurons::<1, 9, 16>::default(), "neurons", "one a cycle").expect("emits");
    let bits = |name: &str| design.ports.iter().find(|port| port.name == name).map(|port| port.width);
    assert_eq!(design.ports.len(), 56);
    assert_eq!(
        (bits("current_0"), bits("memory_read_address"), bits("leak_product_0")),
        (Some(16), Some(9), Some(32))
    );
    let wide = emit(&mut Neurons::<4, 12, 24>::default(), "neurons", "four a cycle").expect("emits");
    assert!(wide.ports.iter().any(|port| port.name == "current_3" && port.width == 24));
    // Seventeen ports are a neuron's own.
    assert_eq!(wide.ports.len(), 56 + 3 * 17);
}
