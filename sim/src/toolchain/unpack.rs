//! A bitstream taken apart again, by IceStorm: as text, and as Verilog of what the chip does that is configured by it.
//!
//! icebox knows the logic cells, carries, block RAMs with their contents, PLLs and pins of an iCE40 HX and LP. Of a UP5K's SPRAMs
//! and multipliers it writes nothing, and of an ECP5 it knows nothing.

use std::path::Path;

use super::nextpnr::Part;
use super::process::{self, RunError};
use super::{Missing, Tool, cache};

/// What taking apart takes.
pub const TOOLS: &[Tool] = &[Tool::Iceunpack, Tool::IceboxVlog];

/// Name of the module that [`verilog`] gives.
pub const CHIP: &str = "chip";

/// A bitstream that was not taken apart.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// A part that icebox cannot write as Verilog.
    #[error(
        "a bitstream for {0:?} cannot be simulated: icebox knows the iCE40 HX, without SPRAM and multipliers"
    )]
    Part(Part),
    /// Pins of the board that the bitstream does not use: it is another board's.
    #[error("the bitstream leaves pins of the board unused, and is for another: {}", ports.join(", "))]
    Pins {
        /// The ports on these pins.
        ports: Vec<String>,
    },
    /// A tool is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// It refuses the bitstream.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be written or read.
    #[error("files of the unpacker: {0}")]
    Io(#[from] std::io::Error),
}

/// The package of a part, as icebox names it.
///
/// Errors: it is none that can be taken apart.
pub(crate) fn package(part: Part) -> Result<&'static str, UnpackError> {
    match part {
        Part::Hx8kCt256 => Ok("ct256"),
        _ => Err(UnpackError::Part(part)),
    }
}

/// The configuration of an iCE40 as text: what icepack made the bitstream of, without nextpnr's names.
///
/// Errors: damage, which its checksum shows; iceunpack is missing.
pub fn text(bitstream: &[u8]) -> Result<String, UnpackError> {
    Ok(std::fs::read_to_string(unpacked(bitstream, cache::scratch("unpack")?.path())?)?)
}

fn unpacked(bitstream: &[u8], folder: &Path) -> Result<std::path::PathBuf, UnpackError> {
    let unpacker = Tool::Iceunpack.find()?;
    std::fs::write(folder.join("board.bin"), bitstream)?;
    process::run(unpacker.command().current_dir(folder).args(["board.bin", "configuration.txt"]))?;
    Ok(folder.join("configuration.txt"))
}

/// The chip that `bitstream` configures, as Verilog: the module [`CHIP`] of LUTs, flip-flops, SB_RAM40_4K and SB_PLL40. Its ports have
/// the names that `pins`, the text of a `.pcf`, gives them.
///
/// Errors: the part is none that icebox can write; damage; a tool is missing.
pub fn verilog(part: Part, bitstream: &[u8], pins: &str) -> Result<String, UnpackError> {
    let package = package(part)?;
    let writer = Tool::IceboxVlog.find()?;
    let folder = cache::scratch("unpack")?;
    unpacked(bitstream, folder.path())?;
    std::fs::write(folder.path().join("pins.pcf"), pins)?;
    let mut command = writer.command();
    command.current_dir(folder.path());
    // -s: without a comment for every wire.
    command.args(["-s", "-n", CHIP, "-d", package, "-p", "pins.pcf", "configuration.txt"]);
    let text = process::run(&mut command)?.stdout;
    let unused = text.lines().filter_map(|line| line.strip_prefix("// Warning: unmatched port '"));
    let ports: Vec<String> = unused.map(|line| line.trim_end_matches('\'').to_owned()).collect();
    if ports.is_empty() { Ok(declared_once(&text)) } else { Err(UnpackError::Pins { ports }) }
}

/// icebox declares a port in the head of its module and again as a wire or register, which is no Verilog: here the head names the
/// ports, and their directions follow it.
fn declared_once(text: &str) -> String {
    let head = format!("module {CHIP} (");
    let Some((before, (ports, after))) =
        text.split_once(&head).and_then(|(before, rest)| Some((before, rest.split_once(");")?)))
    else {
        return text.to_owned();
    };
    let names: Vec<&str> =
        ports.split(", ").filter_map(|port| port.split_once(' ')).map(|port| port.1).collect();
    let directions: String = ports.split(", ").map(|port| format!("{port};\n")).collect();
    format!("{before}{head}{});\n{directions}{after}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_declared_in_one_place() {
        let text = "\nmodule chip (input a, output b);\n\nwire a;\nreg b = 0;\nendmodule\n";
        let wanted = "\nmodule chip (a, b);\ninput a;\noutput b;\n\n\nwire a;\nreg b = 0;\nendmodule\n";
        assert_eq!(declared_once(text), wanted);
    }
}
