//! A source is looked at as a whole, whatever is wrong with some of its files.

use events::check::{Check, Reversed, Spread, check};
use std::io::Write;
use std::path::Path;

/// Of a `.bin` file: time, column, row, polarity.
fn bin(events: &[(u32, u8, u8, bool)]) -> Vec<u8> {
    let record = |&(t, x, y, on): &(u32, u8, u8, bool)| {
        let time = t.to_be_bytes();
        [x, y, u8::from(on) << 7 | time[1], time[2], time[3]]
    };
    events.iter().flat_map(record).collect()
}

/// Six files: two whole, one cut, one empty, one that steps back, one of one polarity, and a folder that is no label.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let whole = bin(&[(10, 0, 0, true), (20, 33, 33, false), (510, 3, 4, true)]);
    vec![
        ("0/1.bin", whole.clone()),
        ("0/2.txt", b"t,x@3,y@2,on\n5,2,1,1\n7,0,0,0\n".to_vec()),
        ("1/3.bin", whole[..13].to_vec()),
        ("1/4.raw", b"% evt 3.0\n% geometry 3x2\n% end\n".to_vec()),
        ("4/5.bin", bin(&[(10, 0, 0, true), (5, 0, 0, true), (7, 0, 0, false), (6, 0, 0, true)])),
        ("1/6.bin", bin(&[(10, 0, 0, true), (1000, 0, 0, true)])),
        ("seven/1.bin", whole),
    ]
}

/// What all of them come to, whether they lie in a folder or a zip.
#[track_caller]
fn assert_found(found: &Check) {
    assert_eq!((found.items, found.recordings, found.images, found.classes), (7, 3, 0, 5));
    assert_eq!(found.labels, [(0, 2), (1, 1)].into());
    assert_eq!(found.sizes, [("34x34".into(), 2), ("3x2".into(), 1)].into());
    assert_eq!(found.formats, [("bin".into(), 2), ("csv".into(), 1)].into());
    assert_eq!(found.events, Some(Spread { min: 2, median: 2, max: 3, total: 7 }));
    assert_eq!(found.duration_us, Some(Spread { min: 2, median: 500, max: 990, total: 1492 }));
    assert_eq!(found.on_events, 5);
    assert_eq!(found.one_polarity.first.len(), 1);
    assert!(found.one_polarity.first[0].ends_with("/1/6.bin"));
    assert_eq!(found.empty.count, 1);
    assert!(found.empty.first[0].ends_with("/1/4.raw"), "{:?}", found.empty);
    let [Reversed { name, reversals }] = &found.reversed.first[..] else { panic!("{:?}", found.reversed) };
    assert!(name.ends_with("/4/5.bin") && *reversals == 2, "{name}: {reversals}");
    assert_eq!(found.damaged.count, 2);
    let [folder, cut] = &found.damaged.first[..] else { panic!("{:?}", found.damaged) };
    assert!(folder.error.contains("label folder `seven`") && folder.byte.is_none(), "{folder:?}");
    assert!(cut.error.contains("/1/3.bin` (bin) is damaged at byte 10"), "{cut:?}");
    assert_eq!(cut.byte, Some(10));
    assert!(!found.is_sound());
}

fn found(source: &Path) -> Check {
    let mut last = 0;
    let found = check(source.to_str().unwrap(), |progress| last = progress.done).unwrap();
    assert_eq!(last, 6, "of every file it was told");
    found
}

#[test]
fn every_file_of_a_folder_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    assert_found(&found(folder.path()));
}

#[test]
fn every_file_of_a_zip_is_looked_at() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
    for (path, bytes) in files() {
        writer.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap();
    assert_found(&found(file.path()));
}

#[test]
fn every_line_of_a_list_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut list = "file,label\n".to_owned();
    for (name, (_, bytes)) in ["a", "b", "c"].iter().zip(files()) {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        list += &format!("{name},2\n");
    }
    let path = folder.path().join("labels.csv");
    std::fs::write(&path, list + "gone,9\na,label\n").unwrap();
    let found = check(path.to_str().unwrap(), |_| ()).unwrap();
    assert_eq!((found.items, found.recordings, found.classes), (5, 2, 10));
    let errors: Vec<_> = found.damaged.first.iter().map(|damaged| damaged.error.as_str()).collect();
    assert!(errors[0].contains("/c` begins with 00 00 80 00"), "{errors:?}");
    assert!(errors[1].contains("gone") && errors[2].contains("line 6: the label `label`"), "{errors:?}");
}

#[test]
fn sources_without_files_are_looked_at_too() {
    let bundled = check("bundled:test", |_| ()).unwrap();
    assert_eq!((bundled.items, bundled.recordings, bundled.classes), (100, 100, 10));
    assert_eq!(bundled.sizes, [("34x34".into(), 100)].into());
    assert!(bundled.is_sound() && bundled.one_polarity.count == 0);
    let task = check("delayed-decision:count=7", |_| ()).unwrap();
    assert_eq!((task.items, task.spike_trains, task.events), (7, 7, None));
    assert!(check("gone", |_| ()).is_err());
}
