//! How a bitstream came about: the seeds that were tried, its clocks, its slowest path in terms of the source.

use std::collections::BTreeMap;

use serde::Serialize;
use sim::netlist::names::{Names, unit};
use sim::toolchain::Design;
use sim::toolchain::nextpnr::Report as Placed;

use super::manifest::{Manifest, Spread};
use crate::report::numbers::median;

/// `report.json`: the manifest and what else is known.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What the bitstream is.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// By clock net, under the name nextpnr gives it: MHz reached and wanted.
    pub clocks: BTreeMap<String, Clock>,
    /// By kind of cell, under the names of nextpnr: how many are used, how many the part has.
    pub cells: BTreeMap<String, [u64; 2]>,
    /// The seeds in the order in which they were tried.
    pub tried: Vec<Tried>,
    /// The path that bounds the clock; absent where no register leads to another.
    pub critical_path: Option<CriticalPath>,
    /// Placed cells of each unit of the datapath.
    pub units: BTreeMap<String, u64>,
}

/// MHz of a clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clock {
    /// Reached after routing.
    pub mhz: f64,
    /// Wanted.
    pub wanted_mhz: f64,
}

/// A seed that was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// The seed.
    pub seed: u32,
    /// MHz of the slowest clock; absent where nextpnr found no routes for all nets in time.
    pub mhz: Option<f64>,
    /// Whether every clock was met.
    pub met: bool,
}

/// The slowest path between two registers, by the signals it passes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriticalPath {
    /// The edge it begins with, and the one it must arrive before.
    pub from: String,
    /// See `from`.
    pub to: String,
    /// What it takes, in nanoseconds, and how much of that in cells and in wires.
    pub ns: f64,
    /// See `ns`.
    pub cells_ns: f64,
    /// See `ns`.
    pub wires_ns: f64,
    /// The signals.
    pub steps: Vec<Step>,
}

/// A signal of a path. Cells in a row that come from one signal, such as those of a carry chain, are one step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Its unit of the datapath.
    pub unit: String,
    /// Its name in the Verilog, with the instances it is in.
    pub signal: String,
    /// Where the Verilog makes it, as far as that has outlived synthesis.
    pub source: Option<Place>,
    /// Cells that the path passes there.
    pub cells: u32,
    /// Nanoseconds in these cells.
    pub cells_ns: f64,
    /// Nanoseconds in the wires between them and to the next.
    pub wires_ns: f64,
    /// Nanoseconds from the path's beginning to the step's end.
    pub at_ns: f64,
}

/// A place in the Verilog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

impl Place {
    /// The first of a net's sources that is in the file of `design`: `stop_fpga_board.v:2877.25-2877.79` is what stands from column
    /// 25 on, before column 79.
    fn of(sources: &[String], design: &Design) -> Option<Self> {
        let file = &design.files.first()?;
        let place = sources.iter().find_map(|source| source.strip_prefix(&file.name)?.strip_prefix(':'))?;
        let (from, to) = place.split_once('-')?;
        let [(line, from), (last, to)] = [from.split_once('.')?, to.split_once('.')?];
        let [line, from, to]: [usize; 3] = [line.parse().ok()?, from.parse().ok()?, to.parse().ok()?];
        let whole = file.text.lines().nth(line.checked_sub(1)?)?;
        let part = whole.get(from.checked_sub(1)?..to.checked_sub(1)?).filter(|_| last == line.to_string());
        Some(Self { line, text: part.unwrap_or(whole).trim().to_owned() })
    }
}

impl CriticalPath {
    /// That of what nextpnr says of `design`; `None` where there is none.
    pub fn of(placed: &Placed, names: &Names, design: &Design) -> Option<Self> {
        let path = placed.critical()?;
        let mut steps: Vec<Step> = Vec::new();
        let mut at_ns = 0.0;
        for hop in &path.path {
            at_ns += hop.delay;
            // Of a wire the signal it carries, of a cell the one it was named after. What the placer has put in goes with the
            // signal before it.
            let signal = names.signal(hop.net.as_deref().unwrap_or(&hop.from.cell));
            if steps.last().is_none_or(|last| last.signal != signal && !signal.is_empty()) {
                steps.push(Step {
                    unit: unit(signal).to_owned(),
                    signal: signal.to_owned(),
                    source: None,
                    cells: 0,
                    cells_ns: 0.0,
                    wires_ns: 0.0,
                    at_ns,
                });
            }
            let Some(step) = steps.last_mut() else { continue };
            step.at_ns = at_ns;
            step.source = step.source.take().or_else(|| Place::of(&hop.sources, design));
            if hop.net.is_some() {
                step.wires_ns += hop.delay;
            } else {
                step.cells += 1;
                step.cells_ns += hop.delay;
            }
        }
        for step in &mut steps {
            for ns in [&mut step.cells_ns, &mut step.wires_ns, &mut step.at_ns] {
                *ns = picoseconds(*ns);
            }
        }
        let sum = |of: fn(&Step) -> f64| picoseconds(steps.iter().map(of).sum());
        Some(Self {
            from: path.from.clone(),
            to: path.to.clone(),
            ns: picoseconds(path.delay()),
            cells_ns: sum(|step| step.cells_ns),
            wires_ns: sum(|step| step.wires_ns),
            steps,
        })
    }
}

/// nextpnr's own resolution: what is behind it comes of adding up.
fn picoseconds(ns: f64) -> f64 {
    (ns * 1000.0).round() / 1000.0
}

/// The clocks of what nextpnr says.
pub fn clocks(placed: &Placed) -> BTreeMap<String, Clock> {
    let clock = |mhz: f64, wanted_mhz: f64| Clock { mhz, wanted_mhz };
    placed.fmax.iter().map(|(name, fmax)| (name.clone(), clock(fmax.achieved, fmax.constraint))).collect()
}

/// The kinds of cells that the design uses.
pub fn cells(placed: &Placed) -> BTreeMap<String, [u64; 2]> {
    let used = placed.utilization.iter().filter(|(_, cells)| cells.used > 0);
    used.map(|(kind, cells)| (kind.clone(), [cells.used, cells.available])).collect()
}

impl Spread {
    /// Over the seeds that were tried; `None` where none was routed.
    pub fn over(tried: &[Tried]) -> Option<Self> {
        let mhz: Vec<f64> = tried.iter().filter_map(|tried| tried.mhz).collect();
        let count = |matching: &dyn Fn(&Tried) -> bool| {
            tried.iter().filter(|tried| matching(tried)).map(|_| 1).sum::<u32>()
        };
        Some(Self {
            seeds: count(&|_| true),
            met: count(&|tried| tried.met),
            unrouted: count(&|tried| tried.mhz.is_none()),
            minimum: mhz.iter().copied().min_by(f64::total_cmp)?,
            median: median(&mhz)?,
            maximum: mhz.iter().copied().max_by(f64::total_cmp)?,
        })
    }
}
