//! A board that has said who it is. What can be asked of it is in `memory`, `network` and `run`.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use arch::protocol::{Opcode, Status};
use arch::{Identity, Network};

use crate::link::{Conversation, Link};
use crate::pace::{Buffers, Pace};
use crate::{LinkCounts, Options, SessionError, Transport};

/// Bytes of the session's number.
const SESSION_BYTES: usize = 4;

/// A connection to a board, identified and found fit to talk to.
pub struct Session {
    pub(crate) link: Link,
    identity: Identity,
    pub(crate) loaded: Option<Loaded>,
}

/// The network on the board.
pub(crate) struct Loaded {
    pub network: Network,
    pub layout: arch::Layout,
}

impl Session {
    /// Opens a new session with the board at the other end of `transport`. An open sample on the board is abandoned;
    /// its memories stay as they are.
    ///
    /// Errors: no answer in bounded time; something that is no board of this ABI and these number formats.
    pub fn connect(transport: impl Transport + 'static, options: Options) -> Result<Self, SessionError> {
        // Keys of std's hash maps are random: enough to tell one session from the last.
        Self::connect_as(RandomState::new().hash_one(std::process::id()) as u32, transport, options)
    }

    /// The same with a session number of one's own: for a recording whose bytes are to be the same every time. A board takes a
    /// number that it knows for the session that is open.
    pub fn connect_as(
        number: u32,
        transport: impl Transport + 'static,
        options: Options,
    ) -> Result<Self, SessionError> {
        let mut link = Link::new(Box::new(transport), options);
        let mut identify = Identify { number: Some(number), identity: Vec::new() };
        link.converse(&mut identify)?;
        let identity = Identity::decode(&identify.identity)?;
        link.widen(Buffers {
            window: identity.window as usize,
            receive_buffer: identity.receive_buffer as usize,
            max_payload: identity.max_payload as usize,
        })?;
        Ok(Self { link, identity, loaded: None })
    }

    /// What the board said of itself.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the link has seen so far.
    pub fn link_counts(&self) -> LinkCounts {
        self.link.counts()
    }

    /// How large frames are and why.
    pub fn pace(&self) -> Pace {
        self.link.pace()
    }

    /// What time it is for the transport: that of a simulated line passes in its own way.
    pub fn now(&self) -> Instant {
        self.link.now()
    }

    /// How long it has waited for answers.
    pub fn waited(&self) -> Duration {
        self.link.waited()
    }

    /// The transport, for messages.
    pub fn transport(&self) -> String {
        self.link.description()
    }

    /// The network loaded through this session.
    pub fn network(&self) -> Option<&Network> {
        self.loaded.as_ref().map(|loaded| &loaded.network)
    }

    /// The longest payload of a frame to the board. Answers may fill [`Identity::max_payload`].
    pub(crate) fn payload_limit(&self) -> usize {
        self.link.pace().payload
    }

    pub(crate) fn converse<C: Conversation<Error = SessionError>>(
        &mut self,
        conversation: &mut C,
    ) -> Result<(), SessionError> {
        self.link.converse(conversation)
    }
}

struct Identify {
    number: Option<u32>,
    identity: Vec<u8>,
}

impl Conversation for Identify {
    type Error = SessionError;

    fn next(&mut self, _limit: usize, payload: &mut Vec<u8>) -> Option<Opcode> {
        payload.extend(self.number.take()?.to_le_bytes());
        Some(Opcode::Identify)
    }

    fn answer(&mut self, _: Opcode, status: Status, rest: &[u8]) -> Result<(), SessionError> {
        if status != Status::Ok {
            return Err(SessionError::Refused { what: "to identify itself", status });
        }
        // The link has compared the session's number.
        self.identity = rest.get(SESSION_BYTES..).unwrap_or_default().to_vec();
        Ok(())
    }
}
