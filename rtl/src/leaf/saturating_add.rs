//! Saturating sum of two signed numbers, which may have different widths.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.

use super::saturate::clamp;
use crate::prelude::*;

/// `sum = a + b`, limited to `W` bits; all at most 62 bits.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct SaturatingAdd<const AW: usize, const BW: usize, const W: usize> {
    /// Signed.
    pub a: Signal<In, Bits<AW>>,
    /// Signed.
    pub b: Signal<In, Bits<BW>>,
    /// Signed.
    pub sum: Signal<Out, Bits<W>>,
}

impl<const AW: usize, const BW: usize, const W: usize> Logic for SaturatingAdd<AW, BW, W> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(AW > 1 && BW > 1 && W > 1 && AW <= 62 && BW <= 62 && W <= 62, "2 to 62 bits") };
        let sum = self.a.val().to_signed() + self.b.val().to_signed();
        self.sum.next = Bits::from_signed(super::clamp_signed(sum, W));
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        let exact = AW.max(BW) + 1;
        let (a, b) = (super::extended("a", AW, exact), super::extended("b", BW, exact));
        let limit = clamp("exact", exact, "sum", W);
        Verilog::Custom(format!(
            "// leaf saturating_add_s{AW}_s{BW}_s{W}\nwire [{}:0] exact = {a} + {b};\n{limit}",
            exact - 1
        ))
    }
}
