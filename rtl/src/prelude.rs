//! Everything a block's file needs: rust-hdl's traits and macros, with our [`Bits`] in place of its own.

pub use crate::bits::{Bits, ToBits, bit_cast, bits};
pub use crate::leaf::register::DFF;
pub use crate::{comment, dff_setup};
pub use rust_hdl_core::prelude::*;

/// In a kernel, `comment!("…")`: a comment in the Verilog, nothing natively.
#[macro_export]
macro_rules! comment {
    ($text: literal) => {};
}
