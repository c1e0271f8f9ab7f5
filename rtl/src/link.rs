//! Link: bytes from the host in, bytes to the host out, the engine's ports between.
//!
//! Latency: a frame's answer begins some hundred cycles after its zero. Throughput: 25 cycles a byte of events, 52 a weight
//! written, 62 a weight read; a step's computation goes on beside the next frames of events. Handshake: a byte comes at most
//! every fourth cycle, one goes with `out_valid` and `out_ready`; the engine's commands only while it is not busy.
//! Reset: none needed.
//!
//! ```text
//!   wire ──> Receiver ──┬──> Processor ──> Transmitter ──> wire
//!                       │        │
//!                       └──> Events ──> engine
//! ```

use crate::events::Events;
use crate::instruction::pulse;
use crate::leaf::ram::Ram;
use crate::ports::Ports;
use crate::prelude::*;
use crate::processor::Processor;
use crate::program;
use crate::receiver::Receiver;
use crate::record::{LEAK_WORD, RECORD_WORDS};
use crate::transmitter::Transmitter;
use arch::Identity;
use arch::protocol::Teacher;
use arch::registers::Space;

const _: () = {
    assert!(pulse::ACTIVATE == 1 && pulse::BEGIN == 2 && pulse::STEP == 3 && pulse::END == 4);
    assert!(pulse::LOAD_SEED == 5 && pulse::CLEAR_COUNTS == 6 && pulse::INPUTS == 7);
    assert!(pulse::RELEASE == 1 << 3 && pulse::REWIND == 2 << 3 && pulse::END_LOW == 3 << 3);
    assert!(pulse::END_HIGH == 4 << 3 && pulse::JUDGE == 5 << 3 && pulse::EXECUTE == 6 << 3);
    assert!(pulse::FINISH == 7 << 3 && pulse::READ == 1 << 6 && pulse::WRITE == 1 << 7);
    assert!(pulse::TEACH == 1 << 8 && Teacher::Label as u8 == 1 && Teacher::Host as u8 == 2);
    assert!(RECORD_WORDS == 16 && LEAK_WORD == 8, "the kernel's literals");
};

/// Conditions from outside the processor, in the order of their codes.
#[derive(Copy, Clone, Default, PartialEq, Debug, LogicStruct)]
struct Outside {
    /// No frame waits.
    pub no_frame: Bit,
    /// The frame's last byte has been read.
    pub over: Bit,
    /// It has not.
    pub more: Bit,
    /// The engine executes a command.
    pub busy: Bit,
    /// No byte of packed events, or an event beyond the inputs.
    pub bad_event: Bit,
    /// The byte of packed events is being executed.
    pub working: Bit,
}

/// `RA`, `PA` of [`Receiver`]; `TA` address bits of the engine's layer table, `DA = TA + 1` of the descriptors; `IA` of input
/// locations, `AM = IA − 4` of words of 16; `NX` hold the inputs and 253 more.
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
    /// [`Engine`](crate::engine::Engine)'s ports.
    pub activate: Signal<Out, Bit>,
    /// As above.
    pub begin_sample: Signal<Out, Bit>,
    /// As above.
    pub learning: Signal<Out, Bit>,
    /// As above.
    pub host_teaches: Signal<Out, Bit>,
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
    pub teach: Signal<Out, Bit>,
    /// As above.
    pub end_sample: Signal<Out, Bit>,
    /// As above.
    pub engine_busy: Signal<In, Bit>,
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
    /// Every counter to 0. The registers from [`Samples`](arch::registers::Register::Samples) on are the engine's, in space 0.
    pub clear_counts: Signal<Out, Bit>,
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
    processor: Processor,
    ports: Ports,
    events: Events<AM, NX>,
    transmitter: Transmitter,
    descriptors: Ram<DA, 16>,
    inputs: DFF<Bits<NX>>,
    /// What goes to the engine goes a cycle later: the program's word is far from it. Parameters are still there, and the program
    /// sees `engine_busy` in its next instruction's second cycle.
    commanded: DFF<Bits<3>>,
    teaches: DFF<Bit>,
    reads: DFF<Bit>,
    writes: DFF<Bit>,
    /// What comes from the engine, and from the receiver to the events, has come a cycle before: block RAMs are slow. The program reads
    /// an element, and judges a byte, two instructions after it has asked for it.
    value: DFF<Bits<32>>,
    event_byte: DFF<Bits<8>>,
    /// A byte on its way to the transmitter: it may come from the receiver's block RAM.
    sending: DFF<Bit>,
    sent: DFF<Bits<8>>,

    parameters: Signal<Local, Bits<40>>,
    pulses: Signal<Local, Bits<9>>,
    command: Signal<Local, Bits<3>>,
    frame_command: Signal<Local, Bits<3>>,
    outside: Signal<Local, Outside>,
    space: Signal<Local, Bits<4>>,
    address: Signal<Local, Bits<20>>,
    low_address: Signal<Local, Bits<TA>>,
    own_space: Signal<Local, Bit>,
    commands: [Constant<Bits<3>>; 8],
    above_table: Constant<Bits<20>>,
    leak_space: Constant<Bits<4>>,
    descriptor_space: Constant<Bits<4>>,
    table_space: Constant<Bits<4>>,
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
        const { assert!(DA == TA + 1, "a descriptor has 32 words, a record 16") };
        const { assert!(AM + 4 == IA, "a word has 16 inputs") };
        Self {
            clock: Default::default(),
            valid: Default::default(),
            data: Default::default(),
            broken: Default::default(),
            busy: Default::default(),
            out_valid: Default::default(),
            out_data: Default::default(),
            out_ready: Default::default(),
            activate: Default::default(),
            begin_sample: Default::default(),
            learning: Default::default(),
            host_teaches: Default::default(),
            label: Default::default(),
            layers: Default::default(),
            step: Default::default(),
            with_loss: Default::default(),
            any_event: Default::default(),
            teach: Default::default(),
            end_sample: Default::default(),
            engine_busy: Default::default(),
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
            clear_counts: Default::default(),
            receiver: Receiver::new(identity.max_payload as usize),
            processor: Processor::new(&program::program(identity), &program::memory(identity)),
            ports: Default::default(),
            events: Default::default(),
            transmitter: Default::default(),
            descriptors: Default::default(),
            inputs: Default::default(),
            commanded: Default::default(),
            teaches: Default::default(),
            reads: Default::default(),
            writes: Default::default(),
            value: Default::default(),
            event_byte: Default::default(),
            sending: Default::default(),
            sent: Default::default(),
            parameters: Default::default(),
            pulses: Default::default(),
            command: Default::default(),
            frame_command: Default::default(),
            outside: Default::default(),
            space: Default::default(),
            address: Default::default(),
            low_address: Default::default(),
            own_space: Default::default(),
            commands: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
            above_table: Constant::new(Bits::wrapped(u128::MAX << TA)),
            leak_space: Constant::new(Bits::wrapped(Space::Leaks as u128)),
            descriptor_space: Constant::new(Bits::wrapped(Space::Descriptors as u128)),
            table_space: Constant::new(Bits::wrapped(program::TABLE_SPACE as u128)),
        }
    }
}

crate::collisions!(Link<RA, PA, TA, DA, IA, AM, NX> { receiver, processor, transmitter, descriptors });

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
        dff_setup!(self, clock, inputs, commanded, teaches, reads, writes, value, event_byte);
        dff_setup!(self, clock, sending, sent);
        clock!(self, clock, receiver, processor, events, transmitter, descriptors);

        // The wire.
        self.receiver.valid.next = self.valid.val();
        self.receiver.data.next = self.data.val();
        self.receiver.broken.next = self.broken.val();
        self.sending.d.next = self.processor.send_valid.val();
        self.sent.d.next = self.processor.send_data.val();
        self.transmitter.valid.next = self.sending.q.val();
        self.transmitter.data.next = self.sent.q.val();
        self.processor.send_ready.next = self.transmitter.ready.val() && !self.sending.q.val();
        self.busy.next = !self.processor.resting.val() || self.transmitter.out_valid.val();
        self.out_valid.next = self.transmitter.out_valid.val();
        self.out_data.next = self.transmitter.out_data.val();
        self.transmitter.out_ready.next = self.out_ready.val();

        // Pulses.
        self.pulses.next = 0.into();
        if self.processor.pulse.val() {
            self.pulses.next = self.processor.pulses.val();
        }
        self.commanded.d.next = self.pulses.val().get_bits::<3>(0);
        self.command.next = self.commanded.q.val();
        self.activate.next = self.command.val() == self.commands[1].val();
        self.begin_sample.next = self.command.val() == self.commands[2].val();
        self.step.next = self.command.val() == self.commands[3].val();
        self.end_sample.next = self.command.val() == self.commands[4].val();
        self.teaches.d.next = self.pulses.val().get_bit(8);
        self.teach.next = self.teaches.q.val();
        self.seed_load.next = self.command.val() == self.commands[5].val();
        self.clear_counts.next = self.command.val() == self.commands[6].val();
        self.frame_command.next = self.pulses.val().get_bits::<3>(3);
        self.receiver.free.next = self.frame_command.val() == self.commands[1].val();
        self.receiver.rewind.next = self.frame_command.val() == self.commands[2].val();
        self.receiver.end_low.next = self.frame_command.val() == self.commands[3].val();
        self.receiver.end_high.next = self.frame_command.val() == self.commands[4].val();
        self.events.judge.next = self.frame_command.val() == self.commands[5].val();
        self.events.execute.next = self.frame_command.val() == self.commands[6].val();
        self.transmitter.finish.next = self.frame_command.val() == self.commands[7].val();

        // Parameters: of a sample, of an access, of the seed.
        self.parameters.next = self.processor.parameters.val();
        comment!("Of a teacher's two codes either learns, and the higher is the host.");
        self.learning.next = self.parameters.val().get_bits::<2>(8).any();
        self.host_teaches.next = self.parameters.val().get_bit(9);
        self.layers.next = self.parameters.val().get_bits::<TA>(16);
        self.label.next = self.parameters.val().get_bits::<16>(24);
        if self.command.val() == self.commands[7].val() {
            comment!("Of the first layer, beside which events are judged.");
            self.inputs.d.next = self.parameters.val().get_bits::<NX>(24);
        }
        self.seed_value.next = self.parameters.val().get_bits::<32>(8);
        self.host_data.next = self.parameters.val().get_bits::<16>(0);
        self.address.next = self.parameters.val().get_bits::<20>(16);
        self.space.next = self.parameters.val().get_bits::<4>(36);
        self.own_space.next = self.space.val() == self.descriptor_space.val();
        self.reads.d.next = self.pulses.val().get_bit(6);
        self.writes.d.next = self.pulses.val().get_bit(7) && !self.own_space.val();
        self.host_read.next = self.reads.q.val();
        self.host_write.next = self.writes.q.val();
        self.host_space.next = self.space.val();
        self.low_address.next = bit_cast::<TA, 20>(self.address.val());
        if self.space.val() == self.leak_space.val() {
            comment!("Leaks are words of the engine's layer table.");
            self.host_space.next = self.descriptor_space.val();
            self.low_address.next = (bit_cast::<TA, 20>(self.address.val()) << 4) | 8;
        }
        if self.space.val() == self.table_space.val() {
            comment!("What the engine takes for its layer table has the code of the descriptors.");
            self.host_space.next = self.descriptor_space.val();
        }
        comment!("Of an address in the table, the upper bits mean nothing.");
        self.host_address.next =
            (self.address.val() & self.above_table.val()) | bit_cast::<20, TA>(self.low_address.val());

        // Events.
        self.event_byte.d.next = self.receiver.read_data.val();
        self.events.data.next = self.event_byte.q.val();
        self.events.inputs.next = self.inputs.q.val();
        self.events.clear.next = self.command.val() == self.commands[2].val();
        self.events.step.next = self.command.val() == self.commands[3].val();
        self.events.back.next = (self.frame_command.val() == self.commands[1].val())
            || (self.frame_command.val() == self.commands[2].val());
        self.with_loss.next = self.processor.zero.val();
        self.any_event.next = self.events.any_event.val();
        self.event_write.next = self.events.event_write.val();
        self.event_word.next = self.events.event_word.val();
        self.event_data.next = self.events.event_data.val();

        // Descriptors.
        self.descriptors.write_enable.next = self.pulses.val().get_bit(7) && self.own_space.val();
        self.descriptors.write_address.next = self.parameters.val().get_bits::<DA>(16);
        self.descriptors.write_data.next = self.parameters.val().get_bits::<16>(0);
        self.descriptors.read_enable.next = self.pulses.val().get_bit(6);
        self.descriptors.read_address.next = self.parameters.val().get_bits::<DA>(16);

        // What the program can ask for.
        self.outside.next.no_frame = !self.receiver.waiting.val();
        self.outside.next.over = self.receiver.over.val();
        self.outside.next.more = !self.receiver.over.val();
        self.outside.next.busy = self.engine_busy.val();
        self.outside.next.bad_event = self.events.bad.val();
        self.outside.next.working = self.events.working.val();
        self.processor.conditions.next = self.outside.val().into();

        // The program's bytes.
        self.receiver.read.next = self.processor.frame_read.val();
        self.processor.frame_data.next = self.receiver.read_data.val();
        self.ports.port.next = self.processor.port.val();
        self.value.d.next = self.host_value.val();
        self.ports.value.next = self.value.q.val();
        self.ports.seed.next = self.seed.val();
        self.ports.wrong_spikes.next = self.wrong_spikes.val();
        self.ports.descriptor.next = self.descriptors.read_data.val();
        self.processor.port_data.next = self.ports.data.val();
    }
}
