//! Samples: begin, events, end, abandon.

use super::{byte, place::*, refuse};
use crate::instruction::Condition::*;
use crate::instruction::Port::{
    Frame, Prediction0, Prediction1, Spikes0, Spikes1, Wrong0, Wrong1, Wrong2, Wrong3,
};
use crate::instruction::{Assembler, pulse};
use arch::packing::END_OF_STEP;
use arch::protocol::{BEGIN_LEARN, SampleResult, Status};

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
    let flags = byte(HEAD, 0);
    let [label, steps, quiet] = [1, 3, 5].map(|at| [byte(HEAD, at), byte(HEAD, at + 1)]);
    p.label("begin");
    p.load(GOT);
    p.compare(7);
    p.jump(NotZero, "bad length");
    p.jump(More, "bad length");
    p.load(flags);
    p.compare(BEGIN_LEARN + 1);
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
    for parameter in [flags, LAYERS, label[0], label[1]] {
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
    // The step has a loss if the last result was 0.
    p.test(QUIET[0]);
    p.test_also(QUIET[1]);
    p.pulse(pulse::STEP);
    p.jump(Zero, "ran");
    p.decrease(QUIET);
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
    p.pulse(pulse::FIND);
    p.wait(Busy);
    p.load(SLOT);
    p.point_from(3);
    for port in [Prediction0, Prediction1, Spikes0, Spikes1, Wrong0, Wrong1, Wrong2, Wrong3] {
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
