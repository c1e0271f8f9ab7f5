//! Walk: which word of which row is read in which cycle.
//!
//! Latency: first word 2 cycles after the first index. Throughput: integrate, a word a cycle (a row of one word two cycles, so
//! that its bank is not read and written at one address); learn, a word in two cycles, the second for writing.
//! Handshake: `start` while not `busy`, indices by valid and ready, words as they come.
//! Reset: none needed, idle after configuration.
//!
//! ```text
//!   learn, rows of words 3, 5 with errors
//!   cycle      0     1     2     3     4     5     6
//!   index     < j0 X j1 >...                              valid, ready
//!   waiting   ------< j0  X j1                            trace and φ in the memories' outputs
//!   issue     ____________/‾‾‾‾‾\_____/‾‾‾‾‾\_____/‾‾‾    j0 w3, j0 w5, j1 w3
//! ```
//!
//! The list of words with errors has two pages: one is walked while the errors of the layer below fill the other.

use crate::leaf::ram::Ram;
use crate::leaf::row_address::RowAddress;
use crate::prelude::*;

/// `KA` address bits of a layer's words, `BA = KA + 1`; `WA` of the weight memory's words, `IA` of input
/// locations.
#[derive(LogicBlock)]
pub struct Walk<const KA: usize, const BA: usize, const WA: usize, const IA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a pass; the layer's parameters stay as they are until it is over.
    pub start: Signal<In, Bit>,
    /// The pass learns (B2, B3), else it integrates (F1).
    pub learn: Signal<In, Bit>,
    /// First word of the layer's rows.
    pub row_base: Signal<In, Bits<WA>>,
    /// Words of a row, less one.
    pub last_word: Signal<In, Bits<KA>>,

    /// The scanner has an index.
    pub index_valid: Signal<In, Bit>,
    /// Input location.
    pub index: Signal<In, Bits<16>>,
    /// Its surrogate is open: an error goes back to it.
    pub index_open: Signal<In, Bit>,
    /// It has a trace.
    pub index_active: Signal<In, Bit>,
    /// It is taken.
    pub index_ready: Signal<Out, Bit>,
    /// The scanner's last cycle.
    pub scan_done: Signal<In, Bit>,
    /// Reads the trace of `index` and the state of the neuron below, for the next cycle.
    pub row_read: Signal<Out, Bit>,
    /// w̃ of the row waiting.
    pub trace: Signal<In, Bits<8>>,
    /// State of the neuron below, the code of φ in bits 8 to 14.
    pub state: Signal<In, Bits<16>>,

    /// A time step begins: forget the words with errors.
    pub clear_list: Signal<In, Bit>,
    /// Appends to the list that the next learn pass walks.
    pub append: Signal<In, Bit>,
    /// Word with an error, ascending.
    pub append_word: Signal<In, Bits<KA>>,
    /// Is anything on that list?
    pub any_errors: Signal<Out, Bit>,

    /// A row begins in the next cycle; the row after it two cycles later at the earliest.
    pub begins: Signal<Out, Bit>,
    /// It has a trace.
    pub begins_active: Signal<Out, Bit>,
    /// A word is read in this cycle.
    pub issue: Signal<Out, Bit>,
    /// Its address.
    pub issue_address: Signal<Out, Bits<WA>>,
    /// Its number in the row.
    pub issue_word: Signal<Out, Bits<KA>>,
    /// It is the last of its row that is read.
    pub issue_last: Signal<Out, Bit>,
    /// It belongs to the first row of the pass.
    pub first_row: Signal<Out, Bit>,
    /// The row.
    pub row_index: Signal<Out, Bits<16>>,
    /// Its trace, negated.
    pub row_trace: Signal<Out, Bits<9>>,
    /// An error goes back to it.
    pub row_open: Signal<Out, Bit>,
    /// c of the `φ = 2^−c` it is multiplied with.
    pub row_exponent: Signal<Out, Bits<3>>,
    /// Words are still to come.
    pub busy: Signal<Out, Bit>,

    list: Ram<BA, KA>,
    address: RowAddress<IA, KA, WA>,
    running: DFF<Bit>,
    learning: DFF<Bit>,
    scanned: DFF<Bit>,
    waiting: DFF<Bit>,
    waiting_open: DFF<Bit>,
    waiting_active: DFF<Bit>,
    waiting_index: DFF<Bits<16>>,
    issuing: DFF<Bit>,
    /// The second of the two cycles of a word that learns.
    odd: DFF<Bit>,
    open: DFF<Bit>,
    index_now: DFF<Bits<16>>,
    address_now: DFF<Bits<WA>>,
    trace_now: DFF<Bits<9>>,
    exponent_now: DFF<Bits<3>>,
    /// Word of the row, or place in the list.
    at: DFF<Bits<KA>>,
    first: DFF<Bit>,
    page: DFF<Bit>,
    /// Words on the list being filled, and on the one being walked, less one.
    filled: DFF<Bits<BA>>,
    last_listed: DFF<Bits<KA>>,
    accept: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    issue_now: Signal<Local, Bit>,
    last_now: Signal<Local, Bit>,
    over: Signal<Local, Bit>,
    last_filled: Signal<Local, Bits<BA>>,
    next_at: Signal<Local, Bits<KA>>,
    list_at: Signal<Local, Bits<KA>>,
    code: Signal<Local, Bits<7>>,
    exponent: Signal<Local, Bits<3>>,
    zero: Constant<Bits<KA>>,
    /// c by the highest bit set in the code φ − 1 of 7 bits; 7 where none is.
    exponent_of: [Constant<Bits<3>>; 7],
}

crate::default_block!(Walk<KA, BA, WA, IA> {
    zero: Constant::new(0.into()),
    exponent_of: std::array::from_fn(|bit| Constant::new(Bits::wrapped(6 - bit as u128))),
} {
    clock, start, learn, row_base, last_word, index_valid, index, index_open, index_active, index_ready, scan_done, row_read, trace,
    state, clear_list, append, append_word, any_errors, begins, begins_active, issue, issue_address, issue_word, issue_last,
    first_row, row_index, row_trace, row_open, row_exponent, code, exponent, busy, list, address, running, learning, scanned, waiting,
    waiting_open, waiting_active, waiting_index, issuing, odd, open, index_now, address_now, trace_now, exponent_now, at,
    first, page, filled, last_listed, accept, take, issue_now, last_now, over, last_filled, next_at, list_at
});

crate::collisions!(Walk < KA, BA, WA, IA > { list });

impl<const KA: usize, const BA: usize, const WA: usize, const IA: usize> Logic for Walk<KA, BA, WA, IA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            running,
            learning,
            scanned,
            waiting,
            waiting_open,
            waiting_active,
            waiting_index
        );
        dff_setup!(
            self,
            clock,
            issuing,
            odd,
            open,
            index_now,
            address_now,
            trace_now,
            exponent_now,
            at,
            first
        );
        dff_setup!(self, clock, page, filled, last_listed);
        clock!(self, clock, list);

        // The row that issues its words.
        self.issue_now.next = self.issuing.q.val() && !self.odd.q.val();
        self.last_now.next = self.at.q.val() == self.last_word.val();
        if self.learning.q.val() {
            self.last_now.next = self.at.q.val() == self.last_listed.q.val();
        }
        // Its last cycle: the next row may follow at once.
        self.over.next = self.last_now.val() && (self.odd.q.val() || !self.learning.q.val());
        // Words that learn are read in even cycles: the odd ones are for writing.
        self.take.next = self.waiting.q.val() && (self.odd.q.val() || !self.learning.q.val());
        if self.issuing.q.val()
            && (!self.over.val() || (!self.learning.q.val() && !self.last_word.val().any()))
        {
            self.take.next = false;
        }
        self.next_at.next = self.at.q.val();
        self.code.next = self.state.val().get_bits::<7>(8);
        self.exponent.next = 7.into();
        for bit in 0..7 {
            if self.code.val().get_bit(bit) {
                self.exponent.next = self.exponent_of[bit].val();
            }
        }
        if self.learning.q.val() {
            self.odd.d.next = !self.odd.q.val();
        }
        if self.issuing.q.val() {
            if self.odd.q.val() || !self.learning.q.val() {
                self.next_at.next = self.at.q.val() + 1;
            }
            if self.over.val() {
                self.issuing.d.next = false;
                self.first.d.next = false;
            }
        }
        if self.take.val() {
            self.issuing.d.next = true;
            self.next_at.next = self.zero.val();
            self.index_now.d.next = self.waiting_index.q.val();
            self.address_now.d.next = self.address.address.val();
            self.trace_now.d.next = bits::<9>(0) - bit_cast::<9, 8>(self.trace.val());
            self.exponent_now.d.next = self.exponent.val();
            self.open.d.next = self.waiting_open.q.val();
        }
        self.at.d.next = self.next_at.val();

        // The row behind it.
        self.address.index.next = bit_cast::<IA, 16>(self.waiting_index.q.val());
        self.address.last_word.next = self.last_word.val();
        self.address.base.next = self.row_base.val();
        self.index_ready.next = self.running.q.val() && (!self.waiting.q.val() || self.take.val());
        self.accept.next =
            self.index_valid.val() && self.running.q.val() && (!self.waiting.q.val() || self.take.val());
        self.row_read.next = self.accept.val();
        if self.take.val() {
            self.waiting.d.next = false;
        }
        if self.accept.val() {
            self.waiting.d.next = true;
            self.waiting_index.d.next = self.index.val();
            self.waiting_open.d.next = self.index_open.val();
            self.waiting_active.d.next = self.index_active.val();
        }

        // The lists of words with errors.
        self.list_at.next = self.next_at.val();
        self.list.read_enable.next = !self.issue_now.val();
        self.list.read_address.next = bit_cast::<BA, KA>(self.list_at.val()) << 1;
        if !self.page.q.val() {
            self.list.read_address.next = (bit_cast::<BA, KA>(self.list_at.val()) << 1) | 1;
        }
        self.list.write_enable.next = self.append.val();
        self.list.write_address.next = self.filled.q.val() << 1;
        if self.page.q.val() {
            self.list.write_address.next = (self.filled.q.val() << 1) | 1;
        }
        self.list.write_data.next = self.append_word.val();
        self.any_errors.next = self.filled.q.val().any();
        self.last_filled.next = self.filled.q.val() - 1;
        if self.append.val() {
            self.filled.d.next = self.filled.q.val() + 1;
        }
        if self.clear_list.val() {
            self.filled.d.next = 0.into();
        }

        // The pass.
        self.busy.next = self.running.q.val();
        if self.scan_done.val() {
            self.scanned.d.next = true;
        }
        if self.running.q.val()
            && self.scanned.q.val()
            && !self.waiting.q.val()
            && (!self.issuing.q.val() || self.over.val())
        {
            self.running.d.next = false;
        }
        if self.start.val() && !self.running.q.val() {
            self.running.d.next = true;
            self.learning.d.next = self.learn.val();
            self.odd.d.next = false;
            self.scanned.d.next = false;
            self.first.d.next = true;
            if self.learn.val() {
                self.page.d.next = !self.page.q.val();
                self.last_listed.d.next = bit_cast::<KA, BA>(self.last_filled.val());
                self.filled.d.next = 0.into();
            }
        }

        self.begins.next = self.take.val();
        self.begins_active.next = self.waiting_active.q.val();
        self.issue.next = self.issue_now.val();
        self.issue_last.next = self.last_now.val();
        self.first_row.next = self.first.q.val();
        self.issue_word.next = self.at.q.val();
        self.issue_address.next = self.address_now.q.val() + bit_cast::<WA, KA>(self.at.q.val());
        if self.learning.q.val() {
            self.issue_word.next = self.list.read_data.val();
            self.issue_address.next =
                self.address_now.q.val() + bit_cast::<WA, KA>(self.list.read_data.val());
        }
        self.row_index.next = self.index_now.q.val();
        self.row_trace.next = self.trace_now.q.val();
        self.row_open.next = self.open.q.val();
        self.row_exponent.next = self.exponent_now.q.val();
    }
}
