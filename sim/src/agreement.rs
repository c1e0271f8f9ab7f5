//! The engine beside the model: the same samples on both, every memory compared after every time step.

use std::fmt;
use std::path::Path;

use arch::counts::{COUNTERS, CYCLES};
use arch::protocol::{Begin, Teacher};
use arch::registers::{REGISTERS, Space};
use arch::{Counts, Cycles, Layout, Network, WeightBits};
use model::fixed::{Engine, Initial, initial_parameters};

use crate::bench::{Bench, BenchError, Pins};
use crate::waves::save_files;

/// The first place where an engine is not the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Sample, from 0.
    pub sample: usize,
    /// Time step of it, from 0; `None` for its result.
    pub step: Option<u16>,
    /// Layer, from 1.
    pub layer: usize,
    /// What differs.
    pub what: &'static str,
    /// Element of the layer.
    pub element: usize,
    /// The engine's value, zero-extended.
    pub engine: u32,
    /// The model's.
    pub model: u32,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sample {}, ", self.sample)?;
        match self.step {
            Some(step) => write!(f, "step {step}, layer {}: {} {}", self.layer, self.what, self.element)?,
            None => write!(f, "result: {}", self.what)?,
        }
        write!(f, " is {:#x}, the model's {:#x}", self.engine, self.model)
    }
}

/// A sample: how it begins, and the events of each step.
pub struct Sample {
    /// How it begins.
    pub begin: Begin,
    /// Ascending events of each step.
    pub events: Vec<Vec<u32>>,
    /// δ of the outputs that the host writes after each step, where it is the teacher: from the first on, or none.
    pub errors: Vec<Vec<i8>>,
}

impl Sample {
    /// What the host writes after a step.
    fn taught(&self, step: u16) -> Option<&[i8]> {
        let loss = self.begin.teacher == Teacher::Host && step >= self.begin.first_loss_step;
        let errors = loss.then(|| self.errors.get(usize::from(step)))?.map(Vec::as_slice);
        errors.filter(|errors| !errors.is_empty())
    }
}

/// How much was compared, and what it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Time steps.
    pub steps: u64,
    /// Elements compared.
    pub elements: u64,
    /// The engine's cycles as it counted them, which are those it took.
    pub cycles: Cycles,
    /// Its work as it counted it, which is the model's.
    pub counts: Counts,
}

impl Agreed {
    /// Ideal by measured cycles of an engine that fires a neuron a cycle.
    pub fn utilisation(&self) -> f64 {
        self.cycles.utilisation(&self.counts, 1)
    }
}

/// What is compared after a step, in the order in which a step computes it, so that a fault shows under its own name.
const COMPARED: [(Space, &str); 9] = [
    (Space::Membranes, "membrane"),
    (Space::Spikes, "spike"),
    (Space::ThresholdTraces, "threshold trace"),
    (Space::LeakTraces, "leak trace"),
    (Space::WeightTraces, "weight trace"),
    (Space::Errors, "error"),
    (Space::Weights, "weight"),
    (Space::Thresholds, "threshold"),
    (Space::Leaks, "leak"),
];

/// Runs `samples` on an engine and on the model from the same parameters. `every` is how many time steps lie between comparisons;
/// the last step of the last sample is always compared.
///
/// Errors: the engine cannot be driven.
pub fn first_mismatch<P: Pins>(
    bench: &mut Bench<P>,
    network: &Network,
    initial: &Initial,
    seed: u32,
    samples: &[Sample],
    every: u64,
) -> Result<Result<Agreed, Mismatch>, BenchError> {
    let capacity = bench.capacity().clone();
    let mut model = Engine::new(&capacity);
    model.load(network)?;
    let parameters = initial_parameters(network, initial);
    // The parameters are the network's own, the seed is not 0, the samples are checked by their makers.
    let fits = "parameters, seed and samples that the model takes";
    model.set_parameters(&parameters).expect(fits);
    model.set_seed(seed).expect(fits);
    bench.load(network, &parameters, seed)?;
    let layout = Layout::new(network, &capacity)?;
    let mut agreed = Agreed::default();
    let mut cycles = 0;
    for (at, sample) in samples.iter().enumerate() {
        model.begin(sample.begin).expect(fits);
        cycles += bench.begin(sample.begin)?;
        for (step, events) in (0..).zip(&sample.events) {
            model.step(events).expect(fits);
            cycles += bench.step(events, step >= sample.begin.first_loss_step)?;
            if let Some(errors) = sample.taught(step) {
                model.teach(0, errors).expect(fits);
                cycles += bench.teach(errors)?;
            }
            agreed.steps += 1;
            let last = at + 1 == samples.len() && usize::from(step) + 1 == sample.events.len();
            if agreed.steps.is_multiple_of(every) || last {
                match compare(bench, &model, &layout, network.weight_bits)? {
                    Ok(elements) => agreed.elements += elements,
                    Err(found) => return Ok(Err(Mismatch { sample: at, step: Some(step), ..found })),
                }
            }
        }
        let ((engine, taken), wanted) = (bench.end()?, model.end().expect(fits));
        cycles += taken;
        if engine != wanted.wrong_spikes {
            let (what, model) = ("wrong spikes", wanted.wrong_spikes);
            return Ok(Err(Mismatch { sample: at, step: None, layer: 0, what, element: 0, engine, model }));
        }
        match compare_scores(bench, &model, &layout, network.weight_bits)? {
            Ok(elements) => agreed.elements += elements,
            Err(found) => return Ok(Err(Mismatch { sample: at, ..found })),
        }
    }
    if let Err(found) = compare_counters(bench, model.counts(), cycles, &mut agreed)? {
        return Ok(Err(Mismatch { sample: samples.len() - 1, ..found }));
    }
    Ok(Ok(agreed))
}

/// The counters of work with the model's, those of cycles in sum with the cycles that the commands took.
fn compare_counters<P: Pins>(
    bench: &mut Bench<P>,
    counts: &Counts,
    cycles: u64,
    agreed: &mut Agreed,
) -> Result<Result<(), Mismatch>, BenchError> {
    let differs =
        |what, engine, model| Mismatch { sample: 0, step: None, layer: 0, what, element: 0, engine, model };
    let counted = bench.read(Space::Registers, *COUNTERS.start(), COUNTERS.count() as u32)?;
    for ((address, &engine), model) in COUNTERS.zip(&counted).zip(counts.to_registers()) {
        if engine != model {
            return Ok(Err(differs(REGISTERS[address as usize].name, engine, model)));
        }
    }
    let taken = bench.read(Space::Registers, *CYCLES.start(), CYCLES.count() as u32)?;
    // As many registers were read as there are.
    agreed.cycles = Cycles::from_registers(&taken).unwrap_or_default();
    agreed.counts = *counts;
    if agreed.cycles.total() != cycles {
        return Ok(Err(differs("sum of the cycles", agreed.cycles.total() as u32, cycles as u32)));
    }
    Ok(Ok(()))
}

/// Runs the same samples on a new engine up to the step of `mismatch` and writes the waves of that step and the one before it to
/// `path`, with save files that group them by unit.
///
/// Errors: the engine cannot be driven or writes no waves.
pub fn waves<P: Pins>(
    bench: &mut Bench<P>,
    network: &Network,
    initial: &Initial,
    seed: u32,
    samples: &[Sample],
    mismatch: &Mismatch,
    path: &Path,
) -> Result<(), BenchError> {
    bench.load(network, &initial_parameters(network, initial), seed)?;
    for (at, sample) in samples.iter().enumerate().take(mismatch.sample + 1) {
        let last = mismatch.step.map_or(sample.events.len(), usize::from);
        let from = if at == mismatch.sample { last.saturating_sub(1) } else { usize::MAX };
        bench.begin(sample.begin)?;
        for (step, events) in (0..).zip(&sample.events) {
            if usize::from(step) == from {
                bench.pins().start_trace(path)?;
            }
            bench.step(events, step >= sample.begin.first_loss_step)?;
            if let Some(errors) = sample.taught(step) {
                bench.teach(errors)?;
            }
            if at == mismatch.sample && usize::from(step) == last {
                break;
            }
        }
        if at < mismatch.sample || mismatch.step.is_none() {
            bench.end()?;
        }
    }
    bench.pins().stop_trace()?;
    Ok(save_files(path)?)
}

fn compare<P: Pins>(
    bench: &mut Bench<P>,
    model: &Engine,
    layout: &Layout,
    weight_bits: WeightBits,
) -> Result<Result<u64, Mismatch>, BenchError> {
    let found = |layer, what, element, engine, model| {
        Ok(Err(Mismatch { sample: 0, step: None, layer, what, element, engine, model }))
    };
    let mut compared = 1;
    let seed = bench.seed()?;
    if seed != model.seed() {
        return found(0, "seed", 0, seed, model.seed());
    }
    for (at, d) in layout.descriptors.iter().enumerate() {
        for (space, what) in COMPARED {
            let (base, count) = match space {
                Space::Weights => (d.row_base, d.input.size() * layout.row_pitch[at]),
                Space::WeightTraces => (d.trace_base, d.input.size()),
                Space::Leaks => (at as u32, 1),
                // What lies between a layer and the next takes no part.
                _ => (d.neuron_base, d.output.size().next_multiple_of(bench.capacity().alignment().into())),
            };
            let wanted = elements(model, space, base, count, weight_bits);
            let got = bench.read(space, base, count)?;
            if let Some(element) = (0..wanted.len()).find(|&element| got[element] != wanted[element]) {
                return found(at + 1, what, element, got[element], wanted[element]);
            }
            compared += u64::from(count);
        }
    }
    Ok(compare_scores(bench, model, layout, weight_bits)?.map(|elements| compared + elements))
}

/// What the sample's result comes from.
fn compare_scores<P: Pins>(
    bench: &mut Bench<P>,
    model: &Engine,
    layout: &Layout,
    weight_bits: WeightBits,
) -> Result<Result<u64, Mismatch>, BenchError> {
    let (layer, classes) =
        (layout.descriptors.len(), layout.descriptors.last().map_or(0, |d| d.output.size()));
    for (space, what) in [(Space::SpikeCounts, "spike count"), (Space::MembraneSums, "membrane sum")] {
        let (wanted, got) = (elements(model, space, 0, classes, weight_bits), bench.read(space, 0, classes)?);
        if let Some(element) = (0..wanted.len()).find(|&element| got[element] != wanted[element]) {
            let (engine, model) = (got[element], wanted[element]);
            return Ok(Err(Mismatch { sample: 0, step: None, layer, what, element, engine, model }));
        }
    }
    Ok(Ok(2 * u64::from(classes)))
}

fn elements(model: &Engine, space: Space, base: u32, count: u32, weight_bits: WeightBits) -> Vec<u32> {
    let mut bytes = Vec::new();
    // Every region of a layout lies in its memory.
    model.read(space, base, count, &mut bytes).expect("a region of the layout");
    let element = |bytes: &[u8]| bytes.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte));
    bytes.chunks(space.element_bytes(weight_bits)).map(element).collect()
}
