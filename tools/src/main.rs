//! `stop-fpga`: train spiking neural networks on an FPGA, or on a virtual one.

mod bitstream;
mod board;
mod checkpoint;
mod cli;
mod commands;
mod crew;
mod data;
mod engine_use;
mod finding;
mod float_board;
mod interrupt;
mod link_use;
mod pending;
mod preparation;
mod programmer;
mod progress;
mod recipe;
mod report;
mod selftest;
mod stream;
mod testbench;
mod throughput;
mod training;
mod wire;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let command = cli::Cli::parse().command;
    match commands::run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::from(cli::EXIT_FAILURE)
        }
    }
}
