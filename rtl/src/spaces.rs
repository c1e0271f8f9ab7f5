//! Spaces: what the host's address spaces are like.
//!
//! Latency: 0, combinational. Throughput: one a cycle. Handshake: none. Reset: none.

use crate::prelude::*;
use arch::Capacity;
use arch::registers::{Access, SPACES};

/// How many there are.
const COUNT: usize = SPACES.len();

/// The row of [`SPACES`] with a code.
#[derive(LogicBlock)]
pub struct Spaces {
    /// The code.
    pub code: Signal<In, Bits<8>>,
    /// There is such a space.
    pub known: Signal<Out, Bit>,
    /// It can only be read.
    pub read_only: Signal<Out, Bit>,
    /// An element has `2^width` bytes.
    pub width: Signal<Out, Bits<2>>,
    /// Elements.
    pub length: Signal<Out, Bits<21>>,
    codes: [Constant<Bits<8>>; COUNT],
    read_onlys: [Constant<Bit>; COUNT],
    widths: [Constant<Bits<2>>; COUNT],
    lengths: [Constant<Bits<21>>; COUNT],
}

impl Spaces {
    /// Those of an engine of this capacity.
    pub fn new(capacity: &Capacity) -> Self {
        let width = |i: usize| SPACES[i].space.element_bytes(capacity.weight_bits).trailing_zeros();
        Self {
            code: Default::default(),
            known: Default::default(),
            read_only: Default::default(),
            width: Default::default(),
            length: Default::default(),
            codes: std::array::from_fn(|i| Constant::new(Bits::wrapped(i as u128))),
            read_onlys: std::array::from_fn(|i| Constant::new(SPACES[i].access == Access::ReadOnly)),
            widths: std::array::from_fn(|i| Constant::new(Bits::wrapped(width(i).into()))),
            lengths: std::array::from_fn(|i| {
                Constant::new(Bits::wrapped(SPACES[i].space.len(capacity).into()))
            }),
        }
    }
}

impl Logic for Spaces {
    #[hdl_gen]
    fn update(&mut self) {
        self.known.next = false;
        self.read_only.next = false;
        self.width.next = 0.into();
        self.length.next = 0.into();
        for i in 0..13 {
            if self.code.val() == self.codes[i].val() {
                self.known.next = true;
                self.read_only.next = self.read_onlys[i].val();
                self.width.next = self.widths[i].val();
                self.length.next = self.lengths[i].val();
            }
        }
    }
}
