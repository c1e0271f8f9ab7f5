//! All tests of the workspace: as many test programs at once as there are cores, each with one thread.
//!
//! `cargo test` runs one program after the other, and while the last test of each goes on, the other cores wait.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::root;

/// Those that take minutes, the longest first: started last, they would be waited for.
const LONGEST: [&str; 5] = ["sim engine", "stop-fpga hardware", "sim netlist", "sim hardware", "sim proofs"];

/// A program of tests.
struct Program {
    name: String,
    executable: PathBuf,
    /// Where cargo would run it: its package's folder.
    folder: PathBuf,
}

/// Builds and runs them; every one is run, whatever the others say. The error names those that failed.
pub fn run(features: &[&str]) -> Result<(), String> {
    let mut programs = built(features)?;
    programs.sort_by_key(|program| {
        LONGEST.iter().position(|&long| program.name == long).unwrap_or(LONGEST.len())
    });
    let count = programs.len();
    let waiting = Mutex::new(programs.into_iter());
    let failed = Mutex::new(Vec::new());
    // A closure, so that nobody waits for the lock while a program runs.
    let next = || locked(&waiting).next();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(program) = next() {
                    if let Err(name) = program.run() {
                        locked(&failed).push(name);
                    }
                }
            });
        }
    });
    let failed = locked(&failed);
    if !failed.is_empty() {
        return Err(format!("{} of {count} programs failed: {}", failed.len(), failed.join(", ")));
    }
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Program {
    /// Runs it and prints what it said in one piece.
    fn run(&self) -> Result<(), String> {
        let start = Instant::now();
        let output = Command::new(&self.executable)
            .args(["--test-threads", "1"])
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .output()
            .map_err(|error| format!("{} ({error})", self.name))?;
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        println!("xtask: {}, {:.1} s\n{}\n", self.name, start.elapsed().as_secs_f64(), said.trim());
        if output.status.success() { Ok(()) } else { Err(self.name.clone()) }
    }
}

/// Builds all programs of tests; cargo says where they are.
fn built(features: &[&str]) -> Result<Vec<Program>, String> {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--no-run", "--message-format", "json-render-diagnostics"])
        .args(features)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        return Err("`cargo test --no-run` failed".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(messages.filter_map(|message| program(&message)).collect())
}

/// The program that a message of cargo's is about, if it is one of tests.
fn program(message: &Value) -> Option<Program> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let executable = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    // `tools` is the folder of the package `stop-fpga`.
    let package = if package == "tools" { "stop-fpga".to_owned() } else { package };
    Some(Program { name: format!("{package} {}", message["target"]["name"].as_str()?), executable, folder })
}
