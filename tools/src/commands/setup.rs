//! `setup`: the folder of external tools, filled with the pinned versions.

use std::process::ExitCode;
use std::time::Instant;

use miette::{IntoDiagnostic, Result, miette};
use setup::Done;

use crate::cli::{EXIT_INTERRUPTED, Setup};
use crate::interrupt::Interrupt;

/// Runs `setup`.
pub fn run(command: &Setup, interrupt: &Interrupt) -> Result<ExitCode> {
    let usual = sim::toolchain::folder();
    let folder = command.folder.clone().or_else(|| usual.clone()).ok_or_else(|| {
        miette!(
            help = "stop-fpga setup --folder DIR, and STOP_FPGA_TOOLS=DIR from then on",
            "this is no checkout of the repository, whose .tools/ would be filled"
        )
    })?;
    // It is looked for from wherever the user is later.
    let folder = std::path::absolute(&folder).into_diagnostic()?;
    let start = Instant::now();
    let outcome = setup::fill(&folder, &mut |step| eprintln!("{step}"));
    if outcome.is_err() && interrupt.requested() {
        eprintln!("interrupted: run it again, it begins anew");
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    }
    match outcome.into_diagnostic()? {
        Done::Already => println!("{} holds everything", folder.display()),
        Done::Filled => {
            println!("{} is filled, in {:.0} s", folder.display(), start.elapsed().as_secs_f64());
        }
    }
    if usual.is_none_or(|usual| usual != folder) {
        println!("it is looked into with STOP_FPGA_TOOLS={}", folder.display());
    }
    Ok(ExitCode::SUCCESS)
}
