//! `docs/protocol.md` against the code: its tables are what `arch` says, and a board answers its examples byte for byte.

use arch::Board;
use arch::protocol::{KEPT_ANSWER_BYTES, MAX_PAYLOAD, Opcode, STATUSES};
use arch::registers::IDENTITY_REGISTERS;
use driver::transport::ByteDevice;
use sim::VirtualBoard;

const PAGE: &str = include_str!("../../docs/protocol.md");

/// The examples: title, bytes to the board, bytes it answers with.
fn examples() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let block = PAGE.split("```wire\n").nth(1).expect("a block of examples").split("```").next().unwrap();
    let mut examples: Vec<(String, Vec<u8>, Vec<u8>)> = Vec::new();
    let hex = |line: &str| -> Vec<u8> {
        line.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect(line)).collect()
    };
    for line in block.lines() {
        match line.split_at_checked(2) {
            Some(("# ", title)) => examples.push((title.to_owned(), Vec::new(), Vec::new())),
            Some(("> ", bytes)) => examples.last_mut().expect("a title").1.extend(hex(bytes)),
            Some(("< ", bytes)) => examples.last_mut().expect("a title").2.extend(hex(bytes)),
            _ => assert!(line.is_empty(), "a line that is neither title nor bytes: {line}"),
        }
    }
    examples
}

/// The first example, from 1, that a new board does not answer as the page says.
fn first_wrong(examples: &[(String, Vec<u8>, Vec<u8>)]) -> Option<String> {
    let mut board = VirtualBoard::new(&Board::named("icebreaker").unwrap());
    examples.iter().find_map(|(title, to_board, wanted)| {
        let mut answer = Vec::new();
        board.exchange(to_board, &mut answer);
        (answer != *wanted).then(|| format!("{title}: answered {answer:02x?}, the page says {wanted:02x?}"))
    })
}

#[test]
fn a_board_answers_the_examples_byte_for_byte() {
    let examples = examples();
    assert!(examples.len() >= 10, "{} examples", examples.len());
    assert!(examples.iter().all(|(_, to_board, answer)| !to_board.is_empty() && !answer.is_empty()));
    assert_eq!(first_wrong(&examples), None);
}

#[test]
fn a_wrong_byte_in_an_example_would_be_noticed() {
    for at in 0..examples().len() {
        let mut examples = examples();
        *examples[at].2.last_mut().unwrap() ^= 1;
        assert!(first_wrong(&examples).is_some_and(|wrong| wrong.starts_with(&examples[at].0)));
    }
}

#[test]
fn the_tables_are_what_the_code_says() {
    let has = |row: String| assert!(PAGE.contains(&row), "docs/protocol.md lacks: {row}");
    for opcode in Opcode::ALL {
        has(format!("\n| {:#04x} | {opcode:?} | ", opcode as u8));
    }
    for (code, (status, words)) in STATUSES.iter().enumerate() {
        has(format!("\n| {code} | {status:?} | {words} |\n"));
    }
    has(format!("payload 0…{MAX_PAYLOAD} bytes"));
    has(format!("answers of up to {KEPT_ANSWER_BYTES} bytes"));
    has(format!("are the first {IDENTITY_REGISTERS}."));
    has("polynomial 1021, initial value FFFF".to_owned());
    let options = driver::Options::default();
    has(format!(
        "does so after {} s, and after {} such attempts",
        options.timeout.as_secs(),
        options.attempts
    ));
}
