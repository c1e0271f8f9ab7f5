//! Native cycles a second of a block stepped directly: `cargo run --release -p rtl --example speed`.

use rtl::leaf::catalog::catalog;
use rtl::leaf::stimuli::stimuli;
use rtl::prelude::*;
use rtl::scan::Scanner;
use rtl::step::{StepError, Stepper};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:>9.0} cycles/s  scanner", scanner(1_000_000)?);
    for entry in catalog()? {
        let (inputs, mut native) = (stimuli(&entry, 20_000), entry.native());
        let started = Instant::now();
        for _ in 0..10 {
            inputs.iter().try_for_each(|inputs| native(inputs).map(drop))?;
        }
        let cycles = 10.0 * inputs.len() as f64;
        println!("{:>9.0} cycles/s  {}", cycles / started.elapsed().as_secs_f64(), entry.name);
    }
    Ok(())
}

/// A scan of half-filled words, over and over.
fn scanner(cycles: u64) -> Result<f64, StepError> {
    let mut bench = Stepper::new(Scanner::<8, 6, 10>::default(), |s| &mut s.clock);
    bench.words.next = 63.into();
    bench.ready.next = true;
    let started = Instant::now();
    for cycle in 0..cycles {
        bench.start.next = true;
        bench.data_a.next = Bits::wrapped(u128::from(cycle.wrapping_mul(0x9e37_79b9) >> 16));
        bench.cycle()?;
    }
    Ok(cycles as f64 / started.elapsed().as_secs_f64())
}
