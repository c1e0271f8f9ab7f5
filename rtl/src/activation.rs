//! Activation: holds a table of descriptors against what the engine can run, and writes the engine's layer table from it.
//!
//! Latency: per layer two cycles a word, and one for each channel, row and column of its shapes and for each of its
//! inputs: sums in place of products. Throughput: one table at a time.
//! Handshake: `start` while idle; `legal` counts in the cycle of `done`, `inputs` and `outputs` from then on. A table that is
//! refused leaves the layer table half written: no network may run on it.
//! Reset: none needed.
//!
//! Refused is what [`arch::Layout::network`] refuses, updates once a sample, and the surrogate that needs a multiplier
//! (the triangle): [`FEATURES`] has neither.

use crate::prelude::*;
use arch::Capacity;
use arch::descriptor::{DESCRIPTOR_WORDS, LEAK_SHIFTS, THRESHOLD_SHIFTS, weight_shifts};
use arch::network::Updates;
use arch::registers::features;

/// What is built in, in bits of [`arch::registers::features`].
pub const FEATURES: u32 = features::RECTANGLE;

/// The surrogates that are built in have codes up to this.
const LAST_SURROGATE: u8 = arch::Surrogate::Rectangle as u8;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    Idle,
    /// Reads a word of the descriptor.
    Read,
    /// Holds it against what it must be.
    Judge,
    /// Adds the sides of a shape up to its size.
    Size,
    /// Adds the rows up to the end of the layer's weights.
    Rows,
    /// Writes what follows from the sizes.
    Place,
}

/// `WA` address bits of weight words, `TA` of the layer table, `DA` of the descriptors, `NX` of a number of inputs or neurons;
/// `SW` of a sum: more than any of these.
#[derive(LogicBlock)]
pub struct Activation<const WA: usize, const TA: usize, const DA: usize, const NX: usize, const SW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Goes through the table.
    pub start: Signal<In, Bit>,
    /// Layers of the network, at least 1.
    pub layers: Signal<In, Bits<TA>>,
    /// It is over.
    pub done: Signal<Out, Bit>,
    /// The network may run.
    pub legal: Signal<Out, Bit>,
    /// Inputs of its first layer.
    pub inputs: Signal<Out, Bits<NX>>,
    /// Neurons of its last.
    pub outputs: Signal<Out, Bits<16>>,
    /// Reads a word of the descriptors.
    pub read: Signal<Out, Bit>,
    /// Which.
    pub address: Signal<Out, Bits<DA>>,
    /// The word, one cycle later.
    pub word: Signal<In, Bits<16>>,
    /// Writes a word of the layer table.
    pub write: Signal<Out, Bit>,
    /// Which.
    pub write_address: Signal<Out, Bits<TA>>,
    /// Its value.
    pub write_data: Signal<Out, Bits<16>>,

    now: DFF<Phase>,
    layer: DFF<Bits<TA>>,
    last: DFF<Bits<TA>>,
    at: DFF<Bits<5>>,
    /// The size of a shape so far.
    size: DFF<Bits<NX>>,
    /// What is summed up.
    sum: DFF<Bits<SW>>,
    /// How often it is still to be added.
    count: DFF<Bits<16>>,
    inputs_now: DFF<Bits<NX>>,
    first_inputs: DFF<Bits<NX>>,
    outputs_now: DFF<Bits<NX>>,
    row_base: DFF<Bits<SW>>,
    neuron_base: DFF<Bits<NX>>,
    trace_base: DFF<Bits<NX>>,
    /// A word of the record as it comes together.
    held: DFF<Bits<16>>,

    refuse: Signal<Local, Bit>,
    is_last: Signal<Local, Bit>,
    wanted: Signal<Local, Bits<16>>,
    exact: Signal<Local, Bit>,
    low: Signal<Local, Bits<5>>,
    high: Signal<Local, Bits<5>>,
    low_bits: Signal<Local, Bits<5>>,
    term: Signal<Local, Bits<SW>>,
    limit: Signal<Local, Bits<SW>>,
    more: Signal<Local, Bits<SW>>,
    summed: Signal<Local, Bits<NX>>,
    row_words: Signal<Local, Bits<NX>>,
    last_word: Signal<Local, Bits<NX>>,
    wide_rows: Signal<Local, Bits<32>>,
    next_neurons: Signal<Local, Bits<SW>>,
    next_traces: Signal<Local, Bits<SW>>,
    minus_shift: Signal<Local, Bits<4>>,
    record: Signal<Local, Bits<TA>>,
    entry: Signal<Local, Bits<4>>,
    number: [Constant<Bits<5>>; DESCRIPTOR_WORDS],
    lane_bits: Constant<Bits<4>>,
    past_word: Constant<Bits<NX>>,
    past_alignment: Constant<Bits<SW>>,
    alignment_mask: Constant<Bits<SW>>,
    most_words: Constant<Bits<SW>>,
    most_inputs: Constant<Bits<SW>>,
    most_neurons: Constant<Bits<SW>>,
    most_traces: Constant<Bits<SW>>,
    most_bases: Constant<Bits<SW>>,
    most_classes: Constant<Bits<NX>>,
    least_fraction: Constant<Bits<5>>,
    most_fraction: Constant<Bits<5>>,
    last_surrogate: Constant<Bits<5>>,
    least_weight_shift: Constant<Bits<5>>,
    most_weight_shift: Constant<Bits<5>>,
    least_threshold_shift: Constant<Bits<5>>,
    most_threshold_shift: Constant<Bits<5>>,
    least_leak_shift: Constant<Bits<5>>,
    most_leak_shift: Constant<Bits<5>>,
}

impl<const WA: usize, const TA: usize, const DA: usize, const NX: usize, const SW: usize>
    Activation<WA, TA, DA, NX, SW>
{
    /// The activation of an engine of this capacity.
    pub fn new(capacity: &Capacity) -> Self {
        let bits = capacity.weight_bits;
        let shifts = weight_shifts(bits, Updates::Online);
        let alignment = u32::from(capacity.alignment());
        let (words, inputs) = (capacity.synapses / u32::from(capacity.lanes), capacity.inputs);
        let most = words.max(inputs).max(capacity.neurons);
        assert!(capacity.lanes.is_power_of_two() && alignment.is_power_of_two(), "lanes are a power of two");
        assert!(words <= 1 << WA && inputs.max(capacity.neurons) <= 1 << (NX - 1), "addresses");
        assert!(2 * most + alignment <= 1 << SW, "a sum, once beyond its limit, is not cut");
        let lanes = u32::from(capacity.lanes);
        Self {
            number: std::array::from_fn(|word| constant(word as u32)),
            lane_bits: constant(lanes.ilog2()),
            past_word: constant(lanes - 1),
            past_alignment: constant(alignment - 1),
            alignment_mask: constant(!(alignment - 1)),
            most_words: constant(words),
            most_inputs: constant(inputs),
            most_neurons: constant(capacity.neurons),
            most_traces: constant(inputs),
            most_bases: constant(capacity.neurons),
            most_classes: constant(capacity.classes.min(capacity.neurons)),
            least_fraction: constant((*bits.fraction_bits().start()).into()),
            most_fraction: constant((*bits.fraction_bits().end()).into()),
            last_surrogate: constant(LAST_SURROGATE.into()),
            least_weight_shift: constant((*shifts.start()).into()),
            most_weight_shift: constant((*shifts.end()).into()),
            least_threshold_shift: constant((*THRESHOLD_SHIFTS.start()).into()),
            most_threshold_shift: constant((*THRESHOLD_SHIFTS.end()).into()),
            least_leak_shift: constant((*LEAK_SHIFTS.start()).into()),
            most_leak_shift: constant((*LEAK_SHIFTS.end()).into()),
            now: DFF::new(Phase::Idle),
            clock: Default::default(),
            start: Default::default(),
            layers: Default::default(),
            done: Default::default(),
            legal: Default::default(),
            inputs: Default::default(),
            outputs: Default::default(),
            read: Default::default(),
            address: Default::default(),
            word: Default::default(),
            write: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            layer: Default::default(),
            last: Default::default(),
            at: Default::default(),
            size: Default::default(),
            sum: Default::default(),
            count: Default::default(),
            inputs_now: Default::default(),
            first_inputs: Default::default(),
            outputs_now: Default::default(),
            row_base: Default::default(),
            neuron_base: Default::default(),
            trace_base: Default::default(),
            held: Default::default(),
            refuse: Default::default(),
            is_last: Default::default(),
            wanted: Default::default(),
            exact: Default::default(),
            low: Default::default(),
            high: Default::default(),
            low_bits: Default::default(),
            term: Default::default(),
            limit: Default::default(),
            more: Default::default(),
            summed: Default::default(),
            row_words: Default::default(),
            last_word: Default::default(),
            wide_rows: Default::default(),
            next_neurons: Default::default(),
            next_traces: Default::default(),
            minus_shift: Default::default(),
            record: Default::default(),
            entry: Default::default(),
        }
    }
}

fn constant<const N: usize>(value: u32) -> Constant<Bits<N>> {
    Constant::new(Bits::wrapped(value.into()))
}

impl<const WA: usize, const TA: usize, const DA: usize, const NX: usize, const SW: usize> Logic
    for Activation<WA, TA, DA, NX, SW>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            now,
            layer,
            last,
            at,
            size,
            sum,
            count,
            inputs_now,
            first_inputs,
            outputs_now
        );
        dff_setup!(self, clock, row_base, neuron_base, trace_base, held);
        self.refuse.next = false;
        self.done.next = false;
        self.inputs.next = self.first_inputs.q.val();
        self.outputs.next = bit_cast::<16, NX>(self.outputs_now.q.val());
        self.read.next = self.now.q.val() == Phase::Read;
        self.address.next =
            (bit_cast::<DA, TA>(self.layer.q.val()) << 5) | bit_cast::<DA, 5>(self.at.q.val());
        self.is_last.next = self.layer.q.val() == self.last.q.val();
        self.summed.next = bit_cast::<NX, SW>(self.sum.q.val());

        // The record that is written.
        self.record.next = self.layer.q.val() << 4;
        self.entry.next = 0.into();
        self.write.next = false;
        self.write_data.next = self.word.val();
        self.row_words.next = (self.outputs_now.q.val() + self.past_word.val()) >> self.lane_bits.val();
        self.last_word.next = self.row_words.val() - 1;

        // What a word must be: one value, or within a range of 5 bits.
        self.wide_rows.next = bit_cast::<32, SW>(self.row_base.q.val()) << self.lane_bits.val();
        self.wanted.next = 0.into();
        self.exact.next = true;
        self.low.next = 0.into();
        self.high.next = 0.into();
        if self.at.q.val() == self.number[0].val() {
            self.wanted.next = 1.into();
        }
        if self.at.q.val() == self.number[1].val() {
            comment!("Any may learn; only the last is the output layer.");
            self.wanted.next = bit_cast::<16, 4>(self.word.val().get_bits::<4>(0));
            if self.is_last.val() {
                self.wanted.next = bit_cast::<16, 4>(self.word.val().get_bits::<4>(0)) | 16;
            }
        }
        if self.at.q.val() == self.number[2].val() {
            self.wanted.next = bit_cast::<16, TA>(self.layer.q.val());
        }
        if self.at.q.val() == self.number[14].val() {
            self.wanted.next = self.wide_rows.val().get_bits::<16>(0);
        }
        if self.at.q.val() == self.number[15].val() {
            self.wanted.next = self.wide_rows.val().get_bits::<16>(16);
        }
        if self.at.q.val() == self.number[16].val() {
            self.wanted.next = bit_cast::<16, NX>(self.neuron_base.q.val());
        }
        if self.at.q.val() == self.number[18].val() {
            self.wanted.next = bit_cast::<16, NX>(self.trace_base.q.val());
        }
        if self.at.q.val() == self.number[20].val() {
            self.exact.next = false;
            self.low.next = self.least_fraction.val();
            self.high.next = self.most_fraction.val();
        }
        if self.at.q.val() == self.number[21].val() {
            self.exact.next = false;
            self.high.next = self.last_surrogate.val();
        }
        if self.at.q.val() == self.number[22].val() {
            self.exact.next = false;
            self.low.next = self.least_weight_shift.val();
            self.high.next = self.most_weight_shift.val();
        }
        if self.at.q.val() == self.number[23].val() {
            self.exact.next = false;
            self.low.next = self.least_threshold_shift.val();
            self.high.next = self.most_threshold_shift.val();
        }
        if self.at.q.val() == self.number[24].val() {
            self.exact.next = false;
            self.low.next = self.least_leak_shift.val();
            self.high.next = self.most_leak_shift.val();
        }
        self.low_bits.next = self.word.val().get_bits::<5>(0);

        // What is summed, and how far.
        self.term.next = bit_cast::<SW, NX>(self.size.q.val());
        self.limit.next = self.most_inputs.val();
        if self.at.q.val() > self.number[6].val() {
            self.limit.next = self.most_neurons.val();
        }
        if self.now.q.val() == Phase::Rows {
            self.term.next = bit_cast::<SW, NX>(self.row_words.val());
            self.limit.next = self.most_words.val();
        }
        self.more.next = self.sum.q.val() + self.term.val();
        self.next_neurons.next = (bit_cast::<SW, NX>(self.neuron_base.q.val())
            + bit_cast::<SW, NX>(self.outputs_now.q.val())
            + self.past_alignment.val())
            & self.alignment_mask.val();
        self.next_traces.next = (bit_cast::<SW, NX>(self.trace_base.q.val())
            + bit_cast::<SW, NX>(self.inputs_now.q.val())
            + self.past_alignment.val())
            & self.alignment_mask.val();
        self.minus_shift.next = (self.word.val().get_bits::<4>(0) ^ 15) + 1;

        match self.now.q.val() {
            Phase::Idle => {
                self.layer.d.next = 0.into();
                self.at.d.next = 0.into();
                self.row_base.d.next = 0.into();
                self.neuron_base.d.next = 0.into();
                self.trace_base.d.next = 0.into();
                self.last.d.next = self.layers.val() - 1;
                if self.start.val() {
                    self.now.d.next = Phase::Read;
                }
            }
            Phase::Read => {
                self.now.d.next = Phase::Judge;
            }
            Phase::Judge => {
                self.now.d.next = Phase::Read;
                self.at.d.next = self.at.q.val() + 1;
                self.sum.d.next = 0.into();
                self.count.d.next = self.word.val();
                if (self.at.q.val() == self.number[4].val()) || (self.at.q.val() == self.number[11].val()) {
                    self.size.d.next = 1.into();
                }
                if ((self.at.q.val() >= self.number[4].val()) && (self.at.q.val() <= self.number[6].val()))
                    || ((self.at.q.val() >= self.number[11].val())
                        && (self.at.q.val() <= self.number[13].val()))
                {
                    self.now.d.next = Phase::Size;
                    self.at.d.next = self.at.q.val();
                } else if self.exact.val() {
                    self.refuse.next = self.word.val() != self.wanted.val();
                } else {
                    self.refuse.next = self.word.val().get_bits::<11>(5).any()
                        || (self.low_bits.val() < self.low.val())
                        || (self.low_bits.val() > self.high.val());
                }
                if self.at.q.val() == self.number[1].val() {
                    self.held.d.next = self.word.val();
                }
                if self.at.q.val() == self.number[14].val() {
                    self.write.next = true;
                    self.entry.next = 3.into();
                    self.write_data.next = bit_cast::<16, SW>(self.row_base.q.val());
                }
                if self.at.q.val() == self.number[16].val() {
                    self.write.next = true;
                    self.entry.next = 4.into();
                }
                if self.at.q.val() == self.number[18].val() {
                    self.write.next = true;
                    self.entry.next = 5.into();
                }
                if self.at.q.val() == self.number[20].val() {
                    self.held.d.next = self.held.q.val() | (self.word.val() << 12);
                }
                if self.at.q.val() == self.number[21].val() {
                    self.write.next = true;
                    self.entry.next = 6.into();
                    self.write_data.next = self.held.q.val() | (self.word.val() << 8);
                }
                if self.at.q.val() == self.number[22].val() {
                    comment!("16 less the shift, in 4 bits.");
                    self.held.d.next = bit_cast::<16, 4>(self.minus_shift.val());
                }
                if self.at.q.val() == self.number[23].val() {
                    self.held.d.next =
                        bit_cast::<16, 4>(self.held.q.val().get_bits::<4>(0)) | (self.word.val() << 4);
                }
                if self.at.q.val() == self.number[24].val() {
                    self.write.next = true;
                    self.entry.next = 7.into();
                    self.write_data.next = self.held.q.val() | (self.word.val() << 9);
                }
                if self.at.q.val() == self.number[31].val() {
                    self.now.d.next = Phase::Rows;
                    self.sum.d.next = self.row_base.q.val();
                    self.count.d.next = bit_cast::<16, NX>(self.inputs_now.q.val());
                }
            }
            Phase::Size => {
                if self.count.q.val().any() {
                    self.count.d.next = self.count.q.val() - 1;
                    self.sum.d.next = self.more.val();
                    self.refuse.next = self.more.val() > self.limit.val();
                } else {
                    self.size.d.next = self.summed.val();
                    self.at.d.next = self.at.q.val() + 1;
                    self.now.d.next = Phase::Read;
                    self.refuse.next = !self.sum.q.val().any();
                    self.write_data.next = bit_cast::<16, SW>(self.sum.q.val());
                    if self.at.q.val() == self.number[6].val() {
                        self.write.next = true;
                        self.inputs_now.d.next = self.summed.val();
                        if !self.layer.q.val().any() {
                            self.first_inputs.d.next = self.summed.val();
                        } else if self.summed.val() != self.outputs_now.q.val() {
                            self.refuse.next = true;
                        }
                    }
                    if self.at.q.val() == self.number[13].val() {
                        self.write.next = true;
                        self.entry.next = 1.into();
                        self.outputs_now.d.next = self.summed.val();
                    }
                }
            }
            Phase::Rows => {
                if self.count.q.val().any() {
                    self.count.d.next = self.count.q.val() - 1;
                    self.sum.d.next = self.more.val();
                    self.refuse.next = self.more.val() > self.limit.val();
                } else {
                    self.now.d.next = Phase::Place;
                }
            }
            Phase::Place => {
                self.write.next = true;
                self.entry.next = 2.into();
                self.write_data.next = bit_cast::<16, NX>(self.last_word.val());
                self.row_base.d.next = self.sum.q.val();
                self.neuron_base.d.next = bit_cast::<NX, SW>(self.next_neurons.val());
                self.trace_base.d.next = bit_cast::<NX, SW>(self.next_traces.val());
                self.layer.d.next = self.layer.q.val() + 1;
                self.refuse.next = (self.next_neurons.val() > self.most_bases.val())
                    || (self.next_traces.val() > self.most_traces.val())
                    || (self.is_last.val() && (self.outputs_now.q.val() > self.most_classes.val()));
                self.now.d.next = Phase::Read;
                if self.is_last.val() {
                    self.now.d.next = Phase::Idle;
                    self.done.next = true;
                }
            }
        }
        self.legal.next = !self.refuse.val();
        if self.refuse.val() {
            self.now.d.next = Phase::Idle;
            self.done.next = true;
        }
        self.write_address.next = self.record.val() | bit_cast::<TA, 4>(self.entry.val());
    }
}
