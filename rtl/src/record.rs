//! Record: a layer of the network as the engine's table holds it, made from its descriptor.

use arch::{Capacity, Descriptor};

/// Words of a record; 13 are used.
pub const RECORD_WORDS: usize = 16;
/// The word with the leak, which learning writes.
pub const LEAK_WORD: usize = 8;

/// The record of a layer of an engine of this capacity, with its leak as learned so far.
///
/// | word | holds |
/// |---|---|
/// | 0 | the descriptor's flags |
/// | 1, 2 | inputs, outputs |
/// | 3 | first word of the rows |
/// | 4, 5 | first neuron, first weight trace |
/// | 6, 7 | weight fraction bits, surrogate |
/// | 8 | leak |
/// | 9, 10, 11 | 16 − S_w, S_θ, S_α |
/// | 12 | words of a row, less one |
///
/// Each is a word of its own, in the order in which the descriptor's words come, because activation handles a byte at a time.
pub fn record(descriptor: &Descriptor, leak: u16, capacity: &Capacity) -> [u16; RECORD_WORDS] {
    let d = descriptor;
    let (outputs, lanes) = (d.output.size(), u32::from(capacity.lanes));
    let flags = [d.learn.weights, d.learn.thresholds, d.learn.leaks, d.learn.traces, d.output_layer];
    let flags: u16 = flags.iter().enumerate().map(|(bit, &on)| u16::from(on) << bit).sum();
    let mut words = [0; RECORD_WORDS];
    // A layout's numbers fit: that is what makes it one.
    words[0] = flags;
    words[1] = d.input.size() as u16;
    words[2] = outputs as u16;
    words[3] = (d.row_base / lanes) as u16;
    words[4] = d.neuron_base as u16;
    words[5] = d.trace_base as u16;
    words[6] = d.weight_fraction_bits.into();
    words[7] = d.surrogate as u16;
    words[9] = (16 - d.shifts.weight).into();
    words[10] = d.shifts.threshold.into();
    words[11] = d.shifts.leak.into();
    words[12] = (outputs.div_ceil(lanes) - 1) as u16;
    words[LEAK_WORD] = leak;
    words
}
