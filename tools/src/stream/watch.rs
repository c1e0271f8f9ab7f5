//! Who is told of decisions: lines on stdout, or the view; and the latencies.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use arch::registers::Space;
use driver::Session;

use super::desk::Decision;
use super::latency::{Latencies, time};
use super::tally::Tally;
use super::view::{Scene, View};

/// What becomes of decisions.
pub struct Watch {
    /// How long they took.
    pub latencies: Latencies,
    /// The terminal, where somebody looks.
    pub view: Option<View>,
    /// Lines are JSON.
    json: bool,
    scene: Scene,
    tally: Arc<Tally>,
}

impl Watch {
    /// Lines, or a view of a line that carries so many bytes a second.
    pub fn new(view: Option<View>, json: bool, line: Option<f64>, tally: Arc<Tally>) -> Self {
        let mut scene = Scene::default();
        scene.line = line;
        Self { latencies: Latencies::new(), view, json, scene, tally }
    }

    /// Counts a decision and prints it. Where nobody reads any more, the stream ends.
    pub fn decided(&mut self, decision: Decision) {
        self.latencies.add(&decision);
        if self.view.is_some() {
            self.scene.decide(decision);
            return;
        }
        let line =
            if self.json { serde_json::to_string(&decision).unwrap_or_default() } else { words(&decision) };
        if writeln!(io::stdout(), "{line}").is_err() {
            self.tally.stop.store(true, Relaxed);
        }
    }

    /// Draws the view where it is time to, with what `session` tells of the window that was decided last.
    pub fn look(&mut self, session: &mut Session) -> io::Result<()> {
        let Some(view) = self.view.as_mut().filter(|view| view.is_due()) else { return Ok(()) };
        let outputs = session.network().map_or(0, arch::Network::outputs);
        if let Ok(bytes) = session.read(Space::SpikeCounts, 0, outputs) {
            self.scene.activity =
                bytes.as_chunks::<2>().0.iter().map(|&word| u16::from_le_bytes(word)).collect();
        }
        let picture = self.tally.picture.as_ref();
        self.scene.picture =
            picture.map(|picture| picture.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take());
        self.scene.events = self.tally.events.load(Relaxed);
        self.scene.late = self.tally.late.load(Relaxed);
        self.scene.queued = self.tally.queued.load(Relaxed);
        self.scene.measure(Instant::now(), session.link_counts());
        view.show(&self.scene)?;
        if view.ended() {
            self.tally.stop.store(true, Relaxed);
        }
        Ok(())
    }
}

/// A decision as a line.
fn words(decision: &Decision) -> String {
    let Decision { window, time_us, events, label, learned, prediction, spikes, latency_us } = decision;
    let judged = match label {
        Some(label) if label == prediction => "  right".to_owned(),
        Some(label) => format!("  wrong, it is {label}"),
        None => String::new(),
    };
    format!(
        "window {window:<5} until {:>11.3} s  {events:>8} events  class {prediction:<4} {spikes:>4} spikes  {:>10}{judged}{}",
        time_us.end_us as f64 / 1e6,
        time(*latency_us),
        if *learned { ", learned" } else { "" }
    )
}
