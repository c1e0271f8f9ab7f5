//! Counters: samples, steps, learning steps and events, 32 bits each in a memory.
//!
//! Latency: a count is there 3 cycles after its pulse, later where several came at once. Throughput: one pulse in 2 cycles.
//! Handshake: a pulse, `clear` and `read` only while not `busy`; `value` one cycle after `read`. Reset: 0 after configuration.

use crate::leaf::ram::Ram;
use crate::prelude::*;

/// Counts pulses.
#[derive(LogicBlock)]
pub struct Counters {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// One more of each.
    pub more: [Signal<In, Bit>; 4],
    /// All to 0.
    pub clear: Signal<In, Bit>,
    /// Reads a count.
    pub read: Signal<In, Bit>,
    /// Which.
    pub address: Signal<In, Bits<2>>,
    /// The count.
    pub value: Signal<Out, Bits<32>>,
    /// Counting or clearing.
    pub busy: Signal<Out, Bit>,
    /// Of 64 words, four are used: a memory of four would be made of flip-flops.
    counts: Ram<6, 32>,
    waiting: [DFF<Bit>; 4],
    adding: DFF<Bit>,
    clearing: DFF<Bit>,
    at: DFF<Bits<2>>,
    any: Signal<Local, Bit>,
    which: Signal<Local, Bits<2>>,
    numbers: [Constant<Bits<2>>; 4],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            more: Default::default(),
            clear: Default::default(),
            read: Default::default(),
            address: Default::default(),
            value: Default::default(),
            busy: Default::default(),
            counts: Default::default(),
            waiting: Default::default(),
            adding: Default::default(),
            clearing: Default::default(),
            at: Default::default(),
            any: Default::default(),
            which: Default::default(),
            numbers: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
        }
    }
}

impl Counters {
    /// Cycles in which a count was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.counts.collisions()
    }
}

impl Logic for Counters {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, adding, clearing, at);
        clock!(self, clock, counts);
        self.value.next = self.counts.read_data.val();
        self.any.next = false;
        self.which.next = 0.into();
        for i in 0..4 {
            self.waiting[i].clock.next = self.clock.val();
            self.waiting[i].d.next = self.waiting[i].q.val();
            if self.waiting[i].q.val() {
                self.any.next = true;
                self.which.next = self.numbers[i].val();
            }
        }
        self.busy.next = self.any.val() || self.adding.q.val() || self.clearing.q.val();
        self.counts.read_enable.next = self.read.val();
        self.counts.read_address.next = bit_cast::<6, 2>(self.address.val());
        self.counts.write_enable.next = self.adding.q.val() || self.clearing.q.val();
        self.counts.write_address.next = bit_cast::<6, 2>(self.at.q.val());
        self.counts.write_data.next = self.counts.read_data.val() + 1;
        if self.adding.q.val() {
            self.adding.d.next = false;
        } else if self.clearing.q.val() {
            self.counts.write_data.next = 0.into();
            self.at.d.next = self.at.q.val() + 1;
            self.clearing.d.next = !self.at.q.val().all();
        } else if self.any.val() {
            self.counts.read_enable.next = true;
            self.counts.read_address.next = bit_cast::<6, 2>(self.which.val());
            self.at.d.next = self.which.val();
            self.adding.d.next = true;
            for i in 0..4 {
                if self.which.val() == self.numbers[i].val() {
                    self.waiting[i].d.next = false;
                }
            }
        } else if self.clear.val() {
            self.at.d.next = 0.into();
            self.clearing.d.next = true;
        }
        for i in 0..4 {
            if self.more[i].val() {
                self.waiting[i].d.next = true;
            }
        }
    }
}
