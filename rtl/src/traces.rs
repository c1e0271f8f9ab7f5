//! Weight traces of one layer (F4): `w̃ = min(255, ((a·w̃) >> 8)·keep + 32·x)` for every input location that a
//! scanner delivers, and the bitmap of those that are not 0.
//!
//! Latency: a trace is written two cycles, and `ST`, after its index is taken; its bitmap word is written with the first index of
//! another word, or three cycles after the last index. Throughput: one index a cycle.
//! Handshake: `start` while not `busy`; `clear`, `keep_traces` and `trace_base` hold while `busy`; `index` moves when valid
//! and ready; `scan_done` once, with the last index or after it; `done` in the last cycle.
//! Reset: none needed, idle after configuration. While the unit rests, what it would write is 0: so memories are wiped.
//!
//! ```text
//!   clock         0   1   2   3   4   5   6       scan_done in 2, after the indices 3 and 20
//!   index         --< 3 X20 >-----------------
//!   trace read    __/‾‾‾‾‾‾‾\_________________    at trace_base + index, in the same cycle
//!   trace, product  ----< 3 X20 >-------------    the trace is multiplied; one cycle later its product is there
//!   trace write   __________/‾‾‾‾‾‾‾\_________
//!   active write  ______________/‾‾‾‾‾‾‾\_____    words 0 and 1
//!   done          ______________________/‾‾‾\_
//! ```
//!
//! The indices ascend, so that no trace is read and written at once, and so that a word of the bitmap is complete when
//! an index of another comes: the scanner, which may be reading the same bitmap, is past it. Words of the bitmap without
//! a visited index are not written: none of their traces was or becomes active.

use crate::leaf::delay::Delay;
use crate::prelude::*;

/// Traces in a memory of `2^IA` words; `ST` registers behind it.
#[derive(LogicBlock, Default)]
pub struct Traces<const IA: usize, const ST: usize = 0> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a pass.
    pub start: Signal<In, Bit>,
    /// The pass writes 0 to every location.
    pub clear: Signal<In, Bit>,
    /// Do traces keep their past?
    pub keep_traces: Signal<In, Bit>,
    /// Address of the layer's first trace.
    pub trace_base: Signal<In, Bits<IA>>,
    /// Is there an index?
    pub index_valid: Signal<In, Bit>,
    /// It is taken.
    pub index_ready: Signal<Out, Bit>,
    /// Number of an input location that is active or spiked, within the layer.
    pub index: Signal<In, Bits<16>>,
    /// It spiked: x.
    pub in_source: Signal<In, Bit>,
    /// No more indices.
    pub scan_done: Signal<In, Bit>,
    /// Reads a trace.
    pub trace_read_enable: Signal<Out, Bit>,
    /// Its address.
    pub trace_read_address: Signal<Out, Bits<IA>>,
    /// The trace, from the next cycle on.
    pub trace: Signal<In, Bits<8>>,
    /// Writes a trace.
    pub trace_write_enable: Signal<Out, Bit>,
    /// Its address.
    pub trace_write_address: Signal<Out, Bits<IA>>,
    /// Its new value.
    pub trace_write_data: Signal<Out, Bits<8>>,
    /// The trace, for the multiplier whose other factor is the leak in 8 bits, a.
    pub factor: Signal<Out, Bits<16>>,
    /// Bits 8 … 15 of `factor · a`, which has no more, one cycle later.
    pub product: Signal<In, Bits<8>>,
    /// Writes a word of the bitmap.
    pub active_write: Signal<Out, Bit>,
    /// Number of the word, within the layer.
    pub active_word: Signal<Out, Bits<12>>,
    /// Traces that are not 0.
    pub active_data: Signal<Out, Bits<16>>,
    /// A pass is going on.
    pub busy: Signal<Out, Bit>,
    /// Last cycle of the pass, after its last write.
    pub done: Signal<Out, Bit>,
    /// A trace, its location and whether that spiked, behind the memory.
    trace_late: Delay<8, ST>,
    taken: Delay<1, ST>,
    location_late: Delay<16, ST>,
    spiked_late: Delay<1, ST>,
    running: DFF<Bit>,
    /// The scanner has delivered everything.
    scanned: DFF<Bit>,
    /// `trace_late` gives the trace of `read_location`.
    read: DFF<Bit>,
    read_location: DFF<Bits<16>>,
    read_spiked: DFF<Bit>,
    /// The product is that of `location`.
    visit: DFF<Bit>,
    location: DFF<Bits<16>>,
    spiked: DFF<Bit>,
    /// The word of the bitmap that is being put together; there is one.
    open: DFF<Bit>,
    word: DFF<Bits<12>>,
    bits: DFF<Bits<16>>,
    take: Signal<Local, Bit>,
    read_address: Signal<Local, Bits<IA>>,
    source: Signal<Local, Bit>,
    kept: Signal<Local, Bits<8>>,
    sum: Signal<Local, Bits<9>>,
    location_word: Signal<Local, Bits<12>>,
    location_bit: Signal<Local, Bits<4>>,
    active_bit: Signal<Local, Bits<16>>,
    same_word: Signal<Local, Bit>,
    finish: Signal<Local, Bit>,
}

impl<const IA: usize, const ST: usize> Logic for Traces<IA, ST> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, scanned, read, read_location, read_spiked, visit, location, spiked);
        dff_setup!(self, clock, open, word, bits);
        clock!(self, clock, trace_late, taken, location_late, spiked_late);
        // T0: an index becomes an address.
        self.take.next = self.running.q.val() && self.index_valid.val();
        self.read_address.next = self.trace_base.val() + bit_cast::<IA, 16>(self.index.val());
        self.index_ready.next = self.running.q.val();
        self.trace_read_enable.next = self.take.val();
        self.trace_read_address.next = self.read_address.val();
        self.taken.early.next = self.take.val().into();
        self.location_late.early.next = self.index.val();
        self.spiked_late.early.next = self.in_source.val().into();
        self.read.d.next = self.taken.late.val().any();
        self.read_location.d.next = self.location_late.late.val();
        self.read_spiked.d.next = self.spiked_late.late.val().any();

        // T1: the trace is multiplied.
        self.trace_late.early.next = self.trace.val();
        self.factor.next = bit_cast::<16, 8>(self.trace_late.late.val());
        self.visit.d.next = self.read.q.val();
        self.location.d.next = self.read_location.q.val();
        self.spiked.d.next = self.read_spiked.q.val();

        // T2: it decays and grows, back into the memory.
        self.kept.next = 0.into();
        if self.keep_traces.val() && !self.clear.val() {
            self.kept.next = self.product.val();
        }
        self.source.next = self.spiked.q.val() && !self.clear.val();
        self.sum.next = bit_cast::<9, 8>(self.kept.val()) + (bit_cast::<9, 1>(self.source.val().into()) << 5);
        self.trace_write_enable.next = self.visit.q.val();
        self.trace_write_address.next = self.trace_base.val() + bit_cast::<IA, 16>(self.location.q.val());
        self.trace_write_data.next = self.sum.val().get_bits::<8>(0);
        if self.sum.val().get_bit(8) {
            self.trace_write_data.next = 255.into();
        }

        // The bit of a trace joins those of its word; those of another word are written.
        self.location_word.next = self.location.q.val().get_bits::<12>(4);
        self.location_bit.next = self.location.q.val().get_bits::<4>(0);
        self.same_word.next = self.open.q.val() && (self.word.q.val() == self.location_word.val());
        self.active_bit.next =
            bit_cast::<16, 1>((self.kept.val().any() || self.source.val()).into()) << self.location_bit.val();
        self.active_write.next = false;
        self.active_word.next = self.word.q.val();
        self.active_data.next = self.bits.q.val();
        if self.visit.q.val() {
            self.active_write.next = self.open.q.val() && !self.same_word.val();
            self.open.d.next = true;
            self.word.d.next = self.location_word.val();
            self.bits.d.next = self.active_bit.val();
            if self.same_word.val() {
                self.bits.d.next = self.bits.q.val() | self.active_bit.val();
            }
        } else if self.scanned.q.val()
            && self.open.q.val()
            && !self.read.q.val()
            && !self.taken.late.val().any()
        {
            self.active_write.next = true;
            self.open.d.next = false;
            self.bits.d.next = 0.into();
        }

        self.finish.next = self.scanned.q.val()
            && !self.taken.late.val().any()
            && !self.read.q.val()
            && !self.visit.q.val()
            && !self.open.q.val();
        self.busy.next = self.running.q.val();
        self.done.next = self.finish.val();
        if self.running.q.val() && self.scan_done.val() {
            self.scanned.d.next = true;
        }
        if self.finish.val() {
            self.running.d.next = false;
            self.scanned.d.next = false;
        } else if self.start.val() && !self.running.q.val() {
            self.running.d.next = true;
        }
    }
}
