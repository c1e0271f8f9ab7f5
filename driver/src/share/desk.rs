//! Who has the board.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A client that may have the board.
pub(super) struct Owner {
    pub stream: TcpStream,
    pub address: SocketAddr,
}

/// The one place that says who owns the board.
pub(super) struct Desk {
    now: Mutex<Option<Present>>,
    idle: Duration,
}

struct Present {
    /// A second handle of the owner's connection, to end it by.
    stream: Option<TcpStream>,
    heard: Instant,
}

impl Desk {
    pub fn new(idle: Duration) -> Self {
        Self { now: Mutex::new(None), idle }
    }

    /// Gives the board to `stream` if nobody has it. An owner that has been silent for too long is made to leave, so that the board
    /// is free a moment later.
    pub fn take(&self, stream: &TcpStream) -> bool {
        let mut now = self.now();
        if let Some(Present { stream, heard }) = &*now {
            if heard.elapsed() >= self.idle
                && let Some(stream) = stream
            {
                let _ = stream.shutdown(Shutdown::Both);
            }
            return false;
        }
        *now = Some(Present { stream: stream.try_clone().ok(), heard: Instant::now() });
        true
    }

    /// The owner has said something.
    pub fn heard(&self) {
        if let Some(present) = &mut *self.now() {
            present.heard = Instant::now();
        }
    }

    /// Nobody has the board any more.
    pub fn free(&self) {
        *self.now() = None;
    }

    /// What a thread that panicked left behind is as good as ever: each change is a single assignment.
    fn now(&self) -> MutexGuard<'_, Option<Present>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
