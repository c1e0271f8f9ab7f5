//! Where a network lies in a configuration's memories, or why it does not fit.

use serde::{Deserialize, Serialize};

use crate::capacity::{Capacity, WeightBits};
use crate::descriptor::{Descriptor, DescriptorError, Kind};
use crate::network::Network;

/// A network placed in a configuration: one descriptor a layer and how much of each memory it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// One a layer.
    pub descriptors: Vec<Descriptor>,
    /// Weights from one row to the next, one a layer: the outputs rounded up to whole words of lanes.
    pub row_pitch: Vec<u32>,
    /// What it takes.
    pub needs: Needs,
}

/// How much of each memory a network takes, padding included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// Weights.
    pub synapses: u64,
    /// Neurons.
    pub neurons: u64,
    /// Weight traces.
    pub inputs: u64,
    /// Output neurons.
    pub classes: u64,
    /// Descriptors.
    pub layers: u64,
}

/// A network that a configuration refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// More of something than the configuration holds.
    #[error(
        "the network needs {needed} {what}, {} more than the {available} this configuration holds{}",
        needed - available, padding_note(what, *lanes)
    )]
    TooLarge {
        /// What there is too little of.
        what: &'static str,
        /// How much the network takes.
        needed: u64,
        /// How much there is.
        available: u64,
        /// Lanes, to which rows and neurons are padded.
        lanes: u16,
    },
    /// The network's weights are of another width than the configuration's.
    #[error("the network has {network}-bit weights and the configuration {configuration}-bit weights")]
    WeightBits {
        /// The network's.
        network: u32,
        /// The configuration's.
        configuration: u32,
    },
    /// A layer does not take what the layer before it gives.
    #[error("layer {layer} takes {takes} inputs, but {gives} come in")]
    Mismatch {
        /// Layer, from 1.
        layer: usize,
        /// Inputs it takes.
        takes: u32,
        /// Outputs of the layer before.
        gives: u32,
    },
    /// No layers at all.
    #[error("the network has no layers: at least one is needed")]
    Empty,
    /// A layer the engine refuses.
    #[error("layer {layer}: {error}")]
    Layer {
        /// Layer, from 1.
        layer: usize,
        /// Why.
        error: DescriptorError,
    },
}

fn padding_note(what: &str, lanes: u16) -> String {
    match what {
        "synapses" => format!(" (each row padded to a multiple of {lanes} lanes)"),
        "neurons" | "inputs" => " (each layer padded to whole words of the bitmaps and of lanes)".to_owned(),
        _ => String::new(),
    }
}

impl Layout {
    /// Places `network` in a configuration of `capacity`.
    pub fn new(network: &Network, capacity: &Capacity) -> Result<Self, LayoutError> {
        if network.weight_bits != capacity.weight_bits {
            return Err(LayoutError::WeightBits {
                network: network.weight_bits.bits(),
                configuration: capacity.weight_bits.bits(),
            });
        }
        let padded = |size: u32| u64::from(size).next_multiple_of(u64::from(capacity.lanes));
        let aligned = |size: u32| u64::from(size).next_multiple_of(u64::from(capacity.alignment()));
        let mut needs = Needs {
            synapses: 0,
            neurons: 0,
            inputs: 0,
            classes: network.layers.last().map_or(0, |layer| layer.outputs().into()),
            layers: network.layers.len() as u64,
        };
        let mut bases = Vec::new();
        for layer in &network.layers {
            bases.push((needs.synapses, needs.neurons, needs.inputs));
            needs.synapses += u64::from(layer.inputs()) * padded(layer.outputs());
            needs.neurons += aligned(layer.outputs());
            needs.inputs += aligned(layer.inputs());
        }
        for (what, needed, available) in [
            ("layers", needs.layers, u64::from(capacity.layers)),
            ("synapses", needs.synapses, u64::from(capacity.synapses)),
            ("neurons", needs.neurons, u64::from(capacity.neurons)),
            ("inputs", needs.inputs, u64::from(capacity.inputs)),
            ("classes", needs.classes, u64::from(capacity.classes)),
        ] {
            if needed > available {
                return Err(LayoutError::TooLarge { what, needed, available, lanes: capacity.lanes });
            }
        }
        let last = network.layers.len().checked_sub(1).ok_or(LayoutError::Empty)?;
        let mut descriptors = Vec::new();
        for (index, (layer, (synapse, neuron, input))) in network.layers.iter().zip(bases).enumerate() {
            descriptors.push(Descriptor {
                kind: Kind::Dense,
                learn: layer.learn,
                updates: network.updates,
                output_layer: index == last,
                source: index as u16,
                second_source: 0,
                input: layer.input,
                window: [0; 4],
                output: layer.output,
                // Bounded by the capacity's own u32 fields, checked above.
                row_base: synapse as u32,
                neuron_base: neuron as u32,
                trace_base: input as u32,
                weight_fraction_bits: layer.weight_fraction_bits,
                surrogate: layer.surrogate,
                shifts: layer.shifts,
            });
        }
        check_chain(&descriptors, capacity.weight_bits)?;
        let row_pitch = network.layers.iter().map(|layer| padded(layer.outputs()) as u32).collect();
        Ok(Self { descriptors, row_pitch, needs })
    }

    /// The smallest capacity that holds `network` on this many lanes.
    pub fn smallest(network: &Network, lanes: u16) -> Result<Capacity, LayoutError> {
        let boundless = Capacity {
            lanes,
            weight_bits: network.weight_bits,
            synapses: u32::MAX,
            neurons: u32::MAX,
            inputs: u32::MAX,
            classes: u32::MAX,
            layers: u16::MAX,
            clock_hz: 1,
        };
        let needs = Self::new(network, &boundless)?.needs;
        // No more than `boundless` holds.
        Ok(Capacity {
            synapses: needs.synapses as u32,
            neurons: needs.neurons as u32,
            inputs: needs.inputs as u32,
            classes: needs.classes as u32,
            layers: needs.layers as u16,
            ..boundless
        })
    }

    /// Rebuilds the network from descriptors read from a board and checks that they lie in its memories as
    /// [`Layout::new`] would have placed them.
    pub fn network(descriptors: &[Descriptor], capacity: &Capacity) -> Result<Network, LayoutError> {
        check_chain(descriptors, capacity.weight_bits)?;
        let updates = descriptors.first().map(|d| d.updates).ok_or(LayoutError::Empty)?;
        let layers = descriptors
            .iter()
            .map(|d| crate::network::Layer {
                input: d.input,
                output: d.output,
                weight_fraction_bits: d.weight_fraction_bits,
                surrogate: d.surrogate,
                learn: d.learn,
                shifts: d.shifts,
            })
            .collect();
        let network = Network { weight_bits: capacity.weight_bits, updates, layers };
        let placed = Self::new(&network, capacity)?;
        for (index, (seen, wanted)) in descriptors.iter().zip(&placed.descriptors).enumerate() {
            if seen != wanted {
                let differing = [
                    ("row base", seen.row_base, wanted.row_base),
                    ("neuron base", seen.neuron_base, wanted.neuron_base),
                    ("trace base", seen.trace_base, wanted.trace_base),
                    ("source", seen.source.into(), wanted.source.into()),
                    ("output layer flag", seen.output_layer.into(), wanted.output_layer.into()),
                ];
                let (field, seen, wanted) = differing
                    .into_iter()
                    .find(|(_, seen, wanted)| seen != wanted)
                    .unwrap_or(("updates", 1, 0));
                return Err(LayoutError::Layer {
                    layer: index + 1,
                    error: DescriptorError::Field { field, seen, wanted: wanted.to_string() },
                });
            }
        }
        Ok(network)
    }
}

/// Each layer is legal and takes what the one before it gives.
fn check_chain(descriptors: &[Descriptor], weight_bits: WeightBits) -> Result<(), LayoutError> {
    let mut gives = None;
    for (index, descriptor) in descriptors.iter().enumerate() {
        let layer = index + 1;
        Descriptor::decode(&descriptor.encode(), weight_bits)
            .map_err(|error| LayoutError::Layer { layer, error })?;
        let takes = descriptor.input.size();
        match gives {
            Some(gives) if gives != takes => return Err(LayoutError::Mismatch { layer, takes, gives }),
            _ => gives = Some(descriptor.output.size()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Surrogate;
    use crate::network::{Layer, Learn, Shape, Shifts, Updates};

    fn network(sizes: &[u16]) -> Network {
        let layer = |pair: &[u16]| Layer {
            input: Shape::flat(pair[0]),
            output: Shape::flat(pair[1]),
            weight_fraction_bits: 8,
            surrogate: Surrogate::Shift,
            learn: Learn::WTL,
            shifts: Shifts { weight: 12, threshold: 16, leak: 21 },
        };
        Network {
            weight_bits: WeightBits::Eight,
            updates: Updates::Online,
            layers: sizes.windows(2).map(layer).collect(),
        }
    }

    fn capacity() -> Capacity {
        Capacity {
            lanes: 8,
            weight_bits: WeightBits::Eight,
            synapses: 131_072,
            neurons: 512,
            inputs: 1024,
            classes: 256,
            layers: 8,
            clock_hz: 24_000_000,
        }
    }

    #[test]
    fn rows_and_neurons_are_padded_to_lanes() {
        let layout = Layout::new(&network(&[578, 200, 10]), &capacity()).unwrap();
        assert_eq!(layout.row_pitch, [200, 16]);
        assert_eq!(layout.descriptors[1].row_base, 578 * 200);
        assert_eq!(layout.descriptors[1].neuron_base, 208);
        assert_eq!(layout.descriptors[1].trace_base, 592);
        assert_eq!(layout.needs.synapses, 578 * 200 + 200 * 16);
        assert_eq!(layout.needs.neurons, 224);
        assert_eq!(layout.needs.inputs, 592 + 208);
        assert_eq!(layout.needs.classes, 10);
        let smallest = Layout::smallest(&network(&[578, 200, 10]), 8).unwrap();
        assert_eq!((smallest.neurons, smallest.inputs, smallest.classes, smallest.layers), (224, 800, 10, 2));
        assert!(layout.descriptors[1].output_layer && !layout.descriptors[0].output_layer);
        assert_eq!(Layout::network(&layout.descriptors, &capacity()), Ok(network(&[578, 200, 10])));
    }

    #[test]
    fn a_network_too_large_says_what_by_how_much() {
        for (sizes, message) in [
            (&[578, 300, 10][..], "needs 180512 synapses, 49440 more than the 131072"),
            (&[10, 600, 10], "needs 624 neurons, 112 more than the 512"),
            (&[1100, 16], "needs 1104 inputs, 80 more than the 1024 this configuration holds"),
            (&[10, 300], "needs 300 classes, 44 more than the 256"),
            (&[4; 10], "needs 9 layers, 1 more than the 8"),
        ] {
            let error = Layout::new(&network(sizes), &capacity()).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn mismatched_tables_are_refused() {
        let wide = Capacity { weight_bits: WeightBits::Sixteen, ..capacity() };
        let error = Layout::new(&network(&[4, 4]), &wide).unwrap_err().to_string();
        assert_eq!(error, "the network has 8-bit weights and the configuration 16-bit weights");
        let mut layout = Layout::new(&network(&[16, 8, 8]), &capacity()).unwrap();
        layout.descriptors[1].row_base += 8;
        let error = Layout::network(&layout.descriptors, &capacity()).unwrap_err().to_string();
        assert_eq!(error, "layer 2: descriptor field `row base` is 136: wanted 128");
        layout.descriptors[1].input = Shape::flat(9);
        let error = Layout::network(&layout.descriptors, &capacity()).unwrap_err().to_string();
        assert_eq!(error, "layer 2 takes 9 inputs, but 8 come in");
        assert_eq!(Layout::network(&[], &capacity()), Err(LayoutError::Empty));
    }
}
