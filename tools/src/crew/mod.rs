//! Several boards that work side by side.
//!
//! ```text
//!            ┌── thread ── board ── part ─┐
//! round ─ deal ── thread ── board ── part ─┼─ outcomes, in the order of the parts
//!            └── thread ── board ── part ─┘
//! ```
//!
//! A part is a piece of work that begins with known parameters and a known state of the noise generator: whoever does it comes to the same
//! bits, and one that a lost or slow board had is done again by another. `docs/several-boards.md` says what comes of it.

mod board_use;
mod dealing;
mod training;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use arch::{Capacity, Counts, Cycles, Network, Parameters, WeightBits};
use driver::{Evaluation, Policy, Sample};
use miette::{Result, miette};

use crate::board::BoardUseError;
use crate::cli::OnSeveral;
use crate::interrupt::Interrupt;
use crate::progress;
use dealing::Dealing;
use worker::{Facts, Job, News, Report};

pub use board_use::{BoardUse, board_table};
pub use training::Together;
pub use worker::{Outcome, Work};

/// How often progress is shown and Ctrl-C looked for.
const TICK: Duration = Duration::from_millis(50);
/// Parts of a test for each board: few, so that they cost little beside it, and enough that a slow board holds nothing up.
const TEST_PARTS: usize = 8;

/// Boards that work side by side. They are alike.
pub struct Crew {
    members: Vec<Member>,
    reports: Receiver<Report>,
    facts: Facts,
    round: u64,
}

struct Member {
    /// Takes parts; gone with a board that is lost.
    jobs: Option<Sender<Job>>,
    busy: bool,
    used: BoardUse,
}

/// What a round's part is of: the samples, in order, and the noise at its beginning.
pub struct Part {
    /// Places of its samples.
    pub places: Vec<usize>,
    /// State of the noise generator.
    pub noise_seed: u32,
}

/// A test by several boards.
pub struct Tested {
    /// As one board would have made it.
    pub evaluation: Evaluation,
    /// Work counted, each recording once.
    pub counts: Counts,
    /// Cycles counted; none on a model.
    pub cycles: Cycles,
}

impl Crew {
    /// Opens the boards, one after the other.
    ///
    /// Errors: one that can't be opened; one that is not like the first; waves of several boards in one file.
    pub fn open(on: &OnSeveral, policy: Policy) -> Result<Self> {
        if on.which.trace.is_some() && on.boards.len() > 1 {
            return Err(miette!(
                help = "trace one board by itself: it computes the same",
                "--trace: several boards can't write their waves into one file"
            ));
        }
        let (sender, reports) = mpsc::channel();
        let mut members: Vec<Member> = Vec::new();
        let mut first: Option<Facts> = None;
        for (at, on) in on.each().into_iter().enumerate() {
            let (jobs, to_do) = mpsc::channel();
            let board = on.board.clone();
            worker::start(at, on, policy, to_do, sender.clone())?;
            // Its own report is the only one that can come now.
            let facts = match reports.recv().map(|report| report.news) {
                Ok(News::Ready(facts)) => *facts,
                Ok(News::Lost(error)) => return Err(error.wrap_err(format!("--board {board}"))),
                _ => return Err(miette!("--board {board}: the thread that opens it has ended")),
            };
            if let Some(first) = &first {
                alike((&members[0].used.board, first), (&board, &facts))?;
            }
            let used = BoardUse::new(board, facts.identity.name.clone());
            members.push(Member { jobs: Some(jobs), busy: false, used });
            first.get_or_insert(facts);
        }
        let facts = first.ok_or_else(|| miette!("--board: no board is named"))?;
        Ok(Self { members, reports, facts, round: 0 })
    }

    /// Width of their weights.
    pub fn weight_bits(&self) -> WeightBits {
        self.facts.identity.capacity.weight_bits
    }

    /// Refuses a network that they can't hold.
    pub fn fit(&self, network: &Network) -> Result<()> {
        driver::fit(&self.facts.identity, network)
            .map(drop)
            .map_err(|error| BoardUseError::from(error).into())
    }

    /// Their configuration's name: the first one's.
    pub fn configuration(&self) -> &str {
        &self.facts.identity.name
    }

    /// Their clock, in hertz.
    pub fn clock_hz(&self) -> u32 {
        self.facts.identity.capacity.clock_hz
    }

    /// Neurons that one's hardware fires in a cycle.
    pub fn neurons_a_cycle(&self) -> u64 {
        self.facts.neurons_a_cycle
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// What each has done so far.
    pub fn uses(&self) -> Vec<BoardUse> {
        self.members.iter().map(|member| member.used.clone()).collect()
    }

    /// Does all parts of `work`; what came of each, in their order. `None` if interrupted. `what` stands before the progress bar.
    ///
    /// Errors: every board is lost.
    pub fn run(
        &mut self,
        what: &str,
        work: Work,
        parts: Vec<Part>,
        interrupt: &Interrupt,
    ) -> Result<Option<Vec<Outcome>>> {
        self.round += 1;
        let bar = progress::bar(what, parts.iter().map(|part| part.places.len()).sum());
        let (work, stop) = (Arc::new(work), Arc::new(AtomicBool::new(false)));
        let job = |(at, part): (usize, Part)| Job {
            round: self.round,
            part: at,
            work: work.clone(),
            places: Arc::new(part.places),
            noise_seed: part.noise_seed,
            stop: stop.clone(),
            progress: Arc::new(AtomicUsize::new(0)),
        };
        let jobs: Vec<Job> = parts.into_iter().enumerate().map(job).collect();
        let mut dealing = Dealing::new(jobs.len());
        let mut outcomes: Vec<Option<Outcome>> = jobs.iter().map(|_| None).collect();
        let interrupted = loop {
            if dealing.is_done() || interrupt.requested() {
                break !dealing.is_done();
            }
            self.deal(&mut dealing, &jobs)?;
            match self.reports.recv_timeout(TICK) {
                Ok(report) => self.hear(report, &mut dealing, &mut outcomes),
                Err(RecvTimeoutError::Timeout) => {}
                // Those who are lost say so.
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(miette!("the threads of all boards have panicked"));
                }
            }
            bar.set_position(jobs.iter().map(|job| job.progress.load(Ordering::Relaxed) as u64).sum());
        };
        bar.finish_and_clear();
        // Who is still at a part that another has finished drops it.
        stop.store(true, Ordering::Relaxed);
        Ok(if interrupted { None } else { Some(outcomes.into_iter().flatten().collect()) })
    }

    /// Gives everybody who has nothing to do something to do.
    fn deal(&mut self, dealing: &mut Dealing, jobs: &[Job]) -> Result<()> {
        for (at, member) in self.members.iter_mut().enumerate() {
            let Some(sender) = member.jobs.as_ref().filter(|_| !member.busy) else { continue };
            let Some(part) = dealing.begin(at, Instant::now()) else { continue };
            member.busy = sender.send(jobs[part].clone()).is_ok();
            if !member.busy {
                // Its thread has panicked.
                member.jobs = None;
                dealing.lose(at);
            }
        }
        if self.members.iter().any(|member| member.jobs.is_some()) {
            return Ok(());
        }
        let words = |member: &Member| Some(format!("{}: {}", member.used.board, member.used.lost.as_ref()?));
        let lost: Vec<String> = self.members.iter().filter_map(words).collect();
        Err(miette!(
            help = "`train --out` keeps the last epoch: once a board is back, the same command with --resume goes on from it",
            "no board is left\n{}",
            lost.join("\n")
        ))
    }

    fn hear(&mut self, report: Report, dealing: &mut Dealing, outcomes: &mut [Option<Outcome>]) {
        let Report { member: at, news, link } = report;
        let member = &mut self.members[at];
        member.busy = false;
        member.used.link = link.or(member.used.link);
        match news {
            // Of a round before this one it was finished by another.
            News::Done(job, outcome) if job.round == self.round => {
                let Some(others) = dealing.end(job.part, at, Instant::now()) else { return };
                member.used.parts += 1;
                member.used.recordings += outcome.results.len() as u64;
                member.used.taken_over += u64::from(!others.is_empty());
                outcomes[job.part] = Some(outcome);
                others.into_iter().for_each(|other| self.members[other].used.given_up += 1);
            }
            News::Lost(error) => {
                member.jobs = None;
                dealing.lose(at);
                eprintln!("{} is lost, its part goes to another board: {error}", member.used.board);
                member.used.lost = Some(error.to_string());
            }
            News::Done(..) | News::Dropped | News::Ready(_) => {}
        }
    }

    /// Classifies every sample once; `None` if interrupted.
    pub fn evaluate(
        &mut self,
        network: &Network,
        parameters: &Parameters,
        samples: Arc<Vec<Sample>>,
        interrupt: &Interrupt,
    ) -> Result<Option<Tested>> {
        let size = samples.len().div_ceil(self.len() * TEST_PARTS).max(1);
        let places: Vec<usize> = (0..samples.len()).collect();
        // Classifying draws no noise.
        let part = |places: &[usize]| Part { places: places.to_vec(), noise_seed: 1 };
        let parts = places.chunks(size).map(part).collect();
        let work = Work {
            network: network.clone(),
            parameters: parameters.clone(),
            samples: samples.clone(),
            learn: false,
        };
        let Some(outcomes) = self.run("test", work, parts, interrupt)? else { return Ok(None) };
        let (mut counts, mut cycles) = (Counts::default(), Cycles::default());
        let mut predictions = Vec::with_capacity(samples.len());
        for outcome in outcomes {
            counts += outcome.counts;
            cycles += outcome.cycles;
            predictions.extend(outcome.results.iter().map(|result| result.prediction));
        }
        Ok(Some(Tested {
            evaluation: Evaluation::of(network.outputs(), &samples, predictions),
            counts,
            cycles,
        }))
    }
}

/// Refuses boards that would not count the same work, or could not hold the same networks. Their clocks may differ.
fn alike(first: (&str, &Facts), other: (&str, &Facts)) -> Result<()> {
    let sizes = |facts: &Facts| {
        let Capacity { lanes, weight_bits, synapses, neurons, inputs, classes, layers, .. } =
            facts.identity.capacity;
        [
            ("bits a weight", weight_bits.bits()),
            ("lanes", lanes.into()),
            ("synapses", synapses),
            ("neurons", neurons),
            ("inputs", inputs),
            ("classes", classes),
            ("layers", layers.into()),
        ]
    };
    let unlike = sizes(first.1).into_iter().zip(sizes(other.1)).find(|((_, one), (_, two))| one != two);
    let Some(((what, wanted), (_, seen))) = unlike else { return Ok(()) };
    Err(miette!(
        help = "use boards of one configuration, or one board by itself",
        "boards that work side by side have to be alike: {} (`{}`) has {seen} {what}, {} (`{}`) has {wanted}",
        other.0,
        other.1.identity.name,
        first.0,
        first.1.identity.name
    ))
}

#[cfg(test)]
mod tests;
