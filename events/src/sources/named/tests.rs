use super::*;
use crate::item::{Event, Item};
use crate::recording::{self, Format, Sensor};
use std::fs;

/// A folder with these files in it.
fn tree(files: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    root
}

fn open(root: &Path, set: DataSet, split: Split) -> Result<Loaded, Error> {
    Named { set, root: root.into(), split }.load(usize::MAX)
}

fn labels(root: &Path, set: DataSet, split: Split) -> Vec<u16> {
    open(root, set, split).unwrap().items.iter().map(Item::label).collect()
}

fn message(root: &Path, set: DataSet, split: Split) -> String {
    open(root, set, split).err().unwrap().to_string()
}

/// A recording whose events lie at these times.
fn recorded(format: Format, sensor: Sensor, times: &[u64]) -> Vec<u8> {
    let mut writer = recording::create("memory", Vec::new(), format, Some(sensor)).unwrap();
    let events: Vec<Event> = times.iter().map(|&t_us| Event { t_us, x: 1, y: 2, on: true }).collect();
    writer.write(&events).unwrap();
    writer.finish().unwrap()
}

const DVS128: Sensor = Sensor { width: 128, height: 128 };

fn times(item: &Item) -> Vec<u64> {
    let Item::Recording(recording) = item else { panic!("no recording") };
    recording.events.iter().map(|event| event.t_us).collect()
}

#[test]
fn names_are_found_with_their_paths_and_splits() {
    let named = |set, root: &str, split| Some(Named { set, root: root.into(), split });
    assert_eq!(Named::find("n-mnist:a/b"), named(DataSet::NMnist, "a/b", Split::Train));
    assert_eq!(Named::find("shd:a:test"), named(DataSet::Shd, "a", Split::Test));
    assert_eq!(Named::find("cifar10:a:b:train"), named(DataSet::Cifar10, "a:b", Split::Train));
    assert_eq!(Named::find("mnist:a:b"), named(DataSet::Mnist, "a:b", Split::Train));
    assert_eq!((Named::find("mnist"), Named::find("nmnist:a"), Named::find("/mnist:a")), (None, None, None));
    for set in DataSet::ALL {
        assert_eq!(Named::find(&format!("{}:x", set.name())), named(set, "x", Split::Train));
    }
}

#[test]
fn what_is_missing_is_listed() {
    let root = tempfile::tempdir().unwrap();
    for (set, looked_for) in [
        (DataSet::DvsGesture, "`trials_to_test.txt`"),
        (DataSet::NMnist, "`Test`, `Test.zip`"),
        (DataSet::NCars, "`n-cars_test/test`, `n-cars_test.zip`, `n-cars_test`"),
        (DataSet::Mnist, "`t10k-images-idx3-ubyte`, `t10k-images-idx3-ubyte.gz`"),
        (DataSet::FashionMnist, "`raw/t10k-images-idx3-ubyte`"),
        (DataSet::Cifar10, "`test_batch.bin`, `test_batch.bin.gz`, `cifar-10-batches-bin/test_batch.bin`"),
        (DataSet::Cifar100, "`test.bin`"),
    ] {
        let seen = message(root.path(), set, Split::Test);
        assert!(seen.contains(looked_for) && seen.contains(set.name()), "{seen}");
        assert!(seen.contains("docs/data-sets.md"), "{seen}");
    }
    let gone = root.path().join("gone");
    assert!(
        message(&gone, DataSet::NCaltech101, Split::Train)
            .contains("`Caltech101`, `Caltech101.zip`, label folders")
    );
}

/// Recordings of two gestures each, one list of each part.
fn gestures() -> Vec<(String, Vec<u8>)> {
    let recording = |times: &[u64]| recorded(Format::Aedat31, DVS128, times);
    let csv = |rows: &str| format!("class,startTime_usec,endTime_usec\n{rows}").into_bytes();
    [
        ("trials_to_train.txt", b"user01_led.aedat\nuser02_led.aedat\n".to_vec()),
        ("trials_to_test.txt", b"user24_led.aedat\r\n\r\n".to_vec()),
        ("user01_led.aedat", recording(&[5, 10, 19, 20, 30, 39])),
        ("user01_led_labels.csv", csv("1,10,20\n11,30,40\n")),
        ("user02_led.aedat", recording(&[7, 8])),
        ("user02_led_labels.csv", csv("5,0,9\n")),
        ("user24_led.aedat", recording(&[1])),
        ("user24_led_labels.csv", csv("2,0,9\n")),
    ]
    .map(|(name, bytes)| (format!("DvsGesture/{name}"), bytes))
    .into()
}

#[test]
fn gestures_are_cut_where_their_lists_say() {
    let root = tree(&gestures());
    let loaded = open(root.path(), DataSet::DvsGesture, Split::Train).unwrap();
    assert_eq!(loaded.classes, 11);
    assert_eq!(labels(root.path(), DataSet::DvsGesture, Split::Train), [0, 10, 4]);
    let seen: Vec<_> = loaded.items.iter().map(times).collect();
    assert_eq!(seen, [vec![10, 19], vec![30, 39], vec![7, 8]]);
    assert_eq!(labels(&root.path().join("DvsGesture"), DataSet::DvsGesture, Split::Test), [1]);
    let named = Named { set: DataSet::DvsGesture, root: root.path().into(), split: Split::Train };
    assert_eq!(named.load(1).unwrap().items, loaded.items[..1]);
    assert!(named.load(0).unwrap().items.is_empty());
}

#[test]
fn a_gesture_that_makes_no_sense_is_named() {
    let changed = |name: &str, bytes: &[u8]| {
        let mut files = gestures();
        let file = files.iter_mut().find(|(path, _)| path.ends_with(name)).unwrap();
        file.1 = bytes.into();
        message(tree(&files).path(), DataSet::DvsGesture, Split::Test)
    };
    for line in ["12,0,9", "0,0,9", "1,9,9", "1,2", "a,b,c"] {
        let seen = changed("user24_led_labels.csv", format!("class\n{line}\n").as_bytes());
        assert!(
            seen.contains("user24_led_labels.csv`, line 2") && seen.contains(&format!("`{line}`")),
            "{seen}"
        );
    }
    let many = format!("class\n{}", "1,0,9\n".repeat(65));
    assert!(changed("user24_led_labels.csv", many.as_bytes()).contains("line 66"));
    let seen = changed("user24_led_labels.csv", b"class\n1,100,200\n");
    assert!(seen.contains("user24_led.aedat, gesture 1` holds no events"), "{seen}");
    for name in ["gone.aedat", "../user24_led.aedat"] {
        let seen = changed("trials_to_test.txt", name.as_bytes());
        assert!(seen.contains(name) && seen.contains("looked for"), "{seen}");
    }
    assert!(changed("trials_to_test.txt", b"\n").contains("holds no recordings"));
}

#[test]
fn cifar10_dvs_has_named_classes_and_the_last_hundred_are_for_testing() {
    let classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    let mut files = Vec::new();
    for class in classes {
        for number in [10, 9, 899, 900, 999] {
            let bytes = recorded(Format::Aedat2, DVS128, &[number]);
            files.push((format!("{class}/cifar10_{class}_{number}.aedat"), bytes));
        }
    }
    let root = tree(&files);
    let train = open(root.path(), DataSet::DvsCifar10, Split::Train).unwrap();
    let seen: Vec<_> = train.items.iter().map(|item| (times(item)[0], item.label())).collect();
    let wanted: Vec<_> = [9, 10, 899].iter().flat_map(|&n| (0..10).map(move |label| (n, label))).collect();
    assert_eq!((seen, train.classes), (wanted, 10));
    assert_eq!(labels(root.path(), DataSet::DvsCifar10, Split::Test).len(), 20);
    fs::remove_dir_all(root.path().join("cat")).unwrap();
    let seen = message(root.path(), DataSet::DvsCifar10, Split::Train);
    assert!(seen.contains("no folder of the classes cat:"), "{seen}");
}

#[test]
fn n_mnist_has_two_folders_or_two_zips() {
    let event = [0, 0, 0, 0, 1];
    let files = ["Train/5/00001.bin", "Train/0/00002.bin", "Test/7/00001.bin"];
    let root = tree(&files.map(|path| (path.into(), event.to_vec())));
    assert_eq!(labels(root.path(), DataSet::NMnist, Split::Train), [5, 0]);
    assert_eq!(labels(root.path(), DataSet::NMnist, Split::Test), [7]);

    let zipped = tempfile::tempdir().unwrap();
    for zip in ["Train", "Test", "both"] {
        let file = fs::File::create(zipped.path().join(format!("{zip}.zip"))).unwrap();
        let mut writer = zip::ZipWriter::new(file);
        for path in files.iter().filter(|path| zip == "both" || path.starts_with(zip)) {
            writer.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut writer, &event).unwrap();
        }
        writer.finish().unwrap();
    }
    for root in [zipped.path().into(), zipped.path().join("both.zip")] {
        assert_eq!(labels(&root, DataSet::NMnist, Split::Train), [5, 0]);
        assert_eq!(labels(&root, DataSet::NMnist, Split::Test), [7]);
    }
}

#[test]
fn n_caltech101_has_classes_in_the_order_of_their_names() {
    let event = vec![239, 179, 0, 0, 1];
    let mut files = Vec::new();
    for class in ["zebra", "BACKGROUND_Google", "ant"] {
        for number in 1..=5 {
            files.push((format!("Caltech101/{class}/image_{number:04}.bin"), event.clone()));
        }
    }
    let root = tree(&files);
    let train = open(root.path(), DataSet::NCaltech101, Split::Train).unwrap();
    let Item::Recording(first) = &train.items[0] else { panic!("no recording") };
    assert_eq!((first.width, first.height, train.classes), (240, 180, 3));
    assert_eq!(labels(root.path(), DataSet::NCaltech101, Split::Train), [0, 1, 2].repeat(4));
    assert_eq!(labels(&root.path().join("Caltech101"), DataSet::NCaltech101, Split::Test), [0, 1, 2]);
}

#[test]
fn n_cars_has_cars_and_background() {
    // The files state the whole sensor; the cut-outs lie in its corner.
    let car = recorded(Format::Dat, Sensor { width: 304, height: 240 }, &[5, 6]);
    let path = |part: &str, class: &str, number: u8| format!("{part}/{class}/obj_{number:06}_td.dat");
    let root = tree(&[
        (path("n-cars_train/train", "cars", 0), car.clone()),
        (path("n-cars_train/train", "background", 1), car.clone()),
        (path("n-cars_train/train", "cars", 2), car.clone()),
        (path("test", "cars", 0), car.clone()),
        (path("test", "background", 0), car.clone()),
    ]);
    assert_eq!(labels(root.path(), DataSet::NCars, Split::Train), [1, 0, 1]);
    assert_eq!(labels(root.path(), DataSet::NCars, Split::Test), [0, 1]);
    let loaded = open(root.path(), DataSet::NCars, Split::Test).unwrap();
    let Item::Recording(first) = &loaded.items[0] else { panic!("no recording") };
    assert_eq!((first.width, first.height, loaded.classes), (120, 100, 2));

    // As they are packed.
    let zipped = tempfile::tempdir().unwrap();
    let mut writer = zip::ZipWriter::new(fs::File::create(zipped.path().join("n-cars_train.zip")).unwrap());
    for class in ["cars", "background"] {
        writer.start_file(path("train", class, 7), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, &car).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(labels(zipped.path(), DataSet::NCars, Split::Train), [0, 1]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn mnist_and_its_relative_are_found_in_their_usual_places() {
    let images = |pixel: u8| [&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1][..], &[pixel]].concat();
    let with_label = |label: u8| vec![0, 0, 8, 1, 0, 0, 0, 1, label];
    let root = tree(&[
        ("raw/train-images-idx3-ubyte".into(), images(1)),
        ("raw/train-labels-idx1-ubyte".into(), with_label(3)),
        ("t10k-images-idx3-ubyte.gz".into(), gzip(&images(1))),
        ("t10k-labels-idx1-ubyte.gz".into(), gzip(&with_label(4))),
    ]);
    for set in [DataSet::Mnist, DataSet::FashionMnist] {
        assert_eq!(labels(root.path(), set, Split::Train), [3]);
        assert_eq!(labels(root.path(), set, Split::Test), [4]);
    }
    fs::remove_file(root.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    assert!(message(root.path(), DataSet::Mnist, Split::Test).contains("no labels beside them"));
}

#[test]
fn cifar_is_read_batch_after_batch() {
    let image = |labels: &[u8]| [labels, &[7; 3072]].concat();
    let mut files: Vec<_> = (1..=5)
        .map(|number: u8| (format!("cifar-10-batches-bin/data_batch_{number}.bin"), image(&[number])))
        .collect();
    files.push(("test_batch.bin.gz".into(), gzip(&image(&[9]))));
    files.push(("cifar-100-binary/train.bin".into(), image(&[3, 99])));
    files.push(("cifar-100-binary/test.bin".into(), image(&[3, 0])));
    let root = tree(&files);
    assert_eq!(labels(root.path(), DataSet::Cifar10, Split::Train), [1, 2, 3, 4, 5]);
    assert_eq!(labels(root.path(), DataSet::Cifar10, Split::Test), [9]);
    assert_eq!(labels(root.path(), DataSet::Cifar100, Split::Train), [99]);
    let test = open(root.path(), DataSet::Cifar100, Split::Test).unwrap();
    assert_eq!((test.items[0].label(), test.classes), (0, 100));
    fs::remove_file(root.path().join("cifar-10-batches-bin/data_batch_4.bin")).unwrap();
    let seen = message(root.path(), DataSet::Cifar10, Split::Train);
    assert!(seen.contains("`cifar-10-batches-bin/data_batch_4.bin`"), "{seen}");
}

#[cfg(not(feature = "hdf5"))]
#[test]
fn heidelberg_digits_say_what_they_need() {
    let seen = message(Path::new("here"), DataSet::Shd, Split::Train);
    assert!(seen.contains("`here`") && seen.contains("--features hdf5"), "{seen}");
}

#[test]
fn a_data_set_is_checked_file_by_file() {
    let car = |x: u16| {
        let sensor = Some(Sensor { width: 304, height: 240 });
        let mut writer = recording::create("memory", Vec::new(), Format::Dat, sensor).unwrap();
        writer.write(&[Event { t_us: 0, x, y: 0, on: true }]).unwrap();
        writer.finish().unwrap()
    };
    let root = tree(&[
        ("train/cars/obj_1_td.dat".into(), car(119)),
        ("train/cars/obj_2_td.dat".into(), car(120)),
        ("train/vans/obj_3_td.dat".into(), car(0)),
    ]);
    let source = format!("n-cars:{}", root.path().display());
    let found = crate::check::check(&source, |_| ()).unwrap();
    assert_eq!((found.recordings, found.sizes["120x100"]), (1, 1));
    let damaged: Vec<_> = found.damaged.first.iter().map(|damaged| &damaged.error).collect();
    let says = |words: &str| damaged.iter().any(|error| error.contains(words));
    assert!(
        says("x = 120, y = 0") && says("`vans`") && says("no folder of the classes background"),
        "{damaged:?}"
    );
    assert_eq!(found.damaged.count, 3);
}

#[test]
fn gestures_are_checked_one_recording_after_the_other() {
    let mut files = gestures();
    files[3].1 = b"class\n12,0,9\n".to_vec();
    let root = tree(&files);
    let checked = |root: &Path| {
        let mut seen = Vec::new();
        let source = format!("dvs-gesture:{}", root.display());
        let found = crate::check::check(&source, |progress| seen.push((progress.done, progress.all)));
        (found.unwrap(), seen)
    };
    let (found, seen) = checked(root.path());
    assert_eq!((found.recordings, found.classes, found.damaged.count), (1, 11, 1));
    assert!(found.damaged.first[0].error.contains("user01_led_labels.csv`, line 2"));
    assert_eq!(seen, [(1, 2), (2, 2)]);
    let whole = tree(&gestures());
    let (found, seen) = checked(whole.path());
    assert_eq!((found.recordings, found.is_sound()), (3, true));
    assert_eq!(seen, [(1, 3), (2, 3), (3, 3)]);
}
