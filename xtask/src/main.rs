//! `cargo xtask test`: everything that must hold before a change lands. `cargo xtask docs`: the generated pages.
//! `cargo xtask tools`: the pinned tools that read the emitted Verilog.

mod links;
mod pages;
mod steps;
mod tests;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test          format, lints, all tests, docs checks
cargo xtask docs          write the generated pages of docs/
cargo xtask docs --check  say which generated pages are stale and which links lead nowhere
cargo xtask tools         fill .tools/ with pinned Verilator, Yosys, SymbiYosys, nextpnr (docs/toolchain.md)

Tests whose tool is missing say so and do not run; with STOP_FPGA_REQUIRE_TOOLS=1 they fail.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["test"] => steps::test(),
        ["docs"] => pages::write(),
        ["tools"] => tools(),
        ["docs", "--check"] => pages::check().and_then(|()| links::check()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root.
fn root() -> &'static std::path::Path {
    // The manifest's folder is `xtask/`, which always has a parent.
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(std::path::Path::new("."))
}

/// Fills `.tools/`, or says that it is full.
fn tools() -> Result<(), String> {
    let start = std::time::Instant::now();
    let done = setup::fill(&root().join(".tools"), &mut |step| println!("xtask: {step}"));
    match done.map_err(|error| error.to_string())? {
        setup::Done::Already => println!("xtask: .tools/ holds what setup/tools.txt lists"),
        setup::Done::Filled => {
            println!("xtask: .tools/ is filled, in {:.0} s", start.elapsed().as_secs_f64())
        }
    }
    Ok(())
}
