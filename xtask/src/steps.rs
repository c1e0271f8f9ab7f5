//! The steps of `cargo xtask test`, each a command whose failure ends the run.

use std::process::Command;
use std::time::Instant;

use crate::{links, pages, root, tests};

/// Runs every step; the first that fails is the error.
pub fn test() -> Result<(), String> {
    cargo("format", &["fmt", "--all", "--check"], &[])?;
    // With everything that can be asked for, in one build.
    let features = ["--workspace", "--features", "events/hdf5", "--locked"];
    cargo("lints", &[&["clippy", "--all-targets"], &features[..], &["--", "-D", "warnings"]].concat(), &[])?;
    step("tests", || tests::run(&features))?;
    cargo("tests of the documentation", &[&["test", "--doc"], &features[..]].concat(), &[])?;
    cargo(
        "API documentation",
        &["doc", "--workspace", "--no-deps", "--locked", "--quiet"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    step("generated pages", pages::check)?;
    step("links of the docs", links::check)?;
    println!("xtask: everything holds");
    Ok(())
}

fn cargo(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    step(name, || {
        let status = Command::new(env!("CARGO"))
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(root())
            .status()
            .map_err(|error| format!("cargo could not be started: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", arguments.join(" "))) }
    })
}

fn step(name: &str, run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("xtask: {name}");
    let start = Instant::now();
    run().map_err(|message| format!("{name}: {message}"))?;
    println!("xtask: {name}: done in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
