//! Engine: the sequencer, its units and their memories.
//!
//! Latency and throughput: `docs/datapath.md`, cycle by cycle. Handshake: one command at a time while not `busy`; `done` in
//! its last cycle. Reset: none needed; after configuration it wipes the weights by itself and is `busy` meanwhile.
//!
//! ```text
//!   begin   clear each layer                           Load, Clear
//!   step    up: each layer                             Load, Integrate, Fire (traces beside it)
//!           down, while there are errors               Load, Learn, Update
//!   find    the class with the most spikes             Find
//! ```

use crate::errors::Errors;
use crate::lanes::Lanes;
use crate::layer::Layer;
use crate::leaf::ram::Ram;
use crate::memories::Memories;
use crate::neurons::Neurons;
use crate::noise::Seed;
use crate::prelude::*;
use crate::scan::Scanner;
use crate::scores::Scores;
use crate::traces::Traces;
use crate::updates::Updates;
use crate::walk::Walk;

/// What the engine is doing.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Phase {
    /// Clears memories word by word: all after configuration, those of state when a network is activated.
    Wipe,
    /// Nothing.
    Idle,
    /// Reads a layer's record.
    Load,
    /// Clears a layer for a new sample.
    Clear,
    /// F1.
    Integrate,
    /// F2 to F4, B1.
    Fire,
    /// Goes on to the next layer, up or down.
    Turn,
    /// B2, B3.
    Learn,
    /// Writes what is left of the bitmap of errors.
    Flush,
    /// B4.
    Update,
    /// Looks for the best class.
    Find,
}

/// What a layer's record is loaded for.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Goal {
    /// To clear it.
    Clear,
    /// To compute it.
    Up,
    /// To let it learn.
    Down,
}

/// Widths as in [`Lanes`]; `FA = KA + 1` of the lists of words with errors, `IA` address bits of input locations, `CA` of classes, `TA` of the layer table; `BM = NA − 2` of the
/// neurons' bitmaps, `AM = IA − 4` of one of inputs, `EM = IA − 3` of two and not less than `BM`; `JA = IA + 1`.
#[derive(LogicBlock)]
pub struct Engine<
    const LANES: usize,
    const LB: usize,
    const WB: usize,
    const WW: usize,
    const BYTES: usize,
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
    const BM: usize,
    const AM: usize,
    const EM: usize,
    const JA: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Clears every memory of state: a network becomes active.
    pub activate: Signal<In, Bit>,
    /// A sample begins; `learning`, `label` and `layers` are taken until the next.
    pub begin_sample: Signal<In, Bit>,
    /// The sample learns.
    pub learning: Signal<In, Bit>,
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
    /// The sample's result.
    pub find: Signal<In, Bit>,
    /// A command is being executed.
    pub busy: Signal<Out, Bit>,
    /// Its last cycle.
    pub done: Signal<Out, Bit>,
    /// The class found.
    pub prediction: Signal<Out, Bits<16>>,
    /// Its spikes.
    pub prediction_count: Signal<Out, Bits<16>>,
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
    /// Writes one: a weight, a threshold, or a word of the layer table.
    pub host_write: Signal<In, Bit>,
    /// Address space, by its code ([`arch::registers::Space`]); 1, where the wire has descriptors, is the layer table.
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

    seed_register: Seed,
    scanner: Scanner<EM, EM, JA>,
    walk: Walk<KA, FA, WA, IA>,
    lanes: Lanes<LANES, LB, WB, WW, BYTES, IW, TB, PB, HB, EW, NA, KA, BA, WA>,
    errors: Errors<LB, KA>,
    neurons: Neurons<NA, IW>,
    traces: Traces<IA>,
    updates: Updates<NA>,
    scores: Scores<CA>,
    layer: Layer<WA, NA, IA, KA, TA>,
    records: Ram<TA, 16>,
    memories: Memories<NA, IA, BM, AM, EM>,

    now: DFF<Phase>,
    goal: DFF<Goal>,
    number: DFF<Bits<TA>>,
    last: DFF<Bits<TA>>,
    /// The passes of the phase have been started.
    started: DFF<Bit>,
    neurons_over: DFF<Bit>,
    traces_over: DFF<Bit>,
    /// Something spiked below the layer in this step.
    source_spiked: DFF<Bit>,
    spiked: DFF<Bit>,
    /// Page of the events that the step takes; the host writes the other.
    page: DFF<Bit>,
    learns: DFF<Bit>,
    loss: DFF<Bit>,
    sample_label: DFF<Bits<16>>,
    wiped: DFF<Bits<16>>,
    /// Weights are wiped, too: only after configuration.
    fresh: DFF<Bit>,
    space_now: DFF<Bits<4>>,
    wrong: DFF<Bits<32>>,
    /// Outputs of the last layer, whose record is there when a sample has been cleared.
    classes: DFF<Bits<16>>,

    finish: Signal<Local, Bit>,
    starts: Signal<Local, Bit>,
    learn_w: Signal<Local, Bit>,
    learn_t: Signal<Local, Bit>,
    learn_l: Signal<Local, Bit>,
    keeps: Signal<Local, Bit>,
    is_output: Signal<Local, Bit>,
    first_layer: Signal<Local, Bit>,
    alpha: Signal<Local, Bits<16>>,
    input_words: Signal<Local, Bits<EM>>,
    output_words: Signal<Local, Bits<EM>>,
    neuron_sixteenth: Signal<Local, Bits<NA>>,
    below_sixteenth: Signal<Local, Bits<NA>>,
    trace_sixteenth: Signal<Local, Bits<IA>>,
    neuron_words: Signal<Local, Bits<EM>>,
    below_words: Signal<Local, Bits<EM>>,
    trace_words: Signal<Local, Bits<EM>>,
    neuron_word: Signal<Local, Bits<NA>>,
    event_page: Signal<Local, Bits<EM>>,
    write_page: Signal<Local, Bits<EM>>,
    source_base: Signal<Local, Bits<EM>>,
    source_data: Signal<Local, Bits<16>>,
    bitmap_address: Signal<Local, Bits<EM>>,
    wide_word: Signal<Local, Bits<16>>,
    wide_outputs: Signal<Local, Bits<16>>,
    bitmap_kind: Signal<Local, Bits<EM>>,
    delta_now: Signal<Local, Bits<8>>,
    neurons_word: Signal<Local, Bits<EM>>,
    errors_word: Signal<Local, Bits<EM>>,
    active_word: Signal<Local, Bits<EM>>,
    index: Signal<Local, Bits<IA>>,
    neuron_bitmap: Signal<Local, Bits<EM>>,
    error_bitmap: Signal<Local, Bits<EM>>,
    active_bitmap: Signal<Local, Bits<EM>>,
    /// Bits of a label, of the number of classes and of the wrong spikes that can be 1.
    label_bits: Constant<Bits<16>>,
    class_bits: Constant<Bits<16>>,
    wrong_bits: Constant<Bits<32>>,
    is_weight: Signal<Local, Bit>,
    is_threshold: Signal<Local, Bit>,
    is_table: Signal<Local, Bit>,
    open_bits: Constant<Bits<EM>>,
    error_bits: Constant<Bits<EM>>,
    kind_shift: Constant<Bits<4>>,
    page_bit: Constant<Bits<EM>>,
    write_bit: Constant<Bits<EM>>,
    lane_bits: Constant<Bits<4>>,
    space: [Constant<Bits<4>>; 13],
    last_wipe: Constant<Bits<16>>,
    last_state: Constant<Bits<16>>,
    none: Constant<Bits<TA>>,
    leak_word: Constant<Bits<TA>>,
}

crate::default_block!(Engine<LANES, LB, WB, WW, BYTES, IW, TB, PB, HB, EW, NA, KA, FA, BA, WA, IA, CA, TA, BM, AM, EM, JA> {
    open_bits: Constant::new(Bits::wrapped(1 << (NA - 4))),
    error_bits: Constant::new(Bits::wrapped(2 << (NA - 4))),
    kind_shift: Constant::new(Bits::wrapped(NA as u128 - 4)),
    page_bit: Constant::new(Bits::wrapped(1 << AM)),
    write_bit: Constant::new(Bits::wrapped(1 << AM)),
    lane_bits: Constant::new(Bits::wrapped(LB as u128)),
    space: std::array::from_fn(|code| Constant::new(Bits::wrapped(code as u128))),
    last_wipe: Constant::new(Bits::wrapped((1 << widest([WA, NA, IA, BA])) - 1)),
    last_state: Constant::new(Bits::wrapped((1 << widest([NA, IA, BA, BA])) - 1)),
    none: Constant::new(Bits::wrapped(0)),
    leak_word: Constant::new(Bits::wrapped(8)),
    label_bits: Constant::new(Bits::wrapped((1 << NA) - 1)),
    class_bits: Constant::new(Bits::wrapped((2 << CA) - 1)),
    wrong_bits: Constant::new(Bits::wrapped((1 << (CA + 16)) - 1)),
    now: DFF::new(Phase::Wipe),
    fresh: DFF::new(true),
} {
    clock, activate, begin_sample, learning, label, layers, step, with_loss, any_event, find, busy, done, prediction,
    prediction_count, wrong_spikes, event_write, event_word, event_data, seed_load, seed_value, seed, host_read,
    host_write, host_space, host_address, host_data, host_value, integrate_word, learn_word, seed_register, scanner,
    walk, lanes, errors, neurons, traces, updates, scores, layer, records, memories, goal, number, last, started,
    neurons_over, traces_over, source_spiked, spiked, page, learns, loss, sample_label, wiped, space_now, wrong, classes, finish,
    starts, learn_w, learn_t, learn_l, keeps, is_output, first_layer, alpha, input_words, output_words, neuron_words,
    below_words, trace_words, neuron_word, event_page, write_page, source_base, source_data, bitmap_address,
    wide_word, wide_outputs, bitmap_kind, delta_now, neurons_word, errors_word, active_word, neuron_sixteenth, below_sixteenth, trace_sixteenth, index, neuron_bitmap, error_bitmap, active_bitmap, is_weight, is_threshold, is_table
});

/// The most of some address bits.
const fn widest(bits: [usize; 4]) -> usize {
    let mut most = bits[0];
    let mut at = 1;
    while at < bits.len() {
        if bits[at] > most {
            most = bits[at];
        }
        at += 1;
    }
    most
}

impl<
    const LANES: usize,
    const LB: usize,
    const WB: usize,
    const WW: usize,
    const BYTES: usize,
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
    const BM: usize,
    const AM: usize,
    const EM: usize,
    const JA: usize,
> Logic
    for Engine<LANES, LB, WB, WW, BYTES, IW, TB, PB, HB, EW, NA, KA, FA, BA, WA, IA, CA, TA, BM, AM, EM, JA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            now,
            goal,
            number,
            last,
            started,
            neurons_over,
            traces_over,
            source_spiked,
            spiked,
            page
        );
        dff_setup!(self, clock, learns, loss, sample_label, wiped, fresh, space_now, wrong, classes);
        clock!(
            self,
            clock,
            seed_register,
            scanner,
            walk,
            lanes,
            errors,
            neurons,
            traces,
            updates,
            scores,
            layer,
            records
        );
        clock!(self, clock, memories);

        // The layer's record.
        self.learn_w.next = self.learns.q.val() && self.layer.flags.val().get_bit(0);
        self.learn_t.next = self.learns.q.val() && self.layer.flags.val().get_bit(1);
        self.learn_l.next = self.learns.q.val() && self.layer.flags.val().get_bit(2);
        self.keeps.next = self.layer.flags.val().get_bit(3);
        self.is_output.next = self.layer.flags.val().get_bit(4);
        self.alpha.next = self.layer.leak.val() >> 8;
        self.first_layer.next = self.number.q.val() == self.none.val();
        self.wide_word.next = (self.layer.inputs.val() + 15) >> 4;
        self.input_words.next = bit_cast::<EM, 16>(self.wide_word.val());
        self.wide_outputs.next = (self.layer.outputs.val() + 15) >> 4;
        self.output_words.next = bit_cast::<EM, 16>(self.wide_outputs.val());
        self.neuron_sixteenth.next = self.layer.neuron_base.val() >> 4;
        self.below_sixteenth.next = self.layer.below_base.val() >> 4;
        self.trace_sixteenth.next = self.layer.trace_base.val() >> 4;
        self.neuron_words.next = bit_cast::<EM, NA>(self.neuron_sixteenth.val());
        self.below_words.next = bit_cast::<EM, NA>(self.below_sixteenth.val());
        self.trace_words.next = bit_cast::<EM, IA>(self.trace_sixteenth.val());
        self.neuron_word.next = self.layer.neuron_base.val() >> self.lane_bits.val();
        self.layer.load.next = false;
        self.layer.number.next = self.number.q.val();
        self.layer.data.next = self.records.read_data.val();
        self.records.read_enable.next = self.layer.read.val();
        self.records.read_address.next = self.layer.address.val();
        self.records.write_enable.next = self.updates.leak_write.val();
        self.records.write_address.next = (self.number.q.val() << 4) | self.leak_word.val();
        self.records.write_data.next = self.updates.leak_out.val();

        // Units: what they compute on.
        self.index.next = bit_cast::<IA, JA>(self.scanner.index.val());
        self.walk.start.next = false;
        self.walk.learn.next = self.now.q.val() == Phase::Learn;
        self.walk.row_base.next = self.layer.row_base.val();
        self.walk.last_word.next = self.layer.last_word.val();
        self.walk.index.next = bit_cast::<16, IA>(self.index.val());
        self.walk.index_open.next = self.scanner.in_b.val();
        self.walk.scan_done.next = self.scanner.done.val();
        self.walk.trace.next = self.memories.trace.val();
        self.walk.state.next = self.memories.state.val();
        self.walk.clear_list.next = false;
        self.walk.append.next = self.errors.append.val();
        self.walk.append_word.next = self.errors.append_word.val();
        self.lanes.learn.next = self.now.q.val() == Phase::Learn;
        self.lanes.learn_weights.next = self.learn_w.val();
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
        self.lanes.delta_write.next = self.neurons.delta_write.val();
        self.lanes.delta_index.next = self.neurons.delta_index.val();
        self.lanes.delta.next = self.neurons.delta.val();
        self.lanes.delta_base.next = self.layer.neuron_base.val();
        if self.now.q.val() == Phase::Learn {
            self.lanes.delta_base.next = self.layer.below_base.val();
        }
        self.errors.restart.next = false;
        self.errors.gather.next = self.now.q.val() == Phase::Learn;
        self.errors.stored.next = self.lanes.stored.val();
        self.errors.index.next = self.lanes.stored_index.val();
        self.errors.delta.next = self.lanes.stored_delta.val();
        self.errors.flush.next = self.now.q.val() == Phase::Flush;
        self.neurons.start.next = false;
        self.neurons.clear.next = self.now.q.val() == Phase::Clear;
        self.neurons.learning.next = self.learns.q.val();
        self.neurons.with_loss.next = self.loss.q.val();
        self.neurons.outputs.next = self.layer.outputs.val();
        self.neurons.neuron_base.next = self.layer.neuron_base.val();
        self.neurons.fraction_bits.next = self.layer.flags.val().get_bits::<4>(12);
        self.neurons.surrogate.next = self.layer.flags.val().get_bits::<2>(8);
        self.neurons.learn_thresholds.next = self.layer.flags.val().get_bit(1);
        self.neurons.learn_leaks.next = self.layer.flags.val().get_bit(2);
        self.neurons.traces.next = self.keeps.val();
        self.neurons.output_layer.next = self.is_output.val();
        self.neurons.alpha.next = bit_cast::<8, 16>(self.alpha.val());
        self.neurons.label.next = self.sample_label.q.val();
        self.neurons.current_valid.next = self.source_spiked.q.val();
        self.neurons.current.next = self.lanes.element.val();
        self.neurons.membrane.next = self.memories.membrane.val();
        self.neurons.threshold.next = self.memories.threshold.val();
        self.neurons.leak_trace.next = self.memories.leak_trace.val();
        self.neurons.state.next = self.memories.state.val();
        self.traces.start.next = false;
        self.traces.clear.next = self.now.q.val() == Phase::Clear;
        self.traces.keep_traces.next = self.keeps.val();
        self.traces.trace_base.next = self.layer.trace_base.val();
        self.traces.index.next = bit_cast::<16, IA>(self.index.val());
        self.traces.in_source.next = self.scanner.in_a.val();
        self.traces.scan_done.next = self.scanner.done.val();
        self.traces.trace.next = self.memories.trace.val();
        self.updates.start.next = false;
        self.updates.learn_thresholds.next = self.learn_t.val();
        self.updates.learn_leaks.next = self.learn_l.val();
        self.updates.neuron_base.next = self.layer.neuron_base.val();
        self.updates.threshold_shift.next = self.layer.shifts.val().get_bits::<5>(4);
        self.updates.leak_shift.next = self.layer.shifts.val().get_bits::<5>(9);
        self.updates.seed_folded.next = self.seed_register.folded.val();
        self.updates.leak_in.next = self.layer.leak.val();
        self.updates.index.next = bit_cast::<16, IA>(self.index.val());
        self.updates.scan_done.next = self.scanner.done.val();
        self.updates.threshold.next = self.memories.threshold.val().get_bits::<11>(0);
        self.updates.leak_trace.next = self.memories.leak_trace.val();
        self.updates.threshold_trace.next = self.memories.state.val().get_bits::<8>(0);
        self.delta_now.next = self.lanes.element.val().get_bits::<8>(0);
        self.updates.delta.next = self.delta_now.val();

        // The scanner serves one pass at a time.
        self.walk.index_valid.next = self.scanner.valid.val()
            && ((self.now.q.val() == Phase::Integrate) || (self.now.q.val() == Phase::Learn));
        self.traces.index_valid.next = self.scanner.valid.val()
            && ((self.now.q.val() == Phase::Fire) || (self.now.q.val() == Phase::Clear));
        self.updates.index_valid.next = self.scanner.valid.val() && (self.now.q.val() == Phase::Update);
        self.scanner.ready.next = self.walk.index_ready.val();
        if (self.now.q.val() == Phase::Fire) || (self.now.q.val() == Phase::Clear) {
            self.scanner.ready.next = self.traces.index_ready.val();
        }
        if self.now.q.val() == Phase::Update {
            self.scanner.ready.next = self.updates.index_ready.val();
        }
        self.event_page.next = 0.into();
        if self.page.q.val() {
            self.event_page.next = self.page_bit.val();
        }
        self.source_base.next = self.below_words.val();
        self.source_data.next = self.memories.bitmap.val();
        if self.first_layer.val() {
            self.source_base.next = self.event_page.val();
            self.source_data.next = self.memories.events_now.val();
        }
        self.scanner.start.next = false;
        self.scanner.words.next = self.input_words.val();
        self.scanner.base_a.next = self.source_base.val();
        self.scanner.base_b.next = self.trace_words.val();
        self.scanner.use_b.next = (self.now.q.val() == Phase::Fire) || (self.now.q.val() == Phase::Clear);
        self.scanner.data_a.next = self.source_data.val();
        self.scanner.data_b.next = self.memories.active.val();
        self.memories.event_read.next = self.scanner.read_a.val() && self.first_layer.val();
        self.memories.event_read_address.next = self.scanner.address_a.val();
        self.memories.bitmap_read.next = self.scanner.read_a.val();
        self.bitmap_address.next = self.scanner.address_a.val();
        self.memories.active_read.next = self.scanner.read_b.val();
        self.memories.active_read_address.next = bit_cast::<AM, EM>(self.scanner.address_b.val());
        if self.now.q.val() == Phase::Learn {
            self.scanner.base_a.next = self.trace_words.val();
            self.scanner.base_b.next = self.below_words.val() | self.open_bits.val();
            self.scanner.use_b.next = !self.first_layer.val();
            self.scanner.data_a.next = self.memories.active.val();
            self.scanner.data_b.next = self.memories.bitmap.val();
            self.memories.bitmap_read.next = self.scanner.read_b.val();
            self.bitmap_address.next = self.scanner.address_b.val();
            self.memories.active_read.next = self.scanner.read_a.val();
            self.memories.active_read_address.next = bit_cast::<AM, EM>(self.scanner.address_a.val());
        }
        if self.now.q.val() == Phase::Update {
            self.scanner.words.next = self.output_words.val();
            self.scanner.base_a.next = self.neuron_words.val() | self.error_bits.val();
            self.scanner.data_a.next = self.memories.bitmap.val();
        }
        self.memories.bitmap_read_address.next = bit_cast::<BM, EM>(self.bitmap_address.val());

        // Memories: the pass that runs reads and writes.
        self.memories.neuron_read.next = self.neurons.memory_read_enable.val()
            || self.updates.memory_read_enable.val()
            || self.walk.row_read.val();
        self.memories.neuron_read_address.next = self.neurons.memory_read_address.val();
        if self.now.q.val() == Phase::Learn {
            self.memories.neuron_read_address.next =
                self.layer.below_base.val() + bit_cast::<NA, IA>(self.index.val());
        }
        if self.now.q.val() == Phase::Update {
            self.memories.neuron_read_address.next = self.updates.memory_read_address.val();
        }
        self.memories.neuron_write.next = self.neurons.memory_write_enable.val();
        self.memories.neuron_write_address.next = self.neurons.memory_write_address.val();
        self.memories.membrane_write.next = self.neurons.membrane_write.val();
        self.memories.leak_trace_write.next = self.neurons.leak_trace_write.val();
        self.memories.state_write.next = self.neurons.state_write.val();
        self.memories.threshold_write.next = self.updates.threshold_write_enable.val();
        self.memories.threshold_write_address.next = self.updates.threshold_write_address.val();
        self.memories.threshold_write_data.next = self.updates.threshold_write_data.val();
        self.memories.trace_read.next = self.traces.trace_read_enable.val() || self.walk.row_read.val();
        self.memories.trace_read_address.next = self.traces.trace_read_address.val();
        if self.now.q.val() == Phase::Learn {
            self.memories.trace_read_address.next = self.layer.trace_base.val() + self.index.val();
        }
        self.memories.trace_write.next = self.traces.trace_write_enable.val();
        self.memories.trace_write_address.next = self.traces.trace_write_address.val();
        self.memories.trace_write_data.next = self.traces.trace_write_data.val();
        self.neuron_bitmap.next = bit_cast::<EM, 12>(self.neurons.bitmap_word.val());
        self.error_bitmap.next = bit_cast::<EM, 12>(self.errors.write_word.val());
        self.active_bitmap.next = bit_cast::<EM, 12>(self.traces.active_word.val());
        self.bitmap_kind.next = bit_cast::<EM, 2>(self.neurons.bitmap_kind.val()) << self.kind_shift.val();
        self.memories.bitmap_write.next = self.neurons.bitmap_write.val() || self.errors.write.val();
        self.memories.bitmap_write_data.next = self.neurons.bitmap_data.val();
        self.neurons_word.next =
            (self.neuron_words.val() + self.neuron_bitmap.val()) | self.bitmap_kind.val();
        self.errors_word.next = (self.below_words.val() + self.error_bitmap.val()) | self.error_bits.val();
        self.memories.bitmap_write_address.next = bit_cast::<BM, EM>(self.neurons_word.val());
        if self.errors.write.val() {
            self.memories.bitmap_write_address.next = bit_cast::<BM, EM>(self.errors_word.val());
            self.memories.bitmap_write_data.next = self.errors.write_data.val();
        }
        self.memories.active_write.next = self.traces.active_write.val();
        self.active_word.next = self.trace_words.val() + self.active_bitmap.val();
        self.memories.active_write_address.next = bit_cast::<AM, EM>(self.active_word.val());
        self.memories.active_write_data.next = self.traces.active_data.val();
        self.write_page.next = bit_cast::<EM, AM>(self.event_word.val());
        if !self.page.q.val() {
            self.write_page.next = bit_cast::<EM, AM>(self.event_word.val()) | self.write_bit.val();
        }
        self.memories.event_write.next = self.event_write.val();
        self.memories.event_write_address.next = self.write_page.val();
        self.memories.event_write_data.next = self.event_data.val();

        // Banks and multipliers, lent while no words are issued.
        self.lanes.element_read.next = self.neurons.current_enable.val() || self.updates.delta_enable.val();
        self.lanes.element_is_delta.next = false;
        self.lanes.element_index.next = bit_cast::<NA, 16>(self.neurons.current_index.val());
        if self.now.q.val() == Phase::Update {
            self.lanes.element_is_delta.next = true;
            self.lanes.element_index.next =
                self.layer.neuron_base.val() + bit_cast::<NA, 16>(self.updates.delta_index.val());
        }
        self.lanes.lent.next = (self.now.q.val() != Phase::Integrate) && (self.now.q.val() != Phase::Learn);
        for i in 0..3 {
            self.lanes.factor[i].next = self.neurons.factor[i].val();
            self.neurons.product[i].next = self.lanes.product[i].val();
        }
        self.lanes.factor[3].next = self.traces.factor.val();
        self.traces.product.next = self.lanes.product[3].val().get_bits::<8>(8);
        self.updates.products[0].next = self.lanes.product[3].val();
        self.updates.products[1].next = self.lanes.product[2].val();
        self.lanes.common_factor.next = 0.into();
        if (self.now.q.val() == Phase::Fire) || (self.now.q.val() == Phase::Clear) {
            self.lanes.common_factor.next = self.alpha.val();
        }
        if self.now.q.val() == Phase::Update {
            self.lanes.common_factor.next = self.updates.factor_delta.val();
            self.lanes.factor[2].next = self.updates.factor[1].val();
            self.lanes.factor[3].next = self.updates.factor[0].val();
        }

        // Scores.
        self.scores.score_write.next = self.neurons.score_write.val();
        self.scores.score_clear.next = self.neurons.score_clear.val();
        self.scores.score_index.next = bit_cast::<CA, 16>(self.neurons.score_index.val());
        self.scores.score_spike.next = self.neurons.score_spike.val();
        self.scores.score_membrane.next = self.neurons.score_membrane.val();
        self.scores.find.next = false;
        self.scores.classes.next = self.classes.q.val();
        self.prediction.next = self.scores.prediction.val();
        self.prediction_count.next = self.scores.prediction_count.val();
        self.wrong_spikes.next = self.wrong.q.val();
        if self.neurons.wrong.val() {
            self.wrong.d.next = (self.wrong.q.val() + 1) & self.wrong_bits.val();
        }

        // The noise generator.
        self.seed_register.load.next = self.seed_load.val();
        self.seed_register.load_value.next = self.seed_value.val();
        self.seed_register.advance.next = false;
        self.seed.next = self.seed_register.value.val();

        // The host's element.
        self.is_table.next = self.host_space.val() == self.space[1].val();
        self.is_weight.next = self.host_space.val() == self.space[2].val();
        self.is_threshold.next = self.host_space.val() == self.space[3].val();
        self.memories.host_read.next = self.host_read.val();
        self.memories.host_space.next = self.host_space.val();
        self.memories.host_address.next = self.host_address.val();
        self.lanes.host_read.next = self.host_read.val() && self.is_weight.val();
        self.lanes.host_write.next = self.host_write.val() && self.is_weight.val();
        self.lanes.host_address.next = self.host_address.val();
        self.lanes.host_data.next = self.host_data.val().get_bits::<WB>(0);
        self.scores.read_enable.next = self.host_read.val();
        self.scores.read_address.next = bit_cast::<CA, 20>(self.host_address.val());
        if self.host_write.val() && self.is_threshold.val() {
            self.memories.threshold_write.next = true;
            self.memories.threshold_write_address.next = bit_cast::<NA, 20>(self.host_address.val());
            self.memories.threshold_write_data.next = self.host_data.val();
        }
        if self.host_write.val() && self.is_table.val() {
            self.records.write_enable.next = true;
            self.records.write_address.next = bit_cast::<TA, 20>(self.host_address.val());
            self.records.write_data.next = self.host_data.val();
        }
        if self.host_read.val() {
            self.space_now.d.next = self.host_space.val();
            self.lanes.element_read.next = true;
            self.lanes.element_is_delta.next = true;
            self.lanes.element_index.next = bit_cast::<NA, 20>(self.host_address.val());
            self.records.read_enable.next = true;
            self.records.read_address.next = bit_cast::<TA, 20>(self.host_address.val());
        }
        self.host_value.next = bit_cast::<32, 16>(self.memories.host_value.val());
        if self.space_now.q.val() == self.space[1].val() {
            self.host_value.next = bit_cast::<32, 16>(self.records.read_data.val());
        }
        if self.space_now.q.val() == self.space[2].val() {
            self.host_value.next = bit_cast::<32, WB>(self.lanes.host_weight.val());
        }
        if self.space_now.q.val() == self.space[10].val() {
            self.host_value.next = bit_cast::<32, 8>(self.delta_now.val());
        }
        if self.space_now.q.val() == self.space[11].val() {
            self.host_value.next = bit_cast::<32, 16>(self.scores.count.val());
        }
        if self.space_now.q.val() == self.space[12].val() {
            self.host_value.next = self.scores.sum.val();
        }
        self.integrate_word.next = self.walk.issue.val() && (self.now.q.val() == Phase::Integrate);
        self.learn_word.next = self.walk.issue.val() && (self.now.q.val() == Phase::Learn);

        // Wiping.
        self.memories.wipe.next = self.now.q.val() == Phase::Wipe;
        self.memories.wipe_address.next = self.wiped.q.val();
        self.lanes.wipe.next = self.now.q.val() == Phase::Wipe;
        self.lanes.wipe_weights.next = self.fresh.q.val();
        self.lanes.wipe_address.next = self.wiped.q.val();

        // The sequence.
        self.finish.next = false;
        self.busy.next = self.now.q.val() != Phase::Idle;
        self.starts.next = !self.started.q.val();
        if self.neurons.done.val() {
            self.neurons_over.d.next = true;
        }
        if self.traces.done.val() {
            self.traces_over.d.next = true;
        }
        if self.neurons.fired.val() {
            self.spiked.d.next = true;
        }
        match self.now.q.val() {
            Phase::Wipe => {
                // The first word is cleared twice: the lanes' results are undefined after configuration.
                self.started.d.next = true;
                if self.started.q.val() {
                    self.wiped.d.next = self.wiped.q.val() + 1;
                }
                if (self.wiped.q.val() == self.last_wipe.val())
                    || (!self.fresh.q.val() && (self.wiped.q.val() == self.last_state.val()))
                {
                    self.fresh.d.next = false;
                    self.started.d.next = false;
                    self.now.d.next = Phase::Idle;
                    self.finish.next = true;
                }
            }
            Phase::Idle => {
                self.number.d.next = 0.into();
                self.wiped.d.next = 0.into();
                if self.activate.val() {
                    self.now.d.next = Phase::Wipe;
                }
                if self.begin_sample.val() {
                    self.wrong.d.next = 0.into();
                    self.learns.d.next = self.learning.val();
                    self.sample_label.d.next = self.label.val() & self.label_bits.val();
                    self.last.d.next = self.layers.val() - 1;
                    self.goal.d.next = Goal::Clear;
                    self.layer.load.next = true;
                    self.layer.number.next = 0.into();
                    self.now.d.next = Phase::Load;
                }
                if self.step.val() {
                    self.loss.d.next = self.with_loss.val();
                    self.source_spiked.d.next = self.any_event.val();
                    self.page.d.next = !self.page.q.val();
                    self.seed_register.advance.next = self.learns.q.val();
                    self.walk.clear_list.next = true;
                    self.errors.restart.next = true;
                    self.goal.d.next = Goal::Up;
                    self.layer.load.next = true;
                    self.layer.number.next = 0.into();
                    self.now.d.next = Phase::Load;
                }
                if self.find.val() {
                    self.scores.find.next = true;
                    self.now.d.next = Phase::Find;
                }
            }
            Phase::Load => {
                self.started.d.next = false;
                self.neurons_over.d.next = false;
                self.traces_over.d.next = false;
                self.spiked.d.next = false;
                if self.layer.done.val() {
                    match self.goal.q.val() {
                        Goal::Clear => {
                            self.now.d.next = Phase::Clear;
                        }
                        Goal::Up => {
                            self.now.d.next = Phase::Fire;
                            if self.source_spiked.q.val() {
                                self.now.d.next = Phase::Integrate;
                            }
                        }
                        Goal::Down => {
                            self.now.d.next = Phase::Learn;
                        }
                    }
                }
            }
            Phase::Integrate => {
                self.started.d.next = true;
                if self.starts.val() {
                    self.scanner.start.next = true;
                    self.walk.start.next = true;
                } else if !self.walk.busy.val() && !self.lanes.busy.val() {
                    self.started.d.next = false;
                    self.now.d.next = Phase::Fire;
                }
            }
            Phase::Clear => {
                self.started.d.next = true;
                if self.starts.val() {
                    self.neurons.start.next = true;
                    self.scanner.start.next = true;
                    self.traces.start.next = true;
                } else if self.neurons_over.q.val() && self.traces_over.q.val() && !self.lanes.busy.val() {
                    self.now.d.next = Phase::Turn;
                }
            }
            Phase::Fire => {
                self.started.d.next = true;
                if self.starts.val() {
                    self.neurons.start.next = true;
                    self.scanner.start.next = self.learn_w.val();
                    self.traces.start.next = self.learn_w.val();
                } else if self.neurons_over.q.val()
                    && (self.traces_over.q.val() || !self.learn_w.val())
                    && !self.lanes.busy.val()
                {
                    self.now.d.next = Phase::Turn;
                }
            }
            Phase::Turn => {
                self.started.d.next = false;
                match self.goal.q.val() {
                    Goal::Clear => {
                        self.classes.d.next = self.layer.outputs.val() & self.class_bits.val();
                        if self.number.q.val() == self.last.q.val() {
                            self.now.d.next = Phase::Idle;
                            self.finish.next = true;
                        } else {
                            self.number.d.next = self.number.q.val() + 1;
                            self.layer.load.next = true;
                            self.layer.number.next = self.number.q.val() + 1;
                            self.now.d.next = Phase::Load;
                        }
                    }
                    Goal::Up => {
                        if self.number.q.val() != self.last.q.val() {
                            self.source_spiked.d.next = self.spiked.q.val();
                            self.number.d.next = self.number.q.val() + 1;
                            self.layer.load.next = true;
                            self.layer.number.next = self.number.q.val() + 1;
                            self.now.d.next = Phase::Load;
                        } else if self.learns.q.val() && self.loss.q.val() && self.walk.any_errors.val() {
                            // The record of the output layer is there already.
                            self.goal.d.next = Goal::Down;
                            self.now.d.next = Phase::Learn;
                        } else {
                            self.now.d.next = Phase::Idle;
                            self.finish.next = true;
                        }
                    }
                    Goal::Down => {
                        if self.first_layer.val() || !self.walk.any_errors.val() {
                            self.now.d.next = Phase::Idle;
                            self.finish.next = true;
                        } else {
                            self.number.d.next = self.number.q.val() - 1;
                            self.layer.load.next = true;
                            self.layer.number.next = self.number.q.val() - 1;
                            self.now.d.next = Phase::Load;
                        }
                    }
                }
            }
            Phase::Learn => {
                self.started.d.next = true;
                if self.starts.val() {
                    self.scanner.start.next = true;
                    self.walk.start.next = true;
                    self.errors.restart.next = true;
                } else if !self.walk.busy.val() && !self.lanes.busy.val() {
                    self.started.d.next = false;
                    self.now.d.next = Phase::Flush;
                }
            }
            Phase::Flush => {
                self.now.d.next = Phase::Turn;
                if self.learn_t.val() || self.learn_l.val() {
                    self.now.d.next = Phase::Update;
                }
            }
            Phase::Update => {
                self.started.d.next = true;
                if self.starts.val() {
                    self.scanner.start.next = true;
                    self.updates.start.next = true;
                } else if self.updates.done.val() {
                    self.now.d.next = Phase::Turn;
                }
            }
            Phase::Find => {
                if self.scores.found.val() {
                    self.now.d.next = Phase::Idle;
                    self.finish.next = true;
                }
            }
        }
        self.done.next = self.finish.val();
    }
}
