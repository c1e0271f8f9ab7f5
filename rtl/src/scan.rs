//! Scanner: streams the numbers of the bits that are set in either of two bitmaps.
//!
//! Latency: first index 3 cycles after `start`. Throughput: one index a cycle; an empty word of 16 costs one cycle,
//! so a run takes 2 + Σ max(1, bits set in the word) cycles, one more if the last word is not empty, and what `ready` holds back.
//! Handshake: `start` while not `busy`, the bases and the number of words hold until `done`; `index` moves when `valid` and
//! `ready`; `done` in the last cycle, after the last index: it does not wait for `ready` in that one, whose path is long.
//! Reset: none needed, idle after configuration.
//!
//! ```text
//!   clock       0   1   2   3   4   5
//!   start      ‾‾‾\_______________________      words = 2, first word 0b101, second 0
//!   read_a     ___/‾‾‾‾‾‾‾\_______________      words 0 and 1; the memory keeps what it read
//!   data_a     --------< 0 X 1          >-
//!   index      ------------< 0 X 2 >------
//!   done       ____________________/‾‾‾\__
//! ```
//!
//! The next word waits in the memory's output register while the current one is scanned, so the memories' read
//! ports belong to the scanner while it is busy.

use crate::leaf::first_set::FirstSet;
use crate::prelude::*;

/// Bitmaps in memories of `2^AW` words of 16 bits; runs of up to `2^NW − 1` words; `IW = NW + 4`.
#[derive(LogicBlock)]
pub struct Scanner<const AW: usize, const NW: usize, const IW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a run. The next inputs stay until `done`.
    pub start: Signal<In, Bit>,
    /// First word of bitmap A.
    pub base_a: Signal<In, Bits<AW>>,
    /// First word of bitmap B.
    pub base_b: Signal<In, Bits<AW>>,
    /// Is there a bitmap B? If not, its memory is not read.
    pub use_b: Signal<In, Bit>,
    /// Words of a bitmap; 0 is done at once.
    pub words: Signal<In, Bits<NW>>,
    /// Reads memory A.
    pub read_a: Signal<Out, Bit>,
    /// Address for it.
    pub address_a: Signal<Out, Bits<AW>>,
    /// Its word, from the cycle after `read_a` until the next read.
    pub data_a: Signal<In, Bits<16>>,
    /// Reads memory B.
    pub read_b: Signal<Out, Bit>,
    /// Address for it.
    pub address_b: Signal<Out, Bits<AW>>,
    /// Its word.
    pub data_b: Signal<In, Bits<16>>,
    /// Is there an index?
    pub valid: Signal<Out, Bit>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    /// 16 · word + bit, ascending.
    pub index: Signal<Out, Bits<IW>>,
    /// The bit is set in A.
    pub in_a: Signal<Out, Bit>,
    /// The bit is set in B.
    pub in_b: Signal<Out, Bit>,
    /// A run is going on.
    pub busy: Signal<Out, Bit>,
    /// Last cycle of the run.
    pub done: Signal<Out, Bit>,
    first: FirstSet,
    running: DFF<Bit>,
    /// Words read so far.
    read: DFF<Bits<NW>>,
    /// The memories' outputs hold a word that is not yet taken.
    held: DFF<Bit>,
    /// Bits of the current word not yet delivered.
    rest_a: DFF<Bits<16>>,
    rest_b: DFF<Bits<16>>,
    /// Number of the current word.
    number: DFF<Bits<NW>>,
    before_first: Constant<Bits<NW>>,
    /// There are words to read.
    more: Signal<Local, Bit>,
    /// Nothing of the current word is left after this cycle.
    free: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
    finish: Signal<Local, Bit>,
}

impl<const AW: usize, const NW: usize, const IW: usize> Default for Scanner<AW, NW, IW> {
    fn default() -> Self {
        const { assert!(IW == NW + 4, "an index is a word's number and four bits") };
        Self {
            clock: Default::default(),
            start: Default::default(),
            base_a: Default::default(),
            base_b: Default::default(),
            use_b: Default::default(),
            words: Default::default(),
            read_a: Default::default(),
            address_a: Default::default(),
            data_a: Default::default(),
            read_b: Default::default(),
            address_b: Default::default(),
            data_b: Default::default(),
            valid: Default::default(),
            ready: Default::default(),
            index: Default::default(),
            in_a: Default::default(),
            in_b: Default::default(),
            busy: Default::default(),
            done: Default::default(),
            first: Default::default(),
            running: Default::default(),
            read: Default::default(),
            held: Default::default(),
            rest_a: Default::default(),
            rest_b: Default::default(),
            number: Default::default(),
            before_first: Constant::new(Bits::wrapped(u128::MAX)),
            more: Default::default(),
            free: Default::default(),
            take: Default::default(),
            fetch: Default::default(),
            finish: Default::default(),
        }
    }
}

impl<const AW: usize, const NW: usize, const IW: usize> Logic for Scanner<AW, NW, IW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, read, held, rest_a, rest_b, number);
        self.first.word.next = self.rest_a.q.val() | self.rest_b.q.val();
        self.free.next = !self.first.any.val() || (self.ready.val() && !self.first.rest.val().any());
        self.take.next = self.held.q.val() && self.free.val();
        self.more.next = self.running.q.val() && (self.read.q.val() != self.words.val());
        self.fetch.next = self.more.val() && (self.take.val() || !self.held.q.val());
        self.finish.next =
            self.running.q.val() && !self.first.any.val() && !self.held.q.val() && !self.more.val();

        self.valid.next = self.first.any.val();
        self.index.next =
            (bit_cast::<IW, NW>(self.number.q.val()) << 4) | bit_cast::<IW, 4>(self.first.index.val());
        self.in_a.next = self.rest_a.q.val().get_bit(self.first.index.val().index());
        self.in_b.next = self.rest_b.q.val().get_bit(self.first.index.val().index());
        self.read_a.next = self.fetch.val();
        self.read_b.next = self.fetch.val() && self.use_b.val();
        self.address_a.next = self.base_a.val() + bit_cast::<AW, NW>(self.read.q.val());
        self.address_b.next = self.base_b.val() + bit_cast::<AW, NW>(self.read.q.val());
        self.busy.next = self.running.q.val();
        self.done.next = self.finish.val();

        if self.ready.val() {
            self.rest_a.d.next = self.rest_a.q.val() & self.first.rest.val();
            self.rest_b.d.next = self.rest_b.q.val() & self.first.rest.val();
        }
        if self.take.val() {
            self.rest_a.d.next = self.data_a.val();
            self.rest_b.d.next = 0.into();
            if self.use_b.val() {
                self.rest_b.d.next = self.data_b.val();
            }
            self.number.d.next = self.number.q.val() + 1;
            self.held.d.next = false;
        }
        if self.fetch.val() {
            self.read.d.next = self.read.q.val() + 1;
            self.held.d.next = true;
        }
        if self.finish.val() {
            self.running.d.next = false;
        }
        if self.start.val() && !self.running.q.val() {
            self.running.d.next = true;
            self.read.d.next = 0.into();
            self.number.d.next = self.before_first.val();
        }
    }
}
