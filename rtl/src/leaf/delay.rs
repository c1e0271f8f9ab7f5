//! Delay: a value of some cycles before; of none, a wire.
//!
//! Latency: `STAGES`. Throughput: one value a cycle. Handshake: none. Reset: none; 0 after configuration.

use crate::prelude::*;
use std::fmt::Write;

/// Registers between two places that lie far apart on a large chip.
#[derive(Clone, Debug, LogicBlock)]
pub struct Delay<const W: usize, const STAGES: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The value.
    pub early: Signal<In, Bits<W>>,
    /// That of `STAGES` cycles before.
    pub late: Signal<Out, Bits<W>>,
    _held: [Bits<W>; STAGES],
}

impl<const W: usize, const STAGES: usize> Default for Delay<W, STAGES> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            early: Default::default(),
            late: Default::default(),
            _held: [Bits::default(); STAGES],
        }
    }
}

impl<const W: usize, const STAGES: usize> Logic for Delay<W, STAGES> {
    #[inline(always)]
    fn update(&mut self) {
        if STAGES == 0 {
            self.late.next = self.early.val();
        } else if self.clock.pos_edge() {
            self._held.rotate_right(1);
            self._held[0] = self.early.val();
            self.late.next = self._held.last().copied().unwrap_or_default();
        }
    }

    fn connect(&mut self) {
        self.late.connect();
    }

    fn hdl(&self) -> Verilog {
        let mut code = format!("// leaf delay_{W}_{STAGES}\n");
        if STAGES == 0 {
            code.push_str("wire unused = clock;\nalways @* late = early;");
            return Verilog::Custom(code);
        }
        let held = |stage| if stage == STAGES { "late".to_owned() } else { format!("held_{stage}") };
        for stage in 1..STAGES {
            let _ = writeln!(code, "reg [{}:0] {};", W - 1, held(stage));
        }
        for stage in 1..=STAGES {
            let before = if stage == 1 { "early".to_owned() } else { held(stage - 1) };
            let _ = writeln!(
                code,
                "initial {0} = {W}'h0;\nalways @(posedge clock) {0} <= {before};",
                held(stage)
            );
        }
        Verilog::Custom(code)
    }
}
