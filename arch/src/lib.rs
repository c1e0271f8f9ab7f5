//! What both ends of the wire agree on: number formats, the network descriptor, capacities, the register and
//! memory map, frames and opcodes.
//!
//! Every constant that two of `model`, `rtl`, `driver` and `sim` share is defined here once, or in a board file
//! (`constraints/BOARD/board.toml`), and imported everywhere else.

pub mod board;
pub mod capacity;
pub mod counts;
pub mod crc;
pub mod descriptor;
pub mod formats;
pub mod identity;
pub mod layout;
pub mod network;
pub mod noise;
pub mod packing;
pub mod parameters;
pub mod protocol;
pub mod registers;
pub mod surrogate;

pub use board::Board;
pub use capacity::{Capacity, WeightBits};
pub use counts::{Counts, Cycles};
pub use descriptor::{Descriptor, Kind, Surrogate};
pub use identity::Identity;
pub use layout::Layout;
pub use network::{Layer, Learn, Network, Shape, Updates};
pub use parameters::Parameters;
