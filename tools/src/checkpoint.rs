//! Learned parameters on disk: a safetensors file whose metadata says everything needed to use or resume them.
//!
//! `docs/weights.md` describes the file.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use arch::Counts;
use arch::formats::{LEAK_MAX, LEAK_MIN, Leak, Membrane, THRESHOLD_MAX, THRESHOLD_MIN};
use arch::network::Topology;
use arch::parameters::LayerParameters;
use arch::{Network, Parameters, WeightBits};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::commands::bounded;
use crate::preparation::Preparation;
use crate::recipe::Recipe;

/// Value of the metadata's `format` entry.
const FORMAT: &str = "stop-fpga/1";
/// Largest weights file that is read.
const MAX_BYTES: u64 = 1 << 30;

/// What was learned, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// The network, as it was loaded for the last epoch.
    pub network: Network,
    /// Its parameters.
    pub parameters: Parameters,
    /// The run that made them.
    pub run: Run,
}

/// A training run up to its last completed epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The network's sizes, as on the command line.
    pub topology: String,
    /// How it learns.
    pub recipe: Recipe,
    /// Time steps of a recording.
    pub steps: u16,
    /// Epochs the run is meant to have; the schedule depends on it.
    pub epochs_planned: u32,
    /// Seed of weights, order and noise.
    pub seed: u64,
    /// Code of images, where there are any.
    pub image_code: String,
    /// How many shares an epoch is cut into; absent where one board learns it from its beginning to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<NonZero<u32>>,
    /// What became of the recordings before they were encoded.
    #[serde(default, skip_serializing_if = "Preparation::is_none")]
    pub preparation: Preparation,
    /// Where the recordings came from.
    pub train_source: String,
    /// How many there were.
    pub train_recordings: usize,
    /// The epochs completed.
    pub epochs: Vec<EpochRecord>,
    /// How far the next one is, where the parameters are those of a checkpoint in its middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// State of the noise generator with these parameters.
    pub noise_seed: u32,
    /// Work counted in the completed epochs.
    pub counts: Counts,
}

/// An epoch up to a checkpoint in its middle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnderWay {
    /// Recordings of its order that were learned.
    pub recordings: usize,
    /// Of those, classified right while they were being learned.
    pub right: usize,
    /// Wrong output spikes in all.
    pub wrong_spikes: u64,
    /// Work counted.
    pub counts: Counts,
}

/// What is known of a completed epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Part of the recordings that were classified right while they were being learned.
    pub train_accuracy: f64,
    /// Part of the test recordings classified right after the epoch.
    pub test_accuracy: Option<f64>,
    /// Wrong output spikes a recording, while learning.
    pub wrong_spikes: f64,
    /// Part of the neuron visits that met an error.
    pub delta_density: f64,
    /// Leak of each layer after the epoch.
    pub leaks: Vec<f64>,
}

/// A weights file that can't be used, or can't be written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system refused.
    #[error("weights file {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Not a weights file of this project.
    #[error("weights file {}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// The run's network, as it was typed, is the network that the tensors are laid out for.
fn check_topology(run: &Run, network: &Network) -> Result<(), String> {
    let typed: Topology = run
        .topology
        .parse()
        .map_err(|error: arch::network::TopologyError| format!("metadata entry `run`: {error}"))?;
    let layers: Vec<u32> = network.layers.iter().map(|layer| layer.outputs()).collect();
    let input = network.layers.first().map(|layer| layer.input);
    if input == Some(typed.input)
        && layers.iter().copied().eq(typed.layers.iter().map(|&size| u32::from(size)))
    {
        Ok(())
    } else {
        Err(format!(
            "metadata entry `run` has the network {typed}, `network` has layers of {layers:?} neurons"
        ))
    }
}

impl Checkpoint {
    /// Writes the file whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let io = |error| CheckpointError::Io { path: path.to_owned(), error };
        let bytes =
            self.to_bytes().map_err(|problem| CheckpointError::Content { path: path.to_owned(), problem })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
        std::io::Write::write_all(&mut file, &bytes).map_err(io)?;
        file.as_file().sync_all().map_err(io)?;
        file.persist(path).map_err(|error| io(error.error))?;
        Ok(())
    }

    /// Reads a file, checking names, types, shapes and values.
    pub fn load(path: &Path) -> Result<Self, CheckpointError> {
        let io = |error| CheckpointError::Io { path: path.to_owned(), error };
        let content = |problem| CheckpointError::Content { path: path.to_owned(), problem };
        std::fs::metadata(path).map_err(io)?;
        bounded(path, MAX_BYTES).and_then(|bytes| Self::from_bytes(&bytes)).map_err(content)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
        for (at, (layer, shape)) in self.parameters.layers.iter().zip(&self.network.layers).enumerate() {
            let (dtype, weights) = match self.parameters.weight_bits {
                WeightBits::Eight => (Dtype::I8, layer.weights.iter().map(|&w| w as u8).collect()),
                WeightBits::Sixteen => {
                    (Dtype::I16, layer.weights.iter().flat_map(|w| w.to_le_bytes()).collect())
                }
            };
            let (inputs, outputs) = (shape.inputs() as usize, shape.outputs() as usize);
            let thresholds = layer.thresholds.iter().flat_map(|t| t.to_le_bytes()).collect();
            tensors.push((format!("layers.{at}.weight"), dtype, vec![inputs, outputs], weights));
            tensors.push((format!("layers.{at}.threshold"), Dtype::I16, vec![outputs], thresholds));
            tensors.push((
                format!("layers.{at}.leak"),
                Dtype::U16,
                vec![1],
                layer.leak.to_le_bytes().to_vec(),
            ));
        }
        let views: Vec<(&str, TensorView<'_>)> = tensors
            .iter()
            .map(|(name, dtype, shape, bytes)| {
                TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view))
            })
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let json = |value: serde_json::Result<String>| value.map_err(|error| error.to_string());
        let metadata = HashMap::from([
            ("format".to_owned(), FORMAT.to_owned()),
            ("network".to_owned(), json(serde_json::to_string(&self.network))?),
            ("run".to_owned(), json(serde_json::to_string(&self.run))?),
            ("parameters_sha256".to_owned(), self.parameters.sha256()),
        ]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let not = |error: safetensors::SafeTensorError| format!("not a safetensors file: {error}");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(not)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(not)?;
        let entries = header.metadata().as_ref();
        let entry = |name: &str| {
            entries.and_then(|map| map.get(name)).map(String::as_str).ok_or_else(|| {
                format!("no metadata entry `{name}`: wanted a file written by `stop-fpga train`")
            })
        };
        match entry("format")? {
            FORMAT => {}
            seen => return Err(format!("its format is `{seen}`, wanted `{FORMAT}`")),
        }
        let parse = |name: &str, error: serde_json::Error| format!("metadata entry `{name}`: {error}");
        let network: Network =
            serde_json::from_str(entry("network")?).map_err(|error| parse("network", error))?;
        let run: Run = serde_json::from_str(entry("run")?).map_err(|error| parse("run", error))?;
        let mut layers = Vec::new();
        for (at, layer) in network.layers.iter().enumerate() {
            let (inputs, outputs) = (layer.inputs() as usize, layer.outputs() as usize);
            let dtype = match network.weight_bits {
                WeightBits::Eight => Dtype::I8,
                WeightBits::Sixteen => Dtype::I16,
            };
            let weights = tensor(&tensors, &format!("layers.{at}.weight"), dtype, &[inputs, outputs])?;
            let thresholds = tensor(&tensors, &format!("layers.{at}.threshold"), Dtype::I16, &[outputs])?;
            let leak = tensor(&tensors, &format!("layers.{at}.leak"), Dtype::U16, &[1])?;
            let words = |bytes: &[u8]| bytes.as_chunks::<2>().0.to_vec();
            layers.push(LayerParameters {
                weights: match network.weight_bits {
                    WeightBits::Eight => weights.iter().map(|&w| i16::from(w as i8)).collect(),
                    WeightBits::Sixteen => words(weights).into_iter().map(i16::from_le_bytes).collect(),
                },
                thresholds: words(thresholds).into_iter().map(Membrane::from_le_bytes).collect(),
                leak: Leak::from_le_bytes([leak[0], leak[1]]),
            });
        }
        let wanted = network.layers.len() * 3;
        if tensors.len() != wanted {
            return Err(format!("{} tensors, wanted {wanted}: three a layer", tensors.len()));
        }
        check_topology(&run, &network)?;
        if let Some(under_way) = &run.under_way {
            let (seen, most) = (under_way.recordings, run.train_recordings);
            if seen > most || under_way.right > seen {
                return Err(format!(
                    "metadata entry `run` is {seen} recordings into an epoch, {} of them right: wanted at most {most}",
                    under_way.right
                ));
            }
        }
        let parameters = Parameters { weight_bits: network.weight_bits, layers };
        for (at, layer) in parameters.layers.iter().enumerate() {
            if let Some(seen) =
                layer.thresholds.iter().find(|t| !(THRESHOLD_MIN..=THRESHOLD_MAX).contains(*t))
            {
                let range = format!("{THRESHOLD_MIN} to {THRESHOLD_MAX}");
                return Err(format!("layers.{at}.threshold holds {seen}: wanted {range}"));
            }
            if !(LEAK_MIN..=LEAK_MAX).contains(&layer.leak) {
                return Err(format!("layers.{at}.leak is {}: wanted {LEAK_MIN} to {LEAK_MAX}", layer.leak));
            }
        }
        let (seen, wanted) = (parameters.sha256(), entry("parameters_sha256")?);
        if seen != wanted {
            return Err(format!(
                "its parameters hash to {seen}, its metadata says {wanted}: the file was changed"
            ));
        }
        Ok(Self { network, parameters, run })
    }
}

fn tensor<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8], String> {
    let view = tensors.tensor(name).map_err(|_| format!("no tensor `{name}`"))?;
    if view.dtype() != dtype || view.shape() != shape {
        return Err(format!(
            "tensor `{name}` is {:?} {:?}, wanted {dtype:?} {shape:?}",
            view.dtype(),
            view.shape()
        ));
    }
    Ok(view.data())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        recipe: Recipe,
    }

    fn checkpoint(bits: WeightBits) -> Checkpoint {
        let recipe = Line::parse_from(["x", "--rate", "9"]).recipe;
        let network = recipe.network(&"6-4-3".parse().unwrap(), bits, 0, 1).unwrap();
        let initial = model::fixed::Initial { gain: 1.0, threshold: 1.0, leak: 0.5, seed: 3 };
        Checkpoint {
            parameters: model::fixed::initial_parameters(&network, &initial),
            network,
            run: Run {
                topology: "6-4-3".to_owned(),
                recipe,
                steps: 4,
                epochs_planned: 2,
                seed: 3,
                image_code: "rate".to_owned(),
                shares: NonZero::new(3),
                preparation: Preparation {
                    pipeline: Some("crop=3x1 | drop=0.1".parse().unwrap()),
                    split: Some("0.8,seed=1".parse().unwrap()),
                    balance: Some(events::Balance::Cap),
                },
                train_source: "here".to_owned(),
                train_recordings: 5,
                epochs: vec![],
                under_way: Some(UnderWay {
                    recordings: 3,
                    right: 2,
                    wrong_spikes: 1,
                    counts: Counts::default(),
                }),
                noise_seed: 9,
                counts: Counts::default(),
            },
        }
    }

    #[test]
    fn a_file_reads_back_as_written() {
        let folder = tempfile::tempdir().unwrap();
        for bits in [WeightBits::Eight, WeightBits::Sixteen] {
            let path = folder.path().join("net.safetensors");
            checkpoint(bits).save(&path).unwrap();
            assert_eq!(Checkpoint::load(&path).unwrap(), checkpoint(bits));
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn damaged_files_are_refused_with_what_is_wrong() {
        let good = checkpoint(WeightBits::Eight);
        let bytes = good.to_bytes().unwrap();
        assert!(Checkpoint::from_bytes(&bytes[..20]).unwrap_err().contains("not a safetensors file"));
        assert!(Checkpoint::from_bytes(b"").unwrap_err().contains("not a safetensors file"));
        let mut flipped = bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let message = Checkpoint::from_bytes(&flipped).unwrap_err();
        assert!(message.contains("leak is") || message.contains("the file was changed"), "{message}");
        let mut other = good.clone();
        other.run.topology = "6-4-2".to_owned();
        let message = Checkpoint::from_bytes(&other.to_bytes().unwrap()).unwrap_err();
        assert!(message.contains("`run` has the network 6-4-2"), "{message}");
        let mut other = good.clone();
        other.run.under_way = Some(UnderWay { recordings: 6, ..UnderWay::default() });
        let message = Checkpoint::from_bytes(&other.to_bytes().unwrap()).unwrap_err();
        assert!(
            message.contains("6 recordings into an epoch, 0 of them right: wanted at most 5"),
            "{message}"
        );
        let mut other = good.clone();
        other.network.layers[0].output = arch::Shape::flat(2);
        let message =
            other.to_bytes().and_then(|bytes| Checkpoint::from_bytes(&bytes).map(|_| ())).unwrap_err();
        assert!(!message.is_empty());
    }

    #[test]
    fn a_tensor_of_another_shape_is_refused_with_both() {
        let data = [0u8; 6];
        let view = TensorView::new(Dtype::I8, vec![6], &data).unwrap();
        let bytes = safetensors::serialize([("layers.0.weight", view)], None).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let message = tensor(&tensors, "layers.0.weight", Dtype::I8, &[2, 3]).unwrap_err();
        assert_eq!(message, "tensor `layers.0.weight` is I8 [6], wanted I8 [2, 3]");
    }
}
