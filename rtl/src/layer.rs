//! Layer: the record of the layer that is computed, read from the table.
//!
//! Latency: 11 cycles from `load` to `done`. Throughput: one record at a time. Handshake: `load` while not `busy`; the fields
//! hold until the next `load`. Reset: none needed.
//!
//! A record has 16 words of 16 bits; [`crate::record`] says which is which.

use crate::prelude::*;

/// `WA` address bits of weight words, `NA` of neurons, `IA` of input locations, `KA` of words of neurons; `TA` of the table.
#[derive(LogicBlock)]
pub struct Layer<const WA: usize, const NA: usize, const IA: usize, const KA: usize, const TA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Loads the record of `number`.
    pub load: Signal<In, Bit>,
    /// Which layer, from 0.
    pub number: Signal<In, Bits<TA>>,
    /// Reads the table.
    pub read: Signal<Out, Bit>,
    /// Word of the table.
    pub address: Signal<Out, Bits<TA>>,
    /// What stands there, one cycle later.
    pub data: Signal<In, Bits<16>>,
    /// Last cycle of loading.
    pub done: Signal<Out, Bit>,

    /// Input locations.
    pub inputs: Signal<Out, Bits<16>>,
    /// Neurons.
    pub outputs: Signal<Out, Bits<16>>,
    /// Words of a row, less one.
    pub last_word: Signal<Out, Bits<KA>>,
    /// First word of its rows.
    pub row_base: Signal<Out, Bits<WA>>,
    /// First neuron.
    pub neuron_base: Signal<Out, Bits<NA>>,
    /// First weight trace.
    pub trace_base: Signal<Out, Bits<IA>>,
    /// Bit 0 W learns, 1 θ, 2 α, 3 traces, 4 output layer; bits 8 and 9 surrogate; 12 to 15 f.
    pub flags: Signal<Out, Bits<16>>,
    /// Bits 0 to 3 `16 − S_w`, 4 to 8 `S_θ`, 9 to 13 `S_α`.
    pub shifts: Signal<Out, Bits<16>>,
    /// α.
    pub leak: Signal<Out, Bits<16>>,
    /// First neuron of the layer below.
    pub below_base: Signal<Out, Bits<NA>>,

    loading: DFF<Bit>,
    /// Word that is being read; the one before is in `data`.
    at: DFF<Bits<4>>,
    arrives: DFF<Bit>,
    arrived: DFF<Bits<4>>,
    inputs_now: DFF<Bits<16>>,
    outputs_now: DFF<Bits<16>>,
    last_word_now: DFF<Bits<KA>>,
    row_base_now: DFF<Bits<WA>>,
    neuron_base_now: DFF<Bits<NA>>,
    trace_base_now: DFF<Bits<IA>>,
    flags_now: DFF<Bits<16>>,
    shifts_now: DFF<Bits<16>>,
    leak_now: DFF<Bits<16>>,
    below_base_now: DFF<Bits<NA>>,
    first: Signal<Local, Bits<TA>>,
    word: [Constant<Bits<4>>; 10],
    /// Bits that can be 1: layouts begin at multiples of 16, and unused bits cost registers.
    input_bits: Constant<Bits<16>>,
    output_bits: Constant<Bits<16>>,
    flag_bits: Constant<Bits<16>>,
    shift_bits: Constant<Bits<16>>,
    base_bits: Constant<Bits<16>>,
    based: Signal<Local, Bits<16>>,
}

crate::default_block!(Layer<WA, NA, IA, KA, TA> {
    word: std::array::from_fn(|word| Constant::new(Bits::wrapped(word as u128))),
    input_bits: Constant::new(Bits::wrapped((2 << IA) - 1)),
    output_bits: Constant::new(Bits::wrapped((2 << NA) - 1)),
    flag_bits: Constant::new(Bits::wrapped(0xf31f)),
    shift_bits: Constant::new(Bits::wrapped(0x3fff)),
    base_bits: Constant::new(Bits::wrapped(0xfff0)),
} {
    clock, load, number, read, address, data, done, inputs, outputs, last_word, row_base, neuron_base, trace_base, flags,
     shifts, leak, below_base, loading, at, arrives, arrived, inputs_now, outputs_now, last_word_now,
    row_base_now, neuron_base_now, trace_base_now, flags_now, shifts_now, leak_now, below_base_now, first, based
});

impl<const WA: usize, const NA: usize, const IA: usize, const KA: usize, const TA: usize> Logic
    for Layer<WA, NA, IA, KA, TA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            loading,
            at,
            arrives,
            arrived,
            inputs_now,
            outputs_now,
            last_word_now,
            row_base_now
        );
        dff_setup!(
            self,
            clock,
            neuron_base_now,
            trace_base_now,
            flags_now,
            shifts_now,
            leak_now,
            below_base_now
        );
        self.first.next = self.number.val() << 4;
        self.read.next = self.loading.q.val();
        self.address.next = self.first.val() | bit_cast::<TA, 4>(self.at.q.val());
        if self.at.q.val() == self.word[9].val() {
            // The base of the layer below, from its own record.
            self.address.next = (self.first.val() - 16) | bit_cast::<TA, 4>(self.word[4].val());
        }
        self.arrives.d.next = self.loading.q.val();
        self.arrived.d.next = self.at.q.val();
        self.done.next = self.arrives.q.val() && (self.arrived.q.val() == self.word[9].val());
        if self.loading.q.val() {
            self.at.d.next = self.at.q.val() + 1;
            if self.at.q.val() == self.word[9].val() {
                self.loading.d.next = false;
            }
        }
        if self.load.val() {
            self.loading.d.next = true;
            self.at.d.next = 0.into();
        }
        self.based.next = self.data.val() & self.base_bits.val();
        if self.arrives.q.val() {
            if self.arrived.q.val() == self.word[0].val() {
                self.inputs_now.d.next = self.data.val() & self.input_bits.val();
            }
            if self.arrived.q.val() == self.word[1].val() {
                self.outputs_now.d.next = self.data.val() & self.output_bits.val();
            }
            if self.arrived.q.val() == self.word[2].val() {
                self.last_word_now.d.next = bit_cast::<KA, 16>(self.data.val());
            }
            if self.arrived.q.val() == self.word[3].val() {
                self.row_base_now.d.next = bit_cast::<WA, 16>(self.data.val());
            }
            if self.arrived.q.val() == self.word[4].val() {
                self.neuron_base_now.d.next = bit_cast::<NA, 16>(self.based.val());
            }
            if self.arrived.q.val() == self.word[5].val() {
                self.trace_base_now.d.next = bit_cast::<IA, 16>(self.based.val());
            }
            if self.arrived.q.val() == self.word[6].val() {
                self.flags_now.d.next = self.data.val() & self.flag_bits.val();
            }
            if self.arrived.q.val() == self.word[7].val() {
                self.shifts_now.d.next = self.data.val() & self.shift_bits.val();
            }
            if self.arrived.q.val() == self.word[8].val() {
                self.leak_now.d.next = self.data.val();
            }
            if self.arrived.q.val() == self.word[9].val() {
                self.below_base_now.d.next = bit_cast::<NA, 16>(self.based.val());
            }
        }
        self.inputs.next = self.inputs_now.q.val();
        self.outputs.next = self.outputs_now.q.val();
        self.last_word.next = self.last_word_now.q.val();
        self.row_base.next = self.row_base_now.q.val();
        self.neuron_base.next = self.neuron_base_now.q.val();
        self.trace_base.next = self.trace_base_now.q.val();
        self.flags.next = self.flags_now.q.val();
        self.shifts.next = self.shifts_now.q.val();
        self.leak.next = self.leak_now.q.val();
        self.below_base.next = self.below_base_now.q.val();
    }
}
