//! The self-test of a board: what a board in one's hands does, in seconds, with everything put back as it was.
//!
//! ```text
//! link     round trips, bytes a second both ways          ── sets how much of a large memory there is time for
//! march    patterns up and down each writable memory
//! learn    a few samples learned here and by the model, every memory compared
//! kept     what the memories held, and their way back
//! ```
//!
//! Membranes, traces and scores are those of the self-test's samples afterwards, and the counters have counted them: a host
//! can't write those.

mod kept;
mod learn;
mod link;
mod march;

use arch::registers::{Register, Space};
use driver::{Session, SessionError};
pub use learn::network;

use crate::finding::Finding;
use crate::interrupt::Interrupt;
use crate::progress::Late;
use kept::NotRestored;

/// The memories that a host can write, those that a network's activation depends on last.
const WRITABLE: [Space; 4] = [Space::Weights, Space::Thresholds, Space::Leaks, Space::Descriptors];

/// Why a part of the self-test did not pass.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Link(#[from] link::LinkFault),
    #[error(transparent)]
    Memory(#[from] march::Wrong),
    #[error(transparent)]
    Learning(#[from] learn::Difference),
    #[error(transparent)]
    NotRestored(#[from] NotRestored),
    #[error("the self-test has no network that fits this board: {0}")]
    TooSmall(SessionError),
    #[error("interrupted")]
    Interrupted,
}

impl Fault {
    /// What to do about it.
    fn remedy(&self) -> &'static str {
        match self {
            Self::Session(SessionError::Link(_)) => {
                "the board's memories may hold test patterns now: load the network again before it is used"
            }
            Self::Session(_) => {
                "write this version's bitstream to the board (stop-fpga build, stop-fpga flash)"
            }
            Self::Link(_) => {
                "a shorter cable, another USB port without a hub, no other program on the port; then a lower baud rate, \
                 in the board.toml that the bitstream is built from and as --baud"
            }
            Self::Memory(_) => {
                "write the bitstream again (stop-fpga flash) and repeat; where the same elements differ again, build with \
                 a lower clock_hz or another --seed, or take another board"
            }
            Self::Learning(_) => {
                "build this version's bitstream and write it (stop-fpga build, stop-fpga flash); where the same element \
                 differs again, build with a lower clock_hz or another --seed"
            }
            Self::NotRestored(_) => "load the network and its parameters again before the board is used",
            Self::TooSmall(_) => "a board.toml with larger memories in [engine]",
            Self::Interrupted => "the memories hold what they held before; run it again",
        }
    }

    /// Whether nothing more can be asked of the board.
    fn ends_it(&self) -> bool {
        matches!(self, Self::Interrupted | Self::Session(SessionError::Link(_)))
    }
}

/// Tests the board behind `session`. `baud` is that of its serial line, where it has one.
///
/// What is returned is one finding a part. A part that fails is not the end, unless the link or the user is: an interruption is the
/// caller's to see.
pub fn run(session: &mut Session, baud: Option<u32>, interrupt: &Interrupt) -> Vec<Finding> {
    let mut findings = Vec::new();
    let outcome = parts(session, baud, interrupt, &mut findings);
    if let Err((what, fault)) = outcome {
        findings.push(Finding::bad(what, fault.to_string(), fault.remedy()));
    }
    findings
}

/// The parts one after the other, then the network and the seed as they were. An error is what ends the test, and the part that it
/// came from.
fn parts(
    session: &mut Session,
    baud: Option<u32>,
    interrupt: &Interrupt,
    findings: &mut Vec<Finding>,
) -> Result<(), (String, Fault)> {
    let state = |error: SessionError| ("network and seed".to_owned(), Fault::from(error));
    let active = session.read_register(Register::Network).map_err(state)?;
    let seed = session.seed().map_err(state)?;
    let before = session.link_counts();
    let outcome = memories_and_learning(session, baud, interrupt, findings);
    if !matches!(outcome, Err((_, Fault::Session(_)))) {
        // Whatever wrote descriptors deactivated the network.
        if active > 0 {
            session.write_register(Register::Network, active).map_err(state)?;
        }
        session.set_seed(seed).map_err(state)?;
    }
    outcome?;
    let counts = link::check(before, session.link_counts());
    keep(findings, "link: nothing lost".to_owned(), counts.map_err(Fault::from))
}

fn memories_and_learning(
    session: &mut Session,
    baud: Option<u32>,
    interrupt: &Interrupt,
    findings: &mut Vec<Finding>,
) -> Result<(), (String, Fault)> {
    let progress = Late::new("self-test", 2 + march::PASSES * WRITABLE.len() as u64);
    let measured = link::measure(session, baud).map_err(|error| ("link".to_owned(), error.into()));
    let (speed, finding) = measured?;
    findings.push(finding);
    progress.advance();
    for space in WRITABLE {
        let what = format!("memory: {}", space.info().name);
        let tested = march::march(session, space, &speed, interrupt, &progress);
        keep(findings, what, tested.map(|tested| tested.to_string()))?;
    }
    let learned = learn::compare(session, interrupt);
    keep(findings, "learning".to_owned(), learned.map(|agreed| agreed.to_string()))?;
    progress.advance();
    Ok(())
}

/// Notes how a part ended, and passes on what ends the self-test.
fn keep(
    findings: &mut Vec<Finding>,
    what: String,
    outcome: Result<String, Fault>,
) -> Result<(), (String, Fault)> {
    match outcome {
        Ok(detail) => findings.push(Finding::good(what, detail)),
        Err(fault) if fault.ends_it() => return Err((what, fault)),
        Err(fault) => findings.push(Finding::bad(what, fault.to_string(), fault.remedy())),
    }
    Ok(())
}

/// A number that looks like noise, the same for the same number: the finaliser of MurmurHash3.
fn mixed(mut word: u32) -> u32 {
    word = (word ^ word >> 16).wrapping_mul(0x85eb_ca6b);
    word = (word ^ word >> 13).wrapping_mul(0xc2b2_ae35);
    word ^ word >> 16
}

/// An element's bits, zero-extended.
fn bits(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests;
