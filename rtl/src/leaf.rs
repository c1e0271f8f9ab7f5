//! Leaf blocks: arithmetic and memories, stated twice, as integers and as Verilog.
//!
//! A leaf's ports are [`Bits`](crate::bits::Bits); what is signed says so in its name or port's documentation. Its
//! `update` computes on machine integers without allocating; its `hdl` returns the body of a Verilog module whose
//! first line is `// leaf NAME`, from which [`crate::verilog`] takes the module's name, so that every
//! parameterisation is emitted once. [`catalog::catalog`] lists leaves with parameters for `sim/tests/leaves.rs`, which
//! holds the two halves together in Verilator and after synthesis.

pub mod catalog;
pub mod compare;
pub mod delay;
pub mod first_set;
pub mod lane_ram;
pub mod lane_sum;
pub mod multiply_add;
pub mod pick;
pub mod preset;
pub mod ram;
pub mod register;
pub mod rounding_shift;
pub mod row_address;
pub mod saturate;
pub mod saturating_add;
pub mod sign_extend;
pub mod stimuli;
pub mod stored_sum;
pub mod weights;

/// The range of a two's complement number of `width` bits.
#[inline(always)]
pub(crate) const fn signed_range(width: usize) -> (i64, i64) {
    (-1 << (width - 1), !(-1 << (width - 1)))
}

/// `value` limited to a two's complement number of `width` bits.
#[inline(always)]
pub(crate) const fn clamp_signed(value: i64, width: usize) -> i64 {
    let (low, high) = signed_range(width);
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

/// Verilog of the signed word `name` of `from` bits at `to` bits.
fn extended(name: &str, from: usize, to: usize) -> String {
    let sign = from - 1;
    match to - from {
        0 => name.to_owned(),
        more => format!("{{{{{more}{{{name}[{sign}]}}}}, {name}}}"),
    }
}
