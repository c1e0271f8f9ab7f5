//! Board files: `constraints/BOARD/board.toml`, the one place that says what a board is.

use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::identity::NAME_BYTES;

mod pins;

pub use pins::{PinError, Port};

/// A board file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name, as in `--config NAME`; also the folder's name.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// What must be done to the board before its pins are as stated here: jumpers, adapters. For people.
    pub preparation: Option<String>,
    /// The FPGA; absent for a configuration that exists only as a model.
    pub device: Option<Device>,
    /// The clock's source.
    pub clock: Option<Clock>,
    /// The serial link.
    pub uart: Option<Uart>,
    /// Lights while the board computes.
    pub led: Option<Led>,
    /// Pins that must be kept at a level, whatever the board does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold: Vec<Hold>,
    /// What writes a bitstream to the board.
    pub programmer: Option<Programmer>,
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
    /// Speed grade, as nextpnr numbers it: 6 to 8 (ECP5). Absent where the part's name says it (iCE40).
    pub speed_grade: Option<u8>,
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

impl Device {
    /// Part, package and speed grade: `25k-CABGA381-6`.
    pub fn full_name(&self) -> String {
        let grade = self.speed_grade.map(|grade| format!("-{grade}")).unwrap_or_default();
        format!("{}-{}{grade}", self.part, self.package)
    }
}

/// The board's oscillator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Pin of the oscillator.
    pub pin: String,
    /// Its frequency in Hz. The engine's own clock is `engine.clock_hz`, which a PLL makes of it.
    pub oscillator_hz: u32,
    /// The pin is the PLL's own input (iCE40 UltraPlus: pin 35), from which nothing else may be fed. Elsewhere the clock
    /// reaches the PLL through the fabric.
    #[serde(default)]
    pub pll_pad: bool,
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

/// A pin at a constant level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The pin.
    pub pin: String,
    /// It is kept high, else low.
    pub high: bool,
}

/// What writes a bitstream to a board. None has been tried by this project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programmer {
    /// The board's name for openFPGALoader's `-b`; absent where it knows none.
    pub openfpgaloader: Option<String>,
    /// Another program's command, with `{bitstream}` in the place of the file.
    pub command: String,
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

/// `files!(NAME …)`: name and text of each board file of this repository.
macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../constraints/", $name, "/board.toml")))),*]
    };
}

/// The board files of this repository.
const FILES: [(&str, &str); 14] = files![
    "icebreaker" "upduino" "hx8k-breakout" "ulx3s-85f" "ulx3s-25f" "ulx3s-12f" "ecp5-evn" "colorlight-i5"
    "simulated-w16" "simulated-x16" "small-w8" "small-w16" "virtual-w8" "virtual-w16"
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
        if let Some(programmer) = &board.programmer
            && !programmer.command.contains("{bitstream}")
        {
            return Err(fail(format!("command `{}`: wanted `{{bitstream}}` in it", programmer.command)));
        }
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
            ("{bitstream}", "it", "command `iceprog it`: wanted `{bitstream}` in it"),
        ] {
            assert!(good.contains(from));
            let message = Board::parse("x", &good.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
