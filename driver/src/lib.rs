//! How a host talks to a board: transports, the frame codec, a session with a credit window, and the loops that
//! train and evaluate over it. `docs/driver.md` says how they stack, `docs/protocol.md` what travels.
//!
//! ```text
//! training   epochs and evaluations over any Learner; shares of an epoch for several
//! recover    lost sessions made good: reconnect, restore, replay
//! session    identify, read, write, load a network, run samples
//! link       sequence numbers, window, repetition
//! pace       how large frames are, what keeps the line full
//! codec      COBS frames and their CRC
//! transport  serial port, TCP, in process
//! ```
//!
//! Beside them, [`share`] gives a transport to one client at a time.

pub mod codec;
pub mod error;
pub mod feed;
mod link;
mod memory;
mod network;
mod pace;
pub mod recover;
mod run;
pub mod sample;
pub mod session;
pub mod share;
pub mod shares;
pub mod teach;
pub mod training;
pub mod transport;

pub use error::{LinkError, SessionError};
pub use feed::{Feed, Part};
pub use link::{LinkCounts, Options};
pub use network::fit;
pub use pace::{Buffers, Measured, Pace};
pub use recover::{Connect, Policy, Recovering, RecoveryCounts};
pub use sample::{Sample, SampleError};
pub use session::Session;
pub use teach::{Outputs, Teach};
pub use training::{Epoch, Evaluation, Learner, epoch_order, evaluate, learn_epoch};
pub use transport::{Transport, TransportError};
