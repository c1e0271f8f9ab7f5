//! Transmitter: an answer's bytes, followed by their CRC, stuffed for the wire.
//!
//! Latency, throughput: those of [`CobsEncoder`], and two bytes more a frame. Handshake: `valid` and `ready` on both sides.
//! Reset: none needed, idle after configuration.

use crate::cobs::CobsEncoder;
use crate::crc::{Crc, START};
use crate::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    /// The answer's bytes.
    Bytes,
    /// The CRC's low byte, its high byte.
    Low,
    High,
}

/// Sequence number, opcode and payload in; what stands on the wire out.
#[derive(LogicBlock)]
pub struct Transmitter {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Is there a byte?
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// The answer is complete; not beside `valid`.
    pub finish: Signal<In, Bit>,
    /// A byte would be taken.
    pub ready: Signal<Out, Bit>,
    /// Is there a byte for the wire?
    pub out_valid: Signal<Out, Bit>,
    /// The byte.
    pub out_data: Signal<Out, Bits<8>>,
    /// It is taken.
    pub out_ready: Signal<In, Bit>,
    crc: Crc,
    encoder: CobsEncoder,
    phase: DFF<Phase>,
    state: DFF<Bits<16>>,
    first_state: Constant<Bits<16>>,
}

impl Default for Transmitter {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            finish: Default::default(),
            ready: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_ready: Default::default(),
            crc: Default::default(),
            encoder: Default::default(),
            phase: Default::default(),
            state: DFF::new(Bits::wrapped(START.into())),
            first_state: Constant::new(Bits::wrapped(START.into())),
        }
    }
}

crate::collisions!(Transmitter { encoder });

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, state);
        clock!(self, clock, encoder);
        self.crc.state.next = self.state.q.val();
        self.crc.data.next = self.data.val();
        self.encoder.valid.next = true;
        self.encoder.data.next = self.data.val();
        self.encoder.last.next = false;
        self.encoder.out_ready.next = self.out_ready.val();
        self.out_valid.next = self.encoder.out_valid.val();
        self.out_data.next = self.encoder.out_data.val();
        self.ready.next = false;
        match self.phase.q.val() {
            Phase::Bytes => {
                self.encoder.valid.next = self.valid.val();
                self.ready.next = self.encoder.ready.val();
                if self.valid.val() && self.encoder.ready.val() {
                    self.state.d.next = self.crc.after.val();
                }
                if self.finish.val() {
                    self.phase.d.next = Phase::Low;
                }
            }
            Phase::Low => {
                self.encoder.data.next = self.state.q.val().get_bits::<8>(0);
                if self.encoder.ready.val() {
                    self.phase.d.next = Phase::High;
                }
            }
            Phase::High => {
                self.encoder.data.next = self.state.q.val().get_bits::<8>(8);
                self.encoder.last.next = true;
                if self.encoder.ready.val() {
                    self.state.d.next = self.first_state.val();
                    self.phase.d.next = Phase::Bytes;
                }
            }
        }
    }
}
