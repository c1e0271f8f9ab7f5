//! Training over a line with faults ends with the bits of a clean one, and the comparison can fail.
//!
//! ```text
//! Recovering ── Faulty ── InProcess ── VirtualBoard
//!      └── opens the line again ──┘        └── may lose its power
//! ```

mod common;

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use arch::Counts;
use arch::registers::Space;
use common::*;
use driver::transport::{ByteDevice, InProcess, Injector, PowerCycle};
use driver::{
    Connect, Epoch, Learner, Policy, Recovering, Sample, SessionError, TransportError, evaluate, learn_epoch,
};
use sim::VirtualBoard;

/// Nothing that is in this process comes back by being waited for.
const EAGER: Policy = Policy { every: None, patience: Duration::ZERO, pause: Duration::ZERO, sessions: 20 };

type Shared = Rc<RefCell<VirtualBoard>>;

fn device() -> Shared {
    Rc::new(RefCell::new(VirtualBoard::new(&board("icebreaker"))))
}

/// Opens a line with `faults` to `device`.
fn line(device: &Shared, injector: &Injector) -> Connect {
    let (device, injector) = (device.clone(), injector.clone());
    Box::new(move || {
        Ok(Box::new(injector.around(InProcess::new(device.clone()), Some(Box::new(device.clone())))))
    })
}

/// A session over a line with `faults`.
fn over(faults: &str, policy: Policy) -> (Shared, Injector, Recovering) {
    let device = device();
    let injector = Injector::new(faults.parse().unwrap());
    let recovering = Recovering::connect(line(&device, &injector), HASTY, policy).unwrap();
    (device, injector, recovering)
}

fn prepare(board: &mut Recovering) {
    let network = network(board.session().identity().capacity.weight_bits);
    board.load_network(&network).unwrap();
    board.write_parameters(&parameters(&network)).unwrap();
    board.set_seed(77).unwrap();
    board.clear_counts().unwrap();
}

fn learn(board: &mut Recovering, samples: &[Sample]) -> Result<Epoch, SessionError> {
    let order: Vec<usize> = (0..samples.len()).collect();
    learn_epoch(board, samples, &order, || ControlFlow::Continue(()))
}

/// All that a run comes to.
#[derive(Debug, PartialEq)]
struct Learned {
    parameters: String,
    epoch: Epoch,
    counts: Counts,
    seed: u32,
    predictions: Vec<u16>,
}

fn learned_by(board: &mut Recovering, samples: &[Sample]) -> Learned {
    prepare(board);
    let epoch = learn(board, samples).unwrap();
    let counts = board.counts().unwrap();
    let predictions = evaluate(board, samples, || ControlFlow::Continue(())).unwrap().predictions;
    let seed = board.seed().unwrap();
    Learned { parameters: board.read_parameters().unwrap().sha256(), epoch, counts, seed, predictions }
}

fn clean(samples: &[Sample]) -> Learned {
    let learned = learned_by(&mut over("seed=1", EAGER).2, samples);
    assert_eq!(learned.parameters, common::learned("icebreaker", samples).sha256());
    learned
}

#[test]
fn every_kind_of_fault_is_repaired_to_the_same_bits() {
    let samples = samples(60);
    let clean = clean(&samples);
    let every = |every| Policy { every: Some(every), ..EAGER };
    for (faults, policy) in [
        ("ber=1e-3", EAGER),
        ("drop=0.002,double=0.002,insert=0.002", EAGER),
        ("loss=0.1,dup=0.1", EAGER),
        ("stall=5ms@0.01", EAGER),
        ("reset=7", every(16)),
        ("pull=7", every(16)),
        ("reset=7,pull=5", EAGER),
        ("ber=1e-4,loss=0.02,reset=17,pull=13", every(8)),
    ] {
        for seed in 0..3 {
            let (device, injector, mut board) = over(&format!("{faults},seed={seed}"), policy);
            assert_eq!(learned_by(&mut board, &samples), clean, "{faults},seed={seed}");
            // The board holds what the host says it holds.
            assert_eq!(device.borrow().engine().parameters().sha256(), clean.parameters);
            let (injected, counts, link) = (injector.counts(), board.recovery_counts(), board.link_counts());
            assert!(injected.injected() > 0, "{faults},seed={seed}: nothing was injected");
            assert_eq!(injected.undetected, 0, "{faults},seed={seed}");
            assert!(
                counts.lost() >= injected.resets.max(injected.pulls),
                "{faults}: {injected:?} {counts:?}"
            );
            assert_eq!(counts.repaired, counts.lost());
            if injected.frames_lost + injected.damaged > 0 {
                assert!(link.repeated > 0 && link.damaged + link.asked > 0, "{faults}: {link:?}");
            }
        }
    }
}

#[test]
fn one_recording_too_many_or_too_few_is_seen() {
    let samples = samples(40);
    let clean = clean(&samples);
    // One too many, as a replay from one recording too early would learn.
    let mut twice = samples.clone();
    twice.insert(20, samples[20].clone());
    let (_, _, mut board) = over("seed=1", EAGER);
    assert_ne!(learned_by(&mut board, &twice).parameters, clean.parameters);
    // One too few.
    let mut fewer = samples.clone();
    fewer.remove(20);
    let (_, _, mut board) = over("seed=1", EAGER);
    assert_ne!(learned_by(&mut board, &fewer).parameters, clean.parameters);
}

/// A board that, once it was restored and has learned a sample more, has other thresholds than it was given.
#[derive(Clone)]
struct Forgetful {
    board: Shared,
    cycled: Rc<Cell<bool>>,
}

impl PowerCycle for Forgetful {
    fn power_cycle(&mut self) {
        self.board.borrow_mut().power_cycle();
        self.cycled.set(true);
    }
}

impl ByteDevice for Forgetful {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        for frame in from_host.split_inclusive(|&byte| byte == 0) {
            let mut board = self.board.borrow_mut();
            board.exchange(frame, to_host);
            let engine = board.engine_mut();
            if self.cycled.get() && engine.steps_left().is_none() && engine.counts().samples > 0 {
                self.cycled.set(false);
                engine.write(Space::Thresholds, 13, &[0, 4].repeat(4)).unwrap();
            }
        }
    }
}

#[test]
fn a_replay_that_comes_out_otherwise_is_an_error_and_no_result() {
    let board = Forgetful { board: device(), cycled: Rc::default() };
    let injector = Injector::new("reset=30".parse().unwrap());
    let connect: Connect = Box::new(move || {
        Ok(Box::new(injector.around(InProcess::new(board.clone()), Some(Box::new(board.clone())))))
    });
    let mut board = Recovering::connect(connect, HASTY, EAGER).unwrap();
    prepare(&mut board);
    let error = learn(&mut board, &samples(40)).unwrap_err();
    assert!(matches!(error, SessionError::Replayed { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("has another result than at first: prediction"), "{message}");
    assert!(message.contains("doctor --board"), "{message}");
}

/// Opens a line to `device` at first and after `refusals` attempts that fail.
fn unplugged(device: &Shared, injector: &Injector, refusals: u32) -> Connect {
    let mut open = line(device, injector);
    let mut left = None;
    Box::new(move || {
        let now = left.map_or(0, |left| left);
        left = Some(if now == 0 { refusals } else { now - 1 });
        match now {
            0 => open(),
            _ => Err(TransportError::NoPort { port: "gone".to_owned(), known: Vec::new() }),
        }
    })
}

#[test]
fn a_cable_that_is_out_for_a_while_is_waited_for_and_for_no_longer() {
    let samples = samples(40);
    let (device, injector) = (device(), Injector::new("pull=25".parse().unwrap()));
    let patient = Policy { patience: Duration::from_secs(600), ..EAGER };
    let mut board = Recovering::connect(unplugged(&device, &injector, 5), HASTY, patient).unwrap();
    assert_eq!(learned_by(&mut board, &samples), clean(&samples));
    let (pulls, counts) = (injector.counts().pulls, board.recovery_counts());
    assert!(pulls >= 3, "{pulls}");
    assert_eq!((counts.closed, counts.repaired), (pulls, pulls));

    let mut board = Recovering::connect(unplugged(&device, &injector, 5), HASTY, EAGER).unwrap();
    prepare(&mut board);
    let message = learn(&mut board, &samples).unwrap_err().to_string();
    assert!(
        message.contains("a faulty line to the board in this process: the other end is gone"),
        "{message}"
    );
    assert!(message.contains("Given up after 1 lost sessions"), "{message}");
    assert!(message.contains("there is no serial port gone"), "{message}");
}

#[test]
fn a_line_on_which_nothing_can_be_learned_ends_the_run() {
    let (_, injector, mut board) = over("pull=1", EAGER);
    prepare(&mut board);
    let error = learn(&mut board, &samples(3)).unwrap_err();
    assert!(matches!(error, SessionError::GivenUp { sessions: 21, .. }), "{error}");
    assert_eq!((injector.counts().pulls, board.recovery_counts().repaired), (21, 20));
}

#[test]
fn another_board_is_not_gone_on_with() {
    let mut boards = vec!["virtual-w8", "icebreaker"];
    let injector = Injector::new("pull=5".parse().unwrap());
    let connect: Connect = Box::new(move || {
        let device = VirtualBoard::new(&board(boards.pop().unwrap_or("icebreaker")));
        Ok(Box::new(injector.around(InProcess::new(device), None)))
    });
    let mut board = Recovering::connect(connect, HASTY, EAGER).unwrap();
    prepare(&mut board);
    let message = learn(&mut board, &samples(9)).unwrap_err().to_string();
    assert!(message.contains("another board answers"), "{message}");
    assert!(message.contains("`virtual-w8`, wanted `icebreaker`"), "{message}");
}

#[test]
fn a_run_that_is_stopped_amid_faults_has_learned_what_it_says() {
    let samples = samples(60);
    let (_, _, mut board) = over("reset=9,loss=0.02,seed=3", EAGER);
    prepare(&mut board);
    let mut results = 0;
    board
        .run(&mut samples.iter(), true, &mut |_, _| {
            results += 1;
            if results == 30 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert!((30..=41).contains(&results), "{results}");
    assert_eq!(board.counts().unwrap().samples, results);
    let (_, _, mut other) = over("seed=1", EAGER);
    prepare(&mut other);
    learn(&mut other, &samples[..results as usize]).unwrap();
    assert_eq!(board.read_parameters().unwrap(), other.read_parameters().unwrap());
}

#[test]
fn a_refusal_is_no_lost_session() {
    let (_, _, mut board) = over("seed=1", EAGER);
    prepare(&mut board);
    let mut samples = samples(9);
    samples[5].label = 4;
    assert!(matches!(learn(&mut board, &samples), Err(SessionError::Refused { .. })));
    assert_eq!(board.recovery_counts().lost(), 0);
    // What was learned before it stays, and the session goes on.
    assert_eq!(board.counts().unwrap().samples, 5);
    let kept = board.read_parameters().unwrap();
    assert_eq!(kept, board.session_mut().read_parameters().unwrap());
    learn(&mut board, &samples[..5]).unwrap();
}

/// Counted, not timed: what the wire carries.
#[test]
fn background_checkpoints_cost_under_two_percent_of_the_wire() {
    let samples = samples(2000);
    let (_, _, mut board) = over("seed=1", EAGER);
    prepare(&mut board);
    assert!(board.interval(samples.iter()) < 1000);
    learn(&mut board, &samples).unwrap();
    let (counts, link) = (board.recovery_counts(), board.link_counts());
    assert!(counts.checkpoints > 3, "{counts:?}");
    let all = link.bytes_sent + link.bytes_received;
    println!("{counts:?}: {:.2} % of {all} bytes", 100.0 * counts.checkpoint_bytes as f64 / all as f64);
    assert!(50 * counts.checkpoint_bytes < all, "{counts:?} of {all} bytes");
}
