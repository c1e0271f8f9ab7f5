//! `events check`: a source looked at before anything is learned from it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::process::ExitCode;

use events::check::{Check, Listed, Spread};
use miette::{IntoDiagnostic, Result, WrapErr};

use crate::cli::EXIT_INCOMPLETE;
use crate::cli::events::Check as Asked;
use crate::commands::print_json;
use crate::commands::summary::table;
use crate::progress::Late;

/// How many findings of a kind are printed for people; `--json` lists more.
const PRINTED: usize = 20;

/// Runs `events check`.
pub fn run(asked: &Asked) -> Result<ExitCode> {
    let mut bar = None;
    let found = events::check::check(&asked.source, |progress| {
        bar.get_or_insert_with(|| Late::new("checking", progress.all as u64)).advance();
    });
    drop(bar);
    let found = found.into_diagnostic().wrap_err_with(|| format!("source {}", asked.source))?;
    if asked.json {
        print_json(&found)?;
    } else {
        print(&found);
    }
    Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_INCOMPLETE) })
}

fn print(found: &Check) {
    let mut table = table(&[]);
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            table.add_row([name.to_owned(), value]);
        }
    };
    let counted = |count: u64| if count > 0 { count.to_string() } else { String::new() };
    row("items", found.items.to_string());
    row("recordings", counted(found.recordings));
    row("images", counted(found.images));
    row("spike trains", counted(found.spike_trains));
    row("classes", found.classes.to_string());
    row("items of each label", counts(&found.labels));
    row("columns x rows", counts(&found.sizes));
    row("formats", counts(&found.formats));
    row("events a recording", found.events.map_or(String::new(), |events| spread(events, 1.0, "")));
    row("duration", found.duration_us.map_or(String::new(), |time| spread(time, 1000.0, " ms")));
    if let Some(events) = found.events {
        row("ON events", format!("{:.1} %", 100.0 * found.on_events as f64 / events.total as f64));
    }
    println!("{table}");
    list("of one polarity only", &found.one_polarity, |name| name.clone());
    list("without events", &found.empty, |name| name.clone());
    list("whose time steps back", &found.reversed, |reversed| {
        format!("{}: {} times", reversed.name, reversed.reversals)
    });
    list("damaged", &found.damaged, |damaged| damaged.error.clone());
    if found.items == 0 {
        println!(
            "nothing to learn from: wanted label folders (0, 1, …), a list of files and labels, or another source that train takes"
        );
    } else if found.is_sound() {
        println!("all of it can be learned from");
    }
}

/// `0: 12  1: 9`; lines of at most eight.
fn counts<Key: Display>(counts: &BTreeMap<Key, u64>) -> String {
    let words: Vec<_> = counts.iter().map(|(key, count)| format!("{key}: {count}")).collect();
    words.chunks(8).map(|line| line.join("   ")).collect::<Vec<_>>().join("\n")
}

fn spread(Spread { min, median, max, .. }: Spread, unit: f64, name: &str) -> String {
    let shown = |number: u64| {
        if unit > 1.0 { format!("{:.1}", number as f64 / unit) } else { number.to_string() }
    };
    format!("{} … {}{name}, median {}{name}", shown(min), shown(max), shown(median))
}

fn list<T>(what: &str, listed: &Listed<T>, words: impl Fn(&T) -> String) {
    if listed.count == 0 {
        return;
    }
    println!("{} {what}:", listed.count);
    listed.first.iter().take(PRINTED).for_each(|finding| println!("  {}", words(finding)));
    let more = listed.count.saturating_sub(PRINTED as u64);
    if more > 0 {
        println!("  and {more} more; --json lists {} of them", listed.first.len());
    }
}
