//! `events convert`: the same events in another format.

use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;

use events::recording::{self, Format};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;

use super::interrupted;
use crate::cli::events::Convert;
use crate::commands::print_json;
use crate::interrupt::Interrupt;
use crate::pending::Pending;
use crate::report::numbers::grouped;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Converted {
    from: Format,
    to: Format,
    /// Written, which is all that was read.
    events: u64,
    /// Frames, inertial samples, triggers and the like, which have no place in what is written.
    skipped: u64,
    /// Events and bytes that were damaged.
    lost_events: u64,
    lost_bytes: u64,
}

/// Runs `events convert`.
pub fn run(command: &Convert, interrupt: &Interrupt) -> Result<ExitCode> {
    let to = command.to.map_or_else(|| named(&command.out), Ok)?;
    let mut opened = command.input.open()?;
    let header = *opened.reader.header();
    let (path, name) = (&command.out, command.out.display().to_string());
    let unwritable = || format!("cannot write {name}");
    let pending = Pending::create(path).into_diagnostic().wrap_err_with(unwritable)?;
    let out = BufWriter::new(pending.file());
    let mut writer = recording::create(&name, out, to, header.sensor).map_err(|error| match error {
        events::Error::SensorNeeded { .. } => {
            miette!(help = "give its sensor, such as --sensor 128x128", "{error}")
        }
        error => miette!("{error}"),
    })?;
    if !opened.each(interrupt, |events| writer.write(events))? {
        return Ok(interrupted());
    }
    drop(writer.finish().into_diagnostic()?);
    pending.publish().into_diagnostic().wrap_err_with(unwritable)?;
    let report = opened.reader.report();
    let converted = Converted {
        from: header.format,
        to,
        events: report.events,
        skipped: report.skipped.total(),
        lost_events: report.loss.events,
        lost_bytes: report.loss.bytes,
    };
    if command.json {
        print_json(&converted)?;
    } else {
        print(&converted, &name);
    }
    Ok(ExitCode::SUCCESS)
}

/// The format that a file's extension names.
fn named(out: &Path) -> Result<Format> {
    let extension = out.extension().unwrap_or_default().to_string_lossy();
    Format::of_extension(&extension).ok_or_else(|| {
        miette!(
            help = "name the format: --to evt3, for example",
            "the extension of {} names no single format: wanted aedat4, dat, es, bin, bs2, bs3 or csv",
            out.display()
        )
    })
}

fn print(converted: &Converted, name: &str) {
    let count = |number: u64| grouped(number.into());
    let Converted { from, to, events, skipped, lost_events, lost_bytes } = converted;
    println!("{name}: {} events, {from} to {to}", count(*events));
    if *skipped > 0 {
        println!("{} parts that are no events are left out", count(*skipped));
    }
    if lost_events + lost_bytes > 0 {
        println!("damaged, left out: {} events, {} bytes", count(*lost_events), count(*lost_bytes));
    }
}
