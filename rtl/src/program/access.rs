//! Read and write: elements of an address space, all checked before any is written.

use super::{place::*, refuse};
use crate::instruction::Condition::*;
use crate::instruction::Operand::Next;
use crate::instruction::Port::{Descriptor0, Descriptor1, Frame, Value0, Value1, Value2, Value3};
use crate::instruction::{Assembler, pulse};
use arch::Identity;
use arch::formats::{LEAK_MAX, LEAK_MIN, THRESHOLD_MAX, THRESHOLD_MIN};
use arch::protocol::{ANSWER, KEPT_ANSWER_BYTES, Opcode, Status};
use arch::registers::{SPACES, Space};

/// Both, but for the registers' own.
pub fn access(p: &mut Assembler, identity: &Identity) {
    read(p, identity);
    write(p);
    range(p);
    engine_address(p);
    elements_read(p);
    elements_written(p);
    refuse(p, "bad length", Status::BadLength);
    refuse(p, "bad address", Status::BadAddress);
    refuse(p, "read only", Status::ReadOnly);
    refuse(p, "bad value", Status::BadValue);
    refuse(p, "sample open", Status::SampleOpen);
}

/// Sets the width of an element of the space, if there are more spaces than its code.
fn width(p: &mut Assembler, spaces: u8) {
    p.load(SPACE);
    p.compare(spaces);
    p.jump(Carry, "bad address");
    p.point_from(WIDTHS);
    p.set(WIDTH, Next);
}

fn read(p: &mut Assembler, identity: &Identity) {
    p.label("read");
    p.load(GOT);
    p.compare(7);
    p.jump(NotZero, "bad length");
    p.jump(More, "bad length");
    width(p, OUTPUT_ERRORS);
    // The answer's length, which two bytes hold if the count is below 512.
    p.load(COUNT[1]);
    p.compare(2);
    p.jump(Carry, "bad length");
    p.set(TOTAL[0], 1);
    p.set(TOTAL[1], 0);
    p.set(PART, WIDTH);
    p.label("total");
    p.load(COUNT[0]);
    p.increase(TOTAL[0]);
    p.load(COUNT[1]);
    p.increase_carry(TOTAL[1]);
    p.load(0xff);
    p.increase(PART);
    p.jump(NotZero, "total");
    let [low, high] = (identity.max_payload as u16).to_le_bytes();
    p.load(low);
    p.compare(TOTAL[0]);
    p.load(high);
    p.compare_borrow(TOTAL[1]);
    p.jump(NoCarry, "bad length");
    p.go("range");

    p.label("read in range");
    p.load(TOTAL[1]);
    p.jump(NotZero, "long");
    p.load(TOTAL[0]);
    p.compare(KEPT_ANSWER_BYTES as u8 + 1);
    p.jump(Carry, "long");
    p.load(SLOT);
    p.add(3);
    p.store(KEEP);
    p.go("engine address");
    p.label("long");
    p.set(KEEP, ELEMENT_PLACE);
    p.load(SLOT);
    p.point_from(0);
    p.put(Opcode::Read as u8);
    p.put(0);
    p.send(NUMBER);
    p.send(Opcode::Read as u8 | ANSWER);
    p.send(Status::Ok as u8);
    p.go("engine address");
}

/// Counts the elements and looks at their values.
fn write(p: &mut Assembler) {
    p.label("write");
    p.load(GOT);
    p.compare(5);
    p.jump(NoCarry, "bad length");
    width(p, SPACES.len() as u8);
    p.pulse(pulse::REWIND);
    for _ in 0..5 {
        p.load(Frame);
    }
    p.pulse(pulse::RELEASE);
    p.set(COUNT[0], 0);
    p.store(COUNT[1]);
    p.store(FLAW);

    p.label("check");
    p.jump(Over, "counted");
    p.load(1);
    p.increase(COUNT[0]);
    p.load(0);
    p.increase_carry(COUNT[1]);
    p.point(ELEMENT_PLACE);
    p.put(Frame);
    p.load(WIDTH);
    p.compare(1);
    p.jump(Zero, "check");
    p.jump(Over, "bad length");
    p.put(Frame);
    p.compare(2);
    p.jump(Zero, "two bytes");
    p.jump(Over, "bad length");
    p.put(Frame);
    p.jump(Over, "bad length");
    p.put(Frame);
    p.go("check");

    p.label("two bytes");
    p.load(SPACE);
    p.compare(Space::Thresholds as u8);
    p.jump(Zero, "threshold");
    p.compare(Space::Leaks as u8);
    p.jump(NotZero, "check");
    within(p, LEAK_MIN.to_bits(), LEAK_MAX.to_bits());
    p.label("flaw");
    p.set(FLAW, 1);
    p.go("check");
    p.label("threshold");
    within(p, THRESHOLD_MIN.to_bits() as u16, THRESHOLD_MAX.to_bits() as u16);
    p.go("flaw");

    p.label("counted");
    p.load(SPACE);
    p.jump(Zero, "one register");
    p.compare(OUTPUT_ERRORS);
    p.jump(NotZero, "range");
    p.load(OPEN);
    p.compare(AWAITS);
    p.jump(Zero, "range");
    refuse(p, "not awaited", Status::NotAwaited);
    p.label("one register");
    // Registers one at a time.
    p.load(COUNT[0]);
    p.compare(1);
    p.jump(NotZero, "bad length");
    p.go("range");

    p.label("write in range");
    p.load(SPACE);
    p.jump(Zero, "which register");
    p.compare(OUTPUT_ERRORS);
    p.jump(Zero, "engine address");
    p.compare(Space::Membranes as u8);
    p.jump(Carry, "read only");
    p.load(OPEN);
    p.jump(NotZero, "sample open");
    p.load(FLAW);
    p.jump(NotZero, "bad value");
    p.go("engine address");
}

const _: () = {
    assert!(Space::Leaks as u8 + 1 == Space::Membranes as u8, "from there on only to be read");
    assert!(OUTPUT_ERRORS as usize + 1 == SPACES.len(), "but for the last, only to be written");
};

/// Goes to the next element if this one lies between two values.
fn within(p: &mut Assembler, low: u16, high: u16) {
    let ([low0, low1], [high0, high1]) = (low.to_le_bytes(), high.to_le_bytes());
    p.load(high0);
    p.compare(ELEMENT[0]);
    p.load(high1);
    p.compare_borrow(ELEMENT[1]);
    p.jump(NoCarry, "flaw");
    p.load(ELEMENT[0]);
    p.compare(low0);
    p.load(ELEMENT[1]);
    p.compare_borrow(low1);
    p.jump(Carry, "check");
}

/// Do the elements lie within the space?
fn range(p: &mut Assembler) {
    p.label("range");
    p.load(ADDRESS[3]);
    p.jump(NotZero, "bad address");
    p.load(COUNT[0]);
    p.add(ADDRESS[0]);
    p.store(END[0]);
    p.load(COUNT[1]);
    p.add_carry(ADDRESS[1]);
    p.store(END[1]);
    p.load(ADDRESS[2]);
    p.add_carry(0);
    p.store(END[2]);
    p.jump(Carry, "bad address");
    for (end, lengths) in END.into_iter().zip(LENGTHS) {
        p.load(SPACE);
        p.point_from(lengths);
        p.load(Next);
        if lengths == LENGTHS[0] {
            p.compare(end);
        } else {
            p.compare_borrow(end);
        }
    }
    p.jump(NoCarry, "bad address");
    p.load(OPCODE);
    p.compare(Opcode::Write as u8);
    p.jump(Zero, "write in range");
    p.go("read in range");
}

/// Joins the space to the address, in its upper half byte.
fn engine_address(p: &mut Assembler) {
    p.label("engine address");
    p.load(SPACE);
    for _ in 0..4 {
        p.store(SCRATCH);
        p.add(SCRATCH);
    }
    p.increase(ADDRESS[2]);
    p.load(OPCODE);
    p.compare(Opcode::Write as u8);
    p.jump(Zero, "write elements");
}

fn next_address(p: &mut Assembler) {
    p.load(1);
    p.increase(ADDRESS[0]);
    p.load(0);
    p.increase_carry(ADDRESS[1]);
    p.increase_carry(ADDRESS[2]);
}

/// Puts the address out, where the engine and the descriptors take it from.
fn out_address(p: &mut Assembler) {
    for place in &ADDRESS[..3] {
        p.out(*place);
    }
}

fn elements_read(p: &mut Assembler) {
    p.label("read elements");
    p.decrease(COUNT);
    p.jump(NoCarry, "all read");
    p.load(SPACE);
    p.jump(Zero, "read register");
    p.label("read engine");
    p.wait(Busy);
    out_address(p);
    p.pulse(pulse::READ);
    // It goes to where the answer is kept, or from its own place on at once.
    p.load(KEEP);
    p.point_from(0);
    p.put(Value0);
    p.load(WIDTH);
    p.compare(1);
    p.jump(Zero, "give");
    p.put(Value1);
    p.compare(2);
    p.jump(Zero, "descriptor");
    p.put(Value2);
    p.put(Value3);
    p.label("give");
    p.load(KEEP);
    p.compare(ELEMENT_PLACE);
    p.jump(Zero, "give now");
    p.load(WIDTH);
    p.increase(KEEP);
    p.go("given");
    p.label("give now");
    p.point(ELEMENT_PLACE);
    p.load(WIDTH);
    p.label("give byte");
    p.send(Next);
    p.subtract(1);
    p.jump(NotZero, "give byte");
    p.label("given");
    next_address(p);
    p.go("read elements");

    p.label("descriptor");
    p.load(SPACE);
    p.compare(Space::Descriptors as u8);
    p.jump(NotZero, "give");
    p.load(KEEP);
    p.point_from(0);
    p.put(Descriptor0);
    p.put(Descriptor1);
    p.go("give");

    p.label("all read");
    p.load(KEEP);
    p.compare(ELEMENT_PLACE);
    p.jump(Zero, "finish");
    p.load(TOTAL[0]);
    p.go("done with");
}

fn elements_written(p: &mut Assembler) {
    p.label("write elements");
    p.pulse(pulse::REWIND);
    p.wait(Busy);
    p.label("write element");
    p.jump(Over, "written");
    p.out(Frame);
    p.load(WIDTH);
    p.compare(1);
    p.jump(Zero, "narrow");
    p.out(Frame);
    p.go("to address");
    p.label("narrow");
    p.out(0);
    p.label("to address");
    out_address(p);
    p.pulse(pulse::WRITE);
    next_address(p);
    p.go("write element");
    p.label("written");
    p.load(OPEN);
    p.jump(NotZero, "errors written");
    // Other descriptors are another network.
    p.load(SPACE);
    p.compare(Space::Descriptors as u8);
    p.jump(NotZero, "done");
    p.set(LAYERS, 0);
    p.go("done");
    // While a sample is open nothing else is written.
    p.label("errors written");
    p.pulse(pulse::TEACH);
    p.set(OPEN, 1);
    p.label("done");
    p.load(Status::Ok as u8);
    p.go("answer");
}
