//! Comparison of two numbers, signed or unsigned.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;

/// `less = a < b`, `equal = a == b`; `a ≥ b` is `!less`. `W` ≤ 64.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Compare<const W: usize, const SIGNED: bool> {
    /// Signed if `SIGNED`.
    pub a: Signal<In, Bits<W>>,
    /// Signed if `SIGNED`.
    pub b: Signal<In, Bits<W>>,
    /// a < b.
    pub less: Signal<Out, Bit>,
    /// a = b.
    pub equal: Signal<Out, Bit>,
}

impl<const W: usize, const SIGNED: bool> Logic for Compare<W, SIGNED> {
    #[inline(always)]
    fn update(&mut self) {
        let (a, b) = (self.a.val(), self.b.val());
        self.less.next = if SIGNED { a.to_signed() < b.to_signed() } else { a < b };
        self.equal.next = a == b;
    }

    fn connect(&mut self) {
        self.less.connect();
        self.equal.connect();
    }

    fn hdl(&self) -> Verilog {
        let (name, sign) = if SIGNED { ("s", "signed ") } else { ("u", "") };
        let top = W - 1;
        Verilog::Custom(format!(
            "// leaf compare_{name}{W}\n\
             wire {sign}[{top}:0] left = a;\n\
             wire {sign}[{top}:0] right = b;\n\
             always @* begin\n\
             \x20   less = left < right;\n\
             \x20   equal = left == right;\n\
             end"
        ))
    }
}
