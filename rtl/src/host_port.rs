//! Host port: every address space behind one port: registers, descriptors, and through the engine its memories.
//!
//! Latency: `value` the cycle after `read`, while space and address hold. Throughput: one access in two cycles. Handshake: the engine is idle and
//! `counting` is not set. Reset: descriptors 0, counters 0, no network.

use crate::counters::Counters;
use crate::leaf::ram::Ram;
use crate::prelude::*;
use crate::record::{LEAK_WORD, RECORD_WORDS};
use arch::Identity;
use arch::registers::{IDENTITY_REGISTERS, Register, Space};

/// Bits that count the words of a record of the engine's table.
const _: () = assert!(RECORD_WORDS == 16 && LEAK_WORD == 8, "the kernel's shift and literal");

/// `TA` address bits of the engine's layer table, `DA = TA + 1` of the descriptors.
#[derive(LogicBlock)]
pub struct HostPort<const TA: usize, const DA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Address space, by its code.
    pub space: Signal<In, Bits<4>>,
    /// Element.
    pub address: Signal<In, Bits<20>>,
    /// Reads it.
    pub read: Signal<In, Bit>,
    /// The element, zero-extended.
    pub value: Signal<Out, Bits<32>>,
    /// Writes it; no registers.
    pub write: Signal<In, Bit>,
    /// New value.
    pub data: Signal<In, Bits<16>>,

    /// Layers of the active network: register `network`.
    pub layers: Signal<In, Bits<TA>>,
    /// Register `seed`.
    pub seed: Signal<In, Bits<32>>,
    /// Register `status`: a sample is open.
    pub open: Signal<In, Bit>,
    /// Its steps left.
    pub left: Signal<In, Bits<16>>,
    /// Counts: samples, steps, learning steps, events.
    pub more: [Signal<In, Bit>; 4],
    /// Counters to 0.
    pub clear: Signal<In, Bit>,
    /// Counting.
    pub counting: Signal<Out, Bit>,

    /// Reads a word of the descriptors, while no `read` is under way.
    pub descriptor_read: Signal<In, Bit>,
    /// Which.
    pub descriptor_address: Signal<In, Bits<DA>>,
    /// The word, one cycle later.
    pub descriptor: Signal<Out, Bits<16>>,

    /// The engine's ports of the same names.
    pub host_read: Signal<Out, Bit>,
    /// As above.
    pub host_write: Signal<Out, Bit>,
    /// As above.
    pub host_space: Signal<Out, Bits<4>>,
    /// As above.
    pub host_address: Signal<Out, Bits<20>>,
    /// As above.
    pub host_data: Signal<Out, Bits<16>>,
    /// As above.
    pub host_value: Signal<In, Bits<32>>,

    descriptors: Ram<DA, 16>,
    counters: Counters,
    register: Signal<Local, Bits<32>>,
    shown: Signal<Local, Bits<8>>,
    table_address: Signal<Local, Bits<20>>,
    identity: [Constant<Bits<32>>; IDENTITY_REGISTERS],
    identity_address: [Constant<Bits<20>>; IDENTITY_REGISTERS],
    network_address: Constant<Bits<20>>,
    seed_address: Constant<Bits<20>>,
    status_address: Constant<Bits<20>>,
    first_counter: Constant<Bits<20>>,
    registers: Constant<Bits<4>>,
    descriptor_space: Constant<Bits<4>>,
    leaks: Constant<Bits<4>>,
    counter_group: Signal<Local, Bits<20>>,
}

impl<const TA: usize, const DA: usize> HostPort<TA, DA> {
    /// A board that says this of itself.
    pub fn new(identity: &Identity) -> Self {
        const { assert!(DA == TA + 1, "a descriptor has 32 words, a record 16") };
        let address = |register: Register| Constant::new(Bits::wrapped(register.address().into()));
        let space = |space: Space| Constant::new(Bits::wrapped(space as u128));
        let words = identity.registers();
        Self {
            clock: Default::default(),
            space: Default::default(),
            address: Default::default(),
            read: Default::default(),
            value: Default::default(),
            write: Default::default(),
            data: Default::default(),
            layers: Default::default(),
            seed: Default::default(),
            open: Default::default(),
            left: Default::default(),
            more: Default::default(),
            clear: Default::default(),
            counting: Default::default(),
            descriptor_read: Default::default(),
            descriptor_address: Default::default(),
            descriptor: Default::default(),
            host_read: Default::default(),
            host_write: Default::default(),
            host_space: Default::default(),
            host_address: Default::default(),
            host_data: Default::default(),
            host_value: Default::default(),
            descriptors: Default::default(),
            counters: Default::default(),
            register: Default::default(),
            shown: Default::default(),
            table_address: Default::default(),
            identity: std::array::from_fn(|i| Constant::new(Bits::wrapped(words[i].into()))),
            identity_address: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
            network_address: address(Register::Network),
            seed_address: address(Register::Seed),
            status_address: address(Register::Status),
            first_counter: address(Register::Samples),
            registers: space(Space::Registers),
            descriptor_space: space(Space::Descriptors),
            leaks: space(Space::Leaks),
            counter_group: Default::default(),
        }
    }

    /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.descriptors.collisions() + self.counters.collisions()
    }

    /// The descriptor table, for a test bench.
    pub fn descriptor_words(&self) -> &[Bits<16>] {
        self.descriptors.words()
    }
}

impl<const TA: usize, const DA: usize> Logic for HostPort<TA, DA> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, descriptors, counters);

        // Registers.
        self.shown.next = self.left.val().get_bits::<8>(0);
        if self.left.val().get_bits::<8>(8).any() {
            self.shown.next = 255.into();
        }
        self.register.next = 0.into();
        for i in 0..20 {
            if self.address.val() == self.identity_address[i].val() {
                self.register.next = self.identity[i].val();
            }
        }
        if self.address.val() == self.network_address.val() {
            self.register.next = bit_cast::<32, TA>(self.layers.val());
        }
        if self.address.val() == self.seed_address.val() {
            self.register.next = self.seed.val();
        }
        if (self.address.val() == self.status_address.val()) && self.open.val() {
            self.register.next = (bit_cast::<32, 8>(self.shown.val()) << 8) | 1;
        }
        self.counter_group.next = (self.address.val() >> 2) << 2;
        if self.counter_group.val() == self.first_counter.val() {
            self.register.next = self.counters.value.val();
        }
        for i in 0..4 {
            self.counters.more[i].next = self.more[i].val();
        }
        self.counters.clear.next = self.clear.val();
        self.counters.read.next = self.read.val();
        self.counters.address.next = bit_cast::<2, 20>(self.address.val());
        self.counting.next = self.counters.busy.val();

        // Descriptors.
        self.descriptors.write_enable.next =
            self.write.val() && (self.space.val() == self.descriptor_space.val());
        self.descriptors.write_address.next = bit_cast::<DA, 20>(self.address.val());
        self.descriptors.write_data.next = self.data.val();
        self.descriptors.read_enable.next = self.read.val() || self.descriptor_read.val();
        self.descriptors.read_address.next = bit_cast::<DA, 20>(self.address.val());
        if self.descriptor_read.val() {
            self.descriptors.read_address.next = self.descriptor_address.val();
        }
        self.descriptor.next = self.descriptors.read_data.val();

        // The engine: leaks are words of its layer table.
        self.table_address.next = (self.address.val() << 4) | 8;
        self.host_read.next = self.read.val();
        self.host_write.next = self.write.val() && (self.space.val() != self.descriptor_space.val());
        self.host_space.next = self.space.val();
        self.host_address.next = self.address.val();
        self.host_data.next = self.data.val();
        self.value.next = self.host_value.val();
        if self.space.val() == self.leaks.val() {
            self.host_space.next = self.descriptor_space.val();
            self.host_address.next = self.table_address.val();
        }
        if self.space.val() == self.descriptor_space.val() {
            self.value.next = bit_cast::<32, 16>(self.descriptors.read_data.val());
        }
        if self.space.val() == self.registers.val() {
            self.value.next = self.register.val();
        }
    }
}
