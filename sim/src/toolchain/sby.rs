//! SymbiYosys: assertions in the Verilog proved, or refuted with a trace.
//!
//! The text states what must hold with immediate `assert` and what its surroundings promise with `assume`; `FORMAL` is
//! defined while it is read.

use std::io;
use std::path::PathBuf;

use super::design::Design;
use super::process::{self, RunError};
use super::{Missing, Tool, cache, yosys};

/// What a proof takes.
pub const TOOLS: &[Tool] = &[Tool::SymbiYosys, Tool::Yosys, Tool::Z3];

/// How far a proof goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No counterexample within as many cycles.
    Bounded,
    /// Never: by induction over as many cycles.
    Prove,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// How far.
    pub mode: Mode,
    /// Cycles: of the search for a counterexample, and of the induction.
    pub depth: u32,
    /// After this many seconds it is given up.
    pub timeout_s: u32,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every assertion holds.
    Holds,
    /// An assertion fails in a run from the initial state.
    Refuted {
        /// Which, and in which cycle, in SymbiYosys' words.
        assertion: String,
        /// The run, as a VCD.
        trace: Option<PathBuf>,
    },
    /// No counterexample was found, and the induction does not close: it starts from a state that may not be reachable.
    Unknown {
        /// The run that the induction stopped at, as a VCD.
        trace: Option<PathBuf>,
    },
    /// It took too long.
    TimedOut,
}

/// A proof that was not attempted to its end.
#[derive(Debug, thiserror::Error)]
pub enum SbyError {
    /// A tool is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// SymbiYosys gave up: the text has errors, or there is nothing to prove.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be written or read.
    #[error("files of SymbiYosys: {0}")]
    Io(#[from] io::Error),
}

/// Asks whether the assertions in `design` hold. Traces are kept in `target/formal/`, one folder for each design and
/// question.
pub fn prove(design: &Design, question: &Question) -> Result<Verdict, SbyError> {
    let (sby, yosys, z3) = (Tool::SymbiYosys.find()?, Tool::Yosys.find()?, Tool::Z3.find()?);
    let folder = cache::scratch("formal")?;
    design.write_to(folder.path())?;
    let task = task(design, question);
    std::fs::write(folder.path().join("task.sby"), &task)?;
    let mut command = sby.command();
    command.current_dir(folder.path());
    // SymbiYosys hands its tools to a shell without quotes: they go by name, their folders come first on PATH.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = [&yosys, &z3].into_iter().filter_map(|tool| tool.program.parent()).map(PathBuf::from);
    let path = std::env::join_paths(first.chain(std::env::split_paths(&path))).map_err(io::Error::other)?;
    // The part that talks to the solver is of the same version as Yosys: it has its name with an ending, beside it.
    let name = yosys.program.file_name().unwrap_or_default().to_string_lossy();
    command.env("PATH", path).args(["--yosys", &name, "--smtbmc", &format!("{name}-smtbmc")]);
    command.args(["-f", "-d", "run", "task.sby"]);
    let (status, said) = process::finish(&mut command)?;
    let log = std::fs::read_to_string(folder.path().join("run/logfile.txt")).unwrap_or_default();
    let status_line = std::fs::read_to_string(folder.path().join("run/status")).unwrap_or_default();
    let kept = |trace: &str| -> Result<Option<PathBuf>, io::Error> {
        let from = folder.path().join("run/engine_0").join(trace);
        if !from.exists() {
            return Ok(None);
        }
        let key = cache::digest(&[&design.key(), task.as_bytes()]);
        let to = cache::target().join("formal").join(format!("{}-{}", design.top, &key[..16]));
        std::fs::create_dir_all(&to)?;
        std::fs::copy(from, to.join(trace))?;
        Ok(Some(to.join(trace)))
    };
    match status_line.split_whitespace().next() {
        Some("PASS") if status.success() => Ok(Verdict::Holds),
        Some("FAIL") => Ok(Verdict::Refuted { assertion: failed_assertion(&log), trace: kept("trace.vcd")? }),
        Some("UNKNOWN") => Ok(Verdict::Unknown { trace: kept("trace_induct.vcd")? }),
        Some("TIMEOUT") => Ok(Verdict::TimedOut),
        _ => Err(process::failed(&command, status, &said).into()),
    }
}

fn task(design: &Design, question: &Question) -> String {
    let mode = match question.mode {
        Mode::Bounded => "bmc",
        Mode::Prove => "prove",
    };
    let files = design.names().map(|name| format!("{name}\n")).collect::<String>();
    format!(
        "[options]\nmode {mode}\ndepth {}\ntimeout {}\n\n[engines]\nsmtbmc z3\n\n[script]\n{}prep -top {}\n\n[files]\n{files}",
        question.depth,
        question.timeout_s,
        yosys::reading(design, " -formal"),
        design.top
    )
}

/// The first failed assertion that the log's summary names.
fn failed_assertion(log: &str) -> String {
    let named = log.lines().find_map(|line| line.split_once("summary:   failed assertion "));
    named.map_or_else(|| "not named".to_owned(), |(_, assertion)| assertion.to_owned())
}
