//! Arithmetic shift to the right, rounded to nearest (halves up) or down.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.
//!
//! Nearest needs no second shifter for the constant: with a zero appended below, the shift leaves the last bit
//! that falls out at the bottom, and that bit is the increment. A value to be shifted to either side gets its
//! zeros appended before: `w << (8−f)` or its rounded right shift is `(w << 4)` shifted right by `f − 4`.

use super::saturate::clamp;
use crate::prelude::*;

/// `result = (value + 2^(amount−1)) >> amount` if `NEAREST` and `amount > 0`, else `value >> amount`; limited to
/// `OW` bits. `W` ≤ 62, any amount.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct RoundingShift<const W: usize, const SW: usize, const OW: usize, const NEAREST: bool> {
    /// Signed.
    pub value: Signal<In, Bits<W>>,
    /// Unsigned.
    pub amount: Signal<In, Bits<SW>>,
    /// Signed.
    pub result: Signal<Out, Bits<OW>>,
}

impl<const W: usize, const SW: usize, const OW: usize, const NEAREST: bool> Logic
    for RoundingShift<W, SW, OW, NEAREST>
{
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(W > 1 && W <= 62 && SW <= 6 && OW > 1 && OW <= 62, "2 to 62 bits, amounts of up to 6") };
        let (value, amount) = (self.value.val().to_signed(), self.amount.val().to_u64());
        let shifted = if NEAREST {
            let doubled = (value << 1) >> amount;
            (doubled >> 1) + (doubled & 1)
        } else {
            value >> amount
        };
        self.result.next = Bits::from_signed(super::clamp_signed(shifted, OW));
    }

    fn connect(&mut self) {
        self.result.connect();
    }

    fn hdl(&self) -> Verilog {
        let name = if NEAREST { "rounding" } else { "floor" };
        let top = W - 1;
        let shifted = if NEAREST {
            format!(
                "wire signed [{W}:0] doubled = {{value, 1'b0}};\n\
                 wire signed [{W}:0] halves = doubled >>> amount;\n\
                 wire [{top}:0] shifted = halves[{W}:1] + {{{{{top}{{1'b0}}}}, halves[0]}};\n"
            )
        } else {
            format!("wire signed [{top}:0] number = value;\nwire [{top}:0] shifted = number >>> amount;\n")
        };
        let limit = clamp("shifted", W, "result", OW);
        Verilog::Custom(format!("// leaf {name}_shift_s{W}_by{SW}_s{OW}\n{shifted}{limit}"))
    }
}
