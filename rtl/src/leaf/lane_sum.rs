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
        const { assert!(W > 1 && W <= 62 && SW <= 62, "2 to 62 bits") };
        self.sum.next = Bits::from_signed(self.term.iter().map(|term| term.val().to_signed()).sum());
    }

    fn connect(&mut self) {
        self.sum.connect();
    }

    fn hdl(&self) -> Verilog {
        let term = |lane: usize| match SW.cmp(&W) {
            std::cmp::Ordering::Greater => super::extended(&format!("term_{lane}"), W, SW),
            _ => format!("term_{lane}[{}:0]", SW - 1),
        };
        let terms: Vec<String> = (0..LANES).map(term).collect();
        Verilog::Custom(format!(
            "// leaf lane_sum_{LANES}xs{W}_s{SW}\nalways @* sum = {};",
            terms.join("\n    + ")
        ))
    }
}
