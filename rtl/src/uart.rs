//! UART: serial bytes, 8 data bits, no parity, one stop bit, a fixed number of clocks a bit.
//!
//! Latency: a byte is there `10.5 · DIVIDER` cycles after its start bit fell, it leaves from the cycle after it is taken.
//! Throughput: a byte in `10 · DIVIDER` cycles received, in one more cycle sent.
//! Handshake: `valid` for one cycle with each byte received; `valid` and `ready` for one to send.
//! Reset: none needed, both idle after configuration.
//!
//! ```text
//!   line  ‾‾‾\___X d0 X d1 X … X d7 X‾‾‾‾‾‾     sampled in the middle of each bit, which
//!                  ^    ^         ^    ^        a start bit's falling edge places
//! ```

use crate::prelude::*;

/// Bits of a byte on the wire, start and stop bit included.
const FRAME: u128 = 10;

/// Receives: `DIVIDER` clocks a bit, at least 4, counted in `DA` bits.
#[derive(LogicBlock)]
pub struct UartReceiver<const DIVIDER: usize, const DA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The wire, not synchronised.
    pub line: Signal<In, Bit>,
    /// A byte has come.
    pub valid: Signal<Out, Bit>,
    /// The byte; only in the cycle of `valid`.
    pub data: Signal<Out, Bits<8>>,
    /// A byte without a stop bit has come, and is dropped.
    pub broken: Signal<Out, Bit>,
    arriving: DFF<Bit>,
    level: DFF<Bit>,
    /// The wire was high since the last byte: it may fall.
    armed: DFF<Bit>,
    clocks: DFF<Bits<DA>>,
    /// Bits to come, the stop bit included; 0 is idle.
    left: DFF<Bits<4>>,
    shift: DFF<Bits<8>>,
    moved: Signal<Local, Bits<8>>,
    half: Constant<Bits<DA>>,
    whole: Constant<Bits<DA>>,
    all: Constant<Bits<4>>,
    one: Constant<Bits<4>>,
}

crate::default_block!(UartReceiver<DIVIDER, DA> {
    arriving: DFF::new(true),
    level: DFF::new(true),
    half: Constant::new(Bits::wrapped(DIVIDER as u128 / 2 - 2)),
    whole: Constant::new(Bits::wrapped(DIVIDER as u128 - 1)),
    all: Constant::new(Bits::wrapped(FRAME)),
    one: Constant::new(Bits::wrapped(1)),
} {
    clock, line, valid, data, broken, armed, clocks, left, shift, moved
});

impl<const DIVIDER: usize, const DA: usize> Logic for UartReceiver<DIVIDER, DA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, arriving, level, armed, clocks, left, shift);
        self.moved.next = self.shift.q.val() >> 1;
        self.arriving.d.next = self.line.val();
        self.level.d.next = self.arriving.q.val();
        self.valid.next = false;
        self.broken.next = false;
        self.data.next = self.shift.q.val();
        if !self.left.q.val().any() {
            if self.level.q.val() {
                self.armed.d.next = true;
            } else if self.armed.q.val() {
                self.armed.d.next = false;
                self.left.d.next = self.all.val();
                self.clocks.d.next = self.half.val();
            }
        } else if self.clocks.q.val().any() {
            self.clocks.d.next = self.clocks.q.val() - 1;
        } else {
            self.clocks.d.next = self.whole.val();
            self.left.d.next = self.left.q.val() - 1;
            self.shift.d.next = self.moved.val().replace_bit(7, self.level.q.val());
            if (self.left.q.val() == self.all.val()) && self.level.q.val() {
                comment!("The start bit was a glitch.");
                self.left.d.next = 0.into();
            }
            if self.left.q.val() == self.one.val() {
                comment!("The stop bit: what was shifted in before it is the byte.");
                self.valid.next = self.level.q.val();
                self.broken.next = !self.level.q.val();
            }
        }
    }
}

/// Sends: `DIVIDER` clocks a bit, counted in `DA` bits.
#[derive(LogicBlock)]
pub struct UartTransmitter<const DIVIDER: usize, const DA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Is there a byte?
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// It is taken.
    pub ready: Signal<Out, Bit>,
    /// The wire.
    pub line: Signal<Out, Bit>,
    clocks: DFF<Bits<DA>>,
    /// Bits to go, the stop bit included; 0 is idle.
    left: DFF<Bits<4>>,
    shift: DFF<Bits<9>>,
    moved: Signal<Local, Bits<9>>,
    whole: Constant<Bits<DA>>,
    all: Constant<Bits<4>>,
}

crate::default_block!(UartTransmitter<DIVIDER, DA> {
    shift: DFF::new(Bits::wrapped(u128::MAX)),
    whole: Constant::new(Bits::wrapped(DIVIDER as u128 - 1)),
    all: Constant::new(Bits::wrapped(FRAME)),
} {
    clock, valid, data, ready, line, clocks, left, moved
});

impl<const DIVIDER: usize, const DA: usize> Logic for UartTransmitter<DIVIDER, DA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, clocks, left, shift);
        self.moved.next = self.shift.q.val() >> 1;
        self.line.next = self.shift.q.val().get_bit(0);
        self.ready.next = !self.left.q.val().any();
        if !self.left.q.val().any() {
            if self.valid.val() {
                self.left.d.next = self.all.val();
                self.clocks.d.next = self.whole.val();
                self.shift.d.next = bit_cast::<9, 8>(self.data.val()) << 1;
            }
        } else if self.clocks.q.val().any() {
            self.clocks.d.next = self.clocks.q.val() - 1;
        } else {
            self.clocks.d.next = self.whole.val();
            self.left.d.next = self.left.q.val() - 1;
            self.shift.d.next = self.moved.val().replace_bit(8, true);
        }
    }
}
