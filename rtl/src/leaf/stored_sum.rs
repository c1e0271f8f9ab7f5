//! What a lane's bank is given: the saturated sum of a current and a weight, or a δ in its low byte.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none. Saturating and choosing the δ are one
//! LUT a bit, because what a bit is forced to is an or: δ is to be 0 unless it is stored.

use crate::prelude::*;

/// `stored = sat(current + weight)` to `IW` bits; with `store` its low byte is δ. `WB < IW`. A δ beside a sum that is not
/// stored would join a saturated one by an or.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct StoredSum<const IW: usize, const WB: usize> {
    /// Signed.
    pub current: Signal<In, Bits<IW>>,
    /// Signed.
    pub weight: Signal<In, Bits<WB>>,
    /// Stores δ, above which nobody looks.
    pub store: Signal<In, Bit>,
    /// δ; 0 unless `store`.
    pub delta: Signal<In, Bits<8>>,
    /// For the bank.
    pub stored: Signal<Out, Bits<IW>>,
}

impl<const IW: usize, const WB: usize> Logic for StoredSum<IW, WB> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(WB > 1 && WB < IW && IW > 8 && IW < 60, "a weight is narrower than a current") };
        let sum = self.current.val().to_signed() + self.weight.val().to_signed();
        let limited = super::clamp_signed(sum, IW);
        let bits = Bits::<IW>::from_signed(limited).to_u64();
        let delta = self.delta.val().to_u64();
        self.stored.next = match (self.store.val(), limited == sum) {
            (true, _) => bits >> 8 << 8 | delta,
            (false, true) => bits,
            (false, false) => bits | delta,
        }
        .into();
    }

    fn connect(&mut self) {
        self.stored.connect();
    }

    fn hdl(&self) -> Verilog {
        let (current, weight) =
            (super::extended("current", IW, IW + 1), super::extended("weight", WB, IW + 1));
        Verilog::Custom(format!(
            "// leaf stored_sum_s{IW}_s{WB}\n\
             wire [{IW}:0] exact = {current} + {weight};\n\
             wire beyond = exact[{IW}] != exact[{top}];\n\
             wire forced = beyond | store;\n\
             wire level = ~exact[{IW}] & ~store;\n\
             always @* begin\n\
             \x20   stored[{top}] = exact[{IW}];\n\
             \x20   stored[{below}:8] = beyond ? {{{upper}{{~exact[{IW}]}}}} : exact[{below}:8];\n\
             \x20   stored[7:0] = forced ? ({{8{{level}}}} | delta) : exact[7:0];\n\
             end",
            top = IW - 1,
            below = IW - 2,
            upper = IW - 9,
        ))
    }
}
