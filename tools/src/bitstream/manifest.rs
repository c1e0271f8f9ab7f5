//! What a bitstream is: for which board, made of what, by which tools, how large and how fast.

use std::collections::BTreeMap;

use arch::board::Link;
use arch::{Board, Capacity};
use serde::{Deserialize, Serialize};
use sim::netlist::{NetlistError, source};
use sim::toolchain::Design;
use sim::toolchain::nextpnr::{Part, Report as Placed};
use sim::toolchain::yosys::Statistics;

/// By how much a design may outgrow what is kept of it before somebody has to say so.
pub const GROWTH: f64 = 0.03;

/// What a bitstream is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The board's name.
    pub board: String,
    /// One line for people.
    pub description: String,
    /// Part, package, speed grade.
    pub part: String,
    /// Version of the wire protocol that the core speaks.
    pub abi: u32,
    /// The configuration: what the engine and the link are built with.
    pub engine: Capacity,
    /// See `engine`.
    pub link: Link,
    /// SHA-256 of the Verilog that it was made from.
    pub source_sha256: String,
    /// What each tool calls itself; empty where it does not say.
    pub tools: BTreeMap<String, String>,
    /// Seed of the placement.
    pub seed: u32,
    /// MHz that the board's clock has.
    pub wanted_mhz: f64,
    /// MHz that the slowest clock may have, after routing.
    pub mhz: f64,
    /// The same over all seeds that were tried.
    pub spread: Spread,
    /// How full the part is.
    pub utilisation: Utilisation,
    /// The bitstream's file.
    pub bitstream: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// MHz over seeds: how much of what was reached is luck.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Seeds that were tried.
    pub seeds: u32,
    /// Of those, the ones that met the clock.
    pub met: u32,
    /// Of those, the ones that were not routed: they have no MHz.
    pub unrouted: u32,
    /// MHz of the slowest that was routed.
    pub minimum: f64,
    /// MHz of the one in the middle, or between the two.
    pub median: f64,
    /// MHz of the fastest.
    pub maximum: f64,
}

/// How full a part is. A pair is used and available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Utilisation {
    /// Logic cells of an iCE40 (a LUT, a carry and a flip-flop each); of an ECP5 the LUTs, carries counted as two.
    pub logic_cells: [u64; 2],
    /// LUTs of the synthesised netlist.
    pub luts: u64,
    /// Flip-flops of the synthesised netlist.
    pub flip_flops: u64,
    /// Block RAMs (EBR).
    pub block_rams: [u64; 2],
    /// Large RAMs (SPRAM).
    pub large_rams: [u64; 2],
    /// Multipliers (DSP).
    pub multipliers: [u64; 2],
}

impl Utilisation {
    /// Of a design on a board: its cells by nextpnr, before that by Yosys; what is available by the board's data sheet.
    pub fn of(board: &Board, placed: &Placed, synthesised: &Statistics) -> Self {
        let device = board.device.as_ref();
        let pair = |kinds: [&str; 2], available: fn(&arch::board::Device) -> u32| {
            let used = kinds.iter().filter_map(|kind| placed.utilization.get(*kind));
            [used.map(|cells| cells.used).sum(), device.map_or(0, available).into()]
        };
        Self {
            logic_cells: pair(["ICESTORM_LC", "TRELLIS_COMB"], |device| device.logic_cells),
            luts: ["SB_LUT4", "LUT4"].iter().map(|kind| synthesised.count(kind)).sum(),
            flip_flops: ["SB_DFF", "TRELLIS_FF"].iter().map(|kind| synthesised.count(kind)).sum(),
            block_rams: pair(["ICESTORM_RAM", "DP16KD"], |device| device.block_rams),
            large_rams: pair(["ICESTORM_SPRAM", ""], |device| device.large_rams),
            multipliers: pair(["ICESTORM_DSP", "MULT18X18D"], |device| device.multipliers),
        }
    }

    /// The kinds of cells, their names and the pairs.
    pub fn rows(&self) -> [(&'static str, [u64; 2]); 4] {
        [
            ("logic cells", self.logic_cells),
            ("block RAMs", self.block_rams),
            ("large RAMs", self.large_rams),
            ("multipliers", self.multipliers),
        ]
    }
}

/// The Verilog of a board's bitstream, the part it is for, and the Verilog's hash.
pub fn hashed_source(board: &Board) -> Result<(Design, Part, String), NetlistError> {
    let (design, part) = source(board)?;
    let hash = crate::commands::sha256(design.files[0].text.as_bytes());
    Ok((design, part, hash))
}
