//! A pipeline at work on a stream, whose end nobody knows.

use super::Pipeline;
use super::cut::{Cut, Piece};
use super::problem::Problem;
use super::stage::{Filter, Site, Stage};
use crate::error::{Error, Place};
use crate::item::{Event, Recording};
use crate::recording::Sensor;

/// The windows of a stream, as they become complete: the same that [`Pipeline::prepare`] makes of a recording with
/// those events, up to what only a whole recording tells (hot pixels, the last window). Nothing is drawn.
///
/// A time before the one that precedes it is taken for that one: a camera's clock may step back, a stream must not.
pub struct Live {
    pipeline: Pipeline,
    window: usize,
    before: Vec<Box<dyn Filter>>,
    cut: Cut,
    /// The sensor of the stream.
    from: Sensor,
    /// The sensor that the stages behind the window get.
    sensor: Sensor,
    last_us: u64,
    /// Behind the last event that the stages before the window let through, or what [`until`](Self::until) said.
    end_us: u64,
    windows: u64,
    chunk: Vec<Event>,
}

impl Pipeline {
    /// Begins to work on a stream.
    ///
    /// # Errors
    /// No window: a stream must be cut to be classified; a stage that does not fit the sensor.
    pub fn live(&self, sensor: Sensor) -> Result<Live, Error> {
        self.sensor(sensor)?;
        let cuts = self.stages.iter().enumerate().find_map(|(at, stage)| match stage {
            Stage::Window(window) => Some((at, *window)),
            _ => None,
        });
        let (window, rule) = cuts.ok_or_else(|| Error::NoWindow { pipeline: self.to_string() })?;
        let mut site = Site { sensor, label: 0, window_us: None, random: None };
        let mut before = Vec::new();
        for (at, stage) in self.stages[..window].iter().enumerate() {
            before.extend(stage.rule().begin(&mut site, None).map_err(|problem| self.wrong(at, problem))?);
        }
        Ok(Live {
            pipeline: self.clone(),
            window,
            before,
            cut: Cut::new(rule, None),
            from: sensor,
            sensor: site.sensor,
            last_us: 0,
            end_us: 0,
            windows: 0,
            chunk: Vec::new(),
        })
    }
}

impl Live {
    /// Takes the next events of the stream and returns the windows that they complete, in their order, with label 0
    /// and named by their number. Memory is that of the open window.
    ///
    /// # Errors
    /// An event outside the sensor that was given; a window of too many events; a silence of too many windows.
    pub fn push(&mut self, events: &[Event]) -> Result<Vec<Recording>, Error> {
        self.chunk.clear();
        for (number, event) in events.iter().enumerate() {
            if !self.from.contains(event.x, event.y) {
                let Sensor { width, height } = self.from;
                let place = Place { event: number, byte: None };
                return Err(Error::OutsideSensor {
                    name: "stream".into(),
                    place,
                    x: event.x,
                    y: event.y,
                    width,
                    height,
                });
            }
            self.last_us = self.last_us.max(event.t_us);
            self.chunk.push(Event { t_us: self.last_us, ..*event });
        }
        for filter in &mut self.before {
            filter.apply(&mut self.chunk);
        }
        self.end_us = self.chunk.last().map_or(self.end_us, |event| event.t_us.saturating_add(1));
        let mut pieces = Vec::new();
        let cut = self.cut.push(&self.chunk, &mut pieces);
        self.cut_out(cut, pieces)
    }

    /// Says that no event before `t_us` will come, and returns the windows of time that end by then: where events are rare, a window
    /// needs not wait for the event behind it.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn until(&mut self, t_us: u64) -> Result<Vec<Recording>, Error> {
        self.last_us = self.last_us.max(t_us);
        self.end_us = self.last_us;
        let mut pieces = Vec::new();
        let cut = self.cut.until(t_us, &mut pieces);
        self.cut_out(cut, pieces)
    }

    /// Ends the stream: the window that is left, where its last event fills it or `last=keep` says so, and the number of
    /// events that no window holds.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self) -> Result<(Vec<Recording>, u64), Error> {
        let mut pieces = Vec::new();
        let cut = self.cut.finish(self.end_us, &mut pieces);
        let left = if pieces.is_empty() { self.cut.fresh() } else { 0 };
        Ok((self.cut_out(cut, pieces)?, left))
    }

    fn cut_out(&mut self, cut: Result<(), Problem>, pieces: Vec<Piece>) -> Result<Vec<Recording>, Error> {
        cut.map_err(|problem| self.pipeline.wrong(self.window, problem))?;
        pieces.into_iter().map(|piece| self.after(piece)).collect()
    }

    fn after(&mut self, Piece { events, window_us }: Piece) -> Result<Recording, Error> {
        let Sensor { width, height } = self.sensor;
        let name = format!("window {}", self.windows);
        self.windows += 1;
        let piece = Recording { label: 0, name, width, height, events, window_us };
        self.pipeline.pass(self.window + 1..self.pipeline.stages.len(), piece, None)
    }
}
