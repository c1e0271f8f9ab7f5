//! Emits a block and everything in it as one readable Verilog-2005 file.
//!
//! rust-hdl's own generator makes every instance its own module, leaves literals and operators at Verilog's widths
//! (a sum keeps a carry that Rust drops, `!a` grows ones) and copies operators without parentheses. This one prints
//! the same kernels so that Verilog means what Rust computes:
//!
//! - a leaf is emitted once a parameterisation and equal blocks share one module;
//! - ports are ANSI, names plain (`state$q` becomes `state_q`);
//! - literals carry their width, operands are parenthesised, casts are concatenations;
//! - an assignment from inputs and sub-block outputs becomes a connection or an `assign`, the rest one `always @*`;
//! - what has no exact Verilog is an error: a latch, a signed type, a slice of an expression.

use crate::prelude::Block;
use rust_hdl_core::check_error::{CheckError, check_all};
use std::collections::BTreeMap;
use std::fmt::Write;

mod assigned;
mod collect;
mod expression;
mod kernel;
mod keywords;
mod lower;

use collect::Instance;

/// Why a block cannot be emitted.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// rust-hdl's own check: open inputs, reads before writes, writes to inputs.
    #[error("{kind}: {signals}")]
    Check {
        /// What is wrong with them.
        kind: &'static str,
        /// Paths of the signals.
        signals: String,
    },
    /// A kernel uses something that has no exact Verilog.
    #[error("{module}: {reason}")]
    Kernel {
        /// Instance path of the block.
        module: String,
        /// What, and what to write in its place.
        reason: String,
    },
    /// Some path through a kernel does not assign the signal.
    #[error("{module}: `{signal}` is not assigned on every path: give it a default first")]
    Latch {
        /// Instance path of the block.
        module: String,
        /// The signal.
        signal: String,
    },
}

/// Direction of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into the block.
    In,
    /// Out of the block.
    Out,
}

/// A port of the emitted top module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name in the Verilog.
    pub name: String,
    /// Its direction.
    pub direction: Direction,
    /// Bits.
    pub width: usize,
    /// Is it a clock?
    pub clock: bool,
}

/// Waivers for Verilator's lint of a whole board, each with its reason; in the language of its configuration files.
pub const WAIVERS: &str = include_str!("waivers.vlt");

/// An emitted design.
#[derive(Clone, Debug)]
pub struct Design {
    /// Name of the top module.
    pub top: String,
    /// The whole file.
    pub text: String,
    /// Ports of the top module in order.
    pub ports: Vec<Port>,
    /// Names of all modules, leaves first.
    pub modules: Vec<String>,
}

/// How a kernel's block is written; both mean the same.
///
/// A kernel gives a signal a default and then changes its mind. To an event-driven simulator each change of mind is an event that
/// wakes whoever reads the signal. Two blocks that read each other so wake each other for ever, though no value changes in the end:
/// in Icarus Verilog time stands still in a core's thousandth cycle.
///
/// ```text
///   Kernel                              Once
///                                           reg [1:0] pace_d_once;
///   always @* begin                         always @* begin
///       pace_d = pace_q;                        pace_d_once = pace_q;
///       if (take) begin                         if (take) begin
///           pace_d = 2'd3;                          pace_d_once = 2'd3;
///       end                                     end
///   end                                         pace_d = pace_d_once;
///                                           end
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As the kernel: for synthesis, and simulators that order blocks themselves. Bitstreams are made of this one.
    #[default]
    Kernel,
    /// Computed in variables, and each signal assigned once a pass, at the end: for event-driven simulators.
    Once,
}

/// Emits `block` as the module `top` (a leaf keeps its own name); `about` is a line for the file's header.
pub fn emit(block: &mut dyn Block, top: &str, about: &str) -> Result<Design, EmitError> {
    emit_as(Form::Kernel, block, top, about)
}

/// The same in a form of one's choice.
pub fn emit_as(form: Form, block: &mut dyn Block, top: &str, about: &str) -> Result<Design, EmitError> {
    block.connect_all();
    let mut library = Library { form, ..Library::default() };
    let root = checked(block, top)?;
    let top = library.module_of(&root, "", Some(top))?;
    let ports = root.ports().map(collect::Wire::port).collect();
    Ok(library.design(top, about, ports))
}

/// A top module that is written by hand around blocks.
pub struct Handwritten {
    /// Its name.
    pub name: String,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Its Verilog, from the parenthesis of its ports on, without `endmodule`.
    pub body: String,
}

/// Emits `top` and what it is around: each block as the module of that name, in [`Form::Once`]. `about` is a line for the file's
/// header.
pub fn emit_under(
    top: Handwritten,
    about: &str,
    blocks: &mut [(&mut dyn Block, &str)],
) -> Result<Design, EmitError> {
    let mut library = Library { form: Form::Once, ..Library::default() };
    for (block, name) in blocks {
        block.connect_all();
        library.module_of(&checked(*block, name)?, "", Some(name))?;
    }
    library.modules.push(Module { name: top.name.clone(), body: top.body });
    Ok(library.design(top.name, about, top.ports))
}

fn checked(block: &dyn Block, name: &str) -> Result<Instance, EmitError> {
    check_all(block).map_err(check_failed)?;
    collect::instances(block, name)
}

struct Module {
    name: String,
    body: String,
}

/// Modules written so far; equal ones are shared.
#[derive(Default)]
struct Library {
    form: Form,
    modules: Vec<Module>,
    by_body: BTreeMap<String, usize>,
}

impl Library {
    fn design(self, top: String, about: &str, ports: Vec<Port>) -> Design {
        let mut text = format!(
            "// {top}: {about}\n\
             // Emitted from rust-hdl by the `rtl` crate; change the block, not this file.\n\
             /* verilator lint_off DECLFILENAME */ // one file for the whole design\n\
             /* verilator lint_off PINCONNECTEMPTY */ // outputs that nothing reads are left open\n\
             `default_nettype none\n"
        );
        for module in &self.modules {
            let _ = write!(text, "\nmodule {} {}endmodule\n", module.name, module.body);
        }
        text.push_str("\n`default_nettype wire\n");
        let modules = self.modules.into_iter().map(|m| m.name).collect();
        Design { top, text, ports, modules }
    }

    /// Name of the module for an instance, emitting it and what is in it if it is new.
    fn module_of(
        &mut self,
        instance: &Instance,
        parent: &str,
        name: Option<&str>,
    ) -> Result<String, EmitError> {
        let path =
            if parent.is_empty() { instance.name.clone() } else { format!("{parent}.{}", instance.name) };
        let mut children = Vec::new();
        for child in &instance.children {
            children.push(self.module_of(child, &path, None)?);
        }
        let (leaf, body) = kernel::module_body(instance, &path, &children, self.form)?;
        if let (None, Some(&known)) = (name, self.by_body.get(&body)) {
            return Ok(self.modules[known].name.clone());
        }
        let wanted = leaf.or(name.map(str::to_owned)).unwrap_or_else(|| instance.plain_name());
        let name = self.free_name(&wanted);
        self.by_body.insert(body.clone(), self.modules.len());
        self.modules.push(Module { name: name.clone(), body });
        Ok(name)
    }

    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| self.modules.iter().any(|m| m.name == name);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        (2..).map(|n| format!("{wanted}_{n}")).find(|name| !taken(name)).unwrap_or_default()
    }
}

fn check_failed(error: CheckError) -> EmitError {
    let name = |p: &rust_hdl_core::check_error::PathedName| format!("{}.{}", p.path, p.name);
    let (kind, signals): (_, Vec<String>) = match error {
        CheckError::OpenSignal(open) => ("signals that nothing drives", open.values().map(name).collect()),
        CheckError::LogicLoops(list) => {
            ("signals read before they are written", list.iter().map(name).collect())
        }
        CheckError::WritesToInputs(list) => ("writes to inputs", list.iter().map(name).collect()),
    };
    EmitError::Check { kind, signals: signals.join(", ") }
}

/// Verilog's name for a signal path of a kernel.
fn plain(name: &str) -> String {
    name.replace('$', "_")
}
