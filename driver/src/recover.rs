//! Lost sessions made good: reconnect, restore the last checkpoint, replay what was learned since.
//!
//! ```text
//!  ──checkpoint── sample sample sample ╳ lost
//!        └─> restore ── sample sample sample ── sample … ──checkpoint──
//! ```
//!
//! `docs/faults.md` says what is repaired and what can't be.

mod replay;

use std::time::{Duration, Instant};

use arch::formats::{Leak, Membrane};
use arch::{Counts, Cycles, Layer, Network, Parameters};
use serde::Serialize;

use crate::{LinkCounts, LinkError, Options, Sample, Session, SessionError, Transport, TransportError};

/// Opens a transport to the board, as often as one is lost.
pub type Connect = Box<dyn FnMut() -> Result<Box<dyn Transport>, TransportError>>;

/// Bytes of events that are sent for each byte of a checkpoint: with the frames around both it costs under 2 % of the wire.
const EVENTS_PER_BYTE: usize = 64;
/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Checkpoints without a lost session after which a halved interval is doubled.
const CALM: u32 = 8;

/// How patient recovery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Recordings between checkpoints; `None`: as many as make them cheap.
    pub every: Option<u32>,
    /// How long to try to connect again.
    pub patience: Duration,
    /// The first pause between two attempts; each further one is twice as long.
    pub pause: Duration,
    /// How many sessions may be lost without a checkpoint in between.
    pub sessions: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            every: None,
            patience: Duration::from_secs(30),
            pause: Duration::from_millis(100),
            sessions: 20,
        }
    }
}

/// What recovery has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RecoveryCounts {
    /// Sessions lost because the transport failed: a pulled cable.
    pub closed: u64,
    /// Sessions lost because the board had restarted.
    pub restarted: u64,
    /// Sessions lost because no answer came.
    pub silent: u64,
    /// Lost sessions made good.
    pub repaired: u64,
    /// Samples that were run again.
    pub replayed: u64,
    /// Checkpoints read.
    pub checkpoints: u64,
    /// Bytes that they took on the wire, both ways.
    pub checkpoint_bytes: u64,
}

impl RecoveryCounts {
    /// Sessions lost.
    pub fn lost(&self) -> u64 {
        self.closed + self.restarted + self.silent
    }

    fn note(&mut self, error: &SessionError) {
        match error {
            SessionError::Link(LinkError::Restarted { .. }) => self.restarted += 1,
            SessionError::Link(LinkError::NoAnswer { .. }) => self.silent += 1,
            _ => self.closed += 1,
        }
    }
}

/// What makes the board's state again. Each part is absent until it was written or read.
#[derive(Debug, Clone, Default)]
struct Checkpoint {
    network: Option<Network>,
    parameters: Option<Parameters>,
    seed: Option<u32>,
    counts: Counts,
    cycles: Cycles,
}

/// A session that outlives its transport. It does what a [`Session`] does, and between runs its checkpoint is what the board holds.
pub struct Recovering {
    connect: Connect,
    options: Options,
    policy: Policy,
    session: Session,
    checkpoint: Checkpoint,
    /// Counted before the counters of the board were cleared by restoring it.
    counted: (Counts, Cycles),
    counts: RecoveryCounts,
    /// What the links of earlier sessions have seen, and how long they waited.
    earlier: (LinkCounts, Duration),
    /// When it began, for its transport.
    start: Instant,
    /// What reading checkpoints took: time, and bytes to the board.
    keeping: (Duration, u64),
    /// Sessions lost since the last checkpoint.
    lost: u32,
    /// How often the interval between checkpoints is halved.
    halvings: u32,
    /// Checkpoints since a session was lost.
    calm: u32,
}

impl Recovering {
    /// Opens the first session; that it can't be opened is an error at once.
    pub fn connect(mut connect: Connect, options: Options, policy: Policy) -> Result<Self, SessionError> {
        let transport = connect().map_err(LinkError::from)?;
        let session = Session::connect(transport, options)?;
        Ok(Self {
            start: session.now(),
            keeping: Default::default(),
            session,
            connect,
            options,
            policy,
            checkpoint: Checkpoint::default(),
            counted: Default::default(),
            counts: RecoveryCounts::default(),
            earlier: Default::default(),
            lost: 0,
            halvings: 0,
            calm: 0,
        })
    }

    /// Changes how patient it is.
    pub fn set_policy(&mut self, policy: Policy) {
        (self.policy, self.halvings) = (policy, 0);
    }

    /// What recovery has done so far.
    pub fn recovery_counts(&self) -> RecoveryCounts {
        self.counts
    }

    /// What the links of all sessions have seen so far.
    pub fn link_counts(&self) -> LinkCounts {
        let mut counts = self.earlier.0;
        counts += self.session.link_counts();
        counts
    }

    /// Time since it began, as it is for its transport.
    pub fn elapsed(&self) -> Duration {
        self.session.now().saturating_duration_since(self.start)
    }

    /// How much of that it has read checkpoints, and the bytes to the board that they took.
    pub fn keeping(&self) -> (Duration, u64) {
        self.keeping
    }

    /// How long all sessions have waited for answers.
    pub fn waited(&self) -> Duration {
        self.earlier.1 + self.session.waited()
    }

    /// The session of now, for what only a session can do. What it changes on the board is in no checkpoint.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The same, to be used.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The session of now, without recovery from here on.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// As [`Session::load_network`].
    pub fn load_network(&mut self, network: &Network) -> Result<(), SessionError> {
        self.ask(|session| session.load_network(network))?;
        let checkpoint = &mut self.checkpoint;
        checkpoint.parameters.take_if(|parameters| !parameters.matches(network));
        checkpoint.network = Some(network.clone());
        Ok(())
    }

    /// As [`Session::write_parameters`].
    pub fn write_parameters(&mut self, parameters: &Parameters) -> Result<(), SessionError> {
        self.ask(|session| session.write_parameters(parameters))?;
        self.checkpoint.parameters = Some(parameters.clone());
        Ok(())
    }

    /// The parameters of the loaded network: after a run they are in its last checkpoint and are not read again.
    pub fn read_parameters(&mut self) -> Result<Parameters, SessionError> {
        match &self.checkpoint.parameters {
            Some(parameters) => Ok(parameters.clone()),
            None => self.ask(Session::read_parameters),
        }
    }

    /// As [`Session::set_seed`].
    pub fn set_seed(&mut self, seed: u32) -> Result<(), SessionError> {
        self.ask(|session| session.set_seed(seed))?;
        self.checkpoint.seed = Some(seed);
        Ok(())
    }

    /// As [`Session::seed`].
    pub fn seed(&mut self) -> Result<u32, SessionError> {
        self.ask(Session::seed)
    }

    /// As [`Session::counts`], work that was done again not counted again.
    pub fn counts(&mut self) -> Result<Counts, SessionError> {
        let board = self.ask(Session::counts)?;
        let mut counts = self.counted.0;
        counts += board;
        Ok(counts)
    }

    /// As [`Session::cycles`], those of work that was done again not counted again.
    pub fn cycles(&mut self) -> Result<Cycles, SessionError> {
        let board = self.ask(Session::cycles)?;
        let mut cycles = self.counted.1;
        cycles += board;
        Ok(cycles)
    }

    /// As [`Session::clear_counts`].
    pub fn clear_counts(&mut self) -> Result<(), SessionError> {
        self.ask(Session::clear_counts)?;
        self.counted = Default::default();
        (self.checkpoint.counts, self.checkpoint.cycles) = self.counted;
        Ok(())
    }

    /// How many of these samples are learned before the next checkpoint, at least one if there is any.
    pub fn interval<'s>(&self, samples: impl Iterator<Item = &'s Sample>) -> usize {
        let mut room = self.room();
        samples.take_while(|sample| room.take(sample)).count()
    }

    fn room(&self) -> Room {
        match self.policy.every {
            Some(every) => Room::Recordings((every >> self.halvings).max(1)),
            None => {
                let network = self.checkpoint.network.as_ref();
                Room::Bytes(((network.map_or(0, parameter_bytes) * EVENTS_PER_BYTE) >> self.halvings).max(1))
            }
        }
    }

    /// Does what can be done twice, in a new session where the last is lost.
    fn ask<T>(
        &mut self,
        mut what: impl FnMut(&mut Session) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        loop {
            match what(&mut self.session) {
                Err(error) if error.lost() => self.recover(error)?,
                outcome => return outcome,
            }
        }
    }

    /// Reads a checkpoint; `learned`: whether the parameters may have changed since the last. After an error the last one stands.
    fn keep(&mut self, learned: bool) -> Result<(), SessionError> {
        let (before, start) = (self.session.link_counts(), self.session.now());
        let session = &mut self.session;
        let known = self.checkpoint.parameters.is_some() && !learned;
        let parameters = if known { None } else { Some(session.read_parameters()?) };
        let (seed, mut counts, mut cycles) = (session.seed()?, session.counts()?, session.cycles()?);
        counts += self.counted.0;
        cycles += self.counted.1;
        let checkpoint = &mut self.checkpoint;
        checkpoint.parameters = parameters.or(checkpoint.parameters.take());
        (checkpoint.seed, checkpoint.counts, checkpoint.cycles) = (Some(seed), counts, cycles);
        self.lost = 0;
        self.calm += 1;
        if self.calm.is_multiple_of(CALM) {
            self.halvings = self.halvings.saturating_sub(1);
        }
        self.counts.checkpoints += 1;
        let after = self.session.link_counts();
        let sent = after.bytes_sent - before.bytes_sent;
        self.counts.checkpoint_bytes += sent + after.bytes_received - before.bytes_received;
        self.keeping.0 += self.session.now().saturating_duration_since(start);
        self.keeping.1 += sent;
        Ok(())
    }

    /// Makes the checkpoint's state again after `first` ended the session.
    fn recover(&mut self, first: SessionError) -> Result<(), SessionError> {
        self.counts.note(&first);
        self.halvings += u32::from(self.room().is_wide());
        (self.lost, self.calm) = (self.lost + 1, 0);
        let start = Instant::now();
        let mut pause = self.policy.pause;
        let mut last = None;
        while self.lost <= self.policy.sessions {
            match self.restore() {
                Ok(()) => {
                    self.counts.repaired += 1;
                    return Ok(());
                }
                Err(error) if error.lost() => last = Some(error),
                Err(error) => return Err(error),
            }
            let left = self.policy.patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(pause.min(left));
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
        let last = last.map_or_else(|| "none was tried any more".to_owned(), |last| last.to_string());
        Err(SessionError::GivenUp {
            first: Box::new(first),
            last,
            sessions: self.lost,
            waited: start.elapsed(),
        })
    }

    fn restore(&mut self) -> Result<(), SessionError> {
        // A port has to be closed before it can be opened again.
        self.session.link.close();
        let transport = (self.connect)().map_err(LinkError::from)?;
        let session = Session::connect(transport, self.options)?;
        let (seen, wanted) = (session.identity(), self.session.identity());
        if seen != wanted {
            return Err(SessionError::OtherBoard { seen: seen.name.clone(), wanted: wanted.name.clone() });
        }
        self.earlier.0 += self.session.link_counts();
        self.earlier.1 += self.session.waited();
        self.session = session;
        let Checkpoint { network, parameters, seed, counts, cycles } = &self.checkpoint;
        if let Some(network) = network {
            self.session.load_network(network)?;
        }
        if let Some(parameters) = parameters {
            self.session.write_parameters(parameters)?;
        }
        if let Some(seed) = *seed {
            self.session.set_seed(seed)?;
        }
        self.session.clear_counts()?;
        self.counted = (*counts, *cycles);
        Ok(())
    }
}

/// What may still be learned before the next checkpoint.
enum Room {
    Recordings(u32),
    /// Of events.
    Bytes(usize),
}

impl Room {
    /// Whether half of it is less: one sample there is always room for.
    fn is_wide(&self) -> bool {
        match self {
            Self::Recordings(left) => *left > 1,
            Self::Bytes(left) => *left > 64,
        }
    }

    /// Takes a sample if there is room left.
    fn take(&mut self, sample: &Sample) -> bool {
        match self {
            Self::Recordings(0) | Self::Bytes(0) => return false,
            Self::Recordings(left) => *left -= 1,
            Self::Bytes(left) => *left = left.saturating_sub(sample.packed.len()),
        }
        true
    }
}

/// Bytes of a network's parameters as they are read, padding aside.
fn parameter_bytes(network: &Network) -> usize {
    let width = network.weight_bits.bits() as usize / 8;
    let layer = |layer: &Layer| {
        let (inputs, outputs) = (layer.inputs() as usize, layer.outputs() as usize);
        inputs * outputs * width + outputs * size_of::<Membrane>() + size_of::<Leak>()
    };
    network.layers.iter().map(layer).sum()
}
