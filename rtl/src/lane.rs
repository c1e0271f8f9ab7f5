//! Lane: one column of weights. Adds a weight to a current; carries an error back; updates a weight.
//!
//! Latency: the sum of a current is combinational; an update is ready two cycles after `capture`.
//! Throughput: one current a cycle, or one weight of a learn pass in two. Handshake: none, [`crate::walk`] times it.
//! Reset: none; what the registers hold counts only after they were loaded.
//!
//! ```text
//!   cycle        0          1                  2
//!   capture     ‾‾‾‾‾‾‾‾‾\_______________________________      weight and δ are on their ports, δ stays for a cycle
//!   addend      < 0      X {w, n}           X 0                the weight is held for a cycle, n comes with `factor`
//!   factors     < w · δ  X −trace · δ       X                  one multiplier with an adder and a register
//!   result      ---------< w·δ              X {w, n} − δ·trace >
//!   updated     ----------------------------< sat(result >> 16) >
//! ```
//!
//! The weight stands at the top of its factor, with zeros below, so that it needs no extension. The multiplier is lent to the
//! passes over neurons while there are no rows: `lent`. What the lane multiplies with is 0 while nothing is to be multiplied.

use crate::leaf::multiply_add::MultiplyAdd;
use crate::leaf::saturate::Saturate;
use crate::leaf::sign_extend::SignExtend;
use crate::leaf::stored_sum::StoredSum;
use crate::prelude::*;

/// Weights of `WB` bits, currents of `IW = WB + 8`. The second factor has `TB` bits (16 beside 8-bit weights, where
/// [`arch::descriptor::weight_shifts`] keeps the trace positive, else 17), the result `PB = 16 + TB`; `HB = WB + 1`.
#[derive(LogicBlock)]
pub struct Lane<const WB: usize, const IW: usize, const TB: usize, const PB: usize, const HB: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Weight, signed.
    pub weight: Signal<In, Bits<WB>>,
    /// From the bank: a current, or δ in its low 8 bits; signed.
    pub current: Signal<In, Bits<IW>>,
    /// Stores `delta`, else the sum.
    pub store: Signal<In, Bit>,
    /// δ of a neuron, signed; 0 unless `store`.
    pub delta: Signal<In, Bits<8>>,
    /// For the bank: `current + weight`, saturated, or δ in its low 8 bits, above which nobody looks.
    pub stored: Signal<Out, Bits<IW>>,
    /// Multiplies δ with the weight, which is held for the next cycle.
    pub capture: Signal<In, Bit>,
    /// What is multiplied otherwise, signed: in the cycle after `capture` the weight trace, shifted left by `16 − S_w` and
    /// negated, 0 in that of `capture`.
    pub factor: Signal<In, Bits<TB>>,
    /// Noise of the synapse in the cycle after `capture`, otherwise 0.
    pub noise: Signal<In, Bits<16>>,
    /// The updated weight, two cycles after `capture`; 0 while nothing is multiplied.
    pub updated: Signal<Out, Bits<WB>>,
    /// The multiplier works on `lent_factor` in place of δ.
    pub lent: Signal<In, Bit>,
    /// Signed.
    pub lent_factor: Signal<In, Bits<16>>,
    /// What the multiplier yielded for the cycle before.
    pub result: Signal<Out, Bits<PB>>,
    /// The same without the zeros below the weight.
    pub back: Signal<Out, Bits<IW>>,
    sum: StoredSum<IW, WB>,
    wide_delta: SignExtend<8, 16>,
    multiplier: MultiplyAdd<16, TB, PB>,
    held_weight: DFF<Bits<WB>>,
    wide_weight: SignExtend<WB, PB>,
    limit: Saturate<HB, WB>,
    above: Signal<Local, Bits<TB>>,
    moved: Signal<Local, Bits<PB>>,
    /// Bits below the weight in its factor.
    padding: Constant<Bits<4>>,
}

crate::default_block!(Lane<WB, IW, TB, PB, HB> { padding: Constant::new(Bits::wrapped((TB - WB) as u128)) } {
    clock, weight, current, store, delta, stored, capture, factor, noise, updated, lent, lent_factor, result, back, sum, wide_delta,
    multiplier, held_weight, wide_weight, limit, above, moved
});

impl<const WB: usize, const IW: usize, const TB: usize, const PB: usize, const HB: usize> Logic
    for Lane<WB, IW, TB, PB, HB>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held_weight);
        clock!(self, clock, multiplier);
        self.sum.current.next = self.current.val();
        self.sum.weight.next = self.weight.val();
        self.sum.store.next = self.store.val();
        self.sum.delta.next = self.delta.val();
        self.stored.next = self.sum.stored.val();

        self.wide_delta.narrow.next = bit_cast::<8, IW>(self.current.val());
        self.multiplier.a.next = self.wide_delta.wide.val();
        if self.lent.val() {
            self.multiplier.a.next = self.lent_factor.val();
        }
        // `factor` is 0 while the weight counts: the bits below the weight then cost nothing.
        self.above.next = 0.into();
        self.held_weight.d.next = 0.into();
        if self.capture.val() {
            self.above.next = bit_cast::<TB, WB>(self.weight.val()) << self.padding.val();
            self.held_weight.d.next = self.weight.val();
        }
        self.multiplier.b.next = self.factor.val() | self.above.val();
        self.wide_weight.narrow.next = self.held_weight.q.val();
        self.multiplier.addend.next =
            (self.wide_weight.wide.val() << 16) | bit_cast::<PB, 16>(self.noise.val());
        self.result.next = self.multiplier.result.val();
        self.moved.next = self.multiplier.result.val() >> self.padding.val();
        self.back.next = bit_cast::<IW, PB>(self.moved.val());

        // δ·trace is at most 2^7 · 2^(TB − 1), a quarter of what a weight can be: one bit more holds the difference.
        self.limit.wide.next = self.multiplier.result.val().get_bits::<HB>(16);
        self.updated.next = self.limit.narrow.val();
    }
}
