//! Icarus Verilog: a testbench, compiled and run in the folder where it lies.

use std::path::Path;

use super::process::{self, RunError};
use super::{Missing, Tool, cache};

/// What running a testbench takes.
pub const TOOLS: &[Tool] = &[Tool::Icarus];

/// A testbench that was not run.
#[derive(Debug, thiserror::Error)]
pub enum IcarusError {
    /// It is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// It refuses the Verilog.
    #[error(transparent)]
    Run(#[from] RunError),
    /// No place for what it compiles.
    #[error("files of Icarus Verilog: {0}")]
    Io(#[from] std::io::Error),
}

/// Compiles the `files` in `folder` as Verilog-2005 and runs them there: what they print.
///
/// Errors: Icarus is missing or refuses the files. What the testbench says of itself is no error.
pub fn run(folder: &Path, files: &[&str]) -> Result<String, IcarusError> {
    let compiler = Tool::Icarus.find()?;
    let scratch = cache::scratch("icarus")?;
    let compiled = std::path::absolute(scratch.path())?.join("testbench.vvp");
    process::run(compiler.command().current_dir(folder).arg("-g2005").arg("-o").arg(&compiled).args(files))?;
    // It comes with the compiler. -n: ends where it would ask a person.
    let mut program = std::process::Command::new(compiler.program.with_file_name("vvp"));
    program.current_dir(folder).arg("-n").arg(&compiled).stdin(std::process::Stdio::null());
    Ok(process::run(&mut program)?.stdout)
}
