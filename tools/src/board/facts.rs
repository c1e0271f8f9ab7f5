//! What a run's reports say of what it ran on: a board, or several.

use arch::{Counts, Cycles};
use driver::Pace;

use super::Board;
use crate::crew::{BoardUse, Crew};
use crate::engine_use::EngineUse;
use crate::link_use::LinkUse;
use crate::throughput::Throughput;
use crate::training::Trained;

/// Known once the run is over.
#[derive(Debug, Clone)]
pub struct BoardFacts {
    /// Its configuration's name; of several boards the first one's.
    pub configuration: String,
    /// What its link has seen; of several boards each has its own.
    pub link: Option<LinkUse>,
    /// What each of several boards did; empty for one.
    pub boards: Vec<BoardUse>,
    /// How frames are sent; of several boards each has its own way, floats have none.
    pace: Option<Pace>,
    clock_hz: u32,
    neurons_a_cycle: u64,
}

impl BoardFacts {
    /// What the counters of the engine say of this work.
    pub fn engine(&self, work: &Counts, cycles: Cycles) -> Option<EngineUse> {
        EngineUse::of(work, cycles, self.clock_hz, self.neurons_a_cycle)
    }

    /// How well a run used line and engine; known of one board only.
    pub fn throughput(&self, trained: &Trained) -> Option<Throughput> {
        let (events, cycles) = (trained.work.events, trained.cycles.total());
        Throughput::of(&trained.spent, self.pace?, events, cycles, self.clock_hz)
    }
}

impl From<&Board> for BoardFacts {
    fn from(board: &Board) -> Self {
        Self {
            configuration: board.configuration().to_owned(),
            link: board.link_use(),
            boards: Vec::new(),
            pace: board.pace(),
            clock_hz: board.clock_hz(),
            neurons_a_cycle: board.neurons_a_cycle(),
        }
    }
}

impl From<&Crew> for BoardFacts {
    fn from(crew: &Crew) -> Self {
        Self {
            configuration: crew.configuration().to_owned(),
            link: None,
            boards: crew.uses(),
            pace: None,
            clock_hz: crew.clock_hz(),
            neurons_a_cycle: crew.neurons_a_cycle(),
        }
    }
}
