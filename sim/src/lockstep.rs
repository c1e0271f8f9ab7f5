//! A block's native simulation and its Verilog, cycle by cycle on the same inputs.
//!
//! ```text
//!   inputs of a cycle ──┬─> rtl::pins::Driven (native) ──┐
//!                       └─> Verilator model of `emit` ───┴─> outputs equal?
//! ```

use crate::toolchain::running::{ModelError, Running};
use crate::toolchain::{Design, Layout, Port, Ports};
use rtl::step::StepError;
use rtl::verilog::Direction;

/// Cycles that go to the model at a time.
const PORTION: usize = 4096;

/// A comparison that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LockstepError {
    /// The block does not settle.
    #[error(transparent)]
    Native(#[from] StepError),
    /// The model stopped.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The first cycle in which the two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The cycle, counted from 0.
    pub cycle: usize,
    /// Its inputs.
    pub inputs: Vec<u128>,
    /// Outputs that differ: name, native, Verilog.
    pub outputs: Vec<(String, u128, u128)>,
}

/// The macro under which emitted memories assert that they are not read and written at one address at once.
pub const ASSERTING: &str = "FORMAL";

/// An emitted design and its ports as the tools take them.
pub fn design_of(emitted: &rtl::verilog::Design) -> (Design, Ports) {
    let side = |direction| {
        let ports = emitted.ports.iter().filter(|p| p.direction == direction && !p.clock);
        Layout(ports.map(|p| Port { name: p.name.clone(), width: p.width as u32 }).collect())
    };
    let clock = emitted.ports.iter().find(|p| p.clock).map(|p| p.name.clone());
    let ports = Ports { clock, inputs: side(Direction::In), outputs: side(Direction::Out) };
    (Design::new(&emitted.top, emitted.text.clone()), ports)
}

/// Gives both sides the same cycles and returns the first difference in their outputs before the rising edge.
///
/// Errors: the block does not settle, or the model stops.
pub fn first_difference(
    running: &mut Running,
    mut native: impl FnMut(&[u128]) -> Result<Vec<u128>, StepError>,
    cycles: &[Vec<u128>],
) -> Result<Option<Difference>, LockstepError> {
    let ports = running.ports().clone();
    for (portion, start) in cycles.chunks(PORTION).zip((0..).step_by(PORTION)) {
        let mut records = Vec::new();
        portion.iter().for_each(|inputs| ports.inputs.pack_into(inputs, &mut records));
        let answers = running.cycles(&records)?;
        for ((inputs, answer), cycle) in
            portion.iter().zip(answers.chunks(ports.outputs.bytes())).zip(start..)
        {
            let (want, got) = (native(inputs)?, ports.outputs.unpack(answer));
            if want != got {
                let all = ports.outputs.0.iter().map(|port| port.name.clone()).zip(want).zip(got);
                let outputs = all.map(|((name, n), v)| (name, n, v)).filter(|(_, n, v)| n != v).collect();
                return Ok(Some(Difference { cycle, inputs: inputs.clone(), outputs }));
            }
        }
    }
    Ok(None)
}
