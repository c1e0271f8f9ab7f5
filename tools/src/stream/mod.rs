//! Events that come while a board decides.
//!
//! ```text
//!   source ─> pace ─> pipeline ─> windows ══queue══> desk ─> board ─> decisions ─> latencies, view
//!   └────────────── a thread of its own ─┘
//! ```

pub mod desk;
pub mod labels;
pub mod latency;
pub mod pace;
pub mod source;
pub mod tally;
pub mod view;
pub mod watch;
pub mod windows;
