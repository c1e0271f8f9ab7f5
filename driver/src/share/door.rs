//! The door of a shared board: one thread greets all who come, waits for none of them, and lets in who knows the token.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::desk::{Desk, Owner};
use super::greeting::{Hello, MAX_HELLO, Refusal, Reply, hear};
use super::{TICK, Token};

/// Connections at the door at once. One more, and the one that has been there longest has to go.
const VISITORS: usize = 64;
/// How long a client may take for its greeting.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a client with the right token waits for an owner who is just leaving.
const WAIT: Duration = Duration::from_secs(1);
/// How long a client that was refused may take to read that: a connection closed before would lose it.
const PARTING: Duration = Duration::from_millis(500);
/// How often visitors are looked at. One token is tried at each look: 200 guesses a second, whoever they come from.
const LOOK: Duration = Duration::from_millis(5);

/// A connection that does not have the board.
struct Visitor {
    owner: Owner,
    stage: Stage,
    since: Instant,
}

enum Stage {
    /// Has said so much.
    Greeting(Vec<u8>),
    /// Knows the token, and waits for the board.
    Waiting,
    /// Was refused.
    Leaving,
}

/// What becomes of a visitor at a look.
enum Next {
    Stay,
    LetIn,
    Refuse(Refusal),
    Gone,
}

pub(super) struct Door<'a> {
    listener: &'a TcpListener,
    token: &'a Token,
    desk: &'a Desk,
    let_in: Sender<Owner>,
    visitors: Vec<Visitor>,
    refused: u64,
}

impl<'a> Door<'a> {
    pub fn new(listener: &'a TcpListener, token: &'a Token, desk: &'a Desk, let_in: Sender<Owner>) -> Self {
        Self { listener, token, desk, let_in, visitors: Vec::new(), refused: 0 }
    }

    /// Keeps the door until `stop`; how many were refused.
    pub fn keep(mut self, stop: &AtomicBool) -> u64 {
        while !stop.load(Ordering::SeqCst) {
            self.accept();
            self.look();
            std::thread::sleep(if self.visitors.is_empty() { TICK } else { LOOK });
        }
        self.refused
    }

    fn accept(&mut self) {
        // As many as the door has room for: there is another look soon.
        for _ in 0..VISITORS {
            // A connection that broke off, or a system without descriptors left: another may do better.
            let Ok((stream, address)) = self.listener.accept() else { return };
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            if self.visitors.len() == VISITORS {
                self.refused += u64::from(!matches!(self.visitors[0].stage, Stage::Leaving));
                self.visitors.remove(0);
            }
            let owner = Owner { stream, address };
            self.visitors.push(Visitor { owner, stage: Stage::Greeting(Vec::new()), since: Instant::now() });
        }
    }

    fn look(&mut self) {
        let mut guesses = 1;
        for mut visitor in std::mem::take(&mut self.visitors) {
            match visitor.next(self.token, self.desk, &mut guesses) {
                Next::Stay => self.visitors.push(visitor),
                Next::LetIn => {
                    // An error means that serving ends.
                    let _ = self.let_in.send(visitor.owner);
                }
                Next::Refuse(refusal) => {
                    self.refused += 1;
                    if visitor.refuse(refusal) {
                        self.visitors.push(visitor);
                    }
                }
                Next::Gone => self.refused += u64::from(!matches!(visitor.stage, Stage::Leaving)),
            }
        }
    }
}

impl Visitor {
    fn next(&mut self, token: &Token, desk: &Desk, guesses: &mut usize) -> Next {
        let waited = self.since.elapsed();
        match &mut self.stage {
            Stage::Greeting(said) => {
                if !read(&self.owner.stream, said) {
                    return Next::Gone;
                }
                match hear(said) {
                    Hello::Guess(_) if *guesses == 0 => Next::Stay,
                    Hello::Guess(guess) => {
                        *guesses -= 1;
                        if !token.is(guess) {
                            return Next::Refuse(Refusal::Token);
                        }
                        (self.stage, self.since) = (Stage::Waiting, Instant::now());
                        self.next(token, desk, guesses)
                    }
                    Hello::Unfinished if waited < PATIENCE => Next::Stay,
                    Hello::Unfinished | Hello::Other => Next::Refuse(Refusal::Token),
                }
            }
            Stage::Waiting => {
                if desk.take(&self.owner.stream) {
                    Next::LetIn
                } else if waited < WAIT {
                    Next::Stay
                } else {
                    Next::Refuse(Refusal::Busy)
                }
            }
            // What it says now is of no interest, but unread it would take the refusal with it.
            Stage::Leaving if waited < PARTING && read(&self.owner.stream, &mut Vec::new()) => Next::Stay,
            Stage::Leaving => Next::Gone,
        }
    }

    /// Says so; whether it is to be waited for until that is read.
    fn refuse(&mut self, refusal: Refusal) -> bool {
        (self.stage, self.since) = (Stage::Leaving, Instant::now());
        let mut stream = &self.owner.stream;
        // A line fits the buffer of a connection on which nothing was said.
        let told = stream.write_all(Reply::Refused(refusal).line().as_bytes());
        told.and_then(|()| stream.shutdown(Shutdown::Write)).is_ok()
    }
}

/// Takes what has come, as far as it can be of a greeting; whether the other end is still there.
fn read(mut stream: &TcpStream, said: &mut Vec<u8>) -> bool {
    let mut bytes = [0; MAX_HELLO + 1];
    let room = bytes.len().saturating_sub(said.len());
    match stream.read(&mut bytes[..room]) {
        Ok(0) => room == 0,
        Ok(count) => {
            said.extend_from_slice(&bytes[..count]);
            true
        }
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
    }
}
