//! What a person can type.

use std::num::NonZero;
use std::path::PathBuf;

use ::events::SeededSplit;
use ::events::pipeline::Pipeline;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::preparation::Preparation;
use crate::recipe::Recipe;

pub mod events;
pub mod hardware;
pub mod on;
pub mod serve;
pub mod stream;

pub use events::Events;
pub use hardware::{Boards, Build, CoreShell, Flash, Verilog};
pub use on::{On, OnSeveral, Which};
pub use serve::Serve;
pub use stream::{Pace, Stream};

/// Something failed; stderr says what and what to do.
pub const EXIT_FAILURE: u8 = 1;
/// `doctor` found something missing, `events check` something damaged.
pub const EXIT_INCOMPLETE: u8 = 3;
/// Interrupted; the last completed epoch is kept.
pub const EXIT_INTERRUPTED: u8 = 130;

/// Train spiking neural networks on an FPGA, or on a virtual one
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 doctor or check found something, 130 interrupted."
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train on bundled event-camera recordings, show how it went, write a report
    Demo(Demo),
    /// Train a network on a board
    Train(Box<Train>),
    /// Classify recordings with a trained network
    Eval(Eval),
    /// Decide on events as they come, live or from a recording
    Stream(Box<Stream>),
    /// Look at recordings
    #[command(subcommand)]
    Events(Events),
    /// Compare what learns on a task with time in it: no trace, W, WL, WT and WTL
    Ablate(Ablate),
    /// Be a board: serve the wire protocol on a pseudo-terminal or a socket
    VirtualBoard(VirtualBoard),
    /// Share a board over TCP: one owner at a time, who knows the token
    Serve(Serve),
    /// Write the hardware of a configuration as Verilog
    Verilog(Verilog),
    /// Make a board's bitstream: Verilog, Yosys, nextpnr, packer
    Build(Build),
    /// Write a bitstream to its board, with openFPGALoader or the board's other program
    Flash(Flash),
    /// List the boards: what each holds, which networks fit
    Boards(Boards),
    /// Run the equations in 64-bit floating point on a case file, print everything they compute
    Reference(Reference),
    /// Say what this machine and a board have, what is missing, and how to get it
    Doctor(Doctor),
    /// Fill the folder of external tools: Yosys, nextpnr, packers, Verilator
    Setup(Setup),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How images become spikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Code {
    /// A spike with a probability of brightness/256 at each step, drawn anew each epoch
    Rate,
    /// Evenly spaced spikes at the same mean rate
    Regular,
    /// One spike a pixel, the sooner the brighter
    Latency,
    /// Spikes where brightness changes as the image moves around a square of one pixel; input 2xHxW or 1xHxW
    Difference,
}

/// `demo`
#[derive(Debug, Clone, Args)]
pub struct Demo {
    #[command(flatten)]
    pub on: On,

    /// Passes over the 800 recordings
    #[arg(long, default_value_t = 20)]
    pub epochs: u32,

    /// Seed of weights, order and noise
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Folder of the report
    #[arg(long, default_value = "demo-report", value_name = "DIR")]
    pub report: PathBuf,

    /// Print the result as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `train`
#[derive(Debug, Clone, Args)]
pub struct Train {
    /// Recordings to learn: DIR or FILE.zip/DIR of folders by label, a CSV list of files and labels, an IDX file of images,
    /// bundled:train, delayed-decision:KEY=VALUE,…, or a data set by name and place, such as dvs-gesture:PATH
    #[arg(long, value_name = "SRC")]
    pub train: String,

    /// Recordings to test on after each epoch
    #[arg(long, value_name = "SRC")]
    pub test: Option<String>,

    /// Network: INPUT-HIDDEN-…-OUTPUT, such as 784-160-10 or 2x17x17-200-10
    #[arg(long, value_name = "NET")]
    pub net: arch::network::Topology,

    /// Time steps of a recording
    #[arg(long, default_value_t = 16, value_name = "T")]
    pub steps: u16,

    /// Passes over the recordings
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub epochs: u32,

    /// Seed of weights, order and noise
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    #[command(flatten)]
    pub on: OnSeveral,

    /// Cut each epoch into N shares, learned side by side and averaged; as many as boards where there are several
    #[arg(long, value_name = "N")]
    pub shares: Option<NonZero<u32>>,

    #[command(flatten)]
    pub preparation: Preparation,

    #[command(flatten)]
    pub recipe: Recipe,

    /// How images become spikes
    #[arg(long, value_enum, default_value_t = Code::Rate)]
    pub code: Code,

    /// Use only the first N recordings of --train
    #[arg(long, value_name = "N")]
    pub train_limit: Option<usize>,

    /// Use only the first N recordings of --test
    #[arg(long, value_name = "N")]
    pub test_limit: Option<usize>,

    /// Keep the last N recordings of --train out of learning and test on them instead: for choosing settings, which
    /// must not be done on the test recordings
    #[arg(long, value_name = "N", conflicts_with = "test")]
    pub hold_out: Option<usize>,

    /// Write the parameters here at each checkpoint and after each epoch, as safetensors
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Go on from the last checkpoint or epoch that --out holds
    #[arg(long, requires = "out")]
    pub resume: bool,

    /// Keep a checkpoint every N recordings, to go on from where the board or this program is lost; by default as often as costs
    /// under 2 % of what travels
    #[arg(long, value_name = "N")]
    pub checkpoint_every: Option<NonZero<u32>>,

    /// How long to try to reach a board again that was lost
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    pub reconnect: u32,

    /// Write a report (index.html and report.json) into this folder
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// Print the result as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `eval`
#[derive(Debug, Clone, Args)]
pub struct Eval {
    /// Parameters written by `train --out`
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,

    /// Recordings to classify
    #[arg(long, value_name = "SRC")]
    pub test: String,

    /// Time steps of a recording; as trained where absent
    #[arg(long, value_name = "T")]
    pub steps: Option<u16>,

    #[command(flatten)]
    pub on: OnSeveral,

    /// Use only the first N recordings
    #[arg(long, value_name = "N")]
    pub test_limit: Option<usize>,

    /// Stages that recordings pass, between |, or a file of them that ends in .toml; as trained where absent, and none for ''
    #[arg(long, value_name = "STAGES", value_parser = Pipeline::open)]
    pub pipeline: Option<Pipeline>,

    /// Classify only what train with the same --split does not learn from
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<SeededSplit>,

    /// Write a report (index.html and report.json) into this folder
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// Print the result as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `ablate`
#[derive(Debug, Clone, Args)]
pub struct Ablate {
    #[command(flatten)]
    pub on: On,

    /// Seeds, each a run of every variant
    #[arg(long, default_value_t = 5)]
    pub seeds: u64,

    /// Passes over the recordings
    #[arg(long, default_value_t = 10)]
    pub epochs: u32,

    /// Print the results as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// What computes behind a virtual board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// The bit-exact model
    Model,
    /// The hardware's blocks, stepped in this process
    Rtl,
    /// The hardware's Verilog, in Verilator
    Verilator,
    /// The netlist that the board's bitstream is made of, in Verilator
    Netlist,
    /// The board's bitstream, taken apart, in Verilator: of the HX8K
    Bitstream,
}

/// `virtual-board`
#[derive(Debug, Clone, Args)]
pub struct VirtualBoard {
    /// What computes
    #[arg(long, value_enum, default_value_t = Backend::Model)]
    pub backend: Backend,

    /// Configuration: a name, or a board.toml file
    #[arg(long, default_value = "icebreaker", env = "STOP_FPGA_CONFIG", value_name = "CONFIG")]
    pub config: String,

    /// Write the waves of a simulated board to this file (VCD): of --backend rtl the last 20,000 cycles or more
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Make a pseudo-terminal and link PATH to it: the port to give to serial:PATH
    #[arg(long, value_name = "PATH", required_unless_present_any = ["tcp", "xdma", "litepcie"])]
    pub pty: Option<PathBuf>,

    /// Listen on HOST:PORT; :PORT is this machine only
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "pty")]
    pub tcp: Option<String>,

    /// Stand in for an XDMA card on PCI Express: two FIFOs in DIR in the place of its device files
    #[arg(long, value_name = "DIR", conflicts_with_all = ["pty", "tcp"])]
    pub xdma: Option<PathBuf>,

    /// Stand in for a LitePCIe card: FILE, 4 MiB, in the place of its device file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pty", "tcp", "xdma"])]
    pub litepcie: Option<PathBuf>,
}

/// `reference`
#[derive(Debug, Clone, Args)]
pub struct Reference {
    /// Case file; docs/reference.md describes it
    #[arg(long, value_name = "FILE")]
    pub case: PathBuf,
}

/// `doctor`
#[derive(Debug, Clone, Args)]
pub struct Doctor {
    /// Also connect to this board, say what it is, and test it in some seconds: link, memories, learning. What its memories hold
    /// is put back
    #[arg(long, env = "STOP_FPGA_BOARD", value_name = "BOARD")]
    pub board: Option<String>,

    /// Configuration of a model or simulated board
    #[arg(long, default_value = "icebreaker", env = "STOP_FPGA_CONFIG", value_name = "CONFIG")]
    pub config: String,

    /// Only say what the board is
    #[arg(long)]
    pub no_self_test: bool,

    /// Baud rate of a serial port
    #[arg(long, default_value_t = 3_000_000, env = "STOP_FPGA_BAUD", value_name = "BAUD")]
    pub baud: u32,

    /// Print the findings as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `setup`
#[derive(Debug, Clone, Args)]
pub struct Setup {
    /// Where to; .tools/ of the repository where absent
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
