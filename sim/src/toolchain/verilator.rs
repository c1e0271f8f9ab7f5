//! Verilog compiled into an executable by Verilator and a C++ compiler. The executable is driven over pipes
//! ([`super::running`]): no foreign code is loaded into this process.
//!
//! The design is wrapped in a module with ports of our own naming, so that a port may have any name, and so that a port
//! that is missing, or wider than said, is found by Verilator where the wrapper connects it.
//!
//! What is not initialised starts random (`--x-initial unique`, `--x-assign unique`, with a seed that is always given):
//! two seeds that disagree have found state that no reset reaches. Verilator knows no X, and its default, 0, would hide it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::design::{Design, Layout, Ports};
use super::lint::{Warning, warnings};
use super::process::{self, RunError};
use super::running::{ModelError, Running};
use super::{Found, Missing, Tool, cache};

/// What building a model takes.
pub const TOOLS: &[Tool] = &[Tool::Verilator, Tool::CxxCompiler];

const RUNNER: &str = include_str!("runner.cpp");
/// The module around the design; the design's files are in a folder of their own, so that none can be taken for it.
const WRAPPER: &str = "vector_top.v";
/// Delays are no part of the designs; without a word about them they are an error. Warnings are the lint's business: here only
/// those of the wrapper are looked at.
const VERILATOR_FLAGS: &[&str] = &[
    "--cc",
    "--assert",
    "-O3",
    "--x-assign",
    "unique",
    "--x-initial",
    "unique",
    "--no-timing",
    "-Wno-fatal",
];
/// -O3 took as long to compile or longer, and ran no faster, in the measurements of docs/toolchain.md.
const CXX_FLAGS: &[&str] =
    &["-std=c++17", "-O2", "-DVL_TIME_CONTEXT", "-DVL_IGNORE_UNKNOWN_ARCH", "-pthread"];
/// Output ports that a run can be made to wait for: the bits of the runner's `until`.
pub(super) const MASKED_PORTS: usize = 64;
/// Parts of Verilator's own library that a model links.
const LIBRARY: &[&str] = &["verilated", "verilated_threads", "verilated_vcd_c"];

/// A model that was not built.
#[derive(Debug, thiserror::Error)]
pub enum VerilatorError {
    /// A tool is not here.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The list of ports is not that of the module.
    #[error("the ports of `{top}` are not those that were listed:\n{}",
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Ports {
        /// The module.
        top: String,
        /// What Verilator says of their connections.
        warnings: Vec<Warning>,
    },
    /// A port that no module can have.
    #[error("port `{name}` of width {width}: a name without blanks and at least one bit are wanted")]
    Port {
        /// Its name.
        name: String,
        /// Its width.
        width: u32,
    },
    /// Verilator or the compiler refuses.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be written.
    #[error("files of a model: {0}")]
    Io(#[from] io::Error),
}

/// What else is in a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// It can write traces; it then keeps every signal, also those that nothing else needs.
    pub trace: bool,
}

/// What state starts as that the Verilog does not initialise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerUp {
    /// 0, as the flip-flops of an iCE40 do.
    Zeros,
    /// All ones.
    Ones,
    /// Random: the same for the same seed and model.
    Random(u32),
}

/// An executable that answers vectors.
#[derive(Clone, Debug)]
pub struct Model {
    program: PathBuf,
    ports: Ports,
    options: Options,
}

impl Model {
    /// Compiles `design`. What was compiled before, from the same text with the same tools, is taken from
    /// `target/verilated/`.
    ///
    /// Errors: a tool is missing or refuses; `ports` are not those of the module.
    pub fn build(design: &Design, ports: &Ports, options: &Options) -> Result<Self, VerilatorError> {
        let verilator = Tool::Verilator.find()?;
        let compiler = Tool::CxxCompiler.find()?;
        let files = [wrapper(&design.top, ports)?, ports_header(ports)];
        let tools = format!("{} {} {CXX_FLAGS:?}", verilator.version, compiler.version);
        let [wrapper, header] = &files;
        let with = format!("{tools} {VERILATOR_FLAGS:?} {options:?}");
        let key: [&[u8]; 5] =
            [&design.key(), wrapper.as_bytes(), header.as_bytes(), RUNNER.as_bytes(), with.as_bytes()];
        let folder = cache::folder("verilated", &key, |folder| {
            std::fs::create_dir(folder.join("design"))?;
            design.write_to(&folder.join("design"))?;
            std::fs::write(folder.join(WRAPPER), wrapper)?;
            let root = translate(&verilator, design, options, folder)?;
            std::fs::write(folder.join("obj/ports.h"), header)?;
            std::fs::write(folder.join("obj/runner.cpp"), RUNNER)?;
            let library = library(&compiler, &root, &tools)?;
            compile(&compiler, &root, &library, options, folder)
        })?;
        Ok(Self { program: folder.join("model"), ports: ports.clone(), options: *options })
    }

    /// Its executable, alone with what it was made from in a folder of `target/verilated/`.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its ports.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// What it was built with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Starts it with random state, always the same.
    pub fn start(&self) -> Result<Running, ModelError> {
        self.start_as(PowerUp::Random(1))
    }

    /// Starts it with a state of your choice.
    pub fn start_as(&self, power_up: PowerUp) -> Result<Running, ModelError> {
        let (kind, seed) = match power_up {
            PowerUp::Zeros => (0, 1),
            PowerUp::Ones => (1, 1),
            // Seed 0 would let Verilator pick one by the clock.
            PowerUp::Random(seed) => (2, seed % 0x7fff_ffff + 1),
        };
        Running::start(&self.program, [kind, seed], &self.ports, self.options)
    }
}

/// The module around the design: input `i0`, `i1` ..., output `o0`, `o1` ..., clock `clk`.
fn wrapper(top: &str, ports: &Ports) -> Result<String, VerilatorError> {
    let mut heads = Vec::new();
    let mut pins = Vec::new();
    if let Some(clock) = &ports.clock {
        heads.push("input wire clk".to_owned());
        // Escaped with a backslash, any name without blanks is one of Verilog.
        pins.push(format!("    .\\{clock} (clk)"));
    }
    for (layout, direction) in [(&ports.inputs, "input"), (&ports.outputs, "output")] {
        for (at, port) in layout.0.iter().enumerate() {
            if port.width == 0 || port.name.is_empty() || port.name.contains(char::is_whitespace) {
                return Err(VerilatorError::Port { name: port.name.clone(), width: port.width });
            }
            let name = format!("{}{at}", &direction[..1]);
            heads.push(format!("{direction} wire [{}:0] {name}", port.width - 1));
            pins.push(format!("    .\\{} ({name})", port.name));
        }
    }
    Ok(format!(
        "module vector_top(\n    {}\n);\n  \\{top} dut(\n{}\n  );\nendmodule\n",
        heads.join(",\n    "),
        pins.join(",\n")
    ))
}

/// The part of the runner that knows the ports.
fn ports_header(ports: &Ports) -> String {
    let mut text = format!(
        "#define CLOCKED {}\nstatic const size_t INPUT_BYTES = {}, OUTPUT_BYTES = {};\n",
        u8::from(ports.clock.is_some()),
        ports.inputs.bytes(),
        ports.outputs.bytes()
    );
    let numbers =
        |layout: &Layout| (0..layout.0.len()).flat_map(|at| numbers_of(layout, at)).collect::<Vec<_>>();
    // Writing to a String cannot fail.
    text.push_str(
        "static inline void set_inputs(Vmodel& model, const uint8_t* record) {\n    (void)record;\n",
    );
    for (number, byte, width) in numbers(&ports.inputs) {
        // Verilator wants the bits beyond a port's width to be 0.
        let mask = u64::MAX >> (64 - width);
        let bytes = width.div_ceil(8);
        let _ = writeln!(text, "    model.i{number} = load<{bytes}>(record + {byte}) & {mask:#x}ULL;");
    }
    text.push_str("}\nstatic inline void get_outputs(Vmodel& model, uint8_t* record) {\n    (void)record;\n");
    for (number, byte, width) in numbers(&ports.outputs) {
        let bytes = width.div_ceil(8);
        let _ = writeln!(text, "    store<{bytes}>(record + {byte}, model.o{number});");
    }
    text.push_str("}\nstatic inline bool any_output(Vmodel& model, uint64_t until) {\n    (void)until;\n");
    for at in 0..ports.outputs.0.len().min(MASKED_PORTS) {
        let set = numbers_of(&ports.outputs, at).into_iter().map(|(number, ..)| format!("model.o{number}"));
        let set = set.collect::<Vec<_>>().join(" || ");
        let _ = writeln!(text, "    if ((until >> {at} & 1) && ({set})) return true;");
    }
    text.push_str("    return false;\n}\n");
    text
}

/// The numbers in which Verilator's C++ holds the port at `at`: what follows `i` or `o` in its name, the byte in the
/// record, the bits. Up to 64 bits are one number, more are words of 32.
fn numbers_of(layout: &Layout, at: usize) -> Vec<(String, usize, u32)> {
    let start = layout.range(at).start;
    match layout.0[at].width {
        width @ ..=64 => vec![(at.to_string(), start, width)],
        width => (0..width.div_ceil(32))
            .map(|word| (format!("{at}[{word}]"), start + 4 * word as usize, (width - 32 * word).min(32)))
            .collect(),
    }
}

/// Verilator's part: C++ in `obj/`. Returns Verilator's root.
fn translate(
    verilator: &Found,
    design: &Design,
    options: &Options,
    folder: &Path,
) -> Result<PathBuf, VerilatorError> {
    let mut command = verilator.command();
    command.current_dir(folder);
    command.args(VERILATOR_FLAGS);
    command.args(["--prefix", "Vmodel", "--top-module", "vector_top", "--Mdir", "obj"]);
    command.args(options.trace.then_some("--trace"));
    command.args(design.defines.iter().map(|define| format!("-D{define}")));
    command.args(design.names().map(|name| format!("design/{name}"))).arg(WRAPPER);
    let (status, said) = process::finish(&mut command)?;
    // Only the connections of the wrapper are looked at.
    let warnings: Vec<Warning> =
        warnings(&said.stderr).into_iter().filter(|warning| warning.file == WRAPPER).collect();
    if !warnings.is_empty() {
        return Err(VerilatorError::Ports { top: design.top.clone(), warnings });
    }
    if !status.success() {
        return Err(process::failed(&command, status, &said).into());
    }
    // The makefile that Verilator wrote names the root, wherever the executable has it from.
    let makefile = std::fs::read_to_string(folder.join("obj/Vmodel.mk"))?;
    let root = makefile.lines().find_map(|line| line.strip_prefix("VERILATOR_ROOT = "));
    root.map(PathBuf::from)
        .ok_or_else(|| io::Error::other("Verilator's makefile names no VERILATOR_ROOT").into())
}

fn compiler(found: &Found, root: &Path, options: &Options) -> std::process::Command {
    let mut command = found.command();
    command.args(CXX_FLAGS).arg(format!("-DVM_TRACE={}", u8::from(options.trace)));
    command.arg("-I").arg(root.join("include")).arg("-I").arg(root.join("include/vltstd"));
    command
}

/// The folder with Verilator's own library, compiled: it is the same for all models, and most of the work.
fn library(found: &Found, root: &Path, tools: &str) -> Result<PathBuf, VerilatorError> {
    // The first tests of a run all want it: one of them compiles it.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _waited = ONE_AT_A_TIME.lock();
    cache::folder(
        "verilated",
        &[b"library", root.as_os_str().as_encoded_bytes(), tools.as_bytes()],
        |folder| {
            for part in LIBRARY {
                let source = root.join("include").join(part).with_extension("cpp");
                // Whether the model traces makes no difference to it.
                let mut command = compiler(found, root, &Options::default());
                process::run(command.current_dir(folder).arg("-c").arg(source))?;
            }
            Ok(())
        },
    )
}

/// The C++ compiler's part: everything that Verilator wrote in one translation unit, which compiles faster than its
/// parts do one by one.
fn compile(
    found: &Found,
    root: &Path,
    library: &Path,
    options: &Options,
    folder: &Path,
) -> Result<(), VerilatorError> {
    let object_folder = folder.join("obj");
    let mut sources: Vec<String> = std::fs::read_dir(&object_folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    sources.retain(|name| name.ends_with(".cpp"));
    sources.sort();
    let all = sources.iter().map(|name| format!("#include \"{name}\"\n")).collect::<String>();
    std::fs::write(object_folder.join("all.cpp"), all)?;
    let mut command = compiler(found, root, options);
    command.current_dir(&object_folder).args(["-o", "../model", "all.cpp"]);
    command.args(LIBRARY.iter().map(|part| library.join(part).with_extension("o")));
    process::run(&mut command)?;
    Ok(())
}
