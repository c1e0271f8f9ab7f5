//! Reply: an answer's bytes for the transmitter; answers of up to 16 bytes are kept for frames that come again.
//!
//! Latency: the first byte the cycle after `start`. Throughput: a byte a cycle, an element's first two cycles later.
//! Handshake: `start` or `look` while not `busy`; `found` and `long` two cycles after `look`, until the next; elements by
//! `want` and `element_valid`; `done` in the last cycle.
//! Reset: none needed; what is kept means nothing before it was written: the executor counts.
//!
//! ```text
//!   kept, 32 bytes each:   payload's length, 128 where it is too long | opcode | payload …
//! ```

use crate::leaf::ram::Ram;
use crate::prelude::*;
use arch::protocol::KEPT_ANSWER_BYTES;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    Idle,
    /// The kept answer's opcode, its length.
    LookOpcode,
    LookLength,
    /// Header bytes.
    Number,
    Opcode,
    /// The payload's first byte.
    Status,
    /// An element is awaited.
    Element,
    /// Its bytes.
    Bytes,
    /// A byte of a kept answer is read, is sent.
    KeptRead,
    Kept,
}

/// Answers of up to 1023 bytes; keeps four.
#[derive(LogicBlock)]
pub struct Reply {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Looks whether an answer to `opcode` is kept in `slot`.
    pub look: Signal<In, Bit>,
    /// It is.
    pub found: Signal<Out, Bit>,
    /// It was too long.
    pub long: Signal<Out, Bit>,
    /// Sends an answer; the inputs up to `first` hold until `done`.
    pub start: Signal<In, Bit>,
    /// The answer that was found, not a new one.
    pub again: Signal<In, Bit>,
    /// Keeps the answer.
    pub keep: Signal<In, Bit>,
    /// Which of the four.
    pub slot: Signal<In, Bits<2>>,
    /// Sequence number.
    pub number: Signal<In, Bits<8>>,
    /// Opcode, without the answer bit.
    pub opcode: Signal<In, Bits<8>>,
    /// First byte of the payload.
    pub status: Signal<In, Bits<4>>,
    /// Bytes of the payload.
    pub length: Signal<In, Bits<10>>,
    /// An element has `2^width` bytes.
    pub width: Signal<In, Bits<2>>,
    /// `element` is there from the start.
    pub first: Signal<In, Bit>,
    /// Wants an element.
    pub want: Signal<Out, Bit>,
    /// Here it is.
    pub element_valid: Signal<In, Bit>,
    /// The element.
    pub element: Signal<In, Bits<32>>,
    /// Last cycle.
    pub done: Signal<Out, Bit>,

    /// A byte for the transmitter.
    pub out_valid: Signal<Out, Bit>,
    /// The byte.
    pub out_data: Signal<Out, Bits<8>>,
    /// It is the last.
    pub out_last: Signal<Out, Bit>,
    /// It is taken.
    pub out_ready: Signal<In, Bit>,

    kept: Ram<7, 8>,
    phase: DFF<Phase>,
    found_now: DFF<Bit>,
    /// Length of the payload that is kept.
    kept_length: DFF<Bits<8>>,
    left: DFF<Bits<10>>,
    /// Place in the kept answer.
    at: DFF<Bits<5>>,
    value: DFF<Bits<32>>,
    /// Bytes of the element, less one, that are left.
    part: DFF<Bits<2>>,
    whole: Signal<Local, Bits<2>>,
    is_last: Signal<Local, Bit>,
    finish: Signal<Local, Bit>,
    place: Signal<Local, Bits<5>>,
    one: Constant<Bits<10>>,
    most: Constant<Bits<10>>,
    widest: Constant<Bits<2>>,
}

crate::default_block!(Reply<> {
    one: Constant::new(Bits::wrapped(1)),
    most: Constant::new(Bits::wrapped(KEPT_ANSWER_BYTES as u128)),
    widest: Constant::new(Bits::wrapped(2)),
} {
    clock, look, found, long, start, again, keep, slot, number, opcode, status, length, width, first, want,
    element_valid, element, done, out_valid, out_data, out_last, out_ready, kept, phase, found_now, kept_length, left,
    at, value, part, whole, is_last, finish, place
});

impl Reply {
    /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.kept.collisions()
    }
}

impl Logic for Reply {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, found_now, kept_length, left, at, value, part);
        clock!(self, clock, kept);
        self.found.next = self.found_now.q.val();
        self.long.next = self.kept_length.q.val().get_bit(7);
        self.want.next = self.phase.q.val() == Phase::Element;
        self.out_valid.next = false;
        self.out_data.next = self.value.q.val().get_bits::<8>(0);
        self.is_last.next = self.left.q.val() == self.one.val();
        self.out_last.next = false;
        self.finish.next = false;
        self.whole.next = 0.into();
        if self.width.val() == self.widest.val() {
            self.whole.next = 3.into();
        } else if self.width.val().any() {
            self.whole.next = 1.into();
        }
        self.place.next = self.at.q.val();
        self.kept.read_enable.next = false;
        self.kept.write_enable.next = false;
        match self.phase.q.val() {
            Phase::Idle => {
                self.at.d.next = 0.into();
                if self.look.val() {
                    self.place.next = 1.into();
                    self.kept.read_enable.next = true;
                    self.phase.d.next = Phase::LookOpcode;
                }
                if self.start.val() {
                    self.left.d.next = self.length.val();
                    if self.again.val() {
                        self.left.d.next = bit_cast::<10, 8>(self.kept_length.q.val());
                    }
                    self.value.d.next = self.element.val();
                    self.phase.d.next = Phase::Number;
                }
            }
            Phase::LookOpcode => {
                self.found_now.d.next = self.kept.read_data.val() == self.opcode.val();
                self.place.next = 0.into();
                self.kept.read_enable.next = true;
                self.phase.d.next = Phase::LookLength;
            }
            Phase::LookLength => {
                self.kept_length.d.next = self.kept.read_data.val();
                self.phase.d.next = Phase::Idle;
            }
            Phase::Number => {
                self.out_valid.next = true;
                self.out_data.next = self.number.val();
                self.kept.write_enable.next = self.keep.val() && self.out_ready.val();
                if self.out_ready.val() {
                    self.at.d.next = 1.into();
                    self.phase.d.next = Phase::Opcode;
                }
            }
            Phase::Opcode => {
                self.out_valid.next = true;
                self.out_data.next = self.opcode.val() | 128;
                self.kept.write_enable.next = self.keep.val() && self.out_ready.val();
                self.part.d.next = 3.into();
                if self.out_ready.val() {
                    self.at.d.next = 2.into();
                    self.phase.d.next = Phase::Status;
                    if self.again.val() {
                        self.phase.d.next = Phase::KeptRead;
                    }
                }
            }
            Phase::Status => {
                self.out_valid.next = true;
                self.out_data.next = bit_cast::<8, 4>(self.status.val());
                if self.out_ready.val() {
                    self.phase.d.next = Phase::Element;
                    if self.first.val() {
                        self.phase.d.next = Phase::Bytes;
                    }
                }
            }
            Phase::Element => {
                self.part.d.next = self.whole.val();
                if self.element_valid.val() {
                    self.value.d.next = self.element.val();
                    self.phase.d.next = Phase::Bytes;
                }
            }
            Phase::Bytes => {
                self.out_valid.next = true;
                if self.out_ready.val() {
                    self.value.d.next = self.value.q.val() >> 8;
                    self.part.d.next = self.part.q.val() - 1;
                    if !self.part.q.val().any() {
                        self.phase.d.next = Phase::Element;
                    }
                }
            }
            Phase::KeptRead => {
                self.kept.read_enable.next = true;
                self.phase.d.next = Phase::Kept;
            }
            Phase::Kept => {
                self.out_valid.next = true;
                self.out_data.next = self.kept.read_data.val();
                if self.out_ready.val() {
                    self.phase.d.next = Phase::KeptRead;
                }
            }
        }
        if (self.phase.q.val() == Phase::Status)
            || (self.phase.q.val() == Phase::Bytes)
            || (self.phase.q.val() == Phase::Kept)
        {
            self.out_last.next = self.is_last.val();
            if self.out_ready.val() {
                self.left.d.next = self.left.q.val() - 1;
                comment!("Answers that are too long run round in their place: nobody reads them there.");
                self.at.d.next = self.at.q.val() + 1;
                if self.at.q.val().all() {
                    self.at.d.next = 2.into();
                }
                self.kept.write_enable.next = self.keep.val() && !self.again.val();
                if self.is_last.val() {
                    self.finish.next = true;
                    self.phase.d.next = Phase::Idle;
                }
            }
        }
        self.done.next = self.finish.val();
        self.kept.read_address.next =
            (bit_cast::<7, 2>(self.slot.val()) << 5) | bit_cast::<7, 5>(self.place.val());
        self.kept.write_address.next =
            (bit_cast::<7, 2>(self.slot.val()) << 5) | bit_cast::<7, 5>(self.at.q.val());
        self.kept.write_data.next = self.out_data.val();
        if self.phase.q.val() == Phase::Number {
            self.kept.write_data.next = self.left.q.val().get_bits::<8>(0);
            if self.left.q.val() > self.most.val() {
                self.kept.write_data.next = 128.into();
            }
        }
        if self.phase.q.val() == Phase::Opcode {
            self.kept.write_data.next = self.opcode.val();
        }
    }
}
