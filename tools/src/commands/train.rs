//! `train`: a network on a board, from recordings.

use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use arch::{Counts, Network, WeightBits};
use clap::ValueEnum;
use driver::Policy;
use miette::{Context, IntoDiagnostic, Result, miette};
use serde::Serialize;

use super::{print_json, summary};
use crate::board::{Board, BoardFacts, BoardUseError};
use crate::checkpoint::{Checkpoint, EpochRecord, Run};
use crate::cli::{EXIT_INTERRUPTED, Train};
use crate::crew::{BoardUse, Crew, Together};
use crate::data::{Data, Fit};
use crate::engine_use::EngineUse;
use crate::interrupt::Interrupt;
use crate::link_use::LinkUse;
use crate::throughput::Throughput;
use crate::training::{Trained, Training, check_resume};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct TrainJson<'a> {
    board: &'a str,
    configuration: &'a str,
    network: &'a str,
    epochs: &'a [EpochRecord],
    test_accuracy: Option<f64>,
    parameters_sha256: Option<String>,
    counts: Counts,
    engine: Option<EngineUse>,
    link: Option<LinkUse>,
    throughput: Option<Throughput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<NonZero<u32>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    boards: &'a [BoardUse],
    recordings_per_second: &'a [f64],
    interrupted: bool,
}

/// Runs `train`.
pub fn run(train: &Train, interrupt: &Interrupt) -> Result<ExitCode> {
    let start = Instant::now();
    check(train)?;
    let resumed = resumed(train)?;
    let policy = Policy {
        every: train.checkpoint_every.map(NonZero::get),
        patience: Duration::from_secs(train.reconnect.into()),
        ..Policy::default()
    };
    let shares = shares(train, resumed.as_ref());
    let mut trainee = Trainee::open(train, shares.is_some(), policy)?;
    let fit = Fit {
        input: train.net.input,
        classes: train.net.layers.last().copied().unwrap_or(0).into(),
        steps: train.steps,
        seed: train.seed,
        code: train.code,
    };
    // What does not fit the board is refused before recordings are read.
    let bits = trainee.weight_bits();
    trainee.fit(&train.recipe.network(&train.net, bits, 0, train.epochs).into_diagnostic()?)?;
    let preparation = &train.preparation;
    let (mut data, rest) = Data::to_learn(&train.train, train.train_limit, fit, preparation, train.hold_out)?;
    let test_source = if rest.is_some() { Some(&train.train) } else { train.test.as_ref() };
    let test = match (rest, &train.test) {
        (None, Some(source)) => Some(Data::to_test(source, train.test_limit, fit, preparation)?),
        (rest, _) => rest,
    };
    let mut run = Run {
        topology: train.net.to_string(),
        recipe: train.recipe.clone(),
        steps: train.steps,
        epochs_planned: train.epochs,
        seed: train.seed,
        shares,
        preparation: preparation.clone(),
        image_code: train.code.to_possible_value().map_or(String::new(), |code| code.get_name().to_owned()),
        train_source: train.train.clone(),
        train_recordings: data.len(),
        epochs: Vec::new(),
        under_way: None,
        noise_seed: 0,
        counts: Counts::default(),
    };
    if let Some(checkpoint) = &resumed {
        check_resume(&checkpoint.run, &run)?;
        let found = checkpoint.network.weight_bits;
        if found != bits {
            return Err(miette!(
                help = "go on with a board of the same weights, or give another --out",
                "--resume: the file holds {}-bit weights, the board `{}` has {}-bit weights",
                found.bits(),
                trainee.facts().configuration,
                bits.bits()
            ));
        }
        run = checkpoint.run.clone();
    }
    let (topology, out, test) = (&train.net, train.out.as_deref(), test.as_ref());
    let trained = match &mut trainee {
        Trainee::Board(board) => {
            Training { board, topology, train: &mut data, test, out, interrupt, verbose: true }
                .run(run, resumed)?
        }
        Trainee::Crew(crew) => {
            let shares = shares.map_or(1, |shares| shares.get() as usize);
            Together { crew, shares, topology, train: &mut data, test, out, interrupt }.run(run, resumed)?
        }
    };
    let facts = trainee.facts();
    let name = train.on.names();
    let seconds = start.elapsed().as_secs_f64();
    if let Some(folder) = &train.report {
        let report = summary::report(&trained, &facts, &name, test, test_source, seconds)?;
        crate::report::write(folder, &report).into_diagnostic()?;
        eprintln!("report: {}", folder.join("index.html").display());
    }
    if train.json {
        print_json(&TrainJson {
            board: &name,
            configuration: &facts.configuration,
            network: &trained.run.topology,
            epochs: &trained.run.epochs,
            test_accuracy: trained.run.epochs.last().and_then(|epoch| epoch.test_accuracy),
            parameters_sha256: trained.parameters.as_ref().map(arch::Parameters::sha256),
            counts: trained.run.counts,
            engine: facts.engine(&trained.work, trained.cycles),
            link: facts.link,
            throughput: facts.throughput(&trained),
            shares: trained.run.shares,
            boards: &facts.boards,
            recordings_per_second: &trained.speeds,
            interrupted: trained.interrupted,
        })?;
    } else {
        summary::print(&trained, &facts);
    }
    Ok(ended(&trained, out))
}

/// What learns: one board from an epoch's beginning to its end, or several, or one as several would.
enum Trainee {
    Board(Box<Board>),
    Crew(Crew),
}

impl Trainee {
    fn open(train: &Train, in_shares: bool, policy: Policy) -> Result<Self> {
        match &train.on.each()[..] {
            [on] if !in_shares => {
                let mut board = Board::open(on)?;
                board.set_policy(policy);
                Ok(Self::Board(Box::new(board)))
            }
            _ => Ok(Self::Crew(Crew::open(&train.on, policy)?)),
        }
    }

    fn weight_bits(&self) -> WeightBits {
        match self {
            Self::Board(board) => board.weight_bits(),
            Self::Crew(crew) => crew.weight_bits(),
        }
    }

    /// Refuses a network that it can't hold.
    fn fit(&self, network: &Network) -> Result<()> {
        match self {
            Self::Board(board) => {
                if let Board::Wire { session, .. } = &**board {
                    session.session().fit(network).map_err(BoardUseError::from)?;
                }
                Ok(())
            }
            Self::Crew(crew) => crew.fit(network),
        }
    }

    fn facts(&self) -> BoardFacts {
        match self {
            Self::Board(board) => BoardFacts::from(&**board),
            Self::Crew(crew) => BoardFacts::from(crew),
        }
    }
}

/// What `--out` holds to go on from.
fn resumed(train: &Train) -> Result<Option<Checkpoint>> {
    match &train.out {
        Some(out) if train.resume && out.exists() => Ok(Some(Checkpoint::load(out).into_diagnostic()?)),
        _ if train.resume => {
            eprintln!("--resume: no file yet, so from the beginning");
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// How many shares an epoch is cut into; `None` where one board learns it from its beginning to its end. What was begun in shares goes
/// on in as many, however many boards are left.
fn shares(train: &Train, resumed: Option<&Checkpoint>) -> Option<NonZero<u32>> {
    let boards = NonZero::new(train.on.boards.len() as u32).filter(|boards| boards.get() > 1);
    train.shares.or_else(|| resumed?.run.shares).or(boards)
}

/// What can be refused without opening anything.
fn check(train: &Train) -> Result<()> {
    train.recipe.check().into_diagnostic()?;
    if train.steps == 0 {
        return Err(miette!(help = "use --steps 16", "--steps 0: a recording needs at least one time step"));
    }
    if train.epochs == 0 {
        return Err(miette!(help = "use --epochs 1 or more", "--epochs 0: nothing would be learned"));
    }
    if train.out.is_some() && train.on.boards.iter().any(|board| board == "float") {
        return Err(miette!(
            help = "leave out --out, or use --board model",
            "--out: --board float has no parameters in a board's formats"
        ));
    }
    if let Some(out) = &train.out {
        let folder = match out.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // Known now instead of after the first epoch.
        tempfile::tempfile_in(folder)
            .into_diagnostic()
            .wrap_err_with(|| format!("--out {}: its folder can't be written to", out.display()))?;
        if out.is_dir() {
            return Err(miette!(help = "name a file in it", "--out {} is a folder", out.display()));
        }
    }
    if let Some(folder) = &train.report {
        std::fs::create_dir_all(folder)
            .into_diagnostic()
            .wrap_err_with(|| format!("--report {}", folder.display()))?;
    }
    Ok(())
}

/// Says what an interrupted run leaves behind.
pub fn ended(trained: &Trained, out: Option<&Path>) -> ExitCode {
    if !trained.interrupted {
        return ExitCode::SUCCESS;
    }
    let done = trained.run.epochs.len();
    let amid = trained.run.under_way.map_or(0, |under_way| under_way.recordings);
    match out {
        Some(out) if amid > 0 => eprintln!(
            "interrupted: {} holds epoch {} up to recording {amid}; the same command with --resume goes on from there",
            out.display(),
            done + 1
        ),
        Some(out) if done > 0 => eprintln!(
            "interrupted: {} holds epoch {done}; the same command with --resume goes on from there",
            out.display()
        ),
        Some(_) => eprintln!("interrupted before anything was learned: nothing was written"),
        None => eprintln!("interrupted: without --out nothing is kept"),
    }
    ExitCode::from(EXIT_INTERRUPTED)
}
