//! Samples fed to a board while they come: however their steps arrive, the board learns and decides as from whole samples.

mod common;

use std::collections::VecDeque;
use std::ops::ControlFlow;

use arch::packing::pack_step;
use arch::protocol::{Begin, SampleResult, Status, Teacher};
use common::*;
use driver::{Feed, Learner, Part, Sample, Session, SessionError};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Parts that are there only now and then.
struct Arriving {
    parts: VecDeque<Part>,
    rng: ChaCha8Rng,
    results: Vec<SampleResult>,
}

impl Arriving {
    fn of(samples: &[Sample], together: usize) -> Self {
        let mut parts = VecDeque::new();
        for sample in samples {
            let (label, steps, first_loss_step) = (sample.label, sample.steps, sample.first_loss_step);
            parts.push_back(Part::Begin(Begin { teacher: Teacher::Label, label, steps, first_loss_step }));
            for steps in sample.unpack().chunks(together) {
                let mut packed = Vec::new();
                steps.iter().for_each(|step| pack_step(step.iter().copied(), &mut packed));
                parts.push_back(Part::Steps(packed));
            }
            parts.push_back(Part::End);
        }
        Self { parts, rng: ChaCha8Rng::seed_from_u64(3), results: Vec::new() }
    }
}

impl Feed for Arriving {
    fn next(&mut self) -> Option<Part> {
        if self.rng.random_bool(0.3) { None } else { self.parts.pop_front() }
    }

    fn decided(&mut self, result: SampleResult) {
        self.results.push(result);
    }
}

fn start(session: &mut Session) {
    let network = network(session.identity().capacity.weight_bits);
    session.load_network(&network).unwrap();
    session.write_parameters(&parameters(&network)).unwrap();
    session.set_seed(77).unwrap();
}

#[test]
fn steps_that_arrive_one_by_one_teach_what_whole_samples_teach() {
    let samples = samples(40);
    let mut whole = connect("icebreaker").1;
    start(&mut whole);
    let mut wanted = Vec::new();
    whole
        .run(&mut samples.iter(), true, &mut |_, result| {
            wanted.push(result);
            ControlFlow::Continue(())
        })
        .unwrap();
    // A step a part, several, all of them.
    for together in [1, 2, 6] {
        let mut session = connect("icebreaker").1;
        start(&mut session);
        let mut arriving = Arriving::of(&samples, together);
        let mut calls = 0;
        while !arriving.parts.is_empty() {
            session.feed(&mut arriving).unwrap();
            calls += 1;
        }
        assert!(calls > 1, "{calls} calls: nothing was ever waited for");
        assert_eq!(arriving.results, wanted, "{together} steps a part");
        assert_eq!(session.read_parameters().unwrap(), whole.read_parameters().unwrap());
    }
}

/// More than a frame holds, in one part.
#[test]
fn a_part_may_be_longer_than_a_frame() {
    let steps: Vec<Vec<u32>> =
        (0..200).map(|step| (0..30).filter(|input| (input + step) % 3 != 0).collect()).collect();
    let sample = Sample::new(1, 0, &steps).unwrap();
    let mut results = Vec::new();
    for together in [1, 200] {
        let mut session = connect("icebreaker").1;
        start(&mut session);
        let mut arriving = Arriving::of(std::slice::from_ref(&sample), together);
        assert!(together == 1 || matches!(&arriving.parts[1], Part::Steps(packed) if packed.len() > 3000));
        while !arriving.parts.is_empty() {
            session.feed(&mut arriving).unwrap();
        }
        results.push((arriving.results, session.read_parameters().unwrap()));
    }
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_step_that_the_board_refuses_ends_the_sample_and_not_the_session() {
    let samples = samples(4);
    let mut session = connect("icebreaker").1;
    start(&mut session);
    let mut arriving = Arriving::of(&samples[..1], 1);
    let mut packed = Vec::new();
    pack_step([30], &mut packed);
    arriving.parts[2] = Part::Steps(packed);
    let refused = loop {
        match session.feed(&mut arriving) {
            Ok(()) => assert!(!arriving.parts.is_empty(), "nothing was refused"),
            Err(refused) => break refused,
        }
    };
    assert!(
        matches!(refused, SessionError::Refused { what: "the sample's events", status: Status::BadEvent }),
        "{refused}"
    );
    let mut arriving = Arriving::of(&samples, 1);
    while !arriving.parts.is_empty() {
        session.feed(&mut arriving).unwrap();
    }
    assert_eq!(arriving.results.len(), 4);
}
