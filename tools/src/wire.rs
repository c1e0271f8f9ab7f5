//! The wire to the board that `--board` names: opened as often as it is lost, and with faults where they are asked for.

use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use driver::share::Token;
use driver::transport::paced::BYTE_BITS;
use driver::transport::serial::{UsbPort, known_ports};
use driver::transport::{
    ByteDevice, Card, Clock, Delays, Faults, InProcess, Injector, Paced, PowerCycle, Serial, Tcp,
};
use driver::{Connect, Options, Policy, Recovering, Transport, TransportError};
use miette::{IntoDiagnostic, WrapErr};
use sim::hardware::{Backend, HardwareError};
use sim::{HardwareBoard, Timed, VirtualBoard};

use crate::board::{BoardUseError, SimulationError, configuration};
use crate::cli::On;
use crate::commands::bounded;
use crate::progress;

/// The hardware, simulated, by the name that `--board` has for it.
const HARDWARE: [(&str, Backend); 4] = [
    ("rtl", Backend::Rtl),
    ("verilator", Backend::Verilator),
    ("netlist", Backend::Netlist),
    ("bitstream", Backend::Bitstream),
];

/// Largest bitstream that is read: an HX8K's has 135,180 bytes.
const MAX_BITSTREAM: u64 = 1 << 20;

/// What a board in this process is waited for over a line with faults: it answers when it is asked or not at all.
const IN_PROCESS: Options = Options { timeout: Duration::from_millis(20), attempts: 50 };

/// Bytes that may lie on a line while an answer is waited for.
const ON_THE_LINE: usize = 4096;

/// The environment variable that holds the token of shared boards.
pub const TOKEN: &str = "STOP_FPGA_TOKEN";

/// A board that is simulated cycle by cycle.
pub struct Simulation {
    /// Cycles so far, those of its line included.
    pub cycles: Rc<Cell<u64>>,
    /// Cycles that a byte takes on its line.
    pub byte_cycles: u32,
}

/// A way to a board: opened as often as need be.
pub struct Way {
    /// Opens it.
    pub connect: Connect,
    /// How patient to be over it.
    pub options: Options,
    /// What injects its faults, if it has any.
    pub injector: Option<Injector>,
    /// What is known of a simulated board.
    pub simulation: Option<Simulation>,
}

/// A wire that was opened.
pub struct Opened {
    /// The session over it.
    pub session: Recovering,
    /// What injects its faults, if it has any.
    pub injector: Option<Injector>,
    /// What is known of a simulated board.
    pub simulation: Option<Simulation>,
}

/// A session over the wire that `on` names.
pub fn open(on: &On) -> Result<Opened, BoardUseError> {
    let Way { connect, options, injector, simulation } = way(on)?;
    Ok(Opened { session: Recovering::connect(connect, options, Policy::default())?, injector, simulation })
}

/// The way that `on` names.
pub fn way(on: &On) -> Result<Way, BoardUseError> {
    let unknown = || BoardUseError::Unknown { seen: on.board.clone() };
    let (faults, name) = match on.board.strip_prefix("faulty:") {
        None => (None, &on.board[..]),
        Some(rest) => {
            let (faults, name) = rest.split_once(':').ok_or_else(unknown)?;
            (Some(faults.parse::<Faults>()?), name)
        }
    };
    let delays = faults.map(|faults: Faults| faults.delays).unwrap_or_default();
    let Line { mut connect, power, simulation } = line(name, delays, on)?.ok_or_else(unknown)?;
    let Some(faults) = faults else {
        return Ok(Way { connect, options: Options::default(), injector: None, simulation });
    };
    if faults.reset.is_some() && power.is_none() && simulation.is_some() {
        return Err(BoardUseError::Powered);
    }
    if faults.reset.is_some() && power.is_none() {
        return Err(BoardUseError::NoSwitch { board: name.to_owned() });
    }
    let mut options = if power.is_some() { IN_PROCESS } else { Options::default() };
    options.timeout += 4 * delays.latency.unwrap_or_default() + delays.time_of(ON_THE_LINE);
    // Simulated hardware has its delays in its own line.
    let paced = delays.any() && simulation.is_none();
    let injector = Injector::new(faults);
    let around = injector.clone();
    let connect: Connect = Box::new(move || {
        let power = power.as_ref().map(|power| Box::new(power.clone()) as Box<dyn PowerCycle>);
        let line = connect()?;
        if paced {
            return Ok(Box::new(around.around(Paced::new(line, delays, Clock::System), power)));
        }
        Ok(Box::new(around.around(line, power)))
    });
    Ok(Way { connect, options, injector: Some(injector), simulation })
}

/// A way to a board, and its switch where there is one.
struct Line {
    connect: Connect,
    power: Option<Rc<RefCell<dyn PowerCycle>>>,
    simulation: Option<Simulation>,
}

/// `None` where `name` names no board with a wire.
fn line(name: &str, delays: Delays, on: &On) -> Result<Option<Line>, BoardUseError> {
    if let Some(&(_, backend)) = HARDWARE.iter().find(|(hardware, _)| *hardware == name) {
        let config = configuration(&on.which.config)?;
        let make = move |trace: Option<&Path>| hardware(&config, backend, trace);
        return Ok(Some(simulated(make, delays, on)?));
    }
    Ok(Some(match name.split_once(':') {
        None if name == "model" => in_process(VirtualBoard::new(&configuration(&on.which.config)?)),
        Some(("bitstream", path)) => {
            let (board, bytes) = (configuration(&on.which.config)?, bitstream(path)?);
            let make = move |trace: Option<&Path>| {
                built(&board, || HardwareBoard::of_bitstream(&board, &bytes, trace))
            };
            simulated(make, delays, on)?
        }
        Some(("serial", port)) => serial(port.to_owned(), on.which.baud),
        Some(("tcp", address)) => {
            let (address, token) = (address.to_owned(), token()?);
            outside(move || {
                Ok(Box::new(match &token {
                    Some(token) => Tcp::connect_shared(&address, token)?,
                    None => Tcp::connect(&address)?,
                }))
            })
        }
        Some(("pcie", name)) => {
            let card: Card = name.parse().map_err(TransportError::from)?;
            outside(move || card.open())
        }
        _ => return Ok(None),
    }))
}

/// The token in the environment, where there is one.
pub fn token() -> Result<Option<Token>, BoardUseError> {
    match std::env::var_os(TOKEN).filter(|token| !token.is_empty()) {
        // What is not UTF-8 is refused as what it looks like.
        Some(token) => Ok(Some(token.to_string_lossy().parse()?)),
        None => Ok(None),
    }
}

/// Listens where `option` says: HOST:PORT, or :PORT for this machine only.
pub fn listen(option: &str, address: &str) -> miette::Result<TcpListener> {
    let address = address.strip_prefix(':').map_or(address.to_owned(), |port| format!("127.0.0.1:{port}"));
    TcpListener::bind(&address).into_diagnostic().wrap_err_with(|| format!("{option} {address}"))
}

fn outside(connect: impl FnMut() -> Result<Box<dyn Transport>, TransportError> + 'static) -> Line {
    Line { connect: Box::new(connect), power: None, simulation: None }
}

fn in_process<D: ByteDevice + PowerCycle + 'static>(device: D) -> Line {
    let device = Rc::new(RefCell::new(device));
    let power = device.clone();
    let connect: Connect = Box::new(move || Ok(Box::new(InProcess::new(device.clone()))));
    Line { connect, power: Some(power), simulation: None }
}

/// Simulated hardware: run until it rests after each word of the host's or, where its line has delays, as long as the line takes.
fn simulated<M>(make: M, delays: Delays, on: &On) -> Result<Line, BoardUseError>
where
    M: Fn(Option<&Path>) -> Result<HardwareBoard, SimulationError> + 'static,
{
    let clock_hz = configuration(&on.which.config)?.engine.clock_hz;
    let cycles = Rc::new(Cell::new(0));
    if !delays.any() {
        let device = Simulated::new(on.which.trace.as_deref(), make, cycles.clone())?;
        let byte_cycles = device.board.byte_cycles();
        return Ok(Line { simulation: Some(Simulation { cycles, byte_cycles }), ..in_process(device) });
    }
    let board = make(on.which.trace.as_deref())?;
    let byte_cycles = board.byte_cycles();
    let pins = BYTE_BITS * clock_hz / byte_cycles;
    if let Some(seen) = delays.baud.filter(|&baud| baud != pins) {
        return Err(BoardUseError::Pins { seen, pins });
    }
    let (board, elapsed) = (Rc::new(RefCell::new(board)), cycles.clone());
    let connect = move || -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(Timed::new(board.clone(), clock_hz, delays, elapsed.clone())))
    };
    Ok(Line { simulation: Some(Simulation { cycles, byte_cycles }), ..outside(connect) })
}

/// A serial port that is opened again under whatever name its USB adapter has got.
fn serial(port: String, baud: u32) -> Line {
    let mut usb: Option<UsbPort> = None;
    outside(move || {
        let name = match &usb {
            Some(usb) => usb
                .name()
                .ok_or_else(|| TransportError::NoPort { port: port.clone(), known: known_ports() })?,
            None => port.clone(),
        };
        let opened = Serial::open(&name, baud)?;
        usb = usb.take().or_else(|| UsbPort::of(&name));
        Ok(Box::new(opened))
    })
}

/// Simulated hardware that can be made anew, which is what losing its power comes to.
struct Simulated<M> {
    board: HardwareBoard,
    make: M,
    failure: Option<String>,
    /// Of all boards that there were.
    cycles: Rc<Cell<u64>>,
}

impl<M: Fn(Option<&Path>) -> Result<HardwareBoard, SimulationError>> Simulated<M> {
    fn new(trace: Option<&Path>, make: M, cycles: Rc<Cell<u64>>) -> Result<Self, SimulationError> {
        Ok(Self { board: make(trace)?, make, failure: None, cycles })
    }
}

impl<M> ByteDevice for Simulated<M> {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        let before = self.board.cycles().get();
        self.board.exchange(from_host, to_host);
        self.cycles.set(self.cycles.get() + self.board.cycles().get() - before);
    }

    fn failure(&self) -> Option<String> {
        self.failure.clone().or_else(|| self.board.failure())
    }
}

impl<M: Fn(Option<&Path>) -> Result<HardwareBoard, SimulationError>> PowerCycle for Simulated<M> {
    fn power_cycle(&mut self) {
        // A trace ends here: its file would be begun anew.
        match (self.make)(None) {
            Ok(board) => self.board = board,
            Err(error) => self.failure = Some(error.to_string()),
        }
    }
}

/// The simulated hardware of `board`: from a netlist a minute's work, from a bitstream several.
pub fn hardware(
    board: &arch::Board,
    backend: Backend,
    trace: Option<&Path>,
) -> Result<HardwareBoard, SimulationError> {
    built(board, || HardwareBoard::new(board, backend, trace))
}

fn built(
    board: &arch::Board,
    build: impl FnOnce() -> Result<HardwareBoard, HardwareError>,
) -> Result<HardwareBoard, SimulationError> {
    let stage = progress::stage(&format!("the hardware of {}", board.name));
    let made = build().map_err(SimulationError);
    stage.finish_and_clear();
    made
}

/// The bytes of a bitstream.
fn bitstream(path: &str) -> Result<Vec<u8>, BoardUseError> {
    let fail = |problem: String| BoardUseError::Bitstream { path: path.to_owned(), problem };
    bounded(Path::new(path), MAX_BITSTREAM).map_err(fail)
}
