//! Recordings and images as samples for a board.

use driver::Sample;
use events::{Dataset, Encoding, ImageCode, Shape};
use miette::{IntoDiagnostic, Result, WrapErr, miette};

use crate::cli::Code;

/// A source, opened and checked against a network, whose samples are made for each epoch.
#[derive(Debug)]
pub struct Data {
    dataset: Dataset,
    encoding: Encoding,
    /// Images coded by chance are drawn anew each epoch.
    anew: bool,
    samples: Vec<Sample>,
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
    /// Seed of codes that draw.
    pub seed: u64,
    /// How images become spikes.
    pub code: Code,
}

impl Data {
    /// Opens `source` and encodes its first `limit` items.
    pub fn open(source: &str, limit: Option<usize>, fit: Fit) -> Result<Self> {
        let dataset =
            Dataset::open(source, limit).into_diagnostic().wrap_err_with(|| format!("source {source}"))?;
        if dataset.is_empty() {
            return Err(miette!(
                help = "give a limit of at least 1",
                "source {source}: no recordings are left"
            ));
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
        let flat = fit.input.height == 1 && fit.input.width == 1;
        let shape = if flat {
            Shape { channels: 1, height: 1, width: fit.input.channels }
        } else {
            Shape { channels: fit.input.channels, height: fit.input.height, width: fit.input.width }
        };
        let image_code = match fit.code {
            Code::Rate => ImageCode::Rate,
            Code::Regular => ImageCode::Regular,
            Code::Latency => ImageCode::Latency,
            Code::Difference => ImageCode::Difference,
        };
        let anew = fit.code == Code::Rate
            && dataset.items().iter().any(|item| matches!(item, events::Item::Image(_)));
        let encoding = Encoding { shape, steps: fit.steps, seed: fit.seed, image_code };
        let mut data = Self { dataset, encoding, anew, samples: Vec::new() };
        data.samples = data.encode(0)?;
        Ok(data)
    }

    /// Takes the last `count` recordings off, to test on.
    pub fn hold_out(&mut self, count: usize) -> Result<Self> {
        if count == 0 || count >= self.len() {
            return Err(miette!(
                help = "leave some to learn and some to test",
                "--hold-out {count}: wanted 1 to {}, of {} recordings",
                self.len() - 1,
                self.len()
            ));
        }
        let dataset = self.dataset.split_off_last(count);
        let mut held_out =
            Self { dataset, encoding: self.encoding.clone(), anew: self.anew, samples: Vec::new() };
        held_out.samples = held_out.encode(0)?;
        self.samples.truncate(self.dataset.len());
        Ok(held_out)
    }

    /// The samples of an epoch. Everything but images coded by chance is the same in each.
    pub fn epoch(&mut self, epoch: u32) -> Result<&[Sample]> {
        if self.anew && epoch > 0 {
            self.samples = self.encode(epoch)?;
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

    fn encode(&self, epoch: u32) -> Result<Vec<Sample>> {
        // Odd multiplier: every epoch has a seed of its own.
        let seed = self.encoding.seed.wrapping_add(u64::from(epoch).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let encoding = Encoding { seed, ..self.encoding.clone() };
        let samples = self.dataset.encode(&encoding).into_diagnostic()?;
        samples
            .into_iter()
            .map(|s| Sample::new(s.label, s.first_loss_step, s.spikes.iter()).into_diagnostic())
            .collect()
    }
}
