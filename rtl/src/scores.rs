//! Scores of a sample: for each class its output neuron's spikes and the sum of its membranes. Beside them, in the other half of
//! the same memories, the counters of work and cycles, 48 bits each.
//!
//! Latency: a score is read with `score_next` and stored with `score_write` in the cycle after, a counter with `tally` by itself;
//! a read one cycle. Throughput: one score or counter a cycle.
//! Handshake: none; at most one of `score_next`, `tally` and `read_enable` at a time, and no `score_write` in the cycle after
//! `tally`. A class's next `score_next` comes after its last `score_write`, a counter's next `tally` not in the next cycle.
//! Reset: none, all is 0 after configuration; `score_clear` for each class before a sample. Counter 0 is never added to: what
//! is cleared is read from there.
//!
//! ```text
//!   score_next, tally ──> read ──> + spike, membrane, or an addend ──> write
//! ```
//!
//! Which class is the best is the link's program's to find ([`crate::program`]): once a sample, and 48-bit comparisons are dear.

use crate::leaf::ram::Ram;
use crate::leaf::sign_extend::SignExtend;
use crate::prelude::*;

/// Scores of up to `2^(CA − 1)` classes, and 64 counters; `CA` at least 7.
#[derive(LogicBlock)]
pub struct Scores<const CA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Reads a class's score, for `score_write` in the next cycle.
    pub score_next: Signal<In, Bit>,
    /// The class.
    pub score_next_index: Signal<In, Bits<CA>>,
    /// Adds to a class's score.
    pub score_write: Signal<In, Bit>,
    /// With `score_next` and `score_write`: sets the score to 0; spike and membrane are 0, too.
    pub score_clear: Signal<In, Bit>,
    /// The class.
    pub score_index: Signal<In, Bits<CA>>,
    /// Its neuron fired.
    pub score_spike: Signal<In, Bit>,
    /// Its membrane u, signed.
    pub score_membrane: Signal<In, Bits<16>>,
    /// Adds to a counter.
    pub tally: Signal<In, Bit>,
    /// Sets it to 0 instead; `tally_addend` is 0, too.
    pub tally_clear: Signal<In, Bit>,
    /// Which.
    pub tally_number: Signal<In, Bits<6>>,
    /// What is added.
    pub tally_addend: Signal<In, Bits<16>>,
    /// Reads a score.
    pub read_enable: Signal<In, Bit>,
    /// The class, or a counter.
    pub read_address: Signal<In, Bits<CA>>,
    /// Its spikes, or the upper 16 bits of the counter, from the next cycle on until the next read or `score_next`.
    pub count: Signal<Out, Bits<16>>,
    /// The sum of its membranes, signed, or the lower 32 bits.
    pub sum: Signal<Out, Bits<32>>,
    counts: Ram<CA, 16>,
    sums: Ram<CA, 32>,
    /// No sample has steps enough, 65,535, for a sum of 16-bit membranes to leave 32 bits.
    widen: SignExtend<16, 32>,
    address: Signal<Local, Bits<CA>>,
    adding: DFF<Bit>,
    number: DFF<Bits<6>>,
    addend: DFF<Bits<16>>,
    counter: Signal<Local, Bits<CA>>,
    summand: Signal<Local, Bits<32>>,
    total: Signal<Local, Bits<33>>,
    one_more: Signal<Local, Bit>,
    /// The first counter.
    counters: Constant<Bits<CA>>,
}

crate::default_block!(Scores<CA> { counters: Constant::new(Bits::wrapped(1 << (CA - 1))) } {
    clock, score_next, score_next_index, score_write, score_clear, score_index, score_spike, score_membrane, tally, tally_clear,
    tally_number, tally_addend, read_enable, read_address, count, sum, counts, sums, widen, address, adding, number, addend,
    counter, summand, total, one_more
});

crate::collisions!(Scores<CA> { counts, sums });

impl<const CA: usize> Logic for Scores<CA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, adding, number, addend);
        clock!(self, clock, counts, sums);
        // A class's words are read, or a counter's.
        self.counter.next = bit_cast::<CA, 6>(self.tally_number.val()) | self.counters.val();
        if self.score_next.val() {
            self.address.next = self.score_next_index.val();
            if self.score_clear.val() {
                self.address.next = self.counters.val();
            }
        } else if self.tally.val() {
            self.address.next = self.counter.val();
            if self.tally_clear.val() {
                self.address.next = self.counters.val();
            }
        } else {
            self.address.next = self.read_address.val();
        }
        self.counts.read_enable.next = self.score_next.val() || self.tally.val() || self.read_enable.val();
        self.sums.read_enable.next = self.score_next.val() || self.tally.val() || self.read_enable.val();
        self.counts.read_address.next = self.address.val();
        self.sums.read_address.next = self.address.val();
        self.count.next = self.counts.read_data.val();
        self.sum.next = self.sums.read_data.val();

        // A score is added and goes back.
        self.widen.narrow.next = self.score_membrane.val();
        self.adding.d.next = self.tally.val();
        self.number.d.next = self.tally_number.val();
        self.addend.d.next = self.tally_addend.val();
        self.counts.write_enable.next = self.score_write.val() || self.adding.q.val();
        self.sums.write_enable.next = self.score_write.val() || self.adding.q.val();
        self.counts.write_address.next = self.score_index.val();
        self.sums.write_address.next = self.score_index.val();
        self.summand.next = self.widen.wide.val();
        if self.adding.q.val() {
            self.counts.write_address.next = bit_cast::<CA, 6>(self.number.q.val()) | self.counters.val();
            self.sums.write_address.next = bit_cast::<CA, 6>(self.number.q.val()) | self.counters.val();
            self.summand.next = bit_cast::<32, 16>(self.addend.q.val());
        }
        self.total.next =
            bit_cast::<33, 32>(self.sums.read_data.val()) + bit_cast::<33, 32>(self.summand.val());
        self.sums.write_data.next = self.total.val().get_bits::<32>(0);
        self.one_more.next = self.score_spike.val();
        if self.adding.q.val() {
            self.one_more.next = self.total.val().get_bit(32);
        }
        self.counts.write_data.next =
            self.counts.read_data.val() + bit_cast::<16, 1>(self.one_more.val().into());
    }
}
