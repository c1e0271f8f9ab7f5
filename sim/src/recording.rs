//! A session with a board, byte by byte: what a driver says and what the model answers, for a bench that has neither.

use std::cell::RefCell;
use std::mem::take;
use std::ops::ControlFlow;
use std::rc::Rc;

use arch::{Board, Network, Parameters};
use driver::transport::{ByteDevice, InProcess};
use driver::{Options, Sample, Session, SessionError, evaluate, learn_epoch};

use crate::VirtualBoard;

/// The session's number: any will do, but the same each time.
const SESSION: u32 = 1;
/// State of the noise generator before the first sample.
const SEED: u32 = 77;

/// What is done to a board in a session.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its parameters at the beginning.
    pub parameters: &'a Parameters,
    /// What it learns, once and in order, and classifies then.
    pub samples: &'a [Sample],
}

/// A session's bytes as they stand on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// What the host sends. The first byte is a zero: it ends whatever the board has heard before.
    pub to_board: Vec<u8>,
    /// What the board answers: the hardware, byte for byte.
    pub to_host: Vec<u8>,
    /// The parameters that are read back at the end.
    pub learned: Parameters,
}

/// Hands bytes on and keeps a copy.
struct Tap {
    board: VirtualBoard,
    to_board: Vec<u8>,
    to_host: Vec<u8>,
}

impl ByteDevice for Tap {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        let before = to_host.len();
        self.board.exchange(from_host, to_host);
        self.to_board.extend(from_host);
        self.to_host.extend(&to_host[before..]);
    }
}

impl Recording {
    /// The driver's session with the model in place of `board`'s hardware: loads, learns, classifies, reads parameters and counters back.
    ///
    /// Errors: the network does not fit the board; no hardware of it has what the network asks for.
    pub fn of(board: &Board, lesson: Lesson<'_>) -> Result<Self, SessionError> {
        let tap = Tap { board: VirtualBoard::as_hardware(board), to_board: Vec::new(), to_host: Vec::new() };
        let tap = Rc::new(RefCell::new(tap));
        let mut session = Session::connect_as(SESSION, InProcess::new(tap.clone()), Options::default())?;
        session.load_network(lesson.network)?;
        session.write_parameters(lesson.parameters)?;
        session.set_seed(SEED)?;
        let order: Vec<usize> = (0..lesson.samples.len()).collect();
        learn_epoch(&mut session, lesson.samples, &order, || ControlFlow::Continue(()))?;
        evaluate(&mut session, lesson.samples, || ControlFlow::Continue(()))?;
        session.counts()?;
        let learned = session.read_parameters()?;
        let mut tap = tap.borrow_mut();
        Ok(Self { to_board: take(&mut tap.to_board), to_host: take(&mut tap.to_host), learned })
    }
}
