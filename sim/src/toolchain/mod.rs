//! External tools that read the emitted Verilog: one module each, and a common way to find them. `docs/toolchain.md` says
//! which versions, and what is not run without them.
//!
//! ```text
//! design     Verilog text, its top module and the ports that are driven
//! verilator  Verilog -> an executable that answers vectors      running  ... and driving it
//! icarus     a testbench in Verilog, run
//! lint       Verilator's warnings
//! yosys      structural checks, synthesis for iCE40 and ECP5
//! nextpnr    place and route: Fmax, utilisation
//! placement  where nextpnr has put the cells
//! pack       bitstreams                     unpack   ... and what one configures, as Verilog
//! sby        SymbiYosys: assertions proved or refuted
//! lookup     where the tools are          process  running one          cache  what was built before
//! ```
//!
//! A test asks [`need`] first:
//!
//! ```no_run
//! use sim::toolchain::{Design, Ports, need, verilator};
//!
//! if !need(verilator::TOOLS) {
//!     return;
//! }
//! let text = "module inverter(input wire [3:0] a, output wire [3:0] y); assign y = ~a; endmodule";
//! let ports = Ports::combinational(&[("a", 4)], &[("y", 4)]);
//! let model = verilator::Model::build(&Design::new("inverter", text), &ports, &Default::default()).unwrap();
//! assert_eq!(model.start().unwrap().step(&[5]).unwrap(), [10]);
//! ```

mod cache;
mod design;
pub mod icarus;
pub mod lint;
mod lookup;
pub mod nextpnr;
pub mod pack;
pub mod placement;
mod process;
pub mod running;
pub mod sby;
pub mod unpack;
pub mod verilator;
pub mod yosys;

pub use design::{Design, Layout, Port, Ports, VerilogFile};
pub use lookup::{Found, Missing, Tool};
pub use process::{RunError, stop_at};

/// The root of this repository; none outside of a checkout.
pub fn repository() -> Option<std::path::PathBuf> {
    Some(cache::in_repository("setup/tools.txt")?.ancestors().nth(2)?.to_owned())
}

/// The folder of this repository that holds tools, whether it is there or not; none outside of a checkout. It is the last that is
/// looked into.
pub fn folder() -> Option<std::path::PathBuf> {
    Some(repository()?.join(".tools"))
}

/// The environment variable that, set to `1`, makes a missing tool a failure instead of a test that is not run.
pub const REQUIRE: &str = "STOP_FPGA_REQUIRE_TOOLS";

/// Whether a test can run: all of `tools` are here. Where one is missing, says so on standard error, past the capture of
/// the test harness, and answers `false`.
///
/// # Panics
///
/// Where a tool is missing and `STOP_FPGA_REQUIRE_TOOLS=1` is set, as CI does.
#[track_caller]
pub fn need(tools: &[Tool]) -> bool {
    let Some(missing) = tools.iter().find_map(|tool| tool.find().err()) else { return true };
    if std::env::var_os(REQUIRE).is_some_and(|value| value == "1") {
        panic!("{missing} ({REQUIRE}=1: nothing may be left out)");
    }
    let thread = std::thread::current();
    let line = format!("not run: {}: {missing}\n", thread.name().unwrap_or("unnamed"));
    // The harness captures `eprint!` of a test that passes, but not the handle itself.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    false
}
