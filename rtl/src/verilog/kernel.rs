//! The body of one module: ports, declarations, sub-blocks, assignments.

use super::collect::{Instance, Kind, Wire};
use super::expression::{Role, Scope, sized};
use super::keywords::reserved;
use super::lower::{Label, Statement, constant, lower};
use super::{EmitError, Form};
use super::{assigned, plain};
use crate::prelude::Verilog;
use rust_hdl_core::ast::VerilogExpression as Expression;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The module's text from its port list on, and the name a leaf gives itself. `modules` are its sub-blocks'.
pub(super) fn module_body(
    instance: &Instance,
    path: &str,
    modules: &[String],
    form: Form,
) -> Result<(Option<String>, String), EmitError> {
    let refuse = |reason: String| EmitError::Kernel { module: path.to_owned(), reason };
    let names = instance.wires.iter().map(|w| &w.name).chain(instance.children.iter().map(|c| &c.name));
    if let Some(name) = names.map(|name| plain(name)).find(|name| reserved(name)) {
        return Err(refuse(format!("names a field `{name}`, a word that Verilog reserves")));
    }
    match &instance.code {
        Verilog::Custom(code) => {
            let (first, code) = code.split_once('\n').unwrap_or((code, ""));
            let name = first.strip_prefix("// leaf ").map(str::to_owned);
            let indented: String = code.lines().map(indent).collect();
            Ok((name, format!("{}{indented}", ports(instance, |_| true))))
        }
        Verilog::Combinatorial(code) => {
            let scope = Scope::new(instance).map_err(refuse)?;
            let statements = lower(code).map_err(refuse)?;
            if let Some(signal) = assigned::latch(&statements, &scope).map_err(refuse)? {
                return Err(EmitError::Latch { module: path.to_owned(), signal: plain(&signal) });
            }
            let body = Body::new(instance, scope, &statements, form).map_err(refuse)?;
            Ok((None, body.print(&statements, modules).map_err(refuse)?))
        }
        _ => Err(refuse("has neither a kernel nor a leaf's code".to_owned())),
    }
}

fn indent(line: &str) -> String {
    // Compiler directives stay at the margin.
    if line.is_empty() || line.starts_with('`') { format!("{line}\n") } else { format!("    {line}\n") }
}

fn range(width: usize) -> String {
    if width == 1 { String::new() } else { format!("[{}:0] ", width - 1) }
}

fn ports(instance: &Instance, is_reg: impl Fn(&str) -> bool) -> String {
    let port = |wire: &Wire| {
        let kind = match wire.kind {
            Kind::Input => "input  wire",
            _ if is_reg(&wire.name) => "output reg ",
            _ => "output wire",
        };
        format!("    {kind} {}{}", range(wire.width), plain(&wire.name))
    };
    format!("(\n{}\n);\n", instance.ports().map(port).collect::<Vec<_>>().join(",\n"))
}

struct Body<'a> {
    instance: &'a Instance,
    scope: Scope<'a>,
    /// Targets with one unconditional assignment from signals that the kernel does not compute.
    direct: BTreeMap<String, &'a Expression>,
    /// Everything that is read, and every variant that is named.
    read: BTreeSet<String>,
}

impl<'a> Body<'a> {
    fn new(
        instance: &'a Instance,
        mut scope: Scope<'a>,
        statements: &'a [Statement],
        form: Form,
    ) -> Result<Self, String> {
        let (mut counts, mut read) = (BTreeMap::new(), BTreeSet::new());
        survey(statements, &scope, &mut counts, &mut read);
        let mut direct = BTreeMap::new();
        for statement in statements {
            let Statement::Assign { target, slice: None, value } = statement else { continue };
            let mut sources = BTreeSet::new();
            scope.reads(value, &mut sources);
            let steady = |name: &String| {
                let outside = [Role::Input, Role::ChildOutput, Role::Constant];
                scope.variant(name).is_some()
                    || direct.contains_key(name)
                    || scope.signal(name).is_ok_and(|(_, role)| outside.contains(&role))
            };
            if counts.get(target) == Some(&1) && sources.iter().all(steady) {
                direct.insert(target.clone(), value);
            }
        }
        if form == Form::Once {
            // Nobody but the block itself reads a local signal that it computes.
            let seen = |name: &String| !matches!(scope.signal(name), Ok((_, Role::Local)));
            let computed = counts.into_keys().filter(|name| !direct.contains_key(name) && seen(name));
            scope.compute_in_variables(computed.collect())?;
        }
        Ok(Self { instance, scope, direct, read })
    }

    fn print(&self, statements: &[Statement], modules: &[String]) -> Result<String, String> {
        let mut text = ports(self.instance, |name| !self.direct.contains_key(name));
        self.constants(&mut text)?;
        for wire in self.instance.wires.iter().filter(|w| w.kind == Kind::Local) {
            text += &self.declaration(&wire.name, wire.width);
        }
        let mut inline = BTreeSet::new();
        for (child, module) in self.instance.children.iter().zip(modules) {
            self.child(child, module, &mut text, &mut inline)?;
        }
        let assigns = self.direct.iter().filter(|(target, _)| !inline.contains(*target));
        for (target, value) in assigns {
            let value = self.scope.print(value, self.scope.target(target)?)?;
            let _ = writeln!(text, "    assign {} = {};", plain(target), value.text);
        }
        let mut body = String::new();
        self.block(statements, 2, &mut body)?;
        if body.lines().all(|line| line.trim_start().starts_with("//")) {
            text += &body;
        } else {
            for name in self.scope.in_variables() {
                let _ =
                    writeln!(text, "    reg {}{};", range(self.scope.target(name)?), self.scope.name(name));
                let _ = writeln!(body, "        {} = {};", plain(name), self.scope.name(name));
            }
            let _ = write!(text, "    always @* begin\n{body}    end\n");
        }
        Ok(text)
    }

    fn constants(&self, text: &mut String) -> Result<(), String> {
        for wire in &self.instance.wires {
            if let Kind::Constant(number) = wire.kind {
                let value = sized(number, wire.width)?;
                let _ =
                    writeln!(text, "    localparam {}{} = {value};", range(wire.width), plain(&wire.name));
            }
        }
        for name in &self.read {
            if let Some((number, width)) = self.scope.variant(name) {
                let value = sized(number, width)?;
                let _ = writeln!(text, "    localparam {}{} = {value};", range(width), plain(name));
            }
        }
        Ok(())
    }

    fn declaration(&self, name: &str, width: usize) -> String {
        let kind = if self.direct.contains_key(name) { "wire" } else { "reg" };
        format!("    {kind} {}{};\n", range(width), plain(name))
    }

    /// Declares a sub-block's signals and instantiates it.
    fn child(
        &self,
        child: &Instance,
        module: &str,
        text: &mut String,
        inline: &mut BTreeSet<String>,
    ) -> Result<(), String> {
        let mut connections = Vec::new();
        for port in child.ports() {
            let name = format!("{}${}", child.name, port.name);
            let at = match self.direct.get(&name) {
                Some(value) if constant(value).is_some() || matches!(value, Expression::Signal(_)) => {
                    inline.insert(name);
                    self.scope.print(value, port.width)?.text
                }
                _ if port.kind == Kind::Output && !self.read.contains(&name) => String::new(),
                _ if port.kind == Kind::Output => {
                    let _ = writeln!(text, "    wire {}{};", range(port.width), plain(&name));
                    plain(&name)
                }
                _ => {
                    *text += &self.declaration(&name, port.width);
                    plain(&name)
                }
            };
            connections.push(format!(".{}({at})", plain(&port.name)));
        }
        let one_line = format!("    {module} {} ({});", plain(&child.name), connections.join(", "));
        if one_line.len() <= 110 {
            let _ = writeln!(text, "{one_line}");
        } else {
            let list = connections.join(",\n        ");
            let _ = writeln!(text, "    {module} {} (\n        {list}\n    );", plain(&child.name));
        }
        Ok(())
    }

    fn block(&self, statements: &[Statement], depth: usize, text: &mut String) -> Result<(), String> {
        let pad = "    ".repeat(depth);
        for statement in statements {
            match statement {
                Statement::Assign { target, slice: None, value } => {
                    if !self.direct.contains_key(target) {
                        let value = self.scope.print(value, self.scope.target(target)?)?;
                        let _ = writeln!(text, "{pad}{} = {};", self.scope.name(target), value.text);
                    }
                }
                Statement::Assign { target, slice: Some((from, width)), value } => {
                    let value = self.scope.print(value, *width)?.text;
                    let name = self.scope.name(target);
                    let _ = writeln!(text, "{pad}{name}[{}:{from}] = {value};", from + width - 1);
                }
                Statement::If { .. } => {
                    text.push_str(&pad);
                    self.conditional(statement, depth, text)?;
                }
                Statement::Match { test, cases } => self.case(test, cases, depth, text)?,
                Statement::Comment(comment) => {
                    let _ = writeln!(text, "{pad}// {comment}");
                }
            }
        }
        Ok(())
    }

    /// `if … else if … else`, the pad of its first line already written.
    fn conditional(&self, statement: &Statement, depth: usize, text: &mut String) -> Result<(), String> {
        let Statement::If { test, then, otherwise } = statement else { return Ok(()) };
        let pad = "    ".repeat(depth);
        let _ = writeln!(text, "if ({}) begin", self.scope.print(test, 1)?.text);
        self.block(then, depth + 1, text)?;
        match otherwise.as_slice() {
            [] => {
                let _ = writeln!(text, "{pad}end");
            }
            [next @ Statement::If { .. }] => {
                let _ = write!(text, "{pad}end else ");
                self.conditional(next, depth, text)?;
            }
            body => {
                let _ = writeln!(text, "{pad}end else begin");
                self.block(body, depth + 1, text)?;
                let _ = writeln!(text, "{pad}end");
            }
        }
        Ok(())
    }

    fn case(
        &self,
        test: &Expression,
        cases: &[(Label, Vec<Statement>)],
        depth: usize,
        text: &mut String,
    ) -> Result<(), String> {
        let pad = "    ".repeat(depth);
        let width = self.scope.width(test)?.ok_or("matches on a literal")?;
        let _ = writeln!(text, "{pad}case ({})", self.scope.print(test, width)?.text);
        let mut default = false;
        for (label, body) in cases {
            let label = match label {
                Label::Default => "default".to_owned(),
                Label::Number(number) => sized(*number, width)?,
                Label::Name(name) if self.scope.variant(name).is_some() => plain(name),
                Label::Name(name) => return Err(format!("matches `{name}`, which is no variant of an enum")),
            };
            default |= label == "default";
            let _ = writeln!(text, "{pad}    {label}: begin");
            self.block(body, depth + 2, text)?;
            let _ = writeln!(text, "{pad}    end");
        }
        if !default && (width >= 32 || cases.len() < 1 << width) {
            let _ = writeln!(text, "{pad}    default: ; // codes that no variant has");
        }
        let _ = writeln!(text, "{pad}endcase");
        Ok(())
    }
}

/// Counts assignments per target and gathers what is read.
fn survey(
    statements: &[Statement],
    scope: &Scope<'_>,
    counts: &mut BTreeMap<String, usize>,
    read: &mut BTreeSet<String>,
) {
    for statement in statements {
        match statement {
            Statement::Assign { target, value, .. } => {
                *counts.entry(target.clone()).or_default() += 1;
                scope.reads(value, read);
            }
            Statement::If { test, then, otherwise } => {
                scope.reads(test, read);
                survey(then, scope, counts, read);
                survey(otherwise, scope, counts, read);
            }
            Statement::Match { test, cases } => {
                scope.reads(test, read);
                for (label, body) in cases {
                    if let Label::Name(name) = label {
                        read.insert(name.clone());
                    }
                    survey(body, scope, counts, read);
                }
            }
            Statement::Comment(_) => {}
        }
    }
}
