//! What a stage is: a rule of a pipeline, and that rule at work on the events of one recording.

use super::augment::{Drop, Flip, Jitter, Shift};
use super::background::Background;
use super::crop::Crop;
use super::downsample::Downsample;
use super::hot_pixels::HotPixels;
use super::polarity::Polarity;
use super::problem::Problem;
use super::quantise::Quantise;
use super::window::Window;
use super::words::Words;
use crate::item::Event;
use crate::recording::Sensor;
use rand_chacha::ChaCha8Rng;
use std::fmt;
use std::ops::Range;

/// What a stage begins to work on. It leaves here what the next stage gets.
pub(super) struct Site {
    /// The pixels.
    pub sensor: Sensor,
    /// The class.
    pub label: u16,
    /// The time of a window, µs.
    pub window_us: Option<Range<u64>>,
    /// The stage's own random numbers; None where nothing is learned, so that nothing may be drawn.
    pub random: Option<ChaCha8Rng>,
}

/// The most pixels of which a stage remembers something: four times those of a 1280x720 sensor.
const MAX_PIXELS: usize = 1 << 22;

impl Site {
    /// How many pixels there are, where something is to be remembered of each.
    pub fn pixels(&self) -> Result<usize, Problem> {
        let Sensor { width, height } = self.sensor;
        match usize::from(width) * usize::from(height) {
            pixels if pixels <= MAX_PIXELS => Ok(pixels),
            _ => Err(Problem::LargeSensor { sensor: self.sensor, limit: MAX_PIXELS }),
        }
    }
}

/// A stage at work on one recording or stream.
pub(super) trait Filter: Send {
    /// Changes the next events in place, takes some off, or keeps them. Their times do not decrease, before and
    /// after. However a recording is divided into calls, the events that come out are the same.
    fn apply(&mut self, events: &mut Vec<Event>);
}

/// Takes off the events of which `keep` is false, after it has changed them. Without a branch, since nothing foretells it:
/// `polarity=on` passes 2.7 times as many events a second as by [`Vec::retain`].
pub(super) fn retain(events: &mut Vec<Event>, mut keep: impl FnMut(&mut Event) -> bool) {
    let mut kept = 0;
    for at in 0..events.len() {
        let mut event = events[at];
        let keeps = keep(&mut event);
        events[kept] = event;
        kept += usize::from(keeps);
    }
    events.truncate(kept);
}

/// A stage as it stands in a pipeline; printed as it is typed.
pub(super) trait Rule: fmt::Display {
    /// Begins to work. `recording` is all that will come, or None of a stream, which cannot be looked at first.
    ///
    /// None: events pass as they are.
    fn begin(&self, site: &mut Site, recording: Option<&[Event]>)
    -> Result<Option<Box<dyn Filter>>, Problem>;

    /// Whether it draws, and so acts only where something is learned.
    fn draws(&self) -> bool {
        false
    }

    /// The highest label that it speaks of.
    fn highest_label(&self) -> Option<u16> {
        None
    }
}

/// A stage of a [`Pipeline`](super::Pipeline). `docs/pipelines.md` defines each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each is documented at its type.
pub enum Stage {
    Crop(Crop),
    Downsample(Downsample),
    Quantise(Quantise),
    HotPixels(HotPixels),
    Background(Background),
    Polarity(Polarity),
    Window(Window),
    Shift(Shift),
    Flip(Flip),
    Jitter(Jitter),
    Drop(Drop),
}

type Read = fn(&mut Words) -> Result<Stage, Problem>;

/// Every stage's name and how its words are read.
const STAGES: [(&str, Read); 11] = [
    ("crop", |words| Crop::read(words).map(Stage::Crop)),
    ("downsample", |words| Downsample::read(words).map(Stage::Downsample)),
    ("quantise", |words| Quantise::read(words).map(Stage::Quantise)),
    ("hot-pixels", |words| HotPixels::read(words).map(Stage::HotPixels)),
    ("background", |words| Background::read(words).map(Stage::Background)),
    ("polarity", |words| Polarity::read(words).map(Stage::Polarity)),
    ("window", |words| Window::read(words).map(Stage::Window)),
    ("shift", |words| Shift::read(words).map(Stage::Shift)),
    ("flip", |words| Flip::read(words).map(Stage::Flip)),
    ("jitter", |words| Jitter::read(words).map(Stage::Jitter)),
    ("drop", |words| Drop::read(words).map(Stage::Drop)),
];

impl Stage {
    pub(super) fn is_window(&self) -> bool {
        matches!(self, Stage::Window(_))
    }

    pub(super) fn is_name(name: &str) -> bool {
        STAGES.iter().any(|(known, _)| *known == name)
    }

    /// The names of all stages, in words.
    pub(super) fn names() -> String {
        STAGES.map(|(name, _)| name).join(", ")
    }

    pub(super) fn read(mut words: Words) -> Result<Stage, Problem> {
        let known = STAGES.iter().find(|(name, _)| *name == words.name);
        let (_, read) = known.ok_or_else(|| Problem::Name { names: Self::names() })?;
        read(&mut words)
    }

    pub(super) fn rule(&self) -> &dyn Rule {
        match self {
            Stage::Crop(rule) => rule,
            Stage::Downsample(rule) => rule,
            Stage::Quantise(rule) => rule,
            Stage::HotPixels(rule) => rule,
            Stage::Background(rule) => rule,
            Stage::Polarity(rule) => rule,
            Stage::Window(rule) => rule,
            Stage::Shift(rule) => rule,
            Stage::Flip(rule) => rule,
            Stage::Jitter(rule) => rule,
            Stage::Drop(rule) => rule,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule().fmt(f)
    }
}
