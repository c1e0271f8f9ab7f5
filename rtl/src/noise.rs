//! The seed of stochastic rounding and the patterns of a row and of a column: `arch::noise` in hardware.
//!
//! Latency: [`Seed`] has its next value three cycles after `advance`, [`RowNoise`] and [`ColumnNoise`] are combinational.
//! Throughput: one a cycle of the patterns. Handshake: none; no `load` and no `advance` in the two cycles after an `advance`.
//! Reset: none, the seed is `arch::noise::RESET_SEED` after configuration.
//!
//! The noise of a synapse is `RowNoise ^ ColumnNoise`. All of it is exclusive ors and wires; the seed's three, one a cycle, take
//! half the LUTs of three in one.

use crate::prelude::*;
use arch::noise::RESET_SEED;

/// The seed register: xorshift32 with the shifts 13, 17, 5.
#[derive(LogicBlock)]
pub struct Seed {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Takes `load_value`.
    pub load: Signal<In, Bit>,
    /// A new seed, never 0: the generator would stay there.
    pub load_value: Signal<In, Bits<32>>,
    /// Moves to the next seed.
    pub advance: Signal<In, Bit>,
    /// The seed.
    pub value: Signal<Out, Bits<32>>,
    /// Its halves, one on the other: what goes into a row's noise.
    pub folded: Signal<Out, Bits<16>>,
    state: DFF<Bits<32>>,
    /// Which of the three exclusive ors is next: none, unless one of these.
    second: DFF<Bit>,
    third: DFF<Bit>,
    /// The state shifted, in the cycle of each; otherwise 0.
    shifted: [Signal<Local, Bits<32>>; 3],
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            load: Default::default(),
            load_value: Default::default(),
            advance: Default::default(),
            value: Default::default(),
            folded: Default::default(),
            state: DFF::new(u64::from(RESET_SEED).into()),
            second: Default::default(),
            third: Default::default(),
            shifted: Default::default(),
        }
    }
}

impl Logic for Seed {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, second, third);
        self.second.d.next = self.advance.val();
        self.third.d.next = self.second.q.val();
        for i in 0..3 {
            self.shifted[i].next = 0.into();
        }
        if self.advance.val() {
            self.shifted[0].next = self.state.q.val() << 13;
        }
        if self.second.q.val() {
            self.shifted[1].next = self.state.q.val() >> 17;
        }
        if self.third.q.val() {
            self.shifted[2].next = self.state.q.val() << 5;
        }
        self.state.d.next =
            self.state.q.val() ^ self.shifted[0].val() ^ self.shifted[1].val() ^ self.shifted[2].val();
        if self.load.val() {
            self.state.d.next = self.load_value.val();
        }
        self.value.next = self.state.q.val();
        self.folded.next = self.state.q.val().get_bits::<16>(16) ^ self.state.q.val().get_bits::<16>(0);
    }
}

/// What a column adds to the noise at all steps: its number with the bits in reverse order.
///
/// A leaf, as [`RowNoise`] is: a kernel would take five times as long natively, and the Verilog is wires.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct ColumnNoise {
    /// Number of the column.
    pub column: Signal<In, Bits<16>>,
    /// The number reversed.
    pub noise: Signal<Out, Bits<16>>,
}

impl Logic for ColumnNoise {
    #[inline(always)]
    fn update(&mut self) {
        let column = self.column.val().to_u64() as u16;
        self.noise.next = u64::from(column.reverse_bits()).into();
    }

    fn connect(&mut self) {
        self.noise.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!("// leaf column_noise\nalways @* noise = {};", reversed("column")))
    }
}

/// What a row adds to the noise at one step: `folded ^ rotl(row, 5) ^ rotl(reverse(row), 3)`.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct RowNoise {
    /// [`Seed::folded`].
    pub folded: Signal<In, Bits<16>>,
    /// Number of the row.
    pub row: Signal<In, Bits<16>>,
    /// The row's noise.
    pub noise: Signal<Out, Bits<16>>,
}

impl Logic for RowNoise {
    #[inline(always)]
    fn update(&mut self) {
        let (folded, row) = (self.folded.val().to_u64(), self.row.val().to_u64() as u16);
        self.noise.next = (folded ^ u64::from(row.rotate_left(5) ^ row.reverse_bits().rotate_left(3))).into();
    }

    fn connect(&mut self) {
        self.noise.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "// leaf row_noise\n\
             wire [15:0] reversed = {};\n\
             always @* noise = folded ^ {{row[10:0], row[15:11]}} ^ {{reversed[12:0], reversed[15:13]}};",
            reversed("row")
        ))
    }
}

/// Verilog of the 16-bit word `name` with its bits in reverse order.
fn reversed(name: &str) -> String {
    let bits: Vec<_> = (0..16).map(|bit| format!("{name}[{bit}]")).collect();
    format!("{{{}}}", bits.join(", "))
}
