//! A bitstream as a board to be simulated: what is left when everything that made it is forgotten.
//!
//! ```text
//!   netlist ──nextpnr, icepack──> bitstream ──iceunpack, icebox_vlog──> cells and wires of the chip ──Verilator──> board
//! ```

use std::time::Duration;

use arch::Board;
use arch::board::PinError;
use rtl::shell::Ice40Pll;

use crate::netlist::{NetlistError, behind_pins, source, synthesise, with_models};
use crate::toolchain::nextpnr::{NextpnrError, Part, Request, place_and_route};
use crate::toolchain::pack::{PackError, pack};
use crate::toolchain::unpack::{self, CHIP, UnpackError};
use crate::toolchain::yosys::{YosysError, with_ice40_cells};
use crate::toolchain::{Design, Ports, RunError, Tool};

/// What making a bitstream and taking it apart takes, beside Verilator.
pub const TOOLS: &[Tool] =
    &[Tool::Yosys, Tool::NextpnrIce40, Tool::Icepack, Tool::Iceunpack, Tool::IceboxVlog];

/// Seeds that are tried until one meets the clock.
const SEEDS: u32 = 8;
/// How long nextpnr may take for one.
const A_SEED: Duration = Duration::from_secs(600);

/// A bitstream that was not made or can't be simulated.
#[derive(Debug, thiserror::Error)]
pub enum BitstreamError {
    /// There is no netlist.
    #[error(transparent)]
    Netlist(#[from] NetlistError),
    /// Yosys is missing or refuses.
    #[error(transparent)]
    Yosys(#[from] YosysError),
    /// The board's two files disagree.
    #[error(transparent)]
    Pins(#[from] PinError),
    /// It does not fit, no seed meets the clock, or nextpnr is missing.
    #[error(transparent)]
    Nextpnr(#[from] NextpnrError),
    /// It was not packed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// It was not taken apart.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// Its PLL makes another clock than the board's.
    #[error("the PLL in the bitstream is set to {seen:?}; `{board}` wants {wanted:?}")]
    Pll {
        /// The board's name.
        board: String,
        /// What is in the bitstream.
        seen: Option<Ice40Pll>,
        /// What makes the board's clock.
        wanted: Option<Ice40Pll>,
    },
}

/// The bitstream of `board`, as `build` makes it.
///
/// Errors: a tool is missing; the board's bitstreams can't be taken apart; none of eight seeds meets the clock.
pub fn make(board: &Board) -> Result<Vec<u8>, BitstreamError> {
    let (design, part) = source(board)?;
    // Known now instead of after minutes.
    unpack::package(part)?;
    let pins = board.constraints()?;
    let netlist = synthesise(part, &design)?;
    let mhz = f64::from(board.engine.clock_hz) / 1e6;
    let mut seed = 1;
    loop {
        let full = part.nearly_full();
        let request = Request { part, mhz, seed, pins: Some(pins.to_owned()), full, limit: A_SEED };
        match place_and_route(&netlist, &request) {
            Err(NextpnrError::Timing { .. } | NextpnrError::Run(RunError::TooLong { .. }))
                if seed < SEEDS =>
            {
                seed += 1;
            }
            routed => return Ok(pack(part, &routed?)?),
        }
    }
}

/// The chip that `bitstream` makes of `board`'s, behind the ports of the core: `clock`, `receive`, `transmit`, `busy`. The clock is the
/// one that the PLL makes, whose settings are held to the board's.
///
/// Errors: a tool is missing; the bitstream is damaged, for another board's pins or clock, or for a part that can't be taken apart.
pub fn simulated(board: &Board, bitstream: &[u8]) -> Result<(Design, Ports), BitstreamError> {
    let part = board.device.as_ref().and_then(Part::of);
    let part = part.ok_or_else(|| NetlistError::NoPart { board: board.name.clone() })?;
    let chip = unpack::verilog(part, bitstream, board.constraints()?)?;
    let oscillator = board.clock.as_ref().map_or(0, |clock| clock.oscillator_hz);
    let (seen, wanted) = (pll(&chip), Ice40Pll::new(oscillator, board.engine.clock_hz));
    if seen.is_none() || seen != wanted {
        return Err(BitstreamError::Pll { board: board.name.clone(), seen, wanted });
    }
    let (chip, models) = with_models(&chip, false);
    let design = with_ice40_cells(Design::new(CHIP, chip))?.with_file("models.v", models);
    Ok(behind_pins(board, design))
}

/// The settings of the PLL in icebox's Verilog.
fn pll(chip: &str) -> Option<Ice40Pll> {
    let (_, from) = chip.split_once("\nSB_PLL40_")?;
    let (parameters, _) = from.split_once(';')?;
    let setting = |name: &str| {
        let (_, value) = parameters.split_once(&format!("  .{name}("))?;
        let (_, digits) = value.split_once(')')?.0.split_once("'b")?;
        u32::from_str_radix(digits, 2).ok()
    };
    Some(Ice40Pll {
        divr: setting("DIVR")?,
        divf: setting("DIVF")?,
        divq: setting("DIVQ")?,
        filter: setting("FILTER_RANGE")?,
    })
}
