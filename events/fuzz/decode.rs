//! What must hold of any bytes: they decode or are refused, strictly and leniently, however they arrive.

use events::recording::{self, Format, Mode, Options, Report};
use events::{Error, Event};
use std::io::{Cursor, Read};

/// A live stream: a few bytes at a time.
struct Trickle(Cursor<Vec<u8>>);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(7);
        self.0.read(&mut buffer[..most])
    }
}

fn decode(
    reader: impl Read + Send + 'static,
    format: Option<Format>,
    mode: Mode,
) -> (Vec<Event>, Report, Option<Error>) {
    let options = Options { mode, format, sensor: None };
    let mut reader = match recording::from_reader("fuzz", reader, &options) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Report::default(), Some(error)),
    };
    let sensor = reader.header().sensor;
    let mut events = Vec::new();
    let error = loop {
        match reader.next_chunk() {
            Ok([]) => break None,
            Ok(chunk) => {
                assert!(chunk.len() <= recording::CHUNK_EVENTS);
                assert!(
                    sensor.is_none_or(|sensor| chunk.iter().all(|event| sensor.contains(event.x, event.y)))
                );
                events.extend_from_slice(chunk);
            }
            Err(error) => break Some(error),
        }
        // Unpacked, a small file may be a long one.
        if events.len() > 1 << 20 {
            break None;
        }
    };
    assert_eq!(events.len() as u64, reader.report().events);
    (events, reader.report().clone(), error)
}

/// Panics where the decoders contradict themselves.
pub fn check(bytes: &[u8], format: Option<Format>) {
    let bytes = || Cursor::new(bytes.to_vec());
    let (strict, _, error) = decode(bytes(), format, Mode::Strict);
    let (lenient, report, _) = decode(bytes(), format, Mode::Lenient);
    // What is read strictly is read leniently as well.
    assert!(lenient.starts_with(&strict) || lenient.len() > 1 << 20, "lenient reading lost events");
    if error.is_none() {
        assert_eq!(lenient, strict);
        assert!(report.loss.is_empty(), "{:?}", report.loss);
    }
    // Recognition looks at what has arrived: only a known format must not depend on how.
    if format.is_some() {
        let (slow, slow_report, _) = decode(Trickle(bytes()), format, Mode::Strict);
        assert!(slow_report.events == slow.len() as u64);
        // Of a damaged gzip stream, what was unpacked together with the damage is lost with it.
        let gzip = bytes().into_inner().starts_with(&[0x1f, 0x8b]);
        assert!(slow == strict || (gzip && error.is_some() && slow.starts_with(&strict)));
    }
}
