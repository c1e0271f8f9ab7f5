//! A board on a pseudo-terminal, on a socket or in the place of a card, one host at a time, until it is told to stop.

mod card;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use driver::transport::ByteDevice;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

pub use card::{serve_litepcie, serve_xdma};

/// How often the flag that stops a board is looked at.
const TICK: Duration = Duration::from_millis(50);
/// A host that takes nothing for this long has its answers dropped: it repeats what it still wants answered.
const PATIENCE: Duration = Duration::from_secs(2);

/// The request that clears a terminal's exclusive mode. A host that was killed leaves it set; live hosts keep each
/// other out by a file lock as well.
#[expect(unsafe_code, reason = "an ioctl without arguments on a descriptor that is borrowed for the call")]
fn clear_exclusive(terminal: BorrowedFd<'_>) {
    nix::ioctl_none_bad!(tiocnxcl, nix::libc::TIOCNXCL);
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open for as long as it is borrowed, and the request reads and writes no memory.
    let _ = unsafe { tiocnxcl(terminal.as_raw_fd()) };
}

/// A board that could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The path of the pseudo-terminal is taken.
    #[error("{}: exists and is not a link to a pseudo-terminal: choose another path or remove it", path.display())]
    Taken {
        /// The path.
        path: PathBuf,
    },
    /// There is something in the place of a card's device file.
    #[error("{}: exists: choose another path or remove it", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// Another board serves at this path.
    #[error("{}: another virtual board serves here (it leads to {}): stop it or choose another path",
        path.display(), terminal.display())]
    Serving {
        /// The path.
        path: PathBuf,
        /// Where it leads.
        terminal: PathBuf,
    },
    /// The board can do nothing any more.
    #[error("the board stopped: {problem}")]
    Board {
        /// Why.
        problem: String,
    },
    /// The system refuses.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's word.
        error: io::Error,
    },
}

fn failed<E: Into<io::Error>>(what: impl Into<String>) -> impl FnOnce(E) -> ServeError {
    let what = what.into();
    move |error| ServeError::Io { what, error: error.into() }
}

/// A symbolic link that goes when the board does.
struct Link(PathBuf);

impl Link {
    /// Links `path` to `terminal`. A link that leads nowhere is what a killed board left behind, and is replaced.
    fn make(path: &Path, terminal: &Path) -> Result<Self, ServeError> {
        match std::fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => match std::fs::canonicalize(path) {
                Ok(terminal) => return Err(ServeError::Serving { path: path.into(), terminal }),
                Err(_) => std::fs::remove_file(path).map_err(failed(path.display().to_string()))?,
            },
            Ok(_) => return Err(ServeError::Taken { path: path.into() }),
            Err(_) => {}
        }
        std::os::unix::fs::symlink(terminal, path).map_err(failed(path.display().to_string()))?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Serves `board` on a new pseudo-terminal to which `path` is linked, until `stop`. `ready` is called with the
/// terminal's own name once a host can open it.
///
/// Errors: the path is taken; the system has no pseudo-terminal left.
pub fn serve_pty(
    board: &mut dyn ByteDevice,
    path: &Path,
    stop: &AtomicBool,
    ready: impl FnOnce(&Path),
) -> Result<(), ServeError> {
    let what = "opening a pseudo-terminal";
    let pair = openpty(None, None).map_err(failed(what))?;
    let mut settings = tcgetattr(&pair.slave).map_err(failed(what))?;
    cfmakeraw(&mut settings);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &settings).map_err(failed(what))?;
    let name = nix::unistd::ttyname(&pair.slave).map_err(failed(what))?;
    let mut line = std::fs::File::from(pair.master);
    // The host's end stays open here too: without it reading fails whenever no host is connected.
    let host_end = pair.slave;
    let _link = Link::make(path, &name)?;
    ready(&name);
    let mut answers = Vec::new();
    let mut bytes = [0; 4096];
    while !stop.load(Ordering::SeqCst) {
        if !wait(line.as_fd(), PollFlags::POLLIN).map_err(failed(what))? {
            clear_exclusive(host_end.as_fd());
            continue;
        }
        let count = line.read(&mut bytes).map_err(failed("reading the pseudo-terminal"))?;
        move_board(board, &bytes[..count], &mut line, &mut answers, stop)
            .map_err(failed("the pseudo-terminal"))?;
        alive(board)?;
    }
    Ok(())
}

/// Serves `board` on a socket, one host at a time, until `stop`. `listener` says which. A host that goes away leaves the
/// board as it is for the next.
pub fn serve_tcp(
    board: &mut dyn ByteDevice,
    listener: &TcpListener,
    stop: &AtomicBool,
) -> Result<(), ServeError> {
    while !stop.load(Ordering::SeqCst) {
        if wait(listener.as_fd(), PollFlags::POLLIN).map_err(failed("listening"))? {
            match listener.accept() {
                // A host that breaks off is no reason to stop.
                Ok((stream, _)) => {
                    drop(serve_stream(board, stream, stop));
                    alive(board)?;
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(failed("accepting a connection")(error)),
            }
        }
    }
    Ok(())
}

fn serve_stream(board: &mut dyn ByteDevice, mut stream: TcpStream, stop: &AtomicBool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut answers = Vec::new();
    let mut bytes = [0; 4096];
    while !stop.load(Ordering::SeqCst) {
        if wait(stream.as_fd(), PollFlags::POLLIN)? {
            let count = stream.read(&mut bytes)?;
            if count == 0 {
                break;
            }
            move_board(board, &bytes[..count], &mut stream, &mut answers, stop)?;
            if board.failure().is_some() {
                break;
            }
        }
    }
    Ok(())
}

/// Gives the board what came; once nothing more waits, lets it finish what it has to do.
fn move_board<W: Write + AsFd>(
    board: &mut dyn ByteDevice,
    bytes: &[u8],
    line: &mut W,
    answers: &mut Vec<u8>,
    stop: &AtomicBool,
) -> io::Result<()> {
    board.exchange(bytes, answers);
    if !ready(line.as_fd(), PollFlags::POLLIN, PollTimeout::ZERO)? {
        board.exchange(&[], answers);
    }
    send(line, answers, stop)
}

fn alive(board: &dyn ByteDevice) -> Result<(), ServeError> {
    board.failure().map_or(Ok(()), |problem| Err(ServeError::Board { problem }))
}

/// Writes and empties `answers`, dropping them where the host does not take them.
fn send<W: Write + AsFd>(to: &mut W, answers: &mut Vec<u8>, stop: &AtomicBool) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut sent = 0;
    while sent < answers.len() && Instant::now() < deadline && !stop.load(Ordering::SeqCst) {
        if wait(to.as_fd(), PollFlags::POLLOUT)? {
            // A small piece never blocks once the other side has room at all.
            let end = answers.len().min(sent + 512);
            sent += to.write(&answers[sent..end])?;
        }
    }
    answers.clear();
    Ok(())
}

/// Waits one tick for `events`.
fn wait(fd: BorrowedFd<'_>, events: PollFlags) -> io::Result<bool> {
    ready(fd, events, PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO))
}

fn ready(fd: BorrowedFd<'_>, events: PollFlags, timeout: PollTimeout) -> io::Result<bool> {
    let mut fds = [PollFd::new(fd, events)];
    match poll(&mut fds, timeout) {
        Ok(_) => Ok(fds[0].any().unwrap_or(false)),
        Err(nix::errno::Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
