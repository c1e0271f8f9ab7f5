//! LitePCIe: two rings of buffers in memory that the card reads and writes by itself.
//!
//! The driver's own reading and writing is for streams without pauses: it counts buffers that the card has gone past whether
//! or not anybody wrote them, and tells of new ones in dozens. [`rings`](super::rings) says what is done instead. Of the driver that needs
//! its mapping, and four requests: the size of the rings, who has them, and each ring's engine on or off.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::rings::{BUFFER, BUFFERS, End, Head, RING, Ring};
use super::{CardError, Packer};
use crate::transport::{Transport, TransportError};

/// Where in a file that stands for a device the two engines are switched: a number u32, 0 off, another one every time they
/// begin; what it was last; what the card has made of it, which repeats it.
pub const SWITCH: usize = 2 * RING;
/// Bytes of such a file: the ring to the card, the ring from the card, the switch.
pub const STAND_IN: usize = SWITCH + 4096;

/// How long what stands in for a card may take to be switched: it may be computing.
const SWITCHING: Duration = Duration::from_secs(5);
/// How long a reader looks without a pause, and its pauses afterwards.
const EAGER: Duration = Duration::from_micros(50);
const PAUSE: Duration = Duration::from_micros(100);

/// The driver's requests, of `litepcie.h` of LitePCIe 2024.12.
mod requests {
    use nix::{ioctl_read, ioctl_readwrite};

    /// An engine on or off; how far it and its user are.
    #[repr(C)]
    #[derive(Default)]
    pub struct Engine {
        pub enable: u8,
        pub hardware_count: i64,
        pub software_count: i64,
    }

    /// The right to use the engines.
    #[repr(C)]
    #[derive(Default)]
    pub struct Lock {
        pub reader_request: u8,
        pub writer_request: u8,
        pub reader_release: u8,
        pub writer_release: u8,
        pub reader_status: u8,
        pub writer_status: u8,
    }

    /// The mapping: first byte of a ring, bytes of a buffer, buffers; to the card, from the card.
    #[repr(C)]
    #[derive(Default)]
    pub struct Mapping {
        pub to_card: [u64; 3],
        pub from_card: [u64; 3],
    }

    ioctl_readwrite!(writer, b'S', 21, Engine);
    ioctl_readwrite!(reader, b'S', 22, Engine);
    ioctl_read!(mapping, b'S', 24, Mapping);
    ioctl_readwrite!(lock, b'S', 25, Lock);
}

/// A request: the driver fills in `about`.
#[expect(unsafe_code, reason = "requests of a driver")]
fn request<T>(
    file: &File,
    request: unsafe fn(RawFd, *mut T) -> nix::Result<i32>,
    about: &mut T,
) -> io::Result<()> {
    // SAFETY: the descriptor is open, and `about` is of the type that the request's own definition has.
    unsafe { request(file.as_raw_fd(), about) }?;
    Ok(())
}

/// An open card.
#[derive(Debug)]
pub struct LitePcie {
    file: Flock<File>,
    /// A file stands for the device.
    stand_in: bool,
    name: String,
    packer: Packer,
    to_card: End,
    from_card: End,
    arrived: Vec<u8>,
}

impl LitePcie {
    /// Opens the device file; a file of [`STAND_IN`] bytes will do in its place.
    pub fn open(path: &Path) -> Result<Self, CardError> {
        let failed = |error: io::Error| CardError::of(path, error);
        let about = std::fs::metadata(path).map_err(failed)?;
        let stand_in = about.is_file() && about.size() == STAND_IN as u64;
        if !stand_in && !about.file_type().is_char_device() {
            let seen = if about.is_dir() { "a folder" } else { "a file" };
            return Err(CardError::Kind { path: path.to_owned(), seen, wanted: "a character device" });
        }
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        let locked = Flock::lock(file, FlockArg::LockExclusiveNonblock);
        let file = locked.map_err(|(_, errno)| failed(errno.into()))?;
        if !stand_in {
            claim(&file, path)?;
        }
        let map = |offset| Ring::map(&file, offset).map_err(failed);
        let (to_card, from_card) = (map(0)?, map(RING)?);
        // While an engine is off the card forgets where it was, and so may the rings.
        switch(&file, stand_in, false).map_err(failed)?;
        to_card.clear();
        from_card.clear();
        switch(&file, stand_in, true).map_err(failed)?;
        Ok(Self {
            file,
            stand_in,
            name: format!("LitePCIe card {}", path.display()),
            packer: Packer::default(),
            to_card: End::new(to_card, Head::First),
            from_card: End::new(from_card, Head::Last),
            arrived: Vec::new(),
        })
    }
}

/// Takes both engines, which the driver stops when the file is closed, and looks at the rings.
fn claim(file: &File, path: &Path) -> Result<(), CardError> {
    let failed = |error: io::Error| CardError::of(path, error);
    let mut lock = requests::Lock { reader_request: 1, writer_request: 1, ..Default::default() };
    request(file, requests::lock, &mut lock).map_err(failed)?;
    if lock.reader_status == 0 || lock.writer_status == 0 {
        return Err(failed(Errno::EBUSY.into()));
    }
    let mut mapping = requests::Mapping::default();
    request(file, requests::mapping, &mut mapping).map_err(failed)?;
    let wanted = |offset: usize| [offset as u64, BUFFER as u64, BUFFERS as u64];
    if mapping.to_card != wanted(0) || mapping.from_card != wanted(RING) {
        let bytes = |ring: [u64; 3]| ring[1].saturating_mul(ring[2]);
        let seen = [bytes(mapping.to_card), bytes(mapping.from_card)];
        return Err(CardError::Rings { path: path.to_owned(), seen });
    }
    Ok(())
}

/// Both engines on or off.
fn switch(file: &File, stand_in: bool, on: bool) -> io::Result<()> {
    if stand_in {
        let switched = tell(file, on)?;
        let start = Instant::now();
        let mut seen = !switched;
        while seen != switched {
            if start.elapsed() > SWITCHING {
                return Err(Errno::ENXIO.into());
            }
            std::thread::sleep(PAUSE);
            seen = number(file, 8)?;
        }
        return Ok(());
    }
    for engine in [requests::reader, requests::writer] {
        let mut about = requests::Engine { enable: on.into(), ..Default::default() };
        request(file, engine, &mut about)?;
    }
    Ok(())
}

/// Tells what stands in for a card; what it will repeat. Not the number of the last time: that it was off may have been too short to be
/// seen.
fn tell(file: &File, on: bool) -> io::Result<u32> {
    let last = number(file, 4)?.wrapping_add(1).max(1);
    let switched = if on { last } else { 0 };
    file.write_all_at(&[switched, last].map(u32::to_le_bytes).concat(), SWITCH as u64)?;
    Ok(switched)
}

/// A number of the switch.
fn number(file: &File, at: u64) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact_at(&mut bytes, SWITCH as u64 + at)?;
    Ok(u32::from_le_bytes(bytes))
}

impl Transport for LitePcie {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        // A ring is longer than what the link may have unanswered, many times over.
        self.to_card.write(&self.packer.pack(bytes));
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, TransportError> {
        let start = Instant::now();
        while self.arrived.is_empty() && !self.from_card.read(&mut self.arrived) {
            let waited = start.elapsed();
            if waited >= timeout {
                return Ok(0);
            }
            if waited > EAGER {
                std::thread::sleep(PAUSE.min(timeout - waited));
            }
        }
        let count = self.arrived.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.arrived[..count]);
        self.arrived.drain(..count);
        Ok(count)
    }

    fn description(&self) -> String {
        self.name.clone()
    }
}

impl Drop for LitePcie {
    fn drop(&mut self) {
        // Nobody is left to take an error, and what stands in for a card is not waited for.
        let _ =
            if self.stand_in { tell(&self.file, false).map(drop) } else { switch(&self.file, false, false) };
    }
}
