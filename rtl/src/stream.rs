//! Stream: AXI4-Stream beats of several bytes become bytes, and bytes become beats.
//!
//! Latency: a cycle; a beat leaves once it is full or holds a frame's zero. Throughput: a byte a cycle, a cycle more for each beat.
//! Handshake: `tvalid` and `tready`, `valid` and `ready`; neither waits for the other. Reset: none needed, empty after configuration.
//!
//! ```text
//!   tdata  76543210  first byte lowest     frames  11 22 33 00   44 55 00        (a letter or number is a byte)
//!   tkeep  ‾‾‾‾‾‾‾‾  a bit a byte          beats of 4:  [00 33 22 11] last   [-- 00 55 44] last
//! ```
//!
//! A byte that is not kept is skipped on its way in, and is zero on its way out: who looks at no `tkeep` reads an empty frame.

use crate::prelude::*;

/// Beats of `K` bytes, `W = 8 · K` bits, into bytes. `tlast` means nothing here: a zero ends a frame, wherever it stands.
#[derive(LogicBlock, Default)]
pub struct StreamSlave<const W: usize, const K: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Is there a beat?
    pub tvalid: Signal<In, Bit>,
    /// Its bytes.
    pub tdata: Signal<In, Bits<W>>,
    /// Which of them count.
    pub tkeep: Signal<In, Bits<K>>,
    /// It is taken.
    pub tready: Signal<Out, Bit>,
    /// Is there a byte?
    pub valid: Signal<Out, Bit>,
    /// The byte.
    pub data: Signal<Out, Bits<8>>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    beat: DFF<Bits<W>>,
    /// What of it is to come, from the lowest byte on.
    kept: DFF<Bits<K>>,
}

impl<const W: usize, const K: usize> Logic for StreamSlave<W, K> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, beat, kept);
        self.tready.next = !self.kept.q.val().any();
        self.valid.next = self.kept.q.val().get_bit(0);
        self.data.next = self.beat.q.val().get_bits::<8>(0);
        if self.kept.q.val().any() {
            if !self.kept.q.val().get_bit(0) || self.ready.val() {
                self.beat.d.next = self.beat.q.val() >> 8;
                self.kept.d.next = self.kept.q.val() >> 1;
            }
        } else if self.tvalid.val() {
            self.beat.d.next = self.tdata.val();
            self.kept.d.next = self.tkeep.val();
        }
    }
}

/// Bytes into beats of `K` bytes, `W = 8 · K = 2^S` bits. A frame's zero is the last byte of its beat and of its packet.
#[derive(LogicBlock)]
pub struct StreamMaster<const W: usize, const K: usize, const S: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Is there a byte?
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// It is taken.
    pub ready: Signal<Out, Bit>,
    /// Is there a beat?
    pub tvalid: Signal<Out, Bit>,
    /// Its bytes.
    pub tdata: Signal<Out, Bits<W>>,
    /// Which of them count: from the lowest on.
    pub tkeep: Signal<Out, Bits<K>>,
    /// It ends with a frame's zero.
    pub tlast: Signal<Out, Bit>,
    /// It is taken.
    pub tready: Signal<In, Bit>,
    beat: DFF<Bits<W>>,
    kept: DFF<Bits<K>>,
    /// The next byte's first bit.
    place: DFF<Bits<S>>,
    waits: DFF<Bit>,
    last: DFF<Bit>,
    byte_bits: Constant<Bits<S>>,
    last_place: Constant<Bits<S>>,
}

crate::default_block!(StreamMaster<W, K, S> {
    byte_bits: Constant::new(Bits::wrapped(8)),
    last_place: Constant::new(Bits::wrapped(W as u128 - 8)),
} {
    clock, valid, data, ready, tvalid, tdata, tkeep, tlast, tready, beat, kept, place, waits, last
});

impl<const W: usize, const K: usize, const S: usize> Logic for StreamMaster<W, K, S> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, beat, kept, place, waits, last);
        self.ready.next = !self.waits.q.val();
        self.tvalid.next = self.waits.q.val();
        self.tdata.next = self.beat.q.val();
        self.tkeep.next = self.kept.q.val();
        self.tlast.next = self.last.q.val();
        if self.waits.q.val() {
            if self.tready.val() {
                self.waits.d.next = false;
                self.beat.d.next = 0.into();
                self.kept.d.next = 0.into();
                self.place.d.next = 0.into();
            }
        } else if self.valid.val() {
            self.beat.d.next = self.beat.q.val() | (bit_cast::<W, 8>(self.data.val()) << self.place.q.val());
            self.kept.d.next = (self.kept.q.val() << 1) | 1;
            self.place.d.next = self.place.q.val() + self.byte_bits.val();
            self.last.d.next = !self.data.val().any();
            self.waits.d.next = !self.data.val().any() || (self.place.q.val() == self.last_place.val());
        }
    }
}
