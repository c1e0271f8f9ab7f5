//! The layer descriptor: the fixed-size record of 16-bit words that the sequencer walks, one a layer.
//!
//! Only dense layers exist yet. The record already has room for convolutions, pooling and residual adds; a record
//! that asks for one is refused by name.

use serde::{Deserialize, Serialize};

use crate::capacity::WeightBits;
use crate::network::{Learn, Shape, Shifts, Updates};
use crate::registers::features;

/// Words of one descriptor.
pub const DESCRIPTOR_WORDS: usize = 32;

/// What a layer computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Every input to every neuron.
    Dense,
    /// K×K kernels over a channel-last map; not built yet.
    Convolution,
    /// Sum of two membrane inputs; not built yet.
    ResidualAdd,
}

/// Surrogate derivative φ(u − θ) of the spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surrogate {
    /// `2^−⌊|x|⌋` for |x| < 8, else 0: a shift, no multiplier.
    Shift,
    /// 1 for |x| < 1/2, else 0.
    Rectangle,
    /// `max(0, 1 − |x|)`.
    Triangle,
}

impl Surrogate {
    /// All, with the names of the command line, in the order of their codes.
    pub const NAMED: [(&'static str, Self); 3] =
        [("shift", Self::Shift), ("rectangle", Self::Rectangle), ("triangle", Self::Triangle)];
}

/// One layer as the engine sees it: its rule and where its rows, neurons and traces lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What it computes.
    pub kind: Kind,
    /// What learns.
    pub learn: Learn,
    /// When weights change.
    pub updates: Updates,
    /// Whether the label is compared with this layer's spikes.
    pub output_layer: bool,
    /// Where its input spikes come from: 0 the host's events, n the n-th layer (from 1).
    pub source: u16,
    /// Second source of a residual add; 0 in a dense layer.
    pub second_source: u16,
    /// Input shape.
    pub input: Shape,
    /// Kernel side, stride, padding and pooling shift of a convolution; 0 in a dense layer.
    pub window: [u16; 4],
    /// Output shape.
    pub output: Shape,
    /// Address of its first weight, a multiple of the lanes.
    pub row_base: u32,
    /// Address of its first neuron, a multiple of [`crate::Capacity::alignment`].
    pub neuron_base: u32,
    /// Address of its first weight trace, a multiple of the same.
    pub trace_base: u32,
    /// Fraction bits of its weights.
    pub weight_fraction_bits: u8,
    /// Surrogate derivative.
    pub surrogate: Surrogate,
    /// Learning-rate shifts.
    pub shifts: Shifts,
}

/// Range of [`Shifts::weight`]. The trace, shifted left by what a shift lacks to 16, is a lane's second factor: it must
/// be a 16-bit signed number beside 8-bit weights, whose devices multiply 16 by 16 bits.
pub const fn weight_shifts(weight_bits: WeightBits, updates: Updates) -> std::ops::RangeInclusive<u8> {
    match (updates, weight_bits) {
        (Updates::Online, WeightBits::Eight) => 9..=16,
        (Updates::Online, WeightBits::Sixteen) => 8..=16,
        (Updates::PerSample, _) => 0..=24,
    }
}
/// Range of [`Shifts::threshold`].
pub const THRESHOLD_SHIFTS: std::ops::RangeInclusive<u8> = 8..=24;
/// Range of [`Shifts::leak`].
pub const LEAK_SHIFTS: std::ops::RangeInclusive<u8> = 8..=31;

/// Word numbers within a descriptor.
mod word {
    pub const KIND: usize = 0;
    pub const FLAGS: usize = 1;
    pub const SOURCE: usize = 2;
    pub const SECOND_SOURCE: usize = 3;
    pub const INPUT: usize = 4;
    pub const WINDOW: usize = 7;
    pub const OUTPUT: usize = 11;
    pub const ROW_BASE: usize = 14;
    pub const NEURON_BASE: usize = 16;
    pub const TRACE_BASE: usize = 18;
    pub const FRACTION_BITS: usize = 20;
    pub const SURROGATE: usize = 21;
    pub const SHIFTS: usize = 22;
    pub const RESERVED: usize = 25;
}

/// Names of a descriptor's words in order, for the docs; `words` is how many 16-bit words the field takes.
pub const FIELDS: [(&str, usize, &str); 16] = [
    ("kind", 1, "1 dense; 2 convolution and 3 residual add are refused until they exist"),
    ("flags", 1, "bit 0 learn W, 1 learn θ, 2 learn α, 3 traces, 4 output layer, 5 update per sample"),
    ("source", 1, "0 the host's events, n the n-th layer"),
    ("second source", 1, "residual add; else 0"),
    ("input", 3, "channels, height, width"),
    ("window", 4, "kernel, stride, padding, pooling shift of a convolution; else 0"),
    ("output", 3, "channels, height, width"),
    ("row base", 2, "address of the first weight, low word first; a multiple of the lanes"),
    ("neuron base", 2, "address of the first neuron, low word first; a multiple of the lanes and of 16"),
    ("trace base", 2, "address of the first weight trace, low word first; a multiple of the lanes and of 16"),
    ("weight fraction bits", 1, "4 … 12 (8-bit weights) or 8 … 15 (16-bit weights)"),
    ("surrogate", 1, "0 shift, 1 rectangle, 2 triangle"),
    ("weight shift", 1, "9 … 16 (8-bit weights) or 8 … 16 (16-bit weights); 0 … 24 with updates per sample"),
    ("threshold shift", 1, "8 … 24"),
    ("leak shift", 1, "8 … 31"),
    ("reserved", 7, "0"),
];

/// A descriptor that the engine refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// Something known that is not built.
    #[error("{0} is not built: dense layers run, of the kinds that the board's features name")]
    NotBuilt(&'static str),
    /// A field with a value that means nothing.
    #[error("descriptor field `{field}` is {seen}: wanted {wanted}")]
    Field {
        /// Name of the field.
        field: &'static str,
        /// Its value.
        seen: u32,
        /// What it may be.
        wanted: String,
    },
}

impl Descriptor {
    /// What a board must have built in to run it: bits of [`crate::registers::features`].
    pub fn features(&self) -> u32 {
        needed(self.updates, self.surrogate)
    }

    /// The record's words.
    pub fn encode(&self) -> [u16; DESCRIPTOR_WORDS] {
        let mut words = [0; DESCRIPTOR_WORDS];
        words[word::KIND] = match self.kind {
            Kind::Dense => 1,
            Kind::Convolution => 2,
            Kind::ResidualAdd => 3,
        };
        let flags = [
            self.learn.weights,
            self.learn.thresholds,
            self.learn.leaks,
            self.learn.traces,
            self.output_layer,
            self.updates == Updates::PerSample,
        ];
        words[word::FLAGS] = flags.iter().enumerate().map(|(bit, &on)| u16::from(on) << bit).sum();
        words[word::SOURCE] = self.source;
        words[word::SECOND_SOURCE] = self.second_source;
        words[word::INPUT..][..3].copy_from_slice(&sides(self.input));
        words[word::WINDOW..][..4].copy_from_slice(&self.window);
        words[word::OUTPUT..][..3].copy_from_slice(&sides(self.output));
        for (at, base) in [
            (word::ROW_BASE, self.row_base),
            (word::NEURON_BASE, self.neuron_base),
            (word::TRACE_BASE, self.trace_base),
        ] {
            words[at] = base as u16;
            words[at + 1] = (base >> 16) as u16;
        }
        words[word::FRACTION_BITS] = self.weight_fraction_bits.into();
        words[word::SURROGATE] = self.surrogate as u16;
        words[word::SHIFTS] = self.shifts.weight.into();
        words[word::SHIFTS + 1] = self.shifts.threshold.into();
        words[word::SHIFTS + 2] = self.shifts.leak.into();
        words
    }

    /// Reads a record, checking every field against what an engine of this weight width accepts.
    pub fn decode(words: &[u16; DESCRIPTOR_WORDS], weight_bits: WeightBits) -> Result<Self, DescriptorError> {
        let kind = match words[word::KIND] {
            1 => Kind::Dense,
            2 => return Err(DescriptorError::NotBuilt("convolution")),
            3 => return Err(DescriptorError::NotBuilt("residual add")),
            seen => return Err(field("kind", seen, "1 (dense)")),
        };
        let flags = words[word::FLAGS];
        if flags >> 6 != 0 {
            return Err(field("flags", flags, "bits 0 to 5 only"));
        }
        let flag = |bit: u32| (flags >> bit) & 1 == 1;
        let learn = Learn { weights: flag(0), thresholds: flag(1), leaks: flag(2), traces: flag(3) };
        let updates = if flag(5) { Updates::PerSample } else { Updates::Online };
        if words[word::SECOND_SOURCE] != 0 {
            return Err(field("second source", words[word::SECOND_SOURCE], "0 in a dense layer"));
        }
        let window = [0, 1, 2, 3].map(|i| words[word::WINDOW + i]);
        if window[3] != 0 {
            return Err(DescriptorError::NotBuilt("pooling"));
        }
        if let Some(&seen) = window.iter().find(|&&side| side != 0) {
            return Err(field("window", seen, "0 in a dense layer"));
        }
        let surrogate = match Surrogate::NAMED.get(usize::from(words[word::SURROGATE])) {
            Some(&(_, surrogate)) => surrogate,
            None => return Err(field("surrogate", words[word::SURROGATE], "0, 1 or 2")),
        };
        if let Some(&seen) = words[word::RESERVED..].iter().find(|&&word| word != 0) {
            return Err(field("reserved", seen, "0"));
        }
        let weight_shifts = weight_shifts(weight_bits, updates);
        let base = |at: usize| u32::from(words[at]) | u32::from(words[at + 1]) << 16;
        Ok(Self {
            kind,
            learn,
            updates,
            output_layer: flag(4),
            source: words[word::SOURCE],
            second_source: 0,
            input: shape("input", &words[word::INPUT..])?,
            window,
            output: shape("output", &words[word::OUTPUT..])?,
            row_base: base(word::ROW_BASE),
            neuron_base: base(word::NEURON_BASE),
            trace_base: base(word::TRACE_BASE),
            weight_fraction_bits: within(
                "weight fraction bits",
                words[word::FRACTION_BITS],
                weight_bits.fraction_bits(),
            )?,
            surrogate,
            shifts: Shifts {
                weight: within("weight shift", words[word::SHIFTS], weight_shifts)?,
                threshold: within("threshold shift", words[word::SHIFTS + 1], THRESHOLD_SHIFTS)?,
                leak: within("leak shift", words[word::SHIFTS + 2], LEAK_SHIFTS)?,
            },
        })
    }
}

/// Bits of [`crate::registers::features`].
pub(crate) fn needed(updates: Updates, surrogate: Surrogate) -> u32 {
    let updates = match updates {
        Updates::Online => 0,
        Updates::PerSample => features::PER_SAMPLE_UPDATES,
    };
    let surrogate = match surrogate {
        Surrogate::Shift => 0,
        Surrogate::Rectangle => features::RECTANGLE,
        Surrogate::Triangle => features::TRIANGLE,
    };
    updates | surrogate
}

fn sides(shape: Shape) -> [u16; 3] {
    [shape.channels, shape.height, shape.width]
}

fn shape(name: &'static str, words: &[u16]) -> Result<Shape, DescriptorError> {
    let shape = Shape { channels: words[0], height: words[1], width: words[2] };
    let size: u64 = words[..3].iter().map(|&side| u64::from(side)).product();
    if (1..=65_535).contains(&size) {
        Ok(shape)
    } else {
        let seen = size.min(u64::from(u32::MAX)) as u32;
        Err(DescriptorError::Field { field: name, seen, wanted: "1 to 65535 locations".to_owned() })
    }
}

fn field(field: &'static str, seen: u16, wanted: &str) -> DescriptorError {
    DescriptorError::Field { field, seen: seen.into(), wanted: wanted.to_owned() }
}

fn within(name: &'static str, seen: u16, range: std::ops::RangeInclusive<u8>) -> Result<u8, DescriptorError> {
    match u8::try_from(seen) {
        Ok(value) if range.contains(&value) => Ok(value),
        _ => Err(field(name, seen, &format!("{} to {}", range.start(), range.end()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense() -> Descriptor {
        Descriptor {
            kind: Kind::Dense,
            learn: Learn::WTL,
            updates: Updates::Online,
            output_layer: true,
            source: 1,
            second_source: 0,
            input: Shape { channels: 2, height: 17, width: 17 },
            window: [0; 4],
            output: Shape::flat(200),
            row_base: 0x12_3458,
            neuron_base: 208,
            trace_base: 578,
            weight_fraction_bits: 8,
            surrogate: Surrogate::Triangle,
            shifts: Shifts { weight: 12, threshold: 16, leak: 21 },
        }
    }

    #[test]
    fn a_record_reads_back_as_written() {
        assert_eq!(Descriptor::decode(&dense().encode(), WeightBits::Eight), Ok(dense()));
    }

    #[test]
    fn field_table_covers_the_record() {
        assert_eq!(FIELDS.iter().map(|(_, words, _)| words).sum::<usize>(), DESCRIPTOR_WORDS);
    }

    #[test]
    fn layers_that_do_not_exist_yet_are_refused_by_name() {
        for (at, value, name) in [
            (word::KIND, 2, "convolution"),
            (word::KIND, 3, "residual add"),
            (word::WINDOW + 3, 1, "pooling"),
        ] {
            let mut words = dense().encode();
            words[at] = value;
            assert_eq!(Descriptor::decode(&words, WeightBits::Eight), Err(DescriptorError::NotBuilt(name)));
        }
    }

    #[test]
    fn fields_out_of_range_are_refused_with_both_values() {
        for (at, value, message) in [
            (word::KIND, 9, "`kind` is 9: wanted 1 (dense)"),
            (word::FLAGS, 0x80, "`flags` is 128"),
            (word::FRACTION_BITS, 13, "`weight fraction bits` is 13: wanted 4 to 12"),
            (word::SHIFTS, 7, "`weight shift` is 7: wanted 9 to 16"),
            (word::SURROGATE, 3, "`surrogate` is 3"),
            (word::INPUT, 0, "`input` is 0: wanted 1 to 65535 locations"),
            (31, 1, "`reserved` is 1"),
        ] {
            let mut words = dense().encode();
            words[at] = value;
            let error = Descriptor::decode(&words, WeightBits::Eight).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
