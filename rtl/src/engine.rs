//! Engine: the sequencer, its units and their memories.
//!
//! Latency and throughput: `docs/datapath.md`, cycle by cycle. Handshake: one command at a time while not `busy`; `done` in
//! its last cycle. Reset: none needed; after configuration it wipes the weights by itself and is `busy` meanwhile.
//!
//! The sequence of the passes: [`crate::sequencer`]. Here is what they are wired to.

use crate::bitmaps::Bitmaps;
use crate::element::Element;
use crate::errors::Errors;
use crate::lanes::Lanes;
use crate::layer::Layer;
use crate::leaf::ram::Ram;
use crate::memories::Memories;
use crate::neurons::Neurons;
use crate::noise::Seed;
use crate::prelude::*;
use crate::score_banks::ScoreBanks;
use crate::sequencer::Sequencer;
use crate::tally::{PASS_BITS, Tally};
use crate::traces::Traces;
use crate::updates::Updates;
use crate::walk::Walk;
use arch::registers::Space;

/// Widths as in [`Lanes`]; `FA = KA + 1` of the lists of words with errors, `IA` address bits of input locations, `CA` of classes, `CB` of a bank of their scores and the counters, `GA` of a bank of neurons, `TA` of the layer table, `PA` of the
/// largest memory, `SA` of the largest of state, `ST` as in [`Issued`](crate::issued::Issued); the rest as in [`Bitmaps`].
#[derive(LogicBlock)]
pub struct Engine<
    const LANES: usize,
    const LB: usize,
    const WB: usize,
    const IW: usize,
    const TB: usize,
    const PB: usize,
    const HB: usize,
    const EW: usize,
    const NA: usize,
    const KA: usize,
    const FA: usize,
    const BA: usize,
    const WA: usize,
    const IA: usize,
    const CA: usize,
    const TA: usize,
    const PA: usize,
    const SA: usize,
    const BM: usize,
    const AM: usize,
    const EM: usize,
    const JA: usize,
    const P: usize,
    const LF: usize,
    const GA: usize,
    const CB: usize,
    const ST: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Clears every memory of state: a network becomes active.
    pub activate: Signal<In, Bit>,
    /// A sample begins; `learning`, `host_teaches`, `label` and `layers` are taken until the next.
    pub begin_sample: Signal<In, Bit>,
    /// The sample learns.
    pub learning: Signal<In, Bit>,
    /// Its output errors are the host's, not the label's.
    pub host_teaches: Signal<In, Bit>,
    /// Its class.
    pub label: Signal<In, Bits<16>>,
    /// Layers of the network.
    pub layers: Signal<In, Bits<TA>>,
    /// A time step on the events written since the last one.
    pub step: Signal<In, Bit>,
    /// The step has a loss.
    pub with_loss: Signal<In, Bit>,
    /// Was any event written?
    pub any_event: Signal<In, Bit>,
    /// The step learns from the errors that were written since it ran; only after a step with a loss, and once.
    pub teach: Signal<In, Bit>,
    /// The sample is over.
    pub end_sample: Signal<In, Bit>,
    /// The counters begin anew.
    pub clear_counts: Signal<In, Bit>,
    /// A command is being executed.
    pub busy: Signal<Out, Bit>,
    /// Its last cycle.
    pub done: Signal<Out, Bit>,
    /// Output spikes of the sample that were wrong, missing or surplus.
    pub wrong_spikes: Signal<Out, Bits<32>>,

    /// Writes a word of the next step's events: each word of the input, also where it is 0.
    pub event_write: Signal<In, Bit>,
    /// Which.
    pub event_word: Signal<In, Bits<AM>>,
    /// Its bits.
    pub event_data: Signal<In, Bits<16>>,

    /// Sets the noise generator's state.
    pub seed_load: Signal<In, Bit>,
    /// The state; not 0.
    pub seed_value: Signal<In, Bits<32>>,
    /// The state.
    pub seed: Signal<Out, Bits<32>>,

    /// Reads an element, while not `busy`.
    pub host_read: Signal<In, Bit>,
    /// Writes one: a weight, a threshold, a word of the layer table, or δ of an output neuron, ascending.
    pub host_write: Signal<In, Bit>,
    /// Address space, by its code ([`arch::registers::Space`]), of registers the counters; 1, where the wire has descriptors, is the
    /// layer table.
    pub host_space: Signal<In, Bits<4>>,
    /// Element.
    pub host_address: Signal<In, Bits<20>>,
    /// New value.
    pub host_data: Signal<In, Bits<16>>,
    /// The element read, one cycle later, zero-extended.
    pub host_value: Signal<Out, Bits<32>>,

    /// A word was read to integrate.
    pub integrate_word: Signal<Out, Bit>,
    /// A word was read to learn.
    pub learn_word: Signal<Out, Bit>,

    sequencer: Sequencer<TA, PA, SA>,
    seed_register: Seed,
    bitmaps: Bitmaps<NA, IA, BM, AM, EM, JA>,
    walk: Walk<KA, FA, WA, IA>,
    lanes: Lanes<LANES, LB, WB, IW, TB, PB, HB, EW, NA, KA, BA, WA, P, LF, ST>,
    errors: Errors<P, LB, KA>,
    neurons: Neurons<P, NA, IW, ST>,
    traces: Traces<IA, ST>,
    updates: Updates<NA, ST>,
    scores: ScoreBanks<P, CA, CB>,
    tally: Tally,
    layer: Layer<WA, NA, IA, KA, TA>,
    /// The layer table: before a network is written, words of the leaks' reset value.
    records: Ram<TA, 16, { arch::registers::RESET_LEAK.to_bits() as u64 }>,
    memories: Memories<P, NA, GA, IA>,
    element: Element,
    sample_label: DFF<Bits<16>>,
    by_label: DFF<Bit>,
    wrong: DFF<Bits<32>>,

    alpha: Signal<Local, Bits<16>>,
    neuron_word: Signal<Local, Bits<NA>>,
    /// An input or a neuron: the scanner's, or the host's.
    index: Signal<Local, Bits<IA>>,
    neuron_index: Signal<Local, Bits<NA>>,
    /// First neuron of the layer whose neurons a pass is over, or reads and writes δ of.
    pass_base: Signal<Local, Bits<NA>>,
    neuron_base: Signal<Local, Bits<NA>>,
    trace_base: Signal<Local, Bits<IA>>,
    neuron_address: Signal<Local, Bits<NA>>,
    written_index: Signal<Local, Bits<NA>>,
    written_neuron: Signal<Local, Bits<NA>>,
    idle_address: Signal<Local, Bits<20>>,
    is_weight: Signal<Local, Bit>,
    is_threshold: Signal<Local, Bit>,
    is_table: Signal<Local, Bit>,
    is_output_error: Signal<Local, Bit>,
    is_counter: Signal<Local, Bit>,
    lane_bits: Constant<Bits<4>>,
    counter_space: Constant<Bits<4>>,
    count_space: Constant<Bits<4>>,
    sum_space: Constant<Bits<4>>,
    table_space: Constant<Bits<4>>,
    weight_space: Constant<Bits<4>>,
    threshold_space: Constant<Bits<4>>,
    output_error_space: Constant<Bits<4>>,
    leak_word: Constant<Bits<TA>>,
    zero_neuron: Constant<Bits<NA>>,
    zero_trace: Constant<Bits<IA>>,
    /// Bits of a label and of the wrong spikes that can be 1.
    label_bits: Constant<Bits<16>>,
    wrong_bits: Constant<Bits<32>>,
}

crate::default_block!(Engine<LANES, LB, WB, IW, TB, PB, HB, EW, NA, KA, FA, BA, WA, IA, CA, TA, PA, SA, BM, AM, EM, JA, P, LF, GA, CB, ST> {
    lane_bits: Constant::new(Bits::wrapped(LB as u128)),
    tally: {
        const { assert!(WA <= PASS_BITS, "a pass may visit every word") };
        Tally::new(NA)
    },
    counter_space: Constant::new(0.into()),
    count_space: Constant::new(11.into()),
    sum_space: Constant::new(12.into()),
    table_space: Constant::new(1.into()),
    weight_space: Constant::new(2.into()),
    threshold_space: Constant::new(3.into()),
    output_error_space: Constant::new(Bits::wrapped(Space::OutputErrors as u128)),
    leak_word: Constant::new(Bits::wrapped(8)),
    zero_neuron: Constant::new(Bits::wrapped(0)),
    zero_trace: Constant::new(Bits::wrapped(0)),
    label_bits: Constant::new(Bits::wrapped((1 << NA) - 1)),
    wrong_bits: Constant::new(Bits::wrapped((1 << (CA + 16)) - 1)),
} {
    clock, activate, begin_sample, learning, host_teaches, label, layers, step, with_loss, any_event, teach, end_sample, clear_counts, busy, done,
    wrong_spikes, event_write, event_word, event_data, seed_load, seed_value, seed, host_read,
    host_write, host_space, host_address, host_data, host_value, integrate_word, learn_word, sequencer, seed_register,
    bitmaps, walk, lanes, errors, neurons, traces, updates, scores, layer, records, memories, element, sample_label, by_label, wrong,
    alpha, neuron_word, index, neuron_index, pass_base, neuron_base, trace_base, neuron_address, written_index, written_neuron,
    idle_address, is_weight, is_threshold, is_table, is_output_error, is_counter
});

crate::collisions!(
    Engine<LANES, LB, WB, IW, TB, PB, HB, EW, NA, KA, FA, BA, WA, IA, CA, TA, PA, SA, BM, AM, EM, JA, P, LF, GA, CB, ST> {
        bitmaps, walk, lanes, scores, records, memories
    }
);

impl<
    const LANES: usize,
    const LB: usize,
    const WB: usize,
    const IW: usize,
    const TB: usize,
    const PB: usize,
    const HB: usize,
    const EW: usize,
    const NA: usize,
    const KA: usize,
    const FA: usize,
    const BA: usize,
    const WA: usize,
    const IA: usize,
    const CA: usize,
    const TA: usize,
    const PA: usize,
    const SA: usize,
    const BM: usize,
    const AM: usize,
    const EM: usize,
    const JA: usize,
    const P: usize,
    const LF: usize,
    const GA: usize,
    const CB: usize,
    const ST: usize,
> Logic
    for Engine<
        LANES,
        LB,
        WB,
        IW,
        TB,
        PB,
        HB,
        EW,
        NA,
        KA,
        FA,
        BA,
        WA,
        IA,
        CA,
        TA,
        PA,
        SA,
        BM,
        AM,
        EM,
        JA,
        P,
        LF,
        GA,
        CB,
        ST,
    >
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sample_label, by_label, wrong);
        clock!(self, clock, sequencer, seed_register, bitmaps, walk, lanes, errors, neurons, traces, updates);
        clock!(self, clock, scores, tally, layer, records, memories, element);

        // Commands, and the passes' ends.
        self.sequencer.activate.next = self.activate.val();
        self.sequencer.begin_sample.next = self.begin_sample.val();
        self.sequencer.learning.next = self.learning.val();
        self.sequencer.layers.next = self.layers.val();
        self.sequencer.step.next = self.step.val();
        self.sequencer.with_loss.next = self.with_loss.val();
        self.sequencer.any_event.next = self.any_event.val();
        self.sequencer.teach.next = self.teach.val();
        self.sequencer.end_sample.next = self.end_sample.val();
        self.sequencer.forget.next = self.clear_counts.val();
        self.sequencer.settled.next = self.tally.settled.val();
        self.busy.next = self.sequencer.busy.val();
        self.done.next = self.sequencer.done.val();
        self.sequencer.parameters.next = self.layer.flags.val().get_bits::<3>(0);
        self.sequencer.loaded.next = self.layer.done.val();
        self.sequencer.neurons_done.next = self.neurons.done.val();
        self.sequencer.traces_done.next = self.traces.done.val();
        self.sequencer.updates_done.next = self.updates.done.val();
        self.sequencer.fired.next = self.neurons.fired.val();
        self.sequencer.rows_busy.next = self.walk.busy.val();
        self.sequencer.lanes_busy.next = self.lanes.busy.val();
        self.sequencer.any_errors.next = self.walk.any_errors.val();
        if self.sequencer.begins.val() {
            self.sample_label.d.next = self.label.val() & self.label_bits.val();
            self.by_label.d.next = !self.host_teaches.val();
        }

        // The layer's record.
        self.layer.load.next = self.sequencer.load.val();
        self.layer.number.next = self.sequencer.number.val();
        self.layer.data.next = self.records.read_data.val();
        self.alpha.next = self.layer.leak.val() >> 8;
        self.neuron_word.next = self.layer.neuron_base.val() >> self.lane_bits.val();
        self.records.read_enable.next = self.layer.read.val() || self.host_read.val();
        self.records.read_address.next = self.layer.address.val();
        if self.host_read.val() {
            self.records.read_address.next = bit_cast::<TA, 20>(self.host_address.val());
        }
        self.is_table.next = self.host_space.val() == self.table_space.val();
        self.records.write_enable.next =
            self.updates.leak_write.val() || (self.host_write.val() && self.is_table.val());
        self.records.write_address.next = bit_cast::<TA, 20>(self.host_address.val());
        self.records.write_data.next = self.host_data.val();
        if self.updates.leak_write.val() {
            self.records.write_address.next = (self.sequencer.number.val() << 4) | self.leak_word.val();
            self.records.write_data.next = self.updates.leak_out.val();
        }

        // Indices. The scanner serves one pass at a time; while it rests, the host's address goes its way.
        self.bitmaps.start.next = self.sequencer.start_scan.val();
        self.bitmaps.firing.next = self.sequencer.firing.val();
        self.bitmaps.learning.next = self.sequencer.back.val();
        self.bitmaps.updating.next = self.sequencer.updating.val();
        self.bitmaps.first_layer.next = self.sequencer.first_layer.val();
        self.bitmaps.turn_page.next = self.sequencer.steps.val();
        self.bitmaps.inputs.next = self.layer.inputs.val();
        self.bitmaps.outputs.next = self.layer.outputs.val();
        self.bitmaps.neuron_base.next = self.layer.neuron_base.val();
        self.bitmaps.below_base.next = self.layer.below_base.val();
        self.bitmaps.trace_base.next = self.layer.trace_base.val();
        self.bitmaps.ready.next = self.walk.index_ready.val();
        if self.sequencer.firing.val() {
            self.bitmaps.ready.next = self.traces.index_ready.val();
        }
        if self.sequencer.updating.val() {
            self.bitmaps.ready.next = self.updates.index_ready.val();
        }
        self.index.next = self.bitmaps.index.val();
        self.pass_base.next = self.layer.neuron_base.val();
        self.trace_base.next = self.layer.trace_base.val();
        if self.sequencer.back.val() {
            self.pass_base.next = self.layer.below_base.val();
        }
        self.neuron_base.next = self.pass_base.val();
        if self.host_read.val() {
            self.index.next = bit_cast::<IA, 20>(self.host_address.val());
            self.neuron_base.next = 0.into();
            self.trace_base.next = 0.into();
        }
        self.bitmaps.neurons_write.next = self.neurons.bitmap_write.val();
        self.bitmaps.neurons_kind.next = self.neurons.bitmap_kind.val();
        self.bitmaps.neurons_word.next = self.neurons.bitmap_word.val();
        self.bitmaps.neurons_data.next = self.neurons.bitmap_data.val();
        self.bitmaps.errors_write.next = self.errors.write.val();
        self.bitmaps.errors_host.next = !self.sequencer.busy.val();
        self.bitmaps.errors_word.next = self.errors.write_word.val();
        self.bitmaps.errors_data.next = self.errors.write_data.val();
        self.bitmaps.active_write.next = self.traces.active_write.val();
        self.bitmaps.active_word.next = self.traces.active_word.val();
        self.bitmaps.active_data.next = self.traces.active_data.val();
        self.bitmaps.event_write.next = self.event_write.val();
        self.bitmaps.event_word.next = self.event_word.val();
        self.bitmaps.event_data.next = self.event_data.val();
        self.bitmaps.wipe.next = self.sequencer.wiping.val();
        self.bitmaps.wipe_address.next = self.sequencer.wipe_address.val();
        self.bitmaps.host_read.next = self.host_read.val();
        self.bitmaps.host_address.next = self.host_address.val();

        // Rows.
        self.walk.start.next = self.sequencer.start_rows.val();
        self.walk.learn.next = self.sequencer.back.val();
        self.walk.row_base.next = self.layer.row_base.val();
        self.walk.last_word.next = self.layer.last_word.val();
        self.walk.index.next = bit_cast::<16, IA>(self.bitmaps.index.val());
        self.walk.index_valid.next =
            self.bitmaps.valid.val() && (self.sequencer.integrating.val() || self.sequencer.back.val());
        self.walk.index_open.next = self.bitmaps.in_b.val();
        self.walk.index_active.next = self.bitmaps.in_a.val();
        self.walk.scan_done.next = self.bitmaps.done.val();
        self.walk.trace.next = self.memories.trace.val();
        self.walk.state.next = self.memories.one_state.val();
        self.walk.clear_list.next = self.sequencer.steps.val();
        self.walk.append.next = self.errors.append.val();
        self.walk.append_word.next = self.errors.append_word.val();
        self.integrate_word.next = self.walk.issue.val() && self.sequencer.integrating.val();
        self.learn_word.next = self.walk.issue.val() && self.sequencer.back.val();
        self.lanes.learn.next = self.sequencer.back.val();
        self.lanes.learn_weights.next = self.sequencer.learn.val().get_bit(0);
        self.lanes.trace_shift.next = self.layer.shifts.val().get_bits::<4>(0);
        self.lanes.fraction_bits.next = self.layer.flags.val().get_bits::<4>(12);
        self.lanes.seed_folded.next = self.seed_register.folded.val();
        self.lanes.neuron_word.next = bit_cast::<KA, NA>(self.neuron_word.val());
        self.lanes.issue.next = self.walk.issue.val();
        self.lanes.issue_address.next = self.walk.issue_address.val();
        self.lanes.issue_word.next = self.walk.issue_word.val();
        self.lanes.issue_last.next = self.walk.issue_last.val();
        self.lanes.first_row.next = self.walk.first_row.val();
        self.lanes.row_index.next = self.walk.row_index.val();
        self.lanes.row_trace.next = self.walk.row_trace.val();
        self.lanes.row_open.next = self.walk.row_open.val();
        self.lanes.row_exponent.next = self.walk.row_exponent.val();
        self.is_output_error.next =
            self.host_write.val() && (self.host_space.val() == self.output_error_space.val());
        self.lanes.delta_write.next = self.neurons.delta_write.val() || self.is_output_error.val();
        self.lanes.delta_index.next = self.neurons.delta_index.val();
        self.lanes.delta_alone.next = self.is_output_error.val();
        if self.is_output_error.val() {
            self.lanes.delta_index.next = bit_cast::<16, NA>(bit_cast::<NA, 20>(self.host_address.val()));
        }
        for i in 0..P {
            self.lanes.delta[i].next = self.neurons.delta[i].val();
            if self.is_output_error.val() {
                self.lanes.delta[i].next = self.host_data.val().get_bits::<8>(0);
            }
            self.errors.delta[i].next = self.lanes.stored_delta[i].val();
        }
        self.lanes.delta_base.next = self.pass_base.val();
        self.errors.restart.next = self.sequencer.restart_errors.val();
        self.errors.gather.next = !self.sequencer.firing.val();
        self.errors.stored.next = self.lanes.stored.val();
        self.errors.index.next = self.lanes.stored_index.val();
        self.errors.flush.next = self.sequencer.flushing.val() || self.sequencer.teaches.val();

        // Passes over neurons, traces and updates. They number from 0: the bases are added here.
        self.neurons.start.next = self.sequencer.start_neurons.val();
        self.neurons.clear.next = self.sequencer.clearing.val();
        self.neurons.learning.next = self.sequencer.learns.val();
        self.neurons.with_loss.next = self.sequencer.loss.val();
        self.neurons.outputs.next = self.layer.outputs.val();
        self.neurons.neuron_base.next = self.zero_neuron.val();
        self.neurons.fraction_bits.next = self.layer.flags.val().get_bits::<4>(12);
        self.neurons.surrogate.next = self.layer.flags.val().get_bits::<2>(8);
        self.neurons.learn_thresholds.next = self.layer.flags.val().get_bit(1);
        self.neurons.learn_leaks.next = self.layer.flags.val().get_bit(2);
        self.neurons.traces.next = self.layer.flags.val().get_bit(3);
        self.neurons.output_layer.next = self.layer.flags.val().get_bit(4);
        self.neurons.alpha.next = bit_cast::<8, 16>(self.alpha.val());
        self.neurons.label.next = self.sample_label.q.val();
        self.neurons.by_label.next = self.by_label.q.val();
        self.neurons.current_valid.next = self.sequencer.source_spiked.val();
        for i in 0..P {
            self.neurons.current[i].next = self.lanes.element[i].val();
            self.neurons.membrane[i].next = self.memories.membrane[i].val();
            self.neurons.threshold[i].next = self.memories.threshold[i].val();
            self.neurons.leak_trace[i].next = self.memories.leak_trace[i].val();
            self.neurons.state[i].next = self.memories.state[i].val();
        }
        self.traces.start.next = self.sequencer.start_traces.val();
        self.traces.clear.next = self.sequencer.clearing.val();
        self.traces.keep_traces.next = self.layer.flags.val().get_bit(3);
        self.traces.trace_base.next = self.zero_trace.val();
        self.traces.index_valid.next = self.bitmaps.valid.val() && self.sequencer.firing.val();
        self.traces.index.next = bit_cast::<16, IA>(self.bitmaps.index.val());
        self.traces.in_source.next = self.bitmaps.in_a.val();
        self.traces.scan_done.next = self.bitmaps.done.val();
        self.traces.trace.next = self.memories.trace.val();
        self.updates.start.next = self.sequencer.start_updates.val();
        self.updates.learn_thresholds.next = self.sequencer.learn.val().get_bit(1);
        self.updates.learn_leaks.next = self.sequencer.learn.val().get_bit(2);
        self.updates.neuron_base.next = self.zero_neuron.val();
        self.updates.threshold_shift.next = self.layer.shifts.val().get_bits::<5>(4);
        self.updates.leak_shift.next = self.layer.shifts.val().get_bits::<5>(9);
        self.updates.seed_folded.next = self.seed_register.folded.val();
        self.updates.leak_in.next = self.layer.leak.val();
        self.updates.index_valid.next = self.bitmaps.valid.val() && self.sequencer.updating.val();
        self.updates.index.next = bit_cast::<16, IA>(self.bitmaps.index.val());
        self.updates.scan_done.next = self.bitmaps.done.val();
        self.updates.threshold.next = self.memories.one_threshold.val().get_bits::<11>(0);
        self.updates.leak_trace.next = self.memories.one_leak_trace.val();
        self.updates.threshold_trace.next = self.memories.one_state.val().get_bits::<8>(0);
        self.updates.delta.next = self.lanes.element_delta.val();

        // Their memories.
        self.neuron_index.next = bit_cast::<NA, IA>(self.index.val());
        self.written_index.next = self.neurons.memory_write_address.val();
        if self.sequencer.firing.val() {
            self.neuron_index.next = self.neurons.memory_read_address.val();
        }
        if self.sequencer.updating.val() {
            self.written_index.next = self.updates.threshold_write_address.val();
        }
        self.neuron_address.next = self.neuron_base.val() + self.neuron_index.val();
        self.written_neuron.next = self.layer.neuron_base.val() + self.written_index.val();
        self.idle_address.next = self.host_address.val();
        if self.sequencer.wiping.val() {
            self.idle_address.next = bit_cast::<20, 16>(self.sequencer.wipe_address.val());
        }
        self.is_threshold.next =
            self.host_write.val() && (self.host_space.val() == self.threshold_space.val());
        self.memories.neuron_read.next = self.neurons.memory_read_enable.val()
            || self.updates.memory_read_enable.val()
            || self.walk.row_read.val()
            || self.host_read.val();
        self.memories.neuron_read_all.next = self.sequencer.firing.val();
        self.memories.neuron_read_address.next = self.neuron_address.val();
        self.memories.neuron_write.next =
            self.neurons.memory_write_enable.val() || self.sequencer.wiping.val();
        self.memories.neuron_write_address.next = self.written_neuron.val();
        for i in 0..P {
            self.memories.membrane_write[i].next = self.neurons.membrane_write[i].val();
            self.memories.leak_trace_write[i].next = self.neurons.leak_trace_write[i].val();
            self.memories.state_write[i].next = self.neurons.state_write[i].val();
        }
        self.memories.threshold_write.next =
            self.updates.threshold_write_enable.val() || self.is_threshold.val();
        self.memories.threshold_write_data.next = self.updates.threshold_write_data.val();
        self.memories.trace_read.next =
            self.traces.trace_read_enable.val() || self.walk.row_read.val() || self.host_read.val();
        self.memories.trace_read_address.next = self.trace_base.val() + self.index.val();
        self.memories.trace_write.next = self.traces.trace_write_enable.val() || self.sequencer.wiping.val();
        self.memories.trace_write_address.next =
            self.layer.trace_base.val() + self.traces.trace_write_address.val();
        self.memories.trace_write_data.next = self.traces.trace_write_data.val();
        if self.sequencer.wiping.val() || self.is_threshold.val() {
            self.memories.neuron_write_address.next = bit_cast::<NA, 20>(self.idle_address.val());
            self.memories.trace_write_address.next = bit_cast::<IA, 20>(self.idle_address.val());
        }
        if self.is_threshold.val() {
            self.memories.threshold_write_data.next = self.host_data.val();
        }

        // Banks and multipliers, lent while no words are issued.
        self.lanes.element_read.next =
            self.neurons.current_enable.val() || self.updates.delta_enable.val() || self.host_read.val();
        self.lanes.element_is_delta.next = !self.sequencer.firing.val();
        self.lanes.element_index.next = self.neuron_address.val();
        if self.sequencer.firing.val() {
            self.lanes.element_index.next = bit_cast::<NA, 16>(self.neurons.current_index.val());
        }
        self.lanes.lent.next = !self.sequencer.integrating.val() && !self.sequencer.back.val();
        // Four to a neuron, of which the first one's fourth is the traces'.
        for i in 0..P {
            self.lanes.factor[i + i + i + i].next = self.neurons.membrane_factor[i].val();
            self.lanes.factor[i + i + i + i + 1].next = self.neurons.threshold_factor[i].val();
            self.lanes.factor[i + i + i + i + 2].next = self.neurons.leak_factor[i].val();
            self.lanes.factor[i + i + i + i + 3].next = 0.into();
            self.neurons.membrane_product[i].next = self.lanes.product[i + i + i + i].val();
            self.neurons.threshold_product[i].next = self.lanes.product[i + i + i + i + 1].val();
            self.neurons.leak_product[i].next = self.lanes.product[i + i + i + i + 2].val();
        }
        self.lanes.factor[3].next = self.traces.factor.val();
        self.traces.product.next = self.lanes.product[3].val().get_bits::<8>(8);
        self.updates.products[0].next = self.lanes.product[3].val();
        self.updates.products[1].next = self.lanes.product[2].val();
        self.lanes.common_factor.next = 0.into();
        if self.sequencer.firing.val() {
            self.lanes.common_factor.next = self.alpha.val();
        }
        if self.sequencer.updating.val() {
            self.lanes.common_factor.next = self.updates.factor_delta.val();
            self.lanes.factor[2].next = self.updates.factor[1].val();
            self.lanes.factor[3].next = self.updates.factor[0].val();
        }

        // The sample's result.
        self.scores.score_next.next = self.neurons.score_next.val();
        self.scores.score_next_index.next = bit_cast::<CA, 16>(self.neurons.score_next_index.val());
        self.scores.score_write.next = self.neurons.score_write.val();
        self.scores.score_clear.next = self.neurons.score_clear.val();
        self.scores.score_index.next = bit_cast::<CA, 16>(self.neurons.score_index.val());
        for i in 0..P {
            self.scores.score_spike[i].next = self.neurons.score_spike[i].val();
            self.scores.score_membrane[i].next = self.neurons.score_membrane[i].val();
        }
        self.wrong_spikes.next = self.wrong.q.val();
        if self.sequencer.begins.val() {
            self.wrong.d.next = 0.into();
        } else if self.neurons.wrong.val().any() {
            self.wrong.d.next =
                (self.wrong.q.val() + bit_cast::<32, 3>(self.neurons.wrong.val())) & self.wrong_bits.val();
        }

        // The counters.
        self.tally.idle.next =
            !self.sequencer.busy.val() || self.sequencer.wiping.val() || self.sequencer.forgetting.val();
        self.tally.hold.next = self.sequencer.turning.val() || self.sequencer.settling.val();
        self.tally.integrating.next = self.sequencer.integrating.val();
        self.tally.firing.next = self.sequencer.firing.val() && !self.sequencer.clearing.val();
        self.tally.learning.next = self.sequencer.back.val() || self.sequencer.flushing.val();
        self.tally.updating.next = self.sequencer.updating.val();
        self.tally.steps.next = self.sequencer.steps.val();
        self.tally.learns.next = self.sequencer.learns.val();
        self.tally.loss.next = self.sequencer.loss.val();
        self.tally.learns_weights.next = self.sequencer.learn.val().get_bit(0);
        self.tally.first_layer.next = self.sequencer.first_layer.val();
        self.tally.outputs.next = self.layer.outputs.val();
        self.tally.fires.next = self.sequencer.start_neurons.val() && !self.sequencer.clearing.val();
        self.tally.fired.next = self.sequencer.has_fired.val();
        self.tally.restart.next = self.sequencer.restart_errors.val();
        self.tally.learned.next = self.sequencer.flushing.val();
        self.tally.sample.next = self.sequencer.ends.val();
        self.tally.ends.next = self.sequencer.settling.val();
        self.tally.row.next = self.walk.begins.val();
        self.tally.row_open.next = self.walk.row_open.val();
        self.tally.row_active.next = self.walk.begins_active.val();
        self.tally.word.next = self.walk.issue.val();
        self.tally.erred.next = self.errors.erred.val();
        self.tally.stored_errors.next = self.errors.errors.val();
        self.scores.tally.next = self.tally.count.val();
        self.scores.tally_clear.next = self.sequencer.forgetting.val();
        self.scores.tally_number.next = self.tally.number.val();
        self.scores.tally_addend.next = self.tally.addend.val();
        if self.sequencer.forgetting.val() {
            self.scores.tally_number.next = self.sequencer.wipe_address.val().get_bits::<6>(0);
            self.scores.tally_addend.next = 0.into();
            self.scores.tally.next = self.sequencer.wipe_address.val().get_bits::<2>(4).any();
        }

        // The noise generator.
        self.seed_register.load.next = self.seed_load.val();
        self.seed_register.load_value.next = self.seed_value.val();
        self.seed_register.advance.next = self.sequencer.steps.val() && self.sequencer.learns.val();
        self.seed.next = self.seed_register.value.val();

        // The host's element, and wiping.
        self.is_weight.next = self.host_space.val() == self.weight_space.val();
        self.lanes.host_read.next = self.host_read.val() && self.is_weight.val();
        self.lanes.host_write.next = self.host_write.val() && self.is_weight.val();
        self.lanes.host_address.next = self.host_address.val();
        self.lanes.host_data.next = self.host_data.val().get_bits::<WB>(0);
        self.lanes.wipe.next = self.sequencer.wiping.val();
        self.lanes.wipe_weights.next = self.sequencer.fresh.val();
        self.lanes.wipe_address.next = self.sequencer.wipe_address.val();
        self.scores.read_enable.next = self.host_read.val();
        self.is_counter.next = self.host_space.val() == self.counter_space.val();
        self.scores.read_counter.next = self.is_counter.val();
        self.scores.read_address.next = self.host_address.val();
        self.element.read.next = self.host_read.val();
        self.element.space.next = self.host_space.val();
        if self.is_counter.val() {
            self.element.space.next = self.sum_space.val();
            if self.scores.read_upper.val() {
                self.element.space.next = self.count_space.val();
            }
        }
        self.element.record.next = self.records.read_data.val();
        self.element.weight.next = bit_cast::<16, WB>(self.lanes.host_weight.val());
        self.element.threshold.next = self.memories.one_threshold.val();
        self.element.membrane.next = self.memories.one_membrane.val();
        self.element.spike.next = self.bitmaps.spike.val();
        self.element.trace.next = self.memories.trace.val();
        self.element.threshold_trace.next = self.memories.one_state.val().get_bits::<8>(0);
        self.element.leak_trace.next = self.memories.one_leak_trace.val();
        self.element.delta.next = self.lanes.element_delta.val();
        self.element.count.next = self.scores.count.val();
        self.element.sum.next = self.scores.sum.val();
        self.host_value.next = self.element.value.val();
    }
}
