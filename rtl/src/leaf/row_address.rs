//! Address of a row's first word: base + index · (last word + 1).
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none. Written as a sum of multiples of the
//! index, so that synthesis does not spend a multiplier block on it: on iCE40 each belongs to a lane.

use crate::prelude::*;
use std::fmt::Write;

/// `address = base + index · (last_word + 1)` modulo `2^WA`; `last_word` has `KA` bits, `index` `JA`.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct RowAddress<const JA: usize, const KA: usize, const WA: usize> {
    /// Number of the row.
    pub index: Signal<In, Bits<JA>>,
    /// Words of a row, less one.
    pub last_word: Signal<In, Bits<KA>>,
    /// First word of row 0.
    pub base: Signal<In, Bits<WA>>,
    /// First word of the row.
    pub address: Signal<Out, Bits<WA>>,
}

impl<const JA: usize, const KA: usize, const WA: usize> Logic for RowAddress<JA, KA, WA> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(JA + KA < 60 && WA < 60, "fits 64 bits") };
        let rows = self.index.val().to_u64() * (self.last_word.val().to_u64() + 1);
        self.address.next = Bits::wrapped(u128::from(self.base.val().to_u64() + rows));
    }

    fn connect(&mut self) {
        self.address.connect();
    }

    fn hdl(&self) -> Verilog {
        // Two bits of the pitch at a time: none, one, two or three rows. `keep` holds Yosys back from a sum of many, whose
        // carry-save adders cost two LUTs a bit.
        let mut text = format!("// leaf row_address_{JA}_{KA}_{WA}\n");
        let wide = JA + 2;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "wire [{top}:0] row = {{2'b00, index}};\n\
             (* keep *) wire [{top}:0] rows = row + (row << 1);\n\
             wire [{last}:0] sum_0 = base + {first};\n",
            top = wide - 1,
            last = WA - 1,
            first = resized("row", wide, WA),
        );
        let mut sums = 0;
        for low in (0..KA).step_by(2) {
            let high = if low + 1 < KA { format!("last_word[{}]", low + 1) } else { "1'b0".to_owned() };
            let part = resized(&format!("part_{low}"), wide, WA);
            let _ = write!(
                text,
                "wire [{top}:0] part_{low} = {high} ? (last_word[{low}] ? rows : (row << 1))\n\
                 \x20   : (last_word[{low}] ? row : {wide}'d0);\n\
                 (* keep *) wire [{last}:0] sum_{} = sum_{sums} + ({part} << {low});\n",
                sums + 1,
                top = wide - 1,
                last = WA - 1,
            );
            sums += 1;
        }
        let _ = write!(text, "always @* address = sum_{sums};");
        Verilog::Custom(text)
    }
}

/// Verilog of the unsigned word `name` of `from` bits at `to` bits.
fn resized(name: &str, from: usize, to: usize) -> String {
    match to.cmp(&from) {
        std::cmp::Ordering::Greater => format!("{{{}'d0, {name}}}", to - from),
        std::cmp::Ordering::Equal => name.to_owned(),
        std::cmp::Ordering::Less => format!("{name}[{}:0]", to - 1),
    }
}
