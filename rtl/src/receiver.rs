//! Receiver: bytes from the wire become frames that wait in a ring for the executor, in order.
//!
//! Latency: a frame is `available` 8 cycles after its zero. Throughput: a byte in 4 cycles; frames as fast as they are released.
//! Handshake: `available` until `taken`; `byte` one cycle after `read` and `address`, which lies within the payload.
//! Reset: none needed. After anything else a zero brings it into step again.
//!
//! ```text
//!   wire ──> CobsDecoder ──> two bytes held back: at the end, the CRC ──> ring ──> frame at the head
//!
//!   ring:    length low | good, length high | sequence | opcode | payload …
//!                                           └─ for a frame that was damaged or found no room: nothing
//! ```
//!
//! What is unread is never overwritten. Damaged frames in a row are one: the board asks once. A good frame leaves
//! room for the entry of a damaged one behind it.

use crate::cobs::CobsDecoder;
use crate::crc::{Crc, START};
use crate::leaf::ram::Ram;
use crate::prelude::*;
use arch::protocol::{CRC_BYTES, HEADER_BYTES};

/// Bytes before the frame in the ring.
const ENTRY: u128 = 2;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Filling {
    /// Takes bytes.
    Take,
    /// Writes an entry's first byte.
    Low,
    /// Writes its second.
    High,
    /// Goes behind it.
    Next,
}

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Head {
    /// No frame.
    Empty,
    /// Its entry and its header arrive.
    Low,
    High,
    Sequence,
    Opcode,
    /// It is there.
    There,
}

/// `2^RA` bytes, `RA = 10`; `PA = RA + 1`; payloads of up to 511 bytes.
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
    /// There is a frame.
    pub available: Signal<Out, Bit>,
    /// It was damaged; what follows means nothing then.
    pub damaged: Signal<Out, Bit>,
    /// Its sequence number.
    pub number: Signal<Out, Bits<8>>,
    /// Its opcode.
    pub opcode: Signal<Out, Bits<8>>,
    /// Bytes of its payload.
    pub length: Signal<Out, Bits<RA>>,
    /// Reads a byte of the payload.
    pub read: Signal<In, Bit>,
    /// Which, from 0.
    pub address: Signal<In, Bits<RA>>,
    /// The byte.
    pub read_data: Signal<Out, Bits<8>>,
    /// The frame is no longer wanted.
    pub taken: Signal<In, Bit>,
    decoder: CobsDecoder<RA>,
    crc: Crc,
    ring: Ram<RA, 8>,

    filling: DFF<Filling>,
    /// Where the entry of the frame that arrives will stand.
    start: DFF<Bits<PA>>,
    /// Where its next byte goes.
    at: DFF<Bits<PA>>,
    /// Bytes of its payload; negative before the payload begins.
    count: DFF<Bits<RA>>,
    /// The last two bytes, which may be the CRC.
    older: DFF<Bits<8>>,
    newer: DFF<Bits<8>>,
    one_held: DFF<Bit>,
    two_held: DFF<Bit>,
    state: DFF<Bits<16>>,
    /// There was no room for one of its bytes.
    lost: DFF<Bit>,
    good: DFF<Bit>,
    /// The last entry is of a damaged frame.
    damage_noted: DFF<Bit>,

    head: DFF<Head>,
    /// Everything before is free: the entry and the header at the head are in registers.
    from: DFF<Bits<PA>>,
    length_now: DFF<Bits<RA>>,
    good_now: DFF<Bit>,
    sequence_now: DFF<Bits<8>>,
    opcode_now: DFF<Bits<8>>,

    span: Signal<Local, Bits<PA>>,
    right: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
    payload_address: Signal<Local, Bits<PA>>,
    behind: Signal<Local, Bits<PA>>,
    most: Constant<Bits<PA>>,
    entry: Constant<Bits<PA>>,
    before_payload: Constant<Bits<RA>>,
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
        const { assert!(RA == 10 && PA == RA + 1, "pointers tell a full ring from an empty one") };
        let before_payload = Bits::wrapped(0u128.wrapping_sub(HEADER_BYTES as u128));
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            broken: Default::default(),
            available: Default::default(),
            damaged: Default::default(),
            number: Default::default(),
            opcode: Default::default(),
            length: Default::default(),
            read: Default::default(),
            address: Default::default(),
            read_data: Default::default(),
            taken: Default::default(),
            decoder: CobsDecoder::new(wire_limit(max_payload)),
            crc: Default::default(),
            ring: Default::default(),
            filling: Default::default(),
            start: Default::default(),
            at: DFF::new(Bits::wrapped(ENTRY)),
            count: DFF::new(before_payload),
            older: Default::default(),
            newer: Default::default(),
            one_held: Default::default(),
            two_held: Default::default(),
            state: DFF::new(Bits::wrapped(START.into())),
            lost: Default::default(),
            good: Default::default(),
            damage_noted: Default::default(),
            head: Default::default(),
            from: Default::default(),
            length_now: Default::default(),
            good_now: Default::default(),
            sequence_now: Default::default(),
            opcode_now: Default::default(),
            span: Default::default(),
            right: Default::default(),
            fetch: Default::default(),
            payload_address: Default::default(),
            behind: Default::default(),
            most: Constant::new(Bits::wrapped((1 << RA) - ENTRY)),
            entry: Constant::new(Bits::wrapped(ENTRY)),
            before_payload: Constant::new(before_payload),
            first_state: Constant::new(Bits::wrapped(START.into())),
        }
    }

    /// Cycles in which the ring was read and written at one address: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.ring.collisions()
    }
}

impl<const RA: usize, const PA: usize> Logic for Receiver<RA, PA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, filling, start, at, count, older, newer, one_held, two_held, state, lost, good
        );
        dff_setup!(self, clock, damage_noted, head, from, length_now, good_now, sequence_now, opcode_now);
        clock!(self, clock, decoder, ring);
        self.decoder.valid.next = self.valid.val();
        self.decoder.data.next = self.data.val();
        self.decoder.broken.next = self.broken.val();
        self.crc.state.next = self.state.q.val();
        self.crc.data.next = self.older.q.val();

        // Bytes go into the ring two late.
        self.span.next = self.at.q.val() - self.from.q.val();
        self.ring.write_enable.next = false;
        self.ring.write_address.next = bit_cast::<RA, PA>(self.at.q.val());
        self.ring.write_data.next = self.older.q.val();
        self.right.next = self.decoder.sound.val()
            && !self.lost.q.val()
            && self.two_held.q.val()
            && !self.count.q.val().get_bit(9)
            && (self.state.q.val()
                == ((bit_cast::<16, 8>(self.newer.q.val()) << 8) | bit_cast::<16, 8>(self.older.q.val())));
        match self.filling.q.val() {
            Filling::Take => {
                if self.decoder.out_valid.val() {
                    self.newer.d.next = self.decoder.out_data.val();
                    self.older.d.next = self.newer.q.val();
                    self.one_held.d.next = true;
                    self.two_held.d.next = self.one_held.q.val();
                    if self.two_held.q.val() {
                        self.state.d.next = self.crc.after.val();
                        if self.span.val() < self.most.val() {
                            self.ring.write_enable.next = true;
                            self.at.d.next = self.at.q.val() + 1;
                            self.count.d.next = self.count.q.val() + 1;
                        } else {
                            self.lost.d.next = true;
                        }
                    }
                }
                if self.decoder.ended.val() {
                    self.good.d.next = self.right.val();
                    self.damage_noted.d.next = !self.right.val();
                    self.filling.d.next = Filling::Low;
                    if !self.right.val() && self.damage_noted.q.val() {
                        self.filling.d.next = Filling::Next;
                    }
                }
            }
            Filling::Low => {
                self.ring.write_enable.next = true;
                self.ring.write_address.next = bit_cast::<RA, PA>(self.start.q.val());
                self.ring.write_data.next = 0.into();
                if self.good.q.val() {
                    self.ring.write_data.next = self.count.q.val().get_bits::<8>(0);
                }
                self.start.d.next = self.start.q.val() + 1;
                self.filling.d.next = Filling::High;
            }
            Filling::High => {
                self.ring.write_enable.next = true;
                self.ring.write_address.next = bit_cast::<RA, PA>(self.start.q.val());
                self.ring.write_data.next = 0.into();
                self.start.d.next = self.start.q.val() + 1;
                if self.good.q.val() {
                    self.ring.write_data.next = bit_cast::<8, 2>(self.count.q.val().get_bits::<2>(8)) | 128;
                    self.start.d.next = self.at.q.val();
                }
                self.filling.d.next = Filling::Next;
            }
            Filling::Next => {
                self.at.d.next = self.start.q.val() + self.entry.val();
                self.count.d.next = self.before_payload.val();
                self.one_held.d.next = false;
                self.two_held.d.next = false;
                self.state.d.next = self.first_state.val();
                self.lost.d.next = false;
                self.filling.d.next = Filling::Take;
            }
        }

        // The frame at the head.
        self.available.next = self.head.q.val() == Head::There;
        self.damaged.next = !self.good_now.q.val();
        self.number.next = self.sequence_now.q.val();
        self.opcode.next = self.opcode_now.q.val();
        self.length.next = self.length_now.q.val();
        self.read_data.next = self.ring.read_data.val();
        self.payload_address.next = self.from.q.val() + bit_cast::<PA, RA>(self.address.val());
        self.behind.next = self.from.q.val() + bit_cast::<PA, RA>(self.length_now.q.val());
        self.fetch.next = false;
        match self.head.q.val() {
            Head::Empty => {
                if (self.filling.q.val() == Filling::Take) && (self.from.q.val() != self.start.q.val()) {
                    self.fetch.next = true;
                    self.head.d.next = Head::Low;
                }
            }
            Head::Low => {
                self.length_now.d.next = bit_cast::<RA, 8>(self.ring.read_data.val());
                self.fetch.next = true;
                self.head.d.next = Head::High;
            }
            Head::High => {
                self.good_now.d.next = self.ring.read_data.val().get_bit(7);
                self.length_now.d.next = self.length_now.q.val()
                    | (bit_cast::<RA, 2>(self.ring.read_data.val().get_bits::<2>(0)) << 8);
                if self.ring.read_data.val().get_bit(7) {
                    self.fetch.next = true;
                    self.head.d.next = Head::Sequence;
                } else {
                    self.head.d.next = Head::There;
                }
            }
            Head::Sequence => {
                self.sequence_now.d.next = self.ring.read_data.val();
                self.fetch.next = true;
                self.head.d.next = Head::Opcode;
            }
            Head::Opcode => {
                self.opcode_now.d.next = self.ring.read_data.val();
                self.head.d.next = Head::There;
            }
            Head::There => {
                if self.taken.val() {
                    self.from.d.next = self.behind.val();
                    self.head.d.next = Head::Empty;
                }
            }
        }
        self.ring.read_enable.next = self.fetch.val() || self.read.val();
        self.ring.read_address.next = bit_cast::<RA, PA>(self.payload_address.val());
        if self.fetch.val() {
            self.ring.read_address.next = bit_cast::<RA, PA>(self.from.q.val());
            self.from.d.next = self.from.q.val() + 1;
        }
    }
}
