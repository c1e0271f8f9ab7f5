//! Record: a layer of the network as the engine's table holds it, made from its descriptor.

use arch::{Capacity, Descriptor};

/// Words of a record; 10 are used.
pub const RECORD_WORDS: usize = 16;
/// The word with the leak, which learning writes.
pub const LEAK_WORD: usize = 8;

/// The record of a layer of an engine of this capacity, with its leak as learned so far.
///
/// | word | holds |
/// |---|---|
/// | 0, 1 | inputs, outputs |
/// | 2 | words of a row, less one |
/// | 3 | first word of the rows |
/// | 4, 5 | first neuron, first weight trace |
/// | 6 | bits 0–4 the descriptor's flags, 8–9 surrogate, 12–15 weight fraction bits |
/// | 7 | bits 0–3 16 − S_w, 4–8 S_θ, 9–13 S_α |
/// | 8 | leak |
pub fn record(descriptor: &Descriptor, leak: u16, capacity: &Capacity) -> [u16; RECORD_WORDS] {
    let d = descriptor;
    let (outputs, lanes) = (d.output.size(), u32::from(capacity.lanes));
    let flags = [d.learn.weights, d.learn.thresholds, d.learn.leaks, d.learn.traces, d.output_layer];
    let flags: u16 = flags.iter().enumerate().map(|(bit, &on)| u16::from(on) << bit).sum();
    let mut words = [0; RECORD_WORDS];
    // A layout's numbers fit: that is what makes it one.
    words[0] = d.input.size() as u16;
    words[1] = outputs as u16;
    words[2] = (outputs.div_ceil(lanes) - 1) as u16;
    words[3] = (d.row_base / lanes) as u16;
    words[4] = d.neuron_base as u16;
    words[5] = d.trace_base as u16;
    words[6] = flags | (d.surrogate as u16) << 8 | u16::from(d.weight_fraction_bits) << 12;
    words[7] =
        u16::from(16 - d.shifts.weight) | u16::from(d.shifts.threshold) << 4 | u16::from(d.shifts.leak) << 9;
    words[LEAK_WORD] = leak;
    words
}
