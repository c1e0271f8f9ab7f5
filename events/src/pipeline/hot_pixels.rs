//! `hot-pixels=500`: pixels that never rest.

use super::problem::Problem;
use super::quantity::Micros;
use super::stage::{Filter, Rule, Site, retain};
use super::words::Words;
use crate::item::Event;
use std::fmt;

/// Takes off all events of pixels that gave more than so many events a second.
///
/// A pixel is judged by the whole recording, or by its first part where `over` is given. A stream cannot be looked
/// at first: its events pass while pixels are judged over its first second, or over `over`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HotPixels {
    /// Events a second, of both polarities, that a pixel may give, at least 1.
    pub rate: u32,
    /// How long from its first event a recording is looked at.
    pub over: Option<Micros>,
}

/// How long a stream is looked at.
const STREAM_US: u64 = 1_000_000;

const WANTED: &str = "a rate of 1 to 4294967295 events a second, such as 500";

impl HotPixels {
    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        let over = words.take("over", Micros::WANTED)?;
        words.end("over alone")?;
        match words.value(WANTED)? {
            0 => Err(Problem::Value { key: "hot-pixels".into(), seen: "0".into(), wanted: WANTED }),
            rate => Ok(HotPixels { rate, over }),
        }
    }
}

impl fmt::Display for HotPixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hot-pixels={}", self.rate)?;
        self.over.map_or(Ok(()), |over| write!(f, ",over={over}"))
    }
}

impl Rule for HotPixels {
    fn begin(
        &self,
        site: &mut Site,
        recording: Option<&[Event]>,
    ) -> Result<Option<Box<dyn Filter>>, Problem> {
        let mut work = Judging {
            rate: self.rate.into(),
            width: site.sensor.width.into(),
            counts: vec![0; site.pixels()?],
            start_us: None,
            over_us: self.over.map_or(STREAM_US, Micros::us),
            hot: None,
        };
        if let Some(events) = recording {
            let own =
                || events.first().zip(events.last()).map_or(0..1, |(a, b)| a.t_us..b.t_us.saturating_add(1));
            let std::ops::Range { start: first, end } = site.window_us.clone().unwrap_or_else(own);
            let all_us = end - first;
            work.over_us = self.over.map_or(all_us, |over| over.us().min(all_us));
            work.start_us = Some(first);
            let looked_at = events.partition_point(|event| event.t_us - first < work.over_us);
            events[..looked_at].iter().for_each(|event| work.count(event));
            work.judge();
        }
        Ok(Some(Box::new(work)))
    }
}

struct Judging {
    rate: u64,
    width: usize,
    counts: Vec<u64>,
    start_us: Option<u64>,
    over_us: u64,
    /// Which pixels are hot, once that is known.
    hot: Option<Vec<bool>>,
}

impl Judging {
    fn place(&self, event: &Event) -> usize {
        usize::from(event.y) * self.width + usize::from(event.x)
    }

    fn count(&mut self, event: &Event) {
        let place = self.place(event);
        self.counts[place] += 1;
    }

    /// A pixel is hot if count / duration > rate. One event alone makes none hot, however short the recording.
    fn judge(&mut self) {
        let most = u128::from(self.rate) * u128::from(self.over_us);
        let counts = std::mem::take(&mut self.counts);
        self.hot =
            Some(counts.into_iter().map(|count| count > 1 && u128::from(count) * 1_000_000 > most).collect());
    }
}

impl Filter for Judging {
    fn apply(&mut self, events: &mut Vec<Event>) {
        let Some(first) = events.first() else { return };
        let start_us = *self.start_us.get_or_insert(first.t_us);
        let mut from = 0;
        if self.hot.is_none() {
            from = events.partition_point(|event| event.t_us - start_us < self.over_us);
            events[..from].iter().for_each(|event| self.count(event));
            if from == events.len() {
                return;
            }
            self.judge();
        }
        let Some(hot) = &self.hot else { return };
        let mut number = 0;
        retain(events, |event| {
            number += 1;
            number <= from || !hot[self.place(event)]
        });
    }
}
