//! Xilinx' XDMA with AXI4-Stream: two files, read and written by two threads.
//!
//! Its driver knows no polling and no waiting for less than its own 10 s: a read returns with a packet or not before then, and so does a write
//! that the card does not take. Here nothing may wait without a limit, so the threads wait and hand over what they have.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, Flock, FlockArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{CardError, Packer, gone};
use crate::transport::{SEND_TIMEOUT, Transport, TransportError};

/// What is handed to the driver at once: a page, which its engine moves with one descriptor.
const PAGE: usize = 4096;
/// Packets that wait to be received; the longest answer is shorter than a page.
const QUEUE: usize = 64;
/// How often a thread that waits for bytes looks whether it is still wanted, in milliseconds.
const TICK: u16 = 20;
/// How long the end of a reading thread is waited for: behind a FIFO the next one would share the bytes with it.
const ENDING: Duration = Duration::from_millis(200);
/// What the driver returns when its own time is up: the kernel's ERESTARTSYS, which no program was to see.
const RESTART: i32 = 512;

/// Memory that begins where the engine wants it to.
#[repr(align(4096))]
struct Page([u8; PAGE]);

impl Page {
    fn new() -> Box<Self> {
        Box::new(Self([0; PAGE]))
    }
}

/// An open card.
#[derive(Debug)]
pub struct Xdma {
    name: String,
    packer: Packer,
    words: SyncSender<Vec<u8>>,
    written: Receiver<io::Result<()>>,
    packets: Receiver<io::Result<Vec<u8>>>,
    packet: Vec<u8>,
    /// A write has not come back in time: what became of it is unknown.
    stuck: bool,
    unwanted: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Xdma {
    /// Opens the device files to the card and from it; in their places FIFOs will do.
    pub fn open(h2c: &Path, c2h: &Path) -> Result<Self, CardError> {
        let from_card = open(c2h, OpenOptions::new().read(true))?;
        let busy = |(_, errno): (File, Errno)| CardError::of(c2h, errno.into());
        let from_card = Flock::lock(from_card, FlockArg::LockExclusiveNonblock).map_err(busy)?;
        let to_card = open(h2c, OpenOptions::new().write(true))?;
        let (words, to_write) = sync_channel::<Vec<u8>>(1);
        let (report, written) = sync_channel(1);
        std::thread::spawn(move || write(to_card, &to_write, &report));
        let (hand_over, packets) = sync_channel(QUEUE);
        let unwanted = Arc::new(AtomicBool::new(false));
        let flag = unwanted.clone();
        let reader = std::thread::spawn(move || read(&from_card, &hand_over, &flag));
        Ok(Self {
            name: format!("XDMA card {}, {}", h2c.display(), c2h.display()),
            packer: Packer::default(),
            words,
            written,
            packets,
            packet: Vec::new(),
            stuck: false,
            unwanted,
            reader: Some(reader),
        })
    }

    fn failed(&self, error: io::Error) -> TransportError {
        let description = self.description();
        if gone(&error) {
            TransportError::Closed { description }
        } else if timed_out(&error) {
            TransportError::Stuck { description }
        } else {
            TransportError::Io { description, error }
        }
    }
}

/// Opens a device or a FIFO, and nothing else: a file would be emptied.
fn open(path: &Path, options: &OpenOptions) -> Result<File, CardError> {
    let failed = |error: io::Error| CardError::of(path, error);
    let kind = std::fs::metadata(path).map_err(failed)?.file_type();
    if !kind.is_char_device() && !kind.is_fifo() {
        let seen = if kind.is_dir() { "a folder" } else { "a file" };
        return Err(CardError::Kind { path: path.to_owned(), seen, wanted: "a character device or a FIFO" });
    }
    // A FIFO that nobody reads would wait for somebody; the engine would wait for more than a packet.
    let mut options = options.clone();
    let flags = if kind.is_fifo() { OFlag::O_NONBLOCK } else { OFlag::O_TRUNC };
    let opened = options.custom_flags(flags.bits()).open(path).map_err(failed)?;
    fcntl(&opened, FcntlArg::F_SETFL(OFlag::empty())).map_err(|errno| failed(errno.into()))?;
    Ok(opened)
}

fn timed_out(error: &io::Error) -> bool {
    error.raw_os_error() == Some(RESTART)
        || matches!(
            error.kind(),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
        )
}

/// Writes words, page by page, and reports each lot.
fn write(mut to_card: File, words: &Receiver<Vec<u8>>, report: &SyncSender<io::Result<()>>) {
    let mut page = Page::new();
    while let Ok(words) = words.recv() {
        let written = words.chunks(PAGE).try_for_each(|mut piece| {
            while !piece.is_empty() {
                page.0[..piece.len()].copy_from_slice(piece);
                match to_card.write(&page.0[..piece.len()]) {
                    Ok(count) => piece = &piece[count..],
                    // By a signal. What had gone goes again, and frames that come twice do no harm.
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        if report.send(written).is_err() {
            break;
        }
    }
}

/// Reads packets until it fails or nobody wants them.
fn read(from_card: &File, packets: &SyncSender<io::Result<Vec<u8>>>, unwanted: &AtomicBool) {
    let device = from_card.metadata().is_ok_and(|about| about.file_type().is_char_device());
    let mut page = Page::new();
    while !unwanted.load(Ordering::Relaxed) {
        // A device that can't be polled counts as ready, and is waited for in its driver.
        let mut ready = [PollFd::new(from_card.as_fd(), PollFlags::POLLIN)];
        if poll(&mut ready, PollTimeout::from(TICK)).is_ok_and(|count| count == 0) {
            continue;
        }
        let mut from_card = from_card;
        let packet = match from_card.read(&mut page.0) {
            Ok(0) if device => continue,
            Ok(0) => Err(Errno::EPIPE.into()),
            Ok(count) => Ok(page.0[..count].to_vec()),
            Err(error) if timed_out(&error) => continue,
            Err(error) => Err(error),
        };
        let last = packet.is_err();
        if packets.send(packet).is_err() || last {
            break;
        }
    }
}

impl Transport for Xdma {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        let words = self.packer.pack(bytes);
        if words.is_empty() {
            return Ok(());
        }
        let (stuck, closed) = (
            TransportError::Stuck { description: self.description() },
            TransportError::Closed { description: self.description() },
        );
        if self.stuck {
            return Err(stuck);
        }
        if self.words.send(words).is_err() {
            return Err(closed);
        }
        match self.written.recv_timeout(SEND_TIMEOUT) {
            Ok(written) => written.map_err(|error| self.failed(error)),
            Err(RecvTimeoutError::Disconnected) => Err(closed),
            Err(RecvTimeoutError::Timeout) => {
                self.stuck = true;
                Err(stuck)
            }
        }
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        if self.packet.is_empty() {
            self.packet = match self.packets.recv_timeout(timeout) {
                Ok(packet) => packet.map_err(|error| self.failed(error))?,
                Err(RecvTimeoutError::Timeout) => return Ok(0),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(TransportError::Closed { description: self.description() });
                }
            };
        }
        let count = self.packet.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.packet[..count]);
        self.packet.drain(..count);
        Ok(count)
    }

    fn description(&self) -> String {
        self.name.clone()
    }
}

impl Drop for Xdma {
    fn drop(&mut self) {
        self.unwanted.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + ENDING;
        while self.reader.as_ref().is_some_and(|reader| !reader.is_finished()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
