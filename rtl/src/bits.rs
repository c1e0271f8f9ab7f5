//! `Bits<N>`: the value a signal carries, 1 to 128 bits.
//!
//! rust-hdl's own `Bits` keeps up to 32 bits in a `u32` (and still allocates for every shift and slice) and
//! anything wider in an array of `bool`. This one is a `u128` behind the same kernel syntax: the `hdl_gen` macro
//! reads method and function *names*, so both translate to the same Verilog. It offers only operations whose
//! Verilog means the same: no comparison with a literal, no signed type, no product, no logical `&&` on words.
//!
//! Arithmetic wraps, comparisons are unsigned, bits beyond the top read 0 (`emit` refuses a slice that can get there).

use rust_hdl_core::ast::VerilogLiteral;
use rust_hdl_core::bits::LiteralType;
use rust_hdl_core::synth::{Synth, VCDValue};
use rust_hdl_core::type_descriptor::{TypeDescriptor, TypeKind};
use std::fmt;
use std::ops::{Add, BitAnd, BitOr, BitXor, Not, Shl, Shr, Sub};

/// An unsigned word of `N` bits, 1 ≤ `N` ≤ 128; wider data travel as arrays of signals.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits<const N: usize>(u128);

impl<const N: usize> Bits<N> {
    /// All ones.
    pub const MASK: u128 = {
        assert!(N >= 1 && N <= 128, "a signal has 1 to 128 bits");
        u128::MAX >> (128 - N)
    };

    /// The low `N` bits of `value`.
    #[inline(always)]
    pub const fn wrapped(value: u128) -> Self {
        Self(value & Self::MASK)
    }

    /// The low `N` bits of a two's complement number: how a leaf returns a signed result.
    #[inline(always)]
    pub const fn from_signed(value: i64) -> Self {
        Self(value as i128 as u128 & Self::MASK)
    }

    /// The value as an unsigned number; `N` ≤ 64.
    #[inline(always)]
    pub const fn to_u64(self) -> u64 {
        const { assert!(N <= 64, "more than 64 bits") };
        self.0 as u64
    }

    /// The value as an unsigned number.
    #[inline(always)]
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// The value read as two's complement; `N` ≤ 64.
    #[inline(always)]
    pub const fn to_signed(self) -> i64 {
        const { assert!(N <= 64, "more than 64 bits") };
        ((self.0 as u64) << (64 - N)) as i64 >> (64 - N)
    }

    /// The value as an index: bit selects and arrays of blocks.
    #[inline(always)]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Is any bit set? `|x` in Verilog.
    #[inline(always)]
    pub const fn any(&self) -> bool {
        self.0 != 0
    }

    /// Are all bits set? `&x` in Verilog.
    #[inline(always)]
    pub const fn all(&self) -> bool {
        self.0 == Self::MASK
    }

    /// Parity; `^x` in Verilog.
    #[inline(always)]
    pub const fn xor(&self) -> bool {
        self.0.count_ones() % 2 == 1
    }

    /// Bit `index`, 0 beyond the top.
    #[inline(always)]
    pub const fn get_bit(&self, index: usize) -> bool {
        index < N && (self.0 >> index) & 1 == 1
    }

    /// `M` bits from bit `index` up, 0 beyond the top.
    #[inline(always)]
    pub fn get_bits<const M: usize>(&self, index: usize) -> Bits<M> {
        if index < N { Bits::wrapped(self.0 >> index) } else { Bits(0) }
    }

    /// The word with bit `index` set to `value`; unchanged if there is no such bit.
    #[inline(always)]
    pub const fn replace_bit(&self, index: usize, value: bool) -> Self {
        if index >= N {
            return *self;
        }
        Self(self.0 & !(1 << index) | (value as u128) << index)
    }
}

/// A constant in a kernel: `bits::<8>(3)`.
pub fn bits<const N: usize>(value: LiteralType) -> Bits<N> {
    value.into()
}

/// Zero-extends or truncates. In a kernel the argument of a truncation is a plain signal.
#[inline(always)]
pub fn bit_cast<const M: usize, const N: usize>(x: Bits<N>) -> Bits<M> {
    Bits::wrapped(x.0)
}

/// Numbers as words, for loop variables in kernels and for the `LogicState` derive.
pub trait ToBits {
    /// The number as a word; panics if it does not fit.
    fn to_bits<const N: usize>(self) -> Bits<N>;
}

macro_rules! to_bits {
    ($($number: ty),+) => { $(
        impl ToBits for $number {
            #[inline(always)]
            fn to_bits<const N: usize>(self) -> Bits<N> {
                fit(self as u128)
            }
        }
    )+ };
}
to_bits!(u8, u16, u32, u64, usize, u128);

#[inline(always)]
fn fit<const N: usize>(value: u128) -> Bits<N> {
    assert!(value <= Bits::<N>::MASK, "{value} does not fit {N} bits");
    Bits(value)
}

impl<const N: usize> From<LiteralType> for Bits<N> {
    #[inline(always)]
    fn from(value: LiteralType) -> Self {
        fit(value.into())
    }
}

impl From<bool> for Bits<1> {
    #[inline(always)]
    fn from(value: bool) -> Self {
        Bits(value.into())
    }
}

impl From<Bits<1>> for bool {
    #[inline(always)]
    fn from(value: Bits<1>) -> Self {
        value.0 == 1
    }
}

macro_rules! operator {
    ($trait: ident, $method: ident, $apply: expr) => {
        impl<const N: usize> $trait for Bits<N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let apply: fn(u128, u128) -> u128 = $apply;
                Self::wrapped(apply(self.0, other.0))
            }
        }

        impl<const N: usize> $trait<LiteralType> for Bits<N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: LiteralType) -> Self {
                $trait::$method(self, Self::from(other))
            }
        }
    };
}
operator!(Add, add, u128::wrapping_add);
operator!(Sub, sub, u128::wrapping_sub);
operator!(BitAnd, bitand, |a, b| a & b);
operator!(BitOr, bitor, |a, b| a | b);
operator!(BitXor, bitxor, |a, b| a ^ b);

impl<const N: usize> Not for Bits<N> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self::wrapped(!self.0)
    }
}

macro_rules! shift {
    ($trait: ident, $method: ident, $checked: ident) => {
        impl<const N: usize> $trait<LiteralType> for Bits<N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, amount: LiteralType) -> Self {
                let amount = u32::try_from(amount).unwrap_or(128);
                Self::wrapped(self.0.$checked(amount).unwrap_or(0))
            }
        }

        impl<const N: usize, const M: usize> $trait<Bits<M>> for Bits<N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, amount: Bits<M>) -> Self {
                let amount = LiteralType::try_from(amount.0).unwrap_or(LiteralType::MAX);
                $trait::$method(self, amount)
            }
        }
    };
}
shift!(Shl, shl, checked_shl);
shift!(Shr, shr, checked_shr);

impl<const N: usize> fmt::Debug for Bits<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N}'h{:x}", self.0)
    }
}

impl<const N: usize> From<Bits<N>> for VerilogLiteral {
    fn from(value: Bits<N>) -> Self {
        value.0.into()
    }
}

impl<const N: usize> Synth for Bits<N> {
    const BITS: usize = N;

    fn descriptor() -> TypeDescriptor {
        TypeDescriptor { name: format!("Bits::<{N}>"), kind: TypeKind::Bits(N) }
    }

    fn vcd(self) -> VCDValue {
        rust_hdl_core::bits::ToBits::to_bits::<N>(self.0).vcd()
    }

    fn verilog(self) -> VerilogLiteral {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_wraps_at_the_width() {
        let a: Bits<8> = 250.into();
        assert_eq!(a + 10, 4.into());
        assert_eq!(bits::<8>(3) - 4, 255.into());
        assert_eq!(!bits::<5>(1), 30.into());
        let top = Bits::<128>::wrapped(u128::MAX);
        assert_eq!(top + 1, 0.into());
        assert!(top.all() && !top.xor());
    }

    #[test]
    fn shifts_and_slices_drop_what_leaves_the_word() {
        let a: Bits<12> = 0xabc.into();
        assert_eq!(a << 4, 0xbc0.into());
        assert_eq!(a >> bits::<7>(127), 0.into());
        assert_eq!(a << 200, 0.into());
        assert_eq!(a.get_bits::<8>(8), 0xa.into());
        assert_eq!(a.get_bits::<4>(12), 0.into());
        assert_eq!(bit_cast::<4, 12>(a), 0xc.into());
        assert_eq!(bit_cast::<16, 12>(a), 0xabc.into());
        assert_eq!(a.replace_bit(0, true).replace_bit(11, false), 0x2bd.into());
    }

    #[test]
    fn signed_values_go_in_and_out_as_twos_complement() {
        assert_eq!(Bits::<8>::from_signed(-1), 255.into());
        assert_eq!(Bits::<8>::from_signed(-128).to_signed(), -128);
        assert_eq!(Bits::<64>::from_signed(i64::MIN).to_signed(), i64::MIN);
        assert_eq!(bits::<16>(0x7fff).to_signed(), 32767);
    }

    #[test]
    #[should_panic(expected = "300 does not fit 8 bits")]
    fn a_literal_that_does_not_fit_is_an_error() {
        let _: Bits<8> = 300.into();
    }
}
