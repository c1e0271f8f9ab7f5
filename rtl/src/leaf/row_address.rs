//! Address of a row's first word: base + index · (last word + 1).
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none. Written as a sum of shifted copies of the
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
        let mut text = format!("// leaf row_address_{JA}_{KA}_{WA}\n");
        // Writing to a String cannot fail.
        let bits = WA.min(JA);
        let _ = write!(text, "wire [{}:0] row = ", WA - 1);
        match WA.cmp(&JA) {
            std::cmp::Ordering::Greater => {
                let _ = writeln!(text, "{{{}'d0, index}};", WA - JA);
            }
            _ => {
                let _ = writeln!(text, "index[{}:0];", bits - 1);
            }
        }
        let _ = write!(text, "always @* address = base + row");
        for bit in 0..KA {
            let _ = write!(text, "\n    + ({{{WA}{{last_word[{bit}]}}}} & (row << {bit}))");
        }
        text.push(';');
        Verilog::Custom(text)
    }
}
