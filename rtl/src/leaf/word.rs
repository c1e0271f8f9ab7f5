//! A word of the weight memory and the weights in it.
//!
//! Latency: 0, wires only. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;

/// `word` with `part[0]` in its low `W` bits; `WW = LANES · W` ≤ 128.
#[derive(Clone, Debug, LogicBlock)]
pub struct Join<const LANES: usize, const W: usize, const WW: usize> {
    /// The parts.
    pub part: [Signal<In, Bits<W>>; LANES],
    /// All of them.
    pub word: Signal<Out, Bits<WW>>,
}

impl<const LANES: usize, const W: usize, const WW: usize> Default for Join<LANES, W, WW> {
    fn default() -> Self {
        Self { part: [(); LANES].map(|()| Default::default()), word: Default::default() }
    }
}

impl<const LANES: usize, const W: usize, const WW: usize> Logic for Join<LANES, W, WW> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(LANES * W == WW, "a word is its parts") };
        let join = |word: u128, (lane, part): (usize, &Signal<In, Bits<W>>)| {
            word | part.val().to_u128() << (lane * W)
        };
        self.word.next = Bits::wrapped(self.part.iter().enumerate().fold(0, join));
    }

    fn connect(&mut self) {
        self.word.connect();
    }

    fn hdl(&self) -> Verilog {
        let parts: Vec<String> = (0..LANES).rev().map(|lane| format!("part_{lane}")).collect();
        Verilog::Custom(format!("// leaf join_{LANES}x{W}\nalways @* word = {{{}}};", parts.join(", ")))
    }
}

/// The parts of `word`, `part[0]` from its low `W` bits.
#[derive(Clone, Debug, LogicBlock)]
pub struct Split<const LANES: usize, const W: usize, const WW: usize> {
    /// All of them.
    pub word: Signal<In, Bits<WW>>,
    /// The parts.
    pub part: [Signal<Out, Bits<W>>; LANES],
}

impl<const LANES: usize, const W: usize, const WW: usize> Default for Split<LANES, W, WW> {
    fn default() -> Self {
        Self { word: Default::default(), part: [(); LANES].map(|()| Default::default()) }
    }
}

impl<const LANES: usize, const W: usize, const WW: usize> Logic for Split<LANES, W, WW> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(LANES * W == WW, "a word is its parts") };
        let word = self.word.val().to_u128();
        for (lane, part) in self.part.iter_mut().enumerate() {
            part.next = Bits::wrapped(word >> (lane * W));
        }
    }

    fn connect(&mut self) {
        self.part.iter_mut().for_each(Logic::connect);
    }

    fn hdl(&self) -> Verilog {
        let part = |lane: usize| format!("    part_{lane} = word[{}:{}];\n", lane * W + W - 1, lane * W);
        let parts: String = (0..LANES).map(part).collect();
        Verilog::Custom(format!("// leaf split_{LANES}x{W}\nalways @* begin\n{parts}end"))
    }
}
