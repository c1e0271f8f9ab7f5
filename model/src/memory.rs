//! How much memory does a training step hold? Counted once, for the formulas and for the buffers.
//!
//! [`Buffers::of`] says how many values of each kind a layer keeps between the start and the end of a training
//! sample. The float model allocates its state ([`crate::float::LayerState`]) and its back-propagation-through-time
//! history ([`crate::float::bptt::LayerHistory`]) from the same counts, so the printed formula and the running
//! program cannot disagree; `cargo bench -p model --bench memory` counts the allocator's bytes to show it.
//!
//! With N neurons, `N_in` inputs, T steps and b the width of a value in bits, per layer:
//!
//! | method | bits |
//! |---|---|
//! | BPTT | `T (N b_u + N_in b_s) + 2 N b_δ` |
//! | STOP-W | `N (b_u + b_s + b_δ) + N_in b_w̃` |
//! | STOP, thresholds too | `+ N b_θ̃` |
//! | STOP, leaks too | `+ N b_α̃` |
//! | no trace | `N (b_u + b_s + b_δ) + N_in b_s` |
//!
//! BPTT keeps each step's membranes and input spikes (the layer's own spikes follow from the membranes) and two
//! error vectors: the one being computed and the one carried back from the following step. Parameters, and an
//! accumulator for each where updates wait for the end of a sample, are the same for every method and not counted.

use arch::network::Learn;
use serde::Serialize;

/// Bits of one value of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Widths {
    /// Membrane u.
    pub membrane: u64,
    /// Spike, of the layer or of its input.
    pub spike: u64,
    /// Error δ.
    pub error: u64,
    /// Weight trace w̃.
    pub weight_trace: u64,
    /// Threshold trace θ̃.
    pub threshold_trace: u64,
    /// Leak trace α̃.
    pub leak_trace: u64,
}

impl Widths {
    /// The formats of the datapath ([`arch::formats`]).
    pub const HARDWARE: Self =
        Self { membrane: 16, spike: 1, error: 8, weight_trace: 8, threshold_trace: 8, leak_trace: 16 };

    /// A float model whose scalar has `bits` bits; it keeps a spike in a byte.
    pub const fn float(bits: u64) -> Self {
        Self {
            membrane: bits,
            spike: 8,
            error: bits,
            weight_trace: bits,
            threshold_trace: bits,
            leak_trace: bits,
        }
    }

    /// The widths of the float model over the scalar `F`.
    pub const fn of<F>() -> Self {
        Self::float(8 * size_of::<F>() as u64)
    }
}

/// How gradients are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Forward traces, for the parameters that learn.
    Stop(Learn),
    /// Back-propagation through this many time steps.
    Bptt {
        /// Time steps T of a sample.
        steps: usize,
    },
}

/// Numbers of values of each kind that one layer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Buffers {
    /// Membranes u.
    pub membranes: usize,
    /// The layer's spikes.
    pub spikes: usize,
    /// The layer's input spikes.
    pub input_spikes: usize,
    /// Errors δ.
    pub errors: usize,
    /// Weight traces w̃.
    pub weight_traces: usize,
    /// Threshold traces θ̃.
    pub threshold_traces: usize,
    /// Leak traces α̃.
    pub leak_traces: usize,
}

impl Buffers {
    /// What a layer of `neurons` neurons behind `inputs` input locations holds.
    pub fn of(method: Method, inputs: usize, neurons: usize) -> Self {
        match method {
            Method::Bptt { steps } => Self {
                membranes: steps * neurons,
                input_spikes: steps * inputs,
                errors: 2 * neurons,
                ..Self::default()
            },
            Method::Stop(learn) => Self {
                membranes: neurons,
                spikes: neurons,
                input_spikes: if learn.weights && !learn.traces { inputs } else { 0 },
                errors: neurons,
                weight_traces: if learn.weights && learn.traces { inputs } else { 0 },
                threshold_traces: if learn.thresholds { neurons } else { 0 },
                leak_traces: if learn.leaks { neurons } else { 0 },
            },
        }
    }

    /// Their size in bits.
    pub fn bits(&self, widths: &Widths) -> u64 {
        let spikes = self.spikes + self.input_spikes;
        self.membranes as u64 * widths.membrane
            + spikes as u64 * widths.spike
            + self.errors as u64 * widths.error
            + self.weight_traces as u64 * widths.weight_trace
            + self.threshold_traces as u64 * widths.threshold_trace
            + self.leak_traces as u64 * widths.leak_trace
    }
}

/// Bits that training a dense network holds: `sizes` is its inputs followed by the neurons of each layer.
pub fn network_bits(method: Method, sizes: &[usize], widths: &Widths) -> u64 {
    sizes.windows(2).map(|pair| Buffers::of(method, pair[0], pair[1]).bits(widths)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formulas of the module's table, written out for hardware widths and 578-200-10.
    #[test]
    fn counts_agree_with_the_formulas() {
        let sizes = [578, 200, 10];
        let bits = |method| network_bits(method, &sizes, &Widths::HARDWARE);
        let stop_w = 210 * (16 + 1 + 8) + 778 * 8;
        assert_eq!(bits(Method::Stop(Learn::W)), stop_w);
        assert_eq!(bits(Method::Stop(Learn::WT)), stop_w + 210 * 8);
        assert_eq!(bits(Method::Stop(Learn::WL)), stop_w + 210 * 16);
        assert_eq!(bits(Method::Stop(Learn::WTL)), stop_w + 210 * 24);
        assert_eq!(bits(Method::Stop(Learn::NO_TRACE)), 210 * 25 + 778);
        for steps in [1, 16, 256] {
            let bptt = steps as u64 * (210 * 16 + 778) + 2 * 210 * 8;
            assert_eq!(bits(Method::Bptt { steps }), bptt);
        }
    }
}
