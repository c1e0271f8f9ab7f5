//! The `.bin` recordings of N-MNIST: five bytes an event, no header.
//!
//! ```text
//! byte       0         1         2                      3          4
//!        +---------+---------+--------------------+----------+----------+
//!        |    x    |    y    | on | time 22 .. 16 | 15 ... 8 | 7 .... 0 |
//!        +---------+---------+--------------------+----------+----------+
//!                             bit 7                            µs
//! ```

use crate::error::{Error, Place};
use crate::item::{Event, Recording};

/// The sensor's rows and columns.
pub const SIDE: u16 = 34;

/// Bytes an event.
pub const EVENT_BYTES: usize = 5;

/// The most events a recording may have. N-MNIST's have a few thousand.
pub const MAX_EVENTS: usize = 4 << 20;

/// Decodes the content of a `.bin` file. `name` is where it came from, for messages.
///
/// # Errors
/// No events; a file cut within an event; more than [`MAX_EVENTS`]; an event outside the 34×34 sensor (some
/// tools write y = 240 to mark an overflow of the time: such files are refused too); a time before the one
/// that precedes it.
pub fn decode(name: &str, label: u16, bytes: &[u8]) -> Result<Recording, Error> {
    if bytes.is_empty() {
        return Err(Error::EmptyFile { name: name.into() });
    }
    if bytes.len() > MAX_EVENTS * EVENT_BYTES {
        return Err(Error::TooLarge { name: name.into(), limit: MAX_EVENTS * EVENT_BYTES });
    }
    if !bytes.len().is_multiple_of(EVENT_BYTES) {
        return Err(Error::CutEvent {
            name: name.into(),
            length: bytes.len(),
            offset: bytes.len() - bytes.len() % EVENT_BYTES,
        });
    }
    let mut recording = Recording {
        label,
        name: name.into(),
        width: SIDE,
        height: SIDE,
        events: Vec::with_capacity(bytes.len() / EVENT_BYTES),
    };
    let mut previous_us = 0;
    for (number, event) in bytes.chunks_exact(EVENT_BYTES).enumerate() {
        let event = Event {
            t_us: u32::from_be_bytes([0, event[2] & 0x7F, event[3], event[4]]).into(),
            x: event[0].into(),
            y: event[1].into(),
            on: event[2] & 0x80 != 0,
        };
        let place = Place { event: number, byte: Some(number * EVENT_BYTES) };
        recording.check_event(&event, previous_us, place)?;
        previous_us = event.t_us;
        recording.events.push(event);
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(event: &Event) -> [u8; 5] {
        let [_, high, middle, low] = event.t_us.to_be_bytes();
        [event.x as u8, event.y as u8, u8::from(event.on) << 7 | high, middle, low]
    }

    fn message(bytes: &[u8]) -> String {
        decode("a.bin", 0, bytes).unwrap_err().to_string()
    }

    #[test]
    fn five_bytes_are_an_event() {
        let recording = decode("a.bin", 7, &[1, 2, 0, 0, 3, 33, 32, 0xFF, 0xFE, 0xFD]).unwrap();
        let wanted =
            [Event { t_us: 3, x: 1, y: 2, on: false }, Event { t_us: 0x7F_FEFD, x: 33, y: 32, on: true }];
        assert_eq!(recording.events, wanted);
        assert_eq!((recording.label, recording.name.as_str()), (7, "a.bin"));
        assert_eq!((recording.width, recording.height), (34, 34));
    }

    #[test]
    fn damaged_files_are_refused() {
        let seen = message(&[]);
        assert!(seen.contains("`a.bin`") && seen.contains("no events"), "{seen}");
        let seen = message(&[0; 13]);
        assert!(seen.contains("13 bytes") && seen.contains("byte 10"), "{seen}");
        let seen = message(&[0, 0, 0, 0, 0, 34, 0, 0, 0, 0]);
        assert!(seen.contains("event 1 (byte 5) lies at x = 34, y = 0"), "{seen}");
        let seen = message(&[0, 240, 0, 0, 0]);
        assert!(seen.contains("event 0 (byte 0) lies at x = 0, y = 240"), "{seen}");
        let seen = message(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 255]);
        assert!(seen.contains("event 1 (byte 5) is at 255 µs") && seen.contains("256 µs"), "{seen}");
        let seen = message(&vec![0; MAX_EVENTS * EVENT_BYTES + 5]);
        assert!(seen.contains("20971520 bytes"), "{seen}");
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode("a.bin", 0, &bytes);
        }

        #[test]
        fn what_was_written_is_read(
            mut events in prop::collection::vec((0u32..1 << 23, 0u16..34, 0u16..34, any::<bool>()), 1..50),
        ) {
            events.sort_by_key(|event| event.0);
            let events: Vec<_> = events.into_iter().map(|(t_us, x, y, on)| Event { t_us, x, y, on }).collect();
            let written: Vec<u8> = events.iter().flat_map(bytes).collect();
            prop_assert_eq!(decode("a.bin", 0, &written).unwrap().events, events);
        }
    }
}
