//! Where windows wait for the board, and its decisions for the user.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use arch::protocol::{Begin, SampleResult, Teacher};
use driver::{Feed, Part};
use serde::Serialize;

use super::tally::Tally;
use super::watch::Watch;
use super::windows::Window;
use crate::interrupt::Interrupt;

/// What the board said of a window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The window, from 0.
    pub window: u64,
    /// Its time, of the recording's clock.
    #[serde(flatten)]
    pub time_us: Span,
    /// Events in it, behind the pipeline.
    pub events: usize,
    /// The right class, if it is known.
    pub label: Option<u16>,
    /// Whether it was learned.
    pub learned: bool,
    /// The class decided on.
    pub prediction: u16,
    /// Spikes of its output neuron.
    pub spikes: u16,
    /// From the end of the window to the decision.
    pub latency_us: u64,
}

/// A window's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// From here on.
    pub start_us: u64,
    /// Until before this.
    pub end_us: u64,
}

impl From<Range<u64>> for Span {
    fn from(time: Range<u64>) -> Self {
        Self { start_us: time.start, end_us: time.end }
    }
}

/// Feeds a board with windows as they come.
pub struct Desk<'a> {
    windows: Receiver<Window>,
    tally: Arc<Tally>,
    interrupt: &'a Interrupt,
    learn: bool,
    /// Whether a window waits until the one before it is decided: so that what the board holds of that can be read.
    one_by_one: bool,
    parts: VecDeque<Part>,
    under_way: VecDeque<Window>,
    /// Who is told of decisions.
    pub watch: Watch,
}

impl<'a> Desk<'a> {
    /// Tells `watch` of each decision.
    pub fn new(
        windows: Receiver<Window>,
        tally: Arc<Tally>,
        interrupt: &'a Interrupt,
        learn: bool,
        watch: Watch,
    ) -> Self {
        let (parts, under_way) = (VecDeque::new(), VecDeque::new());
        let one_by_one = watch.view.is_some();
        Self { windows, tally, interrupt, learn, one_by_one, parts, under_way, watch }
    }

    /// Waits for a window, so long at most. False once there will be none.
    pub fn wait(&mut self, patience: Duration) -> bool {
        match self.windows.recv_timeout(patience) {
            Ok(window) => self.begin(window),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    /// Takes no further window.
    pub fn end(self) -> Watch {
        self.watch
    }

    fn begin(&mut self, mut window: Window) {
        self.tally.queued.fetch_sub(1, Relaxed);
        let sample = &mut window.sample;
        let teacher = Teacher::label_if(self.learn && window.label.is_some());
        let (steps, first_loss_step) = (sample.steps, sample.first_loss_step);
        let packed = std::mem::take(&mut sample.packed);
        self.parts.push_back(Part::Begin(Begin { teacher, label: sample.label, steps, first_loss_step }));
        self.parts.push_back(Part::Steps(packed));
        self.parts.push_back(Part::End);
        self.under_way.push_back(window);
    }
}

impl Feed for Desk<'_> {
    fn next(&mut self) -> Option<Part> {
        let waits = self.one_by_one && !self.under_way.is_empty();
        if self.parts.is_empty() && !waits && !self.interrupt.requested() && !self.tally.stopped() {
            self.windows.try_recv().into_iter().for_each(|window| self.begin(window));
        }
        self.parts.pop_front()
    }

    fn decided(&mut self, result: SampleResult) {
        let Some(window) = self.under_way.pop_front() else { return };
        self.watch.decided(Decision {
            window: window.number,
            time_us: window.time_us.into(),
            events: window.events,
            label: window.label,
            learned: self.learn && window.label.is_some(),
            prediction: result.prediction,
            spikes: result.spikes,
            latency_us: u64::try_from(window.over.elapsed().as_micros()).unwrap_or(u64::MAX),
        });
    }
}
