//! The register and memory map: every address space, its elements, access and reset value.
//!
//! The RTL's decode, the driver and the docs page `docs/registers.md` are made from these tables.

use crate::capacity::{Capacity, WeightBits};
use crate::descriptor::DESCRIPTOR_WORDS;
use crate::formats::{LEAK_MAX, THRESHOLD_MAX};
use crate::noise::RESET_SEED;

/// What the host may do with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read.
    ReadOnly,
    /// Read and write.
    ReadWrite,
    /// Write.
    WriteOnly,
}

/// An address space. Addresses count elements, not bytes; elements travel little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Space {
    /// [`Register`]s.
    Registers = 0,
    /// Layer descriptors, [`DESCRIPTOR_WORDS`] words each.
    Descriptors = 1,
    /// Weights, rows padded to whole words of lanes.
    Weights = 2,
    /// Thresholds θ.
    Thresholds = 3,
    /// Leaks α, one a layer.
    Leaks = 4,
    /// Membranes after the reset, v = u − θ·s.
    Membranes = 5,
    /// Spikes of the last step.
    Spikes = 6,
    /// Weight traces w̃.
    WeightTraces = 7,
    /// Threshold traces, as magnitudes −θ̃.
    ThresholdTraces = 8,
    /// Leak traces α̃.
    LeakTraces = 9,
    /// Errors δ of the last step.
    Errors = 10,
    /// Spikes each output neuron fired in this sample, from the first step with a loss on.
    SpikeCounts = 11,
    /// Sum of each output neuron's membrane u over the same steps.
    MembraneSums = 12,
    /// Errors δ of the active network's output neurons at the step that ran last, from the host: writing them passes them down
    /// and learns. Neurons that a write leaves out have none.
    OutputErrors = 13,
}

/// One row of the memory map.
#[derive(Debug, Clone, Copy)]
pub struct SpaceInfo {
    /// The space.
    pub space: Space,
    /// Its name.
    pub name: &'static str,
    /// Element format, for people.
    pub element: &'static str,
    /// Access.
    pub access: Access,
    /// Every element's value after power-up, for people.
    pub reset: &'static str,
    /// What it holds.
    pub purpose: &'static str,
}

use Access::{ReadOnly, ReadWrite, WriteOnly};

/// The memory map in the order of the spaces' codes.
pub const SPACES: [SpaceInfo; 14] = [
    row(Space::Registers, "registers", "u32", ReadWrite, "see below", "identity, control, counters"),
    row(Space::Descriptors, "descriptors", "u16", ReadWrite, "0", "layer table, 32 words a layer"),
    row(Space::Weights, "weights", "i8 or i16", ReadWrite, "0", "weights, rows padded to the lanes"),
    row(Space::Thresholds, "thresholds", "i16, 8 fraction bits", ReadWrite, "4.0", "θ, one a neuron"),
    row(Space::Leaks, "leaks", "u16, 16 fraction bits", ReadWrite, "252/256", "α, one a layer"),
    row(
        Space::Membranes,
        "membranes",
        "i16, 8 fraction bits",
        ReadOnly,
        "0",
        "v = u − θ·s after the last step",
    ),
    row(Space::Spikes, "spikes", "u8, 0 or 1", ReadOnly, "0", "s of the last step"),
    row(
        Space::WeightTraces,
        "weight-traces",
        "u8, 5 fraction bits",
        ReadOnly,
        "0",
        "w̃, one an input location",
    ),
    row(Space::ThresholdTraces, "threshold-traces", "u8, 5 fraction bits", ReadOnly, "0", "−θ̃, one a neuron"),
    row(Space::LeakTraces, "leak-traces", "i16, 8 fraction bits", ReadOnly, "0", "α̃, one a neuron"),
    row(Space::Errors, "errors", "i8, 6 fraction bits", ReadOnly, "0", "δ of the last step"),
    row(
        Space::SpikeCounts,
        "spike-counts",
        "u16",
        ReadOnly,
        "0",
        "spikes of each class's output neuron in this sample",
    ),
    row(Space::MembraneSums, "membrane-sums", "i32, 8 fraction bits", ReadOnly, "0", "Σ u of the same"),
    row(
        Space::OutputErrors,
        "output-errors",
        "i8, 6 fraction bits",
        WriteOnly,
        "–",
        "δ of the output neurons from the host; writing them learns",
    ),
];

const fn row(
    space: Space,
    name: &'static str,
    element: &'static str,
    access: Access,
    reset: &'static str,
    purpose: &'static str,
) -> SpaceInfo {
    SpaceInfo { space, name, element, access, reset, purpose }
}

impl Space {
    /// The space of a code.
    pub fn from_code(code: u8) -> Option<Self> {
        SPACES.get(usize::from(code)).map(|info| info.space)
    }

    /// Its row of the map.
    pub fn info(self) -> &'static SpaceInfo {
        &SPACES[self as usize]
    }

    /// Bytes of one element.
    pub const fn element_bytes(self, weight_bits: WeightBits) -> usize {
        match self {
            Self::Registers | Self::MembraneSums => 4,
            Self::Weights => weight_bits.bytes(),
            Self::Spikes | Self::WeightTraces | Self::ThresholdTraces | Self::Errors | Self::OutputErrors => {
                1
            }
            _ => 2,
        }
    }

    /// Elements in a configuration of `capacity`; of output errors the active network has as many as it has outputs.
    pub const fn len(self, capacity: &Capacity) -> u32 {
        match self {
            Self::Registers => REGISTER_COUNT as u32,
            Self::Descriptors => capacity.layers as u32 * DESCRIPTOR_WORDS as u32,
            Self::Weights => capacity.synapses,
            Self::Leaks => capacity.layers as u32,
            Self::WeightTraces => capacity.inputs,
            Self::SpikeCounts | Self::MembraneSums | Self::OutputErrors => capacity.classes,
            _ => capacity.neurons,
        }
    }
}

/// Threshold after power-up: an engine that nobody configured does not fire.
pub const RESET_THRESHOLD: crate::formats::Membrane = THRESHOLD_MAX;
/// Leak after power-up.
pub const RESET_LEAK: crate::formats::Leak = LEAK_MAX;

/// A 32-bit register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Register {
    /// The bytes `STOP`.
    Magic = 0,
    /// ABI version, [`crate::protocol::ABI`].
    Abi,
    /// Identifies what was built.
    Build,
    /// Lanes.
    Lanes,
    /// Weight width.
    WeightBits,
    /// Weights the memory holds.
    Synapses,
    /// Neurons it holds.
    Neurons,
    /// Weight traces it holds.
    Inputs,
    /// Output neurons it scores.
    Classes,
    /// Layer descriptors it holds.
    Layers,
    /// Engine clock.
    ClockHz,
    /// What is built in, see [`features`].
    Features,
    /// Fraction bits: membrane, trace, error, φ from the lowest byte up.
    Formats,
    /// Longest payload of a frame.
    MaxPayload,
    /// Frames the host may have unanswered.
    Window,
    /// Bytes of unanswered frames, as they stand on the wire, that the receiver can hold.
    ReceiveBuffer,
    /// Board name, bytes 0 to 3.
    Name0,
    /// Board name, bytes 4 to 7.
    Name1,
    /// Board name, bytes 8 to 11.
    Name2,
    /// Board name, bytes 12 to 15.
    Name3,
    /// Layers of the active network. Writing n checks and activates the first n descriptors; 0 deactivates.
    Network,
    /// Seed of the stochastic rounding; never 0.
    Seed,
    /// Bit 0: a sample is open. Bits 8 to 15: steps left of it, at most 255 shown.
    Status,
    /// Writing 1 clears the counters below; reads 0.
    ClearCounters,
    /// Samples ended.
    Samples,
    /// Time steps run.
    Steps,
    /// Time steps run that learned.
    LearningSteps,
    /// Input events received.
    Events,
    /// Synapses integrated.
    Integrated,
    /// Upper half of the count above.
    IntegratedHigh,
    /// Synapses that carried an error back.
    BackPropagated,
    /// Upper half of the count above.
    BackPropagatedHigh,
    /// Synapses updated, δ·w̃ ≠ 0.
    Updated,
    /// Upper half of the count above.
    UpdatedHigh,
    /// Neuron visits: one a neuron and step.
    NeuronVisits,
    /// Upper half of the count above.
    NeuronVisitsHigh,
    /// Neuron visits in learning steps with a loss, that is, chances for δ ≠ 0.
    ErrorChances,
    /// Upper half of the count above.
    ErrorChancesHigh,
    /// Of those, how many had δ ≠ 0.
    Errors,
    /// Upper half of the count above.
    ErrorsHigh,
    /// Row words read to integrate.
    IntegrateWords,
    /// Upper half of the count above.
    IntegrateWordsHigh,
    /// Row words read (and written) to learn.
    LearnWords,
    /// Upper half of the count above.
    LearnWordsHigh,
    /// Cycles of commands outside passes: records of layers read, a sample cleared.
    CyclesControl,
    /// Upper half of the count above.
    CyclesControlHigh,
    /// Cycles of integrate passes.
    CyclesIntegrate,
    /// Upper half of the count above.
    CyclesIntegrateHigh,
    /// Cycles of the passes over neurons and traces.
    CyclesFire,
    /// Upper half of the count above.
    CyclesFireHigh,
    /// Cycles of learn passes.
    CyclesLearn,
    /// Upper half of the count above.
    CyclesLearnHigh,
    /// Cycles of the passes that update thresholds and leaks.
    CyclesUpdate,
    /// Upper half of the count above.
    CyclesUpdateHigh,
}

/// How many registers there are.
pub const REGISTER_COUNT: usize = Register::CyclesUpdateHigh as usize + 1;
/// Registers that the answer to an identify frame carries: all before [`Register::Network`].
pub const IDENTITY_REGISTERS: usize = Register::Network as usize;

/// One row of the register map.
#[derive(Debug, Clone, Copy)]
pub struct RegisterInfo {
    /// The register.
    pub register: Register,
    /// Its name.
    pub name: &'static str,
    /// Access.
    pub access: Access,
    /// Value after power-up; `None` where the configuration decides.
    pub reset: Option<u32>,
    /// What it holds.
    pub purpose: &'static str,
}

macro_rules! registers {
    ($($register:ident $name:literal $access:ident $reset:expr, $purpose:literal;)*) => {
        /// The register map in address order.
        pub const REGISTERS: [RegisterInfo; REGISTER_COUNT] = [$(RegisterInfo {
            register: Register::$register, name: $name, access: $access, reset: $reset, purpose: $purpose,
        }),*];
    };
}

registers! {
    Magic "magic" ReadOnly Some(MAGIC), "the bytes `STOP`";
    Abi "abi" ReadOnly Some(crate::protocol::ABI), "ABI version";
    Build "build" ReadOnly None, "identifies what was built";
    Lanes "lanes" ReadOnly None, "weight columns a cycle; rows are padded to it";
    WeightBits "weight_bits" ReadOnly None, "8 or 16";
    Synapses "synapses" ReadOnly None, "weights the memory holds, padding included";
    Neurons "neurons" ReadOnly None, "neurons it holds, padding included";
    Inputs "inputs" ReadOnly None, "weight traces it holds, padding included";
    Classes "classes" ReadOnly None, "output neurons it scores";
    Layers "layers" ReadOnly None, "layer descriptors it holds";
    ClockHz "clock_hz" ReadOnly None, "engine clock in Hz";
    Features "features" ReadOnly None, "bit 0 updates per sample, bit 1 rectangle surrogate, bit 2 triangle surrogate";
    Formats "formats" ReadOnly Some(FORMATS), "fraction bits of membrane, trace, error, φ, lowest byte first";
    MaxPayload "max_payload" ReadOnly None, "longest payload of a frame in bytes";
    Window "window" ReadOnly None, "frames the host may have unanswered";
    ReceiveBuffer "receive_buffer" ReadOnly None, "bytes on the wire of unanswered frames that the receiver holds";
    Name0 "name_0" ReadOnly None, "board name, bytes 0–3, padded with 0";
    Name1 "name_1" ReadOnly None, "bytes 4–7";
    Name2 "name_2" ReadOnly None, "bytes 8–11";
    Name3 "name_3" ReadOnly None, "bytes 12–15";
    Network "network" ReadWrite Some(0), "layers of the active network; writing checks the table and activates it";
    Seed "seed" ReadWrite Some(RESET_SEED), "state of the noise generator; 0 is refused";
    Status "status" ReadOnly Some(0), "bit 0 a sample is open; bits 8–15 its steps left, at most 255 shown";
    ClearCounters "clear_counters" ReadWrite Some(0), "writing 1 clears every counter below; reads 0";
    Samples "samples" ReadOnly Some(0), "samples ended";
    Steps "steps" ReadOnly Some(0), "time steps run";
    LearningSteps "learning_steps" ReadOnly Some(0), "of those, steps that learned";
    Events "events" ReadOnly Some(0), "input events taken";
    Integrated "integrated" ReadOnly Some(0), "synapses integrated, low word";
    IntegratedHigh "integrated_high" ReadOnly Some(0), "high word";
    BackPropagated "back_propagated" ReadOnly Some(0), "synapses that carried an error back (δ ≠ 0, φ open), low word";
    BackPropagatedHigh "back_propagated_high" ReadOnly Some(0), "high word";
    Updated "updated" ReadOnly Some(0), "synapses updated (δ ≠ 0, w̃ ≠ 0), low word";
    UpdatedHigh "updated_high" ReadOnly Some(0), "high word";
    NeuronVisits "neuron_visits" ReadOnly Some(0), "neurons × steps, low word";
    NeuronVisitsHigh "neuron_visits_high" ReadOnly Some(0), "high word";
    ErrorChances "error_chances" ReadOnly Some(0), "neurons × learning steps with a loss, low word";
    ErrorChancesHigh "error_chances_high" ReadOnly Some(0), "high word";
    Errors "errors" ReadOnly Some(0), "of those, δ ≠ 0, low word";
    ErrorsHigh "errors_high" ReadOnly Some(0), "high word";
    IntegrateWords "integrate_words" ReadOnly Some(0), "row words read to integrate, low word";
    IntegrateWordsHigh "integrate_words_high" ReadOnly Some(0), "high word";
    LearnWords "learn_words" ReadOnly Some(0), "row words visited to back-propagate or update, low word";
    LearnWordsHigh "learn_words_high" ReadOnly Some(0), "high word";
    CyclesControl "cycles_control" ReadOnly Some(0), "cycles of commands outside the passes below, low word; 0 where nothing has cycles";
    CyclesControlHigh "cycles_control_high" ReadOnly Some(0), "high word";
    CyclesIntegrate "cycles_integrate" ReadOnly Some(0), "cycles of integrate passes, low word";
    CyclesIntegrateHigh "cycles_integrate_high" ReadOnly Some(0), "high word";
    CyclesFire "cycles_fire" ReadOnly Some(0), "cycles of passes over neurons and traces, low word";
    CyclesFireHigh "cycles_fire_high" ReadOnly Some(0), "high word";
    CyclesLearn "cycles_learn" ReadOnly Some(0), "cycles of learn passes, low word";
    CyclesLearnHigh "cycles_learn_high" ReadOnly Some(0), "high word";
    CyclesUpdate "cycles_update" ReadOnly Some(0), "cycles of updates of thresholds and leaks, low word";
    CyclesUpdateHigh "cycles_update_high" ReadOnly Some(0), "high word";
}

/// The bytes `STOP`, read as a little-endian word.
pub const MAGIC: u32 = u32::from_le_bytes(*b"STOP");

/// What [`Register::Formats`] reads.
pub const FORMATS: u32 = {
    use crate::formats::{
        DELTA_FRACTION_BITS, MEMBRANE_FRACTION_BITS, PHI_FRACTION_BITS, TRACE_FRACTION_BITS,
    };
    MEMBRANE_FRACTION_BITS | TRACE_FRACTION_BITS << 8 | DELTA_FRACTION_BITS << 16 | PHI_FRACTION_BITS << 24
};

/// Bits of [`Register::Features`]: what a board computes beyond online updates and the shift surrogate.
pub mod features {
    /// Weights can be updated once a sample.
    pub const PER_SAMPLE_UPDATES: u32 = 1;
    /// The rectangle surrogate is built in.
    pub const RECTANGLE: u32 = 2;
    /// The triangle surrogate is built in.
    pub const TRIANGLE: u32 = 4;
    /// Everything there is.
    pub const ALL: u32 = PER_SAMPLE_UPDATES | RECTANGLE | TRIANGLE;

    /// Each with its name and what serves in its place.
    pub const NAMED: [(u32, &str, &str); 3] = [
        (PER_SAMPLE_UPDATES, "updates once a sample", "use online updates"),
        (RECTANGLE, "the rectangle surrogate", "use the shift surrogate"),
        (TRIANGLE, "the triangle surrogate", "use the shift surrogate"),
    ];
}

impl Register {
    /// Its address in [`Space::Registers`].
    pub const fn address(self) -> u32 {
        self as u32
    }

    /// Its row of the map.
    pub fn info(self) -> &'static RegisterInfo {
        &REGISTERS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_address_order() {
        for (address, info) in REGISTERS.iter().enumerate() {
            assert_eq!(info.register.address() as usize, address, "{}", info.name);
        }
        for (code, info) in SPACES.iter().enumerate() {
            assert_eq!(info.space as usize, code, "{}", info.name);
            assert_eq!(Space::from_code(code as u8), Some(info.space));
        }
        assert_eq!(Space::from_code(SPACES.len() as u8), None);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = REGISTERS.iter().map(|info| info.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), REGISTER_COUNT);
    }
}
