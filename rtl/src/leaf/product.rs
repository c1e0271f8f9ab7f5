//! Product of two signed numbers, exact.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none. Yosys turns up to 16×16 into
//! one SB_MAC16 with `-dsp`, and up to 18×18 into one MULT18X18D.

use crate::prelude::*;

/// `product = a · b`; `PW` must be `AW + BW`, at most 64.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Product<const AW: usize, const BW: usize, const PW: usize> {
    /// Signed.
    pub a: Signal<In, Bits<AW>>,
    /// Signed.
    pub b: Signal<In, Bits<BW>>,
    /// Signed.
    pub product: Signal<Out, Bits<PW>>,
}

impl<const AW: usize, const BW: usize, const PW: usize> Logic for Product<AW, BW, PW> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(PW == AW + BW && PW <= 64, "a product has the bits of both factors, at most 64") };
        let product = self.a.val().to_signed() * self.b.val().to_signed();
        self.product.next = Bits::from_signed(product);
    }

    fn connect(&mut self) {
        self.product.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// leaf product_s{AW}_s{BW}\n\
             wire signed [{}:0] factor_a = a;\n\
             wire signed [{}:0] factor_b = b;\n\
             always @* product = factor_a * factor_b;",
            AW - 1,
            BW - 1,
        ))
    }
}
