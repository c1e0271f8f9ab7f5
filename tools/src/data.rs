//! Recordings and images as samples for a board.

use std::sync::Arc;

use driver::Sample;
use events::pipeline::Pipeline;
use events::{Balance, Dataset, Encoding, Epoch, ImageCode, Item, Shape};
use miette::{IntoDiagnostic, Result, WrapErr, miette};

use crate::cli::Code;
use crate::preparation::Preparation;

/// A source, opened and checked against a network, whose samples are made for each epoch.
#[derive(Debug)]
pub struct Data {
    dataset: Dataset,
    encoding: Encoding,
    /// What is drawn in learning; nothing in testing.
    pipeline: Pipeline,
    balance: Option<Balance>,
    /// Whether samples are drawn anew each epoch.
    anew: bool,
    samples: Arc<Vec<Sample>>,
}

/// What of a network decides how a source becomes spikes.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// Its input.
    pub input: arch::Shape,
    /// Its output neurons.
    pub classes: u32,
    /// Time steps of a sample.
    pub steps: u16,
    /// Seed of codes and stages that draw.
    pub seed: u64,
    /// How images become spikes.
    pub code: Code,
}

impl Data {
    /// Opens `source` and encodes its first `limit` items as they are.
    pub fn open(source: &str, limit: Option<usize>, fit: Fit) -> Result<Self> {
        Self::of(opened(source, limit, fit)?, fit, &Preparation::default(), true)
    }

    /// Opens what is learned from: the source's first `limit` items, without the rest of a split or the last `hold_out`, which
    /// are there to test on.
    pub fn to_learn(
        source: &str,
        limit: Option<usize>,
        fit: Fit,
        preparation: &Preparation,
        hold_out: Option<usize>,
    ) -> Result<(Self, Option<Self>)> {
        let mut dataset = opened(source, limit, fit)?;
        let mut rest = None;
        if let Some(split) = preparation.split {
            let (learned, others) = dataset.split(split);
            (dataset, rest) = (learned, Some(others));
        } else if let Some(count) = hold_out {
            if count == 0 || count >= dataset.len() {
                return Err(miette!(
                    help = "leave some to learn and some to test",
                    "--hold-out {count}: wanted 1 to {}, of {} recordings",
                    dataset.len() - 1,
                    dataset.len()
                ));
            }
            rest = Some(dataset.split_off_last(count));
        }
        let rest = rest.map(|rest| Self::of(tested(rest, source)?, fit, preparation, false)).transpose()?;
        Ok((Self::of(dataset, fit, preparation, true)?, rest))
    }

    /// Opens what is tested on: the source's first `limit` items, or of a split the rest of them.
    pub fn to_test(source: &str, limit: Option<usize>, fit: Fit, preparation: &Preparation) -> Result<Self> {
        let mut dataset = opened(source, limit, fit)?;
        if let Some(split) = preparation.split {
            dataset = tested(dataset.split(split).1, source)?;
        }
        Self::of(dataset, fit, preparation, false)
    }

    /// Sends the items through the pipeline and encodes them.
    fn of(dataset: Dataset, fit: Fit, preparation: &Preparation, learning: bool) -> Result<Self> {
        let image_code = match fit.code {
            Code::Rate => ImageCode::Rate,
            Code::Regular => ImageCode::Regular,
            Code::Latency => ImageCode::Latency,
            Code::Difference => ImageCode::Difference,
        };
        let encoding = Encoding { shape: shape(fit.input), steps: fit.steps, seed: fit.seed, image_code };
        let mut pipeline = preparation.pipeline.clone().unwrap_or_default();
        let mut dataset = piped(dataset, &pipeline)?;
        if !learning {
            dataset = dataset.undrawn(&pipeline).into_diagnostic()?;
            pipeline = Pipeline::default();
        }
        let balance = preparation.balance.filter(|_| learning);
        // Images coded by chance, stages that draw, classes that are balanced: everything else is the same in each epoch.
        let by_chance =
            fit.code == Code::Rate && dataset.items().iter().any(|item| matches!(item, Item::Image(_)));
        let anew = by_chance || pipeline.draws() || balance.is_some();
        let mut data = Self { dataset, encoding, pipeline, balance, anew, samples: Arc::default() };
        data.samples = Arc::new(data.encode(0)?);
        Ok(data)
    }

    /// The samples of an epoch: as many in each.
    pub fn epoch(&mut self, epoch: u32) -> Result<&[Sample]> {
        if self.anew && epoch > 0 {
            self.samples = Arc::new(self.encode(epoch)?);
        }
        Ok(&self.samples)
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// The samples as they are now.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The same, for other threads.
    pub fn shared(&self) -> Arc<Vec<Sample>> {
        self.samples.clone()
    }

    fn encode(&self, number: u32) -> Result<Vec<Sample>> {
        // Odd multiplier: every epoch has a seed of its own.
        let seed = self.encoding.seed.wrapping_add(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let encoding = Encoding { seed, ..self.encoding.clone() };
        let (pipeline, balance) = (&self.pipeline, self.balance);
        let epoch = Epoch { pipeline, balance, seed: self.encoding.seed, number };
        let samples = self.dataset.encode_epoch(&encoding, &epoch).into_diagnostic()?;
        samples
            .into_iter()
            .map(|s| Sample::new(s.label, s.first_loss_step, s.spikes.iter()).into_diagnostic())
            .collect()
    }
}

/// The first `limit` items of a source, checked against the network.
fn opened(source: &str, limit: Option<usize>, fit: Fit) -> Result<Dataset> {
    let dataset =
        Dataset::open(source, limit).into_diagnostic().wrap_err_with(|| format!("source {source}"))?;
    if dataset.is_empty() {
        return Err(miette!(help = "give a limit of at least 1", "source {source}: no recordings are left"));
    }
    if u32::from(dataset.classes()) > fit.classes {
        return Err(miette!(
            help = "the last number of --net is the number of classes",
            "source {source} has {} classes, but the network has {} output neurons",
            dataset.classes(),
            fit.classes
        ));
    }
    if let Some(steps) = dataset.native_steps()
        && steps != fit.steps
    {
        return Err(miette!(
            help = format!("use --steps {steps}"),
            "source {source} has {steps} time steps, the run {}",
            fit.steps
        ));
    }
    Ok(dataset)
}

/// The rest of a split, if anything is left for it.
fn tested(rest: Dataset, source: &str) -> Result<Dataset> {
    if rest.is_empty() {
        return Err(miette!(
            help = "give a source with two recordings of a label or more",
            "--split: every recording of source {source} is the only one of its label, and none is left to test on"
        ));
    }
    Ok(rest)
}

/// The items behind the stages that do not draw; says on stderr what is lost there.
fn piped(dataset: Dataset, pipeline: &Pipeline) -> Result<Dataset> {
    if pipeline.is_empty() {
        return Ok(dataset);
    }
    let before = dataset.len();
    let dataset = dataset.through(pipeline).into_diagnostic()?;
    let recordings = dataset.items().iter().filter_map(|item| match item {
        Item::Recording(recording) => Some(recording),
        _ => None,
    });
    let silent = recordings.clone().filter(|recording| recording.events.is_empty()).count();
    // A window is named RECORDING#NUMBER.
    let cut = recordings.filter(|recording| recording.name.ends_with("#0")).count();
    let windows = pipeline.stages().iter().any(|stage| matches!(stage, events::pipeline::Stage::Window(_)));
    if dataset.is_empty() {
        return Err(miette!(
            help = "shorten the window, or keep what is shorter by last=keep",
            "--pipeline `{pipeline}` leaves nothing: none of the {before} recordings fills a window"
        ));
    }
    if windows && cut < before {
        eprintln!("--pipeline: {} of {before} recordings fill no window and are left out", before - cut);
    }
    if silent > 0 {
        eprintln!("--pipeline: {silent} of {} items have no events left", dataset.len());
    }
    Ok(dataset)
}

/// A network's input as recordings are fitted to it: one number is a flat input.
pub fn shape(input: arch::Shape) -> Shape {
    let arch::Shape { channels, height, width } = input;
    if height == 1 && width == 1 {
        Shape { channels: 1, height: 1, width: channels }
    } else {
        Shape { channels, height, width }
    }
}
