//! The top of a board's configuration, to be stepped or emitted, chosen by the sizes that a board file states.

use crate::board::Pins;
use crate::configurations::{self as built, Sizes};
use crate::ip_core::{Core, Pair};
use crate::program::{FEATURES, WINDOW};
use crate::step::{StepError, Stepper};
use crate::verilog::{Design, EmitError, Form, emit_as};
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
    fn emit(&mut self, form: Form, about: &str) -> Result<Design, EmitError>;
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

    fn emit(&mut self, form: Form, about: &str) -> Result<Design, EmitError> {
        emit_as(form, &mut **self, TOP, about)
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

/// What is built of a list of sizes.
struct Built {
    /// A board that has them.
    name: &'static str,
    sizes: Sizes,
    top: fn(&arch::Identity) -> Box<dyn Top>,
    core: fn(&arch::Identity) -> Box<dyn Core>,
}

macro_rules! makes {
    ($($(#[$when:meta])* $name:literal $sizes:ident $board:ident $core:ident;)*) => {
        const BUILT: &[Built] = &[$(
            $(#[$when])*
            Built {
                name: $name,
                sizes: built::$sizes,
                top: |identity| {
                    Box::new(Stepper::new(built::$board::new(identity), |board| &mut board.clock))
                },
                core: |identity| Box::new(Pair {
                    driven: crate::driven!(
                        built::$core::new(identity),
                        clock,
                        [in_valid, in_data, out_ready],
                        [in_ready, out_valid, out_data, busy]
                    ),
                    collisions: built::$core::collisions,
                }),
            }
        ),*];
    };
}

makes! {
    "icebreaker" ICEBREAKER IcebreakerBoard IcebreakerCore;
    "small-w8" SMALL_W8 SmallW8Board SmallW8Core;
    "small-w16" SMALL_W16 SmallW16Board SmallW16Core;
    #[cfg(feature = "boards")] "hx8k-breakout" HX8K Hx8kBoard Hx8kCore;
    #[cfg(feature = "boards")] "ulx3s-85f" ECP5_85F Ecp5With85kBoard Ecp5With85kCore;
    #[cfg(feature = "boards")] "ulx3s-25f" ECP5_25F Ecp5With25kBoard Ecp5With25kCore;
    #[cfg(feature = "boards")] "ulx3s-12f" ECP5_12F Ecp5With12kBoard Ecp5With12kCore;
    #[cfg(feature = "boards")] "simulated-w16" SIMULATED_W16 SimulatedW16Board SimulatedW16Core;
    #[cfg(feature = "boards")] "simulated-x16" SIMULATED_X16 SimulatedX16Board SimulatedX16Core;
}

/// Names of the configurations that are built.
pub fn known() -> Vec<&'static str> {
    BUILT.iter().map(|built| built.name).collect()
}

/// The sizes of `board`'s hardware.
pub fn sizes(board: &Board) -> Result<Sizes, NoHardware> {
    find(board).map(|built| built.sizes)
}

/// Neurons that the hardware of a capacity fires in a cycle; 1 where none is built.
pub fn neurons_a_cycle(capacity: &Capacity) -> u64 {
    let built = BUILT.iter().find(|built| built.sizes.capacity(capacity.clock_hz) == *capacity);
    built.map_or(1, |built| 1 << built.sizes.fire_bits)
}

/// The hardware of `board` after configuration.
pub fn top(board: &Board) -> Result<Box<dyn Top>, NoHardware> {
    find(board).map(|built| (built.top)(&identity(board)))
}

/// The same without its serial pins.
pub fn core(board: &Board) -> Result<Box<dyn Core>, NoHardware> {
    without_wire(board).map(|built| (built.core)(&identity(board)))
}

/// What the hardware of `board` says of itself.
pub fn identity(board: &Board) -> arch::Identity {
    board.identity(BUILD, FEATURES)
}

fn find(board: &Board) -> Result<&'static Built, NoHardware> {
    let built = without_wire(board)?;
    if let Some(uart) = &board.uart {
        let (clock_hz, wanted) = (board.engine.clock_hz, built.sizes.divider);
        // A frame of ten bits is read rightly within 4 % of the rate; half of that is the other side's.
        let error = (u64::from(uart.baud) * wanted as u64).abs_diff(clock_hz.into());
        if error * 50 > u64::from(clock_hz) {
            return Err(NoHardware::Baud { board: board.name.clone(), clock_hz, baud: uart.baud, wanted });
        }
    }
    Ok(built)
}

/// What is built of these sizes, whatever its serial line.
fn without_wire(board: &Board) -> Result<&'static Built, NoHardware> {
    let found = BUILT.iter().find(|built| built.sizes.capacity(board.engine.clock_hz) == board.engine);
    let name = || board.name.clone();
    let built = found.ok_or_else(|| NoHardware::Sizes { board: name() })?;
    let link = &board.link;
    for (what, seen, wanted) in [
        ("window", link.window, WINDOW.into()),
        ("receive_buffer", link.receive_buffer, 1 << built.sizes.ring_bits),
        ("max_payload", link.max_payload, built.sizes.most_payload()),
    ] {
        if seen != wanted {
            return Err(NoHardware::Link { board: name(), what, seen, wanted });
        }
    }
    Ok(built)
}
