//! Memories: what the engine keeps of neurons and inputs, each with one read and one write port.
//!
//! Latency: read data one cycle after the address. Throughput: one read and one write a cycle and memory.
//! Handshake: enables; the engine keeps its passes and the host apart. Reset: 0 after configuration, θ 4.0; all but θ are
//! wiped by writing zeros.

use crate::leaf::ram::Ram;
use crate::prelude::*;
use arch::registers::RESET_THRESHOLD;

const RESET_THETA: u64 = RESET_THRESHOLD.to_bits() as u64;

/// `NA` address bits of neurons, `IA` of input locations.
#[derive(Default, LogicBlock)]
pub struct Memories<const NA: usize, const IA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,

    /// Reads v, θ, α̃ and the state of a neuron.
    pub neuron_read: Signal<In, Bit>,
    /// Which.
    pub neuron_read_address: Signal<In, Bits<NA>>,
    /// v, signed.
    pub membrane: Signal<Out, Bits<16>>,
    /// θ.
    pub threshold: Signal<Out, Bits<16>>,
    /// α̃, signed.
    pub leak_trace: Signal<Out, Bits<16>>,
    /// s, the code of φ, and m; see [`crate::neurons`].
    pub state: Signal<Out, Bits<16>>,
    /// Writes v, α̃ and the state.
    pub neuron_write: Signal<In, Bit>,
    /// Of which neuron; θ, too.
    pub neuron_write_address: Signal<In, Bits<NA>>,
    /// New v.
    pub membrane_write: Signal<In, Bits<16>>,
    /// New α̃.
    pub leak_trace_write: Signal<In, Bits<16>>,
    /// New state.
    pub state_write: Signal<In, Bits<16>>,
    /// Writes θ.
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

    membranes: Ram<NA, 16>,
    thresholds: Ram<NA, 16, RESET_THETA>,
    leak_traces: Ram<NA, 16>,
    states: Ram<NA, 16>,
    weight_traces: Ram<IA, 8>,
}

crate::collisions!(Memories<NA, IA> { membranes, thresholds, leak_traces, states, weight_traces });

impl<const NA: usize, const IA: usize> Logic for Memories<NA, IA> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, membranes, thresholds, leak_traces, states, weight_traces);

        // Neurons.
        self.membranes.read_enable.next = self.neuron_read.val();
        self.thresholds.read_enable.next = self.neuron_read.val();
        self.leak_traces.read_enable.next = self.neuron_read.val();
        self.states.read_enable.next = self.neuron_read.val();
        self.membranes.read_address.next = self.neuron_read_address.val();
        self.thresholds.read_address.next = self.neuron_read_address.val();
        self.leak_traces.read_address.next = self.neuron_read_address.val();
        self.states.read_address.next = self.neuron_read_address.val();
        self.membrane.next = self.membranes.read_data.val();
        self.threshold.next = self.thresholds.read_data.val();
        self.leak_trace.next = self.leak_traces.read_data.val();
        self.state.next = self.states.read_data.val();
        self.membranes.write_enable.next = self.neuron_write.val();
        self.leak_traces.write_enable.next = self.neuron_write.val();
        self.states.write_enable.next = self.neuron_write.val();
        self.membranes.write_address.next = self.neuron_write_address.val();
        self.leak_traces.write_address.next = self.neuron_write_address.val();
        self.states.write_address.next = self.neuron_write_address.val();
        self.membranes.write_data.next = self.membrane_write.val();
        self.leak_traces.write_data.next = self.leak_trace_write.val();
        self.states.write_data.next = self.state_write.val();
        self.thresholds.write_enable.next = self.threshold_write.val();
        self.thresholds.write_address.next = self.neuron_write_address.val();
        self.thresholds.write_data.next = self.threshold_write_data.val();

        // Inputs.
        self.weight_traces.read_enable.next = self.trace_read.val();
        self.weight_traces.read_address.next = self.trace_read_address.val();
        self.trace.next = self.weight_traces.read_data.val();
        self.weight_traces.write_enable.next = self.trace_write.val();
        self.weight_traces.write_address.next = self.trace_write_address.val();
        self.weight_traces.write_data.next = self.trace_write_data.val();
    }
}
