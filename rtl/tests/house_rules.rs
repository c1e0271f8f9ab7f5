//! Greps the kernels for forms whose Verilog means something else than their Rust, or did in rust-hdl's generator.
//!
//! `Bits` and `rtl::verilog` refuse most of them too; this test names the line, and holds for blocks that come later.

use std::path::Path;

/// A line that breaks a rule.
type Broken = (usize, &'static str);

const LITERAL: &str = "compares with a literal: put it into a `Constant` field";
const MIXED: &str = "mixes operators: parenthesise";
const CAST: &str = "casts a sum or product: extend first, or copy it to a Local";
const NEGATED: &str = "negates before it compares: parenthesise, or compare with `!=`";
const SIGNED: &str = "uses rust-hdl's signed numbers: signs live in the leaves";
const THREADS: &str = "uses rust-hdl's simulation threads: step the block";

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Compare,
    Bitwise,
    Sum,
    Shift,
    And,
    Or,
}

/// Operators and their operands between two separators, at one depth of parentheses.
#[derive(Default)]
struct Segment {
    /// Of a cast's argument.
    cast: bool,
    operators: Vec<Kind>,
    /// The last token was an operand that is a literal, or a call that makes one.
    literal: bool,
    /// A comparison waits for its right side.
    comparing: bool,
    negated: bool,
    empty: bool,
}

impl Segment {
    fn new(cast: bool) -> Self {
        Self { cast, empty: true, ..Self::default() }
    }

    fn operator(&mut self, kind: Kind, broken: &mut Vec<&'static str>) {
        if kind == Kind::Compare {
            if self.literal {
                broken.push(LITERAL);
            }
            if self.negated {
                broken.push(NEGATED);
            }
        }
        let logical = |kind: Kind| matches!(kind, Kind::And | Kind::Or);
        // Comparisons bind closer than `&&` and `||` in both languages.
        let clash = self.operators.iter().any(|&other| match (logical(other), logical(kind)) {
            (false, false) | (true, true) => other != kind,
            _ => false,
        });
        if clash {
            broken.push(MIXED);
        }
        if self.cast && kind == Kind::Sum {
            broken.push(CAST);
        }
        if logical(kind) {
            self.operators.retain(|&other| logical(other));
            self.negated = false;
        }
        self.operators.push(kind);
        self.comparing = kind == Kind::Compare;
        self.literal = false;
        self.empty = false;
    }

    fn operand(&mut self, text: &str, broken: &mut Vec<&'static str>) {
        self.literal = text.starts_with(|c: char| c.is_ascii_digit()) || text == "bits";
        if self.comparing && self.literal {
            broken.push(LITERAL);
        }
        self.comparing = false;
        self.empty = false;
    }
}

/// Code without comments and strings, lines kept.
fn bare(source: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    let text = source.lines().map(line).collect::<Vec<_>>().join("\n");
    text.split('"')
        .enumerate()
        .map(|(n, part)| if n % 2 == 0 { part.to_owned() } else { lines_of(part) })
        .collect()
}

fn lines_of(text: &str) -> String {
    "\n".repeat(text.matches('\n').count())
}

/// Tokens with their lines: names with their paths, numbers, operators.
fn tokens(code: &str) -> Vec<(usize, String)> {
    const OPERATORS: [&str; 12] = ["::<", "==", "!=", "<=", ">=", "=>", "<<", ">>", "&&", "||", "..", "&mut"];
    let (mut found, mut line, mut rest) = (Vec::new(), 1, code);
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            OPERATORS.iter().find(|op| rest.starts_with(**op)).map_or(first.len_utf8(), |op| op.len())
        };
        let token = &rest[..length];
        if token == "::<" {
            // A turbofish says nothing that is of interest here.
            let end = rest.find('>').unwrap_or(rest.len() - 1) + 1;
            line += rest[..end].matches('\n').count();
            rest = &rest[end..];
            continue;
        }
        line += token.matches('\n').count();
        if !first.is_whitespace() {
            found.push((line, token.to_owned()));
        }
        rest = &rest[length..];
    }
    found
}

/// Broken rules in the kernels of a source.
fn broken(source: &str) -> Vec<Broken> {
    let code = bare(source);
    let mut all = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
        if has(&["signed_bit_cast", "signed_cast", "Signed<", "to_signed_bits"]) {
            all.push((number + 1, SIGNED));
        }
        if has(&["Simulation::", "Simulation<", "add_testbench", "simple_sim!"]) {
            all.push((number + 1, THREADS));
        }
    }
    let mut before = 0;
    for part in code.split("#[hdl_gen]").skip(1) {
        before = code[before..].find("#[hdl_gen]").map_or(before, |at| before + at + 1);
        let line = code[..before].matches('\n').count();
        all.extend(kernel(&tokens(part)).into_iter().map(|(at, rule)| (line + at, rule)));
    }
    all.sort_unstable();
    all
}

/// Broken rules up to the end of the function that the tokens begin with.
fn kernel(tokens: &[(usize, String)]) -> Vec<Broken> {
    let (mut all, mut braces) = (Vec::new(), 0);
    let mut open = vec![Segment::new(false)];
    let mut previous = "";
    for (line, token) in tokens {
        let mut rules = Vec::new();
        let Some(segment) = open.last_mut() else { break };
        match token.as_str() {
            "{" | "}" => {
                braces += if token == "{" { 1 } else { -1 };
                open = vec![Segment::new(false)];
                if braces == 0 {
                    break;
                }
            }
            ";" | "," | "=" | "=>" | "if" | "else" | "match" | "for" | "in" => {
                *segment = Segment::new(segment.cast)
            }
            "(" | "[" => open.push(Segment::new(previous == "bit_cast")),
            ")" | "]" => {
                open.pop();
            }
            "==" | "!=" | "<" | "<=" | ">" | ">=" => segment.operator(Kind::Compare, &mut rules),
            "&" | "|" | "^" => segment.operator(Kind::Bitwise, &mut rules),
            "+" | "-" | "*" => segment.operator(Kind::Sum, &mut rules),
            "<<" | ">>" => segment.operator(Kind::Shift, &mut rules),
            "&&" => segment.operator(Kind::And, &mut rules),
            "||" => segment.operator(Kind::Or, &mut rules),
            "!" if segment.empty || previous == "&&" || previous == "||" => segment.negated = true,
            "." | ".." | "&mut" | "!" | ":" => {}
            // A method of a literal leaves it one.
            "into" if previous == "." => {}
            word => segment.operand(word, &mut rules),
        }
        all.extend(rules.into_iter().map(|rule| (*line, rule)));
        previous = token;
    }
    all
}

fn sources(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn kernels_keep_the_house_rules() {
    let mut files = Vec::new();
    ["src", "tests/common"]
        .iter()
        .for_each(|f| sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(f), &mut files));
    let mut report = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("reads");
        report
            .extend(broken(&source).iter().map(|(line, rule)| format!("{}:{line}: {rule}", file.display())));
    }
    assert!(report.is_empty(), "\n{}", report.join("\n"));
}

#[test]
fn planted_lines_are_found() {
    let planted = [
        ("self.x.next = self.a.val() == 5;", LITERAL),
        ("if self.a.val() < 0.into() {}", LITERAL),
        ("if 3 <= self.a.val() {}", LITERAL),
        ("if self.a.val() != bits::<4>(3) {}", LITERAL),
        ("self.x.next = bit_cast::<9, 8>(self.a.val() + self.b.val());", CAST),
        ("self.x.next = bit_cast::<9, 8>(self.a.val() - 1);", CAST),
        ("self.x.next = self.a.val() & self.b.val() == self.c.val();", MIXED),
        ("self.x.next = self.a.val() + self.b.val() << 3;", MIXED),
        ("self.x.next = self.a.val() && self.b.val() || self.c.val();", MIXED),
        ("if !self.a.val() == self.b.val() {}", NEGATED),
        ("if self.c.val() && !self.a.val() == self.b.val() {}", NEGATED),
        ("self.x.next = signed_bit_cast::<48, 32>(self.a.val());", SIGNED),
    ];
    for (line, rule) in planted {
        let source =
            format!("impl Logic for X {{\n    #[hdl_gen]\n    fn update(&mut self) {{\n{line}\n    }}\n}}\n");
        assert_eq!(broken(&source), [(4, rule)], "{line}");
    }
}

#[test]
fn sound_lines_pass() {
    let lines = "
        dff_setup!(self, clock, a, b);
        self.x.next = (self.a.val() & self.b.val()) == self.c.val();
        self.x.next = !self.a.val() && (self.b.val() || !self.c.val());
        self.x.next = bit_cast::<9, 8>(self.a.val()) + bit_cast::<9, 8>(self.b.val());
        self.x.next = self.a.val() == self.b.val() && self.c.val() < self.d.val();
        self.x.next = (bit_cast::<16, 8>(self.a.val()) << 8) | bit_cast::<16, 8>(self.b.val());
        for i in 0..LANES { self.lane[i + 1].a.next = self.x.val().get_bits::<8>(i * 8); }
        match self.phase.q.val() { Phase::Idle => { self.x.next = 3.into(); } _ => {} }
        // a == 5
        comment!(\"a == 5\");
        self.x.next = self.a.val() + 1;
    ";
    let source = format!("#[hdl_gen]\nfn update(&mut self) {{{lines}}}\nfn other() {{ assert!(x == 5); }}");
    assert_eq!(broken(&source), []);
}
