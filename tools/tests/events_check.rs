//! `events check` tells what a source holds and every file that is wrong, and its exit code says which of the two.

mod common;

use common::{refused, run, says};

#[test]
fn a_sound_source_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let found = run(folder.path(), "events check bundled:test --json").json();
    assert_eq!((&found["recordings"], &found["classes"]), (&100.into(), &10.into()));
    assert_eq!(found["sizes"]["34x34"], 100);
    let labels: u64 =
        found["labels"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(labels, 100);
    for (spread, least) in [("events", 500), ("duration_us", 100_000)] {
        let number = |key: &str| found[spread][key].as_u64().unwrap();
        assert!(
            least < number("min") && number("min") < number("median") && number("median") < number("max")
        );
    }
    assert_eq!(found["damaged"]["count"], 0);
    let said = run(folder.path(), "events check bundled:test");
    assert_eq!(said.code, Some(0));
    for what in ["34x34: 100", "all of it can be learned from", "events a recording"] {
        assert!(said.stdout.contains(what), "{}", said.stdout);
    }
}

#[test]
fn damaged_files_are_listed_and_the_others_counted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join("source").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("0/1.bin", &[1, 1, 0x80, 0, 5, 1, 1, 0, 0, 9]);
    write("1/2.bin", &[0; 13]);
    write("1/3.bin", &[1, 1, 0x80, 0, 5, 1, 1, 0, 0, 3]);
    write("1/4.bin", &[]);
    write("1/5.bin", &[1, 1, 0x80, 0, 5]);
    let ended = run(folder.path(), "events check source --json");
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&found["items"], &found["recordings"]), (&5.into(), &2.into()));
    assert_eq!(found["damaged"]["first"][0]["byte"], 10);
    assert_eq!(found["empty"]["first"][0], "source/1/4.bin");
    assert_eq!(found["reversed"]["first"][0]["reversals"], 1);
    assert_eq!(found["one_polarity"]["first"][0], "source/1/5.bin");

    let said = run(folder.path(), "events check source");
    assert_eq!(said.code, Some(3));
    let wanted = "1 damaged: `source/1/2.bin` (bin) is damaged at byte 10: the file ends within a record";
    assert!(says(&said.stdout, wanted), "{}", said.stdout);
    assert!(says(&said.stdout, "1 whose time steps back: source/1/3.bin: 1 times"), "{}", said.stdout);
    assert!(!said.stdout.contains("all of it"), "{}", said.stdout);
}

#[test]
fn a_source_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), "events check gone", &["source gone", "there is nothing at `gone`"]);
    refused(folder.path(), "events check", &["SRC"]);
}

#[test]
fn a_folder_without_labels_has_nothing_to_learn_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recording.csv"), "t,x,y,on\n1,2,3,1\n").unwrap();
    let seen = run(folder.path(), "events check .");
    assert_eq!(seen.code, Some(3), "{}", seen.stderr);
    assert!(seen.stdout.contains("nothing to learn from"), "{}", seen.stdout);
    assert!(!seen.stdout.contains("all of it"), "{}", seen.stdout);
}
