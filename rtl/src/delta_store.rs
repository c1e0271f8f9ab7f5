//! Delta store: the errors on their way into the lanes' banks, those of neighbours from the neuron pass, or one of the host or from a
//! row.
//!
//! Latency: 1 cycle. Throughput: `P` neighbours or a row's δ a cycle. Handshake: none, the two come in different passes.
//! Reset: none needed; δ that are not stored are 0.

use crate::prelude::*;

/// `P` neurons a cycle, into `LANES = 2^LB` lanes; `NA` address bits of neurons.
#[derive(LogicBlock)]
pub struct DeltaStore<const P: usize, const LANES: usize, const LB: usize, const NA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Stores δ of neighbours.
    pub group_write: Signal<In, Bit>,
    /// Of one of them only.
    pub alone: Signal<In, Bit>,
    /// Number of the one, or of the first in its layer, a multiple of `P`.
    pub group_index: Signal<In, Bits<16>>,
    /// δ, signed.
    pub group_delta: [Signal<In, Bits<8>>; P],
    /// A row's last word is here.
    pub row: Signal<In, Bit>,
    /// With `row`: it has an error to be stored.
    pub row_write: Signal<In, Bit>,
    /// The row.
    pub row_index: Signal<In, Bits<16>>,
    /// Its δ, signed.
    pub row_delta: Signal<In, Bits<8>>,
    /// The layer's first neuron, a multiple of 16.
    pub base: Signal<In, Bits<NA>>,
    /// δ are written in this cycle.
    pub stored: Signal<Out, Bit>,
    /// Number of their first neuron, or of the only one.
    pub index: Signal<Out, Bits<16>>,
    /// δ; beside a single one, in the place of its neuron, 0.
    pub delta: [Signal<Out, Bits<8>>; P],
    /// Their word in the banks.
    pub word: Signal<Out, Bits<NA>>,
    /// Their lanes.
    pub lanes: Signal<Out, Bits<LANES>>,
    /// What each lane gets.
    pub lane_delta: [Signal<Out, Bits<8>>; LANES],
    store: DFF<Bit>,
    /// All of `held`, not one.
    all: DFF<Bit>,
    held_index: DFF<Bits<16>>,
    /// 0 unless `store`.
    held: [DFF<Bits<8>>; P],
    group_slot: Signal<Local, Bits<LB>>,
    row_slot: Signal<Local, Bits<LB>>,
    neuron: Signal<Local, Bits<NA>>,
    lane: Signal<Local, Bits<LB>>,
    lane_bits: Constant<Bits<4>>,
    /// A neuron's number among its neighbours, and a lane's; its bits.
    slot: [Constant<Bits<LB>>; P],
    lane_slot: [Constant<Bits<LB>>; LANES],
    slot_bits: Constant<Bits<LB>>,
    one_lane: Constant<Bits<LANES>>,
    first_lanes: Constant<Bits<LANES>>,
}

crate::default_block!(DeltaStore<P, LANES, LB, NA> {
    group_delta: [(); P].map(|()| Default::default()),
    delta: [(); P].map(|()| Default::default()),
    lane_delta: [(); LANES].map(|()| Default::default()),
    held: [(); P].map(|()| Default::default()),
    lane_bits: Constant::new(Bits::wrapped(LB as u128)),
    slot: std::array::from_fn(|slot| Constant::new(Bits::wrapped(slot as u128))),
    lane_slot: std::array::from_fn(|lane| Constant::new(Bits::wrapped((lane % P) as u128))),
    slot_bits: Constant::new(Bits::wrapped(P as u128 - 1)),
    one_lane: Constant::new(Bits::wrapped(1)),
    first_lanes: Constant::new(Bits::wrapped((1 << P) - 1)),
} {
    clock, group_write, alone, group_index, row, row_write, row_index, row_delta, base, stored, index, word, lanes, store, all, held_index,
    group_slot, row_slot, neuron, lane
});

impl<const P: usize, const LANES: usize, const LB: usize, const NA: usize> Logic
    for DeltaStore<P, LANES, LB, NA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, store, all, held_index);
        self.store.d.next = self.group_write.val() || (self.row.val() && self.row_write.val());
        self.all.d.next = self.group_write.val() && !self.alone.val();
        self.held_index.d.next = self.group_index.val();
        if self.row.val() {
            self.held_index.d.next = self.row_index.val();
        }
        self.group_slot.next = bit_cast::<LB, 16>(self.group_index.val()) & self.slot_bits.val();
        self.row_slot.next = bit_cast::<LB, 16>(self.row_index.val()) & self.slot_bits.val();
        for i in 0..P {
            self.held[i].clock.next = self.clock.val();
            self.held[i].d.next = 0.into();
            if self.group_write.val() && (!self.alone.val() || (self.group_slot.val() == self.slot[i].val()))
            {
                self.held[i].d.next = self.group_delta[i].val();
            }
            if self.row.val() && self.row_write.val() && (self.row_slot.val() == self.slot[i].val()) {
                self.held[i].d.next = self.row_delta.val();
            }
            self.delta[i].next = self.held[i].q.val();
        }
        self.stored.next = self.store.q.val();
        self.index.next = self.held_index.q.val();

        // Neighbours of a single one keep theirs.
        self.neuron.next = self.base.val() + bit_cast::<NA, 16>(self.held_index.q.val());
        self.lane.next = bit_cast::<LB, NA>(self.neuron.val());
        self.word.next = self.neuron.val() >> self.lane_bits.val();
        self.lanes.next = self.one_lane.val() << self.lane.val();
        if self.all.q.val() {
            self.lanes.next = self.first_lanes.val() << self.lane.val();
        }
        for lane in 0..LANES {
            self.lane_delta[lane].next = self.held[0].q.val();
            for i in 1..P {
                if self.lane_slot[lane].val() == self.slot[i].val() {
                    self.lane_delta[lane].next = self.held[i].q.val();
                }
            }
        }
    }
}
