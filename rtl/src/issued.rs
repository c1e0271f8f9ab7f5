//! Issued: what the walk says of a word, as late as the word's weights come to the lanes.
//!
//! Latency: `2·ST`, that of the registers between weights and lanes. Two, so that a word that learns is still written in a cycle in
//! which none is read. Throughput: one word a cycle. Handshake: none. Reset: none.

use crate::leaf::delay::Delay;
use crate::prelude::*;

/// Ports as [`crate::walk`]'s; `ST` is 0 or 1.
#[derive(LogicBlock)]
pub struct Issued<const KA: usize, const WA: usize, const ST: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A word is read in this cycle.
    pub issue: Signal<In, Bit>,
    /// Its address.
    pub issue_address: Signal<In, Bits<WA>>,
    /// Its number in the row.
    pub issue_word: Signal<In, Bits<KA>>,
    /// Last of its row.
    pub issue_last: Signal<In, Bit>,
    /// Of the first row of the pass.
    pub first_row: Signal<In, Bit>,
    /// The row.
    pub row_index: Signal<In, Bits<16>>,
    /// Its trace, negated.
    pub row_trace: Signal<In, Bits<9>>,
    /// An error goes back to it.
    pub row_open: Signal<In, Bit>,
    /// c of its `φ = 2^−c`.
    pub row_exponent: Signal<In, Bits<3>>,
    /// A word is on its way.
    pub waiting: Signal<Out, Bit>,
    /// A word's weights will be there in the next cycle.
    pub now: Signal<Out, Bit>,
    /// `issue_address`.
    pub address: Signal<Out, Bits<WA>>,
    /// `issue_word`.
    pub word: Signal<Out, Bits<KA>>,
    /// `issue_last`.
    pub last: Signal<Out, Bit>,
    /// `first_row`.
    pub first: Signal<Out, Bit>,
    /// `row_index`.
    pub index: Signal<Out, Bits<16>>,
    /// `row_trace`.
    pub trace: Signal<Out, Bits<9>>,
    /// `row_open`.
    pub open: Signal<Out, Bit>,
    /// `row_exponent`.
    pub exponent: Signal<Out, Bits<3>>,

    /// `issue`, `issue_last`, `first_row`, `row_open` from the lowest bit on.
    bits: [Delay<4, ST>; 2],
    addresses: [Delay<WA, ST>; 2],
    words: [Delay<KA, ST>; 2],
    indices: [Delay<16, ST>; 2],
    traces: [Delay<9, ST>; 2],
    exponents: [Delay<3, ST>; 2],
    said: Signal<Local, Said>,
}

/// What is a bit.
#[derive(Copy, Clone, Default, PartialEq, Debug, LogicStruct)]
struct Said {
    /// `issue`.
    pub issue: Bit,
    /// `issue_last`.
    pub last: Bit,
    /// `first_row`.
    pub first: Bit,
    /// `row_open`.
    pub open: Bit,
}

crate::default_block!(Issued<KA, WA, ST> {
    bits: [(); 2].map(|()| Default::default()),
    addresses: [(); 2].map(|()| Default::default()),
    words: [(); 2].map(|()| Default::default()),
    indices: [(); 2].map(|()| Default::default()),
    traces: [(); 2].map(|()| Default::default()),
    exponents: [(); 2].map(|()| Default::default()),
} {
    clock, issue, issue_address, issue_word, issue_last, first_row, row_index, row_trace, row_open, row_exponent, waiting, now,
    address, word, last, first, index, trace, open, exponent, said
});

impl<const KA: usize, const WA: usize, const ST: usize> Logic for Issued<KA, WA, ST> {
    #[hdl_gen]
    fn update(&mut self) {
        self.said.next.issue = self.issue.val();
        self.said.next.last = self.issue_last.val();
        self.said.next.first = self.first_row.val();
        self.said.next.open = self.row_open.val();
        for i in 0..2 {
            self.bits[i].clock.next = self.clock.val();
            self.addresses[i].clock.next = self.clock.val();
            self.words[i].clock.next = self.clock.val();
            self.indices[i].clock.next = self.clock.val();
            self.traces[i].clock.next = self.clock.val();
            self.exponents[i].clock.next = self.clock.val();
        }
        self.bits[0].early.next = self.said.val().into();
        self.bits[1].early.next = self.bits[0].late.val();
        self.addresses[0].early.next = self.issue_address.val();
        self.addresses[1].early.next = self.addresses[0].late.val();
        self.words[0].early.next = self.issue_word.val();
        self.words[1].early.next = self.words[0].late.val();
        self.indices[0].early.next = self.row_index.val();
        self.indices[1].early.next = self.indices[0].late.val();
        self.traces[0].early.next = self.row_trace.val();
        self.traces[1].early.next = self.traces[0].late.val();
        self.exponents[0].early.next = self.row_exponent.val();
        self.exponents[1].early.next = self.exponents[0].late.val();

        self.waiting.next = self.bits[0].late.val().get_bit(0) || self.bits[1].late.val().get_bit(0);
        self.now.next = self.bits[1].late.val().get_bit(0);
        self.last.next = self.bits[1].late.val().get_bit(1);
        self.first.next = self.bits[1].late.val().get_bit(2);
        self.open.next = self.bits[1].late.val().get_bit(3);
        self.address.next = self.addresses[1].late.val();
        self.word.next = self.words[1].late.val();
        self.index.next = self.indices[1].late.val();
        self.trace.next = self.traces[1].late.val();
        self.exponent.next = self.exponents[1].late.val();
    }
}
