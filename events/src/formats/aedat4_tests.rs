use super::write::write_packet;
use super::*;
use crate::recording::{Mode, Reader, from_reader};
use std::io::Cursor;

const SENSOR: Sensor = Sensor { width: 64, height: 48 };

fn events(count: u64) -> Vec<Event> {
    (0..count)
        .map(|i| Event { t_us: (1 << 50) + i * 9, x: (i % 64) as u16, y: (i % 48) as u16, on: i % 2 == 0 })
        .collect()
}

/// A header whose streams are events (0), frames (1), inertial samples (2) and triggers (3).
fn header(compression: Compression) -> Vec<u8> {
    let mut bytes = Vec::new();
    encoder(Some(SENSOR), compression, &mut bytes).unwrap();
    let table = Table::root(&bytes[MAGIC.len() + 4..]).unwrap();
    let more = [(1, "FRME"), (2, "IMUS"), (3, "TRIG")].map(|(id, kind)| {
        format!("<node name=\"{id}\"><attr key=\"typeIdentifier\" type=\"string\">{kind}</attr></node>")
    });
    let xml = table.string(2).unwrap().replacen(
        "</node></node></node></dv>",
        &format!("</node></node>{}</node></dv>", more.concat()),
        1,
    );
    let fields = [
        Field::I32(compression.number()),
        Field::I64(-1),
        Field::Vector(xml.as_bytes(), xml.len() as u32, 4),
    ];
    [&MAGIC[..], &flatbuffer::table(*b"IOHE", &fields)].concat()
}

fn packet(stream: i32, kind: &[u8; 4], compression: Compression, bytes: &mut Vec<u8>) {
    write_packet(
        stream,
        &flatbuffer::table(*kind, &[Field::Vector(&[7; 4000], 4000, 8)]),
        compression,
        bytes,
    );
}

fn add_events(events: &[Event], compression: Compression, bytes: &mut Vec<u8>) {
    Encode::encode(&mut *encoder(Some(SENSOR), compression, &mut Vec::new()).unwrap(), events, bytes)
        .unwrap();
}

fn open(bytes: Vec<u8>, mode: Mode) -> Reader {
    from_reader("memory", Cursor::new(bytes), &Options { mode, ..Options::default() }).unwrap()
}

#[test]
fn frames_samples_and_triggers_between_the_events_are_counted() {
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let events = events(20_000);
        let mut bytes = header(compression);
        packet(2, b"IMUS", compression, &mut bytes);
        add_events(&events[..9_000], compression, &mut bytes);
        packet(1, b"FRME", compression, &mut bytes);
        packet(3, b"TRIG", compression, &mut bytes);
        packet(9, b"NEWS", compression, &mut bytes);
        add_events(&[], compression, &mut bytes);
        add_events(&events[9_000..], compression, &mut bytes);
        packet(2, b"IMUS", compression, &mut bytes);
        let mut reader = open(bytes, Mode::Strict);
        assert_eq!(reader.header().sensor, Some(SENSOR));
        assert!(reader.read_to_end(1 << 20).unwrap() == events, "{compression:?}");
        let skipped = reader.report().skipped;
        assert_eq!(
            (skipped.frames, skipped.imu, skipped.triggers, skipped.other),
            (1, 2, 1, 1),
            "{compression:?}"
        );
    }
}

#[test]
fn a_damaged_packet_is_passed_over_and_the_next_is_found() {
    let events = events(3_000);
    let mut bytes = header(Compression::Lz4);
    let start = bytes.len();
    add_events(&events[..1_000], Compression::Lz4, &mut bytes);
    let second = bytes.len();
    add_events(&events[1_000..2_000], Compression::Lz4, &mut bytes);
    let third = bytes.len();
    add_events(&events[2_000..], Compression::Lz4, &mut bytes);
    // Its content, then its size, then its mark.
    for (at, change) in [(second + 100, 0x41), (second + 7, 0xFF), (second + 8, 0x01)] {
        let mut damaged = bytes.clone();
        damaged[at] ^= change;
        let mut strict = open(damaged.clone(), Mode::Strict);
        assert_eq!(strict.next_chunk().unwrap(), &events[..1_000]);
        let message = strict.next_chunk().map(<[Event]>::len).unwrap_err().to_string();
        assert!(message.contains(&format!("byte {second}")), "{message}");
        let mut lenient = open(damaged, Mode::Lenient);
        let seen = lenient.read_to_end(1 << 20).unwrap();
        assert!(seen == [&events[..1_000], &events[2_000..]].concat(), "{at}: {} events", seen.len());
        let loss = &lenient.report().loss;
        assert!(loss.faults >= 1 && loss.bytes > 0 && loss.bytes <= (third - second) as u64, "{loss:?}");
    }
    assert!(start < second);
}

#[test]
fn the_table_at_the_end_is_no_packet() {
    let events = events(10);
    let mut packets = Vec::new();
    add_events(&events, Compression::None, &mut packets);
    let header = |end: i64| {
        let xml = "<dv><node name=\"0\"><attr key=\"typeIdentifier\">EVTS</attr></node></dv>";
        let fields = [Field::I32(0), Field::I64(end), Field::Vector(xml.as_bytes(), xml.len() as u32, 4)];
        [&MAGIC[..], &flatbuffer::table(*b"IOHE", &fields)].concat()
    };
    let end = (header(0).len() + packets.len()) as i64;
    let bytes = [&header(end)[..], &packets, b"a table of the packets"].concat();
    assert_eq!(open(bytes, Mode::Strict).read_to_end(99).unwrap(), events);
}

#[test]
fn a_packet_that_unpacks_to_much_is_refused() {
    let mut bytes = header(Compression::Lz4);
    write_packet(0, &vec![0; MAX_PACKET + 1], Compression::Lz4, &mut bytes);
    let message = open(bytes, Mode::Strict).next_chunk().unwrap_err().to_string();
    assert!(message.contains("67108864 bytes"), "{message}");
}

#[test]
fn headers_that_promise_too_much_are_refused() {
    let refused = |bytes: Vec<u8>| {
        from_reader("memory", Cursor::new(bytes), &Options::default()).err().unwrap().to_string()
    };
    let seen = refused([&MAGIC[..], &u32::MAX.to_le_bytes()].concat());
    assert!(seen.contains("byte 14") && seen.contains("4194304"), "{seen}");
    let seen = refused([&MAGIC[..], &[100, 0, 0, 0, 1, 2]].concat());
    assert!(seen.contains("2 of 100 bytes"), "{seen}");
    let fields = [Field::I32(7), Field::I64(-1)];
    let seen = refused([&MAGIC[..], &flatbuffer::table(*b"IOHE", &fields)].concat());
    assert!(seen.contains("compression is 7"), "{seen}");
}
