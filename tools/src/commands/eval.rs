//! `eval`: recordings through a trained network.

use std::process::ExitCode;
use std::time::Instant;

use arch::Counts;
use arch::network::Topology;
use clap::ValueEnum;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;

use super::print_json;
use super::summary::{self, table};
use crate::board::Board;
use crate::checkpoint::Checkpoint;
use crate::cli::{Code, EXIT_INTERRUPTED, Eval};
use crate::data::{Data, Fit};
use crate::engine_use::EngineUse;
use crate::interrupt::Interrupt;
use crate::preparation::Preparation;
use crate::report::{Report, RunFacts};
use crate::training::evaluate;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct EvalJson<'a> {
    board: &'a str,
    configuration: &'a str,
    network: &'a str,
    accuracy: f64,
    recordings: usize,
    confusion: &'a [Vec<u32>],
    predictions: &'a [u16],
    parameters_sha256: String,
    counts: Counts,
    engine: Option<EngineUse>,
}

/// Runs `eval`.
pub fn run(eval: &Eval, interrupt: &Interrupt) -> Result<ExitCode> {
    let start = Instant::now();
    if eval.on.board == "float" {
        return Err(miette!(
            help = "use --board model: it computes what a board computes",
            "eval: the weights are integers in a board's formats, --board float has none"
        ));
    }
    let checkpoint = Checkpoint::load(&eval.weights).into_diagnostic()?;
    let run = &checkpoint.run;
    let topology: Topology = run.topology.parse().into_diagnostic().wrap_err("the weights file's network")?;
    let fit = Fit {
        input: topology.input,
        classes: checkpoint.network.outputs(),
        steps: eval.steps.unwrap_or(run.steps),
        seed: run.seed,
        code: Code::from_str(&run.image_code, false).unwrap_or(Code::Rate),
    };
    if fit.steps == 0 {
        return Err(miette!(help = "use --steps 16", "--steps 0: a recording needs at least one time step"));
    }
    let mut board = Board::open(&eval.on)?;
    board.restore(&checkpoint.network, &checkpoint.parameters, run.noise_seed.max(1))?;
    board.clear_counts()?;
    let preparation = Preparation {
        pipeline: eval.pipeline.clone().or_else(|| run.preparation.pipeline.clone()),
        split: eval.split,
        balance: None,
    };
    let data = Data::to_test(&eval.test, eval.test_limit, fit, &preparation)?;
    let Some(evaluation) = evaluate(&mut board, data.samples(), interrupt)? else {
        eprintln!("interrupted");
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    };
    let counts = board.counts()?;
    let engine = EngineUse::of(&counts, board.cycles()?, board.clock_hz(), board.neurons_a_cycle());
    if let Some(folder) = &eval.report {
        let sample = data.samples().first();
        let raster = sample
            .map(|sample| summary::raster(&checkpoint.network, &checkpoint.parameters, sample, &eval.test))
            .transpose()?;
        let report = Report {
            run: RunFacts {
                command: summary::command_line(),
                board: eval.on.board.clone(),
                configuration: board.configuration().to_owned(),
                network: run.topology.clone(),
                learn: run.recipe.learn.to_string(),
                steps: fit.steps,
                seed: run.seed,
                train_recordings: run.train_recordings,
                test_recordings: data.len(),
                parameters_sha256: checkpoint.parameters.sha256(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                seconds: start.elapsed().as_secs_f64(),
                link: board.link_use(),
            },
            epochs: Vec::new(),
            layers: summary::layer_facts(&checkpoint.network, &board.thresholds()?, &board.leaks()?, true),
            raster,
            evaluation: Some(summary::evaluation(&evaluation)),
            counts,
            engine,
        };
        crate::report::write(folder, &report).into_diagnostic()?;
        eprintln!("report: {}", folder.join("index.html").display());
    }
    if eval.json {
        print_json(&EvalJson {
            board: &eval.on.board,
            configuration: board.configuration(),
            network: &run.topology,
            accuracy: evaluation.accuracy,
            recordings: evaluation.recordings,
            confusion: &evaluation.confusion,
            predictions: &evaluation.predictions,
            parameters_sha256: checkpoint.parameters.sha256(),
            counts,
            engine,
        })?;
    } else {
        print(&evaluation);
        if let Some(engine) = engine {
            println!("engine: {}", engine.words());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The accuracy and the confusion matrix.
fn print(evaluation: &driver::Evaluation) {
    let classes = evaluation.confusion.len();
    let names: Vec<String> = (0..classes).map(|class| class.to_string()).collect();
    let mut header = vec!["label"];
    header.extend(names.iter().map(String::as_str));
    let mut table = table(&header);
    for (label, row) in evaluation.confusion.iter().enumerate() {
        let counts = row.iter().map(|&count| if count == 0 { "·".to_owned() } else { count.to_string() });
        table.add_row(std::iter::once(label.to_string()).chain(counts));
    }
    // Wider networks than a terminal: the numbers are in --json.
    if classes <= 20 {
        println!("{table}");
    }
    println!("accuracy {:.2} % of {} recordings", 100.0 * evaluation.accuracy, evaluation.recordings);
}
