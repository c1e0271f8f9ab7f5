//! Element: what the host reads, chosen among what the memories give.
//!
//! Latency: 1, that of the memories. Throughput: one element a cycle. Handshake: `read`. Reset: none needed.

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
    gate: [Signal<Local, Bits<16>>; 13],
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
            gate: [(); 13].map(|()| Default::default()),
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
        for code in 0..13 {
            self.gate[code].next = 0.into();
            if self.chosen.q.val().get_bit(code) {
                self.gate[code].next = self.all.val();
            }
        }
        self.low.next = (self.gate[1].val() & self.record.val())
            | (self.gate[2].val() & self.weight.val())
            | (self.gate[3].val() & self.threshold.val())
            | (self.gate[5].val() & self.membrane.val())
            | (self.gate[6].val() & bit_cast::<16, 1>(self.spike.val().into()))
            | (self.gate[7].val() & bit_cast::<16, 8>(self.trace.val()))
            | (self.gate[8].val() & bit_cast::<16, 8>(self.threshold_trace.val()))
            | (self.gate[9].val() & self.leak_trace.val())
            | (self.gate[10].val() & bit_cast::<16, 8>(self.delta.val()))
            | (self.gate[11].val() & self.count.val())
            | (self.gate[12].val() & self.sum.val().get_bits::<16>(0));
        self.half.next = self.gate[12].val() & self.sum.val().get_bits::<16>(16);
        self.value.next = (bit_cast::<32, 16>(self.half.val()) << 16) | bit_cast::<32, 16>(self.low.val());
    }
}
