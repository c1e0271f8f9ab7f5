//! The top of a board's configuration, to be stepped or emitted, chosen by the sizes that a board file states.

use crate::board::Pins;
use crate::configurations::{self as built, Sizes};
use crate::program::{FEATURES, WINDOW};
use crate::step::{StepError, Stepper};
use crate::verilog::{Design, EmitError, emit};
use arch::{Board, Capacity};

/// What the hardware calls its build: the bytes `RTL1`.
pub const BUILD: u32 = u32::from_le_bytes(*b"RTL1");
/// Name of the emitted top module.
pub const TOP: &str = "stop_fpga";

/// Sizes for which there is no hardware.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoHardware {
    /// Its memories and lanes are not among those that are built.
    #[error("configuration `{board}` exists in the model only: hardware is built for {}", known().join(", "))]
    Sizes {
        /// The board's name.
        board: String,
    },
    /// Its wire is not.
    #[error(
        "configuration `{board}`: {clock_hz} Hz by {baud} baud is not {wanted} clocks a bit, for which its hardware is built"
    )]
    Baud {
        /// The board's name.
        board: String,
        /// Its clock.
        clock_hz: u32,
        /// Its rate.
        baud: u32,
        /// Clocks a bit of the hardware.
        wanted: usize,
    },
    /// Its link is not.
    #[error("configuration `{board}` has {what} = {seen}: wanted {wanted}, as its hardware has it")]
    Link {
        /// The board's name.
        board: String,
        /// Which number.
        what: &'static str,
        /// Its value.
        seen: u32,
        /// What it must be.
        wanted: u32,
    },
}

/// The hardware of a board, stepped cycle by cycle with only its pins.
pub trait Top {
    /// One cycle with this level on the wire from the host: the levels of the wire to the host and of `busy` before the
    /// rising edge.
    fn cycle(&mut self, receive: bool) -> Result<(bool, bool), StepError>;
    /// The whole as one Verilog file.
    fn emit(&mut self, about: &str) -> Result<Design, EmitError>;
    /// Keeps the waveform of the last `cycles`.
    fn keep_waveform(&mut self, cycles: u64);
    /// What was kept, as VCD text.
    fn waveform(&self) -> Vec<u8>;
    /// See [`Pins::collisions`].
    fn collisions(&self) -> u64;
}

impl<B: Pins> Top for Stepper<B> {
    fn cycle(&mut self, receive: bool) -> Result<(bool, bool), StepError> {
        self.set_receive(receive);
        self.settle()?;
        let outputs = self.outputs();
        self.edge()?;
        Ok(outputs)
    }

    fn emit(&mut self, about: &str) -> Result<Design, EmitError> {
        emit(&mut **self, TOP, about)
    }

    fn keep_waveform(&mut self, cycles: u64) {
        Stepper::keep_waveform(self, cycles);
    }

    fn waveform(&self) -> Vec<u8> {
        Stepper::waveform(self)
    }

    fn collisions(&self) -> u64 {
        Pins::collisions(&**self)
    }
}

type Make = fn(&arch::Identity) -> Box<dyn Top>;

macro_rules! makes {
    ($($(#[$when:meta])* $name:literal $sizes:ident $board:ident;)*) => {
        /// What is built: an example of its name, its sizes, how it is made.
        const BUILT: &[(&str, Sizes, Make)] = &[$(
            $(#[$when])*
            ($name, built::$sizes, |identity| {
                Box::new(Stepper::new(built::$board::new(identity), |board| &mut board.clock))
            })
        ),*];
    };
}

makes! {
    "icebreaker" ICEBREAKER IcebreakerBoard;
    "small-w8" SMALL_W8 SmallW8Board;
    "small-w16" SMALL_W16 SmallW16Board;
    #[cfg(feature = "boards")] "hx8k-breakout" HX8K Hx8kBoard;
    #[cfg(feature = "boards")] "ulx3s-85f" ECP5_85F Ecp5With85kBoard;
    #[cfg(feature = "boards")] "ulx3s-25f" ECP5_25F Ecp5With25kBoard;
    #[cfg(feature = "boards")] "ulx3s-12f" ECP5_12F Ecp5With12kBoard;
    #[cfg(feature = "boards")] "simulated-w16" SIMULATED_W16 SimulatedW16Board;
    #[cfg(feature = "boards")] "simulated-x16" SIMULATED_X16 SimulatedX16Board;
}

/// Names of the configurations that are built.
pub fn known() -> Vec<&'static str> {
    BUILT.iter().map(|&(name, ..)| name).collect()
}

/// The sizes of `board`'s hardware.
pub fn sizes(board: &Board) -> Result<Sizes, NoHardware> {
    find(board).map(|&(_, sizes, _)| sizes)
}

/// Neurons that the hardware of a capacity fires in a cycle; 1 where none is built.
pub fn neurons_a_cycle(capacity: &Capacity) -> u64 {
    let built = BUILT.iter().find(|(_, sizes, _)| sizes.capacity(capacity.clock_hz) == *capacity);
    built.map_or(1, |(_, sizes, _)| 1 << sizes.fire_bits)
}

/// The hardware of `board` after configuration.
pub fn top(board: &Board) -> Result<Box<dyn Top>, NoHardware> {
    find(board).map(|(_, _, make)| make(&board.identity(BUILD, FEATURES)))
}

fn find(board: &Board) -> Result<&'static (&'static str, Sizes, Make), NoHardware> {
    let found = BUILT.iter().find(|(_, sizes, _)| sizes.capacity(board.engine.clock_hz) == board.engine);
    let name = || board.name.clone();
    let made = found.ok_or_else(|| NoHardware::Sizes { board: name() })?;
    let link = &board.link;
    for (what, seen, wanted) in [
        ("window", link.window, WINDOW.into()),
        ("receive_buffer", link.receive_buffer, 1 << made.1.ring_bits),
        ("max_payload", link.max_payload, made.1.most_payload()),
    ] {
        if seen != wanted {
            return Err(NoHardware::Link { board: name(), what, seen, wanted });
        }
    }
    if let Some(uart) = &board.uart {
        let (clock_hz, wanted) = (board.engine.clock_hz, made.1.divider);
        // A frame of ten bits is read rightly within 4 % of the rate; half of that is the other side's.
        let error = (u64::from(uart.baud) * wanted as u64).abs_diff(clock_hz.into());
        if error * 50 > u64::from(clock_hz) {
            return Err(NoHardware::Baud { board: name(), clock_hz, baud: uart.baud, wanted });
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_that_is_built_has_a_board_file() {
        for name in known() {
            let board = Board::named(name).unwrap();
            assert_eq!(find(&board).map(|found| found.0), Ok(name));
        }
    }

    #[test]
    fn capacities_tell_how_many_neurons_fire_in_a_cycle() {
        let of = |name: &str| neurons_a_cycle(&Board::named(name).unwrap().engine);
        assert_eq!((of("icebreaker"), of("simulated-x16"), of("virtual-w8")), (1, 4, 1));
    }

    #[test]
    fn what_is_not_built_is_refused() {
        let message = |board: &Board| find(board).map(|found| found.0).unwrap_err().to_string();
        let roomy = Board::named("virtual-w8").unwrap();
        assert!(
            message(&roomy).contains("model only: hardware is built for icebreaker, "),
            "{}",
            message(&roomy)
        );
        let mut board = Board::named("icebreaker").unwrap();
        board.link.window = 8;
        assert!(message(&board).contains("window = 8: wanted 4"), "{}", message(&board));
        let mut board = Board::named("icebreaker").unwrap();
        if let Some(uart) = &mut board.uart {
            uart.baud = 115_200;
        }
        assert!(message(&board).contains("115200 baud is not 8 clocks a bit"), "{}", message(&board));
    }
}
