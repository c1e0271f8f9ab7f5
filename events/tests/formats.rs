//! Every format: what was written is read, and what is damaged is named or, leniently, counted.

use events::recording::{self, Damage, Format, Mode, Options, Reader, Sensor};
use events::{Error, Event};
use proptest::prelude::*;
use std::io::{Cursor, Read};

/// A sensor that every format can state.
const SENSOR: Sensor = Sensor { width: 128, height: 128 };

fn write(format: Format, events: &[Event]) -> Vec<u8> {
    let mut writer = recording::create("memory", Vec::new(), format, Some(SENSOR)).unwrap();
    writer.write(events).unwrap();
    writer.finish().unwrap()
}

fn open(bytes: Vec<u8>, mode: Mode, format: Option<Format>) -> Result<Reader, Error> {
    recording::from_reader("memory", Cursor::new(bytes), &Options { mode, format, sensor: None })
}

/// All events up to the end or to damage.
fn read(reader: &mut Reader) -> (Vec<Event>, Option<Error>) {
    let mut events = Vec::new();
    loop {
        match reader.next_chunk() {
            Ok([]) => return (events, None),
            Ok(chunk) => events.extend_from_slice(chunk),
            Err(error) => return (events, Some(error)),
        }
    }
}

/// Events of a moving edge: rows of neighbours, single pixels, pauses.
fn moving(count: u64) -> Vec<Event> {
    let event = |i: u64| Event {
        t_us: i / 5 * 40 + i / 100 * 3000,
        x: (i * i / 7 % 128) as u16,
        y: (i / 5 % 128) as u16,
        on: i % 10 < 5,
    };
    (0..count).map(event).collect()
}

#[test]
fn what_was_written_is_recognised_and_read() {
    let events = moving(20_000);
    for format in Format::ALL {
        let mut reader = open(write(format, &events), Mode::Strict, None).unwrap();
        assert_eq!(reader.header().format, format);
        if !matches!(format, Format::Bin | Format::Bs3) {
            assert_eq!(reader.header().sensor, Some(SENSOR), "{format}");
        }
        let (seen, error) = read(&mut reader);
        assert!(error.is_none(), "{format}: {error:?}");
        let differing = seen.iter().zip(&events).position(|(seen, event)| seen != event);
        assert_eq!((differing, seen.len()), (None, events.len()), "{format}");
        assert_eq!((reader.report().events, reader.report().time_reversals), (20_000, 0));
        assert_eq!(reader.report().skipped.total(), 0, "{format}");
    }
}

#[test]
fn gzip_around_any_format_is_unpacked() {
    let events = moving(300);
    for format in Format::ALL {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &write(format, &events)).unwrap();
        let packed = packed.finish().unwrap();
        let mut reader = open(packed.clone(), Mode::Strict, None).unwrap();
        assert_eq!((reader.header().format, reader.header().gzip), (format, true));
        assert_eq!(read(&mut reader).0, events);
        // A cut archive, here within the first bytes that are looked at: an error behind what there is of it.
        let cut = packed[..packed.len() - 9].to_vec();
        for format in [Some(format), None] {
            let (seen, error) = read(&mut open(cut.clone(), Mode::Strict, format).unwrap());
            let cut_short = matches!(error, Some(Error::Damaged { damage: Damage::Compressed { .. }, .. }));
            assert!(cut_short && events.starts_with(&seen), "{format:?}: {error:?}");
            let mut reader = open(cut.clone(), Mode::Lenient, format).unwrap();
            let (seen, error) = read(&mut reader);
            assert!(error.is_none() && events.starts_with(&seen), "{format:?}: {error:?}");
            assert!(reader.report().loss.faults > 0, "{format:?}");
        }
    }
}

#[test]
fn one_polarity_alone_is_a_recording_too() {
    for on in [false, true] {
        let events: Vec<Event> = moving(500).into_iter().map(|event| Event { on, ..event }).collect();
        for format in Format::ALL {
            let (seen, error) = read(&mut open(write(format, &events), Mode::Strict, None).unwrap());
            assert!(error.is_none() && seen == events, "{format}, {on}");
        }
    }
}

#[test]
fn a_time_that_steps_back_is_kept_and_counted() {
    let mut events = moving(500);
    events[200..].iter_mut().for_each(|event| event.t_us -= 3500);
    assert!(events[200].t_us < events[199].t_us);
    for format in Format::ALL {
        // Event Stream has no times but differences.
        if format == Format::EventStream {
            let mut writer = recording::create("memory", Vec::new(), format, Some(SENSOR)).unwrap();
            let message = writer.write(&events).unwrap_err().to_string();
            assert!(message.contains("event 200") && message.contains("es holds from"), "{message}");
            continue;
        }
        let mut reader = open(write(format, &events), Mode::Strict, None).unwrap();
        let (seen, error) = read(&mut reader);
        assert!(error.is_none() && seen == events, "{format}: {error:?}");
        assert_eq!(reader.report().time_reversals, 1, "{format}");
    }
}

#[test]
fn times_go_on_beyond_the_bits_that_a_format_has() {
    let wraps = [
        (Format::Evt3, 24),
        (Format::Dat, 32),
        (Format::Aedat2, 32),
        (Format::Evt2, 34),
        (Format::Evt21, 34),
    ];
    for (format, bits) in wraps {
        // Only EVT3's writer knows of wraps: of the others, two recordings are joined.
        let late = Event { t_us: (1 << bits) - 5, x: 1, y: 2, on: true };
        let early = Event { t_us: 7, x: 3, y: 4, on: false };
        let next = Event { t_us: (1 << bits) + 7, ..early };
        let bytes = if format == Format::Evt3 {
            write(format, &[late, next])
        } else {
            let (one, other, none) = (write(format, &[late]), write(format, &[early]), write(format, &[]));
            [&one[..], &other[none.len()..]].concat()
        };
        let mut reader = open(bytes, Mode::Strict, None).unwrap();
        assert_eq!(read(&mut reader).0, [late, next], "{format}");
        assert_eq!(reader.report().time_reversals, 0);
    }
    // Minutes of nothing are several wraps of EVT3.
    let events = [0, 1 << 24, (1 << 26) + 3, 1 << 33].map(|t_us| Event { t_us, x: 5, y: 6, on: true });
    assert_eq!(read(&mut open(write(Format::Evt3, &events), Mode::Strict, None).unwrap()).0, events);
}

#[test]
fn a_cut_file_keeps_its_events_and_names_the_byte() {
    let events = moving(60);
    for format in Format::ALL {
        let whole = write(format, &events);
        let mut damaged = 0;
        for length in 0..whole.len() {
            let cut = whole[..length].to_vec();
            let strict = open(cut.clone(), Mode::Strict, Some(format));
            let lenient = open(cut, Mode::Lenient, Some(format));
            let (Ok(mut strict), Ok(mut lenient)) = (strict, lenient) else { continue };
            let (seen, error) = read(&mut strict);
            assert!(seen.len() <= events.len(), "{format} at {length}");
            if format != Format::Csv {
                assert!(events.starts_with(&seen), "{format} at {length}");
            }
            let (kept, lenient_error) = read(&mut lenient);
            assert!(lenient_error.is_none(), "{format} at {length}: {lenient_error:?}");
            assert_eq!(kept, seen, "{format} at {length}");
            match error {
                None => assert!(lenient.report().loss.is_empty(), "{format} at {length}"),
                Some(Error::Damaged { offset, format: named, .. }) => {
                    assert!(offset <= length as u64 && named == format);
                    assert_eq!(lenient.report().loss.faults, 1, "{format} at {length}");
                    assert_eq!(lenient.report().loss.first[0].0, offset);
                    damaged += 1;
                }
                Some(error) => panic!("{format} at {length}: {error}"),
            }
        }
        assert!(damaged > 0, "{format}: no cut was noticed");
    }
}

#[test]
fn events_outside_the_sensor_are_errors_or_counted() {
    // The header is changed, not the events.
    let text = b"t,x@4,y@4,on\n1,2,3,1\n2,4,0,1\n3,3,3,0\n4,0,9,0\n".to_vec();
    let mut strict = open(text.clone(), Mode::Strict, None).unwrap();
    let (seen, error) = read(&mut strict);
    assert_eq!(seen.len(), 1);
    let message = error.unwrap().to_string();
    assert!(
        message.contains("byte 21") && message.contains("x = 4, y = 0") && message.contains("4x4"),
        "{message}"
    );
    let mut lenient = open(text, Mode::Lenient, None).unwrap();
    assert_eq!(read(&mut lenient).0.len(), 2);
    let loss = &lenient.report().loss;
    assert_eq!((loss.faults, loss.events, loss.bytes), (2, 2, 0));
    assert_eq!(loss.first[1], (37, Damage::Outside { x: 0, y: 9, sensor: Sensor { width: 4, height: 4 } }));
}

#[test]
fn text_comes_in_many_forms() {
    let event = |t_us, x, y, on| Event { t_us, x, y, on };
    let wanted = [event(1_000_000, 3, 4, true), event(1_000_002, 5, 6, false)];
    for text in [
        "1000000,3,4,1\n1000002,5,6,0\n",
        "t,x,y,p\r\n1000000,3,4,1\r\n1000002,5,6,-1",
        "# made by hand\nx y polarity timestamp\n3 4 on 1000000\n5  6 off 1000002\n\n",
        "1.000000 3 4 1\n1.0000019 5 6 0\n",
        "%geometry:10,20\n3,4,1,1000000\n5,6,0,1000002\n",
        "\"p\";\"x\";\"y\";\"time_us\"\ntrue;3;4;1000000\nfalse;5;6;1000002\n",
    ] {
        let mut reader = open(text.into(), Mode::Strict, None).unwrap();
        let (seen, error) = read(&mut reader);
        assert!(error.is_none() && seen == wanted, "{text}: {seen:?} {error:?}");
        let sensor = text.starts_with("%g").then_some(Sensor { width: 10, height: 20 });
        assert_eq!(reader.header().sensor, sensor);
    }
    for (line, seen) in
        [("7,1,2", "polarity"), ("7,1,2,3", "`3`"), ("7,70000,2,1", "`70000`"), ("7.5,1,2,1", "`7.5`")]
    {
        let text = format!("1,1,2,1\n{line}\n");
        let message = read(&mut open(text.into(), Mode::Strict, None).unwrap()).1.unwrap().to_string();
        assert!(message.contains("byte 8") && message.contains(seen), "{message}");
    }
}

#[test]
fn what_is_no_recording_is_refused() {
    for bytes in
        [&b"hello world\n"[..], b"#!AER-DAT1.0\r\n", b"% evt 9.0\n", &[0xFF; 12], b"% some\n% thing\n\0\0"]
    {
        let message = open(bytes.to_vec(), Mode::Lenient, None).err().unwrap().to_string();
        assert!(message.contains("`memory` begins with") && message.contains("aedat4"), "{message}");
    }
    let message = open(Vec::new(), Mode::Strict, None).err().unwrap().to_string();
    assert!(message.contains("is empty"), "{message}");
    assert!("evt4".parse::<Format>().unwrap_err().to_string().contains("evt3"));
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
}

#[test]
fn what_a_format_cannot_hold_is_not_written() {
    let late = Event { t_us: 1 << 23, x: 0, y: 0, on: true };
    let create = |format, sensor| recording::create("out", Vec::new(), format, sensor);
    let message = create(Format::Bin, None).unwrap().write(&[late]).unwrap_err().to_string();
    assert!(message.contains("8388608") && message.contains("0 to 8388607"), "{message}");
    let message = create(Format::Evt3, None).err().unwrap().to_string();
    assert!(message.contains("evt3") && message.contains("width and height"), "{message}");
    let huge = Some(Sensor { width: 4096, height: 10 });
    let message = create(Format::Evt3, huge).err().unwrap().to_string();
    assert!(message.contains("4096x10") && message.contains("2048"), "{message}");
    let odd = Some(Sensor { width: 77, height: 10 });
    assert!(matches!(create(Format::Aedat2, odd), Err(Error::Camera { .. })));
}

/// Hands out one byte at a time.
struct Trickle(Cursor<Vec<u8>>);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(&mut buffer[..1])
    }
}

#[test]
fn a_live_stream_gives_each_event_when_it_arrives() {
    let events = moving(50);
    for format in Format::ALL {
        let options = Options { format: Some(format), ..Options::default() };
        let stream = Trickle(Cursor::new(write(format, &events)));
        let mut reader = recording::from_reader("stream", stream, &options).unwrap();
        let first = reader.next_chunk().unwrap().to_vec();
        let most = if format == Format::Aedat4 { 50 } else { 5 };
        assert!(first.len() <= most && events.starts_with(&first), "{format}: {} at once", first.len());
        let (rest, error) = read(&mut reader);
        assert!(error.is_none() && [first, rest].concat() == events, "{format}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_events_survive(
        mut events in prop::collection::vec((0u64..1 << 23, 0u16..128, 0u16..128, any::<bool>()), 1..200),
    ) {
        events.sort_by_key(|event| event.0);
        let events: Vec<_> = events.into_iter().map(|(t_us, x, y, on)| Event { t_us, x, y, on }).collect();
        for format in Format::ALL {
            let (seen, error) = read(&mut open(write(format, &events), Mode::Strict, Some(format)).unwrap());
            prop_assert!(error.is_none() && seen == events, "{}: {:?}", format, error);
        }
    }

    #[test]
    fn a_changed_byte_is_survived(position in any::<prop::sample::Index>(), change in 1u8..) {
        for format in Format::ALL {
            let mut bytes = write(format, &moving(40));
            let position = position.index(bytes.len());
            bytes[position] ^= change;
            let strict = open(bytes.clone(), Mode::Strict, Some(format)).map(|mut reader| read(&mut reader).0);
            let lenient = open(bytes, Mode::Lenient, Some(format)).map(|mut reader| read(&mut reader));
            let (Ok(strict), Ok((lenient, error))) = (strict, lenient) else { continue };
            prop_assert!(error.is_none(), "{}: {:?}", format, error);
            prop_assert!(lenient.starts_with(&strict), "{}", format);
        }
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in Format::ALL.map(Some).into_iter().chain([None]) {
            if let Ok(mut reader) = open(bytes.clone(), Mode::Lenient, format) {
                let (_, error) = read(&mut reader);
                prop_assert!(error.is_none(), "{:?}", error);
            }
        }
    }
}
