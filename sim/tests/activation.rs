//! The activation on chip against `arch`: which tables are legal, and what the engine's layer table then holds.
//!
//! ```text
//!   descriptors, right or with one word changed ──> frames ──> Link ──> legal? layer table, inputs, outputs
//!                                               └─> Layout::network, record ──> the same
//! ```

use std::collections::BTreeMap;

use arch::descriptor::DESCRIPTOR_WORDS;
use arch::network::{Layer, Learn, Shape, Shifts, Updates};
use arch::packing::pack_step;
use arch::protocol::{Begin, Opcode, Status, Teacher};
use arch::registers::{Register, Space};
use arch::{Capacity, Descriptor, Identity, Layout, Network, Surrogate};
use driver::codec::{Decoder, Received, encode};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::configurations::{ICEBREAKER, SIMULATED_W16, SMALL_W8, SMALL_W16, Sizes};
use rtl::link::Link;
use rtl::program::FEATURES;
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
        let used = record.iter().enumerate().filter(|&(word, _)| word <= LAST_WORD && word != LEAK_WORD);
        words.extend(used.map(|(word, &value)| (at * RECORD_WORDS + word, value)));
    }
    Some((words, descriptors[0].input.size(), descriptors[layers - 1].output.size()))
}

/// Says nothing here.
const CLOCK_HZ: u32 = 24_000_000;

/// The last word of a record that is used.
const LAST_WORD: usize = 12;

/// The link of a capacity, behind frames; an engine that is never busy.
struct Bench<const TA: usize, const DA: usize, const IA: usize, const AM: usize, const NX: usize> {
    stepper: Stepper<Link<10, 11, TA, DA, IA, AM, NX>>,
    sequence: u8,
    /// What was written into the layer table.
    written: BTreeMap<usize, u16>,
    activated: bool,
    /// The descriptors on the board.
    table: Table,
}

impl<const TA: usize, const DA: usize, const IA: usize, const AM: usize, const NX: usize>
    Bench<TA, DA, IA, AM, NX>
{
    fn new(capacity: &Capacity) -> Self {
        let identity = Identity {
            build: 1,
            name: "under test".into(),
            features: FEATURES,
            capacity: capacity.clone(),
            max_payload: 508,
            window: 4,
            receive_buffer: 1024,
        };
        let stepper = Stepper::new(Link::new(&identity), |b| &mut b.clock);
        let table = vec![0; usize::from(capacity.layers) * DESCRIPTOR_WORDS];
        let mut bench = Self { stepper, sequence: 0, written: BTreeMap::new(), activated: false, table };
        assert_eq!(bench.ask(Opcode::Identify, &[1, 2, 3, 4]), Status::Ok);
        bench
    }

    /// The status of a frame's answer.
    fn ask(&mut self, opcode: Opcode, payload: &[u8]) -> Status {
        let mut wire = Vec::new();
        encode(self.sequence, opcode as u8, payload, &mut wire);
        self.sequence = self.sequence.wrapping_add(1);
        let mut input = wire.into_iter().flat_map(|byte| [Some(byte), None, None, None]);
        let (mut decoder, mut answer) = (Decoder::new(508), None);
        let bench = &mut self.stepper;
        for _ in 0..4_000_000 {
            let byte = input.next().flatten();
            bench.valid.next = byte.is_some();
            bench.data.next = u64::from(byte.unwrap_or(0)).into();
            bench.out_ready.next = true;
            bench.settle().unwrap();
            if bench.host_write.val() && bench.host_space.val().to_u64() == 1 {
                let address = bench.host_address.val().index();
                self.written.insert(address, bench.host_data.val().to_u64() as u16);
            }
            self.activated |= bench.activate.val();
            let out = bench.out_valid.val().then(|| bench.out_data.val().to_u64() as u8);
            bench.edge().unwrap();
            if let Some(byte) = out
                && let Some(Received::Frame(frame)) = decoder.next(&mut &[byte][..])
            {
                answer = Some(frame.payload[0]);
            }
            if answer.is_some() && !bench.busy.val() {
                break;
            }
        }
        Status::from_code(answer.expect("an answer")).expect("a status")
    }

    fn write(&mut self, space: Space, address: u32, bytes: impl IntoIterator<Item = u8>) -> Status {
        let head = [space as u8].into_iter().chain(address.to_le_bytes());
        let payload: Vec<u8> = head.chain(bytes).collect();
        self.ask(Opcode::Write, &payload)
    }

    /// What the board makes of a table; what differs from the one before goes there.
    fn verdict(&mut self, table: &Table, layers: usize) -> Verdict {
        let before = std::mem::replace(&mut self.table, table.clone());
        for at in (0..table.len()).step_by(8).filter(|&at| table[at..][..8] != before[at..][..8]) {
            let bytes = table[at..][..8].iter().flat_map(|word| word.to_le_bytes());
            assert_eq!(self.write(Space::Descriptors, at as u32, bytes), Status::Ok);
        }
        self.written.clear();
        self.activated = false;
        let status = self.write(Space::Registers, Register::Network as u32, (layers as u32).to_le_bytes());
        assert_eq!(self.stepper.collisions(), 0);
        assert_eq!(self.activated, status == Status::Ok);
        if status != Status::Ok {
            assert_eq!(status, Status::BadDescriptor);
            assert_eq!(self.begin(0), Status::NoNetwork);
            return None;
        }
        let written = std::mem::take(&mut self.written);
        Some((written, self.inputs(), self.outputs()))
    }

    fn begin(&mut self, label: u16) -> Status {
        let begin = Begin { teacher: Teacher::Nobody, label, steps: 1, first_loss_step: 0 };
        self.ask(Opcode::Begin, &begin.encode())
    }

    /// The events that are taken lie below these.
    fn inputs(&mut self) -> u32 {
        assert_eq!(self.begin(0), Status::Ok);
        let inputs = self.first_refused(|bench, input| {
            let mut packed = Vec::new();
            pack_step([input], &mut packed);
            // Refused for the second step, or for the event.
            packed.push(arch::packing::END_OF_STEP);
            bench.ask(Opcode::Events, &packed) == Status::StepCount
        });
        assert_eq!(self.ask(Opcode::Abandon, &[]), Status::Ok);
        inputs
    }

    /// The labels that are taken lie below these.
    fn outputs(&mut self) -> u32 {
        self.first_refused(|bench, label| {
            let taken = bench.begin(label as u16) == Status::Ok;
            if taken {
                assert_eq!(bench.ask(Opcode::Abandon, &[]), Status::Ok);
            }
            taken
        })
    }

    fn first_refused(&mut self, mut taken: impl FnMut(&mut Self, u32) -> bool) -> u32 {
        let (mut low, mut high) = (0, 1 << 12);
        while low < high {
            let middle = u32::midpoint(low, high);
            if taken(self, middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A network whose sizes are often at a limit of the capacity.
fn network(random: &mut ChaCha8Rng, capacity: &Capacity) -> Network {
    let layers = random.random_range(1..=usize::from(capacity.layers).min(4));
    let most = |bound: u32, random: &mut ChaCha8Rng| match random.random_range(0..6) {
        0 => bound,
        1 => bound + 1,
        _ => random.random_range(1..=bound / 8),
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

/// Right tables, tables of networks that are too large, and some words of each changed. Returns how many were legal and how many not.
fn compare<const TA: usize, const DA: usize, const IA: usize, const AM: usize, const NX: usize>(
    capacity: &Capacity,
    networks: usize,
    bends: impl Fn(&mut Table),
) -> Result<[usize; 2], String> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut bench = Bench::<TA, DA, IA, AM, NX>::new(capacity);
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

fn small_tables(built: Sizes) {
    let seen = compare::<6, 7, 7, 3, 9>(&built.capacity(CLOCK_HZ), 30, |_| {}).unwrap();
    println!("legal and illegal: {seen:?}");
    assert!(seen.iter().all(|&count| count > 8), "legal and illegal: {seen:?}");
}

#[test]
fn small_tables_are_judged_as_arch_judges_them() {
    small_tables(SMALL_W8);
}

#[test]
fn so_are_those_of_two_byte_weights() {
    small_tables(SMALL_W16);
}

#[test]
fn full_size_tables_are_judged_as_arch_judges_them() {
    let seen = compare::<7, 8, 10, 6, 11>(&ICEBREAKER.capacity(1), 4, |_| {}).unwrap();
    assert!(seen.iter().all(|&count| count > 0), "legal and illegal: {seen:?}");
    compare::<7, 8, 10, 6, 11>(&SIMULATED_W16.capacity(1), 2, |_| {}).unwrap();
}

#[test]
fn a_table_read_wrongly_is_noticed() {
    for word in 0..DESCRIPTOR_WORDS {
        let bends = |table: &mut Table| table[word] ^= 2;
        let error = compare::<6, 7, 7, 3, 9>(&SMALL_W8.capacity(CLOCK_HZ), 100, bends);
        assert!(error.is_err(), "word {word} read with a bit flipped");
    }
}
