//! The pass over the neurons of a layer: traces, decay, integration, firing, reset, surrogate, the outputs' errors.
//!
//! Latency: `done` outputs / P, rounded up, + 8 + `ST` cycles after `start`; 2 (1) later if the last word of the bitmaps, of several, is
//! full after 1 (2) cycles, because it waits for the port. Throughput: `P` neurons a cycle.
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
//! The current comes a cycle before the rest, so that nothing waits for its shift. While the words of neuron i are
//! written, those of i + (4 + `ST`)·P are read. Stage N4 turns what is cleared, and what is no neuron, into one so far below its threshold that
//! neither spike nor mark comes of it, so that N5 need not ask: places between the last neuron and the next multiple of `P` get
//! zeros, as all of a layer's padding has.

use crate::fired_words::FiredWords;
use crate::leaf::delay::Delay;
use crate::neuron::Neuron;
use crate::prelude::*;

/// `ST` registers behind the memories; `P` neurons a cycle, 1, 2 or 4, in memories of `2^NA` words, `NA` ≤ 16; currents of `IW` bits, 16 or 24. Arrays have the neurons of a
/// cycle in ascending order.
#[derive(LogicBlock)]
pub struct Neurons<const P: usize, const NA: usize, const IW: usize, const ST: usize = 0> {
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
    /// Number of the first neuron in the layer, a multiple of `P`.
    pub current_index: Signal<Out, Bits<16>>,
    /// The currents I, signed, one cycle later.
    pub current: [Signal<In, Bits<IW>>; P],
    /// Reads `membrane`, `threshold`, `leak_trace` and `state`.
    pub memory_read_enable: Signal<Out, Bit>,
    /// Where, a multiple of `P`.
    pub memory_read_address: Signal<Out, Bits<NA>>,
    /// v, signed, one cycle later.
    pub membrane: [Signal<In, Bits<16>>; P],
    /// θ, signed and positive.
    pub threshold: [Signal<In, Bits<16>>; P],
    /// α̃, signed.
    pub leak_trace: [Signal<In, Bits<16>>; P],
    /// s, φ − 1 (7), m (8) from the top down.
    pub state: [Signal<In, Bits<16>>; P],
    /// a, a factor of all three products.
    pub factor_alpha: Signal<Out, Bits<16>>,
    /// The other factors, signed: of the membrane,
    pub membrane_factor: [Signal<Out, Bits<16>>; P],
    /// of m,
    pub threshold_factor: [Signal<Out, Bits<16>>; P],
    /// of α̃.
    pub leak_factor: [Signal<Out, Bits<16>>; P],
    /// Their products, signed, one cycle later.
    pub membrane_product: [Signal<In, Bits<32>>; P],
    /// See `threshold_factor`.
    pub threshold_product: [Signal<In, Bits<32>>; P],
    /// See `leak_factor`.
    pub leak_product: [Signal<In, Bits<32>>; P],
    /// Writes `membrane_write`, `leak_trace_write` and `state_write`.
    pub memory_write_enable: Signal<Out, Bit>,
    /// Where, a multiple of `P`.
    pub memory_write_address: Signal<Out, Bits<NA>>,
    /// v.
    pub membrane_write: [Signal<Out, Bits<16>>; P],
    /// α̃.
    pub leak_trace_write: [Signal<Out, Bits<16>>; P],
    /// As `state`; φ − 1 is written as 0 where φ = 0.
    pub state_write: [Signal<Out, Bits<16>>; P],
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
    /// Of this neuron of the layer, a multiple of `P`, and those after it.
    pub delta_index: Signal<Out, Bits<16>>,
    /// δ, signed.
    pub delta: [Signal<Out, Bits<8>>; P],
    /// Adds to neurons' scores in the next cycle.
    pub score_next: Signal<Out, Bit>,
    /// Of this neuron of the layer, a multiple of `P`, and those after it.
    pub score_next_index: Signal<Out, Bits<16>>,
    /// Adds to neurons' scores.
    pub score_write: Signal<Out, Bit>,
    /// Sets them to 0 instead.
    pub score_clear: Signal<Out, Bit>,
    /// Of this neuron of the layer, a multiple of `P`, and those after it.
    pub score_index: Signal<Out, Bits<16>>,
    /// s; none of places that are no neurons.
    pub score_spike: [Signal<Out, Bit>; P],
    /// u, signed; 0 of places that are no neurons.
    pub score_membrane: [Signal<Out, Bits<16>>; P],
    /// How many output neurons should not have spiked, or should have.
    pub wrong: Signal<Out, Bits<3>>,
    /// A spike.
    pub fired: Signal<Out, Bit>,
    /// A pass is going on.
    pub busy: Signal<Out, Bit>,
    /// Last cycle of the pass.
    pub done: Signal<Out, Bit>,
    /// What the memories gave, behind them; the currents with it.
    current_late: [Delay<IW, ST>; P],
    membrane_late: [Delay<16, ST>; P],
    threshold_late: [Delay<16, ST>; P],
    leak_trace_late: [Delay<16, ST>; P],
    state_late: [Delay<16, ST>; P],
    read: Delay<1, ST>,
    neurons: [Neuron<IW>; P],
    words: FiredWords<P>,
    running: DFF<Bit>,
    /// N0 holds neurons.
    reading: DFF<Bit>,
    /// N1 … N5 hold some.
    stage: DFF<Bits<5>>,
    /// Number of the first neuron at N0.
    index: DFF<Bits<NA>>,
    /// At N1.
    memory_index: DFF<Bits<NA>>,
    /// At N5, and of the places behind the last neuron.
    write_index: DFF<Bits<NA>>,
    following: Signal<Local, Bits<16>>,
    /// The layer's neurons, rounded up to cycles.
    places: Signal<Local, Bits<16>>,
    next_index: Signal<Local, Bits<NA>>,
    scored: Signal<Local, Bit>,
    write_number: Signal<Local, Bits<16>>,
    taught: Signal<Local, Bit>,
    judged: Signal<Local, Bit>,
    live: Signal<Local, Bit>,
    /// Neurons of the layer's last cycle, 0 if it is full, and the places of that cycle that are none.
    last_count: Signal<Local, Bits<16>>,
    absent: [Signal<Local, Bit>; P],
    /// The neurons at N5 are those of the label.
    labelled: Signal<Local, Bit>,
    label_slot: Signal<Local, Bits<16>>,
    wanted: [Signal<Local, Bit>; P],
    missed: [Signal<Local, Bit>; P],
    wrongs: [Signal<Local, Bits<3>>; P],
    fires: [Signal<Local, Bit>; P],
    /// Neurons of a cycle; a neuron's number among them; what their numbers differ in; what they share.
    group: Constant<Bits<16>>,
    slot: [Constant<Bits<16>>; P],
    slot_bits: Constant<Bits<16>>,
    group_bits: Constant<Bits<16>>,
    forward: Constant<Bits<NA>>,
    /// The stages that hold what the memories gave.
    past_memory: Constant<Bits<5>>,
    finish: Signal<Local, Bit>,
}

crate::default_block!(Neurons<P, NA, IW, ST> {
    group: Constant::new(Bits::wrapped(P as u128)),
    slot: std::array::from_fn(|slot| Constant::new(Bits::wrapped(slot as u128))),
    slot_bits: Constant::new(Bits::wrapped(P as u128 - 1)),
    group_bits: Constant::new(Bits::wrapped(!(P as u128 - 1))),
    forward: Constant::new(Bits::wrapped(P as u128)),
    past_memory: Constant::new(Bits::wrapped(!1)),
    current: [(); P].map(|()| Default::default()),
    membrane: [(); P].map(|()| Default::default()),
    threshold: [(); P].map(|()| Default::default()),
    leak_trace: [(); P].map(|()| Default::default()),
    state: [(); P].map(|()| Default::default()),
    membrane_factor: [(); P].map(|()| Default::default()),
    threshold_factor: [(); P].map(|()| Default::default()),
    leak_factor: [(); P].map(|()| Default::default()),
    membrane_product: [(); P].map(|()| Default::default()),
    threshold_product: [(); P].map(|()| Default::default()),
    leak_product: [(); P].map(|()| Default::default()),
    membrane_write: [(); P].map(|()| Default::default()),
    leak_trace_write: [(); P].map(|()| Default::default()),
    state_write: [(); P].map(|()| Default::default()),
    delta: [(); P].map(|()| Default::default()),
    score_spike: [(); P].map(|()| Default::default()),
    score_membrane: [(); P].map(|()| Default::default()),
    neurons: [(); P].map(|()| Default::default()),
    current_late: [(); P].map(|()| Default::default()),
    membrane_late: [(); P].map(|()| Default::default()),
    threshold_late: [(); P].map(|()| Default::default()),
    leak_trace_late: [(); P].map(|()| Default::default()),
    state_late: [(); P].map(|()| Default::default()),
    absent: [(); P].map(|()| Default::default()),
    wanted: [(); P].map(|()| Default::default()),
    missed: [(); P].map(|()| Default::default()),
    wrongs: [(); P].map(|()| Default::default()),
    fires: [(); P].map(|()| Default::default()),
} {
    clock, start, clear, learning, with_loss, outputs, neuron_base, fraction_bits, surrogate, learn_thresholds, learn_leaks, traces,
    output_layer, alpha, label, by_label, current_valid, current_enable, current_index, memory_read_enable, memory_read_address, factor_alpha,
    memory_write_enable, memory_write_address, bitmap_write, bitmap_kind, bitmap_word, bitmap_data, delta_write, delta_index,
    score_next, score_next_index, score_write, score_clear, score_index, wrong, fired, busy, done, words, read, running, reading, stage,
    index, memory_index, write_index, following, places, next_index, scored, write_number, taught, judged, live, last_count, labelled,
    label_slot, finish
});

impl<const P: usize, const NA: usize, const IW: usize, const ST: usize> Logic for Neurons<P, NA, IW, ST> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, reading, stage, index, memory_index, write_index);
        clock!(self, clock, words, read);
        self.finish.next = self.words.over.val() && !self.stage.q.val().get_bit(4);
        self.done.next = self.finish.val();
        self.taught.next = self.learning.val() && self.with_loss.val();

        // Neurons on their way: they come without a gap, so a stage's count begins with its first ones.
        self.next_index.next = self.write_index.q.val() + self.forward.val();
        if self.stage.q.val().get_bit(3) && !self.stage.q.val().get_bit(4) {
            self.next_index.next = 0.into();
        }
        self.following.next = bit_cast::<16, NA>(self.index.q.val()) + self.group.val();
        self.places.next = (self.outputs.val() + self.slot_bits.val()) & self.group_bits.val();
        self.read.early.next = self.stage.q.val().get_bit(0).into();
        self.stage.d.next = ((self.stage.q.val() & self.past_memory.val()) << 1)
            | (bit_cast::<5, 1>(self.read.late.val()) << 1)
            | bit_cast::<5, 1>(self.reading.q.val().into());
        if self.running.q.val() {
            self.index.d.next = bit_cast::<NA, 16>(self.following.val());
            self.memory_index.d.next = self.memory_index.q.val() + self.forward.val();
            self.write_index.d.next = self.next_index.val();
            if self.following.val() == self.places.val() {
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

        // What is read, and what is written.
        self.current_enable.next = self.reading.q.val();
        self.current_index.next = bit_cast::<16, NA>(self.index.q.val());
        self.memory_read_enable.next = self.stage.q.val().get_bit(0);
        self.memory_read_address.next = self.neuron_base.val() + self.memory_index.q.val();
        self.factor_alpha.next = bit_cast::<16, 8>(self.alpha.val());
        self.write_number.next = bit_cast::<16, NA>(self.write_index.q.val());
        self.memory_write_enable.next = self.stage.q.val().get_bit(4);
        self.memory_write_address.next = self.neuron_base.val() + self.write_index.q.val();
        self.delta_write.next = self.stage.q.val().get_bit(4) && (self.taught.val() || self.clear.val());
        self.delta_index.next = self.write_number.val();
        self.scored.next = self.output_layer.val() && (self.with_loss.val() || self.clear.val());
        self.score_next.next = self.stage.q.val().get_bit(3) && self.scored.val();
        self.score_next_index.next = bit_cast::<16, NA>(self.next_index.val());
        self.score_write.next = self.stage.q.val().get_bit(4) && self.scored.val();
        self.score_clear.next = self.clear.val();
        self.score_index.next = self.write_number.val();

        // The neurons of a cycle.
        self.live.next = self.stage.q.val().get_bit(3) && !self.clear.val();
        self.last_count.next = self.outputs.val() & self.slot_bits.val();
        self.labelled.next = self.write_number.val() == (self.label.val() & self.group_bits.val());
        self.label_slot.next = self.label.val() & self.slot_bits.val();
        self.judged.next = self.output_layer.val() && self.with_loss.val() && self.by_label.val();
        for i in 0..P {
            self.neurons[i].clock.next = self.clock.val();
            self.neurons[i].fraction_bits.next = self.fraction_bits.val();
            self.neurons[i].surrogate.next = self.surrogate.val();
            self.neurons[i].keep_threshold_trace.next = self.learning.val() && self.learn_thresholds.val();
            self.neurons[i].keep_leak_trace.next = self.learning.val() && self.learn_leaks.val();
            self.neurons[i].traces.next = self.traces.val();
            self.neurons[i].current_valid.next = self.current_valid.val();
            self.current_late[i].clock.next = self.clock.val();
            self.current_late[i].early.next = self.current[i].val();
            self.neurons[i].current.next = self.current_late[i].late.val();
            self.membrane_late[i].clock.next = self.clock.val();
            self.membrane_late[i].early.next = self.membrane[i].val();
            self.neurons[i].membrane.next = self.membrane_late[i].late.val();
            self.threshold_late[i].clock.next = self.clock.val();
            self.threshold_late[i].early.next = self.threshold[i].val();
            self.neurons[i].threshold.next = self.threshold_late[i].late.val();
            self.leak_trace_late[i].clock.next = self.clock.val();
            self.leak_trace_late[i].early.next = self.leak_trace[i].val();
            self.neurons[i].leak_trace.next = self.leak_trace_late[i].late.val();
            self.state_late[i].clock.next = self.clock.val();
            self.state_late[i].early.next = self.state[i].val();
            self.neurons[i].state.next = self.state_late[i].late.val();
            self.membrane_factor[i].next = self.neurons[i].factor[0].val();
            self.threshold_factor[i].next = self.neurons[i].factor[1].val();
            self.leak_factor[i].next = self.neurons[i].factor[2].val();
            self.neurons[i].product[0].next = self.membrane_product[i].val();
            self.neurons[i].product[1].next = self.threshold_product[i].val();
            self.neurons[i].product[2].next = self.leak_product[i].val();

            // It is the layer's last cycle where no neurons follow in the stage before.
            self.absent[i].next =
                self.last_count.val().any() && (self.slot[i].val() >= self.last_count.val());
            self.neurons[i].live.next =
                self.live.val() && (!self.absent[i].val() || self.stage.q.val().get_bit(2));

            self.wanted[i].next = self.labelled.val() && (self.label_slot.val() == self.slot[i].val());
            self.missed[i].next = self.judged.val()
                && (self.neurons[i].spike.val() != self.wanted[i].val())
                && (!self.absent[i].val() || self.stage.q.val().get_bit(3));
            self.neurons[i].wrong.next = self.missed[i].val();
            self.membrane_write[i].next = self.neurons[i].membrane_write.val();
            self.leak_trace_write[i].next = self.neurons[i].leak_trace_write.val();
            self.state_write[i].next = self.neurons[i].state_write.val();
            self.delta[i].next = self.neurons[i].delta.val();
            self.score_spike[i].next = self.neurons[i].spike.val();
            self.score_membrane[i].next = self.neurons[i].potential.val();
            self.words.spike[i].next = self.neurons[i].spike.val();
            self.words.mark[i].next = self.taught.val() && self.neurons[i].open.val();
            if self.output_layer.val() {
                self.words.mark[i].next = self.taught.val() && self.neurons[i].erring.val();
            }
        }

        // What is counted of them.
        self.wrongs[0].next = bit_cast::<3, 1>(self.missed[0].val().into());
        self.fires[0].next = self.neurons[0].spike.val();
        for i in 1..P {
            self.wrongs[i].next = self.wrongs[i - 1].val();
            if self.missed[i].val() {
                self.wrongs[i].next = self.wrongs[i - 1].val() + 1;
            }
            self.fires[i].next = self.fires[i - 1].val() || self.neurons[i].spike.val();
        }
        self.wrong.next = 0.into();
        for i in 0..P {
            comment!("The last one has them all.");
            self.fired.next = self.fires[i].val();
            if self.stage.q.val().get_bit(4) && !self.clear.val() {
                self.wrong.next = self.wrongs[i].val();
            }
        }

        // Their words.
        self.words.valid.next = self.stage.q.val().get_bit(4);
        self.words.more.next = self.stage.q.val().get_bit(3);
        self.words.number.next = self.write_number.val();
        self.words.output_layer.next = self.output_layer.val();
        self.bitmap_write.next = self.words.write.val();
        self.bitmap_kind.next = self.words.kind.val();
        self.bitmap_word.next = self.words.word.val();
        self.bitmap_data.next = self.words.data.val();
    }
}
