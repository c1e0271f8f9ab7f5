//! What a configuration of the engine can hold.

use serde::{Deserialize, Serialize};

/// Weight width of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum WeightBits {
    /// 8-bit weights (`i8`).
    Eight,
    /// 16-bit weights (`i16`).
    Sixteen,
}

impl WeightBits {
    /// Width in bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Eight => 8,
            Self::Sixteen => 16,
        }
    }

    /// Bytes of one weight on the wire.
    pub const fn bytes(self) -> usize {
        self.bits() as usize / 8
    }

    /// Smallest weight, in steps of the layer's weight format.
    pub const fn min(self) -> i16 {
        match self {
            Self::Eight => i8::MIN as i16,
            Self::Sixteen => i16::MIN,
        }
    }

    /// Largest weight, in steps of the layer's weight format.
    pub const fn max(self) -> i16 {
        match self {
            Self::Eight => i8::MAX as i16,
            Self::Sixteen => i16::MAX,
        }
    }

    /// The fraction bits a layer of this width may have.
    pub const fn fraction_bits(self) -> std::ops::RangeInclusive<u8> {
        match self {
            Self::Eight => 4..=12,
            Self::Sixteen => 8..=15,
        }
    }
}

/// Bits of a word of the bitmaps in which the engine keeps spikes, active traces, open surrogates and errors: it finds
/// the next one within a word in a cycle.
pub const BITMAP_WORD_BITS: u16 = 16;

impl TryFrom<u8> for WeightBits {
    type Error = String;
    fn try_from(bits: u8) -> Result<Self, String> {
        match bits {
            8 => Ok(Self::Eight),
            16 => Ok(Self::Sixteen),
            other => Err(format!("weight width {other}: must be 8 or 16 bits")),
        }
    }
}

impl From<WeightBits> for u8 {
    fn from(bits: WeightBits) -> u8 {
        bits.bits() as u8
    }
}

/// What a configuration of the engine can hold and how fast its clock is. A board file states it, a board
/// reports it on connect, and a network is held against it by [`crate::Layout::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Weight columns processed in a cycle; rows are padded to a multiple of it.
    pub lanes: u16,
    /// Width of a weight.
    pub weight_bits: WeightBits,
    /// Weights the memory holds, padding included.
    pub synapses: u32,
    /// Neurons of all layers together, padding included.
    pub neurons: u32,
    /// Input locations (weight traces) of all layers together.
    pub inputs: u32,
    /// Neurons of the output layer: each has a spike count and a membrane sum.
    pub classes: u32,
    /// Layer descriptors.
    pub layers: u16,
    /// Clock of the engine in Hz.
    pub clock_hz: u32,
}

impl Capacity {
    /// What the first neuron and the first input location of a layer are aligned to: a layer begins with a word of lanes
    /// and with a word of a bitmap. A power of two wherever the lanes are one.
    pub fn alignment(&self) -> u16 {
        self.lanes.max(BITMAP_WORD_BITS).next_multiple_of(self.lanes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_weight_widths_are_refused_with_the_value_seen() {
        assert_eq!(WeightBits::try_from(12).unwrap_err(), "weight width 12: must be 8 or 16 bits");
        assert_eq!(WeightBits::try_from(16), Ok(WeightBits::Sixteen));
    }
}
