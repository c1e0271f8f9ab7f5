//! Bitmaps: events, spikes, open surrogates, errors and active traces, and the scanner that every pass takes its indices from.
//!
//! Latency: see [`crate::scan`]. Throughput: one index a cycle; one write a cycle and memory. Handshake: `start` with the pass's
//! flags, which hold until its end. Reset: 0 after configuration.
//!
//! ```text
//!   pass        A                          B
//!   integrate   events, or spikes below    –
//!   fire        events, or spikes below    active traces
//!   learn       active traces              open below
//!   update      errors                     –
//! ```

use crate::leaf::ram::Ram;
use crate::prelude::*;
use crate::scan::Scanner;

/// `NA` address bits of neurons, `IA` of input locations; `BM = NA − 2` of the neurons' bitmaps, `AM = IA − 4` of one of
/// inputs, `EM = IA − 3` of two and not less than `BM`; `JA = IA + 1`.
#[derive(LogicBlock)]
pub struct Bitmaps<
    const NA: usize,
    const IA: usize,
    const BM: usize,
    const AM: usize,
    const EM: usize,
    const JA: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a run of the scanner.
    pub start: Signal<In, Bit>,
    /// For the neuron and trace passes.
    pub firing: Signal<In, Bit>,
    /// For the learn pass.
    pub learning: Signal<In, Bit>,
    /// For the updates.
    pub updating: Signal<In, Bit>,
    /// The layer is the lowest: its inputs are events.
    pub first_layer: Signal<In, Bit>,
    /// A time step begins on the events written so far: they and the next ones change pages.
    pub turn_page: Signal<In, Bit>,
    /// Input locations of the layer.
    pub inputs: Signal<In, Bits<16>>,
    /// Its neurons.
    pub outputs: Signal<In, Bits<16>>,
    /// Its first neuron.
    pub neuron_base: Signal<In, Bits<NA>>,
    /// The first neuron of the layer below.
    pub below_base: Signal<In, Bits<NA>>,
    /// Its first trace.
    pub trace_base: Signal<In, Bits<IA>>,

    /// Is there an index?
    pub valid: Signal<Out, Bit>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    /// Number of an input or of a neuron in the layer.
    pub index: Signal<Out, Bits<IA>>,
    /// Its bit is set in A.
    pub in_a: Signal<Out, Bit>,
    /// Its bit is set in B.
    pub in_b: Signal<Out, Bit>,
    /// The scanner's last cycle.
    pub done: Signal<Out, Bit>,

    /// The neuron pass writes a word of the layer.
    pub neurons_write: Signal<In, Bit>,
    /// 0 spikes, 1 open, 2 erring.
    pub neurons_kind: Signal<In, Bits<2>>,
    /// Which word.
    pub neurons_word: Signal<In, Bits<12>>,
    /// Its bits.
    pub neurons_data: Signal<In, Bits<16>>,
    /// Writes a word of errors: the learn pass's, of the layer below, or the host's, of the layer.
    pub errors_write: Signal<In, Bit>,
    /// The host's.
    pub errors_host: Signal<In, Bit>,
    /// Which.
    pub errors_word: Signal<In, Bits<12>>,
    /// Its bits.
    pub errors_data: Signal<In, Bits<16>>,
    /// The trace pass writes a word of active traces.
    pub active_write: Signal<In, Bit>,
    /// Which.
    pub active_word: Signal<In, Bits<12>>,
    /// Its bits.
    pub active_data: Signal<In, Bits<16>>,
    /// Writes a word of the next step's events.
    pub event_write: Signal<In, Bit>,
    /// Which.
    pub event_word: Signal<In, Bits<AM>>,
    /// Its bits.
    pub event_data: Signal<In, Bits<16>>,

    /// Writes the words of neurons and traces at this address. The units give zeros while they rest.
    pub wipe: Signal<In, Bit>,
    /// Address, beyond the end of smaller memories.
    pub wipe_address: Signal<In, Bits<16>>,
    /// Reads the spike of a neuron for the host.
    pub host_read: Signal<In, Bit>,
    /// Which.
    pub host_address: Signal<In, Bits<20>>,
    /// The spike, one cycle later.
    pub spike: Signal<Out, Bit>,

    scanner: Scanner<EM, EM, JA>,
    bitmaps: Ram<BM, 16>,
    actives: Ram<AM, 16>,
    events: Ram<EM, 16>,
    /// Page of the events that the step takes; the host writes the other.
    page: DFF<Bit>,
    bit_now: DFF<Bits<4>>,
    wide_words: Signal<Local, Bits<16>>,
    size: Signal<Local, Bits<16>>,
    neuron_sixteenth: Signal<Local, Bits<NA>>,
    below_sixteenth: Signal<Local, Bits<NA>>,
    trace_sixteenth: Signal<Local, Bits<IA>>,
    neuron_words: Signal<Local, Bits<EM>>,
    below_words: Signal<Local, Bits<EM>>,
    trace_words: Signal<Local, Bits<EM>>,
    event_page: Signal<Local, Bits<EM>>,
    bitmap_address: Signal<Local, Bits<EM>>,
    kind: Signal<Local, Bits<EM>>,
    offset: Signal<Local, Bits<EM>>,
    base: Signal<Local, Bits<EM>>,
    written: Signal<Local, Bits<EM>>,
    active: Signal<Local, Bits<EM>>,
    host_word: Signal<Local, Bits<20>>,
    open_bits: Constant<Bits<EM>>,
    error_bits: Constant<Bits<EM>>,
    kind_shift: Constant<Bits<4>>,
    page_bit: Constant<Bits<EM>>,
}

crate::default_block!(Bitmaps<NA, IA, BM, AM, EM, JA> {
    open_bits: Constant::new(Bits::wrapped(1 << (NA - 4))),
    error_bits: Constant::new(Bits::wrapped(2 << (NA - 4))),
    kind_shift: Constant::new(Bits::wrapped(NA as u128 - 4)),
    page_bit: Constant::new(Bits::wrapped(1 << AM)),
} {
    clock, start, firing, learning, updating, first_layer, turn_page, inputs, outputs, neuron_base, below_base, trace_base,
    valid, ready, index, in_a, in_b, done, neurons_write, neurons_kind, neurons_word, neurons_data, errors_write, errors_host, errors_word,
    errors_data, active_write, active_word, active_data, event_write, event_word, event_data, wipe, wipe_address, host_read,
    host_address, spike, scanner, bitmaps, actives, events, page, bit_now, wide_words, size, neuron_sixteenth,
    below_sixteenth, trace_sixteenth, neuron_words, below_words, trace_words, event_page, bitmap_address, kind, offset, base,
    written, active, host_word
});

crate::collisions!(Bitmaps<NA, IA, BM, AM, EM, JA> { bitmaps, actives, events });

impl<const NA: usize, const IA: usize, const BM: usize, const AM: usize, const EM: usize, const JA: usize>
    Logic for Bitmaps<NA, IA, BM, AM, EM, JA>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, page, bit_now);
        clock!(self, clock, scanner, bitmaps, actives, events);
        // Layouts begin at multiples of 16: of words.
        self.neuron_sixteenth.next = self.neuron_base.val() >> 4;
        self.below_sixteenth.next = self.below_base.val() >> 4;
        self.trace_sixteenth.next = self.trace_base.val() >> 4;
        self.neuron_words.next = bit_cast::<EM, NA>(self.neuron_sixteenth.val());
        self.below_words.next = bit_cast::<EM, NA>(self.below_sixteenth.val());
        self.trace_words.next = bit_cast::<EM, IA>(self.trace_sixteenth.val());
        if self.turn_page.val() {
            self.page.d.next = !self.page.q.val();
        }
        self.event_page.next = 0.into();
        if self.page.q.val() {
            self.event_page.next = self.page_bit.val();
        }

        // What is scanned.
        self.size.next = self.inputs.val();
        if self.updating.val() {
            self.size.next = self.outputs.val();
        }
        self.wide_words.next = (self.size.val() + 15) >> 4;
        self.scanner.start.next = self.start.val();
        self.scanner.words.next = bit_cast::<EM, 16>(self.wide_words.val());
        self.scanner.ready.next = self.ready.val();
        self.scanner.use_b.next = self.firing.val() || (self.learning.val() && !self.first_layer.val());
        self.scanner.base_a.next = self.below_words.val();
        self.scanner.base_b.next = self.trace_words.val();
        self.scanner.data_a.next = self.bitmaps.read_data.val();
        self.scanner.data_b.next = self.actives.read_data.val();
        self.bitmaps.read_enable.next = self.scanner.read_a.val() || self.host_read.val();
        self.bitmap_address.next = self.scanner.address_a.val();
        self.actives.read_enable.next = self.scanner.read_b.val();
        self.actives.read_address.next = bit_cast::<AM, EM>(self.scanner.address_b.val());
        self.events.read_enable.next = false;
        self.events.read_address.next = self.scanner.address_a.val();
        if self.first_layer.val() {
            comment!("Only what is wanted is read: the other memory may be written just there.");
            self.scanner.base_a.next = self.event_page.val();
            self.scanner.data_a.next = self.events.read_data.val();
            self.events.read_enable.next = self.scanner.read_a.val();
            self.bitmaps.read_enable.next = self.host_read.val();
        }
        if self.updating.val() {
            self.scanner.base_a.next = self.neuron_words.val() | self.error_bits.val();
            self.scanner.data_a.next = self.bitmaps.read_data.val();
            self.events.read_enable.next = false;
            self.bitmaps.read_enable.next = self.scanner.read_a.val() || self.host_read.val();
        }
        if self.learning.val() {
            self.scanner.base_a.next = self.trace_words.val();
            self.scanner.base_b.next = self.below_words.val() | self.open_bits.val();
            self.scanner.data_a.next = self.actives.read_data.val();
            self.scanner.data_b.next = self.bitmaps.read_data.val();
            self.bitmaps.read_enable.next = self.scanner.read_b.val() || self.host_read.val();
            self.bitmap_address.next = self.scanner.address_b.val();
            self.actives.read_enable.next = self.scanner.read_a.val();
            self.actives.read_address.next = bit_cast::<AM, EM>(self.scanner.address_a.val());
            self.events.read_enable.next = false;
        }
        self.valid.next = self.scanner.valid.val();
        self.index.next = bit_cast::<IA, JA>(self.scanner.index.val());
        self.in_a.next = self.scanner.in_a.val();
        self.in_b.next = self.scanner.in_b.val();
        self.done.next = self.scanner.done.val();

        // The host's spike.
        self.host_word.next = self.host_address.val() >> 4;
        self.bitmaps.read_address.next = bit_cast::<BM, EM>(self.bitmap_address.val());
        if self.host_read.val() {
            self.bitmaps.read_address.next = bit_cast::<BM, 20>(self.host_word.val());
            self.bit_now.d.next = bit_cast::<4, 20>(self.host_address.val());
        }
        self.spike.next = self.bitmaps.read_data.val().get_bit(self.bit_now.q.val().index());

        // What is written.
        self.kind.next = bit_cast::<EM, 2>(self.neurons_kind.val()) << self.kind_shift.val();
        self.offset.next = bit_cast::<EM, 12>(self.neurons_word.val());
        self.base.next = self.neuron_words.val();
        self.bitmaps.write_data.next = self.neurons_data.val();
        if self.errors_write.val() {
            self.kind.next = self.error_bits.val();
            self.offset.next = bit_cast::<EM, 12>(self.errors_word.val());
            if !self.errors_host.val() {
                self.base.next = self.below_words.val();
            }
            self.bitmaps.write_data.next = self.errors_data.val();
        }
        self.written.next = (self.base.val() + self.offset.val()) | self.kind.val();
        self.bitmaps.write_enable.next =
            self.neurons_write.val() || self.errors_write.val() || self.wipe.val();
        self.bitmaps.write_address.next = bit_cast::<BM, EM>(self.written.val());
        self.active.next = bit_cast::<EM, 12>(self.active_word.val()) + self.trace_words.val();
        self.actives.write_enable.next = self.active_write.val() || self.wipe.val();
        self.actives.write_address.next = bit_cast::<AM, EM>(self.active.val());
        self.actives.write_data.next = self.active_data.val();
        if self.wipe.val() {
            self.bitmaps.write_address.next = bit_cast::<BM, 16>(self.wipe_address.val());
            self.actives.write_address.next = bit_cast::<AM, 16>(self.wipe_address.val());
        }
        self.events.write_enable.next = self.event_write.val();
        self.events.write_address.next = bit_cast::<EM, AM>(self.event_word.val());
        if !self.page.q.val() {
            self.events.write_address.next = bit_cast::<EM, AM>(self.event_word.val()) | self.page_bit.val();
        }
        self.events.write_data.next = self.event_data.val();
    }
}
