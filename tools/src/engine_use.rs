//! What the engine's own counters say of a run: its cycles, how well they were used, what its clock makes of them.

use arch::{Counts, Cycles};
use serde::Serialize;

/// Cycles of the engine alone: the wire may be slower than it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EngineUse {
    /// The configuration's clock, in hertz.
    pub clock_hz: u32,
    /// Recordings that the cycles were spent on.
    pub recordings: u64,
    /// By what they were spent on.
    pub cycles: Cycles,
    /// What the counted work asks for: see [`Counts::ideal_cycles`].
    pub ideal_cycles: u64,
    /// Ideal by counted cycles, 0 to 1.
    pub utilisation: f64,
    /// Recordings a second that the engine has the cycles for at its clock.
    pub recordings_per_second: f64,
}

impl EngineUse {
    /// `None` where there are no cycles to count: models compute without.
    pub fn of(counts: &Counts, cycles: Cycles, clock_hz: u32, neurons_a_cycle: u64) -> Option<Self> {
        let total = cycles.total();
        (total > 0).then(|| Self {
            clock_hz,
            recordings: counts.samples,
            cycles,
            ideal_cycles: counts.ideal_cycles(neurons_a_cycle),
            utilisation: cycles.utilisation(counts, neurons_a_cycle),
            recordings_per_second: f64::from(clock_hz) * counts.samples as f64 / total as f64,
        })
    }

    /// For a row of a terminal's table.
    pub fn words(&self) -> String {
        format!(
            "{:.0} cycles a recording, {:.1} % of them ideal; {:.0} recordings a second at {:.0} MHz",
            self.cycles.total() as f64 / self.recordings.max(1) as f64,
            100.0 * self.utilisation,
            self.recordings_per_second,
            f64::from(self.clock_hz) / 1e6
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_follow_from_the_counts() {
        let counts = Counts {
            samples: 4,
            integrate_words: 100,
            learn_words: 40,
            neuron_visits: 20,
            ..Counts::default()
        };
        let cycles = Cycles { control: 10, integrate: 110, fire: 30, learn: 90, update: 10 };
        let engine = EngineUse::of(&counts, cycles, 25_000_000, 1).unwrap();
        assert_eq!((engine.ideal_cycles, engine.utilisation), (200, 0.8));
        assert_eq!(engine.recordings_per_second, 400_000.0);
        assert_eq!(
            engine.words(),
            "62 cycles a recording, 80.0 % of them ideal; 400000 recordings a second at 25 MHz"
        );
        assert_eq!(EngineUse::of(&counts, cycles, 25_000_000, 4).unwrap().ideal_cycles, 185);
        assert_eq!(EngineUse::of(&counts, Cycles::default(), 25_000_000, 1), None);
    }
}
