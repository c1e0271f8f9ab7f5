//! What is in a recording, from one pass over its events: memory does not grow with its length.

use super::{Format, Header, Loss, Report, Skipped};
use crate::item::Event;
use serde::Serialize;

/// The width of the windows in which the peak rate is looked for.
pub const PEAK_WINDOW_US: u64 = 10_000;

/// What a recording holds, for people and as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The format that was recognised.
    pub format: Format,
    /// Whether it is wrapped in gzip.
    pub gzip: bool,
    /// Columns; None where none is stated and there are no events.
    pub width: Option<u32>,
    /// Rows, likewise.
    pub height: Option<u32>,
    /// Where the sides come from.
    pub sensor: SensorFrom,
    /// Events that were read.
    pub events: u64,
    /// The time of the first event in the file's order.
    pub first_us: Option<u64>,
    /// The time of the last event in the file's order.
    pub last_us: Option<u64>,
    /// The lowest time: that of the first event unless times step back.
    pub earliest_us: Option<u64>,
    /// The highest time: that of the last event unless times step back.
    pub latest_us: Option<u64>,
    /// From the lowest time to the highest.
    pub duration_us: u64,
    /// Events a second over the duration; None where that is 0.
    pub mean_rate: Option<f64>,
    /// Events a second in the fullest window of 10 ms, counted from the first event on.
    pub peak_rate: f64,
    /// Events of rising brightness.
    pub on_events: u64,
    /// Events of falling brightness.
    pub off_events: u64,
    /// The longest time without an event.
    pub largest_gap: Option<Step>,
    /// Events with a time before that of the event that precedes them.
    pub time_reversals: u64,
    /// The one that steps back furthest.
    pub largest_reversal: Option<Step>,
    /// What was passed over because it is no event.
    pub skipped: Skipped,
    /// What is damaged, where it is read leniently.
    pub loss: Loss,
}

/// Where a sensor's sides come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SensorFrom {
    /// The file states them, or whoever reads it.
    Stated,
    /// They are the highest column and row that was seen, and one more.
    Seen,
}

/// A step of time from one event to the next, forward or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// How far.
    pub us: u64,
    /// The number of the event after it, from 0.
    pub event: u64,
    /// The time of the event before it.
    pub after_us: u64,
}

/// Counts for a [`Summary`], chunk by chunk.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    events: u64,
    on_events: u64,
    /// The highest column and row.
    corner: (u16, u16),
    first_us: u64,
    last_us: u64,
    earliest_us: u64,
    latest_us: u64,
    largest_gap: Option<Step>,
    largest_reversal: Option<Step>,
    window: u64,
    in_window: u64,
    peak: u64,
}

impl Tally {
    /// Counts the next events.
    pub fn add(&mut self, events: &[Event]) {
        if self.events == 0
            && let Some(first) = events.first()
        {
            let t_us = first.t_us;
            (self.first_us, self.last_us, self.earliest_us, self.latest_us) = (t_us, t_us, t_us, t_us);
        }
        for event in events {
            self.on_events += u64::from(event.on);
            self.corner = (self.corner.0.max(event.x), self.corner.1.max(event.y));
            self.step_to(event.t_us);
            self.events += 1;
        }
    }

    fn step_to(&mut self, t_us: u64) {
        let step = Step { us: t_us.abs_diff(self.last_us), event: self.events, after_us: self.last_us };
        let largest = if t_us < self.last_us { &mut self.largest_reversal } else { &mut self.largest_gap };
        if step.us > largest.map_or(0, |largest| largest.us) {
            *largest = Some(step);
        }
        self.last_us = t_us;
        self.earliest_us = self.earliest_us.min(t_us);
        self.latest_us = self.latest_us.max(t_us);
        // Events before the first one share the first window.
        let window = t_us.saturating_sub(self.first_us) / PEAK_WINDOW_US;
        if window != self.window {
            (self.window, self.in_window) = (window, 0);
        }
        self.in_window += 1;
        self.peak = self.peak.max(self.in_window);
    }

    /// The summary of what was counted, with what the reader says.
    pub fn summary(&self, header: &Header, report: &Report) -> Summary {
        let some = |value: u64| (self.events > 0).then_some(value);
        let seen = (self.events > 0).then(|| (u32::from(self.corner.0) + 1, u32::from(self.corner.1) + 1));
        let stated = header.sensor.map(|sensor| (u32::from(sensor.width), u32::from(sensor.height)));
        let sides = stated.or(seen);
        let duration_us = self.latest_us - self.earliest_us;
        let a_second = |events: u64, us: u64| events as f64 * 1e6 / us as f64;
        Summary {
            format: header.format,
            gzip: header.gzip,
            width: sides.map(|(width, _)| width),
            height: sides.map(|(_, height)| height),
            sensor: if stated.is_some() { SensorFrom::Stated } else { SensorFrom::Seen },
            events: self.events,
            first_us: some(self.first_us),
            last_us: some(self.last_us),
            earliest_us: some(self.earliest_us),
            latest_us: some(self.latest_us),
            duration_us,
            mean_rate: (duration_us > 0).then(|| a_second(self.events, duration_us)),
            peak_rate: a_second(self.peak, PEAK_WINDOW_US),
            on_events: self.on_events,
            off_events: self.events - self.on_events,
            largest_gap: self.largest_gap,
            time_reversals: report.time_reversals,
            largest_reversal: self.largest_reversal,
            skipped: report.skipped,
            loss: report.loss.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::recording::{Mode, Options, from_reader};

    fn summary(text: &'static str, mode: Mode) -> Result<Summary, Error> {
        let options = Options { mode, ..Options::default() };
        let mut reader = from_reader("text", text.as_bytes(), &options)?;
        let mut tally = Tally::default();
        loop {
            let events = reader.next_chunk()?;
            if events.is_empty() {
                return Ok(tally.summary(reader.header(), reader.report()));
            }
            tally.add(events);
        }
    }

    #[test]
    fn everything_is_counted() {
        let text =
            "t,x,y,on\n100,3,4,1\n100,9,0,0\n150,0,7,1\n10099,0,0,1\n10100,1,1,0\n9100,2,2,0\n19100,2,2,0\n";
        let seen = summary(text, Mode::Strict).unwrap();
        assert_eq!((seen.format, seen.gzip, seen.sensor), (Format::Csv, false, SensorFrom::Seen));
        assert_eq!((seen.width, seen.height), (Some(10), Some(8)));
        assert_eq!((seen.events, seen.on_events, seen.off_events), (7, 3, 4));
        assert_eq!((seen.first_us, seen.last_us), (Some(100), Some(19_100)));
        assert_eq!((seen.earliest_us, seen.latest_us, seen.duration_us), (Some(100), Some(19_100), 19_000));
        assert_eq!(seen.largest_gap, Some(Step { us: 10_000, event: 6, after_us: 9100 }));
        assert_eq!(seen.time_reversals, 1);
        assert_eq!(seen.largest_reversal, Some(Step { us: 1000, event: 5, after_us: 10_100 }));
        // Four events lie in 100..10100, 2 of the rest in the next 10 ms.
        assert_eq!(seen.peak_rate, 400.0);
        assert_eq!(seen.mean_rate, Some(7.0 * 1e6 / 19_000.0));
        assert_eq!(seen.loss, Loss::default());
    }

    #[test]
    fn the_first_event_need_not_be_the_earliest() {
        let seen = summary("t,x@5,y@6,on\n500,1,1,1\n20,1,1,1\n30,1,1,1\n", Mode::Strict).unwrap();
        assert_eq!((seen.first_us, seen.last_us, seen.duration_us), (Some(500), Some(30), 480));
        assert_eq!((seen.earliest_us, seen.latest_us), (Some(20), Some(500)));
        assert_eq!((seen.width, seen.height, seen.sensor), (Some(5), Some(6), SensorFrom::Stated));
    }

    #[test]
    fn one_event_has_no_duration_and_none_no_time() {
        let seen = summary("t,x,y,on\n500,0,0,0\n", Mode::Strict).unwrap();
        assert_eq!((seen.duration_us, seen.mean_rate, seen.largest_gap), (0, None, None));
        let none = Tally::default()
            .summary(&Header { format: Format::Bin, gzip: true, sensor: None }, &Report::default());
        assert_eq!((none.events, none.first_us, none.width, none.peak_rate), (0, None, None, 0.0));
    }

    #[test]
    fn what_is_lost_is_listed_and_the_json_names_it() {
        let text = "t,x@4,y@4,on\n1,2,3,1\n2,4,0,1\n3,3,3,0\n";
        assert!(matches!(summary(text, Mode::Strict), Err(Error::Damaged { .. })));
        let seen = summary(text, Mode::Lenient).unwrap();
        assert_eq!((seen.events, seen.loss.faults, seen.loss.events), (2, 1, 1));
        let json = serde_json::to_value(&seen).unwrap();
        assert_eq!((&json["format"], &json["sensor"]), (&"csv".into(), &"stated".into()));
        assert_eq!(json["loss"]["first"][0]["offset"], 21);
        assert!(json["loss"]["first"][0]["damage"].as_str().unwrap().contains("x = 4, y = 0"));
    }
}
