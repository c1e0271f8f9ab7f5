//! Walks a block and gathers, for every instance, its signals, its sub-blocks and its code.

use super::{Direction, EmitError, Port, plain};
use crate::prelude::{Block, Probe, Synth, TypeDescriptor, TypeKind, Verilog};
use rust_hdl_core::atom::{Atom, AtomKind};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Output,
    Local,
    Constant(u128),
}

#[derive(Clone, Debug)]
pub(super) struct Wire {
    /// As kernels spell it: `state`, `lane$0`.
    pub name: String,
    pub width: usize,
    pub kind: Kind,
    pub clock: bool,
}

impl Wire {
    pub fn port(&self) -> Port {
        let direction = if self.kind == Kind::Input { Direction::In } else { Direction::Out };
        Port { name: plain(&self.name), direction, width: self.width, clock: self.clock }
    }
}

/// One block in the design.
pub(super) struct Instance {
    pub name: String,
    pub wires: Vec<Wire>,
    pub children: Vec<Instance>,
    pub code: Verilog,
    /// Enum variants (`State$Idle`) of its signals and of its sub-blocks' ports.
    pub variants: Variants,
    /// Those of its ports.
    port_variants: Variants,
}

/// Value and width of an enum's variants.
pub(super) type Variants = BTreeMap<String, (u128, usize)>;

impl Instance {
    pub fn ports(&self) -> impl Iterator<Item = &Wire> {
        self.wires.iter().filter(|w| matches!(w.kind, Kind::Input | Kind::Output))
    }

    /// The name without the index of an array's element.
    pub fn plain_name(&self) -> String {
        let name = self.name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('$');
        plain(if name.is_empty() { &self.name } else { name })
    }
}

pub(super) fn instances(block: &dyn Block, top: &str) -> Result<Instance, EmitError> {
    let mut collector = Collector::default();
    block.accept(top, &mut collector);
    match (collector.failure, collector.done) {
        (Some(failure), _) => Err(failure),
        (None, Some(root)) => Ok(root),
        (None, None) => {
            Err(EmitError::Kernel { module: top.to_owned(), reason: "is not a block".to_owned() })
        }
    }
}

#[derive(Default)]
struct Collector {
    open: Vec<Instance>,
    namespace: Vec<String>,
    done: Option<Instance>,
    failure: Option<EmitError>,
}

impl Probe for Collector {
    fn visit_start_scope(&mut self, name: &str, node: &dyn Block) {
        let (wires, children, variants, port_variants) = Default::default();
        let (name, code) = (name.to_owned(), node.hdl());
        self.open.push(Instance { name, wires, children, code, variants, port_variants });
    }

    fn visit_start_namespace(&mut self, name: &str, _: &dyn Block) {
        self.namespace.push(name.to_owned());
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let Some(instance) = self.open.last_mut() else { return };
        let descriptor = signal.descriptor();
        let name: String = self.namespace.iter().map(|n| format!("{n}$")).collect::<String>() + name;
        let kind = match signal.kind() {
            AtomKind::InputParameter => Kind::Input,
            AtomKind::OutputParameter => Kind::Output,
            AtomKind::LocalSignal => Kind::Local,
            AtomKind::Constant => Kind::Constant(value(&format!("{:x}", signal.verilog()))),
            other => {
                self.failure =
                    Some(refuse(instance, &name, &format!("is a {other:?}, which is not supported")));
                return;
            }
        };
        let mut named = Variants::new();
        let reason = variants(&descriptor, &mut named).or_else(|| merge(&mut instance.variants, &named));
        if let Some(reason) = reason {
            self.failure = Some(refuse(instance, &name, &reason));
        }
        if matches!(kind, Kind::Input | Kind::Output) {
            instance.port_variants.extend(named);
        }
        let clock = descriptor.name == <crate::prelude::Clock as Synth>::descriptor().name;
        instance.wires.push(Wire { name, width: signal.bits(), kind, clock });
    }

    fn visit_end_namespace(&mut self, _: &str, _: &dyn Block) {
        self.namespace.pop();
    }

    fn visit_end_scope(&mut self, _: &str, _: &dyn Block) {
        let Some(instance) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => {
                if let Some(reason) = merge(&mut parent.variants, &instance.port_variants) {
                    self.failure = Some(refuse(parent, &instance.name, &reason));
                }
                parent.children.push(instance);
            }
            None => self.done = Some(instance),
        }
    }
}

fn refuse(instance: &Instance, name: &str, reason: &str) -> EmitError {
    EmitError::Kernel { module: instance.name.clone(), reason: format!("`{}` {reason}", plain(name)) }
}

/// Adds variants; returns why they cannot be told from those that are there.
fn merge(known: &mut Variants, more: &Variants) -> Option<String> {
    let clash = more.iter().find(|(name, code)| known.get(*name).is_some_and(|other| other != *code));
    known.extend(more.iter().map(|(name, code)| (name.clone(), *code)));
    clash
        .map(|(name, _)| format!("has another enum's `{}`: rename one of the enums", name.replace('$', "::")))
}

/// Adds a type's enum variants; returns why a type is refused.
fn variants(descriptor: &TypeDescriptor, known: &mut Variants) -> Option<String> {
    match &descriptor.kind {
        TypeKind::Bits(_) => None,
        TypeKind::Signed(_) => {
            Some("is `Signed`, which Yosys compares unsigned: use `Bits` and a leaf".to_owned())
        }
        TypeKind::Enum(names) => {
            let width = rust_hdl_core::bits::clog2(names.len());
            if width == 0 {
                return Some(format!("has the type {}, an enum of one variant", descriptor.name));
            }
            known.extend(names.iter().zip(0..).map(|(n, value)| (n.replace("::", "$"), (value, width))));
            None
        }
        TypeKind::Composite(fields) => fields.iter().find_map(|field| variants(&field.kind, known)),
    }
}

/// The number in rust-hdl's `8'h3f`.
pub(super) fn value(literal: &str) -> u128 {
    let digits = literal.rsplit("'h").next().unwrap_or_default();
    u128::from_str_radix(digits, 16).unwrap_or_default()
}
