//! `demo`: `train` on the bundled recordings, with settings that show something within a minute.

use std::process::ExitCode;

use clap::Parser;
use miette::{IntoDiagnostic, Result};

use super::train;
use crate::cli::{Cli, Command, Demo};
use crate::interrupt::Interrupt;

/// What `demo` stands for; printed, so that it can be typed and changed.
const COMMAND: &str = "train --train bundled:train --test bundled:test --net 2x17x17-200-10 --steps 16";

/// Runs `demo`.
pub fn run(demo: Demo, interrupt: &Interrupt) -> Result<ExitCode> {
    let words = std::iter::once("stop-fpga").chain(COMMAND.split(' '));
    let Command::Train(mut command) = Cli::try_parse_from(words).into_diagnostic()?.command else {
        unreachable!("COMMAND begins with train");
    };
    command.on = demo.on.clone().into();
    command.epochs = demo.epochs;
    command.seed = demo.seed;
    command.report = Some(demo.report.clone());
    command.json = demo.json;
    eprintln!(
        "Training weights, thresholds and leaks on 800 event-camera recordings of digits (N-MNIST), testing on 100 \
         others.\nThe same as: stop-fpga {COMMAND} --epochs {} --seed {} --board {} --config {} --report {}\n",
        demo.epochs,
        demo.seed,
        demo.on.board,
        demo.on.which.config,
        demo.report.display()
    );
    train::run(&command, interrupt)
}
