//! Events: the packed events of the step that is being put together.
//!
//! Latency: `bad` in the cycle after its byte. Throughput: a byte judged a cycle; an event executed waits a cycle for each word of 16
//! inputs before its own, the end of a step for the words that are left.
//! Handshake: `data` holds from the cycle before `judge` or `execute` on until not `working`; a byte that is `bad` is neither judged nor executed.
//! Reset: none needed, `clear` begins a sample.
//!
//! ```text
//!   judge each byte ──> back ──> execute each byte
//!   moves `last`        to `kept`, where the events executed end
//! ```

use crate::prelude::*;
use arch::packing::{END_OF_STEP, SKIP};

/// `AM` address bits of words of 16 inputs; `NX` hold the inputs and 253 more.
#[derive(LogicBlock)]
pub struct Events<const AM: usize, const NX: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a sample.
    pub clear: Signal<In, Bit>,
    /// Inputs of the first layer.
    pub inputs: Signal<In, Bits<NX>>,
    /// A byte of packed events.
    pub data: Signal<In, Bits<8>>,
    /// It is none, or an event beyond the inputs.
    pub bad: Signal<Out, Bit>,
    /// Takes it, to judge the next.
    pub judge: Signal<In, Bit>,
    /// Forgets what was judged.
    pub back: Signal<In, Bit>,
    /// Takes it and executes it.
    pub execute: Signal<In, Bit>,
    /// Executes it, from the cycle after.
    pub working: Signal<Out, Bit>,
    /// The step runs: the next one's events follow.
    pub step: Signal<In, Bit>,

    /// To the engine: a word of the step's events, each of the `2^AM`.
    pub event_write: Signal<Out, Bit>,
    /// Which.
    pub event_word: Signal<Out, Bits<AM>>,
    /// Its bits.
    pub event_data: Signal<Out, Bits<16>>,
    /// There was an event.
    pub any_event: Signal<Out, Bit>,

    /// The input of the last event, one less at first.
    last: DFF<Bits<NX>>,
    kept: DFF<Bits<NX>>,
    /// A skip led beyond the inputs: so would all that follows.
    far: DFF<Bit>,
    far_kept: DFF<Bit>,
    executing: DFF<Bit>,
    /// The word of events that is being put together.
    word: DFF<Bits<16>>,
    number: DFF<Bits<AM>>,
    any: DFF<Bit>,
    refused: DFF<Bit>,
    /// The input that the byte names.
    place: Signal<Local, Bits<NX>>,
    in_word: Signal<Local, Bits<4>>,
    gap: Signal<Local, Bits<8>>,
    /// What `last` becomes.
    moved: Signal<Local, Bits<NX>>,
    /// What `far` becomes.
    farther: Signal<Local, Bit>,
    beyond: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    skips: Signal<Local, Bit>,
    taken: Signal<Local, Bit>,
    end_code: Constant<Bits<8>>,
    skip_code: Constant<Bits<8>>,
    before_first: Constant<Bits<NX>>,
}

crate::default_block!(Events<AM, NX> {
    end_code: Constant::new(Bits::wrapped(END_OF_STEP as u128)),
    skip_code: Constant::new(Bits::wrapped(SKIP as u128)),
    before_first: Constant::new(Bits::wrapped(u128::MAX)),
} {
    clock, clear, inputs, data, bad, judge, back, execute, working, step, event_write, event_word, event_data, any_event,
    last, kept, refused, far, far_kept, farther, executing, word, number, any, place, in_word, gap, moved, beyond, ends, skips, taken
});

impl<const AM: usize, const NX: usize> Logic for Events<AM, NX> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, last, kept, refused, far, far_kept, executing, word, number, any);
        self.working.next = self.executing.q.val();
        self.event_write.next = false;
        self.event_word.next = self.number.q.val();
        self.event_data.next = self.word.q.val();
        self.any_event.next = self.any.q.val();

        // The byte, judged. An event is one input further than a skip of as many.
        self.ends.next = self.data.val() == self.end_code.val();
        self.skips.next = self.data.val() == self.skip_code.val();
        self.gap.next = self.data.val();
        if self.skips.val() {
            self.gap.next = self.data.val() - 1;
        }
        comment!("Their sum and 1 more, in one adder.");
        self.place.next = self.last.q.val() - !bit_cast::<NX, 8>(self.gap.val());
        self.in_word.next = self.place.val().get_bits::<4>(0);
        self.beyond.next = (self.place.val() >= self.inputs.val()) || self.far.q.val();
        self.bad.next = self.refused.q.val();
        self.refused.d.next =
            self.data.val().all() || (self.beyond.val() && !self.ends.val() && !self.skips.val());

        // The byte, executed.
        self.taken.next = self.judge.val();
        if self.execute.val() {
            self.executing.d.next = true;
        }
        if self.executing.q.val() {
            if self.ends.val() {
                self.event_write.next = true;
                self.taken.next = self.number.q.val().all();
            } else if self.skips.val() {
                self.taken.next = true;
            } else if self.number.q.val() == self.place.val().get_bits::<AM>(4) {
                self.word.d.next = self.word.q.val().replace_bit(self.in_word.val().index(), true);
                self.any.d.next = true;
                self.taken.next = true;
            } else {
                self.event_write.next = true;
            }
            if self.taken.val() {
                self.executing.d.next = false;
            }
        }
        if self.event_write.val() {
            comment!("After the last word of a step comes the first of the next.");
            self.word.d.next = 0.into();
            self.number.d.next = self.number.q.val() + 1;
        }
        self.moved.next = self.last.q.val();
        self.farther.next = self.far.q.val();
        if self.taken.val() {
            self.moved.next = self.place.val();
            self.farther.next =
                !self.ends.val() && (self.far.q.val() || (self.skips.val() && self.beyond.val()));
            if self.ends.val() {
                self.moved.next = self.before_first.val();
            }
        }
        if self.back.val() {
            self.moved.next = self.kept.q.val();
            self.farther.next = self.far_kept.q.val();
        }
        if self.step.val() {
            self.any.d.next = false;
        }
        if self.clear.val() {
            self.moved.next = self.before_first.val();
            self.farther.next = false;
            self.word.d.next = 0.into();
            self.number.d.next = 0.into();
            self.any.d.next = false;
        }
        self.last.d.next = self.moved.val();
        self.far.d.next = self.farther.val();
        if self.clear.val() || (self.executing.q.val() && self.taken.val()) {
            self.kept.d.next = self.moved.val();
            self.far_kept.d.next = self.farther.val();
        }
    }
}
