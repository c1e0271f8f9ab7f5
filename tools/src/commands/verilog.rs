//! `verilog`: the hardware of a configuration, for whoever integrates it.

use std::process::ExitCode;

use arch::Capacity;
use arch::protocol::ABI;
use arch::registers::{Access, REGISTERS, SPACES, features};
use miette::{IntoDiagnostic, Result, WrapErr};
use rtl::ip_core::{CoreError, Shell, emit, ports};
use rtl::program::FEATURES;
use rtl::top::{BUILD, sizes};
use rtl::verilog::{Direction, WAIVERS};
use serde::Serialize;

use super::{print_json, sha256};
use crate::board::{SimulationError, configuration};
use crate::cli::{CoreShell, Verilog};
use crate::pending::publish;
use crate::testbench::Testbench;

/// What lies beside the Verilog, for machines.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    /// Name of the top module.
    top: &'a str,
    /// How its bytes come and go: uart, none or stream.
    shell: &'static str,
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
    ports: Vec<Port>,
    /// Clocks a bit on the serial line, and the rate at the configuration's clock; absent where there is no serial line.
    #[serde(skip_serializing_if = "Option::is_none")]
    clocks_per_bit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baud: Option<u32>,
    /// Bits of a beat; absent where there is no AXI4-Stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_bits: Option<usize>,
    testbench: Testbench,
    engine: &'a Capacity,
    memory_map: Vec<MapEntry>,
    registers: Vec<RegisterEntry>,
}

#[derive(Debug, Serialize)]
struct Port {
    name: String,
    direction: &'static str,
    width: usize,
    meaning: &'static str,
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
    let (shell, name) = match command.shell {
        CoreShell::Uart => (Shell::Uart, "uart"),
        CoreShell::None => (Shell::None, "none"),
        CoreShell::Stream => (Shell::Stream(command.stream_bits), "stream"),
    };
    let design = emit(&board, shell).map_err(|error| match error {
        CoreError::NoHardware(none) => miette::Report::new(SimulationError(none.into())),
        CoreError::Emit(failed) => miette::miette!("{failed}"),
    })?;
    let clocks_per_bit = match shell {
        Shell::Uart => Some(sizes(&board).map_err(|error| SimulationError(error.into()))?.divider),
        Shell::None | Shell::Stream(_) => None,
    };
    let file = format!("{}.v", design.top);
    let ports = ports(shell).into_iter().map(|(port, meaning)| Port {
        name: port.name,
        direction: if port.direction == Direction::In { "input" } else { "output" },
        width: port.width,
        meaning,
    });
    let manifest = Manifest {
        top: &design.top,
        shell: name,
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
        clocks_per_bit,
        baud: clocks_per_bit.map(|clocks| board.engine.clock_hz / clocks as u32),
        stream_bits: match shell {
            Shell::Stream(bits) => Some(bits.bits()),
            Shell::Uart | Shell::None => None,
        },
        testbench: Testbench::of(&board, shell, clocks_per_bit.unwrap_or_default())?,
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
    let mut files: Vec<(&str, &[u8])> = vec![
        (&manifest.file, design.text.as_bytes()),
        (&waivers, WAIVERS.as_bytes()),
        ("manifest.json", &json),
    ];
    files.extend(manifest.testbench.files());
    publish(folder, &files).map_err(|(path, error)| miette::miette!("{}: {error}", path.display()))?;
    if command.json {
        print_json(&manifest)?;
    } else {
        let lines = design.text.lines().count();
        println!(
            "{}: {lines} lines, {} modules, top `{}`; waivers, manifest.json and a testbench beside it",
            folder.join(&manifest.file).display(),
            design.modules.len(),
            design.top
        );
        println!(
            "check it: verilator --lint-only -Wall --top-module {} {waivers} {}",
            design.top, manifest.file
        );
        println!(
            "run it: iverilog -g2005 -o testbench.vvp {} {} && vvp testbench.vvp",
            manifest.testbench.file, manifest.testbench.core
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
