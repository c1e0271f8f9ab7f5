//! A wire on which nearly everything is wrong: the link answers as the virtual board, and nothing is written.
//!
//! Beside the link stand only memories for the parameters, no engine: no step ever runs.

use arch::network::{Layer, Learn, Shape, Shifts, Updates};
use arch::protocol::{Begin, Opcode, Status, Teacher};
use arch::registers::{RESET_LEAK, RESET_THRESHOLD, Space};
use arch::{Board, Layout, Network, Surrogate, WeightBits};
use driver::codec::encode;
use driver::transport::ByteDevice;
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rtl::link::Link;
use rtl::prelude::*;
use rtl::program::FEATURES;
use rtl::record::{LEAK_WORD, RECORD_WORDS};
use rtl::step::Stepper;
use sim::VirtualBoard;

use crate::rig::identity;

const INPUTS: u16 = 40;
const OUTPUTS: u16 = 5;

/// The link, and what a host may write.
struct Parameters {
    bench: Stepper<Link<10, 11, 6, 7, 7, 3, 9>>,
    weights: Vec<u16>,
    thresholds: Vec<u16>,
    table: Vec<u16>,
    writes: usize,
    seen: Vec<u8>,
}

impl Parameters {
    fn new(board: &Board) -> Self {
        let mut bench = Stepper::new(Link::new(&identity(board)), |b| &mut b.clock);
        bench.out_ready.next = true;
        bench.seed.next = Bits::wrapped(arch::noise::RESET_SEED.into());
        let capacity = board.engine.clone();
        Self {
            weights: vec![0; capacity.synapses as usize],
            thresholds: vec![RESET_THRESHOLD.to_bits() as u16; capacity.neurons as usize],
            table: vec![RESET_LEAK.to_bits(); usize::from(capacity.layers) * RECORD_WORDS],
            bench,
            writes: 0,
            seen: Vec::new(),
        }
    }

    fn memory(&mut self, space: u64) -> &mut [u16] {
        match space {
            1 => &mut self.table,
            2 => &mut self.weights,
            3 => &mut self.thresholds,
            _ => &mut [],
        }
    }

    fn cycle(&mut self) {
        self.bench.settle().expect("settles");
        if self.bench.out_valid.val() {
            self.seen.push(self.bench.out_data.val().to_u64() as u8);
        }
        let [reads, writes] = [self.bench.host_read.val(), self.bench.host_write.val()];
        let (space, mut at) = (self.bench.host_space.val().to_u64(), self.bench.host_address.val().index());
        let data = self.bench.host_data.val().to_u64() as u16;
        self.bench.edge().expect("settles");
        if space == 1 {
            // As the engine does it.
            at %= self.table.len();
        }
        if writes {
            self.memory(space)[at] = data;
            // The rest of a record comes of the activation.
            self.writes += usize::from(space != 1 || at % RECORD_WORDS == LEAK_WORD);
        }
        if reads {
            let value = self.memory(space).get(at).copied().unwrap_or(0);
            self.bench.host_value.next = u64::from(value).into();
        }
    }

    /// Until `wanted` bytes have come and, for a while, no more.
    fn exchange(&mut self, bytes: &[u8], wanted: usize) -> Vec<u8> {
        for &byte in bytes {
            self.bench.valid.next = true;
            self.bench.data.next = Bits::wrapped(byte.into());
            self.cycle();
            self.bench.valid.next = false;
            (0..3).for_each(|_| self.cycle());
        }
        for _ in 0..400_000 {
            if self.seen.len() >= wanted {
                break;
            }
            self.cycle();
        }
        (0..600).for_each(|_| self.cycle());
        assert_eq!(self.bench.collisions(), 0);
        std::mem::take(&mut self.seen)
    }
}

struct Hostile {
    random: ChaCha8Rng,
    next: u8,
    open: bool,
    frames: usize,
}

fn access(space: u8, address: u32, rest: &[u8]) -> Vec<u8> {
    [&[space], &address.to_le_bytes()[..], rest].concat()
}

fn begin(label: u16) -> Vec<u8> {
    Begin { teacher: Teacher::Label, label, steps: 3, first_loss_step: 1 }.encode().to_vec()
}

impl Hostile {
    /// The next frame in sequence.
    fn good(&mut self, opcode: Opcode, payload: &[u8], wire: &mut Vec<u8>) {
        encode(self.next, opcode as u8, payload, wire);
        self.next = self.next.wrapping_add(1);
        self.frames += 1;
    }

    /// One that is in sequence and whole, and refused.
    fn refused(&mut self, wire: &mut Vec<u8>) {
        let lengths = [44u32, 128, 4096, 64, 4, 64, 64, 128, 64, 64, 64, 16, 16];
        let space = self.random.random_range(0..13u8);
        let length = lengths[usize::from(space)];
        let beyond = match self.random.random_range(0..4) {
            0 => length + 1,
            1 => length + 0x100,
            2 => length | 0x0010_0000,
            _ => self.random.random_range(length + 1..=u32::MAX),
        };
        let some: Vec<u8> = (0..8).map(|_| self.random.random()).collect();
        let (opcode, payload) = match self.random.random_range(0..12) {
            0 => (Opcode::Read, access(space, beyond, &[1, 0])),
            1 => (Opcode::Read, access(space, length - 1, &[2, 0])),
            2 => (Opcode::Read, access(self.random.random_range(13..=255), 0, &[1, 0])),
            3 => (Opcode::Write, access(space, beyond, &some)),
            4 => (Opcode::Write, access(self.random.random_range(5..=12), 0, &some)),
            5 => (Opcode::Write, access(3, 3, &some[..7])),
            6 => (Opcode::Write, access(3, 0, &[0xff, 0xff, 0, 1])),
            7 => (Opcode::Write, access(0, 21, &[0; 4])),
            8 => (Opcode::Read, access(2, 0, &[0xfc, 0xff])),
            9 => (Opcode::Begin, begin(OUTPUTS)),
            10 => (Opcode::Begin, some),
            _ => (Opcode::Abandon, some),
        };
        self.good(opcode, &payload, wire);
    }

    /// In an open sample: begun twice, ended early, an event beyond the inputs, writes.
    fn refused_in_sample(&mut self, wire: &mut Vec<u8>) {
        let (opcode, payload) = match self.random.random_range(0..6) {
            0 => (Opcode::Begin, begin(0)),
            1 => (Opcode::End, Vec::new()),
            2 => (Opcode::Events, vec![0, 1, 0, self.random.random_range(INPUTS as u8..=252), 0]),
            3 => (Opcode::Events, vec![253, 253, 253, 0]),
            4 => (Opcode::Events, vec![3, 255, 0]),
            _ => (Opcode::Write, access(self.random.random_range(1..=4), 0, &[0, 1, 0, 1])),
        };
        self.good(opcode, &payload, wire);
    }

    /// What is no frame, or none that is due.
    fn bad(&mut self, wire: &mut Vec<u8>) {
        self.frames += 1;
        let start = wire.len();
        let length = self.random.random_range(0..12);
        let payload: Vec<u8> = (0..length).map(|_| self.random.random()).collect();
        // What it would do if it were taken is to be seen.
        let write = access(2, self.random.random_range(0..4096), &payload);
        match self.random.random_range(0..6) {
            0 => wire
                .extend((0..self.random.random_range(1..40)).map(|_| self.random.random::<u8>()).chain([0])),
            1 => {
                encode(self.next, Opcode::Write as u8, &write, wire);
                wire.truncate(self.random.random_range(start + 1..wire.len() - 1));
                wire.push(0);
            }
            2 => {
                let most = self.random.random_range(512..700);
                let long: Vec<u8> = (0..most).map(|_| self.random.random()).collect();
                encode(self.next, Opcode::Write as u8, &access(2, 0, &long), wire);
            }
            3 => {
                encode(self.next, Opcode::Write as u8, &write, wire);
                let at = self.random.random_range(start..wire.len() - 1);
                wire[at] ^= self.random.random_range(1..=255u8);
            }
            _ => {
                let number = self.next.wrapping_add(self.random.random_range(1..=251));
                encode(number, Opcode::Write as u8, &write, wire);
            }
        }
    }

    /// Bad frames, refused frames, and one that reads.
    fn portion(&mut self) -> Vec<u8> {
        let mut wire = Vec::new();
        if self.random.random_bool(0.2) {
            let opcode = if self.open { Opcode::Abandon } else { Opcode::Begin };
            let payload = if self.open { Vec::new() } else { begin(1) };
            self.good(opcode, &payload, &mut wire);
            self.open = !self.open;
        }
        while wire.len() < 250 {
            match self.random.random_range(0..4) {
                0 => self.refused(&mut wire),
                1 if self.open => self.refused_in_sample(&mut wire),
                2 if self.open => self.good(Opcode::Events, &[2, 0, 1], &mut wire),
                _ => self.bad(&mut wire),
            }
        }
        let space = self.random.random_range(2..=4u8);
        let address = self.random.random_range(0..4);
        self.good(Opcode::Read, &access(space, address, &[1, 0]), &mut wire);
        wire
    }
}

#[test]
fn nothing_that_is_wrong_is_executed() {
    let board = crate::board(WeightBits::Eight);
    let mut virtual_board = VirtualBoard::with_features(&board, FEATURES);
    let mut parameters = Parameters::new(&board);
    let mut both = |wire: &[u8], at: usize| {
        let mut want = Vec::new();
        virtual_board.exchange(wire, &mut want);
        let seen = parameters.exchange(wire, want.len());
        assert_eq!(crate::answers(&seen), crate::answers(&want), "portion {at}: {:?}", crate::answers(wire));
        assert_eq!(seen, want);
        (crate::answers(&want), parameters.writes)
    };
    let mut hostile = Hostile { random: ChaCha8Rng::seed_from_u64(17), next: 0, open: false, frames: 0 };
    let layer = Layer {
        input: Shape::flat(INPUTS),
        output: Shape::flat(OUTPUTS),
        weight_fraction_bits: 6,
        surrogate: Surrogate::Shift,
        learn: Learn::WTL,
        shifts: Shifts { weight: 10, threshold: 12, leak: 14 },
    };
    let network = Network { weight_bits: WeightBits::Eight, updates: Updates::Online, layers: vec![layer] };
    let layout = Layout::new(&network, &board.engine).expect("fits");
    let words: Vec<u8> =
        layout.descriptors.iter().flat_map(|d| d.encode()).flat_map(u16::to_le_bytes).collect();
    let weights: Vec<u8> = (0..200).map(|at| at as u8 | 1).collect();
    let mut wire = vec![0];
    for (opcode, payload) in [
        (Opcode::Identify, vec![1, 2, 3, 4]),
        (Opcode::Write, access(Space::Descriptors as u8, 0, &words)),
        (Opcode::Write, access(Space::Weights as u8, 0, &weights)),
        (Opcode::Write, access(Space::Thresholds as u8, 0, &[0, 1, 64, 1])),
        (Opcode::Write, access(Space::Leaks as u8, 1, &[0, 0x80])),
        (Opcode::Write, access(Space::Registers as u8, 20, &[1, 0, 0, 0])),
    ] {
        hostile.good(opcode, &payload, &mut wire);
    }
    let (answers, written) = both(&wire, 0);
    assert!(answers.iter().all(|answer| answer.2[0] == Status::Ok as u8), "{answers:?}");
    let mut at = 0;
    while hostile.frames < 3000 {
        at += 1;
        let wire = hostile.portion();
        let (answers, writes) = both(&wire, at);
        let last = answers.last().expect("the good frame is answered");
        assert_eq!((last.0, last.1, last.2[0]), (hostile.next.wrapping_sub(1), 0x82, 0), "portion {at}");
        assert_eq!(writes, written, "portion {at} wrote");
    }
    println!("{} frames, {at} portions, {} cycles", hostile.frames, parameters.bench.cycles());
    // The parameters, read back: again the same bytes.
    for space in [Space::Weights, Space::Thresholds, Space::Leaks] {
        let mut wire = Vec::new();
        let count = (space.len(&board.engine) as u16).min(200);
        hostile.good(Opcode::Read, &access(space as u8, 0, &count.to_le_bytes()), &mut wire);
        let mut want = Vec::new();
        virtual_board.exchange(&wire, &mut want);
        assert_eq!(parameters.exchange(&wire, want.len()), want);
    }
}
