//! Board: the top of a configuration. Serial bytes in and out; between them the link and the engine.
//!
//! Latency, throughput: those of its parts. Handshake: the wire's, `docs/protocol.md`. Reset: none needed; after configuration
//! the engine wipes its memories, and frames wait until it has.
//!
//! ```text
//!   receive ──> UartReceiver ──> Link ──> Engine
//!                                 │
//!  transmit <── UartTransmitter <─┘
//! ```

use crate::prelude::*;

/// What a simulator needs of a board's pins.
pub trait Pins: Block {
    /// The clock.
    fn clock(&mut self) -> &mut Signal<In, Clock>;
    /// Sets the level of the wire from the host.
    fn set_receive(&mut self, high: bool);
    /// Levels of the wire to the host and of `busy`.
    fn outputs(&self) -> (bool, bool);
    /// Cycles in which a memory's address was read and written at once: no simulation may see one.
    fn collisions(&self) -> u64;
}

/// `board!(Name, Engine, Link, UartReceiver, UartTransmitter)`: the board of these parts, as concrete types.
/// Generic in all their widths it would have 26 parameters.
macro_rules! board {
    ($(#[$about:meta])* $name:ident, $engine:ty, $link:ty, $receiver:ty, $transmitter:ty) => {
        $(#[$about])*
        #[derive(LogicBlock)]
        pub struct $name {
            /// Rising edge.
            pub clock: Signal<In, Clock>,
            /// The wire from the host.
            pub receive: Signal<In, Bit>,
            /// The wire to the host.
            pub transmit: Signal<Out, Bit>,
            /// It computes or answers: an LED.
            pub busy: Signal<Out, Bit>,
            receiver: $receiver,
            transmitter: $transmitter,
            link: $link,
            engine: $engine,
        }

        impl $name {
            /// The board that says this of itself.
            pub fn new(identity: &arch::Identity) -> Self {
                Self {
                    clock: Default::default(),
                    receive: Default::default(),
                    transmit: Default::default(),
                    busy: Default::default(),
                    receiver: Default::default(),
                    transmitter: Default::default(),
                    link: <$link>::new(identity),
                    engine: Default::default(),
                }
            }
        }

        impl $crate::board::Pins for $name {
            fn clock(&mut self) -> &mut Signal<In, Clock> {
                &mut self.clock
            }

            fn set_receive(&mut self, high: bool) {
                self.receive.next = high;
            }

            fn outputs(&self) -> (bool, bool) {
                (self.transmit.val(), self.busy.val())
            }

            fn collisions(&self) -> u64 {
                self.link.collisions() + self.engine.collisions()
            }
        }

        impl Logic for $name {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(self, clock, receiver, transmitter, link, engine);
                self.receiver.line.next = self.receive.val();
                self.transmit.next = self.transmitter.line.val();
                self.link.valid.next = self.receiver.valid.val();
                self.link.data.next = self.receiver.data.val();
                self.link.broken.next = self.receiver.broken.val();
                self.transmitter.valid.next = self.link.out_valid.val();
                self.transmitter.data.next = self.link.out_data.val();
                self.link.out_ready.next = self.transmitter.ready.val();
                self.busy.next =
                    self.engine.busy.val() || self.link.busy.val() || !self.transmitter.ready.val();

                self.engine.activate.next = self.link.activate.val();
                self.engine.begin_sample.next = self.link.begin_sample.val();
                self.engine.learning.next = self.link.learning.val();
                self.engine.host_teaches.next = self.link.host_teaches.val();
                self.engine.label.next = self.link.label.val();
                self.engine.layers.next = self.link.layers.val();
                self.engine.step.next = self.link.step.val();
                self.engine.with_loss.next = self.link.with_loss.val();
                self.engine.any_event.next = self.link.any_event.val();
                self.engine.teach.next = self.link.teach.val();
                self.engine.end_sample.next = self.link.end_sample.val();
                self.engine.event_write.next = self.link.event_write.val();
                self.engine.event_word.next = self.link.event_word.val();
                self.engine.event_data.next = self.link.event_data.val();
                self.engine.seed_load.next = self.link.seed_load.val();
                self.engine.seed_value.next = self.link.seed_value.val();
                self.engine.host_read.next = self.link.host_read.val();
                self.engine.host_write.next = self.link.host_write.val();
                self.engine.clear_counts.next = self.link.clear_counts.val();
                self.engine.host_space.next = self.link.host_space.val();
                self.engine.host_address.next = self.link.host_address.val();
                self.engine.host_data.next = self.link.host_data.val();
                self.link.engine_busy.next = self.engine.busy.val();
                self.link.wrong_spikes.next = self.engine.wrong_spikes.val();
                self.link.seed.next = self.engine.seed.val();
                self.link.host_value.next = self.engine.host_value.val();
            }
        }
    };
}
pub(crate) use board;
