//! Simulated cycles a second, natively and in Verilator, and recordings a second as a user of each sees them.
//!
//! A recording is sent, learned and answered behind the serial pins, cycle by cycle. Criterion's elements are cycles; the time
//! of an iteration is that of a recording.

use std::ops::ControlFlow;

use arch::network::Shifts;
use arch::{Board, Layer, Learn, Network, Shape, Surrogate, Updates};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driver::transport::InProcess;
use driver::{Learner, Options, Sample, Session};
use events::{Dataset, Encoding, ImageCode};
use model::fixed::{Initial, initial_parameters};
use sim::HardwareBoard;
use sim::hardware::Backend;
use sim::toolchain::{need, verilator};

/// A recording of this shape in so many steps, for a network of as many hidden neurons.
struct Case {
    name: &'static str,
    configuration: &'static str,
    side: u16,
    steps: u16,
    hidden: u16,
}

const FULL: Case =
    Case { name: "2x17x17-200-10", configuration: "icebreaker", side: 17, steps: 16, hidden: 200 };
const SMALL: Case = Case { name: "2x6x6-18-10", configuration: "small-w8", side: 6, steps: 4, hidden: 18 };

fn sample(case: &Case) -> Sample {
    let shape = events::Shape { channels: 2, height: case.side, width: case.side };
    let encoding = Encoding { shape, steps: case.steps, seed: 0, image_code: ImageCode::Regular };
    let recordings = Dataset::open("bundled:test", Some(1)).expect("the bundled recordings");
    let encoded = recordings.encode(&encoding).expect("recordings of this shape");
    let s = &encoded[0];
    Sample::new(s.label, s.first_loss_step, s.spikes.iter()).expect("ascending events")
}

fn load(session: &mut Session, case: &Case) {
    let layer = |input: Shape, outputs: u16| Layer {
        input,
        output: Shape::flat(outputs),
        weight_fraction_bits: 8,
        surrogate: Surrogate::Shift,
        learn: Learn::WTL,
        shifts: Shifts { weight: 12, threshold: 16, leak: 20 },
    };
    let input = Shape { channels: 2, height: case.side, width: case.side };
    let network = Network {
        weight_bits: session.identity().capacity.weight_bits,
        updates: Updates::Online,
        layers: vec![layer(input, case.hidden), layer(Shape::flat(case.hidden), 10)],
    };
    let parameters =
        initial_parameters(&network, &Initial { gain: 2.0, threshold: 0.5, leak: 0.75, seed: 1 });
    session.load_network(&network).expect("a network that fits");
    session.write_parameters(&parameters).expect("its parameters");
}

fn hardware(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hardware");
    group.sample_size(10);
    for (backend, case) in [(Backend::Rtl, SMALL), (Backend::Verilator, SMALL), (Backend::Verilator, FULL)] {
        if backend == Backend::Verilator && !need(verilator::TOOLS) {
            continue;
        }
        let board = Board::named(case.configuration).expect("a board of this repository");
        let device = HardwareBoard::new(&board, backend, None).expect("hardware of this board");
        let cycles = device.cycles();
        let mut session = Session::connect(InProcess::new(device), Options::default()).expect("a session");
        load(&mut session, &case);
        let sample = sample(&case);
        let mut learn = || {
            session
                .run(&mut std::iter::once(&sample), true, &mut |_, _| ControlFlow::Continue(()))
                .expect("an answer");
        };
        let before = cycles.get();
        learn();
        let taken = cycles.get() - before;
        group.throughput(Throughput::Elements(taken));
        group.bench_function(format!("{backend:?}/{}", case.name), |bencher| bencher.iter(&mut learn));
        println!("{} cycles a recording", taken);
    }
    group.finish();
}

criterion_group!(benches, hardware);
criterion_main!(benches);
