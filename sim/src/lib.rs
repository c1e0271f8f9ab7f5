//! What stands in for a board: the virtual board, a model or the simulated hardware behind the wire protocol, on a
//! pseudo-terminal, a socket or in process. `docs/protocol.md` is what it obeys.
//!
//! ```text
//! serve     a pseudo-terminal, a socket or a card's device files, one host at a time
//! board     the model: bytes in, bytes out: sequence numbers, duplicates, repetition
//! device    what frames ask for: registers, memories, samples
//! hardware  the core itself behind its serial pins, natively or in Verilator
//! line      the host's end of those pins
//! timed     the same with a host that sends on meanwhile, and an adapter's latency
//! ```
//!
//! And whether the hardware does what the model says:
//!
//! ```text
//! bench      an engine driven through its ports: native simulation or Verilog
//! agreement  the engine beside the model, every memory after every time step
//! lockstep   a block's native simulation beside its Verilog
//! recording  a session's bytes both ways, for a bench that has no driver
//! netlist    what a bitstream is made of, simulated
//! bitstream  the bitstream itself, taken apart and simulated
//! waves      save files that group a trace's signals by unit
//! toolchain  Verilator, Yosys, Icarus, nextpnr, SymbiYosys, IceStorm
//! ```

pub mod agreement;
pub mod bench;
pub mod bitstream;
pub mod board;
mod device;
pub mod hardware;
mod line;
pub mod lockstep;
pub mod netlist;
pub mod recording;
pub mod serve;
pub mod timed;
pub mod toolchain;
mod waves;

pub use board::VirtualBoard;
pub use hardware::HardwareBoard;
pub use serve::{ServeError, serve_litepcie, serve_pty, serve_tcp, serve_xdma};
pub use timed::Timed;
