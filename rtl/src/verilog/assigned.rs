//! Finds latches: signals that some path through a kernel leaves alone.
//!
//! Natively such a signal keeps its value, in Verilog it becomes a latch, and rust-hdl's own checks pass it.

use super::expression::Scope;
use super::lower::{Label, Statement};
use std::collections::BTreeMap;

/// Bits assigned so far, per signal.
type Assigned = BTreeMap<String, u128>;

/// The first signal that is not wholly assigned on every path.
pub(super) fn latch(statements: &[Statement], scope: &Scope<'_>) -> Result<Option<String>, String> {
    let mut targets = BTreeMap::new();
    widths(statements, scope, &mut targets)?;
    let mut assigned = Assigned::new();
    run(statements, scope, &mut assigned)?;
    let whole = |width: usize| u128::MAX >> (128 - width);
    let missing =
        |(name, width): &(String, usize)| assigned.get(name).is_none_or(|bits| *bits != whole(*width));
    Ok(targets.into_iter().find(missing).map(|(name, _)| name))
}

fn widths(
    statements: &[Statement],
    scope: &Scope<'_>,
    into: &mut BTreeMap<String, usize>,
) -> Result<(), String> {
    for statement in statements {
        match statement {
            Statement::Assign { target, .. } => {
                into.insert(target.clone(), scope.target(target)?);
            }
            Statement::If { then, otherwise, .. } => {
                widths(then, scope, into)?;
                widths(otherwise, scope, into)?;
            }
            Statement::Match { cases, .. } => {
                for (_, body) in cases {
                    widths(body, scope, into)?;
                }
            }
            Statement::Comment(_) => {}
        }
    }
    Ok(())
}

fn run(statements: &[Statement], scope: &Scope<'_>, assigned: &mut Assigned) -> Result<(), String> {
    for statement in statements {
        match statement {
            Statement::Assign { target, slice, .. } => {
                let (from, width) = slice.unwrap_or((0, scope.target(target)?));
                *assigned.entry(target.clone()).or_default() |= (u128::MAX >> (128 - width)) << from;
            }
            Statement::If { then, otherwise, .. } => {
                let mut other = assigned.clone();
                run(then, scope, assigned)?;
                run(otherwise, scope, &mut other)?;
                both(assigned, &other);
            }
            Statement::Match { test, cases } => {
                let mut paths = Vec::new();
                for (_, body) in cases {
                    let mut path = assigned.clone();
                    run(body, scope, &mut path)?;
                    paths.push(path);
                }
                // Rust's `match` is exhaustive over variants; Verilog's needs every code or a default.
                let width = scope.width(test)?.unwrap_or(1);
                let default = cases.iter().any(|(label, _)| matches!(label, Label::Default));
                if !default && (width >= 32 || cases.len() < 1 << width) {
                    paths.push(assigned.clone());
                }
                if let Some(mut common) = paths.pop() {
                    paths.iter().for_each(|path| both(&mut common, path));
                    *assigned = common;
                }
            }
            Statement::Comment(_) => {}
        }
    }
    Ok(())
}

fn both(a: &mut Assigned, b: &Assigned) {
    a.retain(|name, bits| {
        *bits &= b.get(name).copied().unwrap_or(0);
        *bits != 0
    });
}
