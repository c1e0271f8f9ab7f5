//! The native simulation beside the model. Needs only Rust.

use arch::counts::{COUNTERS, CYCLES};
use arch::registers::Space;
use arch::{Learn, Surrogate};
use rtl::alone::engine;
use rtl::configurations::{SMALL_W8, SMALL_W16, SMALL_X8, SMALL_X16, Sizes};
use sim::agreement::{Agreed, first_mismatch, waves};
use sim::bench::{Bench, Native};

use crate::cases::{CLOCK_HZ, INITIAL, SEED, explained, network, samples};

/// Runs the samples of `cases` on an engine; panics with the first place where it is not the model, and the waves around it.
fn agrees(built: Sizes, sizes: &[u16], learn: Learn, surrogate: Surrogate) -> Agreed {
    let capacity = built.capacity(CLOCK_HZ);
    let (lanes, bits) = (capacity.lanes, capacity.weight_bits);
    let network = network(sizes, bits, learn, surrogate);
    let bench = || Bench::new(Native::new(engine(built).expect("is built")), capacity.clone()).unwrap();
    let samples = samples(&network, 6);
    let mut engine = bench();
    match first_mismatch(&mut engine, &network, &INITIAL, SEED, &samples, 1).unwrap() {
        Ok(agreed) => {
            engine.clear_counts().unwrap();
            let counters = *COUNTERS.start()..*CYCLES.end() + 1;
            let left = engine.read(Space::Registers, counters.start, counters.len() as u32).unwrap();
            assert!(left.iter().all(|&count| count == 0), "cleared: {left:?}");
            println!(
                "{lanes} lanes, {} bits, {sizes:?}, {learn}, {surrogate:?}: {} elements after {} steps, {} cycles",
                bits.bits(),
                agreed.elements,
                agreed.steps,
                agreed.cycles.total()
            );
            agreed
        }
        Err(mismatch) => {
            let path = explained(&mismatch);
            waves(&mut bench(), &network, &INITIAL, SEED, &samples, &mismatch, &path).unwrap();
            panic!("{lanes} lanes, {sizes:?}, {learn}: {mismatch}; waves: {}", path.display())
        }
    }
}

/// One to three layers of weights, sizes that fill no word, and rows of a single word.
#[test]
fn sizes_agree() {
    for sizes in [&[20, 7][..], &[33, 24, 5], &[17, 12, 9, 3], &[50, 3, 2], &[1, 1]] {
        agrees(SMALL_W8, sizes, Learn::WTL, Surrogate::Shift);
    }
}

#[test]
fn variants_agree() {
    for (_, learn) in Learn::NAMED {
        agrees(SMALL_W8, &[17, 12, 5], learn, Surrogate::Rectangle);
    }
}

/// As many lanes and neurons a cycle again: other words, other cycles, the same bits, since the model is the same.
#[test]
fn lanes_agree() {
    let sizes = [33, 24, 5];
    let four = agrees(SMALL_W8, &sizes, Learn::WTL, Surrogate::Shift);
    let eight = agrees(SMALL_X8, &sizes, Learn::WTL, Surrogate::Shift);
    let sixteen = agrees(SMALL_X16, &sizes, Learn::WTL, Surrogate::Shift);
    assert!(eight.cycles.total() < four.cycles.total(), "{eight:?}, {four:?}");
    assert!(sixteen.cycles.total() < eight.cycles.total(), "{sixteen:?}, {eight:?}");
}

/// Two and four neurons a cycle, in layers that end anywhere between the multiples.
#[test]
fn widths_agree() {
    for sizes in [&[20, 7][..], &[17, 13, 9, 3], &[40, 18, 6], &[50, 1, 2], &[1, 1]] {
        agrees(SMALL_X8, sizes, Learn::WTL, Surrogate::Shift);
        agrees(SMALL_X16, sizes, Learn::WTL, Surrogate::Rectangle);
    }
}

#[test]
fn sixteen_bit_weights_agree() {
    for sizes in [&[20, 7][..], &[33, 24, 5]] {
        agrees(SMALL_W16, sizes, Learn::WTL, Surrogate::Shift);
    }
}
