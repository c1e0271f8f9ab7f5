//! Product of two signed numbers added to a third, registered: a DSP block with its adder and its output register.
//!
//! Latency: 1. Throughput: one a cycle. Handshake: none. Reset: none; undefined until the first rising edge, because a
//! register with a start value would not go into the block. Yosys turns 16×16 + 32 into one SB_MAC16 with `-dsp`; nextpnr
//! times its registered output, and nothing that goes through a combinational one.
//!
//! An ECP5's block has no such adder, and product and sum in one cycle are its longest path: with [`PRODUCT_REGISTER`] defined
//! the register stands between the two. What comes out in a cycle is the same.

use crate::prelude::*;

/// The macro that moves the register.
pub const PRODUCT_REGISTER: &str = "PRODUCT_REGISTER";

/// `result <= addend + a · b` modulo `2^W`; `W` at most 64.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct MultiplyAdd<const AW: usize, const BW: usize, const W: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Signed.
    pub a: Signal<In, Bits<AW>>,
    /// Signed.
    pub b: Signal<In, Bits<BW>>,
    /// Signed.
    pub addend: Signal<In, Bits<W>>,
    /// Signed, of the inputs before the last rising edge.
    pub result: Signal<Out, Bits<W>>,
}

impl<const AW: usize, const BW: usize, const W: usize> Logic for MultiplyAdd<AW, BW, W> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(AW + BW <= 60 && W <= 64, "products of up to 60 bits") };
        if self.clock.pos_edge() {
            let product = self.a.val().to_signed() * self.b.val().to_signed();
            self.result.next = Bits::from_signed(self.addend.val().to_signed().wrapping_add(product));
        }
    }

    fn connect(&mut self) {
        self.result.connect();
    }

    fn hdl(&self) -> Verilog {
        // The addend is signed: an unsigned sum of a narrower product leaves adder and register outside the block.
        Verilog::Custom(format!(
            "// leaf multiply_add_s{AW}_s{BW}_s{W}\n\
             wire signed [{}:0] factor_a = a;\n\
             wire signed [{}:0] factor_b = b;\n\
             wire signed [{top}:0] product = factor_a * factor_b;\n\
             wire signed [{top}:0] more = addend;\n\
             `ifdef {PRODUCT_REGISTER}\n\
             reg signed [{top}:0] held_product;\n\
             reg signed [{top}:0] held_more;\n\
             always @(posedge clock) begin\n\
             \x20   held_product <= product;\n\
             \x20   held_more <= more;\n\
             end\n\
             always @* result = held_more + held_product;\n\
             `else\n\
             always @(posedge clock) result <= more + product;\n\
             `endif",
            AW - 1,
            BW - 1,
            top = W - 1,
        ))
    }
}
