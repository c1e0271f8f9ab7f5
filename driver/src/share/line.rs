//! The line between the owner of a shared board and the board: bytes both ways, as they are.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::Builder;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use super::desk::{Desk, Owner};
use super::greeting::{Refusal, Reply};
use super::{Event, TICK, Why};
use crate::transport::SEND_TIMEOUT;
use crate::{Connect, Transport};

/// How long the board is listened to before the owner is again.
const TURN: Duration = Duration::from_millis(1);
/// Bytes that travel on at once.
const PIECE: usize = 4096;
/// Pieces from the owner that may wait for the board; then the owner has to.
const PIECES: usize = 4;

/// Silence after which the system asks whether the owner's machine is still there, and how often and when it asks again.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(10), Duration::from_secs(5), 3);

/// A board and the way to it.
pub(super) struct Line<'a> {
    connect: &'a mut Connect,
    board: Option<Box<dyn Transport>>,
    desk: &'a Desk,
}

impl<'a> Line<'a> {
    pub fn new(connect: &'a mut Connect, desk: &'a Desk) -> Self {
        Self { connect, board: None, desk }
    }

    /// Serves `owner` until one of them is gone; whether it had the board.
    pub fn serve(&mut self, owner: Owner, stop: &AtomicBool, on_event: &mut dyn FnMut(&Event)) -> bool {
        let Owner { stream, address } = owner;
        let had = match self.welcome(&stream) {
            Ok(()) => {
                on_event(&Event::Came(address));
                let why = self.pass(&stream, stop);
                if matches!(why, Why::Board(_)) {
                    // Opened anew for the next owner.
                    self.board = None;
                }
                on_event(&Event::Left(address, why));
                true
            }
            Err(reason) => {
                let refusal = Reply::Refused(Refusal::Board(reason.clone()));
                let _ = (&stream).write_all(refusal.line().as_bytes());
                on_event(&Event::NoBoard(address, reason));
                false
            }
        };
        let _ = stream.shutdown(Shutdown::Both);
        self.desk.free();
        had
    }

    /// Has the board open, and tells the owner.
    fn welcome(&mut self, mut stream: &TcpStream) -> Result<(), String> {
        if self.board.is_none() {
            self.board = Some((self.connect)().map_err(|error| error.to_string())?);
        }
        prepare(stream).map_err(|error| error.to_string())?;
        // That it is gone already is seen in a moment.
        let _ = stream.write_all(Reply::Welcome.line().as_bytes());
        Ok(())
    }

    fn pass(&mut self, stream: &TcpStream, stop: &AtomicBool) -> Why {
        let Some(board) = &mut self.board else { return Why::Gone };
        let (sender, pieces) = mpsc::sync_channel(PIECES);
        let desk = self.desk;
        std::thread::scope(|scope| {
            // Without a thread left to listen by, the owner is as good as gone.
            let listens = Builder::new().spawn_scoped(scope, || listen(stream, sender, desk));
            let why = listens.map_or(Why::Gone, |_| exchange(board, stream, pieces, stop));
            // The thread that listens ends with the connection.
            let _ = stream.shutdown(Shutdown::Both);
            why
        })
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(SEND_TIMEOUT))?;
    let (time, interval, retries) = KEEPALIVE;
    let keepalive = TcpKeepalive::new().with_time(time).with_interval(interval).with_retries(retries);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// Takes what the owner says, until it is gone.
fn listen(mut stream: &TcpStream, sender: SyncSender<Vec<u8>>, desk: &Desk) {
    let mut bytes = [0; PIECE];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => {
                desk.heard();
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Hands bytes over until one end is gone.
fn exchange(
    board: &mut dyn Transport,
    mut stream: &TcpStream,
    pieces: Receiver<Vec<u8>>,
    stop: &AtomicBool,
) -> Why {
    let mut answer = [0; PIECE];
    while !stop.load(Ordering::SeqCst) {
        let start = Instant::now();
        let count = match board.receive(&mut answer, TURN) {
            Ok(count) => count,
            Err(error) => return Why::Board(error.to_string()),
        };
        if count > 0 {
            match stream.write_all(&answer[..count]) {
                Ok(()) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Why::Stuck;
                }
                Err(_) => return Why::Gone,
            }
        }
        // A board that did not use its turn says nothing more unless it is spoken to.
        let patience = if count == 0 && start.elapsed() < TURN { TICK } else { Duration::ZERO };
        match pieces.recv_timeout(patience) {
            Ok(piece) => {
                if let Err(error) = board.send(&piece) {
                    return Why::Board(error.to_string());
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Why::Gone,
        }
    }
    Why::Stopped
}
