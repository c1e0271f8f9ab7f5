//! Traces against the contract's F4, with the cycles of a pass counted.
//!
//! ```text
//!   bitmaps (arrays here) ──> indices, with gaps ──> Traces <──> traces, multiplier (here)
//!                                                      └──> bitmap of active traces
//! ```

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::step::Stepper;
use rtl::traces::Traces;

const WORDS: usize = 1024;
type Bench = Stepper<Traces<10>>;

/// One pass over a layer.
#[derive(Debug)]
struct Pass {
    base: usize,
    inputs: usize,
    leak: u8,
    keep: bool,
    clear: bool,
    spiked: Vec<bool>,
    /// Chance that an index waits in a cycle.
    gap: f64,
    /// Cycles from the last index to the scanner's end.
    late: usize,
}

/// A deviation from the contract.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    Nearest,
    Wraps,
    SpikeIsThirtyOne,
    DecayOfInactive,
    KeepsWithoutTraces,
    ClearCounts,
}

/// F4 for every input of the layer, and the layer's bitmap.
fn specified(traces: &mut [u8], pass: &Pass, fault: Fault) -> Vec<u16> {
    for (trace, &spiked) in traces[pass.base..].iter_mut().zip(&pass.spiked) {
        let keep = pass.keep || fault == Fault::KeepsWithoutTraces;
        let product = if keep { u32::from(pass.leak) * u32::from(*trace) } else { 0 };
        let kept = (product + if fault == Fault::Nearest { 128 } else { 0 }) / 256;
        let spike = if fault == Fault::SpikeIsThirtyOne { 31 } else { 32 };
        let idle = if fault == Fault::DecayOfInactive { 1 } else { 0 };
        let sum = kept + if spiked { spike } else { idle };
        *trace = if fault == Fault::Wraps { sum as u8 } else { sum.min(255) as u8 };
        if pass.clear && fault != Fault::ClearCounts {
            *trace = 0;
        }
    }
    bitmap(&traces[pass.base..][..pass.inputs])
}

fn bitmap(traces: &[u8]) -> Vec<u16> {
    let word = |traces: &[u8]| traces.iter().enumerate().map(|(bit, &t)| u16::from(t != 0) << bit).sum();
    traces.chunks(16).map(word).collect()
}

struct Memories {
    traces: Vec<u8>,
    active: Vec<u16>,
}

/// Runs a pass on the memories and checks its cycles.
fn run(bench: &mut Bench, memories: &mut Memories, pass: &Pass, random: &mut ChaCha8Rng) {
    let active = |j: usize| memories.active[j / 16] >> (j % 16) & 1 == 1;
    let indices: Vec<_> = (0..pass.inputs).filter(|&j| pass.spiked[j] || active(j)).collect();
    let mut indices = indices.into_iter().peekable();
    bench.start.next = true;
    bench.clear.next = pass.clear;
    bench.keep_traces.next = pass.keep;
    bench.trace_base.next = (pass.base as u64).into();
    bench.index_valid.next = true;
    bench.cycle().expect("settles");
    bench.start.next = false;
    let (mut taken_last, mut scanned) = (None, None);
    let (mut late, mut written) = (pass.late, vec![false; memories.active.len()]);
    for cycle in 1.. {
        assert!(cycle < 100_000, "not done");
        let valid = indices.peek().is_some() && !random.random_bool(pass.gap);
        let index = indices.peek().copied().unwrap_or(random.random_range(0..WORDS));
        if valid {
            indices.next();
            taken_last = Some(cycle);
        }
        // The scanner's end: with the last index, or later.
        let end = scanned.is_none() && indices.peek().is_none() && late == 0;
        late -= usize::from(indices.peek().is_none() && late > 0);
        if end {
            scanned = Some(cycle);
        }
        bench.index_valid.next = valid;
        bench.index.next = (index as u64).into();
        bench.in_source.next = pass.spiked.get(index).is_some_and(|&spiked| spiked);
        bench.scan_done.next = end;
        bench.settle().expect("settles");
        let product = u64::from(pass.leak) * bench.factor.val().to_u64();
        assert!(product < 1 << 16);

        assert!(bench.busy.val() && bench.index_ready.val());
        let read = bench.trace_read_enable.val().then(|| bench.trace_read_address.val().index());
        assert_eq!(read, valid.then_some(pass.base + index));
        if bench.trace_write_enable.val() {
            let address = bench.trace_write_address.val().index();
            assert_ne!(read, Some(address), "a collision");
            memories.traces[address] = bench.trace_write_data.val().to_u64() as u8;
        }
        if bench.active_write.val() {
            let word = bench.active_word.val().index();
            assert!(!std::mem::replace(&mut written[word], true), "word {word} is written twice");
            // The scanner has one word in its registers and one in the memory's output.
            assert!(
                indices.peek().is_none_or(|&next| next / 16 > word),
                "word {word} is still being scanned"
            );
            memories.active[word] = bench.active_data.val().to_u64() as u16;
        }
        let writes = bench.trace_write_enable.val() || bench.active_write.val();
        let done = bench.done.val();
        bench.edge().expect("settles");
        bench.product.next = (product >> 8).into();
        // What was read stays until the next read.
        if let Some(address) = read {
            bench.trace.next = u64::from(memories.traces[address]).into();
        }
        if done {
            let scanned = scanned.expect("not done before the scanner");
            // The last index, its trace, its product, its word, the end; the word waits for the scanner's end.
            assert_eq!(cycle, taken_last.map_or(scanned + 1, |last: u32| (last + 4).max(scanned + 2)));
            assert!(!writes);
            return;
        }
    }
}

fn random_pass(random: &mut ChaCha8Rng) -> Pass {
    let inputs = [1, 15, 16, 17, 100, 300, 512][random.random_range(0..7)];
    let rate = [0.0, 0.02, 0.3, 1.0][random.random_range(0..4)];
    Pass {
        base: 16 * random.random_range(0..=(WORDS - inputs) / 16),
        inputs,
        leak: [0, 1, 16, 128, 230, 252, 255][random.random_range(0..7)],
        keep: random.random_bool(0.8),
        clear: random.random_bool(0.1),
        spiked: (0..inputs).map(|_| random.random_bool(rate)).collect(),
        gap: [0.0, 0.0, 0.3, 0.9][random.random_range(0..4)],
        late: random.random_range(0..3),
    }
}

/// The first pass after which a memory is not what the contract, deviating by a fault, says.
fn first_difference(passes: usize, fault: Fault) -> Option<Pass> {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut bench = Bench::new(Traces::default(), |b| &mut b.clock);
    bench.trace.next = 0xa5.into();
    for _ in 0..passes {
        // A layer lives for some steps: its traces grow and decay.
        let first = random_pass(&mut random);
        let traces: Vec<u8> = (0..WORDS)
            .map(|at| match at.checked_sub(first.base) {
                Some(at) if at < first.inputs && random.random_bool(0.4) => random.random(),
                Some(at) if at < first.inputs => 0,
                _ => random.random(),
            })
            .collect();
        let active = bitmap(&traces[first.base..][..first.inputs]);
        let (mut memories, mut want) = (Memories { traces: traces.clone(), active }, traces);
        for _ in 0..random.random_range(1..6) {
            let again = random_pass(&mut random);
            let rate = random.random_range(0.0..0.3);
            let spiked = (0..first.inputs).map(|_| random.random_bool(rate)).collect();
            let pass = Pass { base: first.base, inputs: first.inputs, spiked, ..again };
            run(&mut bench, &mut memories, &pass, &mut random);
            let active = specified(&mut want, &pass, fault);
            if want != memories.traces || active != memories.active {
                return Some(pass);
            }
        }
    }
    None
}

#[test]
fn traces_and_their_bitmap_follow_the_contract() {
    if let Some(pass) = first_difference(600, Fault::None) {
        panic!("{pass:?}");
    }
}

#[test]
fn a_deviation_is_noticed() {
    for fault in [
        Fault::Nearest,
        Fault::Wraps,
        Fault::SpikeIsThirtyOne,
        Fault::DecayOfInactive,
        Fault::KeepsWithoutTraces,
        Fault::ClearCounts,
    ] {
        assert!(first_difference(600, fault).is_some(), "{fault:?}");
    }
}

#[test]
fn rests_until_started() {
    let mut bench = Bench::new(Traces::default(), |b| &mut b.clock);
    bench.index_valid.next = true;
    bench.scan_done.next = true;
    for _ in 0..10 {
        bench.settle().expect("settles");
        assert!(!bench.busy.val() && !bench.index_ready.val() && !bench.done.val());
        assert!(
            !bench.trace_read_enable.val() && !bench.trace_write_enable.val() && !bench.active_write.val()
        );
        bench.edge().expect("settles");
    }
}

#[test]
fn emits() {
    let design = rtl::verilog::emit(&mut Traces::<10>::default(), "traces", "weight traces").expect("emits");
    assert_eq!(design.top, "traces");
}
