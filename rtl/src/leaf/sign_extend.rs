//! Sign extension.
//!
//! Latency: 0, wires only. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;

/// `wide = narrow`, both signed; `WW > NW`.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct SignExtend<const NW: usize, const WW: usize> {
    /// Signed.
    pub narrow: Signal<In, Bits<NW>>,
    /// Signed.
    pub wide: Signal<Out, Bits<WW>>,
}

impl<const NW: usize, const WW: usize> Logic for SignExtend<NW, WW> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(WW > NW && NW > 1 && WW <= 64, "extends to more bits, at most 64") };
        self.wide.next = Bits::from_signed(self.narrow.val().to_signed());
    }

    fn connect(&mut self) {
        self.wide.connect();
    }

    fn hdl(&self) -> Verilog {
        let wide = super::extended("narrow", NW, WW);
        Verilog::Custom(format!("// leaf sign_extend_s{NW}_s{WW}\nalways @* wide = {wide};"))
    }
}
