//! `build`: from a board's name to its bitstream.

use std::collections::BTreeMap;
use std::process::ExitCode;

use miette::{IntoDiagnostic, Result, WrapErr, miette};
use rtl::shell;
use serde::Serialize;
use sim::netlist::{source, synthesise};
use sim::toolchain::nextpnr::{NextpnrError, Part, Report as Placed, Request, Routed, place_and_route};
use sim::toolchain::pack::{self, pack};

use sim::toolchain::Tool;

use super::summary::table;
use super::{print_json, sha256};
use crate::board::{SimulationError, configuration};
use crate::cli::{Build, EXIT_INTERRUPTED};
use crate::interrupt::Interrupt;
use crate::pending::publish;
use crate::progress;

/// `report.json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    board: &'a str,
    description: &'a str,
    part: String,
    /// Versions of the tools.
    tools: BTreeMap<&'static str, String>,
    /// The seed of the bitstream, and what those before it reached.
    seed: u32,
    missed: Vec<Missed>,
    /// MHz wanted, and reached by the slowest clock, after routing.
    wanted_mhz: f64,
    mhz: f64,
    /// By kind of cell: how many are used, how many the part has.
    cells: BTreeMap<&'a str, [u64; 2]>,
    bitstream: &'a str,
    bytes: usize,
    sha256: String,
    /// Of the Verilog that it was made from.
    source_sha256: String,
}

#[derive(Debug, Serialize)]
struct Missed {
    seed: u32,
    mhz: f64,
}

/// Runs `build`.
pub fn run(build: &Build, interrupt: &Interrupt) -> Result<ExitCode> {
    let board = configuration(&build.board).into_diagnostic()?;
    let device = board.device.as_ref();
    let Some(part) = device.and_then(Part::of) else {
        return Err(miette!(
            help = "stop-fpga verilog writes the hardware of a configuration without a board",
            "--board {}: bitstreams are made for {}",
            build.board,
            makeable().join(", ")
        ));
    };
    let pins = board.constraints().into_diagnostic()?;
    let mut tools = BTreeMap::new();
    for tool in [Tool::Yosys, part.tool(), pack::tool(part)] {
        // Known now instead of after minutes.
        let found = tool.find().into_diagnostic()?;
        tools.insert(found.tool.name(), found.version);
    }
    std::fs::create_dir_all(&build.out)
        .into_diagnostic()
        .wrap_err_with(|| format!("--out {}", build.out.display()))?;

    let (design, _) = source(&board).map_err(|error| SimulationError(error.into()))?;
    let verilog = &design.files[0].text;
    let stage = progress::stage("synthesis (Yosys)");
    let netlist = synthesise(part, &design).into_diagnostic()?;
    stage.finish_and_clear();
    let luts = ["SB_LUT4", "LUT4"].map(|kind| netlist.statistics.count(kind));
    eprintln!("synthesised: {} LUTs", luts[0] + luts[1]);

    let mut missed = Vec::new();
    let wanted_mhz = f64::from(board.engine.clock_hz) / 1e6;
    let mut routed: Option<(u32, Routed)> = None;
    for seed in build.seed..build.seed.saturating_add(build.seeds) {
        if interrupt.requested() {
            eprintln!("interrupted: nothing was written");
            return Ok(ExitCode::from(EXIT_INTERRUPTED));
        }
        let stage = progress::stage(&format!("place and route (nextpnr), seed {seed}"));
        let full = part.nearly_full();
        let request = Request { part, mhz: wanted_mhz, seed, pins: Some(pins.to_owned()), full };
        let result = place_and_route(&netlist, &request);
        stage.finish_and_clear();
        match result {
            Ok(found) => {
                eprintln!("routed: seed {seed}, {:.2} MHz", found.report.mhz().unwrap_or(wanted_mhz));
                routed = Some((seed, found));
                break;
            }
            Err(NextpnrError::Timing { report }) => {
                let mhz = report.mhz().unwrap_or_default();
                eprintln!("routed: seed {seed}, {mhz:.2} MHz of {wanted_mhz:.2}: missed");
                missed.push(Missed { seed, mhz });
            }
            Err(error) => return Err(error).into_diagnostic(),
        }
    }
    let Some((seed, routed)) = routed else {
        let best = missed.iter().map(|missed| missed.mhz).fold(0.0, f64::max);
        let next = build.seed.saturating_add(build.seeds);
        return Err(miette!(
            help = format!("try other seeds: --seed {next} --seeds {}", build.seeds),
            "the clock is missed: {best:.2} MHz of {wanted_mhz:.2} with the best of {} seeds; no bitstream was written",
            missed.len()
        ));
    };
    let bitstream = pack(part, &routed).into_diagnostic()?;
    let name = format!("{}.{}", board.name, pack::extension(part));
    let report = Report {
        board: &board.name,
        description: &board.description,
        part: device.map_or_else(String::new, arch::board::Device::full_name),
        tools,
        seed,
        missed,
        wanted_mhz,
        mhz: routed.report.mhz().unwrap_or(wanted_mhz),
        cells: cells(&routed.report),
        bitstream: &name,
        bytes: bitstream.len(),
        sha256: sha256(&bitstream),
        source_sha256: sha256(verilog.as_bytes()),
    };
    let mut json = serde_json::to_vec_pretty(&report).into_diagnostic()?;
    json.push(b'\n');
    let source = format!("{}.v", shell::SHELL);
    publish(&build.out, &[(&source, verilog.as_bytes()), ("report.json", &json), (&name, &bitstream)])
        .map_err(|(path, error)| miette!("{}: {error}", path.display()))?;
    if build.json {
        print_json(&report)?;
    } else {
        print(&report);
        println!("{}: {} bytes", build.out.join(&name).display(), report.bytes);
    }
    Ok(ExitCode::SUCCESS)
}

/// The boards for which there are a part, pins and hardware.
fn makeable() -> Vec<&'static str> {
    let made = |name: &&str| {
        let board = arch::Board::named(name).ok();
        board.is_some_and(|board| {
            board.device.as_ref().and_then(Part::of).is_some() && rtl::top::sizes(&board).is_ok()
        })
    };
    arch::Board::names().into_iter().filter(made).collect()
}

/// The kinds of cells that the design uses.
fn cells(report: &Placed) -> BTreeMap<&str, [u64; 2]> {
    let used = report.utilization.iter().filter(|(_, cells)| cells.used > 0);
    used.map(|(kind, cells)| (&kind[..], [cells.used, cells.available])).collect()
}

fn print(report: &Report) {
    let mut table = table(&["cells", "used", "of", "part"]);
    for (kind, [used, available]) in &report.cells {
        let part = 100.0 * *used as f64 / *available as f64;
        table.add_row([(*kind).to_owned(), used.to_string(), available.to_string(), format!("{part:.0} %")]);
    }
    println!("{table}");
    println!("{:.2} MHz, {:.2} wanted, post-route; seed {}", report.mhz, report.wanted_mhz, report.seed);
}
