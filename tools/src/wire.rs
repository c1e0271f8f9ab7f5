//! The wire to the board that `--board` names: opened as often as it is lost, and with faults where they are asked for.

use std::cell::RefCell;
use std::net::TcpListener;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use driver::share::Token;
use driver::transport::serial::{UsbPort, known_ports};
use driver::transport::{ByteDevice, Card, Faults, InProcess, Injector, PowerCycle, Serial, Tcp};
use driver::{Connect, Options, Policy, Recovering, Transport, TransportError};
use miette::{IntoDiagnostic, WrapErr};
use sim::hardware::{Backend, HardwareError};
use sim::{HardwareBoard, VirtualBoard};

use crate::board::{BoardUseError, SimulationError, configuration};
use crate::cli::On;
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

/// The environment variable that holds the token of shared boards.
pub const TOKEN: &str = "STOP_FPGA_TOKEN";

/// A way to a board: opened as often as need be.
pub struct Way {
    /// Opens it.
    pub connect: Connect,
    /// How patient to be over it.
    pub options: Options,
    /// What injects its faults, if it has any.
    pub injector: Option<Injector>,
}

/// A session over the wire that `on` names, and what injects its faults if it has any.
pub fn open(on: &On) -> Result<(Recovering, Option<Injector>), BoardUseError> {
    let Way { connect, options, injector } = way(on)?;
    Ok((Recovering::connect(connect, options, Policy::default())?, injector))
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
    let Line { mut connect, power } = line(name, on)?.ok_or_else(unknown)?;
    let Some(faults) = faults else {
        return Ok(Way { connect, options: Options::default(), injector: None });
    };
    if faults.reset.is_some() && power.is_none() {
        return Err(BoardUseError::NoSwitch { board: name.to_owned() });
    }
    let options = if power.is_some() { IN_PROCESS } else { Options::default() };
    let injector = Injector::new(faults);
    let around = injector.clone();
    let connect: Connect = Box::new(move || {
        let power = power.as_ref().map(|power| Box::new(power.clone()) as Box<dyn PowerCycle>);
        Ok(Box::new(around.around(connect()?, power)))
    });
    Ok(Way { connect, options, injector: Some(injector) })
}

/// A way to a board, and its switch where there is one.
struct Line {
    connect: Connect,
    power: Option<Rc<RefCell<dyn PowerCycle>>>,
}

/// `None` where `name` names no board with a wire.
fn line(name: &str, on: &On) -> Result<Option<Line>, BoardUseError> {
    if let Some(&(_, backend)) = HARDWARE.iter().find(|(hardware, _)| *hardware == name) {
        let config = configuration(&on.which.config)?;
        let make = move |trace: Option<&Path>| hardware(&config, backend, trace);
        return Ok(Some(in_process(Simulated::new(on.which.trace.as_deref(), make)?)));
    }
    Ok(Some(match name.split_once(':') {
        None if name == "model" => in_process(VirtualBoard::new(&configuration(&on.which.config)?)),
        Some(("bitstream", path)) => {
            let (board, bytes) = (configuration(&on.which.config)?, bitstream(path)?);
            let make = move |trace: Option<&Path>| {
                built(&board, || HardwareBoard::of_bitstream(&board, &bytes, trace))
            };
            in_process(Simulated::new(on.which.trace.as_deref(), make)?)
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
    Line { connect: Box::new(connect), power: None }
}

fn in_process<D: ByteDevice + PowerCycle + 'static>(device: D) -> Line {
    let device = Rc::new(RefCell::new(device));
    let power = device.clone();
    let connect: Connect = Box::new(move || Ok(Box::new(InProcess::new(device.clone()))));
    Line { connect, power: Some(power) }
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
}

impl<M: Fn(Option<&Path>) -> Result<HardwareBoard, SimulationError>> Simulated<M> {
    fn new(trace: Option<&Path>, make: M) -> Result<Self, SimulationError> {
        Ok(Self { board: make(trace)?, make, failure: None })
    }
}

impl<M> ByteDevice for Simulated<M> {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        self.board.exchange(from_host, to_host);
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
    let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > MAX_BITSTREAM {
        return Err(fail(format!("{size} bytes, wanted at most {MAX_BITSTREAM}")));
    }
    std::fs::read(path).map_err(|error| fail(error.to_string()))
}
