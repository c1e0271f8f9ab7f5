//! A case for `reference` with a mistake in it is refused at the place of the mistake.

mod common;

use common::{refused, run};

const CASE: &str = r#"{
  "layers": [{"weights_by_input": [[1.0], [-0.5]], "thresholds": [1.25], "leak": 0.5}],
  "loss": "squared", "spike_indices": [[0, 1], [1]], "label": 0
}"#;

/// A folder with `text` as its `case.json`.
fn case(text: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("case.json"), text).unwrap();
    folder
}

#[track_caller]
fn uncomputed(text: &[u8], said: &[&str]) {
    refused(case(text).path(), "reference --case case.json", said);
}

#[test]
fn mistakes_are_refused_where_they_are() {
    // What is refused below differs from this in one place.
    assert_eq!(run(case(CASE.as_bytes()).path(), "reference --case case.json").json()["prediction"], 0);
    for (from, to, said) in [
        // JSON has no NaN and no infinity: both are mistakes of form, and a number that overflows is one of value.
        ("-0.5", "NaN", "layers[0].weights_by_input[1][0]: expected value at line 2"),
        ("-0.5", "-Infinity", "layers[0].weights_by_input[1][0]: invalid number at line 2"),
        ("-0.5", "1e999", "layers[0].weights_by_input[1][0]: number out of range at line 2"),
        ("\"leak\": 0.5", "\"leak\": 1.5", "layers[0].leak is 1.5: it must be between 0 and 1"),
        ("1.25", "0", "layers[0].thresholds[0] is 0: it must be finite and above 0"),
        ("[0, 1]", "[0, 2]", "spike_indices[0][1] is 2: it must be below the number of inputs, 2"),
        ("\"label\": 0", "\"label\": 1", "label is 1: it must be below the number of outputs, 1"),
        ("\"label\"", "\"labels\"", "unknown field `labels`"),
        ("[[1.0], ", "[[1.0, 2.0], ", "weights_by_input[0] is a row of 2 weights: it must be one weight"),
    ] {
        assert!(CASE.contains(from), "{from}");
        uncomputed(CASE.replacen(from, to, 1).as_bytes(), &["case file case.json", said]);
    }
}

#[test]
fn files_that_hold_no_case_are_refused() {
    uncomputed(&CASE.as_bytes()[..CASE.len() / 2], &["case file case.json", "EOF while parsing"]);
    uncomputed(b"", &["case file case.json", "EOF while parsing"]);
    uncomputed(&[0xff, 0xfe, 0], &["case file case.json", "valid UTF-8"]);
    // Deep enough to end a recursive reader that counts no levels.
    uncomputed("[".repeat(1 << 20).as_bytes(), &["case file case.json", "describes the fields"]);
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), "reference --case gone.json", &["case file gone.json", "No such file"]);
}

#[test]
fn a_case_of_more_than_16_mib_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("case.json")).unwrap();
    file.set_len(1 << 30).unwrap();
    let said = ["case file case.json", "at most 16777216 are read"];
    refused(folder.path(), "reference --case case.json", &said);
}
