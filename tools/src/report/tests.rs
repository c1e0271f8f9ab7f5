//! The report as a whole: what is on the page, what is in the JSON, and what happens when things go wrong.

use std::fs;

use serde_json::Value;
use tempfile::tempdir;

use super::picture::picture;
use super::samples::{bare, full, odd};
use super::*;

/// Sections that are there only where there is something to show.
const OPTIONAL: [&str; 10] = [
    "learning",
    "accuracy",
    "loss",
    "leaks",
    "sparsity",
    "raster",
    "layers",
    "thresholds",
    "confusion",
    "engine",
];
/// Sections of every page.
const ALWAYS: [&str; 3] = ["headline", "work", "run"];

fn html(report: &Report) -> String {
    page::page(report).into_string()
}

fn has(html: &str, id: &str) -> bool {
    html.contains(&format!("id=\"{id}\""))
}

#[test]
fn a_full_report_has_every_section() {
    let html = html(&full());
    for id in OPTIONAL.iter().chain(&ALWAYS) {
        assert!(has(&html, id), "{id} is missing");
    }
    // Four curves, the raster and the thresholds.
    assert_eq!(html.matches("<svg").count(), 6);
    assert_eq!(html.matches("<figcaption>").count(), 6);
    assert!(!html.contains("could not be drawn"));
    for text in [
        "73.1\u{202F}%",
        "wrongly predicted 1",
        "1\u{202F}230\u{202F}000",
        "123\u{202F}000",
        "80.0\u{202F}%",
        "c0ffee",
    ] {
        assert!(html.contains(text), "{text} is missing");
    }
}

#[test]
fn sections_without_data_are_left_out() {
    let html_bare = html(&bare());
    for id in OPTIONAL {
        assert!(!has(&html_bare, id), "{id} is there");
    }
    for id in ALWAYS {
        assert!(has(&html_bare, id), "{id} is missing");
    }
    assert!(html(&full()).contains("tested on") && !html_bare.contains("tested on"));
    let evaluated = html(&Report { epochs: vec![], ..full() });
    assert!(!has(&evaluated, "learning") && has(&evaluated, "raster") && has(&evaluated, "confusion"));
    assert!(evaluated.contains("<title>Evaluation of 5-2-3</title>"));
}

#[test]
fn the_page_refers_to_nothing_outside() {
    let html = html(&full());
    for reference in [
        "http://", "https://", "src=", "href=", "url(", "@import", "<link", "<script", "<iframe", "<object",
        "<image",
    ] {
        assert!(!html.contains(reference), "{reference} is on the page");
    }
}

#[test]
fn hostile_strings_are_text() {
    let evil = "</title></svg><script>alert('x')</script>\"onload=\"&";
    let mut report = full();
    let run = &mut report.run;
    for text in [
        &mut run.command,
        &mut run.board,
        &mut run.configuration,
        &mut run.network,
        &mut run.learn,
        &mut run.parameters_sha256,
        &mut run.version,
    ] {
        *text = evil.into();
    }
    report.layers.iter_mut().for_each(|layer| layer.name = evil.into());
    let raster = report.raster.as_mut().unwrap();
    raster.source = evil.into();
    raster.rows.iter_mut().for_each(|row| row.name = evil.into());
    let (clean, html) = (html(&full()), html(&report));
    assert!(html.matches("&lt;script&gt;").count() >= 10);
    for image in [&html, &picture(&report)] {
        assert!(!image.contains("<script") && !image.contains("\"onload"), "{image}");
    }
    // Not one tag more, and not one less, than with harmless strings.
    for tag in ["<title", "</title", "</svg", "<text", "<th", "<td"] {
        assert_eq!(html.matches(tag).count(), clean.matches(tag).count(), "{tag}");
    }
}

#[test]
fn odd_numbers_do_not_stop_a_report() {
    let dir = tempdir().unwrap();
    write(dir.path(), &odd()).unwrap();
    let html = html(&odd());
    assert!(!html.contains("NaN") && !html.contains("could not be drawn"));
    assert!(!has(&html, "accuracy") && !has(&html, "thresholds") && has(&html, "raster"));
    assert!(picture(&odd()).ends_with("</svg>\n"));
    let empty = Raster { rows: vec![], ..odd().raster.unwrap() };
    let html = self::html(&Report { raster: Some(empty.clone()), ..full() });
    assert!(!has(&html, "raster"));
    assert!(picture(&Report { raster: Some(empty), ..bare() }).ends_with("</svg>\n"));
}

#[test]
fn the_json_has_the_same_numbers() {
    let dir = tempdir().unwrap();
    write(dir.path(), &full()).unwrap();
    let json: Value = serde_json::from_slice(&fs::read(dir.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(json["run"]["seed"], 18_446_744_073_709_551_615u64);
    assert_eq!(json["run"]["seconds"], 61.25);
    assert_eq!(json["epochs"].as_array().unwrap().len(), 4);
    assert_eq!(json["epochs"][1]["train_accuracy"], 0.625);
    assert_eq!(json["epochs"][1]["wrong_spikes"], 12.5);
    assert_eq!(json["epochs"][1]["delta_density"], 0.03125);
    assert_eq!(json["epochs"][0]["test_accuracy"], Value::Null);
    assert_eq!(json["layers"][1]["thresholds"][1], 1.25);
    assert_eq!(json["raster"]["rows"][2]["spikes"], serde_json::json!([[3, 2], [3, 1]]));
    assert_eq!(json["evaluation"]["confusion"][2], serde_json::json!([0, 34, 0]));
    let counts: arch::Counts = serde_json::from_value(json["counts"].clone()).unwrap();
    assert_eq!(counts, full().counts);
    let page = fs::read_to_string(dir.path().join("index.html")).unwrap();
    assert_eq!(page, html(&full()));
}

#[test]
fn the_json_has_the_documented_names() {
    let json = serde_json::to_value(full()).unwrap();
    let check = |value: &Value, names: &str| {
        let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut names: Vec<&str> = names.split(' ').collect();
        keys.sort();
        names.sort();
        assert_eq!(keys, names);
    };
    check(&json, "run epochs layers raster evaluation counts engine");
    check(&json["engine"], "clock_hz recordings cycles ideal_cycles utilisation recordings_per_second");
    check(&json["engine"]["cycles"], "control integrate fire learn update");
    check(
        &json["run"],
        "command board configuration network learn steps seed train_recordings test_recordings \
         parameters_sha256 version seconds link throughput",
    );
    check(&json["run"]["link"], "link recovery injected");
    check(
        &json["epochs"][0],
        "epoch train_accuracy test_accuracy wrong_spikes delta_density leaks recordings_per_second",
    );
    check(&json["layers"][0], "name inputs outputs weight_fraction_bits thresholds leak");
    check(&json["raster"], "source label prediction steps rows");
    check(&json["raster"]["rows"][0], "name size spikes");
    check(&json["evaluation"], "accuracy recordings confusion");
}

#[test]
fn a_report_replaces_the_one_before() {
    let dir = tempdir().unwrap();
    let nested = dir.path().join("runs/first");
    write(&nested, &bare()).unwrap();
    write(&nested, &full()).unwrap();
    assert_eq!(fs::read_to_string(nested.join("index.html")).unwrap(), html(&full()));
    assert_eq!(fs::read_dir(&nested).unwrap().count(), 3);
}

#[test]
fn a_file_in_place_of_the_directory_is_an_error_and_stays() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("report");
    fs::write(&path, "mine").unwrap();
    let error = write(&path, &full()).unwrap_err();
    assert!(matches!(error, ReportError::Directory { .. }), "{error:?}");
    assert!(error.to_string().contains("report"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_page_that_cannot_take_its_name_leaves_no_part_of_itself() {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("index.html")).unwrap();
    let error = write(dir.path(), &full()).unwrap_err();
    assert!(matches!(&error, ReportError::File { path, .. } if path.ends_with("index.html")), "{error:?}");
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["index.html", "picture.svg", "report.json"]);
}

#[test]
fn dark_rules_match_the_colours_that_are_drawn() {
    let html = html(&full());
    let (_, figures) = html.split_once("</style>").unwrap();
    for colour in [palette::INK, palette::MUTED, palette::RULE, palette::BLUE] {
        let fill = format!("\"{}\"", palette::hex(colour));
        assert!(figures.contains(&fill), "{fill} is not drawn");
        assert!(palette::dark_rules().contains(&format!("svg [fill={fill}]")), "{fill} is not repainted");
    }
}

#[test]
fn the_picture_shows_both_halves() {
    let image = picture(&full());
    assert!(image.contains("width=\"900\" height=\"360\""), "{image}");
    for text in ["Accuracy", "wrongly predicted 1", "time step", "<path", "label 2"] {
        assert!(image.contains(text), "{text} is missing");
    }
    assert!(!picture(&Report { raster: None, ..full() }).contains("time step"));
    assert!(!picture(&Report { epochs: vec![], ..full() }).contains("Accuracy"));
}
