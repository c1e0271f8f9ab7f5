//! Memory with one read and one write port, for block RAM.
//!
//! Latency: read data one cycle after the address. Throughput: one read and one write a cycle.
//! Handshake: enables; reading and writing one address in one cycle is forbidden and flagged.
//! Reset: none; every word is `INIT` after configuration.
//!
//! ```text
//!   clock         ‾‾‾\___/‾‾‾\___/‾‾‾\___
//!   read_enable   ___/‾‾‾‾‾‾‾\___________
//!   read_address  ---< 5     >-----------
//!   read_data     -----------< m[5]  ....   kept until the next read
//! ```
//!
//! The forbidden collision is what lets Yosys leave out the comparator and bypass that a block RAM would
//! otherwise need on iCE40 (44 flip-flops and 28 LUTs each).

use crate::prelude::*;

/// Bits up to which a memory is made of flip-flops: the block RAM that it would take is worth more where they are few (HX8K).
const FLIP_FLOPS: usize = 128;

/// `2^AW` words of `DW` bits (`DW` ≤ 128), each `INIT` at first.
#[derive(Clone, Debug, LogicBlock)]
pub struct Ram<const AW: usize, const DW: usize, const INIT: u64 = 0> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Takes `read_address`.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, Bits<AW>>,
    /// The word read last. Undefined before the first read: an initial value would cost logic on iCE40.
    pub read_data: Signal<Out, Bits<DW>>,
    /// Stores `write_data`.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<AW>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<DW>>,
    _words: Vec<Bits<DW>>,
    _collisions: u64,
}

impl<const AW: usize, const DW: usize, const INIT: u64> Default for Ram<AW, DW, INIT> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _words: vec![Bits::from(INIT); 1 << AW],
            _collisions: 0,
        }
    }
}

impl<const AW: usize, const DW: usize, const INIT: u64> Ram<AW, DW, INIT> {
    /// Cycles in which an address was read and written at once: a design's test demands 0. Verilog reads an
    /// undefined word then; the native half returns the old one.
    pub fn collisions(&self) -> u64 {
        self._collisions
    }

    /// The contents, for a test bench.
    pub fn words(&self) -> &[Bits<DW>] {
        &self._words
    }

    /// The contents, for a test bench to fill.
    pub fn words_mut(&mut self) -> &mut [Bits<DW>] {
        &mut self._words
    }
}

impl<const AW: usize, const DW: usize, const INIT: u64> Logic for Ram<AW, DW, INIT> {
    #[inline(always)]
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let (read, write) = (self.read_enable.val(), self.write_enable.val());
        let (from, to) = (self.read_address.val(), self.write_address.val());
        if read {
            self.read_data.next = self._words[from.index()];
        }
        if write {
            self._words[to.index()] = self.write_data.val();
        }
        if read && write && from == to {
            self._collisions += 1;
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        let suffix = if INIT == 0 { String::new() } else { format!("_init_{INIT:x}") };
        let style = if DW << AW <= FLIP_FLOPS { ", ram_style = \"logic\"" } else { "" };
        Verilog::Custom(format!(
            "// leaf ram_{AW}_{DW}{suffix}\n\
             (* no_rw_check{style} *) reg [{top}:0] words [0:{last}];\n\
             integer word;\n\
             initial for (word = 0; word <= {last}; word = word + 1) words[word] = {DW}'h{INIT:x};\n\
             always @(posedge clock) begin\n\
             \x20   if (write_enable) words[write_address] <= write_data;\n\
             \x20   if (read_enable) read_data <= words[read_address];\n\
             end\n\
             `ifdef FORMAL\n\
             always @(posedge clock)\n\
             \x20   assert (!(read_enable && write_enable && read_address == write_address));\n\
             `endif",
            top = DW - 1,
            last = (1usize << AW) - 1,
        ))
    }
}
