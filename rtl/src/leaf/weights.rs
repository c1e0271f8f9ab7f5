//! Weight memory: one port, read a word at a time, written lane by lane. Maps to iCE40 SPRAM, elsewhere block RAM.
//!
//! Latency: read data one cycle after the address. Throughput: one read or one write a cycle.
//! Handshake: enables; a cycle that writes does not read, and leaves `read_data` undefined until the next read.
//! Reset: none. SPRAM powers up undefined, so the engine writes every word before it reads one; natively it is 0.
//!
//! After a write both halves put [`UNDEFINED`] on `read_data`: Yosys takes an SPRAM's output for unchanged by a
//! write, its own model of the cell says it is not.

use crate::prelude::*;
use std::fmt::Write;

/// In every 16 bits of a word after a write, so that a design which reads it computes nonsense in simulation.
pub const UNDEFINED: u16 = 0xdead;

/// What a lane of `bits` bits shows after a write.
pub(crate) fn undefined(lane: usize, bits: usize) -> u16 {
    if bits == 16 { UNDEFINED } else { UNDEFINED >> (8 * (lane % 2)) & 0xff }
}

/// `2^AW` words of `LANES` weights of `WB` bits: 16, or 8 and an even number of lanes.
#[derive(Clone, Debug, LogicBlock)]
pub struct Weights<const AW: usize, const LANES: usize, const WB: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read or write.
    pub address: Signal<In, Bits<AW>>,
    /// Reads the word.
    pub read_enable: Signal<In, Bit>,
    /// The word read last; undefined before the first read and after a write.
    pub read_data: [Signal<Out, Bits<WB>>; LANES],
    /// Writes the lanes that `write_lanes` names; goes before `read_enable`.
    pub write_enable: Signal<In, Bit>,
    /// Lanes to write.
    pub write_lanes: Signal<In, Bits<LANES>>,
    /// Their new weights.
    pub write_data: [Signal<In, Bits<WB>>; LANES],
    _words: Vec<[Bits<WB>; LANES]>,
}

impl<const AW: usize, const LANES: usize, const WB: usize> Default for Weights<AW, LANES, WB> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            address: Default::default(),
            read_enable: Default::default(),
            read_data: [(); LANES].map(|()| Default::default()),
            write_enable: Default::default(),
            write_lanes: Default::default(),
            write_data: [(); LANES].map(|()| Default::default()),
            _words: vec![[Bits::default(); LANES]; 1 << AW],
        }
    }
}

impl<const AW: usize, const LANES: usize, const WB: usize> Logic for Weights<AW, LANES, WB> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(WB == 16 || WB == 8 && LANES.is_multiple_of(2), "whole pairs of bytes") };
        if !self.clock.pos_edge() {
            return;
        }
        let word = &mut self._words[self.address.val().index()];
        if self.write_enable.val() {
            let lanes = self.write_lanes.val().to_u64();
            for (lane, weight) in word.iter_mut().enumerate() {
                if lanes >> lane & 1 == 1 {
                    *weight = self.write_data[lane].val();
                }
                self.read_data[lane].next = Bits::wrapped(undefined(lane, WB).into());
            }
        } else if self.read_enable.val() {
            for (shown, weight) in self.read_data.iter_mut().zip(word) {
                shown.next = *weight;
            }
        }
    }

    fn connect(&mut self) {
        self.read_data.iter_mut().for_each(Logic::connect);
    }

    fn hdl(&self) -> Verilog {
        let last = (1usize << AW) - 1;
        let mut code = format!("// leaf weights_{AW}_{LANES}x{WB}\n");
        // One array per 16 bits: the width of an SPRAM.
        for (slice, first) in (0..LANES).step_by(16 / WB).enumerate() {
            let lanes = first..first + 16 / WB;
            let writes: String = lanes
                .clone()
                .map(|lane| {
                    let (low, high) = (WB * (lane - first), WB * (lane - first) + WB - 1);
                    format!(
                        "        if (write_lanes[{lane}]) words_{slice}[address][{high}:{low}] <= write_data_{lane};\n"
                    )
                })
                .collect();
            let shown: Vec<String> = lanes.rev().map(|lane| format!("read_data_{lane}")).collect();
            let shown = format!("{{{}}}", shown.join(", "));
            let _ = write!(
                code,
                "reg [15:0] words_{slice} [0:{last}];\n\
                 always @(posedge clock)\n\
                 \x20   if (write_enable) begin\n\
                 {writes}\
                 `ifndef SYNTHESIS\n\
                 \x20       {shown} <= 16'h{UNDEFINED:x};\n\
                 `endif\n\
                 \x20   end else if (read_enable) {shown} <= words_{slice}[address];\n",
            );
        }
        Verilog::Custom(code)
    }
}
