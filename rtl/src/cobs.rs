//! COBS, both ways: frames without zeros between zeros.
//!
//! Latency: a byte decoded the cycle it comes; a block encoded once its zero, its 254th byte or the frame's last has come.
//! Throughput: a byte a cycle decoded; `2 · bytes + 2` cycles encoded, a cycle more for each block.
//! Handshake: the decoder takes whatever comes; the encoder has `valid` and `ready` on both sides.
//! Reset: none needed. A decoder in the middle of anything is in step again after a zero.
//!
//! ```text
//!   on the wire  03 11 22 02 33 00        decoded  11 22 (00) 33, `ended` with the last zero
//!                code  code               the zero in brackets comes with the code that follows it
//! ```

use crate::leaf::ram::Ram;
use crate::prelude::*;

/// Decodes frames of up to `limit` bytes on the wire, their zero not counted; counts one more in `LA` bits.
#[derive(LogicBlock)]
pub struct CobsDecoder<const LA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A byte from the wire.
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// A byte was lost.
    pub broken: Signal<In, Bit>,
    /// A decoded byte, in the same cycle.
    pub out_valid: Signal<Out, Bit>,
    /// The byte.
    pub out_data: Signal<Out, Bits<8>>,
    /// The frame is over; not for an empty one.
    pub ended: Signal<Out, Bit>,
    /// It was whole and not too long.
    pub sound: Signal<Out, Bit>,
    /// Bytes of this block still to come.
    left: DFF<Bits<8>>,
    /// The block is followed by a zero, if by anything.
    zero_due: DFF<Bit>,
    /// Bytes of this frame so far, at most one too many.
    count: DFF<Bits<LA>>,
    /// There was a byte.
    any: DFF<Bit>,
    bad: DFF<Bit>,
    ends: Signal<Local, Bit>,
    too_long: Signal<Local, Bit>,
    /// What the block's bytes are counted down from.
    from: Signal<Local, Bits<8>>,
    too_many: Constant<Bits<LA>>,
}

impl<const LA: usize> CobsDecoder<LA> {
    /// A decoder of frames of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            broken: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            ended: Default::default(),
            sound: Default::default(),
            left: Default::default(),
            zero_due: Default::default(),
            count: Default::default(),
            any: Default::default(),
            bad: Default::default(),
            ends: Default::default(),
            too_long: Default::default(),
            from: Default::default(),
            too_many: Constant::new(Bits::wrapped(limit as u128 + 1)),
        }
    }
}

impl<const LA: usize> Logic for CobsDecoder<LA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left, zero_due, count, any, bad);
        self.ends.next = self.valid.val() && !self.data.val().any();
        self.too_long.next = self.count.q.val() == self.too_many.val();
        self.out_valid.next = false;
        self.out_data.next = 0.into();
        self.ended.next = self.ends.val() && (self.any.q.val() || self.bad.q.val());
        self.sound.next = !self.bad.q.val() && !self.too_long.val() && !self.left.q.val().any();
        self.from.next = self.data.val();
        if self.left.q.val().any() {
            self.from.next = self.left.q.val();
        }
        if self.valid.val() {
            self.any.d.next = true;
            if !self.too_long.val() {
                self.count.d.next = self.count.q.val() + 1;
            }
            self.left.d.next = self.from.val() - 1;
            if self.left.q.val().any() {
                self.out_valid.next = true;
                self.out_data.next = self.data.val();
            } else {
                self.out_valid.next = self.zero_due.q.val();
                self.zero_due.d.next = !self.data.val().all();
            }
        }
        if self.ends.val() {
            self.out_valid.next = false;
            self.left.d.next = 0.into();
            self.zero_due.d.next = false;
            self.count.d.next = 0.into();
            self.any.d.next = false;
            self.bad.d.next = false;
        }
        if self.broken.val() {
            self.bad.d.next = true;
        }
    }
}

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    /// Takes bytes.
    Fill,
    /// Gives a block's code.
    Code,
    /// Gives its bytes.
    Body,
    /// Gives the frame's zero.
    End,
}

/// Encodes a frame and ends it with a zero.
#[derive(LogicBlock)]
pub struct CobsEncoder {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Is there a byte?
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// It is the frame's last.
    pub last: Signal<In, Bit>,
    /// It is taken.
    pub ready: Signal<Out, Bit>,
    /// Is there a byte for the wire?
    pub out_valid: Signal<Out, Bit>,
    /// The byte.
    pub out_data: Signal<Out, Bits<8>>,
    /// It is taken.
    pub out_ready: Signal<In, Bit>,
    block: Ram<8, 8>,
    phase: DFF<Phase>,
    /// Bytes of the block, and how many of them are given; one more of each, as the block's code is.
    count: DFF<Bits<8>>,
    given: DFF<Bits<8>>,
    /// The frame's last byte has come.
    ending: DFF<Bit>,
    /// That byte was a zero: an empty block follows.
    zero_last: DFF<Bit>,
    block_over: Signal<Local, Bit>,
    fullest: Constant<Bits<8>>,
    one: Constant<Bits<8>>,
}

impl Default for CobsEncoder {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            last: Default::default(),
            ready: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_ready: Default::default(),
            block: Default::default(),
            phase: Default::default(),
            count: DFF::new(1.into()),
            given: DFF::new(1.into()),
            ending: Default::default(),
            zero_last: Default::default(),
            block_over: Default::default(),
            fullest: Constant::new(Bits::wrapped(254)),
            one: Constant::new(Bits::wrapped(1)),
        }
    }
}

crate::collisions!(CobsEncoder { block });

impl Logic for CobsEncoder {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, count, given, ending, zero_last);
        clock!(self, clock, block);
        self.block.write_enable.next = false;
        self.block.write_address.next = self.count.q.val();
        self.block.write_data.next = self.data.val();
        self.block.read_enable.next = false;
        self.block.read_address.next = self.given.q.val();
        self.ready.next = self.phase.q.val() == Phase::Fill;
        self.out_valid.next = self.phase.q.val() != Phase::Fill;
        self.out_data.next = self.block.read_data.val();
        self.block_over.next = false;
        match self.phase.q.val() {
            Phase::Fill => {
                if self.valid.val() {
                    self.ending.d.next = self.last.val();
                    self.zero_last.d.next = self.last.val() && !self.data.val().any();
                    self.block.write_enable.next = self.data.val().any();
                    if self.data.val().any() {
                        self.count.d.next = self.count.q.val() + 1;
                    }
                    if self.last.val() || !self.data.val().any() || (self.count.q.val() == self.fullest.val())
                    {
                        self.phase.d.next = Phase::Code;
                    }
                }
            }
            Phase::Code => {
                self.out_data.next = self.count.q.val();
                self.block.read_enable.next = self.out_ready.val();
                if self.out_ready.val() {
                    self.given.d.next = self.given.q.val() + 1;
                    self.phase.d.next = Phase::Body;
                    if self.count.q.val() == self.one.val() {
                        self.block_over.next = true;
                    }
                }
            }
            Phase::Body => {
                self.block.read_enable.next = self.out_ready.val();
                if self.out_ready.val() {
                    self.given.d.next = self.given.q.val() + 1;
                    if self.given.q.val() == self.count.q.val() {
                        self.block_over.next = true;
                    }
                }
            }
            Phase::End => {
                self.out_data.next = 0.into();
                if self.out_ready.val() {
                    self.phase.d.next = Phase::Fill;
                }
            }
        }
        if self.block_over.val() {
            self.count.d.next = self.one.val();
            self.given.d.next = self.one.val();
            self.zero_last.d.next = false;
            self.phase.d.next = Phase::Fill;
            if self.zero_last.q.val() {
                self.phase.d.next = Phase::Code;
            } else if self.ending.q.val() {
                self.phase.d.next = Phase::End;
            }
        }
    }
}
