//! The link and an engine, wired; the counters made here, in Rust.

#![allow(missing_docs)]

use arch::registers::Register;
use arch::{Board, Identity};
use rtl::configurations::{Small4, Small4Wide};
use rtl::link::Link;
use rtl::prelude::*;
use rtl::program::FEATURES;
use rtl::step::Stepper;

/// What the virtual board says of itself.
pub fn identity(board: &Board) -> Identity {
    board.identity(u32::from_le_bytes(*b"MODL"), FEATURES)
}

/// A board in hardware, as bytes in and bytes out.
pub trait Rig {
    fn new(board: &Board) -> Self;
    /// Bytes to the board, one in four cycles, then cycles until it has said `wanted` bytes and, for a while, no more.
    fn exchange(&mut self, bytes: &[u8], wanted: usize) -> Vec<u8>;
    fn cycles(&self) -> u64;
    /// The link's Verilog.
    fn emit(&mut self) -> rtl::verilog::Design;
}

/// `rig!(Rig, Wired, Engine)`: the link beside this engine.
macro_rules! rig {
    ($rig:ident, $wired:ident, $engine:ty) => {
        #[derive(LogicBlock)]
        pub struct $wired {
            pub clock: Signal<In, Clock>,
            pub valid: Signal<In, Bit>,
            pub data: Signal<In, Bits<8>>,
            pub out_valid: Signal<Out, Bit>,
            pub out_data: Signal<Out, Bits<8>>,
            pub out_ready: Signal<In, Bit>,
            /// The counter that was read, while the link reads counters.
            pub counter: Signal<In, Bits<32>>,
            pub counter_read: Signal<In, Bit>,
            pub host_read: Signal<Out, Bit>,
            pub host_space: Signal<Out, Bits<4>>,
            pub host_address: Signal<Out, Bits<20>>,
            pub clear_counts: Signal<Out, Bit>,
            pub end_sample: Signal<Out, Bit>,
            pub step: Signal<Out, Bit>,
            pub begin_sample: Signal<Out, Bit>,
            pub learning: Signal<Out, Bit>,
            pub event_write: Signal<Out, Bit>,
            pub event_data: Signal<Out, Bits<16>>,
            link: Link<10, 11, 6, 7, 7, 3, 9>,
            engine: $engine,
        }

        impl Logic for $wired {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(self, clock, link, engine);
                self.link.valid.next = self.valid.val();
                self.link.data.next = self.data.val();
                self.link.broken.next = false;
                self.link.out_ready.next = self.out_ready.val();
                self.out_valid.next = self.link.out_valid.val();
                self.out_data.next = self.link.out_data.val();
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
                self.engine.host_space.next = self.link.host_space.val();
                self.engine.host_address.next = self.link.host_address.val();
                self.engine.host_data.next = self.link.host_data.val();
                self.link.engine_busy.next = self.engine.busy.val();
                self.link.wrong_spikes.next = self.engine.wrong_spikes.val();
                self.link.seed.next = self.engine.seed.val();
                self.link.host_value.next = self.engine.host_value.val();
                if self.counter_read.val() {
                    self.link.host_value.next = self.counter.val();
                }
                self.host_read.next = self.link.host_read.val();
                self.host_space.next = self.link.host_space.val();
                self.host_address.next = self.link.host_address.val();
                self.clear_counts.next = self.link.clear_counts.val();
                self.end_sample.next = self.link.end_sample.val();
                self.step.next = self.link.step.val();
                self.begin_sample.next = self.link.begin_sample.val();
                self.learning.next = self.link.learning.val();
                self.event_write.next = self.link.event_write.val();
                self.event_data.next = self.link.event_data.val();
            }
        }

        /// A board in hardware, as bytes in and bytes out.
        pub struct $rig {
            bench: Stepper<$wired>,
            seen: Vec<u8>,
            /// Samples, steps, learning steps, events.
            counts: [u32; 4],
            learns: bool,
            /// Events of the step that is being put together.
            events: u32,
        }

        impl Rig for $rig {
            fn new(board: &Board) -> Self {
                let wired = $wired {
                    clock: Default::default(),
                    valid: Default::default(),
                    data: Default::default(),
                    out_valid: Default::default(),
                    out_data: Default::default(),
                    out_ready: Default::default(),
                    counter: Default::default(),
                    counter_read: Default::default(),
                    host_read: Default::default(),
                    host_space: Default::default(),
                    host_address: Default::default(),
                    clear_counts: Default::default(),
                    end_sample: Default::default(),
                    step: Default::default(),
                    begin_sample: Default::default(),
                    learning: Default::default(),
                    event_write: Default::default(),
                    event_data: Default::default(),
                    link: Link::new(&identity(board)),
                    engine: Default::default(),
                };
                let bench = Stepper::new(wired, |b| &mut b.clock);
                Self { bench, seen: Vec::new(), counts: [0; 4], learns: false, events: 0 }
            }

            fn exchange(&mut self, bytes: &[u8], wanted: usize) -> Vec<u8> {
                for &byte in bytes {
                    self.bench.valid.next = true;
                    self.bench.data.next = Bits::wrapped(byte.into());
                    self.cycle();
                    self.bench.valid.next = false;
                    (0..3).for_each(|_| self.cycle());
                }
                for _ in 0..200_000 {
                    if self.seen.len() >= wanted {
                        break;
                    }
                    self.cycle();
                }
                (0..600).for_each(|_| self.cycle());
                assert_eq!(self.bench.link.collisions(), 0);
                std::mem::take(&mut self.seen)
            }

            fn cycles(&self) -> u64 {
                self.bench.cycles()
            }

            fn emit(&mut self) -> rtl::verilog::Design {
                rtl::verilog::emit(&mut self.bench.link, "link", "under test").expect("emits")
            }
        }

        impl $rig {
            fn cycle(&mut self) {
                self.bench.out_ready.next = true;
                self.bench.settle().expect("settles");
                if self.bench.out_valid.val() {
                    self.seen.push(self.bench.out_data.val().to_u64() as u8);
                }
                let next_counter = self.count();
                self.bench.edge().expect("settles");
                if let Some(counter) = next_counter {
                    self.bench.counter_read.next = counter.is_some();
                    self.bench.counter.next = Bits::wrapped(counter.unwrap_or(0).into());
                }
            }

            /// Counts what the link asks of the engine in this cycle; the counter that it reads, if it reads anything.
            fn count(&mut self) -> Option<Option<u32>> {
                let bench = &self.bench;
                if bench.clear_counts.val() {
                    self.counts = [0; 4];
                }
                if bench.begin_sample.val() {
                    self.learns = bench.learning.val();
                    self.events = 0;
                }
                if bench.event_write.val() {
                    self.events += bench.event_data.val().to_u64().count_ones();
                }
                if bench.step.val() {
                    let more = [0, 1, self.learns.into(), std::mem::take(&mut self.events)];
                    self.counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
                }
                self.counts[0] += u32::from(bench.end_sample.val());
                bench.host_read.val().then(|| {
                    let at = bench.host_address.val().index().checked_sub(Register::Samples as usize);
                    (bench.host_space.val().to_u64() == 0)
                        .then(|| at.and_then(|at| self.counts.get(at)).copied().unwrap_or(0))
                })
            }
        }
    };
}

rig!(Narrow, NarrowWired, Small4);
rig!(Wide, WideWired, Small4Wide);
