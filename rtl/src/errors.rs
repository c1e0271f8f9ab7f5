//! Errors: notes which words and which neurons of a layer have an error, as its δ are stored.
//!
//! Latency: a word of the list is appended in the cycle of its first δ that is not 0; a bitmap word is written with the
//! first such δ of a later word, or on `flush`. Throughput: `P` δ a cycle, ascending. Handshake: none.
//! Reset: none needed; `restart` before the first δ of a layer.
//!
//! δ that are stored at once are of neighbours, from a multiple of `P` on: they lie in one word of lanes, so that they append once.

use crate::prelude::*;

/// `P` neurons a cycle; `LB` bits number a lane, `KA` a word of neurons.
#[derive(LogicBlock)]
pub struct Errors<const P: usize, const LB: usize, const KA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A new list begins.
    pub restart: Signal<In, Bit>,
    /// Gather the bitmap: the δ are those of a learn pass, or the host's. The neuron pass writes its own.
    pub gather: Signal<In, Bit>,
    /// δ are stored; a single one while the bitmap is gathered.
    pub stored: Signal<In, Bit>,
    /// Neuron of the single one, or the first of several, from the layer's first.
    pub index: Signal<In, Bits<16>>,
    /// δ; of a single one the others are 0.
    pub delta: [Signal<In, Bits<8>>; P],
    /// Writes the bitmap word that is still being gathered.
    pub flush: Signal<In, Bit>,
    /// Appends to the list of words with errors.
    pub append: Signal<Out, Bit>,
    /// The word.
    pub append_word: Signal<Out, Bits<KA>>,
    /// Writes a word of the bitmap of errors.
    pub write: Signal<Out, Bit>,
    /// Which, from the layer's first.
    pub write_word: Signal<Out, Bits<12>>,
    /// Its bits.
    pub write_data: Signal<Out, Bits<16>>,
    /// A δ that is not 0.
    pub erred: Signal<Out, Bit>,
    /// How many of them, while there is one.
    pub errors: Signal<Out, Bits<3>>,
    listed: DFF<Bit>,
    listed_word: DFF<Bits<KA>>,
    gathered: DFF<Bits<16>>,
    gathered_word: DFF<Bits<12>>,
    error: Signal<Local, Bit>,
    /// Up to this δ: one is not 0; how many more than one.
    any: [Signal<Local, Bit>; P],
    more: [Signal<Local, Bits<3>>; P],
    lane_word: Signal<Local, Bits<16>>,
    word: Signal<Local, Bits<KA>>,
    bitmap_word: Signal<Local, Bits<12>>,
    this_bit: Signal<Local, Bits<16>>,
    bit_number: Signal<Local, Bits<4>>,
    lane_bits: Constant<Bits<4>>,
}

crate::default_block!(Errors<P, LB, KA> {
    lane_bits: {
        const { assert!(P <= 1 << LB, "neighbours lie in one word") };
        Constant::new(Bits::wrapped(LB as u128))
    },
    delta: [(); P].map(|()| Default::default()),
    any: [(); P].map(|()| Default::default()),
    more: [(); P].map(|()| Default::default()),
} {
    clock, restart, gather, stored, index, flush, append, append_word, write, write_word, write_data, erred, errors,
    listed, listed_word, gathered, gathered_word, error, lane_word, word, bitmap_word, this_bit, bit_number
});

impl<const P: usize, const LB: usize, const KA: usize> Logic for Errors<P, LB, KA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, listed, listed_word, gathered, gathered_word);
        self.any[0].next = self.delta[0].val().any();
        self.more[0].next = 0.into();
        for i in 1..P {
            self.any[i].next = self.any[i - 1].val() || self.delta[i].val().any();
            self.more[i].next = self.more[i - 1].val();
            if self.any[i - 1].val() && self.delta[i].val().any() {
                self.more[i].next = self.more[i - 1].val() + 1;
            }
        }
        for i in 0..P {
            comment!("The last one has them all.");
            self.error.next = self.stored.val() && self.any[i].val();
            self.errors.next = self.more[i].val() + 1;
        }
        self.erred.next = self.error.val();
        self.lane_word.next = self.index.val() >> self.lane_bits.val();
        self.word.next = bit_cast::<KA, 16>(self.lane_word.val());
        self.append.next =
            self.error.val() && (!self.listed.q.val() || (self.word.val() != self.listed_word.q.val()));
        self.append_word.next = self.word.val();
        if self.error.val() {
            self.listed.d.next = true;
            self.listed_word.d.next = self.word.val();
        }
        if self.restart.val() {
            self.listed.d.next = false;
        }

        self.bitmap_word.next = self.index.val().get_bits::<12>(4);
        self.bit_number.next = self.index.val().get_bits::<4>(0);
        self.this_bit.next = bits::<16>(1) << self.bit_number.val();
        self.write.next = false;
        self.write_word.next = self.gathered_word.q.val();
        self.write_data.next = self.gathered.q.val();
        if self.error.val() && self.gather.val() {
            self.gathered_word.d.next = self.bitmap_word.val();
            self.gathered.d.next = self.gathered.q.val() | self.this_bit.val();
            if self.gathered_word.q.val() != self.bitmap_word.val() {
                self.write.next = self.gathered.q.val().any();
                self.gathered.d.next = self.this_bit.val();
            }
        }
        if self.flush.val() {
            self.write.next = self.gathered.q.val().any();
            self.gathered.d.next = 0.into();
        }
    }
}
