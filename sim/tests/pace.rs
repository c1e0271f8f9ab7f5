//! Sessions over lines that take their time: what is learned is the same, what is repeated is repeated, and what is decided is known at
//! once. By a clock that only waiting moves.

mod common;

use std::collections::VecDeque;
use std::time::Duration;

use arch::packing::pack_step;
use arch::protocol::{Begin, SampleResult, Teacher};
use common::{board, learned, network, parameters, samples, train};
use driver::transport::{Clock, Faults, InProcess, Injector, Paced};
use driver::{Feed, Options, Outputs, Part, Sample, Session};
use sim::VirtualBoard;

/// Longer than any line here takes for what may be under way.
const PATIENT: Options = Options { timeout: Duration::from_millis(200), attempts: 100 };

/// A session with a board behind these faults and delays.
fn connect(name: &str, faults: &str) -> (Session, Injector, Clock) {
    let faults: Faults = faults.parse().unwrap();
    let clock = Clock::standing();
    let (injector, board) = (Injector::new(faults), InProcess::new(VirtualBoard::new(&board(name))));
    let line = injector.around(Paced::new(board, faults.delays, clock.clone()), None);
    (Session::connect(line, PATIENT).unwrap(), injector, clock)
}

#[test]
fn the_line_and_its_waiting_are_measured() {
    let pace = |faults: &str| connect("small-w8", faults).0.pace();
    let waiting = pace("baud=3000000,latency=16ms");
    assert!((0.015..0.0165).contains(&waiting.wait.unwrap()), "{waiting:?}");
    assert!(waiting.pushes && waiting.line_rate == Some(300_000), "{waiting:?}");
    let quick = pace("baud=3000000,latency=1ms");
    assert!(!quick.pushes && quick.wait.unwrap() < 0.0012, "{quick:?}");
    // A packet of 510 bytes is not filled by a push.
    let long = pace("baud=3000000,latency=16ms,packet=510");
    assert!(!long.pushes && long.bound.unwrap() < 80_000.0, "{long:?}");
    // The answer of a line of unknown rate is no measure of anything.
    let unknown = pace("latency=16ms");
    assert_eq!((unknown.wait, unknown.pushes), (None, false));
}

#[test]
fn pushes_and_small_frames_teach_what_large_ones_do() {
    let samples = samples(40);
    for (name, faults) in [
        ("small-w8", "baud=3000000,latency=16ms"),
        ("icebreaker", "baud=3000000,latency=16ms"),
        ("icebreaker", "baud=1000000,latency=1ms"),
    ] {
        let (mut session, _, _) = connect(name, faults);
        assert_eq!(train(&mut session, &samples), learned(name, &samples), "{name}, {faults}");
        let counts = session.link_counts();
        assert_eq!(counts.pushes > 20, session.pace().pushes, "{name}, {faults}: {counts:?}");
        assert_eq!((counts.repeated, counts.damaged, counts.asked), (0, 0, 0));
    }
}

#[test]
fn a_line_that_takes_its_time_and_loses_frames_teaches_the_same() {
    let samples = samples(60);
    let clean = learned("icebreaker", &samples);
    let (mut lost, mut repeated) = (0, 0);
    for seed in 0..8 {
        let faults = format!("baud=3000000,latency=16ms,ber=1e-4,loss=0.02,dup=0.01,seed={seed}");
        let (mut session, injector, _) = connect("icebreaker", &faults);
        assert_eq!(train(&mut session, &samples).sha256(), clean.sha256(), "line {seed}");
        lost += injector.counts().frames_lost;
        repeated += session.link_counts().repeated;
        assert_eq!(injector.counts().undetected, 0);
    }
    assert!(lost > 20 && repeated > 20, "{lost} frames lost, {repeated} repeated: the line was too good");
}

/// A sample whose parts are all there.
struct Ready {
    parts: VecDeque<Part>,
    decided: Option<SampleResult>,
}

impl Ready {
    fn of(sample: &Sample) -> Self {
        let begin = Begin { teacher: Teacher::Nobody, label: 0, steps: sample.steps, first_loss_step: 0 };
        let steps = sample.unpack();
        let packed = steps.iter().map(|step| {
            let mut packed = Vec::new();
            pack_step(step.iter().copied(), &mut packed);
            Part::Steps(packed)
        });
        let parts = std::iter::once(Part::Begin(begin)).chain(packed).chain([Part::End]).collect();
        Self { parts, decided: None }
    }
}

impl Feed for Ready {
    fn next(&mut self) -> Option<Part> {
        self.parts.pop_front()
    }

    fn decided(&mut self, result: SampleResult) {
        self.decided = Some(result);
    }
}

/// How long `what` takes by the line's clock.
fn taken(clock: &Clock, what: impl FnOnce()) -> Duration {
    let start = clock.now();
    what();
    clock.now() - start
}

#[test]
fn a_decision_does_not_wait_for_an_adapter() {
    let samples = samples(20);
    for (faults, at_most, at_least) in
        [("baud=3000000,latency=16ms", 2, 0), ("baud=3000000,latency=16ms,packet=510", 17, 5)]
    {
        let (mut session, _, clock) = connect("small-w8", faults);
        let network = network(session.identity().capacity.weight_bits);
        session.load_network(&network).unwrap();
        session.write_parameters(&parameters(&network)).unwrap();
        for sample in &samples {
            let mut ready = Ready::of(sample);
            let took = taken(&clock, || session.feed(&mut ready).unwrap());
            assert!(ready.decided.is_some());
            let bounds = Duration::from_millis(at_least)..Duration::from_millis(at_most);
            assert!(bounds.contains(&took), "{faults}: {took:?}");
        }
    }
}

#[test]
fn a_host_that_teaches_does_not_wait_for_an_adapter_at_every_step() {
    let sample = &samples(1)[0];
    let (mut session, _, clock) = connect("small-w8", "baud=3000000,latency=16ms");
    let network = network(session.identity().capacity.weight_bits);
    session.load_network(&network).unwrap();
    session.write_parameters(&parameters(&network)).unwrap();
    let mut steps = 0;
    let mut teacher = |_: &Outputs, errors: &mut [i32]| {
        steps += 1;
        errors[0] = -60;
    };
    let took = taken(&clock, || {
        session.learn_taught(sample, &mut teacher).unwrap();
    });
    assert!(steps > 4 && took < Duration::from_millis(16), "{steps} steps in {took:?}");
}
