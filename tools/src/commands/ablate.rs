//! `ablate`: what each part of learning is worth on a task with time in it.

use std::process::ExitCode;

use arch::Learn;
use arch::network::Topology;
use clap::Parser;
use miette::{IntoDiagnostic, Result};
use serde::Serialize;

use super::print_json;
use super::summary::table;
use crate::board::Board;
use crate::checkpoint::Run;
use crate::cli::{Ablate, Code, EXIT_INTERRUPTED};
use crate::data::{Data, Fit};
use crate::interrupt::Interrupt;
use crate::preparation::Preparation;
use crate::recipe::Recipe;
use crate::training::Training;

/// The task: a pattern in the first 6 of 20 steps, its class asked for in the last 4.
const TASK: &str = "delayed-decision:classes=10,inputs=64,steps=20,cue=6,loss=4";
const STEPS: u16 = 20;
const TOPOLOGY: &str = "64-64-10";
const TRAIN: usize = 2000;
const TEST: usize = 1000;

/// A start that the variants share.
struct Setting {
    name: &'static str,
    recipe: &'static str,
}

/// A leak that holds the cue over the gap, and one that has to be learned before it does.
const SETTINGS: [Setting; 2] = [
    Setting { name: "α starts at 0.9", recipe: "--leak 0.9" },
    Setting { name: "α starts at 0.75, leak rate 2^-12", recipe: "--leak 0.75 --leak-rate 4" },
];

#[derive(Debug, Parser)]
struct Words {
    #[command(flatten)]
    recipe: Recipe,
}

/// One variant in one setting.
#[derive(Debug, Serialize)]
struct Row {
    setting: &'static str,
    learn: &'static str,
    /// Test accuracy of each seed.
    accuracies: Vec<f64>,
    mean: f64,
    min: f64,
    max: f64,
    /// Leak of the hidden layer, mean over the seeds.
    leak: f64,
}

/// Runs `ablate`.
pub fn run(ablate: &Ablate, interrupt: &Interrupt) -> Result<ExitCode> {
    let topology: Topology = TOPOLOGY.parse().into_diagnostic()?;
    let mut rows = Vec::new();
    for setting in &SETTINGS {
        let words = std::iter::once("ablate").chain(setting.recipe.split(' '));
        let recipe = Words::try_parse_from(words).into_diagnostic()?.recipe;
        for (name, learn) in Learn::NAMED {
            let recipe = Recipe { learn, ..recipe.clone() };
            let mut accuracies = Vec::new();
            let mut leaks = Vec::new();
            for seed in 1..=ablate.seeds {
                let Some((accuracy, leak)) = one(ablate, &topology, &recipe, seed, interrupt)? else {
                    eprintln!("interrupted");
                    return Ok(ExitCode::from(EXIT_INTERRUPTED));
                };
                accuracies.push(accuracy);
                leaks.push(leak);
            }
            let row = Row {
                setting: setting.name,
                learn: name,
                mean: mean(&accuracies),
                min: accuracies.iter().copied().fold(f64::INFINITY, f64::min),
                max: accuracies.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                leak: mean(&leaks),
                accuracies,
            };
            eprintln!("{}: {name:<9} {:5.1} %", row.setting, 100.0 * row.mean);
            rows.push(row);
        }
    }
    if ablate.json {
        print_json(&rows)?;
    } else {
        print(&rows, ablate.seeds);
    }
    Ok(ExitCode::SUCCESS)
}

/// Test accuracy and hidden leak of one run; `None` if interrupted.
fn one(
    ablate: &Ablate,
    topology: &Topology,
    recipe: &Recipe,
    seed: u64,
    interrupt: &Interrupt,
) -> Result<Option<(f64, f64)>> {
    let mut board = Board::open(&ablate.on)?;
    let code = Code::Regular;
    let fit = Fit { input: topology.input, classes: 10, steps: STEPS, seed, code };
    let mut train = Data::open(&format!("{TASK},seed={seed},count={TRAIN}"), None, fit)?;
    let test = Data::open(&format!("{TASK},seed={seed},count={TEST},split=test"), None, fit)?;
    let run = Run {
        topology: topology.to_string(),
        recipe: recipe.clone(),
        steps: STEPS,
        epochs_planned: ablate.epochs,
        seed,
        image_code: String::new(),
        shares: None,
        preparation: Preparation::default(),
        train_source: TASK.to_owned(),
        train_recordings: TRAIN,
        epochs: Vec::new(),
        under_way: None,
        noise_seed: 0,
        counts: arch::Counts::default(),
    };
    let training = Training {
        board: &mut board,
        topology,
        train: &mut train,
        test: Some(&test),
        out: None,
        interrupt,
        verbose: false,
    };
    let trained = training.run(run, None)?;
    let last = trained.run.epochs.last().filter(|_| !trained.interrupted);
    Ok(last.and_then(|epoch| Some((epoch.test_accuracy?, *epoch.leaks.first()?))))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn print(rows: &[Row], seeds: u64) {
    println!("Delayed decision, {TOPOLOGY}: {TASK}");
    for setting in &SETTINGS {
        let mut table = table(&["learns", "test accuracy", "lowest", "highest", "hidden α after"]);
        for row in rows.iter().filter(|row| row.setting == setting.name) {
            let percent = |part: f64| format!("{:.1} %", 100.0 * part);
            let cells = [row.learn.to_owned(), percent(row.mean), percent(row.min), percent(row.max)];
            table.add_row(cells.into_iter().chain([format!("{:.3}", row.leak)]));
        }
        println!("\n{}, {seeds} seeds\n{table}", setting.name);
    }
}
