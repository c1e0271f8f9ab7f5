//! Memories: what the engine keeps of neurons and inputs, each with one read and one write port, and the host's way to them.
//!
//! Latency: read data one cycle after the address. Throughput: one read and one write a cycle and memory.
//! Handshake: enables; the engine keeps its passes and the host apart. Reset: 0 after configuration, θ 4.0; `wipe` writes
//! a word of each memory of state a cycle.

use crate::leaf::ram::Ram;
use crate::prelude::*;
use arch::registers::RESET_THRESHOLD;

const RESET_THETA: u64 = RESET_THRESHOLD.to_bits() as u64;

/// `NA` address bits of neurons, `IA` of input locations; `BM = NA − 2` of the neurons' bitmaps, `AM = IA − 4` of one of
/// inputs, `EM = IA − 3` of two.
#[derive(LogicBlock)]
pub struct Memories<const NA: usize, const IA: usize, const BM: usize, const AM: usize, const EM: usize> {
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
    /// Of which neuron.
    pub neuron_write_address: Signal<In, Bits<NA>>,
    /// New v.
    pub membrane_write: Signal<In, Bits<16>>,
    /// New α̃.
    pub leak_trace_write: Signal<In, Bits<16>>,
    /// New state.
    pub state_write: Signal<In, Bits<16>>,
    /// Writes θ.
    pub threshold_write: Signal<In, Bit>,
    /// Of which neuron.
    pub threshold_write_address: Signal<In, Bits<NA>>,
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

    /// Reads a word of the neurons' bitmaps: spikes, then open surrogates, then errors.
    pub bitmap_read: Signal<In, Bit>,
    /// Which.
    pub bitmap_read_address: Signal<In, Bits<BM>>,
    /// Its bits.
    pub bitmap: Signal<Out, Bits<16>>,
    /// Writes one.
    pub bitmap_write: Signal<In, Bit>,
    /// Which.
    pub bitmap_write_address: Signal<In, Bits<BM>>,
    /// New bits.
    pub bitmap_write_data: Signal<In, Bits<16>>,
    /// Reads a word of the bitmap of active traces.
    pub active_read: Signal<In, Bit>,
    /// Which.
    pub active_read_address: Signal<In, Bits<AM>>,
    /// Its bits.
    pub active: Signal<Out, Bits<16>>,
    /// Writes one.
    pub active_write: Signal<In, Bit>,
    /// Which.
    pub active_write_address: Signal<In, Bits<AM>>,
    /// New bits.
    pub active_write_data: Signal<In, Bits<16>>,
    /// Reads a word of the events' two pages.
    pub event_read: Signal<In, Bit>,
    /// Which.
    pub event_read_address: Signal<In, Bits<EM>>,
    /// Its bits.
    pub events_now: Signal<Out, Bits<16>>,
    /// Writes one.
    pub event_write: Signal<In, Bit>,
    /// Which.
    pub event_write_address: Signal<In, Bits<EM>>,
    /// New bits.
    pub event_write_data: Signal<In, Bits<16>>,

    /// Writes the words at this address of every memory of state; θ stays. The units give zeros while they rest.
    pub wipe: Signal<In, Bit>,
    /// Address, beyond the end of smaller memories.
    pub wipe_address: Signal<In, Bits<16>>,

    /// Reads an element for the host.
    pub host_read: Signal<In, Bit>,
    /// Address space, by its code.
    pub host_space: Signal<In, Bits<4>>,
    /// Element.
    pub host_address: Signal<In, Bits<20>>,
    /// The element, one cycle later, zero-extended; 0 of spaces that are not here.
    pub host_value: Signal<Out, Bits<16>>,

    membranes: Ram<NA, 16>,
    thresholds: Ram<NA, 16, RESET_THETA>,
    leak_traces: Ram<NA, 16>,
    states: Ram<NA, 16>,
    weight_traces: Ram<IA, 8>,
    bitmaps: Ram<BM, 16>,
    actives: Ram<AM, 16>,
    events: Ram<EM, 16>,
    space_now: DFF<Bits<4>>,
    bit_now: DFF<Bits<4>>,
    host_word: Signal<Local, Bits<20>>,
    neuron: Signal<Local, Bits<NA>>,
    spike: Signal<Local, Bit>,
    space: [Constant<Bits<4>>; 13],
}

crate::default_block!(Memories<NA, IA, BM, AM, EM> {
    space: std::array::from_fn(|code| Constant::new(Bits::wrapped(code as u128))),
} {
    clock, neuron_read, neuron_read_address, membrane, threshold, leak_trace, state, neuron_write, neuron_write_address,
    membrane_write, leak_trace_write, state_write, threshold_write, threshold_write_address, threshold_write_data,
    trace_read, trace_read_address, trace, trace_write, trace_write_address, trace_write_data, bitmap_read,
    bitmap_read_address, bitmap, bitmap_write, bitmap_write_address, bitmap_write_data, active_read, active_read_address,
    active, active_write, active_write_address, active_write_data, event_read, event_read_address, events_now, event_write,
    event_write_address, event_write_data, wipe, wipe_address, host_read, host_space, host_address, host_value, membranes,
    thresholds, leak_traces, states, weight_traces, bitmaps, actives, events, space_now, bit_now, host_word, neuron, spike
});

impl<const NA: usize, const IA: usize, const BM: usize, const AM: usize, const EM: usize> Logic
    for Memories<NA, IA, BM, AM, EM>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, space_now, bit_now);
        clock!(
            self,
            clock,
            membranes,
            thresholds,
            leak_traces,
            states,
            weight_traces,
            bitmaps,
            actives,
            events
        );

        // Neurons.
        self.neuron.next = self.neuron_read_address.val();
        if self.host_read.val() {
            self.neuron.next = bit_cast::<NA, 20>(self.host_address.val());
        }
        self.membranes.read_enable.next = self.neuron_read.val() || self.host_read.val();
        self.thresholds.read_enable.next = self.neuron_read.val() || self.host_read.val();
        self.leak_traces.read_enable.next = self.neuron_read.val() || self.host_read.val();
        self.states.read_enable.next = self.neuron_read.val() || self.host_read.val();
        self.membranes.read_address.next = self.neuron.val();
        self.thresholds.read_address.next = self.neuron.val();
        self.leak_traces.read_address.next = self.neuron.val();
        self.states.read_address.next = self.neuron.val();
        self.membrane.next = self.membranes.read_data.val();
        self.threshold.next = self.thresholds.read_data.val();
        self.leak_trace.next = self.leak_traces.read_data.val();
        self.state.next = self.states.read_data.val();
        self.membranes.write_enable.next = self.neuron_write.val() || self.wipe.val();
        self.leak_traces.write_enable.next = self.neuron_write.val() || self.wipe.val();
        self.states.write_enable.next = self.neuron_write.val() || self.wipe.val();
        self.membranes.write_address.next = self.neuron_write_address.val();
        self.leak_traces.write_address.next = self.neuron_write_address.val();
        self.states.write_address.next = self.neuron_write_address.val();
        self.membranes.write_data.next = self.membrane_write.val();
        self.leak_traces.write_data.next = self.leak_trace_write.val();
        self.states.write_data.next = self.state_write.val();
        self.thresholds.write_enable.next = self.threshold_write.val();
        self.thresholds.write_address.next = self.threshold_write_address.val();
        self.thresholds.write_data.next = self.threshold_write_data.val();

        // Inputs.
        self.weight_traces.read_enable.next = self.trace_read.val() || self.host_read.val();
        self.weight_traces.read_address.next = self.trace_read_address.val();
        self.trace.next = self.weight_traces.read_data.val();
        self.weight_traces.write_enable.next = self.trace_write.val() || self.wipe.val();
        self.weight_traces.write_address.next = self.trace_write_address.val();
        self.weight_traces.write_data.next = self.trace_write_data.val();

        // Bitmaps.
        self.host_word.next = self.host_address.val() >> 4;
        self.bitmaps.read_enable.next = self.bitmap_read.val() || self.host_read.val();
        self.bitmaps.read_address.next = self.bitmap_read_address.val();
        self.bitmap.next = self.bitmaps.read_data.val();
        self.bitmaps.write_enable.next = self.bitmap_write.val() || self.wipe.val();
        self.bitmaps.write_address.next = self.bitmap_write_address.val();
        self.bitmaps.write_data.next = self.bitmap_write_data.val();
        self.actives.read_enable.next = self.active_read.val();
        self.actives.read_address.next = self.active_read_address.val();
        self.active.next = self.actives.read_data.val();
        self.actives.write_enable.next = self.active_write.val() || self.wipe.val();
        self.actives.write_address.next = self.active_write_address.val();
        self.actives.write_data.next = self.active_write_data.val();
        self.events.read_enable.next = self.event_read.val();
        self.events.read_address.next = self.event_read_address.val();
        self.events_now.next = self.events.read_data.val();
        self.events.write_enable.next = self.event_write.val();
        self.events.write_address.next = self.event_write_address.val();
        self.events.write_data.next = self.event_write_data.val();

        if self.host_read.val() {
            self.weight_traces.read_address.next = bit_cast::<IA, 20>(self.host_address.val());
            self.bitmaps.read_address.next = bit_cast::<BM, 20>(self.host_word.val());
        }
        if self.wipe.val() {
            self.membranes.write_address.next = bit_cast::<NA, 16>(self.wipe_address.val());
            self.leak_traces.write_address.next = bit_cast::<NA, 16>(self.wipe_address.val());
            self.states.write_address.next = bit_cast::<NA, 16>(self.wipe_address.val());
            self.weight_traces.write_address.next = bit_cast::<IA, 16>(self.wipe_address.val());
            self.bitmaps.write_address.next = bit_cast::<BM, 16>(self.wipe_address.val());
            self.actives.write_address.next = bit_cast::<AM, 16>(self.wipe_address.val());
        }

        // The host's element.
        if self.host_read.val() {
            self.space_now.d.next = self.host_space.val();
            self.bit_now.d.next = bit_cast::<4, 20>(self.host_address.val());
        }
        self.spike.next = self.bitmaps.read_data.val().get_bit(self.bit_now.q.val().index());
        self.host_value.next = 0.into();
        if self.space_now.q.val() == self.space[3].val() {
            self.host_value.next = self.thresholds.read_data.val();
        }
        if self.space_now.q.val() == self.space[5].val() {
            self.host_value.next = self.membranes.read_data.val();
        }
        if (self.space_now.q.val() == self.space[6].val()) && self.spike.val() {
            self.host_value.next = 1.into();
        }
        if self.space_now.q.val() == self.space[7].val() {
            self.host_value.next = bit_cast::<16, 8>(self.weight_traces.read_data.val());
        }
        if self.space_now.q.val() == self.space[8].val() {
            self.host_value.next = bit_cast::<16, 8>(self.states.read_data.val().get_bits::<8>(0));
        }
        if self.space_now.q.val() == self.space[9].val() {
            self.host_value.next = self.leak_traces.read_data.val();
        }
    }
}
