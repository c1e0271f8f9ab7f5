//! `eval`: recordings through a trained network.

use std::process::ExitCode;
use std::time::Instant;

use arch::network::Topology;
use arch::{Counts, Cycles};
use clap::ValueEnum;
use driver::{Evaluation, Policy};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;

use super::print_json;
use super::summary::{self, table};
use crate::board::{Board, BoardFacts, leaks, thresholds};
use crate::checkpoint::Checkpoint;
use crate::cli::{Code, EXIT_INTERRUPTED, Eval};
use crate::crew::{BoardUse, Crew, Tested};
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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    boards: &'a [BoardUse],
}

/// What classifies.
enum Classifier {
    Board(Box<Board>),
    Crew(Crew),
}

/// What came of it.
struct Classified {
    evaluation: Evaluation,
    counts: Counts,
    cycles: Cycles,
    facts: BoardFacts,
}

impl Classifier {
    /// Refuses a network that does not fit before recordings are read.
    fn open(eval: &Eval, checkpoint: &Checkpoint) -> Result<Self> {
        let Checkpoint { network, parameters, run } = checkpoint;
        if let [on] = &eval.on.each()[..] {
            let mut board = Board::open(on)?;
            board.restore(network, parameters, run.noise_seed.max(1))?;
            board.clear_counts()?;
            return Ok(Self::Board(Box::new(board)));
        }
        let crew = Crew::open(&eval.on, Policy::default())?;
        crew.fit(network)?;
        Ok(Self::Crew(crew))
    }

    /// `None` if interrupted.
    fn run(self, checkpoint: &Checkpoint, data: &Data, interrupt: &Interrupt) -> Result<Option<Classified>> {
        Ok(match self {
            Self::Board(mut board) => {
                let Some(evaluation) = evaluate(&mut board, data.samples(), interrupt)? else {
                    return Ok(None);
                };
                let (counts, cycles) = (board.counts()?, board.cycles()?);
                Some(Classified { evaluation, counts, cycles, facts: BoardFacts::from(&*board) })
            }
            Self::Crew(mut crew) => {
                let Checkpoint { network, parameters, .. } = checkpoint;
                let tested = crew.evaluate(network, parameters, data.shared(), interrupt)?;
                tested.map(|Tested { evaluation, counts, cycles }| Classified {
                    evaluation,
                    counts,
                    cycles,
                    facts: BoardFacts::from(&crew),
                })
            }
        })
    }
}

/// Runs `eval`.
pub fn run(eval: &Eval, interrupt: &Interrupt) -> Result<ExitCode> {
    let start = Instant::now();
    if eval.on.boards.iter().any(|board| board == "float") {
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
    let classifier = Classifier::open(eval, &checkpoint)?;
    let preparation = Preparation {
        pipeline: eval.pipeline.clone().or_else(|| run.preparation.pipeline.clone()),
        split: eval.split,
        balance: None,
    };
    let data = Data::to_test(&eval.test, eval.test_limit, fit, &preparation)?;
    let Some(Classified { evaluation, counts, cycles, facts }) =
        classifier.run(&checkpoint, &data, interrupt)?
    else {
        eprintln!("interrupted");
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    };
    let engine = facts.engine(&counts, cycles);
    let name = eval.on.names();
    if let Some(folder) = &eval.report {
        let sample = data.samples().first();
        let raster = sample
            .map(|sample| summary::raster(&checkpoint.network, &checkpoint.parameters, sample, &eval.test))
            .transpose()?;
        let report = Report {
            run: RunFacts {
                command: summary::command_line(),
                board: name.clone(),
                configuration: facts.configuration.clone(),
                network: run.topology.clone(),
                learn: run.recipe.learn.to_string(),
                steps: fit.steps,
                seed: run.seed,
                train_recordings: run.train_recordings,
                test_recordings: data.len(),
                parameters_sha256: checkpoint.parameters.sha256(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                seconds: start.elapsed().as_secs_f64(),
                link: facts.link,
                throughput: None,
                boards: facts.boards.clone(),
            },
            epochs: Vec::new(),
            layers: summary::layer_facts(
                &checkpoint.network,
                &thresholds(&checkpoint.parameters),
                &leaks(&checkpoint.parameters),
                true,
            ),
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
            board: &name,
            configuration: &facts.configuration,
            network: &run.topology,
            accuracy: evaluation.accuracy,
            recordings: evaluation.recordings,
            confusion: &evaluation.confusion,
            predictions: &evaluation.predictions,
            parameters_sha256: checkpoint.parameters.sha256(),
            counts,
            engine,
            boards: &facts.boards,
        })?;
    } else {
        print(&evaluation);
        summary::print_boards(&facts);
        if let Some(engine) = engine {
            println!("engine: {}", engine.words());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The accuracy and the confusion matrix.
fn print(evaluation: &Evaluation) {
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
