//! A kernel's syntax tree with loops unrolled and names resolved.

use super::collect::value;
use rust_hdl_core::ast::{
    VerilogBlock, VerilogBlockOrConditional, VerilogConditional, VerilogExpression as Expression, VerilogOp,
    VerilogStatement,
};

/// A statement after unrolling.
pub(super) enum Statement {
    Assign { target: String, slice: Option<(usize, usize)>, value: Expression },
    If { test: Expression, then: Vec<Statement>, otherwise: Vec<Statement> },
    Match { test: Expression, cases: Vec<(Label, Vec<Statement>)> },
    Comment(String),
}

/// What a case of a `match` stands for.
pub(super) enum Label {
    Name(String),
    Number(u128),
    Default,
}

type Loops = Vec<(String, u128)>;

pub(super) fn lower(code: &VerilogBlock) -> Result<Vec<Statement>, String> {
    block(code, &mut Vec::new())
}

fn block(code: &VerilogBlock, loops: &mut Loops) -> Result<Vec<Statement>, String> {
    let mut statements = Vec::new();
    for item in code {
        match item {
            VerilogStatement::Macro(inner) => statements.extend(block(inner, loops)?),
            VerilogStatement::Loop(l) => {
                for index in l.from.as_usize()..l.to.as_usize() {
                    loops.push((l.index.clone(), index as u128));
                    let body = block(&l.block, loops);
                    loops.pop();
                    statements.extend(body?);
                }
            }
            other => statements.push(statement(other, loops)?),
        }
    }
    Ok(statements)
}

fn statement(item: &VerilogStatement, loops: &mut Loops) -> Result<Statement, String> {
    Ok(match item {
        VerilogStatement::Assignment(to, from) => {
            Statement::Assign { target: target(to, loops)?, slice: None, value: expression(from, loops)? }
        }
        VerilogStatement::SliceAssignment { base, width, offset, replacement } => {
            let offset =
                constant(&expression(offset, loops)?).ok_or("assigns a slice at a variable offset")?;
            Statement::Assign {
                target: target(base, loops)?,
                slice: Some((offset as usize, *width)),
                value: expression(replacement, loops)?,
            }
        }
        VerilogStatement::If(condition) => conditional(condition, loops)?,
        VerilogStatement::Match(m) => {
            let mut cases = Vec::new();
            for case in &m.cases {
                cases.push((label(&case.condition)?, block(&case.block, loops)?));
            }
            Statement::Match { test: expression(&m.test, loops)?, cases }
        }
        // The macro passes on `comment ! ("text")` or parts of it.
        VerilogStatement::Comment(text) => {
            let text = text.split_once("(\"").map_or(text.as_str(), |(_, text)| text).trim_end();
            Statement::Comment(text.strip_suffix("\")").unwrap_or(text).to_owned())
        }
        VerilogStatement::Link(_) => return Err("uses join/link: assign the signals one by one".to_owned()),
        VerilogStatement::Macro(_) | VerilogStatement::Loop(_) => {
            return Err("nests a loop in a value".to_owned());
        }
    })
}

fn conditional(condition: &VerilogConditional, loops: &mut Loops) -> Result<Statement, String> {
    let otherwise = match &condition.otherwise {
        VerilogBlockOrConditional::Block(code) => block(code, loops)?,
        VerilogBlockOrConditional::Conditional(next) => vec![statement(next, loops)?],
        VerilogBlockOrConditional::None => Vec::new(),
    };
    let (test, then) = (expression(&condition.test, loops)?, block(&condition.then, loops)?);
    Ok(Statement::If { test, then, otherwise })
}

fn target(e: &Expression, loops: &Loops) -> Result<String, String> {
    match e {
        Expression::Signal(text) => name(text, loops),
        _ => Err("assigns to something that is not a signal".to_owned()),
    }
}

/// A pattern: an enum variant, a number, or the rest.
fn label(text: &str) -> Result<Label, String> {
    if text == "default" {
        return Ok(Label::Default);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let number = text.parse().map_err(|_| format!("matches `{text}`: write a decimal number"))?;
        return Ok(Label::Number(number));
    }
    match text {
        "true" => Ok(Label::Number(1)),
        "false" => Ok(Label::Number(0)),
        _ => Ok(Label::Name(text.replace("::", "$"))),
    }
}

/// The expression with loop variables as literals and names resolved.
fn expression(e: &Expression, loops: &Loops) -> Result<Expression, String> {
    let go = |e: &Expression| expression(e, loops).map(Box::new);
    Ok(match e {
        Expression::Signal(text) => match loops.iter().rev().find(|(index, _)| index == text) {
            Some((_, number)) => Expression::Literal((*number).into()),
            None => Expression::Signal(name(text, loops)?),
        },
        Expression::Literal(_) => e.clone(),
        Expression::Paren(inner) => expression(inner, loops)?,
        Expression::Cast(inner, width) => Expression::Cast(go(inner)?, *width),
        Expression::Signed(_) | Expression::Unsigned(_) => {
            return Err("uses a signed cast: signs live in the leaves".to_owned());
        }
        Expression::Binary(left, op, right) => Expression::Binary(go(left)?, op.clone(), go(right)?),
        Expression::Unary(op, inner) => Expression::Unary(op.clone(), go(inner)?),
        Expression::Index(base, at) => Expression::Index(go(base)?, go(at)?),
        Expression::Slice(base, width, at) => Expression::Slice(go(base)?, *width, go(at)?),
        Expression::IndexReplace(base, at, with) => Expression::IndexReplace(go(base)?, go(at)?, go(with)?),
    })
}

/// `lane[i+1]$weight$next` with `i` = 2 is `lane$3$weight`.
fn name(text: &str, loops: &Loops) -> Result<String, String> {
    let text = text.trim_start_matches('.').replace('.', "$").replace("::", "$");
    let mut rest = text.strip_suffix("$next").unwrap_or(&text);
    let mut resolved = String::new();
    while let Some((before, after)) = rest.split_once('[') {
        let (index, after) = after.split_once(']').ok_or("has an index without an end")?;
        resolved += &format!("{before}${}", index_value(index, loops)?);
        rest = after;
    }
    Ok(resolved + rest)
}

/// Sums and differences of loop variables and numbers, in any parentheses.
fn index_value(text: &str, loops: &Loops) -> Result<i128, String> {
    let text = text.replace(['(', ')', ' '], "");
    let mut total = 0;
    for term in text.replace('-', "+-").split('+').filter(|t| !t.is_empty()) {
        let (sign, term) = term.strip_prefix('-').map_or((1, term), |t| (-1, t));
        let variable = loops.iter().rev().find(|(index, _)| index == term).map(|(_, n)| *n as i128);
        let number = variable.or_else(|| term.trim_end_matches("usize").trim_end_matches('_').parse().ok());
        total += sign
            * number.ok_or(format!("indexes with `{term}`: only loop variables and numbers are known"))?;
    }
    Ok(total)
}

/// The value of an expression of literals.
pub(super) fn constant(e: &Expression) -> Option<u128> {
    match e {
        Expression::Literal(literal) => Some(value(&format!("{literal:x}"))),
        Expression::Binary(left, op, right) => {
            let (left, right) = (constant(left)?, constant(right)?);
            match op {
                VerilogOp::Add => left.checked_add(right),
                VerilogOp::Sub => left.checked_sub(right),
                VerilogOp::Mul => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}
