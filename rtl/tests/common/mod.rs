//! One block that uses every idiom of `docs/rtl-blocks.md`, so that the page cannot promise what does not work.

#![allow(missing_docs, dead_code)]

use rtl::leaf::saturate::Saturate;
use rtl::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Phase {
    Idle,
    Run,
    Drain,
}

/// Fields from the low end up.
#[derive(Copy, Clone, Default, PartialEq, Debug, LogicStruct)]
pub struct Entry {
    pub low: Bits<6>,
    pub high: Bits<10>,
}

/// Lanes of 8 bits; `LANES` sub-blocks.
#[derive(LogicBlock)]
pub struct Idioms<const LANES: usize> {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub word: Signal<In, Bits<32>>,
    pub shift: Signal<In, Bits<4>>,
    pub position: Signal<In, Bits<5>>,
    pub lanes: [Signal<In, Bits<8>>; LANES],
    pub busy: Signal<Out, Bit>,
    pub count: Signal<Out, Bits<6>>,
    pub wide_sum: Signal<Out, Bits<9>>,
    pub shifted: Signal<Out, Bits<32>>,
    pub inverted: Signal<Out, Bits<12>>,
    pub entry_word: Signal<Out, Bits<16>>,
    pub joined: Signal<Out, Bits<16>>,
    pub chosen: Signal<Out, Bit>,
    pub changed: Signal<Out, Bits<32>>,
    pub nibble: Signal<Out, Bits<4>>,
    pub narrow: [Signal<Out, Bits<4>>; LANES],
    pub flags: Signal<Out, Bits<4>>,
    saturate: [Saturate<8, 4>; LANES],
    phase: DFF<Phase>,
    left: DFF<Bits<6>>,
    first: DFF<Bits<6>>,
    entry: Signal<Local, Entry>,
    low_byte: Signal<Local, Bits<8>>,
    last: Constant<Bits<6>>,
    limit: Constant<Bits<6>>,
}

impl<const LANES: usize> Default for Idioms<LANES> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            start: Default::default(),
            word: Default::default(),
            shift: Default::default(),
            position: Default::default(),
            lanes: [(); LANES].map(|()| Default::default()),
            busy: Default::default(),
            count: Default::default(),
            wide_sum: Default::default(),
            shifted: Default::default(),
            inverted: Default::default(),
            entry_word: Default::default(),
            joined: Default::default(),
            chosen: Default::default(),
            changed: Default::default(),
            nibble: Default::default(),
            narrow: [(); LANES].map(|()| Default::default()),
            flags: Default::default(),
            saturate: [(); LANES].map(|()| Default::default()),
            phase: Default::default(),
            left: Default::default(),
            first: DFF::new(5.into()),
            entry: Default::default(),
            low_byte: Default::default(),
            last: Constant::new(0.into()),
            limit: Constant::new(9.into()),
        }
    }
}

impl<const LANES: usize> Logic for Idioms<LANES> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, left, first);
        self.busy.next = self.phase.q.val() != Phase::Idle;
        self.count.next = self.left.q.val();
        match self.phase.q.val() {
            Phase::Idle => {
                if self.start.val() {
                    self.left.d.next = self.first.q.val();
                    self.phase.d.next = Phase::Run;
                }
            }
            Phase::Run => {
                if self.left.q.val() == self.last.val() {
                    self.phase.d.next = Phase::Drain;
                } else {
                    self.left.d.next = self.left.q.val() - 1;
                }
            }
            Phase::Drain => {
                self.phase.d.next = Phase::Idle;
                if self.first.q.val() < self.limit.val() {
                    self.first.d.next = self.first.q.val() + 1;
                } else if self.start.val() && (self.position.val().any()) {
                    self.first.d.next = 2.into();
                } else {
                    self.first.d.next = self.last.val();
                }
            }
        }
        comment!("Widths: extend first, then add.");
        self.low_byte.next = bit_cast::<8, 32>(self.word.val());
        self.wide_sum.next = bit_cast::<9, 8>(self.low_byte.val()) + bit_cast::<9, 8>(self.lanes[0].val());
        self.shifted.next = (self.word.val() + 1) >> self.shift.val();
        self.inverted.next = bit_cast::<12, 8>(!self.low_byte.val());
        // Bits of a signal.
        self.chosen.next = self.word.val().get_bit(self.position.val().index());
        self.changed.next = self.word.val().replace_bit(self.position.val().index(), self.start.val());
        self.nibble.next = self.word.val().get_bits::<4>(12);
        // Joining words: a struct, or shifts.
        self.entry.next.low = bit_cast::<6, 8>(self.lanes[0].val());
        self.entry.next.high = self.word.val().get_bits::<10>(4);
        self.entry_word.next = self.entry.val().into();
        self.joined.next =
            (bit_cast::<16, 8>(self.low_byte.val()) << 8) | bit_cast::<16, 8>(self.lanes[1].val());
        // Arrays of sub-blocks and of signals.
        for i in 0..LANES {
            self.saturate[i].wide.next = self.lanes[i].val();
            self.narrow[i].next = self.saturate[i].narrow.val();
        }
        self.flags.next = 0.into();
        if self.low_byte.val().all() {
            self.flags.next = 8.into();
        } else if self.word.val().xor() && !self.start.val() {
            self.flags.next = bits::<4>(1) << bit_cast::<3, 4>(self.shift.val());
        }
    }
}
