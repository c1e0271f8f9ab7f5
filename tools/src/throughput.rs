//! Where the time of learning went: how busy line and engine were, and which of them, or what else, was the bottleneck.
//!
//! `docs/report.md` says how that is told.

use driver::Pace;
use serde::Serialize;

/// From this part of the time on, line or engine is what everything waits for: frames have ends, recordings have beginnings.
const BUSY: f64 = 0.8;
/// A host that waits for answers less than this part of the time is busy itself.
const WAITING: f64 = 0.5;

/// What is counted while recordings are learned.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spent {
    /// By the transport's clock, which is the one on the wall but for a line that is simulated.
    pub seconds: f64,
    /// Of those, waiting for answers.
    pub waited: f64,
    /// Of those, reading checkpoints.
    pub keeping: f64,
    /// Bytes to the board, those of reading checkpoints left out.
    pub bytes_sent: u64,
    /// Bytes from it.
    pub bytes_received: u64,
    /// Cycles of a simulated board, those of its line included; `None` for any other.
    pub simulated: Option<u64>,
}

impl Spent {
    /// What was spent since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            seconds: self.seconds - earlier.seconds,
            waited: self.waited - earlier.waited,
            keeping: self.keeping - earlier.keeping,
            bytes_sent: self.bytes_sent - earlier.bytes_sent,
            bytes_received: self.bytes_received - earlier.bytes_received,
            simulated: self.simulated.map(|cycles| cycles - earlier.simulated.unwrap_or(0)),
        }
    }
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.waited += other.waited;
        self.keeping += other.keeping;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.simulated = other.simulated.map(|cycles| cycles + self.simulated.unwrap_or(0));
    }
}

/// What everything else waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bottleneck {
    /// The line to the board was busy.
    Line,
    /// The engine was.
    Engine,
    /// Reading checkpoints took more time than learning.
    Checkpoints,
    /// The window was full while answers were on their way.
    RoundTrip,
    /// The board's link program, which takes frames apart: nothing else was busy.
    LinkProgram,
    /// The board, or the way to it: nothing is known of that way.
    Board,
    /// The host, which is the model, too, where that computes.
    Host,
}

impl Bottleneck {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Line => "the line",
            Self::Engine => "the engine",
            Self::Checkpoints => "the checkpoints",
            Self::RoundTrip => "the round trip",
            Self::LinkProgram => "the board's link program",
            Self::Board => "the board, or the way to it",
            Self::Host => "the host",
        }
    }
}

/// How well a run used its line and its engine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Throughput {
    /// Seconds in which recordings were learned, those of reading checkpoints left out; a simulated board's by its own clock.
    pub seconds: f64,
    /// Whether they are counted in cycles.
    pub simulated: bool,
    /// Events learned a second.
    pub events_per_second: f64,
    /// Bytes to the board for each event, frames and pushes included.
    pub bytes_per_event: f64,
    /// Bytes to the board a second.
    pub bytes_per_second: f64,
    /// Bytes a second that its line carries; `None` where that is not known.
    pub line_rate: Option<u32>,
    /// Part of the line's rate that was used, 0 to 1.
    pub line_use: Option<f64>,
    /// Part of the time in which the engine computed, 0 to 1; `None` for a model.
    pub engine_use: Option<f64>,
    /// Seconds of reading checkpoints.
    pub checkpoint_seconds: f64,
    /// Part of the host's time in which it waited for answers; `None` where that is a simulation's.
    pub waiting: Option<f64>,
    /// Longest payload of a frame to the board.
    pub payload: usize,
    /// Whether pushes are sent between frames.
    pub pushes: bool,
    /// Seconds that a short answer took beside its bytes; `None` where that was not measured.
    pub wait: Option<f64>,
    /// What held everything up.
    pub bottleneck: Bottleneck,
}

impl Throughput {
    /// Of so many events in so many of the engine's cycles; `None` where nothing was learned.
    pub fn of(spent: &Spent, pace: Pace, events: u64, engine_cycles: u64, clock_hz: u32) -> Option<Self> {
        let clock = f64::from(clock_hz);
        // Nothing, or less than a clock shows.
        if events == 0 || spent.seconds <= 0.0 || spent.keeping >= spent.seconds {
            return None;
        }
        let all = spent.simulated.map_or(spent.seconds, |cycles| cycles as f64 / clock);
        let learning = 1.0 - spent.keeping / spent.seconds;
        let (seconds, checkpoint_seconds) = (all * learning, all * (1.0 - learning));
        let sent = spent.bytes_sent as f64;
        let mut made = Self {
            seconds,
            simulated: spent.simulated.is_some(),
            events_per_second: events as f64 / seconds,
            bytes_per_event: sent / events as f64,
            bytes_per_second: sent / seconds,
            line_rate: pace.line_rate,
            line_use: pace.line_rate.map(|rate| sent / seconds / f64::from(rate)),
            engine_use: (engine_cycles > 0).then(|| engine_cycles as f64 / clock / seconds),
            checkpoint_seconds,
            waiting: spent.simulated.is_none().then(|| spent.waited / spent.seconds),
            payload: pace.payload,
            pushes: pace.pushes,
            wait: pace.wait,
            bottleneck: Bottleneck::Host,
        };
        made.bottleneck = made.told(pace.bound);
        Some(made)
    }

    /// From what was busy to what is left.
    fn told(&self, bound: Option<f64>) -> Bottleneck {
        let (line, engine) = (self.line_use.unwrap_or(0.0), self.engine_use.unwrap_or(0.0));
        if line.max(engine) >= BUSY {
            return if line > engine { Bottleneck::Line } else { Bottleneck::Engine };
        }
        if self.checkpoint_seconds > self.seconds {
            return Bottleneck::Checkpoints;
        }
        if self.waiting.is_some_and(|part| part < WAITING) {
            return Bottleneck::Host;
        }
        match (bound, self.line_rate) {
            (Some(bound), Some(rate)) if bound < BUSY * f64::from(rate) => Bottleneck::RoundTrip,
            // A model has no link program.
            (Some(_), _) if self.engine_use.is_some() => Bottleneck::LinkProgram,
            (Some(_), _) => Bottleneck::Board,
            // A simulation in process sends on when the board rests, and not before.
            (None, _) if self.simulated => Bottleneck::RoundTrip,
            (None, _) => Bottleneck::Board,
        }
    }

    /// For a row of a table.
    pub fn words(&self) -> String {
        let percent = |part: f64| format!("{:.0} %", 100.0 * part);
        let line = match (self.line_use, self.line_rate) {
            (Some(part), Some(rate)) => format!("{} of {rate} bytes/s", percent(part)),
            _ => format!("{:.0} bytes/s", self.bytes_per_second),
        };
        let engine = self.engine_use.map_or(String::new(), |part| format!(", engine {}", percent(part)));
        let checkpoints = match self.checkpoint_seconds {
            0.0 => String::new(),
            seconds => format!(", checkpoints {} more", percent(seconds / self.seconds)),
        };
        let waiting = self.waiting.map_or(String::new(), |part| format!(", host waiting {}", percent(part)));
        format!(
            "{:.0} events/s, {:.2} bytes an event; line {line}{engine}{checkpoints}{waiting}: held up by {}",
            self.events_per_second,
            self.bytes_per_event,
            self.bottleneck.words()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        payload: 504,
        pushes: false,
        bound: Some(290_000.0),
        line_rate: Some(300_000),
        wait: Some(0.0001),
    };

    fn of(bytes_sent: u64, waited: f64, engine_cycles: u64, pace: Pace) -> Throughput {
        let spent = Spent { seconds: 10.0, waited, bytes_sent, simulated: None, ..Spent::default() };
        Throughput::of(&spent, pace, 1_000_000, engine_cycles, 24_000_000).unwrap()
    }

    #[test]
    fn what_is_busy_is_the_bottleneck() {
        let busy = of(2_850_000, 9.0, 100_000_000, PACE);
        assert_eq!((busy.bottleneck, busy.line_use), (Bottleneck::Line, Some(0.95)));
        assert_eq!(
            busy.words(),
            "100000 events/s, 2.85 bytes an event; line 95 % of 300000 bytes/s, engine 42 %, host waiting 90 %: \
             held up by the line"
        );
        let engine = of(1_200_000, 9.0, 216_000_000, PACE);
        assert_eq!((engine.bottleneck, engine.engine_use), (Bottleneck::Engine, Some(0.9)));
        // Of two that are busy the busier.
        assert_eq!(of(2_500_000, 9.0, 230_000_000, PACE).bottleneck, Bottleneck::Engine);
    }

    #[test]
    fn what_is_idle_waits_for_what_is_left() {
        assert_eq!(of(1_200_000, 3.0, 100_000_000, PACE).bottleneck, Bottleneck::Host);
        assert_eq!(of(1_200_000, 9.0, 100_000_000, PACE).bottleneck, Bottleneck::LinkProgram);
        let slow = Pace { bound: Some(60_000.0), wait: Some(0.016), ..PACE };
        assert_eq!(of(600_000, 9.9, 100_000_000, slow).bottleneck, Bottleneck::RoundTrip);
        let unknown = Pace { bound: None, line_rate: None, wait: None, ..PACE };
        let socket = of(600_000, 9.9, 100_000_000, unknown);
        assert_eq!((socket.bottleneck, socket.line_use), (Bottleneck::Board, None));
        assert!(socket.words().contains("line 60000 bytes/s, engine 42 %"), "{}", socket.words());
        assert_eq!(of(600_000, 0.1, 0, unknown).bottleneck, Bottleneck::Host);
        // Behind a line, a model is the board.
        assert_eq!(of(600_000, 9.0, 0, PACE).bottleneck, Bottleneck::Board);
    }

    #[test]
    fn reading_checkpoints_is_not_learning() {
        let spent = Spent { keeping: 2.5, seconds: 10.0, waited: 9.0, ..Spent::default() };
        let learned = Spent { bytes_sent: 2_100_000, ..spent };
        let made = Throughput::of(&learned, PACE, 1_000_000, 0, 24_000_000).unwrap();
        assert_eq!((made.seconds, made.checkpoint_seconds), (7.5, 2.5));
        assert_eq!(made.bottleneck, Bottleneck::Line);
        assert!(made.words().contains("checkpoints 33 % more, host"), "{}", made.words());
        let little = Spent { keeping: 6.0, bytes_sent: 300_000, ..spent };
        let made = Throughput::of(&little, PACE, 1_000_000, 0, 24_000_000).unwrap();
        assert_eq!(made.bottleneck, Bottleneck::Checkpoints);
    }

    #[test]
    fn a_simulation_is_counted_by_its_own_clock() {
        let spent = Spent {
            seconds: 100.0,
            waited: 0.0,
            bytes_sent: 290_000,
            simulated: Some(24_000_000),
            ..Spent::default()
        };
        let made = Throughput::of(&spent, PACE, 1000, 6_000_000, 24_000_000).unwrap();
        assert_eq!((made.seconds, made.engine_use, made.waiting), (1.0, Some(0.25), None));
        assert_eq!(made.bottleneck, Bottleneck::Line);
        let rests =
            Throughput::of(&spent, Pace { bound: None, line_rate: None, ..PACE }, 1000, 1, 24_000_000);
        assert_eq!(rests.unwrap().bottleneck, Bottleneck::RoundTrip);
        assert_eq!(Throughput::of(&spent, PACE, 0, 1, 24_000_000), None);
    }

    #[test]
    fn spending_adds_up() {
        let then = Spent {
            seconds: 1.0,
            waited: 0.5,
            bytes_sent: 10,
            bytes_received: 20,
            keeping: 0.25,
            simulated: Some(100),
        };
        let now = Spent {
            seconds: 3.0,
            waited: 1.0,
            bytes_sent: 15,
            bytes_received: 26,
            keeping: 0.5,
            simulated: Some(140),
        };
        let mut sum = Spent::default();
        sum += now.since(then);
        sum += now.since(then);
        let wanted = Spent {
            seconds: 4.0,
            waited: 1.0,
            bytes_sent: 10,
            bytes_received: 12,
            keeping: 0.5,
            simulated: Some(80),
        };
        assert_eq!(sum, wanted);
    }
}
