//! Link: bytes from the host in, bytes to the host out, the engine's ports between.
//!
//! Latency, throughput, handshake: those of its three parts; a byte comes at most every fourth cycle, one goes with `out_valid` and
//! `out_ready`. Reset: none needed.
//!
//! ```text
//!   wire ──> Receiver ──> Executor ──> Transmitter ──> wire
//!                            │
//!                         Engine, activation
//! ```

use crate::executor::Executor;
use crate::prelude::*;
use crate::receiver::Receiver;
use crate::transmitter::Transmitter;
use arch::Identity;

/// Widths as in [`Receiver`] and [`Executor`].
#[derive(LogicBlock)]
pub struct Link<
    const RA: usize,
    const PA: usize,
    const TA: usize,
    const DA: usize,
    const IA: usize,
    const AM: usize,
    const NX: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A byte from the wire.
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// A byte was lost.
    pub broken: Signal<In, Bit>,
    /// A frame is being answered or waits; not: half a frame has come.
    pub busy: Signal<Out, Bit>,
    /// Is there a byte for the wire?
    pub out_valid: Signal<Out, Bit>,
    /// The byte.
    pub out_data: Signal<Out, Bits<8>>,
    /// It is taken.
    pub out_ready: Signal<In, Bit>,
    /// Activation: checks so many descriptors and writes the engine's layer table.
    pub activation_start: Signal<Out, Bit>,
    /// How many.
    pub activation_layers: Signal<Out, Bits<TA>>,
    /// It is over.
    pub activation_done: Signal<In, Bit>,
    /// The network is legal.
    pub activation_legal: Signal<In, Bit>,
    /// Inputs of its first layer.
    pub activation_inputs: Signal<In, Bits<NX>>,
    /// Neurons of its last.
    pub activation_outputs: Signal<In, Bits<16>>,
    /// Reads a descriptor's word.
    pub descriptor_read: Signal<In, Bit>,
    /// Which.
    pub descriptor_address: Signal<In, Bits<DA>>,
    /// The word, one cycle later.
    pub descriptor: Signal<Out, Bits<16>>,
    /// Writes a word of the layer table.
    pub table_write: Signal<In, Bit>,
    /// Which.
    pub table_address: Signal<In, Bits<TA>>,
    /// Its value.
    pub table_data: Signal<In, Bits<16>>,
    /// [`Engine`](crate::engine::Engine)'s ports.
    pub activate: Signal<Out, Bit>,
    /// As above.
    pub begin_sample: Signal<Out, Bit>,
    /// As above.
    pub learning: Signal<Out, Bit>,
    /// As above.
    pub label: Signal<Out, Bits<16>>,
    /// As above.
    pub layers: Signal<Out, Bits<TA>>,
    /// As above.
    pub step: Signal<Out, Bit>,
    /// As above.
    pub with_loss: Signal<Out, Bit>,
    /// As above.
    pub any_event: Signal<Out, Bit>,
    /// As above.
    pub find: Signal<Out, Bit>,
    /// As above.
    pub engine_busy: Signal<In, Bit>,
    /// As above.
    pub engine_done: Signal<In, Bit>,
    /// As above.
    pub prediction: Signal<In, Bits<16>>,
    /// As above.
    pub prediction_count: Signal<In, Bits<16>>,
    /// As above.
    pub wrong_spikes: Signal<In, Bits<32>>,
    /// As above.
    pub event_write: Signal<Out, Bit>,
    /// As above.
    pub event_word: Signal<Out, Bits<AM>>,
    /// As above.
    pub event_data: Signal<Out, Bits<16>>,
    /// As above.
    pub seed_load: Signal<Out, Bit>,
    /// As above.
    pub seed_value: Signal<Out, Bits<32>>,
    /// As above.
    pub seed: Signal<In, Bits<32>>,
    /// As above.
    pub host_read: Signal<Out, Bit>,
    /// As above.
    pub host_write: Signal<Out, Bit>,
    /// As above.
    pub host_space: Signal<Out, Bits<4>>,
    /// As above.
    pub host_address: Signal<Out, Bits<20>>,
    /// As above.
    pub host_data: Signal<Out, Bits<16>>,
    /// As above.
    pub host_value: Signal<In, Bits<32>>,
    receiver: Receiver<RA, PA>,
    executor: Executor<RA, TA, DA, IA, AM, NX>,
    transmitter: Transmitter,
}

impl<
    const RA: usize,
    const PA: usize,
    const TA: usize,
    const DA: usize,
    const IA: usize,
    const AM: usize,
    const NX: usize,
> Link<RA, PA, TA, DA, IA, AM, NX>
{
    /// The link of a board that says this of itself.
    pub fn new(identity: &Identity) -> Self {
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            broken: Default::default(),
            busy: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_ready: Default::default(),
            activation_start: Default::default(),
            activation_layers: Default::default(),
            activation_done: Default::default(),
            activation_legal: Default::default(),
            activation_inputs: Default::default(),
            activation_outputs: Default::default(),
            descriptor_read: Default::default(),
            descriptor_address: Default::default(),
            descriptor: Default::default(),
            table_write: Default::default(),
            table_address: Default::default(),
            table_data: Default::default(),
            activate: Default::default(),
            begin_sample: Default::default(),
            learning: Default::default(),
            label: Default::default(),
            layers: Default::default(),
            step: Default::default(),
            with_loss: Default::default(),
            any_event: Default::default(),
            find: Default::default(),
            engine_busy: Default::default(),
            engine_done: Default::default(),
            prediction: Default::default(),
            prediction_count: Default::default(),
            wrong_spikes: Default::default(),
            event_write: Default::default(),
            event_word: Default::default(),
            event_data: Default::default(),
            seed_load: Default::default(),
            seed_value: Default::default(),
            seed: Default::default(),
            host_read: Default::default(),
            host_write: Default::default(),
            host_space: Default::default(),
            host_address: Default::default(),
            host_data: Default::default(),
            host_value: Default::default(),
            receiver: Receiver::new(identity.max_payload as usize),
            executor: Executor::new(identity),
            transmitter: Default::default(),
        }
    }

    /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.receiver.collisions() + self.executor.collisions() + self.transmitter.collisions()
    }

    /// The descriptor table, for a test bench.
    pub fn descriptor_words(&self) -> &[Bits<16>] {
        self.executor.descriptor_words()
    }
}

impl<
    const RA: usize,
    const PA: usize,
    const TA: usize,
    const DA: usize,
    const IA: usize,
    const AM: usize,
    const NX: usize,
> Logic for Link<RA, PA, TA, DA, IA, AM, NX>
{
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, receiver, executor, transmitter);
        self.receiver.valid.next = self.valid.val();
        self.receiver.data.next = self.data.val();
        self.receiver.broken.next = self.broken.val();
        self.executor.frame_available.next = self.receiver.available.val();
        self.executor.frame_damaged.next = self.receiver.damaged.val();
        self.executor.frame_number.next = self.receiver.number.val();
        self.executor.frame_opcode.next = self.receiver.opcode.val();
        self.executor.frame_length.next = self.receiver.length.val();
        self.executor.frame_data.next = self.receiver.read_data.val();
        self.receiver.read.next = self.executor.frame_read.val();
        self.receiver.address.next = self.executor.frame_address.val();
        self.receiver.taken.next = self.executor.frame_release.val();
        self.transmitter.valid.next = self.executor.answer_valid.val();
        self.transmitter.data.next = self.executor.answer_data.val();
        self.transmitter.last.next = self.executor.answer_last.val();
        self.executor.answer_ready.next = self.transmitter.ready.val();
        self.busy.next = self.executor.busy.val() || self.transmitter.out_valid.val();
        self.out_valid.next = self.transmitter.out_valid.val();
        self.out_data.next = self.transmitter.out_data.val();
        self.transmitter.out_ready.next = self.out_ready.val();
        self.activation_start.next = self.executor.activation_start.val();
        self.activation_layers.next = self.executor.activation_layers.val();
        self.executor.activation_done.next = self.activation_done.val();
        self.executor.activation_legal.next = self.activation_legal.val();
        self.executor.activation_inputs.next = self.activation_inputs.val();
        self.executor.activation_outputs.next = self.activation_outputs.val();
        self.executor.descriptor_read.next = self.descriptor_read.val();
        self.executor.descriptor_address.next = self.descriptor_address.val();
        self.descriptor.next = self.executor.descriptor.val();
        self.executor.table_write.next = self.table_write.val();
        self.executor.table_address.next = self.table_address.val();
        self.executor.table_data.next = self.table_data.val();
        self.activate.next = self.executor.activate.val();
        self.begin_sample.next = self.executor.begin_sample.val();
        self.learning.next = self.executor.learning.val();
        self.label.next = self.executor.label.val();
        self.layers.next = self.executor.layers.val();
        self.step.next = self.executor.step.val();
        self.with_loss.next = self.executor.with_loss.val();
        self.any_event.next = self.executor.any_event.val();
        self.find.next = self.executor.find.val();
        self.executor.engine_busy.next = self.engine_busy.val();
        self.executor.engine_done.next = self.engine_done.val();
        self.executor.prediction.next = self.prediction.val();
        self.executor.prediction_count.next = self.prediction_count.val();
        self.executor.wrong_spikes.next = self.wrong_spikes.val();
        self.event_write.next = self.executor.event_write.val();
        self.event_word.next = self.executor.event_word.val();
        self.event_data.next = self.executor.event_data.val();
        self.seed_load.next = self.executor.seed_load.val();
        self.seed_value.next = self.executor.seed_value.val();
        self.executor.seed.next = self.seed.val();
        self.host_read.next = self.executor.host_read.val();
        self.host_write.next = self.executor.host_write.val();
        self.host_space.next = self.executor.host_space.val();
        self.host_address.next = self.executor.host_address.val();
        self.host_data.next = self.executor.host_data.val();
        self.executor.host_value.next = self.host_value.val();
    }
}
