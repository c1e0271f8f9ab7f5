//! The thread that reads: events become windows, windows samples.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use driver::Sample;
use events::pipeline::Live;
use events::recording::{Reader, Report};
use events::{Encoding, Event, Item, Recording};
use miette::{IntoDiagnostic, Result};

use super::labels::Labels;
use super::pace::{Clock, TICK, late};
use super::tally::Tally;

/// Windows that wait for the board at most: beyond them, events wait, and are late.
pub const QUEUE: usize = 16;

/// A window, ready for the board.
#[derive(Debug)]
pub struct Window {
    /// From 0.
    pub number: u64,
    /// Its time, of the recording's clock.
    pub time_us: Range<u64>,
    /// Events in it, behind the pipeline.
    pub events: usize,
    /// The right class, if it is known.
    pub label: Option<u16>,
    /// When it was over.
    pub over: Instant,
    /// Its spikes.
    pub sample: Sample,
}

/// What is known at the end of a stream.
#[derive(Debug, Default)]
pub struct Tail {
    /// Of the reader.
    pub report: Report,
    /// Events behind the last window.
    pub left: u64,
}

/// What makes windows of events.
pub struct Windows {
    /// Where they come from.
    pub reader: Reader,
    /// When they are due.
    pub clock: Clock,
    /// What becomes of them.
    pub live: Live,
    /// How windows become spikes.
    pub encoding: Encoding,
    /// When which class is right.
    pub labels: Labels,
    /// What is said meanwhile.
    pub tally: Arc<Tally>,
}

impl Windows {
    /// Starts to read.
    pub fn start(self) -> (Receiver<Window>, JoinHandle<Result<Tail>>) {
        let (sender, receiver) = sync_channel(QUEUE);
        (receiver, std::thread::spawn(move || Windows::run(self, &sender)))
    }

    fn run(self, sender: &SyncSender<Window>) -> Result<Tail> {
        let Self { mut reader, mut clock, mut live, encoding, labels, tally } = self;
        let mut out = Out { sender, encoding, labels, tally: tally.clone(), number: 0 };
        loop {
            let mut rest = reader.next_chunk().into_diagnostic()?;
            if rest.is_empty() || tally.stopped() {
                break;
            }
            while !rest.is_empty() && !tally.stopped() {
                let (due, now_us) = clock.due(rest);
                let (events, others) = rest.split_at(due);
                rest = others;
                if events.is_empty() {
                    // The next event is in the future: until then, nothing comes.
                    let over = live.until(now_us.unwrap_or(0)).into_diagnostic()?;
                    out.send(over, &clock)?;
                    std::thread::sleep(TICK);
                    continue;
                }
                tally.events.fetch_add(events.len() as u64, Relaxed);
                tally.late.fetch_add(late(events, now_us), Relaxed);
                if let Some(picture) = &tally.picture {
                    picture.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).add(events);
                }
                let over = live.push(events).into_diagnostic()?;
                out.send(over, &clock)?;
            }
        }
        let (last, left) = live.finish().into_diagnostic()?;
        out.send(last, &clock)?;
        Ok(Tail { report: reader.report().clone(), left })
    }
}

struct Out<'a> {
    sender: &'a SyncSender<Window>,
    encoding: Encoding,
    labels: Labels,
    tally: Arc<Tally>,
    number: u64,
}

impl Out<'_> {
    /// Queues windows; waits where the queue is full. Where nobody takes them any more, they are not missed.
    fn send(&mut self, windows: Vec<Recording>, clock: &Clock) -> Result<()> {
        for mut recording in windows {
            let time_us = recording.window_us.clone().unwrap_or_else(|| spanned(&recording.events));
            let label = self.labels.of(&time_us);
            recording.label = label.unwrap_or(0);
            let events = recording.events.len();
            let encoded = Item::Recording(recording).encode(0, &self.encoding).into_diagnostic()?;
            let sample = Sample::new(encoded.label, encoded.first_loss_step, encoded.spikes.iter())
                .into_diagnostic()?;
            let over = clock.instant(time_us.end);
            let window = Window { number: self.number, time_us, events, label, over, sample };
            self.number += 1;
            self.tally.queued.fetch_add(1, Relaxed);
            if self.sender.send(window).is_err() {
                self.tally.stop.store(true, Relaxed);
            }
        }
        Ok(())
    }
}

/// From the first event to the last.
fn spanned(events: &[Event]) -> Range<u64> {
    let [first, last] = [events.first(), events.last()].map(|event| event.map_or(0, |event| event.t_us));
    first..last.saturating_add(1)
}
