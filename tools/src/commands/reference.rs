//! `reference`: the equations on a case, as JSON.

use std::io::Read;
use std::process::ExitCode;

use miette::{IntoDiagnostic, Result, WrapErr};
use model::reference::MAX_CASE_BYTES;

use super::print_json;
use crate::cli::Reference;

/// Runs `reference`.
pub fn run(command: &Reference) -> Result<ExitCode> {
    let name = command.case.display();
    let mut text = String::new();
    std::fs::File::open(&command.case)
        // One byte more than is read: a longer case is refused by its length.
        .and_then(|file| file.take(MAX_CASE_BYTES as u64 + 1).read_to_string(&mut text))
        .into_diagnostic()
        .wrap_err_with(|| format!("case file {name}"))?;
    let result =
        model::reference::run(&text).into_diagnostic().wrap_err_with(|| format!("case file {name}"))?;
    print_json(&result)?;
    Ok(ExitCode::SUCCESS)
}
