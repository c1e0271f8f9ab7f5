//! Activation: holds a table of descriptors against what the engine can run, and writes the engine's layer table from it.
//!
//! Refused is what [`arch::Layout::network`] refuses, updates once a sample, and a surrogate that is not among
//! [`FEATURES`](super::FEATURES). A table that is refused leaves the layer table half written: no network is active then.
//!
//! ```text
//!   each word of each descriptor ─┬─ one value ──────────────────────┬─> next word
//!                                 ├─ a range, flags ─┐               │
//!                                 ├─ a side: × size ─┼─> layer table ┘
//!                                 └─ a base ─────────┘   in the order of the words, see `record`
//! ```
//!
//! Products and quotients are repeated sums: a byte at a time there is nothing faster, and they end at the engine's capacity.

use super::place::*;
use crate::instruction::Condition::*;
use crate::instruction::Operand::{At, Next};
use crate::instruction::Port::{Descriptor0, Descriptor1};
use crate::instruction::{Assembler, Operand, pulse};
use crate::record::{LEAK_WORD, RECORD_WORDS};
use arch::Capacity;
use arch::descriptor::{DESCRIPTOR_WORDS, LEAK_SHIFTS, THRESHOLD_SHIFTS, weight_shifts};
use arch::network::Updates;
use arch::registers::{Space, features};

/// The layer table's address space, of the program alone: no space of the wire.
pub const TABLE_SPACE: u8 = 14;

const _: () = assert!(TABLE_SPACE as usize >= arch::registers::SPACES.len() && TABLE_SPACE < 16);

/// The surrogates that are built in have codes up to this.
const LAST_SURROGATE: u8 = arch::Surrogate::Rectangle as u8;
const _: () = assert!(super::FEATURES == features::RECTANGLE, "the code above, and no updates once a sample");
/// The flag of the output layer; above it nothing is built, below it any may be set.
const OUTPUT_LAYER: u8 = 1 << 4;

/// Where the layer's regions begin, as its descriptor must have it: weights, neurons, traces.
const BASES: u8 = ELEMENT_PLACE + 1;
const WEIGHTS: [Operand; 3] = [At(BASES), At(BASES + 1), At(BASES + 6)];
const NEURONS: [Operand; 2] = [At(BASES + 2), At(BASES + 3)];
const TRACES: [Operand; 2] = [At(BASES + 4), At(BASES + 5)];
/// Where its weights begin, in words.
const ROWS: [Operand; 2] = [At(BASES + 7), At(BASES + 8)];
/// Descriptor word that is read next, word of the layer table that is written next, layer.
const CURSORS: u8 = HEAD;
const DESCRIPTOR: [Operand; 2] = [At(CURSORS), At(CURSORS + 1)];
const RECORD: [Operand; 2] = [At(CURSORS + 2), At(CURSORS + 3)];
const LAYER: Operand = At(CURSORS + 4);
/// 0 where a region ends at a multiple of the alignment.
const PHASE: Operand = At(CURSORS + 5);
/// The word's number, counted so that 0 is behind the last.
const WORD: Operand = At(CURSORS + 6);
/// The word; of a shape its size so far, and the next product; of a row its weights with padding, and its words.
const WORKING: u8 = SAMPLE + 1;
const VALUE: [Operand; 2] = [At(WORKING), At(WORKING + 1)];
const SIZE: [Operand; 2] = [At(WORKING + 2), At(WORKING + 3)];
const SUM: [Operand; 2] = [At(WORKING + 4), At(WORKING + 5)];
const PITCH: [Operand; 2] = SIZE;
const ROW_WORDS: Operand = SUM[0];

/// What [`WORD`] is at this word of a descriptor.
const fn at(word: u8) -> u8 {
    word.wrapping_sub(DESCRIPTOR_WORDS as u8)
}

/// Activates as many descriptors as the element says, which are not 0 and no more than the engine's layers.
pub fn activation(p: &mut Assembler, capacity: &Capacity) {
    let lanes = u8::try_from(capacity.lanes).expect("lanes, a byte");
    assert!(lanes.is_power_of_two(), "bases are aligned by doubling");
    // A size from here on is too large, whatever is left of it.
    let too_large = (capacity.inputs.max(capacity.neurons) >> 8) + 1;
    let too_large = u8::try_from(too_large).expect("sizes of 16 bits");
    assert!(too_large < 0x80, "the sum of two sizes has 16 bits");
    assert!((u32::from(too_large) << 8) / u32::from(lanes) < 256, "words of a row, a byte");
    assert!(capacity.synapses / u32::from(lanes) <= 1 << 15, "sums of rows have 16 bits");

    begin(p);
    read_word(p);
    one_value(p);
    next_layer(p, capacity);
    flags(p);
    bases(p);
    sides(p, too_large);
    settings(p, capacity);
    write(p);
    place_layer(p, capacity, lanes);
}

fn begin(p: &mut Assembler) {
    p.point(BASES);
    for _ in 0..9 {
        p.put(0);
    }
    p.point(CURSORS);
    for _ in 0..6 {
        p.put(0);
    }
    p.put(at(0));
}

/// Reads a word and goes to what judges it; the accumulator then holds which it is.
fn read_word(p: &mut Assembler) {
    p.label("descriptor word");
    p.out(DESCRIPTOR[0]);
    p.out(DESCRIPTOR[1]);
    p.out((Space::Descriptors as u8) << 4);
    p.pulse(pulse::READ);
    p.point(WORKING);
    p.put(Descriptor0);
    p.put(Descriptor1);
    p.load(1);
    p.increase(DESCRIPTOR[0]);
    p.load(0);
    p.increase_carry(DESCRIPTOR[1]);

    p.load(WORD);
    for (word, label) in [(20, "setting"), (14, "base"), (11, "side"), (7, "zero"), (4, "side")] {
        p.compare(at(word));
        p.jump(Carry, label);
    }
    p.compare(at(1));
    p.jump(Zero, "flags");
    p.jump(NoCarry, "kind");
    p.compare(at(3));
    p.jump(Zero, "zero");
}

/// The words that must have one value, which a byte holds.
fn one_value(p: &mut Assembler) {
    // The source.
    p.load(LAYER);
    p.go("one value");
    p.label("kind");
    p.load(1);
    p.go("one value");
    p.label("zero");
    p.load(0);
    p.label("one value");
    p.compare(VALUE[0]);
    p.jump(NotZero, "bad descriptor");
    p.load(VALUE[1]);
    p.jump(NotZero, "bad descriptor");
}

fn next_layer(p: &mut Assembler, capacity: &Capacity) {
    p.label("next word");
    p.load(1);
    p.increase(WORD);
    p.jump(NotZero, "descriptor word");
    p.increase(LAYER);
    p.load(LAYER);
    p.compare(ELEMENT[0]);
    p.jump(Zero, "all layers");
    p.set(WORD, at(0));
    p.load(RECORD_WORDS as u8 - 13);
    p.increase(RECORD[0]);
    p.load(0);
    p.increase_carry(RECORD[1]);
    p.go("descriptor word");

    p.label("all layers");
    within(p, capacity.classes.min(capacity.neurons), OUTPUTS);
    p.pulse(pulse::ACTIVATE);
    p.set(LAYERS, ELEMENT[0]);
    p.go("done");
}

/// Refuses what is more.
fn within(p: &mut Assembler, most: u32, number: [Operand; 2]) {
    let [low, high] = u16::try_from(most).expect("16 bits").to_le_bytes();
    p.load(low);
    p.compare(number[0]);
    p.load(high);
    p.compare_borrow(number[1]);
    p.jump(NoCarry, "bad descriptor");
}

fn flags(p: &mut Assembler) {
    p.label("flags");
    // The carry says that it is the last layer, the only one with its flag.
    p.load(1);
    p.add(LAYER);
    p.compare(ELEMENT[0]);
    p.load(VALUE[0]);
    p.jump(NoCarry, "hidden");
    p.subtract(OUTPUT_LAYER);
    p.label("hidden");
    p.compare(OUTPUT_LAYER);
    p.jump(NoCarry, "one byte");
    p.go("bad descriptor");
}

fn bases(p: &mut Assembler) {
    p.label("base");
    p.compare(at(15));
    p.jump(Zero, "upper");
    for upper in [17, 19] {
        p.compare(at(upper));
        p.jump(Zero, "zero");
    }
    p.point_from(BASES.wrapping_sub(at(14)));
    for value in VALUE {
        p.load(value);
        p.compare(Next);
        p.jump(NotZero, "bad descriptor");
    }
    p.load(WORD);
    p.compare(at(14));
    p.jump(NotZero, "write word");
    // The engine counts words, and cannot be told by shifting here.
    p.out(ROWS[0]);
    p.out(ROWS[1]);
    p.go("write it");
    p.label("upper");
    p.load(WEIGHTS[2]);
    p.go("one value");
}

/// Multiplies the sides of a shape.
fn sides(p: &mut Assembler, too_large: u8) {
    p.label("side");
    p.compare(at(4));
    p.jump(Zero, "first side");
    p.compare(at(11));
    p.jump(NotZero, "further side");
    p.label("first side");
    p.set(SIZE[0], 1);
    p.set(SIZE[1], 0);
    p.label("further side");
    p.set(SUM[0], 0);
    p.store(SUM[1]);
    p.label("multiply");
    p.decrease(VALUE);
    p.jump(NoCarry, "product");
    p.load(SIZE[0]);
    p.increase(SUM[0]);
    p.load(SIZE[1]);
    p.increase_carry(SUM[1]);
    p.load(SUM[1]);
    p.compare(too_large);
    p.jump(NoCarry, "multiply");
    p.go("bad descriptor");

    p.label("product");
    p.set(SIZE[0], SUM[0]);
    p.set(SIZE[1], SUM[1]);
    p.test_also(SIZE[0]);
    p.jump(Zero, "bad descriptor");
    p.load(WORD);
    p.compare(at(6));
    p.jump(Zero, "inputs");
    p.compare(at(13));
    p.jump(NotZero, "next word");
    for (place, size) in OUTPUTS.into_iter().zip(SIZE) {
        p.set(place, size);
        p.out(size);
    }
    p.go("write it");

    p.label("inputs");
    for (place, size) in INPUTS.into_iter().zip(SIZE) {
        p.set(place, size);
        p.out(size);
    }
    p.test(LAYER);
    p.jump(Zero, "first layer");
    // As many as the layer before has outputs.
    for (inputs, outputs) in SIZE.into_iter().zip(OUTPUTS) {
        p.load(inputs);
        p.compare(outputs);
        p.jump(NotZero, "bad descriptor");
    }
    p.go("write it");
    p.label("first layer");
    p.pulse(pulse::INPUTS);
    p.go("write it");
}

/// What lies within a range, and the words behind it.
fn settings(p: &mut Assembler, capacity: &Capacity) {
    let fractions = capacity.weight_bits.fraction_bits();
    let shifts = weight_shifts(capacity.weight_bits, Updates::Online);
    p.label("setting");
    p.compare(at(25));
    p.jump(Zero, "place layer");
    p.jump(Carry, "zero");
    p.compare(at(21));
    p.jump(Zero, "surrogate");
    p.jump(NoCarry, "fraction bits");
    p.compare(at(23));
    p.jump(Zero, "threshold shift");
    p.jump(Carry, "leak shift");

    // The shift of weights: 16 less it, behind the leak.
    const { assert!(LEAK_WORD == 8, "the ninth word") };
    p.load(1);
    p.increase(RECORD[0]);
    assert!(*shifts.end() == 16, "it lacks nothing to 16");
    p.load(VALUE[0]);
    p.compare(*shifts.start());
    p.jump(NoCarry, "bad descriptor");
    p.load(16);
    p.subtract(VALUE[0]);
    p.jump(NoCarry, "bad descriptor");
    p.store(VALUE[0]);
    p.go("one byte");

    for (label, range) in [
        ("surrogate", 0..=LAST_SURROGATE),
        ("fraction bits", fractions),
        ("threshold shift", THRESHOLD_SHIFTS),
        ("leak shift", LEAK_SHIFTS),
    ] {
        p.label(label);
        p.load(VALUE[0]);
        p.compare(*range.start());
        p.jump(NoCarry, "bad descriptor");
        p.compare(*range.end() + 1);
        p.go("in its range");
    }
    p.label("in its range");
    p.jump(Carry, "bad descriptor");
    p.label("one byte");
    p.load(VALUE[1]);
    p.jump(NotZero, "bad descriptor");
}

/// Writes a word of the layer table.
fn write(p: &mut Assembler) {
    p.label("write word");
    p.out(VALUE[0]);
    p.out(VALUE[1]);
    p.label("write it");
    p.out(RECORD[0]);
    p.out(RECORD[1]);
    p.out(TABLE_SPACE << 4);
    p.pulse(pulse::WRITE);
    p.load(1);
    p.increase(RECORD[0]);
    p.load(0);
    p.increase_carry(RECORD[1]);
    p.go("next word");
}

/// Where the next layer's regions begin. A reserved word's place: all that was to be known is.
fn place_layer(p: &mut Assembler, capacity: &Capacity, lanes: u8) {
    let alignment = capacity.alignment();
    assert!(alignment <= 256, "`PHASE` is a byte");
    let phase = |places: u16| (256 / alignment * places) as u8;
    p.label("place layer");
    p.test(VALUE[0]);
    p.test_also(VALUE[1]);
    p.jump(NotZero, "bad descriptor");
    // The outputs in words of lanes, and the neurons on to their alignment.
    p.point(WORKING + 2);
    for _ in 0..3 {
        p.put(0);
    }
    p.label("row");
    p.load(PITCH[0]);
    p.compare(OUTPUTS[0]);
    p.load(PITCH[1]);
    p.compare_borrow(OUTPUTS[1]);
    p.jump(Carry, "whole row");
    add(p, lanes, PITCH);
    p.load(1);
    p.increase(ROW_WORDS);
    p.label("pad neurons");
    add(p, lanes, NEURONS);
    p.load(phase(lanes.into()));
    p.increase(PHASE);
    p.go("row");
    p.label("whole row");
    p.test(PHASE);
    p.jump(NotZero, "pad neurons");

    // The rows, and the traces on to their alignment.
    p.label("rows");
    p.test(INPUTS[0]);
    p.test_also(INPUTS[1]);
    p.jump(Zero, "all rows");
    p.decrease(INPUTS);
    p.load(ROW_WORDS);
    p.increase(ROWS[0]);
    p.load(0);
    p.increase_carry(ROWS[1]);
    p.load(PITCH[0]);
    p.increase(WEIGHTS[0]);
    p.load(PITCH[1]);
    p.increase_carry(WEIGHTS[1]);
    p.load(0);
    p.increase_carry(WEIGHTS[2]);
    within(p, capacity.synapses / u32::from(lanes), ROWS);
    p.label("pad traces");
    add(p, 1, TRACES);
    p.load(phase(1));
    p.increase(PHASE);
    p.go("rows");
    p.label("all rows");
    p.test(PHASE);
    p.jump(NotZero, "pad traces");

    within(p, capacity.neurons, NEURONS);
    within(p, capacity.inputs, TRACES);
    p.load(0xff);
    p.out_sum(ROW_WORDS);
    p.out(0);
    p.go("write it");
}

fn add(p: &mut Assembler, number: u8, sum: [Operand; 2]) {
    p.load(number);
    p.increase(sum[0]);
    p.load(0);
    p.increase_carry(sum[1]);
}
