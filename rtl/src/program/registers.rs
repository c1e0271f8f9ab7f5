//! Registers: those that the engine does not hold.

use super::activation::activation;
use super::{place::*, refuse};
use crate::instruction::Condition::*;
use crate::instruction::Operand::Next;
use crate::instruction::Port::{Seed0, Seed1, Seed2, Seed3};
use crate::instruction::{Assembler, pulse};
use arch::Identity;
use arch::protocol::Status;
use arch::registers::{IDENTITY_REGISTERS, Register};

const SEED: u8 = Register::Seed as u8;

const _: () = {
    assert!(Register::Network as usize == IDENTITY_REGISTERS && SEED == Register::Network as u8 + 1);
    assert!(Register::Status as u8 == SEED + 1 && Register::ClearCounters as u8 == SEED + 2);
    assert!(Register::Samples as u8 == SEED + 3, "the counters follow, and are the engine's");
};

/// Reads and writes them.
pub fn registers(p: &mut Assembler, identity: &Identity) {
    read(p);
    write(p, identity);
    refuse(p, "bad descriptor", Status::BadDescriptor);
}

fn read(p: &mut Assembler) {
    p.label("read register");
    p.load(ADDRESS[0]);
    p.compare(Register::Samples as u8);
    p.jump(Carry, "read engine");
    p.compare(Register::Network as u8);
    p.jump(Carry, "state");
    for _ in 0..2 {
        p.store(SCRATCH);
        p.add(SCRATCH);
    }
    p.point_from(IDENTITY);
    for place in ELEMENT {
        p.set(place, Next);
    }
    p.label("register read");
    p.load(KEEP);
    p.point_from(0);
    for place in ELEMENT {
        p.put(place);
    }
    p.go("give");

    p.label("state");
    p.point(ELEMENT_PLACE);
    p.compare(SEED);
    p.jump(Zero, "seed");
    p.jump(NoCarry, "network");
    p.compare(Register::Status as u8);
    p.jump(Zero, "status");
    p.label("four zeros");
    p.put(0);
    p.go("three zeros");
    p.label("network");
    p.put(LAYERS);
    p.label("three zeros");
    p.put(0);
    p.label("two zeros");
    p.put(0);
    p.put(0);
    p.go("register read");
    p.label("status");
    p.test(OPEN);
    p.jump(Zero, "four zeros");
    p.put(1);
    // At most 255 steps are shown.
    p.load(LEFT[1]);
    p.jump(NotZero, "many");
    p.put(LEFT[0]);
    p.go("two zeros");
    p.label("many");
    p.put(255);
    p.go("two zeros");
    p.label("seed");
    for port in [Seed0, Seed1, Seed2, Seed3] {
        p.put(port);
    }
    p.go("register read");
}

/// The value stands in the element.
fn write(p: &mut Assembler, identity: &Identity) {
    p.label("which register");
    p.load(ADDRESS[0]);
    p.compare(Register::Network as u8);
    p.jump(NoCarry, "read only");
    p.compare(Register::Status as u8);
    p.jump(Zero, "read only");
    p.compare(Register::Samples as u8);
    p.jump(Carry, "read only");
    p.load(OPEN);
    p.jump(NotZero, "sample open");
    p.wait(Busy);
    p.load(ADDRESS[0]);
    p.compare(SEED);
    p.jump(Zero, "write seed");
    p.jump(Carry, "clear counters");

    p.set(LAYERS, 0);
    high_bytes(p);
    p.jump(NotZero, "bad descriptor");
    p.load(ELEMENT[0]);
    p.jump(Zero, "done");
    p.compare(identity.capacity.layers as u8 + 1);
    p.jump(Carry, "bad descriptor");
    activation(p, &identity.capacity);

    p.label("write seed");
    for place in ELEMENT {
        p.out(place);
    }
    high_bytes(p);
    p.test_also(ELEMENT[0]);
    p.jump(Zero, "bad value");
    p.pulse(pulse::LOAD_SEED);
    p.go("done");

    p.label("clear counters");
    high_bytes(p);
    p.jump(NotZero, "bad value");
    p.load(ELEMENT[0]);
    p.compare(1);
    p.jump(NotZero, "bad value");
    p.pulse(pulse::CLEAR_COUNTS);
    p.go("done");
}

/// Are they 0?
fn high_bytes(p: &mut Assembler) {
    p.test(ELEMENT[1]);
    p.test_also(ELEMENT[2]);
    p.test_also(ELEMENT[3]);
}
