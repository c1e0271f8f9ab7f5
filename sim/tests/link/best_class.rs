//! The class that the link finds, over scores that an engine may hold.

use std::cmp::Reverse;

use super::{answers, board};
use crate::host::access;
use arch::network::{Layer, Learn, Shape, Shifts, Updates};
use arch::packing::END_OF_STEP;
use arch::protocol::{Begin, Opcode, SampleResult, Status, Teacher};
use arch::registers::{Register, Space};
use arch::{Network, Surrogate, WeightBits};
use driver::codec::encode;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rtl::bits::Bits;
use rtl::link::Link;
use rtl::step::Stepper;

const CLASSES: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Score {
    spikes: u16,
    sum: i32,
}

/// A link whose engine answers at once, with these scores.
struct Bench {
    link: Stepper<Link<10, 11, 6, 7, 7, 3, 9>>,
    scores: Vec<Score>,
    next: u8,
}

impl Bench {
    fn new() -> Self {
        let board = board(WeightBits::Eight);
        let link = Link::new(&board.identity(1, 0));
        let mut bench = Self { link: Stepper::new(link, |b| &mut b.clock), scores: Vec::new(), next: 0 };
        let layer = Layer {
            input: Shape::flat(16),
            output: Shape::flat(CLASSES as u16),
            weight_fraction_bits: 6,
            surrogate: Surrogate::Rectangle,
            learn: Learn::WTL,
            shifts: Shifts { weight: 10, threshold: 12, leak: 14 },
        };
        let network =
            Network { weight_bits: WeightBits::Eight, updates: Updates::Online, layers: vec![layer] };
        let layout = arch::Layout::new(&network, &board.engine).expect("fits");
        let words = layout.descriptors.iter().flat_map(|d| d.encode()).flat_map(u16::to_le_bytes).collect();
        bench.ask(Opcode::Identify, &[1, 0, 0, 0]);
        bench.ask(Opcode::Write, &access(Space::Descriptors as u8, 0, words));
        bench.ask(Opcode::Write, &access(Space::Registers as u8, Register::Network as u32, vec![1, 0, 0, 0]));
        bench
    }

    /// The answer's payload behind its status.
    fn ask(&mut self, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        encode(self.next, opcode as u8, payload, &mut wire);
        self.next = self.next.wrapping_add(1);
        let mut seen = Vec::new();
        for slot in wire.into_iter().flat_map(|byte| [Some(byte), None, None, None]).chain([None; 20]) {
            self.cycle(slot, &mut seen);
        }
        while self.link.busy.val() {
            self.cycle(None, &mut seen);
        }
        let [(_, _, payload)] = &answers(&seen)[..] else { panic!("one answer to {opcode:?}: {seen:?}") };
        assert_eq!(payload[0], Status::Ok as u8, "{opcode:?}");
        payload[1..].to_vec()
    }

    fn cycle(&mut self, byte: Option<u8>, seen: &mut Vec<u8>) {
        self.link.valid.next = byte.is_some();
        self.link.data.next = u64::from(byte.unwrap_or(0)).into();
        self.link.out_ready.next = true;
        self.link.wrong_spikes.next = 0x12_3456.into();
        self.link.settle().expect("settles");
        if self.link.out_valid.val() {
            seen.push(self.link.out_data.val().to_u64() as u8);
        }
        let (space, class) = (self.link.host_space.val().to_u64(), self.link.host_address.val().index());
        let value = match self.scores.get(class) {
            Some(score) if space == Space::SpikeCounts as u64 => score.spikes.into(),
            Some(score) if space == Space::MembraneSums as u64 => score.sum as u32,
            _ => 0xffff_ffff,
        };
        let read = self.link.host_read.val();
        self.link.edge().expect("settles");
        if read {
            self.link.host_value.next = Bits::wrapped(value.into());
        }
    }

    fn result(&mut self, scores: &[Score]) -> SampleResult {
        self.scores = scores.to_vec();
        let begin = Begin { teacher: Teacher::Nobody, label: 0, steps: 1, first_loss_step: 0 };
        self.ask(Opcode::Begin, &begin.encode());
        self.ask(Opcode::Events, &[END_OF_STEP]);
        SampleResult::decode(&self.ask(Opcode::End, &[])).expect("a result")
    }
}

/// What the contract says: most spikes, then the largest sum, then the first.
fn specified(scores: &[Score]) -> usize {
    let key = |&class: &usize| (scores[class].spikes, scores[class].sum, Reverse(class));
    (0..scores.len()).max_by_key(key).expect("classes")
}

/// Of few values, so that classes are equal in one or in both; the first scores whose class is not `specified`.
fn first_difference(samples: usize, specified: fn(&[Score]) -> usize) -> Option<Vec<Score>> {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut bench = Bench::new();
    for _ in 0..samples {
        let spikes = [[0, 1, 1], [0, 255, 256], [0x7fff, 0x8000, 0xffff]][random.random_range(0..3)];
        let sums = [[i32::MIN, -1, 0], [-256, 255, 256], [0xffff, 0x1_0000, i32::MAX], [7, 7, 7]]
            [random.random_range(0..4)];
        let mut any =
            || Score { spikes: spikes[random.random_range(0..3)], sum: sums[random.random_range(0..3)] };
        let scores: Vec<Score> = (0..CLASSES).map(|_| any()).collect();
        let (result, class) = (bench.result(&scores), specified(&scores));
        let wanted =
            SampleResult { prediction: class as u16, spikes: scores[class].spikes, wrong_spikes: 0x12_3456 };
        if result != wanted {
            return Some(scores);
        }
    }
    None
}

#[test]
fn the_best_class_is_found() {
    assert_eq!(first_difference(300, specified), None);
}

#[test]
fn another_order_is_noticed() {
    let wrong: [fn(&[Score]) -> usize; 3] = [
        |s| (0..s.len()).max_by_key(|&c| (s[c].spikes, s[c].sum as u32, Reverse(c))).unwrap_or(0),
        |s| (0..s.len()).max_by_key(|&c| (s[c].spikes, s[c].sum, c)).unwrap_or(0),
        |s| (0..s.len()).max_by_key(|&c| (s[c].sum, s[c].spikes, Reverse(c))).unwrap_or(0),
    ];
    for wrong in wrong {
        assert!(first_difference(300, wrong).is_some());
    }
}
