//! Shell: what stands between the core and a board's pins, as Verilog: clock, light.
//!
//! The core has no reset: it begins as it was configured. So its clock stands still until the PLL has locked, and for 1,024 of
//! its cycles more, because an iCE40's block RAMs give wrong words in the first microseconds.

use arch::Board;

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

/// Settings of an iCE40 PLL with simple feedback (Lattice TN1251): the clock is
/// `oscillator / (DIVR + 1) · (DIVF + 1) / 2^DIVQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ice40Pll {
    /// DIVR, 0 to 15.
    pub divr: u32,
    /// DIVF, 0 to 127.
    pub divf: u32,
    /// DIVQ, 1 to 6.
    pub divq: u32,
    /// FILTER_RANGE, by the frequency of the phase detector.
    pub filter: u32,
}

impl Ice40Pll {
    /// The settings that make exactly `wanted` Hz of `oscillator` Hz, with the lowest divider of the oscillator; `None` where there
    /// are none within the PLL's limits: 10 to 133 MHz at the phase detector, 533 to 1,066 MHz at its oscillator.
    pub fn new(oscillator: u32, wanted: u32) -> Option<Self> {
        for divr in 0..16 {
            let detector = f64::from(oscillator) / f64::from(divr + 1);
            if !(10e6..=133e6).contains(&detector) {
                continue;
            }
            for divq in 1..=6 {
                let inner = u64::from(wanted) << divq;
                if !(533_000_000..=1_066_000_000).contains(&inner) {
                    continue;
                }
                // inner = oscillator · (divf + 1) / (divr + 1), exactly.
                let steps = inner * u64::from(divr + 1);
                if oscillator > 0 && steps.is_multiple_of(oscillator.into()) {
                    let divf = steps / u64::from(oscillator);
                    if (1..=128).contains(&divf) {
                        let filter =
                            1 + [17e6, 26e6, 44e6, 66e6, 101e6].iter().filter(|&&f| detector >= f).count();
                        return Some(Self { divr, divf: divf as u32 - 1, divq, filter: filter as u32 });
                    }
                }
            }
        }
        None
    }
}

/// The Verilog of an iCE40 board's shell around the core's top module `core`. Its ports: `clock_pin`, `receive_pin`, `transmit_pin`,
/// `led_pin`.
pub fn ice40(board: &Board, core: &str) -> Result<String, ShellError> {
    let lacks = |part| ShellError::Lacks { board: board.name.clone(), part };
    let oscillator = board.clock.as_ref().ok_or(lacks("clock"))?.oscillator_hz;
    board.uart.as_ref().ok_or(lacks("uart"))?;
    let led = board.led.as_ref().ok_or(lacks("led"))?;
    let wanted = board.engine.clock_hz;
    let Ice40Pll { divr, divf, divq, filter } = Ice40Pll::new(oscillator, wanted)
        .ok_or(ShellError::Clock { board: board.name.clone(), wanted, oscillator })?;
    let light = if led.active_low { "!busy" } else { "busy" };
    Ok(format!(
        "// {SHELL}: the pins of `{}` around {core}. {oscillator} Hz in, {wanted} Hz to the core.\n\
         `default_nettype none\n\n\
         module {SHELL} (\n\
         \x20   input wire clock_pin,\n\
         \x20   input wire receive_pin,\n\
         \x20   output wire transmit_pin,\n\
         \x20   output wire led_pin\n\
         );\n\
         \x20   wire pll_clock;\n\
         \x20   wire locked;\n\
         \x20   SB_PLL40_PAD #(\n\
         \x20       .FEEDBACK_PATH(\"SIMPLE\"),\n\
         \x20       .DIVR(4'd{divr}),\n\
         \x20       .DIVF(7'd{divf}),\n\
         \x20       .DIVQ(3'd{divq}),\n\
         \x20       .FILTER_RANGE(3'd{filter})\n\
         \x20   ) pll (\n\
         \x20       .PACKAGEPIN(clock_pin),\n\
         \x20       .PLLOUTCORE(pll_clock),\n\
         \x20       .LOCK(locked),\n\
         \x20       .RESETB(1'b1),\n\
         \x20       .BYPASS(1'b0)\n\
         \x20   );\n\n\
         \x20   // The core's clock stands still at first. It is let through at a low level, so that its first pulse is whole.\n\
         \x20   reg [10:0] waited = 11'd0;\n\
         \x20   always @(negedge pll_clock)\n\
         \x20       if (!locked) waited <= 11'd0;\n\
         \x20       else if (!waited[10]) waited <= waited + 11'd1;\n\
         \x20   wire clock;\n\
         \x20   SB_GB through (\n\
         \x20       .USER_SIGNAL_TO_GLOBAL_BUFFER(pll_clock & waited[10]),\n\
         \x20       .GLOBAL_BUFFER_OUTPUT(clock)\n\
         \x20   );\n\n\
         \x20   wire busy;\n\
         \x20   {core} core (\n\
         \x20       .clock(clock),\n\
         \x20       .receive(receive_pin),\n\
         \x20       .transmit(transmit_pin),\n\
         \x20       .busy(busy)\n\
         \x20   );\n\
         \x20   assign led_pin = {light};\n\
         endmodule\n\n\
         `default_nettype wire\n",
        board.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Lattice's own calculator gives.
    #[test]
    fn the_pll_is_set_as_lattice_sets_it() {
        let pll = |divr, divf, divq, filter| Some(Ice40Pll { divr, divf, divq, filter });
        assert_eq!(Ice40Pll::new(12_000_000, 24_000_000), pll(0, 63, 5, 1));
        assert_eq!(Ice40Pll::new(12_000_000, 48_000_000), pll(0, 63, 4, 1));
        assert_eq!(Ice40Pll::new(100_000_000, 25_000_000), pll(0, 7, 5, 5));
        assert_eq!(Ice40Pll::new(12_000_000, 24_000_001), None);
        assert_eq!(Ice40Pll::new(0, 24_000_000), None);
        assert_eq!(Ice40Pll::new(12_000_000, 400_000_000), None);
    }

    #[test]
    fn a_board_that_lacks_something_is_told_what() {
        let mut board = Board::named("icebreaker").unwrap();
        let text = ice40(&board, "core").unwrap();
        assert!(text.contains(".DIVF(7'd63)") && text.contains("assign led_pin = !busy;"), "{text}");
        board.engine.clock_hz = 24_000_001;
        let error = ice40(&board, "core").unwrap_err().to_string();
        assert_eq!(error, "board `icebreaker`: no PLL setting makes 24000001 Hz of 12000000 Hz");
        board.led = None;
        let error = ice40(&board, "core").unwrap_err().to_string();
        assert_eq!(error, "board `icebreaker` has no [led] in its board.toml: wanted for a bitstream");
    }
}
