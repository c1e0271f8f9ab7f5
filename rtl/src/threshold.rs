//! Update of a threshold from its neuron's error (B4): `θ = clamp(θ + R(−δ·(m + 32), S, n), 64, 1024)`.
//!
//! Latency: the new θ one cycle after the memories' words, in the cycle of the product. Throughput: one neuron a cycle.
//! Handshake: none, `moved` is of the neuron whose words were there one cycle before.
//! Reset: none, nothing is kept between neurons.
//!
//! ```text
//!   stage   1           2
//!   in      m, θ, n     product
//!   out     factor      moved
//!                       {θ, n} + product · 2^(8 … −8); clamp
//! ```
//!
//! `R(−p, S, n) = ⌊(n + p·2^(16−S)) / 2^16⌋`, so the new θ is the upper part of one sum, `{θ, n} + ⌊p·2^(16−S)⌋`. The shift
//! has 17 places and is done in three parts: m + 32 goes into the multiplier shifted left by `3 − S mod 4`, and what
//! comes out then wants only steps of 4 places.

use crate::leaf::sign_extend::SignExtend;
use crate::prelude::*;
use arch::formats::{THRESHOLD_MAX, THRESHOLD_MIN, TRACE_ONE};

const _: () = assert!(
    THRESHOLD_MIN.to_bits() == 64 && THRESHOLD_MAX.to_bits() == 1024 && TRACE_ONE.to_bits() == 32,
    "the kernel's literals"
);

/// One threshold a cycle; δ is at the multiplier.
#[derive(LogicBlock, Default)]
pub struct ThresholdUpdate {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// S, 8 … 24.
    pub shift: Signal<In, Bits<5>>,
    /// m (stage 1).
    pub trace: Signal<In, Bits<8>>,
    /// (m + 32) · 2^(3 − S mod 4), to be multiplied by δ (1).
    pub factor: Signal<Out, Bits<16>>,
    /// δ · factor, signed, below 2^19 in magnitude (2).
    pub product: Signal<In, Bits<32>>,
    /// θ, 64 … 1024 (1).
    pub threshold: Signal<In, Bits<11>>,
    /// n (1).
    pub noise: Signal<In, Bits<16>>,
    /// The new θ (stage 2).
    pub moved: Signal<Out, Bits<16>>,
    coarse: Signal<Local, Bits<25>>,
    coarsest: SignExtend<21, 25>,
    near: SignExtend<25, 28>,
    far: SignExtend<21, 28>,
    /// {θ, n}.
    old: DFF<Bits<27>>,
    magnitude: Signal<Local, Bits<16>>,
    step: Signal<Local, Bits<28>>,
    sum: Signal<Local, Bits<28>>,
}

impl Logic for ThresholdUpdate {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, old);
        self.magnitude.next = bit_cast::<16, 8>(self.trace.val()) + 32;
        self.factor.next = self.magnitude.val() << !self.shift.val().get_bits::<2>(0);

        self.old.d.next =
            (bit_cast::<27, 11>(self.threshold.val()) << 16) | bit_cast::<27, 16>(self.noise.val());

        // p·2^(16−S): the product moved up by 5 places, and down by 8 places a step.
        self.coarsest.narrow.next = self.product.val().get_bits::<21>(11);
        if !self.shift.val().get_bit(4) {
            self.coarse.next = bit_cast::<25, 32>(self.product.val()) << 5;
        } else if !self.shift.val().get_bit(3) {
            self.coarse.next = self.product.val().get_bits::<25>(3);
        } else {
            self.coarse.next = self.coarsest.wide.val();
        }
        // The last 4 places, the sum, and its upper part: below 2^11 in magnitude, as |R| < 2^8.
        self.near.narrow.next = self.coarse.val();
        self.far.narrow.next = self.coarse.val().get_bits::<21>(4);
        self.step.next = self.near.wide.val();
        if self.shift.val().get_bit(2) {
            self.step.next = self.far.wide.val();
        }
        self.sum.next = bit_cast::<28, 27>(self.old.q.val()) + self.step.val();
        if self.sum.val().get_bit(27) || !self.sum.val().get_bits::<5>(22).any() {
            self.moved.next = 64.into();
        } else if self.sum.val().get_bit(26) {
            self.moved.next = 1024.into();
        } else {
            self.moved.next = bit_cast::<16, 10>(self.sum.val().get_bits::<10>(16));
        }
    }
}
