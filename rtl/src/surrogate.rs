//! Surrogate φ of a neuron's distance from its threshold, and an output neuron's error δ = e·φ.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.
//!
//! φ = 1 … 128 travels as its code φ − 1, which has seven bits; φ = 0 is `open` being false. The three surrogates share
//! one carry chain: it makes |d|, and for the triangle |d| + 1, whose half rounds |d|/2 up:
//! `(256 − |d|) >> 1 = 128 − ((|d| + 1) >> 1)`, so that the triangle's code is a complement.

use crate::prelude::*;

/// φ(d), with `d` = u − θ of 8 fraction bits: *shift* `128 >> (|d| >> 8)` for |d| < 2048, *rectangle* 128 for |d| < 128,
/// *triangle* `(256 − |d|) >> 1` for |d| < 256; 0 elsewhere.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Surrogate {
    /// d, signed.
    pub distance: Signal<In, Bits<17>>,
    /// 0 shift, 1 rectangle, 2 triangle.
    pub kind: Signal<In, Bits<2>>,
    /// φ ≠ 0.
    pub open: Signal<Out, Bit>,
    /// φ − 1, anything if φ = 0: what is made of it need not wait for `open`.
    pub code: Signal<Out, Bits<7>>,
    negative: Signal<Local, Bit>,
    rectangle: Signal<Local, Bit>,
    triangle: Signal<Local, Bit>,
    /// d, or −d − 1 if d is negative.
    folded: Signal<Local, Bits<16>>,
    /// Its low bits, with what a carry comes from appended below.
    near: Signal<Local, Bits<13>>,
    carries: Signal<Local, Bits<13>>,
    sum: Signal<Local, Bits<13>>,
    far: Signal<Local, Bits<5>>,
    half: Signal<Local, Bits<7>>,
    /// |d|, or |d| + 1, in 128ths, modulo 16.
    coarse: Signal<Local, Bits<4>>,
    whole: Signal<Local, Bits<3>>,
}

impl Logic for Surrogate {
    #[hdl_gen]
    fn update(&mut self) {
        self.rectangle.next = self.kind.val().get_bit(0);
        self.triangle.next = self.kind.val().get_bit(1);
        self.negative.next = self.distance.val().get_bit(16);
        self.folded.next = bit_cast::<16, 17>(self.distance.val());
        if self.negative.val() {
            self.folded.next = !bit_cast::<16, 17>(self.distance.val());
        }
        self.near.next = (bit_cast::<13, 11>(self.folded.val().get_bits::<11>(0)) << 1) | 1;
        self.carries.next = (bit_cast::<13, 1>(self.triangle.val().into()) << 1)
            | bit_cast::<13, 1>(self.negative.val().into());
        self.sum.next = self.near.val() + self.carries.val();
        self.far.next = self.folded.val().get_bits::<5>(11);
        self.half.next = self.sum.val().get_bits::<7>(2);
        self.coarse.next = self.sum.val().get_bits::<4>(8);
        self.whole.next = self.sum.val().get_bits::<3>(9);

        self.open.next = !self.far.val().any() && !self.sum.val().get_bit(12);
        self.code.next = bits::<7>(127) >> self.whole.val();
        if self.rectangle.val() {
            self.open.next = !self.far.val().any() && !self.sum.val().get_bit(12) && !self.coarse.val().any();
            self.code.next = 127.into();
        }
        if self.triangle.val() {
            self.open.next = !self.far.val().any() && !self.sum.val().get_bit(12) && !self.whole.val().any();
            self.code.next = !self.half.val();
        }
    }
}

/// δ = sat((e·φ + 64) >> 7) of an output neuron, e = 64·(s − y). With e = ±64 or 0 no product is needed:
/// `(φ + 1) >> 1`, `−(φ >> 1)` or 0.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct OutputError {
    /// s ≠ y.
    pub wrong: Signal<In, Bit>,
    /// s.
    pub spike: Signal<In, Bit>,
    /// φ ≠ 0.
    pub open: Signal<In, Bit>,
    /// φ − 1.
    pub code: Signal<In, Bits<7>>,
    /// δ, signed.
    pub delta: Signal<Out, Bits<8>>,
    /// δ ≠ 0: a negative error also needs φ > 1.
    pub erring: Signal<Out, Bit>,
    /// ⌊(φ − 1)/2⌋, complemented for a negative error.
    half: Signal<Local, Bits<8>>,
    increment: Signal<Local, Bit>,
}

impl Logic for OutputError {
    #[hdl_gen]
    fn update(&mut self) {
        self.half.next = bit_cast::<8, 6>(self.code.val().get_bits::<6>(1));
        self.increment.next = true;
        if !self.spike.val() {
            self.half.next = !bit_cast::<8, 6>(self.code.val().get_bits::<6>(1));
            self.increment.next = !self.code.val().get_bit(0);
        }
        self.erring.next = self.wrong.val() && self.open.val() && (self.spike.val() || self.code.val().any());
        self.delta.next = 0.into();
        if self.wrong.val() && self.open.val() {
            self.delta.next = self.half.val() + bit_cast::<8, 1>(self.increment.val().into());
        }
    }
}
