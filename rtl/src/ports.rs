//! Ports: a byte of what the program reads, by the code of its [`Port`].
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.
//!
//! ```text
//!   words ──> byte 0 to 3 of each, by the code's lower two bits ──> one of them, by its upper two
//! ```

use crate::instruction::Port;
use crate::prelude::*;

const _: () = {
    assert!(Port::Value0 as u8 == 0 && Port::Seed0 as u8 == 4 && Port::Wrong0 as u8 == 8);
    assert!(Port::Descriptor0 as u8 == 12, "the kernel's words");
};

/// Chooses a byte; the frame's has its own way.
#[derive(LogicBlock, Default)]
pub struct Ports {
    /// The code.
    pub port: Signal<In, Bits<4>>,
    /// The engine's element.
    pub value: Signal<In, Bits<32>>,
    /// The noise generator's state.
    pub seed: Signal<In, Bits<32>>,
    /// Wrong spikes of the sample.
    pub wrong_spikes: Signal<In, Bits<32>>,
    /// A descriptor's word.
    pub descriptor: Signal<In, Bits<16>>,
    /// The byte.
    pub data: Signal<Out, Bits<8>>,
    words: [Signal<Local, Bits<32>>; 4],
    bytes: [Signal<Local, Bits<8>>; 4],
}

impl Logic for Ports {
    #[hdl_gen]
    fn update(&mut self) {
        self.words[0].next = self.value.val();
        self.words[1].next = self.seed.val();
        self.words[2].next = self.wrong_spikes.val();
        self.words[3].next = bit_cast::<32, 16>(self.descriptor.val());
        for i in 0..4 {
            self.bytes[i].next = self.words[i].val().get_bits::<8>(0);
            if self.port.val().get_bit(1) {
                self.bytes[i].next = self.words[i].val().get_bits::<8>(16);
                if self.port.val().get_bit(0) {
                    self.bytes[i].next = self.words[i].val().get_bits::<8>(24);
                }
            } else if self.port.val().get_bit(0) {
                self.bytes[i].next = self.words[i].val().get_bits::<8>(8);
            }
        }
        self.data.next = self.bytes[0].val();
        if self.port.val().get_bit(3) {
            self.data.next = self.bytes[2].val();
            if self.port.val().get_bit(2) {
                self.data.next = self.bytes[3].val();
            }
        } else if self.port.val().get_bit(2) {
            self.data.next = self.bytes[1].val();
        }
    }
}
