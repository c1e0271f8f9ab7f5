//! One file a verb.

mod ablate;
mod boards;
mod build;
mod demo;
mod doctor;
mod eval;
mod flash;
mod reference;
mod setup;
mod summary;
mod train;
mod verilog;
mod virtual_board;

use std::process::ExitCode;

use clap::CommandFactory;
use miette::Result;

use crate::cli::{Cli, Command};
use crate::interrupt::Interrupt;

pub use summary::quoted;

/// Does what was typed.
pub fn run(command: Command) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    match command {
        Command::Demo(demo) => demo::run(demo, &interrupt),
        Command::Train(train) => train::run(&train, &interrupt),
        Command::Eval(eval) => eval::run(&eval, &interrupt),
        Command::Ablate(ablate) => ablate::run(&ablate, &interrupt),
        Command::VirtualBoard(board) => virtual_board::run(&board, &interrupt),
        Command::Verilog(command) => verilog::run(&command),
        Command::Build(build) => build::run(&build, &interrupt),
        Command::Flash(flash) => flash::run(&flash, &interrupt),
        Command::Boards(boards) => boards::run(&boards),
        Command::Reference(reference) => reference::run(&reference),
        Command::Setup(command) => setup::run(&command, &interrupt),
        Command::Doctor(doctor) => doctor::run(&doctor, &interrupt),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "stop-fpga", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// SHA-256 of a file's content, in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Prints a result for machines on stdout.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    use miette::IntoDiagnostic as _;
    println!("{}", serde_json::to_string_pretty(value).into_diagnostic()?);
    Ok(())
}
