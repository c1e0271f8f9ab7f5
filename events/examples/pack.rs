//! Makes the bundled packs: `cargo run -p events --release --example pack -- SRC_TRAIN SRC_TEST OUTDIR`.
//!
//! The sources are folders or zips of N-MNIST recordings whose file names are numbers that count from 1.

use events::pack::{self, Entry};
use events::{Dataset, Item};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, folder] = &arguments[..] else {
        return Err("wanted: pack SRC_TRAIN SRC_TEST OUTDIR".into());
    };
    for (source, split) in [(train, "train"), (test, "test")] {
        let entries =
            Dataset::open(source, None)?.items().iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let packed = pack::write(&entries)?;
        let path = Path::new(folder).join(format!("nmnist-small-{split}.pack.xz"));
        std::fs::write(&path, &packed)?;
        println!("{}: {} recordings, {} bytes", path.display(), entries.len(), packed.len());
    }
    Ok(())
}

/// N-MNIST's `00001.bin` is the recording of MNIST's image 0.
fn entry(item: &Item) -> Result<Entry, Box<dyn Error>> {
    let Item::Recording(recording) = item else { return Err("the source holds no recordings".into()) };
    let stem = Path::new(&recording.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let number: u32 = stem.parse().map_err(|_| format!("`{}` is named by no number", recording.name))?;
    let index = number.checked_sub(1).ok_or("file names count from 1")?;
    Ok(Entry { index, recording: recording.clone() })
}
