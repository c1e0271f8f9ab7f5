//! Memory with contents: a program, or data with constants among them.
//!
//! Latency: read data one cycle after the address. Throughput: one read and one write a cycle.
//! Handshake: enables; reading and writing one address in one cycle is forbidden and flagged.
//! Reset: none; after configuration every word is as it was given to [`Preset::new`].
//!
//! Otherwise as [`Ram`](super::ram::Ram). Each contents is a module of its own, named after its checksum.

use crate::prelude::*;
use std::fmt::Write;

/// Words of a block RAM at its widest.
const BLOCK: usize = 256;

/// Up to `2^AW` words of `DW` bits, `DW` ≤ 16.
#[derive(Clone, Debug, LogicBlock)]
pub struct Preset<const AW: usize, const DW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Takes `read_address`.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, Bits<AW>>,
    /// The word read last. Undefined before the first read.
    pub read_data: Signal<Out, Bits<DW>>,
    /// Stores `write_data`.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, Bits<AW>>,
    /// Its new value.
    pub write_data: Signal<In, Bits<DW>>,
    _words: Vec<Bits<DW>>,
    _contents: Vec<u16>,
    _collisions: u64,
}

impl<const AW: usize, const DW: usize> Preset<AW, DW> {
    /// A memory of these words; to whole block RAMs of 256, those behind them are 0, and nothing lies behind that.
    pub fn new(contents: &[u16]) -> Self {
        let mut contents = contents.to_vec();
        assert!(contents.len() <= 1 << AW, "{} words in a memory of {}", contents.len(), 1 << AW);
        contents.resize(contents.len().next_multiple_of(BLOCK).min(1 << AW), 0);
        let mut words: Vec<_> = contents.iter().map(|&word| Bits::wrapped(word.into())).collect();
        words.resize(1 << AW, Bits::default());
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _words: words,
            _contents: contents,
            _collisions: 0,
        }
    }

    /// Cycles in which an address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self._collisions
    }

    /// The contents, for a test bench.
    pub fn words(&self) -> &[Bits<DW>] {
        &self._words
    }
}

impl<const AW: usize, const DW: usize> Logic for Preset<AW, DW> {
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
        // The last word first, as Verilog writes a number.
        let mut digits = String::new();
        for word in self._contents.iter().rev() {
            let _ = write!(digits, "{:0width$x}", word, width = DW.div_ceil(4));
        }
        let depth = self._contents.len();
        let bytes: Vec<u8> = self._contents.iter().flat_map(|word| word.to_le_bytes()).collect();
        let checksum = arch::crc::FRAME_CRC.checksum(&bytes);
        Verilog::Custom(format!(
            "// leaf preset_{AW}_{DW}_{checksum:04x}\n\
             localparam [{bits}:0] CONTENTS = {total}'h{digits};\n\
             (* no_rw_check *) reg [{top}:0] words [0:{last}];\n\
             integer word;\n\
             initial for (word = 0; word <= {last}; word = word + 1) words[word] = CONTENTS[word * {stride} +: {DW}];\n\
             always @(posedge clock) begin\n\
             \x20   if (write_enable) words[write_address] <= write_data;\n\
             \x20   if (read_enable) read_data <= words[read_address];\n\
             end\n\
             `ifdef FORMAL\n\
             always @(posedge clock)\n\
             \x20   assert (!(read_enable && write_enable && read_address == write_address));\n\
             `endif",
            bits = stride::<DW>() * depth - 1,
            total = stride::<DW>() * depth,
            stride = stride::<DW>(),
            top = DW - 1,
            last = depth - 1,
        ))
    }
}

/// Bits from word to word in the number that holds all.
const fn stride<const DW: usize>() -> usize {
    DW.div_ceil(4) * 4
}
