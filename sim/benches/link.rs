//! Events a second from the driver to the virtual board: in process, through a pseudo-terminal, and over a line that takes its time;
//! with the board's window and one frame at a time.
//!
//! The bundled N-MNIST recordings as 2x17x17 in 16 steps, classified by a 578-8-10 network so that the link weighs more
//! than the model. Criterion's elements are events.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use arch::network::Shifts;
use arch::{Board, Layer, Learn, Network, Shape, Surrogate, Updates};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driver::transport::{Clock, Delays, InProcess, Paced, Serial};
use driver::{Options, Sample, Session, Transport, evaluate};
use events::{Dataset, Encoding, ImageCode};
use sim::{VirtualBoard, serve_pty};

const CONFIGURATION: &str = "icebreaker";

fn samples() -> Vec<Sample> {
    let shape = events::Shape { channels: 2, height: 17, width: 17 };
    let encoding = Encoding { shape, steps: 16, seed: 0, image_code: ImageCode::Regular };
    let recordings = Dataset::open("bundled:test", None).expect("the bundled recordings");
    let encoded = recordings.encode(&encoding).expect("recordings of this shape");
    encoded
        .iter()
        .map(|s| Sample::new(s.label, s.first_loss_step, s.spikes.iter()).expect("ascending events"))
        .collect()
}

fn load(session: &mut Session) {
    let layer = |input: Shape, outputs: u16| Layer {
        input,
        output: Shape::flat(outputs),
        weight_fraction_bits: 8,
        surrogate: Surrogate::Shift,
        learn: Learn::NOTHING,
        shifts: Shifts { weight: 12, threshold: 16, leak: 20 },
    };
    let input = Shape { channels: 2, height: 17, width: 17 };
    let network = Network {
        weight_bits: session.identity().capacity.weight_bits,
        updates: Updates::Online,
        layers: vec![layer(input, 8), layer(Shape::flat(8), 10)],
    };
    session.load_network(&network).expect("a network that fits");
}

/// A session over `transport` with the small network.
fn session(transport: impl Transport + 'static) -> Session {
    let mut session = Session::connect(transport, Options::default()).expect("a session");
    load(&mut session);
    session
}

fn pass(session: &mut Session, samples: &[Sample]) {
    evaluate(session, samples, || ControlFlow::Continue(())).expect("a pass");
}

/// The board that sends frames one by one is told apart by its window only.
fn boards() -> [(&'static str, Board); 2] {
    let board = Board::named(CONFIGURATION).expect("a board of this repository");
    let mut alone = board.clone();
    alone.link.window = 1;
    [("windowed", board), ("one frame at a time", alone)]
}

fn link(criterion: &mut Criterion) {
    let samples = samples();
    let events: u64 = samples.iter().map(|sample| u64::from(sample.events)).sum();
    let mut group = criterion.benchmark_group("link");
    group.throughput(Throughput::Elements(events)).sample_size(20);
    for (name, board) in boards() {
        let mut session = session(InProcess::new(VirtualBoard::new(&board)));
        group.bench_function(format!("in-process, {name}"), |bencher| {
            bencher.iter(|| pass(&mut session, &samples));
        });
    }
    for (name, board) in boards() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board");
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, ready) = mpsc::channel();
        let (flag, link) = (stop.clone(), path.clone());
        let thread = std::thread::spawn(move || {
            serve_pty(&mut VirtualBoard::new(&board), &link, &flag, |_| {
                let _ = sender.send(());
            })
            .expect("a terminal");
        });
        ready.recv().expect("a terminal");
        let port = Serial::open(&path.to_string_lossy(), 3_000_000).expect("the port");
        let mut session = session(port);
        group.bench_function(format!("pseudo-terminal, {name}"), |bencher| {
            bencher.iter(|| pass(&mut session, &samples));
        });
        drop(session);
        stop.store(true, Ordering::SeqCst);
        let _ = thread.join();
    }
    group.finish();
}

/// The first ten recordings over a line of 3 Mbaud, by the system's clock.
fn slow_line(criterion: &mut Criterion) {
    let samples = &samples()[..10];
    let events: u64 = samples.iter().map(|sample| u64::from(sample.events)).sum();
    let mut group = criterion.benchmark_group("slow-line");
    group.throughput(Throughput::Elements(events)).sample_size(10);
    for latency in [1, 16] {
        for (name, board) in boards() {
            let delays = Delays {
                baud: Some(3_000_000),
                latency: Some(Duration::from_millis(latency)),
                ..Delays::default()
            };
            let board = InProcess::new(VirtualBoard::new(&board));
            let mut session = session(Paced::new(board, delays, Clock::System));
            group.bench_function(format!("{latency} ms, {name}"), |bencher| {
                bencher.iter(|| pass(&mut session, samples));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, link, slow_line);
criterion_main!(benches);
