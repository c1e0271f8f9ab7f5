//! Save files beside a trace: its signals in groups, one a unit, for GTKWave (`.gtkw`) and for Surfer (`.sucl`).

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Declarations that are read at most: a few times those of the largest design.
const MAX_HEADER: u64 = 16 << 20;
/// Units are shown down to this depth below the core: `engine.neurons`, not what is in it.
const DEPTH: usize = 2;

/// A unit of the design and its own signals.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unit {
    /// Its place, from the outermost scope on.
    path: Vec<String>,
    /// Names, with the range where there is one.
    signals: Vec<String>,
}

/// Writes `trace.gtkw` and `trace.sucl` for the trace `trace.vcd` beside it.
///
/// Errors: the trace can't be read, or the files not be written.
pub fn save_files(trace: &Path) -> io::Result<()> {
    let units = units(BufReader::new(File::open(trace)?.take(MAX_HEADER)))?;
    let name = trace.file_name().unwrap_or_default().to_string_lossy();
    std::fs::write(trace.with_extension("gtkw"), gtkwave(&name, &units))?;
    std::fs::write(trace.with_extension("sucl"), surfer(&units))
}

/// The units of a trace, by its declarations.
fn units(text: impl BufRead) -> io::Result<Vec<Unit>> {
    let mut scopes: Vec<String> = Vec::new();
    let mut units: Vec<Unit> = Vec::new();
    for line in text.lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["$scope", _, name, ..] => scopes.push(name.to_owned()),
            ["$upscope", ..] => drop(scopes.pop()),
            ["$var", _, _, _, ref name @ .., "$end"] => {
                let signal = name.concat();
                match units.iter_mut().find(|unit| unit.path == scopes) {
                    Some(unit) => unit.signals.push(signal),
                    None => units.push(Unit { path: scopes.clone(), signals: vec![signal] }),
                }
            }
            ["$enddefinitions", ..] => break,
            _ => {}
        }
    }
    // The core is the outermost scope that has units in it; what wraps it has one scope only.
    let core =
        units.iter().find(|unit| unit.signals.iter().any(|signal| signal == "receive" || signal == "clock"));
    let depth = core.map_or(0, |unit| unit.path.len()) + DEPTH;
    units.retain(|unit| unit.path.len() <= depth);
    Ok(units)
}

fn title(unit: &Unit) -> String {
    unit.path.join(".")
}

fn gtkwave(trace: &str, units: &[Unit]) -> String {
    // The flags of GTKWave: a group's beginning and end, closed; a signal in hexadecimal.
    let mut text = format!("[dumpfile] \"{trace}\"\n[timestart] 0\n");
    for unit in units {
        let path = title(unit);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "@c00200\n-{path}\n@22");
        unit.signals.iter().for_each(|signal| {
            let _ = writeln!(text, "{path}.{signal}");
        });
        let _ = writeln!(text, "@1401200\n-{path}");
    }
    text
}

fn surfer(units: &[Unit]) -> String {
    let mut text = String::new();
    for unit in units {
        let path = title(unit);
        let _ = writeln!(text, "divider_add {path}");
        for signal in &unit.signals {
            let name = signal.split('[').next().unwrap_or(signal);
            let _ = writeln!(text, "variable_add {path}.{name}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "$timescale 1ps $end\n\
        $scope module TOP $end\n $var wire 1 ! clk $end\n\
        $scope module core $end\n  $var wire 1 ! clock $end\n\
        $scope module engine $end\n   $var wire 8 # state [7:0] $end\n\
        $scope module lanes $end\n    $var wire 1 $ busy $end\n\
        $scope module inner $end\n     $var wire 1 % hidden $end\n $upscope $end\n $upscope $end\n\
        $upscope $end\n $upscope $end\n $upscope $end\n$enddefinitions $end\n#0\n$var wire 1 ! late $end\n";

    #[test]
    fn units_are_groups_down_to_those_of_the_engine() {
        let units = units(TRACE.as_bytes()).unwrap();
        let names: Vec<String> = units.iter().map(title).collect();
        assert_eq!(names, ["TOP", "TOP.core", "TOP.core.engine", "TOP.core.engine.lanes"]);
        let text = gtkwave("waves.vcd", &units);
        assert!(
            text.contains("@c00200\n-TOP.core.engine\n@22\nTOP.core.engine.state[7:0]\n@1401200\n"),
            "{text}"
        );
        assert!(
            surfer(&units)
                .contains("divider_add TOP.core.engine.lanes\nvariable_add TOP.core.engine.lanes.busy\n")
        );
        assert!(!text.contains("hidden") && !text.contains("late"));
    }

    #[test]
    fn a_trace_that_is_none_gives_empty_groups() {
        assert_eq!(units(&b"no waves\n"[..]).unwrap(), []);
    }
}
