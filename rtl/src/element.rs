//! Element: what the host reads, chosen among what the memories give.
//!
//! Latency: that of the memories, 1; of a weight `Sizes::weight_latency`. Throughput: one element of a space a cycle. Handshake: `read`.
//! Reset: none needed.

use crate::prelude::*;

/// Elements of all spaces, a port each.
#[derive(LogicBlock)]
pub struct Element {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Takes the space.
    pub read: Signal<In, Bit>,
    /// Address space, by its code.
    pub space: Signal<In, Bits<4>>,
    /// 1, a word of the layer table.
    pub record: Signal<In, Bits<16>>,
    /// 2, a weight.
    pub weight: Signal<In, Bits<16>>,
    /// 3, θ.
    pub threshold: Signal<In, Bits<16>>,
    /// 5, v.
    pub membrane: Signal<In, Bits<16>>,
    /// 6, s.
    pub spike: Signal<In, Bit>,
    /// 7, w̃.
    pub trace: Signal<In, Bits<8>>,
    /// 8, m.
    pub threshold_trace: Signal<In, Bits<8>>,
    /// 9, α̃.
    pub leak_trace: Signal<In, Bits<16>>,
    /// 10, δ.
    pub delta: Signal<In, Bits<8>>,
    /// 11, a class's spikes.
    pub count: Signal<In, Bits<16>>,
    /// 12, the sum of its membranes.
    pub sum: Signal<In, Bits<32>>,
    /// The element, zero-extended; 0 of other spaces.
    pub value: Signal<Out, Bits<32>>,
    /// The space read, one hot: an element then goes through one gate and an or.
    chosen: DFF<Bits<13>>,
    /// Of spaces 1 to 3, and 5 to 12: leaks, 4, are words of the table.
    gate: [Signal<Local, Bits<16>>; 3],
    state_gate: [Signal<Local, Bits<16>>; 8],
    half: Signal<Local, Bits<16>>,
    low: Signal<Local, Bits<16>>,
    first: Constant<Bits<13>>,
    all: Constant<Bits<16>>,
}

impl Default for Element {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read: Default::default(),
            space: Default::default(),
            record: Default::default(),
            weight: Default::default(),
            threshold: Default::default(),
            membrane: Default::default(),
            spike: Default::default(),
            trace: Default::default(),
            threshold_trace: Default::default(),
            leak_trace: Default::default(),
            delta: Default::default(),
            count: Default::default(),
            sum: Default::default(),
            value: Default::default(),
            chosen: Default::default(),
            gate: [(); 3].map(|()| Default::default()),
            state_gate: [(); 8].map(|()| Default::default()),
            half: Default::default(),
            low: Default::default(),
            first: Constant::new(1.into()),
            all: Constant::new(Bits::wrapped(u128::MAX)),
        }
    }
}

impl Logic for Element {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, chosen);
        if self.read.val() {
            self.chosen.d.next = self.first.val() << self.space.val();
        }
        for i in 0..3 {
            self.gate[i].next = 0.into();
            if self.chosen.q.val().get_bit(i + 1) {
                self.gate[i].next = self.all.val();
            }
        }
        for i in 0..8 {
            self.state_gate[i].next = 0.into();
            if self.chosen.q.val().get_bit(i + 5) {
                self.state_gate[i].next = self.all.val();
            }
        }
        self.low.next = (self.gate[0].val() & self.record.val())
            | (self.gate[1].val() & self.weight.val())
            | (self.gate[2].val() & self.threshold.val())
            | (self.state_gate[0].val() & self.membrane.val())
            | (self.state_gate[1].val() & bit_cast::<16, 1>(self.spike.val().into()))
            | (self.state_gate[2].val() & bit_cast::<16, 8>(self.trace.val()))
            | (self.state_gate[3].val() & bit_cast::<16, 8>(self.threshold_trace.val()))
            | (self.state_gate[4].val() & self.leak_trace.val())
            | (self.state_gate[5].val() & bit_cast::<16, 8>(self.delta.val()))
            | (self.state_gate[6].val() & self.count.val())
            | (self.state_gate[7].val() & self.sum.val().get_bits::<16>(0));
        self.half.next = self.state_gate[7].val() & self.sum.val().get_bits::<16>(16);
        self.value.next = (bit_cast::<32, 16>(self.half.val()) << 16) | bit_cast::<32, 16>(self.low.val());
    }
}
