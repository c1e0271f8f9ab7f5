//! The external tools, each on a few lines of Verilog: what is right passes, what is planted is found. A test whose tool
//! is missing says so and does not run (docs/toolchain.md).

mod claims;
mod devices;
mod pins;
mod runner;
mod timings;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sim::toolchain::running::Running;
use sim::toolchain::verilator::{Model, Options};
use sim::toolchain::yosys::{Ice40, Netlist, synth_ice40};
use sim::toolchain::{Design, Ports};

/// A sum with a reset and an enable; `carry` is out of the register and the inputs of the same cycle.
const ACCUMULATOR: &str = "
module accumulator(
    input wire clock, input wire reset, input wire enable, input wire [11:0] step,
    output wire [19:0] total, output wire carry
);
    reg [19:0] sum;
    wire [20:0] next = {1'b0, sum} + {9'd0, step};
    always @(posedge clock)
        if (reset) sum <= 20'd0;
        else if (enable) sum <= next[19:0];
    assign total = sum;
    assign carry = next[20];
endmodule
";

fn accumulator() -> Design {
    Design::new("accumulator", ACCUMULATOR)
}

fn accumulator_ports() -> Ports {
    Ports::clocked("clock", &[("reset", 1), ("enable", 1), ("step", 12)], &[("total", 20), ("carry", 1)])
}

/// The accumulator in Rust: values in, values out, before the edge.
#[derive(Default)]
struct Accumulator(u128);

impl Accumulator {
    fn step(&mut self, inputs: &[u128]) -> [u128; 2] {
        let sum = self.0 + inputs[2];
        let outputs = [self.0, sum >> 20];
        self.0 = match inputs[..] {
            [1, _, _] => 0,
            [_, 1, _] => sum & 0xf_ffff,
            _ => self.0,
        };
        outputs
    }
}

fn random_inputs(count: usize) -> impl Iterator<Item = [u128; 3]> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    (0..count).map(move |at| {
        // The first resets; later ones are rare, so that the sum wraps.
        let reset = at == 0 || random.random_ratio(1, 1000);
        [u128::from(reset), u128::from(random.random_ratio(3, 4)), random.random_range(0..0x1000)]
    })
}

/// The first cycle, if any, in which a model and the accumulator in Rust differ.
fn first_difference(running: &mut Running) -> Option<usize> {
    running.step(&[1, 0, 0]).unwrap();
    let mut expected = Accumulator::default();
    random_inputs(3000).position(|inputs| running.step(&inputs).unwrap() != expected.step(&inputs))
}

fn build(design: &Design, ports: &Ports) -> Model {
    Model::build(design, ports, &Options::default()).unwrap()
}

fn up5k(design: &Design) -> Netlist {
    synth_ice40(design, Ice40 { dsp: true, spram: true, dense: false }).unwrap()
}
