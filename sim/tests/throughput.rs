//! How much of a line carries events, by counted time: models behind lines of any rate and latency, the hardware by its own cycles.
//!
//! ```text
//!   Session ──┬─> Paced, by a clock that only waiting moves ─> VirtualBoard: computes in no time
//!             └─> Timed, by the core's cycles ────────────────> HardwareBoard: UART, link, engine
//! ```
//!
//! `docs/throughput.md` has the tables that the ignored tests print.

mod common;

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::{Duration, Instant};

use arch::network::Shifts;
use arch::{Board, Layer, Learn, Network, Shape, Surrogate, Updates};
use common::board;
use driver::transport::{Clock, Delays, InProcess, Paced};
use driver::{Learner, Options, Pace, Sample, Session};
use events::{Dataset, Encoding, ImageCode};
use model::fixed::{Initial, initial_parameters};
use sim::hardware::Backend;
use sim::toolchain::{need, verilator};
use sim::{HardwareBoard, Timed, VirtualBoard};

const INITIAL: Initial = Initial { gain: 2.0, threshold: 0.5, leak: 0.75, seed: 1 };

/// N-MNIST recordings of so many pixels a side and so many steps.
fn recordings(side: u16, steps: u16, count: usize) -> Vec<Sample> {
    let shape = events::Shape { channels: 2, height: side, width: side };
    let encoding = Encoding { shape, steps, seed: 0, image_code: ImageCode::Regular };
    let encoded = Dataset::open("bundled:test", Some(count)).unwrap().encode(&encoding).unwrap();
    encoded.iter().map(|s| Sample::new(s.label, 0, s.spikes.iter()).unwrap()).collect()
}

/// The same, so many behind each other as one recording: what a camera's long recordings are like.
fn long(side: u16, steps: u16, count: usize, together: usize) -> Vec<Sample> {
    let short = recordings(side, steps, count * together);
    let join = |samples: &[Sample]| {
        let steps: Vec<Vec<u32>> = samples.iter().flat_map(Sample::unpack).collect();
        Sample::new(0, 0, &steps).unwrap()
    };
    short.chunks(together).map(join).collect()
}

fn network(session: &Session, side: u16, hidden: u16, learn: Learn) -> Network {
    let layer = |input: Shape, outputs: u16| Layer {
        input,
        output: Shape::flat(outputs),
        weight_fraction_bits: 7,
        surrogate: Surrogate::Shift,
        learn,
        shifts: Shifts { weight: 12, threshold: 15, leak: 20 },
    };
    Network {
        weight_bits: session.identity().capacity.weight_bits,
        updates: Updates::Online,
        layers: vec![
            layer(Shape { channels: 2, height: side, width: side }, hidden),
            layer(Shape::flat(hidden), 10),
        ],
    }
}

/// What a pass over recordings took of its line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pass {
    pace: Pace,
    /// Part of the time in which bytes of any kind were on the line to the board.
    line: f64,
    /// Part in which bytes of events' frames were: the rest is begins, ends, pushes and silence.
    events: f64,
    events_a_second: f64,
}

/// Classifies `samples`.
fn pass(session: &mut Session, samples: &[Sample], now: impl Fn() -> Duration) -> Pass {
    let rate = f64::from(session.pace().line_rate.unwrap());
    let (before, start) = (session.link_counts(), now());
    let mut results = 0;
    let mut count = |_, _| {
        results += 1;
        ControlFlow::Continue(())
    };
    session.run(&mut samples.iter(), false, &mut count).unwrap();
    assert_eq!(results, samples.len());
    let seconds = (now() - start).as_secs_f64();
    let after = session.link_counts();
    assert_eq!((after.repeated, after.asked, after.damaged), (0, 0, 0));
    let packed: usize = samples.iter().map(|sample| sample.packed.len()).sum();
    let payload = session.pace().payload;
    let frames: usize = samples.iter().map(|sample| sample.packed.len().div_ceil(payload)).sum();
    // Header, CRC, stuffing and end.
    let carried = packed + 6 * frames;
    let events: u64 = samples.iter().map(|sample| u64::from(sample.events)).sum();
    Pass {
        pace: session.pace(),
        line: (after.bytes_sent - before.bytes_sent) as f64 / rate / seconds,
        events: carried as f64 / rate / seconds,
        events_a_second: events as f64 / seconds,
    }
}

/// A pass of a model of these buffers behind a line with these delays.
fn modelled(window: u32, receive_buffer: u32, delays: &str, samples: &[Sample]) -> Pass {
    let mut board = board("small-w8");
    board.engine = Board::named("icebreaker").unwrap().engine;
    (board.link.window, board.link.receive_buffer) = (window, receive_buffer);
    let clock = Clock::standing();
    let delays: Delays = delays.parse::<driver::transport::Faults>().unwrap().delays;
    let line = Paced::new(InProcess::new(VirtualBoard::new(&board)), delays, clock.clone());
    let mut session = Session::connect(line, Options::default()).unwrap();
    let network = network(&session, 17, 8, Learn::NOTHING);
    session.load_network(&network).unwrap();
    let start: Instant = clock.now();
    pass(&mut session, samples, || clock.now() - start)
}

#[test]
fn a_line_is_full_behind_sixteen_milliseconds_with_the_buffers_as_built() {
    let samples = long(17, 16, 3, 10);
    let pass = modelled(4, 1024, "baud=3000000,latency=16ms", &samples);
    assert!(pass.pace.pushes, "{pass:?}");
    assert!(pass.events > 0.95, "{pass:?}");
    // One frame at a time is a window of one: each waits for the adapter.
    let alone = modelled(1, 1024, "baud=3000000,latency=16ms", &samples);
    assert!(alone.events < 0.12 && !alone.pace.pushes, "{alone:?}");
    // Counted, not timed: the same again.
    assert_eq!(modelled(4, 1024, "baud=3000000,latency=16ms", &samples), pass);
}

/// What a run on the hardware took, in cycles a recording.
#[derive(Debug, Clone, Copy)]
struct Cycles {
    /// From the first byte to the last result.
    all: u64,
    /// By the engine's own counters.
    engine: u64,
    /// In which a byte was on the line to the board.
    line: u64,
    /// The larger of both, recording by recording; known where they run one by one.
    larger: u64,
    pace: Pace,
}

/// Runs `samples` on the hardware of `name` in Verilator, behind its serial pins and an adapter with this latency; `together` of them
/// without waiting for a result.
fn on_hardware(
    name: &str,
    side: u16,
    hidden: u16,
    latency: u64,
    learn: bool,
    samples: &[Sample],
    together: usize,
) -> Cycles {
    let board = board(name);
    let hardware = HardwareBoard::new(&board, Backend::Verilator, None).unwrap();
    let byte = u64::from(hardware.byte_cycles());
    let delays = Delays { latency: Some(Duration::from_millis(latency)), ..Delays::default() };
    let time = Rc::new(Cell::new(0));
    let line = Timed::new(Rc::new(RefCell::new(hardware)), board.engine.clock_hz, delays, time.clone());
    let mut session = Session::connect(line, Options::default()).unwrap();
    let network = network(&session, side, hidden, if learn { Learn::WTL } else { Learn::NOTHING });
    session.load_network(&network).unwrap();
    session.write_parameters(&initial_parameters(&network, &INITIAL)).unwrap();
    session.clear_counts().unwrap();
    let (mut all, mut engine, mut line, mut larger) = (0, 0, 0, 0);
    for samples in samples.chunks(together) {
        let (start, sent) = (time.get(), session.link_counts().bytes_sent);
        session.run(&mut samples.iter(), learn, &mut |_, _| ControlFlow::Continue(())).unwrap();
        let sent = (session.link_counts().bytes_sent - sent) * byte;
        all += time.get() - start;
        // What this takes is not counted.
        let cycles = session.cycles().unwrap().total();
        session.clear_counts().unwrap();
        (engine, line, larger) = (engine + cycles, line + sent, larger + cycles.max(sent));
    }
    assert_eq!(session.link_counts().repeated, 0);
    let [all, engine, line, larger] = [all, engine, line, larger].map(|cycles| cycles / samples.len() as u64);
    Cycles { all, engine, line, larger, pace: session.pace() }
}

#[test]
fn the_hardware_receives_while_it_computes() {
    if !need(verilator::TOOLS) {
        return;
    }
    let cases = [("small-w8", 6, 18, recordings(6, 4, 20)), ("icebreaker", 17, 200, recordings(17, 16, 4))];
    for (name, side, hidden, samples) in cases {
        let run = |together| on_hardware(name, side, hidden, 0, true, &samples, together);
        let (windowed, alone) = (run(samples.len()), run(1));
        println!("{name}: {windowed:?}, one by one {alone:?}");
        let Cycles { all, engine, line, .. } = windowed;
        assert_eq!((engine, line), (alone.engine, alone.line), "{name}: not the same work");
        // One after the other they would take their sum, and whatever lies between.
        assert!(all < engine + line, "{name}: {windowed:?}");
        assert!(all < alone.all, "{name}: {windowed:?}, one by one {alone:?}");
        assert!(all * 4 < alone.larger * 5, "{name}: {windowed:?}, one by one {alone:?}");
    }
}

/// What the model's table says of an ECP5's buffers, on hardware that has them.
#[test]
fn the_hardwares_line_is_full_behind_sixteen_milliseconds() {
    if !need(verilator::TOOLS) {
        return;
    }
    let samples = vec![long(6, 4, 1, 100).remove(0); 5];
    let cycles = on_hardware("small-w8", 6, 18, 16, false, &samples, samples.len());
    assert!(cycles.pace.pushes, "{cycles:?}");
    let frames = samples[0].packed.len().div_ceil(cycles.pace.payload);
    let carried = 80 * (samples[0].packed.len() + 6 * frames) as u64;
    println!("events' frames {:.3} of the line: {cycles:?}", carried as f64 / cycles.all as f64);
    assert!(100 * carried > 95 * cycles.all, "{carried} of {cycles:?}");
}

#[test]
#[ignore = "prints docs/throughput.md's table: minutes"]
fn table_of_hardware() {
    if !need(verilator::TOOLS) {
        return;
    }
    println!("| | latency | | cycles a recording | engine | line | sum | larger, each |");
    let cases = [
        ("small-w8", 6, 18, recordings(6, 4, 60)),
        ("icebreaker", 17, 200, recordings(17, 16, 20)),
        ("small-w8, long", 6, 18, long(6, 4, 2, 50)),
        ("icebreaker, long", 17, 200, long(17, 16, 2, 10)),
    ];
    for (name, side, hidden, samples) in cases {
        let count = samples.len();
        for (learn, latency) in [(false, 0), (false, 16), (true, 0), (true, 1), (true, 16)] {
            for together in [1, count] {
                let cycles = on_hardware(
                    name.split(',').next().unwrap(),
                    side,
                    hidden,
                    latency,
                    learn,
                    &samples,
                    together,
                );
                let Cycles { all, engine, line, larger, pace } = cycles;
                println!(
                    "| {name}, {} | {latency} ms | {}{} | {all} | {engine} | {line} | {} | {larger} |",
                    if learn { "learning" } else { "classifying" },
                    if together == 1 { "one by one" } else { "windowed" },
                    if pace.pushes { ", pushes" } else { "" },
                    engine + line,
                );
            }
        }
    }
}

/// Frames and bytes: one at a time, as built (512 on an iCE40, 1,024 on an ECP5), what would cost little, and more.
const BUFFERS: [(u32, u32); 8] =
    [(1, 1024), (4, 512), (6, 512), (4, 1024), (6, 2048), (8, 2048), (16, 4096), (32, 8192)];

#[test]
#[ignore = "prints docs/throughput.md's table: a minute"]
fn table_of_models() {
    let (short, long) = (recordings(17, 16, 100), long(17, 16, 10, 10));
    println!(
        "| baud | latency | window, bytes | payload, pushes | line, N-MNIST | events | long: line | events' frames | events a second |"
    );
    for baud in [1_000_000, 3_000_000] {
        for latency in ["0ms", "1ms", "16ms", "16ms,packet=510"] {
            for (window, bytes) in BUFFERS {
                let delays = format!("baud={baud},latency={latency}");
                let [short, long] = [&short, &long].map(|samples| modelled(window, bytes, &delays, samples));
                println!(
                    "| {} M | {latency} | {window}, {bytes} | {}{} | {:.1} % | {:.0} | {:.1} % | {:.1} % | {:.0} |",
                    baud / 1_000_000,
                    long.pace.payload,
                    if long.pace.pushes { ", pushes" } else { "" },
                    100.0 * short.line,
                    short.events_a_second,
                    100.0 * long.line,
                    100.0 * long.events,
                    long.events_a_second,
                );
            }
        }
    }
}
