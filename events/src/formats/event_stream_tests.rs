use crate::item::Event;
use crate::recording::{Options, Sensor, from_reader};

fn read(bytes: &'static [u8], sensor: Option<Sensor>) -> (Vec<Event>, u64) {
    let mut reader = from_reader("memory", bytes, &Options { sensor, ..Options::default() }).unwrap();
    (reader.read_to_end(99).unwrap(), reader.report().skipped.frames)
}

fn event(t_us: u64, x: u16, y: u16, on: bool) -> Event {
    Event { t_us, x, y, on }
}

#[test]
fn a_dvs_of_version_2_counts_rows_from_below() {
    let bytes =
        b"Event Stream\x02\x00\x00\x01\x40\x01\xF0\x00\xFE\x07\x01\x01\x02\x00\xFF\xFF\x00\x05\x00\xEF\x00";
    assert_eq!(read(bytes, None).0, [event(3, 257, 237, true), event(257, 5, 0, false)]);
}

#[test]
fn an_atis_of_version_2_has_events_of_level() {
    let bytes = b"Event Stream\x02\x00\x00\x02\x30\x01\xF0\x00\x06\x01\x00\x02\x00\xFE\xFC\x09\x01\x00\x02\x00\x04\x00\x00\xEF\x00";
    let (events, levels) = read(bytes, None);
    assert_eq!((events, levels), (vec![event(1, 1, 237, true), event(130, 0, 0, false)], 1));
}

#[test]
fn version_1_packs_an_event_into_three_bytes() {
    // on, y = 5, x = 0x155, time 2; then 3 × 15 µs, padding, and off, y = 0, x = 1, time 1.
    let bytes = b"Event Stream\x01\x00\x00\x52\x55\x81\x3F\x0F\x11\x00\x00";
    assert_eq!(read(bytes, None).0, [event(2, 0x155, 5, true), event(48, 1, 0, false)]);
    let sensor = Some(Sensor { width: 400, height: 240 });
    assert_eq!(read(bytes, sensor).0, [event(2, 0x155, 234, true), event(48, 1, 239, false)]);
}

#[test]
fn an_atis_of_version_1_has_a_sensor_of_its_own() {
    // on, y = 5, x = 0x12A, time 2; 2 × 31 µs; an event of level; off, y = 239, x = 0, time 1.
    let bytes = b"Event Stream\x01\x00\x01\x42\x65\x81\x5F\x01\x00\x40\x01\xC0\x3B";
    let (events, levels) = read(bytes, None);
    assert_eq!((events, levels), (vec![event(2, 298, 234, true), event(66, 0, 0, false)], 1));
}

#[test]
fn other_types_and_versions_are_named() {
    let refused =
        |bytes: &'static [u8]| from_reader("memory", bytes, &Options::default()).err().unwrap().to_string();
    let seen = refused(b"Event Stream\x02\x00\x00\x04\x40\x01\xF0\x00");
    assert!(seen.contains("byte 15") && seen.contains("is 4") && seen.contains("ATIS"), "{seen}");
    let seen = refused(b"Event Stream\x03\x00\x00\x01\x40\x01\xF0\x00");
    assert!(seen.contains("byte 12") && seen.contains("version is 3"), "{seen}");
    let seen = refused(b"Event Stream\x02\x00\x00\x01\x40\x01");
    assert!(seen.contains("18 of 20 bytes"), "{seen}");
    let seen = refused(b"Event Stream\x02\x00\x00\x01\x00\x00\x05\x00");
    assert!(seen.contains("0x5"), "{seen}");
}
