//! Steps F2, F3 and B1 of `docs/fixed-point.md` in plain integers, and deliberate mistakes in them.

use std::collections::BTreeSet;

use super::DRAIN;

/// What stays during a pass.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    pub outputs: usize,
    /// Neurons a cycle.
    pub width: usize,
    pub base: usize,
    pub fraction_bits: u32,
    pub surrogate: u32,
    pub alpha: i64,
    pub label: usize,
    pub clear: bool,
    pub learning: bool,
    pub with_loss: bool,
    /// The errors are the label's.
    pub by_label: bool,
    pub learn_thresholds: bool,
    pub learn_leaks: bool,
    pub traces: bool,
    pub output_layer: bool,
    pub current_valid: bool,
}

/// Memories of all layers, and the currents of this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Memories {
    pub membranes: Vec<i64>,
    pub thresholds: Vec<i64>,
    pub leak_traces: Vec<i64>,
    pub states: Vec<i64>,
    pub currents: Vec<i64>,
}

/// Everything a pass does.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub membranes: Vec<i64>,
    pub leak_traces: Vec<i64>,
    pub states: Vec<i64>,
    /// (kind, word, bits)
    pub bitmaps: BTreeSet<(u64, u64, u64)>,
    /// (neuron, δ)
    pub deltas: Vec<(u64, i64)>,
    /// (neuron, clear, spike, u)
    pub scores: Vec<(u64, bool, bool, i64)>,
    pub fired: u64,
    pub wrong: u64,
    pub cycles: u64,
}

/// What the expectation may get wrong, so that a test is seen to notice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    None,
    DecayRoundsDown,
    PotentialWraps,
    LeakTraceWraps,
    ThresholdTraceWraps,
    InputRoundsDown,
    InputWraps,
    ThresholdExcluded,
    ResetToZero,
    SpikeAfterUse,
    MembraneAfterUse,
    TracesKeptInInference,
    TriangleRoundsUp,
    RectangleClosed,
    ShiftEndsEarly,
    DeltaRoundsDown,
    OpenInOutputLayer,
    LabelBesideHost,
    ScoreAfterReset,
    /// Neighbours get each other's current.
    NeighboursSwapped,
    /// The places behind the last neuron keep their words.
    PaddingStays,
    /// They are neurons.
    PaddingFires,
}

pub const FAULTS: [Fault; 21] = [
    Fault::DecayRoundsDown,
    Fault::PotentialWraps,
    Fault::LeakTraceWraps,
    Fault::ThresholdTraceWraps,
    Fault::InputRoundsDown,
    Fault::InputWraps,
    Fault::ThresholdExcluded,
    Fault::ResetToZero,
    Fault::SpikeAfterUse,
    Fault::MembraneAfterUse,
    Fault::TracesKeptInInference,
    Fault::TriangleRoundsUp,
    Fault::RectangleClosed,
    Fault::ShiftEndsEarly,
    Fault::DeltaRoundsDown,
    Fault::OpenInOutputLayer,
    Fault::LabelBesideHost,
    Fault::ScoreAfterReset,
    Fault::NeighboursSwapped,
    Fault::PaddingStays,
    Fault::PaddingFires,
];

pub fn limited(value: i64, bits: u32, wraps: bool) -> i64 {
    if wraps {
        return value << (64 - bits) >> (64 - bits);
    }
    value.clamp(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
}

/// q(I).
pub fn converted(current: i64, fraction_bits: u32, fault: Fault) -> i64 {
    let shifted = match fraction_bits {
        ..=8 => current << (8 - fraction_bits),
        _ if fault == Fault::InputRoundsDown => current >> (fraction_bits - 8),
        _ => (current + (1 << (fraction_bits - 9))) >> (fraction_bits - 8),
    };
    limited(shifted, 16, fault == Fault::InputWraps)
}

pub fn decayed(alpha: i64, value: i64, fault: Fault) -> i64 {
    (alpha * value + if fault == Fault::DecayRoundsDown { 0 } else { 128 }) >> 8
}

/// φ(d), 0 … 128.
pub fn phi(surrogate: u32, d: i64, fault: Fault) -> i64 {
    let d = d.abs();
    match surrogate {
        0 if d < if fault == Fault::ShiftEndsEarly { 1792 } else { 2048 } => 128 >> (d >> 8),
        1 if d < if fault == Fault::RectangleClosed { 127 } else { 128 } => 128,
        2 => ((256 - d).max(0) + i64::from(fault == Fault::TriangleRoundsUp)) >> 1,
        _ => 0,
    }
}

/// δ = sat((e·φ + 64) >> 7).
pub fn delta(error: i64, phi: i64, fault: Fault) -> i64 {
    limited((error * phi + if fault == Fault::DeltaRoundsDown { 0 } else { 64 }) >> 7, 8, false)
}

/// A pass as the contract has it.
pub fn expected(pass: &Pass, memories: &Memories, fault: Fault) -> Outcome {
    let taught = pass.learning && pass.with_loss && !pass.clear;
    let mut out = Outcome {
        membranes: memories.membranes.clone(),
        leak_traces: memories.leak_traces.clone(),
        states: memories.states.clone(),
        bitmaps: BTreeSet::new(),
        deltas: Vec::new(),
        scores: Vec::new(),
        fired: 0,
        wrong: 0,
        // Three words of the last bitmap word wait for those of the one before.
        cycles: pass.outputs.div_ceil(pass.width) as u64
            + DRAIN
            + if pass.outputs > 16 {
                let last = (pass.outputs % 16).div_ceil(pass.width);
                [0, 2, 1].get(last).copied().unwrap_or(0)
            } else {
                0
            },
    };
    let mut words = vec![[0u64; 3]; pass.outputs.div_ceil(16)];
    for i in 0..pass.outputs {
        let at = pass.base + i;
        let (v, theta, state) = (memories.membranes[at], memories.thresholds[at], memories.states[at]);
        let (s, m) = (state >> 15 & 1, state & 255);
        let of = if fault == Fault::NeighboursSwapped { (i ^ 1).min(pass.outputs - 1) } else { i };
        let current = if pass.current_valid { memories.currents[of] } else { 0 };
        let u = limited(
            decayed(pass.alpha, v, fault) + converted(current, pass.fraction_bits, fault),
            16,
            fault == Fault::PotentialWraps,
        );
        let new_s = i64::from(if fault == Fault::ThresholdExcluded { u > theta } else { u >= theta });
        let new_v = if fault == Fault::ResetToZero { u * (1 - new_s) } else { u - theta * new_s };
        let phi = phi(pass.surrogate, u - theta, fault);

        let past = i64::from(pass.traces);
        let keep = |learns: bool| learns && (pass.learning || fault == Fault::TracesKeptInInference);
        let used_s = if fault == Fault::SpikeAfterUse { new_s } else { s };
        let used_v = if fault == Fault::MembraneAfterUse { new_v } else { v };
        let trace = (pass.alpha * (past * m + 32 * used_s)) >> 8;
        let new_m = if fault == Fault::ThresholdTraceWraps { trace & 255 } else { trace.min(255) };
        let new_m = new_m * i64::from(keep(pass.learn_thresholds));
        let leak = decayed(pass.alpha, past * memories.leak_traces[at], fault) + used_v;
        let new_leak = limited(leak, 16, fault == Fault::LeakTraceWraps) * i64::from(keep(pass.learn_leaks));

        let wanted = i64::from(i == pass.label);
        let lives = i64::from(!pass.clear);
        out.membranes[at] = new_v * lives;
        out.leak_traces[at] = new_leak * lives;
        out.states[at] = (new_s << 15 | (phi - 1).max(0) << 8 | new_m) * lives;
        let mut error = 0;
        let by_label = pass.by_label || fault == Fault::LabelBesideHost;
        if pass.output_layer && taught && by_label {
            error = delta(64 * (new_s - wanted), phi, fault);
        }
        if taught || pass.clear {
            out.deltas.push((i as u64, error));
        }
        if pass.output_layer && pass.clear {
            out.scores.push((i as u64, true, false, 0));
        } else if pass.output_layer && pass.with_loss {
            let score = if fault == Fault::ScoreAfterReset { new_v } else { u };
            out.scores.push((i as u64, false, new_s == 1, score));
            out.wrong += u64::from(new_s != wanted && by_label);
        }
        let fires = lives * new_s == 1;
        let opens = taught && phi != 0 && (!pass.output_layer || fault == Fault::OpenInOutputLayer);
        out.fired += u64::from(fires);
        for (kind, bit) in [fires, opens, error != 0].into_iter().enumerate() {
            words[i / 16][kind] |= u64::from(bit) << (i % 16);
        }
    }
    for i in pass.outputs..pass.outputs.next_multiple_of(pass.width) {
        let at = pass.base + i;
        if fault == Fault::PaddingFires {
            words[i / 16][0] |= 1 << (i % 16);
            out.fired += 1;
        }
        if fault != Fault::PaddingStays {
            (out.membranes[at], out.leak_traces[at], out.states[at]) = (0, 0, 0);
        }
    }
    for (number, word) in words.iter().enumerate() {
        out.bitmaps.extend((0..3).map(|kind| (kind as u64, number as u64, word[kind])));
    }
    out
}
