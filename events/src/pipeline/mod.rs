//! Pipelines: what becomes of recordings between their files and the network.
//!
//! A [`Pipeline`] is a list of [`Stage`]s, typed in one line or read from a TOML file; `docs/pipelines.md` defines
//! them. All is integer arithmetic, and what is drawn is keyed by a seed: the same on every machine.
//!
//! ```
//! use events::pipeline::Pipeline;
//! use events::{Dataset, Item};
//!
//! let pipeline: Pipeline = "crop=32x32 | background=5ms | window=100ms | shift=2".parse()?;
//! let recordings = Dataset::open("bundled:test", Some(10))?;
//! let windows = recordings.through(&pipeline)?;
//!
//! assert_eq!(windows.len(), 21); // of 0.3 s two or three whole windows each: background at the ends is gone
//! let Item::Recording(first) = &windows.items()[0] else { panic!("no recording") };
//! assert_eq!((first.width, first.height), (32, 32));
//! # Ok::<(), events::Error>(())
//! ```

mod augment;
mod background;
mod crop;
mod cut;
mod downsample;
mod draw;
mod file;
mod hot_pixels;
mod live;
mod polarity;
mod problem;
mod quantise;
mod quantity;
mod run;
mod stage;
mod window;
mod words;

pub use augment::{Axis, Drop, Flip, Jitter, Keep, Shift};
pub use background::Background;
pub use crop::Crop;
pub use downsample::Downsample;
pub use draw::Draw;
pub use hot_pixels::HotPixels;
pub use live::Live;
pub use polarity::Polarity;
pub use problem::Problem;
pub use quantise::Quantise;
pub use quantity::{Micros, Part};
pub use stage::Stage;
pub use window::{Span, Window};

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use words::Words;

/// What becomes of a recording: stages, one after the other. Without stages it stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pipeline {
    stages: Vec<Stage>,
}

impl Pipeline {
    /// # Errors
    /// Two windows; a window after a stage that draws, since windows are cut once and not anew each epoch.
    pub fn new(stages: Vec<Stage>) -> Result<Self, Error> {
        let pipeline = Pipeline { stages };
        if let Some(window) = pipeline.window() {
            if let Some(again) = pipeline.stages[window + 1..].iter().position(Stage::is_window) {
                return Err(pipeline.wrong(window + 1 + again, Problem::SecondWindow { first: window + 1 }));
            }
            let drawn = pipeline.drawn();
            if drawn < window {
                return Err(pipeline.wrong(window, Problem::WindowAfterDraw { drawn: drawn + 1 }));
            }
        }
        Ok(pipeline)
    }

    /// The same with this window in place of its own; in front of what is drawn where it has none.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_window(&self, window: Window) -> Result<Self, Error> {
        let at = self.window().unwrap_or_else(|| self.drawn());
        let mut stages = self.stages.clone();
        stages.splice(at..at + usize::from(self.window().is_some()), [Stage::Window(window)]);
        Pipeline::new(stages)
    }

    /// The stages, in the order in which events pass them.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Whether there are no stages, so that recordings stay as they are.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Whether a stage draws, so that every epoch learns from other events.
    pub fn draws(&self) -> bool {
        self.drawn() < self.stages.len()
    }

    /// The place of the window, from 0.
    fn window(&self) -> Option<usize> {
        self.stages.iter().position(Stage::is_window)
    }

    /// The place of the first stage that draws, from 0; behind the last where none does.
    fn drawn(&self) -> usize {
        self.stages.iter().position(|stage| stage.rule().draws()).unwrap_or(self.stages.len())
    }

    /// A stage and what is wrong with it; `at` counts from 0.
    fn wrong(&self, at: usize, problem: Problem) -> Error {
        wrong(at, &self.stages[at].to_string(), problem)
    }
}

/// What is wrong with the stage of these words; `at` counts from 0.
fn wrong(at: usize, stage: &str, problem: Problem) -> Error {
    Error::Stage { number: at + 1, stage: stage.into(), problem }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, stage) in self.stages.iter().enumerate() {
            write!(f, "{}{stage}", if at > 0 { " | " } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for Pipeline {
    type Err = Error;

    /// Reads stages between `|`, such as `crop=96x96 | window=100ms`; nothing at all is no stages.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Ok(Pipeline::default());
        }
        let stage = |(at, text): (usize, &str)| {
            Stage::read(Words::parse(text)).map_err(|problem| wrong(at, text.trim(), problem))
        };
        Pipeline::new(text.split('|').enumerate().map(stage).collect::<Result<_, _>>()?)
    }
}

impl From<Pipeline> for String {
    fn from(pipeline: Pipeline) -> String {
        pipeline.to_string()
    }
}

impl TryFrom<String> for Pipeline {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
