//! Leaky integrate-and-fire: current and membrane in, potential, spike and membrane after the reset out.
//!
//! Latency: 4 cycles from the current, 3 from the threshold, 2 from the product. Throughput: one neuron a cycle.
//! Handshake: none, a neuron's inputs come at the stages named below. Reset: none, nothing is kept between neurons.
//!
//! ```text
//!   stage  N1        N2         N3                N4               N5
//!   in     current   threshold  product           live
//!          I         q(I)       α·v/2^8 + q(I)    sat(…), u − θ    s, v = u − θ·s
//!   out                                                            membrane, potential, distance, spike
//! ```

use crate::leaf::rounding_shift::RoundingShift;
use crate::leaf::saturate::Saturate;
use crate::leaf::saturating_add::SaturatingAdd;
use crate::leaf::sign_extend::SignExtend;
use crate::prelude::*;

/// `sat(((a·x + 128) >> 8) + y)` from the product a·x: the exact sum in one cycle, saturated in the next.
///
/// The product's rounding bit, its lowest, stands below the addend, too: added to itself it is the carry that rounds, in
/// the sum's own carry chain.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct DecayedSum {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Bits 7 … 23 of a·x, signed; a is below 256 and x has 16 bits, so that the product has 24.
    pub product: Signal<In, Bits<17>>,
    /// y, signed.
    pub addend: Signal<In, Bits<16>>,
    /// The result, signed, in the cycle after.
    pub result: Signal<Out, Bits<16>>,
    add: SaturatingAdd<17, 17, 18>,
    limit: Saturate<17, 16>,
    sum: DFF<Bits<17>>,
    rounding: Signal<Local, Bits<17>>,
}

impl Logic for DecayedSum {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sum);
        self.rounding.next = bit_cast::<17, 1>(self.product.val().get_bits::<1>(0));
        self.add.a.next = self.product.val();
        self.add.b.next = (bit_cast::<17, 16>(self.addend.val()) << 1) | self.rounding.val();
        self.sum.d.next = self.add.sum.val().get_bits::<17>(1);
        self.limit.wide.next = self.sum.q.val();
        self.result.next = self.limit.narrow.val();
    }
}

/// One neuron a cycle; `IW` is 16 or 24, the bits of a current.
#[derive(LogicBlock)]
pub struct Lif<const IW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// I, signed, with `fraction_bits` (stage N1).
    pub current: Signal<In, Bits<IW>>,
    /// Is there a current? If not, I is 0 (N1).
    pub current_valid: Signal<In, Bit>,
    /// Fraction bits f of the weights and so of the current, 4 … 15.
    pub fraction_bits: Signal<In, Bits<4>>,
    /// Bits 7 … 23 of α·v (N3).
    pub product: Signal<In, Bits<17>>,
    /// θ, 64 … 1024 (N2).
    pub threshold: Signal<In, Bits<11>>,
    /// A neuron that lives; if not, everything at N5 is 0 and the distance is outside every surrogate (N4).
    pub live: Signal<In, Bit>,
    /// v after the reset, signed (N5).
    pub membrane: Signal<Out, Bits<16>>,
    /// u, v before the reset, signed (N5).
    pub potential: Signal<Out, Bits<16>>,
    /// u − θ, signed (N5).
    pub distance: Signal<Out, Bits<17>>,
    /// u ≥ θ (N5).
    pub spike: Signal<Out, Bit>,
    widen: RoundingShift<24, 4, 24, false>,
    convert: RoundingShift<28, 4, 16, true>,
    integrate: DecayedSum,
    wide_potential: SignExtend<16, 17>,
    /// I.
    taken: DFF<Bits<IW>>,
    /// q(I).
    converted: DFF<Bits<16>>,
    threshold_read: DFF<Bits<11>>,
    held_threshold: DFF<Bits<11>>,
    u: DFF<Bits<16>>,
    difference: DFF<Bits<17>>,
    /// Bits by which a current is narrower than the widest.
    padding: Constant<Bits<4>>,
    /// −2^16: less than any u − θ.
    far_below: Constant<Bits<17>>,
}

impl<const IW: usize> Default for Lif<IW> {
    fn default() -> Self {
        const { assert!(IW == 16 || IW == 24, "a current has eight bits more than a weight") };
        Self {
            clock: Default::default(),
            current: Default::default(),
            current_valid: Default::default(),
            fraction_bits: Default::default(),
            product: Default::default(),
            threshold: Default::default(),
            live: Default::default(),
            membrane: Default::default(),
            potential: Default::default(),
            distance: Default::default(),
            spike: Default::default(),
            widen: Default::default(),
            convert: Default::default(),
            integrate: Default::default(),
            wide_potential: Default::default(),
            taken: Default::default(),
            converted: Default::default(),
            threshold_read: Default::default(),
            held_threshold: Default::default(),
            u: Default::default(),
            difference: DFF::new(Bits::wrapped(1 << 16)),
            padding: Constant::new(Bits::wrapped(24 - IW as u128)),
            far_below: Constant::new(Bits::wrapped(1 << 16)),
        }
    }
}

impl<const IW: usize> Logic for Lif<IW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, taken, converted, threshold_read, held_threshold, u, difference);
        clock!(self, clock, integrate);
        // N1.
        self.taken.d.next = 0.into();
        if self.current_valid.val() {
            self.taken.d.next = self.current.val();
        }

        // N2: q(I), with four bits below I for the longest shift to the left.
        self.widen.value.next = bit_cast::<24, IW>(self.taken.q.val()) << self.padding.val();
        self.widen.amount.next = self.padding.val();
        self.convert.value.next = bit_cast::<28, 24>(self.widen.result.val()) << 4;
        self.convert.amount.next = self.fraction_bits.val() - 4;
        self.converted.d.next = self.convert.result.val();
        self.threshold_read.d.next = self.threshold.val();

        // N3, N4: u.
        self.integrate.product.next = self.product.val();
        self.integrate.addend.next = self.converted.q.val();
        self.held_threshold.d.next = self.threshold_read.q.val();

        // N4: u - theta.
        self.wide_potential.narrow.next = self.integrate.result.val();
        self.u.d.next = 0.into();
        self.difference.d.next = self.far_below.val();
        if self.live.val() {
            self.u.d.next = self.integrate.result.val();
            self.difference.d.next =
                self.wide_potential.wide.val() - bit_cast::<17, 11>(self.held_threshold.q.val());
        }

        // N5: fire and reset; theta is positive, so that u - theta fits where u >= theta.
        self.potential.next = self.u.q.val();
        self.distance.next = self.difference.q.val();
        self.spike.next = !self.difference.q.val().get_bit(16);
        self.membrane.next = self.u.q.val();
        if !self.difference.q.val().get_bit(16) {
            self.membrane.next = self.difference.q.val().get_bits::<16>(0);
        }
    }
}
