//! The idioms of `docs/rtl-blocks.md` emit, and natively do what they say.

mod common;

use common::Idioms;
use rtl::step::Stepper;

#[test]
fn the_state_machine_counts_down_and_rests() {
    let mut bench = Stepper::new(Idioms::<2>::default(), |b| &mut b.clock);
    bench.start.next = true;
    bench.cycle().expect("settles");
    bench.start.next = false;
    let mut busy = 0;
    bench.settle().expect("settles");
    while bench.busy.val() {
        busy += 1;
        bench.cycle().expect("settles");
        bench.settle().expect("settles");
    }
    // Five down to nought, and the cycle that drains.
    assert_eq!(busy, 7);
}

#[test]
fn every_idiom_emits() {
    let design = rtl::verilog::emit(&mut Idioms::<2>::default(), "idioms", "every idiom").expect("emits");
    assert!(design.text.contains("        // Widths: extend first, then add.\n"));
    assert_eq!(design.modules, ["saturate_s8_s4", "register_2", "register_6", "register_6_init_5", "idioms"]);
    assert_eq!(design.ports.len(), 20);
}
