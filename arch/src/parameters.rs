//! What a network has learned: weights, thresholds and leaks as the integers the hardware holds.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::capacity::WeightBits;
use crate::formats::{Leak, Membrane};
use crate::network::Network;

/// Parameters of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerParameters {
    /// Weights `[inputs][outputs]`, one row an input, in steps of the layer's weight format.
    pub weights: Vec<i16>,
    /// Firing thresholds `[outputs]`.
    pub thresholds: Vec<Membrane>,
    /// Leak of the layer.
    pub leak: Leak,
}

/// Parameters of a network, one entry a layer. Padding of rows to lanes is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Width of the weights.
    pub weight_bits: WeightBits,
    /// From the first layer to the last.
    pub layers: Vec<LayerParameters>,
}

impl Parameters {
    /// Weights, then thresholds, then leaks, each layer by layer in address order, as little-endian integers of
    /// their own width (8 or 16, 16 and 16 bits). Independent of lanes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for layer in &self.layers {
            match self.weight_bits {
                WeightBits::Eight => bytes.extend(layer.weights.iter().map(|&w| w as u8)),
                WeightBits::Sixteen => bytes.extend(layer.weights.iter().flat_map(|w| w.to_le_bytes())),
            }
        }
        for layer in &self.layers {
            bytes.extend(layer.thresholds.iter().flat_map(|threshold| threshold.to_le_bytes()));
        }
        for layer in &self.layers {
            bytes.extend(layer.leak.to_le_bytes());
        }
        bytes
    }

    /// SHA-256 of [`Self::to_bytes`] in hexadecimal: two boards that learned the same agree on it.
    pub fn sha256(&self) -> String {
        Sha256::digest(self.to_bytes()).iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Whether the number of weights and thresholds is `network`'s, layer by layer.
    pub fn matches(&self, network: &Network) -> bool {
        self.weight_bits == network.weight_bits
            && self.layers.len() == network.layers.len()
            && self.layers.iter().zip(&network.layers).all(|(parameters, layer)| {
                parameters.weights.len() == layer.synapses() as usize
                    && parameters.thresholds.len() == layer.outputs() as usize
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_address_order() {
        let layer = |weights: &[i16], threshold: i16, leak: u16| LayerParameters {
            weights: weights.to_vec(),
            thresholds: vec![Membrane::from_bits(threshold)],
            leak: Leak::from_bits(leak),
        };
        let mut parameters = Parameters {
            weight_bits: WeightBits::Eight,
            layers: vec![layer(&[1, -2], 0x0102, 0x0304), layer(&[3], -1, 5)],
        };
        assert_eq!(parameters.to_bytes(), [1, 0xfe, 3, 2, 1, 0xff, 0xff, 4, 3, 5, 0]);
        parameters.weight_bits = WeightBits::Sixteen;
        assert_eq!(parameters.to_bytes()[..6], [1, 0, 0xfe, 0xff, 3, 0]);
        assert_eq!(parameters.sha256().len(), 64);
    }
}
