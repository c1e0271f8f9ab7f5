//! Byte streams to a board.

pub mod adapter;
mod clock;
pub mod faults;
pub mod faulty;
pub mod in_process;
#[cfg(target_os = "linux")]
mod low_latency;
pub mod paced;
#[cfg(unix)]
pub mod pcie;
pub mod serial;
pub mod tcp;

use std::time::{Duration, Instant};

pub use adapter::Adapter;
pub use clock::Clock;
pub use faults::{Faults, FaultsError};
pub use faulty::{FaultCounts, Faulty, Injector};
pub use in_process::{ByteDevice, InProcess, PowerCycle};
pub use paced::{Delays, Paced};
#[cfg(unix)]
pub use pcie::{Card, CardError};
pub use serial::Serial;
pub use tcp::Tcp;

use crate::share::Refusal;

/// A byte stream both ways. Nothing in it waits without a limit.
pub trait Transport {
    /// Sends all of `bytes`.
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError>;

    /// Receives what there is, at most `buffer`; 0 where nothing came within `timeout`.
    ///
    /// A transport whose device only moves when asked may say 0 at once: nothing would come however long one waits.
    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError>;

    /// What it is, for messages: `serial port /dev/ttyUSB1 at 3000000 baud`.
    fn description(&self) -> String;

    /// What time it is for this transport: timeouts and round trips are counted by it.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Bytes a second that its line carries each way; `None` where there is no line, or one of an unknown rate.
    fn line_rate(&self) -> Option<u32> {
        None
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        (**self).send(bytes)
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        (**self).receive(buffer, timeout)
    }

    fn description(&self) -> String {
        (**self).description()
    }

    fn now(&self) -> Instant {
        (**self).now()
    }

    fn line_rate(&self) -> Option<u32> {
        (**self).line_rate()
    }
}

/// How long sending may take before the other end counts as dead.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(2);

/// A transport that could not be opened, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Not allowed to open the port.
    #[error(
        "serial port {port}: permission denied. Join the group that may use it:\n    \
         sudo usermod -aG dialout $USER\nand log in again; or let udev open it to everybody:\n    \
         echo 'SUBSYSTEM==\"tty\", ATTRS{{idVendor}}==\"0403\", MODE=\"0666\"' | \
         sudo tee /etc/udev/rules.d/99-stop-fpga.rules"
    )]
    Forbidden {
        /// The port.
        port: String,
    },
    /// Another program has the port.
    #[error(
        "serial port {port} is busy: another program has it open (a terminal, another stop-fpga, ModemManager). \
         Find it with:\n    fuser -v {port}"
    )]
    Busy {
        /// The port.
        port: String,
    },
    /// There is no such port.
    #[error("there is no serial port {port}: {}", known_ports(known))]
    NoPort {
        /// The port asked for.
        port: String,
        /// Ports there are.
        known: Vec<String>,
    },
    /// The port could not be opened for another reason.
    #[error("serial port {port}: {problem}")]
    Port {
        /// The port.
        port: String,
        /// What the system says.
        problem: String,
    },
    /// An address that can't be read or reached.
    #[error("tcp:{address}: {problem}")]
    Address {
        /// The address.
        address: String,
        /// Why not, and what to do.
        problem: String,
    },
    /// A shared board that its server does not give.
    #[error("tcp:{address}: {refusal}")]
    Refused {
        /// The address.
        address: String,
        /// Why not.
        refusal: Refusal,
    },
    /// A card whose device files can't be used.
    #[cfg(unix)]
    #[error(transparent)]
    Card(#[from] CardError),
    /// A device in this process that can do nothing any more.
    #[error("{description} stopped: {problem}")]
    Device {
        /// The transport.
        description: String,
        /// Why.
        problem: String,
    },
    /// The other end is gone.
    #[error("{description}: the other end is gone: was the board unplugged, or the virtual board stopped?")]
    Closed {
        /// The transport.
        description: String,
    },
    /// Sending did not come to an end.
    #[error("{description}: the other end takes no bytes: nothing could be sent for {} s", SEND_TIMEOUT.as_secs())]
    Stuck {
        /// The transport.
        description: String,
    },
    /// Anything else that the system says.
    #[error("{description}: {error}")]
    Io {
        /// The transport.
        description: String,
        /// The system's error.
        error: std::io::Error,
    },
}

fn known_ports(known: &[String]) -> String {
    if known.is_empty() {
        "there is none at all; is the board plugged in?".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    }
}
