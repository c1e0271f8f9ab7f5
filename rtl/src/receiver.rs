//! Receiver: bytes from the wire become frames that wait in a ring for the processor, in order.
//!
//! Latency: a frame is `waiting` 7 cycles after its zero, a damaged one 10. Throughput: a byte in 4 cycles, 8 between two zeros.
//! Handshake: `read_data` one cycle after `read`, which goes on to the next byte; a frame's entry and header come first.
//! Reset: none needed. After anything else a zero brings it into step again.
//!
//! ```text
//!   wire ──> CobsDecoder ──> two bytes held back: at the end, the CRC ──> ring ──> read, from `from` on
//!
//!   ring:    its end, low | good, its end, high | sequence | opcode | payload …
//!                                               └─ for a frame that was damaged or found no room: nothing
//! ```
//!
//! What is not freed is never overwritten. Damaged frames in a row are one: the board asks once. A good frame leaves
//! room for the entry of a damaged one behind it.

use crate::cobs::CobsDecoder;
use crate::crc::{Crc, START};
use crate::leaf::ram::Ram;
use crate::prelude::*;
use arch::protocol::{CRC_BYTES, HEADER_BYTES};

/// Bytes before the frame in the ring.
const ENTRY: u128 = 2;
/// Bytes of a frame without a payload.
const SHORTEST: usize = HEADER_BYTES + CRC_BYTES;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Filling {
    /// Takes bytes.
    Take,
    /// `start` and `at` change places: what follows is the next frame's.
    Swap,
    /// Writes the entry.
    Low,
    High,
    /// Leaves room for the next one.
    First,
    Second,
}

/// `2^RA` bytes, 512 or 1,024; `PA = RA + 1`.
#[derive(LogicBlock)]
pub struct Receiver<const RA: usize, const PA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A byte from the wire.
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// A byte was lost.
    pub broken: Signal<In, Bit>,
    /// There is a frame that was not read.
    pub waiting: Signal<Out, Bit>,
    /// Reads a byte.
    pub read: Signal<In, Bit>,
    /// The byte.
    pub read_data: Signal<Out, Bits<8>>,
    /// The byte read last is the low one of the frame's end, is the high one.
    pub end_low: Signal<In, Bit>,
    /// As above.
    pub end_high: Signal<In, Bit>,
    /// The frame's last byte has been read.
    pub over: Signal<Out, Bit>,
    /// What has been read is free.
    pub free: Signal<In, Bit>,
    /// Reads again what is not.
    pub rewind: Signal<In, Bit>,
    decoder: CobsDecoder<RA>,
    crc: Crc,
    ring: Ram<RA, 8>,

    filling: DFF<Filling>,
    /// Where the entry of the frame that arrives will stand.
    start: DFF<Bits<PA>>,
    /// Where its next byte goes.
    at: DFF<Bits<PA>>,
    /// Its bytes, at most [`SHORTEST`].
    bytes: DFF<Bits<3>>,
    /// The last two of them, which may be the CRC.
    older: DFF<Bits<8>>,
    newer: DFF<Bits<8>>,
    state: DFF<Bits<16>>,
    /// There was no room for one of its bytes.
    lost: DFF<Bit>,
    good: DFF<Bit>,
    /// The entry of a damaged frame is to be written.
    owed: DFF<Bit>,
    /// The last entry is of a damaged frame.
    damage_noted: DFF<Bit>,

    /// Everything before is free; inverted, as the difference takes it. After configuration it says one byte less, until the
    /// first frame is freed.
    before_from: DFF<Bits<PA>>,
    /// What is read next.
    next: DFF<Bits<PA>>,
    bound: DFF<Bits<RA>>,

    span: Signal<Local, Bits<PA>>,
    right: Signal<Local, Bit>,
    later: Signal<Local, Bit>,
    /// What does not fit the entry's first byte; of a 512-byte ring its turn, too, which is not read back.
    start_high: Signal<Local, Bits<8>>,
    start_above: Signal<Local, Bits<PA>>,
    next_place: Signal<Local, Bits<RA>>,
    most: Constant<Bits<PA>>,
    two: Constant<Bits<3>>,
    shortest: Constant<Bits<3>>,
    first_state: Constant<Bits<16>>,
}

/// Bytes on the wire, without the zero, of the longest frame with so much payload.
const fn wire_limit(max_payload: usize) -> usize {
    let bytes = HEADER_BYTES + max_payload + CRC_BYTES;
    bytes + bytes.div_ceil(254)
}

impl<const RA: usize, const PA: usize> Receiver<RA, PA> {
    /// A receiver of payloads of up to `max_payload` bytes.
    pub fn new(max_payload: usize) -> Self {
        const { assert!((RA == 9 || RA == 10) && PA == RA + 1, "pointers tell a full ring from an empty one") };
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            broken: Default::default(),
            waiting: Default::default(),
            read: Default::default(),
            read_data: Default::default(),
            end_low: Default::default(),
            end_high: Default::default(),
            over: Default::default(),
            free: Default::default(),
            rewind: Default::default(),
            decoder: CobsDecoder::new(wire_limit(max_payload)),
            crc: Default::default(),
            ring: Default::default(),
            filling: Default::default(),
            start: Default::default(),
            at: DFF::new(Bits::wrapped(ENTRY)),
            bytes: Default::default(),
            older: Default::default(),
            newer: Default::default(),
            state: DFF::new(Bits::wrapped(START.into())),
            lost: Default::default(),
            good: Default::default(),
            owed: Default::default(),
            damage_noted: Default::default(),
            before_from: Default::default(),
            next: Default::default(),
            bound: Default::default(),
            span: Default::default(),
            right: Default::default(),
            later: Default::default(),
            start_high: Default::default(),
            start_above: Default::default(),
            next_place: Default::default(),
            most: Constant::new(Bits::wrapped((1 << RA) - ENTRY - 1)),
            two: Constant::new(Bits::wrapped(2)),
            shortest: Constant::new(Bits::wrapped(SHORTEST as u128)),
            first_state: Constant::new(Bits::wrapped(START.into())),
        }
    }
}

crate::collisions!(Receiver < RA, PA > { ring });

impl<const RA: usize, const PA: usize> Logic for Receiver<RA, PA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            filling,
            start,
            at,
            bytes,
            older,
            newer,
            state,
            lost,
            good,
            owed,
            damage_noted
        );
        dff_setup!(self, clock, before_from, next, bound);
        clock!(self, clock, decoder, ring);
        self.decoder.valid.next = self.valid.val();
        self.decoder.data.next = self.data.val();
        self.decoder.broken.next = self.broken.val();
        self.crc.state.next = self.state.q.val();
        self.crc.data.next = self.older.q.val();

        // Bytes go into the ring two late.
        comment!("One less than from there to here.");
        self.span.next = self.at.q.val() + self.before_from.q.val();
        self.ring.write_enable.next = false;
        self.ring.write_address.next = bit_cast::<RA, PA>(self.at.q.val());
        self.ring.write_data.next = self.older.q.val();
        self.right.next = self.decoder.sound.val()
            && !self.lost.q.val()
            && (self.bytes.q.val() == self.shortest.val())
            && (self.state.q.val()
                == ((bit_cast::<16, 8>(self.newer.q.val()) << 8) | bit_cast::<16, 8>(self.older.q.val())));
        self.start_above.next = self.start.q.val() >> 8;
        self.start_high.next = bit_cast::<8, PA>(self.start_above.val()) & 3;
        self.later.next = false;
        match self.filling.q.val() {
            Filling::Take => {
                if self.decoder.out_valid.val() {
                    self.newer.d.next = self.decoder.out_data.val();
                    self.older.d.next = self.newer.q.val();
                    if self.bytes.q.val() != self.shortest.val() {
                        self.bytes.d.next = self.bytes.q.val() + 1;
                    }
                    if self.bytes.q.val() >= self.two.val() {
                        self.state.d.next = self.crc.after.val();
                        if self.span.val() < self.most.val() {
                            self.ring.write_enable.next = true;
                            self.later.next = true;
                        } else {
                            self.lost.d.next = true;
                        }
                    }
                }
                if self.decoder.ended.val() {
                    self.good.d.next = self.right.val();
                    self.damage_noted.d.next = !self.right.val();
                    self.filling.d.next = Filling::Swap;
                    if !self.right.val() {
                        comment!("Its entry stands behind the room for one: as if it were an empty frame.");
                        self.owed.d.next = !self.damage_noted.q.val();
                        self.at.d.next = self.start.q.val();
                        self.filling.d.next = Filling::First;
                    }
                }
            }
            Filling::Swap => {
                self.start.d.next = self.at.q.val();
                self.at.d.next = self.start.q.val();
                self.filling.d.next = Filling::Low;
            }
            Filling::Low => {
                self.ring.write_enable.next = true;
                self.ring.write_data.next = self.start.q.val().get_bits::<8>(0);
                self.later.next = true;
                self.filling.d.next = Filling::High;
            }
            Filling::High => {
                self.ring.write_enable.next = true;
                self.ring.write_data.next = self.start_high.val();
                if self.good.q.val() {
                    self.ring.write_data.next = self.start_high.val() | 128;
                }
                self.at.d.next = self.start.q.val();
                self.filling.d.next = Filling::First;
            }
            Filling::First => {
                self.later.next = true;
                self.filling.d.next = Filling::Second;
            }
            Filling::Second => {
                self.later.next = true;
                self.bytes.d.next = 0.into();
                self.state.d.next = self.first_state.val();
                self.lost.d.next = false;
                self.owed.d.next = false;
                self.filling.d.next = Filling::Take;
                if self.owed.q.val() {
                    self.filling.d.next = Filling::Swap;
                }
            }
        }
        if self.later.val() {
            self.at.d.next = self.at.q.val() + 1;
        }

        // The frame at the head.
        self.waiting.next =
            (self.filling.q.val() == Filling::Take) && (self.next.q.val() != self.start.q.val());
        self.next_place.next = bit_cast::<RA, PA>(self.next.q.val());
        self.over.next = self.next_place.val() == self.bound.q.val();
        self.read_data.next = self.ring.read_data.val();
        self.ring.read_enable.next = self.read.val();
        self.ring.read_address.next = self.next_place.val();
        if self.read.val() {
            self.next.d.next = self.next.q.val() + 1;
        }
        if self.rewind.val() {
            self.next.d.next = !self.before_from.q.val();
        }
        if self.free.val() {
            self.before_from.d.next = !self.next.q.val();
        }
        if self.end_low.val() {
            self.bound.d.next =
                ((self.bound.q.val() >> 8) << 8) | bit_cast::<RA, 8>(self.ring.read_data.val());
        }
        if self.end_high.val() {
            self.bound.d.next =
                (self.bound.q.val() & 255) | (bit_cast::<RA, 8>(self.ring.read_data.val()) << 8);
        }
    }
}
