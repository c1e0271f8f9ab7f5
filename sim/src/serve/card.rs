//! A board in the place of a card on PCI Express: what its DMA engine and its driver would do, without either.
//!
//! ```text
//!   xdma      two FIFOs ── whole words ──> board ── each answer in whole words ──> the other
//!   litepcie  a file, mapped: the buffers of one ring ──> board ──> answers in the buffers of the other
//! ```
//!
//! Engine and driver themselves are not imitated: no interrupts, no descriptors, no limits of their own.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arch::protocol::FRAME_END;
use driver::transport::ByteDevice;
use driver::transport::pcie::rings::{End, Head, RING, Ring};
use driver::transport::pcie::{Packer, STAND_IN, SWITCH, WORD};
use nix::poll::PollFlags;
use nix::sys::stat::Mode;

use super::{ServeError, alive, failed, send, wait};

/// How long a card whose ring has nothing new waits before it looks again.
const PAUSE: Duration = Duration::from_micros(100);

/// A file that goes when the board does.
struct Made(PathBuf);

impl Made {
    /// What `make` makes at `path`, where nothing was.
    fn new(path: PathBuf, make: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<Self, ServeError> {
        match make(&path) {
            Ok(()) => Ok(Self(path)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(ServeError::Exists { path })
            }
            Err(error) => Err(failed(path.display().to_string())(error)),
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Serves `board` as an XDMA card, until `stop`: two FIFOs `xdma0_h2c_0` and `xdma0_c2h_0` in `folder`. `ready` is called with them once
/// a host can open them.
///
/// Errors: there is something in their place.
pub fn serve_xdma(
    board: &mut dyn ByteDevice,
    folder: &Path,
    stop: &AtomicBool,
    ready: impl FnOnce(&Path, &Path),
) -> Result<(), ServeError> {
    let fifo = |name: &str| {
        let make = |path: &Path| Ok(nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?);
        Made::new(folder.join(name), make)
    };
    let (h2c, c2h) = (fifo("xdma0_h2c_0")?, fifo("xdma0_c2h_0")?);
    // Open both ways: neither waits for a host, and a host that goes away is no end.
    let open = |made: &Made| {
        let opened = OpenOptions::new().read(true).write(true).open(&made.0);
        opened.map_err(failed(made.0.display().to_string()))
    };
    let (mut from_host, mut to_host) = (open(&h2c)?, open(&c2h)?);
    ready(&h2c.0, &c2h.0);
    let (mut bytes, mut arrived, mut answers) = ([0; 4096], Vec::new(), Vec::new());
    let mut packer = Packer::default();
    while !stop.load(Ordering::SeqCst) {
        let there = wait(from_host.as_fd(), PollFlags::POLLIN).map_err(failed("waiting for a host"))?;
        if there {
            let count = from_host.read(&mut bytes).map_err(failed("reading a FIFO"))?;
            arrived.extend_from_slice(&bytes[..count]);
        }
        // An engine moves whole words, and nothing of a word that is not there.
        let words = arrived.len() / WORD * WORD;
        if words == 0 {
            continue;
        }
        board.exchange(&arrived[..words], &mut answers);
        arrived.drain(..words);
        board.exchange(&[], &mut answers);
        alive(board)?;
        let mut packets = in_words(&mut packer, &mut answers);
        send(&mut to_host, &mut packets, stop).map_err(failed("writing a FIFO"))?;
    }
    Ok(())
}

/// Answers in words, each one's last filled up, as who looks at no `tkeep` has them. What is not whole yet waits.
fn in_words(packer: &mut Packer, answers: &mut Vec<u8>) -> Vec<u8> {
    let words = answers.split_inclusive(|&byte| byte == FRAME_END).flat_map(|answer| packer.pack(answer));
    let words = words.collect();
    answers.clear();
    words
}

/// Serves `board` as a LitePCIe card, until `stop`: a file at `path` that is mapped instead of a device's memory. `ready` is called once a
/// host can open it.
///
/// Errors: there is something in its place.
pub fn serve_litepcie(
    board: &mut dyn ByteDevice,
    path: &Path,
    stop: &AtomicBool,
    ready: impl FnOnce(),
) -> Result<(), ServeError> {
    let made = Made::new(path.to_owned(), |path| File::create_new(path)?.set_len(STAND_IN as u64))?;
    let what = made.0.display().to_string();
    let file = OpenOptions::new().read(true).write(true).open(&made.0).map_err(failed(&what))?;
    let ring = |offset| Ring::map(&file, offset).map_err(failed(&what));
    ready();
    let (mut ends, mut began) = (None, 0);
    let (mut arrived, mut answers, mut packer) = (Vec::new(), Vec::new(), Packer::default());
    while !stop.load(Ordering::SeqCst) {
        let mut number = [0; 4];
        file.read_exact_at(&mut number, SWITCH as u64).map_err(failed(&what))?;
        let switched = u32::from_le_bytes(number);
        if switched != began {
            (began, packer) = (switched, Packer::default());
            ends = match switched {
                0 => None,
                _ => Some((End::new(ring(0)?, Head::First), End::new(ring(RING)?, Head::Last))),
            };
            file.write_all_at(&number, SWITCH as u64 + 8).map_err(failed(&what))?;
        }
        let Some((from_host, to_host)) = &mut ends else {
            std::thread::sleep(PAUSE);
            continue;
        };
        if from_host.read(&mut arrived) {
            board.exchange(&arrived, &mut answers);
            arrived.clear();
        } else {
            board.exchange(&[], &mut answers);
            if answers.is_empty() {
                std::thread::sleep(PAUSE);
            }
        }
        alive(board)?;
        to_host.write(&in_words(&mut packer, &mut answers));
    }
    Ok(())
}
