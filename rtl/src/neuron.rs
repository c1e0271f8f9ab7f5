//! Neuron: the arithmetic of one neuron a cycle, from its memories' words to its new ones.
//!
//! Latency: 4 cycles from the current, 3 from the memories' words. Throughput: one neuron a cycle. Handshake: none, a neuron's
//! inputs come at the stages named below. Reset: none, nothing is kept between neurons.
//!
//! ```text
//!   stage   N1       N2                 N3                    N4             N5
//!   in      current  memories' words    products              live           wrong
//!   out              factors                                                 s, u, open; δ; new words
//! ```
//!
//! A pass has as many of these as it fires neurons a cycle: [`crate::neurons`].

use crate::lif::Lif;
use crate::neuron_traces::NeuronTraces;
use crate::prelude::*;
use crate::surrogate::{OutputError, Surrogate};

/// Currents of `IW` bits, 16 or 24.
#[derive(LogicBlock)]
pub struct Neuron<const IW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// f, fraction bits of the weights and of the current, 4 … 15.
    pub fraction_bits: Signal<In, Bits<4>>,
    /// 0 shift, 1 rectangle, 2 triangle.
    pub surrogate: Signal<In, Bits<2>>,
    /// m is kept, otherwise 0.
    pub keep_threshold_trace: Signal<In, Bit>,
    /// α̃ is kept, otherwise 0.
    pub keep_leak_trace: Signal<In, Bit>,
    /// The traces' own past counts.
    pub traces: Signal<In, Bit>,
    /// Is there a current? If not, I is 0 (stage N1).
    pub current_valid: Signal<In, Bit>,
    /// I, signed (N1).
    pub current: Signal<In, Bits<IW>>,
    /// v, signed (N2).
    pub membrane: Signal<In, Bits<16>>,
    /// θ, signed and positive (N2).
    pub threshold: Signal<In, Bits<16>>,
    /// α̃, signed (N2).
    pub leak_trace: Signal<In, Bits<16>>,
    /// s, φ − 1 (7), m (8) from the top down (N2).
    pub state: Signal<In, Bits<16>>,
    /// Signed, to be multiplied by a (N2).
    pub factor: [Signal<Out, Bits<16>>; 3],
    /// Their products, signed (N3).
    pub product: [Signal<In, Bits<32>>; 3],
    /// A neuron that lives; if not, all that follows is 0 (N4).
    pub live: Signal<In, Bit>,
    /// Of an output layer in a step with a loss: s ≠ y (N5).
    pub wrong: Signal<In, Bit>,
    /// s (N5).
    pub spike: Signal<Out, Bit>,
    /// u, signed (N5).
    pub potential: Signal<Out, Bits<16>>,
    /// φ ≠ 0 (N5).
    pub open: Signal<Out, Bit>,
    /// δ, signed; 0 unless `wrong` (N5).
    pub delta: Signal<Out, Bits<8>>,
    /// δ ≠ 0 (N5).
    pub erring: Signal<Out, Bit>,
    /// v after the reset (N5).
    pub membrane_write: Signal<Out, Bits<16>>,
    /// α̃ (N5).
    pub leak_trace_write: Signal<Out, Bits<16>>,
    /// As `state`; φ − 1 is written as 0 where φ = 0 (N5).
    pub state_write: Signal<Out, Bits<16>>,
    lif: Lif<IW>,
    neuron_traces: NeuronTraces,
    slope: Surrogate,
    output_error: OutputError,
    kept_code: Signal<Local, Bits<7>>,
}

crate::default_block!(Neuron<IW> {} {
    clock, fraction_bits, surrogate, keep_threshold_trace, keep_leak_trace, traces, current_valid, current, membrane, threshold,
    leak_trace, state, factor, product, live, wrong, spike, potential, open, delta, erring, membrane_write, leak_trace_write,
    state_write, lif, neuron_traces, slope, output_error, kept_code
});

impl<const IW: usize> Logic for Neuron<IW> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, lif, neuron_traces);

        // N1 to N3: current, products and sums.
        self.lif.current.next = self.current.val();
        self.lif.current_valid.next = self.current_valid.val();
        self.lif.fraction_bits.next = self.fraction_bits.val();
        self.factor[0].next = self.membrane.val();
        self.factor[1].next = self.neuron_traces.threshold_factor.val();
        self.factor[2].next = self.neuron_traces.leak_factor.val();
        self.lif.product.next = self.product[0].val().get_bits::<17>(7);
        self.lif.threshold.next = self.threshold.val().get_bits::<11>(0);
        self.neuron_traces.traces.next = self.traces.val();
        self.neuron_traces.keep_threshold_trace.next = self.keep_threshold_trace.val();
        self.neuron_traces.keep_leak_trace.next = self.keep_leak_trace.val();
        self.neuron_traces.spike.next = self.state.val().get_bit(15);
        self.neuron_traces.threshold_trace.next = self.state.val().get_bits::<8>(0);
        self.neuron_traces.membrane.next = self.membrane.val();
        self.neuron_traces.leak_trace.next = self.leak_trace.val();
        self.neuron_traces.threshold_product.next = self.product[1].val().get_bits::<9>(8);
        self.neuron_traces.leak_product.next = self.product[2].val().get_bits::<17>(7);

        // N4: potential and distance.
        self.lif.live.next = self.live.val();
        self.neuron_traces.live.next = self.live.val();

        // N5: spike, surrogate, error, new words.
        self.spike.next = self.lif.spike.val();
        self.potential.next = self.lif.potential.val();
        self.slope.distance.next = self.lif.distance.val();
        self.slope.kind.next = self.surrogate.val();
        self.open.next = self.slope.open.val();
        self.output_error.wrong.next = self.wrong.val();
        self.output_error.spike.next = self.lif.spike.val();
        self.output_error.open.next = self.slope.open.val();
        self.output_error.code.next = self.slope.code.val();
        self.delta.next = self.output_error.delta.val();
        self.erring.next = self.output_error.erring.val();
        self.membrane_write.next = self.lif.membrane.val();
        self.leak_trace_write.next = self.neuron_traces.new_leak_trace.val();
        self.kept_code.next = 0.into();
        if self.slope.open.val() {
            self.kept_code.next = self.slope.code.val();
        }
        self.state_write.next = (bit_cast::<16, 1>(self.lif.spike.val().into()) << 15)
            | (bit_cast::<16, 7>(self.kept_code.val()) << 8)
            | bit_cast::<16, 8>(self.neuron_traces.new_threshold_trace.val());
    }
}
