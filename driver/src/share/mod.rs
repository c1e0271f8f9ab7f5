//! A board shared over TCP: one owner at a time, who knows a token.
//!
//! ```text
//! client ──> door ── greeting, token, waiting ──> desk ──> line ── bytes both ways ──> board
//!         (one thread)                       (who owns it)  (the caller's thread)
//! ```
//!
//! `docs/serving.md` says what is promised. A board that is served is any that a [`Connect`] opens; bytes pass as they are.

mod desk;
mod door;
mod greeting;
mod line;
mod token;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::Builder;
use std::time::Duration;

pub use greeting::Refusal;
pub(crate) use greeting::{Reply, greet};
pub use token::{Token, TokenError};

use crate::Connect;
use desk::Desk;
use door::Door;
use line::Line;

/// How often what waits for nothing in particular looks whether it is to stop.
const TICK: Duration = Duration::from_millis(20);

/// How long an owner may be silent before another client gets the board, where nobody says otherwise.
pub const IDLE: Duration = Duration::from_secs(300);

/// What happens to a board that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A client has got the board.
    Came(SocketAddr),
    /// It has the board no more.
    Left(SocketAddr, Why),
    /// A client with the right token could not get the board, because of this.
    NoBoard(SocketAddr, String),
}

/// Why an owner has the board no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It hung up, its machine is gone, or it was silent while another client waited.
    Gone,
    /// It takes no bytes.
    Stuck,
    /// The board failed.
    Board(String),
    /// Serving ends.
    Stopped,
}

/// What came of serving.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// Clients that had the board.
    pub owners: u64,
    /// Clients that were refused or said nothing.
    pub refused: u64,
}

/// Serves the board that `connect` opens to those who come to `listener` with `token`, until `stop`. An owner who has been silent
/// for `idle` makes way when another client wants the board.
///
/// The board is opened before the first client is let in, and anew for the next one after it has failed.
///
/// Errors: the listener can't be used, or the system has no thread left.
pub fn serve(
    connect: &mut Connect,
    listener: &TcpListener,
    token: &Token,
    idle: Duration,
    stop: &AtomicBool,
    on_event: &mut dyn FnMut(&Event),
) -> io::Result<Served> {
    listener.set_nonblocking(true)?;
    let desk = Desk::new(idle);
    let (let_in, owners) = mpsc::channel();
    let mut served = Served::default();
    std::thread::scope(|scope| {
        let door = Door::new(listener, token, &desk, let_in);
        let door = Builder::new().spawn_scoped(scope, || door.keep(stop))?;
        let mut line = Line::new(connect, &desk);
        while !stop.load(Ordering::SeqCst) {
            match owners.recv_timeout(TICK) {
                Ok(owner) => served.owners += u64::from(line.serve(owner, stop, on_event)),
                Err(RecvTimeoutError::Timeout) => {}
                // The door goes with `stop`.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        served.refused = door.join().unwrap_or_default();
        Ok(served)
    })
}

#[cfg(test)]
mod tests;
