//! Errors: notes which words and which neurons of a layer have an error, as its δ are stored.
//!
//! Latency: a word of the list is appended in the cycle of its first δ that is not 0; a bitmap word is written with the
//! first such δ of a later word, or on `flush`. Throughput: one δ a cycle, ascending. Handshake: none.
//! Reset: none needed; `restart` before the first δ of a layer.

use crate::prelude::*;

/// `LB` bits number a lane, `KA` a word of neurons.
#[derive(LogicBlock)]
pub struct Errors<const LB: usize, const KA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A new list begins.
    pub restart: Signal<In, Bit>,
    /// Gather the bitmap: the δ are those of a learn pass, or the host's. The neuron pass writes its own.
    pub gather: Signal<In, Bit>,
    /// A δ is stored.
    pub stored: Signal<In, Bit>,
    /// Its neuron, from the layer's first.
    pub index: Signal<In, Bits<16>>,
    /// δ.
    pub delta: Signal<In, Bits<8>>,
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
    listed: DFF<Bit>,
    listed_word: DFF<Bits<KA>>,
    gathered: DFF<Bits<16>>,
    gathered_word: DFF<Bits<12>>,
    error: Signal<Local, Bit>,
    lane_word: Signal<Local, Bits<16>>,
    word: Signal<Local, Bits<KA>>,
    bitmap_word: Signal<Local, Bits<12>>,
    this_bit: Signal<Local, Bits<16>>,
    bit_number: Signal<Local, Bits<4>>,
    lane_bits: Constant<Bits<4>>,
}

crate::default_block!(Errors<LB, KA> { lane_bits: Constant::new(Bits::wrapped(LB as u128)) } {
    clock, restart, gather, stored, index, delta, flush, append, append_word, write, write_word, write_data, erred,
    listed, listed_word, gathered, gathered_word, error, lane_word, word, bitmap_word, this_bit, bit_number
});

impl<const LB: usize, const KA: usize> Logic for Errors<LB, KA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, listed, listed_word, gathered, gathered_word);
        self.error.next = self.stored.val() && self.delta.val().any();
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
