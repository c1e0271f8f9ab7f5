//! A host that says anything: mostly what a driver would, with samples to their end, else whatever frames can hold.

use std::collections::VecDeque;

use arch::network::{Layer, Learn, Shape, Shifts, Updates};
use arch::packing::pack_step;
use arch::protocol::{Begin, Opcode, Teacher};
use arch::registers::Space;
use arch::{Capacity, Layout, Network, Surrogate, WeightBits};
use driver::codec::encode;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

type Ask = (u8, Vec<u8>);

pub struct Host {
    pub random: ChaCha8Rng,
    capacity: Capacity,
    /// Number of the next frame.
    pub next: u8,
    session: u32,
    /// The last frames, as they went.
    sent: VecDeque<Vec<u8>>,
    /// What is to come of a sample.
    script: VecDeque<Ask>,
    /// Inputs and outputs of the layers of its one network: of another one, the virtual board leaves state where this has none.
    sizes: Vec<u16>,
}

impl Host {
    pub fn new(mut random: ChaCha8Rng, capacity: &Capacity) -> Self {
        let (sent, script) = Default::default();
        let depth = random.random_range(1..=3);
        let mut sizes: Vec<u16> = (0..=depth).map(|_| random.random_range(1..=16)).collect();
        sizes[0] = random.random_range(1..=48);
        let mut host = Self { random, capacity: capacity.clone(), next: 0, session: 1, sent, script, sizes };
        host.refused();
        host.network();
        host
    }

    /// What is refused, and seldom asked for below.
    fn refused(&mut self) {
        self.without_network();
        self.script.push_back((Opcode::Events as u8, Vec::new()));
        self.write(0, 21, vec![0; 4]);
        self.write(0, 20, vec![1, 0, 0, 0]);
        self.write(0, 20, vec![5, 0, 0, 0]);
        self.write(0, 20, vec![0; 4]);
        self.write(0, 0, vec![0; 4]);
        self.write(4, 3, vec![0xff, 0xff]);
    }

    fn without_network(&mut self) {
        let begin = Begin { teacher: Teacher::Label, label: 0, steps: 1, first_loss_step: 0 };
        self.script.push_back((Opcode::Begin as u8, begin.encode().to_vec()));
    }

    /// A portion of the wire, of at most 4 frames.
    pub fn portion(&mut self) -> Vec<u8> {
        let mut wire = Vec::new();
        for _ in 0..self.random.random_range(1..=4) {
            let frame = self.frame();
            if wire.len() + frame.len() > 1024 {
                break;
            }
            wire.extend(frame);
        }
        wire
    }

    /// Opens a new session: nothing else comes of what went before.
    pub fn reopen(&mut self) -> Vec<u8> {
        self.session += 1;
        let mut wire = vec![0];
        encode(self.next, Opcode::Identify as u8, &self.session.to_le_bytes(), &mut wire);
        self.next = self.next.wrapping_add(1);
        wire
    }

    fn frame(&mut self) -> Vec<u8> {
        let mut wire = Vec::new();
        match self.random.random_range(0..60) {
            0..=4 => {
                if let Some(frame) = self.sent.get(self.random.random_range(0..6)) {
                    return frame.clone();
                }
            }
            5 => return self.damaged(),
            6 => {
                return (0..self.random.random_range(0..20))
                    .map(|_| self.random.random())
                    .chain([0])
                    .collect();
            }
            7 => {
                let ask = self.anything();
                encode(self.random.random(), ask.0, &ask.1, &mut wire);
                return wire;
            }
            8 => {
                let length = self.random.random_range(505..516);
                let payload: Vec<u8> = (0..length).map(|_| self.random.random()).collect();
                encode(self.next, 3, &payload, &mut wire);
                if length <= 508 {
                    self.next = self.next.wrapping_add(1);
                }
                return wire;
            }
            9 => return self.reopen(),
            10 => {
                encode(self.next, 1, &self.session.to_le_bytes(), &mut wire);
                return wire;
            }
            11 => {
                encode(self.next, 1, &[1, 2, 3], &mut wire);
                return wire;
            }
            _ => {}
        }
        if self.script.is_empty() {
            self.plan();
        }
        let ask = match self.script.pop_front() {
            Some(ask) if self.random.random_bool(0.8) => ask,
            Some(ask) => {
                self.script.push_front(ask);
                self.anything()
            }
            None => self.anything(),
        };
        encode(self.next, ask.0, &ask.1, &mut wire);
        self.next = self.next.wrapping_add(1);
        self.sent.push_front(wire.clone());
        self.sent.truncate(6);
        wire
    }

    fn damaged(&mut self) -> Vec<u8> {
        let (mut wire, ask) = (Vec::new(), self.anything());
        encode(self.next, ask.0, &ask.1, &mut wire);
        let at = self.random.random_range(0..wire.len() - 1);
        match self.random.random_range(0..3) {
            0 => wire[at] ^= self.random.random_range(1..=255u8),
            1 => wire.truncate(at),
            _ => {
                wire.remove(at);
            }
        }
        wire
    }

    /// A network now and then, and a sample.
    fn plan(&mut self) {
        if self.random.random_bool(0.3) {
            self.write(0, 20, vec![0; 4]);
            self.without_network();
            self.network();
        }
        let (steps, first) = (self.random.random_range(1..6u16), self.random.random_range(0..3));
        let label = self.random.random_range(0..*self.sizes.last().expect("layers"));
        let teacher = [Teacher::Label, Teacher::Host, Teacher::Nobody][self.random.random_range(0..3)];
        let begin = Begin { teacher, label, steps, first_loss_step: first };
        self.script.push_back((Opcode::Begin as u8, begin.encode().to_vec()));
        if self.random.random_bool(0.2) {
            self.script.push_back((Opcode::Events as u8, vec![255]));
        }
        let mut packed = Vec::new();
        for _ in 0..steps {
            let density = self.random.random_range(0..4) as f64 / 6.0;
            let events: Vec<u32> =
                (0..self.sizes[0].into()).filter(|_| self.random.random_bool(density)).collect();
            pack_step(events, &mut packed);
        }
        while !packed.is_empty() {
            let length = self.random.random_range(0..=packed.len().min(200));
            self.script.push_back((Opcode::Events as u8, packed.drain(..length).collect()));
            // Often a step waits for them.
            if teacher == Teacher::Host && self.random.random_bool(0.7) {
                self.errors();
            }
        }
        self.script.push_back((Opcode::End as u8, Vec::new()));
    }

    fn network(&mut self) {
        let layer = |pair: &[u16]| Layer {
            input: Shape::flat(pair[0]),
            output: Shape::flat(pair[1]),
            weight_fraction_bits: if self.capacity.weight_bits == WeightBits::Eight { 6 } else { 12 },
            surrogate: Surrogate::Shift,
            learn: Learn::WTL,
            shifts: Shifts { weight: 10, threshold: 12, leak: 14 },
        };
        let layers: Vec<Layer> = self.sizes.windows(2).map(layer).collect();
        let depth = layers.len() as u32;
        let network = Network { weight_bits: self.capacity.weight_bits, updates: Updates::Online, layers };
        let layout = Layout::new(&network, &self.capacity).expect("small enough");
        let words = layout.descriptors.iter().flat_map(|d| d.encode());
        self.write(1, 0, words.flat_map(u16::to_le_bytes).collect());
        self.write(0, 20, depth.to_le_bytes().to_vec());
        let weights = (0..400).map(|_| self.random.random_range(0..60)).collect();
        self.write(2, 0, weights);
        let thresholds: Vec<u8> =
            (0..64).flat_map(|_| self.random.random_range(64..400u16).to_le_bytes()).collect();
        self.write(3, 0, thresholds);
    }

    /// Errors of outputs, seldom of one that there is not.
    fn errors(&mut self) {
        let outputs = u32::from(*self.sizes.last().expect("layers"));
        let first = if self.random.random_bool(0.5) { 0 } else { self.random.random_range(0..=outputs) };
        let count = outputs - first + u32::from(self.random.random_bool(0.1));
        let errors = (0..count).map(|_| if self.random.random_bool(0.3) { 0 } else { self.random.random() });
        let errors = errors.collect();
        self.write(Space::OutputErrors as u8, first, errors);
    }

    fn write(&mut self, space: u8, address: u32, bytes: Vec<u8>) {
        self.script.push_back((Opcode::Write as u8, access(space, address, bytes)));
    }

    /// A frame that may be legal.
    fn anything(&mut self) -> Ask {
        let random = &mut self.random;
        let lengths = [28, 128, 4096, 64, 4, 64, 64, 128, 64, 64, 64, 16, 16, 5, 5];
        let space = random.random_range(0..15u8);
        let length: u32 = lengths[usize::from(space)];
        let address = match random.random_range(0..12) {
            0 => random.random(),
            1 => length,
            2 => length.saturating_sub(1),
            _ => random.random_range(0..length),
        };
        match random.random_range(0..20) {
            0..=7 => {
                let most = if space == 0 { length.saturating_sub(address).max(1) } else { length };
                let count =
                    if random.random_bool(0.9) { random.random_range(0..=most) } else { random.random() };
                // The counters beyond those that the rig keeps stay unread.
                let count = if space == 0 && address < 28 { count.min(28 - address) } else { count };
                let count = if space == 0 && address >= 28 { 40_000 } else { count };
                (Opcode::Read as u8, access(space, address, (count as u16).to_le_bytes().to_vec()))
            }
            8..=12 => {
                let length = [0, 1, 2, 4, 8, 40][random.random_range(0..6)];
                let mut bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
                if matches!(space, 3 | 4) && random.random_bool(0.8) {
                    let high = if space == 3 { 0..4 } else { 0x80..0xfc };
                    bytes
                        .iter_mut()
                        .skip(1)
                        .step_by(2)
                        .for_each(|byte| *byte = random.random_range(high.clone()));
                    bytes.iter_mut().step_by(2).for_each(|byte| *byte |= 64);
                }
                let space = if space == 1 && random.random_bool(0.8) { 2 } else { space };
                (Opcode::Write as u8, access(space, address, bytes))
            }
            13 => {
                let register = random.random_range(19..25u32);
                let value = [0u32, 1, 1, 2, 3, 4, 5, 0x100, 77][random.random_range(0..9)];
                (Opcode::Write as u8, access(0, register, value.to_le_bytes().to_vec()))
            }
            14 => (
                Opcode::Begin as u8,
                (0..random.random_range(6..9)).map(|_| random.random_range(0..3)).collect(),
            ),
            15 => {
                let length = random.random_range(0..6);
                (Opcode::Events as u8, (0..length).map(|_| random.random_range(250..=255)).collect())
            }
            16 => (Opcode::End as u8, vec![0; random.random_range(0..2)]),
            17 => (Opcode::Abandon as u8, vec![0; usize::from(random.random_bool(0.5))]),
            18 => (random.random_range(2..=255), vec![0; random.random_range(0..8)]),
            _ => (Opcode::Read as u8, vec![3; random.random_range(0..10)]),
        }
    }
}

pub fn access(space: u8, address: u32, rest: Vec<u8>) -> Vec<u8> {
    [space].into_iter().chain(address.to_le_bytes()).chain(rest).collect()
}
