//! The same pipeline learns the same bits of the same events, whatever format they come in and however often it is interrupted.

mod common;

use std::fs::File;
use std::path::Path;

use common::{Running, refused, run};
use events::recording::{self, Format, Sensor};
use events::{Dataset, Item};
use serde_json::Value;

/// Every stage that works on recordings of one digit each; no spaces, so that it is one word.
const PIPELINE: &str = "crop=32x32|hot-pixels=2000|background=10ms|window=100ms|quantise=1ms|shift=2|\
                        flip=columns,keep=0+1+8|jitter=2ms|drop=0.1|downsample=2|polarity=swap";
const NET: &str = "--net 2x16x16-20-10 --json";
const RECORDINGS: usize = 30;

/// Writes the first bundled recordings into label folders of this format, and lists them in `labels.csv`.
fn write(folder: &Path, format: Format) {
    let recordings = Dataset::open("bundled:train", Some(RECORDINGS)).unwrap();
    let mut list = "file,label\n".to_owned();
    for item in recordings.items() {
        let Item::Recording(recording) = item else { panic!("no recording") };
        let file = recording.name.strip_prefix("bundled:train/").unwrap();
        let path = folder.join(file).with_extension(format.name());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let sensor = Sensor { width: recording.width, height: recording.height };
        let sensor = (format != Format::Bin).then_some(sensor);
        let name = path.display().to_string();
        let mut writer = recording::create(&name, File::create(&path).unwrap(), format, sensor).unwrap();
        writer.write(&recording.events).unwrap();
        writer.finish().unwrap();
        list += &format!("{},{}\n", path.strip_prefix(folder).unwrap().display(), recording.label);
    }
    std::fs::write(folder.join("labels.csv"), list).unwrap();
}

fn result(train: &Value) -> [Value; 3] {
    assert_eq!(train["parameters_sha256"].as_str().unwrap().len(), 64);
    ["parameters_sha256", "epochs", "counts"].map(|key| train[key].clone())
}

fn learned(folder: &Path, source: &str, options: &str) -> [Value; 3] {
    result(&run(folder, &format!("train --train {source} {NET} --epochs 2 {options}")).json())
}

#[test]
fn five_formats_and_a_list_learn_the_bits_of_the_bundled_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let options = format!("--pipeline {PIPELINE} --split 0.7,seed=3 --balance oversample");
    let bundled = learned(folder.path(), &format!("bundled:train --train-limit {RECORDINGS}"), &options);
    for format in [Format::Bin, Format::Evt3, Format::Aedat4, Format::EventStream, Format::Dat] {
        let name = format.name();
        let source = folder.path().join(name);
        write(&source, format);
        assert_eq!(learned(folder.path(), name, &options), bundled, "{name}");
    }
    assert_eq!(learned(folder.path(), "aedat4/labels.csv", &options), bundled, "a list");
    // A hash that were always the same would pass all of that.
    for other in [
        options.replace("shift=2", "shift=3"),
        options.replace("background=10ms", "background=9ms"),
        options.replace("seed=3", "seed=4"),
        options.replace("oversample", "cap"),
        format!("{options} --seed 2"),
    ] {
        assert_ne!(learned(folder.path(), "bin", &other)[0], bundled[0], "{other}");
    }
}

#[test]
fn a_file_of_stages_is_the_line_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let stages = "[[stage]]\nwindow = \"100ms\"\n[[stage]]\nshift = 2\n[[stage]]\ndownsample = 2\n";
    std::fs::write(folder.path().join("p.toml"), stages).unwrap();
    let source = "bundled:train --train-limit 10";
    let net = "--net 2x17x17-20-10";
    let of = |pipeline: &str| {
        learned(folder.path(), source, &format!("{net} --pipeline {pipeline}").replace(net, ""))
    };
    assert_eq!(of("p.toml"), of("window=100ms|shift=2|downsample=2"));
    assert_ne!(of("p.toml")[0], of("window=100ms|shift=1|downsample=2")[0]);
}

/// Long enough that a test which has seen the first epoch's file still meets the run under way.
const LONG: &str =
    "train --train bundled:train --train-limit 60 --epochs 8 --out net.safetensors --balance oversample";

#[test]
fn an_interrupted_run_draws_what_an_uninterrupted_one_does() {
    let line = format!("{LONG} {NET} --pipeline {PIPELINE}");
    let folder = tempfile::tempdir().unwrap();
    let whole = result(&run(folder.path(), &line).json());

    let folder = tempfile::tempdir().unwrap();
    let mut first = Running::start(folder.path(), &line);
    first.until_exists(&folder.path().join("net.safetensors"));
    first.interrupt();
    let first = first.end();
    assert_eq!(first.code, Some(130), "{}", first.stderr);
    let stopped: Value = serde_json::from_str(&first.stdout).unwrap();
    let done = stopped["epochs"].as_array().unwrap().len();
    assert!((1..8).contains(&done), "{done} epochs: nothing was left to go on with");

    // Other draws, another order of what is drawn: not the run that was interrupted.
    let other = |options: &str, said: &[&str]| {
        refused(folder.path(), &format!("{LONG} {NET} --resume {options}"), said);
    };
    let said =
        ["the file was trained with --pipeline crop=32x32 | hot-pixels=2000", "this run asks for (none)"];
    other("", &said);
    other(
        &format!("--pipeline {}", PIPELINE.replace("drop=0.1", "drop=0.2")),
        &["this run asks for crop=32x32", "drop=0.2"],
    );
    other(
        &format!("--pipeline {PIPELINE} --split 0.5"),
        &["with --split (none), this run asks for 0.5,seed=0"],
    );

    let resumed = run(folder.path(), &format!("{line} --resume")).json();
    assert_eq!(resumed["recordings_per_second"].as_array().unwrap().len(), 8 - done, "it went on");
    assert_eq!(result(&resumed), whole);
}

/// Learns a network of windows in `folder`, testing on what a split leaves.
fn split_run(folder: &Path) -> Value {
    let line = format!(
        "train --train bundled:train --train-limit 50 {NET} --epochs 1 --out net.safetensors --split 0.6,seed=1 --pipeline {PIPELINE}"
    );
    run(folder, &line).json()
}

#[test]
fn eval_prepares_recordings_as_they_were_in_training() {
    let folder = tempfile::tempdir().unwrap();
    let trained = split_run(folder.path());
    let eval = |options: &str| {
        let line =
            format!("eval --weights net.safetensors --test bundled:train --test-limit 50 --json {options}");
        run(folder.path(), &line).json()
    };
    let rest = eval("--split 0.6,seed=1");
    assert_eq!(rest["accuracy"], trained["test_accuracy"]);
    assert_eq!(rest["recordings"].as_u64().unwrap() + trained["counts"]["samples"].as_u64().unwrap(), {
        eval("")["recordings"].as_u64().unwrap()
    });
    // Nothing is drawn in testing: not even events of which all would be dropped.
    let fixed = PIPELINE.replace("shift=2|", "").replace("jitter=2ms|drop=0.1|", "");
    let undrawn = eval(&format!("--split 0.6,seed=1 --pipeline {fixed}"));
    let dropped = eval(&format!("--split 0.6,seed=1 --pipeline {}", PIPELINE.replace("drop=0.1", "drop=1")));
    assert_eq!(undrawn["predictions"], rest["predictions"]);
    assert_eq!(dropped["predictions"], rest["predictions"]);
    // Without the pipeline a recording is one item again.
    assert_eq!(eval("--pipeline=")["recordings"], 50);
}

#[test]
fn balance_learns_as_often_from_every_class() {
    let folder = tempfile::tempdir().unwrap();
    let labels = |limit| {
        let mut counts = [0u64; 10];
        let recordings = Dataset::open("bundled:train", Some(limit)).unwrap();
        recordings.items().iter().for_each(|item| counts[usize::from(item.label())] += 1);
        counts
    };
    let samples = |balance: &str| {
        let line = format!(
            "train --train bundled:train --train-limit 60 --net 2x17x17-20-10 --epochs 1 --json {balance}"
        );
        run(folder.path(), &line).json()["counts"]["samples"].as_u64().unwrap()
    };
    let counts = labels(60);
    let (most, fewest) = (counts.iter().max().unwrap(), counts.iter().min().unwrap());
    assert!(most > fewest && *fewest > 0);
    assert_eq!(samples("--balance oversample"), 10 * most);
    assert_eq!(samples("--balance cap"), 10 * fewest);
    assert_eq!(samples(""), 60);
}

#[test]
fn hold_out_keeps_whole_recordings_out() {
    let folder = tempfile::tempdir().unwrap();
    let line = "train --train bundled:train --train-limit 10 --hold-out 4 --net 2x17x17-20-10 --epochs 1 --json \
                --pipeline window=100ms";
    // Three windows of each recording.
    assert_eq!(run(folder.path(), line).json()["counts"]["samples"], 18);
}

#[test]
fn what_a_pipeline_cannot_do_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --train bundled:train --train-limit 5 --net 2x17x17-20-10 --epochs 1";
    let refuse = |options: &str, said: &[&str]| refused(folder.path(), &format!("{train} {options}"), said);
    let said = ["stage 2 of the pipeline, `crop=40x40`", "the sensor that it gets is of 17x17 pixels"];
    refuse("--pipeline downsample=2|crop=40x40", &said);
    refuse(
        "--pipeline downsample=0",
        &["stage 1 of the pipeline, `downsample=0`", "a factor from 1 to 65535"],
    );
    refuse("--pipeline gone.toml", &["cannot read `gone.toml`"]);
    refuse("--pipeline window=5s", &["leaves nothing: none of the 5 recordings fills a window", "last=keep"]);
    refuse("--pipeline flip=columns,swap=2/10", &["the label 10, but the source has 10 classes"]);
    refuse("--split 0.0", &["`0.0` is no split", "0.8,seed=1"]);
    std::fs::create_dir_all(folder.path().join("one/7")).unwrap();
    std::fs::write(folder.path().join("one/7/1.bin"), [33, 33, 0x80, 0, 1]).unwrap();
    let one = "train --train one --net 2x17x17-20-10 --epochs 1 --split 0.5";
    refused(folder.path(), one, &["every recording of source one is the only one of its label"]);
    let task =
        "train --train delayed-decision:count=5 --net 64-10-10 --steps 20 --epochs 1 --pipeline drop=0.1";
    refused(folder.path(), task, &["a pipeline takes recordings: item 0 of the source is spikes already"]);
    assert_eq!(common::listed(folder.path()), ["one"]);
}

/// What a pipeline leaves out is told, on stderr.
#[test]
fn what_is_left_out_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("source/7")).unwrap();
    let event = |milliseconds: u32| {
        let time = (1000 * milliseconds).to_be_bytes();
        [5, 5, 0x80 | time[1], time[2], time[3]]
    };
    std::fs::write(folder.path().join("source/7/1.bin"), [event(0), event(1)].concat()).unwrap();
    std::fs::write(folder.path().join("source/7/2.bin"), [event(0), event(25)].concat()).unwrap();
    let line = "train --train source --net 2x17x17-20-10 --epochs 1 --json --pipeline window=10ms";
    let ended = run(folder.path(), line);
    assert_eq!(ended.json()["counts"]["samples"], 2);
    assert!(ended.stderr.contains("1 of 2 recordings fill no window and are left out"), "{}", ended.stderr);
    assert!(ended.stderr.contains("1 of 2 items have no events left"), "{}", ended.stderr);
}
