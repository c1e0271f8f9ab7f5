//! `events`: looking at recordings. One file a verb.

mod check;

use std::process::ExitCode;

use miette::Result;

use crate::cli::Events;

/// Runs `events`.
pub fn run(command: &Events) -> Result<ExitCode> {
    match command {
        Events::Check(check) => check::run(check),
    }
}
