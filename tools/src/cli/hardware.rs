//! `verilog`, `build`, `flash` and `boards`: from a configuration to a board.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use rtl::ip_core::StreamBits;

/// `verilog`
#[derive(Debug, Clone, Args)]
pub struct Verilog {
    /// Configuration: a name, or a board.toml file
    #[arg(long, default_value = "icebreaker", env = "STOP_FPGA_CONFIG", value_name = "CONFIG")]
    pub config: String,

    /// What the core's bytes come and go through: serial pins, nothing (a byte stream with a handshake), or AXI4-Stream
    #[arg(long, value_enum, default_value_t = CoreShell::Uart)]
    pub shell: CoreShell,

    /// Bits of a beat of --shell stream: 32, 64 or 128
    #[arg(long, value_name = "BITS", default_value = "64", value_parser = PossibleValuesParser::new(["32", "64", "128"])
        .map(|bits| StreamBits::ALL.into_iter().find(|known| known.bits().to_string() == bits).unwrap_or(StreamBits::Bits64)))]
    pub stream_bits: StreamBits,

    /// Folder for stop_fpga.v, its waivers for Verilator's lint, manifest.json, and a testbench with its session's bytes
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// Print the manifest on stdout
    #[arg(long)]
    pub json: bool,
}

/// What stands around the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CoreShell {
    /// Serial pins
    Uart,
    /// A byte stream each way, with valid and ready
    None,
    /// AXI4-Stream each way
    Stream,
}

/// `build`
#[derive(Debug, Clone, Args)]
pub struct Build {
    /// The board: a name, or a board.toml file
    #[arg(long, default_value = "icebreaker", env = "STOP_FPGA_CONFIG", value_name = "BOARD")]
    pub board: String,

    /// Folder for the bitstream, its Verilog and its report (index.html and report.json)
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// First seed of the placement; the same seed gives the same bitstream
    #[arg(long, default_value_t = 1)]
    pub seed: u32,

    /// Seeds to try, one after the other, until one meets the board's clock
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub seeds: u32,

    /// Try all N seeds, even after one has met the clock, and take the fastest
    #[arg(long)]
    pub all_seeds: bool,

    /// Give a seed up after so many minutes: on a part that is nearly full some are never routed
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub minutes: u16,

    /// Keep the bitstream and its manifest in this repository, in bitstreams/BOARD/; wants 5 seeds or more
    #[arg(long, requires = "all_seeds")]
    pub keep: bool,

    /// Print the report on stdout
    #[arg(long)]
    pub json: bool,
}

/// `flash`
#[derive(Debug, Clone, Args)]
pub struct Flash {
    /// The board: a name, or a board.toml file
    #[arg(long, default_value = "icebreaker", env = "STOP_FPGA_CONFIG", value_name = "BOARD")]
    pub board: String,

    /// The bitstream, with the report.json of `build` or a manifest.json beside it; where absent, made/BOARD.bin (.bit), else the
    /// repository's
    #[arg(long, value_name = "FILE")]
    pub bitstream: Option<PathBuf>,

    /// Check everything, print the command, run nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `boards`
#[derive(Debug, Clone, Args)]
pub struct Boards {
    /// The network to look at instead of 784-160-10 and 2x17x17-200-10: INPUT-HIDDEN-…-OUTPUT
    #[arg(long, visible_alias = "net", value_name = "NET")]
    pub network: Option<arch::network::Topology>,

    /// Print the boards as JSON on stdout
    #[arg(long)]
    pub json: bool,
}
