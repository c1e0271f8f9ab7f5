//! Score banks: the scores of `P` classes a cycle, class c in bank c mod P; the counters in the first.
//!
//! Latency, throughput, handshake, reset: those of [`Scores`], one of which a bank is; indices are multiples of `P`, their classes and
//! the `P − 1` after them.
//!
//! An output layer's pass so takes as few cycles as any other. One memory would take a neuron a cycle, and the pass would have to
//! wait for it: what comes out of the neurons is there for one cycle only.

use crate::prelude::*;
use crate::scores::Scores;

/// Scores of up to `2^CA` classes, and 64 counters; `SA = 1 + max(CA − log2 P, 6)` address bits of a bank.
#[derive(LogicBlock)]
pub struct ScoreBanks<const P: usize, const CA: usize, const SA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Reads classes' scores, for `score_write` in the next cycle.
    pub score_next: Signal<In, Bit>,
    /// The first class.
    pub score_next_index: Signal<In, Bits<CA>>,
    /// Adds to classes' scores.
    pub score_write: Signal<In, Bit>,
    /// With `score_next` and `score_write`: sets the scores to 0; spikes and membranes are 0, too.
    pub score_clear: Signal<In, Bit>,
    /// The first class.
    pub score_index: Signal<In, Bits<CA>>,
    /// Their neurons fired.
    pub score_spike: [Signal<In, Bit>; P],
    /// Their membranes u, signed.
    pub score_membrane: [Signal<In, Bits<16>>; P],
    /// Adds to a counter.
    pub tally: Signal<In, Bit>,
    /// Sets it to 0 instead; `tally_addend` is 0, too.
    pub tally_clear: Signal<In, Bit>,
    /// Which.
    pub tally_number: Signal<In, Bits<6>>,
    /// What is added.
    pub tally_addend: Signal<In, Bits<16>>,
    /// Reads a score or a counter.
    pub read_enable: Signal<In, Bit>,
    /// A counter.
    pub read_counter: Signal<In, Bit>,
    /// The class, or the counter's register; of two the upper one's is the counter's, too.
    pub read_address: Signal<In, Bits<20>>,
    /// It is the register of a counter's upper half.
    pub read_upper: Signal<Out, Bit>,
    /// Its spikes, or the upper 16 bits of the counter, from the next cycle on until the next read or `score_next`.
    pub count: Signal<Out, Bits<16>>,
    /// The sum of its membranes, signed, or the lower 32 bits.
    pub sum: Signal<Out, Bits<32>>,
    banks: [Scores<SA>; P],
    /// Bank that was read.
    bank_now: DFF<Bits<CA>>,
    next_word: Signal<Local, Bits<CA>>,
    word: Signal<Local, Bits<CA>>,
    /// A counter with one register, not two.
    short: Signal<Local, Bit>,
    number: Signal<Local, Bits<6>>,
    read_class: Signal<Local, Bits<CA>>,
    read_word: Signal<Local, Bits<CA>>,
    bank_address: Signal<Local, Bits<SA>>,
    bank: [Constant<Bits<CA>>; P],
    bank_bits: Constant<Bits<CA>>,
    bank_shift: Constant<Bits<4>>,
    /// The first counter in its bank.
    counters: Constant<Bits<SA>>,
    /// Bits 2 to 4 of the addresses of counters with one register.
    short_part: Constant<Bits<3>>,
    pair_bits: Constant<Bits<6>>,
}

crate::default_block!(ScoreBanks<P, CA, SA> {
    score_spike: [(); P].map(|()| Default::default()),
    score_membrane: [(); P].map(|()| Default::default()),
    banks: [(); P].map(|()| Default::default()),
    bank: std::array::from_fn(|bank| Constant::new(Bits::wrapped(bank as u128))),
    bank_bits: Constant::new(Bits::wrapped(P as u128 - 1)),
    bank_shift: {
        const { assert!(P << (SA - 1) >= 1 << CA, "banks hold all classes") };
        Constant::new(Bits::wrapped(P.ilog2().into()))
    },
    counters: Constant::new(Bits::wrapped(1 << (SA - 1))),
    short_part: Constant::new(6.into()),
    pair_bits: Constant::new(0x3e.into()),
} {
    clock, score_next, score_next_index, score_write, score_clear, score_index, tally, tally_clear, tally_number, tally_addend,
    read_enable, read_counter, read_address, read_upper, count, sum, bank_now, next_word, word, short, number, read_class, read_word,
    bank_address
});

impl<const P: usize, const CA: usize, const SA: usize> ScoreBanks<P, CA, SA> {
    /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.banks.iter().map(Scores::collisions).sum()
    }
}

impl<const P: usize, const CA: usize, const SA: usize> Logic for ScoreBanks<P, CA, SA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, bank_now);
        self.next_word.next = self.score_next_index.val() >> self.bank_shift.val();
        self.word.next = self.score_index.val() >> self.bank_shift.val();
        self.short.next = self.read_address.val().get_bits::<3>(2) == self.short_part.val();
        self.number.next = bit_cast::<6, 20>(self.read_address.val());
        if !self.short.val() {
            self.number.next = bit_cast::<6, 20>(self.read_address.val()) & self.pair_bits.val();
        }
        self.read_upper.next = self.read_address.val().get_bit(0) && !self.short.val();
        self.read_class.next = bit_cast::<CA, 20>(self.read_address.val());
        self.read_word.next = self.read_class.val() >> self.bank_shift.val();
        self.bank_address.next = bit_cast::<SA, CA>(self.read_word.val());
        if self.read_counter.val() {
            self.bank_address.next = bit_cast::<SA, 6>(self.number.val()) | self.counters.val();
        }
        if self.read_enable.val() {
            self.bank_now.d.next = self.read_class.val() & self.bank_bits.val();
            if self.read_counter.val() {
                self.bank_now.d.next = 0.into();
            }
        }
        for i in 0..P {
            self.banks[i].clock.next = self.clock.val();
            self.banks[i].score_next.next = self.score_next.val();
            self.banks[i].score_next_index.next = bit_cast::<SA, CA>(self.next_word.val());
            self.banks[i].score_write.next = self.score_write.val();
            self.banks[i].score_clear.next = self.score_clear.val();
            self.banks[i].score_index.next = bit_cast::<SA, CA>(self.word.val());
            self.banks[i].score_spike.next = self.score_spike[i].val();
            self.banks[i].score_membrane.next = self.score_membrane[i].val();
            self.banks[i].tally.next = false;
            self.banks[i].tally_clear.next = self.tally_clear.val();
            self.banks[i].tally_number.next = self.tally_number.val();
            self.banks[i].tally_addend.next = self.tally_addend.val();
            self.banks[i].read_enable.next = self.read_enable.val();
            self.banks[i].read_address.next = self.bank_address.val();
        }
        self.banks[0].tally.next = self.tally.val();
        self.count.next = self.banks[0].count.val();
        self.sum.next = self.banks[0].sum.val();
        for i in 1..P {
            if self.bank_now.q.val() == self.bank[i].val() {
                self.count.next = self.banks[i].count.val();
                self.sum.next = self.banks[i].sum.val();
            }
        }
    }
}
