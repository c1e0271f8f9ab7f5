//! Bitstreams: what a board's flash takes.

use super::nextpnr::{Part, Routed};
use super::process::{self, RunError};
use super::{Missing, Tool, cache};

/// A design that was not packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The packer is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// It gave up.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be written or read.
    #[error("files of the packer: {0}")]
    Io(#[from] std::io::Error),
}

/// The tool that packs for a part.
pub fn tool(part: Part) -> Tool {
    if part.tool() == Tool::NextpnrEcp5 { Tool::Ecppack } else { Tool::Icepack }
}

/// What a file of its bitstream ends with.
pub fn extension(part: Part) -> &'static str {
    if tool(part) == Tool::Ecppack { "bit" } else { "bin" }
}

/// The bitstream of a design in its place. The same design gives the same bytes.
pub fn pack(part: Part, routed: &Routed) -> Result<Vec<u8>, PackError> {
    let packer = tool(part).find()?;
    let folder = cache::scratch("pack")?;
    std::fs::write(folder.path().join("configuration.txt"), &routed.configuration)?;
    let mut command = packer.command();
    command.current_dir(folder.path());
    if packer.tool == Tool::Ecppack {
        // A smaller file, sooner loaded.
        command.arg("--compress");
    }
    command.args(["configuration.txt", "board.bin"]);
    process::run(&mut command)?;
    Ok(std::fs::read(folder.path().join("board.bin"))?)
}
