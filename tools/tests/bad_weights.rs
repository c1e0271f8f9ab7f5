//! A weights file that is damaged, or of another run, is refused and left as it is.

mod common;

use std::path::Path;

use common::{listed, refused, run};
use serde_json::{Value, json};

const TRAIN: &str = "train --train bundled:test --train-limit 5 --net 2x17x17-20-10 --epochs 2";
const EVAL: &str = "eval --weights net.safetensors --test bundled:test --test-limit 5";

/// A folder with a good weights file, and its bytes.
fn trained() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &format!("{TRAIN} --out net.safetensors --json")).json();
    let bytes = std::fs::read(folder.path().join("net.safetensors")).unwrap();
    (folder, bytes)
}

/// Refuses `line` and finds the weights file, the only one, as `bytes`.
#[track_caller]
fn refused_and_kept(folder: &Path, line: &str, bytes: &[u8], said: &[&str]) {
    refused(folder, line, said);
    assert_eq!(listed(folder), ["net.safetensors"], "`{line}` leaves something behind");
    assert!(std::fs::read(folder.join("net.safetensors")).unwrap() == bytes, "`{line}` changes the file");
}

/// The file with `change` made to its header: eight bytes of length, JSON, then the tensors' bytes.
fn with_header(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (header, tensors) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: Value = serde_json::from_slice(header).unwrap();
    let before = header.clone();
    change(&mut header);
    assert_ne!(header, before, "the change changes nothing");
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header[..], tensors].concat()
}

/// The file with `change` made to one of the JSON texts in its metadata.
fn with_metadata(bytes: &[u8], entry: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    with_header(bytes, |header| {
        let text = &mut header["__metadata__"][entry];
        let mut value: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        change(&mut value);
        *text = json!(value.to_string());
    })
}

/// It might have no end.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), "eval --weights /dev/zero --test bundled:test", &["/dev/zero", "wanted a file"]);
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("board.toml")).unwrap();
    refused(folder.path(), &format!("{TRAIN} --config board.toml"), &["board.toml", "wanted a file"]);
}

#[test]
fn damaged_files_are_refused() {
    let (folder, good) = trained();
    let no_tensors = "not a safetensors file";
    let mut flipped = good.clone();
    // The last tensor is one of weights: any value of it is a weight, so only the hash tells.
    *flipped.last_mut().unwrap() ^= 1;
    let hash = "its parameters hash to";
    for (bytes, said) in [
        (Vec::new(), no_tensors),
        (good[..4].to_vec(), no_tensors),
        (good[..good.len() / 2].to_vec(), no_tensors),
        (good[..good.len() - 1].to_vec(), no_tensors),
        ([&good[..], &[0]].concat(), no_tensors),
        // A header of more bytes than there are.
        ([&[0xff; 8], &good[8..]].concat(), no_tensors),
        (flipped, hash),
    ] {
        std::fs::write(folder.path().join("net.safetensors"), &bytes).unwrap();
        for line in [EVAL, &format!("{TRAIN} --out net.safetensors --resume")] {
            refused_and_kept(folder.path(), line, &bytes, &["weights file net.safetensors", said]);
        }
    }
    let line = EVAL.replace("net.safetensors", "gone.safetensors");
    refused(folder.path(), &line, &["weights file gone.safetensors", "No such file"]);
}

#[test]
fn files_of_another_shape_are_refused_with_both() {
    let (folder, good) = trained();
    let layer = |at: usize, change: fn(&mut Value)| {
        with_metadata(&good, "network", |network| change(&mut network["layers"][at]))
    };
    let turned = with_header(&good, |header| header["layers.0.weight"]["shape"] = json!([20, 578]));
    let longer = layer(1, |layer| layer["input"]["channels"] = json!(21));
    let huge = layer(0, |layer| {
        layer["input"] = json!({"channels": 65535, "height": 65535, "width": 65535});
    });
    let no_layers = with_metadata(&good, "network", |network| network["layers"] = json!([]));
    for (bytes, said) in [
        (turned, "tensor `layers.0.weight` is I8 [20, 578], wanted I8 [578, 20]"),
        (longer, "tensor `layers.1.weight` is I8 [20, 10], wanted I8 [21, 10]"),
        (huge, "tensor `layers.0.weight` is I8 [578, 20], wanted I8 [4294967295, 20]"),
        (no_layers, "6 tensors, wanted 0: three a layer"),
    ] {
        std::fs::write(folder.path().join("net.safetensors"), &bytes).unwrap();
        refused_and_kept(folder.path(), EVAL, &bytes, &["weights file net.safetensors", said]);
    }
}

#[test]
fn files_of_other_programs_are_refused() {
    let (folder, good) = trained();
    let foreign = with_header(&good, |header| {
        header.as_object_mut().unwrap().remove("__metadata__");
    });
    let later = with_header(&good, |header| header["__metadata__"]["format"] = json!("stop-fpga/2"));
    let unknown = with_metadata(&good, "run", |run| run["momentum"] = json!(0.9));
    for (bytes, said) in [
        (foreign, "wanted a file written by `stop-fpga train`"),
        (later, "its format is `stop-fpga/2`, wanted `stop-fpga/1`"),
        (unknown, "metadata entry `run`: unknown field `momentum`"),
    ] {
        std::fs::write(folder.path().join("net.safetensors"), &bytes).unwrap();
        refused_and_kept(folder.path(), EVAL, &bytes, &["weights file net.safetensors", said]);
    }
}

#[test]
fn a_board_of_other_weights_refuses_the_file() {
    let (folder, good) = trained();
    let line = format!("{EVAL} --config virtual-w16");
    let said = ["the network has 8-bit weights and the configuration 16-bit weights"];
    refused_and_kept(folder.path(), &line, &good, &said);
    let line = format!("{TRAIN} --out net.safetensors --resume --config virtual-w16");
    let said = ["holds 8-bit weights, the board `virtual-w16` has 16-bit weights", "another --out"];
    refused_and_kept(folder.path(), &line, &good, &said);
}

#[test]
fn only_the_same_run_goes_on() {
    let (folder, good) = trained();
    let line = |options: &str| format!("{TRAIN} --out net.safetensors --resume {options}");
    // Complete as it is: nothing is left to do, and that is no mistake.
    assert_eq!(run(folder.path(), &line("")).code, Some(0));
    let changed = |from: &str, to: &str| line("").replace(from, to);
    for (line, said) in [
        (line("--seed 2"), ["trained with --seed 1", "this run asks for 2"]),
        (line("--steps 8"), ["trained with --steps 16", "this run asks for 8"]),
        (line("--code regular"), ["trained with --code rate", "this run asks for regular"]),
        (line("--learn w"), ["trained with the recipe's learn", "\"thresholds\":false"]),
        (line("--rate 9"), ["recipe's rate [8]", "this run asks for [9]"]),
        (changed("--epochs 2", "--epochs 3"), ["trained with --epochs 2", "this run asks for 3"]),
        (changed("-20-", "-24-"), ["trained with --net 2x17x17-20-10", "this run asks for 2x17x17-24-10"]),
        (changed("limit 5", "limit 6"), ["number of recordings: 5", "this run asks for 6"]),
    ] {
        let said = [&said[..], &["--resume", "or another --out"]].concat();
        refused_and_kept(folder.path(), &line, &good, &said);
    }
}
