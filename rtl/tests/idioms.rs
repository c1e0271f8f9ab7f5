//! The idioms of `docs/rtl-blocks.md` emit, and natively do what they say.

mod common;

use common::Idioms;
use rtl::step::Stepper;
use rtl::verilog::{Form, emit_as};

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

/// A signal that changes its mind while its block runs wakes its readers each time; a local one has none but the block.
#[test]
fn for_event_driven_simulators_what_others_read_is_assigned_once() {
    let several_times = |form| -> Vec<String> {
        let design = emit_as(form, &mut Idioms::<2>::default(), "idioms", "every idiom").expect("emits");
        let (_, block) = design.text.rsplit_once("always @* begin\n").expect("has a block");
        let targets = block.lines().filter_map(|line| line.trim_start().split_once(" = "));
        let mut names: Vec<String> =
            targets.filter_map(|(target, _)| target.split('[').next()).map(str::to_owned).collect();
        names.retain(|name| !name.ends_with("_once"));
        names.sort();
        names = names
            .chunk_by(|a, b| a == b)
            .filter(|times| times.len() > 1)
            .map(|times| times[0].clone())
            .collect();
        names
    };
    assert_eq!(several_times(Form::Kernel), ["entry", "first_d", "flags", "left_d", "phase_d"]);
    assert_eq!(several_times(Form::Once), ["entry"]);
}
