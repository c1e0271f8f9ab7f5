//! What a report says. Serialised as it is, this is `report.json`.

use serde::Serialize;

use crate::crew::BoardUse;
use crate::engine_use::EngineUse;
use crate::link_use::LinkUse;
use crate::throughput::Throughput;

/// A run, from its command line to the work it took.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What was run, on what.
    pub run: RunFacts,
    /// One row for each epoch completed; empty where nothing was trained.
    pub epochs: Vec<EpochRow>,
    /// The layers after the run, from the input on.
    pub layers: Vec<LayerFacts>,
    /// The spikes of one test recording.
    pub raster: Option<Raster>,
    /// The test after the run.
    pub evaluation: Option<Evaluation>,
    /// Work counted over the whole run.
    pub counts: arch::Counts,
    /// What the engine's counters say; `None` where a model computed.
    pub engine: Option<EngineUse>,
}

/// What was run, on what, and what it takes to run it again.
#[derive(Debug, Clone, Serialize)]
pub struct RunFacts {
    /// The command line.
    pub command: String,
    /// The board, as on the command line.
    pub board: String,
    /// The board's configuration.
    pub configuration: String,
    /// The network's sizes, as on the command line.
    pub network: String,
    /// What learns and how, in words.
    pub learn: String,
    /// Time steps of a recording.
    pub steps: u16,
    /// Seed of weights, order and noise.
    pub seed: u64,
    /// Recordings an epoch trains on.
    pub train_recordings: usize,
    /// Recordings a test takes.
    pub test_recordings: usize,
    /// SHA-256 of the parameters after the run, in hexadecimal.
    pub parameters_sha256: String,
    /// Version of the program.
    pub version: String,
    /// Wall-clock time of the run, in seconds.
    pub seconds: f64,
    /// What its link saw; `None` where there was none.
    pub link: Option<LinkUse>,
    /// How well learning used line and engine; `None` where nothing was learned over a link.
    pub throughput: Option<Throughput>,
    /// What each of several boards did; left out where one ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub boards: Vec<BoardUse>,
}

/// One epoch of training.
#[derive(Debug, Clone, Serialize)]
pub struct EpochRow {
    /// Number of the epoch; the first is 1.
    pub epoch: u32,
    /// Part of the training recordings classified right while learning, 0 to 1.
    pub train_accuracy: f64,
    /// Part of the test recordings classified right after the epoch, 0 to 1; `None` where it was not tested.
    pub test_accuracy: Option<f64>,
    /// The loss: wrong output spikes a training recording.
    pub wrong_spikes: f64,
    /// Part of the neuron visits with δ ≠ 0, 0 to 1.
    pub delta_density: f64,
    /// The leak α of each layer after the epoch, 0 to 1, from the input on.
    pub leaks: Vec<f64>,
    /// Training recordings a second of wall-clock time; `None` where it was not measured.
    pub recordings_per_second: Option<f64>,
}

/// One layer after the run.
#[derive(Debug, Clone, Serialize)]
pub struct LayerFacts {
    /// Its name.
    pub name: String,
    /// Inputs of each neuron.
    pub inputs: u32,
    /// Neurons.
    pub outputs: u32,
    /// Fraction bits of a weight; `None` for floating point.
    pub weight_fraction_bits: Option<u8>,
    /// The firing threshold θ of each neuron, in units of the membrane.
    pub thresholds: Vec<f64>,
    /// The leak α, 0 to 1: the part of a membrane that is left a step later.
    pub leak: f64,
}

/// The spikes of one test recording.
#[derive(Debug, Clone, Serialize)]
pub struct Raster {
    /// Which recording it is.
    pub source: String,
    /// The class it has.
    pub label: u16,
    /// The class it was given.
    pub prediction: u16,
    /// Time steps shown.
    pub steps: u16,
    /// Input, hidden layers, output.
    pub rows: Vec<RasterRow>,
}

/// The spikes of one layer, or of the input.
#[derive(Debug, Clone, Serialize)]
pub struct RasterRow {
    /// Name of the layer.
    pub name: String,
    /// Neurons in it.
    pub size: u32,
    /// Each spike as its time step and the neuron's index, both from 0.
    pub spikes: Vec<(u16, u32)>,
}

/// The test after the run.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// Part of the recordings classified right, 0 to 1.
    pub accuracy: f64,
    /// Recordings tested.
    pub recordings: usize,
    /// Recordings by label, then by prediction.
    pub confusion: Vec<Vec<u32>>,
}
