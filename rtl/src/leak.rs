//! Update of a layer's leak (B4): `α = clamp(α + R(Σ p, S, n), 4096, 64512)` over the products p = δ·α̃ of a pass.
//!
//! Latency: `ready` comes max(35, SW + 17 − S) cycles after `divide`. Throughput: one product a cycle; one update a pass.
//! Handshake: `clear`, then `add` for each product, then `divide`, no two in one cycle; `ready` for a cycle, with `moved`.
//! `shift`, `noise` and `leak` hold from `divide` to `ready`.
//! Reset: none; `clear` before the first product.
//!
//! ```text
//!   clear, add    … sum
//!   divide        bit by bit from the lowest:   α₁₅ … α₀ n₁₅ … n₀      a zero beyond
//!                                             + bits of −Σ, moved by 16 − S places; its sign beyond
//!                                             = overflow, α₁₅ … α₀, dropped
//! ```
//!
//! `R(p, S, n) = ⌊(n − p·2^(16−S)) / 2^16⌋`: the new α is the upper part of `{α, n} + ⌊−Σ·2^(16−S)⌋`. The leak changes once a
//! layer and step, so that sum is made serially, a bit a cycle, and a shift is where it starts to read.

use crate::leaf::sign_extend::SignExtend;
use crate::prelude::*;
use arch::formats::{LEAK_MAX, LEAK_MIN};

const _: () = assert!(LEAK_MIN.to_bits() == 4096 && LEAK_MAX.to_bits() == 0xfc00, "the kernel's literals");

/// Sums of magnitude below 2^(`SW` − 2), `SW` from 33 to 48.
#[derive(LogicBlock)]
pub struct LeakUpdate<const SW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a sum.
    pub clear: Signal<In, Bit>,
    /// Adds the product.
    pub add: Signal<In, Bit>,
    /// δ·α̃, signed.
    pub product: Signal<In, Bits<24>>,
    /// Begins the division.
    pub divide: Signal<In, Bit>,
    /// S, 8 … 31.
    pub shift: Signal<In, Bits<5>>,
    /// n.
    pub noise: Signal<In, Bits<16>>,
    /// α.
    pub leak: Signal<In, Bits<16>>,
    /// `moved` is there.
    pub ready: Signal<Out, Bit>,
    /// The new α.
    pub moved: Signal<Out, Bits<16>>,
    extend: SignExtend<24, SW>,
    /// Σ − 1, whose complement is −Σ: a sum needs no inverters before its carry chain.
    total: DFF<Bits<SW>>,
    dividing: DFF<Bit>,
    /// Number of the bit of {α, n}.
    step: DFF<Bits<6>>,
    /// Number of the bit of −Σ·2^16; stays at the sign.
    position: DFF<Bits<6>>,
    carry: DFF<Bit>,
    /// Turns from α into the new α.
    result: DFF<Bits<16>>,
    /// There is a 1 above the new α.
    above: DFF<Bit>,
    negative: DFF<Bit>,
    finished: DFF<Bit>,
    sign_position: Constant<Bits<6>>,
    /// The complement of −Σ·2^16.
    inverted: Signal<Local, Bits<64>>,
    noise_place: Signal<Local, Bits<4>>,
    gradient_bit: Signal<Local, Bit>,
    old_bit: Signal<Local, Bit>,
    sum_bit: Signal<Local, Bit>,
}

impl<const SW: usize> Default for LeakUpdate<SW> {
    fn default() -> Self {
        const { assert!(SW > 32 && SW <= 48, "a sum of products has 33 to 48 bits") };
        Self {
            clock: Default::default(),
            clear: Default::default(),
            add: Default::default(),
            product: Default::default(),
            divide: Default::default(),
            shift: Default::default(),
            noise: Default::default(),
            leak: Default::default(),
            ready: Default::default(),
            moved: Default::default(),
            extend: Default::default(),
            total: Default::default(),
            dividing: Default::default(),
            step: Default::default(),
            position: Default::default(),
            carry: Default::default(),
            result: Default::default(),
            above: Default::default(),
            negative: Default::default(),
            finished: Default::default(),
            sign_position: Constant::new((SW as u64 + 15).into()),
            inverted: Default::default(),
            noise_place: Default::default(),
            gradient_bit: Default::default(),
            old_bit: Default::default(),
            sum_bit: Default::default(),
        }
    }
}

impl<const SW: usize> Logic for LeakUpdate<SW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, total, dividing, step, position, carry, result, above, negative, finished);
        self.extend.narrow.next = self.product.val();
        if self.clear.val() {
            self.total.d.next = !bits::<SW>(0);
        } else if self.add.val() {
            self.total.d.next = self.total.q.val() + self.extend.wide.val();
        }

        self.inverted.next = (bit_cast::<64, SW>(self.total.q.val()) << 16) | 0xffff;
        self.gradient_bit.next = !self.inverted.val().get_bit(self.position.q.val().index());
        self.noise_place.next = self.step.q.val().get_bits::<4>(0);
        self.old_bit.next = false;
        if !self.step.q.val().get_bit(5) {
            if self.step.q.val().get_bit(4) {
                self.old_bit.next = self.result.q.val().get_bit(0);
            } else {
                self.old_bit.next = self.noise.val().get_bit(self.noise_place.val().index());
            }
        }
        self.sum_bit.next = self.old_bit.val() ^ self.gradient_bit.val() ^ self.carry.q.val();

        self.finished.d.next = false;
        if self.dividing.q.val() {
            self.carry.d.next = (self.old_bit.val() && self.gradient_bit.val())
                || (self.carry.q.val() && (self.old_bit.val() || self.gradient_bit.val()));
            self.step.d.next = self.step.q.val() + 1;
            if self.step.q.val().get_bit(5) {
                self.above.d.next = self.above.q.val() || self.sum_bit.val();
                self.negative.d.next = self.sum_bit.val();
            } else if self.step.q.val().get_bit(4) {
                self.result.d.next = (self.result.q.val() >> 1).replace_bit(15, self.sum_bit.val());
            }
            if self.position.q.val() != self.sign_position.val() {
                self.position.d.next = self.position.q.val() + 1;
            } else if self.step.q.val().get_bit(5) && self.step.q.val().get_bits::<5>(0).any() {
                // Both numbers have repeated their sign: this bit is the sum's.
                self.dividing.d.next = false;
                self.finished.d.next = true;
            }
        } else if self.divide.val() {
            self.dividing.d.next = true;
            self.step.d.next = 0.into();
            self.position.d.next = bit_cast::<6, 5>(self.shift.val());
            self.carry.d.next = false;
            self.result.d.next = self.leak.val();
            self.above.d.next = false;
        }

        self.ready.next = self.finished.q.val();
        self.moved.next = self.result.q.val();
        if self.negative.q.val() || (!self.above.q.val() && !self.result.q.val().get_bits::<4>(12).any()) {
            self.moved.next = 4096.into();
        } else if self.above.q.val() || self.result.q.val().get_bits::<6>(10).all() {
            self.moved.next = 0xfc00.into();
        }
    }
}
