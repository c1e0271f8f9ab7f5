//! The host as the teacher: after each step it sees the outputs and says how wrong they were.
//!
//! ```text
//!   begin ─> events, read v, s, θ ─> [`Teach`] ─> δ, events, read … ─> δ, end
//! ```
//!
//! A round trip a step, since what is said depends on what is seen: much slower than a label, for losses that a label cannot say.

use std::collections::VecDeque;

use arch::Surrogate;
use arch::packing::pack_step;
use arch::protocol::{Begin, Opcode, SampleResult, Status, Teacher};
use arch::registers::Space;
use arch::surrogate::{delta, distance, phi};

use crate::link::Conversation;
use crate::memory::{read_payload, write_payload};
use crate::{Sample, Session, SessionError};

/// The output neurons after a time step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// The step, from 0.
    pub step: u16,
    /// s of each, 0 or 1.
    pub spikes: Vec<u8>,
    /// v = u − θ·s of each, 8 fraction bits.
    pub membranes: Vec<i16>,
    /// θ of each, 8 fraction bits.
    pub thresholds: Vec<i16>,
}

impl Outputs {
    /// u, the membrane before the reset, of output `neuron`, 8 fraction bits.
    pub fn potential(&self, neuron: usize) -> i32 {
        i32::from(self.membranes[neuron])
            + i32::from(self.spikes[neuron]) * i32::from(self.thresholds[neuron])
    }
}

/// Says how wrong the outputs are: ∂loss/∂s of each at this step, 6 fraction bits, so that 64 is a spike too many and −64 one too
/// few, as a label has it. The driver multiplies by the surrogate (B1).
pub trait Teach {
    /// Fills `errors`, one an output neuron and 0 before.
    fn errors(&mut self, outputs: &Outputs, errors: &mut [i32]);
}

impl<F: FnMut(&Outputs, &mut [i32])> Teach for F {
    fn errors(&mut self, outputs: &Outputs, errors: &mut [i32]) {
        self(outputs, errors);
    }
}

impl Session {
    /// Learns `sample` from the errors that `teacher` says after each step from `sample.first_loss_step` on. The sample's label is
    /// not used.
    ///
    /// Errors: the link; no network; whatever the board refuses, after which the sample is abandoned and what it has learned stays.
    pub fn learn_taught(
        &mut self,
        sample: &Sample,
        teacher: &mut dyn Teach,
    ) -> Result<SampleResult, SessionError> {
        let outcome = self.taught(sample, teacher);
        self.abandon_refused(outcome)
    }

    fn taught(&mut self, sample: &Sample, teacher: &mut dyn Teach) -> Result<SampleResult, SessionError> {
        let loaded = self.loaded.as_ref().ok_or(SessionError::NoNetwork)?;
        let output = loaded.layout.descriptors.last().ok_or(SessionError::NoNetwork)?;
        let (first, count, surrogate) = (output.neuron_base, output.output.size(), output.surrogate);
        let widest = self.payload_limit() - write_payload(Space::OutputErrors, 0, &[]).len();
        if count as usize > widest {
            return Err(SessionError::TooManyOutputs { seen: count, wanted: widest });
        }
        // Elements of two bytes that an answer has beside its status.
        let most = (self.identity().max_payload - 1) / 2;
        let (steps, first_loss_step) = (sample.steps, sample.first_loss_step);
        let begin = Begin { teacher: Teacher::Host, label: 0, steps, first_loss_step };
        let mut ask = VecDeque::from([(Opcode::Begin, begin.encode().to_vec())]);
        for (step, events) in (0..).zip(sample.unpack()) {
            let mut packed = Vec::new();
            pack_step(events, &mut packed);
            ask.extend(packed.chunks(self.payload_limit()).map(|part| (Opcode::Events, part.to_vec())));
            if step < first_loss_step {
                continue;
            }
            for space in [Space::Spikes, Space::Membranes, Space::Thresholds] {
                ask.extend(reads(space, first, count, most).map(|payload| (Opcode::Read, payload)));
            }
            let mut exchange = Exchange::new(std::mem::take(&mut ask));
            self.converse(&mut exchange)?;
            let outputs = exchange.outputs(step, count as usize)?;
            let mut errors = vec![0; count as usize];
            teacher.errors(&outputs, &mut errors);
            let deltas = deltas(surrogate, &outputs, &errors);
            // The board takes those that are left out as 0.
            let Some(first) = deltas.iter().position(|&delta| delta != 0) else { continue };
            let end = deltas.iter().rposition(|&delta| delta != 0).map_or(0, |last| last + 1);
            ask.push_back((
                Opcode::Write,
                write_payload(Space::OutputErrors, first as u32, &deltas[first..end]),
            ));
        }
        ask.push_back((Opcode::End, Vec::new()));
        let mut exchange = Exchange::new(ask);
        self.converse(&mut exchange)?;
        exchange.result()
    }
}

/// Payloads that read `count` elements, at most `most` each.
fn reads(space: Space, first: u32, count: u32, most: u32) -> impl Iterator<Item = Vec<u8>> {
    let parts = (0..count).step_by(most.max(1) as usize);
    parts.map(move |at| read_payload(space, first + at, most.min(count - at)))
}

/// δ = e·φ of each output.
fn deltas(surrogate: Surrogate, outputs: &Outputs, errors: &[i32]) -> Vec<u8> {
    let neurons = outputs.spikes.iter().zip(&outputs.membranes).zip(&outputs.thresholds).zip(errors);
    let delta = |(((&spike, &membrane), &threshold), &error): (((&u8, &i16), &i16), &i32)| {
        delta(error.into(), 0, phi(surrogate, distance(membrane, spike, threshold))) as u8
    };
    neurons.map(delta).collect()
}

/// Frames that are known before any is answered.
struct Exchange {
    ask: VecDeque<(Opcode, Vec<u8>)>,
    /// What was read.
    read: Vec<u8>,
    result: Option<SampleResult>,
}

impl Exchange {
    fn new(ask: VecDeque<(Opcode, Vec<u8>)>) -> Self {
        Self { ask, read: Vec::new(), result: None }
    }

    /// What was read of `count` neurons: s, v, θ.
    fn outputs(&self, step: u16, count: usize) -> Result<Outputs, SessionError> {
        let (seen, wanted) = (self.read.len(), 5 * count);
        if seen != wanted {
            return Err(SessionError::Answer { what: "reading the outputs", seen, wanted });
        }
        let (spikes, words) = self.read.split_at(count);
        let mut words = words.as_chunks::<2>().0.iter().map(|&word| i16::from_le_bytes(word));
        let membranes = words.by_ref().take(count).collect();
        Ok(Outputs { step, spikes: spikes.to_vec(), membranes, thresholds: words.collect() })
    }

    fn result(self) -> Result<SampleResult, SessionError> {
        let missing =
            SessionError::Answer { what: "to end the sample", seen: 0, wanted: SampleResult::BYTES };
        self.result.ok_or(missing)
    }
}

impl Conversation for Exchange {
    type Error = SessionError;

    fn next(&mut self, _limit: usize, payload: &mut Vec<u8>) -> Option<Opcode> {
        let (opcode, bytes) = self.ask.pop_front()?;
        payload.extend(bytes);
        Some(opcode)
    }

    fn answer(&mut self, opcode: Opcode, status: Status, rest: &[u8]) -> Result<(), SessionError> {
        let what = match opcode {
            Opcode::Begin => "to begin a sample",
            Opcode::Events => "the sample's events",
            Opcode::Read => "a read",
            Opcode::Write => "the outputs' errors",
            _ => "to end the sample",
        };
        if status != Status::Ok {
            return Err(SessionError::Refused { what, status });
        }
        match opcode {
            Opcode::Read => self.read.extend_from_slice(rest),
            Opcode::End => self.result = SampleResult::decode(rest),
            _ => {}
        }
        Ok(())
    }
}
