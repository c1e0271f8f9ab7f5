//! A network as a user states it: shapes, formats, learning rules. [`crate::Layout`] places it in a configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::capacity::WeightBits;
use crate::descriptor::Surrogate;

/// Channels × height × width of a layer's input or output. A dense layer's output is `N×1×1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// Channels.
    pub channels: u16,
    /// Rows of a channel.
    pub height: u16,
    /// Columns of a channel.
    pub width: u16,
}

impl Shape {
    /// A shape without extent in space: `size` channels of one location.
    pub const fn flat(size: u16) -> Self {
        Self { channels: size, height: 1, width: 1 }
    }

    /// Locations in all, `u32::MAX` where there are more.
    pub const fn size(self) -> u32 {
        (self.channels as u32 * self.height as u32).saturating_mul(self.width as u32)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.height == 1 && self.width == 1 {
            write!(f, "{}", self.channels)
        } else {
            write!(f, "{}x{}x{}", self.channels, self.height, self.width)
        }
    }
}

/// Which parameters learn, and whether gradients reach back in time through traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learn {
    /// Weights learn.
    pub weights: bool,
    /// Firing thresholds learn.
    pub thresholds: bool,
    /// Leaks learn.
    pub leaks: bool,
    /// Traces carry gradients through time; without them the weight trace is the input spike itself.
    pub traces: bool,
}

impl Learn {
    /// Nothing learns.
    pub const NOTHING: Self = Self { weights: false, thresholds: false, leaks: false, traces: true };
    /// Weights only, STOP-W.
    pub const W: Self = Self { weights: true, ..Self::NOTHING };
    /// Weights and thresholds.
    pub const WT: Self = Self { thresholds: true, ..Self::W };
    /// Weights and leaks.
    pub const WL: Self = Self { leaks: true, ..Self::W };
    /// Weights, thresholds and leaks.
    pub const WTL: Self = Self { thresholds: true, ..Self::WL };
    /// Weights, with the input spike in the place of its trace (known as SLTT).
    pub const NO_TRACE: Self = Self { traces: false, ..Self::W };
    /// The variants by the names the command line knows.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("no-trace", Self::NO_TRACE),
        ("w", Self::W),
        ("wt", Self::WT),
        ("wl", Self::WL),
        ("wtl", Self::WTL),
    ];
}

impl fmt::Display for Learn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMED.iter().find(|(_, learn)| learn == self) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{self:?}"),
        }
    }
}

impl FromStr for Learn {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::NAMED.iter().find(|(name, _)| *name == text);
        let names = Self::NAMED.map(|(name, _)| name).join(", ");
        found.map(|&(_, learn)| learn).ok_or_else(|| format!("unknown variant `{text}`: one of {names}"))
    }
}

/// When weights change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Updates {
    /// At every time step: no gradient memory. What a small device does.
    Online,
    /// At the end of the sample, from one accumulator a parameter.
    PerSample,
}

/// One layer of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// What the layer receives.
    pub input: Shape,
    /// Its neurons.
    pub output: Shape,
    /// Fraction bits of its weights: a weight of `w` steps is worth `w · 2^−weight_fraction_bits`.
    pub weight_fraction_bits: u8,
    /// Surrogate derivative of its spikes.
    pub surrogate: Surrogate,
    /// What learns.
    pub learn: Learn,
    /// Learning-rate shifts of W, θ and α. See [`Shifts`].
    pub shifts: Shifts,
}

impl Layer {
    /// Input locations.
    pub const fn inputs(&self) -> u32 {
        self.input.size()
    }

    /// Neurons.
    pub const fn outputs(&self) -> u32 {
        self.output.size()
    }

    /// Synapses.
    pub const fn synapses(&self) -> u32 {
        self.inputs() * self.outputs()
    }
}

/// Right shifts that turn an integer gradient into parameter steps; see [`crate::descriptor`] for their ranges.
///
/// A weight changes by `δ·w̃ · 2^−weight` steps, where δ and w̃ are the raw integers: with rate `2^−r` and
/// `f` weight fraction bits, `weight = 11 − f + r`. A threshold changes by `δ·(1 − θ̃) · 2^−threshold` steps, a
/// leak by `Σ δ·α̃ · 2^−leak` steps (the mean over neurons is part of the shift).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shifts {
    /// For weights.
    pub weight: u8,
    /// For thresholds.
    pub threshold: u8,
    /// For the leak.
    pub leak: u8,
}

/// A network: layers in order, each fed by the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Width of every weight.
    pub weight_bits: WeightBits,
    /// When weights change.
    pub updates: Updates,
    /// From the input to the output layer.
    pub layers: Vec<Layer>,
}

impl Network {
    /// Input locations of the first layer.
    pub fn inputs(&self) -> u32 {
        self.layers.first().map_or(0, Layer::inputs)
    }

    /// Neurons of the last layer.
    pub fn outputs(&self) -> u32 {
        self.layers.last().map_or(0, Layer::outputs)
    }

    /// What a board must have built in to run it: bits of [`crate::registers::features`].
    pub fn features(&self) -> u32 {
        let needed = |layer: &Layer| crate::descriptor::needed(self.updates, layer.surrogate);
        self.layers.iter().map(needed).fold(0, |all, layer| all | layer)
    }
}

/// Sizes of a dense network, as written on the command line: `2x17x17-200-10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The input's shape.
    pub input: Shape,
    /// Neurons of each layer.
    pub layers: Vec<u16>,
}

/// A topology that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("network `{text}`: {problem}; wanted INPUT-HIDDEN-…-OUTPUT such as 784-160-10 or 2x17x17-200-10")]
pub struct TopologyError {
    text: String,
    problem: String,
}

impl FromStr for Topology {
    type Err = TopologyError;
    fn from_str(text: &str) -> Result<Self, TopologyError> {
        let fail = |problem: String| TopologyError { text: text.to_owned(), problem };
        let size = |word: &str| match word.parse::<u16>() {
            Ok(0) => Err(fail("a size is 0".to_owned())),
            Ok(size) => Ok(size),
            Err(_) => Err(fail(format!("`{word}` is no size from 1 to 65535"))),
        };
        let mut words = text.split('-');
        let sides: Vec<u16> =
            words.next().unwrap_or_default().split('x').map(size).collect::<Result<_, _>>()?;
        let input = match sides[..] {
            [size] => Shape::flat(size),
            [channels, height, width] => Shape { channels, height, width },
            _ => return Err(fail(format!("the input has {} sides, not 1 or 3", sides.len()))),
        };
        if u64::from(input.channels) * u64::from(input.height) * u64::from(input.width) > 65_535 {
            return Err(fail("the input has more than 65535 locations".to_owned()));
        }
        let layers: Vec<u16> = words.map(size).collect::<Result<_, _>>()?;
        if layers.is_empty() {
            return Err(fail("there is no layer after the input".to_owned()));
        }
        Ok(Self { input, layers })
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.input)?;
        self.layers.iter().try_for_each(|size| write!(f, "-{size}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topologies_read_back_as_written() {
        for text in ["784-160-10", "2x17x17-200-10", "1x28x28-10", "64-32-16-8"] {
            assert_eq!(text.parse::<Topology>().unwrap().to_string(), text);
        }
        let net: Topology = "2x17x17-200-10".parse().unwrap();
        assert_eq!((net.input.size(), net.layers), (578, vec![200, 10]));
    }

    #[test]
    fn bad_topologies_say_what_is_wrong() {
        for (text, problem) in [
            ("784", "no layer after the input"),
            ("", "`` is no size"),
            ("784-0-10", "a size is 0"),
            ("2x17-10", "2 sides"),
            ("784--10", "`` is no size"),
            ("784-70000", "`70000` is no size"),
            ("1000x1000x1000-10", "more than 65535 locations"),
        ] {
            let message = text.parse::<Topology>().unwrap_err().to_string();
            assert!(message.contains(problem), "{message}");
        }
    }

    #[test]
    fn variants_read_back_as_written() {
        for (name, learn) in Learn::NAMED {
            assert_eq!(name.parse(), Ok(learn));
            assert_eq!(learn.to_string(), name);
        }
        assert!("wx".parse::<Learn>().unwrap_err().contains("no-trace, w, wt, wl, wtl"));
    }
}
