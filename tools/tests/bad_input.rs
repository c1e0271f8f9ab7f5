//! What can't be learned from is refused: nothing is written, and the message says what was seen and what was wanted.

mod common;

use std::path::Path;

use common::{listed, refused, run};

/// A folder to work in, with an empty one for what a run writes.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    folder
}

/// Refuses `train` with these options and finds that nothing was written.
#[track_caller]
fn untrained(folder: &Path, options: &str, said: &[&str]) {
    refused(folder, &format!("train {options} --out out/net.safetensors"), said);
    assert_eq!(listed(&folder.join("out")), [""; 0], "`{options}` leaves something behind");
}

/// Writes `bytes` as the only recording of a source of its own, and refuses it.
#[track_caller]
fn unreadable(name: &str, bytes: &[u8], said: &[&str]) {
    let folder = folder();
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    untrained(folder.path(), "--train source --net 2x17x17-20-10", said);
}

/// The refusals below have a reason only if the same run with a good recording ends well.
#[test]
fn a_good_recording_is_learned() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("source/7")).unwrap();
    std::fs::write(folder.path().join("source/7/1.bin"), [33, 33, 0x80, 0, 1]).unwrap();
    let line = "train --train source --net 2x17x17-20-10 --epochs 1 --out out/net.safetensors --json";
    assert_eq!(run(folder.path(), line).json()["counts"]["samples"], 1);
    assert_eq!(listed(&folder.path().join("out")), ["net.safetensors"]);
}

#[test]
fn a_source_that_is_not_there_is_named() {
    let said = ["there is nothing at `gone`", "give a folder or zip of label folders", "bundled:train"];
    untrained(folder().path(), "--train gone --net 2x17x17-20-10", &said);
    let said = ["no split `validation`", "give `train` or `test`"];
    untrained(folder().path(), "--train bundled:validation --net 2x17x17-20-10", &said);
    // A good source to learn from does not excuse a bad one to test on.
    let line = "--train bundled:train --train-limit 5 --net 2x17x17-20-10 --test gone";
    untrained(folder().path(), line, &["source gone", "there is nothing at `gone`"]);
}

#[test]
fn damaged_recordings_are_refused() {
    unreadable("source/7/1.bin", &[], &["`source/7/1.bin` is empty", "fetch it again"]);
    let said = ["`source/7/1.bin` (bin) is damaged at byte 10", "within a record: there are 3 of 5 bytes"];
    unreadable("source/7/1.bin", &[0; 13], &said);
    let outside = [0, 0, 0, 0, 0, 34, 5, 0, 0, 0];
    let said = ["damaged at byte 5: an event at x = 34, y = 5", "on the sensor of 34x34 pixels"];
    unreadable("source/7/1.bin", &outside, &said);
    let backwards = [0, 0, 0, 0, 9, 0, 0, 0, 0, 8];
    let said = ["event 1 is at 8 µs", "precedes it at 9 µs", "must not decrease"];
    unreadable("source/7/1.bin", &backwards, &said);
}

#[test]
fn a_recording_of_more_than_4_million_events_is_refused() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("source/7")).unwrap();
    // A hole of one event more than is read: it takes no room on the disk.
    let file = std::fs::File::create(folder.path().join("source/7/1.bin")).unwrap();
    file.set_len((20 << 20) + 5).unwrap();
    let said = ["`source/7/1.bin` has more than 4194304 events, the most that is kept"];
    untrained(folder.path(), "--train source --net 2x17x17-20-10", &said);
}

#[test]
fn label_folders_are_numbers_and_hold_recordings() {
    let event = [0; 5];
    let said = ["label folder `seven` of `source` is no number from 0 to 65534", "named by their class"];
    unreadable("source/seven/1.bin", &event, &said);
    let said = ["`source/7/1.aedat` begins with 6E 6F 6E 65", "no recording of a known format"];
    unreadable("source/7/1.aedat", b"nonesuch", &said);
    let said = ["`source` holds no recordings", "such as `source/7/00001.bin`"];
    unreadable("source/labels.csv", &event, &said);
    let said = ["source source has 11 classes", "the network has 10 output neurons"];
    unreadable("source/10/1.bin", &event, &said);
    let said = ["`source` begins with 6E 6F 6E 65", "neither a zip", "nor an IDX file"];
    unreadable("source", b"nonesuch", &said);
}

/// An IDX file: its magic number, its sizes, its bytes.
fn idx(magic: u32, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let header = std::iter::once(&magic).chain(sizes).flat_map(|number| number.to_be_bytes());
    header.chain(bytes.iter().copied()).collect()
}

const IMAGES: u32 = 0x803;
const LABELS: u32 = 0x801;
const ON_IMAGES: &str = "--train some-images-idx3-ubyte --net 4-3-2 --epochs 1";

/// A folder with these files of images and labels.
fn images_and_labels(images: &[u8], labels: &[u8]) -> tempfile::TempDir {
    let folder = folder();
    std::fs::write(folder.path().join("some-images-idx3-ubyte"), images).unwrap();
    std::fs::write(folder.path().join("some-labels-idx1-ubyte"), labels).unwrap();
    folder
}

#[test]
fn damaged_image_files_are_refused() {
    let images = idx(IMAGES, &[2, 2, 2], &[0, 80, 160, 240, 240, 160, 80, 0]);
    let labels = idx(LABELS, &[2], &[0, 1]);
    let good = images_and_labels(&images, &labels);
    assert_eq!(run(good.path(), &format!("train {ON_IMAGES} --json")).json()["counts"]["samples"], 2);

    let unread = |images: &[u8], labels: &[u8], said: &[&str]| {
        untrained(images_and_labels(images, labels).path(), ON_IMAGES, said);
    };
    let magic = idx(0x802, &[2, 2, 2], &[0; 8]);
    let said = ["`some-images-idx3-ubyte` begins with 0x00000802: wanted 0x00000803", "images of 8 bits"];
    unread(&magic, &labels, &said);
    let said = ["`some-labels-idx1-ubyte` begins with 0x00000803: wanted 0x00000801", "labels of 8 bits"];
    unread(&images, &images, &said);
    let three = idx(IMAGES, &[3, 2, 2], &[0; 12]);
    let said = ["holds 3 images", "2 labels", "they do not belong together"];
    unread(&three, &labels, &said);
    let said = ["`some-images-idx3-ubyte` is cut", "there are 3 of 4 bytes"];
    unread(&images[..images.len() - 1], &labels, &said);
    let said = ["continues after the end that its header gives"];
    unread(&[&images[..], &[0]].concat(), &labels, &said);
    // No such file has so many pixels, whatever its header says.
    let said = ["says rows = 4294967295: wanted 1 to 4096"];
    unread(&idx(IMAGES, &[2, u32::MAX, u32::MAX], &[0; 8]), &labels, &said);
}

#[test]
fn images_without_labels_are_refused() {
    let folder = folder();
    let images = idx(IMAGES, &[1, 1, 1], &[9]);
    std::fs::write(folder.path().join("some-images-idx3-ubyte"), images).unwrap();
    let said = ["have no labels beside them", "wanted `some-labels-idx1-ubyte`"];
    untrained(folder.path(), ON_IMAGES, &said);
}

#[test]
fn what_the_command_line_asks_for_must_be_possible() {
    let some = "--train bundled:train --train-limit 5 --net 2x17x17-20-10";
    for (options, said) in [
        ("--steps 0", ["--steps 0", "at least one time step"]),
        ("--steps 65536", ["'65536'", "0..=65535"]),
        ("--epochs 0", ["--epochs 0", "use --epochs 1 or more"]),
        ("--learn tlw", ["unknown variant `tlw`", "no-trace, w, wt, wl, wtl"]),
        ("--threshold 9", ["--threshold 9", "wanted 0.25 to 4"]),
        ("--leak NaN", ["--leak NaN", "wanted 0.0625 to 0.984375"]),
        ("--rate 8,8,8", ["--rate has 3 values", "the network has 2 layers"]),
        ("--config nonesuch", ["no configuration `nonesuch`", "there are icebreaker"]),
        ("--config gone.toml", ["gone.toml", "No such file"]),
        (
            "--board nonesuch",
            [
                "--board nonesuch",
                "wanted model, rtl, verilator, netlist, bitstream, bitstream:FILE, float, serial:PORT, tcp:HOST:PORT, pcie:CARD, or faulty:FAULTS:BOARD",
            ],
        ),
        ("--board bitstream", ["a bitstream for Up5kSg48 cannot be simulated", "--config hx8k-breakout"]),
        ("--board bitstream:gone.bin", ["--board bitstream:gone.bin", "No such file"]),
        ("--board float", ["--board float has no parameters in a board's formats", "leave out --out"]),
        ("--hold-out 5", ["--hold-out 5", "wanted 1 to 4, of 5 recordings"]),
    ] {
        untrained(folder().path(), &format!("{some} {options}"), &said);
    }
    let none = "--train bundled:train --train-limit 0 --net 2x17x17-20-10";
    untrained(folder().path(), none, &["no recordings are left", "a limit of at least 1"]);
    let out = "train --train bundled:train --train-limit 5 --net 2x17x17-20-10 --out";
    refused(folder().path(), &format!("{out} gone/net.safetensors"), &["folder can't be written to"]);
    refused(folder().path(), &format!("{out} out"), &["--out out is a folder", "name a file in it"]);
}

/// The message names what there is too little of, and its numbers add up.
#[test]
fn a_network_that_does_not_fit_says_by_how_much() {
    let capacity = arch::Board::named("icebreaker").unwrap().engine;
    for (net, what, available) in [
        ("2x17x17-300-10", "synapses", capacity.synapses),
        ("10-600-10", "neurons", capacity.neurons),
        ("2x34x34-20-10", "inputs", capacity.inputs),
        ("4-4-4-4-4-4-4-4-4-4", "layers", u32::from(capacity.layers)),
    ] {
        let folder = folder();
        let line = format!("train --train bundled:train --net {net} --out out/net.safetensors");
        let said = ["does not fit the board `icebreaker`", what, "a smaller --net, or another board"];
        let message = refused(folder.path(), &line, &said).stderr;
        assert_eq!(listed(&folder.path().join("out")), [""; 0]);
        let words = message.split(|letter: char| !letter.is_ascii_digit()).filter(|word| !word.is_empty());
        let numbers: Vec<u32> = words.map(|word| word.parse().unwrap()).collect();
        assert_eq!(numbers[0] - numbers[1], numbers[2], "{net}: {message}");
        assert_eq!(numbers[2], available, "{net}: {message}");
    }
    // The board is what it does not fit: a roomier one takes it.
    let wide =
        "train --train bundled:train --train-limit 1 --epochs 1 --net 2x17x17-300-10 --config virtual-w8";
    assert_eq!(run(folder().path(), wide).code, Some(0));
}

/// A rate that is refused names those that are not: the outermost two are taken, the next beyond them refused.
#[test]
fn the_rates_that_a_refusal_advises_are_taken() {
    let folder = folder();
    // Of one layer only: what is advised for one need not suit another.
    let line = "train --train bundled:test --train-limit 1 --net 2x17x17-10 --epochs 1 --rate";
    for rate in ["0", "255"] {
        let message = refused(folder.path(), &format!("{line} {rate}"), &["use a rate from"]).stderr;
        let numbers = message.split(|letter: char| !letter.is_ascii_digit()).filter(|word| !word.is_empty());
        let mut last: Vec<u32> = numbers.map(|word| word.parse().unwrap()).collect();
        let (to, from) = (last.pop().unwrap(), last.pop().unwrap());
        for (rate, taken) in [(from - 1, false), (from, true), (to, true), (to + 1, false)] {
            let ended = run(folder.path(), &format!("{line} {rate}"));
            assert_eq!(ended.code == Some(0), taken, "{from} to {to} advised, {rate}: {}", ended.stderr);
        }
    }
}
