//! What stands in for a board: the virtual board, a model behind the wire protocol, on a pseudo-terminal, a socket or in
//! process. `docs/protocol.md` is what it obeys.
//!
//! ```text
//! serve    a pseudo-terminal or a socket, one host at a time
//! board    bytes in, bytes out: sequence numbers, duplicates, repetition
//! device   what frames ask for: registers, memories, samples
//! ```

pub mod board;
mod device;
pub mod serve;

pub use board::VirtualBoard;
pub use serve::{ServeError, serve_pty, serve_tcp};
