//! `doctor`: what this machine and a board have, what is missing, and how to get it.

use std::process::ExitCode;

use driver::transport::serial::known_ports;
use driver::{Recovering, Session};
use miette::Result;
use sim::toolchain::Tool;

use super::print_json;
use super::summary::table;
use crate::board::{Board, BoardUseError};
use crate::cli::{Doctor, EXIT_INCOMPLETE, EXIT_INTERRUPTED, On, Which};
use crate::finding::Finding;
use crate::interrupt::Interrupt;
use crate::{programmer, selftest};

/// Characters of a tool's version that are shown.
const VERSION: usize = 40;

/// Runs `doctor`.
pub fn run(doctor: &Doctor, interrupt: &Interrupt) -> Result<ExitCode> {
    let mut findings = vec![recordings(), ports()];
    findings.extend(Tool::ALL.map(tool));
    findings.push(programmers());
    findings.extend(board(doctor, interrupt));
    if doctor.json {
        print_json(&findings)?;
    } else {
        print(&findings);
    }
    if interrupt.requested() {
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    }
    let incomplete = findings.iter().any(Finding::is_fault);
    Ok(if incomplete { ExitCode::from(EXIT_INCOMPLETE) } else { ExitCode::SUCCESS })
}

fn print(findings: &[Finding]) {
    let mut table = table(&[]);
    for finding in findings {
        let mark = match (finding.found, finding.needed) {
            (true, _) => "✓",
            (false, true) => "✗",
            (false, false) => "–",
        };
        let remedy = finding.remedy.iter().map(|remedy| format!("\n→ {remedy}")).collect::<String>();
        table.add_row([mark.to_owned(), finding.what.clone(), finding.detail.clone() + &remedy]);
    }
    println!("{table}");
}

fn recordings() -> Finding {
    let count = |source| events::Dataset::open(source, None).map(|dataset| dataset.len());
    let what = "bundled recordings";
    match (count("bundled:train"), count("bundled:test")) {
        (Ok(train), Ok(test)) => Finding::good(what, format!("{train} to learn, {test} to test")),
        (Err(error), _) | (_, Err(error)) => {
            Finding::bad(what, error.to_string(), "build again from a fresh clone")
        }
    }
}

/// No port is no fault: the model needs none.
fn ports() -> Finding {
    let ports = known_ports();
    let what = "serial ports";
    if ports.is_empty() {
        return Finding::bad(what, "none", "plug a board in, or use the model").optional();
    }
    Finding::good(what, ports.join(", ")).optional()
}

/// An external tool. None is needed to train, on the model or on a board: what is missing is no fault.
fn tool(tool: Tool) -> Finding {
    let (what, purpose) = (format!("tool: {tool}"), tool.purpose());
    let finding = match tool.find() {
        // Some do not say their version.
        Ok(found) if found.version.is_empty() => {
            Finding::good(what, format!("{}\nfor {purpose}", found.program.display()))
        }
        Ok(found) => {
            // Yosys adds what it was compiled with.
            let version: String = found.version.chars().take(VERSION).collect();
            let cut = if version.len() < found.version.len() { " …" } else { "" };
            Finding::good(what, format!("{version}{cut}\n{}\nfor {purpose}", found.program.display()))
        }
        Err(missing) => {
            let detail = std::iter::once(format!("missing; for {purpose}")).chain(missing.passed_over);
            Finding::bad(what, detail.collect::<Vec<_>>().join("\n"), tool.install())
        }
    };
    finding.optional()
}

/// What writes bitstreams to boards; one is enough.
fn programmers() -> Finding {
    let what = "programmers";
    let found = programmer::all_on(&std::env::var_os("PATH").unwrap_or_default());
    if found.is_empty() {
        let (name, source) = programmer::SOURCES[0];
        return Finding::bad(what, "none; for flash", format!("{name}: {source}")).optional();
    }
    let lines: Vec<String> = found.iter().map(|program| program.display().to_string()).collect();
    Finding::good(what, lines.join("\n") + "\nfor flash").optional()
}

/// Who the board is, and how it does in the self-test where one was named.
fn board(doctor: &Doctor, interrupt: &Interrupt) -> Vec<Finding> {
    let name = doctor.board.clone().unwrap_or_else(|| "model".to_owned());
    let which = Which { config: doctor.config.clone(), trace: None, baud: doctor.baud };
    let on = On { board: name.clone(), which };
    let what = "board";
    let mut session = match open(&on) {
        Ok(Some(session)) => session,
        Ok(None) => return vec![Finding::good(what, format!("{name}: the float model, no wire"))],
        Err(error) => {
            return vec![Finding::bad(what, format!("{name}: no board that can be used"), error.to_string())];
        }
    };
    let mut findings = vec![Finding::good(what, format!("{name}: {}", describe(session.session())))];
    if doctor.board.is_some() && !doctor.no_self_test {
        let baud = name.starts_with("serial:").then_some(doctor.baud);
        findings.extend(selftest::run(session.session_mut(), baud, interrupt));
    }
    findings
}

fn open(on: &On) -> Result<Option<Box<Recovering>>, BoardUseError> {
    Ok(match Board::open(on)? {
        Board::Wire { session, .. } => Some(session),
        Board::Float { .. } => None,
    })
}

/// What a board says of itself.
fn describe(session: &Session) -> String {
    let identity = session.identity();
    let capacity = &identity.capacity;
    format!(
        "{}, build {:08x}, ABI {}\n{} lanes of {}-bit weights at {:.0} MHz\n{} synapses, {} neurons, {} inputs, \
         {} layers\nwindow {} frames, {} bytes",
        identity.name,
        identity.build,
        arch::protocol::ABI,
        capacity.lanes,
        capacity.weight_bits.bits(),
        f64::from(capacity.clock_hz) / 1e6,
        capacity.synapses,
        capacity.neurons,
        capacity.inputs,
        capacity.layers,
        identity.window,
        identity.receive_buffer,
    )
}
