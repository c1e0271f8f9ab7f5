//! A pipeline at work on whole recordings.

use super::cut::Piece;
use super::draw::Draw;
use super::problem::Problem;
use super::stage::{Site, Stage};
use super::{Pipeline, wrong};
use crate::error::Error;
use crate::item::Recording;
use crate::recording::Sensor;

impl Pipeline {
    /// The pixels that are left of a sensor.
    ///
    /// # Errors
    /// A crop that reaches beyond what it gets; too many pixels for a stage that remembers something of each.
    pub fn sensor(&self, sensor: Sensor) -> Result<Sensor, Error> {
        let mut site = Site { sensor, label: 0, window_us: None, random: None };
        for (at, stage) in self.stages.iter().enumerate() {
            stage.rule().begin(&mut site, None).map_err(|problem| self.wrong(at, problem))?;
        }
        Ok(site.sensor)
    }

    /// Checks what the stages say of labels against the number of classes.
    ///
    /// # Errors
    /// A label that is no class.
    pub fn check_labels(&self, classes: u16) -> Result<(), Error> {
        for (at, stage) in self.stages.iter().enumerate() {
            if let Some(label) = stage.rule().highest_label().filter(|&label| label >= classes) {
                return Err(self.wrong(at, Problem::NoSuchLabel { label, classes }));
            }
        }
        Ok(())
    }

    /// What is the same in every epoch: the stages up to the first that draws. One recording becomes several where
    /// windows are cut, else one.
    ///
    /// # Errors
    /// A recording that contradicts itself; a stage that does not fit its sensor; windows beyond number.
    pub fn prepare(&self, recording: Recording) -> Result<Vec<Recording>, Error> {
        recording.check()?;
        let shared = self.drawn();
        let Some(window) = self.window() else {
            return Ok(vec![self.pass(0..shared, recording, None)?]);
        };
        let whole = self.pass(0..window, recording, None)?;
        let pieces = match &self.stages[window] {
            Stage::Window(rule) => rule.pieces(&whole).map_err(|problem| self.wrong(window, problem))?,
            _ => Vec::new(),
        };
        let pieces = pieces.into_iter().enumerate().map(|(number, Piece { events, window_us })| {
            let name = format!("{}#{number}", whole.name);
            let piece = Recording { name, events, window_us, ..whole };
            self.pass(window + 1..shared, piece, None)
        });
        pieces.collect()
    }

    /// The stages from the first that draws on. With `draw` stages draw, as learning wants it; without they let
    /// events pass as they are, as testing wants it.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    pub fn finish(&self, recording: Recording, draw: Option<Draw>) -> Result<Recording, Error> {
        recording.check()?;
        self.pass(self.drawn()..self.stages.len(), recording, draw)
    }

    /// Runs neighbouring stages, none of them a window.
    pub(super) fn pass(
        &self,
        places: std::ops::Range<usize>,
        recording: Recording,
        draw: Option<Draw>,
    ) -> Result<Recording, Error> {
        let Recording { label, name, width, height, mut events, window_us } = recording;
        let mut site = Site { sensor: Sensor { width, height }, label, window_us, random: None };
        for at in places {
            let stage = &self.stages[at];
            site.random = draw.map(|draw| draw.stage(at + 1));
            let begun = stage.rule().begin(&mut site, Some(&events));
            let begun = begun.map_err(|problem| wrong(at, &stage.to_string(), problem))?;
            if let Some(mut filter) = begun {
                filter.apply(&mut events);
            }
        }
        let Site { sensor: Sensor { width, height }, label, window_us, .. } = site;
        Ok(Recording { label, name, width, height, events, window_us })
    }
}
