//! Serial ports, pseudo-terminals among them.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use serialport::{ClearBuffer, SerialPort, SerialPortInfo, SerialPortType};

use super::paced::BYTE_BITS;
use super::{SEND_TIMEOUT, Transport, TransportError};

/// Bytes handed to the system at once: a port that takes no more is noticed between two pieces.
const PIECE: usize = 512;

/// An open serial port: 8 data bits, no parity, 1 stop bit, no flow control, nobody else on it.
#[derive(Debug)]
pub struct Serial {
    port: Box<dyn SerialPort>,
    name: String,
    baud: u32,
}

impl Serial {
    /// Opens `port`. A pseudo-terminal takes any baud rate.
    pub fn open(port: &str, baud: u32) -> Result<Self, TransportError> {
        let mut opened = serialport::new(port, baud)
            .timeout(Duration::from_millis(100))
            .open_native()
            .map_err(|error| explain(port, &error, known_ports))?;
        // Some adapters hold the board in reset without it; a pseudo-terminal has no such line and says so.
        let _ = opened.write_data_terminal_ready(true);
        let _ = opened.clear(ClearBuffer::All);
        #[cfg(target_os = "linux")]
        super::low_latency::ask(&opened);
        Ok(Self { port: Box::new(opened), name: port.to_owned(), baud })
    }

    fn failed(&self, error: std::io::Error) -> TransportError {
        let description = self.description();
        match error.kind() {
            // A pseudo-terminal whose other side is closed says "input/output error", which has no kind.
            ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof | ErrorKind::Other => {
                TransportError::Closed { description }
            }
            _ => TransportError::Io { description, error },
        }
    }
}

impl Transport for Serial {
    fn send(&mut self, mut bytes: &[u8]) -> Result<(), TransportError> {
        let deadline = Instant::now() + SEND_TIMEOUT;
        while !bytes.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            // Setting it only stores it.
            let _ = self.port.set_timeout(left);
            match self.port.write(&bytes[..bytes.len().min(PIECE)]) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if again(&error) => {}
                Err(error) => return Err(self.failed(error)),
            }
            if left.is_zero() {
                return Err(TransportError::Stuck { description: self.description() });
            }
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let _ = self.port.set_timeout(left);
            match self.port.read(buffer) {
                Ok(0) => return Err(TransportError::Closed { description: self.description() }),
                Ok(count) => return Ok(count),
                Err(error) if again(&error) && left.is_zero() => return Ok(0),
                Err(error) if again(&error) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    fn description(&self) -> String {
        format!("serial port {} at {} baud", self.name, self.baud)
    }

    fn line_rate(&self) -> Option<u32> {
        Some(self.baud / BYTE_BITS)
    }
}

/// Nothing yet, or a signal (Ctrl-C) came in between.
fn again(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Names of the serial ports there are.
pub fn known_ports() -> Vec<String> {
    ports().into_iter().map(|port| port.port_name).collect()
}

fn ports() -> Vec<SerialPortInfo> {
    // Without it, looking would be a panic.
    if cfg!(target_os = "linux") && !std::path::Path::new("/sys/class/tty").is_dir() {
        return Vec::new();
    }
    serialport::available_ports().unwrap_or_default()
}

/// Which port of which USB adapter one is: what stays the same when it is plugged in again and gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbPort {
    vendor: u16,
    product: u16,
    serial_number: String,
    /// Of the adapter's ports, by their names: many have two.
    place: usize,
}

impl UsbPort {
    /// The one with this name; `None` if it is no USB adapter's, or one without a serial number.
    pub fn of(port: &str) -> Option<Self> {
        // A link of udev's leads to it.
        let real = std::fs::canonicalize(port).map(|path| path.to_string_lossy().into_owned());
        Self::among(&ports(), &real.unwrap_or_else(|_| port.to_owned()))
    }

    /// The name it has now; `None` if it is not plugged in.
    pub fn name(&self) -> Option<String> {
        self.name_among(&ports())
    }

    fn among(ports: &[SerialPortInfo], name: &str) -> Option<Self> {
        let port = ports.iter().find(|port| port.port_name == name)?;
        let SerialPortType::UsbPort(usb) = &port.port_type else { return None };
        let serial_number = usb.serial_number.clone().filter(|number| !number.is_empty())?;
        let mut found = Self { vendor: usb.vid, product: usb.pid, serial_number, place: 0 };
        found.place = found.of_adapter(ports).iter().position(|&other| other == name)?;
        Some(found)
    }

    fn name_among(&self, ports: &[SerialPortInfo]) -> Option<String> {
        self.of_adapter(ports).get(self.place).map(|&name| name.to_owned())
    }

    /// Names of the adapter's ports. A longer name has a higher number.
    fn of_adapter<'p>(&self, ports: &'p [SerialPortInfo]) -> Vec<&'p str> {
        let same = |port: &&SerialPortInfo| match &port.port_type {
            SerialPortType::UsbPort(usb) => {
                (usb.vid, usb.pid) == (self.vendor, self.product)
                    && usb.serial_number.as_ref() == Some(&self.serial_number)
            }
            _ => false,
        };
        let mut names: Vec<&str> = ports.iter().filter(same).map(|port| &port.port_name[..]).collect();
        names.sort_by_key(|name| (name.len(), *name));
        names
    }
}

fn explain(port: &str, error: &serialport::Error, known: impl Fn() -> Vec<String>) -> TransportError {
    use serialport::ErrorKind as Kind;
    let port = port.to_owned();
    match error.kind() {
        Kind::Io(ErrorKind::PermissionDenied) => TransportError::Forbidden { port },
        Kind::Io(ErrorKind::NotFound) => TransportError::NoPort { port, known: known() },
        // The serialport crate's word for a port that is locked.
        Kind::NoDevice | Kind::Io(ErrorKind::WouldBlock) => TransportError::Busy { port },
        _ => TransportError::Port { port, problem: error.description.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: serialport::ErrorKind, known: &[&str]) -> String {
        let known = || known.iter().map(|&name| name.to_owned()).collect();
        explain("/dev/ttyUSB7", &serialport::Error::new(kind, "as the system says"), known).to_string()
    }

    fn usb(name: &str, serial_number: Option<&str>) -> SerialPortInfo {
        let usb = serialport::UsbPortInfo {
            vid: 0x0403,
            pid: 0x6010,
            serial_number: serial_number.map(str::to_owned),
            manufacturer: None,
            product: None,
        };
        SerialPortInfo { port_name: name.to_owned(), port_type: SerialPortType::UsbPort(usb) }
    }

    #[test]
    fn a_port_is_found_again_under_another_name() {
        let (a, b) = (Some("ICE-A"), Some("ICE-B"));
        let before = [usb("/dev/ttyUSB1", a), usb("/dev/ttyUSB0", a), usb("/dev/ttyUSB2", b)];
        let second = UsbPort::among(&before, "/dev/ttyUSB1").unwrap();
        assert_eq!(second.name_among(&before).unwrap(), "/dev/ttyUSB1");
        let after = [usb("/dev/ttyUSB0", b), usb("/dev/ttyUSB10", a), usb("/dev/ttyUSB9", a)];
        assert_eq!(second.name_among(&after).unwrap(), "/dev/ttyUSB10");
        // Not plugged in, or half of it seen so far.
        assert_eq!(second.name_among(&after[..1]), None);
        assert_eq!(second.name_among(&after[..2]), None);
        // What has no number can't be told from another.
        assert_eq!(UsbPort::among(&[usb("/dev/ttyUSB0", None)], "/dev/ttyUSB0"), None);
        assert_eq!(UsbPort::among(&[usb("/dev/ttyUSB0", Some(""))], "/dev/ttyUSB0"), None);
        assert_eq!(UsbPort::among(&before, "/dev/pts/3"), None);
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        use serialport::ErrorKind as Kind;
        let forbidden = message(Kind::Io(ErrorKind::PermissionDenied), &[]);
        assert!(forbidden.contains("/dev/ttyUSB7"), "{forbidden}");
        assert!(forbidden.contains("\n    sudo usermod -aG dialout $USER\n"), "{forbidden}");
        assert!(forbidden.contains(r#"ATTRS{idVendor}=="0403", MODE="0666""#), "{forbidden}");
        let busy = message(Kind::NoDevice, &[]);
        assert!(busy.contains("fuser -v /dev/ttyUSB7"), "{busy}");
        let missing = message(Kind::Io(ErrorKind::NotFound), &["/dev/ttyUSB0", "/dev/ttyUSB1"]);
        assert!(missing.contains("there are /dev/ttyUSB0, /dev/ttyUSB1"), "{missing}");
        assert!(message(Kind::Io(ErrorKind::NotFound), &[]).contains("there is none at all"));
        assert!(message(Kind::Unknown, &[]).contains("as the system says"));
    }

    #[test]
    fn a_port_that_is_not_there_is_named() {
        let error = Serial::open("/dev/there-is-no-such-port", 3_000_000).unwrap_err();
        assert!(
            matches!(&error, TransportError::NoPort { port, .. } if port == "/dev/there-is-no-such-port")
        );
    }

    #[test]
    fn a_file_that_is_no_port_is_refused() {
        assert!(Serial::open("/dev/null", 3_000_000).is_err());
    }
}
