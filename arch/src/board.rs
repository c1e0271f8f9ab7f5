//! Board files: `constraints/BOARD/board.toml`, the one place that says what a board is.

use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::identity::NAME_BYTES;

/// A board file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name, as in `--config NAME`; also the folder's name.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// The FPGA; absent for a configuration that exists only as a model.
    pub device: Option<Device>,
    /// The clock's source.
    pub clock: Option<Clock>,
    /// The serial link.
    pub uart: Option<Uart>,
    /// Lights while the board computes.
    pub led: Option<Led>,
    /// What the engine is built with.
    pub engine: Capacity,
    /// What the link is built with.
    pub link: Link,
}

/// The FPGA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Family: `ice40` or `ecp5`.
    pub family: String,
    /// Part, as nextpnr names it.
    pub part: String,
    /// Package, as nextpnr names it.
    pub package: String,
    /// Logic cells (iCE40) or LUTs (ECP5).
    pub logic_cells: u32,
    /// Block RAMs.
    pub block_rams: u32,
    /// Bits of one block RAM.
    pub block_ram_bits: u32,
    /// Large single-port RAMs (iCE40 UltraPlus SPRAM).
    pub large_rams: u32,
    /// Bits of one large RAM.
    pub large_ram_bits: u32,
    /// Multipliers.
    pub multipliers: u32,
}

/// The board's oscillator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Pin of the oscillator.
    pub pin: String,
    /// Its frequency in Hz. The engine's own clock is `engine.clock_hz`.
    pub oscillator_hz: u32,
}

/// The serial link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uart {
    /// Pin on which the board receives.
    pub receive_pin: String,
    /// Pin on which the board sends.
    pub transmit_pin: String,
    /// Baud rate.
    pub baud: u32,
}

/// A light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Led {
    /// Its pin.
    pub pin: String,
    /// It lights at a low level.
    pub active_low: bool,
}

/// Buffers of the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Longest payload of a frame in bytes.
    pub max_payload: u32,
    /// Frames the host may have unanswered.
    pub window: u32,
    /// Bytes of unanswered frames that the receiver holds.
    pub receive_buffer: u32,
}

/// The board files of this repository.
const FILES: [(&str, &str); 7] = [
    ("icebreaker", include_str!("../../constraints/icebreaker/board.toml")),
    ("simulated-w16", include_str!("../../constraints/simulated-w16/board.toml")),
    ("simulated-x16", include_str!("../../constraints/simulated-x16/board.toml")),
    ("small-w8", include_str!("../../constraints/small-w8/board.toml")),
    ("small-w16", include_str!("../../constraints/small-w16/board.toml")),
    ("virtual-w8", include_str!("../../constraints/virtual-w8/board.toml")),
    ("virtual-w16", include_str!("../../constraints/virtual-w16/board.toml")),
];

/// A configuration that can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// No such name.
    #[error("no configuration `{name}`: there are {}, or name a board.toml file", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A file that is no board file.
    #[error("board file {name}: {problem}")]
    File {
        /// Which.
        name: String,
        /// What is wrong with it, and where.
        problem: String,
    },
}

impl Board {
    /// Names of the configurations in this repository.
    pub fn names() -> Vec<&'static str> {
        FILES.iter().map(|&(name, _)| name).collect()
    }

    /// The configuration of a name in this repository.
    pub fn named(name: &str) -> Result<Self, BoardError> {
        let file = FILES.iter().find(|(known, _)| *known == name);
        let &(_, text) =
            file.ok_or_else(|| BoardError::Unknown { name: name.to_owned(), known: Self::names() })?;
        Self::parse(name, text)
    }

    /// Reads the text of a board file; `name` is for messages.
    pub fn parse(name: &str, text: &str) -> Result<Self, BoardError> {
        let fail = |problem: String| BoardError::File { name: name.to_owned(), problem };
        let board: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        if board.name.is_empty() || board.name.len() > NAME_BYTES || !board.name.is_ascii() {
            return Err(fail(format!("name `{}`: wanted 1 to {NAME_BYTES} ASCII characters", board.name)));
        }
        // A board states its limits through its identity: whatever a driver would refuse is refused here.
        let words: Vec<u8> = board.identity(0, 0).registers().iter().flat_map(|w| w.to_le_bytes()).collect();
        crate::identity::Identity::decode(&words).map_err(|error| fail(error.to_string()))?;
        Ok(board)
    }

    /// What a board of this configuration says of itself.
    pub fn identity(&self, build: u32, features: u32) -> crate::identity::Identity {
        crate::identity::Identity {
            build,
            name: self.name.clone(),
            capacity: self.engine.clone(),
            features,
            max_payload: self.link.max_payload,
            window: self.link.window,
            receive_buffer: self.link.receive_buffer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_constraints_is_listed_and_reads() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../constraints");
        let mut folders: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        folders.sort();
        let mut names = Board::names();
        names.sort_unstable();
        assert_eq!(folders, names);
        for name in names {
            assert_eq!(Board::named(name).unwrap().name, name);
        }
    }

    #[test]
    fn the_engine_fits_the_memories_of_its_device() {
        for name in Board::names() {
            let board = Board::named(name).unwrap();
            let Some(device) = board.device else { continue };
            let bits = u64::from(board.engine.synapses) * u64::from(board.engine.weight_bits.bits());
            let large = u64::from(device.large_rams) * u64::from(device.large_ram_bits);
            let block = u64::from(device.block_rams) * u64::from(device.block_ram_bits);
            assert!(bits <= large.max(block), "{name}: {bits} weight bits, {large} large, {block} block");
        }
    }

    #[test]
    fn bad_files_say_what_is_wrong() {
        let message = Board::named("arty").unwrap_err().to_string();
        assert!(message.contains("no configuration `arty`: there are icebreaker"), "{message}");
        let good = include_str!("../../constraints/icebreaker/board.toml");
        for (from, to, expected) in [
            ("lanes = 8", "lanes = 0", "lanes = 0: wanted 1 to 1024"),
            ("lanes = 8", "lenas = 8", "unknown field `lenas`"),
            ("weight_bits = 8", "weight_bits = 9", "weight width 9"),
            ("name = \"icebreaker\"", "name = \"\"", "1 to 16 ASCII characters"),
        ] {
            assert!(good.contains(from));
            let message = Board::parse("x", &good.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
