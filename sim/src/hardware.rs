//! The hardware as a board: the emitted core behind its serial pins, simulated cycle by cycle.
//!
//! ```text
//!   bytes from the host ──> receive ┌──────┐ transmit ──> bytes to the host
//!                                   │ core │
//!                            clock ─┤      ├─ busy
//!                                   └──────┘
//! ```
//!
//! Natively the blocks are stepped in this process; with Verilator their Verilog runs in a process of its own.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use arch::Board;
use driver::transport::ByteDevice;
use driver::transport::paced::BYTE_BITS;
use rtl::step::StepError;
use rtl::top::{NoHardware, Top, sizes, top};
use rtl::verilog::{EmitError, Form};

use crate::bitstream::{self, BitstreamError};
use crate::line::Line;
use crate::lockstep::{ASSERTING, design_of};
use crate::netlist::{NetlistError, simulated, source, synthesise};
use crate::toolchain::running::{ModelError, Running, SerialPins};
use crate::toolchain::verilator::{Model, Options, VerilatorError};
use crate::toolchain::yosys::YosysError;
use crate::toolchain::{Design, Ports};
use crate::waves::save_files;

/// A board counts as idle when it was not busy and silent for so many cycles: more than lie between the end of a frame on
/// the wire and the beginning of its execution, or between two bytes of an answer.
const QUIET: u32 = 128;
/// Cycles after which a board that is still busy is given up. The longest command, a step of a full engine, takes a few hundred
/// thousand.
const LIMIT: u64 = 50_000_000;

/// A core that could not be made or that stopped.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    /// There is none of these sizes.
    #[error(transparent)]
    NoHardware(#[from] NoHardware),
    /// The Verilog was not emitted.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// Verilator refuses.
    #[error(transparent)]
    Verilator(#[from] VerilatorError),
    /// There is no netlist of such a board.
    #[error(transparent)]
    Netlist(#[from] NetlistError),
    /// There is no bitstream of such a board that can be simulated.
    #[error(transparent)]
    Bitstream(#[from] BitstreamError),
    /// Yosys is missing or refuses.
    #[error(transparent)]
    Yosys(#[from] YosysError),
    /// The model stopped.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The native simulation stopped.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A memory's promise is broken: in a device the value read would be any.
    #[error("{count} times a memory was read and written at one address in one cycle")]
    Collision {
        /// How often.
        count: u64,
    },
    /// It does not come to rest.
    #[error("the core is still busy after {LIMIT} cycles")]
    Hangs,
    /// A trace that was not written.
    #[error("trace {}: {error}", path.display())]
    Trace {
        /// The file.
        path: PathBuf,
        /// The system's word.
        error: std::io::Error,
    },
}

/// How a core is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// rust-hdl's blocks, stepped in this process.
    Rtl,
    /// The emitted Verilog in Verilator.
    Verilator,
    /// The netlist that a bitstream is made of, shell and core, in Verilator with the models of its cells.
    Netlist,
    /// The bitstream, taken apart, in Verilator.
    Bitstream,
}

/// A core behind its pins.
enum Core {
    Native { top: Box<dyn Top>, line: Line },
    Verilated { running: Box<Running>, pins: SerialPins },
}

/// A board in simulated hardware, after configuration.
///
/// [`ByteDevice::exchange`] with bytes lasts until they are sent, without bytes until the board has nothing more to do: what the host
/// sends on and what the board computes overlap as they do on a wire.
pub struct HardwareBoard {
    core: Core,
    divider: u32,
    cycles: Rc<Cell<u64>>,
    failure: Option<HardwareError>,
    /// Where its waves go.
    trace: Option<PathBuf>,
}

impl HardwareBoard {
    /// The hardware of `board`, run until it has wiped its memories. With `trace` its waves go to that file: all of them from
    /// Verilator, the last ones (see [`rtl::step::Stepper::keep_waveform`]) natively, at its end.
    ///
    /// Errors: no hardware is built for such a board; Verilator is missing or refuses.
    pub fn new(board: &Board, backend: Backend, trace: Option<&Path>) -> Result<Self, HardwareError> {
        let divider = sizes(board)?.divider as u32;
        let mut top = top(board)?;
        let core = match backend {
            Backend::Rtl => {
                if trace.is_some() {
                    top.keep_waveform(NATIVE_WAVE_CYCLES);
                }
                Core::Native { top, line: Line::new(divider) }
            }
            Backend::Verilator => {
                let (design, ports) = design_of(&top.emit(Form::Kernel, &board.description)?);
                Self::verilated(&design.with_define(ASSERTING), &ports, divider, trace)?
            }
            Backend::Netlist => {
                let (design, part) = source(board)?;
                let (design, ports) = simulated(board, &synthesise(part, &design)?)?;
                Self::verilated(&design, &ports, divider, trace)?
            }
            Backend::Bitstream => return Self::of_bitstream(board, &bitstream::make(board)?, trace),
        };
        Self::started(core, divider, trace)
    }

    /// What `bitstream` makes of the chip on `board`, as [`HardwareBoard::new`].
    pub fn of_bitstream(
        board: &Board,
        bitstream: &[u8],
        trace: Option<&Path>,
    ) -> Result<Self, HardwareError> {
        let divider = sizes(board)?.divider as u32;
        let (design, ports) = bitstream::simulated(board, bitstream)?;
        Self::started(Self::verilated(&design, &ports, divider, trace)?, divider, trace)
    }

    /// Any Verilog with the ports of a core, `divider` clocks a bit, as [`HardwareBoard::new`].
    pub fn of(design: &Design, ports: &Ports, divider: u32) -> Result<Self, HardwareError> {
        Self::started(Self::verilated(design, ports, divider, None)?, divider, None)
    }

    fn verilated(
        design: &Design,
        ports: &Ports,
        divider: u32,
        trace: Option<&Path>,
    ) -> Result<Core, HardwareError> {
        let model = Model::build(design, ports, &Options { trace: trace.is_some() })?;
        let (inputs, outputs) = (&model.ports().inputs, &model.ports().outputs);
        // The top's own names.
        let place = |found: Option<usize>| found.unwrap_or(usize::MAX);
        let pins = SerialPins {
            receive: place(inputs.index("receive")),
            transmit: place(outputs.index("transmit")),
            busy: place(outputs.index("busy")),
            divider,
        };
        let mut running = Box::new(model.start()?);
        if let Some(path) = trace {
            running.start_trace(path)?;
        }
        Ok(Core::Verilated { running, pins })
    }

    fn started(core: Core, divider: u32, trace: Option<&Path>) -> Result<Self, HardwareError> {
        let (cycles, trace) = (Rc::default(), trace.map(Path::to_owned));
        let mut made = Self { core, divider, cycles, failure: None, trace };
        made.run(&[], &mut Vec::new())?;
        Ok(made)
    }

    /// Cycles that a byte takes on its serial line.
    pub fn byte_cycles(&self) -> u32 {
        BYTE_BITS * self.divider
    }

    /// Cycles simulated since power-up, to be looked at wherever the board is.
    pub fn cycles(&self) -> Rc<Cell<u64>> {
        self.cycles.clone()
    }

    fn run(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) -> Result<(), HardwareError> {
        let idle = self.part(from_host, LIMIT, to_host)?;
        if from_host.is_empty() && !idle { Err(HardwareError::Hangs) } else { Ok(()) }
    }

    /// Runs until the bytes are sent or, where there are none, until the board is idle, but for at most `limit` cycles. Whether it is
    /// idle then.
    pub(crate) fn part(
        &mut self,
        from_host: &[u8],
        limit: u64,
        to_host: &mut Vec<u8>,
    ) -> Result<bool, HardwareError> {
        let until_idle = from_host.is_empty();
        let (cycles, idle) = match &mut self.core {
            Core::Native { top, line } => {
                let mut failed = None;
                let ran = line.exchange(from_host, until_idle, QUIET, limit, to_host, |level| {
                    top.cycle(level).map_err(|error| failed = Some(error)).ok()
                });
                if let Some(error) = failed {
                    return Err(error.into());
                }
                match top.collisions() {
                    0 => ran,
                    count => return Err(HardwareError::Collision { count }),
                }
            }
            Core::Verilated { running, pins } => {
                let said = running.serial(*pins, from_host, until_idle, QUIET, limit)?;
                to_host.extend(&said.bytes);
                (said.cycles, said.idle)
            }
        };
        self.cycles.set(self.cycles.get() + cycles);
        Ok(idle)
    }
}

/// Cycles of a native waveform that are kept.
const NATIVE_WAVE_CYCLES: u64 = 20_000;

impl ByteDevice for HardwareBoard {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        if self.failure.is_none() {
            self.failure = self.run(from_host, to_host).err();
        }
    }

    fn failure(&self) -> Option<String> {
        self.failure.as_ref().map(ToString::to_string)
    }
}

impl HardwareBoard {
    /// Ends the trace: the file is whole then, with its save files beside it.
    fn end_trace(&mut self) -> Result<(), HardwareError> {
        let Some(path) = self.trace.take() else { return Ok(()) };
        let failed = |error| HardwareError::Trace { path: path.clone(), error };
        match &mut self.core {
            Core::Native { top, .. } => std::fs::write(&path, top.waveform()).map_err(failed)?,
            Core::Verilated { running, .. } => running.stop_trace()?,
        }
        save_files(&path).map_err(failed)
    }
}

impl Drop for HardwareBoard {
    fn drop(&mut self) {
        // Nobody is left to take an error.
        if let Err(error) = self.end_trace() {
            eprintln!("{error}");
        }
    }
}
