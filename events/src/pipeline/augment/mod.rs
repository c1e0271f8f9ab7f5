//! Stages that draw. They act where something is learned, never where something is tested.

mod drop;
mod flip;
mod jitter;
mod shift;

pub use drop::Drop;
pub use flip::{Axis, Flip, Keep};
pub use jitter::Jitter;
pub use shift::Shift;
