//! One file a verb.

mod ablate;
mod boards;
mod build;
mod demo;
mod doctor;
mod eval;
mod events;
mod flash;
mod reference;
mod serve;
mod setup;
mod stream;
mod summary;
mod train;
mod verilog;
mod virtual_board;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use miette::Result;

use crate::cli::{Cli, Command};
use crate::interrupt::Interrupt;

pub use summary::{quoted, table};

/// Does what was typed.
pub fn run(command: Command) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    match command {
        Command::Demo(demo) => demo::run(demo, &interrupt),
        Command::Train(train) => train::run(&train, &interrupt),
        Command::Eval(eval) => eval::run(&eval, &interrupt),
        Command::Stream(stream) => stream::run(&stream, &interrupt),
        Command::Events(command) => events::run(&command, &interrupt),
        Command::Ablate(ablate) => ablate::run(&ablate, &interrupt),
        Command::VirtualBoard(board) => virtual_board::run(&board, &interrupt),
        Command::Serve(serve) => serve::run(&serve, &interrupt),
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
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The content of a file, `most` bytes at most. What is no file, such as a pipe, might not end and is refused.
pub fn bounded(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let words = |error: std::io::Error| error.to_string();
    if !path.metadata().map_err(words)?.is_file() {
        return Err("wanted a file".to_owned());
    }
    let mut content = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut content)).map_err(words)?;
    if content.len() as u64 > most {
        return Err(format!("more than {most} bytes, wanted at most that"));
    }
    Ok(content)
}

/// Prints a result for machines on stdout.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    use miette::IntoDiagnostic as _;
    println!("{}", serde_json::to_string_pretty(value).into_diagnostic()?);
    Ok(())
}
