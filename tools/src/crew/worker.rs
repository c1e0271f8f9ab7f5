//! A board of a crew, on a thread of its own: opened there, and there it does what it is given.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::thread::Builder;

use arch::protocol::SampleResult;
use arch::{Counts, Cycles, Identity, Network, Parameters};
use driver::{Learner, Policy, Sample};
use miette::{IntoDiagnostic, Result, miette};

use crate::board::{Board, BoardUseError};
use crate::cli::On;
use crate::link_use::LinkUse;

/// Stack of a board's thread: simulated hardware is built on it.
const STACK: usize = 16 << 20;

/// What the parts of a round have in common.
pub struct Work {
    /// The network, with the rates of now.
    pub network: Network,
    /// What each part begins with.
    pub parameters: Parameters,
    /// What is run.
    pub samples: Arc<Vec<Sample>>,
    /// Whether it is learned or classified.
    pub learn: bool,
}

/// A part of a round, for a board to do from its beginning to its end.
#[derive(Clone)]
pub struct Job {
    /// Of which round.
    pub round: u64,
    /// Which part.
    pub part: usize,
    /// What it is a part of.
    pub work: Arc<Work>,
    /// The samples of it, in order.
    pub places: Arc<Vec<usize>>,
    /// State of the noise generator at its beginning.
    pub noise_seed: u32,
    /// Set once nobody wants its end any more.
    pub stop: Arc<AtomicBool>,
    /// How many of its samples have been run, by the board that is furthest.
    pub progress: Arc<AtomicUsize>,
}

/// What came of a part.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Of each sample.
    pub results: Vec<SampleResult>,
    /// Work counted.
    pub counts: Counts,
    /// Cycles counted; none on a model.
    pub cycles: Cycles,
    /// What was learned; `None` where the work was classifying.
    pub parameters: Option<Parameters>,
}

/// What a board's thread says.
pub enum News {
    /// The board is open.
    Ready(Box<Facts>),
    /// The end of a part.
    Done(Box<Job>, Outcome),
    /// A part that nobody wanted any more.
    Dropped,
    /// The board is of no use any more.
    Lost(miette::Report),
}

/// What is known of an open board.
pub struct Facts {
    /// What it says of itself.
    pub identity: Identity,
    /// Neurons that its hardware fires in a cycle.
    pub neurons_a_cycle: u64,
}

/// News of one board.
pub struct Report {
    /// Its place on the command line.
    pub member: usize,
    /// What there is to say.
    pub news: News,
    /// What its link has seen so far.
    pub link: Option<LinkUse>,
}

/// Opens the board `on` on a thread of its own, where it does `jobs` until there are no more.
pub fn start(
    member: usize,
    on: On,
    policy: Policy,
    jobs: Receiver<Job>,
    reports: Sender<Report>,
) -> Result<()> {
    let thread = Builder::new().name(format!("board {member}")).stack_size(STACK);
    let run = move || {
        let say = |news, link| reports.send(Report { member, news, link }).is_ok();
        let mut board = match open(&on, policy) {
            Ok((board, facts)) => {
                say(News::Ready(Box::new(facts)), None);
                board
            }
            Err(error) => {
                say(News::Lost(error), None);
                return;
            }
        };
        let mut loaded = None;
        while let Ok(job) = jobs.recv() {
            let news = match run(&mut board, &job, &mut loaded) {
                Ok(Some(outcome)) => News::Done(Box::new(job), outcome),
                Ok(None) => News::Dropped,
                Err(error) => News::Lost(error.into()),
            };
            let lost = matches!(news, News::Lost(_));
            if !say(news, board.link_use()) || lost {
                return;
            }
        }
    };
    thread.spawn(run).into_diagnostic()?;
    Ok(())
}

fn open(on: &On, policy: Policy) -> Result<(Board, Facts)> {
    let mut board = Board::open(on)?;
    board.set_policy(policy);
    let Board::Wire { session, .. } = &board else {
        return Err(miette!(
            help = "use --board model: it computes what a board computes",
            "--board float: boards that work side by side have parameters in a board's formats, floats have none"
        ));
    };
    let identity = session.session().identity().clone();
    let neurons_a_cycle = board.neurons_a_cycle();
    Ok((board, Facts { identity, neurons_a_cycle }))
}

/// Does a part; `None` where nobody wanted its end. `loaded` is what classifies already.
fn run(
    board: &mut Board,
    job: &Job,
    loaded: &mut Option<Arc<Work>>,
) -> Result<Option<Outcome>, BoardUseError> {
    let Work { network, parameters, samples, learn } = &*job.work;
    if *learn || !loaded.as_ref().is_some_and(|loaded| Arc::ptr_eq(loaded, &job.work)) {
        *loaded = None;
        board.restore(network, parameters, job.noise_seed)?;
        *loaded = (!learn).then(|| job.work.clone());
    }
    board.clear_counts()?;
    let mut results = Vec::with_capacity(job.places.len());
    board.run(&mut job.places.iter().map(|&place| &samples[place]), *learn, &mut |_, result| {
        results.push(result);
        job.progress.fetch_max(results.len(), Ordering::Relaxed);
        if job.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if results.len() < job.places.len() {
        return Ok(None);
    }
    let (counts, cycles) = (board.counts()?, board.cycles()?);
    let parameters = if *learn { board.parameters()? } else { None };
    Ok(Some(Outcome { results, counts, cycles, parameters }))
}
