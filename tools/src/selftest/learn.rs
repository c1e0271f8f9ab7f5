//! A few samples learned by the board and by the model, from the same parameters and noise: every memory compared after each.

use std::fmt;

use arch::network::{Shifts, Topology};
use arch::protocol::{Begin, SampleResult, Status, Teacher};
use arch::registers::{Space, features};
use arch::{Descriptor, Layer, Layout, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use driver::{Learner, Sample, Session, SessionError};
use model::fixed::{Engine, Initial, initial_parameters};

use super::kept::{Kept, after};
use super::{Fault, mixed};
use crate::interrupt::Interrupt;
use crate::recipe::fraction_bits;

/// The networks, the first that fits is taken.
const NETWORKS: [&str; 2] = ["48-20-5", "16-8-4"];
/// Time steps of the samples. After the first step nothing has come of an earlier one, so that a fault shows under its own name.
const STEPS: [u16; 5] = [1, 2, 3, 5, 12];
/// The samples' class.
const LABEL: u16 = 1;
/// State of the noise generator before the first.
const SEED: u32 = 0x5eed;

/// Low thresholds under large weights: much fires from the first step on.
const INITIAL: Initial = Initial { gain: 1.0, threshold: 0.5, leak: 0.9, seed: 1 };

/// What is compared, in the order in which a step computes it.
const COMPARED: [(Space, &str); 11] = [
    (Space::Membranes, "membrane"),
    (Space::Spikes, "spike"),
    (Space::ThresholdTraces, "threshold trace"),
    (Space::LeakTraces, "leak trace"),
    (Space::WeightTraces, "weight trace"),
    (Space::SpikeCounts, "spike count"),
    (Space::MembraneSums, "membrane sum"),
    (Space::Errors, "error"),
    (Space::Weights, "weight"),
    (Space::Thresholds, "threshold"),
    (Space::Leaks, "leak"),
];

/// What the networks are made with: the features that a board must have, and their name.
const VARIANTS: [(u32, Updates, Surrogate, &str); 4] = [
    (0, Updates::Online, Surrogate::Shift, "online"),
    (features::RECTANGLE, Updates::Online, Surrogate::Rectangle, "rectangle surrogate"),
    (features::TRIANGLE, Updates::Online, Surrogate::Triangle, "triangle surrogate"),
    (features::PER_SAMPLE_UPDATES, Updates::PerSample, Surrogate::Shift, "updates once a sample"),
];

/// The first value that is not the model's.
#[derive(Debug, thiserror::Error)]
#[error("{network}, after a sample of {steps} steps: {place} is {seen}, the model's {wanted}")]
pub struct Difference {
    network: String,
    steps: u16,
    place: String,
    seen: i64,
    wanted: i64,
}

/// How much was compared.
#[derive(Debug)]
pub struct Agreed {
    topology: &'static str,
    variants: Vec<&'static str>,
    /// Values that are the model's.
    values: u64,
}

impl fmt::Display for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let samples = STEPS.len() * self.variants.len();
        writeln!(
            f,
            "{}: {samples} samples learned, {} values as the model has them",
            self.topology, self.values
        )?;
        write!(f, "{}", self.variants.join(", "))
    }
}

/// Learns on both and compares. What the network overwrites is put back.
pub fn compare(session: &mut Session, interrupt: &Interrupt) -> Result<Agreed, Fault> {
    let weight_bits = session.identity().capacity.weight_bits;
    let mut refused = SessionError::NoNetwork;
    for topology in NETWORKS {
        let network = network(topology, weight_bits, Updates::Online, Surrogate::Shift);
        match session.fit(&network) {
            Ok(layout) => return kept(session, topology, &layout, interrupt),
            Err(error) => refused = error,
        }
    }
    Err(Fault::TooSmall(refused))
}

fn kept(
    session: &mut Session,
    topology: &'static str,
    layout: &Layout,
    interrupt: &Interrupt,
) -> Result<Agreed, Fault> {
    let layers = layout.descriptors.len() as u32;
    let words = Space::Descriptors.len(&session.identity().capacity);
    // The layout's needs are within the board's capacity, whose numbers are u32.
    let parts = [
        (Space::Descriptors, 0, words),
        (Space::Weights, 0, layout.needs.synapses as u32),
        (Space::Thresholds, 0, layout.needs.neurons as u32),
        (Space::Leaks, 0, layers),
    ];
    let kept = Kept::read(session, &parts)?;
    let mut agreed = Agreed { topology, variants: Vec::new(), values: 0 };
    let built_in = session.identity().features;
    let mut variants = VARIANTS.iter().filter(|(needed, ..)| needed & !built_in == 0);
    let outcome = variants.try_for_each(|&(_, updates, surrogate, name)| {
        if interrupt.requested() {
            return Err(Fault::Interrupted);
        }
        let weight_bits = session.identity().capacity.weight_bits;
        let network = network(topology, weight_bits, updates, surrogate);
        agreed.variants.push(name);
        learn(session, &network, &format!("{topology} ({name})"), &mut agreed)
    });
    let restored = kept.write_back(session);
    after(outcome, restored).map(|()| agreed)
}

/// A network that changes as much as it can from one sample.
pub fn network(topology: &str, weight_bits: WeightBits, updates: Updates, surrogate: Surrogate) -> Network {
    // The topologies are constants of this file, which a test reads.
    let topology: Topology = topology.parse().unwrap_or(Topology { input: Shape::flat(4), layers: vec![2] });
    let mut input = topology.input;
    let layer = |&size: &u16| {
        let output = Shape::flat(size);
        let layer = Layer {
            input,
            output,
            weight_fraction_bits: fraction_bits(input.size(), weight_bits),
            surrogate,
            learn: Learn::WTL,
            shifts: Shifts { weight: 9, threshold: 8, leak: 9 },
        };
        input = output;
        layer
    };
    Network { weight_bits, updates, layers: topology.layers.iter().map(layer).collect() }
}

/// About half of the inputs spike in each step.
fn sample(inputs: u32, steps: u16) -> Vec<Vec<u32>> {
    let spikes = |step: u16| move |input: &u32| mixed(input << 16 | u32::from(step)) & 1 == 1;
    (0..steps).map(|step| (0..inputs).filter(spikes(step)).collect()).collect()
}

fn learn(session: &mut Session, network: &Network, name: &str, agreed: &mut Agreed) -> Result<(), Fault> {
    let parameters = initial_parameters(network, &INITIAL);
    let identity = session.identity();
    let mut model = Engine::new(&identity.capacity).with_features(identity.features);
    let layout = session.fit(network)?;
    // What fits a board fits the model of it.
    let same = |status: Status| SessionError::Refused { what: "what the model refuses, too,", status };
    model.load(network).map_err(|_| same(Status::BadDescriptor))?;
    model.set_parameters(&parameters).map_err(same)?;
    model.set_seed(SEED).map_err(same)?;
    session.load_network(network)?;
    session.write_parameters(&parameters)?;
    session.set_seed(SEED)?;
    for steps in STEPS {
        let events = sample(network.inputs(), steps);
        let begin = Begin { teacher: Teacher::Label, label: LABEL, steps, first_loss_step: 0 };
        model.begin(begin).map_err(same)?;
        events.iter().try_for_each(|events| model.step(events)).map_err(same)?;
        let wanted = model.end().map_err(same)?;
        let packed = Sample::new(LABEL, 0, &events).map_err(|_| same(Status::BadEvent))?;
        let mut seen = None;
        session.run(&mut std::iter::once(&packed), true, &mut |_, result| {
            seen = Some(result);
            std::ops::ControlFlow::Continue(())
        })?;
        let differs = |place: String, seen: i64, wanted: i64| Difference {
            network: name.to_owned(),
            steps,
            place,
            seen,
            wanted,
        };
        for (layer, descriptor) in layout.descriptors.iter().enumerate() {
            for (space, what) in COMPARED {
                let Some((first, count)) = region(space, layer, descriptor, layout.row_pitch[layer]) else {
                    continue;
                };
                let seen = session.read(space, first, count)?;
                let mut wanted = Vec::new();
                model.read(space, first, count, &mut wanted).map_err(same)?;
                let width = space.element_bytes(network.weight_bits);
                let pairs = seen.chunks_exact(width).zip(wanted.chunks_exact(width));
                if let Some((at, (seen, wanted))) =
                    (0..).zip(pairs).find(|(_, (seen, wanted))| seen != wanted)
                {
                    let place = place(space, what, layer, at, layout.row_pitch[layer]);
                    return Err(differs(place, value(space, seen), value(space, wanted)).into());
                }
                agreed.values += u64::from(count);
            }
        }
        for (what, seen, wanted) in results(seen, wanted, session.seed()?, model.seed()) {
            if seen != wanted {
                return Err(differs(what.to_owned(), seen, wanted).into());
            }
            agreed.values += 1;
        }
    }
    Ok(())
}

/// What a board says of a sample beside its memories: what, its value, the model's.
fn results(
    seen: Option<SampleResult>,
    wanted: SampleResult,
    seed: u32,
    model_seed: u32,
) -> [(&'static str, i64, i64); 4] {
    // A sample that was run has a result; −1 is none's.
    let of = |value: fn(SampleResult) -> i64| (seen.map_or(-1, value), value(wanted));
    let prediction = of(|result| result.prediction.into());
    let spikes = of(|result| result.spikes.into());
    let wrong = of(|result| result.wrong_spikes.into());
    [
        ("the prediction", prediction.0, prediction.1),
        ("the spikes of the predicted class", spikes.0, spikes.1),
        ("the number of wrong spikes", wrong.0, wrong.1),
        ("the noise generator", seed.into(), model_seed.into()),
    ]
}

/// First element and elements of a layer; none where the memory is not of this layer.
fn region(space: Space, layer: usize, descriptor: &Descriptor, pitch: u32) -> Option<(u32, u32)> {
    let (inputs, outputs) = (descriptor.input.size(), descriptor.output.size());
    Some(match space {
        Space::Weights => (descriptor.row_base, inputs * pitch),
        Space::WeightTraces => (descriptor.trace_base, inputs),
        Space::Leaks => (layer as u32, 1),
        Space::SpikeCounts | Space::MembraneSums if !descriptor.output_layer => return None,
        Space::SpikeCounts | Space::MembraneSums => (0, outputs),
        _ => (descriptor.neuron_base, outputs),
    })
}

/// An element's name.
fn place(space: Space, what: &str, layer: usize, element: u32, pitch: u32) -> String {
    let layer = layer + 1;
    match space {
        Space::Weights => {
            let (input, neuron) = (element / pitch, element % pitch);
            format!("the {what} from input {input} to neuron {neuron} of layer {layer}")
        }
        Space::Leaks => format!("the {what} of layer {layer}"),
        Space::WeightTraces => format!("the {what} of input {element} of layer {layer}"),
        _ => format!("the {what} of neuron {element} of layer {layer}"),
    }
}

/// An element as a number.
fn value(space: Space, bytes: &[u8]) -> i64 {
    let unsigned = i64::from(super::bits(bytes));
    let signed = matches!(
        space,
        Space::Weights
            | Space::Thresholds
            | Space::Membranes
            | Space::LeakTraces
            | Space::Errors
            | Space::MembraneSums
    );
    let limit = 1i64 << (8 * bytes.len());
    if signed && unsigned >= limit / 2 { unsigned - limit } else { unsigned }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A comparison says something only of what happens: each memory takes another value than it began with, in every variant.
    #[test]
    fn the_samples_move_every_memory() {
        for (name, weight_bits) in [("icebreaker", WeightBits::Eight), ("simulated-w16", WeightBits::Sixteen)]
        {
            let capacity = arch::Board::named(name).unwrap().engine;
            for (topology, (_, updates, surrogate, variant)) in
                NETWORKS.iter().flat_map(|network| VARIANTS.map(|variant| (*network, variant)))
            {
                let network = network(topology, weight_bits, updates, surrogate);
                assert_eq!(network.layers.len(), topology.matches('-').count(), "{topology}");
                let layout = Layout::new(&network, &capacity).unwrap();
                let mut model = Engine::new(&capacity);
                model.load(&network).unwrap();
                model.set_parameters(&initial_parameters(&network, &INITIAL)).unwrap();
                model.set_seed(SEED).unwrap();
                let memory = |model: &Engine, space: Space| {
                    let mut bytes = Vec::new();
                    for (layer, descriptor) in layout.descriptors.iter().enumerate() {
                        if let Some((first, count)) =
                            region(space, layer, descriptor, layout.row_pitch[layer])
                        {
                            model.read(space, first, count, &mut bytes).unwrap();
                        }
                    }
                    bytes
                };
                let before = COMPARED.map(|(space, _)| memory(&model, space));
                let mut moved = [false; COMPARED.len()];
                for steps in STEPS {
                    let begin = Begin { teacher: Teacher::Label, label: LABEL, steps, first_loss_step: 0 };
                    model.begin(begin).unwrap();
                    sample(network.inputs(), steps).iter().for_each(|events| model.step(events).unwrap());
                    model.end().unwrap();
                    for (moved, ((space, _), before)) in moved.iter_mut().zip(COMPARED.iter().zip(&before)) {
                        *moved |= memory(&model, *space) != *before;
                    }
                }
                let still: Vec<&str> = COMPARED
                    .iter()
                    .zip(moved)
                    .filter(|(_, moved)| !moved)
                    .map(|((_, what), _)| *what)
                    .collect();
                assert!(still.is_empty(), "{name}, {topology}, {variant}: no {still:?} moves");
            }
        }
    }

    #[test]
    fn values_have_the_sign_of_their_format() {
        assert_eq!(value(Space::Weights, &[0xff]), -1);
        assert_eq!(value(Space::Weights, &[0x00, 0x80]), -32768);
        assert_eq!(value(Space::Spikes, &[0xff]), 255);
        assert_eq!(value(Space::Leaks, &[0xff, 0xff]), 65535);
        assert_eq!(value(Space::MembraneSums, &[0xfe, 0xff, 0xff, 0xff]), -2);
    }
}
