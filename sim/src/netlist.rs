//! What a bitstream is made of: core and shell as Verilog, their netlist, and that netlist as a board to be simulated.
//!
//! ```text
//!   source ──Yosys──> netlist ──nextpnr──> bitstream
//!                        └──Verilator, with the models of its cells──> board
//! ```
//!
//! The PLL is modelled as a wire: the clock that a simulation gives is the core's.

use arch::Board;
use rtl::shell::{self, ShellError};
use rtl::top::{NoHardware, top};
use rtl::verilog::{Design as Emitted, EmitError, Form};

use crate::toolchain::nextpnr::Part;
use crate::toolchain::yosys::{Ice40, Netlist, YosysError, synth_ecp5, synth_ice40};
use crate::toolchain::{Design, Ports};

pub mod names;

/// Name of the top module of a simulation.
const TOP: &str = "simulated_board";

/// Cells that Yosys declares and has no model of, and ours of them.
const ICE40_CELLS: (&[&str], &str) =
    (&["SB_PLL40_PAD", "SB_PLL40_CORE"], include_str!("netlist/cells_ice40.v"));
const ECP5_CELLS: (&[&str], &str) =
    (&["DP16KD", "MULT18X18D", "EHXPLLL", "DCCA"], include_str!("netlist/cells_ecp5.v"));

/// A board of which there is no netlist.
#[derive(Debug, thiserror::Error)]
pub enum NetlistError {
    /// There is no hardware of its sizes.
    #[error(transparent)]
    NoHardware(#[from] NoHardware),
    /// The core was not emitted.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The board lacks what its shell needs.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// It has no part that is synthesised for.
    #[error(
        "configuration `{board}` has no part of a family that is synthesised for (ice40, ecp5): name a board, \
         `stop-fpga boards` lists them"
    )]
    NoPart {
        /// The board's name.
        board: String,
    },
    /// Yosys did not synthesise it.
    #[error(transparent)]
    Yosys(#[from] YosysError),
}

/// The Verilog that the bitstream of `board` is made of, with the shell as its top, and the part it is for.
pub fn source(board: &Board) -> Result<(Design, Part), NetlistError> {
    let part = board.device.as_ref().and_then(Part::of);
    let part = part.ok_or_else(|| NetlistError::NoPart { board: board.name.clone() })?;
    let Emitted { text, top: core, .. } = top(board)?.emit(Form::Kernel, &board.description)?;
    let shell = shell::shell(board, &core)?;
    let macros = shell::macros(board);
    Ok((Design::new(shell::SHELL, format!("{macros}{text}\n{shell}")), part))
}

/// Synthesis as a part wants it: the UP5K is nearly full and has what the HX8K lacks.
pub fn synthesise(part: Part, design: &Design) -> Result<Netlist, YosysError> {
    match part {
        Part::Up5kSg48 => synth_ice40(design, Ice40 { dsp: true, spram: true, dense: true }),
        Part::Hx8kCt256 => synth_ice40(design, Ice40::default()),
        Part::Ecp5With12k | Part::Ecp5With25k | Part::Ecp5With85k | Part::Ecp5Um5gWith85k => {
            synth_ecp5(design)
        }
    }
}

/// A netlist of `board` with the models of its cells, behind the ports of the core: `clock`, `receive`, `transmit`, `busy`.
///
/// Errors: Yosys is missing, or stands without its models.
pub fn simulated(board: &Board, netlist: &Netlist) -> Result<(Design, Ports), YosysError> {
    let mut netlist = netlist.clone();
    let models;
    (netlist.verilog, models) = with_models(&netlist.verilog, netlist.is_ecp5());
    Ok(behind_pins(board, netlist.design()?.with_file("models.v", models)))
}

/// Verilog made of a device's cells, with the names of our models in the place of those that Yosys has no model of; the models.
pub(crate) fn with_models(verilog: &str, ecp5: bool) -> (String, &'static str) {
    let (modelled, models) = if ecp5 { ECP5_CELLS } else { ICE40_CELLS };
    let mut verilog = verilog.to_owned();
    for cell in modelled {
        // An instance as Yosys writes it, and as icebox does.
        for indent in ["  ", ""] {
            verilog = verilog.replace(&format!("\n{indent}{cell} "), &format!("\n{indent}model_{cell} "));
        }
    }
    (verilog, models)
}

/// `design`, whose top has the pins of `board`'s shell, behind the ports of the core.
pub(crate) fn behind_pins(board: &Board, design: Design) -> (Design, Ports) {
    let dark = if board.led.as_ref().is_some_and(|led| led.active_low) { "!" } else { "" };
    let around = format!(
        "module {TOP} (input wire clock, input wire receive, output wire transmit, output wire busy);\n\
         \x20   wire light;\n\
         \x20   {} board (.clock_pin(clock), .receive_pin(receive), .transmit_pin(transmit), .led_pin(light));\n\
         \x20   assign busy = {dark}light;\n\
         endmodule\n",
        design.top
    );
    let mut design = design.with_file("around.v", around);
    design.top = TOP.to_owned();
    (design, Ports::clocked("clock", &[("receive", 1)], &[("transmit", 1), ("busy", 1)]))
}
