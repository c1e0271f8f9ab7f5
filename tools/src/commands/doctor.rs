//! `doctor`: what this machine and a board have, what is missing, and how to get it.

use std::process::ExitCode;
use std::time::Instant;

use arch::registers::Register;
use driver::transport::serial::known_ports;
use miette::Result;
use serde::Serialize;

use super::print_json;
use super::summary::table;
use crate::board::{Board, BoardUseError};
use crate::cli::{Doctor, EXIT_INCOMPLETE, On};

/// Round trips that the link's latency is the mean of.
const ROUND_TRIPS: u32 = 64;

#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    found: bool,
    detail: String,
    /// What to do where it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// Runs `doctor`.
pub fn run(doctor: &Doctor) -> Result<ExitCode> {
    let mut findings = vec![recordings(), ports()];
    findings.push(board(doctor));
    if doctor.json {
        print_json(&findings)?;
    } else {
        let mut table = table(&[]);
        for finding in &findings {
            let mark = if finding.found { "✓" } else { "✗" };
            let remedy = finding.remedy.iter().map(|remedy| format!("\n→ {remedy}")).collect::<String>();
            table.add_row([mark.to_owned(), finding.what.to_owned(), finding.detail.clone() + &remedy]);
        }
        println!("{table}");
    }
    let complete = findings.iter().all(|finding| finding.found || finding.remedy.is_none());
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(EXIT_INCOMPLETE) })
}

fn recordings() -> Finding {
    let count = |source| events::Dataset::open(source, None).map(|dataset| dataset.len());
    let what = "bundled recordings";
    match (count("bundled:train"), count("bundled:test")) {
        (Ok(train), Ok(test)) => {
            Finding { what, found: true, detail: format!("{train} to learn, {test} to test"), remedy: None }
        }
        (Err(error), _) | (_, Err(error)) => Finding {
            what,
            found: false,
            detail: error.to_string(),
            remedy: Some("build again from a fresh clone".to_owned()),
        },
    }
}

/// No port is no fault: the model needs none.
fn ports() -> Finding {
    let ports = known_ports();
    Finding {
        what: "serial ports",
        found: !ports.is_empty(),
        detail: if ports.is_empty() {
            "none: plug a board in, or use the model".to_owned()
        } else {
            ports.join(", ")
        },
        remedy: None,
    }
}

fn board(doctor: &Doctor) -> Finding {
    let name = doctor.board.clone().unwrap_or_else(|| "model".to_owned());
    let on = On { board: name.clone(), config: "icebreaker".to_owned(), trace: None, baud: doctor.baud };
    match describe(&on) {
        Ok(detail) => {
            Finding { what: "board", found: true, detail: format!("{name}: {detail}"), remedy: None }
        }
        Err(error) => Finding {
            what: "board",
            found: false,
            detail: format!("{name}: no board that can be used"),
            remedy: Some(error.to_string()),
        },
    }
}

/// What a board says of itself, and how quickly it answers.
fn describe(on: &On) -> Result<String, BoardUseError> {
    let mut session = match Board::open(on)? {
        Board::Wire(session) => session,
        Board::Float { .. } => return Ok("the float model, no wire".to_owned()),
    };
    let start = Instant::now();
    for _ in 0..ROUND_TRIPS {
        session.read_register(Register::Magic)?;
    }
    let round_trip = start.elapsed() / ROUND_TRIPS;
    let identity = session.identity();
    let capacity = &identity.capacity;
    Ok(format!(
        "{}, build {:08x}, ABI {}\n{} lanes of {}-bit weights at {:.0} MHz\n{} synapses, {} neurons, {} inputs, \
         {} layers\nwindow {} frames, {} bytes; {:.0} µs a round trip",
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
        round_trip.as_secs_f64() * 1e6,
    ))
}
