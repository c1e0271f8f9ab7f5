//! Place and route: whether a netlist fits a part, and how fast it may be clocked.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde::Deserialize;

use super::placement::{PlacedCell, placement};
use super::process::{self, RunError};
use super::yosys::Netlist;
use super::{Missing, Tool, cache};

/// A part in its package, of a speed grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// iCE40UP5K in the package sg48.
    Up5kSg48,
    /// iCE40HX8K in the package ct256.
    Hx8kCt256,
    /// LFE5U-12F-6 in the package CABGA381. nextpnr reports the cells of the 25F, whose die it is.
    Ecp5With12k,
    /// LFE5U-25F-6 in the package CABGA381.
    Ecp5With25k,
    /// LFE5U-85F-6 in the package CABGA381.
    Ecp5With85k,
    /// LFE5UM5G-85F-8 in the package CABGA381.
    Ecp5Um5gWith85k,
}

impl Part {
    /// The part of a board file; `None` where it is none of these.
    pub fn of(device: &arch::board::Device) -> Option<Self> {
        match (&device.family[..], &device.part[..], &device.package[..], device.speed_grade) {
            ("ice40", "up5k", "sg48", None) => Some(Self::Up5kSg48),
            ("ice40", "hx8k", "ct256", None) => Some(Self::Hx8kCt256),
            ("ecp5", "12k", "CABGA381", Some(6)) => Some(Self::Ecp5With12k),
            ("ecp5", "25k", "CABGA381", Some(6)) => Some(Self::Ecp5With25k),
            ("ecp5", "85k", "CABGA381", Some(6)) => Some(Self::Ecp5With85k),
            ("ecp5", "um5g-85k", "CABGA381", Some(8)) => Some(Self::Ecp5Um5gWith85k),
            _ => None,
        }
    }

    /// The tool that places and routes for it.
    pub fn tool(self) -> Tool {
        match self {
            Self::Up5kSg48 | Self::Hx8kCt256 => Tool::NextpnrIce40,
            Self::Ecp5With12k | Self::Ecp5With25k | Self::Ecp5With85k | Self::Ecp5Um5gWith85k => {
                Tool::NextpnrEcp5
            }
        }
    }

    /// The design nearly fills it: nextpnr's own choice of a router turns in circles there with most seeds.
    pub fn nearly_full(self) -> bool {
        matches!(self, Self::Up5kSg48 | Self::Hx8kCt256)
    }

    /// Flags: the part, and how constraints of the pins and the configuration are named.
    fn flags(self) -> (&'static [&'static str], &'static str, &'static str) {
        let device: &[&str] = match self {
            Self::Up5kSg48 => &["--up5k", "--package", "sg48"],
            Self::Hx8kCt256 => &["--hx8k", "--package", "ct256"],
            Self::Ecp5With12k => &["--12k", "--package", "CABGA381", "--speed", "6"],
            Self::Ecp5With25k => &["--25k", "--package", "CABGA381", "--speed", "6"],
            Self::Ecp5With85k => &["--85k", "--package", "CABGA381", "--speed", "6"],
            Self::Ecp5Um5gWith85k => &["--um5g-85k", "--package", "CABGA381", "--speed", "8"],
        };
        match self.tool() {
            Tool::NextpnrEcp5 => (device, "--lpf", "--textcfg"),
            _ => (device, "--pcf", "--asc"),
        }
    }
}

/// What is asked of place and route.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The part.
    pub part: Part,
    /// The clock to reach, in MHz.
    pub mhz: f64,
    /// Where placement starts from: the same seed gives the same result.
    pub seed: u32,
    /// The text of a file of pins, `.pcf` or `.lpf`; without it the tool chooses.
    pub pins: Option<String>,
    /// The part is nearly full: a router that gets through there, and takes up again what misses the clock. It goes on for as long as
    /// something does.
    pub full: bool,
    /// How long it may take: on a part that is nearly full some seeds are never routed.
    pub limit: Duration,
}

/// How fast a clock may be.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Fmax {
    /// MHz that were reached.
    pub achieved: f64,
    /// MHz that were asked for.
    pub constraint: f64,
}

/// How much of a kind of cell is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Utilisation {
    /// Cells used.
    pub used: u64,
    /// Cells that the part has.
    pub available: u64,
}

/// What nextpnr reports.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Report {
    /// By clock net, under the name nextpnr gives it; a design without a clock has none.
    pub fmax: BTreeMap<String, Fmax>,
    /// By kind of cell: `ICESTORM_LC`, `ICESTORM_RAM`, `ICESTORM_SPRAM`, `ICESTORM_DSP`; `TRELLIS_COMB`, `TRELLIS_FF`,
    /// `DP16KD`, `MULT18X18D` ...
    pub utilization: BTreeMap<String, Utilisation>,
    /// The slowest path of each pair of clocks, and of those from and to pins.
    #[serde(default)]
    pub critical_paths: Vec<Path>,
}

/// A path between two registers or pins.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Path {
    /// Where it begins: `posedge ` or `negedge ` and a clock net, or `<async>`.
    pub from: String,
    /// Where it ends, likewise.
    pub to: String,
    /// What it passes, in order.
    pub path: Vec<Hop>,
}

/// A part of a path: through a cell, or along a net.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Hop {
    /// What it takes, in nanoseconds.
    pub delay: f64,
    /// `clk-to-q`, `source`, `routing`, `logic` or `setup`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it begins.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// The net, of a route.
    pub net: Option<String>,
    /// Where in the source the net comes from, of a route: `stop_fpga_board.v:2877.25-2877.79` and places in Yosys' own files.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// An end of a hop.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct End {
    /// The cell, under the name that nextpnr gives it.
    pub cell: String,
    /// Column and row of its tile.
    pub loc: [i32; 2],
}

impl Path {
    /// What it takes, in nanoseconds.
    pub fn delay(&self) -> f64 {
        self.path.iter().map(|hop| hop.delay).sum()
    }
}

impl Report {
    /// MHz of the slowest clock.
    pub fn mhz(&self) -> Option<f64> {
        self.fmax.values().map(|clock| clock.achieved).min_by(f64::total_cmp)
    }

    /// The path that bounds the clock: the longest of those that begin and end with one clock's edges.
    pub fn critical(&self) -> Option<&Path> {
        let edge = |end: &str| end.split_once(' ').map(|(_, clock)| clock.to_owned());
        let within = |path: &&Path| edge(&path.from).is_some_and(|clock| edge(&path.to) == Some(clock));
        // The slowest against what its clock wants: of two clocks, one may have longer paths and time for them.
        let share = |path: &Path| {
            let clock = edge(&path.from).and_then(|clock| self.fmax.get(&clock));
            clock.map_or(0.0, |clock| clock.constraint / clock.achieved)
        };
        self.critical_paths.iter().filter(within).max_by(|one, other| share(one).total_cmp(&share(other)))
    }

    fn missed(&self) -> bool {
        self.fmax.values().any(|clock| clock.achieved < clock.constraint)
    }
}

/// A design in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Routed {
    /// How fast, how full.
    pub report: Report,
    /// The configuration as text, for icepack or ecppack.
    pub configuration: String,
    /// Where each cell sits.
    pub placement: Vec<PlacedCell>,
}

/// A netlist that was not placed and routed.
#[derive(Debug, thiserror::Error)]
pub enum NextpnrError {
    /// nextpnr is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// It is routed, but slower than asked for. The configuration is thrown away.
    #[error("timing is missed: {}", clocks(report))]
    Timing {
        /// What was reached.
        report: Report,
    },
    /// It does not fit, or nextpnr gave up.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What it writes as JSON is not what is known of it.
    #[error("JSON of nextpnr: {0}")]
    Report(#[from] serde_json::Error),
    /// A file could not be written or read.
    #[error("files of nextpnr: {0}")]
    Io(#[from] io::Error),
}

fn clocks(report: &Report) -> String {
    let clock = |(name, clock): (&String, &Fmax)| {
        format!("{name}: {:.2} MHz of {:.2} MHz", clock.achieved, clock.constraint)
    };
    report.fmax.iter().map(clock).collect::<Vec<_>>().join(", ")
}

/// Places and routes a netlist.
///
/// Errors: it misses the clock, told apart from every other failure; it does not fit; nextpnr is missing. No
/// configuration outlives an error.
pub fn place_and_route(netlist: &Netlist, request: &Request) -> Result<Routed, NextpnrError> {
    let nextpnr = request.part.tool().find()?;
    let folder = cache::scratch("nextpnr")?;
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("netlist.json"), &netlist.json)?;
    let (device, pins_flag, configuration_flag) = request.part.flags();
    let mut command = nextpnr.command();
    command.current_dir(folder.path()).args(device).args([
        "--json",
        "netlist.json",
        "--report",
        "report.json",
    ]);
    command.args([configuration_flag, "configuration.txt", "--freq", &request.mhz.to_string()]);
    command.args(["--seed", &request.seed.to_string(), "--write", "placed.json"]);
    // With a file of pins it names them all; without one they are left to the tool.
    match &request.pins {
        Some(pins) => {
            std::fs::write(file("pins.txt"), pins)?;
            command.args([pins_flag, "pins.txt"]);
        }
        None => {
            command.arg(format!("{pins_flag}-allow-unconstrained"));
        }
    }
    if request.part.tool() == Tool::NextpnrEcp5 {
        // The block RAMs of a large part lie far apart, and a short wire elsewhere is worth little: 58 MHz in place of 55.
        command.args(["--placer-heap-timingweight", "25", "--placer-heap-critexp", "3"]);
    }
    if request.full {
        command.args(["--router", "router2", "--tmg-ripup"]);
    }
    let (status, said) = process::finish_within(&mut command, request.limit)?;
    let report = std::fs::read_to_string(file("report.json")).ok();
    let report: Option<Report> = report.map(|text| serde_json::from_str(&text)).transpose()?;
    match report {
        Some(report) if status.success() => {
            let configuration = std::fs::read_to_string(file("configuration.txt"))?;
            let placement = placement(&std::fs::read_to_string(file("placed.json"))?)?;
            Ok(Routed { report, configuration, placement })
        }
        // A missed clock is exit code 1 with everything written; every other failure comes before the report.
        Some(report) if status.code() == Some(1) && report.missed() => Err(NextpnrError::Timing { report }),
        _ => Err(process::failed(&command, status, &said).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_clock_counts() {
        let text = r#"{"critical_paths": [], "detailed_net_timings": [],
            "fmax": {"clock": {"achieved": 70.5, "constraint": 24.0}, "other": {"achieved": 30.0, "constraint": 48.0}},
            "utilization": {"ICESTORM_LC": {"available": 5280, "used": 18}}}"#;
        let report: Report = serde_json::from_str(text).unwrap();
        assert_eq!((report.mhz(), report.missed()), (Some(30.0), true));
        assert_eq!(report.utilization["ICESTORM_LC"], Utilisation { used: 18, available: 5280 });
        let message = NextpnrError::Timing { report }.to_string();
        assert_eq!(message, "timing is missed: clock: 70.50 MHz of 24.00 MHz, other: 30.00 MHz of 48.00 MHz");
    }
}
