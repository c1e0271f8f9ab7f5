//! Verilator's lint: its warnings, and the waivers that a reason is wanted for.

use std::io;

use super::design::Design;
use super::process::{self, RunError};
use super::{Missing, Tool, cache};

/// What linting takes.
pub const TOOLS: &[Tool] = &[Tool::Verilator];

/// The name of the waivers' file.
const WAIVERS: &str = "waivers.vlt";

/// A lint that did not run.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// Verilator is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The text is no Verilog.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be written.
    #[error("files of a lint: {0}")]
    Io(#[from] io::Error),
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its kind, `WIDTHTRUNC` for one: what a waiver names.
    pub code: String,
    /// The file; empty for a warning of no place.
    pub file: String,
    /// The line, from 1; 0 for none.
    pub line: u32,
    /// The column, from 1; 0 for none.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, file, line, column, message } = self;
        write!(out, "{code}: {file}:{line}:{column}: {message}")
    }
}

/// The warnings of `verilator --lint-only -Wall`. `waivers` is the text of a Verilator configuration file, that is:
/// `` `verilator_config `` and a line like `lint_off -rule UNUSEDSIGNAL -file "*" -match "*carry*"` for each; empty: none.
///
/// Errors: Verilator is missing; the text, or that of the waivers, has errors.
pub fn lint(design: &Design, waivers: &str) -> Result<Vec<Warning>, LintError> {
    let verilator = Tool::Verilator.find()?;
    let folder = cache::scratch("lint")?;
    design.write_to(folder.path())?;
    let mut command = verilator.command();
    // Delays and specify blocks are not what is checked here, and without one of these options they are an error.
    command.current_dir(folder.path()).args(["--lint-only", "-Wall", "-Wno-fatal", "--no-timing"]);
    command
        .args(["--top-module", &design.top])
        .args(design.defines.iter().map(|define| format!("-D{define}")));
    if !waivers.trim().is_empty() {
        std::fs::write(folder.path().join(WAIVERS), waivers)?;
        command.arg(WAIVERS);
    }
    let said = process::run(command.args(design.names()))?;
    Ok(warnings(&said.stderr))
}

/// The warnings among what Verilator said, and the errors that have a kind.
pub(super) fn warnings(said: &str) -> Vec<Warning> {
    said.lines().filter_map(warning).collect()
}

/// `%Warning-WIDTHTRUNC: counter.v:7:5: Operator ASSIGN expects ...`
fn warning(line: &str) -> Option<Warning> {
    let line = line.strip_prefix("%Warning-").or_else(|| line.strip_prefix("%Error-"))?;
    let (code, rest) = line.split_once(": ")?;
    let placed = rest.split_once(": ").and_then(|(place, message)| {
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        Some((parts.next()?, line, column, message))
    });
    // Some warnings are of no place.
    let (file, line, column, message) = placed.unwrap_or(("", 0, 0, rest));
    Some(Warning { code: code.to_owned(), file: file.to_owned(), line, column, message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_taken_apart() {
        let said = "%Warning-WIDTHTRUNC: counter.v:7:5: Operator ASSIGN expects 8 bits: gets 9\n\
                    \x20                  : ... note: In instance 'counter'\n\
                    %Warning-MULTITOP: two top modules: a, b\n";
        let [width, top] = &warnings(said)[..] else { panic!("two warnings") };
        assert_eq!(width.to_string(), "WIDTHTRUNC: counter.v:7:5: Operator ASSIGN expects 8 bits: gets 9");
        assert_eq!(
            (&top.code[..], &top.file[..], &top.message[..]),
            ("MULTITOP", "", "two top modules: a, b")
        );
    }
}
