//! Intake: bytes with a handshake become bytes that the link, which refuses none, takes at its pace and has room for.
//!
//! Latency: 0. Throughput: a byte in 4 cycles. Handshake: `valid` and `ready`; `ready` does not wait for `valid`.
//! Reset: none needed.
//!
//! ```text
//!   valid, data, ready ──> bytes of the frame that answers next │ of what follows it ──> out_valid, out_data
//!                          <───────────── at most `limit` ─────────────────────────>
//! ```
//!
//! A host on a serial line counts what it has sent and not seen answered (`docs/protocol.md`). Here the hardware does: two frames
//! and `limit` bytes, as they stand on the wire, are with the link; the rest waits. One frame travels while the other is executed.
//! A damaged frame may have no answer: what the link has is forgotten once the link rests.

use crate::prelude::*;

/// Bytes of up to `limit` are counted in `LA` bits.
#[derive(LogicBlock)]
pub struct Intake<const LA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Is there a byte?
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// It is taken.
    pub ready: Signal<Out, Bit>,
    /// A byte for the link.
    pub out_valid: Signal<Out, Bit>,
    /// The byte.
    pub out_data: Signal<Out, Bits<8>>,
    /// An answer's zero leaves.
    pub answered: Signal<In, Bit>,
    /// The link executes or answers.
    pub busy: Signal<In, Bit>,
    /// Cycles until the link takes a byte.
    pace: DFF<Bits<2>>,
    /// Whole frames that are not answered, at most 2.
    frames: DFF<Bits<2>>,
    /// Their bytes and those of the frame that arrives, at most `limit`.
    bytes: DFF<Bits<LA>>,
    /// Bytes of the older whole frame.
    oldest: DFF<Bits<LA>>,
    /// Part of a frame has come.
    open: DFF<Bit>,
    /// Cycles for which the link has been resting.
    quiet: DFF<Bits<5>>,

    room: Signal<Local, Bit>,
    take: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
    grown: Signal<Local, Bits<LA>>,
    less: Signal<Local, Bits<LA>>,
    limit: Constant<Bits<LA>>,
    two: Constant<Bits<2>>,
}

impl<const LA: usize> Intake<LA> {
    /// For a link that states a receive buffer of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            ready: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            answered: Default::default(),
            busy: Default::default(),
            pace: Default::default(),
            frames: Default::default(),
            bytes: Default::default(),
            oldest: Default::default(),
            open: Default::default(),
            quiet: Default::default(),
            room: Default::default(),
            take: Default::default(),
            ends: Default::default(),
            done: Default::default(),
            grown: Default::default(),
            less: Default::default(),
            limit: Constant::new(Bits::wrapped(limit as u128)),
            two: Constant::new(Bits::wrapped(2)),
        }
    }
}

impl<const LA: usize> Logic for Intake<LA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, pace, frames, bytes, oldest, open, quiet);
        comment!("Alone, a frame may be as long as it likes: the link drops what is too long.");
        self.room.next = !self.frames.q.val().any()
            || ((self.frames.q.val() != self.two.val()) && (self.bytes.q.val() != self.limit.val()));
        self.ready.next = self.room.val() && !self.pace.q.val().any();
        self.take.next = self.valid.val() && self.room.val() && !self.pace.q.val().any();
        self.out_valid.next = self.take.val();
        self.out_data.next = self.data.val();
        self.ends.next = self.take.val() && self.open.q.val() && !self.data.val().any();
        self.done.next = self.frames.q.val().any() && (self.answered.val() || self.quiet.q.val().all());

        if self.pace.q.val().any() {
            self.pace.d.next = self.pace.q.val() - 1;
        }
        self.grown.next = self.bytes.q.val();
        if self.take.val() {
            self.pace.d.next = 3.into();
            self.open.d.next = self.data.val().any();
            comment!("A zero behind a zero is no frame.");
            if (self.data.val().any() || self.open.q.val()) && (self.bytes.q.val() != self.limit.val()) {
                self.grown.next = self.bytes.q.val() + 1;
            }
        }
        self.less.next = self.grown.val() - self.oldest.q.val();
        self.bytes.d.next = self.grown.val();
        if self.done.val() {
            self.bytes.d.next = self.less.val();
            self.oldest.d.next = self.less.val();
            if !self.ends.val() {
                self.frames.d.next = self.frames.q.val() - 1;
            }
        } else if self.ends.val() {
            self.frames.d.next = self.frames.q.val() + 1;
            if !self.frames.q.val().any() {
                self.oldest.d.next = self.grown.val();
            }
        }
        if self.busy.val() || self.ends.val() {
            self.quiet.d.next = 0.into();
        } else if !self.quiet.q.val().all() {
            self.quiet.d.next = self.quiet.q.val() + 1;
        }
    }
}
