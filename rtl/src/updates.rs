//! Updates of a layer's thresholds and of its leak (B4), over the neurons with an error that a scanner delivers.
//!
//! Latency: θ is written two cycles, and `2·ST`, after its neuron's index is taken. Throughput: one neuron a cycle; then, if the leak
//! learns and there was a neuron, max(34, SW + 16 − S) + 1 cycles for the leak.
//! Handshake: `start` while not `busy`; the layer's settings hold while `busy`; `index` moves when valid and ready;
//! `scan_done` once, with the last index or after it; `done` in the last cycle.
//! Reset: none needed, idle after configuration.
//!
//! ```text
//!   clock          0   1   2   3   4   5      scan_done in 2, after the indices 3 and 20
//!   index          --< 3 X20 >------------
//!   memories, δ    ------< 3 X20 >--------    read at neuron_base + index; factors in the same cycle
//!   products       ----------< 3 X20 >----
//!   θ write        __________/‾‾‾‾‾‾‾\____
//!   done           __________________/‾‾‾\    without the leak
//! ```

use crate::leaf::delay::Delay;
use crate::leaf::sign_extend::SignExtend;
use crate::leak::LeakUpdate;
use crate::noise::ColumnNoise;
use crate::prelude::*;
use crate::threshold::ThresholdUpdate;
use arch::noise::{LEAK_ROW, THRESHOLD_ROW, row_noise};

// What the two rows add to the seed's noise.
const _: () =
    assert!(row_noise(0, THRESHOLD_ROW) == 0 && row_noise(0, LEAK_ROW) == 0x24, "the kernel's literals");

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    Idle,
    /// Takes indices.
    Scan,
    /// Waits for the neurons on their way.
    Drain,
    /// Waits for the leak.
    Divide,
}

/// Neurons in memories of `2^NA` words; `SW` bits hold the sum of all δ·α̃ of a layer and its sign twice: 34 are
/// enough for 1023 neurons. `ST` registers stand behind the memories and behind the multipliers.
#[derive(LogicBlock, Default)]
pub struct Updates<const NA: usize, const ST: usize = 0, const SW: usize = 34> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Begins a pass.
    pub start: Signal<In, Bit>,
    /// Do the thresholds learn?
    pub learn_thresholds: Signal<In, Bit>,
    /// Does the leak learn?
    pub learn_leaks: Signal<In, Bit>,
    /// Address of the layer's first neuron.
    pub neuron_base: Signal<In, Bits<NA>>,
    /// S_θ, 8 … 24.
    pub threshold_shift: Signal<In, Bits<5>>,
    /// S_α, 8 … 31.
    pub leak_shift: Signal<In, Bits<5>>,
    /// [`Seed::folded`](crate::noise::Seed::folded).
    pub seed_folded: Signal<In, Bits<16>>,
    /// The layer's leak α.
    pub leak_in: Signal<In, Bits<16>>,
    /// Is there an index?
    pub index_valid: Signal<In, Bit>,
    /// It is taken.
    pub index_ready: Signal<Out, Bit>,
    /// Number of a neuron with an error, within the layer.
    pub index: Signal<In, Bits<16>>,
    /// No more indices.
    pub scan_done: Signal<In, Bit>,
    /// Reads θ, α̃ and m.
    pub memory_read_enable: Signal<Out, Bit>,
    /// Their address.
    pub memory_read_address: Signal<Out, Bits<NA>>,
    /// θ, from the next cycle on: the word's lower bits, as θ is 64 … 1024.
    pub threshold: Signal<In, Bits<11>>,
    /// α̃, signed.
    pub leak_trace: Signal<In, Bits<16>>,
    /// m, bits 0 … 7 of the neuron's state.
    pub threshold_trace: Signal<In, Bits<8>>,
    /// Reads δ.
    pub delta_enable: Signal<Out, Bit>,
    /// Number of its neuron, within the layer.
    pub delta_index: Signal<Out, Bits<16>>,
    /// δ, signed, from the next cycle on.
    pub delta: Signal<In, Bits<8>>,
    /// δ for both multipliers, signed.
    pub factor_delta: Signal<Out, Bits<16>>,
    /// Their other factors, signed: m + 32, shifted, and α̃.
    pub factor: [Signal<Out, Bits<16>>; 2],
    /// `factor_delta · factor`, signed, one cycle later.
    pub products: [Signal<In, Bits<32>>; 2],
    /// Writes θ.
    pub threshold_write_enable: Signal<Out, Bit>,
    /// Its address.
    pub threshold_write_address: Signal<Out, Bits<NA>>,
    /// Its new value.
    pub threshold_write_data: Signal<Out, Bits<16>>,
    /// Writes the layer's leak.
    pub leak_write: Signal<Out, Bit>,
    /// The new leak.
    pub leak_out: Signal<Out, Bits<16>>,
    /// A pass is going on.
    pub busy: Signal<Out, Bit>,
    /// Last cycle of the pass, after its last write.
    pub done: Signal<Out, Bit>,
    error: SignExtend<8, 16>,
    column_noise: ColumnNoise,
    update_threshold: ThresholdUpdate,
    update_leak: LeakUpdate<SW>,
    /// A neuron's number, address and words behind the memories.
    taken: Delay<1, ST>,
    location_late: Delay<16, ST>,
    address_late: Delay<NA, ST>,
    threshold_late: Delay<11, ST>,
    leak_trace_late: Delay<16, ST>,
    threshold_trace_late: Delay<8, ST>,
    delta_late: Delay<8, ST>,
    /// The same behind the multipliers.
    multiplied: Delay<1, ST>,
    multiplied_address: Delay<NA, ST>,
    old_threshold: Delay<11, ST>,
    noise: Delay<16, ST>,
    product: [Delay<32, ST>; 2],
    phase: DFF<Phase>,
    /// A neuron's words are there.
    read: DFF<Bit>,
    location: DFF<Bits<16>>,
    address: DFF<Bits<NA>>,
    /// Its new threshold is there.
    moved: DFF<Bit>,
    moved_address: DFF<Bits<NA>>,
    /// The leak's sum has something.
    summed: DFF<Bit>,
    take: Signal<Local, Bit>,
    read_address: Signal<Local, Bits<NA>>,
    starting: Signal<Local, Bit>,
    divide: Signal<Local, Bit>,
}

impl<const NA: usize, const ST: usize, const SW: usize> Logic for Updates<NA, ST, SW> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, read, location, address, moved, moved_address, summed);
        clock!(self, clock, update_threshold, update_leak);
        clock!(self, clock, taken, location_late, address_late, threshold_late, leak_trace_late);
        clock!(
            self,
            clock,
            threshold_trace_late,
            delta_late,
            multiplied,
            multiplied_address,
            old_threshold,
            noise
        );
        for i in 0..2 {
            self.product[i].clock.next = self.clock.val();
            self.product[i].early.next = self.products[i].val();
        }
        // An index becomes an address.
        self.index_ready.next = self.phase.q.val() == Phase::Scan;
        self.take.next = (self.phase.q.val() == Phase::Scan) && self.index_valid.val();
        self.read_address.next = self.neuron_base.val() + bit_cast::<NA, 16>(self.index.val());
        self.memory_read_enable.next = self.take.val();
        self.memory_read_address.next = self.read_address.val();
        self.delta_enable.next = self.take.val();
        self.delta_index.next = self.index.val();
        self.taken.early.next = self.take.val().into();
        self.location_late.early.next = self.index.val();
        self.address_late.early.next = self.read_address.val();
        self.read.d.next = self.taken.late.val().any();
        self.location.d.next = self.location_late.late.val();
        self.address.d.next = self.address_late.late.val();

        // What was read goes through the multipliers.
        self.threshold_late.early.next = self.threshold.val();
        self.leak_trace_late.early.next = self.leak_trace.val();
        self.threshold_trace_late.early.next = self.threshold_trace.val();
        self.delta_late.early.next = self.delta.val();
        self.error.narrow.next = self.delta_late.late.val();
        self.factor_delta.next = self.error.wide.val();
        self.column_noise.column.next = self.location.q.val();
        self.update_threshold.shift.next = self.threshold_shift.val();
        self.update_threshold.trace.next = self.threshold_trace_late.late.val();
        self.factor[0].next = self.update_threshold.factor.val();
        self.update_threshold.product.next = self.product[0].late.val();
        self.old_threshold.early.next = self.threshold_late.late.val();
        self.update_threshold.threshold.next = self.old_threshold.late.val();
        self.noise.early.next = self.seed_folded.val() ^ self.column_noise.noise.val();
        self.update_threshold.noise.next = self.noise.late.val();
        self.factor[1].next = self.leak_trace_late.late.val();
        self.update_leak.product.next = bit_cast::<24, 32>(self.product[1].late.val());
        self.update_leak.add.next = self.moved.q.val();
        self.multiplied.early.next = self.read.q.val().into();
        self.multiplied_address.early.next = self.address.q.val();
        self.moved.d.next = self.multiplied.late.val().any();
        self.moved_address.d.next = self.multiplied_address.late.val();

        // New values.
        self.threshold_write_enable.next = self.moved.q.val() && self.learn_thresholds.val();
        self.threshold_write_address.next = self.moved_address.q.val();
        self.threshold_write_data.next = self.update_threshold.moved.val();
        self.update_leak.shift.next = self.leak_shift.val();
        self.update_leak.noise.next = self.seed_folded.val() ^ 0x24;
        self.update_leak.leak.next = self.leak_in.val();
        self.leak_write.next = self.update_leak.ready.val();
        self.leak_out.next = self.update_leak.moved.val();

        self.starting.next = (self.phase.q.val() == Phase::Idle) && self.start.val();
        self.divide.next = (self.phase.q.val() == Phase::Drain)
            && !self.taken.late.val().any()
            && !self.read.q.val()
            && !self.multiplied.late.val().any()
            && self.summed.q.val()
            && self.learn_leaks.val();
        self.update_leak.clear.next = self.starting.val();
        self.update_leak.divide.next = self.divide.val();
        self.busy.next = self.phase.q.val() != Phase::Idle;
        self.done.next = false;
        if self.read.q.val() {
            self.summed.d.next = true;
        }
        match self.phase.q.val() {
            Phase::Idle => {
                self.summed.d.next = false;
                if self.starting.val() {
                    self.phase.d.next = Phase::Scan;
                }
            }
            Phase::Scan => {
                if self.scan_done.val() {
                    self.phase.d.next = Phase::Drain;
                }
            }
            Phase::Drain => {
                if self.divide.val() {
                    self.summed.d.next = false;
                    self.phase.d.next = Phase::Divide;
                } else if !self.taken.late.val().any()
                    && !self.read.q.val()
                    && !self.multiplied.late.val().any()
                    && !self.moved.q.val()
                {
                    self.done.next = true;
                    self.phase.d.next = Phase::Idle;
                }
            }
            Phase::Divide => {
                if self.update_leak.ready.val() {
                    self.phase.d.next = Phase::Drain;
                }
            }
        }
    }
}
