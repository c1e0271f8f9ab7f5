//! Seed and patterns of the noise against `arch::noise`, and against the words of the contract.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::driven;
use rtl::noise::{ColumnNoise, RowNoise, Seed};
use rtl::step::Stepper;

/// The contract's `N(row, column)`, bit by bit: bit `b` of a word rotated left by `n` is its bit `b − n`.
fn specified(seed: u32, row: u16, column: u16) -> u16 {
    let bit = |word: u32, at: u32| word >> at & 1;
    (0..16u32)
        .map(|at| {
            let folded = bit(seed, at + 16) ^ bit(seed, at);
            let row_part = bit(row.into(), (at + 11) % 16) ^ bit(row.into(), 15 - (at + 13) % 16);
            (folded ^ row_part ^ bit(column.into(), 15 - at)) << at
        })
        .sum::<u32>() as u16
}

#[test]
fn the_seed_moves_when_told() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut bench = Stepper::new(Seed::default(), |b| &mut b.clock);
    let mut seed = arch::noise::RESET_SEED;
    for _ in 0..20_000 {
        let (load, value) = (random.random_bool(0.05), random.random::<u32>());
        let advance = !load && random.random();
        bench.advance.next = advance;
        bench.load.next = load;
        bench.load_value.next = u64::from(value).into();
        bench.settle().expect("settles");
        assert_eq!(bench.value.val().to_u64(), u64::from(seed));
        assert_eq!(bench.folded.val().to_u64(), u64::from((seed >> 16 ^ seed) & 0xffff));
        bench.edge().expect("settles");
        if load {
            seed = value;
        } else if advance {
            settle(&mut bench);
            seed = arch::noise::next_seed(seed);
        }
    }
}

/// The two cycles after an `advance`.
fn settle(bench: &mut Stepper<Seed>) {
    bench.advance.next = false;
    for _ in 0..2 {
        bench.cycle().expect("settles");
    }
}

#[test]
fn seeds_follow_marsaglias_equations() {
    let mut bench = Stepper::new(Seed::default(), |b| &mut b.clock);
    let mut seed = 1u64;
    bench.load.next = true;
    bench.load_value.next = 1.into();
    bench.cycle().expect("settles");
    bench.load.next = false;
    for _ in 0..1000 {
        bench.advance.next = true;
        bench.settle().expect("settles");
        assert_eq!(bench.value.val().to_u64(), seed);
        bench.edge().expect("settles");
        settle(&mut bench);
        seed ^= seed * 8192 % (1 << 32);
        seed ^= seed / 131_072;
        seed ^= seed * 32 % (1 << 32);
    }
}

/// The first row and column whose noise is not the specified one.
fn first_difference(specified: fn(u32, u16, u16) -> u16) -> Option<(u16, u16)> {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut rows = driven!(RowNoise::default(), [folded, row], [noise]);
    let mut columns = driven!(ColumnNoise::default(), [column], [noise]);
    for row in 0..=u16::MAX {
        let (seed, column): (u32, u16) = random.random();
        let folded = (seed >> 16 ^ seed) & 0xffff;
        let row_noise = rows.cycle(&[folded.into(), row.into()]).expect("settles")[0];
        let column_noise = columns.cycle(&[column.into()]).expect("settles")[0];
        if (row_noise ^ column_noise) as u16 != specified(seed, row, column) {
            return Some((row, column));
        }
    }
    None
}

#[test]
fn patterns_are_those_of_the_contract() {
    assert_eq!(first_difference(specified), None);
    assert_eq!(first_difference(arch::noise::noise), None);
}

#[test]
fn a_wrong_pattern_is_noticed() {
    let wrong: [fn(u32, u16, u16) -> u16; 4] = [
        |seed, row, column| specified(seed, row, column) ^ row.rotate_left(5) ^ row.rotate_left(4),
        |seed, row, column| specified(seed, row, column) ^ (row & 1) << 2 ^ (row & 1) << 12,
        |seed, row, column| specified(seed, row, column) ^ (seed >> 16) as u16,
        |seed, row, column| specified(seed, row, column) ^ column.reverse_bits() ^ column,
    ];
    for wrong in wrong {
        assert!(first_difference(wrong).is_some());
    }
}

#[test]
fn emit() {
    rtl::verilog::emit(&mut Seed::default(), "seed", "under test").expect("emits");
    rtl::verilog::emit(&mut RowNoise::default(), "row_noise", "under test").expect("emits");
    rtl::verilog::emit(&mut ColumnNoise::default(), "column_noise", "under test").expect("emits");
}
