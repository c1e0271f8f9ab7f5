//! Kernels against their Verilog and their netlist: the block with every idiom of `docs/rtl-blocks.md`, and the
//! scanner. What holds for these holds for the generator.

#[path = "../../rtl/tests/common/mod.rs"]
mod idioms;

use idioms::Idioms;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::driven;
use rtl::prelude::Block;
use rtl::scan::Scanner;
use rtl::step::StepError;
use rtl::verilog::{Form, emit_as};
use sim::lockstep::{Difference, design_of, first_difference};
use sim::toolchain::verilator::{Model, PowerUp};
use sim::toolchain::{Design, Ports, need, verilator, yosys};

type Native = Box<dyn FnMut(&[u128]) -> Result<Vec<u128>, StepError>>;

fn idioms_native() -> Native {
    let mut block = driven!(
        Idioms::<2>::default(),
        clock,
        [start, word, shift, position, lanes],
        [
            busy, count, wide_sum, shifted, inverted, entry_word, joined, chosen, changed, nibble, narrow,
            flags
        ]
    );
    Box::new(move |inputs| block.cycle(inputs))
}

fn scanner_native() -> Native {
    let mut block = driven!(
        Scanner::<8, 6, 10>::default(),
        clock,
        [start, base_a, base_b, use_b, words, data_a, data_b, ready],
        [read_a, address_a, read_b, address_b, valid, index, in_a, in_b, busy, done]
    );
    Box::new(move |inputs| block.cycle(inputs))
}

fn emitted<B: Block>(mut block: B, top: &str) -> (Design, Ports) {
    design_of(&rtl::verilog::emit(&mut block, top, "under test").expect("emits"))
}

/// Random inputs, a third of them all zeros or all ones.
fn random(ports: &Ports) -> Vec<Vec<u128>> {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut number = |width: u32| {
        let all = u128::MAX >> (128 - width);
        match random.random_range(0..6) {
            0 => 0,
            1 => all,
            _ => random.random::<u128>() & all,
        }
    };
    (0..50_000).map(|_| ports.inputs.0.iter().map(|port| number(port.width)).collect()).collect()
}

fn compare(design: &Design, ports: &Ports, native: Native) -> Option<Difference> {
    let model = Model::build(design, ports, &Default::default()).expect("builds");
    let mut running = model.start_as(PowerUp::Zeros).expect("starts");
    first_difference(&mut running, native, &random(ports)).expect("runs")
}

fn check(design: &Design, ports: &Ports, native: fn() -> Native) {
    assert_eq!(compare(design, ports, native()), None);
    if need(yosys::TOOLS) {
        yosys::check(design).expect("is sound");
        let netlist = yosys::synth_ice40(design, yosys::Ice40::default()).expect("synthesises");
        assert_eq!(compare(&netlist.design().expect("has models"), ports, native()), None);
    }
}

#[test]
fn every_idiom_means_the_same_in_verilog() {
    if need(verilator::TOOLS) {
        let (design, ports) = emitted(Idioms::<2>::default(), "idioms");
        check(&design, &ports, idioms_native);
    }
}

#[test]
fn every_idiom_means_the_same_assigned_once() {
    if need(verilator::TOOLS) {
        let emitted =
            emit_as(Form::Once, &mut Idioms::<2>::default(), "idioms", "under test").expect("emits");
        let (design, ports) = design_of(&emitted);
        check(&design, &ports, idioms_native);
    }
}

#[test]
fn the_scanner_is_the_same_in_verilog() {
    if need(verilator::TOOLS) {
        let (design, ports) = emitted(Scanner::<8, 6, 10>::default(), "scanner");
        check(&design, &ports, scanner_native);
    }
}

/// What rust-hdl's own generator would have written: each is found.
#[test]
fn a_wrong_width_is_noticed() {
    if !need(verilator::TOOLS) {
        return;
    }
    let (design, ports) = emitted(Idioms::<2>::default(), "idioms");
    let planted = [
        ("{4'd0, ~low_byte}", "~low_byte"),
        ("{1'd0, low_byte} + {1'd0, lanes_0}", "{1'b0, low_byte + lanes_0}"),
        ("word + 32'd1", "{1'b0, word} + 33'd1"),
        ("phase_d = Phase_Drain", "phase_d = Phase_Idle"),
    ];
    for (right, wrong) in planted {
        let text = design.files[0].text.replace(right, wrong);
        assert_ne!(text, design.files[0].text, "{right} is not there");
        let changed = Design::new("idioms", text);
        assert!(compare(&changed, &ports, idioms_native()).is_some(), "{wrong} goes unnoticed");
    }
}
