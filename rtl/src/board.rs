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

/// `joined!(macro, { arguments })`: that macro with these arguments and, behind them, the wires between [`Link`](crate::link::Link)
/// and [`Engine`](crate::engine::Engine): those to the engine, of one name at both, and those to the link.
macro_rules! joined {
    ($make:ident, { $($arguments:tt)* }) => {
        $crate::board::$make! {
            $($arguments)*,
            [
                activate begin_sample learning host_teaches label layers step with_loss
                any_event teach end_sample event_write event_word event_data seed_load
                seed_value host_read host_write clear_counts host_space host_address host_data
            ],
            [engine_busy <- busy, wrong_spikes <- wrong_spikes, seed <- seed, host_value <- host_value]
        }
    };
}
pub(crate) use joined;

/// `joined!(board, { Name, Engine, Link, UartReceiver, UartTransmitter })`: the board of these parts, as concrete types.
/// Generic in all their widths it would have 26 parameters.
macro_rules! board {
    ($(#[$about:meta])* $name:ident, $engine:ty, $link:ty, $receiver:ty, $transmitter:ty,
        [$($wire:ident)*], [$($to:ident <- $from:ident),*]) => {
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

                $(self.engine.$wire.next = self.link.$wire.val();)*
                $(self.link.$to.next = self.engine.$from.val();)*
            }
        }
    };
}
pub(crate) use board;

/// `joined!(core, { Name, Engine, Link, LA, SIZE })`: link and engine behind a stream of bytes each way; [`Intake`](crate::intake::Intake)
/// counts in `LA` bits up to `SIZE`.
macro_rules! core {
    ($(#[$about:meta])* $name:ident, $engine:ty, $link:ty, $counter:expr, $size:expr,
        [$($wire:ident)*], [$($to:ident <- $from:ident),*]) => {
        $(#[$about])*
        #[derive(LogicBlock)]
        pub struct $name {
            /// Rising edge.
            pub clock: Signal<In, Clock>,
            /// Is there a byte from the host?
            pub in_valid: Signal<In, Bit>,
            /// The byte.
            pub in_data: Signal<In, Bits<8>>,
            /// It is taken.
            pub in_ready: Signal<Out, Bit>,
            /// Is there a byte for the host?
            pub out_valid: Signal<Out, Bit>,
            /// The byte.
            pub out_data: Signal<Out, Bits<8>>,
            /// It is taken.
            pub out_ready: Signal<In, Bit>,
            /// It computes or answers: an LED.
            pub busy: Signal<Out, Bit>,
            intake: $crate::intake::Intake<{ $counter }>,
            link: $link,
            engine: $engine,
        }

        impl $name {
            /// The core that says this of itself.
            pub fn new(identity: &arch::Identity) -> Self {
                Self {
                    clock: Default::default(),
                    in_valid: Default::default(),
                    in_data: Default::default(),
                    in_ready: Default::default(),
                    out_valid: Default::default(),
                    out_data: Default::default(),
                    out_ready: Default::default(),
                    busy: Default::default(),
                    intake: $crate::intake::Intake::new($size),
                    link: <$link>::new(identity),
                    engine: Default::default(),
                }
            }

            /// Cycles in which a memory's address was read and written at once: no simulation may see one.
            pub fn collisions(&self) -> u64 {
                self.link.collisions() + self.engine.collisions()
            }
        }

        impl Logic for $name {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(self, clock, intake, link, engine);
                self.intake.valid.next = self.in_valid.val();
                self.intake.data.next = self.in_data.val();
                self.in_ready.next = self.intake.ready.val();
                self.intake.busy.next = self.link.busy.val();
                self.intake.answered.next =
                    self.link.out_valid.val() && self.out_ready.val() && !self.link.out_data.val().any();
                self.link.valid.next = self.intake.out_valid.val();
                self.link.data.next = self.intake.out_data.val();
                self.link.broken.next = false;
                self.out_valid.next = self.link.out_valid.val();
                self.out_data.next = self.link.out_data.val();
                self.link.out_ready.next = self.out_ready.val();
                self.busy.next = self.engine.busy.val() || self.link.busy.val();

                $(self.engine.$wire.next = self.link.$wire.val();)*
                $(self.link.$to.next = self.engine.$from.val();)*
            }
        }
    };
}
pub(crate) use core;
