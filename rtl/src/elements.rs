//! Elements: those of neighbouring neurons, picked out of a word of the lanes' banks.
//!
//! Latency: 0 from the word, which comes in the cycle after `read`. Throughput: one word a cycle. Handshake: `read`. Reset: none.

use crate::leaf::pick::Pick;
use crate::prelude::*;

/// `P` neurons a cycle out of `LANES = 2^LB` lanes; `IW` bits of an element.
#[derive(LogicBlock)]
pub struct Elements<const P: usize, const LANES: usize, const LB: usize, const IW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Takes the lane; its word is read.
    pub read: Signal<In, Bit>,
    /// Lane of the element.
    pub lane: Signal<In, Bits<LB>>,
    /// The word.
    pub word: [Signal<In, Bits<IW>>; LANES],
    /// The elements from the multiple of `P` at or below the lane on.
    pub element: [Signal<Out, Bits<IW>>; P],
    /// The lower bits of the lane's alone: its δ.
    pub delta: Signal<Out, Bits<8>>,
    lane_now: DFF<Bits<LB>>,
    slot: Signal<Local, Bits<LB>>,
    picks: [Pick<LANES, LB, IW>; P],
    slot_number: [Constant<Bits<LB>>; P],
    /// What the lanes of neighbours differ in, and what they share.
    slot_bits: Constant<Bits<LB>>,
    group_bits: Constant<Bits<LB>>,
}

crate::default_block!(Elements<P, LANES, LB, IW> {
    word: [(); LANES].map(|()| Default::default()),
    element: [(); P].map(|()| Default::default()),
    picks: [(); P].map(|()| Default::default()),
    slot_number: std::array::from_fn(|lane| Constant::new(Bits::wrapped(lane as u128))),
    slot_bits: {
        const { assert!(P.is_power_of_two() && P <= LANES && LANES == 1 << LB, "neighbours lie in one word") };
        Constant::new(Bits::wrapped(P as u128 - 1))
    },
    group_bits: Constant::new(Bits::wrapped(!(P as u128 - 1))),
} {
    clock, read, lane, delta, lane_now, slot
});

impl<const P: usize, const LANES: usize, const LB: usize, const IW: usize> Logic
    for Elements<P, LANES, LB, IW>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, lane_now);
        if self.read.val() {
            self.lane_now.d.next = self.lane.val();
        }
        for i in 0..P {
            self.picks[i].index.next =
                (self.lane_now.q.val() & self.group_bits.val()) | self.slot_number[i].val();
            for lane in 0..LANES {
                self.picks[i].word[lane].next = self.word[lane].val();
            }
            self.element[i].next = self.picks[i].picked.val();
        }
        self.slot.next = self.lane_now.q.val() & self.slot_bits.val();
        self.delta.next = self.picks[0].picked.val().get_bits::<8>(0);
        for i in 1..P {
            if self.slot.val() == self.slot_number[i].val() {
                self.delta.next = self.picks[i].picked.val().get_bits::<8>(0);
            }
        }
    }
}
