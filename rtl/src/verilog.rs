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

/// Emits `block` as the module `top` (a leaf keeps its own name); `about` is a line for the file's header.
pub fn emit<B: Block>(block: &mut B, top: &str, about: &str) -> Result<Design, EmitError> {
    block.connect_all();
    check_all(block).map_err(check_failed)?;
    let root = collect::instances(block, top)?;
    let mut library = Library::default();
    let top = library.module_of(&root, "", Some(top))?;
    let mut text = format!(
        "// {top}: {about}\n\
         // Emitted from rust-hdl by the `rtl` crate; change the block, not this file.\n\
         /* verilator lint_off DECLFILENAME */ // one file for the whole design\n\
         /* verilator lint_off PINCONNECTEMPTY */ // outputs that nothing reads are left open\n\
         `default_nettype none\n"
    );
    for module in &library.modules {
        let _ = write!(text, "\nmodule {} {}endmodule\n", module.name, module.body);
    }
    text.push_str("\n`default_nettype wire\n");
    let ports = root.ports().map(collect::Wire::port).collect();
    let modules = library.modules.into_iter().map(|m| m.name).collect();
    Ok(Design { top, text, ports, modules })
}

struct Module {
    name: String,
    body: String,
}

/// Modules written so far; equal ones are shared.
#[derive(Default)]
struct Library {
    modules: Vec<Module>,
    by_body: BTreeMap<String, usize>,
}

impl Library {
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
        let (leaf, body) = kernel::module_body(instance, &path, &children)?;
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
