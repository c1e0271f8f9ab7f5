//! Weight memory: one port, written a word or some of its bytes at a time. Maps to iCE40 SPRAM, elsewhere block RAM.
//!
//! Latency: read data one cycle after the address. Throughput: one read or one write a cycle.
//! Handshake: enables; a cycle that writes does not read, and leaves `read_data` undefined until the next read.
//! Reset: none. SPRAM powers up undefined, so the engine writes every word before it reads one; natively it is 0.
//!
//! After a write both halves put [`UNDEFINED`] on `read_data`: Yosys takes an SPRAM's output for unchanged by a
//! write, its own model of the cell says it is not.

use crate::prelude::*;
use std::fmt::Write;

/// In every 16 bits of `read_data` after a write, so that a design which reads it computes nonsense in simulation.
pub const UNDEFINED: u16 = 0xdead;

/// `2^AW` words of `DW` bits, `DW` a multiple of 16 up to 128, `BYTES = DW / 8`.
#[derive(Clone, Debug, LogicBlock)]
pub struct Weights<const AW: usize, const DW: usize, const BYTES: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Word to read or write.
    pub address: Signal<In, Bits<AW>>,
    /// Reads the word.
    pub read_enable: Signal<In, Bit>,
    /// The word read last; undefined before the first read and after a write.
    pub read_data: Signal<Out, Bits<DW>>,
    /// Writes the bytes that `write_bytes` names; goes before `read_enable`.
    pub write_enable: Signal<In, Bit>,
    /// Bytes to write.
    pub write_bytes: Signal<In, Bits<BYTES>>,
    /// Their new values.
    pub write_data: Signal<In, Bits<DW>>,
    _words: Vec<Bits<DW>>,
}

impl<const AW: usize, const DW: usize, const BYTES: usize> Default for Weights<AW, DW, BYTES> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            address: Default::default(),
            read_enable: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_bytes: Default::default(),
            write_data: Default::default(),
            _words: vec![Bits::default(); 1 << AW],
        }
    }
}

impl<const AW: usize, const DW: usize, const BYTES: usize> Weights<AW, DW, BYTES> {
    /// The contents, for a test bench.
    pub fn words(&self) -> &[Bits<DW>] {
        &self._words
    }

    /// The contents, for a test bench to fill.
    pub fn words_mut(&mut self) -> &mut [Bits<DW>] {
        &mut self._words
    }
}

/// All bits of the bytes in a mask.
#[inline(always)]
fn byte_mask(bytes: u64) -> u128 {
    // Each mask bit goes to the lowest bit of its byte, and the product spreads it over the byte.
    let mut low = 0u128;
    let mut left = bytes;
    while left != 0 {
        low |= 1 << (8 * left.trailing_zeros());
        left &= left - 1;
    }
    low * 0xff
}

impl<const AW: usize, const DW: usize, const BYTES: usize> Logic for Weights<AW, DW, BYTES> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(DW.is_multiple_of(16) && BYTES * 8 == DW, "a multiple of 16 bits, and its bytes") };
        if !self.clock.pos_edge() {
            return;
        }
        let word = &mut self._words[self.address.val().index()];
        if self.write_enable.val() {
            let mask = byte_mask(self.write_bytes.val().to_u64());
            *word = Bits::wrapped(word.to_u128() & !mask | self.write_data.val().to_u128() & mask);
            self.read_data.next =
                Bits::wrapped(u128::from(UNDEFINED) * 0x1_0001_0001_0001_0001_0001_0001_0001);
        } else if self.read_enable.val() {
            self.read_data.next = *word;
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        let last = (1usize << AW) - 1;
        let mut code = format!("// leaf weights_{AW}_{DW}\n");
        // One array per 16 bits: the width of an SPRAM.
        for slice in 0..DW / 16 {
            let (low, byte) = (16 * slice, 2 * slice);
            let _ = write!(
                code,
                "reg [15:0] words_{slice} [0:{last}];\n\
                 always @(posedge clock)\n\
                 \x20   if (write_enable) begin\n\
                 \x20       if (write_bytes[{byte}]) words_{slice}[address][7:0] <= write_data[{low}+:8];\n\
                 \x20       if (write_bytes[{}]) words_{slice}[address][15:8] <= write_data[{}+:8];\n\
                 `ifndef SYNTHESIS\n\
                 \x20       read_data[{low}+:16] <= 16'h{UNDEFINED:x};\n\
                 `endif\n\
                 \x20   end else if (read_enable) read_data[{low}+:16] <= words_{slice}[address];\n",
                byte + 1,
                low + 8,
            );
        }
        Verilog::Custom(code)
    }
}
