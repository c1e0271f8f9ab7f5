//! The emitted Verilog in Verilator beside the model: engines on real recordings. Needs Verilator.

use std::path::PathBuf;

use arch::network::Shifts;
use arch::protocol::{Begin, Teacher};
use arch::{Board, Capacity, Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use events::{Dataset, Encoding, ImageCode};
use model::fixed::{Initial, initial_parameters};
use rtl::alone::engine;
use rtl::configurations::{ICEBREAKER, SMALL_W8, SMALL_X8, SMALL_X16, Sizes};
use rtl::verilog::Design as Emitted;
use sim::agreement::{Agreed, Mismatch, Sample, first_mismatch, waves};
use sim::bench::{Bench, Verilated};
use sim::lockstep::{ASSERTING, design_of};
use sim::toolchain::need;
use sim::toolchain::verilator::{Model, Options, TOOLS};

use crate::cases::{CLOCK_HZ, INITIAL, SEED, explained, network, samples};

pub fn emitted(built: Sizes) -> Emitted {
    engine(built).expect("is built").emit().expect("emits")
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
pub fn run(
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
    let (design, capacity) = (emitted(ICEBREAKER), Board::named("icebreaker").unwrap().engine);
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
            agreed.counts.ideal_cycles(1) / count as u64,
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
    let mut bench = Bench::new(verilated(&emitted(ICEBREAKER), false), capacity).unwrap();
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

/// Four neurons a cycle on 16 lanes, one on 8: the same bits, since the model is the same, and less time for neurons.
#[cfg(feature = "boards")]
#[test]
fn four_neurons_a_cycle_learn_real_recordings_like_one() {
    if !need(TOOLS) {
        return;
    }
    let designs = [(ICEBREAKER, "icebreaker"), (rtl::configurations::SIMULATED_X16, "simulated-x16")]
        .map(|(built, name)| (1 << built.fire_bits, emitted(built), Board::named(name).unwrap().engine));
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    for (source, count, learn) in [("bundled:train", 100, true), ("bundled:test", 30, false)] {
        let samples = recordings(source, count, learn);
        let [one, four] = designs.each_ref().map(|(width, design, capacity)| {
            let agreed = run(design, capacity, &recorded_network(), &initial, &samples, 320)
                .unwrap_or_else(|(mismatch, waves)| panic!("{mismatch}; waves: {}", waves.display()));
            let a_recording = |cycles: u64| cycles / count as u64;
            println!(
                "{source}, {} lanes, {width} neurons a cycle: {} cycles a recording, ideal {}, utilisation {:.3}: {:?}",
                capacity.lanes,
                a_recording(agreed.cycles.total()),
                a_recording(agreed.counts.ideal_cycles(*width)),
                agreed.cycles.utilisation(&agreed.counts, *width),
                agreed.cycles.by_kind().map(|(kind, cycles)| (kind, a_recording(cycles)))
            );
            agreed
        });
        // Beside a pass that learns goes the one over the traces, an input a cycle.
        let most = one.cycles.fire * if learn { 9 } else { 4 } / 10;
        assert!(four.cycles.fire < most, "{one:?}, {four:?}");
    }
}

#[test]
fn small_engines_verilog_agrees_with_the_model() {
    if !need(TOOLS) {
        return;
    }
    let designs = [SMALL_W8, SMALL_X8, SMALL_X16].map(|built| (built.capacity(CLOCK_HZ), emitted(built)));
    // Layers that end where a cycle's neurons do, and between.
    for sizes in [&[33, 24, 5][..], &[29, 18, 7, 3]] {
        let network = network(sizes, WeightBits::Eight, Learn::WTL, Surrogate::Shift);
        let samples = samples(&network, 20);
        for (capacity, design) in &designs {
            let agreed = run(design, capacity, &network, &INITIAL, &samples, 1)
                .unwrap_or_else(|(mismatch, waves)| panic!("{mismatch}; waves: {}", waves.display()));
            println!("{} lanes, {sizes:?}: {agreed:?}", capacity.lanes);
        }
    }
}

/// A memory that is read where it is written stops the model: here one whose value nobody wants at the time.
#[test]
fn a_planted_collision_stops_the_model() {
    if !need(TOOLS) {
        return;
    }
    let sound = emitted(ICEBREAKER);
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
