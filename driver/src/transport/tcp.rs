//! TCP: a virtual board on a socket, or a board that another machine serves to who knows its token.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::{SEND_TIMEOUT, Transport, TransportError};
use crate::share::{Refusal, Reply, Token, greet};

/// How long connecting may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A TCP connection, small frames sent at once.
#[derive(Debug)]
pub struct Tcp {
    stream: TcpStream,
    address: String,
    /// Whether anything has come.
    heard: bool,
}

impl Tcp {
    /// Connects to the board at `HOST:PORT` that is shared by [`share::serve`](crate::share::serve), with its token.
    pub fn connect_shared(address: &str, token: &Token) -> Result<Self, TransportError> {
        let tcp = Self::connect(address)?;
        match greet(&tcp.stream, token, CONNECT_TIMEOUT).map_err(|error| tcp.failed(error))? {
            Some(Reply::Welcome) => Ok(tcp),
            Some(Reply::Refused(refusal)) => Err(tcp.refused(refusal)),
            None => Err(TransportError::Address {
                address: address.to_owned(),
                problem:
                    "what listens there does not answer as `stop-fpga serve` does: for a virtual board unset \
                          STOP_FPGA_TOKEN"
                        .to_owned(),
            }),
        }
    }

    /// Connects to the board at `HOST:PORT`, which wants no token.
    pub fn connect(address: &str) -> Result<Self, TransportError> {
        let fail = |problem: String| TransportError::Address { address: address.to_owned(), problem };
        let found = address
            .to_socket_addrs()
            .map_err(|error| fail(format!("{error}: wanted HOST:PORT such as localhost:5555")))?;
        let mut refused = "the name has no address".to_owned();
        for socket in found {
            match TcpStream::connect_timeout(&socket, CONNECT_TIMEOUT) {
                Ok(stream) => return Self::prepare(stream, address).map_err(|e| fail(e.to_string())),
                Err(error) => refused = format!("{error}: is a virtual board listening there?"),
            }
        }
        Err(fail(refused))
    }

    fn prepare(stream: TcpStream, address: &str) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(SEND_TIMEOUT))?;
        Ok(Self { stream, address: address.to_owned(), heard: false })
    }

    fn refused(&self, refusal: Refusal) -> TransportError {
        TransportError::Refused { address: self.address.clone(), refusal }
    }

    fn failed(&self, error: std::io::Error) -> TransportError {
        let description = self.description();
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportError::Stuck { description },
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                TransportError::Closed { description }
            }
            _ => TransportError::Io { description, error },
        }
    }
}

impl Transport for Tcp {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        self.stream.write_all(bytes).map_err(|error| self.failed(error))
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        // A timeout of 0 would mean for ever.
        let timeout = timeout.max(Duration::from_micros(1));
        self.stream.set_read_timeout(Some(timeout)).map_err(|error| self.failed(error))?;
        match self.stream.read(buffer) {
            Ok(0) => Err(TransportError::Closed { description: self.description() }),
            Ok(count) => {
                // A server that wants a token says so in place of the board.
                if !std::mem::replace(&mut self.heard, true)
                    && let Some(Reply::Refused(refusal)) = Reply::parse(&buffer[..count])
                {
                    return Err(self.refused(refusal));
                }
                Ok(count)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
                ) =>
            {
                Ok(0)
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn description(&self) -> String {
        format!("tcp:{}", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_nowhere_say_so() {
        let message = Tcp::connect("nonsense").unwrap_err().to_string();
        assert!(message.contains("wanted HOST:PORT"), "{message}");
        // Nobody listens on a port that was just given back.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let message = Tcp::connect(&format!("127.0.0.1:{port}")).unwrap_err().to_string();
        assert!(message.contains("is a virtual board listening there?"), "{message}");
    }

    #[test]
    fn silence_ends_with_the_timeout_and_a_closed_end_is_noticed() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut tcp = Tcp::connect(&listener.local_addr().unwrap().to_string()).unwrap();
        let (other, _) = listener.accept().unwrap();
        let mut buffer = [0; 8];
        assert_eq!(tcp.receive(&mut buffer, Duration::from_millis(5)).unwrap(), 0);
        drop(other);
        let error = tcp.receive(&mut buffer, Duration::from_secs(5)).unwrap_err();
        assert!(matches!(error, TransportError::Closed { .. }), "{error}");
    }
}
