use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

fn idx(magic: u32, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let header = std::iter::once(&magic).chain(sizes).flat_map(|number| number.to_be_bytes());
    header.chain(bytes.iter().copied()).collect()
}

/// Three images of two rows and one column, labelled 4, 0, 2.
fn images() -> Vec<u8> {
    idx(0x803, &[3, 2, 1], &[1, 2, 3, 4, 5, 6])
}

fn labels_file() -> Vec<u8> {
    idx(0x801, &[3], &[4, 0, 2])
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn load_files(files: &[(&str, &[u8])], limit: usize) -> Result<Loaded, Error> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    load(&folder.path().join(files[0].0), limit)
}

fn message(images: &[u8], labels: &[u8]) -> String {
    load_files(&[(IMAGES, images), (LABELS, labels)], usize::MAX).err().unwrap().to_string()
}

#[test]
fn images_and_labels_are_read_packed_or_not() {
    let (images_gz, labels_gz) = (gzip(&images()), gzip(&labels_file()));
    let files: [&[(&str, &[u8])]; 4] = [
        &[(IMAGES, &images()), (LABELS, &labels_file())],
        &[("train-images-idx3-ubyte.gz", &images_gz), ("train-labels-idx1-ubyte.gz", &labels_gz)],
        &[("train-images-idx3-ubyte.gz", &images()), (LABELS, &labels_gz)],
        &[("t10k-images.idx3-ubyte", &images_gz), ("t10k-labels.idx1-ubyte.gz", &labels_file())],
    ];
    for files in files {
        let loaded = load_files(files, usize::MAX).unwrap();
        let image = |label, pixels: [u8; 2]| {
            Item::Image(Image { label, width: 1, height: 2, channels: 1, pixels: pixels.into() })
        };
        assert_eq!(loaded.items, [image(4, [1, 2]), image(0, [3, 4]), image(2, [5, 6])]);
        assert_eq!(loaded.classes, 5);
    }
}

#[test]
fn a_limit_keeps_the_classes_and_reads_no_further() {
    let cut = &images()[..16 + 4];
    let loaded = load_files(&[(IMAGES, cut), (LABELS, &labels_file())], 2).unwrap();
    assert_eq!((loaded.items.len(), loaded.classes), (2, 5));
    assert!(load_files(&[(IMAGES, cut), (LABELS, &labels_file())], 3).is_err());
}

#[test]
fn both_names_are_given_when_the_labels_are_missing() {
    let seen = load_files(&[(IMAGES, &images())], 1).err().unwrap().to_string();
    assert!(seen.contains(IMAGES) && seen.contains(LABELS) && seen.contains(".gz"), "{seen}");
    let seen = load_files(&[("digits", &images())], 1).err().unwrap().to_string();
    assert!(seen.contains("digits`") && seen.contains("images-idx3"), "{seen}");
}

#[test]
fn other_magic_numbers_are_refused() {
    let seen = message(&labels_file(), &labels_file());
    assert!(seen.contains("0x00000801") && seen.contains("0x00000803") && seen.contains("images"), "{seen}");
    let seen = message(&images(), &images());
    assert!(seen.contains("0x00000803") && seen.contains("0x00000801") && seen.contains("labels"), "{seen}");
}

#[test]
fn sizes_that_contradict_the_content_are_refused() {
    let seen = message(&idx(0x803, &[4, 2, 1], &[0; 8]), &labels_file());
    assert!(seen.contains("4 images") && seen.contains("3 labels"), "{seen}");
    let seen = message(&images()[..21], &labels_file());
    assert!(seen.contains("image 3 of 3") && seen.contains("1 of 2 bytes"), "{seen}");
    let seen = message(&[images(), vec![0]].concat(), &labels_file());
    assert!(seen.contains("continues"), "{seen}");
    let seen = message(&images(), &labels_file()[..10]);
    assert!(seen.contains("3 labels") && seen.contains("2 of 3 bytes"), "{seen}");
    let seen = message(&images()[..6], &labels_file());
    assert!(seen.contains("count") && seen.contains("2 of 4 bytes"), "{seen}");
}

#[test]
fn sizes_out_of_bounds_are_refused_before_anything_is_reserved() {
    for (sizes, what) in [([3, 0, 1], "rows = 0"), ([3, 2, 0], "columns = 0"), ([3, 4097, 1], "rows = 4097")]
    {
        let seen = message(&idx(0x803, &sizes, &[]), &labels_file());
        assert!(seen.contains(what) && seen.contains("1 to 4096"), "{seen}");
    }
    for count in [0, u32::MAX] {
        let seen = message(&idx(0x803, &[count, 2, 1], &[]), &labels_file());
        assert!(seen.contains(&format!("count = {count}")), "{seen}");
        let seen = message(&images(), &idx(0x801, &[count], &[]));
        assert!(seen.contains(&format!("count = {count}")), "{seen}");
    }
    let labels = idx(0x801, &[65], &[0; 65]);
    let seen = message(&idx(0x803, &[65, 4096, 4096], &[]), &labels);
    assert!(seen.contains("1073741824 bytes"), "{seen}");
}

#[test]
fn a_cut_or_damaged_gzip_is_refused() {
    let (whole, labels) = (gzip(&images()), labels_file());
    for length in 0..whole.len() - 8 {
        assert!(!message(&whole[..length], &labels).is_empty());
    }
    for position in 2..whole.len() {
        let mut changed = whole.clone();
        changed[position] ^= 0x55;
        let _ = load_files(&[(IMAGES, &changed), (LABELS, &labels)], usize::MAX);
    }
}
