//! The emitted Verilog in Verilator beside the model: the iCEBreaker's engine on real recordings, and planted faults.
//! Needs Verilator.

use std::path::PathBuf;

use arch::network::Shifts;
use arch::protocol::{Begin, Teacher};
use arch::{Board, Capacity, Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use events::{Dataset, Encoding, ImageCode};
use model::fixed::{Initial, initial_parameters};
use rtl::configurations::{Icebreaker, Small4, small};
use rtl::prelude::Block;
use rtl::verilog::{Design as Emitted, emit};
use sim::agreement::{Agreed, Mismatch, Sample, first_mismatch, waves};
use sim::bench::{Bench, Verilated};
use sim::lockstep::{ASSERTING, design_of};
use sim::toolchain::need;
use sim::toolchain::verilator::{Model, Options, TOOLS};

use crate::cases::{INITIAL, SEED, explained, network, samples};

fn emitted(mut engine: impl Block) -> Emitted {
    emit(&mut engine, "engine", "the engine alone").expect("emits")
}

fn verilated(design: &Emitted, trace: bool) -> Verilated {
    let (design, ports) = design_of(design);
    let model = Model::build(&design.with_define(ASSERTING), &ports, &Options { trace })
        .unwrap_or_else(|e| panic!("{e}"));
    Verilated::new(model.start().unwrap())
}

/// 2x17x17-200-10 with the command line's defaults.
fn recorded_network() -> Network {
    let layer = |input, output, bits, learn, leak| Layer {
        input,
        output: Shape::flat(output),
        weight_fraction_bits: bits,
        surrogate: Surrogate::Shift,
        learn,
        shifts: Shifts { weight: 19 - bits, threshold: 15, leak },
    };
    let input = Shape { channels: 2, height: 17, width: 17 };
    Network {
        weight_bits: WeightBits::Eight,
        updates: Updates::Online,
        layers: vec![layer(input, 200, 8, Learn::WTL, 20), layer(Shape::flat(200), 10, 7, Learn::W, 15)],
    }
}

fn recordings(source: &str, count: usize, learn: bool) -> Vec<Sample> {
    let encoding =
        Encoding { shape: "2x17x17".parse().unwrap(), steps: 16, seed: 0, image_code: ImageCode::default() };
    let encoded = Dataset::open(source, Some(count)).unwrap().encode(&encoding).unwrap();
    let sample = |s: &events::Sample| Sample {
        begin: Begin { teacher: Teacher::label_if(learn), label: s.label, steps: 16, first_loss_step: 0 },
        errors: Vec::new(),
        events: s.spikes.iter().map(<[u32]>::to_vec).collect(),
    };
    encoded.iter().map(sample).collect()
}

/// Compares an emitted engine of a capacity with the model. Where they differ, it runs again, and the mismatch comes with its waves.
fn run(
    design: &Emitted,
    capacity: &Capacity,
    network: &Network,
    initial: &Initial,
    samples: &[Sample],
    every: u64,
) -> Result<Agreed, (Mismatch, PathBuf)> {
    let mut bench = Bench::new(verilated(design, false), capacity.clone()).unwrap();
    first_mismatch(&mut bench, network, initial, SEED, samples, every).unwrap().map_err(|mismatch| {
        let path = explained(&mismatch);
        let mut bench = Bench::new(verilated(design, true), capacity.clone()).unwrap();
        waves(&mut bench, network, initial, SEED, samples, &mismatch, &path).unwrap();
        (mismatch, path)
    })
}

/// Learning 100 recordings and classifying 30: the result of each, every memory after each twentieth, and the cycles they take.
#[test]
fn the_icebreakers_engine_learns_real_recordings_like_the_model() {
    if !need(TOOLS) {
        return;
    }
    let (design, capacity) = (emitted(Icebreaker::default()), Board::named("icebreaker").unwrap().engine);
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    for (source, count, learn, least) in
        [("bundled:train", 100, true, 0.85), ("bundled:test", 30, false, 0.90)]
    {
        let samples = recordings(source, count, learn);
        let agreed = run(&design, &capacity, &recorded_network(), &initial, &samples, 320)
            .unwrap_or_else(|(mismatch, waves)| panic!("{mismatch}; waves: {}", waves.display()));
        println!(
            "{source}: {} elements after {} steps; {} cycles a recording, ideal {}, utilisation {:.3}\n{:?}\n{:?}",
            agreed.elements,
            agreed.steps,
            agreed.cycles.total() / count as u64,
            agreed.counts.ideal_cycles() / count as u64,
            agreed.utilisation(),
            agreed.counts,
            agreed.cycles
        );
        assert!(agreed.utilisation() >= least, "{agreed:?}");
    }
}

/// Without events and without errors there is little but the neuron passes, and less than 30 cycles a layer beside them.
#[test]
fn a_quiet_step_costs_little_more_than_its_neurons() {
    if !need(TOOLS) {
        return;
    }
    let (network, capacity) = (recorded_network(), Board::named("icebreaker").unwrap().engine);
    let mut bench = Bench::new(verilated(&emitted(Icebreaker::default()), false), capacity).unwrap();
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    bench.load(&network, &initial_parameters(&network, &initial), SEED).unwrap();
    let neurons: u64 = network.layers.iter().map(|layer| u64::from(layer.outputs())).sum();
    for learn in [true, false] {
        bench
            .begin(Begin { teacher: Teacher::label_if(learn), label: 3, steps: 3, first_loss_step: 3 })
            .unwrap();
        for _ in 0..3 {
            let cycles = bench.step(&[], false).unwrap();
            println!("quiet step, learn {learn}: {cycles} cycles, {neurons} neurons");
            assert!(cycles <= neurons + 2 * 30, "{cycles} cycles, {neurons} neurons");
        }
        bench.end().unwrap();
    }
}

#[test]
fn small_engines_verilog_agrees_with_the_model() {
    if !need(TOOLS) {
        return;
    }
    let network = network(&[33, 24, 5], WeightBits::Eight, Learn::WTL, Surrogate::Shift);
    let samples = samples(&network, 20);
    let (design, capacity) = (emitted(Small4::default()), small(4, WeightBits::Eight));
    let agreed = run(&design, &capacity, &network, &INITIAL, &samples, 1)
        .unwrap_or_else(|(mismatch, waves)| panic!("{mismatch}; waves: {}", waves.display()));
    println!("{agreed:?}");
}

/// A fault in the emitted text, and the memory in which it must show first.
struct Planted {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    shows: &'static str,
}

const PLANTED: [Planted; 10] = [
    Planted {
        name: "a wrong rounding constant",
        from: "wire [7:0] rounded = last[8:1] + {{7{1'b0}}, last[0]};",
        to: "wire [7:0] rounded = last[8:1];",
        shows: "error",
    },
    Planted {
        name: "an off-by-one row address",
        from: "sum_0 = base + ",
        to: "sum_0 = base + 10'd1 + ",
        // The first step is silent: errors go back before anything is integrated.
        shows: "error",
    },
    Planted {
        name: "a wrong noise bit",
        from: "always @* noise = folded ^",
        to: "always @* noise = 16'h0100 ^ folded ^",
        shows: "weight",
    },
    Planted {
        name: "a dropped saturation",
        from: "always @* narrow = fits ? wide[7:0] : {wide[8], {7{!wide[8]}}};",
        to: "always @* narrow = wide[7:0];",
        shows: "weight",
    },
    Planted {
        name: "a trace updated after its use",
        from: "leak_factor = leak_trace;",
        to: "leak_factor = membrane;",
        shows: "leak trace",
    },
    Planted {
        name: "a trace that misses the spike",
        from: "assign step = {8'd0, spike} << 5;",
        to: "assign step = 9'd0;",
        shows: "threshold trace",
    },
    Planted { name: "a label beside the host", from: "&& by_label) &&", to: "&& 1'b1) &&", shows: "error" },
    Planted {
        name: "the host's errors in the bitmap of the layer below",
        from: "if (!errors_host) begin",
        to: "begin",
        shows: "threshold",
    },
    Planted {
        name: "a count that goes to another counter",
        from: "number = 6'h2a;",
        to: "number = 6'h28;",
        shows: "integrate_words",
    },
    Planted {
        name: "a pass's cycles counted from two",
        from: "cycles_d = 16'd1;",
        to: "cycles_d = 16'd2;",
        shows: "sum of the cycles",
    },
];

/// Each fault is found by the comparison, in the memory meant for it.
#[test]
fn planted_faults_are_found_by_name() {
    if !need(TOOLS) {
        return;
    }
    let network = network(&[33, 24, 5], WeightBits::Eight, Learn::WTL, Surrogate::Shift);
    let samples = samples(&network, 20);
    let sound = emitted(Small4::default());
    for planted in &PLANTED {
        assert_eq!(sound.text.matches(planted.from).count(), 1, "{}: its place in the text", planted.name);
        let faulty = Emitted { text: sound.text.replace(planted.from, planted.to), ..sound.clone() };
        match run(&faulty, &small(4, WeightBits::Eight), &network, &INITIAL, &samples, 1) {
            Ok(agreed) => panic!("{} was not found: {agreed:?}", planted.name),
            Err((mismatch, waves)) => {
                println!("{}: {mismatch}; waves: {}", planted.name, waves.display());
                assert_eq!(mismatch.what, planted.shows, "{}: {mismatch}", planted.name);
                assert!(std::fs::metadata(&waves).unwrap().len() > 10_000, "{}", waves.display());
                assert!(waves.with_extension("gtkw").is_file());
            }
        }
    }
}

/// A memory that is read where it is written stops the model: here one whose value nobody wants at the time.
#[test]
fn a_planted_collision_stops_the_model() {
    if !need(TOOLS) {
        return;
    }
    let sound = emitted(Icebreaker::default());
    let from = "bitmaps_read_enable = host_read;";
    assert_eq!(sound.text.matches(from).count(), 1, "its place in the text");
    let to = "bitmaps_read_enable = scanner_read_a || host_read;";
    let faulty = Emitted { text: sound.text.replace(from, to), ..sound };
    let mut bench =
        Bench::new(verilated(&faulty, false), Board::named("icebreaker").unwrap().engine).unwrap();
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    let samples = recordings("bundled:train", 10, true);
    let ran = first_mismatch(&mut bench, &recorded_network(), &initial, SEED, &samples, 320);
    let error = ran.expect_err("a collision").to_string();
    assert!(error.contains("Assertion failed in vector_top.dut.bitmaps.bitmaps"), "{error}");
}
