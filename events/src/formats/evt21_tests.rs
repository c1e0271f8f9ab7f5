use crate::item::Event;
use crate::recording::{Options, from_reader};
use std::io::Cursor;

fn read(header: &str, words: &[u64], halves_swapped: bool) -> Vec<Event> {
    let mut bytes = header.as_bytes().to_vec();
    for word in words {
        bytes.extend(word.rotate_left(if halves_swapped { 32 } else { 0 }).to_le_bytes());
    }
    from_reader("memory", Cursor::new(bytes), &Options::default()).unwrap().read_to_end(99).unwrap()
}

/// A time of 64 µs, then events of row 2: columns 32 and 62 fall after 3 µs, column 5 rises after 4.
const WORDS: [u64; 4] =
    [0x8000_0001_0000_0000, 0x00C1_0002_4000_0001, 0x1100_0002_0000_0020, 0xA000_0000_0000_0000];

#[test]
fn a_word_holds_32_columns() {
    let event = |t_us, x, on| Event { t_us, x, y: 2, on };
    let wanted = [event(67, 32, false), event(67, 62, false), event(68, 5, true)];
    for (header, halves_swapped) in [
        ("% evt 2.1\n% end\n", false),
        ("% evt 2.1\n% end\n", true),
        ("% evt 2.1\n% endianness little\n% end\n", false),
        ("% format EVT21;endianness=legacy;height=9;width=99\n", true),
    ] {
        assert_eq!(read(header, &WORDS, halves_swapped), wanted, "{header}");
    }
}
