//! Training by several boards: each epoch cut into shares, what they learned averaged.

use std::path::Path;
use std::time::Instant;

use arch::network::Topology;
use arch::{Counts, Cycles, Parameters};
use driver::shares::{average, deal, noise_seeds};
use driver::{Evaluation, epoch_order};
use miette::{IntoDiagnostic, Result, miette};

use super::{Crew, Part, Work};
use crate::board::{initial, leaks, thresholds};
use crate::checkpoint::{Checkpoint, Run, UnderWay};
use crate::data::Data;
use crate::interrupt::Interrupt;
use crate::throughput::Spent;
use crate::training::Trained;

/// A training run of several boards before its next epoch.
pub struct Together<'a> {
    /// What learns.
    pub crew: &'a mut Crew,
    /// How many shares an epoch is cut into.
    pub shares: usize,
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
}

impl Together<'_> {
    /// Runs the epochs that `run` has left, from its beginning or from `resumed` on.
    pub fn run(mut self, run: Run, resumed: Option<Checkpoint>) -> Result<Trained> {
        let first = run.epochs.len() as u32;
        let bits = self.crew.weight_bits();
        let network = run.epoch_network(self.topology, bits, first)?;
        let start = match resumed {
            Some(checkpoint) => checkpoint.parameters,
            None => initial(&network, &run.recipe, run.seed),
        };
        let mut trained = Trained {
            thresholds: thresholds(&start),
            run,
            network,
            parameters: (first > 0).then(|| start.clone()),
            speeds: Vec::new(),
            work: Counts::default(),
            cycles: Cycles::default(),
            spent: Spent::default(),
            evaluation: None,
            interrupted: false,
        };
        let mut parameters = start;
        for epoch in first..trained.run.epochs_planned {
            match self.epoch(epoch, parameters, &mut trained)? {
                Some(learned) => parameters = learned,
                None => {
                    trained.interrupted = true;
                    return Ok(trained);
                }
            }
        }
        if trained.evaluation.is_none() {
            // Resumed after its last epoch.
            trained.evaluation = self.evaluate(&trained.network, &parameters)?;
        }
        Ok(trained)
    }

    /// Runs one epoch from `start` on, tests, and keeps what came of it; `None` where the user interrupted it.
    fn epoch(&mut self, epoch: u32, start: Parameters, trained: &mut Trained) -> Result<Option<Parameters>> {
        let run = &trained.run;
        let (seed, planned) = (run.seed, run.epochs_planned);
        let network = run.epoch_network(self.topology, self.crew.weight_bits(), epoch)?;
        let shares = deal(&epoch_order(self.train.len(), seed, epoch), self.shares);
        let noise = noise_seeds(seed, epoch, shares.len());
        self.train.epoch(epoch)?;
        let samples = self.train.shared();
        let parts =
            shares.iter().zip(noise).map(|(places, noise_seed)| Part { places: places.clone(), noise_seed });
        let work =
            Work { network: network.clone(), parameters: start, samples: samples.clone(), learn: true };
        let begun = Instant::now();
        let what = format!("epoch {}/{planned}", epoch + 1);
        let Some(outcomes) = self.crew.run(&what, work, parts.collect(), self.interrupt)? else {
            return Ok(None);
        };
        let speed = samples.len() as f64 / begun.elapsed().as_secs_f64();
        let mut learned = UnderWay::default();
        let mut each = Vec::new();
        for (outcome, places) in outcomes.into_iter().zip(&shares) {
            for (result, &place) in outcome.results.iter().zip(places) {
                learned.recordings += 1;
                learned.right += usize::from(result.prediction == samples[place].label);
                learned.wrong_spikes += u64::from(result.wrong_spikes);
            }
            learned.counts += outcome.counts;
            if outcome.cycles.total() > 0 {
                // A model beside hardware counts none.
                trained.work += outcome.counts;
                trained.cycles += outcome.cycles;
            }
            each.extend(outcome.parameters);
        }
        let parameters = average(&each, seed, epoch).ok_or_else(|| miette!("an epoch of no recordings"))?;
        let evaluation = self.evaluate(&network, &parameters)?;
        if self.test.is_some() && evaluation.is_none() {
            return Ok(None);
        }
        let record = learned.record(epoch, evaluation.as_ref(), leaks(&parameters));
        record.print(planned, speed);
        trained.run.counts += learned.counts;
        // Of no effect on the next epoch, whose shares have noise of their own; a state all the same.
        trained.run.noise_seed = noise_seeds(seed, epoch + 1, 1)[0];
        trained.run.epochs.push(record);
        trained.network = network;
        trained.thresholds = thresholds(&parameters);
        trained.parameters = Some(parameters.clone());
        trained.speeds.push(speed);
        trained.evaluation = evaluation;
        if let Some(path) = self.out {
            let (network, run) = (trained.network.clone(), trained.run.clone());
            Checkpoint { network, parameters: parameters.clone(), run }.save(path).into_diagnostic()?;
        }
        Ok(Some(parameters))
    }

    fn evaluate(&mut self, network: &arch::Network, parameters: &Parameters) -> Result<Option<Evaluation>> {
        let Some(test) = self.test else { return Ok(None) };
        let tested = self.crew.evaluate(network, parameters, test.shared(), self.interrupt)?;
        Ok(tested.map(|tested| tested.evaluation))
    }
}
