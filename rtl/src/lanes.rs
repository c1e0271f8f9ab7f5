//! Lanes: the weights, the banks of currents and δ, and a [`Lane`] for each column of a word.
//!
//! Latency: a word read in one cycle is in its lane in the next; a current is written then, an updated weight two cycles
//! after, a row's error one more. Throughput: integrate, a word a cycle; learn, a word in two. Handshake: words come from
//! [`crate::walk`], which spaces them. Reset: weights are undefined after power-up on iCE40: the engine clears them.
//!
//! ```text
//!   learn        0        1        2        3        4        5
//!   issue      read 0     –      read 1     –      read 2     –
//!   multiply            w0·δ0    δ0·w̃     w1·δ1    δ1·w̃     w2·δ2     `a`, `b`
//!   lanes' sum                   w0·δ0            w1·δ1
//!   sum                                  + w0·δ0           + w1·δ1    `c`; the row's is there in `d`
//!   write                                write 0           write 1    `c`
//! ```

use crate::delta_store::DeltaStore;
use crate::elements::Elements;
use crate::issued::Issued;
use crate::lane::Lane;
use crate::leaf::delay::Delay;
use crate::leaf::lane_ram::LaneRam;
use crate::leaf::lane_sum::LaneSum;
use crate::leaf::pick::Pick;
use crate::leaf::rounding_shift::RoundingShift;
use crate::leaf::sign_extend::SignExtend;
use crate::leaf::weights::Weights;
use crate::noise::{ColumnNoise, RowNoise};
use crate::prelude::*;

/// `LANES = 2^LB` lanes, `WA` address bits of words; `NA` of neurons, `KA =
/// NA − LB` of words of neurons, `BA = KA + 2` of a bank; `EW` bits hold a sum of `w·δ` over `2^NA` neurons. The rest as
/// in [`Lane`]. `P` neurons a cycle, whose multipliers are those of the first `LF = 4·P` lanes.
#[derive(LogicBlock)]
pub struct Lanes<
    const LANES: usize,
    const LB: usize,
    const WB: usize,
    const IW: usize,
    const TB: usize,
    const PB: usize,
    const HB: usize,
    const EW: usize,
    const NA: usize,
    const KA: usize,
    const BA: usize,
    const WA: usize,
    const P: usize,
    const LF: usize,
    const ST: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The pass learns, else it integrates.
    pub learn: Signal<In, Bit>,
    /// Do weights learn?
    pub learn_weights: Signal<In, Bit>,
    /// `16 − S_w`.
    pub trace_shift: Signal<In, Bits<4>>,
    /// f of the weights.
    pub fraction_bits: Signal<In, Bits<4>>,
    /// The noise generator's state, folded to 16 bits.
    pub seed_folded: Signal<In, Bits<16>>,
    /// First word of the layer's neurons.
    pub neuron_word: Signal<In, Bits<KA>>,

    /// A word is read in this cycle; see [`crate::walk`].
    pub issue: Signal<In, Bit>,
    /// Its address; in a learn pass in the next cycle, too.
    pub issue_address: Signal<In, Bits<WA>>,
    /// Its number in the row.
    pub issue_word: Signal<In, Bits<KA>>,
    /// Last of its row.
    pub issue_last: Signal<In, Bit>,
    /// Of the first row of the pass: currents begin with it.
    pub first_row: Signal<In, Bit>,
    /// The row.
    pub row_index: Signal<In, Bits<16>>,
    /// Its trace, negated.
    pub row_trace: Signal<In, Bits<9>>,
    /// An error goes back to it.
    pub row_open: Signal<In, Bit>,
    /// c of its `φ = 2^−c`.
    pub row_exponent: Signal<In, Bits<3>>,
    /// Words are still in the lanes or a δ on its way.
    pub busy: Signal<Out, Bit>,

    /// Reads an element of the banks, while no words are issued.
    pub element_read: Signal<In, Bit>,
    /// It is a δ, numbered from the memory's first; else a current, from the layer's first.
    pub element_is_delta: Signal<In, Bit>,
    /// Which.
    pub element_index: Signal<In, Bits<NA>>,
    /// The elements from the multiple of `P` at or below it on, one cycle later.
    pub element: [Signal<Out, Bits<IW>>; P],
    /// δ of the element alone.
    pub element_delta: Signal<Out, Bits<8>>,

    /// Stores δ of the neuron pass or of the host.
    pub delta_write: Signal<In, Bit>,
    /// Only one: all of `delta` are it.
    pub delta_alone: Signal<In, Bit>,
    /// Its neuron, or the first one's, from the layer's first; a multiple of `P`.
    pub delta_index: Signal<In, Bits<16>>,
    /// δ, signed.
    pub delta: [Signal<In, Bits<8>>; P],
    /// First neuron of the layer whose δ are stored.
    pub delta_base: Signal<In, Bits<NA>>,
    /// δ are written in this cycle, those of the neuron pass or one of the row below.
    pub stored: Signal<Out, Bit>,
    /// Its neuron, or their first.
    pub stored_index: Signal<Out, Bits<16>>,
    /// δ; beside a single one, in the place of its neuron, 0.
    pub stored_delta: [Signal<Out, Bits<8>>; P],

    /// Reads a weight for the host, while no pass runs.
    pub host_read: Signal<In, Bit>,
    /// Writes one.
    pub host_write: Signal<In, Bit>,
    /// Which.
    pub host_address: Signal<In, Bits<20>>,
    /// New value.
    pub host_data: Signal<In, Bits<WB>>,
    /// The weight read, `1 + 2·ST` cycles later.
    pub host_weight: Signal<Out, Bits<WB>>,
    /// Clears a word of the banks, and of the weights if `wipe_weights`.
    pub wipe: Signal<In, Bit>,
    /// Also of the weights.
    pub wipe_weights: Signal<In, Bit>,
    /// Address, beyond the end of a smaller memory.
    pub wipe_address: Signal<In, Bits<16>>,

    /// Lends the first lanes' multipliers.
    pub lent: Signal<In, Bit>,
    /// First factors, signed.
    pub factor: [Signal<In, Bits<16>>; LF],
    /// The second factor of all, signed; 0 while the multipliers are not lent.
    pub common_factor: Signal<In, Bits<16>>,
    /// Products, one cycle later.
    pub product: [Signal<Out, Bits<32>>; LF],

    weights: Weights<WA, LANES, WB>,
    /// On a large chip weights and lanes lie far apart, and so do lanes and their sum.
    issued: Issued<KA, WA, ST>,
    near_weights: [Delay<WB, ST>; LANES],
    far_weights: [Delay<WB, ST>; LANES],
    /// Lane of the host's weight, as late.
    near_lane: Delay<LB, ST>,
    far_lane: Delay<LB, ST>,
    backs: [Delay<IW, ST>; LANES],
    /// `c`, `c_last`, and what is held of the row open beside it, as late as the lanes' products.
    summed: Delay<3, ST>,
    summed_index: Delay<16, ST>,
    summed_exponent: Delay<3, ST>,
    summing: Signal<Local, Summing>,
    banks: LaneRam<LANES, BA, IW>,
    lanes: [Lane<WB, IW, TB, PB, HB>; LANES],
    a: DFF<Bit>,
    a_last: DFF<Bit>,
    a_word: DFF<Bits<KA>>,
    b: DFF<Bit>,
    b_last: DFF<Bit>,
    c: DFF<Bit>,
    c_last: DFF<Bit>,
    d: DFF<Bit>,
    d_last: DFF<Bit>,
    held_address: DFF<Bits<WA>>,
    /// −w̃, shifted, in the cycle of the update; otherwise 0.
    held_trace: DFF<Bits<TB>>,
    /// The word's noise in the cycle of the update, and its inverse; otherwise 0.
    held_noise: DFF<Bits<16>>,
    held_inverse: DFF<Bits<16>>,
    held_open: DFF<Bit>,
    held_index: DFF<Bits<16>>,
    held_exponent: DFF<Bits<3>>,
    row_noise: RowNoise,
    wide_trace: SignExtend<9, TB>,
    noise: Signal<Local, Bits<16>>,
    /// Σ w·δ over the lanes.
    word_sum: DFF<Bits<EW>>,
    /// Over the words of a row so far.
    sum: DFF<Bits<EW>>,
    /// Of the row whose sum is there.
    sum_open: DFF<Bit>,
    sum_index: DFF<Bits<16>>,
    sum_exponent: DFF<Bits<3>>,
    total: LaneSum<LANES, IW, EW>,
    /// f is at least 4.
    back: RoundingShift<EW, 5, 8, true, 4>,
    fraction_above: Signal<Local, Bits<4>>,
    deltas: DeltaStore<P, LANES, LB, NA>,
    elements: Elements<P, LANES, LB, IW>,
    store_word: Signal<Local, Bits<NA>>,
    element_word: Signal<Local, Bits<NA>>,
    delta_word: Signal<Local, Bits<KA>>,
    wide_factor: SignExtend<16, 17>,
    multiplicand: Signal<Local, Bits<TB>>,
    host_weight_data: Signal<Local, Bits<WB>>,
    wipe_word: Signal<Local, Bits<KA>>,
    word_column: ColumnNoise,
    host_word: Signal<Local, Bits<20>>,
    host_lane: Signal<Local, Bits<LB>>,
    host_lane_now: DFF<Bits<LB>>,
    host_pick: Pick<LANES, LB, WB>,
    /// A bank's first quarter holds currents, its second δ; the third is 0 for ever, what currents begin with.
    delta_part: Constant<Bits<BA>>,
    zero_part: Constant<Bits<BA>>,
    /// Bits of the shift that can be 1: f is at most 12 beside 8-bit weights, so that f − 4 + c is below 16.
    amount_bits: Constant<Bits<5>>,
    lane_bits: Constant<Bits<4>>,
    lane_number: [Constant<Bits<LB>>; LANES],
    /// A lane's part of the column noise.
    lane_noise: [Constant<Bits<16>>; LANES],
    all_lanes: Constant<Bits<LANES>>,
    /// A lane alone.
    one_lane: [Constant<Bits<LANES>>; LANES],
}

/// What goes with a word's products to the sum.
#[derive(Copy, Clone, Default, PartialEq, Debug, LogicStruct)]
struct Summing {
    /// `c`.
    pub word: Bit,
    /// `c_last`.
    pub last: Bit,
    /// `held_open`.
    pub open: Bit,
}

crate::default_block!(Lanes<LANES, LB, WB, IW, TB, PB, HB, EW, NA, KA, BA, WA, P, LF, ST> {
    lanes: [(); LANES].map(|()| Default::default()),
    near_weights: [(); LANES].map(|()| Default::default()),
    far_weights: [(); LANES].map(|()| Default::default()),
    backs: [(); LANES].map(|()| Default::default()),
    factor: [(); LF].map(|()| Default::default()),
    product: [(); LF].map(|()| Default::default()),
    element: [(); P].map(|()| Default::default()),
    delta: [(); P].map(|()| Default::default()),
    stored_delta: [(); P].map(|()| Default::default()),
    delta_part: Constant::new(Bits::wrapped(1 << KA)),
    zero_part: Constant::new(Bits::wrapped(2 << KA)),
    amount_bits: Constant::new(Bits::wrapped(if WB == 8 { 15 } else { 31 })),
    lane_bits: {
        const { assert!(LF == 4 * P && LF <= LANES, "three multipliers a neuron, one a trace") };
        Constant::new(Bits::wrapped(LB as u128))
    },
    lane_number: std::array::from_fn(|lane| Constant::new(Bits::wrapped(lane as u128))),
    lane_noise: std::array::from_fn(|lane| Constant::new(Bits::wrapped(arch::noise::column_noise(lane as u16).into()))),
    all_lanes: Constant::new(Bits::wrapped(u128::MAX)),
    one_lane: std::array::from_fn(|lane| Constant::new(Bits::wrapped(1 << lane))),
} {
    clock, learn, learn_weights, trace_shift, fraction_bits, seed_folded, neuron_word, issue, issue_address, issue_word,
    issue_last, first_row, row_index, row_trace, row_open, row_exponent, busy, element_read, element_is_delta,
    element_index, element_delta, delta_write, delta_alone, delta_index, delta_base, stored, stored_index, host_read,
    host_write, host_address, host_data, host_weight, wipe, wipe_weights, wipe_address, host_word, host_lane, host_lane_now, host_pick,
    wipe_word, host_weight_data, lent, common_factor, weights, banks, a, a_last, a_word, b, b_last, c, c_last,
    d, d_last, word_sum, sum_open, sum_index, sum_exponent, held_address, held_trace, held_noise, held_inverse, held_open,
    held_index, held_exponent, row_noise, wide_trace,
    noise, sum, total, back, fraction_above, deltas, wide_factor,
    multiplicand, elements, issued, summed, summed_index, summed_exponent, summing, near_lane, far_lane, store_word, element_word, delta_word, word_column
});

crate::collisions!(Lanes < LANES, LB, WB, IW, TB, PB, HB, EW, NA, KA, BA, WA, P, LF, ST > { banks });

impl<
    const LANES: usize,
    const LB: usize,
    const WB: usize,
    const IW: usize,
    const TB: usize,
    const PB: usize,
    const HB: usize,
    const EW: usize,
    const NA: usize,
    const KA: usize,
    const BA: usize,
    const WA: usize,
    const P: usize,
    const LF: usize,
    const ST: usize,
> Logic for Lanes<LANES, LB, WB, IW, TB, PB, HB, EW, NA, KA, BA, WA, P, LF, ST>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, a, a_last, a_word, b, b_last, c, c_last, d, d_last);
        dff_setup!(self, clock, word_sum, sum_open, sum_index, sum_exponent);
        dff_setup!(
            self,
            clock,
            held_address,
            held_trace,
            held_noise,
            held_inverse,
            held_open,
            held_index,
            held_exponent
        );
        dff_setup!(self, clock, sum, host_lane_now);
        clock!(self, clock, weights, banks, deltas, elements, issued, summed, summed_index, summed_exponent);
        clock!(self, clock, near_lane, far_lane);

        // The walk's word, when its weights come.
        self.issued.issue.next = self.issue.val();
        self.issued.issue_address.next = self.issue_address.val();
        self.issued.issue_word.next = self.issue_word.val();
        self.issued.issue_last.next = self.issue_last.val();
        self.issued.first_row.next = self.first_row.val();
        self.issued.row_index.next = self.row_index.val();
        self.issued.row_trace.next = self.row_trace.val();
        self.issued.row_open.next = self.row_open.val();
        self.issued.row_exponent.next = self.row_exponent.val();

        // What follows a word through the lanes.
        self.a.d.next = self.issued.now.val();
        self.b.d.next = self.a.q.val() && self.learn.val();
        self.c.d.next = self.b.q.val();
        self.a_last.d.next = self.issued.last.val();
        self.a_word.d.next = self.issued.word.val();
        self.b_last.d.next = self.a_last.q.val();
        self.c_last.d.next = self.b_last.q.val();
        self.summing.next.word = self.c.q.val();
        self.summing.next.last = self.c_last.q.val();
        self.summing.next.open = self.held_open.q.val();
        self.summed.early.next = self.summing.val().into();
        self.summed_index.early.next = self.held_index.q.val();
        self.summed_exponent.early.next = self.held_exponent.q.val();
        self.d.d.next = self.summed.late.val().get_bit(0);
        self.d_last.d.next = self.summed.late.val().get_bit(1);
        self.row_noise.folded.next = self.seed_folded.val();
        self.row_noise.row.next = self.issued.index.val();
        self.word_column.column.next = bit_cast::<16, KA>(self.a_word.q.val()) << self.lane_bits.val();
        self.noise.next = self.row_noise.noise.val() ^ self.word_column.noise.val();
        self.wide_trace.narrow.next = self.issued.trace.val();
        self.held_trace.d.next = 0.into();
        self.held_noise.d.next = 0.into();
        self.held_inverse.d.next = 0.into();
        if self.a.q.val() {
            // The word of a learn pass stays on its ports for the second of its two cycles.
            self.held_address.d.next = self.issued.address.val();
            self.held_trace.d.next = self.wide_trace.wide.val() << self.trace_shift.val();
            self.held_noise.d.next = self.noise.val();
            self.held_inverse.d.next = !self.noise.val();
            self.held_open.d.next = self.issued.open.val();
            self.held_index.d.next = self.issued.index.val();
            self.held_exponent.d.next = self.issued.exponent.val();
        }

        // Lanes.
        self.wide_factor.narrow.next = self.common_factor.val();
        self.multiplicand.next = self.held_trace.q.val() | self.wide_factor.wide.val().get_bits::<TB>(0);
        for i in 0..LANES {
            self.lanes[i].clock.next = self.clock.val();
            self.near_weights[i].clock.next = self.clock.val();
            self.far_weights[i].clock.next = self.clock.val();
            self.backs[i].clock.next = self.clock.val();
            self.near_weights[i].early.next = self.weights.read_data[i].val();
            self.far_weights[i].early.next = self.near_weights[i].late.val();
            self.lanes[i].weight.next = self.far_weights[i].late.val();
            self.lanes[i].current.next = self.banks.read_data[i].val();
            self.lanes[i].capture.next = self.a.q.val();
            self.lanes[i].factor.next = self.multiplicand.val();
            self.lanes[i].noise.next = (self.held_noise.q.val() & !self.lane_noise[i].val())
                | (self.held_inverse.q.val() & self.lane_noise[i].val());
            self.lanes[i].lent.next = false;
            self.lanes[i].lent_factor.next = 0.into();
            self.backs[i].early.next = self.lanes[i].back.val();
            self.total.term[i].next = self.backs[i].late.val();
        }
        for i in 0..LF {
            self.lanes[i].lent.next = self.lent.val();
            self.lanes[i].lent_factor.next = self.factor[i].val();
            self.product[i].next = self.lanes[i].result.val().get_bits::<32>(0);
        }

        // The sum, and δ of the row it belongs to.
        self.word_sum.d.next = self.total.sum.val();
        self.sum_open.d.next = self.summed.late.val().get_bit(2);
        self.sum_index.d.next = self.summed_index.late.val();
        self.sum_exponent.d.next = self.summed_exponent.late.val();
        if self.summed.late.val().get_bit(0) {
            self.sum.d.next = self.sum.q.val() + self.word_sum.q.val();
        }
        if self.d.q.val() && self.d_last.q.val() {
            self.sum.d.next = 0.into();
        }
        self.back.value.next = self.sum.q.val();
        self.fraction_above.next = self.fraction_bits.val() - 4;
        self.back.amount.next = (bit_cast::<5, 4>(self.fraction_above.val())
            + bit_cast::<5, 3>(self.sum_exponent.q.val()))
            & self.amount_bits.val();
        self.deltas.group_write.next = self.delta_write.val();
        self.deltas.alone.next = self.delta_alone.val();
        self.deltas.group_index.next = self.delta_index.val();
        self.deltas.row.next = self.d.q.val();
        self.deltas.row_write.next = self.d_last.q.val() && self.sum_open.q.val();
        self.deltas.row_index.next = self.sum_index.q.val();
        self.deltas.row_delta.next = self.back.result.val();
        self.deltas.base.next = self.delta_base.val();
        self.stored.next = self.deltas.stored.val();
        self.stored_index.next = self.deltas.index.val();
        for i in 0..P {
            self.deltas.group_delta[i].next = self.delta[i].val();
            self.stored_delta[i].next = self.deltas.delta[i].val();
        }

        // Banks.
        self.banks.read_enable.next = self.issued.now.val() || self.element_read.val();
        self.element_word.next = self.element_index.val() >> self.lane_bits.val();
        self.banks.read_address.next = bit_cast::<BA, NA>(self.element_word.val());
        if self.element_is_delta.val() {
            self.banks.read_address.next =
                bit_cast::<BA, NA>(self.element_word.val()) | self.delta_part.val();
        }
        self.delta_word.next = self.neuron_word.val() + self.issued.word.val();
        if self.issued.now.val() {
            self.banks.read_address.next = bit_cast::<BA, KA>(self.issued.word.val());
            if self.issued.first.val() {
                self.banks.read_address.next =
                    bit_cast::<BA, KA>(self.issued.word.val()) | self.zero_part.val();
            }
            if self.learn.val() {
                self.banks.read_address.next =
                    bit_cast::<BA, KA>(self.delta_word.val()) | self.delta_part.val();
            }
        }
        self.store_word.next = self.deltas.word.val();
        self.banks.write_lanes.next = 0.into();
        self.banks.write_address.next = bit_cast::<BA, KA>(self.a_word.q.val());
        for i in 0..LANES {
            self.lanes[i].store.next = self.deltas.stored.val() || self.wipe.val();
            self.lanes[i].delta.next = self.deltas.lane_delta[i].val();
            self.banks.write_data[i].next = self.lanes[i].stored.val();
        }
        if self.a.q.val() && !self.learn.val() {
            self.banks.write_lanes.next = self.all_lanes.val();
        }
        if self.deltas.stored.val() {
            self.banks.write_lanes.next = self.deltas.lanes.val();
            self.banks.write_address.next = bit_cast::<BA, NA>(self.store_word.val()) | self.delta_part.val();
        }
        self.elements.read.next = self.element_read.val();
        self.elements.lane.next = bit_cast::<LB, NA>(self.element_index.val());
        for i in 0..LANES {
            self.elements.word[i].next = self.banks.read_data[i].val();
        }
        for i in 0..P {
            self.element[i].next = self.elements.element[i].val();
        }
        self.element_delta.next = self.elements.delta.val();

        // Weights: one port. Words that learn are written in the cycles in which none is read. What the lanes give is 0
        // while they rest, so that the host's weight joins it by an or, and nothing at all clears a word.
        self.weights.read_enable.next = self.issue.val() || self.host_read.val();
        self.weights.write_enable.next =
            self.host_write.val() || (self.c.q.val() && self.learn_weights.val());
        self.host_word.next = self.host_address.val() >> self.lane_bits.val();
        self.host_lane.next = bit_cast::<LB, 20>(self.host_address.val());
        if self.host_read.val() {
            self.host_lane_now.d.next = self.host_lane.val();
        }
        self.weights.address.next = bit_cast::<WA, 20>(self.host_word.val());
        self.weights.write_lanes.next = self.all_lanes.val();
        self.near_lane.early.next = self.host_lane_now.q.val();
        self.far_lane.early.next = self.near_lane.late.val();
        self.host_pick.index.next = self.far_lane.late.val();
        self.host_weight.next = self.host_pick.picked.val();
        self.host_weight_data.next = 0.into();
        if self.host_write.val() {
            self.host_weight_data.next = self.host_data.val();
        }
        for i in 0..LANES {
            self.weights.write_data[i].next = self.lanes[i].updated.val() | self.host_weight_data.val();
            if self.host_lane.val() == self.lane_number[i].val() {
                self.weights.write_lanes.next = self.one_lane[i].val();
            }
            self.host_pick.word[i].next = self.far_weights[i].late.val();
        }
        if self.issue.val() {
            self.weights.address.next = self.issue_address.val();
        }
        if self.c.q.val() {
            self.weights.address.next = self.held_address.q.val();
            self.weights.write_lanes.next = self.all_lanes.val();
        }
        self.wipe_word.next = bit_cast::<KA, 16>(self.wipe_address.val());
        if self.wipe.val() {
            self.weights.write_enable.next = self.wipe_weights.val();
            self.weights.address.next = bit_cast::<WA, 16>(self.wipe_address.val());
            self.weights.write_lanes.next = self.all_lanes.val();
            self.banks.write_lanes.next = self.all_lanes.val();
            self.banks.write_address.next = bit_cast::<BA, KA>(self.wipe_word.val()) | self.delta_part.val();
        }
        self.busy.next = self.issued.waiting.val()
            || self.a.q.val()
            || self.b.q.val()
            || self.c.q.val()
            || self.summed.late.val().get_bit(0)
            || self.d.q.val()
            || self.deltas.stored.val();
    }
}
