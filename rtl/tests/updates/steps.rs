//! The steps of one threshold and of one leak, at the corners of their rounding and of their ranges.

use super::{Fault, corner, rounded_step, word};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::driven;
use rtl::leak::LeakUpdate;
use rtl::step::Stepper;
use rtl::threshold::ThresholdUpdate;

/// The first of many thresholds that does not move by the specified step.
fn wrong_threshold(fault: Fault) -> Option<String> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut block = driven!(
        ThresholdUpdate::default(),
        clock,
        [shift, trace, product, threshold, noise],
        [factor, moved]
    );
    for shift in 8..=24 {
        for error in -128..=127 {
            for trace in [0, 1, 31, 32, 100, 222, 223, 224, 254, 255] {
                let noise = corner(&mut random, 0, 0xffff) as u16;
                let threshold = corner(&mut random, 64, 1024);
                let mut inputs = [shift.into(), trace as u128, 0, threshold as u128, noise.into()];
                // The factor depends on the shift and the trace alone; a cycle here to look at it.
                let factor = block.cycle(&inputs).expect("settles")[0] as i64;
                assert!(factor < 1 << 15, "it is positive");
                inputs[2] = u128::from((error * factor) as u32);
                block.cycle(&inputs).expect("settles");
                let moved = block.cycle(&inputs).expect("settles")[1] as i64;
                let step = rounded_step(-error * (trace + 32), shift, noise, fault);
                if moved != (threshold + step).clamp(64, 1024) {
                    return Some(format!(
                        "θ {threshold} to {moved}: δ {error} m {trace} S {shift} n {noise}"
                    ));
                }
            }
        }
    }
    None
}

/// The leak after the products' sum, and the cycles of its division.
fn divided(
    block: &mut Stepper<LeakUpdate<34>>,
    sum: i64,
    shift: u32,
    noise: u16,
    leak: i64,
    random: &mut ChaCha8Rng,
) -> (i64, u32) {
    block.clear.next = true;
    block.cycle().expect("settles");
    block.clear.next = false;
    let mut left = sum;
    while left != 0 {
        let product = left.clamp(-(1 << 23), (1 << 23) - 1);
        left -= product;
        block.product.next = word(product);
        block.add.next = true;
        block.cycle().expect("settles");
        block.add.next = false;
        if random.random_bool(0.1) {
            block.product.next = word(random.random_range(-1000..1000));
            block.cycle().expect("settles");
        }
    }
    block.shift.next = u64::from(shift).into();
    block.noise.next = u64::from(noise).into();
    block.leak.next = word(leak);
    block.divide.next = true;
    block.cycle().expect("settles");
    block.divide.next = false;
    for cycles in 1.. {
        block.settle().expect("settles");
        let (ready, moved) = (block.ready.val(), block.moved.val());
        block.edge().expect("settles");
        if ready {
            return (moved.to_u64() as i64, cycles);
        }
    }
    unreachable!("counts for ever")
}

/// The first of many leaks that does not move by the specified step.
fn wrong_leak(fault: Fault) -> Option<String> {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let mut block = Stepper::new(LeakUpdate::<34>::default(), |b| &mut b.clock);
    for round in 0..20_000 {
        let shift = random.random_range(8..=31);
        // Up to the largest magnitude, small ones, and powers of two with their neighbours.
        let sum = match round % 50 {
            0 => random.random_range(-1023 << 22..=1023 << 22),
            1..20 => random.random_range(-(1 << 10)..1 << 10),
            20..30 => random.random_range(-(1 << 26)..1 << 26),
            _ => ((1i64 << random.random_range(0..28)) + random.random_range(-1..=1)) * [1, -1][round % 2],
        };
        let (noise, leak) = (corner(&mut random, 0, 0xffff) as u16, corner(&mut random, 4096, 64512));
        let (moved, cycles) = divided(&mut block, sum, shift, noise, leak, &mut random);
        assert_eq!(cycles, 35.max(51 - shift));
        if moved != (leak + rounded_step(sum, shift, noise, fault)).clamp(4096, 64512) {
            return Some(format!("α {leak} to {moved}: Σ {sum} S {shift} n {noise}"));
        }
    }
    None
}

#[test]
fn every_step_is_rounded_as_specified() {
    assert_eq!(wrong_threshold(Fault::None), None);
    assert_eq!(wrong_leak(Fault::None), None);
}

#[test]
fn wrong_rounding_is_noticed() {
    for fault in [Fault::Nearest, Fault::Truncates] {
        assert!(wrong_threshold(fault).is_some() && wrong_leak(fault).is_some(), "{fault:?}");
    }
}
