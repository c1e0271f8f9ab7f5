//! Memory of one word per lane: shared addresses, a write enable a lane.
//!
//! Latency: read data one cycle after the address. Throughput: one read and one write a cycle.
//! Handshake: enables; reading and writing one address in one cycle is forbidden and flagged.
//! Reset: none; every word is `INIT` after configuration. Timing as in [`Ram`](super::ram::Ram).

use crate::prelude::*;
use std::fmt::Write;

/// `LANES` (≤ 128) banks of `2^AW` words of `W` bits, each `INIT` at first.
#[derive(Clone, Debug, LogicBlock)]
pub struct LaneRam<const LANES: usize, const AW: usize, const W: usize, const INIT: u64 = 0> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Takes `read_address`.
    pub read_enable: Signal<In, Bit>,
    /// Word to read, in all lanes.
    pub read_address: Signal<In, Bits<AW>>,
    /// The words read last; undefined before the first read.
    pub read_data: [Signal<Out, Bits<W>>; LANES],
    /// Lanes that store their `write_data`.
    pub write_lanes: Signal<In, Bits<LANES>>,
    /// Word to write.
    pub write_address: Signal<In, Bits<AW>>,
    /// New values.
    pub write_data: [Signal<In, Bits<W>>; LANES],
    _words: Vec<[Bits<W>; LANES]>,
    _collisions: u64,
}

impl<const LANES: usize, const AW: usize, const W: usize, const INIT: u64> Default
    for LaneRam<LANES, AW, W, INIT>
{
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: [(); LANES].map(|()| Default::default()),
            write_lanes: Default::default(),
            write_address: Default::default(),
            write_data: [(); LANES].map(|()| Default::default()),
            _words: vec![[Bits::from(INIT); LANES]; 1 << AW],
            _collisions: 0,
        }
    }
}

impl<const LANES: usize, const AW: usize, const W: usize, const INIT: u64> LaneRam<LANES, AW, W, INIT> {
    /// Cycles in which an address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self._collisions
    }

    /// The contents, word by word, for a test bench.
    pub fn words(&self) -> &[[Bits<W>; LANES]] {
        &self._words
    }

    /// The contents, for a test bench to fill.
    pub fn words_mut(&mut self) -> &mut [[Bits<W>; LANES]] {
        &mut self._words
    }
}

impl<const LANES: usize, const AW: usize, const W: usize, const INIT: u64> Logic
    for LaneRam<LANES, AW, W, INIT>
{
    #[inline(always)]
    fn update(&mut self) {
        if !self.clock.pos_edge() {
            return;
        }
        let (read, lanes) = (self.read_enable.val(), self.write_lanes.val());
        let (from, to) = (self.read_address.val(), self.write_address.val());
        if read {
            for (data, word) in self.read_data.iter_mut().zip(&self._words[from.index()]) {
                data.next = *word;
            }
        }
        if lanes.any() {
            for (lane, (word, data)) in self._words[to.index()].iter_mut().zip(&self.write_data).enumerate() {
                if lanes.get_bit(lane) {
                    *word = data.val();
                }
            }
            self._collisions += u64::from(read && from == to);
        }
    }

    fn connect(&mut self) {
        self.read_data.iter_mut().for_each(Logic::connect);
    }

    fn hdl(&self) -> Verilog {
        let suffix = if INIT == 0 { String::new() } else { format!("_init_{INIT:x}") };
        let (top, last) = (W - 1, (1usize << AW) - 1);
        let mut code = format!("// leaf lane_ram_{LANES}x{W}_{AW}{suffix}\ninteger word;\n");
        for lane in 0..LANES {
            let enable = if LANES == 1 { "write_lanes".to_owned() } else { format!("write_lanes[{lane}]") };
            let _ = write!(
                code,
                "(* no_rw_check *) reg [{top}:0] words_{lane} [0:{last}];\n\
                 initial for (word = 0; word <= {last}; word = word + 1) words_{lane}[word] = {W}'h{INIT:x};\n\
                 always @(posedge clock) begin\n\
                 \x20   if ({enable}) words_{lane}[write_address] <= write_data_{lane};\n\
                 \x20   if (read_enable) read_data_{lane} <= words_{lane}[read_address];\n\
                 end\n"
            );
        }
        code.push_str(
            "`ifdef FORMAL\n\
             always @(posedge clock) assert (!(read_enable && |write_lanes && read_address == write_address));\n\
             `endif",
        );
        Verilog::Custom(code)
    }
}
