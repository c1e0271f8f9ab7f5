//! `verilog`: the hardware of a configuration, for whoever integrates it.

use std::process::ExitCode;

use arch::Capacity;
use arch::protocol::ABI;
use arch::registers::{Access, REGISTERS, SPACES, features};
use miette::{IntoDiagnostic, Result, WrapErr};
use rtl::program::FEATURES;
use rtl::top::{BUILD, sizes, top};
use rtl::verilog::{Direction, WAIVERS};
use serde::Serialize;

use super::{print_json, sha256};
use crate::board::{SimulationError, configuration};
use crate::cli::Verilog;
use crate::pending::publish;

/// What lies beside the Verilog, for machines.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    /// Name of the top module.
    top: &'a str,
    /// Name of the configuration.
    configuration: &'a str,
    description: &'a str,
    /// Version of what is emitted.
    version: &'static str,
    /// ABI that the core speaks, and what it calls its build.
    abi: u32,
    build: u32,
    features: Vec<&'static str>,
    file: String,
    /// Of the file.
    sha256: String,
    ports: Vec<Port<'a>>,
    /// Clocks a bit on the serial line, and the rate at the configuration's clock.
    clocks_per_bit: usize,
    baud: u32,
    engine: &'a Capacity,
    memory_map: Vec<MapEntry>,
    registers: Vec<RegisterEntry>,
}

#[derive(Debug, Serialize)]
struct Port<'a> {
    name: &'a str,
    direction: &'static str,
    width: usize,
}

#[derive(Debug, Serialize)]
struct MapEntry {
    code: usize,
    name: &'static str,
    element: &'static str,
    element_bytes: usize,
    elements: u32,
    writable: bool,
    purpose: &'static str,
}

#[derive(Debug, Serialize)]
struct RegisterEntry {
    address: u32,
    name: &'static str,
    writable: bool,
    purpose: &'static str,
}

/// Runs `verilog`.
pub fn run(command: &Verilog) -> Result<ExitCode> {
    let board = configuration(&command.config).into_diagnostic()?;
    let refused = |error: rtl::top::NoHardware| SimulationError(error.into());
    let divider = sizes(&board).map_err(refused)?.divider;
    let mut core = top(&board).map_err(refused)?;
    let design = core.emit(&board.description).into_diagnostic()?;
    let file = format!("{}.v", design.top);
    let ports = design.ports.iter().map(|port| Port {
        name: &port.name,
        direction: if port.direction == Direction::In { "input" } else { "output" },
        width: port.width,
    });
    let manifest = Manifest {
        top: &design.top,
        configuration: &board.name,
        description: &board.description,
        version: env!("CARGO_PKG_VERSION"),
        abi: ABI,
        build: BUILD,
        features: features::NAMED
            .iter()
            .filter(|(bit, ..)| FEATURES & bit != 0)
            .map(|named| named.1)
            .collect(),
        sha256: sha256(design.text.as_bytes()),
        file,
        ports: ports.collect(),
        clocks_per_bit: divider,
        baud: board.engine.clock_hz / divider as u32,
        engine: &board.engine,
        memory_map: memory_map(&board.engine),
        registers: registers(),
    };
    let mut json = serde_json::to_vec_pretty(&manifest).into_diagnostic()?;
    json.push(b'\n');
    let waivers = format!("{}.vlt", design.top);
    let folder = &command.out;
    std::fs::create_dir_all(folder)
        .into_diagnostic()
        .wrap_err_with(|| format!("--out {}", folder.display()))?;
    publish(
        folder,
        &[(&manifest.file, design.text.as_bytes()), (&waivers, WAIVERS.as_bytes()), ("manifest.json", &json)],
    )
    .map_err(|(path, error)| miette::miette!("{}: {error}", path.display()))?;
    if command.json {
        print_json(&manifest)?;
    } else {
        let lines = design.text.lines().count();
        println!(
            "{}: {lines} lines, {} modules, top `{}`; waivers and manifest.json beside it",
            folder.join(&manifest.file).display(),
            design.modules.len(),
            design.top
        );
        println!(
            "check it: verilator --lint-only -Wall --top-module {} {waivers} {}",
            design.top, manifest.file
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn memory_map(capacity: &Capacity) -> Vec<MapEntry> {
    let entry = |(code, info): (usize, &arch::registers::SpaceInfo)| MapEntry {
        code,
        name: info.name,
        element: info.element,
        element_bytes: info.space.element_bytes(capacity.weight_bits),
        elements: info.space.len(capacity),
        writable: info.access == Access::ReadWrite,
        purpose: info.purpose,
    };
    SPACES.iter().enumerate().map(entry).collect()
}

fn registers() -> Vec<RegisterEntry> {
    let entry = |info: &arch::registers::RegisterInfo| RegisterEntry {
        address: info.register.address(),
        name: info.name,
        writable: info.access == Access::ReadWrite,
        purpose: info.purpose,
    };
    REGISTERS.iter().map(entry).collect()
}
