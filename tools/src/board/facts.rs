//! What a run's reports say of what it ran on: a board, or several.

use arch::{Counts, Cycles};

use super::Board;
use crate::crew::{BoardUse, Crew};
use crate::engine_use::EngineUse;
use crate::link_use::LinkUse;

/// Known once the run is over.
#[derive(Debug, Clone)]
pub struct BoardFacts {
    /// Its configuration's name; of several boards the first one's.
    pub configuration: String,
    /// What its link has seen; of several boards each has its own.
    pub link: Option<LinkUse>,
    /// What each of several boards did; empty for one.
    pub boards: Vec<BoardUse>,
    clock_hz: u32,
    neurons_a_cycle: u64,
}

impl BoardFacts {
    /// What the counters of the engine say of this work.
    pub fn engine(&self, work: &Counts, cycles: Cycles) -> Option<EngineUse> {
        EngineUse::of(work, cycles, self.clock_hz, self.neurons_a_cycle)
    }
}

impl From<&Board> for BoardFacts {
    fn from(board: &Board) -> Self {
        Self {
            configuration: board.configuration().to_owned(),
            link: board.link_use(),
            boards: Vec::new(),
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
            clock_hz: crew.clock_hz(),
            neurons_a_cycle: crew.neurons_a_cycle(),
        }
    }
}
