//! Cards on PCI Express, behind the character devices of two DMA engines' Linux drivers.
//!
//! ```text
//!   pcie:xdma0      /dev/xdma0_h2c_0, /dev/xdma0_c2h_0   a file each way: what is written and read is the stream
//!   pcie:litepcie0  /dev/litepcie0                       two rings of buffers in memory that card and host share
//! ```
//!
//! On the card stands the core behind AXI4-Stream (`docs/ip-core.md`). `docs/pcie.md` says what of it has been tried.

mod litepcie;
mod packer;
pub mod rings;
mod xdma;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use nix::errno::Errno;

pub use litepcie::{LitePcie, STAND_IN, SWITCH};
pub use packer::{Packer, WORD};
pub use xdma::Xdma;

use super::{Transport, TransportError};

/// Which card, by its device files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Card {
    /// Xilinx' XDMA: to the card, from the card.
    Xdma {
        /// `/dev/xdma0_h2c_0`.
        h2c: PathBuf,
        /// `/dev/xdma0_c2h_0`.
        c2h: PathBuf,
    },
    /// LitePCIe.
    LitePcie {
        /// `/dev/litepcie0`.
        device: PathBuf,
    },
}

impl Card {
    /// Opens its devices. Nobody else has them then.
    pub fn open(&self) -> Result<Box<dyn Transport>, TransportError> {
        Ok(match self {
            Self::Xdma { h2c, c2h } => Box::new(Xdma::open(h2c, c2h)?),
            Self::LitePcie { device } => Box::new(LitePcie::open(device)?),
        })
    }
}

impl FromStr for Card {
    type Err = CardError;

    /// `xdmaN`, `litepcieN`, `h2c=PATH,c2h=PATH` or `litepcie=PATH`.
    fn from_str(name: &str) -> Result<Self, CardError> {
        let unknown = || CardError::Unknown { seen: name.to_owned() };
        let numbered = |prefix: &str| {
            let number = name.strip_prefix(prefix)?;
            (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(())
        };
        if numbered("xdma").is_some() {
            let device = |direction| PathBuf::from(format!("/dev/{name}_{direction}_0"));
            return Ok(Self::Xdma { h2c: device("h2c"), c2h: device("c2h") });
        }
        if numbered("litepcie").is_some() {
            return Ok(Self::LitePcie { device: format!("/dev/{name}").into() });
        }
        let path = |of: &str, key: &str| {
            of.strip_prefix(key).filter(|path| !path.is_empty()).map(PathBuf::from).ok_or_else(unknown)
        };
        match name.split_once(',') {
            Some((h2c, c2h)) => Ok(Self::Xdma { h2c: path(h2c, "h2c=")?, c2h: path(c2h, "c2h=")? }),
            None => Ok(Self::LitePcie { device: path(name, "litepcie=")? }),
        }
    }
}

/// A card that can't be named or opened.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// A name that is none.
    #[error(
        "pcie:{seen}: wanted pcie:xdma0 or pcie:litepcie0 (or another number), pcie:h2c=PATH,c2h=PATH, or pcie:litepcie=PATH"
    )]
    Unknown {
        /// What was asked for.
        seen: String,
    },
    /// There is no such device file.
    #[error(
        "there is no card behind {}: is it configured, and was it when the machine started? `lspci` lists it (`-d 10ee:` those \
         of Xilinx). Is its driver loaded? `lsmod` lists xdma or litepcie", path.display()
    )]
    Missing {
        /// The device file.
        path: PathBuf,
    },
    /// Not allowed to open it.
    #[error(
        "{}: permission denied. Let udev open it to everybody:\n    \
         echo 'KERNEL==\"xdma*|litepcie*\", MODE=\"0666\"' | sudo tee /etc/udev/rules.d/99-stop-fpga-pcie.rules\n    \
         sudo udevadm control --reload && sudo udevadm trigger", path.display()
    )]
    Forbidden {
        /// The device file.
        path: PathBuf,
    },
    /// Another program has it.
    #[error(
        "{} is busy: another program has it open, or the last one's read has not ended, which takes up to 10 s. \
         Find it with:\n    fuser -v {}", path.display(), path.display()
    )]
    Busy {
        /// The device file.
        path: PathBuf,
    },
    /// A file of another kind: opening it might empty it.
    #[error("{} is {seen}, wanted {wanted}", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it is.
        seen: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// A LitePCIe whose rings are others than ours.
    #[error(
        "{}: its driver has rings of {} and {} bytes to and from the card, wanted {} each: \
         build it with its own DMA_BUFFER_COUNT and DMA_BUFFER_SIZE",
        path.display(), seen[0], seen[1], rings::RING
    )]
    Rings {
        /// The device file.
        path: PathBuf,
        /// Bytes to and from the card.
        seen: [u64; 2],
    },
    /// Anything else that the system says.
    #[error("{}: {error}", path.display())]
    Io {
        /// The device file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

impl CardError {
    fn of(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.raw_os_error().map(Errno::from_raw) {
            // A device file without a device, a FIFO that nobody reads.
            Some(Errno::ENOENT | Errno::ENXIO | Errno::ENODEV) => Self::Missing { path },
            Some(Errno::EACCES | Errno::EPERM) => Self::Forbidden { path },
            Some(Errno::EBUSY | Errno::EWOULDBLOCK) => Self::Busy { path },
            _ => Self::Io { path, error },
        }
    }
}

/// What a device says once it, its card or its driver is gone.
fn gone(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EPIPE | Errno::EIO | Errno::ENXIO | Errno::ENODEV))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_named_by_number_or_by_path() {
        let xdma = |h2c: &str, c2h: &str| Card::Xdma { h2c: h2c.into(), c2h: c2h.into() };
        assert_eq!("xdma0".parse::<Card>().unwrap(), xdma("/dev/xdma0_h2c_0", "/dev/xdma0_c2h_0"));
        assert_eq!("h2c=a/x,c2h=b".parse::<Card>().unwrap(), xdma("a/x", "b"));
        let litepcie = |device: &str| Card::LitePcie { device: device.into() };
        assert_eq!("litepcie12".parse::<Card>().unwrap(), litepcie("/dev/litepcie12"));
        assert_eq!("litepcie=x".parse::<Card>().unwrap(), litepcie("x"));
        for name in [
            "",
            "xdma",
            "xdma0x",
            "xdma/../../etc",
            "litepcie",
            "litepcie=",
            "h2c=a",
            "h2c=a,c2h=",
            "c2h=a,h2c=b",
        ] {
            let error = name.parse::<Card>().unwrap_err().to_string();
            assert!(error.contains(&format!("pcie:{name}: wanted pcie:xdma0")), "{error}");
        }
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let said = |errno: Errno| CardError::of(Path::new("/dev/xdma0_c2h_0"), errno.into()).to_string();
        assert!(said(Errno::ENOENT).contains("there is no card behind /dev/xdma0_c2h_0: is it configured"));
        assert!(said(Errno::EACCES).contains(r#"KERNEL=="xdma*|litepcie*", MODE="0666""#));
        assert!(said(Errno::EBUSY).contains("fuser -v /dev/xdma0_c2h_0"));
        assert!(said(Errno::ENOMEM).starts_with("/dev/xdma0_c2h_0: "));
    }
}
