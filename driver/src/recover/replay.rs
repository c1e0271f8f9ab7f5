//! Samples over sessions that may be lost: those since the last checkpoint are kept until the next one holds them.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use arch::protocol::SampleResult;

use super::Recovering;
use crate::{Learner, Sample, Session, SessionError};

impl Learner for Recovering {
    type Error = SessionError;

    fn classes(&self) -> u32 {
        self.session.classes()
    }

    fn run(
        &mut self,
        samples: &mut dyn Iterator<Item = &Sample>,
        learn: bool,
        on_result: &mut dyn FnMut(usize, SampleResult) -> ControlFlow<()>,
    ) -> Result<(), SessionError> {
        self.keep_first()?;
        let mut since = Since { samples: VecDeque::new(), results: Vec::new(), kept: 0, stop: false };
        loop {
            let part = since.fill(self, samples);
            if part == 0 {
                return Ok(());
            }
            let ran = since.run(&mut self.session, part, learn, on_result);
            match ran.and_then(|ended| self.keep(learn).map(|()| ended)) {
                Ok(ended) => since.keep(ended),
                Err(error) if error.lost() => {
                    self.counts.replayed += since.results.len() as u64;
                    self.recover(error)?;
                }
                Err(error) => {
                    // The session goes on, and with it what was learned before the refusal.
                    let _ = self.keep(learn);
                    return Err(error);
                }
            }
        }
    }
}

impl Recovering {
    /// Before the first run it may be unknown what a board holds.
    fn keep_first(&mut self) -> Result<(), SessionError> {
        let checkpoint = &self.checkpoint;
        if checkpoint.network.is_none() || checkpoint.parameters.is_some() && checkpoint.seed.is_some() {
            return Ok(());
        }
        loop {
            match self.keep(true) {
                Err(error) if error.lost() => self.recover(error)?,
                outcome => return outcome,
            }
        }
    }
}

/// What no checkpoint holds yet.
struct Since<'s> {
    samples: VecDeque<&'s Sample>,
    /// Of the first of them: those handed over.
    results: Vec<SampleResult>,
    /// Samples of this run that the checkpoint holds.
    kept: usize,
    /// Whether no more are to be begun.
    stop: bool,
}

impl<'s> Since<'s> {
    /// Fetches samples; how many of them to run before the next checkpoint.
    fn fill(&mut self, board: &Recovering, more: &mut dyn Iterator<Item = &'s Sample>) -> usize {
        let mut room = board.room();
        let mut part = 0;
        loop {
            if part == self.samples.len() {
                // Once stopped, those whose results are known are made good and no others begun.
                match if self.stop { None } else { more.next() } {
                    Some(sample) => self.samples.push_back(sample),
                    None => break,
                }
            }
            if !room.take(self.samples[part]) {
                break;
            }
            part += 1;
        }
        if self.stop { part.min(self.results.len()) } else { part }
    }

    /// Runs the first `part` samples and says how many ended. Results that are known are compared, the others handed over.
    fn run(
        &mut self,
        session: &mut Session,
        part: usize,
        learn: bool,
        on_result: &mut dyn FnMut(usize, SampleResult) -> ControlFlow<()>,
    ) -> Result<usize, SessionError> {
        let Self { samples, results, kept, stop } = self;
        let (mut ended, mut differs) = (0, None);
        session.run(&mut samples.iter().copied().take(part), learn, &mut |at, seen| {
            ended = at + 1;
            match results.get(at) {
                Some(&wanted) if wanted != seen => {
                    differs = differs.or(Some((seen, wanted)));
                    ControlFlow::Break(())
                }
                Some(_) => ControlFlow::Continue(()),
                None => {
                    results.push(seen);
                    *stop |= on_result(*kept + at, seen).is_break();
                    if *stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                }
            }
        })?;
        match differs {
            Some((seen, wanted)) => Err(SessionError::Replayed { seen, wanted }),
            None => Ok(ended),
        }
    }

    /// A checkpoint holds the first `ended` samples.
    fn keep(&mut self, ended: usize) {
        self.samples.drain(..ended);
        self.results.drain(..ended);
        self.kept += ended;
    }
}
