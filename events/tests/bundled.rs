//! The bundled recordings against the files that they were packed from.

use events::{Dataset, Item};
use std::path::PathBuf;

/// Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets with `nmnist-small/nmnist-small.zip`.
#[test]
fn bundled_recordings_equal_their_originals_event_by_event() {
    let Some(folder) = std::env::var_os("STOP_FPGA_DATA") else {
        println!("not run: STOP_FPGA_DATA, a folder of data sets, is not set");
        return;
    };
    let zip = PathBuf::from(folder).join("nmnist-small").join("nmnist-small.zip");
    if !zip.is_file() {
        println!("not run: there is no {}", zip.display());
        return;
    }
    for (bundled, original, count) in [("bundled:train", "Train", 800), ("bundled:test", "Test", 100)] {
        let bundled = Dataset::open(bundled, None).unwrap();
        let original = Dataset::open(&format!("{}/{original}", zip.display()), None).unwrap();
        assert_eq!((bundled.len(), original.len()), (count, count));
        assert_eq!(bundled.classes(), original.classes());
        for (bundled, original) in bundled.items().iter().zip(original.items()) {
            let (Item::Recording(bundled), Item::Recording(original)) = (bundled, original) else {
                panic!("not recordings");
            };
            let end = |name: &str| name.rsplitn(3, '/').take(2).collect::<Vec<_>>().join("/");
            assert_eq!(end(&bundled.name), end(&original.name));
            assert_eq!(bundled.label, original.label);
            assert_eq!((bundled.width, bundled.height), (original.width, original.height));
            assert!(bundled.events == original.events, "{} differs", original.name);
        }
    }
}
