use super::*;
use proptest::prelude::*;

fn entry(label: u16, index: u32, events: Vec<Event>) -> Entry {
    let name = format!("here/{label}/{:05}.bin", u64::from(index) + 1);
    Entry { index, recording: Recording { label, name, width: 34, height: 20, events, window_us: None } }
}

fn two() -> Vec<Entry> {
    let event = |t_us, x, y, on| Event { t_us, x, y, on };
    vec![
        entry(3, 7, vec![event(5, 33, 19, true), event(5, 0, 0, false), event(MAX_TIME_US, 1, 2, true)]),
        entry(9, u32::MAX, vec![]),
    ]
}

/// What `write` would compress, after `change`.
fn changed(entries: &[Entry], change: impl FnOnce(&mut Vec<u8>)) -> String {
    let packed = write(entries).unwrap();
    let mut bytes = bounded::read_to_end(XzDecoder::new(&packed[..]), "", MAX_BYTES).unwrap();
    change(&mut bytes);
    read(&compress(&bytes).unwrap(), "here").unwrap_err().to_string()
}

#[test]
fn what_was_packed_is_unpacked() {
    assert_eq!(read(&write(&two()).unwrap(), "here").unwrap(), two());
    assert_eq!(read(&write(&[]).unwrap(), "here").unwrap(), []);
}

#[test]
fn a_pack_that_was_cut_or_changed_is_refused() {
    let whole = write(&two()).unwrap();
    for length in 0..whole.len() {
        assert!(read(&whole[..length], "here").is_err(), "{length} bytes");
    }
    for position in 0..whole.len() {
        let mut packed = whole.clone();
        packed[position] ^= 1;
        // xz can say the same content in several ways; another content must not pass.
        assert!(read(&packed, "here").map_or(true, |entries| entries == two()), "byte {position}");
    }
    let seen = read(b"not xz at all", "here").unwrap_err().to_string();
    assert!(seen.contains("cannot read `here`"), "{seen}");
}

#[test]
fn columns_that_contradict_one_another_are_refused() {
    let seen = changed(&two(), |bytes| bytes[0] = b'X');
    assert!(seen.contains("`here` is damaged") && seen.contains("EVPACK01"), "{seen}");
    let seen = changed(&two(), |bytes| bytes.truncate(10));
    assert!(seen.contains("`height` has 0 of 2 bytes"), "{seen}");
    let seen = changed(&two(), |bytes| bytes.truncate(bytes.len() - 1));
    assert!(seen.contains("`Δt` has 2 of 3 bytes"), "{seen}");
    let seen = changed(&two(), |bytes| bytes.push(0));
    assert!(seen.contains("1 bytes follow"), "{seen}");
    let seen = changed(&two(), |bytes| bytes[12..16].fill(0xFF));
    assert!(seen.contains("`labels`"), "{seen}");
    let seen = changed(&two(), |bytes| bytes[28..36].fill(0xFF));
    assert!(seen.contains("`y`"), "{seen}");
    let seen = changed(&two(), |bytes| bytes[36] = 20);
    assert!(seen.contains("event 0 lies at x = 33, y = 20"), "{seen}");
    let seen = changed(&two(), |bytes| *bytes.iter_mut().rev().nth(9).unwrap() = 0xFF);
    assert!(seen.contains("32 bits"), "{seen}");
}

#[test]
fn what_does_not_fit_is_not_packed() {
    let other = |width, height| {
        let mut entries = two();
        entries[1].recording.width = width;
        entries[1].recording.height = height;
        write(&entries).unwrap_err().to_string()
    };
    let seen = other(35, 20);
    assert!(seen.contains("35x20") && seen.contains("34x20"), "{seen}");
    let large = Recording { width: 257, ..two()[0].recording.clone() };
    let seen = write(&[Entry { index: 0, recording: large }]).unwrap_err().to_string();
    assert!(seen.contains("257x20") && seen.contains("256x256"), "{seen}");
    let outside = entry(0, 0, vec![Event { t_us: 0, x: 34, y: 0, on: true }]);
    assert!(matches!(write(&[outside]), Err(Error::OutsideSensor { .. })));
    let late = entry(0, 0, vec![Event { t_us: MAX_TIME_US + 1, x: 0, y: 0, on: true }]);
    let seen = write(&[late]).unwrap_err().to_string();
    assert!(seen.contains("4294967296 µs"), "{seen}");
}

prop_compose! {
    fn any_entry()(
        label: u16,
        index: u32,
        mut events in prop::collection::vec((any::<u32>(), 0u16..34, 0u16..20, any::<bool>()), 0..40),
    ) -> Entry {
        events.sort_by_key(|event| event.0);
        entry(label, index, events.into_iter().map(|(t_us, x, y, on)| Event { t_us: t_us.into(), x, y, on }).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_recordings_survive(entries in prop::collection::vec(any_entry(), 0..6)) {
        prop_assert_eq!(read(&write(&entries).unwrap(), "here").unwrap(), entries);
    }

    #[test]
    fn any_content_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let bytes = [&MAGIC[..], &bytes].concat();
        let _ = read(&compress(&bytes).unwrap(), "here");
    }
}
