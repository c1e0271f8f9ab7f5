//! What is kept is what it says it is, and what the present source makes.

use arch::protocol::ABI;

use super::super::manifest::hashed_source;
use super::*;
use crate::commands::sha256;

/// The boards whose bitstreams are kept, with their folders.
fn kept() -> Vec<(Board, PathBuf)> {
    let root = sim::toolchain::repository().unwrap().join(FOLDER);
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let named = |folder: PathBuf| {
        let name = folder.file_name().unwrap().to_str().unwrap();
        (Board::named(name).unwrap(), folder)
    };
    let kept: Vec<_> = folders.filter(|path| path.is_dir()).map(named).collect();
    assert!(kept.iter().any(|(board, _)| board.name == "icebreaker"), "{kept:?}");
    kept
}

/// A fault in a manifest.
type Plant = fn(&mut Manifest);

/// What of a manifest is not as its board, this source and its image say.
fn wrong(board: &Board, folder: &Path, manifest: &Manifest) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut hold = |what: &str, holds: bool| {
        if !holds {
            wrong.push(format!("{}: {what}: `{}` makes it anew", board.name, command(&board.name)));
        }
    };
    let Manifest { utilisation, spread, mhz, .. } = manifest;
    hold("board", manifest.board == board.name && manifest.description == board.description);
    hold("part", board.device.as_ref().is_some_and(|device| device.full_name() == manifest.part));
    hold("ABI", manifest.abi == ABI);
    hold("configuration", manifest.engine == board.engine && manifest.link == board.link);
    hold("clock wanted", manifest.wanted_mhz == f64::from(board.engine.clock_hz) / 1e6);
    hold("clock met", *mhz >= manifest.wanted_mhz);
    hold("tools", manifest.tools.len() == 3);
    hold("seeds", spread.seeds >= LEAST_SEEDS && (1..=spread.seeds - spread.unrouted).contains(&spread.met));
    hold("spread", spread.minimum <= spread.median && spread.median <= *mhz && spread.maximum == *mhz);
    hold("utilisation", utilisation.rows().iter().all(|(_, [used, of])| used <= of));
    hold("cells", utilisation.logic_cells[0] > 0 && utilisation.luts > 0 && utilisation.flip_flops > 0);
    let image = fs::read(folder.join(&manifest.bitstream)).ok();
    hold("image, whether there is one", image.is_some() == (manifest.bytes <= LARGEST));
    if let Some(image) = image {
        hold("image's size", image.len() as u64 == manifest.bytes);
        hold("image's SHA-256", sha256(&image) == manifest.sha256);
    }
    wrong
}

#[test]
fn every_manifest_is_of_its_board_and_of_its_image() {
    for (board, folder) in kept() {
        let manifest = read(&folder.join(MANIFEST)).unwrap();
        assert_eq!(wrong(&board, &folder, &manifest), [""; 0]);
        // Each check is one that finds something.
        let planted: [(&str, Plant); 12] = [
            ("board", |manifest| manifest.description.clear()),
            ("part", |manifest| manifest.part.clear()),
            ("ABI", |manifest| manifest.abi += 1),
            ("configuration", |manifest| manifest.engine.synapses += 1),
            ("clock wanted", |manifest| manifest.wanted_mhz -= 1.0),
            ("clock met", |manifest| manifest.mhz = manifest.wanted_mhz - 0.01),
            ("tools", |manifest| manifest.tools.clear()),
            ("seeds", |manifest| manifest.spread.seeds = 4),
            ("spread", |manifest| manifest.spread.maximum += 0.01),
            ("utilisation", |manifest| manifest.utilisation.block_rams[0] += 1000),
            ("image's size", |manifest| manifest.bytes -= 1),
            ("image's SHA-256", |manifest| manifest.sha256.clear()),
        ];
        let has_image = manifest.bytes <= LARGEST;
        for (what, plant) in planted {
            let mut manifest = manifest.clone();
            plant(&mut manifest);
            let found = wrong(&board, &folder, &manifest);
            let found = found.iter().any(|wrong| wrong.starts_with(&format!("{}: {what}: ", board.name)));
            assert_eq!(found, has_image || !what.starts_with("image"), "{}: {what}", board.name);
        }
    }
}

/// A change of the hardware makes the images old: this says so without any tool.
#[test]
fn every_image_is_of_the_present_source() {
    for (board, folder) in kept() {
        let (_, _, hash) = hashed_source(&board).unwrap();
        assert_eq!(
            hash,
            read(&folder.join(MANIFEST)).unwrap().source_sha256,
            "the hardware of {0} is another than that of its bitstream: `{1}` makes it anew",
            board.name,
            command(&board.name)
        );
    }
}

#[test]
fn a_design_that_has_grown_is_not_kept_by_mistake() {
    let (board, folder) = kept().remove(0);
    let mut manifest = read(&folder.join(MANIFEST)).unwrap();
    manifest.bytes = 4;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(keep(folder.path(), &manifest, b"bits").unwrap(), [MANIFEST, &manifest.bitstream]);
    let image = folder.path().join(&manifest.bitstream);
    assert_eq!(fs::read(&image).unwrap(), b"bits");
    assert_eq!(read(&folder.path().join(MANIFEST)).unwrap(), manifest);

    let cells = manifest.utilisation.logic_cells[0];
    manifest.utilisation.logic_cells[0] = cells + cells / 40;
    keep(folder.path(), &manifest, b"more").unwrap();
    manifest.utilisation.logic_cells[0] = cells + cells / 10;
    let error = keep(folder.path(), &manifest, b"most").unwrap_err().to_string();
    assert!(error.contains("logic cells there") && error.contains("more by over 3 %"), "{error}");
    assert_eq!(fs::read(&image).unwrap(), b"more");

    // What is too large for the repository goes.
    manifest.utilisation.logic_cells[0] = cells;
    manifest.bytes = LARGEST + 1;
    assert_eq!(keep(folder.path(), &manifest, b"large").unwrap(), [MANIFEST]);
    assert!(!image.exists());
    fs::write(folder.path().join(MANIFEST), "{\"board\": 7}").unwrap();
    let error = keep(folder.path(), &manifest, b"bits").unwrap_err().to_string();
    assert!(error.contains("manifest.json: invalid type: integer `7`"), "{error}");

    // Nor is another board's under this one's name, or what little is known of.
    assert!(allowed(&board, LEAST_SEEDS).is_ok());
    assert!(matches!(allowed(&board, 1), Err(KeptError::FewSeeds { seen: 1 })));
    let other = Board { description: "mine".to_owned(), ..board };
    assert!(matches!(allowed(&other, LEAST_SEEDS), Err(KeptError::OtherBoard { .. })));
}
