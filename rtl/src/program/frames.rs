//! Frames: sequence numbers, repetition, answers that are kept; a session's begin.

use super::{KEPT, WINDOW, byte, place::*};
use crate::instruction::Condition::*;
use crate::instruction::Operand::Next;
use crate::instruction::Port::Frame;
use crate::instruction::{Assembler, pulse};
use arch::protocol::{ANSWER, Opcode, Status};
use arch::registers::IDENTITY_REGISTERS;

/// From a frame to where it is executed, and from what it answers to the next frame.
pub fn frames(p: &mut Assembler) {
    arrive(p);
    again(p);
    next(p);
    answer(p);
}

fn arrive(p: &mut Assembler) {
    p.label("idle");
    p.wait(NoFrame);
    p.load(Frame);
    p.pulse(pulse::END_LOW);
    p.load(Frame);
    p.pulse(pulse::END_HIGH);
    p.compare(0x80);
    p.jump(Carry, "good");
    p.load(Status::Damaged as u8);
    p.go("ask");

    p.label("good");
    p.point(HEADER);
    p.put(Frame);
    p.put(Frame);
    p.pulse(pulse::RELEASE);
    p.set(AGAIN, 0);
    // The payload's first bytes, as many as any but the written elements and the events have.
    p.label("gather");
    p.store(GOT);
    p.compare(7);
    p.jump(Zero, "gathered");
    p.jump(Over, "gathered");
    p.put(Frame);
    p.add(1);
    p.go("gather");

    p.label("gathered");
    p.load(OPCODE);
    p.compare(Opcode::Identify as u8);
    p.jump(Zero, "identify");
    // Unknown, it is the status that says so.
    p.load(UNKNOWN);
    p.jump(NotZero, "ask");
    p.load(EXPECTED);
    p.subtract(NUMBER);
    p.jump(Zero, "new");
}

/// The accumulator holds how far the frame's number lies back.
fn again(p: &mut Assembler) {
    p.store(SCRATCH);
    p.load(ANSWERED);
    p.compare(SCRATCH);
    p.jump(NoCarry, "strange");
    p.load(NEWEST);
    p.label("older");
    p.store(SLOT);
    p.load(0xff);
    p.increase(SCRATCH);
    p.jump(Zero, "found");
    p.load(SLOT);
    p.subtract(KEPT);
    p.jump(Carry, "older");
    p.add(WINDOW * KEPT);
    p.go("older");

    p.label("found");
    p.load(SLOT);
    p.point_from(0);
    p.load(OPCODE);
    p.compare(Next);
    p.jump(NotZero, "strange");
    p.set(ASKED, 0);
    p.test(Next);
    p.jump(NotZero, "send");
    p.set(AGAIN, 1);
    p.go("execute");

    p.label("strange");
    p.load(Status::OutOfSequence as u8);
    // Asks, unless that was done.
    p.label("ask");
    p.test(ASKED);
    p.jump(NotZero, "skip");
    p.store(ASKED);
    p.send(EXPECTED);
    p.send(Opcode::Repeat as u8 | ANSWER);
    p.send(ASKED);
    p.go("finish");
}

fn next(p: &mut Assembler) {
    p.label("new");
    p.store(ASKED);
    p.load(1);
    p.increase(EXPECTED);
    p.load(ANSWERED);
    p.compare(WINDOW);
    p.jump(Zero, "all");
    p.add(1);
    p.store(ANSWERED);
    p.label("all");
    p.load(NEWEST);
    p.add(KEPT);
    p.compare(WINDOW * KEPT);
    p.jump(NotZero, "slot");
    p.load(0);
    p.label("slot");
    p.store(NEWEST);
    p.store(SLOT);

    p.label("execute");
    p.load(OPCODE);
    for (opcode, label) in [
        (Opcode::Events, "events"),
        (Opcode::Read, "read"),
        (Opcode::Write, "write"),
        (Opcode::Begin, "begin"),
        (Opcode::End, "end"),
        (Opcode::Abandon, "abandon"),
    ] {
        p.compare(opcode as u8);
        p.jump(Zero, label);
    }
    p.load(Status::UnknownOpcode as u8);
}

fn answer(p: &mut Assembler) {
    // A status and nothing else.
    p.label("answer");
    p.store(STATUS);
    p.load(1);
    p.go("keep");
    // The accumulator holds the payload's length; what follows the status stands in its place already.
    p.label("done with");
    p.store(LENGTH);
    p.set(STATUS, Status::Ok as u8);
    p.load(LENGTH);
    p.label("keep");
    p.store(LENGTH);
    p.load(SLOT);
    p.point_from(0);
    p.put(OPCODE);
    p.put(LENGTH);
    p.put(STATUS);

    p.label("send");
    p.send(NUMBER);
    p.load(SLOT);
    p.point_from(0);
    // An unknown opcode may have the answer bit.
    p.load(Next);
    p.compare(ANSWER);
    p.jump(Carry, "opcode");
    p.add(ANSWER);
    p.label("opcode");
    p.store(SCRATCH);
    p.send(SCRATCH);
    p.load(Next);
    p.label("byte");
    p.send(Next);
    p.subtract(1);
    p.jump(NotZero, "byte");

    // An answer that was made anew is not kept, whatever it is now.
    p.label("sent");
    p.test(AGAIN);
    p.jump(Zero, "finish");
    p.load(SLOT);
    p.point_from(1);
    p.put(0);
    p.label("finish");
    p.pulse(pulse::FINISH);
    p.label("skip");
    p.jump(Over, "leave");
    p.load(Frame);
    p.go("skip");
    p.label("leave");
    p.pulse(pulse::RELEASE);
    p.go("idle");
}

/// Opens a session, answers the identity registers.
pub fn identify(p: &mut Assembler) {
    p.label("identify");
    p.send(NUMBER);
    p.send(Opcode::Identify as u8 | ANSWER);
    p.load(GOT);
    p.compare(4);
    p.jump(Zero, "whole");
    p.send(Status::BadLength as u8);
    p.go("finish");
    p.label("whole");
    p.set(ASKED, 0);
    p.test(UNKNOWN);
    p.jump(NotZero, "open");
    for index in 0..4 {
        p.load(byte(HEAD, index));
        p.compare(byte(SESSION, index));
        p.jump(NotZero, "open");
    }
    p.go("opened");
    p.label("open");
    p.point(SESSION);
    for index in 0..4 {
        p.put(byte(HEAD, index));
    }
    p.set(UNKNOWN, 0);
    p.store(OPEN);
    p.store(ANSWERED);
    p.load(NUMBER);
    p.add(1);
    p.store(EXPECTED);
    p.label("opened");
    p.send(Status::Ok as u8);
    // The session and, behind it, the identity registers.
    p.point(SESSION);
    p.load(4 + 4 * IDENTITY_REGISTERS as u8);
    p.label("register");
    p.send(Next);
    p.subtract(1);
    p.jump(NotZero, "register");
    p.go("finish");
}
