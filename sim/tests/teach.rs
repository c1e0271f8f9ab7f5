//! The host as the teacher: what it says of the outputs after each step is learned like what a label says.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use arch::protocol::Status;
use arch::registers::Space;
use arch::{Parameters, Shape, WeightBits};
use common::*;
use driver::transport::InProcess;
use driver::{Options, Outputs, Sample, Session, SessionError};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::VirtualBoard;

/// s − y of a label: what a board finds by itself.
fn label_errors(label: u16) -> impl FnMut(&Outputs, &mut [i32]) {
    move |outputs, errors| {
        for (class, error) in errors.iter_mut().enumerate() {
            *error = 64 * (i32::from(outputs.spikes[class]) - i32::from(class == usize::from(label)));
        }
    }
}

/// Loads, is taught every sample once in order, reads back.
fn taught(session: &mut Session, samples: &[Sample]) -> Parameters {
    let network = network(session.identity().capacity.weight_bits);
    session.load_network(&network).unwrap();
    session.write_parameters(&parameters(&network)).unwrap();
    session.set_seed(77).unwrap();
    for sample in samples {
        session.learn_taught(sample, &mut label_errors(sample.label)).unwrap();
    }
    session.read_parameters().unwrap()
}

#[test]
fn a_label_said_by_the_host_teaches_the_same_bits() {
    for name in ["icebreaker", "virtual-w16"] {
        // In the order in which `train` learns them.
        let samples = samples(40);
        let (device, mut session) = connect(name);
        let learned = taught(&mut session, &samples);
        assert_eq!(learned, self::common::learned(name, &samples), "{name}");
        let network = network(board(name).engine.weight_bits);
        assert_ne!(learned, parameters(&network), "{name}: nothing was learned");
        // Nobody says whether a spike was wrong; the rest is counted as ever.
        let mut by_label = connect(name);
        train(&mut by_label.1, &samples);
        let counts = |device: &Rc<RefCell<VirtualBoard>>| *device.borrow().engine().counts();
        assert_eq!(counts(&device), counts(&by_label.0), "{name}");
    }
}

/// What the host sees is what the engine holds.
#[test]
fn the_host_sees_the_outputs_of_each_step_with_a_loss() {
    let (device, mut session) = connect("icebreaker");
    let sample = &samples(1)[0];
    let net = network(WeightBits::Eight);
    session.load_network(&net).unwrap();
    session.write_parameters(&parameters(&net)).unwrap();
    let mut steps = Vec::new();
    let engine = device.clone();
    let mut note = |outputs: &Outputs, _: &mut [i32]| {
        // The output layer's neurons begin behind the hidden layer's 13, at a multiple of 16.
        let mut spikes = Vec::new();
        engine.borrow().engine().read(Space::Spikes, 16, 4, &mut spikes).unwrap();
        assert_eq!(outputs.spikes, spikes);
        let (v, theta) = (i32::from(outputs.membranes[0]), i32::from(outputs.thresholds[0]));
        assert_eq!(outputs.potential(0), v + i32::from(spikes[0]) * theta);
        steps.push(outputs.step);
    };
    let result = session.learn_taught(sample, &mut note).unwrap();
    assert_eq!(result.wrong_spikes, 0);
    assert_eq!(steps, (sample.first_loss_step..sample.steps).collect::<Vec<_>>());
    assert_eq!(session.read_parameters().unwrap(), parameters(&net), "no errors, nothing learned");
}

#[test]
fn a_bad_line_changes_nothing() {
    let samples = samples(12);
    let clean = taught(&mut connect("icebreaker").1, &samples);
    let mut faults = 0;
    for seed in 0..12 {
        let counted = Rc::new(RefCell::new(0));
        let inner = InProcess::new(VirtualBoard::new(&board("icebreaker")));
        let line =
            Faulty { inner, rng: ChaCha8Rng::seed_from_u64(seed), rate: 0.05, faults: counted.clone() };
        let mut session = Session::connect(line, HASTY).unwrap();
        assert_eq!(taught(&mut session, &samples).sha256(), clean.sha256(), "line {seed}");
        faults += *counted.borrow();
    }
    assert!(faults > 100, "{faults} faults: the line was too good");
}

#[test]
fn what_cannot_be_taught_is_said() {
    let (_, mut session) = connect("icebreaker");
    let sample = &samples(1)[0];
    let mut silent = |_: &Outputs, _: &mut [i32]| {};
    assert!(matches!(session.learn_taught(sample, &mut silent), Err(SessionError::NoNetwork)));
    let net = network(WeightBits::Eight);
    session.load_network(&net).unwrap();
    let outside = Sample::new(0, 0, [[2, 30]]).unwrap();
    let error = session.learn_taught(&outside, &mut silent).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the board refuses the sample's events: an event address outside the first layer"
    );
    // No sample was left open, and none waits for errors.
    session.learn_taught(sample, &mut label_errors(0)).unwrap();
    let error = session.write(Space::OutputErrors, 0, &[1]).unwrap_err();
    assert!(matches!(error, SessionError::Refused { status: Status::NotAwaited, .. }), "{error}");
    assert!(session.read(Space::OutputErrors, 0, 1).is_err(), "only to be written");

    let mut session =
        Session::connect(InProcess::new(VirtualBoard::new(&board("virtual-w8"))), Options::default())
            .unwrap();
    let mut wide = network(WeightBits::Eight);
    wide.layers[1].output = Shape::flat(600);
    session.load_network(&wide).unwrap();
    let message = session.learn_taught(sample, &mut silent).unwrap_err().to_string();
    assert!(message.contains("has 600 outputs: a host can teach 503"), "{message}");
}
