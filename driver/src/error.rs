//! What can go wrong between a host and a board.

use std::time::Duration;

use arch::identity::IdentityError;
use arch::layout::LayoutError;
use arch::protocol::{Opcode, SampleResult, Status};

use crate::TransportError;

/// The link broke.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The bytes did not get through.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No answer, however often the frame was repeated.
    #[error(
        "{transport}: no answer to a frame ({opcode:?}), sent {attempts} times in {:.1} s. {}",
        waited.as_secs_f64(), advice(*bytes_heard)
    )]
    NoAnswer {
        /// The transport.
        transport: String,
        /// What the unanswered frame asked for.
        opcode: Opcode,
        /// How often it was sent.
        attempts: u32,
        /// How long that took.
        waited: Duration,
        /// Bytes that came in that time and were no answer.
        bytes_heard: u64,
    },
    /// The board has forgotten the session: it lost power or was configured anew.
    #[error(
        "{transport}: the board has restarted and lost its memories. Start again from the last checkpoint \
         (`train --resume`)"
    )]
    Restarted {
        /// The transport.
        transport: String,
    },
}

impl SessionError {
    /// Whether the session is lost: another may be opened, and the board's state made again.
    pub fn lost(&self) -> bool {
        matches!(self, Self::Link(_))
    }
}

fn advice(bytes_heard: u64) -> &'static str {
    if bytes_heard == 0 {
        "Nothing came back at all. Check that the board has power and is configured, that this is its port \
         (many boards show two; the UART is usually the second), and that no other program reads from it"
    } else {
        "Bytes came back, but no whole frame. Check the baud rate, and that this port leads to a stop-fpga board"
    }
}

/// A board that could not be used as asked.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The link broke.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The board is not one that this driver can talk to.
    #[error("the board can't be used: {0}")]
    Identity(#[from] IdentityError),
    /// The network does not fit the board.
    #[error("the network does not fit the board `{board}`: {error}")]
    Layout {
        /// The board's name.
        board: String,
        /// Why not.
        error: LayoutError,
    },
    /// The network needs something that was not built into the board.
    #[error("the board `{board}` was built without {what}: {instead}")]
    NotBuilt {
        /// The board's name.
        board: String,
        /// What is missing.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// The board says no.
    #[error("the board refuses {what}: {}", status.words())]
    Refused {
        /// What was asked of it.
        what: &'static str,
        /// Its answer.
        status: Status,
    },
    /// An answer that no board of this ABI gives.
    #[error("the board's answer to {what} has {seen} bytes, wanted {wanted}: rebuild the bitstream")]
    Answer {
        /// What was asked.
        what: &'static str,
        /// Bytes of the answer.
        seen: usize,
        /// Bytes it should have.
        wanted: usize,
    },
    /// A host that teaches writes the errors of all outputs in one frame.
    #[error(
        "the network has {seen} outputs: a host can teach {wanted} through this board's frames. Learn by labels, or with fewer outputs"
    )]
    TooManyOutputs {
        /// Outputs of the network.
        seen: u32,
        /// The most that fit.
        wanted: usize,
    },
    /// Sessions were lost faster than they could be made good.
    #[error(
        "{first}\nGiven up after {sessions} lost sessions since the last checkpoint and {:.1} s of connecting again: {last}",
        waited.as_secs_f64()
    )]
    GivenUp {
        /// What was wrong first.
        first: Box<SessionError>,
        /// What was wrong last.
        last: String,
        /// Sessions lost since the last checkpoint.
        sessions: u32,
        /// How long it was tried.
        waited: Duration,
    },
    /// Another board answers than the one the run began on.
    #[error(
        "another board answers after the connection was lost: `{seen}`, wanted `{wanted}` as before, of the same build and sizes. \
         Connect that one, or start again from the last checkpoint (`train --resume`)"
    )]
    OtherBoard {
        /// The name of the board that answers.
        seen: String,
        /// The name of the one before.
        wanted: String,
    },
    /// A replayed sample gave another result than at first.
    #[error(
        "a sample that was replayed after the connection was lost has another result than at first: prediction {} instead of {}, wrong spikes {} \
         instead of {}. Something is damaged in silence: test the board (`doctor --board`), and start again from an earlier checkpoint",
        seen.prediction, wanted.prediction, seen.wrong_spikes, wanted.wrong_spikes
    )]
    Replayed {
        /// The result.
        seen: SampleResult,
        /// The result at first.
        wanted: SampleResult,
    },
    /// No network has been loaded through this session.
    #[error("no network is loaded: load one before parameters or samples")]
    NoNetwork,
    /// Parameters of another network.
    #[error("the parameters do not belong to the loaded network: their shapes differ")]
    Parameters,
}
