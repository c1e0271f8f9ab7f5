//! From a source string to samples, as a user of the crate sees it.

use events::{Dataset, Encoding, Error, ImageCode, Item};

fn encoding(shape: &str, steps: u16) -> Encoding {
    Encoding { shape: shape.parse().unwrap(), steps, seed: 1, image_code: ImageCode::Regular }
}

#[test]
fn recordings_become_samples_of_the_shape_asked_for() {
    let recordings = Dataset::open("bundled:test", Some(20)).unwrap();
    assert_eq!((recordings.len(), recordings.classes(), recordings.is_empty()), (20, 10, false));
    assert_eq!(recordings.native_shape().unwrap().to_string(), "2x34x34");
    assert_eq!(recordings.native_steps(), None);
    let samples = recordings.encode(&encoding("2x17x17", 16)).unwrap();
    for (sample, item) in samples.iter().zip(recordings.items()) {
        assert_eq!((sample.label, sample.first_loss_step), (item.label(), 0));
        assert_eq!((sample.spikes.steps(), sample.spikes.inputs()), (16, 578));
        assert!((100..4000).contains(&sample.spikes.spikes()), "{}", sample.spikes.spikes());
    }
}

#[test]
fn a_limit_keeps_the_first_samples_as_they_are() {
    let all = Dataset::open("bundled:test", None).unwrap().encode(&encoding("2x17x17", 8)).unwrap();
    let few = Dataset::open("bundled:test", Some(3)).unwrap().encode(&encoding("2x17x17", 8)).unwrap();
    assert_eq!(all[..3], few);
}

#[test]
fn a_synthetic_task_says_which_encoding_it_takes() {
    let task = Dataset::open("delayed-decision:count=5,inputs=32,steps=15", None).unwrap();
    let shape = task.native_shape().unwrap();
    let steps = task.native_steps().unwrap();
    assert_eq!((shape.to_string().as_str(), steps), ("1x1x32", 15));
    let samples = task.encode(&Encoding { shape, steps, ..encoding("1", 1) }).unwrap();
    assert!(samples.iter().all(|sample| sample.first_loss_step == 11));
    assert!(matches!(task.encode(&encoding("2x17x17", 15)), Err(Error::FixedSpikes { .. })));
}

#[test]
fn no_items_have_no_shape() {
    let none = Dataset::open("bundled:test", Some(0)).unwrap();
    assert!(none.is_empty() && none.native_shape().is_none() && none.native_steps().is_none());
    assert_eq!(none.encode(&encoding("2x17x17", 1)).unwrap(), []);
}

/// Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets with `mnist/`.
#[test]
fn mnist_is_read_and_coded() {
    let Some(folder) = std::env::var_os("STOP_FPGA_DATA") else {
        println!("not run: STOP_FPGA_DATA, a folder of data sets, is not set");
        return;
    };
    let path = std::path::Path::new(&folder).join("mnist/train-images-idx3-ubyte.gz");
    if !path.is_file() {
        println!("not run: there is no {}", path.display());
        return;
    }
    let images = Dataset::open(path.to_str().unwrap(), Some(100)).unwrap();
    assert_eq!((images.len(), images.classes()), (100, 10));
    let labels: Vec<_> = images.items().iter().take(10).map(Item::label).collect();
    assert_eq!(labels, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    let samples = images.encode(&encoding("784", 8)).unwrap();
    assert!(samples.iter().all(|sample| sample.spikes.spikes() > 100));
    assert_eq!(images.encode(&encoding("1x14x14", 8)).unwrap()[0].spikes.inputs(), 196);
}

#[test]
fn the_last_items_come_off_as_a_dataset_of_their_own() {
    let all = Dataset::open("bundled:test", Some(20)).unwrap();
    let mut first = all.clone();
    let last = first.split_off_last(5);
    assert_eq!((first.items(), last.items()), (&all.items()[..15], &all.items()[15..]));
    assert_eq!(last.classes(), all.classes());
    assert_eq!(first.split_off_last(99).len(), 15, "all that there are, and no panic");
}
