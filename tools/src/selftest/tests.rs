//! Boards with a fault each: the self-test must find it, name it, and leave well boards as they were.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use arch::Board;
use arch::registers::{Access, SPACES, features};
use driver::transport::{ByteDevice, Clock, Delays, InProcess, Paced};
use driver::{Options, Session};
use model::fixed::{Engine, Initial, initial_parameters};
use sim::VirtualBoard;

use super::*;

/// A virtual board that `spoil` is let at whenever bytes have passed.
struct Faulty<F> {
    board: Rc<RefCell<VirtualBoard>>,
    spoil: F,
}

impl<F> Faulty<F> {
    fn new(board: VirtualBoard, spoil: F) -> Self {
        Self { board: Rc::new(RefCell::new(board)), spoil }
    }
}

impl<F: FnMut(&mut Engine, &mut Vec<u8>)> ByteDevice for Faulty<F> {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        // A byte at a time: the fault is there between any two frames.
        for byte in from_host {
            let mut answers = Vec::new();
            let mut board = self.board.borrow_mut();
            board.exchange(&[*byte], &mut answers);
            (self.spoil)(board.engine_mut(), &mut answers);
            to_host.extend(answers);
        }
    }
}

fn board(config: &str) -> VirtualBoard {
    VirtualBoard::new(&Board::named(config).unwrap())
}

fn test(device: impl ByteDevice + 'static) -> Vec<Finding> {
    let mut session = Session::connect(InProcess::new(device), Options::default()).unwrap();
    run(&mut session, None, &Interrupt::unheard(false))
}

/// What failed, and in which words.
fn faults(findings: &[Finding]) -> Vec<(&str, &str)> {
    let faults = findings.iter().filter(|finding| finding.is_fault());
    faults.map(|finding| (&finding.what[..], &finding.detail[..])).collect()
}

/// Everything that a host can read of an engine.
fn memories(engine: &Engine) -> Vec<Vec<u8>> {
    let writable =
        SPACES.iter().filter(|row| row.access == Access::ReadWrite && row.space != Space::Registers);
    let read = |space: Space| {
        let mut bytes = Vec::new();
        engine.read(space, 0, space.len(engine.capacity()), &mut bytes).unwrap();
        bytes
    };
    writable.map(|row| read(row.space)).collect()
}

/// A board with a network that is loaded, learned parameters and a seed of its own.
fn in_use(config: &str) -> Rc<RefCell<VirtualBoard>> {
    let mut board = board(config);
    let capacity = board.engine().capacity().clone();
    let network =
        learn::network("20-10-4", capacity.weight_bits, arch::Updates::Online, arch::Surrogate::Shift);
    let engine = board.engine_mut();
    engine.load(&network).unwrap();
    let initial = Initial { gain: 1.0, threshold: 0.7, leak: 0.8, seed: 9 };
    engine.set_parameters(&initial_parameters(&network, &initial)).unwrap();
    engine.set_seed(77).unwrap();
    Rc::new(RefCell::new(board))
}

/// The memories that are written are all that a host can write.
#[test]
fn every_writable_memory_is_marched_through() {
    let writable =
        SPACES.iter().filter(|row| row.access == Access::ReadWrite && row.space != Space::Registers);
    for row in writable.clone() {
        assert!(WRITABLE.contains(&row.space), "{}", row.name);
    }
    assert_eq!(writable.count(), WRITABLE.len());
}

#[test]
fn a_well_board_passes_and_is_left_as_it_was() {
    for config in ["icebreaker", "simulated-w16", "small-w8", "hx8k-breakout"] {
        let board = in_use(config);
        let before = memories(board.borrow().engine());
        let findings = test(board.clone());
        assert_eq!(faults(&findings), [], "{config}");
        assert_eq!(findings.len(), 7, "{config}: {findings:?}");
        let after = board.borrow();
        assert!(memories(after.engine()) == before, "{config}: the memories are others");
        assert_eq!((after.engine().active_layers(), after.engine().seed()), (2, 77), "{config}");
    }
}

/// A board without extras is asked for none of them.
#[test]
fn only_what_is_built_in_is_asked_for() {
    let said = |built_in| {
        let board = VirtualBoard::with_features(&Board::named("small-w8").unwrap(), built_in);
        let findings = test(board);
        assert_eq!(faults(&findings), []);
        findings.iter().find(|finding| finding.what == "learning").unwrap().detail.clone()
    };
    assert!(said(0).ends_with("model has them\nonline"), "{}", said(0));
    assert!(said(features::RECTANGLE).ends_with("\nonline, rectangle surrogate"));
    assert!(
        said(features::ALL)
            .ends_with("online, rectangle surrogate, triangle surrogate, updates once a sample")
    );
}

/// Clears a bit of an element whenever it is set.
fn stuck(space: Space, element: u32, bit: u8) -> impl FnMut(&mut Engine, &mut Vec<u8>) {
    move |engine, _| {
        let mut bytes = Vec::new();
        engine.read(space, element, 1, &mut bytes).unwrap();
        if bytes[0] & bit != 0 && engine.steps_left().is_none() {
            bytes[0] &= !bit;
            engine.write(space, element, &bytes).unwrap();
        }
    }
}

#[test]
fn a_stuck_bit_is_named_with_its_memory_and_element() {
    for (space, element) in [
        (Space::Weights, 4095),
        (Space::Weights, 1234),
        (Space::Thresholds, 63),
        (Space::Leaks, 3),
        // Of a layer that the self-test's network does not have: writing one deactivates it.
        (Space::Descriptors, 127),
    ] {
        let findings = test(Faulty::new(board("small-w8"), stuck(space, element, 0x10)));
        let faults = faults(&findings);
        assert_eq!(faults.len(), 1, "{faults:?}");
        let (what, detail) = faults[0];
        let name = space.info().name;
        assert_eq!(what, format!("memory: {name}"));
        assert!(detail.starts_with(&format!("{name} {element} was written 0x")), "{detail}");
        assert!(detail.ends_with("readings are wrong, in the bits 0x10"), "{detail}");
    }
}

/// An address line that does nothing: two halves of a memory are one.
#[test]
fn a_dead_address_line_is_found() {
    let mirror = |engine: &mut Engine, _: &mut Vec<u8>| {
        if engine.steps_left().is_some() {
            return;
        }
        let mut low = Vec::new();
        engine.read(Space::Weights, 1024, 16, &mut low).unwrap();
        engine.write(Space::Weights, 1024 + 2048, &low).unwrap();
    };
    let findings = test(Faulty::new(board("small-w8"), mirror));
    let faults = faults(&findings);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].1.starts_with("weights 3072 was written"), "{faults:?}");
}

#[test]
fn a_wrong_update_of_a_weight_is_named() {
    let mut learned = 0;
    let off_by_one = move |engine: &mut Engine, _: &mut Vec<u8>| {
        let samples = engine.counts().samples;
        if samples > learned {
            learned = samples;
            let mut weight = Vec::new();
            engine.read(Space::Weights, 20 * 3 + 7, 1, &mut weight).unwrap();
            engine.write(Space::Weights, 20 * 3 + 7, &[weight[0].wrapping_add(1)]).unwrap();
        }
    };
    let findings = test(Faulty::new(board("icebreaker"), off_by_one));
    let faults = faults(&findings);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let (what, detail) = faults[0];
    assert_eq!(what, "learning");
    // Rows are padded to eight lanes: 24 weights each.
    let place =
        "48-20-5 (online), after a sample of 1 steps: the weight from input 2 to neuron 19 of layer 1 is ";
    assert!(detail.starts_with(place) && detail.contains(", the model's "), "{detail}");
}

/// Every `nth` byte to the host is lost.
fn drops(nth: usize) -> impl FnMut(&mut Engine, &mut Vec<u8>) {
    let mut passed = 0;
    move |_, answers| {
        answers.retain(|_| {
            passed += 1;
            passed % nth != 0
        });
    }
}

#[test]
fn a_link_that_loses_bytes_is_reported_though_nothing_else_is_wrong() {
    let findings = test(Faulty::new(board("small-w8"), drops(5000)));
    let faults = faults(&findings);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].0, "link: nothing lost");
    assert!(
        faults[0].1.contains("frames were sent again") && faults[0].1.ends_with("wanted 0"),
        "{faults:?}"
    );
}

/// By a clock that only waiting moves.
#[test]
fn an_adapter_that_waits_is_named_with_the_command_against_it() {
    let said = |latency| {
        let delays = Delays { baud: Some(3_000_000), latency: Some(latency), packet: Some(510) };
        let line = Paced::new(InProcess::new(board("small-w8")), delays, Clock::standing());
        let mut session = Session::connect(line, Options::default()).unwrap();
        link::measure(&mut session, Some(3_000_000)).unwrap().1.detail
    };
    let waiting = said(Duration::from_millis(16));
    assert!(waiting.contains("short answers wait 15.9 ms in the adapter"), "{waiting}");
    assert!(
        waiting.contains("\n    echo 1 | sudo tee /sys/bus/usb-serial/devices/ttyUSB0/latency_timer"),
        "{waiting}"
    );
    let quick = said(Duration::from_millis(1));
    assert!(!quick.contains("wait"), "{quick}");
}

#[test]
fn a_link_that_loses_nearly_everything_ends_the_test() {
    let mut connected = 0;
    let mut few = drops(8);
    let spoil = move |engine: &mut Engine, answers: &mut Vec<u8>| {
        connected += 1;
        if connected > 3000 {
            few(engine, answers);
        }
    };
    let findings = test(Faulty::new(board("small-w8"), spoil));
    let faults = faults(&findings);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].1.contains("no answer to a frame"), "{faults:?}");
    assert!(findings.len() < 7, "went on without a link: {findings:?}");
}

/// Ctrl-C in the middle of a march: what was there is there again.
#[test]
fn an_interrupted_test_puts_everything_back() {
    let board = in_use("small-w8");
    let before = memories(board.borrow().engine());
    let mut session = Session::connect(InProcess::new(board.clone()), Options::default()).unwrap();
    let findings = run(&mut session, None, &Interrupt::unheard(true));
    assert_eq!(faults(&findings), [("memory: weights", "interrupted")]);
    assert!(memories(board.borrow().engine()) == before);
    assert_eq!((board.borrow().engine().active_layers(), board.borrow().engine().seed()), (2, 77));
}

/// The same once the network is no longer active and the layer table holds patterns.
#[test]
fn an_interruption_in_the_layer_table_activates_the_network_again() {
    let board = in_use("small-w8");
    let before = memories(board.borrow().engine());
    let interrupt = Interrupt::unheard(false);
    let flag = interrupt.flag();
    let spoil = move |engine: &mut Engine, _: &mut Vec<u8>| {
        if engine.active_layers() == 0 {
            flag.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let device = Faulty { board: board.clone(), spoil };
    let mut session = Session::connect(InProcess::new(device), Options::default()).unwrap();
    let findings = run(&mut session, None, &interrupt);
    assert_eq!(faults(&findings), [("memory: descriptors", "interrupted")]);
    assert!(memories(board.borrow().engine()) == before);
    assert_eq!((board.borrow().engine().active_layers(), board.borrow().engine().seed()), (2, 77));
}
