use crate::item::Event;
use crate::recording::{Mode, Options, Reader, from_reader};
use std::io::Cursor;

/// A reader of these words, on a sensor of 20x10.
fn open(words: &[u16], mode: Mode) -> Reader {
    let mut bytes = b"% evt 3.0\n% geometry 20x10\n% end\n".to_vec();
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    from_reader("memory", Cursor::new(bytes), &Options { mode, ..Options::default() }).unwrap()
}

fn event(t_us: u64, x: u16, y: u16, on: bool) -> Event {
    Event { t_us, x, y, on }
}

#[test]
fn words_change_the_state_and_columns_are_events() {
    let words = [
        0x2003, 0x6001, // Before any time.
        0x8001, 0x6005, 0x2003, // Before any row.
        0x0007, 0x2003, 0x2804, 0x3802, 0x4805, 0x5021, 0x8002, 0x2003, 0xA001, 0xE123, 0xF123, 0x7123,
        0x8002, 0x2005,
    ];
    let mut reader = open(&words, Mode::Strict);
    let wanted = [
        event(4101, 3, 7, false),
        event(4101, 4, 7, true),
        event(4101, 2, 7, true),
        event(4101, 4, 7, true),
        event(4101, 13, 7, true),
        event(4101, 14, 7, true),
        event(4101, 19, 7, true),
        event(8192, 3, 7, false),
        event(8192, 5, 7, false),
    ];
    assert_eq!(reader.read_to_end(99).unwrap(), wanted);
    let skipped = reader.report().skipped;
    assert_eq!((skipped.untimed, skipped.triggers, skipped.other), (2, 1, 3));
}

#[test]
fn the_time_of_24_bits_wraps_and_steps_back() {
    let words = [0x8FFF, 0x0001, 0x6FFF, 0x2001, 0x8000, 0x2002, 0x8FFE, 0x2003, 0x8001, 0x2004];
    let times: Vec<u64> =
        open(&words, Mode::Strict).read_to_end(9).unwrap().iter().map(|event| event.t_us).collect();
    assert_eq!(times, [0xFF_FFFF, 0x100_0000, 0xFF_E000, 0x100_1000]);
}

#[test]
fn damage_is_named_by_its_byte_and_passed_over_leniently() {
    let words = [0x8001, 0x0001, 0x2001, 0x2014, 0x000A, 0x2002, 0x9000, 0x0002, 0x2003, 0x3012, 0x4007];
    // 33 bytes of header; column 20 of 20, then row 10 of 10 for column 2.
    let mut strict = open(&words, Mode::Strict);
    assert_eq!(strict.next_chunk().unwrap(), [event(4096, 1, 1, false)]);
    let message = strict.next_chunk().unwrap_err().to_string();
    assert!(message.contains("byte 39") && message.contains("x = 20, y = 1"), "{message}");
    let mut lenient = open(&words, Mode::Lenient);
    let wanted = [
        event(4096, 1, 1, false),
        event(4096, 3, 2, false),
        event(4096, 18, 2, false),
        event(4096, 19, 2, false),
    ];
    assert_eq!(lenient.read_to_end(99).unwrap(), wanted);
    let loss = &lenient.report().loss;
    assert_eq!((loss.faults, loss.events, loss.bytes), (4, 3, 2), "{loss:?}");
    assert_eq!(loss.first[2].0, 33 + 12);
}
