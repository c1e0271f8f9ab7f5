//! Sum over the lanes.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;

/// `sum = Σ term`, signed; `W` bits each, `SW` of the sum, which must hold it.
#[derive(Clone, Debug, LogicBlock)]
pub struct LaneSum<const LANES: usize, const W: usize, const SW: usize> {
    /// Signed.
    pub term: [Signal<In, Bits<W>>; LANES],
    /// Signed.
    pub sum: Signal<Out, Bits<SW>>,
}

impl<const LANES: usize, const W: usize, const SW: usize> Default for LaneSum<LANES, W, SW> {
    fn default() -> Self {
        Self { term: [(); LANES].map(|()| Default::default()), sum: Default::default() }
    }
}

impl<const LANES: usize, const W: usize, const SW: usize> Logic for LaneSum<LANES, W, SW> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(LANES > 0 && W > 1 && W <= SW && SW <= 62, "2 to 62 bits") };
        self.sum.next = Bits::from_signed(self.term.iter().map(|term| term.val().to_signed()).sum());
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        // A tree of sums of two. `keep` holds Yosys back from making one sum of many of them, whose carry-save adders
        // cost two LUTs a bit.
        let mut level: Vec<(String, usize)> = (0..LANES).map(|lane| (format!("term_{lane}"), W)).collect();
        let (mut lines, mut sums) = (String::new(), 0);
        while level.len() > 1 {
            let mut next = Vec::new();
            for pair in level.chunks(2) {
                let [(a, wide), (b, narrow)] = pair else {
                    next.extend_from_slice(pair);
                    continue;
                };
                let width = (*wide.max(narrow) + 1).min(SW);
                let (a, b) = (super::extended(a, *wide, width), super::extended(b, *narrow, width));
                lines.push_str(&format!("(* keep *) wire [{}:0] sum_{sums} = {a} + {b};\n", width - 1));
                next.push((format!("sum_{sums}"), width));
                sums += 1;
            }
            level = next;
        }
        let (last, width) = &level[0];
        Verilog::Custom(format!(
            "// leaf lane_sum_{LANES}xs{W}_s{SW}\n{lines}always @* sum = {};",
            super::extended(last, *width, SW)
        ))
    }
}
