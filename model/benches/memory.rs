//! Counts the bytes that the float model's buffers take from the allocator, against what `model::memory` computes,
//! and prints what a training step holds in the hardware's formats: `cargo bench -p model --bench memory`.
//!
//! Exits with 1 where a count differs.

#![allow(unsafe_code, reason = "an allocator that counts is a `GlobalAlloc`, whose methods are unsafe")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use model::float::bptt::LayerHistory;
use model::float::{
    Layer, LayerState, Learn, Loss, Model, Network, Rates, Scalar, Surrogate, Training, Updates,
};
use model::init::uniform_weights;
use model::memory::{Buffers, Method, Widths, network_bits};

const SIZES: [usize; 3] = [578, 200, 10];
const STEPS: [usize; 4] = [4, 16, 64, 256];

/// The system's allocator with a count of the bytes that are in use.
struct Counting;

static LIVE: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on unchanged; the count touches no memory of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn live() -> u64 {
    LIVE.load(Ordering::Relaxed)
}

/// Bytes that what `make` returns keeps allocated.
fn kept<T>(make: impl FnOnce() -> T) -> u64 {
    let before = live();
    let made = make();
    let bytes = live() - before;
    drop(made);
    bytes
}

fn network<F: Scalar>(learn: Learn) -> Network<F> {
    let layers = SIZES.windows(2).enumerate().map(|(l, pair)| {
        let weights = uniform_weights(pair[0], pair[1], 1.0, 1, l);
        Layer::new((pair[0], pair[1]), &weights, 1.0, 0.5, Surrogate::Exponential, learn)
    });
    Network { layers: layers.collect(), loss: Loss::CrossEntropy }
}

/// Compares buffers of scalar `F`; returns the number of differences.
fn compare<F: Scalar>(scalar: &str) -> usize {
    let mut differences = 0;
    let mut check = |what: String, counted: u64, computed: u64| {
        let verdict = if counted == computed { "equal" } else { "DIFFERENT" };
        println!("{scalar}  {what:<22} {counted:>9} bytes allocated {computed:>9} computed  {verdict}");
        differences += usize::from(counted != computed);
    };
    let widths = Widths::of::<F>();
    for (name, learn) in Learn::NAMED {
        let network = network::<F>(learn);
        let counted = network.layers.iter().map(|layer| kept(|| LayerState::new(layer))).sum();
        check(format!("STOP {name}"), counted, network_bits(Method::Stop(learn), &SIZES, &widths) / 8);
    }
    for steps in STEPS {
        let network = network::<F>(Learn::WTL);
        let counted = network.layers.iter().map(|layer| kept(|| LayerHistory::new(layer, steps))).sum();
        check(
            format!("BPTT, T = {steps}"),
            counted,
            network_bits(Method::Bptt { steps }, &SIZES, &widths) / 8,
        );
    }
    // The whole model, all its lists included, while it trains on ever longer samples.
    let mut model = Model::new(network::<F>(Learn::WTL)).expect("a network that fits");
    let rates = vec![Rates { weights: F::of(0.01), thresholds: F::of(0.001), leak: F::of(0.001) }; 2];
    let training = Training { updates: Updates::PerSample, rates };
    let every_input: Vec<u32> = (0..SIZES[0] as u32).collect();
    let mut train = |steps| {
        let sample = std::iter::repeat_n(&every_input, steps);
        model.run_sample(sample, 3, 0, Some(&training)).expect("a sample that fits");
        live()
    };
    let first = train(1);
    for steps in STEPS {
        let growth = train(steps) - first;
        check(format!("growth after T = {steps}"), growth, 0);
    }
    differences
}

fn main() -> ExitCode {
    let differences = compare::<f32>("f32") + compare::<f64>("f64");
    let bits = |method| network_bits(method, &SIZES, &Widths::HARDWARE);
    let [inputs, hidden, outputs] = SIZES;
    println!(
        "\nKilobits of one training step's state, {inputs}-{hidden}-{outputs}, hardware formats (computed):"
    );
    println!("    T      BPTT    STOP-W  STOP-WTL  no trace   BPTT / STOP-WTL");
    for steps in STEPS {
        let bptt = bits(Method::Bptt { steps });
        let [w, wtl, no_trace] =
            [Learn::W, Learn::WTL, Learn::NO_TRACE].map(|learn| bits(Method::Stop(learn)));
        let [a, b, c, d] = [bptt, w, wtl, no_trace].map(|bits| bits as f64 / 1000.0);
        println!("{steps:>5} {a:>9.1} {b:>9.1} {c:>9.1} {d:>9.1}   {:>15.1}", bptt as f64 / wtl as f64);
    }
    println!("\nValues of the layers of STOP-WTL:");
    for pair in SIZES.windows(2) {
        println!("{}-{}: {:?}", pair[0], pair[1], Buffers::of(Method::Stop(Learn::WTL), pair[0], pair[1]));
    }
    if differences > 0 {
        eprintln!(
            "{differences} counts differ from model::memory: a buffer is allocated that it does not know"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
