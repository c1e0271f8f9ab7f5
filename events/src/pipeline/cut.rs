//! Windows, cut out of events as they come.

use super::problem::Problem;
use super::window::{Span, Window};
use crate::item::Event;
// A window is a recording.
pub(super) use crate::sources::MAX_RECORDING_EVENTS as MAX_EVENTS;
use std::ops::Range;

/// The most windows that one call gives: a whole recording, or a silence in a stream.
const MAX_WINDOWS: usize = 1 << 16;

/// The most events of all of them: windows that overlap hold some several times.
const MAX_COPIES: usize = 1 << 26;

/// A window that was cut.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its events; their times are those of the recording.
    pub events: Vec<Event>,
    /// Its time; None of one that was cut by number.
    pub window_us: Option<Range<u64>>,
}

/// A recording or stream that is being cut.
pub(super) struct Cut {
    window: Window,
    /// Events from the start of the open window on.
    events: Vec<Event>,
    /// How many of them no complete window holds: the last ones.
    fresh: usize,
    /// When the open window starts; None before the first event.
    start_us: Option<u64>,
    /// Events until the next window opens.
    gap: usize,
}

/// Windows that were completed, and how much more they may be.
struct Pieces<'a> {
    pieces: &'a mut Vec<Piece>,
    windows: usize,
    copies: usize,
}

impl Pieces<'_> {
    fn add(&mut self, events: &[Event], window_us: Option<Range<u64>>) -> Result<(), Problem> {
        self.windows += 1;
        self.copies += events.len();
        if self.windows > MAX_WINDOWS {
            return Err(Problem::TooManyWindows { limit: MAX_WINDOWS });
        }
        if self.copies > MAX_COPIES {
            return Err(Problem::TooMuchOverlap { limit: MAX_COPIES });
        }
        self.pieces.push(Piece { events: events.to_vec(), window_us });
        Ok(())
    }
}

impl Cut {
    /// Begins; windows of time begin at `start_us`, or with the first event.
    pub fn new(window: Window, start_us: Option<u64>) -> Self {
        Cut { window, events: Vec::new(), fresh: 0, start_us, gap: 0 }
    }

    /// Takes the next events, and adds the windows that they complete to `pieces`.
    pub fn push(&mut self, events: &[Event], pieces: &mut Vec<Piece>) -> Result<(), Problem> {
        let mut pieces = Pieces { pieces, windows: 0, copies: 0 };
        match self.window.span {
            Span::Time { length, every } => self.by_time(events, length.us(), every.us(), &mut pieces),
            Span::Events { length, every } => self.by_number(events, length, every, &mut pieces),
        }
    }

    fn by_time(
        &mut self,
        events: &[Event],
        length: u64,
        every: u64,
        pieces: &mut Pieces<'_>,
    ) -> Result<(), Problem> {
        let mut rest = events;
        while let [first, ..] = rest {
            let start = *self.start_us.get_or_insert(first.t_us);
            self.complete(first.t_us, length, every, pieces)?;
            let start = self.start_us.unwrap_or(start);
            // What lies in a gap belongs to no window.
            let gap = rest.partition_point(|event| event.t_us < start);
            let end = start.checked_add(length);
            let to = rest.partition_point(|event| end.is_none_or(|end| event.t_us < end));
            self.keep(&rest[gap..to])?;
            rest = &rest[to..];
        }
        Ok(())
    }

    /// Adds the windows that end at this time or before it.
    fn complete(
        &mut self,
        by_us: u64,
        length: u64,
        every: u64,
        pieces: &mut Pieces<'_>,
    ) -> Result<(), Problem> {
        // Where times of 64 bits end, so does the last window.
        while let Some(start) = self.start_us
            && let Some(end) = start.checked_add(length).filter(|&end| by_us >= end)
        {
            pieces.add(&self.events, Some(start..end))?;
            let next = start.saturating_add(every);
            self.events.drain(..self.events.partition_point(|event| event.t_us < next));
            (self.start_us, self.fresh) = (Some(next), 0);
        }
        Ok(())
    }

    /// Adds the windows of time that end at `t_us` or before: no event before that will come.
    pub fn until(&mut self, t_us: u64, pieces: &mut Vec<Piece>) -> Result<(), Problem> {
        let mut pieces = Pieces { pieces, windows: 0, copies: 0 };
        match self.window.span {
            Span::Time { length, every } => self.complete(t_us, length.us(), every.us(), &mut pieces),
            Span::Events { .. } => Ok(()),
        }
    }

    /// Events that no window holds so far.
    pub fn fresh(&self) -> u64 {
        self.fresh as u64
    }

    fn by_number(
        &mut self,
        events: &[Event],
        length: u32,
        every: u32,
        pieces: &mut Pieces<'_>,
    ) -> Result<(), Problem> {
        let (length, every) = (length as usize, every as usize);
        let mut rest = events;
        while !rest.is_empty() {
            let gap = self.gap.min(rest.len());
            let to = rest.len().min(gap + length - self.events.len());
            self.gap -= gap;
            self.keep(&rest[gap..to])?;
            rest = &rest[to..];
            if self.events.len() == length {
                pieces.add(&self.events, None)?;
                self.events.drain(..every.min(length));
                self.gap = every.saturating_sub(length);
                self.fresh = 0;
            }
        }
        Ok(())
    }

    fn keep(&mut self, events: &[Event]) -> Result<(), Problem> {
        if self.events.len() + events.len() > MAX_EVENTS {
            return Err(Problem::LongWindow { limit: MAX_EVENTS });
        }
        self.events.extend_from_slice(events);
        self.fresh += events.len();
        Ok(())
    }

    /// Ends a recording of which nothing comes at `end_us` or later: the windows that end by then, and what is left where
    /// that is kept.
    pub fn finish(&mut self, end_us: u64, pieces: &mut Vec<Piece>) -> Result<(), Problem> {
        let mut pieces = Pieces { pieces, windows: 0, copies: 0 };
        let mut window_us = None;
        if let Span::Time { length, every } = self.window.span {
            let (length, every) = (length.us(), every.us());
            self.complete(end_us, length, every, &mut pieces)?;
            window_us = self.start_us.map(|start| start..start.saturating_add(length));
        }
        if self.window.keep_last && self.fresh > 0 {
            pieces.add(&self.events, window_us)?;
        }
        Ok(())
    }
}
