//! What `--board` names: a session with a board, virtual or not, or the float model in its place.

use std::ops::ControlFlow;
use std::path::Path;

use arch::board::BoardError;
use arch::protocol::SampleResult;
use arch::{Counts, Cycles, Network, Parameters, WeightBits};
use driver::share::TokenError;
use driver::transport::{FaultsError, Injector};
use driver::{Learner, Policy, Recovering, Sample, Session, SessionError, TransportError};
use model::fixed::{Initial, initial_parameters};
use model::float;
use sim::bitstream::BitstreamError;
use sim::hardware::HardwareError;
use sim::toolchain::unpack::UnpackError;
use sim::toolchain::verilator::VerilatorError;

use crate::cli::On;
use crate::float_board::FloatBoard;
use crate::link_use::LinkUse;
use crate::recipe::Recipe;

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
    },
    /// The equations in 32-bit floats.
    Float {
        /// The configuration whose rates and formats it follows.
        config: Box<arch::Board>,
        /// Absent until a network is loaded.
        model: Option<Box<FloatBoard>>,
    },
}

/// A board that can't be had or used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BoardUseError {
    /// A `--board` that names nothing.
    #[error(
        "--board {seen}: wanted model, rtl, verilator, netlist, bitstream, bitstream:FILE, float, serial:PORT, tcp:HOST:PORT, or faulty:FAULTS:BOARD around one with a wire"
    )]
    #[diagnostic(help("serial ports here: {}", serial_ports()))]
    Unknown {
        /// What was asked for.
        seen: String,
    },
    /// A token that is none.
    #[error("STOP_FPGA_TOKEN: {0}")]
    #[diagnostic(help("it is the one that `stop-fpga serve` was started with or has printed"))]
    Token(#[from] TokenError),
    /// Faults that are not written as they should be.
    #[error("--board faulty: {0}")]
    Faults(#[from] FaultsError),
    /// Power that can't be taken from here.
    #[error(
        "--board faulty:reset=…: nobody here can take the power from {board}: wanted model, rtl, verilator, netlist or bitstream, or no reset"
    )]
    NoSwitch {
        /// The board.
        board: String,
    },
    /// A configuration that can't be had.
    #[error(transparent)]
    Config(#[from] BoardError),
    /// The simulated hardware can't be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Hardware(#[from] SimulationError),
    /// A bitstream that can't be read.
    #[error("--board bitstream:{path}: {problem}")]
    Bitstream {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The port could not be opened.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The board could not be used as asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Session(#[from] WireError),
    /// A network that the float model refuses.
    #[error(transparent)]
    Float(#[from] float::NetworkError),
    /// A sample that the float model refuses.
    #[error(transparent)]
    Sample(#[from] float::SampleError),
    /// Integers asked of floats.
    #[error("--board float has no parameters in a board's formats: {what}")]
    NoParameters {
        /// What needed them.
        what: &'static str,
    },
}

/// A session's error with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct WireError(#[from] SessionError);

impl miette::Diagnostic for WireError {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        let help = match &self.0 {
            SessionError::Layout { .. } => {
                "a smaller --net, or another board; --config virtual-w8 and virtual-w16 are roomy models \
                 that no device stands for"
            }
            SessionError::GivenUp { .. } | SessionError::Link(_) => {
                "`train --out` keeps the last checkpoint: once the board is back, the same command with --resume goes on from it"
            }
            _ => return None,
        };
        Some(Box::new(help))
    }
}

/// Simulated hardware that can't be had, with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SimulationError(#[from] pub HardwareError);

impl miette::Diagnostic for SimulationError {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        match &self.0 {
            HardwareError::NoHardware(_) => Some(Box::new("use --board model, or one of these as --config")),
            HardwareError::Bitstream(BitstreamError::Unpack(UnpackError::Part(_))) => {
                Some(Box::new("--config hx8k-breakout; --board netlist simulates the others"))
            }
            HardwareError::Verilator(VerilatorError::Missing(_)) => Some(Box::new(
                "`cargo xtask tools` gets it; --board rtl needs nothing but Rust and is slower",
            )),
            _ => None,
        }
    }
}

impl From<SessionError> for BoardUseError {
    fn from(error: SessionError) -> Self {
        Self::Session(WireError(error))
    }
}

fn serial_ports() -> String {
    let ports = driver::transport::serial::known_ports();
    if ports.is_empty() { "none".to_owned() } else { ports.join(", ") }
}

/// The configuration of a name or of a `board.toml` file.
pub fn configuration(name: &str) -> Result<arch::Board, BoardError> {
    if !name.ends_with(".toml") {
        return arch::Board::named(name);
    }
    let fail = |problem: String| BoardError::File { name: name.to_owned(), problem };
    let path = Path::new(name);
    let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > MAX_BOARD_FILE {
        return Err(fail(format!("{size} bytes, wanted at most {MAX_BOARD_FILE}")));
    }
    arch::Board::parse(name, &std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?)
}

impl Board {
    /// Opens what `on` names.
    pub fn open(on: &On) -> Result<Self, BoardUseError> {
        if on.board == "float" {
            return Ok(Self::Float { config: Box::new(configuration(&on.config)?), model: None });
        }
        let (session, injector) = crate::wire::open(on)?;
        Ok(Self::Wire { session: Box::new(session), injector })
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
            Self::Wire { session, injector } => Some(LinkUse {
                link: session.link_counts(),
                recovery: session.recovery_counts(),
                injected: injector.as_ref().map(Injector::counts),
            }),
            Self::Float { .. } => None,
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
                session.write_parameters(&initial_parameters(network, &initial(recipe, seed)))?;
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
            Self::Wire { session, .. } => {
                session.read_parameters()?.layers.iter().map(|layer| layer.leak.to_num()).collect()
            }
            Self::Float { model: Some(model), .. } => {
                model.network().layers.iter().map(|layer| f64::from(layer.leak)).collect()
            }
            Self::Float { model: None, .. } => Vec::new(),
        })
    }

    /// Thresholds of each layer.
    pub fn thresholds(&mut self) -> Result<Vec<Vec<f64>>, BoardUseError> {
        Ok(match self {
            Self::Wire { .. } => {
                let layers = self.parameters()?.map_or_else(Vec::new, |parameters| parameters.layers);
                let values = |layer: &arch::parameters::LayerParameters| {
                    layer.thresholds.iter().map(|theta| theta.to_num()).collect()
                };
                layers.iter().map(values).collect()
            }
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

fn initial(recipe: &Recipe, seed: u64) -> Initial {
    Initial { gain: recipe.gain, threshold: recipe.threshold, leak: recipe.leak, seed }
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
