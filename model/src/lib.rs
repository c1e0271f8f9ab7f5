//! What the hardware must compute: [`fixed`], bit for bit, and the equations behind it.

pub mod fixed;
pub mod float;
pub mod init;
pub mod memory;
pub mod reference;
