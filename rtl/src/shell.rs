//! Shell: what stands between the core and a board's pins, as Verilog: clock, light, pins at a constant level.
//!
//! The core has no reset: it begins as it was configured. So its clock stands still until the PLL has locked, and for 1,024 of
//! its cycles more, because an iCE40's block RAMs give wrong words in the first microseconds.

use crate::leaf::multiply_add::PRODUCT_REGISTER;
use arch::Board;
use std::fmt::Write;

mod ecp5;
mod ice40;

pub use ecp5::Ecp5Pll;
pub use ice40::Ice40Pll;

/// Name of the shell's module.
pub const SHELL: &str = "stop_fpga_board";

/// A board that no shell is written for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// The board file lacks a part.
    #[error("board `{board}` has no [{part}] in its board.toml: wanted for a bitstream")]
    Lacks {
        /// Its name.
        board: String,
        /// What is missing.
        part: &'static str,
    },
    /// A family whose PLL is not known.
    #[error("board `{board}`: family `{family}`: wanted ice40 or ecp5")]
    Family {
        /// Its name.
        board: String,
        /// The family.
        family: String,
    },
    /// No settings of the PLL make the clock.
    #[error("board `{board}`: no PLL setting makes {wanted} Hz of {oscillator} Hz")]
    Clock {
        /// Its name.
        board: String,
        /// The engine's clock.
        wanted: u32,
        /// The oscillator's.
        oscillator: u32,
    },
}

/// What the Verilog of `board`, core and shell, begins with: the macros of its family.
pub fn macros(board: &Board) -> String {
    match &board.device {
        Some(device) if device.family == "ecp5" => format!("`define {PRODUCT_REGISTER}\n"),
        _ => String::new(),
    }
}

/// The Verilog of a board's shell around the core's top module `core`. Its ports are [`Board::ports`].
pub fn shell(board: &Board, core: &str) -> Result<String, ShellError> {
    let lacks = |part| ShellError::Lacks { board: board.name.clone(), part };
    let family = &board.device.as_ref().ok_or(lacks("device"))?.family;
    let clock = board.clock.as_ref().ok_or(lacks("clock"))?;
    board.uart.as_ref().ok_or(lacks("uart"))?;
    let led = board.led.as_ref().ok_or(lacks("led"))?;
    let (oscillator, wanted) = (clock.oscillator_hz, board.engine.clock_hz);
    let clocked = match &family[..] {
        "ice40" => Ice40Pll::new(oscillator, wanted).map(|pll| pll.verilog(clock.pll_pad)),
        "ecp5" => Ecp5Pll::new(oscillator, wanted).map(|pll| pll.verilog()),
        _ => return Err(ShellError::Family { board: board.name.clone(), family: family.clone() }),
    };
    let Clocked { pll, gate } =
        clocked.ok_or(ShellError::Clock { board: board.name.clone(), wanted, oscillator })?;
    let ports: Vec<String> = board
        .ports()
        .iter()
        .map(|port| format!("    {} wire {}", if port.output { "output" } else { "input" }, port.name))
        .collect();
    let mut text = format!(
        "// {SHELL}: the pins of `{}` around {core}. {oscillator} Hz in, {wanted} Hz to the core.\n\
         `default_nettype none\n\n\
         module {SHELL} (\n{}\n);\n\
         \x20   wire pll_clock;\n\
         \x20   wire locked;\n\
         {pll}\n\
         \x20   // The core's clock stands still at first. It is let through at a low level, so that its first pulse is whole.\n\
         \x20   reg [10:0] waited = 11'd0;\n\
         \x20   always @(negedge pll_clock)\n\
         \x20       if (!locked) waited <= 11'd0;\n\
         \x20       else if (!waited[10]) waited <= waited + 11'd1;\n\
         \x20   wire clock;\n\
         {gate}\n\
         \x20   wire busy;\n\
         \x20   {core} core (\n\
         \x20       .clock(clock),\n\
         \x20       .receive(receive_pin),\n\
         \x20       .transmit(transmit_pin),\n\
         \x20       .busy(busy)\n\
         \x20   );\n\
         \x20   assign led_pin = {};\n",
        board.name,
        ports.join(",\n"),
        if led.active_low { "!busy" } else { "busy" },
    );
    for (at, hold) in board.hold.iter().enumerate() {
        let _ = writeln!(text, "    assign hold_{at}_pin = 1'b{};", u8::from(hold.high));
    }
    text.push_str("endmodule\n\n`default_nettype wire\n");
    Ok(text)
}

/// The parts of a shell that are a family's own.
struct Clocked {
    /// Makes `pll_clock` and `locked` of `clock_pin`.
    pll: String,
    /// Makes `clock` of `pll_clock` and `waited[10]`.
    gate: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_that_lacks_something_is_told_what() {
        let mut board = Board::named("icebreaker").unwrap();
        let text = shell(&board, "core").unwrap();
        assert!(text.contains(".DIVF(7'd63)") && text.contains("assign led_pin = !busy;"), "{text}");
        let message = |board: &Board| shell(board, "core").unwrap_err().to_string();
        board.engine.clock_hz = 24_000_001;
        assert_eq!(message(&board), "board `icebreaker`: no PLL setting makes 24000001 Hz of 12000000 Hz");
        board.led = None;
        assert_eq!(
            message(&board),
            "board `icebreaker` has no [led] in its board.toml: wanted for a bitstream"
        );
        let mut other = Board::named("ulx3s-25f").unwrap();
        other.device.as_mut().unwrap().family = "nexus".to_owned();
        assert_eq!(message(&other), "board `ulx3s-25f`: family `nexus`: wanted ice40 or ecp5");
    }

    /// Every board's clock can be made, and its shell has the ports of its pins.
    #[test]
    fn every_board_with_a_device_has_a_shell() {
        for name in Board::names() {
            let board = Board::named(name).unwrap();
            if board.device.is_none() {
                assert!(matches!(shell(&board, "core"), Err(ShellError::Lacks { part: "device", .. })));
                continue;
            }
            let text = shell(&board, "core").unwrap();
            for port in board.ports() {
                let declared = format!("{} wire {}", if port.output { "output" } else { "input" }, port.name);
                assert!(text.contains(&declared), "{name}: {text}");
            }
            let kind = match (&board.device.unwrap().family[..], board.clock.unwrap().pll_pad) {
                ("ice40", true) => "SB_PLL40_PAD",
                ("ice40", false) => "SB_PLL40_CORE",
                _ => "EHXPLLL",
            };
            assert!(text.contains(kind), "{name}: {text}");
            assert_eq!(text.contains("assign hold_0_pin = 1'b1;"), name.starts_with("ulx3s"), "{name}");
        }
    }
}
