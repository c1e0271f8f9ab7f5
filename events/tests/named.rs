//! Data sets by name, on real files laid out as they are published.
//!
//! Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets.

mod common;

use common::folder;
use events::{Dataset, Encoding, Event, ImageCode, Item};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

fn open(name: &str, root: &Path, split: &str, limit: Option<usize>) -> Dataset {
    Dataset::open(&format!("{name}:{}:{split}", root.display()), limit).unwrap()
}

fn labels(dataset: &Dataset) -> Vec<u16> {
    dataset.items().iter().map(Item::label).collect()
}

fn events(item: &Item) -> &[Event] {
    let Item::Recording(recording) = item else { panic!("no recording") };
    &recording.events
}

#[test]
fn n_mnist_is_read_from_its_zip() {
    let Some(folder) = folder("nmnist-small") else { return };
    let root = folder.join("nmnist-small.zip");
    let bundled = Dataset::open("bundled:train", Some(50)).unwrap();
    let named = open("n-mnist", &root, "train", Some(50));
    assert_eq!(labels(&named), labels(&bundled));
    for (named, bundled) in named.items().iter().zip(bundled.items()) {
        assert!(events(named) == events(bundled));
    }
    assert_eq!(open("n-mnist", &root, "test", None).len(), 100);
}

#[test]
fn gestures_are_cut_to_the_samples_they_were_made_of() {
    let Some(folder) = folder("dvs-gesture-10") else { return };
    let root = tempfile::tempdir().unwrap();
    for name in ["gestures_a.aedat", "gestures_a_labels.csv"] {
        fs::copy(folder.join("derived-aedat31").join(name), root.path().join(name)).unwrap();
    }
    fs::write(root.path().join("trials_to_train.txt"), "gestures_a.aedat\n").unwrap();
    let gestures = open("dvs-gesture", root.path(), "train", None);
    assert_eq!(
        (gestures.classes(), gestures.native_shape().unwrap().to_string().as_str()),
        (11, "2x128x128")
    );

    let archive = File::open(folder.join("dvs-gesture-samples.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(archive).unwrap();
    let mut samples = BTreeMap::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        if member.name().ends_with(".bs2") {
            let class: u16 = member.name()[..2].parse().unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            samples.insert(class - 1, bytes.len() / 5);
        }
    }
    assert!(gestures.len() >= 4 && gestures.len() <= samples.len(), "{}", gestures.len());
    for item in gestures.items() {
        assert_eq!(events(item).len(), samples[&item.label()], "class {}", item.label());
    }
}

#[test]
fn mnist_and_fashion_mnist_are_found_by_their_usual_names() {
    for (set, folder_name, from) in
        [("mnist", "mnist", "t10k-0-4999"), ("fashion-mnist", "fashion-mnist", "t10k-0-4999")]
    {
        let Some(folder) = folder(folder_name) else { return };
        let root = tempfile::tempdir().unwrap();
        for kind in ["images-idx3", "labels-idx1"] {
            let to = root.path().join(format!("t10k-{kind}-ubyte.gz"));
            fs::copy(folder.join(format!("{from}-{kind}-ubyte.gz")), to).unwrap();
        }
        let images = open(set, root.path(), "test", Some(200));
        assert_eq!((images.len(), images.classes()), (200, 10));
        let first = if set == "mnist" { [7, 2, 1, 0, 4] } else { [9, 2, 1, 1, 6] };
        assert_eq!(labels(&images)[..5], first);
    }
}

#[test]
fn cifar_is_read_and_coded_in_colour() {
    let Some(folder) = folder("cifar10") else { return };
    let root = tempfile::tempdir().unwrap();
    let packed = File::open(folder.join("test_2000.bin.xz")).unwrap();
    let mut bytes = Vec::new();
    liblzma::read::XzDecoder::new(packed).take(200 * 3073).read_to_end(&mut bytes).unwrap();
    fs::write(root.path().join("test_batch.bin"), &bytes).unwrap();
    let images = open("cifar10", root.path(), "test", None);
    assert_eq!((images.len(), images.classes()), (200, 10));
    assert_eq!(images.native_shape().unwrap().to_string(), "3x32x32");
    let code = |shape: &str| {
        let shape = shape.parse().unwrap();
        images.encode(&Encoding { shape, steps: 255, seed: 1, image_code: ImageCode::Regular }).unwrap()
    };
    let (colour, grey) = (code("3x32x32"), code("1x32x32"));
    let mut coloured = 0;
    for ((colour, grey), image) in colour.iter().zip(&grey).zip(bytes.chunks(3073)) {
        let mut counts = vec![0i32; 3072];
        colour.spikes.iter().flatten().for_each(|&input| counts[input as usize] += 1);
        // In 255 steps of 256 a pixel spikes as often as it is bright, or one less.
        assert!(
            counts
                .iter()
                .zip(&image[1..])
                .all(|(&count, &pixel)| (0..=1).contains(&(i32::from(pixel) - count)))
        );
        assert_eq!((colour.label, grey.label), (image[0].into(), image[0].into()));
        assert_eq!(grey.spikes.inputs(), 1024);
        coloured += usize::from(counts[..1024] != counts[2048..]);
    }
    assert!(coloured > 150, "{coloured} of 200 are in colour");
}
