//! The pass over the neurons of a layer: traces, decay, integration, firing, reset, surrogate, the outputs' errors.
//!
//! Latency: `done` outputs + 8 cycles after `start`; 2 (1) later if the last word of the bitmaps, of several, has only 1 (2)
//! neurons, because it waits for the port. Throughput: one neuron a cycle.
//! Handshake: `start` while not `busy`; the parameters stay until `done`, which comes in the cycle of the last write: the
//! next `start` may follow in the cycle after.
//! Reset: none needed, idle after configuration; a pass with `clear` empties the layer's state. While the unit rests, what
//! it would write is 0: so memories are wiped.
//!
//! ```text
//!   stage  N0       N1         N2         N3                    N4             N5
//!          current  I          q(I)       αv + q(I), m, aα̃ + v  u = αv + q(I)  s, v, φ, δ
//!          index    memories'  words →                          u − θ, α̃       memories, δ, score written
//!                   address    products                                        bits put into their words
//!
//!   after the last neuron of a word: 1 its spikes are written, 2 its marks, 3 zeros
//! ```
//!
//! The current comes a cycle before the rest, so that nothing waits for its shift. While the word of neuron i is
//! written, that of i + 4 is read. A mark is an open surrogate, in an output layer an error; the layer's other bitmap
//! is 0: nobody asks for open surrogates of an output layer, and other layers get their errors in the learn pass. Stage
//! N4 turns what is cleared, and what is no neuron, into one so far below its threshold that neither spike nor mark comes
//! of it, so that N5 need not ask.

use crate::lif::Lif;
use crate::neuron_traces::NeuronTraces;
use crate::prelude::*;
use crate::surrogate::{OutputError, Surrogate};

/// Neurons in memories of `2^NA` words, `NA` ≤ 16; currents of `IW` bits, 16 or 24.
#[derive(Default, LogicBlock)]
pub struct Neurons<const NA: usize, const IW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a pass. All inputs from here to `current_valid` stay until `done`.
    pub start: Signal<In, Bit>,
    /// The pass writes zeros: state, α̃, δ, bitmaps; no spikes.
    pub clear: Signal<In, Bit>,
    /// The step learns.
    pub learning: Signal<In, Bit>,
    /// The step has a loss.
    pub with_loss: Signal<In, Bit>,
    /// Neurons of the layer, 1 … 2^NA.
    pub outputs: Signal<In, Bits<16>>,
    /// Its first neuron's place in the memories, a multiple of 16.
    pub neuron_base: Signal<In, Bits<NA>>,
    /// f, fraction bits of the weights and of the current, 4 … 15.
    pub fraction_bits: Signal<In, Bits<4>>,
    /// 0 shift, 1 rectangle, 2 triangle.
    pub surrogate: Signal<In, Bits<2>>,
    /// θ learns, so its trace m is kept.
    pub learn_thresholds: Signal<In, Bit>,
    /// α learns, so its trace α̃ is kept.
    pub learn_leaks: Signal<In, Bit>,
    /// The traces' own past counts.
    pub traces: Signal<In, Bit>,
    /// Its neurons have scores, and errors from the label.
    pub output_layer: Signal<In, Bit>,
    /// a = α >> 8, Q0.8.
    pub alpha: Signal<In, Bits<8>>,
    /// Number of the neuron that is to spike.
    pub label: Signal<In, Bits<16>>,
    /// Outputs err beside the label; else not at all, their errors come later.
    pub by_label: Signal<In, Bit>,
    /// The layer has currents; otherwise all are 0.
    pub current_valid: Signal<In, Bit>,
    /// Reads a current.
    pub current_enable: Signal<Out, Bit>,
    /// The neuron's number in the layer.
    pub current_index: Signal<Out, Bits<16>>,
    /// Its current I, signed, one cycle later.
    pub current: Signal<In, Bits<IW>>,
    /// Reads `membrane`, `threshold`, `leak_trace` and `state`.
    pub memory_read_enable: Signal<Out, Bit>,
    /// Where.
    pub memory_read_address: Signal<Out, Bits<NA>>,
    /// v, signed, one cycle later.
    pub membrane: Signal<In, Bits<16>>,
    /// θ, signed and positive.
    pub threshold: Signal<In, Bits<16>>,
    /// α̃, signed.
    pub leak_trace: Signal<In, Bits<16>>,
    /// s, φ − 1 (7), m (8) from the top down.
    pub state: Signal<In, Bits<16>>,
    /// a, a factor of all three products.
    pub factor_alpha: Signal<Out, Bits<16>>,
    /// The other factors, signed.
    pub factor: [Signal<Out, Bits<16>>; 3],
    /// Their products, signed, one cycle later.
    pub product: [Signal<In, Bits<32>>; 3],
    /// Writes `membrane_write`, `leak_trace_write` and `state_write`.
    pub memory_write_enable: Signal<Out, Bit>,
    /// Where.
    pub memory_write_address: Signal<Out, Bits<NA>>,
    /// v.
    pub membrane_write: Signal<Out, Bits<16>>,
    /// α̃.
    pub leak_trace_write: Signal<Out, Bits<16>>,
    /// As `state`; φ − 1 is written as 0 where φ = 0.
    pub state_write: Signal<Out, Bits<16>>,
    /// Writes a word of a bitmap.
    pub bitmap_write: Signal<Out, Bit>,
    /// 0 spikes, 1 open, 2 erring.
    pub bitmap_kind: Signal<Out, Bits<2>>,
    /// The word's number in the layer.
    pub bitmap_word: Signal<Out, Bits<12>>,
    /// The word.
    pub bitmap_data: Signal<Out, Bits<16>>,
    /// Writes δ.
    pub delta_write: Signal<Out, Bit>,
    /// Of this neuron of the layer.
    pub delta_index: Signal<Out, Bits<16>>,
    /// δ, signed.
    pub delta: Signal<Out, Bits<8>>,
    /// Adds to a neuron's score in the next cycle.
    pub score_next: Signal<Out, Bit>,
    /// Of this neuron of the layer.
    pub score_next_index: Signal<Out, Bits<16>>,
    /// Adds to a neuron's score.
    pub score_write: Signal<Out, Bit>,
    /// Sets it to 0 instead.
    pub score_clear: Signal<Out, Bit>,
    /// Of this neuron of the layer.
    pub score_index: Signal<Out, Bits<16>>,
    /// s.
    pub score_spike: Signal<Out, Bit>,
    /// u, signed.
    pub score_membrane: Signal<Out, Bits<16>>,
    /// An output neuron that should not have spiked, or should have.
    pub wrong: Signal<Out, Bit>,
    /// A spike.
    pub fired: Signal<Out, Bit>,
    /// A δ that is not 0.
    pub erring: Signal<Out, Bit>,
    /// A pass is going on.
    pub busy: Signal<Out, Bit>,
    /// Last cycle of the pass.
    pub done: Signal<Out, Bit>,
    lif: Lif<IW>,
    neuron_traces: NeuronTraces,
    slope: Surrogate,
    output_error: OutputError,
    running: DFF<Bit>,
    /// N0 holds a neuron.
    reading: DFF<Bit>,
    /// N1 … N5 hold one.
    stage: DFF<Bits<5>>,
    /// Number of the neuron at N0.
    index: DFF<Bits<NA>>,
    /// At N1.
    memory_index: DFF<Bits<NA>>,
    /// At N5, and of the places behind the last neuron.
    write_index: DFF<Bits<NA>>,
    /// Words of the bitmaps in the making. A mark is an open surrogate, in an output layer an error.
    spikes: DFF<Bits<16>>,
    marks: DFF<Bits<16>>,
    /// The mark of the neuron that was at N5, one cycle later than its spike: so are the words.
    mark: DFF<Bit>,
    /// The last neuron has left, and the words of the neurons before it are still being written.
    waiting: DFF<Bit>,
    /// A word is written: its spikes, marks, zeros.
    writing: DFF<Bits<3>>,
    word: DFF<Bits<12>>,
    following: Signal<Local, Bits<16>>,
    next_index: Signal<Local, Bits<NA>>,
    scored: Signal<Local, Bit>,
    write_number: Signal<Local, Bits<16>>,
    live: Signal<Local, Bit>,
    taught: Signal<Local, Bit>,
    wanted: Signal<Local, Bit>,
    missed: Signal<Local, Bit>,
    kept_code: Signal<Local, Bits<7>>,
    position: Signal<Local, Bits<4>>,
    place: Signal<Local, Bits<16>>,
    place_before: Signal<Local, Bits<16>>,
    /// The words so far, empty for the first neuron of one.
    spikes_before: Signal<Local, Bits<16>>,
    marks_before: Signal<Local, Bits<16>>,
    ready: Signal<Local, Bit>,
    complete: Signal<Local, Bit>,
    finish: Signal<Local, Bit>,
}

impl<const NA: usize, const IW: usize> Logic for Neurons<NA, IW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, reading, stage, index, memory_index, write_index);
        dff_setup!(self, clock, spikes, marks, mark, waiting, writing, word);
        clock!(self, clock, lif, neuron_traces);
        self.finish.next =
            self.writing.q.val().get_bit(2) && !self.stage.q.val().get_bit(4) && !self.waiting.q.val();
        self.done.next = self.finish.val();
        self.taught.next = self.learning.val() && self.with_loss.val();

        // Neurons on their way: they come without a gap, so a stage's count begins with its first one.
        self.next_index.next = self.write_index.q.val() + 1;
        if self.stage.q.val().get_bit(3) && !self.stage.q.val().get_bit(4) {
            self.next_index.next = 0.into();
        }
        self.following.next = bit_cast::<16, NA>(self.index.q.val()) + 1;
        self.stage.d.next = (self.stage.q.val() << 1) | bit_cast::<5, 1>(self.reading.q.val().into());
        if self.running.q.val() {
            self.index.d.next = bit_cast::<NA, 16>(self.following.val());
            self.memory_index.d.next = self.memory_index.q.val() + 1;
            self.write_index.d.next = self.next_index.val();
            if self.following.val() == self.outputs.val() {
                self.reading.d.next = false;
            }
            if !self.stage.q.val().get_bit(0) {
                self.memory_index.d.next = 0.into();
            }
        }
        if self.finish.val() {
            self.running.d.next = false;
        }
        if self.start.val() && !self.running.q.val() {
            self.running.d.next = true;
            self.reading.d.next = true;
            self.index.d.next = 0.into();
        }
        self.busy.next = self.running.q.val();

        // N0 and N1: current, then the memories.
        self.current_enable.next = self.reading.q.val();
        self.current_index.next = bit_cast::<16, NA>(self.index.q.val());
        self.lif.current.next = self.current.val();
        self.lif.current_valid.next = self.current_valid.val();
        self.lif.fraction_bits.next = self.fraction_bits.val();
        self.memory_read_enable.next = self.stage.q.val().get_bit(0);
        self.memory_read_address.next = self.neuron_base.val() + self.memory_index.q.val();

        // N2 and N3: products and sums.
        self.factor_alpha.next = bit_cast::<16, 8>(self.alpha.val());
        self.factor[0].next = self.membrane.val();
        self.factor[1].next = self.neuron_traces.threshold_factor.val();
        self.factor[2].next = self.neuron_traces.leak_factor.val();
        self.lif.product.next = self.product[0].val().get_bits::<17>(7);
        self.lif.threshold.next = self.threshold.val().get_bits::<11>(0);
        self.neuron_traces.traces.next = self.traces.val();
        self.neuron_traces.keep_threshold_trace.next = self.learning.val() && self.learn_thresholds.val();
        self.neuron_traces.keep_leak_trace.next = self.learning.val() && self.learn_leaks.val();
        self.neuron_traces.spike.next = self.state.val().get_bit(15);
        self.neuron_traces.threshold_trace.next = self.state.val().get_bits::<8>(0);
        self.neuron_traces.membrane.next = self.membrane.val();
        self.neuron_traces.leak_trace.next = self.leak_trace.val();
        self.neuron_traces.threshold_product.next = self.product[1].val().get_bits::<9>(8);
        self.neuron_traces.leak_product.next = self.product[2].val().get_bits::<17>(7);

        // N4: potential and distance.
        self.live.next = self.stage.q.val().get_bit(3) && !self.clear.val();
        self.lif.live.next = self.live.val();
        self.neuron_traces.live.next = self.live.val();

        // N5: spike, surrogate, error.
        self.write_number.next = bit_cast::<16, NA>(self.write_index.q.val());
        self.slope.distance.next = self.lif.distance.val();
        self.slope.kind.next = self.surrogate.val();
        self.wanted.next = self.write_number.val() == self.label.val();
        self.missed.next = self.output_layer.val()
            && self.with_loss.val()
            && self.by_label.val()
            && (self.lif.spike.val() != self.wanted.val());
        self.output_error.wrong.next = self.missed.val();
        self.output_error.spike.next = self.lif.spike.val();
        self.output_error.open.next = self.slope.open.val();
        self.output_error.code.next = self.slope.code.val();

        self.memory_write_enable.next = self.stage.q.val().get_bit(4);
        self.memory_write_address.next = self.neuron_base.val() + self.write_index.q.val();
        self.membrane_write.next = self.lif.membrane.val();
        self.leak_trace_write.next = self.neuron_traces.new_leak_trace.val();
        self.kept_code.next = 0.into();
        if self.slope.open.val() {
            self.kept_code.next = self.slope.code.val();
        }
        self.state_write.next = (bit_cast::<16, 1>(self.lif.spike.val().into()) << 15)
            | (bit_cast::<16, 7>(self.kept_code.val()) << 8)
            | bit_cast::<16, 8>(self.neuron_traces.new_threshold_trace.val());

        self.delta_write.next = self.stage.q.val().get_bit(4) && (self.taught.val() || self.clear.val());
        self.delta_index.next = self.write_number.val();
        self.delta.next = self.output_error.delta.val();
        self.erring.next = self.taught.val() && self.output_error.erring.val();

        self.scored.next = self.output_layer.val() && (self.with_loss.val() || self.clear.val());
        self.score_next.next = self.stage.q.val().get_bit(3) && self.scored.val();
        self.score_next_index.next = bit_cast::<16, NA>(self.next_index.val());
        self.score_write.next = self.stage.q.val().get_bit(4) && self.scored.val();
        self.score_clear.next = self.clear.val();
        self.score_index.next = self.write_number.val();
        self.score_spike.next = self.lif.spike.val();
        self.score_membrane.next = self.lif.potential.val();
        self.wrong.next = self.stage.q.val().get_bit(4) && self.missed.val() && !self.clear.val();
        self.fired.next = self.lif.spike.val();

        // Words of the bitmaps: the first neuron of one empties them.
        self.position.next = self.write_number.val().get_bits::<4>(0);
        self.place.next = bits::<16>(1) << self.position.val();
        self.place_before.next = (self.place.val() >> 1) | (self.place.val() << 15);
        self.spikes_before.next = self.spikes.q.val();
        if self.place.val().get_bit(0) {
            self.spikes_before.next = 0.into();
        }
        self.spikes.d.next = self.spikes_before.val();
        if self.lif.spike.val() {
            self.spikes.d.next = self.spikes_before.val() | self.place.val();
        }
        self.mark.d.next = self.taught.val() && self.slope.open.val();
        if self.output_layer.val() {
            self.mark.d.next = self.erring.val();
        }
        self.marks_before.next = self.marks.q.val();
        if self.place.val().get_bit(1) {
            self.marks_before.next = 0.into();
        }
        self.marks.d.next = self.marks_before.val();
        if self.mark.q.val() {
            self.marks.d.next = self.marks_before.val() | self.place_before.val();
        }

        // A complete word is written in the three cycles that follow: spikes, marks, zeros.
        self.ready.next = (self.stage.q.val().get_bit(4)
            && (self.position.val().all() || !self.stage.q.val().get_bit(3)))
            || self.waiting.q.val();
        self.complete.next =
            self.ready.val() && !self.writing.q.val().get_bit(0) && !self.writing.q.val().get_bit(1);
        self.waiting.d.next = self.ready.val() && !self.complete.val();
        self.writing.d.next = (self.writing.q.val() << 1) | bit_cast::<3, 1>(self.complete.val().into());
        if self.complete.val() {
            self.word.d.next = self.write_number.val().get_bits::<12>(4);
        }
        self.bitmap_write.next = self.writing.q.val().any();
        self.bitmap_word.next = self.word.q.val();
        self.bitmap_kind.next = 0.into();
        self.bitmap_data.next = 0.into();
        if self.writing.q.val().get_bit(0) {
            self.bitmap_data.next = self.spikes.q.val();
        }
        if self.writing.q.val().get_bit(1) {
            self.bitmap_kind.next = 1.into();
            if self.output_layer.val() {
                self.bitmap_kind.next = 2.into();
            }
            self.bitmap_data.next = self.marks.q.val();
        }
        if self.writing.q.val().get_bit(2) {
            self.bitmap_kind.next = 2.into();
            if self.output_layer.val() {
                self.bitmap_kind.next = 1.into();
            }
        }
    }
}
