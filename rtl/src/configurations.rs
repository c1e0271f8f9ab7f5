//! Configurations: the widths that are built and tested, one list of sizes each.
//!
//! What a board holds is in its `board.toml`; a test holds the sizes here to it, because a type's widths are set when this is
//! compiled. The small ones are for lockstep with the model: few enough neurons that padding, several layers and full memories all
//! occur.

use crate::board::joined;
use crate::engine::Engine;
use crate::link::Link;
use crate::prelude::*;
use crate::uart::{UartReceiver, UartTransmitter};
use arch::{Capacity, WeightBits};

/// What a configuration holds, in powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// log2 of the lanes.
    pub lane_bits: usize,
    /// Bits of a weight.
    pub weight_bits: usize,
    /// log2 of the synapses.
    pub synapse_bits: usize,
    /// log2 of the neurons.
    pub neuron_bits: usize,
    /// log2 of the inputs.
    pub input_bits: usize,
    /// log2 of the classes; at least 6, because as much is beside their scores for the counters.
    pub class_bits: usize,
    /// log2 of the layers.
    pub layer_bits: usize,
    /// log2 of the bytes that the receiver holds.
    pub ring_bits: usize,
    /// Clocks a bit on the wire.
    pub divider: usize,
    /// log2 of the neurons that fire in a cycle, at most a quarter of the lanes and at most 2.
    pub fire_bits: usize,
    /// Registers between lanes and their sum, and twice as many between weights and lanes: 1 where a chip is large, else 0.
    pub stages: usize,
}

impl Sizes {
    const fn lanes(self) -> usize {
        1 << self.lane_bits
    }

    /// Bits of the second factor: a trace shifted left by up to 7 (8-bit weights) or 8 (16-bit weights) beside its sign.
    const fn factor_bits(self) -> usize {
        if self.weight_bits == 8 { 16 } else { 17 }
    }

    /// Bits of a sum of `w·δ` over all neurons.
    const fn error_bits(self) -> usize {
        self.weight_bits + 8 + self.neuron_bits
    }

    /// Address bits of the largest memory of state.
    const fn state_bits(self) -> usize {
        widest(&[self.neuron_bits, self.input_bits, self.neuron_bits - self.lane_bits + 2])
    }

    /// Neurons that fire in a cycle.
    const fn fires(self) -> usize {
        1 << self.fire_bits
    }

    /// Address bits of a bank of scores, of which the first one's other half holds 64 counters.
    const fn score_bits(self) -> usize {
        1 + widest(&[self.class_bits - self.fire_bits, 6])
    }

    /// Bits of a number of inputs or neurons, and of an input with an offset of a byte to it.
    const fn place_bits(self) -> usize {
        1 + widest(&[self.input_bits, self.neuron_bits, 8])
    }

    /// Bits that count the clocks of a bit.
    const fn divider_bits(self) -> usize {
        self.divider.ilog2() as usize + 1
    }

    /// Cycles from an engine's `host_read` of a weight to its `host_value`; of other elements it is 1.
    pub const fn weight_latency(self) -> usize {
        1 + 2 * self.stages
    }

    /// Longest payload: two frames fit the receiver, so that one travels while the other is executed.
    pub const fn most_payload(self) -> u32 {
        (1 << (self.ring_bits - 1)) - 4
    }

    /// What it holds, with the clock that is not part of its sizes.
    pub const fn capacity(self, clock_hz: u32) -> Capacity {
        Capacity {
            lanes: self.lanes() as u16,
            weight_bits: if self.weight_bits == 8 { WeightBits::Eight } else { WeightBits::Sixteen },
            synapses: 1 << self.synapse_bits,
            neurons: 1 << self.neuron_bits,
            inputs: 1 << self.input_bits,
            classes: 1 << self.class_bits,
            layers: 1 << self.layer_bits,
            clock_hz,
        }
    }
}

/// The most of some widths.
const fn widest(bits: &[usize]) -> usize {
    let (mut most, mut at) = (0, 0);
    while at < bits.len() {
        if bits[at] > most {
            most = bits[at];
        }
        at += 1;
    }
    most
}

/// The link of some sizes.
macro_rules! link {
    ($sizes:ident) => {
        Link<
            { $sizes.ring_bits },
            { $sizes.ring_bits + 1 },
            { $sizes.layer_bits + 4 },
            { $sizes.layer_bits + 5 },
            { $sizes.input_bits },
            { $sizes.input_bits - 4 },
            { $sizes.place_bits() },
        >
    };
}

/// `configuration!(docs, SIZES, Engine, Board, Core)`: the types of these sizes; the engine alone without `Board` and `Core`.
macro_rules! configuration {
    ($(#[$about:meta])* $sizes:ident, $engine:ident, $board:ident, $core:ident) => {
        configuration!($(#[$about])* $sizes, $engine);
        joined!(board, {
            $(#[$about])*
            $board,
            $engine,
            link!($sizes),
            UartReceiver<{ $sizes.divider }, { $sizes.divider_bits() }>,
            UartTransmitter<{ $sizes.divider }, { $sizes.divider_bits() }>
        });
        joined!(core, {
            $(#[$about])*
            $core,
            $engine,
            link!($sizes),
            $sizes.ring_bits + 1,
            1 << $sizes.ring_bits
        });
    };
    ($(#[$about:meta])* $sizes:ident, $engine:ident) => {
        $(#[$about])*
        pub type $engine = Engine<
            { $sizes.lanes() },
            { $sizes.lane_bits },
            { $sizes.weight_bits },
            { $sizes.weight_bits + 8 },
            { $sizes.factor_bits() },
            { 16 + $sizes.factor_bits() },
            { $sizes.weight_bits + 1 },
            { $sizes.error_bits() },
            { $sizes.neuron_bits },
            { $sizes.neuron_bits - $sizes.lane_bits },
            { $sizes.neuron_bits - $sizes.lane_bits + 1 },
            { $sizes.neuron_bits - $sizes.lane_bits + 2 },
            { $sizes.synapse_bits - $sizes.lane_bits },
            { $sizes.input_bits },
            { $sizes.class_bits },
            { $sizes.layer_bits + 4 },
            { widest(&[$sizes.synapse_bits - $sizes.lane_bits, $sizes.state_bits()]) },
            { $sizes.state_bits() },
            { $sizes.neuron_bits - 2 },
            { $sizes.input_bits - 4 },
            { widest(&[$sizes.input_bits - 3, $sizes.neuron_bits - 2]) },
            { $sizes.input_bits + 1 },
            { $sizes.fires() },
            { 4 * $sizes.fires() },
            { $sizes.neuron_bits - $sizes.fire_bits },
            { $sizes.score_bits() },
            { $sizes.stages },
        >;
    };
}

/// Those of the iCEBreaker.
pub const ICEBREAKER: Sizes = Sizes {
    lane_bits: 3,
    weight_bits: 8,
    synapse_bits: 17,
    neuron_bits: 8,
    input_bits: 10,
    class_bits: 7,
    layer_bits: 3,
    ring_bits: 9,
    divider: 8,
    fire_bits: 0,
    stages: 0,
};
/// Those of the HX8K breakout board.
pub const HX8K: Sizes = Sizes {
    lane_bits: 2,
    weight_bits: 8,
    synapse_bits: 12,
    neuron_bits: 6,
    input_bits: 9,
    class_bits: 6,
    layer_bits: 2,
    ring_bits: 9,
    divider: 14,
    fire_bits: 0,
    stages: 0,
};
/// Those of boards with an ECP5 of 24 thousand LUTs.
pub const ECP5_25F: Sizes = Sizes {
    lane_bits: 4,
    weight_bits: 8,
    synapse_bits: 16,
    neuron_bits: 8,
    input_bits: 11,
    class_bits: 7,
    layer_bits: 3,
    ring_bits: 10,
    divider: 20,
    fire_bits: 0,
    stages: 1,
};
/// Those of boards with an ECP5 of 85 thousand LUTs.
pub const ECP5_85F: Sizes = Sizes {
    lane_bits: 5,
    synapse_bits: 18,
    neuron_bits: 9,
    input_bits: 12,
    divider: 19,
    fire_bits: 2,
    ..ECP5_25F
};
/// Those of boards with an ECP5 of 12 thousand LUTs.
pub const ECP5_12F: Sizes = Sizes { lane_bits: 3, synapse_bits: 14, input_bits: 10, ..ECP5_25F };
/// 16-bit weights in place of the iCEBreaker's 8.
pub const SIMULATED_W16: Sizes = Sizes { weight_bits: 16, ..ICEBREAKER };
/// 16 lanes in place of its 8, and four neurons a cycle.
pub const SIMULATED_X16: Sizes = Sizes { lane_bits: 4, fire_bits: 2, ..ICEBREAKER };
/// Small, with 8-bit weights on 4 lanes.
pub const SMALL_W8: Sizes = Sizes {
    lane_bits: 2,
    weight_bits: 8,
    synapse_bits: 12,
    neuron_bits: 6,
    input_bits: 7,
    class_bits: 6,
    layer_bits: 2,
    ring_bits: 10,
    divider: 8,
    fire_bits: 0,
    stages: 0,
};
/// The same on 8 lanes, and two neurons a cycle.
pub const SMALL_X8: Sizes = Sizes { lane_bits: 3, fire_bits: 1, ..SMALL_W8 };
/// The same on 16 lanes, and four, with a large chip's registers.
pub const SMALL_X16: Sizes = Sizes { lane_bits: 4, fire_bits: 2, stages: 1, ..SMALL_W8 };
/// The same with 16-bit weights.
pub const SMALL_W16: Sizes = Sizes { weight_bits: 16, ..SMALL_W8 };

configuration!(
    /// The iCEBreaker's: 8 lanes of 8 bits, 131,072 synapses in four SPRAMs, 256 neurons, 1,024 inputs, 128 classes, 8 layers.
    ICEBREAKER, Icebreaker, IcebreakerBoard, IcebreakerCore
);
#[cfg(feature = "boards")]
configuration!(
    /// The HX8K breakout board's: 4 lanes of 8 bits, 4,096 synapses, 64 neurons, 512 inputs, 64 classes, 4 layers.
    HX8K, Hx8k, Hx8kBoard, Hx8kCore
);
#[cfg(feature = "boards")]
configuration!(
    /// The ECP5-25F's: 16 lanes of 8 bits, 65,536 synapses, 256 neurons, 2,048 inputs, 128 classes, 8 layers.
    ECP5_25F, Ecp5With25k, Ecp5With25kBoard, Ecp5With25kCore
);
#[cfg(feature = "boards")]
configuration!(
    /// The ECP5-12F's: 8 lanes of 8 bits, 16,384 synapses, 256 neurons, 1,024 inputs, 128 classes, 8 layers.
    ECP5_12F, Ecp5With12k, Ecp5With12kBoard, Ecp5With12kCore
);
#[cfg(feature = "boards")]
configuration!(
    /// The ECP5-85F's: 32 lanes of 8 bits, 262,144 synapses, 512 neurons, 4,096 inputs, 128 classes, 8 layers; four neurons a cycle.
    ECP5_85F, Ecp5With85k, Ecp5With85kBoard, Ecp5With85kCore
);
#[cfg(feature = "boards")]
configuration!(
    /// The iCEBreaker's with 16-bit weights.
    SIMULATED_W16, SimulatedW16, SimulatedW16Board, SimulatedW16Core
);
#[cfg(feature = "boards")]
configuration!(
    /// The same on 16 lanes of 8 bits, with four neurons a cycle.
    SIMULATED_X16, SimulatedX16, SimulatedX16Board, SimulatedX16Core
);
configuration!(
    /// 4 lanes of 8 bits, 4,096 synapses, 64 neurons, 128 inputs, 16 classes, 4 layers.
    SMALL_W8, Small4, SmallW8Board, SmallW8Core
);
configuration!(
    /// The same on 8 lanes, with two neurons a cycle.
    SMALL_X8, Small8
);
configuration!(
    /// The same on 16 lanes, with four.
    SMALL_X16, Small16
);
configuration!(
    /// 4 lanes of 16 bits.
    SMALL_W16, Small4Wide, SmallW16Board, SmallW16Core
);
