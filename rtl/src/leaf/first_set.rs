//! Finds the lowest set bit of a 16-bit word.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;

/// `index` of the lowest set bit and the word without it; 0 and 0 if there is none.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct FirstSet {
    /// Bits to look at.
    pub word: Signal<In, Bits<16>>,
    /// Is any bit set?
    pub any: Signal<Out, Bit>,
    /// The lowest set bit's number.
    pub index: Signal<Out, Bits<4>>,
    /// `word` with that bit cleared.
    pub rest: Signal<Out, Bits<16>>,
}

impl Logic for FirstSet {
    #[inline(always)]
    fn update(&mut self) {
        let word = self.word.val().to_u64();
        self.any.next = word != 0;
        self.index.next = Bits::wrapped(u128::from(if word == 0 { 0 } else { word.trailing_zeros() }));
        self.rest.next = Bits::wrapped(u128::from(word & word.wrapping_sub(1)));
    }

    fn connect(&mut self) {
        self.any.connect();
        self.index.connect();
        self.rest.connect();
    }

    fn hdl(&self) -> Verilog {
        // The lowest set bit alone, one-hot; each index bit is then an OR.
        Verilog::Custom(
            "// leaf first_set_16\n\
             wire [15:0] lowest = word & (~word + 16'd1);\n\
             always @* begin\n\
             \x20   any = |word;\n\
             \x20   index = {|(lowest & 16'hff00), |(lowest & 16'hf0f0), |(lowest & 16'hcccc), |(lowest & 16'haaaa)};\n\
             \x20   rest = word & ~lowest;\n\
             end"
            .to_owned(),
        )
    }
}
