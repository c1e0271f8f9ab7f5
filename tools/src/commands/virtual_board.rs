//! `virtual-board`: the model or the simulated hardware as a board, for the unmodified driver.

use std::process::ExitCode;

use driver::transport::ByteDevice;
use miette::{IntoDiagnostic, Result};
use sim::hardware::Backend as Hardware;
use sim::{VirtualBoard, serve_litepcie, serve_pty, serve_tcp, serve_xdma};

use crate::board::configuration;
use crate::cli::{self, Backend};
use crate::interrupt::Interrupt;
use crate::wire::{hardware, listen};

/// Runs `virtual-board` until it is interrupted.
pub fn run(command: &cli::VirtualBoard, interrupt: &Interrupt) -> Result<ExitCode> {
    let board = configuration(&command.config).into_diagnostic()?;
    let hardware = |backend| {
        let device = hardware(&board, backend, command.trace.as_deref());
        device.map(|device| Box::new(device) as Box<dyn ByteDevice>)
    };
    let mut device = match command.backend {
        Backend::Model => Box::new(VirtualBoard::new(&board)),
        Backend::Rtl => hardware(Hardware::Rtl)?,
        Backend::Verilator => hardware(Hardware::Verilator)?,
        Backend::Netlist => hardware(Hardware::Netlist)?,
        Backend::Bitstream => hardware(Hardware::Bitstream)?,
    };
    let stop = interrupt.flag();
    if let Some(path) = &command.pty {
        serve_pty(&mut *device, path, &stop, |terminal| {
            println!(
                "{} serves on {} (it is {}): use --board serial:{}; Ctrl-C ends it",
                board.name,
                path.display(),
                terminal.display(),
                path.display()
            );
        })
        .into_diagnostic()?;
    } else if let Some(address) = &command.tcp {
        let listener = listen("--tcp", address)?;
        let address = listener.local_addr().into_diagnostic()?;
        println!("{} listens on {address}: use --board tcp:{address}; Ctrl-C ends it", board.name);
        serve_tcp(&mut *device, &listener, &stop).into_diagnostic()?;
    } else if let Some(folder) = &command.xdma {
        serve_xdma(&mut *device, folder, &stop, |h2c, c2h| {
            let (h2c, c2h) = (h2c.display(), c2h.display());
            println!(
                "{} stands in for a card: use --board pcie:h2c={h2c},c2h={c2h}; Ctrl-C ends it",
                board.name
            );
        })
        .into_diagnostic()?;
    } else if let Some(path) = &command.litepcie {
        serve_litepcie(&mut *device, path, &stop, || {
            let path = path.display();
            println!("{} stands in for a card: use --board pcie:litepcie={path}; Ctrl-C ends it", board.name);
        })
        .into_diagnostic()?;
    }
    Ok(ExitCode::SUCCESS)
}
