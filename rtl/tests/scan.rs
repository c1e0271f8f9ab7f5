//! Scanner against a plain walk over the bits, with its cycles counted.
//!
//! ```text
//!   bitmap A, bitmap B (arrays here) ──> Scanner ──> indices, taken in a random pattern
//! ```

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::scan::Scanner;
use rtl::step::Stepper;

type Bench = Stepper<Scanner<8, 6, 10>>;

struct Run {
    base_a: u64,
    base_b: u64,
    use_b: bool,
    words: u64,
}

/// Index, in A, in B.
type Found = (u64, bool, bool);

fn expected(a: &[u16], b: &[u16], run: &Run) -> (Vec<Found>, u64) {
    let (mut found, mut cycles) = (Vec::new(), 0);
    for word in 0..run.words {
        let at = |map: &[u16], base: u64| map[((base + word) % 256) as usize];
        let (a, b) = (at(a, run.base_a), if run.use_b { at(b, run.base_b) } else { 0 });
        let bits = (0..16).filter(|bit| (a | b) >> bit & 1 == 1);
        found.extend(bits.map(|bit| (16 * word + bit, a >> bit & 1 == 1, b >> bit & 1 == 1)));
        let last = word + 1 == run.words;
        cycles += u64::from((a | b).count_ones().max(1)) + u64::from(last && a | b != 0);
    }
    (found, cycles)
}

/// Indices, cycles from the one after `start` to `done`, cycles in which an index had to wait.
fn scanned(
    bench: &mut Bench,
    a: &[u16],
    b: &[u16],
    run: &Run,
    mut ready: impl FnMut() -> bool,
) -> (Vec<Found>, u64, u64) {
    bench.start.next = true;
    bench.base_a.next = run.base_a.into();
    bench.base_b.next = run.base_b.into();
    bench.use_b.next = run.use_b;
    bench.words.next = run.words.into();
    bench.cycle().expect("settles");
    bench.start.next = false;
    let (mut found, mut waited) = (Vec::new(), 0);
    for cycle in 1..100_000 {
        bench.ready.next = ready();
        bench.settle().expect("settles");
        assert!(bench.busy.val());
        if bench.valid.val() && bench.ready.next {
            found.push((bench.index.val().to_u64(), bench.in_a.val(), bench.in_b.val()));
        }
        waited += u64::from(bench.valid.val() && !bench.ready.next);
        let read_a = bench.read_a.val().then(|| a[bench.address_a.val().index()]);
        let read_b = bench.read_b.val().then(|| b[bench.address_b.val().index()]);
        let done = bench.done.val();
        assert!(run.use_b || read_b.is_none(), "B is left alone");
        bench.edge().expect("settles");
        if let Some(word) = read_a {
            bench.data_a.next = u64::from(word).into();
        }
        if let Some(word) = read_b {
            bench.data_b.next = u64::from(word).into();
        }
        if done {
            return (found, cycle, waited);
        }
    }
    panic!("not done");
}

fn bitmap(random: &mut ChaCha8Rng) -> Vec<u16> {
    // Empty, sparse and full words, as spikes are.
    let word = |random: &mut ChaCha8Rng| match random.random_range(0..4) {
        0 => 0,
        1 => 1 << random.random_range(0..16),
        2 => random.random::<u16>() & random.random::<u16>(),
        _ => random.random::<u16>() | random.random::<u16>(),
    };
    (0..256).map(|_| word(random)).collect()
}

#[test]
fn delivers_each_bit_once_at_one_a_cycle() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut bench = Bench::new(Scanner::default(), |s| &mut s.clock);
    for _ in 0..300 {
        let (a, b) = (bitmap(&mut random), bitmap(&mut random));
        let run = Run {
            base_a: random.random_range(0..256),
            base_b: random.random_range(0..256),
            use_b: random.random(),
            words: random.random_range(0..64),
        };
        let (want, word_cycles) = expected(&a, &b, &run);
        let patience: f64 = [1.0, 0.5, 0.1][random.random_range(0..3)];
        let (found, cycles, waited) = scanned(&mut bench, &a, &b, &run, || random.random_bool(patience));
        assert_eq!(found, want);
        let ideal = if run.words == 0 { 1 } else { 2 + word_cycles };
        assert_eq!(cycles, ideal + waited);
    }
}

#[test]
fn stays_idle_until_started() {
    let mut bench = Bench::new(Scanner::default(), |s| &mut s.clock);
    bench.ready.next = true;
    bench.data_a.next = 0xffff.into();
    for _ in 0..20 {
        bench.settle().expect("settles");
        assert!(!bench.busy.val() && !bench.valid.val() && !bench.done.val() && !bench.read_a.val());
        bench.edge().expect("settles");
    }
}

/// The stages of the datapath are connections and assigns, the registers one `always` block.
#[test]
fn emits_with_plain_ports() {
    let design = rtl::verilog::emit(&mut Scanner::<8, 6, 10>::default(), "scanner", "streams set bits")
        .expect("emits");
    let names: Vec<&str> = design.ports.iter().map(|port| port.name.as_str()).collect();
    assert_eq!(names[..6], ["clock", "start", "base_a", "base_b", "use_b", "words"]);
    assert_eq!(design.modules, ["first_set_16", "register_1", "register_6", "register_16", "scanner"]);
    assert_eq!(design.text.matches("always @* begin").count(), 2);
}
