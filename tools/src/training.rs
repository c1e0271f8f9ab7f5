//! The training loop of `train`, `demo` and `ablate`: epochs, tests, checkpoints, counts.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use arch::network::Topology;
use arch::{Counts, Cycles, Network, Parameters, WeightBits};
use driver::{Evaluation, Sample, epoch_order, learn_epoch};
use miette::{IntoDiagnostic, Result, miette};

use crate::board::Board;
use crate::checkpoint::{Checkpoint, EpochRecord, Run, UnderWay};
use crate::data::Data;
use crate::interrupt::Interrupt;
use crate::progress;
use crate::throughput::Spent;

/// A training run before its next epoch.
pub struct Training<'a> {
    /// What learns.
    pub board: &'a mut Board,
    /// The network's sizes.
    pub topology: &'a Topology,
    /// What it learns from.
    pub train: &'a mut Data,
    /// What it is tested on after each epoch.
    pub test: Option<&'a Data>,
    /// Where to keep the parameters.
    pub out: Option<&'a Path>,
    /// Whether the user wants to stop.
    pub interrupt: &'a Interrupt,
    /// Whether to print a line an epoch on stderr.
    pub verbose: bool,
}

/// How a run ended.
#[derive(Debug)]
pub struct Trained {
    /// The run with all its epochs.
    pub run: Run,
    /// The network as loaded for the last of them.
    pub network: Network,
    /// The parameters after the last completed epoch; `None` for floats, or where no epoch was completed.
    pub parameters: Option<Parameters>,
    /// Thresholds of each layer after the last completed epoch.
    pub thresholds: Vec<Vec<f64>>,
    /// Speed of each epoch of this process, in recordings learned a second.
    pub speeds: Vec<f64>,
    /// Work and cycles of the epochs of this process.
    pub work: Counts,
    /// Cycles, by what they were spent on.
    pub cycles: Cycles,
    /// Time and bytes of learning in the epochs of this process.
    pub spent: Spent,
    /// The last test.
    pub evaluation: Option<Evaluation>,
    /// Whether it was interrupted before its last epoch.
    pub interrupted: bool,
}

impl Training<'_> {
    /// Runs the epochs that `run` has left, from its beginning or from `resumed` on.
    pub fn run(mut self, run: Run, resumed: Option<Checkpoint>) -> Result<Trained> {
        let first = run.epochs.len() as u32;
        let network = run.epoch_network(self.topology, self.board.weight_bits(), first)?;
        let mut parameters = None;
        match resumed {
            Some(checkpoint) => {
                self.board.restore(&network, &checkpoint.parameters, checkpoint.run.noise_seed)?;
                parameters = Some(checkpoint.parameters);
            }
            None => self.board.start(&network, &run.recipe, run.seed)?,
        }
        let mut trained = Trained {
            thresholds: self.board.thresholds()?,
            run,
            network,
            parameters,
            speeds: Vec::new(),
            work: Counts::default(),
            cycles: Cycles::default(),
            spent: Spent::default(),
            evaluation: None,
            interrupted: false,
        };
        for epoch in first..trained.run.epochs_planned {
            if !self.epoch(epoch, &mut trained)? {
                trained.interrupted = true;
                break;
            }
        }
        if trained.evaluation.is_none() && !trained.interrupted {
            // Resumed after its last epoch.
            trained.evaluation = self.evaluate()?;
        }
        Ok(trained)
    }

    /// Runs one epoch, tests, and keeps what came of it; `false` where the user interrupted it.
    fn epoch(&mut self, epoch: u32, trained: &mut Trained) -> Result<bool> {
        let run = trained.run.clone();
        let network = run.epoch_network(self.topology, self.board.weight_bits(), epoch)?;
        self.board.set_rates(&network, &run.recipe, run.recipe.halvings(epoch, run.epochs_planned))?;
        self.board.clear_counts()?;
        let order = epoch_order(self.train.len(), run.seed, epoch);
        let samples = self.train.epoch(epoch)?;
        let earlier = run.under_way.unwrap_or_default();
        let mut now = earlier;
        let bar = progress::bar(&format!("epoch {}/{}", epoch + 1, run.epochs_planned), order.len());
        bar.inc(now.recordings as u64);
        let (start, before) = (Instant::now(), self.board.spent());
        while let left = order.get(now.recordings..).unwrap_or_default()
            && !left.is_empty()
        {
            let part = self.board.interval(left.iter().map(|&at| &samples[at]));
            let learned = learn_epoch(self.board, samples, &left[..part], || go_on(&bar, self.interrupt))?;
            now.recordings += learned.samples;
            now.right += learned.right;
            now.wrong_spikes += learned.wrong_spikes;
            let stopped = learned.samples < part;
            if stopped || now.recordings < order.len() {
                now.counts = earlier.counts;
                now.counts += self.board.counts()?;
                keep_amid(self.board, self.out, &network, now, trained)?;
            }
            if stopped {
                bar.finish_and_clear();
                return Ok(false);
            }
        }
        let speed = (now.recordings - earlier.recordings) as f64 / start.elapsed().as_secs_f64();
        trained.spent += self.board.spent().since(before);
        bar.finish_and_clear();
        let (work, cycles) = (self.board.counts()?, self.board.cycles()?);
        let mut counts = earlier.counts;
        counts += work;
        let evaluation = self.evaluate()?;
        if self.test.is_some() && evaluation.is_none() {
            // A test that was cut short is no result: the epoch is run again on resuming.
            return Ok(false);
        }
        let learned = UnderWay { counts, ..now };
        let record = learned.record(epoch, evaluation.as_ref(), self.board.leaks()?);
        if self.verbose {
            record.print(run.epochs_planned, speed);
        }
        trained.run.counts += counts;
        trained.work += work;
        trained.cycles += cycles;
        trained.run.noise_seed = self.board.noise_seed()?;
        trained.run.under_way = None;
        trained.run.epochs.push(record);
        trained.network = network;
        trained.parameters = self.board.parameters()?;
        trained.thresholds = self.board.thresholds()?;
        trained.speeds.push(speed);
        trained.evaluation = evaluation;
        if let (Some(path), Some(parameters)) = (self.out, &trained.parameters) {
            let (network, run) = (trained.network.clone(), trained.run.clone());
            Checkpoint { network, parameters: parameters.clone(), run }.save(path).into_diagnostic()?;
        }
        Ok(true)
    }

    fn evaluate(&mut self) -> Result<Option<Evaluation>> {
        self.test.map_or(Ok(None), |data| evaluate(self.board, data.samples(), self.interrupt))
    }
}

/// Keeps a checkpoint in the middle of an epoch.
fn keep_amid(
    board: &mut Board,
    out: Option<&Path>,
    network: &Network,
    now: UnderWay,
    trained: &mut Trained,
) -> Result<()> {
    let (Some(path), Some(parameters)) = (out, board.parameters()?) else { return Ok(()) };
    trained.run.under_way = Some(now);
    trained.run.noise_seed = board.noise_seed()?;
    let (network, run) = (network.clone(), trained.run.clone());
    Checkpoint { network, parameters, run }.save(path).into_diagnostic()
}

/// Classifies every sample with a progress bar; `None` if interrupted.
pub fn evaluate(board: &mut Board, samples: &[Sample], interrupt: &Interrupt) -> Result<Option<Evaluation>> {
    let bar = progress::bar("test", samples.len());
    let evaluation = driver::evaluate(board, samples, || go_on(&bar, interrupt))?;
    bar.finish_and_clear();
    Ok((evaluation.recordings == samples.len()).then_some(evaluation))
}

fn go_on(bar: &indicatif::ProgressBar, interrupt: &Interrupt) -> ControlFlow<()> {
    bar.inc(1);
    if interrupt.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

impl Run {
    /// The network to load for an epoch; a run that is complete keeps the rates of its last.
    pub fn epoch_network(&self, topology: &Topology, weight_bits: WeightBits, epoch: u32) -> Result<Network> {
        let epoch = epoch.min(self.epochs_planned.saturating_sub(1));
        self.recipe.network(topology, weight_bits, epoch, self.epochs_planned).into_diagnostic()
    }
}

impl UnderWay {
    /// What is kept of an epoch (from 0) that is through.
    pub fn record(&self, epoch: u32, evaluation: Option<&Evaluation>, leaks: Vec<f64>) -> EpochRecord {
        let recordings = self.recordings as f64;
        EpochRecord {
            epoch: epoch + 1,
            train_accuracy: self.right as f64 / recordings,
            test_accuracy: evaluation.map(|evaluation| evaluation.accuracy),
            wrong_spikes: self.wrong_spikes as f64 / recordings,
            delta_density: self.counts.errors as f64 / self.counts.error_chances.max(1) as f64,
            leaks,
        }
    }
}

impl EpochRecord {
    /// Prints a line on stderr; `speed` is in recordings a second.
    pub fn print(&self, planned: u32, speed: f64) {
        let test = self.test_accuracy.map_or(String::new(), |a| format!("test {:5.1} %   ", 100.0 * a));
        eprintln!(
            "epoch {:>3}/{planned}   {test}while learning {:5.1} %   wrong spikes {:5.2}   δ ≠ 0 {:4.1} %   \
             {speed:.0} recordings/s",
            self.epoch,
            100.0 * self.train_accuracy,
            self.wrong_spikes,
            100.0 * self.delta_density,
        );
    }
}

/// Refuses to go on from a run that was stated differently.
pub fn check_resume(found: &Run, wanted: &Run) -> Result<()> {
    let prepared = found.preparation.options().into_iter().zip(wanted.preparation.options());
    let prepared = prepared.map(|((what, found), (_, wanted))| (what, found, wanted));
    let shares = |run: &Run| run.shares.map_or("none".to_owned(), |shares| shares.to_string());
    let stated = [
        ("--net", found.topology.clone(), wanted.topology.clone()),
        ("--steps", found.steps.to_string(), wanted.steps.to_string()),
        ("--epochs", found.epochs_planned.to_string(), wanted.epochs_planned.to_string()),
        ("--seed", found.seed.to_string(), wanted.seed.to_string()),
        ("--shares", shares(found), shares(wanted)),
        ("--code", found.image_code.clone(), wanted.image_code.clone()),
        (
            "this number of recordings:",
            found.train_recordings.to_string(),
            wanted.train_recordings.to_string(),
        ),
    ];
    for (what, found, wanted) in prepared.chain(stated) {
        if found != wanted {
            return Err(miette!(
                help = "give the same options as for the run that was interrupted, or another --out",
                "--resume: the file was trained with {what} {found}, this run asks for {wanted}"
            ));
        }
    }
    let json = |run: &Run| serde_json::to_value(&run.recipe).into_diagnostic();
    let (found, wanted) = (json(found)?, json(wanted)?);
    let fields = wanted.as_object().into_iter().flatten();
    if let Some((name, wanted)) = fields.into_iter().find(|(name, value)| found.get(name) != Some(value)) {
        let found = found.get(name).unwrap_or(&serde_json::Value::Null);
        return Err(miette!(
            help = "give the same options as for the run that was interrupted, or another --out",
            "--resume: the file was trained with the recipe's {name} {found}, this run asks for {wanted}"
        ));
    }
    Ok(())
}
