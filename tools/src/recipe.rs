//! A training run as the user states it, and the network it makes: formats and rates by fan-in.

use arch::descriptor::{LEAK_SHIFTS, THRESHOLD_SHIFTS, weight_shifts};
use arch::formats::{GRADIENT_FRACTION_BITS, LEAK_GRADIENT_FRACTION_BITS, Leak, MEMBRANE_FRACTION_BITS};
use arch::network::{Shifts, Topology};
use arch::{Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use serde::{Deserialize, Serialize};

/// How a network learns. `docs/accuracy.md` says where the defaults come from.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Learning")]
pub struct Recipe {
    /// What learns: no-trace, w, wt, wl or wtl
    #[arg(long, default_value = "wtl", value_name = "VARIANT")]
    pub learn: Learn,

    /// When weights change: at every time step, or once a recording
    #[arg(long, default_value = "online", value_parser = PossibleValuesParser::new(["online", "per-sample"])
        .map(|name| if name == "online" { Updates::Online } else { Updates::PerSample }))]
    pub updates: Updates,

    /// Learning rate of the weights: 2^-RATE a time step; several, by commas, go from the first layer on
    #[arg(long, default_value = "8", value_delimiter = ',', value_name = "RATE")]
    pub rate: Vec<u8>,

    /// How many powers of two the thresholds' rate lies below the weights'
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub threshold_rate: u8,

    /// How many powers of two the leaks' rate lies below the weights'
    #[arg(long, default_value_t = 6, value_name = "N")]
    pub leak_rate: u8,

    /// Parts of the run after which every rate halves
    #[arg(long, default_value = "0.4,0.7", value_delimiter = ',', value_name = "PART")]
    pub schedule: Vec<f64>,

    /// Surrogate derivative of the hidden layers: shift, rectangle or triangle
    #[arg(long, default_value = "shift", value_parser = PossibleValuesParser::new(["shift", "rectangle", "triangle"])
        .map(|name| surrogate_named(&name)))]
    pub surrogate: Surrogate,

    /// Let the output layer's thresholds and leak learn, too
    #[arg(long)]
    pub learn_output: bool,

    /// Scale of the initial weights: uniform within ±GAIN·√(3/fan-in)
    #[arg(long, default_value_t = 2.0, value_name = "GAIN")]
    pub gain: f64,

    /// Initial threshold of every neuron
    #[arg(long, default_value_t = 1.0, value_name = "THETA")]
    pub threshold: f64,

    /// Initial leak of every layer
    #[arg(long, default_value_t = 0.5, value_name = "ALPHA")]
    pub leak: f64,

    /// Fraction bits of the weights, from the first layer on; chosen by fan-in where absent
    #[arg(long, value_delimiter = ',', value_name = "BITS")]
    pub fraction_bits: Vec<u8>,
}

fn surrogate_named(name: &str) -> Surrogate {
    Surrogate::NAMED.iter().find(|(known, _)| *known == name).map_or(Surrogate::Shift, |&(_, s)| s)
}

/// A recipe the engine's arithmetic cannot follow.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// A rate whose shift is out of range.
    #[error(
        "layer {layer}: a rate of 2^-{rate} for {what} means a shift of {shift}, outside {min} to {max}: \
         use a rate from {} to {}", (rate + (min - shift)).max(0), rate + (max - shift)
    )]
    Rate {
        /// Layer, from 1.
        layer: usize,
        /// Which parameters.
        what: &'static str,
        /// The rate asked for.
        rate: i32,
        /// The shift it would need.
        shift: i32,
        /// Smallest shift.
        min: i32,
        /// Largest shift.
        max: i32,
    },
    /// A real number out of its range.
    #[error("--{flag} {seen}: wanted {wanted}")]
    Value {
        /// The flag.
        flag: &'static str,
        /// Its value.
        seen: f64,
        /// What it may be.
        wanted: &'static str,
    },
    /// More values than layers.
    #[error("--{flag} has {seen} values, but the network has {layers} layers")]
    Surplus {
        /// The flag.
        flag: &'static str,
        /// Values given.
        seen: usize,
        /// Layers there are.
        layers: usize,
    },
}

/// The fraction bits a layer gets by its fan-in: an initial weight is worth some ±30 steps of eight bits, and 16-bit
/// weights have four bits more below that.
pub fn fraction_bits(fan_in: u32, weight_bits: WeightBits) -> u8 {
    let eight = (f64::from(fan_in).log2() / 2.0 + 3.3).round();
    let (below, range) = match weight_bits {
        WeightBits::Eight => (0.0, WeightBits::Eight.fraction_bits()),
        WeightBits::Sixteen => (3.0, WeightBits::Sixteen.fraction_bits()),
    };
    ((eight + below) as u8).clamp(*range.start(), *range.end())
}

impl Recipe {
    /// Checks what does not depend on the network.
    pub fn check(&self) -> Result<(), RecipeError> {
        let within = |flag, seen: f64, min: f64, max: f64, wanted| {
            if (min..=max).contains(&seen) { Ok(()) } else { Err(RecipeError::Value { flag, seen, wanted }) }
        };
        within("gain", self.gain, 0.0, 100.0, "0 to 100")?;
        within("threshold", self.threshold, 0.25, 4.0, "0.25 to 4, the range of a threshold")?;
        within("leak", self.leak, 0.0625, 0.984375, "0.0625 to 0.984375, the range of a leak")?;
        self.schedule
            .iter()
            .try_for_each(|&part| within("schedule", part, 0.0, 1.0, "parts of the run, 0 to 1"))
    }

    /// How often every rate has halved by `epoch` (from 0) of `epochs`.
    pub fn halvings(&self, epoch: u32, epochs: u32) -> u32 {
        let past = |part: &&f64| f64::from(epoch) >= **part * f64::from(epochs);
        self.schedule.iter().filter(past).count() as u32
    }

    /// The network to load for `epoch` (from 0) of `epochs`: rates halve at each part of the schedule.
    pub fn network(
        &self,
        topology: &Topology,
        weight_bits: WeightBits,
        epoch: u32,
        epochs: u32,
    ) -> Result<Network, RecipeError> {
        let halvings = self.halvings(epoch, epochs) as i32;
        let layers = topology.layers.len();
        for (flag, seen) in [("rate", self.rate.len()), ("fraction-bits", self.fraction_bits.len())] {
            if seen > layers {
                return Err(RecipeError::Surplus { flag, seen, layers });
            }
        }
        let mut input = topology.input;
        let mut built = Vec::new();
        for (at, &size) in topology.layers.iter().enumerate() {
            let last = at + 1 == layers;
            let per_layer = |values: &[u8]| values.get(at).or(values.last()).copied();
            let bits =
                per_layer(&self.fraction_bits).unwrap_or_else(|| fraction_bits(input.size(), weight_bits));
            let rate = i32::from(per_layer(&self.rate).unwrap_or(8)) + halvings;
            let learn = if last && !self.learn_output {
                Learn { thresholds: false, leaks: false, ..self.learn }
            } else {
                self.learn
            };
            let output = Shape::flat(size);
            built.push(Layer {
                input,
                output,
                weight_fraction_bits: bits,
                surrogate: if last { Surrogate::Shift } else { self.surrogate },
                learn,
                shifts: self.shifts(at + 1, rate, bits, size, weight_shifts(weight_bits, self.updates))?,
            });
            input = output;
        }
        Ok(Network { weight_bits, updates: self.updates, layers: built })
    }

    fn shifts(
        &self,
        layer: usize,
        rate: i32,
        bits: u8,
        outputs: u16,
        weight_shifts: std::ops::RangeInclusive<u8>,
    ) -> Result<Shifts, RecipeError> {
        let gradient = GRADIENT_FRACTION_BITS as i32;
        let leak_gradient = LEAK_GRADIENT_FRACTION_BITS as i32;
        let neurons = f64::from(outputs).log2().round() as i32;
        let shift = |what, rate: i32, shift: i32, range: std::ops::RangeInclusive<u8>| {
            let (min, max) = (i32::from(*range.start()), i32::from(*range.end()));
            match u8::try_from(shift) {
                Ok(value) if range.contains(&value) => Ok(value),
                _ => Err(RecipeError::Rate { layer, what, rate, shift, min, max }),
            }
        };
        let threshold_rate = rate + i32::from(self.threshold_rate);
        let leak_rate = rate + i32::from(self.leak_rate);
        Ok(Shifts {
            weight: shift("weights", rate, gradient - i32::from(bits) + rate, weight_shifts)?,
            threshold: shift(
                "thresholds",
                threshold_rate,
                gradient - MEMBRANE_FRACTION_BITS as i32 + threshold_rate,
                THRESHOLD_SHIFTS,
            )?,
            leak: shift(
                "the leak",
                leak_rate,
                leak_gradient - Leak::FRAC_NBITS as i32 + leak_rate + neurons,
                LEAK_SHIFTS,
            )?,
        })
    }
}
