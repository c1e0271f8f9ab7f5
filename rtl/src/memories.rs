//! Memories: what the engine keeps of neurons and inputs, each with one read and one write port.
//!
//! Latency: read data one cycle after the address. Throughput: one read and one write a cycle and memory.
//! Handshake: enables; the engine keeps its passes and the host apart. Reset: 0 after configuration, θ 4.0; all but θ are
//! wiped by writing zeros.
//!
//! The neurons' memories are `P` banks each, neuron n in bank n mod P: a pass over neurons has those of `P` neighbours in a cycle. Who
//! wants one neuron reads its bank only, as θ of its neighbour may be written just then.

use crate::leaf::ram::Ram;
use crate::prelude::*;
use arch::registers::RESET_THRESHOLD;

const RESET_THETA: u64 = RESET_THRESHOLD.to_bits() as u64;

/// `P` neurons a cycle; `NA` address bits of neurons, `GA = NA − log2 P` of a bank, `IA` of input locations.
#[derive(LogicBlock)]
pub struct Memories<const P: usize, const NA: usize, const GA: usize, const IA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,

    /// Reads v, θ, α̃ and the state of a neuron.
    pub neuron_read: Signal<In, Bit>,
    /// And of its neighbours, those with the same number but for its lowest bits.
    pub neuron_read_all: Signal<In, Bit>,
    /// Which.
    pub neuron_read_address: Signal<In, Bits<NA>>,
    /// v, signed, of all.
    pub membrane: [Signal<Out, Bits<16>>; P],
    /// θ.
    pub threshold: [Signal<Out, Bits<16>>; P],
    /// α̃, signed.
    pub leak_trace: [Signal<Out, Bits<16>>; P],
    /// s, the code of φ, and m; see [`crate::neuron`].
    pub state: [Signal<Out, Bits<16>>; P],
    /// v of the one.
    pub one_membrane: Signal<Out, Bits<16>>,
    /// Its θ.
    pub one_threshold: Signal<Out, Bits<16>>,
    /// Its α̃.
    pub one_leak_trace: Signal<Out, Bits<16>>,
    /// Its state.
    pub one_state: Signal<Out, Bits<16>>,
    /// Writes v, α̃ and the state of a neuron and its neighbours.
    pub neuron_write: Signal<In, Bit>,
    /// Of which; θ, too.
    pub neuron_write_address: Signal<In, Bits<NA>>,
    /// New v.
    pub membrane_write: [Signal<In, Bits<16>>; P],
    /// New α̃.
    pub leak_trace_write: [Signal<In, Bits<16>>; P],
    /// New state.
    pub state_write: [Signal<In, Bits<16>>; P],
    /// Writes θ, of one neuron only.
    pub threshold_write: Signal<In, Bit>,
    /// New θ.
    pub threshold_write_data: Signal<In, Bits<16>>,

    /// Reads w̃.
    pub trace_read: Signal<In, Bit>,
    /// Of which input location.
    pub trace_read_address: Signal<In, Bits<IA>>,
    /// w̃.
    pub trace: Signal<Out, Bits<8>>,
    /// Writes w̃.
    pub trace_write: Signal<In, Bit>,
    /// Of which input location.
    pub trace_write_address: Signal<In, Bits<IA>>,
    /// New w̃.
    pub trace_write_data: Signal<In, Bits<8>>,

    membranes: [Ram<GA, 16>; P],
    thresholds: [Ram<GA, 16, RESET_THETA>; P],
    leak_traces: [Ram<GA, 16>; P],
    states: [Ram<GA, 16>; P],
    weight_traces: Ram<IA, 8>,
    /// Bank of the one.
    bank_now: DFF<Bits<NA>>,
    read_bank: Signal<Local, Bits<NA>>,
    read_word: Signal<Local, Bits<NA>>,
    write_bank: Signal<Local, Bits<NA>>,
    write_word: Signal<Local, Bits<NA>>,
    chosen: [Signal<Local, Bit>; P],
    bank: [Constant<Bits<NA>>; P],
    bank_bits: Constant<Bits<NA>>,
    bank_shift: Constant<Bits<4>>,
}

crate::default_block!(Memories<P, NA, GA, IA> {
    membrane: [(); P].map(|()| Default::default()),
    threshold: [(); P].map(|()| Default::default()),
    leak_trace: [(); P].map(|()| Default::default()),
    state: [(); P].map(|()| Default::default()),
    membrane_write: [(); P].map(|()| Default::default()),
    leak_trace_write: [(); P].map(|()| Default::default()),
    state_write: [(); P].map(|()| Default::default()),
    membranes: [(); P].map(|()| Default::default()),
    thresholds: [(); P].map(|()| Default::default()),
    leak_traces: [(); P].map(|()| Default::default()),
    states: [(); P].map(|()| Default::default()),
    chosen: [(); P].map(|()| Default::default()),
    bank: std::array::from_fn(|bank| Constant::new(Bits::wrapped(bank as u128))),
    bank_bits: Constant::new(Bits::wrapped(P as u128 - 1)),
    bank_shift: {
        const { assert!(P << GA == 1 << NA, "banks hold all neurons") };
        Constant::new(Bits::wrapped(P.ilog2().into()))
    },
} {
    clock, neuron_read, neuron_read_all, neuron_read_address, one_membrane, one_threshold, one_leak_trace, one_state, neuron_write,
    neuron_write_address, threshold_write, threshold_write_data, trace_read, trace_read_address, trace, trace_write,
    trace_write_address, trace_write_data, weight_traces, bank_now, read_bank, read_word, write_bank, write_word
});

impl<const P: usize, const NA: usize, const GA: usize, const IA: usize> Memories<P, NA, GA, IA> {
    /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        let banks = |banks: &[Ram<GA, 16>; P]| banks.iter().map(Ram::collisions).sum::<u64>();
        let thresholds = self.thresholds.iter().map(Ram::collisions).sum::<u64>();
        let state = banks(&self.membranes) + banks(&self.leak_traces) + banks(&self.states);
        state + thresholds + self.weight_traces.collisions()
    }
}

impl<const P: usize, const NA: usize, const GA: usize, const IA: usize> Logic for Memories<P, NA, GA, IA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bank_now);
        clock!(self, clock, weight_traces);

        // Neurons.
        self.read_bank.next = self.neuron_read_address.val() & self.bank_bits.val();
        self.read_word.next = self.neuron_read_address.val() >> self.bank_shift.val();
        self.write_bank.next = self.neuron_write_address.val() & self.bank_bits.val();
        self.write_word.next = self.neuron_write_address.val() >> self.bank_shift.val();
        if self.neuron_read.val() {
            self.bank_now.d.next = self.read_bank.val();
        }
        for i in 0..P {
            self.membranes[i].clock.next = self.clock.val();
            self.thresholds[i].clock.next = self.clock.val();
            self.leak_traces[i].clock.next = self.clock.val();
            self.states[i].clock.next = self.clock.val();
            self.chosen[i].next = self.neuron_read.val()
                && (self.neuron_read_all.val() || (self.read_bank.val() == self.bank[i].val()));
            self.membranes[i].read_enable.next = self.chosen[i].val();
            self.thresholds[i].read_enable.next = self.chosen[i].val();
            self.leak_traces[i].read_enable.next = self.chosen[i].val();
            self.states[i].read_enable.next = self.chosen[i].val();
            self.membranes[i].read_address.next = bit_cast::<GA, NA>(self.read_word.val());
            self.thresholds[i].read_address.next = bit_cast::<GA, NA>(self.read_word.val());
            self.leak_traces[i].read_address.next = bit_cast::<GA, NA>(self.read_word.val());
            self.states[i].read_address.next = bit_cast::<GA, NA>(self.read_word.val());
            self.membrane[i].next = self.membranes[i].read_data.val();
            self.threshold[i].next = self.thresholds[i].read_data.val();
            self.leak_trace[i].next = self.leak_traces[i].read_data.val();
            self.state[i].next = self.states[i].read_data.val();
            self.membranes[i].write_enable.next = self.neuron_write.val();
            self.leak_traces[i].write_enable.next = self.neuron_write.val();
            self.states[i].write_enable.next = self.neuron_write.val();
            self.membranes[i].write_address.next = bit_cast::<GA, NA>(self.write_word.val());
            self.leak_traces[i].write_address.next = bit_cast::<GA, NA>(self.write_word.val());
            self.states[i].write_address.next = bit_cast::<GA, NA>(self.write_word.val());
            self.membranes[i].write_data.next = self.membrane_write[i].val();
            self.leak_traces[i].write_data.next = self.leak_trace_write[i].val();
            self.states[i].write_data.next = self.state_write[i].val();
            self.thresholds[i].write_enable.next =
                self.threshold_write.val() && (self.write_bank.val() == self.bank[i].val());
            self.thresholds[i].write_address.next = bit_cast::<GA, NA>(self.write_word.val());
            self.thresholds[i].write_data.next = self.threshold_write_data.val();
        }
        self.one_membrane.next = self.membranes[0].read_data.val();
        self.one_threshold.next = self.thresholds[0].read_data.val();
        self.one_leak_trace.next = self.leak_traces[0].read_data.val();
        self.one_state.next = self.states[0].read_data.val();
        for i in 1..P {
            if self.bank_now.q.val() == self.bank[i].val() {
                self.one_membrane.next = self.membranes[i].read_data.val();
                self.one_threshold.next = self.thresholds[i].read_data.val();
                self.one_leak_trace.next = self.leak_traces[i].read_data.val();
                self.one_state.next = self.states[i].read_data.val();
            }
        }

        // Inputs.
        self.weight_traces.read_enable.next = self.trace_read.val();
        self.weight_traces.read_address.next = self.trace_read_address.val();
        self.trace.next = self.weight_traces.read_data.val();
        self.weight_traces.write_enable.next = self.trace_write.val();
        self.weight_traces.write_address.next = self.trace_write_address.val();
        self.weight_traces.write_data.next = self.trace_write_data.val();
    }
}
