//! What `--board` names: a session with a board, virtual or not, or the float model in its place.

mod error;
mod facts;

use std::ops::ControlFlow;
use std::path::Path;

use arch::board::BoardError;
use arch::parameters::LayerParameters;
use arch::protocol::SampleResult;
use arch::{Counts, Cycles, Network, Parameters, WeightBits};
use driver::transport::Injector;
use driver::{Learner, Pace, Policy, Recovering, Sample, Session, SessionError};
use model::fixed::{Initial, initial_parameters};

use crate::cli::On;
use crate::commands::bounded;
use crate::float_board::FloatBoard;
use crate::link_use::LinkUse;
use crate::recipe::Recipe;
use crate::throughput::Spent;
use crate::wire::Simulation;

pub use error::{BoardUseError, SimulationError};
pub use facts::BoardFacts;

/// Largest board file that is read.
const MAX_BOARD_FILE: u64 = 1 << 20;

/// What learns.
pub enum Board {
    /// A board behind the wire.
    Wire {
        /// The session with it, which survives what the line does.
        session: Box<Recovering>,
        /// What injects the line's faults, if it is to have any.
        injector: Option<Injector>,
        /// What is known of a board that is simulated cycle by cycle.
        simulation: Option<Simulation>,
    },
    /// The equations in 32-bit floats.
    Float {
        /// The configuration whose rates and formats it follows.
        config: Box<arch::Board>,
        /// Absent until a network is loaded.
        model: Option<Box<FloatBoard>>,
    },
}

/// The configuration of a name or of a `board.toml` file.
pub fn configuration(name: &str) -> Result<arch::Board, BoardError> {
    if !name.ends_with(".toml") {
        return arch::Board::named(name);
    }
    let fail = |problem: String| BoardError::File { name: name.to_owned(), problem };
    let content = bounded(Path::new(name), MAX_BOARD_FILE).map_err(fail)?;
    arch::Board::parse(name, &String::from_utf8(content).map_err(|error| fail(error.to_string()))?)
}

impl Board {
    /// Opens what `on` names.
    pub fn open(on: &On) -> Result<Self, BoardUseError> {
        if on.board == "float" {
            return Ok(Self::Float { config: Box::new(configuration(&on.which.config)?), model: None });
        }
        let crate::wire::Opened { session, injector, simulation } = crate::wire::open(on)?;
        Ok(Self::Wire { session: Box::new(session), injector, simulation })
    }

    /// How patient it is with its line, and how often it keeps a checkpoint.
    pub fn set_policy(&mut self, policy: Policy) {
        if let Self::Wire { session, .. } = self {
            session.set_policy(policy);
        }
    }

    /// How many of these samples are learned before a checkpoint is worth its bytes.
    pub fn interval<'s>(&self, samples: impl Iterator<Item = &'s Sample>) -> usize {
        match self {
            Self::Wire { session, .. } => session.interval(samples),
            Self::Float { .. } => samples.count(),
        }
    }

    /// What its link has seen; floats have none.
    pub fn link_use(&self) -> Option<LinkUse> {
        match self {
            Self::Wire { session, injector, .. } => Some(LinkUse {
                link: session.link_counts(),
                recovery: session.recovery_counts(),
                injected: injector.as_ref().map(Injector::counts),
            }),
            Self::Float { .. } => None,
        }
    }

    /// How its frames are sent; a simulated board's line has the rate of its pins. Floats have none.
    pub fn pace(&self) -> Option<Pace> {
        match self {
            Self::Wire { session, simulation, .. } => {
                let pace = session.session().pace();
                let pins = simulation.as_ref().map(|simulation| self.clock_hz() / simulation.byte_cycles);
                Some(Pace { line_rate: pace.line_rate.or(pins), ..pace })
            }
            Self::Float { .. } => None,
        }
    }

    /// What its link has cost so far.
    pub fn spent(&self) -> Spent {
        match self {
            Self::Wire { session, simulation, .. } => {
                let counts = session.link_counts();
                let (keeping, kept) = session.keeping();
                Spent {
                    seconds: session.elapsed().as_secs_f64(),
                    waited: session.waited().as_secs_f64(),
                    bytes_sent: counts.bytes_sent - kept,
                    bytes_received: counts.bytes_received,
                    keeping: keeping.as_secs_f64(),
                    simulated: simulation.as_ref().map(|simulation| simulation.cycles.get()),
                }
            }
            Self::Float { .. } => Spent::default(),
        }
    }

    /// Its configuration's name.
    pub fn configuration(&self) -> &str {
        match self {
            Self::Wire { session, .. } => &session.session().identity().name,
            Self::Float { config, .. } => &config.name,
        }
    }

    /// Width of its weights, or of those whose rates the floats follow.
    pub fn weight_bits(&self) -> WeightBits {
        match self {
            Self::Wire { session, .. } => session.session().identity().capacity.weight_bits,
            Self::Float { config, .. } => config.engine.weight_bits,
        }
    }

    /// Loads `network` for a run that begins: initial parameters by the recipe, noise by the seed.
    pub fn start(&mut self, network: &Network, recipe: &Recipe, seed: u64) -> Result<(), BoardUseError> {
        match self {
            Self::Wire { session, .. } => {
                session.load_network(network)?;
                session.write_parameters(&initial(network, recipe, seed))?;
                // Any state but 0; the multiplier spreads small seeds over it.
                session.set_seed(((seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32).max(1))?;
            }
            Self::Float { model, .. } => *model = Some(Box::new(FloatBoard::new(network, recipe, seed)?)),
        }
        Ok(())
    }

    /// Loads `network` with parameters and noise as an earlier run left them.
    pub fn restore(
        &mut self,
        network: &Network,
        parameters: &Parameters,
        noise_seed: u32,
    ) -> Result<(), BoardUseError> {
        let session = self.recovering("leave out --resume")?;
        session.load_network(network)?;
        session.write_parameters(parameters)?;
        session.set_seed(noise_seed)?;
        Ok(())
    }

    /// Loads the same network with the rates of another epoch.
    pub fn set_rates(
        &mut self,
        network: &Network,
        recipe: &Recipe,
        halvings: u32,
    ) -> Result<(), BoardUseError> {
        match self {
            Self::Wire { session, .. } => session.load_network(network)?,
            Self::Float { model, .. } => {
                model.iter_mut().for_each(|model| model.set_rates(network, recipe, halvings));
            }
        }
        Ok(())
    }

    /// State of the noise generator; floats have none.
    pub fn noise_seed(&mut self) -> Result<u32, BoardUseError> {
        Ok(match self {
            Self::Wire { session, .. } => session.seed()?,
            Self::Float { .. } => 0,
        })
    }

    /// Work counted since the last clearing.
    pub fn counts(&mut self) -> Result<Counts, BoardUseError> {
        Ok(match self {
            Self::Wire { session, .. } => session.counts()?,
            Self::Float { model, .. } => model.as_ref().map_or_else(Counts::default, |model| model.counts()),
        })
    }

    /// Cycles counted since the last clearing; none on a model.
    pub fn cycles(&mut self) -> Result<Cycles, BoardUseError> {
        Ok(match self {
            Self::Wire { session, .. } => session.cycles()?,
            Self::Float { .. } => Cycles::default(),
        })
    }

    /// The clock of the board's configuration, in hertz.
    pub fn clock_hz(&self) -> u32 {
        match self {
            Self::Wire { session, .. } => session.session().identity().capacity.clock_hz,
            Self::Float { config, .. } => config.engine.clock_hz,
        }
    }

    /// Neurons that its hardware fires in a cycle: what is built of its sizes says it, a board's answers need not.
    pub fn neurons_a_cycle(&self) -> u64 {
        match self {
            Self::Wire { session, .. } => rtl::top::neurons_a_cycle(&session.session().identity().capacity),
            Self::Float { .. } => 1,
        }
    }

    /// Clears the counters.
    pub fn clear_counts(&mut self) -> Result<(), BoardUseError> {
        match self {
            Self::Wire { session, .. } => session.clear_counts()?,
            Self::Float { model, .. } => model.iter_mut().for_each(|model| model.clear_counts()),
        }
        Ok(())
    }

    /// Leak of each layer.
    pub fn leaks(&mut self) -> Result<Vec<f64>, BoardUseError> {
        Ok(match self {
            Self::Wire { session, .. } => leaks(&session.read_parameters()?),
            Self::Float { model: Some(model), .. } => {
                model.network().layers.iter().map(|layer| f64::from(layer.leak)).collect()
            }
            Self::Float { model: None, .. } => Vec::new(),
        })
    }

    /// Thresholds of each layer.
    pub fn thresholds(&mut self) -> Result<Vec<Vec<f64>>, BoardUseError> {
        Ok(match self {
            Self::Wire { session, .. } => thresholds(&session.read_parameters()?),
            Self::Float { model: Some(model), .. } => {
                let layers = model.network().layers.iter();
                layers.map(|layer| layer.thresholds.iter().map(|&theta| f64::from(theta)).collect()).collect()
            }
            Self::Float { model: None, .. } => Vec::new(),
        })
    }

    /// The parameters in the board's formats; floats have none.
    pub fn parameters(&mut self) -> Result<Option<Parameters>, BoardUseError> {
        Ok(match self {
            Self::Wire { session, .. } => Some(session.read_parameters()?),
            Self::Float { .. } => None,
        })
    }

    /// The session with a board, for what only a session can do; `what` is what to do where there is none.
    pub fn session(&mut self, what: &'static str) -> Result<&mut Session, BoardUseError> {
        Ok(self.recovering(what)?.session_mut())
    }

    fn recovering(&mut self, what: &'static str) -> Result<&mut Recovering, BoardUseError> {
        match self {
            Self::Wire { session, .. } => Ok(session),
            Self::Float { .. } => Err(BoardUseError::NoParameters { what }),
        }
    }
}

/// The parameters that a run begins with.
pub fn initial(network: &Network, recipe: &Recipe, seed: u64) -> Parameters {
    let Recipe { gain, threshold, leak, .. } = *recipe;
    initial_parameters(network, &Initial { gain, threshold, leak, seed })
}

/// Thresholds of each layer.
pub fn thresholds(parameters: &Parameters) -> Vec<Vec<f64>> {
    let values = |layer: &LayerParameters| layer.thresholds.iter().map(|theta| theta.to_num()).collect();
    parameters.layers.iter().map(values).collect()
}

/// Leak of each layer.
pub fn leaks(parameters: &Parameters) -> Vec<f64> {
    parameters.layers.iter().map(|layer| layer.leak.to_num()).collect()
}

impl Learner for Board {
    type Error = BoardUseError;

    fn classes(&self) -> u32 {
        match self {
            Self::Wire { session, .. } => session.classes(),
            Self::Float { model, .. } => model.as_ref().map_or(0, |model| model.classes()),
        }
    }

    fn run(
        &mut self,
        samples: &mut dyn Iterator<Item = &Sample>,
        learn: bool,
        on_result: &mut dyn FnMut(usize, SampleResult) -> ControlFlow<()>,
    ) -> Result<(), BoardUseError> {
        let model = match self {
            Self::Wire { session, .. } => return Ok(session.run(samples, learn, on_result)?),
            Self::Float { model, .. } => model.as_mut(),
        };
        let model = model.ok_or_else(|| BoardUseError::from(SessionError::NoNetwork))?;
        for (at, sample) in samples.enumerate() {
            if on_result(at, model.run(sample, learn)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}
