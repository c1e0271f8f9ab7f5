//! Why a board can't be had or used, and what to do about it.

use arch::board::BoardError;
use driver::share::TokenError;
use driver::transport::FaultsError;
use driver::{SessionError, TransportError};
use model::float;
use sim::bitstream::BitstreamError;
use sim::hardware::HardwareError;
use sim::toolchain::unpack::UnpackError;
use sim::toolchain::verilator::VerilatorError;

/// A board that can't be had or used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BoardUseError {
    /// A `--board` that names nothing.
    #[error(
        "--board {seen}: wanted model, rtl, verilator, netlist, bitstream, bitstream:FILE, float, serial:PORT, tcp:HOST:PORT, pcie:CARD, or faulty:FAULTS:BOARD around one with a wire"
    )]
    #[diagnostic(help("serial ports here: {}", serial_ports()))]
    Unknown {
        /// What was asked for.
        seen: String,
    },
    /// A token that is none.
    #[error("STOP_FPGA_TOKEN: {0}")]
    #[diagnostic(help("it is the one that `stop-fpga serve` was started with or has printed"))]
    Token(#[from] TokenError),
    /// Faults that are not written as they should be.
    #[error("--board faulty: {0}")]
    Faults(#[from] FaultsError),
    /// Power that can't be taken from here.
    #[error(
        "--board faulty:reset=…: nobody here can take the power from {board}: wanted model, rtl, verilator, netlist or bitstream, or no reset"
    )]
    NoSwitch {
        /// The board.
        board: String,
    },
    /// Power that nobody takes while time is counted.
    #[error(
        "--board faulty:reset=…: simulated hardware behind a line with delays keeps its power: leave out latency and baud, or reset"
    )]
    Powered,
    /// A line that is not the board's.
    #[error(
        "--board faulty:baud={seen}: the simulated board's pins have {pins} bits a second: wanted that, or leave baud out"
    )]
    Pins {
        /// The rate asked for.
        seen: u32,
        /// The rate of its pins.
        pins: u32,
    },
    /// A configuration that can't be had.
    #[error(transparent)]
    Config(#[from] BoardError),
    /// The simulated hardware can't be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Hardware(#[from] SimulationError),
    /// A bitstream that can't be read.
    #[error("--board bitstream:{path}: {problem}")]
    Bitstream {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The port could not be opened.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The board could not be used as asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Session(#[from] WireError),
    /// A network that the float model refuses.
    #[error(transparent)]
    Float(#[from] float::NetworkError),
    /// A sample that the float model refuses.
    #[error(transparent)]
    Sample(#[from] float::SampleError),
    /// Integers asked of floats.
    #[error("--board float has no parameters in a board's formats: {what}")]
    NoParameters {
        /// What needed them.
        what: &'static str,
    },
}

/// A session's error with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct WireError(#[from] SessionError);

impl miette::Diagnostic for WireError {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        let help = match &self.0 {
            SessionError::Layout { .. } => {
                "a smaller --net, or another board; --config virtual-w8 and virtual-w16 are roomy models \
                 that no device stands for"
            }
            SessionError::GivenUp { .. } | SessionError::Link(_) => {
                "`train --out` keeps the last checkpoint: once the board is back, the same command with --resume goes on from it"
            }
            _ => return None,
        };
        Some(Box::new(help))
    }
}

/// Simulated hardware that can't be had, with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SimulationError(#[from] pub HardwareError);

impl miette::Diagnostic for SimulationError {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        match &self.0 {
            HardwareError::NoHardware(_) => Some(Box::new("use --board model, or one of these as --config")),
            HardwareError::Bitstream(BitstreamError::Unpack(UnpackError::Part(_))) => {
                Some(Box::new("--config hx8k-breakout; --board netlist simulates the others"))
            }
            HardwareError::Verilator(VerilatorError::Missing(_)) => Some(Box::new(
                "`cargo xtask tools` gets it; --board rtl needs nothing but Rust and is slower",
            )),
            _ => None,
        }
    }
}

impl From<SessionError> for BoardUseError {
    fn from(error: SessionError) -> Self {
        Self::Session(WireError(error))
    }
}

fn serial_ports() -> String {
    let ports = driver::transport::serial::known_ports();
    if ports.is_empty() { "none".to_owned() } else { ports.join(", ") }
}
