//! `window=100ms`, `window=5000events`: a recording becomes several, and a stream can be classified at all.

use super::cut::{Cut, MAX_EVENTS, Piece};
use super::problem::Problem;
use super::quantity::Micros;
use super::stage::{Filter, Rule, Site};
use super::words::Words;
use crate::item::{Event, Recording};
use std::fmt;
use std::str::FromStr;

/// Cuts a recording into windows, each of which is an item of its own with the recording's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// How long a window is, and how far from the next.
    pub span: Span,
    /// Whether what is left at the end of a recording, shorter than a window, is one all the same.
    pub keep_last: bool,
}

/// By what windows are cut. Where `every` is less than `length` windows overlap; where it is more, they leave gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// By time: from the recording's first event on.
    Time {
        /// How long a window is.
        length: Micros,
        /// From the start of one to the start of the next.
        every: Micros,
    },
    /// By number.
    Events {
        /// Events of a window, 1 to 4,194,304.
        length: u32,
        /// From the first of one to the first of the next, 1 to 4,194,304.
        every: u32,
    },
}

const WANTED: &str = "a time such as 100ms, or a number of events from 1 to 4194304 such as 5000events";

/// A length in time, or in events.
#[derive(Clone, Copy)]
enum Length {
    Time(Micros),
    Events(u32),
}

impl FromStr for Length {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let Some(events) = text.strip_suffix("events") else { return text.parse().map(Length::Time) };
        let events: u32 = events.parse().map_err(|_| ())?;
        if (1..=MAX_EVENTS).contains(&(events as usize)) { Ok(Length::Events(events)) } else { Err(()) }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Length::Time(time) => time.fmt(f),
            Length::Events(events) => write!(f, "{events}events"),
        }
    }
}

impl Window {
    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        let every: Option<Length> = words.take("every", WANTED)?;
        let last: Option<String> = words.take("last", "")?;
        words.end("every or last")?;
        let length: Length = words.value(WANTED)?;
        let span = match (length, every.unwrap_or(length)) {
            (Length::Time(length), Length::Time(every)) => Span::Time { length, every },
            (Length::Events(length), Length::Events(every)) => Span::Events { length, every },
            (_, every) => {
                let wanted = "the kind of the window: a time, or a number of events";
                return Err(Problem::Value { key: "every".into(), seen: every.to_string(), wanted });
            }
        };
        let keep_last = match last.as_deref() {
            None | Some("drop") => false,
            Some("keep") => true,
            Some(seen) => {
                return Err(Problem::Value { key: "last".into(), seen: seen.into(), wanted: "drop or keep" });
            }
        };
        Ok(Window { span, keep_last })
    }

    /// The windows of a whole recording.
    pub(super) fn pieces(&self, recording: &Recording) -> Result<Vec<Piece>, Problem> {
        let mut pieces = Vec::new();
        let part = recording.window_us.as_ref();
        let last = recording.events.last();
        let end_us = part.map(|part| part.end).or(last.map(|last| last.t_us.saturating_add(1)));
        let mut cut = Cut::new(*self, part.map(|part| part.start));
        cut.push(&recording.events, &mut pieces)?;
        cut.finish(end_us.unwrap_or(0), &mut pieces)?;
        Ok(pieces)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Span::Time { length, every } if length == every => write!(f, "window={length}"),
            Span::Time { length, every } => write!(f, "window={length},every={every}"),
            Span::Events { length, every } if length == every => write!(f, "window={length}events"),
            Span::Events { length, every } => write!(f, "window={length}events,every={every}events"),
        }?;
        f.write_str(if self.keep_last { ",last=keep" } else { "" })
    }
}

impl Rule for Window {
    /// Events pass as they are: who runs a pipeline cuts by [`Cut`].
    fn begin(&self, _: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        Ok(None)
    }
}
