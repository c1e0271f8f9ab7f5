//! `stream`: events as they come, through a board.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arch::network::Topology;
use driver::Session;
use events::Encoding;
use events::pipeline::{Pipeline, Stage};
use events::recording::{Reader, Sensor};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;

use super::table;
use crate::board::Board;
use crate::checkpoint::Checkpoint;
use crate::cli::{EXIT_INTERRUPTED, Pace, Stream};
use crate::data::shape;
use crate::interrupt::Interrupt;
use crate::stream::desk::Desk;
use crate::stream::labels::Labels;
use crate::stream::latency::{Latencies, LatencySummary, time};
use crate::stream::pace::Clock;
use crate::stream::source;
use crate::stream::tally::Tally;
use crate::stream::view::View;
use crate::stream::watch::Watch;
use crate::stream::windows::{Tail, Windows};

/// How long the board waits for a window before the view is drawn again.
const PATIENCE: Duration = Duration::from_millis(40);

/// The last line of `--json`.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    board: &'a str,
    configuration: &'a str,
    pipeline: String,
    #[serde(flatten)]
    latency: LatencySummary,
    events: u64,
    late_events: u64,
    time_reversals: u64,
    lost_events: u64,
    lost_bytes: u64,
    events_behind_the_last_window: u64,
    parameters_sha256: String,
    interrupted: bool,
}

/// Runs `stream` until its source ends or the user has seen enough.
pub fn run(stream: &Stream, interrupt: &Interrupt) -> Result<ExitCode> {
    if stream.on.board == "float" {
        return Err(miette!(
            help = "use --board model: it computes what a board computes",
            "stream: the weights are integers in a board's formats, --board float has none"
        ));
    }
    let mut checkpoint = Checkpoint::load(&stream.weights).into_diagnostic()?;
    let labels = stream.labels.as_deref().map(|path| Labels::open(path, checkpoint.network.outputs()));
    let labels = labels.transpose()?.unwrap_or_default();
    let pipeline = pipeline(stream, &checkpoint)?;
    let encoding = encoding(stream, &checkpoint)?;
    let mut board = Board::open(&stream.on)?;
    board.restore(&checkpoint.network, &checkpoint.parameters, checkpoint.run.noise_seed.max(1))?;
    let configuration = board.configuration().to_owned();
    let line = board.pace().and_then(|pace| pace.line_rate).map(f64::from);
    let session = board.session("--board model computes what a board computes")?;

    let (reader, sensor) = opened(stream)?;
    let live = pipeline.live(sensor).into_diagnostic()?;
    let fast = if source::is_file(&stream.source) { Pace::Recorded } else { Pace::Fast };
    let clock = Clock::new(stream.pace.unwrap_or(fast));
    let tally = Arc::new(Tally::new(sensor, stream.view));
    let windows = Windows { reader, clock, live, encoding, labels, tally: tally.clone() };

    let view = stream.view.then(View::open).transpose().into_diagnostic().wrap_err("--view")?;
    let watch = Watch::new(view, stream.json, line, tally.clone());
    let (receiver, reading) = windows.start();
    let mut desk = Desk::new(receiver, tally.clone(), interrupt, stream.learn, watch);
    let decided = decide(session, &mut desk, interrupt, &tally);
    tally.stop.store(true, Relaxed);
    // The terminal is the user's again before anything is said.
    let Watch { latencies, view, .. } = desk.end();
    drop(view);
    decided?;
    let tail = ended(reading)?;

    let learned = session.read_parameters().into_diagnostic()?;
    if let Some(path) = &stream.out {
        checkpoint.run.noise_seed = session.seed().into_diagnostic()?;
        checkpoint.parameters = learned.clone();
        // Where an epoch stood was said of other weights.
        checkpoint.run.under_way = None;
        checkpoint.save(path).into_diagnostic()?;
    }
    let summary = Summary {
        board: &stream.on.board,
        configuration: &configuration,
        pipeline: pipeline.to_string(),
        latency: latencies.summary(),
        events: tally.events.load(Relaxed),
        late_events: tally.late.load(Relaxed),
        time_reversals: tail.report.time_reversals,
        lost_events: tail.report.loss.events,
        lost_bytes: tail.report.loss.bytes,
        events_behind_the_last_window: tail.left,
        parameters_sha256: learned.sha256(),
        interrupted: interrupt.requested(),
    };
    if stream.json {
        println!("{}", serde_json::to_string(&summary).into_diagnostic()?);
    } else {
        print(&summary, &latencies);
    }
    Ok(if interrupt.requested() { ExitCode::from(EXIT_INTERRUPTED) } else { ExitCode::SUCCESS })
}

/// The stages, with the window that is asked for.
fn pipeline(stream: &Stream, checkpoint: &Checkpoint) -> Result<Pipeline> {
    let trained = || checkpoint.run.preparation.pipeline.clone();
    let pipeline = stream.pipeline.clone().or_else(trained).unwrap_or_default();
    if let Some(window) = stream.window {
        return pipeline.with_window(window).into_diagnostic();
    }
    if pipeline.stages().iter().any(|stage| matches!(stage, Stage::Window(_))) {
        return Ok(pipeline);
    }
    Err(miette!(
        help = "--window 300ms, if the recordings that it was trained on were so long",
        "stream: the network was trained on whole recordings, and a stream has no end: wanted --window"
    ))
}

fn encoding(stream: &Stream, checkpoint: &Checkpoint) -> Result<Encoding> {
    let topology: Topology =
        checkpoint.run.topology.parse().into_diagnostic().wrap_err("the weights file's network")?;
    let steps = stream.steps.unwrap_or(checkpoint.run.steps);
    if steps == 0 {
        return Err(miette!(help = "use --steps 16", "--steps 0: a window needs at least one time step"));
    }
    Ok(Encoding { shape: shape(topology.input), steps, seed: 0, image_code: events::ImageCode::default() })
}

fn opened(stream: &Stream) -> Result<(Reader, Sensor)> {
    let reader = source::open(&stream.source, &stream.reading.options())?;
    let sensor = reader.header().sensor.ok_or_else(|| {
        miette!(
            help = "--sensor 128x128, or whatever it has",
            "--source {}: {} does not state its sensor",
            stream.source,
            reader.header().format
        )
    })?;
    Ok((reader, sensor))
}

/// What the thread that reads says in the end. One that waits for a source that says nothing is not waited for.
fn ended(reading: JoinHandle<Result<Tail>>) -> Result<Tail> {
    let start = Instant::now();
    while !reading.is_finished() && start.elapsed() < PATIENCE * 5 {
        std::thread::sleep(PATIENCE / 4);
    }
    if !reading.is_finished() {
        return Ok(Tail::default());
    }
    reading.join().map_err(|_| miette!("stream: the thread that reads has panicked"))?
}

/// Feeds the board until the source ends or the user does.
fn decide(session: &mut Session, desk: &mut Desk<'_>, interrupt: &Interrupt, tally: &Tally) -> Result<()> {
    loop {
        session.feed(desk).into_diagnostic()?;
        desk.watch.look(session).into_diagnostic().wrap_err("--view")?;
        if interrupt.requested() || tally.stopped() || !desk.wait(PATIENCE) {
            return Ok(());
        }
    }
}

/// The latencies and what became of the events.
fn print(summary: &Summary<'_>, latencies: &Latencies) {
    let LatencySummary { decisions, labelled, right, learned, .. } = summary.latency;
    let mut table = table(&[]);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_owned(), value]);
    };
    row("events", summary.events.to_string());
    row("of those late", summary.late_events.to_string());
    row("with a time that stepped back", summary.time_reversals.to_string());
    row("behind the last window", summary.events_behind_the_last_window.to_string());
    if summary.lost_events + summary.lost_bytes > 0 {
        row("damaged", format!("{} events, {} bytes", summary.lost_events, summary.lost_bytes));
    }
    row("decisions", decisions.to_string());
    if labelled > 0 {
        row("right", format!("{right} of {labelled} whose class was known"));
    }
    if learned > 0 {
        row("learned", learned.to_string());
    }
    let LatencySummary { min_us, p50_us, p90_us, p99_us, max_us, .. } = summary.latency;
    if decisions > 0 {
        let [min, p50, p90, p99, max] = [min_us, p50_us, p90_us, p99_us, max_us].map(time);
        row("latency", format!("{min} to {max}; half within {p50}, 90 % {p90}, 99 % {p99}"));
    }
    println!("{table}");
    if decisions > 0 {
        println!("{}", latencies.bars());
    }
}
