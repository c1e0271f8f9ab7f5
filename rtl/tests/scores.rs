//! Scores against plain sums.
//!
//! ```text
//!   spikes and membranes of the output neurons, a pass a step, with gaps ──> Scores ──> host's reads
//! ```

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::prelude::Bits;
use rtl::scores::Scores;
use rtl::step::Stepper;

/// 256 classes, and the counters beside them.
type Bench = Stepper<Scores<9>>;

/// A deviation from the contract.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// Membranes are added as unsigned numbers.
    Unsigned,
    /// A class without a spike keeps its sum.
    SpikesOnly,
    /// Clearing leaves the sums.
    HalfClear,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Score {
    count: u16,
    sum: i32,
}

/// A step's scores of all classes, or their clearing.
fn score(
    bench: &mut Bench,
    scores: &mut [Score],
    clear: bool,
    step: impl Fn(&mut ChaCha8Rng, usize) -> (bool, i32),
    fault: Fault,
    random: &mut ChaCha8Rng,
) {
    let gap = [0.0, 0.0, 0.5][random.random_range(0..3)];
    // A class's score is read in the cycle before it is written.
    let mut read = None;
    let mut classes = 0..scores.len();
    loop {
        let next = if random.random_bool(gap) { None } else { classes.next() };
        if read.is_none() && next.is_none() && classes.is_empty() {
            break;
        }
        bench.score_clear.next = clear;
        bench.score_next.next = next.is_some();
        bench.score_next_index.next = (next.unwrap_or(random.random_range(0..256)) as u64).into();
        bench.score_write.next = read.is_some();
        bench.score_index.next = (read.unwrap_or(random.random_range(0..256)) as u64).into();
        if let Some(class) = read {
            let (spike, membrane) = if clear { (false, 0) } else { step(random, class) };
            bench.score_spike.next = spike;
            bench.score_membrane.next = Bits::from_signed(membrane.into());
            let score: &mut Score = &mut scores[class];
            if clear {
                *score = Score { count: 0, sum: if fault == Fault::HalfClear { score.sum } else { 0 } };
            } else {
                score.count += u16::from(spike);
                match fault {
                    Fault::Unsigned => score.sum = score.sum.wrapping_add(membrane & 0xffff),
                    Fault::SpikesOnly if !spike => {}
                    _ => score.sum += membrane,
                }
            }
        }
        bench.cycle().expect("settles");
        read = next;
    }
    bench.score_write.next = false;
    bench.score_clear.next = false;
    bench.score_next.next = false;
}

/// Reads every class as the host does.
fn stored(bench: &mut Bench, classes: usize) -> Vec<Score> {
    let read = |class: usize| {
        bench.read_enable.next = true;
        bench.read_address.next = (class as u64).into();
        bench.cycle().expect("settles");
        bench.read_enable.next = false;
        bench.read_address.next = 77.into();
        bench.settle().expect("settles");
        Score { count: bench.count.val().to_u64() as u16, sum: bench.sum.val().to_signed() as i32 }
    };
    (0..classes).map(read).collect()
}

/// Runs samples; the first one that does not end as specified.
fn first_difference(samples: usize, fault: Fault) -> Option<(Vec<Score>, Vec<Score>)> {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut bench = Bench::new(Scores::default(), |b| &mut b.clock);
    for _ in 0..samples {
        let classes = [1, 2, 10, 11, 256][random.random_range(0..5)];
        let mut scores = stored(&mut bench, classes);
        score(&mut bench, &mut scores, true, |_, _| (true, 12345), fault, &mut random);
        let values = [-32768, -1, 0, 32767];
        for _ in 0..random.random_range(0..6) {
            let step = |random: &mut ChaCha8Rng, _| (random.random(), values[random.random_range(0..4)]);
            score(&mut bench, &mut scores, false, step, fault, &mut random);
        }
        let stored = stored(&mut bench, classes);
        if stored != scores {
            return Some((stored, scores));
        }
    }
    assert_eq!(bench.collisions(), 0);
    None
}

#[test]
fn scores_add_up() {
    assert_eq!(first_difference(2000, Fault::None), None);
}

#[test]
fn a_deviation_is_noticed() {
    for fault in [Fault::Unsigned, Fault::SpikesOnly, Fault::HalfClear] {
        assert!(first_difference(2000, fault).is_some(), "{fault:?}");
    }
}

/// Counts in a random order, a counter at most every other cycle, between the scores of a class; the counter that is not as it was
/// counted.
fn first_wrong_counter(fault: u64) -> Option<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut bench = Bench::new(Scores::default(), |b| &mut b.clock);
    let mut wanted = [0u64; 64];
    let mut scores = vec![Score::default(); 3];
    for round in 0..3 {
        let mut last = 0;
        for _ in 0..if round == 0 { 140_000 } else { 2000 } {
            // Counters 1 and 2 in turn, until their lower words have overflowed; then any.
            let number = if wanted[1] <= 1 << 32 { 3 - last.clamp(1, 2) } else { random.random_range(1..64) };
            if number == last {
                continue;
            }
            last = number;
            let addend = if number < 3 { 0xffff } else { random.random_range(0..0x1_0000) };
            wanted[number] += addend + fault;
            bench.tally.next = true;
            bench.tally_number.next = (number as u64).into();
            bench.tally_addend.next = addend.into();
            bench.cycle().expect("settles");
            bench.tally.next = false;
            if random.random_bool(0.01) {
                bench.cycle().expect("settles");
                last = 0;
                score(
                    &mut bench,
                    &mut scores,
                    false,
                    |_, class| (true, class as i32 - 1),
                    Fault::None,
                    &mut random,
                );
            }
        }
        bench.cycle().expect("settles");
        for (number, &count) in wanted.iter().enumerate() {
            bench.read_enable.next = true;
            bench.read_address.next = (256 + number as u64).into();
            bench.cycle().expect("settles");
            bench.read_enable.next = false;
            bench.settle().expect("settles");
            if bench.count.val().to_u64() << 32 | bench.sum.val().to_u64() != count {
                return Some(number);
            }
        }
        assert_eq!(stored(&mut bench, 3), scores, "scores stay as they are");
        for number in 16u64..64 {
            bench.tally.next = round == 1;
            bench.tally_clear.next = true;
            bench.tally_number.next = number.into();
            bench.tally_addend.next = 0.into();
            bench.cycle().expect("settles");
        }
        bench.tally.next = false;
        bench.tally_clear.next = false;
        bench.cycle().expect("settles");
        if round == 1 {
            wanted[16..].fill(0);
        }
    }
    assert!(wanted[1] > u64::from(u32::MAX), "far enough to carry: {}", wanted[1]);
    None
}

#[test]
fn counters_add_up_beside_them() {
    assert_eq!(first_wrong_counter(0), None);
    assert!(first_wrong_counter(1).is_some(), "a planted fault");
}

#[test]
fn emits() {
    let design = rtl::verilog::emit(&mut Scores::<9>::default(), "scores", "scores").expect("emits");
    assert_eq!(design.top, "scores");
}
