//! Faults planted in the emitted Verilog: each is found by the comparison, in the memory meant for it. Needs Verilator.

use arch::{Learn, Surrogate, WeightBits};
use rtl::configurations::{SMALL_W8, SMALL_X16, Sizes};
use rtl::verilog::Design as Emitted;
use sim::toolchain::need;
use sim::toolchain::verilator::TOOLS;

use crate::cases::{CLOCK_HZ, INITIAL, network, samples};
use crate::verilog::{emitted, run};

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
    Planted { name: "a label beside the host", from: "&& by_label;", to: "&& 1'b1;", shows: "error" },
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

/// Those of four neurons a cycle.
const PLANTED_WIDE: [Planted; 4] = [
    Planted {
        name: "neighbours that get each other's current",
        from: ".current_1(lanes_element_1),\n        .current_2(lanes_element_2),",
        to: ".current_1(lanes_element_2),\n        .current_2(lanes_element_1),",
        shows: "membrane",
    },
    Planted {
        name: "a place behind the last neuron that is one",
        from: "assign absent_3 = (|last_count) && (slot_3 >= last_count);",
        to: "assign absent_3 = 1'b0;",
        // It has no weights and no current: all it does is to want an error from above.
        shows: "back_propagated",
    },
    Planted {
        name: "errors of which one is stored",
        from: "lanes = first_lanes << lane;",
        to: "lanes = one_lane << lane;",
        shows: "error",
    },
    Planted {
        name: "a threshold that goes to its neighbour, too",
        from: "thresholds_1_write_enable = threshold_write && (write_bank == bank_1);",
        to: "thresholds_1_write_enable = threshold_write;",
        shows: "threshold",
    },
];

fn are_found(built: Sizes, sizes: &[u16], faults: &[Planted]) {
    let sound = emitted(built);
    let network = network(sizes, WeightBits::Eight, Learn::WTL, Surrogate::Shift);
    let samples = samples(&network, 20);
    for planted in faults {
        assert_eq!(sound.text.matches(planted.from).count(), 1, "{}: its place in the text", planted.name);
        let faulty = Emitted { text: sound.text.replace(planted.from, planted.to), ..sound.clone() };
        match run(&faulty, &built.capacity(CLOCK_HZ), &network, &INITIAL, &samples, 1) {
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

#[test]
fn planted_faults_are_found_by_name() {
    if need(TOOLS) {
        are_found(SMALL_W8, &[33, 24, 5], &PLANTED);
    }
}

#[test]
fn faults_of_neighbours_are_found_by_name() {
    if need(TOOLS) {
        are_found(SMALL_X16, &[33, 22, 5], &PLANTED_WIDE);
    }
}
