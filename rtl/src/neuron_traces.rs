//! Traces of a neuron's two parameters, from its spike and membrane of the step before: m for θ, α̃ for α.
//!
//! Latency: 3 cycles from the memories' words. Throughput: one neuron a cycle. Handshake: none, a neuron's inputs
//! come at the stages named below. Reset: none, nothing is kept between neurons.
//!
//! ```text
//!   stage   N2                 N3                                    N4         N5
//!   in      memories' words    products of factors                   live
//!   out     factors                                                             m, α̃
//!                              min(255, a·(m + 32 s)/2^8), a·α̃ + v   sat(…)
//! ```

use crate::lif::DecayedSum;
use crate::prelude::*;

/// `m = min(255, (a·(m + 32·s)) >> 8)` and `α̃ = sat(((a·α̃ + 128) >> 8) + v)`; without traces `a·32·s` and `v`.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct NeuronTraces {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The traces' own past counts.
    pub traces: Signal<In, Bit>,
    /// m is kept, otherwise 0.
    pub keep_threshold_trace: Signal<In, Bit>,
    /// α̃ is kept, otherwise 0.
    pub keep_leak_trace: Signal<In, Bit>,
    /// s of the step before (stage N2).
    pub spike: Signal<In, Bit>,
    /// v of the step before, signed (N2).
    pub membrane: Signal<In, Bits<16>>,
    /// m of the step before (N2).
    pub threshold_trace: Signal<In, Bits<8>>,
    /// α̃ of the step before, signed (N2).
    pub leak_trace: Signal<In, Bits<16>>,
    /// m + 32·s, to be multiplied by a (N2).
    pub threshold_factor: Signal<Out, Bits<16>>,
    /// Bits 8 … 16 of the product, which has no more (N3).
    pub threshold_product: Signal<In, Bits<9>>,
    /// α̃, to be multiplied by a (N2).
    pub leak_factor: Signal<Out, Bits<16>>,
    /// Bits 7 … 23 of the product (N3).
    pub leak_product: Signal<In, Bits<17>>,
    /// A neuron that lives; if not, both are 0 (N4).
    pub live: Signal<In, Bit>,
    /// m (N5).
    pub new_threshold_trace: Signal<Out, Bits<8>>,
    /// α̃, signed (N5).
    pub new_leak_trace: Signal<Out, Bits<16>>,
    leak_sum: DecayedSum,
    held_membrane: DFF<Bits<16>>,
    limited: DFF<Bits<8>>,
    threshold_result: DFF<Bits<8>>,
    leak_result: DFF<Bits<16>>,
    past: Signal<Local, Bits<9>>,
    step: Signal<Local, Bits<9>>,
    sum: Signal<Local, Bits<9>>,
}

impl Logic for NeuronTraces {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held_membrane, limited, threshold_result, leak_result);
        clock!(self, clock, leak_sum);
        // N2.
        self.past.next = 0.into();
        self.leak_factor.next = 0.into();
        if self.traces.val() {
            self.past.next = bit_cast::<9, 8>(self.threshold_trace.val());
            self.leak_factor.next = self.leak_trace.val();
        }
        self.step.next = bit_cast::<9, 1>(self.spike.val().into()) << 5;
        self.sum.next = self.past.val() + self.step.val();
        self.threshold_factor.next = bit_cast::<16, 9>(self.sum.val());
        self.held_membrane.d.next = self.membrane.val();

        // N3.
        self.limited.d.next = bit_cast::<8, 9>(self.threshold_product.val());
        if self.threshold_product.val().get_bit(8) {
            self.limited.d.next = 255.into();
        }
        self.leak_sum.product.next = self.leak_product.val();
        self.leak_sum.addend.next = self.held_membrane.q.val();

        // N4.
        self.threshold_result.d.next = 0.into();
        if self.live.val() && self.keep_threshold_trace.val() {
            self.threshold_result.d.next = self.limited.q.val();
        }
        self.leak_result.d.next = 0.into();
        if self.live.val() && self.keep_leak_trace.val() {
            self.leak_result.d.next = self.leak_sum.result.val();
        }

        // N5.
        self.new_threshold_trace.next = self.threshold_result.q.val();
        self.new_leak_trace.next = self.leak_result.q.val();
    }
}
