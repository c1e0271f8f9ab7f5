//! Samples: begin, events, end, abandon.

use super::{byte, place::*, refuse};
use crate::instruction::Condition::*;
use crate::instruction::Operand::Port;
use crate::instruction::Port::{Frame, Value0, Value1, Value2, Value3, Wrong0, Wrong1, Wrong2, Wrong3};
use crate::instruction::{Assembler, pulse};
use arch::packing::END_OF_STEP;
use arch::protocol::{SampleResult, Status, Teacher};
use arch::registers::Space;

/// All four.
pub fn samples(p: &mut Assembler) {
    begin(p);
    judge(p);
    execute(p);
    end(p);
    refuse(p, "no network", Status::NoNetwork);
    refuse(p, "no sample", Status::NoSample);
    refuse(p, "step count", Status::StepCount);
    refuse(p, "bad event", Status::BadEvent);
}

fn begin(p: &mut Assembler) {
    let teacher = byte(HEAD, 0);
    let [label, steps, quiet] = [1, 3, 5].map(|at| [byte(HEAD, at), byte(HEAD, at + 1)]);
    p.label("begin");
    p.load(GOT);
    p.compare(7);
    p.jump(NotZero, "bad length");
    p.jump(More, "bad length");
    p.load(teacher);
    p.compare(Teacher::ALL.len() as u8);
    p.jump(Carry, "bad length");
    p.load(LAYERS);
    p.jump(Zero, "no network");
    p.load(OPEN);
    p.jump(NotZero, "sample open");
    p.load(label[0]);
    p.compare(OUTPUTS[0]);
    p.load(label[1]);
    p.compare_borrow(OUTPUTS[1]);
    p.jump(Carry, "bad value");
    p.test(steps[0]);
    p.test_also(steps[1]);
    p.jump(Zero, "bad value");
    p.wait(Busy);
    for parameter in [teacher, LAYERS, label[0], label[1]] {
        p.out(parameter);
    }
    p.pulse(pulse::BEGIN);
    p.point(SAMPLE);
    p.put(1);
    for value in [steps, quiet].into_iter().flatten() {
        p.put(value);
    }
    p.put(0);
    p.put(0);
    p.load(1);
    p.put_sum(teacher);
    p.go("done");
}

/// Looks at the whole payload.
fn judge(p: &mut Assembler) {
    p.label("events");
    p.load(OPEN);
    p.jump(Zero, "no sample");
    p.pulse(pulse::REWIND);
    p.set(TOTAL[0], LEFT[0]);
    p.set(TOTAL[1], LEFT[1]);
    p.label("judge step");
    p.jump(Over, "judged");
    p.test(TOTAL[0]);
    p.test_also(TOTAL[1]);
    p.jump(Zero, "step count");
    p.label("judge");
    p.load(Frame);
    p.jump(BadEvent, "bad event");
    p.pulse(pulse::JUDGE);
    p.compare(END_OF_STEP);
    p.jump(Zero, "one step less");
    p.jump(More, "judge");
    p.go("judged");
    p.label("one step less");
    p.decrease(TOTAL);
    p.go("judge step");
}

fn execute(p: &mut Assembler) {
    p.label("judged");
    p.pulse(pulse::REWIND);
    p.label("event");
    p.jump(Over, "executed");
    p.load(Frame);
    p.pulse(pulse::EXECUTE);
    p.wait(Working);
    p.compare(END_OF_STEP);
    p.jump(NotZero, "event");
    p.wait(Busy);
    // The step has a loss if the last result was 0; it then waits for errors if the host is the teacher.
    p.set(OPEN, TEACHER);
    p.test(QUIET[0]);
    p.test_also(QUIET[1]);
    p.pulse(pulse::STEP);
    p.jump(Zero, "ran");
    p.decrease(QUIET);
    const { assert!(AWAITS != 0xff, "what the accumulator holds") };
    p.store(OPEN);
    p.label("ran");
    p.decrease(LEFT);
    p.load(1);
    p.increase(RUN[0]);
    p.load(0);
    p.increase_carry(RUN[1]);
    p.go("event");

    p.label("executed");
    p.load(SLOT);
    p.point_from(3);
    p.put(RUN[0]);
    p.put(RUN[1]);
    p.load(3);
    p.go("done with");
}

fn end(p: &mut Assembler) {
    p.label("end");
    p.load(GOT);
    p.jump(NotZero, "bad length");
    p.load(OPEN);
    p.jump(Zero, "no sample");
    p.test(LEFT[0]);
    p.test_also(LEFT[1]);
    p.jump(NotZero, "step count");
    p.wait(Busy);
    p.pulse(pulse::END);
    best(p);
    p.load(SLOT);
    p.point_from(3);
    for value in CLASS.into_iter().chain([byte(BEST, 0), byte(BEST, 1)]) {
        p.put(value);
    }
    for port in [Wrong0, Wrong1, Wrong2, Wrong3] {
        p.put(port);
    }
    p.set(OPEN, 0);
    p.load(1 + SampleResult::BYTES as u8);
    p.go("done with");

    p.label("abandon");
    p.load(GOT);
    p.jump(NotZero, "bad length");
    p.set(OPEN, 0);
    p.go("answer");
}

/// Looks for the class with the most spikes, among equals for the largest sum of membranes, then for the first: from the last class
/// down, one that is at least as good goes in the place of the best.
fn best(p: &mut Assembler) {
    let top = SCRATCH;
    for (left, outputs) in TOTAL.into_iter().zip(OUTPUTS) {
        p.set(left, outputs);
    }
    p.point(BEST);
    for _ in 0..6 {
        p.put(0);
    }
    p.wait(Busy);
    p.label("class");
    p.decrease(TOTAL);
    p.jump(NoCarry, "best");
    read_score(p, Space::MembraneSums, BEST);
    // With its sign turned, a sum is compared unsigned.
    p.load(Value3);
    p.add(0x80);
    p.store(top);
    p.load(Value0);
    p.compare(byte(BEST, 2));
    for (value, at) in [(Port(Value1), 3), (Port(Value2), 4), (top, 5)] {
        p.load(value);
        p.compare_borrow(byte(BEST, at));
    }
    read_score(p, Space::SpikeCounts, BEST);
    for (value, at) in [(Value0, 0), (Value1, 1)] {
        p.load(value);
        p.compare_borrow(byte(BEST, at));
    }
    p.jump(NoCarry, "class");
    p.put(Value0);
    p.put(Value1);
    read_score(p, Space::MembraneSums, BEST + 2);
    for value in [Port(Value0), Port(Value1), Port(Value2), top, TOTAL[0], TOTAL[1]] {
        p.put(value);
    }
    p.go("class");
    p.label("best");
}

/// Sets the pointer while the score comes; flags stay.
fn read_score(p: &mut Assembler, space: Space, pointer: u8) {
    p.out(TOTAL[0]);
    p.out(TOTAL[1]);
    p.out((space as u8) << 4);
    p.pulse(pulse::READ);
    p.point(pointer);
}
