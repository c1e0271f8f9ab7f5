//! Executor: takes the frames in sequence, does what they ask of the engine, and answers each.
//!
//! Latency: a few cycles a frame, two a byte of its payload, three a byte written, twice over where it is checked first.
//! Throughput: one frame at a time; a step's computation goes on beside the next frames of events.
//! Handshake: a frame holds until `frame_release`; the engine's commands only while it is not busy.
//! Reset: none needed; after configuration it writes the leaks' reset value into the engine's layer table.
//!
//! ```text
//!            ┌── again: Look ──────────────┐
//!   Idle ────┼── Identify: Gather, Judge ──┤
//!            └── next: Sort ─┬─ Gather ── Judge ─┬─ Begin ────────┼─> Answer ─> Idle
//!                            ├─ Events           ├─ Bytes, Element┤
//!                            └─ Find             └─ Activate ─────┘
//! ```
//!
//! What is written is gone through twice, to be checked before any of it is written.

use crate::host_port::HostPort;
use crate::prelude::*;
use crate::reply::Reply;
use crate::sample::Sample;
use crate::spaces::Spaces;
use arch::Identity;
use arch::formats::{LEAK_MAX, LEAK_MIN, THRESHOLD_MAX, THRESHOLD_MIN};
use arch::protocol::{MAX_PAYLOAD, Opcode, Status};
use arch::registers::{IDENTITY_REGISTERS, RESET_LEAK, Register, Space};

/// Frames the host may have unanswered: what [`Reply`] keeps.
pub const WINDOW: u32 = 4;

const _: () = {
    assert!(
        Status::UnknownOpcode as u8 == 1 && Status::BadLength as u8 == 2 && Status::BadAddress as u8 == 3
    );
    assert!(Status::ReadOnly as u8 == 4 && Status::BadValue as u8 == 5 && Status::BadDescriptor as u8 == 6);
    assert!(Status::NoNetwork as u8 == 7 && Status::NoSample as u8 == 8 && Status::SampleOpen as u8 == 9);
    assert!(
        Status::BadEvent as u8 == 10 && Status::StepCount as u8 == 11 && Status::OutOfSequence as u8 == 12
    );
    assert!(Status::Damaged as u8 == 13 && Status::NoSession as u8 == 15, "the kernel's literals");
    assert!(IDENTITY_REGISTERS == 20 && MAX_PAYLOAD < 512, "the kernel's literals");
};

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    /// Sets the leaks.
    Start,
    Idle,
    /// Is the answer to a frame that came again kept?
    Look,
    Sort,
    /// Takes the bytes before the elements.
    Gather,
    Judge,
    Begin,
    Events,
    Find,
    Finding,
    /// Takes an element's bytes.
    Bytes,
    Element,
    Activate,
    Answer,
    Answering,
}

/// `RA` address bits of the receiver's ring; `TA`, `DA` of [`HostPort`]; `IA`, `AM`, `NX` of [`Sample`].
#[derive(LogicBlock)]
pub struct Executor<
    const RA: usize,
    const TA: usize,
    const DA: usize,
    const IA: usize,
    const AM: usize,
    const NX: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A frame is being answered or waits.
    pub busy: Signal<Out, Bit>,
    /// [`Receiver`](crate::receiver::Receiver)'s ports.
    pub frame_available: Signal<In, Bit>,
    /// As above.
    pub frame_damaged: Signal<In, Bit>,
    /// As above.
    pub frame_number: Signal<In, Bits<8>>,
    /// As above.
    pub frame_opcode: Signal<In, Bits<8>>,
    /// As above.
    pub frame_length: Signal<In, Bits<RA>>,
    /// As above.
    pub frame_read: Signal<Out, Bit>,
    /// As above.
    pub frame_address: Signal<Out, Bits<RA>>,
    /// As above.
    pub frame_data: Signal<In, Bits<8>>,
    /// As above.
    pub frame_release: Signal<Out, Bit>,
    /// [`Transmitter`](crate::transmitter::Transmitter)'s ports.
    pub answer_valid: Signal<Out, Bit>,
    /// As above.
    pub answer_data: Signal<Out, Bits<8>>,
    /// As above.
    pub answer_last: Signal<Out, Bit>,
    /// As above.
    pub answer_ready: Signal<In, Bit>,
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

    spaces: Spaces,
    map: HostPort<TA, DA>,
    sample: Sample<IA, AM, NX>,
    reply: Reply,
    phase: DFF<Phase>,
    known: DFF<Bit>,
    session: DFF<Bits<32>>,
    /// Sequence number of the next new frame.
    expected: DFF<Bits<8>>,
    /// Answers that are kept.
    kept: DFF<Bits<3>>,
    /// A repeat has been sent since the last good frame.
    asked: DFF<Bit>,
    /// The answer: a repeat, one that was kept, one to keep, one that begins with `value`.
    asking: DFF<Bit>,
    again: DFF<Bit>,
    keep: DFF<Bit>,
    first: DFF<Bit>,
    status: DFF<Bits<4>>,
    total: DFF<Bits<10>>,
    /// Place in the payload, and whether its byte is there.
    at: DFF<Bits<RA>>,
    fresh: DFF<Bit>,
    /// The last four bytes.
    value: DFF<Bits<32>>,
    space: DFF<Bits<8>>,
    address: DFF<Bits<20>>,
    /// The address has higher bits.
    far: DFF<Bit>,
    part: DFF<Bits<2>>,
    /// Second time through the payload: it has been checked.
    checked: DFF<Bit>,
    loaded: DFF<Bit>,
    label_now: DFF<Bits<16>>,
    learns: DFF<Bit>,
    layers_now: DFF<Bits<TA>>,
    inputs: DFF<Bits<NX>>,
    outputs: DFF<Bits<16>>,

    fail: Signal<Local, Bit>,
    ask: Signal<Local, Bit>,
    why: Signal<Local, Bits<4>>,
    back: Signal<Local, Bits<8>>,
    shifted: Signal<Local, Bits<32>>,
    bytes: Signal<Local, Bits<RA>>,
    uneven: Signal<Local, Bit>,
    count: Signal<Local, Bits<16>>,
    behind: Signal<Local, Bits<21>>,
    beyond: Signal<Local, Bit>,
    read_bytes: Signal<Local, Bits<18>>,
    element: Signal<Local, Bits<16>>,
    whole: Signal<Local, Bits<2>>,
    in_registers: Signal<Local, Bit>,
    in_descriptors: Signal<Local, Bit>,
    in_thresholds: Signal<Local, Bit>,
    in_leaks: Signal<Local, Bit>,
    is_network: Signal<Local, Bit>,
    is_seed: Signal<Local, Bit>,
    is_clear: Signal<Local, Bit>,
    is_identify: Signal<Local, Bit>,
    is_read: Signal<Local, Bit>,
    is_write: Signal<Local, Bit>,
    is_begin: Signal<Local, Bit>,
    is_end: Signal<Local, Bit>,
    low: Signal<Local, Bits<16>>,
    high: Signal<Local, Bits<16>>,
    over: Signal<Local, Bit>,
    quiet: Signal<Local, Bit>,
    flags: Signal<Local, Bits<8>>,
    opcodes: [Constant<Bits<8>>; 8],
    codes: [Constant<Bits<8>>; 13],
    addresses: [Constant<Bits<20>>; 3],
    lengths: [Constant<Bits<RA>>; 8],
    limits: [Constant<Bits<16>>; 4],
    reset_leak: Constant<Bits<16>>,
    most_bytes: Constant<Bits<18>>,
    most_layers: Constant<Bits<32>>,
    last_layer: Constant<Bits<20>>,
    one: Constant<Bits<32>>,
    window: Constant<Bits<3>>,
    two: Constant<Bits<2>>,
}

impl<const RA: usize, const TA: usize, const DA: usize, const IA: usize, const AM: usize, const NX: usize>
    Executor<RA, TA, DA, IA, AM, NX>
{
    /// An executor that says this of itself. Its window is [`WINDOW`], whatever that says.
    pub fn new(identity: &Identity) -> Self {
        let capacity = &identity.capacity;
        let opcodes = Opcode::ALL;
        let addresses = [Register::Network, Register::Seed, Register::ClearCounters];
        let limits = [
            THRESHOLD_MIN.to_bits() as u128,
            THRESHOLD_MAX.to_bits() as u128,
            LEAK_MIN.to_bits().into(),
            LEAK_MAX.to_bits().into(),
        ];
        Self {
            clock: Default::default(),
            busy: Default::default(),
            frame_available: Default::default(),
            frame_damaged: Default::default(),
            frame_number: Default::default(),
            frame_opcode: Default::default(),
            frame_length: Default::default(),
            frame_read: Default::default(),
            frame_address: Default::default(),
            frame_data: Default::default(),
            frame_release: Default::default(),
            answer_valid: Default::default(),
            answer_data: Default::default(),
            answer_last: Default::default(),
            answer_ready: Default::default(),
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
            spaces: Spaces::new(capacity),
            map: HostPort::new(identity),
            sample: Default::default(),
            reply: Default::default(),
            phase: Default::default(),
            known: Default::default(),
            session: Default::default(),
            expected: Default::default(),
            kept: Default::default(),
            asked: Default::default(),
            asking: Default::default(),
            again: Default::default(),
            keep: Default::default(),
            first: Default::default(),
            status: Default::default(),
            total: Default::default(),
            at: Default::default(),
            fresh: Default::default(),
            value: Default::default(),
            space: DFF::new(Bits::wrapped(Space::Leaks as u128)),
            address: Default::default(),
            far: Default::default(),
            part: Default::default(),
            checked: Default::default(),
            loaded: Default::default(),
            label_now: Default::default(),
            learns: Default::default(),
            layers_now: Default::default(),
            inputs: Default::default(),
            outputs: Default::default(),
            fail: Default::default(),
            ask: Default::default(),
            why: Default::default(),
            back: Default::default(),
            shifted: Default::default(),
            bytes: Default::default(),
            uneven: Default::default(),
            count: Default::default(),
            behind: Default::default(),
            beyond: Default::default(),
            read_bytes: Default::default(),
            element: Default::default(),
            whole: Default::default(),
            in_registers: Default::default(),
            in_descriptors: Default::default(),
            in_thresholds: Default::default(),
            in_leaks: Default::default(),
            is_network: Default::default(),
            is_seed: Default::default(),
            is_clear: Default::default(),
            is_identify: Default::default(),
            is_read: Default::default(),
            is_write: Default::default(),
            is_begin: Default::default(),
            is_end: Default::default(),
            low: Default::default(),
            high: Default::default(),
            over: Default::default(),
            quiet: Default::default(),
            flags: Default::default(),
            opcodes: opcodes.map(|opcode| Constant::new(Bits::wrapped(opcode as u128))),
            codes: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
            addresses: addresses.map(|register| Constant::new(Bits::wrapped(register.address().into()))),
            lengths: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
            limits: limits.map(|limit| Constant::new(Bits::wrapped(limit))),
            reset_leak: Constant::new(Bits::wrapped(RESET_LEAK.to_bits().into())),
            most_bytes: Constant::new(Bits::wrapped(u128::from(identity.max_payload) - 1)),
            most_layers: Constant::new(Bits::wrapped(capacity.layers.into())),
            last_layer: Constant::new(Bits::wrapped(u128::from(capacity.layers) - 1)),
            one: Constant::new(Bits::wrapped(1)),
            window: Constant::new(Bits::wrapped(WINDOW.into())),
            two: Constant::new(Bits::wrapped(2)),
        }
    }

    /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
    pub fn collisions(&self) -> u64 {
        self.map.collisions() + self.reply.collisions()
    }

    /// The descriptor table, for a test bench.
    pub fn descriptor_words(&self) -> &[Bits<16>] {
        self.map.descriptor_words()
    }
}

impl<const RA: usize, const TA: usize, const DA: usize, const IA: usize, const AM: usize, const NX: usize>
    Logic for Executor<RA, TA, DA, IA, AM, NX>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, known, session, expected, kept, asked, asking, again, keep);
        dff_setup!(self, clock, first, status, total, at, fresh, value, space, address, far);
        dff_setup!(self, clock, part, checked, loaded, label_now, learns, layers_now, inputs, outputs);
        clock!(self, clock, map, sample, reply);

        self.busy.next = (self.phase.q.val() != Phase::Idle) || self.frame_available.val();

        // What the frame is.
        self.is_identify.next = self.frame_opcode.val() == self.opcodes[0].val();
        self.is_read.next = self.frame_opcode.val() == self.opcodes[1].val();
        self.is_write.next = self.frame_opcode.val() == self.opcodes[2].val();
        self.is_begin.next = self.frame_opcode.val() == self.opcodes[3].val();
        self.is_end.next = self.frame_opcode.val() == self.opcodes[5].val();
        self.back.next = self.expected.q.val() - self.frame_number.val();

        // Where it reads or writes.
        self.spaces.code.next = self.space.q.val();
        self.in_registers.next = self.space.q.val() == self.codes[0].val();
        self.in_descriptors.next = self.space.q.val() == self.codes[1].val();
        self.in_thresholds.next = self.space.q.val() == self.codes[3].val();
        self.in_leaks.next = self.space.q.val() == self.codes[4].val();
        self.is_network.next = self.address.q.val() == self.addresses[0].val();
        self.is_seed.next = self.address.q.val() == self.addresses[1].val();
        self.is_clear.next = self.address.q.val() == self.addresses[2].val();
        self.bytes.next = self.frame_length.val() - 5;
        self.whole.next = 0.into();
        self.count.next = bit_cast::<16, RA>(self.bytes.val());
        self.uneven.next = false;
        if self.spaces.width.val() == self.two.val() {
            self.whole.next = 3.into();
            self.count.next = bit_cast::<16, RA>(self.bytes.val()) >> 2;
            self.uneven.next = self.bytes.val().get_bit(0) || self.bytes.val().get_bit(1);
        } else if self.spaces.width.val().any() {
            self.whole.next = 1.into();
            self.count.next = bit_cast::<16, RA>(self.bytes.val()) >> 1;
            self.uneven.next = self.bytes.val().get_bit(0);
        }
        if self.in_registers.val() {
            self.uneven.next = self.bytes.val() != self.lengths[4].val();
        }
        if self.is_read.val() {
            self.count.next = self.value.q.val().get_bits::<16>(16);
        }
        self.read_bytes.next = bit_cast::<18, 16>(self.count.val()) << self.spaces.width.val();
        self.behind.next = bit_cast::<21, 20>(self.address.q.val()) + bit_cast::<21, 16>(self.count.val());
        self.beyond.next = self.far.q.val() || (self.behind.val() > self.spaces.length.val());

        // Its bytes and elements.
        self.shifted.next = (self.value.q.val() >> 8) | (bit_cast::<32, 8>(self.frame_data.val()) << 24);
        self.over.next = self.at.q.val() == self.frame_length.val();
        self.frame_read.next = false;
        self.frame_address.next = self.at.q.val();
        self.frame_release.next = false;
        if !self.fresh.q.val()
            && !self.over.val()
            && ((self.phase.q.val() == Phase::Gather)
                || (self.phase.q.val() == Phase::Events)
                || (self.phase.q.val() == Phase::Bytes))
        {
            self.frame_read.next = true;
            self.fresh.d.next = true;
        }
        self.element.next = self.value.q.val().get_bits::<16>(16);
        if !self.spaces.width.val().any() {
            self.element.next = bit_cast::<16, 8>(self.value.q.val().get_bits::<8>(24));
        }
        self.low.next = self.limits[0].val();
        self.high.next = self.limits[1].val();
        if self.in_leaks.val() {
            self.low.next = self.limits[2].val();
            self.high.next = self.limits[3].val();
        }
        self.flags.next = self.space.q.val() >> 1;

        // The engine and what lies around it.
        self.quiet.next = !self.engine_busy.val() && !self.map.counting.val();
        self.activate.next = false;
        self.begin_sample.next = false;
        comment!("The first byte of a begin's payload stands where others have their space.");
        self.learning.next = self.space.q.val().get_bit(0);
        self.label.next = self.label_now.q.val();
        self.layers.next = self.layers_now.q.val();
        self.find.next = false;
        self.seed_load.next = false;
        self.seed_value.next = self.value.q.val();
        self.activation_start.next = false;
        self.activation_layers.next = bit_cast::<TA, 32>(self.value.q.val());
        self.sample.opens.next = false;
        self.sample.steps.next = self.value.q.val().get_bits::<16>(0);
        self.sample.before_loss.next = self.value.q.val().get_bits::<16>(16);
        self.sample.close.next = false;
        self.sample.inputs.next = self.inputs.q.val();
        self.sample.valid.next =
            (self.phase.q.val() == Phase::Events) && self.fresh.q.val() && !self.map.counting.val();
        self.sample.data.next = self.frame_data.val();
        self.sample.execute.next = self.checked.q.val();
        self.sample.keep.next = false;
        self.sample.back.next = false;
        self.sample.engine_busy.next = self.engine_busy.val();
        self.step.next = self.sample.step.val();
        self.with_loss.next = self.sample.with_loss.val();
        self.any_event.next = self.sample.any_event.val();
        self.event_write.next = self.sample.event_write.val();
        self.event_word.next = self.sample.event_word.val();
        self.event_data.next = self.sample.event_data.val();
        self.map.space.next = self.space.q.val().get_bits::<4>(0);
        self.map.address.next = self.address.q.val();
        self.map.read.next = false;
        self.map.write.next = false;
        self.map.data.next = self.element.val();
        self.map.layers.next = self.layers_now.q.val();
        self.map.seed.next = self.seed.val();
        self.map.open.next = self.sample.open.val();
        self.map.left.next = self.sample.left.val();
        self.map.more[0].next = false;
        self.map.more[1].next = self.sample.step.val();
        self.map.more[2].next = self.sample.step.val() && self.learns.q.val();
        self.map.more[3].next = self.sample.event_taken.val();
        self.map.clear.next = false;
        self.map.descriptor_read.next = self.descriptor_read.val();
        self.map.descriptor_address.next = self.descriptor_address.val();
        self.descriptor.next = self.map.descriptor.val();
        self.map.host_value.next = self.host_value.val();
        self.host_read.next = self.map.host_read.val();
        self.host_write.next = self.map.host_write.val();
        self.host_space.next = self.map.host_space.val();
        self.host_address.next = self.map.host_address.val();
        self.host_data.next = self.map.host_data.val();
        if self.table_write.val() {
            self.host_write.next = true;
            self.host_space.next = 1.into();
            self.host_address.next = bit_cast::<20, TA>(self.table_address.val());
            self.host_data.next = self.table_data.val();
        }

        // The answer.
        self.reply.look.next = false;
        self.reply.start.next = self.phase.q.val() == Phase::Answer;
        self.reply.again.next = self.again.q.val();
        self.reply.keep.next = self.keep.q.val();
        self.reply.slot.next = self.frame_number.val().get_bits::<2>(0);
        self.reply.number.next = self.frame_number.val();
        self.reply.opcode.next = self.frame_opcode.val();
        if self.asking.q.val() {
            self.reply.number.next = self.expected.q.val();
            self.reply.opcode.next = self.opcodes[7].val();
        }
        self.reply.status.next = self.status.q.val();
        self.reply.length.next = self.total.q.val();
        self.reply.width.next = self.spaces.width.val();
        self.reply.first.next = self.first.q.val();
        self.reply.element_valid.next = self.loaded.q.val();
        self.reply.element.next = self.value.q.val();
        if self.loaded.q.val() {
            self.reply.element.next = self.map.value.val();
            if self.is_end.val() {
                self.reply.element.next = self.wrong_spikes.val();
            }
        }
        self.reply.out_ready.next = self.answer_ready.val();
        self.answer_valid.next = self.reply.out_valid.val();
        self.answer_data.next = self.reply.out_data.val();
        self.answer_last.next = self.reply.out_last.val();

        self.fail.next = false;
        self.ask.next = false;
        self.why.next = 0.into();
        match self.phase.q.val() {
            Phase::Start => {
                self.map.write.next = true;
                self.map.data.next = self.reset_leak.val();
                self.address.d.next = self.address.q.val() + 1;
                if self.address.q.val() == self.last_layer.val() {
                    self.phase.d.next = Phase::Idle;
                }
            }
            Phase::Idle => {
                self.asking.d.next = false;
                self.again.d.next = false;
                self.keep.d.next = false;
                self.first.d.next = true;
                self.status.d.next = 0.into();
                self.total.d.next = 1.into();
                self.at.d.next = 0.into();
                self.fresh.d.next = false;
                self.part.d.next = 0.into();
                self.checked.d.next = false;
                self.loaded.d.next = false;
                if self.frame_available.val() {
                    if self.frame_damaged.val() {
                        self.ask.next = true;
                        self.why.next = 13.into();
                    } else if self.is_identify.val() {
                        self.phase.d.next = Phase::Gather;
                        self.fail.next = self.frame_length.val() != self.lengths[4].val();
                        self.why.next = 2.into();
                    } else if !self.known.q.val() {
                        self.ask.next = true;
                        self.why.next = 15.into();
                    } else if !self.back.val().any() {
                        self.asked.d.next = false;
                        self.keep.d.next = true;
                        self.expected.d.next = self.expected.q.val() + 1;
                        if self.kept.q.val() != self.window.val() {
                            self.kept.d.next = self.kept.q.val() + 1;
                        }
                        self.phase.d.next = Phase::Sort;
                    } else if self.back.val() <= bit_cast::<8, 3>(self.kept.q.val()) {
                        self.reply.look.next = true;
                        self.phase.d.next = Phase::Look;
                    } else {
                        self.ask.next = true;
                        self.why.next = 12.into();
                    }
                }
            }
            Phase::Look => {
                self.part.d.next = self.part.q.val() + 1;
                if self.part.q.val() == self.two.val() {
                    self.part.d.next = 0.into();
                    if self.reply.found.val() {
                        self.asked.d.next = false;
                        self.again.d.next = !self.reply.long.val();
                        self.phase.d.next = Phase::Answer;
                        if self.reply.long.val() {
                            self.phase.d.next = Phase::Sort;
                        }
                    } else {
                        self.ask.next = true;
                        self.why.next = 12.into();
                    }
                }
            }
            Phase::Sort => {
                self.why.next = 2.into();
                self.phase.d.next = Phase::Gather;
                if self.is_read.val() || self.is_begin.val() {
                    self.fail.next = self.frame_length.val() != self.lengths[7].val();
                } else if self.is_write.val() {
                    self.fail.next = self.frame_length.val() < self.lengths[5].val();
                } else if self.frame_opcode.val() == self.opcodes[4].val() {
                    self.sample.keep.next = true;
                    self.phase.d.next = Phase::Events;
                    self.fail.next = !self.sample.open.val();
                    self.why.next = 8.into();
                } else if self.is_end.val() {
                    self.phase.d.next = Phase::Find;
                    self.fail.next = self.frame_length.val().any()
                        || !self.sample.open.val()
                        || self.sample.left.val().any();
                    if !self.frame_length.val().any() {
                        self.why.next = 11.into();
                        if !self.sample.open.val() {
                            self.why.next = 8.into();
                        }
                    }
                } else if self.frame_opcode.val() == self.opcodes[6].val() {
                    self.phase.d.next = Phase::Answer;
                    self.fail.next = self.frame_length.val().any();
                    self.sample.close.next = !self.frame_length.val().any();
                } else {
                    self.fail.next = true;
                    self.why.next = 1.into();
                }
            }
            Phase::Gather => {
                if self.fresh.q.val() {
                    self.fresh.d.next = false;
                    self.at.d.next = self.at.q.val() + 1;
                    self.value.d.next = self.shifted.val();
                    if self.at.q.val() == self.lengths[0].val() {
                        self.space.d.next = self.frame_data.val();
                    }
                    if (self.at.q.val() == self.lengths[2].val()) && self.is_begin.val() {
                        self.label_now.d.next = self.shifted.val().get_bits::<16>(16);
                    }
                    if self.at.q.val() == self.lengths[4].val() {
                        self.address.d.next = self.shifted.val().get_bits::<20>(0);
                        self.far.d.next = self.shifted.val().get_bits::<12>(20).any();
                    }
                    if (self.at.q.val() == self.lengths[6].val())
                        || (self.is_write.val() && (self.at.q.val() == self.lengths[4].val()))
                        || (self.is_identify.val() && (self.at.q.val() == self.lengths[3].val()))
                    {
                        self.phase.d.next = Phase::Judge;
                    }
                }
            }
            Phase::Judge => {
                if self.is_identify.val() {
                    comment!("The session, then the registers from 0 on.");
                    self.space.d.next = 0.into();
                    self.address.d.next = 0.into();
                    self.total.d.next = 85.into();
                    self.asked.d.next = false;
                    self.phase.d.next = Phase::Answer;
                    self.known.d.next = true;
                    self.session.d.next = self.value.q.val();
                    if !self.known.q.val() || (self.session.q.val() != self.value.q.val()) {
                        self.sample.close.next = true;
                        self.kept.d.next = 0.into();
                        self.expected.d.next = self.frame_number.val() + 1;
                    }
                } else if self.is_begin.val() {
                    self.phase.d.next = Phase::Begin;
                    self.fail.next = true;
                    if self.flags.val().any() {
                        self.why.next = 2.into();
                    } else if !self.layers_now.q.val().any() {
                        self.why.next = 7.into();
                    } else if self.sample.open.val() {
                        self.why.next = 9.into();
                    } else if !self.value.q.val().get_bits::<16>(0).any()
                        || (self.label_now.q.val() >= self.outputs.q.val())
                    {
                        self.why.next = 5.into();
                    } else {
                        self.fail.next = false;
                    }
                } else if !self.spaces.known.val() {
                    self.fail.next = true;
                    self.why.next = 3.into();
                } else if self.is_read.val() {
                    self.first.d.next = false;
                    self.total.d.next = bit_cast::<10, 18>(self.read_bytes.val()) + 1;
                    self.phase.d.next = Phase::Answer;
                    if self.read_bytes.val() > self.most_bytes.val() {
                        self.fail.next = true;
                        self.why.next = 2.into();
                    } else if self.beyond.val() {
                        self.fail.next = true;
                        self.why.next = 3.into();
                    }
                } else {
                    self.phase.d.next = Phase::Bytes;
                    self.fail.next = true;
                    if self.uneven.val() {
                        self.why.next = 2.into();
                    } else if self.beyond.val() {
                        self.why.next = 3.into();
                    } else if self.spaces.read_only.val()
                        || (self.in_registers.val()
                            && !self.is_network.val()
                            && !self.is_seed.val()
                            && !self.is_clear.val())
                    {
                        self.why.next = 4.into();
                    } else if self.sample.open.val() {
                        self.why.next = 9.into();
                    } else {
                        self.fail.next = false;
                    }
                }
            }
            Phase::Begin => {
                if self.quiet.val() {
                    self.begin_sample.next = true;
                    self.sample.opens.next = true;
                    self.learns.d.next = self.space.q.val().get_bit(0);
                    self.phase.d.next = Phase::Answer;
                }
            }
            Phase::Events => {
                if self.over.val() {
                    self.at.d.next = 0.into();
                    self.checked.d.next = true;
                    self.sample.back.next = !self.checked.q.val();
                    if self.checked.q.val() {
                        self.value.d.next = bit_cast::<32, 16>(self.sample.run.val());
                        self.total.d.next = 3.into();
                        self.phase.d.next = Phase::Answer;
                    }
                } else if !self.checked.q.val() && (self.sample.too_many.val() || self.sample.bad.val()) {
                    self.sample.back.next = true;
                    self.fail.next = true;
                    self.why.next = 10.into();
                    if self.sample.too_many.val() {
                        self.why.next = 11.into();
                    }
                } else if self.sample.ready.val() {
                    self.at.d.next = self.at.q.val() + 1;
                    self.fresh.d.next = false;
                }
            }
            Phase::Find => {
                if self.quiet.val() {
                    self.find.next = true;
                    self.phase.d.next = Phase::Finding;
                }
            }
            Phase::Finding => {
                if self.engine_done.val() {
                    self.value.d.next = (bit_cast::<32, 16>(self.prediction_count.val()) << 16)
                        | bit_cast::<32, 16>(self.prediction.val());
                    self.space.d.next = 0.into();
                    self.total.d.next = 9.into();
                    self.sample.close.next = true;
                    self.map.more[0].next = true;
                    self.phase.d.next = Phase::Answer;
                }
            }
            Phase::Bytes => {
                if self.over.val() {
                    if self.checked.q.val() {
                        if self.in_descriptors.val() {
                            self.layers_now.d.next = 0.into();
                        }
                        self.phase.d.next = Phase::Answer;
                    } else if self.quiet.val() {
                        self.checked.d.next = true;
                        self.at.d.next = 5.into();
                    }
                } else if self.fresh.q.val() {
                    self.fresh.d.next = false;
                    self.at.d.next = self.at.q.val() + 1;
                    self.value.d.next = self.shifted.val();
                    self.part.d.next = self.part.q.val() + 1;
                    if self.part.q.val() == self.whole.val() {
                        self.part.d.next = 0.into();
                        self.phase.d.next = Phase::Element;
                    }
                }
            }
            Phase::Element => {
                self.phase.d.next = Phase::Bytes;
                if self.in_registers.val() {
                    self.phase.d.next = Phase::Element;
                    if self.is_network.val() {
                        if self.quiet.val() {
                            self.layers_now.d.next = 0.into();
                            self.phase.d.next = Phase::Answer;
                            if self.value.q.val() > self.most_layers.val() {
                                self.fail.next = true;
                                self.why.next = 6.into();
                            } else if self.value.q.val().any() {
                                self.activation_start.next = true;
                                self.phase.d.next = Phase::Activate;
                            }
                        }
                    } else if self.is_seed.val() {
                        if !self.value.q.val().any() {
                            self.fail.next = true;
                            self.why.next = 5.into();
                        } else if self.quiet.val() {
                            self.seed_load.next = true;
                            self.phase.d.next = Phase::Answer;
                        }
                    } else if self.value.q.val() != self.one.val() {
                        self.fail.next = true;
                        self.why.next = 5.into();
                    } else if self.quiet.val() {
                        self.map.clear.next = true;
                        self.phase.d.next = Phase::Answer;
                    }
                } else if self.checked.q.val() {
                    self.map.write.next = true;
                    self.address.d.next = self.address.q.val() + 1;
                } else if self.in_thresholds.val() || self.in_leaks.val() {
                    self.fail.next =
                        (self.element.val() < self.low.val()) || (self.element.val() > self.high.val());
                    self.why.next = 5.into();
                }
            }
            Phase::Activate => {
                if self.activation_done.val() {
                    self.phase.d.next = Phase::Answer;
                    self.fail.next = !self.activation_legal.val();
                    self.why.next = 6.into();
                    if self.activation_legal.val() {
                        self.activate.next = true;
                        self.layers_now.d.next = bit_cast::<TA, 32>(self.value.q.val());
                        self.inputs.d.next = self.activation_inputs.val();
                        self.outputs.d.next = self.activation_outputs.val();
                    }
                }
            }
            Phase::Answer => {
                self.phase.d.next = Phase::Answering;
            }
            Phase::Answering => {
                if self.loaded.q.val() {
                    self.loaded.d.next = false;
                    self.address.d.next = self.address.q.val() + 1;
                } else if self.reply.want.val() && self.quiet.val() {
                    self.map.read.next = true;
                    self.loaded.d.next = true;
                }
                if self.reply.done.val() {
                    self.frame_release.next = true;
                    self.phase.d.next = Phase::Idle;
                }
            }
        }
        if self.fail.val() || self.ask.val() {
            self.status.d.next = self.why.val();
            self.total.d.next = 1.into();
            self.phase.d.next = Phase::Answer;
        }
        if self.ask.val() {
            self.keep.d.next = false;
            self.asking.d.next = true;
            self.asked.d.next = true;
            if self.asked.q.val() {
                self.frame_release.next = true;
                self.phase.d.next = Phase::Idle;
            }
        }
    }
}
