//! Scores of a sample: for each class its output neuron's spikes and the sum of its membranes, and the best class. Beside them,
//! in the other half of the same memories, the counters of work and cycles, 48 bits each.
//!
//! Latency: a score is read with `score_next` and stored with `score_write` in the cycle after, a counter with `tally` by itself;
//! a read one cycle; `found` comes classes + 2 cycles after `find`. Throughput: one score or counter a cycle; one class a cycle.
//! Handshake: none; at most one of `score_next`, `tally`, `find` and its search, and `read_enable` at a time, and no `score_write`
//! in the cycle after `tally`. A class's next `score_next` comes after its last `score_write`, a counter's next `tally` not in
//! the next cycle.
//! Reset: none, all is 0 after configuration; `score_clear` for each class before a sample. Counter 0 is never added to: what
//! is cleared is read from there.
//!
//! ```text
//!   clock        0   1   2   3   4   5       classes = 2
//!   find        ‾‾‾\____________________
//!   read        ____/‾‾‾‾‾‾‾\___________     classes 1 and 0
//!   compare     ________/‾‾‾‾‾‾‾\_______
//!   found       ________________/‾‾‾\___     prediction until the next find
//! ```
//!
//! The search goes down from the last class and takes what is at least as good: of equal classes the first stays.

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
    /// Begins the search for the best class; `classes` is taken with it.
    pub find: Signal<In, Bit>,
    /// Number of classes.
    pub classes: Signal<In, Bits<16>>,
    /// The search is over.
    pub found: Signal<Out, Bit>,
    /// The class with the most spikes; of several, the one with the largest sum of membranes; of several, the first.
    pub prediction: Signal<Out, Bits<16>>,
    /// Its spikes.
    pub prediction_count: Signal<Out, Bits<16>>,
    /// Reads a score.
    pub read_enable: Signal<In, Bit>,
    /// The class, or a counter.
    pub read_address: Signal<In, Bits<CA>>,
    /// Its spikes, or the upper 16 bits of the counter, from the next cycle on until the next read, search or `score_next`.
    pub count: Signal<Out, Bits<16>>,
    /// The sum of its membranes, signed, or the lower 32 bits.
    pub sum: Signal<Out, Bits<32>>,
    counts: Ram<CA, 16>,
    sums: Ram<CA, 32>,
    /// No sample has steps enough, 65,535, for a sum of 16-bit membranes to leave 32 bits.
    widen: SignExtend<16, 32>,
    searching: DFF<Bit>,
    comparing: DFF<Bit>,
    /// Classes not yet read.
    left: DFF<Bits<16>>,
    best_class: DFF<Bits<CA>>,
    /// The complement of the best rank: the comparison then needs no inverters before its carry chain.
    best_inverted: DFF<Bits<48>>,
    complete: DFF<Bit>,
    next_left: Signal<Local, Bits<16>>,
    address: Signal<Local, Bits<CA>>,
    /// Count and sum as one number: the sum's sign is turned, for it to be compared unsigned.
    rank: Signal<Local, Bits<48>>,
    best: Signal<Local, Bits<48>>,
    lower_rank: Signal<Local, Bits<32>>,
    read_search: Signal<Local, Bit>,
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
    tally_number, tally_addend, find, classes, found, prediction, prediction_count, read_enable, read_address, count, sum,
    counts, sums, widen, searching, comparing, left, best_class, best_inverted, complete, next_left, address, rank, best,
    lower_rank, read_search, adding, number, addend, counter, summand, total, one_more
});

crate::collisions!(Scores<CA> { counts, sums });

impl<const CA: usize> Logic for Scores<CA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, searching, comparing, left, best_class, best_inverted, complete);
        dff_setup!(self, clock, adding, number, addend);
        clock!(self, clock, counts, sums);
        // A class's words are read, or a counter's.
        self.counter.next = bit_cast::<CA, 6>(self.tally_number.val()) | self.counters.val();
        self.next_left.next = self.left.q.val() - 1;
        self.read_search.next = self.searching.q.val() && self.left.q.val().any();
        if self.searching.q.val() {
            self.address.next = bit_cast::<CA, 16>(self.next_left.val());
        } else if self.score_next.val() {
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
        self.counts.read_enable.next =
            self.read_search.val() || self.score_next.val() || self.tally.val() || self.read_enable.val();
        self.sums.read_enable.next =
            self.read_search.val() || self.score_next.val() || self.tally.val() || self.read_enable.val();
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

        // The search.
        self.lower_rank.next =
            self.sums.read_data.val().replace_bit(31, !self.sums.read_data.val().get_bit(31));
        self.rank.next = (bit_cast::<48, 16>(self.counts.read_data.val()) << 32)
            | bit_cast::<48, 32>(self.lower_rank.val());
        self.best.next = !self.best_inverted.q.val();
        self.comparing.d.next = self.read_search.val();
        if self.comparing.q.val() && (self.rank.val() >= self.best.val()) {
            self.best_inverted.d.next = !self.rank.val();
            // The class read last.
            self.best_class.d.next = bit_cast::<CA, 16>(self.left.q.val());
        }
        self.complete.d.next = false;
        if self.searching.q.val() {
            if self.left.q.val().any() {
                self.left.d.next = self.next_left.val();
            } else {
                self.searching.d.next = false;
                self.complete.d.next = true;
            }
        }
        if self.find.val() {
            self.searching.d.next = true;
            self.left.d.next = self.classes.val();
            self.best_inverted.d.next = !bits::<48>(0);
            self.best_class.d.next = 0.into();
        }
        self.found.next = self.complete.q.val();
        self.prediction.next = bit_cast::<16, CA>(self.best_class.q.val());
        self.prediction_count.next = self.best.val().get_bits::<16>(32);
    }
}
