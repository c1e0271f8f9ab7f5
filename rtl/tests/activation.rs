//! The activation on chip against `arch`: which tables are legal, and what the engine's layer table then holds.
//!
//! ```text
//!   descriptors, right or with one word changed ──> Activation ──> legal? layer table
//!                                               └─> Layout::network, record ──> the same
//! ```

use std::collections::BTreeMap;

use arch::descriptor::DESCRIPTOR_WORDS;
use arch::network::{Layer, Learn, Shape, Shifts, Updates};
use arch::{Capacity, Descriptor, Layout, Network, Surrogate, WeightBits};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::activation::{Activation, FEATURES};
use rtl::configurations::{ICEBREAKER, SIMULATED_W16, small};
use rtl::record::{LEAK_WORD, RECORD_WORDS, record};
use rtl::step::Stepper;

type Table = Vec<u16>;

/// What a table comes to: the words of the layer table by address, first inputs, last outputs.
type Verdict = Option<(BTreeMap<usize, u16>, u32, u32)>;

/// What `arch` says.
fn wanted(table: &Table, layers: usize, capacity: &Capacity) -> Verdict {
    let (records, _) = table.as_chunks::<DESCRIPTOR_WORDS>();
    let decode = |words| Descriptor::decode(words, capacity.weight_bits).ok();
    let descriptors: Option<Vec<Descriptor>> = records[..layers].iter().map(decode).collect();
    let descriptors = descriptors.filter(|d| Layout::network(d, capacity).is_ok())?;
    if descriptors.iter().any(|d| d.features() & !FEATURES != 0) {
        return None;
    }
    let mut words = BTreeMap::new();
    for (at, descriptor) in descriptors.iter().enumerate() {
        let record = record(descriptor, 0, capacity);
        words.extend((0..LEAK_WORD).map(|word| (at * RECORD_WORDS + word, record[word])));
    }
    Some((words, descriptors[0].input.size(), descriptors[layers - 1].output.size()))
}

/// The activation of a capacity, behind what the test needs of its ports.
struct Bench<const WA: usize, const TA: usize, const DA: usize, const NX: usize, const SW: usize> {
    stepper: Stepper<Activation<WA, TA, DA, NX, SW>>,
}

impl<const WA: usize, const TA: usize, const DA: usize, const NX: usize, const SW: usize>
    Bench<WA, TA, DA, NX, SW>
{
    fn new(capacity: &Capacity) -> Self {
        Self { stepper: Stepper::new(Activation::new(capacity), |b| &mut b.clock) }
    }

    fn verdict(&mut self, table: &Table, layers: usize) -> Verdict {
        let bench = &mut self.stepper;
        let mut written = BTreeMap::new();
        bench.start.next = true;
        bench.layers.next = (layers as u64).into();
        for _ in 0..1_000_000 {
            bench.settle().unwrap();
            let read = bench.read.val().then(|| bench.address.val().index());
            if bench.write.val() {
                let address = bench.write_address.val().index();
                written.insert(address, bench.write_data.val().to_u64() as u16);
            }
            let (done, legal) = (bench.done.val(), bench.legal.val());
            bench.edge().unwrap();
            bench.start.next = false;
            if let Some(address) = read {
                bench.word.next = u64::from(table[address]).into();
            }
            if done {
                bench.settle().unwrap();
                let ends = (bench.inputs.val().to_u64() as u32, bench.outputs.val().to_u64() as u32);
                return legal.then_some((written, ends.0, ends.1));
            }
        }
        panic!("no end");
    }
}

/// A network whose sizes are often at a limit of the capacity.
fn network(random: &mut ChaCha8Rng, capacity: &Capacity) -> Network {
    let layers = random.random_range(1..=usize::from(capacity.layers).min(4));
    let most = |bound: u32, random: &mut ChaCha8Rng| match random.random_range(0..6) {
        0 => bound,
        1 => bound + 1,
        _ => random.random_range(1..=bound / 3),
    };
    let mut shapes = vec![if random.random() {
        Shape { channels: 2, height: random.random_range(1..8), width: random.random_range(1..8) }
    } else {
        Shape::flat(most(capacity.inputs, random) as u16)
    }];
    shapes.extend((1..layers).map(|_| Shape::flat(most(capacity.neurons, random) as u16)));
    shapes.push(Shape::flat(most(capacity.classes, random) as u16));
    let range = |range: std::ops::RangeInclusive<u8>, random: &mut ChaCha8Rng| random.random_range(range);
    let layer = |pair: &[Shape], random: &mut ChaCha8Rng| Layer {
        input: pair[0],
        output: pair[1],
        weight_fraction_bits: range(capacity.weight_bits.fraction_bits(), random),
        surrogate: if random.random() { Surrogate::Shift } else { Surrogate::Rectangle },
        learn: Learn {
            weights: random.random(),
            thresholds: random.random(),
            leaks: random.random(),
            traces: random.random(),
        },
        shifts: Shifts {
            weight: range(arch::descriptor::weight_shifts(capacity.weight_bits, Updates::Online), random),
            threshold: range(arch::descriptor::THRESHOLD_SHIFTS, random),
            leak: range(arch::descriptor::LEAK_SHIFTS, random),
        },
    };
    Network {
        weight_bits: capacity.weight_bits,
        updates: Updates::Online,
        layers: shapes.windows(2).map(|pair| layer(pair, random)).collect(),
    }
}

/// The descriptors of a network, also of one that does not fit.
fn descriptors(network: &Network, capacity: &Capacity) -> Table {
    let boundless = Capacity {
        synapses: u32::MAX,
        neurons: u32::MAX,
        inputs: u32::MAX,
        classes: u32::MAX,
        layers: u16::MAX,
        ..capacity.clone()
    };
    let layout = Layout::new(network, &boundless).expect("a network that a boundless engine holds");
    let mut table: Table = layout.descriptors.iter().flat_map(|d| d.encode()).collect();
    table.resize(usize::from(capacity.layers) * DESCRIPTOR_WORDS, 0);
    table
}

/// Right tables, tables of networks that are too large, and every word of right ones changed. Returns how many of each were legal and not.
fn compare<const WA: usize, const TA: usize, const DA: usize, const NX: usize, const SW: usize>(
    capacity: &Capacity,
    networks: usize,
    bends: impl Fn(&mut Table),
) -> Result<[usize; 2], String> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut bench = Bench::<WA, TA, DA, NX, SW>::new(capacity);
    let mut seen = [0; 2];
    let mut check = |table: &Table, layers: usize, what: &str| {
        let wanted = wanted(table, layers, capacity);
        seen[usize::from(wanted.is_none())] += 1;
        let mut bent = table.clone();
        bends(&mut bent);
        match bench.verdict(&bent, layers) {
            got if got == wanted => Ok(()),
            got => Err(format!("{what}, {layers} layers: {got:?}, wanted {wanted:?}")),
        }
    };
    for number in 0..networks {
        let network = network(&mut random, capacity);
        let layers = network.layers.len();
        let table = descriptors(&network, capacity);
        check(&table, layers, &format!("network {number}"))?;
        for word in 0..layers * DESCRIPTOR_WORDS {
            // Some words of each: all are reached over the networks.
            if random.random_range(0..8) == 0 {
                let mut changed = table.clone();
                changed[word] = match random.random_range(0..5) {
                    0 => changed[word].wrapping_add(1),
                    1 => changed[word].wrapping_sub(1),
                    2 => changed[word] ^ 1 << random.random_range(0..16),
                    3 => random.random(),
                    _ => random.random_range(0..32),
                };
                check(&changed, layers, &format!("network {number}, word {word} {:#x}", changed[word]))?;
            }
        }
    }
    Ok(seen)
}

#[test]
fn small_tables_are_judged_as_arch_judges_them() {
    for weight_bits in [WeightBits::Eight, WeightBits::Sixteen] {
        let seen = compare::<10, 6, 7, 9, 12>(&small(4, weight_bits), 300, |_| {}).unwrap();
        assert!(seen.iter().all(|&count| count > 100), "legal and illegal: {seen:?}");
    }
}

#[test]
fn full_size_tables_are_judged_as_arch_judges_them() {
    let seen = compare::<14, 7, 8, 11, 16>(&ICEBREAKER.capacity(1), 40, |_| {}).unwrap();
    assert!(seen.iter().all(|&count| count > 10), "legal and illegal: {seen:?}");
    compare::<14, 7, 8, 11, 16>(&SIMULATED_W16.capacity(1), 10, |_| {}).unwrap();
}

#[test]
fn a_table_read_wrongly_is_noticed() {
    for word in 0..DESCRIPTOR_WORDS {
        let bends = |table: &mut Table| table[word] ^= 2;
        let error = compare::<10, 6, 7, 9, 12>(&small(4, WeightBits::Eight), 100, bends);
        assert!(error.is_err(), "word {word} read with a bit flipped");
    }
}
