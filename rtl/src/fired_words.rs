//! Fired words: the words of the bitmaps that a pass over neurons makes, gathered and written.
//!
//! Latency: a word is written in the three cycles after its last neuron, its spikes, its marks, zeros; the last word of several
//! waits until the one before it is written. Throughput: `P` neurons a cycle, `P` at most 4, so that a word of 16 brings no
//! fewer than its three writes need.
//! Handshake: `valid` while neurons come, without a gap; `over` with the last write. Reset: none needed; while the block rests,
//! what it would write is 0: so memories are wiped.
//!
//! A mark is an open surrogate, in an output layer an error; the layer's other bitmap is 0: nobody asks for open surrogates of an
//! output layer, and other layers get their errors in the learn pass. A mark is found later in its cycle than a spike, so that it is
//! kept for a cycle first; so are the words.

use crate::prelude::*;

/// `P` neurons a cycle, a power of two.
#[derive(LogicBlock)]
pub struct FiredWords<const P: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Neurons are here.
    pub valid: Signal<In, Bit>,
    /// Others follow in the next cycle.
    pub more: Signal<In, Bit>,
    /// Number of the first one in the layer, a multiple of `P`; while none is here that of the place behind the last.
    pub number: Signal<In, Bits<16>>,
    /// Their spikes; none unless `valid`.
    pub spike: [Signal<In, Bit>; P],
    /// Their marks; none unless `valid`.
    pub mark: [Signal<In, Bit>; P],
    /// Marks are errors.
    pub output_layer: Signal<In, Bit>,
    /// Writes a word of a bitmap.
    pub write: Signal<Out, Bit>,
    /// 0 spikes, 1 open, 2 erring.
    pub kind: Signal<Out, Bits<2>>,
    /// The word's number in the layer.
    pub word: Signal<Out, Bits<12>>,
    /// The word.
    pub data: Signal<Out, Bits<16>>,
    /// Nothing waits behind the write of this cycle, the third of its word.
    pub over: Signal<Out, Bit>,
    /// Words in the making.
    spikes: DFF<Bits<16>>,
    marks: DFF<Bits<16>>,
    /// The marks of the neurons that were here in the cycle before.
    held: [DFF<Bit>; P],
    /// The last neuron has left, and the words of the neurons before it are still being written.
    waiting: DFF<Bit>,
    /// A word is written: its spikes, marks, zeros.
    writing: DFF<Bits<3>>,
    word_now: DFF<Bits<12>>,
    position: Signal<Local, Bits<4>>,
    last_position: Signal<Local, Bits<4>>,
    /// Place of the first neuron in its word, one hot, and of the first of those before it.
    place: Signal<Local, Bits<16>>,
    place_before: Signal<Local, Bits<16>>,
    /// Places of those with a spike, and of those before them with a mark.
    spike_place: [Signal<Local, Bits<16>>; P],
    mark_place: [Signal<Local, Bits<16>>; P],
    /// The words so far, empty for the first neurons of one, and with one neuron more each.
    spikes_before: Signal<Local, Bits<16>>,
    marks_before: Signal<Local, Bits<16>>,
    spikes_with: [Signal<Local, Bits<16>>; P],
    marks_with: [Signal<Local, Bits<16>>; P],
    ready: Signal<Local, Bit>,
    complete: Signal<Local, Bit>,
    /// A neuron's number among those of a cycle.
    slot: [Constant<Bits<4>>; P],
    /// What the numbers of neurons of one cycle differ in.
    slot_bits: Constant<Bits<4>>,
    /// From the places before to these, and what is left of a word.
    forward: Constant<Bits<5>>,
    around: Constant<Bits<5>>,
}

crate::default_block!(FiredWords<P> {
    slot: std::array::from_fn(|slot| Constant::new(Bits::wrapped(slot as u128))),
    slot_bits: {
        const { assert!(P == 1 || P == 2 || P == 4, "a word of 16 neurons brings three writes") };
        Constant::new(Bits::wrapped(P as u128 - 1))
    },
    forward: Constant::new(Bits::wrapped(P as u128)),
    around: Constant::new(Bits::wrapped(16 - P as u128)),
    spike: [(); P].map(|()| Default::default()),
    mark: [(); P].map(|()| Default::default()),
    held: [(); P].map(|()| Default::default()),
    spike_place: [(); P].map(|()| Default::default()),
    mark_place: [(); P].map(|()| Default::default()),
    spikes_with: [(); P].map(|()| Default::default()),
    marks_with: [(); P].map(|()| Default::default()),
} {
    clock, valid, more, number, output_layer, write, kind, word, data, over, spikes, marks, waiting, writing, word_now, position,
    last_position, place, place_before, spikes_before, marks_before, ready, complete
});

impl<const P: usize> Logic for FiredWords<P> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, spikes, marks, waiting, writing, word_now);

        // The first neurons of a word empty it.
        self.position.next = self.number.val().get_bits::<4>(0);
        self.place.next = bits::<16>(1) << self.position.val();
        self.place_before.next =
            (self.place.val() >> self.forward.val()) | (self.place.val() << self.around.val());
        self.spikes_before.next = self.spikes.q.val();
        if self.place.val().get_bit(0) {
            self.spikes_before.next = 0.into();
        }
        self.marks_before.next = self.marks.q.val();
        if self.place_before.val().get_bit(0) {
            self.marks_before.next = 0.into();
        }
        for i in 0..P {
            self.held[i].clock.next = self.clock.val();
            self.held[i].d.next = self.mark[i].val();
            self.spike_place[i].next = 0.into();
            if self.spike[i].val() {
                self.spike_place[i].next = self.place.val() << self.slot[i].val();
            }
            self.mark_place[i].next = 0.into();
            if self.held[i].q.val() {
                self.mark_place[i].next = self.place_before.val() << self.slot[i].val();
            }
        }
        self.spikes_with[0].next = self.spikes_before.val() | self.spike_place[0].val();
        self.marks_with[0].next = self.marks_before.val() | self.mark_place[0].val();
        for i in 1..P {
            self.spikes_with[i].next = self.spikes_with[i - 1].val() | self.spike_place[i].val();
            self.marks_with[i].next = self.marks_with[i - 1].val() | self.mark_place[i].val();
        }
        for i in 0..P {
            comment!("The last one holds.");
            self.spikes.d.next = self.spikes_with[i].val();
            self.marks.d.next = self.marks_with[i].val();
        }

        // A complete word is written in the three cycles that follow: spikes, marks, zeros.
        self.last_position.next = self.position.val() | self.slot_bits.val();
        self.ready.next = (self.valid.val() && (self.last_position.val().all() || !self.more.val()))
            || self.waiting.q.val();
        self.complete.next =
            self.ready.val() && !self.writing.q.val().get_bit(0) && !self.writing.q.val().get_bit(1);
        self.waiting.d.next = self.ready.val() && !self.complete.val();
        self.writing.d.next = (self.writing.q.val() << 1) | bit_cast::<3, 1>(self.complete.val().into());
        if self.complete.val() {
            self.word_now.d.next = self.number.val().get_bits::<12>(4);
        }
        self.write.next = self.writing.q.val().any();
        self.word.next = self.word_now.q.val();
        self.kind.next = 0.into();
        self.data.next = 0.into();
        if self.writing.q.val().get_bit(0) {
            self.data.next = self.spikes.q.val();
        }
        if self.writing.q.val().get_bit(1) {
            self.kind.next = 1.into();
            if self.output_layer.val() {
                self.kind.next = 2.into();
            }
            self.data.next = self.marks.q.val();
        }
        if self.writing.q.val().get_bit(2) {
            self.kind.next = 2.into();
            if self.output_layer.val() {
                self.kind.next = 1.into();
            }
        }
        self.over.next = self.writing.q.val().get_bit(2) && !self.waiting.q.val();
    }
}
