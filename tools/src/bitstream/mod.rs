//! Bitstreams: what `build` says of one, and those that this repository keeps.
//!
//! ```text
//! manifest    what a bitstream is: board, configuration, hashes, figures       manifest.json, and in report.json
//! report      how it came about: seeds, clocks, critical path                  report.json
//! page        both to be looked at        placement  where the cells sit       index.html, placement.svg
//! kept        the folder bitstreams/ of this repository
//! ```
//!
//! `docs/bitstreams.md` describes the files.

pub mod kept;
pub mod manifest;
mod page;
mod placement;
pub mod report;

pub use page::page;
pub use placement::{picture, units};
