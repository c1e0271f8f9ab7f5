//! Saturation: a wide signed number limited to a narrow one's range.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;

/// `narrow = min(max(wide, −2^(NW−1)), 2^(NW−1) − 1)`; `WW > NW`.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Saturate<const WW: usize, const NW: usize> {
    /// Signed.
    pub wide: Signal<In, Bits<WW>>,
    /// Signed.
    pub narrow: Signal<Out, Bits<NW>>,
}

impl<const WW: usize, const NW: usize> Logic for Saturate<WW, NW> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(NW > 1 && WW > NW && WW <= 64, "saturates to fewer bits") };
        self.narrow.next = Bits::from_signed(super::clamp_signed(self.wide.val().to_signed(), NW));
    }

    fn connect(&mut self) {
        self.narrow.connect();
    }

    fn hdl(&self) -> Verilog {
        let body = clamp("wide", WW, "narrow", NW);
        Verilog::Custom(format!("// leaf saturate_s{WW}_s{NW}\n{body}"))
    }
}

/// Verilog that brings the signed `from` of `wide` bits into the reg `to` of `narrow` bits, extending or limiting
/// it: in range if all bits from the narrow sign up are equal.
pub(super) fn clamp(from: &str, wide: usize, to: &str, narrow: usize) -> String {
    if narrow >= wide {
        return format!("always @* {to} = {};", super::extended(from, wide, narrow));
    }
    format!(
        "wire fits = (&{from}[{top}:{sign}]) || !(|{from}[{top}:{sign}]);\n\
         always @* {to} = fits ? {from}[{sign}:0] : {{{from}[{top}], {{{sign}{{!{from}[{top}]}}}}}};",
        top = wide - 1,
        sign = narrow - 1,
    )
}
