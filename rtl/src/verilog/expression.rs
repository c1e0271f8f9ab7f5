//! Prints expressions so that Verilog's width rules give what Rust computes.
//!
//! Verilog extends operands to the widest operand *and* to the target before it computes, and literals are 32 bits.
//! Here both operands have one width, literals are printed at it, and where a width changes the operand stands in
//! a concatenation, which Verilog computes at the operand's own width.

use super::collect::{Instance, Kind, Variants};
use super::lower::constant;
use super::plain;
use rust_hdl_core::ast::{VerilogExpression as Expression, VerilogOp as Op, VerilogOpUnary as Unary};
use std::collections::{BTreeMap, BTreeSet};

/// What a name in a kernel stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Output,
    Local,
    Constant,
    /// Input of a sub-block, driven here.
    ChildInput,
    /// Output of a sub-block.
    ChildOutput,
}

/// The names of a module.
pub(super) struct Scope<'a> {
    signals: BTreeMap<String, (usize, Role)>,
    variants: &'a Variants,
    /// Signals that the kernel computes in a variable of their own ([`super::Form::Once`]).
    in_variables: BTreeSet<String>,
}

/// Printed text and what was read for it.
pub(super) struct Term {
    pub text: String,
    /// Needs parentheses as an operand.
    compound: bool,
}

impl Term {
    fn simple(text: String) -> Self {
        Self { text, compound: false }
    }

    fn compound(text: String) -> Self {
        Self { text, compound: true }
    }

    fn operand(&self) -> String {
        if self.compound { format!("({})", self.text) } else { self.text.clone() }
    }
}

impl<'a> Scope<'a> {
    pub fn new(instance: &'a Instance) -> Result<Self, String> {
        let mut signals = BTreeMap::new();
        for wire in &instance.wires {
            let role = match wire.kind {
                Kind::Input => Role::Input,
                Kind::Output => Role::Output,
                Kind::Local => Role::Local,
                Kind::Constant(_) => Role::Constant,
            };
            signals.insert(wire.name.clone(), (wire.width, role));
        }
        for child in &instance.children {
            for port in child.ports() {
                let role = if port.kind == Kind::Input { Role::ChildInput } else { Role::ChildOutput };
                signals.insert(format!("{}${}", child.name, port.name), (port.width, role));
            }
        }
        let mut names = BTreeSet::new();
        let all =
            signals.keys().chain(instance.children.iter().map(|c| &c.name)).chain(instance.variants.keys());
        if let Some(twice) = all.map(|name| plain(name)).find(|name| !names.insert(name.clone())) {
            return Err(format!(
                "has two things that Verilog would call `{twice}` (`a.b_c` and `a_b.c`?): rename one"
            ));
        }
        Ok(Self { signals, variants: &instance.variants, in_variables: BTreeSet::new() })
    }

    pub fn signal(&self, name: &str) -> Result<(usize, Role), String> {
        let unknown = || format!("uses `{name}`, which is no signal: put constants into a `Constant` field");
        self.signals.get(name).copied().ok_or_else(unknown)
    }

    /// Width of the target of an assignment.
    pub fn target(&self, name: &str) -> Result<usize, String> {
        match self.signal(name)? {
            (width, Role::Output | Role::Local | Role::ChildInput) => Ok(width),
            (_, role) => Err(format!("assigns to `{}`, which is a {role:?}", plain(name))),
        }
    }

    /// Width of an expression; literals have none of their own.
    pub fn width(&self, e: &Expression) -> Result<Option<usize>, String> {
        Ok(match e {
            Expression::Signal(name) => match self.variants.get(name) {
                Some((_, width)) => Some(*width),
                None => Some(self.signal(name)?.0),
            },
            Expression::Literal(_) => None,
            Expression::Cast(_, width) | Expression::Slice(_, width, _) => Some(*width),
            Expression::Binary(left, op, right) => match op {
                Op::Shl | Op::Shr => self.width(left)?,
                Op::Add | Op::Sub | Op::Mul | Op::BitAnd | Op::BitOr | Op::BitXor => {
                    self.width(left)?.or(self.width(right)?)
                }
                _ => Some(1),
            },
            Expression::Unary(Unary::Not | Unary::Neg, inner) => self.width(inner)?,
            Expression::Unary(..) | Expression::Index(..) => Some(1),
            Expression::IndexReplace(base, ..) => self.width(base)?,
            Expression::Paren(inner) | Expression::Signed(inner) | Expression::Unsigned(inner) => {
                self.width(inner)?
            }
        })
    }

    /// Signals an expression reads.
    pub fn reads(&self, e: &Expression, into: &mut BTreeSet<String>) {
        match e {
            Expression::Signal(name) => {
                into.insert(name.clone());
            }
            Expression::Literal(_) => {}
            Expression::Cast(a, _)
            | Expression::Unary(_, a)
            | Expression::Paren(a)
            | Expression::Signed(a)
            | Expression::Unsigned(a) => self.reads(a, into),
            Expression::Binary(a, _, b) | Expression::Index(a, b) | Expression::Slice(a, _, b) => {
                self.reads(a, into);
                self.reads(b, into);
            }
            Expression::IndexReplace(a, b, c) => [a, b, c].into_iter().for_each(|e| self.reads(e, into)),
        }
    }

    /// From here on the kernel computes these in variables.
    pub fn compute_in_variables(&mut self, names: BTreeSet<String>) -> Result<(), String> {
        self.in_variables = names;
        let taken = |name: &str| self.signals.keys().any(|known| plain(known) == name);
        match self.in_variables.iter().map(|name| self.name(name)).find(|name| taken(name)) {
            Some(name) => {
                Err(format!("has a signal `{name}`, as the emitted Verilog names a variable: rename it"))
            }
            None => Ok(()),
        }
    }

    /// Those, in order.
    pub fn in_variables(&self) -> impl Iterator<Item = &String> {
        self.in_variables.iter()
    }

    /// Verilog's name of a signal within the kernel's block.
    pub fn name(&self, name: &str) -> String {
        let variable = self.in_variables.contains(name);
        format!("{}{}", plain(name), if variable { "_once" } else { "" })
    }

    /// Is the name an enum's variant?
    pub fn variant(&self, name: &str) -> Option<(u128, usize)> {
        self.variants.get(name).copied()
    }

    /// The expression at `width` bits.
    pub fn print(&self, e: &Expression, width: usize) -> Result<Term, String> {
        if let Some(number) = constant(e) {
            return Ok(Term::simple(sized(number, width)?));
        }
        Ok(match e {
            Expression::Signal(name) => {
                if self.variant(name).is_none() && self.signal(name)?.1 == Role::ChildInput {
                    return Err(format!(
                        "reads `{}`, an input of a sub-block: read what drives it",
                        plain(name)
                    ));
                }
                Term::simple(self.name(name))
            }
            Expression::Cast(inner, to) => self.cast(inner, *to)?,
            Expression::Index(base, at) => self.select(base, 1, at)?,
            Expression::Slice(base, count, at) => self.select(base, *count, at)?,
            Expression::Unary(op, inner) => {
                let of = self.width(inner)?.unwrap_or(width);
                let inner = self.print(inner, of)?.operand();
                match op {
                    Unary::Not if of == 1 => Term::simple(format!("!{inner}")),
                    Unary::Not => Term::simple(format!("~{inner}")),
                    Unary::Neg => return Err("negates: write 0 − x with words or use a leaf".to_owned()),
                    Unary::All => Term::compound(format!("&{inner}")),
                    Unary::Any => Term::compound(format!("|{inner}")),
                    Unary::Xor => Term::compound(format!("^{inner}")),
                }
            }
            Expression::Binary(left, op, right) => self.binary(left, op, right, width)?,
            Expression::IndexReplace(base, at, with) => {
                let (base, with) = (self.print(base, width)?.operand(), self.print(with, 1)?.operand());
                let (at, one) = (self.index(at)?, sized(1, width)?);
                let bit = if width == 1 { with } else { format!("{{{}, {with}}}", sized(0, width - 1)?) };
                Term::compound(format!("({base} & ~({one} << {at})) | ({bit} << {at})"))
            }
            Expression::Literal(_)
            | Expression::Paren(_)
            | Expression::Signed(_)
            | Expression::Unsigned(_) => {
                return Err("has an expression that is not resolved".to_owned());
            }
        })
    }

    fn binary(&self, left: &Expression, op: &Op, right: &Expression, width: usize) -> Result<Term, String> {
        let symbol = match op {
            Op::Add => "+",
            Op::Sub => "-",
            Op::BitXor => "^",
            Op::BitAnd => "&",
            Op::BitOr => "|",
            Op::Shl => "<<",
            Op::Shr => ">>",
            Op::LogicalAnd => "&&",
            Op::LogicalOr => "||",
            Op::Eq => "==",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Ge => ">=",
            Op::Gt => ">",
            Op::Mul => return Err("multiplies: use the `MultiplyAdd` leaf".to_owned()),
        };
        let (of_left, of_right) = match op {
            Op::Shl | Op::Shr => {
                let amount = match constant(right) {
                    Some(number) => Term::simple(number.to_string()),
                    None => self.print(right, self.width(right)?.unwrap_or(32))?,
                };
                let left = self.print(left, width)?;
                return Ok(Term::compound(format!("{} {symbol} {}", left.operand(), amount.operand())));
            }
            _ => (self.width(left)?, self.width(right)?),
        };
        if let (Some(a), Some(b)) = (of_left, of_right)
            && a != b
        {
            return Err(format!("combines {a} and {b} bits with `{symbol}`"));
        }
        let of = of_left.or(of_right).unwrap_or(width);
        let (left, right) = (self.print(left, of)?, self.print(right, of)?);
        Ok(Term::compound(format!("{} {symbol} {}", left.operand(), right.operand())))
    }

    fn cast(&self, inner: &Expression, to: usize) -> Result<Term, String> {
        let Some(from) = self.width(inner)? else { return self.print(inner, to) };
        let printed = self.print(inner, from)?;
        if from == to {
            return Ok(printed);
        }
        if from < to {
            return Ok(Term::simple(format!("{{{}, {}}}", sized(0, to - from)?, printed.text)));
        }
        match inner {
            Expression::Signal(_) => Ok(Term::simple(format!("{}[{}:0]", printed.text, to - 1))),
            _ => Err("truncates an expression: copy it to a Local signal and truncate that".to_owned()),
        }
    }

    /// Bits of a signal.
    fn select(&self, base: &Expression, count: usize, at: &Expression) -> Result<Term, String> {
        let Expression::Signal(name) = base else {
            return Err("takes bits of an expression: copy it to a Local signal first".to_owned());
        };
        let width = self.signal(name)?.0;
        let name = self.print(base, width)?.text;
        let Some(from) = constant(at) else {
            let reach = (1usize << self.width(at)?.unwrap_or(0).min(16)) - 1 + count;
            let at = self.index(at)?;
            if reach > width {
                return Err(format!(
                    "takes bits of `{name}` ({width} bits) at `{at}`, which reaches bit {}: make the index narrower \
                     or the word wider with a Local",
                    reach - 1
                ));
            }
            let text = if count == 1 { format!("{name}[{at}]") } else { format!("{name}[{at} +: {count}]") };
            return Ok(Term::simple(text));
        };
        let from = from as usize;
        if from + count > width {
            return Err(format!("takes bits {from} to {} of `{name}`, which has {width}", from + count - 1));
        }
        Ok(Term::simple(match (width, count) {
            (1, 1) => name,
            (_, 1) => format!("{name}[{from}]"),
            _ if count == width => name,
            _ => format!("{name}[{}:{from}]", from + count - 1),
        }))
    }

    /// A bit number: a constant or a signal, since `(a + 1).index()` and `a.index() + 1` look alike here.
    fn index(&self, e: &Expression) -> Result<String, String> {
        match (constant(e), e) {
            (Some(number), _) => Ok(number.to_string()),
            (None, Expression::Signal(name)) => Ok(self.print(e, self.signal(name)?.0)?.text),
            _ => Err("computes a bit number in place: copy it to a Local signal first".to_owned()),
        }
    }
}

/// A literal of a width.
pub(super) fn sized(number: u128, width: usize) -> Result<String, String> {
    if width < 128 && number >> width != 0 {
        return Err(format!("uses {number}, which does not fit {width} bits"));
    }
    Ok(if number < 10 { format!("{width}'d{number}") } else { format!("{width}'h{number:x}") })
}
