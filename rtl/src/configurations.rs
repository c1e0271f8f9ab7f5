//! Configurations: the engine at the widths that are built and tested.
//!
//! A board's widths follow from its `board.toml`; a test holds the two together. The small ones are for lockstep with the
//! model: few enough neurons that padding, several layers and full memories all occur.

use crate::engine::Engine;
use arch::{Capacity, WeightBits};

/// The iCEBreaker's: 8 lanes of 8 bits, 131,072 synapses in four SPRAMs, 256 neurons, 1,024 inputs, 256 classes, 8 layers.
pub type Icebreaker =
    Engine<8, 3, 8, 64, 8, 16, 16, 32, 9, 24, 8, 5, 6, 7, 14, 10, 8, 7, 14, 10, 6, 6, 7, 11>;
/// 4 lanes of 8 bits, 4,096 synapses, 64 neurons, 128 inputs, 16 classes, 4 layers.
pub type Small4 = Engine<4, 2, 8, 32, 4, 16, 16, 32, 9, 24, 6, 4, 5, 6, 10, 7, 4, 6, 10, 7, 4, 3, 4, 8>;
/// The same on 8 lanes.
pub type Small8 = Engine<8, 3, 8, 64, 8, 16, 16, 32, 9, 24, 6, 3, 4, 5, 9, 7, 4, 6, 9, 7, 4, 3, 4, 8>;
/// 4 lanes of 16 bits.
pub type Small4Wide = Engine<4, 2, 16, 64, 8, 24, 17, 33, 17, 34, 6, 4, 5, 6, 10, 7, 4, 6, 10, 7, 4, 3, 4, 8>;

/// What [`Small4`], [`Small8`] and [`Small4Wide`] hold.
pub fn small(lanes: u16, weight_bits: WeightBits) -> Capacity {
    Capacity {
        lanes,
        weight_bits,
        synapses: 4096,
        neurons: 64,
        inputs: 128,
        classes: 16,
        layers: 4,
        clock_hz: 24_000_000,
    }
}
