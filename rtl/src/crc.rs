//! CRC-16/IBM-3740 of a frame, a byte a cycle.
//!
//! Latency: 0, the next state is combinational; its register is the user's. Throughput: one byte a cycle. Handshake: none.
//! Reset: none; the state before the first byte is [`START`].
//!
//! ```text
//!   x = high byte of the state ^ data;  x ^= x >> 4
//!   next = (low byte << 8) ^ (x << 12) ^ (x << 5) ^ x
//! ```

use crate::prelude::*;

/// State before the first byte.
pub const START: u16 = 0xffff;

/// The state after a byte.
#[derive(LogicBlock, Default)]
pub struct Crc {
    /// State before it.
    pub state: Signal<In, Bits<16>>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// State after it.
    pub after: Signal<Out, Bits<16>>,
    fold: Signal<Local, Bits<8>>,
    folded: Signal<Local, Bits<8>>,
    wide: Signal<Local, Bits<16>>,
}

impl Logic for Crc {
    #[hdl_gen]
    fn update(&mut self) {
        self.fold.next = self.state.val().get_bits::<8>(8) ^ self.data.val();
        self.folded.next = self.fold.val() ^ (self.fold.val() >> 4);
        self.wide.next = bit_cast::<16, 8>(self.folded.val());
        self.after.next =
            (self.state.val() << 8) ^ (self.wide.val() << 12) ^ (self.wide.val() << 5) ^ self.wide.val();
    }
}
