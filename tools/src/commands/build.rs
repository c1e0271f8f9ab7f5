//! `build`: from a board's name to its bitstream.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use arch::Board;
use arch::protocol::ABI;
use miette::{Diagnostic, IntoDiagnostic, Result};
use rtl::shell;
use sim::netlist::names::Names;
use sim::netlist::synthesise;
use sim::toolchain::nextpnr::{NextpnrError, Part, Request, Routed, place_and_route};
use sim::toolchain::pack::{self, pack};
use sim::toolchain::yosys::Netlist;
use sim::toolchain::{Design, RunError, Tool, stop_at};

use super::summary::table;
use super::{print_json, sha256};
use crate::bitstream::manifest::{Manifest, Spread, Utilisation, hashed_source};
use crate::bitstream::report::{CriticalPath, Report, Tried, cells, clocks};
use crate::bitstream::{kept, page, picture, units};
use crate::board::{SimulationError, configuration};
use crate::cli::{Build, EXIT_INTERRUPTED};
use crate::interrupt::Interrupt;
use crate::pending::publish;
use crate::progress;

/// A bitstream that was not made.
#[derive(Debug, thiserror::Error, Diagnostic)]
enum BuildError {
    #[error("--board {board}: bitstreams are made for {}", makeable().join(", "))]
    #[diagnostic(help("stop-fpga verilog writes the hardware of a configuration without a board"))]
    NoDevice { board: String },
    #[error("--out {}: {error}", path.display())]
    #[diagnostic(help("name a folder that you may write to, or one that can be made"))]
    Out { path: PathBuf, error: std::io::Error },
    #[error("{}: {error}; the files that were there are as they were", path.display())]
    #[diagnostic(help(
        "the bitstream is made again in the time that placement takes: what Yosys made is kept in target/"
    ))]
    Write { path: PathBuf, error: std::io::Error },
    #[error("the clock is missed: {best} with the best of {seeds} seeds; no bitstream was written")]
    #[diagnostic(help("try other seeds: --seed {next} --seeds {seeds}"))]
    Clock { best: String, seeds: usize, next: u32 },
}

/// Runs `build`.
pub fn run(build: &Build, interrupt: &Interrupt) -> Result<ExitCode> {
    stop_at(interrupt.flag());
    match made(build) {
        // Whatever did not come of it: the user knows why.
        Err(_) if interrupt.requested() => {
            eprintln!("interrupted: nothing was written");
            Ok(ExitCode::from(EXIT_INTERRUPTED))
        }
        made => made.map(|()| ExitCode::SUCCESS),
    }
}

fn made(build: &Build) -> Result<()> {
    let board = configuration(&build.board).into_diagnostic()?;
    let part = board.device.as_ref().and_then(Part::of);
    let part = part.ok_or_else(|| BuildError::NoDevice { board: build.board.clone() })?;
    let pins = board.constraints().into_diagnostic()?;
    if build.keep {
        kept::allowed(&board, build.seeds)?;
    }
    let mut tools = BTreeMap::new();
    for tool in [Tool::Yosys, part.tool(), pack::tool(part)] {
        // Known now instead of after minutes.
        let found = tool.find().into_diagnostic()?;
        tools.insert(found.tool.name().to_owned(), found.version);
    }
    let out = Out::new(&build.out)?;

    let (design, _, source_sha256) = hashed_source(&board).map_err(|error| SimulationError(error.into()))?;
    let stage = progress::stage("synthesis (Yosys)");
    let netlist = synthesise(part, &design);
    stage.finish_and_clear();
    let netlist = netlist.into_diagnostic()?;
    let luts = ["SB_LUT4", "LUT4"].map(|kind| netlist.statistics.count(kind));
    eprintln!("synthesised: {} LUTs", luts[0] + luts[1]);

    let Placements { tried, best } = placements(build, &board, part, pins, &netlist)?;
    let best = best.zip(Spread::over(&tried));
    let Some(((seed, mhz, routed), spread)) = best else {
        let fastest = tried.iter().filter_map(|tried| tried.mhz).max_by(f64::total_cmp);
        let wanted = megahertz(&board);
        let best =
            fastest.map_or("no seed was routed".to_owned(), |mhz| format!("{mhz:.2} MHz of {wanted:.2}"));
        return Err(BuildError::Clock {
            best,
            seeds: tried.len(),
            next: build.seed.saturating_add(build.seeds),
        })?;
    };
    let bitstream = pack(part, &routed).into_diagnostic()?;
    let manifest = Manifest {
        board: board.name.clone(),
        description: board.description.clone(),
        part: board.device.as_ref().map_or_else(String::new, arch::board::Device::full_name),
        abi: ABI,
        engine: board.engine.clone(),
        link: board.link.clone(),
        source_sha256,
        tools,
        seed,
        wanted_mhz: megahertz(&board),
        mhz,
        spread,
        utilisation: Utilisation::of(&board, &routed.report, &netlist.statistics),
        bitstream: format!("{}.{}", board.name, pack::extension(part)),
        bytes: bitstream.len() as u64,
        sha256: sha256(&bitstream),
    };
    let report = Report {
        clocks: clocks(&routed.report),
        cells: cells(&routed.report),
        tried,
        critical_path: CriticalPath::of(&routed.report, &Names::of(&netlist.statistics), &design),
        units: units(&routed.placement),
        manifest,
    };
    publish_all(&out.path, part, &report, &design, &routed, &bitstream)?;
    drop(out);
    if build.keep {
        keep(&report.manifest, &bitstream)?;
    }
    if build.json {
        print_json(&report)?;
    } else {
        print(&report);
        println!("{}: {} bytes", build.out.join(&report.manifest.bitstream).display(), bitstream.len());
    }
    Ok(())
}

fn megahertz(board: &Board) -> f64 {
    f64::from(board.engine.clock_hz) / 1e6
}

/// The folder of what is made. One that was not there goes again with this, unless something came into it.
struct Out {
    path: PathBuf,
    made: bool,
}

impl Out {
    /// Errors: it can't be made, or nothing can be written into it. Known now instead of after minutes.
    fn new(path: &Path) -> Result<Self, BuildError> {
        let fail = |error| BuildError::Out { path: path.to_owned(), error };
        let out = Self { path: path.to_owned(), made: !path.exists() };
        std::fs::create_dir_all(path).map_err(fail)?;
        tempfile::tempfile_in(path).map_err(fail)?;
        Ok(out)
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if self.made {
            // A folder that is not empty stays.
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

/// What came of the seeds.
struct Placements {
    tried: Vec<Tried>,
    /// The fastest that met the clock: its seed, its MHz.
    best: Option<(u32, f64, Routed)>,
}

/// Places with one seed after the other: until one meets the clock, or with all of them.
fn placements(build: &Build, board: &Board, part: Part, pins: &str, netlist: &Netlist) -> Result<Placements> {
    let wanted = megahertz(board);
    let mut made = Placements { tried: Vec::new(), best: None };
    for (number, seed) in (1..).zip(build.seed..build.seed.saturating_add(build.seeds)) {
        let stage = progress::stage(&format!("place and route, seed {seed} ({number} of {})", build.seeds));
        let request = Request {
            part,
            mhz: wanted,
            seed,
            pins: Some(pins.to_owned()),
            full: part.nearly_full(),
            limit: Duration::from_secs(60 * u64::from(build.minutes)),
        };
        let result = place_and_route(netlist, &request);
        stage.finish_and_clear();
        let (mhz, met) = match result {
            Ok(routed) => {
                let mhz = routed.report.mhz().unwrap_or(wanted);
                eprintln!("routed: seed {seed}, {mhz:.2} MHz");
                if made.best.as_ref().is_none_or(|(_, best, _)| mhz > *best) {
                    made.best = Some((seed, mhz, routed));
                }
                (Some(mhz), true)
            }
            Err(NextpnrError::Timing { report }) => {
                let mhz = report.mhz().unwrap_or_default();
                eprintln!("routed: seed {seed}, {mhz:.2} MHz of {wanted:.2}: missed");
                (Some(mhz), false)
            }
            Err(NextpnrError::Run(RunError::TooLong { .. })) => {
                eprintln!("not routed: seed {seed}, given up after {} minutes", build.minutes);
                (None, false)
            }
            Err(error) => return Err(error).into_diagnostic(),
        };
        made.tried.push(Tried { seed, mhz, met });
        if met && !build.all_seeds {
            break;
        }
    }
    Ok(made)
}

/// Writes the files of a bitstream into a folder, all or none.
fn publish_all(
    folder: &Path,
    part: Part,
    report: &Report,
    design: &Design,
    routed: &Routed,
    bitstream: &[u8],
) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(report).into_diagnostic()?;
    json.push(b'\n');
    let source = format!("{}.v", shell::SHELL);
    let path: Vec<[i32; 2]> = routed
        .report
        .critical()
        .map_or_else(Vec::new, |path| path.path.iter().flat_map(|hop| [hop.from.loc, hop.to.loc]).collect());
    let picture = |background| picture(part, &routed.placement, &path, background);
    let html = page(report, picture(false).as_deref()).into_string();
    let file = picture(true);
    let mut files = vec![
        (&source[..], design.files[0].text.as_bytes()),
        ("report.json", &json[..]),
        ("index.html", html.as_bytes()),
    ];
    files.extend(file.as_ref().map(|picture| ("placement.svg", picture.as_bytes())));
    files.push((&report.manifest.bitstream, bitstream));
    Ok(publish(folder, &files).map_err(|(path, error)| BuildError::Write { path, error })?)
}

/// Puts the bitstream into this repository.
fn keep(manifest: &Manifest, bitstream: &[u8]) -> Result<()> {
    let folder = kept::folder(&manifest.board).ok_or(kept::KeptError::NoRepository)?;
    let names = kept::keep(&folder, manifest, bitstream)?;
    for name in names {
        eprintln!("kept: {}", folder.join(name).display());
    }
    Ok(())
}

/// The boards for which there are a part, pins and hardware.
fn makeable() -> Vec<&'static str> {
    let made = |name: &&str| {
        let board = Board::named(name).ok();
        board.is_some_and(|board| {
            board.device.as_ref().and_then(Part::of).is_some() && rtl::top::sizes(&board).is_ok()
        })
    };
    Board::names().into_iter().filter(made).collect()
}

fn print(report: &Report) {
    let made = &report.manifest;
    let mut table = table(&["cells", "used", "of", "part"]);
    for (kind, [used, available]) in &report.cells {
        let part = 100.0 * *used as f64 / *available as f64;
        table.add_row([kind.clone(), used.to_string(), available.to_string(), format!("{part:.0} %")]);
    }
    println!("{table}");
    let Spread { seeds, met, minimum, median, .. } = made.spread;
    if seeds > 1 {
        println!("{met} of {seeds} seeds met the clock: slowest {minimum:.2}, median {median:.2} MHz");
    }
    println!("{:.2} MHz, {:.2} wanted, post-route; seed {}", made.mhz, made.wanted_mhz, made.seed);
}
