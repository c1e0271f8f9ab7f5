//! Sample: the open sample's steps, and the events of the step that is being put together.
//!
//! Latency: a byte is judged in its cycle. Throughput: a byte a cycle while `ready`; an event waits a cycle for each word of 16
//! inputs before its own, the end of a step for the words that are left and for the engine.
//! Handshake: `valid` and `ready`; a byte with `too_many` or `bad` is not to be followed by another before `back`.
//! Reset: none needed, no sample is open after configuration.
//!
//! ```text
//!   opens ─> keep ─> bytes, execute = 0 ─> back ─> the same bytes, execute = 1 ─> keep …
//!                    only judged           to where `keep` was
//! ```

use crate::prelude::*;
use arch::packing::{END_OF_STEP, SKIP};

/// `IA` address bits of inputs, `AM = IA − 4` of words of 16; `NX` hold the inputs and 253 more.
#[derive(LogicBlock)]
pub struct Sample<const IA: usize, const AM: usize, const NX: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Opens a sample.
    pub opens: Signal<In, Bit>,
    /// Its steps.
    pub steps: Signal<In, Bits<16>>,
    /// Steps before the first with a loss.
    pub before_loss: Signal<In, Bits<16>>,
    /// Closes it.
    pub close: Signal<In, Bit>,
    /// Is one open?
    pub open: Signal<Out, Bit>,
    /// Steps it waits for.
    pub left: Signal<Out, Bits<16>>,
    /// Steps that have run.
    pub run: Signal<Out, Bits<16>>,
    /// Inputs of the first layer.
    pub inputs: Signal<In, Bits<NX>>,
    /// Is there a byte of packed events?
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, Bits<8>>,
    /// It is to be executed, not only judged.
    pub execute: Signal<In, Bit>,
    /// It is taken.
    pub ready: Signal<Out, Bit>,
    /// There are no steps left for it.
    pub too_many: Signal<Out, Bit>,
    /// It is no byte of packed events, or an event beyond the inputs.
    pub bad: Signal<Out, Bit>,
    /// Remembers where this payload begins.
    pub keep: Signal<In, Bit>,
    /// Goes back there.
    pub back: Signal<In, Bit>,
    /// An event is taken.
    pub event_taken: Signal<Out, Bit>,

    /// To the engine: a word of the step's events.
    pub event_write: Signal<Out, Bit>,
    /// Which.
    pub event_word: Signal<Out, Bits<AM>>,
    /// Its bits.
    pub event_data: Signal<Out, Bits<16>>,
    /// The step.
    pub step: Signal<Out, Bit>,
    /// It has a loss.
    pub with_loss: Signal<Out, Bit>,
    /// It has events.
    pub any_event: Signal<Out, Bit>,
    /// From the engine: a command is being executed.
    pub engine_busy: Signal<In, Bit>,

    is_open: DFF<Bit>,
    left_now: DFF<Bits<16>>,
    left_kept: DFF<Bits<16>>,
    run_now: DFF<Bits<16>>,
    loss_after: DFF<Bits<16>>,
    /// The input after the last event.
    next_input: DFF<Bits<NX>>,
    next_kept: DFF<Bits<NX>>,
    /// The word of events that is being put together.
    word: DFF<Bits<16>>,
    number: DFF<Bits<AM>>,
    any: DFF<Bit>,
    /// All words of the step are written.
    written: DFF<Bit>,
    /// The input that the byte names.
    place: Signal<Local, Bits<NX>>,
    in_word: Signal<Local, Bits<4>>,
    last_input: Signal<Local, Bits<NX>>,
    beyond: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    skips: Signal<Local, Bit>,
    taken: Signal<Local, Bit>,
    end_code: Constant<Bits<8>>,
    skip_code: Constant<Bits<8>>,
}

crate::default_block!(Sample<IA, AM, NX> {
    end_code: Constant::new(Bits::wrapped(END_OF_STEP as u128)),
    skip_code: Constant::new(Bits::wrapped(SKIP as u128)),
} {
    clock, opens, steps, before_loss, close, open, left, run, inputs, valid, data, execute, ready, too_many,
    bad, keep, back, event_taken, event_write, event_word, event_data, step, with_loss, any_event, engine_busy, is_open,
    left_now, left_kept, run_now, loss_after, next_input, next_kept, word, number, any, written, place, in_word,
    last_input, beyond, ends, skips, taken
});

impl<const IA: usize, const AM: usize, const NX: usize> Logic for Sample<IA, AM, NX> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, is_open, left_now, left_kept, run_now, loss_after, next_input, next_kept);
        dff_setup!(self, clock, word, number, any, written);
        self.open.next = self.is_open.q.val();
        self.left.next = self.left_now.q.val();
        self.run.next = self.run_now.q.val();
        self.event_write.next = false;
        self.event_word.next = self.number.q.val();
        self.event_data.next = self.word.q.val();
        self.step.next = false;
        self.with_loss.next = !self.loss_after.q.val().any();
        self.any_event.next = self.any.q.val();
        self.event_taken.next = false;

        // The byte, judged.
        self.ends.next = self.data.val() == self.end_code.val();
        self.skips.next = self.data.val() == self.skip_code.val();
        self.place.next = self.next_input.q.val() + bit_cast::<NX, 8>(self.data.val());
        self.in_word.next = self.place.val().get_bits::<4>(0);
        self.last_input.next = self.inputs.val() - 1;
        self.beyond.next = self.place.val() >= self.inputs.val();
        self.too_many.next = self.valid.val() && !self.left_now.q.val().any();
        self.bad.next = self.valid.val()
            && (self.data.val().all() || (self.beyond.val() && !self.ends.val() && !self.skips.val()));

        // The byte, executed.
        self.taken.next = self.valid.val() && !self.execute.val();
        if self.valid.val() && self.execute.val() {
            if self.ends.val() {
                if !self.written.q.val() {
                    self.event_write.next = true;
                    self.word.d.next = 0.into();
                    if self.number.q.val() == self.last_input.val().get_bits::<AM>(4) {
                        self.written.d.next = true;
                    } else {
                        self.number.d.next = self.number.q.val() + 1;
                    }
                } else if !self.engine_busy.val() {
                    self.step.next = true;
                    self.taken.next = true;
                    self.written.d.next = false;
                    self.number.d.next = 0.into();
                    self.any.d.next = false;
                    self.run_now.d.next = self.run_now.q.val() + 1;
                    if self.loss_after.q.val().any() {
                        self.loss_after.d.next = self.loss_after.q.val() - 1;
                    }
                }
            } else if self.skips.val() {
                self.taken.next = true;
            } else if self.number.q.val() == self.place.val().get_bits::<AM>(4) {
                self.word.d.next = self.word.q.val().replace_bit(self.in_word.val().index(), true);
                self.any.d.next = true;
                self.event_taken.next = true;
                self.taken.next = true;
            } else {
                self.event_write.next = true;
                self.word.d.next = 0.into();
                self.number.d.next = self.number.q.val() + 1;
            }
        }
        self.ready.next = self.taken.val();
        if self.taken.val() {
            self.next_input.d.next = self.place.val() + 1;
            if self.ends.val() {
                self.next_input.d.next = 0.into();
                self.left_now.d.next = self.left_now.q.val() - 1;
            } else if self.skips.val() {
                self.next_input.d.next = self.place.val();
                if self.beyond.val() {
                    self.next_input.d.next = self.inputs.val();
                }
            }
        }
        if self.keep.val() {
            self.next_kept.d.next = self.next_input.q.val();
            self.left_kept.d.next = self.left_now.q.val();
        }
        if self.back.val() {
            self.next_input.d.next = self.next_kept.q.val();
            self.left_now.d.next = self.left_kept.q.val();
        }
        if self.opens.val() {
            self.is_open.d.next = true;
            self.left_now.d.next = self.steps.val();
            self.run_now.d.next = 0.into();
            self.loss_after.d.next = self.before_loss.val();
            self.next_input.d.next = 0.into();
            self.word.d.next = 0.into();
            self.number.d.next = 0.into();
            self.any.d.next = false;
            self.written.d.next = false;
        }
        if self.close.val() {
            self.is_open.d.next = false;
        }
    }
}
