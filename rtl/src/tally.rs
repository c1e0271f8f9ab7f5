//! Tally: counts the work and the cycles of the passes, and adds what it counted to the counters beside the scores.
//!
//! Latency: a pass is counted a few cycles after its end; `settled` once nothing is left. Throughput: one count a cycle.
//! Handshake: none; the events come far enough apart, see below. Reset: none needed; `idle` after configuration.
//!
//! ```text
//!   sequencer, walk, errors ──> cycles, words, errors        in registers
//!                               what happened, first, second ──> number, addend ──> Scores
//! ```
//!
//! What happens brings two counts at most, one a cycle. A pass that ends brings its cycles first: they go on. A row takes two
//! cycles at least, everything else has a longer pause behind it.

use crate::prelude::*;
use arch::registers::Register;

/// What brings counts.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Happened {
    /// A step began: steps, learning steps.
    Step,
    /// A row of an integrate pass: synapses, events.
    Integrated,
    /// A row of a learn pass: synapses with an error to carry back, synapses updated.
    Learned,
    /// An integrate pass ended: its words.
    Integrate,
    /// A layer fired: neurons, chances for errors.
    Fire,
    /// A learn pass ended: its words, the errors it started with.
    Learn,
    /// A sample ended.
    Sample,
}

/// log2 of the words that a pass may have.
pub const PASS_BITS: usize = 14;

const fn number(register: Register) -> u64 {
    register.address() as u64
}

const _: () = {
    assert!(number(Register::CyclesUpdateHigh) < 64, "numbers of 6 bits");
    assert!(number(Register::Samples) == 24 && number(Register::Steps) == 25, "the kernel's numbers");
    assert!(number(Register::LearningSteps) == 26 && number(Register::Events) == 27);
    assert!(number(Register::Integrated) == 28 && number(Register::BackPropagated) == 30);
    assert!(number(Register::Updated) == 32 && number(Register::NeuronVisits) == 34);
    assert!(number(Register::ErrorChances) == 36 && number(Register::Errors) == 38);
    assert!(number(Register::IntegrateWords) == 40 && number(Register::LearnWords) == 42);
    assert!(number(Register::CyclesControl) == 2 * (16 + 6), "the kernel's kinds, 6 to 10, of bits 1 to 4");
    assert!(number(Register::CyclesIntegrate) == 46 && number(Register::CyclesFire) == 48);
    assert!(number(Register::CyclesLearn) == 50 && number(Register::CyclesUpdate) == 52);
};

/// A pass has at most 2^14 words, [`PASS_BITS`], so that its cycles fit 16 bits: a word that learns takes two.
#[derive(LogicBlock)]
pub struct Tally {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Nothing that counts is going on.
    pub idle: Signal<In, Bit>,
    /// The pass goes on as it was: its cycles count as the last ones.
    pub hold: Signal<In, Bit>,
    /// An integrate pass.
    pub integrating: Signal<In, Bit>,
    /// A neuron pass that does not clear.
    pub firing: Signal<In, Bit>,
    /// A learn pass.
    pub learning: Signal<In, Bit>,
    /// A pass over updates.
    pub updating: Signal<In, Bit>,

    /// A step begins.
    pub steps: Signal<In, Bit>,
    /// The sample learns.
    pub learns: Signal<In, Bit>,
    /// The step has a loss.
    pub loss: Signal<In, Bit>,
    /// The layer's weights learn.
    pub learns_weights: Signal<In, Bit>,
    /// The layer is the lowest: its rows are events.
    pub first_layer: Signal<In, Bit>,
    /// Its neurons.
    pub outputs: Signal<In, Bits<16>>,
    /// Its neuron pass begins: its words have been read.
    pub fires: Signal<In, Bit>,
    /// It has fired.
    pub fired: Signal<In, Bit>,
    /// Its learn pass begins with the errors there are.
    pub restart: Signal<In, Bit>,
    /// Its learn pass is over.
    pub learned: Signal<In, Bit>,
    /// A sample is over.
    pub sample: Signal<In, Bit>,
    /// The command is over but for this block.
    pub ends: Signal<In, Bit>,
    /// Its last cycle.
    pub settled: Signal<Out, Bit>,

    /// A row begins.
    pub row: Signal<In, Bit>,
    /// An error goes back to the row that has begun.
    pub row_open: Signal<In, Bit>,
    /// The row that begins has a trace.
    pub row_active: Signal<In, Bit>,
    /// A word is read.
    pub word: Signal<In, Bit>,
    /// A δ that is not 0 is stored.
    pub erred: Signal<In, Bit>,
    /// How many.
    pub stored_errors: Signal<In, Bits<3>>,

    /// Adds to a counter.
    pub count: Signal<Out, Bit>,
    /// Address of its register, or of the lower of two.
    pub number: Signal<Out, Bits<6>>,
    /// What is added.
    pub addend: Signal<Out, Bits<16>>,

    /// Bits 1 to 4 of the register of the cycles that are being counted.
    kind: DFF<Bits<4>>,
    cycles: DFF<Bits<16>>,
    words: DFF<Bits<16>>,
    /// Errors that the learn pass began with, and those that the next one will.
    errors: DFF<Bits<16>>,
    errors_below: DFF<Bits<16>>,
    happened: DFF<Happened>,
    first: DFF<Bit>,
    second: DFF<Bit>,
    kind_now: Signal<Local, Bits<4>>,
    ends_kind: Signal<Local, Bit>,
    pending: Signal<Local, Bit>,
    closes: Signal<Local, Bit>,
    control: Constant<Bits<4>>,
    /// Bits of an addend of neurons that can be 1.
    neuron_bits: Constant<Bits<16>>,
}

impl Tally {
    /// A tally of layers of up to 2^`neuron_bits` neurons.
    pub fn new(neuron_bits: usize) -> Self {
        Self {
            clock: Default::default(),
            idle: Default::default(),
            hold: Default::default(),
            integrating: Default::default(),
            firing: Default::default(),
            learning: Default::default(),
            updating: Default::default(),
            steps: Default::default(),
            learns: Default::default(),
            loss: Default::default(),
            learns_weights: Default::default(),
            first_layer: Default::default(),
            outputs: Default::default(),
            fires: Default::default(),
            fired: Default::default(),
            restart: Default::default(),
            learned: Default::default(),
            sample: Default::default(),
            ends: Default::default(),
            settled: Default::default(),
            row: Default::default(),
            row_open: Default::default(),
            row_active: Default::default(),
            word: Default::default(),
            erred: Default::default(),
            stored_errors: Default::default(),
            count: Default::default(),
            number: Default::default(),
            addend: Default::default(),
            kind: Default::default(),
            cycles: Default::default(),
            words: Default::default(),
            errors: Default::default(),
            errors_below: Default::default(),
            happened: DFF::new(Happened::Step),
            first: Default::default(),
            second: Default::default(),
            kind_now: Default::default(),
            ends_kind: Default::default(),
            pending: Default::default(),
            closes: Default::default(),
            control: Constant::new(6.into()),
            neuron_bits: Constant::new(Bits::wrapped((2 << neuron_bits) - 1)),
        }
    }
}

impl Logic for Tally {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, kind, cycles, words, errors, errors_below, happened, first, second);

        // Whose cycle it is: control's, unless a pass claims it.
        self.kind_now.next = self.control.val();
        if self.integrating.val() {
            self.kind_now.next = 7.into();
        }
        if self.firing.val() {
            self.kind_now.next = 8.into();
        }
        if self.learning.val() {
            self.kind_now.next = 9.into();
        }
        if self.updating.val() {
            self.kind_now.next = 10.into();
        }
        if self.hold.val() {
            self.kind_now.next = self.kind.q.val();
        }
        self.kind.d.next = self.kind_now.val();
        self.pending.next = self.first.q.val() || self.second.q.val();
        self.closes.next = self.ends.val() && !self.pending.val();
        self.settled.next = self.closes.val();
        self.ends_kind.next =
            (self.closes.val() || (self.kind_now.val() != self.kind.q.val())) && !self.idle.val();
        self.cycles.d.next = self.cycles.q.val() + 1;
        if self.ends_kind.val() {
            self.cycles.d.next = 1.into();
        }
        if self.closes.val() {
            self.kind.d.next = self.control.val();
        }
        if self.idle.val() {
            comment!("A command's first cycle, and its last, which is not there yet when it is counted.");
            self.cycles.d.next = 2.into();
            self.kind.d.next = self.control.val();
        }

        // What is counted between.
        if self.word.val() {
            self.words.d.next = self.words.q.val() + 1;
        }
        if self.erred.val() {
            self.errors_below.d.next = (self.errors_below.q.val()
                + bit_cast::<16, 3>(self.stored_errors.val()))
                & self.neuron_bits.val();
        }
        if self.restart.val() {
            self.errors.d.next = self.errors_below.q.val();
            self.errors_below.d.next = 0.into();
        }

        // Its turn: cycles, first, second.
        self.count.next = self.pending.val();
        self.addend.next = 1.into();
        self.number.next = 0.into();
        match self.happened.q.val() {
            Happened::Step => {
                self.number.next = 25.into();
                if !self.first.q.val() {
                    self.number.next = 26.into();
                }
            }
            Happened::Integrated => {
                self.number.next = 28.into();
                self.addend.next = self.outputs.val();
                if !self.first.q.val() {
                    self.number.next = 27.into();
                    self.addend.next = 1.into();
                }
            }
            Happened::Learned => {
                self.number.next = 30.into();
                self.addend.next = self.errors.q.val();
                if !self.first.q.val() {
                    self.number.next = 32.into();
                } else if !self.row_open.val() {
                    comment!("The turn passes, or two rows' seconds would follow each other.");
                    self.count.next = false;
                }
            }
            Happened::Integrate => {
                self.number.next = 40.into();
                self.addend.next = self.words.q.val();
            }
            Happened::Fire => {
                self.number.next = 34.into();
                self.addend.next = self.outputs.val();
                if !self.first.q.val() {
                    self.number.next = 36.into();
                }
            }
            Happened::Learn => {
                self.number.next = 42.into();
                self.addend.next = self.words.q.val();
                if !self.first.q.val() {
                    self.number.next = 38.into();
                    self.addend.next = self.errors.q.val();
                }
            }
            Happened::Sample => {
                self.number.next = 24.into();
            }
        }
        if self.ends_kind.val() {
            self.count.next = true;
            self.number.next = (bit_cast::<6, 4>(self.kind.q.val()) << 1) | 32;
            self.addend.next = self.cycles.q.val();
        } else if self.first.q.val() {
            self.first.d.next = false;
            if (self.happened.q.val() == Happened::Integrate) || (self.happened.q.val() == Happened::Learn) {
                self.words.d.next = 0.into();
            }
        } else {
            self.second.d.next = false;
        }

        if self.steps.val() {
            self.happened.d.next = Happened::Step;
            self.first.d.next = true;
            self.second.d.next = self.learns.val();
        }
        if self.row.val() && self.integrating.val() {
            self.happened.d.next = Happened::Integrated;
            self.first.d.next = true;
            self.second.d.next = self.first_layer.val();
        }
        if self.row.val() && self.learning.val() {
            self.happened.d.next = Happened::Learned;
            self.first.d.next = true;
            self.second.d.next = self.row_active.val() && self.learns_weights.val();
        }
        if self.fires.val() {
            self.happened.d.next = Happened::Integrate;
            self.first.d.next = true;
        }
        if self.fired.val() {
            self.happened.d.next = Happened::Fire;
            self.first.d.next = true;
            self.second.d.next = self.learns.val() && self.loss.val();
        }
        if self.learned.val() {
            self.happened.d.next = Happened::Learn;
            self.first.d.next = true;
            self.second.d.next = true;
        }
        if self.sample.val() {
            self.happened.d.next = Happened::Sample;
            self.first.d.next = true;
        }
    }
}
