//! Arithmetic shift to the right, rounded to nearest (halves up) or down.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.
//!
//! Nearest needs no second shifter for the constant: with a zero appended below, the shift leaves the last bit
//! that falls out at the bottom, and that bit is the increment. A value to be shifted to either side gets its
//! zeros appended before: `w << (8−f)` or its rounded right shift is `(w << 4)` shifted right by `f − 4`.
//!
//! The largest step comes first: after it only those bits are carried on that the result, or a smaller step, can need.
//! What is above them must be copies of the sign, or the result is limited.

use crate::prelude::*;
use std::fmt::Write;

/// With `s = amount + MIN`: `result = (value + 2^(s−1)) >> s` if `NEAREST` and `s > 0`, else `value >> s`; limited to
/// `OW` bits. `W` ≤ 62, any amount.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct RoundingShift<
    const W: usize,
    const SW: usize,
    const OW: usize,
    const NEAREST: bool,
    const MIN: usize = 0,
> {
    /// Signed.
    pub value: Signal<In, Bits<W>>,
    /// Unsigned.
    pub amount: Signal<In, Bits<SW>>,
    /// Signed.
    pub result: Signal<Out, Bits<OW>>,
}

impl<const W: usize, const SW: usize, const OW: usize, const NEAREST: bool, const MIN: usize> Logic
    for RoundingShift<W, SW, OW, NEAREST, MIN>
{
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(W > MIN + 1 && W <= 62 && SW <= 6 && OW > 1 && OW <= 62 && MIN < 32, "2 to 62 bits") };
        let (value, amount) = (self.value.val().to_signed(), self.amount.val().to_u64());
        let shifted = if NEAREST {
            // Two steps: their sum may be more than a shift of 64 bits can be.
            let doubled = ((value << 1) >> MIN) >> amount;
            (doubled >> 1) + (doubled & 1)
        } else {
            (value >> MIN) >> amount
        };
        self.result.next = Bits::from_signed(super::clamp_signed(shifted, OW));
    }

    fn connect(&mut self) {
        self.result.connect();
    }

    fn hdl(&self) -> Verilog {
        let name = if NEAREST { "rounding" } else { "floor" };
        let from = if MIN == 0 { String::new() } else { format!("_from{MIN}") };
        // Bits of the result, with the increment below it.
        let kept = OW + usize::from(NEAREST);
        let sign = format!("value[{}]", W - 1);
        let mut code = format!("// leaf {name}_shift_s{W}_by{SW}_s{OW}{from}\n");
        let start = match (NEAREST, MIN) {
            (true, 0) => "{value, 1'b0}".to_owned(),
            (true, _) => format!("value[{}:{}]", W - 1, MIN - 1),
            (false, _) => format!("value[{}:{MIN}]", W - 1),
        };
        let mut width = W - MIN + usize::from(NEAREST);
        let mut beyond = Vec::new();
        // Writing to a String cannot fail.
        let _ = writeln!(code, "wire signed [{}:0] step_{SW} = {start};", width - 1);
        for bit in (0..SW).rev() {
            let (by, before) = (1 << bit, bit + 1);
            let _ = writeln!(
                code,
                "wire signed [{}:0] all_{bit} = amount[{bit}] ? step_{before} >>> {by} : step_{before};",
                width - 1
            );
            let carried = width.min(kept + by - 1);
            if carried < width {
                let above = format!("all_{bit}[{}:{}]", width - 1, carried - 1);
                beyond.push(format!("({above} != {{{}{{{sign}}}}})", width - carried + 1));
            }
            width = carried;
            let _ = writeln!(code, "wire signed [{}:0] step_{bit} = all_{bit}[{}:0];", width - 1, width - 1);
        }
        let last = super::extended("step_0", width, kept);
        let beyond = if beyond.is_empty() { "1'b0".to_owned() } else { beyond.join(" || ") };
        let _ = writeln!(code, "wire [{}:0] last = {last};\nwire beyond = {beyond};", kept - 1);
        let limit = format!("{{{sign}, {{{}{{!{sign}}}}}}}", OW - 1);
        if NEAREST {
            let _ = write!(
                code,
                "wire [{}:0] rounded = last[{OW}:1] + {{{{{}{{1'b0}}}}, last[0]}};\n\
                 always @* result = (beyond || (rounded[{top}] && !{sign})) ? {limit} : rounded;",
                OW - 1,
                OW - 1,
                top = OW - 1,
            );
        } else {
            let _ = write!(code, "always @* result = beyond ? {limit} : last;");
        }
        Verilog::Custom(code)
    }
}
