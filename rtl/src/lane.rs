//! Lane: one column of weights. Adds a weight to a current; carries an error back; updates a weight.
//!
//! Latency: the sum of a current is combinational; an update is ready two cycles after `capture`.
//! Throughput: one current a cycle, or one weight of a learn pass in two. Handshake: none, [`crate::walk`] times it.
//! Reset: none; what the registers hold counts only after they were loaded.
//!
//! ```text
//!   cycle        0          1          2             3
//!   capture     ‾‾‾‾‾‾‾‾‾\_____________________________     weight and δ are on their ports
//!   update      _________/‾‾‾‾‾‾‾‾‾\___________________
//!   product     < w·δ    X  δ·trace >                       one multiplier
//!   last        ---------< w·δ      X  δ·trace >            its register
//!   updated     ---------------------< sat({w, n} − δ·trace) >>  16
//! ```
//!
//! The multiplier is lent to the passes over neurons while there are no rows: `lent`.

use crate::leaf::product::Product;
use crate::leaf::saturate::Saturate;
use crate::leaf::saturating_add::SaturatingAdd;
use crate::leaf::sign_extend::SignExtend;
use crate::prelude::*;

/// Weights of `WB` bits, currents of `IW = WB + 8`. The second factor has `TB` bits (16 beside 8-bit weights, where
/// [`arch::descriptor::weight_shifts`] keeps it positive, else 17), the product `PB = 16 + TB`; `HB = WB + 2`,
/// `UB = WB + 18`.
#[derive(LogicBlock, Default)]
pub struct Lane<
    const WB: usize,
    const IW: usize,
    const TB: usize,
    const PB: usize,
    const HB: usize,
    const UB: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Weight, signed.
    pub weight: Signal<In, Bits<WB>>,
    /// From the bank: a current, or δ in its low 8 bits; signed.
    pub current: Signal<In, Bits<IW>>,
    /// The first row of a step: its weights are the sum.
    pub first: Signal<In, Bit>,
    /// `current + weight`, saturated.
    pub current_sum: Signal<Out, Bits<IW>>,
    /// Holds weight and δ, and forms their product.
    pub capture: Signal<In, Bit>,
    /// Forms the held δ times the trace.
    pub update: Signal<In, Bit>,
    /// Weight trace, shifted left by `16 − S_w`; positive.
    pub trace: Signal<In, Bits<TB>>,
    /// Noise of the synapse, one cycle after `update`.
    pub noise: Signal<In, Bits<16>>,
    /// The updated weight, one cycle after `update`.
    pub updated: Signal<Out, Bits<WB>>,
    /// The multiplier works on the factors below.
    pub lent: Signal<In, Bit>,
    /// Signed.
    pub factor_a: Signal<In, Bits<16>>,
    /// Signed.
    pub factor_b: Signal<In, Bits<TB>>,
    /// What the multiplier yields in this cycle.
    pub product: Signal<Out, Bits<PB>>,
    /// What it yielded in the cycle before.
    pub last_product: Signal<Out, Bits<PB>>,
    sum: SaturatingAdd<IW, WB, IW>,
    first_sum: SignExtend<WB, IW>,
    /// One bit more than the factor, so that a 16-bit weight is extended, too.
    wide_weight: SignExtend<WB, 17>,
    wide_delta: SignExtend<8, 16>,
    held_wide_delta: SignExtend<8, 16>,
    delta_factor: SignExtend<8, TB>,
    multiplier: Product<16, TB, PB>,
    held_weight: DFF<Bits<WB>>,
    held_delta: DFF<Bits<8>>,
    register: DFF<Bits<PB>>,
    /// `{w, n}`, the weight with the noise below it.
    noisy: SignExtend<WB, UB>,
    subtrahend: SignExtend<25, UB>,
    difference: Signal<Local, Bits<UB>>,
    limit: Saturate<HB, WB>,
    delta: Signal<Local, Bits<8>>,
}

impl<const WB: usize, const IW: usize, const TB: usize, const PB: usize, const HB: usize, const UB: usize>
    Logic for Lane<WB, IW, TB, PB, HB, UB>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held_weight, held_delta, register);
        self.delta.next = bit_cast::<8, IW>(self.current.val());

        self.sum.a.next = self.current.val();
        self.sum.b.next = self.weight.val();
        self.first_sum.narrow.next = self.weight.val();
        self.current_sum.next = self.sum.sum.val();
        if self.first.val() {
            self.current_sum.next = self.first_sum.wide.val();
        }

        self.wide_weight.narrow.next = self.weight.val();
        self.wide_delta.narrow.next = self.delta.val();
        self.delta_factor.narrow.next = self.delta.val();
        self.held_wide_delta.narrow.next = self.held_delta.q.val();
        self.multiplier.a.next = self.wide_weight.wide.val().get_bits::<16>(0);
        self.multiplier.b.next = self.delta_factor.wide.val();
        if self.update.val() {
            self.multiplier.a.next = self.held_wide_delta.wide.val();
            self.multiplier.b.next = self.trace.val();
        }
        if self.lent.val() {
            self.multiplier.a.next = self.factor_a.val();
            self.multiplier.b.next = self.factor_b.val();
        }
        self.product.next = self.multiplier.product.val();
        self.register.d.next = self.multiplier.product.val();
        self.last_product.next = self.register.q.val();
        if self.capture.val() {
            self.held_weight.d.next = self.weight.val();
            self.held_delta.d.next = self.delta.val();
        }

        // δ·trace is at most 2^7 · 2^16: 25 bits hold it with its sign.
        self.noisy.narrow.next = self.held_weight.q.val();
        self.subtrahend.narrow.next = self.register.q.val().get_bits::<25>(0);
        self.difference.next = ((self.noisy.wide.val() << 16) | bit_cast::<UB, 16>(self.noise.val()))
            - self.subtrahend.wide.val();
        self.limit.wide.next = self.difference.val().get_bits::<HB>(16);
        self.updated.next = self.limit.narrow.val();
    }
}
