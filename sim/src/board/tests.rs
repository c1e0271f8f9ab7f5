use arch::network::Shifts;
use arch::protocol::{Begin, MAX_PAYLOAD, SampleResult, Teacher};
use arch::registers::Space;
use arch::{Layer, Learn, Network, Shape, Surrogate, Updates, WeightBits};
use proptest::prelude::*;

use super::*;

/// The answers to a frame: sequence, opcode, payload.
fn say(board: &mut VirtualBoard, sequence: u8, opcode: Opcode, payload: &[u8]) -> Vec<(u8, u8, Vec<u8>)> {
    let mut wire = Vec::new();
    encode(sequence, opcode as u8, payload, &mut wire);
    answers(board, &wire)
}

fn answers(board: &mut VirtualBoard, wire: &[u8]) -> Vec<(u8, u8, Vec<u8>)> {
    let mut bytes = Vec::new();
    board.exchange(wire, &mut bytes);
    let mut decoder = Decoder::new(MAX_PAYLOAD);
    let mut rest = &bytes[..];
    let mut frames = Vec::new();
    while let Some(received) = decoder.next(&mut rest) {
        let Received::Frame(frame) = received else { panic!("a board sends no damaged frames") };
        frames.push((frame.sequence, frame.opcode, frame.payload.to_vec()));
    }
    frames
}

const OK: u8 = Status::Ok as u8;

fn answer(sequence: u8, opcode: Opcode, payload: &[u8]) -> Vec<(u8, u8, Vec<u8>)> {
    vec![(sequence, opcode as u8 | ANSWER, payload.to_vec())]
}

/// A board with a session, a 4-3 network that fires, and an open sample; the next frame is 4.
fn learning_board() -> VirtualBoard {
    let network = Network {
        weight_bits: WeightBits::Eight,
        updates: Updates::Online,
        layers: vec![Layer {
            input: Shape::flat(4),
            output: Shape::flat(3),
            weight_fraction_bits: 6,
            surrogate: Surrogate::Shift,
            learn: Learn::WTL,
            shifts: Shifts { weight: 9, threshold: 8, leak: 8 },
        }],
    };
    let mut board = VirtualBoard::new(&Board::named("icebreaker").unwrap());
    assert_eq!(say(&mut board, 0, Opcode::Identify, &[1, 2, 3, 4]).len(), 1);
    board.link.device.engine.load(&network).unwrap();
    board.link.device.engine.write(Space::Thresholds, 0, &[0, 1, 0, 1, 0, 1]).unwrap();
    board.link.device.engine.write(Space::Weights, 0, &[40; 32]).unwrap();
    let begin = Begin { teacher: Teacher::Label, label: 1, steps: 3, first_loss_step: 0 }.encode();
    assert_eq!(say(&mut board, 1, Opcode::Begin, &begin), answer(1, Opcode::Begin, &[OK]));
    board
}

/// Events at inputs 0, 1 and 3; end of step.
const STEP: [u8; 4] = [0, 0, 1, 254];

fn state(board: &VirtualBoard) -> (String, u32, arch::Counts) {
    let engine = board.engine();
    (engine.parameters().sha256(), engine.seed(), *engine.counts())
}

#[test]
fn a_duplicate_is_answered_and_not_executed_again() {
    let mut board = learning_board();
    let before = state(&board);
    let once = say(&mut board, 2, Opcode::Events, &STEP);
    assert_eq!(once, answer(2, Opcode::Events, &[OK, 1, 0]));
    let after = state(&board);
    assert_ne!(before.0, after.0, "the step teaches something");
    assert_eq!(say(&mut board, 2, Opcode::Events, &STEP), once);
    assert_eq!(state(&board), after);
    // Also when newer frames have come since.
    assert_eq!(say(&mut board, 3, Opcode::Events, &STEP), answer(3, Opcode::Events, &[OK, 2, 0]));
    let later = state(&board);
    assert_eq!(say(&mut board, 2, Opcode::Events, &STEP), once);
    assert_eq!(state(&board), later);
}

#[test]
fn a_board_that_forgets_duplicates_would_be_caught() {
    let mut board = learning_board();
    board.link.forgets_duplicates = true;
    say(&mut board, 2, Opcode::Events, &STEP);
    let after = state(&board);
    say(&mut board, 2, Opcode::Events, &STEP);
    assert_ne!(state(&board), after);
}

#[test]
fn a_gap_is_asked_for_once_until_it_is_filled() {
    let mut board = learning_board();
    let repeat = answer(2, Opcode::Repeat, &[Status::OutOfSequence as u8]);
    assert_eq!(say(&mut board, 3, Opcode::Events, &STEP), repeat);
    assert_eq!(say(&mut board, 4, Opcode::Events, &STEP), []);
    assert_eq!(say(&mut board, 2, Opcode::Events, &STEP), answer(2, Opcode::Events, &[OK, 1, 0]));
    assert_eq!(say(&mut board, 9, Opcode::End, &[]).len(), 1, "asked anew");
    let damaged = answers(&mut board, &[5, 1, 2, 3, 4, 0]);
    assert_eq!(damaged, [], "asked already");
}

#[test]
fn a_new_session_abandons_the_sample_and_an_old_one_does_not() {
    let mut board = learning_board();
    assert_eq!(say(&mut board, 77, Opcode::Identify, &[1, 2, 3, 4])[0].0, 77);
    assert_eq!(say(&mut board, 2, Opcode::Events, &STEP), answer(2, Opcode::Events, &[OK, 1, 0]));
    assert_eq!(say(&mut board, 200, Opcode::Identify, &[9, 9, 9, 9])[0].2[..5], [OK, 9, 9, 9, 9]);
    let refused = answer(201, Opcode::Events, &[Status::NoSample as u8]);
    assert_eq!(say(&mut board, 201, Opcode::Events, &STEP), refused);
}

#[test]
fn before_a_session_nothing_is_done() {
    let mut board = VirtualBoard::new(&Board::named("icebreaker").unwrap());
    let wanted = answer(0, Opcode::Repeat, &[Status::NoSession as u8]);
    assert_eq!(say(&mut board, 0, Opcode::Write, &[3, 0, 0, 0, 0, 0, 1]), wanted);
    assert_eq!(
        board.engine().seed(),
        VirtualBoard::new(&Board::named("icebreaker").unwrap()).engine().seed()
    );
}

#[test]
fn events_are_executed_whole_or_not_at_all() {
    let status = |status: Status| answer(2, Opcode::Events, &[status as u8]);
    for (events, wanted) in [
        (&[0, 0, 1, 254, 4, 254][..], Status::BadEvent),
        (&[0, 254, 255], Status::BadEvent),
        (&[254, 254, 254, 254], Status::StepCount),
        (&[254, 254, 254, 0], Status::StepCount),
    ] {
        let mut board = learning_board();
        let before = state(&board);
        assert_eq!(say(&mut board, 2, Opcode::Events, events), status(wanted), "{events:?}");
        assert_eq!(state(&board), before, "{events:?}");
        // The sample is still open and goes on.
        assert_eq!(say(&mut board, 3, Opcode::Events, &STEP), answer(3, Opcode::Events, &[OK, 1, 0]));
    }
}

#[test]
fn a_step_may_be_cut_between_frames() {
    let whole = {
        let mut board = learning_board();
        say(&mut board, 2, Opcode::Events, &[0, 0, 1, 254, 254, 2, 254]);
        assert_eq!(say(&mut board, 3, Opcode::End, &[])[0].2.len(), 1 + SampleResult::BYTES);
        state(&board)
    };
    let mut board = learning_board();
    say(&mut board, 2, Opcode::Events, &[0, 0]);
    assert_eq!(say(&mut board, 3, Opcode::End, &[]), answer(3, Opcode::End, &[Status::StepCount as u8]));
    say(&mut board, 4, Opcode::Events, &[1, 254, 254, 2]);
    say(&mut board, 5, Opcode::Events, &[254]);
    say(&mut board, 6, Opcode::End, &[]);
    assert_eq!(state(&board), whole);
}

#[test]
fn malformed_frames_get_the_status_that_says_why() {
    let mut board = learning_board();
    let mut sequence = 1;
    let mut status = |opcode: Opcode, payload: &[u8]| {
        sequence += 1;
        let answers = say(&mut board, sequence, opcode, payload);
        Status::from_code(answers[0].2[0]).unwrap()
    };
    assert_eq!(status(Opcode::Read, &[0]), Status::BadLength);
    assert_eq!(status(Opcode::Read, &[99, 0, 0, 0, 0, 1, 0]), Status::BadAddress);
    assert_eq!(status(Opcode::Read, &[0, 255, 255, 255, 255, 2, 0]), Status::BadAddress);
    assert_eq!(status(Opcode::Read, &[2, 0, 0, 0, 0, 255, 255]), Status::BadLength);
    assert_eq!(status(Opcode::Write, &[3, 0, 0]), Status::BadLength);
    assert_eq!(status(Opcode::Write, &[3, 0, 0, 0, 0, 0, 1, 0]), Status::BadLength);
    assert_eq!(status(Opcode::Write, &[3, 0, 0, 0, 0, 0, 1]), Status::SampleOpen);
    assert_eq!(status(Opcode::Write, &[0, 20, 0, 0, 0, 1, 0, 0, 0]), Status::SampleOpen);
    assert_eq!(status(Opcode::Begin, &[1]), Status::BadLength);
    assert_eq!(status(Opcode::Begin, &[1, 0, 0, 1, 0, 0, 0]), Status::SampleOpen);
    assert_eq!(status(Opcode::End, &[1]), Status::BadLength);
    assert_eq!(status(Opcode::End, &[]), Status::StepCount);
    assert_eq!(status(Opcode::Repeat, &[]), Status::UnknownOpcode);
    assert_eq!(status(Opcode::Abandon, &[]), Status::Ok);
    assert_eq!(status(Opcode::Events, &[254]), Status::NoSample);
    assert_eq!(status(Opcode::Begin, &[1, 0, 0, 0, 0, 0, 0]), Status::BadValue);
}

proptest! {
    #[test]
    fn random_bytes_change_nothing(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let mut board = learning_board();
        let before = state(&board);
        answers(&mut board, &bytes);
        prop_assert_eq!(state(&board), before);
        // Whatever came, the next good frame is taken.
        answers(&mut board, &[0]);
        prop_assert_eq!(say(&mut board, 2, Opcode::Events, &STEP), answer(2, Opcode::Events, &[OK, 1, 0]));
    }

    /// Well-formed frames of any content never panic the board.
    #[test]
    fn any_frames_are_answered(
        frames in prop::collection::vec((0u8..0x16, prop::collection::vec(any::<u8>(), 0..40)), 0..30)
    ) {
        let mut board = learning_board();
        for (at, (opcode, payload)) in frames.into_iter().enumerate() {
            let mut wire = Vec::new();
            encode(2 + at as u8, opcode, &payload, &mut wire);
            prop_assert!(answers(&mut board, &wire).len() <= 1);
        }
    }
}
