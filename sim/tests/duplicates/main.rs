//! Nothing is executed twice: what the link's program decides about a frame, in every state that there is.
//!
//! The decision is the program's (`rtl/src/program/frames.rs`), so the program is run, instruction by instruction, on a model of its
//! processor: for all numbers of the frame and all that may be expected, all counts of answers kept and all places of the latest,
//! answers that are kept, too long or of another opcode, asked before or not. What it looks at besides is noted: nothing. So this
//! is all cases. What executing a frame then does is not looked at here.
//!
//! ```text
//!   memory, frame ──┬─> Machine: until it executes, or waits for the next frame ──┐
//!                   └─> what docs/protocol.md says ───────────────────────────────┴─> the same?
//!   the machine itself (machine.rs): beside rtl's Processor, sessions of frames by chance
//! ```

mod machine;

use std::collections::BTreeSet;

use arch::protocol::{ANSWER, KEPT_ANSWER_BYTES, Opcode, Status};
use machine::{Machine, Outcome};
use rtl::instruction::{Assembler, Operand};
use rtl::program::{WINDOW, memory, program};

/// Bytes of an answer that is kept: its length, its opcode, itself.
const KEPT: u8 = 2 + KEPT_ANSWER_BYTES as u8;
const SLOTS: u8 = WINDOW * KEPT;
// As rtl/src/program.rs has them behind the answers.
const UNKNOWN: u8 = SLOTS;
const EXPECTED: u8 = SLOTS + 1;
const ANSWERED: u8 = SLOTS + 2;
const NEWEST: u8 = SLOTS + 3;
const ASKED: u8 = SLOTS + 4;
const OPEN: u8 = SLOTS + 6;
const NUMBER: u8 = SLOTS + 14;
const OPCODE: u8 = NUMBER + 1;
const HEAD: u8 = NUMBER + 2;
const SLOT: u8 = HEAD + 8;
const LENGTH: u8 = HEAD + 10;
const AGAIN: u8 = HEAD + 11;
const SESSION: u8 = HEAD + 22;

/// An opcode that no board knows.
const OTHER: u8 = 0x44;

fn identity() -> arch::Identity {
    rtl::top::identity(&arch::Board::named("small-w8").unwrap())
}

fn first_memory() -> [u8; 256] {
    let mut first = [0; 256];
    let begins = memory(&identity());
    first[..begins.len()].copy_from_slice(&begins);
    assert_eq!(first[usize::from(UNKNOWN)], Status::NoSession as u8, "rtl/src/program.rs has another order");
    first
}

/// A frame as the processor reads it: where it ends, whether it is good, itself.
fn frame(number: u8, opcode: u8, payload: &[u8]) -> Vec<u8> {
    [&[0, 0x80, number, opcode], payload].concat()
}

/// What is known of frames before this one.
#[derive(Clone, Copy, Debug)]
struct State {
    unknown: u8,
    expected: u8,
    answered: u8,
    /// The slot of the latest answer.
    newest: u8,
    asked: u8,
    /// Of every answer that is kept.
    opcode: u8,
    length: u8,
}

impl State {
    fn write(&self, memory: &mut [u8; 256]) {
        for (place, value) in [
            (UNKNOWN, self.unknown),
            (EXPECTED, self.expected),
            (ANSWERED, self.answered),
            (NEWEST, self.newest * KEPT),
            (ASKED, self.asked),
        ] {
            memory[usize::from(place)] = value;
        }
        for slot in (0..SLOTS).step_by(KEPT.into()) {
            let kept = &mut memory[usize::from(slot)..][..usize::from(KEPT)];
            kept[..2].copy_from_slice(&[self.opcode, self.length]);
            // Each slot's answer is another.
            kept[2..].iter_mut().zip(slot + 1..).for_each(|(byte, value)| *byte = value);
        }
    }
}

/// What docs/protocol.md says of the frame with this number and opcode: what is sent unless it is executed, and the state after.
fn specified(state: State, number: u8, opcode: u8) -> (Outcome, State, Option<(u8, bool)>) {
    let asks = |status: u8| {
        let sent = if state.asked == 0 {
            vec![state.expected, Opcode::Repeat as u8 | ANSWER, status]
        } else {
            vec![]
        };
        let asked = if state.asked == 0 { status } else { state.asked };
        (Outcome { executed: false, sent }, State { asked, ..state }, None)
    };
    if state.unknown != 0 {
        return asks(state.unknown);
    }
    let back = state.expected.wrapping_sub(number);
    let good = State { asked: 0, ..state };
    if back == 0 {
        let newest = (state.newest + 1) % WINDOW;
        let after = State {
            expected: state.expected.wrapping_add(1),
            answered: (state.answered + 1).min(WINDOW),
            newest,
            ..good
        };
        return (Outcome { executed: true, sent: vec![] }, after, Some((newest, false)));
    }
    if back > state.answered || opcode != state.opcode {
        return asks(Status::OutOfSequence as u8);
    }
    let slot = (state.newest + WINDOW - (back - 1)) % WINDOW;
    if state.length == 0 {
        return (Outcome { executed: true, sent: vec![] }, good, Some((slot, true)));
    }
    let answer = (0..state.length).map(|at| slot * KEPT + 1 + at);
    let sent = [number, opcode | ANSWER].into_iter().chain(answer).collect();
    (Outcome { executed: false, sent }, good, None)
}

/// The first state and frame about which the program decides otherwise; the bytes of memory that it looks at.
fn first_difference(machine: &Machine, numbers: &[u8]) -> (Option<(State, u8, u8)>, BTreeSet<u8>, u64) {
    let first = first_memory();
    let (mut looked_at, mut cases) = ([false; 256], 0);
    let lengths = [0, 1, KEPT_ANSWER_BYTES as u8];
    for &expected in numbers {
        for number in 0..=255 {
            for at in 0..u32::from(WINDOW + 1) * u32::from(WINDOW) * 3 * 2 * 2 * 2 {
                let mut rest = at;
                let mut choice = |of: u8| {
                    let chosen = rest % u32::from(of);
                    rest /= u32::from(of);
                    chosen as u8
                };
                let (answered, newest) = (choice(WINDOW + 1), choice(WINDOW));
                let (length, opcode) = (lengths[usize::from(choice(3))], OTHER + choice(2));
                let asked = choice(2) * Status::Damaged as u8;
                let unknown = choice(2) * Status::NoSession as u8;
                let state = State { unknown, expected, answered, newest, asked, opcode, length };
                let mut memory = first;
                state.write(&mut memory);
                let seen = machine.run(&mut memory, &frame(number, OTHER, &[]), false, &mut looked_at);
                let (wanted, after, executes) = specified(state, number, OTHER);
                let held = |place: u8| memory[usize::from(place)];
                let mut right = seen == wanted
                    && [held(UNKNOWN), held(EXPECTED), held(ANSWERED), held(NEWEST), held(ASKED)]
                        == [after.unknown, after.expected, after.answered, after.newest * KEPT, after.asked];
                if let Some((slot, again)) = executes {
                    right &= held(SLOT) == slot * KEPT && held(AGAIN) == u8::from(again);
                }
                if !right {
                    return (Some((state, number, OTHER)), BTreeSet::new(), cases);
                }
                cases += 1;
            }
        }
    }
    let looked_at = (0..=255).filter(|&place| looked_at[usize::from(place)]).collect();
    (None, looked_at, cases)
}

/// Every number of a frame, every number that is expected.
#[test]
fn no_frame_is_executed_twice() {
    let machine = Machine::new(&program(&identity()));
    let all: Vec<u8> = (0..=255).collect();
    let halves = std::thread::scope(|scope| {
        let halves = [&all[..128], &all[128..]].map(|half| scope.spawn(|| first_difference(&machine, half)));
        halves.map(|half| half.join().unwrap())
    });
    for (difference, looked_at, cases) in halves {
        assert!(difference.is_none(), "{difference:?}");
        println!("{cases} cases, by {} bytes of memory", looked_at.len());
        // Nothing else of a session decides.
        let may = |place: u8| place < SLOTS || [UNKNOWN, EXPECTED, ANSWERED, NEWEST, ASKED].contains(&place);
        assert!(looked_at.iter().all(|&place| may(place)), "{looked_at:?}");
    }
}

/// Every opcode of a frame, every opcode of the answer that is kept, and damage.
#[test]
fn another_opcode_is_no_duplicate() {
    let machine = Machine::new(&program(&identity()));
    for (opcode, kept) in (0..=255).flat_map(|opcode| (0..=255).map(move |kept| (opcode, kept))) {
        if opcode == Opcode::Identify as u8 {
            continue;
        }
        let state =
            State { unknown: 0, expected: 9, answered: 1, newest: 2, asked: 0, opcode: kept, length: 3 };
        let mut memory = first_memory();
        state.write(&mut memory);
        let seen = machine.run(&mut memory, &frame(8, opcode, &[]), false, &mut [false; 256]);
        assert_eq!(seen, specified(state, 8, opcode).0, "{opcode}, kept {kept}");
    }
    for (expected, asked) in (0..=255).flat_map(|expected| [0, 12, 15].map(|asked| (expected, asked))) {
        let state = State { unknown: 0, expected, answered: 4, newest: 0, asked, opcode: 0, length: 1 };
        let mut memory = first_memory();
        state.write(&mut memory);
        let seen = machine.run(&mut memory, &[0, 0], false, &mut [false; 256]);
        let repeat = [expected, Opcode::Repeat as u8 | ANSWER, Status::Damaged as u8];
        let sent = if asked == 0 { repeat.to_vec() } else { vec![] };
        assert_eq!(seen, Outcome { executed: false, sent }, "damage, {state:?}");
        assert_eq!(memory[usize::from(EXPECTED)], expected);
    }
}

/// A new frame's answer stands in its slot, from where a duplicate gets it. Only a read's may be too long for that: what
/// is executed again is a read.
#[test]
fn what_is_answered_is_kept() {
    let words = program(&identity());
    let machine = Machine::new(&words);
    for (expected, newest) in (0..=255).flat_map(|expected| (0..WINDOW).map(move |newest| (expected, newest)))
    {
        let state = State { unknown: 0, expected, answered: 2, newest, asked: 0, opcode: 0, length: 1 };
        let mut memory = first_memory();
        state.write(&mut memory);
        let seen = machine.run(&mut memory, &frame(expected, OTHER, &[1, 2]), true, &mut [false; 256]);
        let answer = [expected, OTHER | ANSWER, Status::UnknownOpcode as u8];
        assert_eq!(seen, Outcome { executed: true, sent: answer.to_vec() });
        let again = machine.run(&mut memory, &frame(expected, OTHER, &[1, 2]), true, &mut [false; 256]);
        assert_eq!(again, Outcome { executed: false, sent: answer.to_vec() }, "the same again");
    }
    // All that is done with a slot. A length of 0 is written beside a read's opcode, or where one stood.
    let uses: [fn(&mut Assembler); 8] = [
        |p| p.subtract(KEPT),
        |p| p.add(3),
        |p| {
            p.point_from(0);
            p.load(Operand::At(OPCODE));
        },
        |p| {
            p.point_from(0);
            p.put(Opcode::Read as u8);
            p.put(0);
        },
        |p| {
            p.point_from(0);
            p.put(Operand::At(OPCODE));
            p.put(Operand::At(LENGTH));
        },
        |p| {
            p.point_from(0);
            p.load(Operand::Next);
        },
        |p| {
            p.point_from(1);
            p.put(0);
        },
        // Behind opcode, length and status.
        |p| p.point_from(3),
    ];
    let mut looked_up = Assembler::default();
    looked_up.load(Operand::At(SLOT));
    let looked_up = looked_up.assemble()[0];
    let mut found = [0; 8];
    for (place, _) in words.iter().enumerate().filter(|&(_, &word)| word == looked_up) {
        let known = uses.iter().position(|fragment| {
            let mut fragment_words = Assembler::default();
            fragment(&mut fragment_words);
            words[place + 1..].starts_with(&fragment_words.assemble())
        });
        found[known.unwrap_or_else(|| panic!("word {place} takes a slot for something else"))] += 1;
    }
    assert_eq!(found[3..7], [1; 4], "who writes into a slot's head, and who reads it: {found:?}");
}

/// Opens a session, forgets what was kept, expects what comes after; the same session again changes nothing.
#[test]
fn a_session_begins_where_its_host_says() {
    let machine = Machine::new(&program(&identity()));
    for (number, at) in (0..=255).flat_map(|number| (0..16).map(move |at: u8| (number, at))) {
        let (same, known, whole) = (at & 1 == 1, at & 2 == 2, at & 4 == 4);
        let unknown = if known { 0 } else { Status::NoSession as u8 };
        let state = State { unknown, expected: 7, answered: 3, newest: 1, asked: 13, opcode: 0, length: 1 };
        let mut memory = first_memory();
        state.write(&mut memory);
        let session = [1, 2, 3, if same { 4 } else { 5 }];
        memory[usize::from(SESSION)..][..4].copy_from_slice(&[1, 2, 3, 4]);
        memory[usize::from(OPEN)] = 1;
        let length = if whole { 4 } else { 3 + 2 * usize::from(at >> 3 & 1) };
        let payload = [&session[..], &[9]].concat();
        let sent =
            machine.run(&mut memory, &frame(number, 1, &payload[..length]), false, &mut [false; 256]).sent;
        let status = if whole { Status::Ok } else { Status::BadLength };
        assert_eq!(sent[..3], [number, 1 | ANSWER, status as u8]);
        let held = |place: u8| memory[usize::from(place)];
        let seen = [UNKNOWN, EXPECTED, ANSWERED, OPEN, ASKED].map(held);
        let wanted = match (whole, same && known) {
            (true, false) => [0, number.wrapping_add(1), 0, 0, 0],
            (true, true) => [0, 7, 3, 1, 0],
            (false, _) => [unknown, 7, 3, 1, 13],
        };
        assert_eq!(seen, wanted, "number {number}, same {same}, known {known}, whole {whole}");
    }
}

/// A word of the program that is another is noticed.
#[test]
fn another_program_is_noticed() {
    let words = program(&identity());
    let one = |write: &dyn Fn(&mut Assembler)| {
        let mut assembler = Assembler::default();
        write(&mut assembler);
        assembler.assemble()
    };
    let at = |address: u8| Operand::At(address);
    // How far back is looked, what is expected next, whether the opcode is looked at, which slot is the newest.
    let faults = [
        (one(&|p| p.load(at(ANSWERED))), one(&|p| p.load(5))),
        (one(&|p| p.increase(at(EXPECTED))), one(&|p| p.test(at(EXPECTED)))),
        (one(&|p| p.subtract(KEPT)), one(&|p| p.subtract(0))),
        (one(&|p| p.add(KEPT)), one(&|p| p.add(0))),
        (one(&|p| p.subtract(at(NUMBER))), one(&|p| p.add(at(NUMBER)))),
    ];
    for (from, to) in faults {
        let place = words.iter().position(|word| *word == from[0]).expect("it stands in the program");
        let mut wrong = words.clone();
        wrong[place] = to[0];
        let (difference, ..) = first_difference(&Machine::new(&wrong), &[3]);
        assert!(difference.is_some(), "word {place}");
    }
}
