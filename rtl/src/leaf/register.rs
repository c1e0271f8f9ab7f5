//! Register: `q` takes `d` at each rising edge.
//!
//! Latency: 1 cycle. Throughput: one value a cycle. Handshake: none. Reset: none; the value after configuration is
//! 0, the first variant of an enum, or the one given to [`DFF::new`]. A synchronous reset is ordinary logic in
//! front of `d`.

use rust_hdl_core::prelude::{
    Clock, In, Logic, LogicBlock, Out, Signal, Synth, TimingInfo, Verilog, block, probe,
};

/// A register of any signal type. `dff_setup!` connects its clock and makes it hold its value by default.
#[derive(Clone, Debug, LogicBlock)]
pub struct DFF<T: Synth> {
    /// The next value.
    pub d: Signal<In, T>,
    /// The value.
    pub q: Signal<Out, T>,
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    _init: T,
}

impl<T: Synth> DFF<T> {
    /// A register that holds `init` after configuration.
    pub fn new(init: T) -> Self {
        let (d, clock) = Default::default();
        Self { d, q: Signal::new_with_default(init), clock, _init: init }
    }
}

impl<T: Synth> Default for DFF<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Synth> Logic for DFF<T> {
    #[inline(always)]
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.q.next = self.d.val();
        }
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        let literal = format!("{:x}", self._init.verilog());
        let digits = literal.rsplit("'h").next().unwrap_or("0");
        let (width, suffix) =
            (T::BITS, if digits == "0" { String::new() } else { format!("_init_{digits}") });
        Verilog::Custom(format!(
            "// leaf register_{width}{suffix}\n\
             initial q = {width}'h{digits};\n\
             always @(posedge clock) q <= d;"
        ))
    }

    fn timing(&self) -> Vec<TimingInfo> {
        let (inputs, outputs) = (vec!["d".into()], vec!["q".into()]);
        vec![TimingInfo { name: "register".into(), clock: "clock".into(), inputs, outputs }]
    }
}

/// In a kernel, `dff_setup!(self, clock, a, b)`: clocks the registers and lets them hold their values unless the
/// kernel assigns `a.d` afterwards.
#[macro_export]
macro_rules! dff_setup {
    ($self: ident, $clock: ident, $($dff: ident),+) => {
        $($self.$dff.clock.next = $self.$clock.val());+;
        $($self.$dff.d.next = $self.$dff.q.val());+;
    }
}
