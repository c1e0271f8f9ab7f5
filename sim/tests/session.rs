//! The driver's session against a virtual board in the same process: what goes in comes out, what does not fit is
//! refused before anything is written, and a bad line changes nothing.

mod common;

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::{Duration, Instant};

use arch::protocol::{ANSWER, MAX_PAYLOAD, Opcode, Status};
use arch::registers::{Access, REGISTERS, Register, SPACES, Space};
use arch::{Network, Updates, WeightBits};
use common::*;
use driver::codec::{Decoder, Received, encode};
use driver::transport::{ByteDevice, InProcess};
use driver::{Learner, LinkError, Options, Sample, Session, SessionError, evaluate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sim::VirtualBoard;

#[test]
fn parameters_come_back_as_written_and_as_the_engine_holds_them() {
    for name in ["icebreaker", "virtual-w8", "virtual-w16"] {
        let (device, mut session) = connect(name);
        let network = network(session.identity().capacity.weight_bits);
        session.load_network(&network).unwrap();
        session.write_parameters(&parameters(&network)).unwrap();
        assert_eq!(session.read_parameters().unwrap(), parameters(&network), "{name}");
        assert_eq!(device.borrow().engine().parameters(), parameters(&network), "{name}");
    }
}

#[test]
fn learning_over_the_wire_is_learning_on_the_engine() {
    for name in ["icebreaker", "virtual-w16"] {
        let samples = samples(40);
        let over_the_wire = learned(name, &samples);
        let mut engine = model::fixed::Engine::new(&board(name).engine);
        let network = network(board(name).engine.weight_bits);
        engine.load(&network).unwrap();
        engine.set_parameters(&parameters(&network)).unwrap();
        engine.set_seed(77).unwrap();
        for sample in &samples {
            let (label, steps, first_loss_step) = (sample.label, sample.steps, sample.first_loss_step);
            engine
                .begin(arch::protocol::Begin {
                    teacher: arch::protocol::Teacher::Label,
                    label,
                    steps,
                    first_loss_step,
                })
                .unwrap();
            sample.unpack().iter().for_each(|step| engine.step(step).unwrap());
            engine.end().unwrap();
        }
        assert_eq!(over_the_wire, engine.parameters(), "{name}");
        assert_ne!(over_the_wire, parameters(&network), "{name}: nothing was learned");
    }
}

#[test]
fn every_register_and_memory_reads_back() {
    let (device, mut session) = connect("icebreaker");
    train(&mut session, &samples(10));
    for info in SPACES.iter().filter(|info| info.access != Access::WriteOnly) {
        let count = info.space.len(&session.identity().capacity.clone());
        let bytes = session.read(info.space, 0, count).unwrap();
        let mut wanted = Vec::new();
        match info.space {
            Space::Registers => {
                assert_eq!(bytes.len(), REGISTERS.len() * 4);
                continue;
            }
            space => device.borrow().engine().read(space, 0, count, &mut wanted).unwrap(),
        }
        assert_eq!(bytes, wanted, "{}", info.name);
    }
    assert_eq!(session.read_register(Register::Network).unwrap(), 2);
    assert_eq!(session.read_register(Register::Magic).unwrap(), u32::from_le_bytes(*b"STOP"));
    assert_eq!(session.counts().unwrap(), *device.borrow().engine().counts());
    assert_eq!(session.counts().unwrap().samples, 10);
    session.clear_counts().unwrap();
    assert_eq!(session.counts().unwrap(), arch::Counts::default());
}

#[test]
fn what_the_board_refuses_is_said_and_the_session_goes_on() {
    let (_, mut session) = connect("icebreaker");
    let refused = |result: Result<(), SessionError>| match result {
        Err(SessionError::Refused { status, .. }) => status,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(session.read(Space::Weights, 131_000, 1000).map(drop)), Status::BadAddress);
    assert_eq!(refused(session.write(Space::Errors, 0, &[1])), Status::ReadOnly);
    assert_eq!(refused(session.write_register(Register::Magic, 1)), Status::ReadOnly);
    assert_eq!(refused(session.set_seed(0)), Status::BadValue);
    assert_eq!(refused(session.write(Space::Thresholds, 0, &[0, 0])), Status::BadValue);
    assert_eq!(refused(session.write_register(Register::Network, 3)), Status::BadDescriptor);
    let sample = &samples(1)[0];
    let run = |session: &mut Session, sample: &Sample| {
        session.run(&mut [sample].into_iter(), true, &mut |_, _| ControlFlow::Continue(()))
    };
    assert_eq!(refused(run(&mut session, sample)), Status::NoNetwork);
    session.load_network(&network(WeightBits::Eight)).unwrap();
    let outside = Sample::new(0, 0, [[2, 30]]).unwrap();
    assert_eq!(refused(run(&mut session, &outside)), Status::BadEvent);
    let no_class = Sample { label: 4, ..sample.clone() };
    assert_eq!(refused(run(&mut session, &no_class)), Status::BadValue);
    // No sample was left open.
    run(&mut session, sample).unwrap();
}

/// Answers identify frames with the registers it is given, and counts every other frame.
struct Stranger {
    words: Vec<u32>,
    decoder: Decoder,
    others: Rc<RefCell<u32>>,
}

impl ByteDevice for Stranger {
    fn exchange(&mut self, mut from_host: &[u8], to_host: &mut Vec<u8>) {
        while let Some(Received::Frame(frame)) = self.decoder.next(&mut from_host) {
            if frame.opcode == Opcode::Identify as u8 {
                let mut answer = vec![Status::Ok as u8];
                answer.extend(frame.payload);
                answer.extend(self.words.iter().flat_map(|word| word.to_le_bytes()));
                encode(frame.sequence, frame.opcode | ANSWER, &answer, to_host);
            } else {
                *self.others.borrow_mut() += 1;
            }
        }
    }
}

fn stranger(register: Register, value: u32) -> (Rc<RefCell<u32>>, Result<Session, SessionError>) {
    let mut words = board("icebreaker").identity(1, 3).registers().to_vec();
    words[register as usize] = value;
    let others = Rc::new(RefCell::new(0));
    let device = Stranger { words, decoder: Decoder::new(MAX_PAYLOAD), others: others.clone() };
    (others, Session::connect(InProcess::new(device), HASTY))
}

#[test]
fn a_board_that_does_not_fit_is_refused_with_both_values_before_anything_is_written() {
    let error = |result: Result<Session, SessionError>| result.err().map(|error| error.to_string()).unwrap();
    let (others, session) = stranger(Register::Abi, 7);
    assert!(error(session).contains("the board speaks ABI 7, this driver ABI 2"));
    assert_eq!(*others.borrow(), 0);

    let (others, session) = stranger(Register::WeightBits, 16);
    let message = session.unwrap().load_network(&network(WeightBits::Eight)).unwrap_err().to_string();
    assert!(message.contains("8-bit weights and the configuration 16-bit weights"), "{message}");
    assert_eq!(*others.borrow(), 0);

    let (others, session) = stranger(Register::Synapses, 100);
    let message = session.unwrap().load_network(&network(WeightBits::Eight)).unwrap_err().to_string();
    assert!(message.contains("needs 584 synapses, 484 more than the 100"), "{message}");
    assert_eq!(*others.borrow(), 0);

    let (others, session) = stranger(Register::Features, 0);
    let per_sample = Network { updates: Updates::PerSample, ..network(WeightBits::Eight) };
    let mut per_sample = per_sample;
    per_sample.layers.iter_mut().for_each(|layer| layer.shifts.weight = 12);
    let message = session.unwrap().load_network(&per_sample).unwrap_err().to_string();
    assert!(message.contains("built without updates once a sample"), "{message}");
    assert_eq!(*others.borrow(), 0);
}

#[test]
fn a_dead_board_is_an_error_in_bounded_time_that_says_what_to_check() {
    let options = Options { timeout: Duration::from_millis(20), attempts: 3 };
    let start = Instant::now();
    let message = Session::connect(InProcess::new(Dead), options).err().unwrap().to_string();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(message.contains("no answer to a frame (Identify), sent 3 times"), "{message}");
    assert!(message.contains("Check that the board has power"), "{message}");
}

/// Passes everything on until it has heard so many bytes, then is dead, or has lost its memory.
struct Dying {
    board: VirtualBoard,
    left: usize,
    reset: bool,
}

impl ByteDevice for Dying {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        match self.left.checked_sub(from_host.len()) {
            Some(left) => self.left = left,
            None if self.reset => {
                self.board = VirtualBoard::new(&board("icebreaker"));
                self.left = usize::MAX;
            }
            None => return,
        }
        self.board.exchange(from_host, to_host);
    }
}

#[test]
fn a_board_that_dies_or_restarts_midway_is_an_error_in_bounded_time() {
    let options = Options { timeout: Duration::from_millis(20), attempts: 3 };
    for (reset, wanted) in [(false, "no answer"), (true, "the board has restarted")] {
        let board = VirtualBoard::new(&board("icebreaker"));
        let device = InProcess::new(Dying { board, left: 4000, reset });
        let mut session = Session::connect(device, options).unwrap();
        session.load_network(&network(WeightBits::Eight)).unwrap();
        let start = Instant::now();
        let error = evaluate(&mut session, &samples(500), || ControlFlow::Continue(())).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(2));
        assert!(matches!(
            error,
            SessionError::Link(LinkError::NoAnswer { .. } | LinkError::Restarted { .. })
        ));
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[test]
fn a_bad_line_changes_nothing() {
    let samples = samples(30);
    let clean = learned("icebreaker", &samples);
    let (mut faults, mut repeated) = (0, 0);
    for seed in 0..40 {
        let device = InProcess::new(VirtualBoard::new(&board("icebreaker")));
        let counted = Rc::new(RefCell::new(0));
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let line = Faulty { inner: device, rng, rate: 0.1, faults: counted.clone() };
        let mut session = Session::connect(line, HASTY).unwrap();
        assert_eq!(train(&mut session, &samples).sha256(), clean.sha256(), "line {seed}");
        faults += *counted.borrow();
        repeated += session.link_counts().repeated;
    }
    println!("{faults} faults, {repeated} frames repeated");
    assert!(faults > 300 && repeated > 300, "{faults} faults, {repeated} repeated: the line was too good");
}

#[test]
fn a_run_that_is_stopped_finishes_what_is_under_way() {
    let samples = samples(50);
    let (device, mut session) = connect("virtual-w8");
    session.load_network(&network(WeightBits::Eight)).unwrap();
    let mut results = 0;
    session
        .run(&mut samples.iter(), true, &mut |at, _| {
            assert_eq!(at, results);
            results += 1;
            if at == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    // Those begun before the third result had come are finished, no others begun: 32 frames of at least 3 a sample.
    assert!((3..=14).contains(&results), "{results}");
    assert_eq!(device.borrow().engine().counts().samples, results as u64);
    assert_eq!(device.borrow().engine().steps_left(), None);
}

/// Watches how far ahead the host sends.
struct Watched {
    board: VirtualBoard,
    heard: Vec<u8>,
    most_bytes: Rc<Cell<usize>>,
    most_frames: Rc<Cell<usize>>,
}

impl ByteDevice for Watched {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        // Answers come only when the host has nothing more to say.
        self.heard.extend_from_slice(from_host);
        if from_host.is_empty() {
            let frames = self.heard.iter().filter(|&&byte| byte == 0).count();
            let bytes = self.heard.len();
            self.most_frames.set(frames.max(self.most_frames.get()));
            self.most_bytes.set(bytes.max(self.most_bytes.get()));
            self.board.exchange(&std::mem::take(&mut self.heard), to_host);
        }
    }
}

#[test]
fn the_host_fills_the_window_and_never_exceeds_it() {
    let link = board("icebreaker").link;
    let (most_frames, most_bytes) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let board = VirtualBoard::new(&board("icebreaker"));
    let device = Watched {
        board,
        heard: Vec::new(),
        most_bytes: most_bytes.clone(),
        most_frames: most_frames.clone(),
    };
    let mut session = Session::connect(InProcess::new(device), Options::default()).unwrap();
    train(&mut session, &samples(40));
    session.write(Space::Weights, 0, &[1; 4000]).unwrap();
    assert_eq!(most_frames.get(), link.window as usize);
    assert!(most_bytes.get() <= link.receive_buffer as usize);
    assert!(most_bytes.get() > link.receive_buffer as usize / 2);
}
