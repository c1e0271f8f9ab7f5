//! One of several words, by its number.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.
//!
//! A loop of `if`s in a kernel is a chain, whose last condition wins: as many multiplexers behind each other as there are words.
//! This one is a tree.

use crate::prelude::*;

/// `picked = word[index]`; `N = 2^NB` words of `W` bits.
#[derive(Clone, Debug, LogicBlock)]
pub struct Pick<const N: usize, const NB: usize, const W: usize> {
    /// The words.
    pub word: [Signal<In, Bits<W>>; N],
    /// Which.
    pub index: Signal<In, Bits<NB>>,
    /// That one.
    pub picked: Signal<Out, Bits<W>>,
}

impl<const N: usize, const NB: usize, const W: usize> Default for Pick<N, NB, W> {
    fn default() -> Self {
        Self {
            word: [(); N].map(|()| Default::default()),
            index: Default::default(),
            picked: Default::default(),
        }
    }
}

impl<const N: usize, const NB: usize, const W: usize> Logic for Pick<N, NB, W> {
    #[inline(always)]
    fn update(&mut self) {
        const { assert!(NB > 0 && N == 1 << NB, "a word for each index") };
        self.picked.next = self.word[self.index.val().index()].val();
    }

    fn connect(&mut self) {
        self.picked.connect();
    }

    fn hdl(&self) -> Verilog {
        // Two by two, the lowest bit of the index first.
        let (mut level, mut lines) =
            ((0..N).map(|at| format!("word_{at}")).collect::<Vec<_>>(), String::new());
        for bit in 0..NB {
            let chosen = |(at, pair): (usize, &[String])| {
                let name = format!("of_{bit}_{at}");
                lines.push_str(&format!(
                    "wire [{}:0] {name} = index[{bit}] ? {} : {};\n",
                    W - 1,
                    pair[1],
                    pair[0]
                ));
                name
            };
            level = level.chunks(2).enumerate().map(chosen).collect();
        }
        Verilog::Custom(format!("// leaf pick_{N}x{W}\n{lines}always @* picked = {};", level[0]))
    }
}
