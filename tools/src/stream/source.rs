//! What `--source` names, opened.

use std::io::{self, Read};
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::path::Path;

use driver::transport::tcp::CONNECT_TIMEOUT;
use events::recording::{self, Options, Reader};

/// The largest datagram there is.
const DATAGRAM: usize = 1 << 16;

/// A source that can't be had.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SourceError {
    /// No such address, or nobody there.
    #[error("--source {source_text}: {problem}")]
    #[diagnostic(help(
        "a FILE, stdin, tcp:HOST:PORT to connect to, or udp:HOST:PORT to listen on, such as udp:0.0.0.0:7777"
    ))]
    Address {
        /// What was asked for.
        source_text: String,
        /// Why not.
        problem: String,
    },
    /// No recording.
    #[error("--source {source_text}: {error}")]
    #[diagnostic(help("--format says which format it is; `stop-fpga events info` looks at a file"))]
    Recording {
        /// What was asked for.
        source_text: String,
        /// Why not.
        error: Box<events::Error>,
    },
}

/// Whether `source` is a recording, and not something that is still being recorded.
pub fn is_file(source: &str) -> bool {
    !(matches!(source, "stdin" | "-") || source.starts_with("tcp:") || source.starts_with("udp:"))
}

/// Opens `source`. It waits until the first bytes have come, which tell the format.
pub fn open(source: &str, options: &Options) -> Result<Reader, SourceError> {
    let refused = |problem: String| SourceError::Address { source_text: source.to_owned(), problem };
    let unread = |error| SourceError::Recording { source_text: source.to_owned(), error: Box::new(error) };
    if matches!(source, "stdin" | "-") {
        return recording::from_reader("stdin", io::stdin(), options).map_err(unread);
    }
    match source.split_once(':') {
        Some(("tcp", address)) => {
            let stream = connect(address).map_err(refused)?;
            recording::from_reader(source, stream, options).map_err(unread)
        }
        Some(("udp", address)) => {
            let socket = UdpSocket::bind(address).map_err(|error| refused(error.to_string()))?;
            recording::from_reader(source, Datagrams::of(socket), options).map_err(unread)
        }
        _ => recording::open(Path::new(source), options).map_err(unread),
    }
}

fn connect(address: &str) -> Result<TcpStream, String> {
    let mut refused = "the name has no address".to_owned();
    for socket in address.to_socket_addrs().map_err(|error| error.to_string())? {
        match TcpStream::connect_timeout(&socket, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error.to_string(),
        }
    }
    Err(refused)
}

/// The bytes of datagrams, one behind the other. An empty datagram ends them.
struct Datagrams {
    socket: UdpSocket,
    datagram: Box<[u8]>,
    taken: usize,
    end: usize,
    ended: bool,
}

impl Datagrams {
    fn of(socket: UdpSocket) -> Self {
        Self { socket, datagram: vec![0; DATAGRAM].into(), taken: 0, end: 0, ended: false }
    }
}

impl Read for Datagrams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.end && !self.ended {
            self.end = self.socket.recv(&mut self.datagram)?;
            self.taken = 0;
            self.ended = self.end == 0;
        }
        let count = buffer.len().min(self.end - self.taken);
        buffer[..count].copy_from_slice(&self.datagram[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}
