//! Updates of thresholds and leak against the contract's B4, with the cycles of a pass counted.
//!
//! ```text
//!   neurons with an error ──> indices, with gaps ──> Updates <──> θ, α̃, m, δ, two multipliers (all here)
//!                                                       └──> α
//! ```

use arch::noise::{LEAK_ROW, THRESHOLD_ROW, noise};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::prelude::Bits;
use rtl::step::Stepper;
use rtl::updates::Updates;

#[path = "updates/steps.rs"]
mod steps;

const NEURONS: usize = 512;
type Bench = Stepper<Updates<9>>;

#[derive(Clone, Debug, PartialEq)]
struct Memories {
    thresholds: Vec<i64>,
    traces: Vec<i64>,
    leak_traces: Vec<i64>,
    leak: i64,
}

/// One pass over a layer.
#[derive(Clone, Debug)]
struct Pass {
    learn_thresholds: bool,
    learn_leaks: bool,
    base: usize,
    threshold_shift: u32,
    leak_shift: u32,
    seed: u32,
    /// δ, one a neuron of the layer.
    errors: Vec<i64>,
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
    /// Shifts beyond 16 lose what they push out.
    Truncates,
    ThresholdNoise,
    ThresholdColumn,
    LeakNoise,
    ThresholdSign,
    LeakSign,
    NoOne,
    NoUpperThreshold,
    NoLowerThreshold,
    NoUpperLeak,
    NoLowerLeak,
    LeakOfFirstOnly,
    LeakWithoutErrors,
}

/// `⌊n/2^16 − p/2^S⌋`, over one denominator.
fn rounded_step(p: i64, shift: u32, n: u16, fault: Fault) -> i64 {
    let (p, n) = (i128::from(p), i128::from(n));
    let numerator = match fault {
        Fault::Nearest => (1 << (15 + shift)) - (p << 16),
        Fault::Truncates => (n << shift) - ((p << 16 >> shift) << shift),
        _ => (n << shift) - (p << 16),
    };
    numerator.div_euclid(1 << (16 + shift)) as i64
}

/// B4 for one layer.
fn specified(memories: &mut Memories, pass: &Pass, fault: Fault) {
    let erring = pass.errors.iter().enumerate().filter(|(_, error)| **error != 0);
    if pass.learn_thresholds {
        for (i, error) in erring.clone() {
            let one = if fault == Fault::NoOne { 0 } else { 32 };
            let gradient = -error * (memories.traces[pass.base + i] + one);
            let gradient = if fault == Fault::ThresholdSign { -gradient } else { gradient };
            let row = if fault == Fault::ThresholdNoise { LEAK_ROW } else { THRESHOLD_ROW };
            let column = if fault == Fault::ThresholdColumn { pass.base + i } else { i };
            let step =
                rounded_step(gradient, pass.threshold_shift, noise(pass.seed, row, column as u16), fault);
            let threshold = &mut memories.thresholds[pass.base + i];
            *threshold += step;
            if fault != Fault::NoLowerThreshold {
                *threshold = (*threshold).max(64);
            }
            if fault != Fault::NoUpperThreshold {
                *threshold = (*threshold).min(1024);
            }
        }
    }
    if pass.learn_leaks && (erring.clone().count() > 0 || fault == Fault::LeakWithoutErrors) {
        let take = if fault == Fault::LeakOfFirstOnly { 1 } else { NEURONS };
        let gradient: i64 =
            erring.take(take).map(|(i, error)| error * memories.leak_traces[pass.base + i]).sum();
        let gradient = if fault == Fault::LeakSign { -gradient } else { gradient };
        let row = if fault == Fault::LeakNoise { THRESHOLD_ROW } else { LEAK_ROW };
        memories.leak += rounded_step(gradient, pass.leak_shift, noise(pass.seed, row, 0), fault);
        if fault != Fault::NoLowerLeak {
            memories.leak = memories.leak.max(4096);
        }
        if fault != Fault::NoUpperLeak {
            memories.leak = memories.leak.min(64512);
        }
    }
}

fn word<const N: usize>(value: i64) -> Bits<N> {
    Bits::from_signed(value)
}

/// Runs a pass on the memories and checks its cycles.
fn run(bench: &mut Bench, memories: &mut Memories, pass: &Pass, random: &mut ChaCha8Rng) {
    let erring: Vec<_> = (0..pass.errors.len()).filter(|&i| pass.errors[i] != 0).collect();
    let some = !erring.is_empty();
    let mut indices = erring.into_iter().peekable();
    bench.start.next = true;
    bench.learn_thresholds.next = pass.learn_thresholds;
    bench.learn_leaks.next = pass.learn_leaks;
    bench.neuron_base.next = (pass.base as u64).into();
    bench.threshold_shift.next = u64::from(pass.threshold_shift).into();
    bench.leak_shift.next = u64::from(pass.leak_shift).into();
    bench.seed_folded.next = u64::from((pass.seed >> 16 ^ pass.seed) & 0xffff).into();
    bench.leak_in.next = word(memories.leak);
    bench.index_valid.next = true;
    bench.cycle().expect("settles");
    bench.start.next = false;
    let (mut taken_last, mut scanned, mut late, mut leak) = (None, None, pass.late, None);
    for cycle in 1.. {
        assert!(cycle < 100_000, "not done");
        let valid = indices.peek().is_some() && !random.random_bool(pass.gap);
        let index = indices.peek().copied().unwrap_or(random.random_range(0..NEURONS));
        if valid {
            indices.next();
            taken_last = Some(cycle);
        }
        // The scanner's end: with the last index, or later.
        let end = scanned.is_none() && indices.peek().is_none() && late == 0;
        late -= usize::from(indices.peek().is_none() && late > 0);
        bench.index_valid.next = valid;
        bench.index.next = (index as u64).into();
        bench.scan_done.next = end;
        bench.settle().expect("settles");
        let error = bench.factor_delta.val().to_signed();
        let products = [0, 1].map(|k| error * bench.factor[k].val().to_signed());
        assert!(products.iter().all(|product: &i64| product.abs() < 1 << 23));

        assert!(bench.busy.val());
        assert!(!valid || bench.index_ready.val(), "one a cycle");
        let read = bench.memory_read_enable.val().then(|| bench.memory_read_address.val().index());
        assert_eq!(read, valid.then_some(pass.base + index));
        let delta = bench.delta_enable.val().then(|| bench.delta_index.val().index());
        assert_eq!(delta, valid.then_some(index));
        if bench.threshold_write_enable.val() {
            assert!(pass.learn_thresholds);
            let address = bench.threshold_write_address.val().index();
            assert_ne!(read, Some(address), "a collision");
            memories.thresholds[address] = bench.threshold_write_data.val().to_u64() as i64;
        }
        if bench.leak_write.val() {
            assert_eq!(leak.replace(bench.leak_out.val().to_u64() as i64), None, "written once");
        }
        let writes = bench.threshold_write_enable.val() || bench.leak_write.val();
        let done = bench.done.val();
        scanned = scanned.or(end.then_some(cycle));
        bench.edge().expect("settles");
        for (port, product) in bench.products.iter_mut().zip(products) {
            port.next = word(product);
        }
        // What was read stays until the next read.
        if let Some(address) = read {
            bench.threshold.next = word(memories.thresholds[address]);
            bench.threshold_trace.next = word(memories.traces[address]);
            bench.leak_trace.next = word(memories.leak_traces[address]);
            bench.delta.next = word(pass.errors[index]);
        }
        if done {
            let scanned: u32 = scanned.expect("not done before the scanner");
            let divided = some && pass.learn_leaks;
            // The last index, its products, its threshold, the end; a division begins when the sum is there.
            let summed = taken_last.map_or(0, |last| last + 2).max(scanned + 1);
            let wanted = if divided {
                summed + 36.max(52 - pass.leak_shift)
            } else {
                taken_last.map_or(0, |last| last + 3).max(scanned + 1)
            };
            assert_eq!(cycle, wanted);
            assert!(!writes);
            assert_eq!(leak.is_some(), divided);
            memories.leak = leak.unwrap_or(memories.leak);
            return;
        }
    }
}

/// A number of so many bits, often at an end of its range.
fn corner(random: &mut ChaCha8Rng, low: i64, high: i64) -> i64 {
    match random.random_range(0..5) {
        0 => low + random.random_range(0..3),
        1 => high - random.random_range(0..3),
        _ => random.random_range(low..=high),
    }
}

fn random_memories(random: &mut ChaCha8Rng) -> Memories {
    let mut many = |low, high| (0..NEURONS).map(|_| corner(random, low, high)).collect();
    Memories {
        thresholds: many(64, 1024),
        traces: many(0, 255),
        leak_traces: many(-32768, 32767),
        leak: corner(random, 4096, 64512),
    }
}

fn random_pass(random: &mut ChaCha8Rng) -> Pass {
    let neurons = [1, 10, 16, 100, NEURONS][random.random_range(0..5)];
    let rate = [0.0, 0.05, 0.5, 1.0][random.random_range(0..4)];
    let error =
        |random: &mut ChaCha8Rng| if random.random_bool(rate) { corner(random, -128, 127) } else { 0 };
    Pass {
        learn_thresholds: random.random_bool(0.8),
        learn_leaks: random.random_bool(0.8),
        base: 16 * random.random_range(0..=(NEURONS - neurons) / 16),
        threshold_shift: random.random_range(8..=24),
        leak_shift: random.random_range(8..=31),
        seed: random.random(),
        errors: (0..neurons).map(|_| error(random)).collect(),
        gap: [0.0, 0.0, 0.3, 0.9][random.random_range(0..4)],
        late: random.random_range(0..3),
    }
}

/// Makes the leak's gradient as large as its noise, or one larger: then the noise's last bit decides.
fn on_the_edge(memories: &mut Memories, pass: &mut Pass, random: &mut ChaCha8Rng) {
    let noise = noise(pass.seed, LEAK_ROW, 0);
    if noise < i16::MAX as u16 {
        let i = random.random_range(0..pass.errors.len());
        pass.errors.fill(0);
        pass.errors[i] = 1;
        (pass.learn_leaks, pass.leak_shift) = (true, 16);
        memories.leak_traces[pass.base + i] = i64::from(noise) + random.random_range(0..=1);
    }
}

/// The first pass after which a memory is not what the contract, deviating by a fault, says.
fn first_difference(passes: usize, fault: Fault) -> Option<Pass> {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut bench = Bench::new(Updates::default(), |b| &mut b.clock);
    for _ in 0..passes {
        let mut memories = random_memories(&mut random);
        for _ in 0..3 {
            let mut pass = random_pass(&mut random);
            if random.random_bool(0.3) {
                on_the_edge(&mut memories, &mut pass, &mut random);
            }
            let mut want = memories.clone();
            run(&mut bench, &mut memories, &pass, &mut random);
            specified(&mut want, &pass, fault);
            if want != memories {
                return Some(pass);
            }
        }
    }
    None
}

#[test]
fn thresholds_and_leak_follow_the_contract() {
    if let Some(pass) = first_difference(500, Fault::None) {
        panic!("{pass:?}");
    }
}

#[test]
fn a_deviation_is_noticed() {
    for fault in [
        Fault::Nearest,
        Fault::ThresholdNoise,
        Fault::ThresholdColumn,
        Fault::LeakNoise,
        Fault::ThresholdSign,
        Fault::LeakSign,
        Fault::NoOne,
        Fault::NoUpperThreshold,
        Fault::NoLowerThreshold,
        Fault::NoUpperLeak,
        Fault::NoLowerLeak,
        Fault::LeakOfFirstOnly,
    ] {
        assert!(first_difference(500, fault).is_some(), "{fault:?}");
    }
}

/// A sum of nothing moves nothing, so that skipping a layer without errors is right.
#[test]
fn no_error_moves_no_leak() {
    assert!(first_difference(100, Fault::LeakWithoutErrors).is_none());
}

#[test]
fn rests_until_started() {
    let mut bench = Bench::new(Updates::default(), |b| &mut b.clock);
    bench.index_valid.next = true;
    bench.scan_done.next = true;
    bench.learn_leaks.next = true;
    bench.learn_thresholds.next = true;
    for _ in 0..10 {
        bench.settle().expect("settles");
        assert!(!bench.busy.val() && !bench.index_ready.val() && !bench.done.val());
        assert!(
            !bench.memory_read_enable.val() && !bench.threshold_write_enable.val() && !bench.leak_write.val()
        );
        bench.edge().expect("settles");
    }
}

#[test]
fn emits() {
    let design = rtl::verilog::emit(&mut Updates::<9>::default(), "updates", "θ and α").expect("emits");
    assert_eq!(design.top, "updates");
    rtl::verilog::emit(&mut Updates::<12, 40>::default(), "updates", "wider").expect("emits");
}
