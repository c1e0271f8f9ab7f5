//! A list of the parts of a long recording against the files that hold one part each.
//!
//! Needs the environment variable `STOP_FPGA_DATA`: a folder of data sets with `dvs-gesture-10/`.

use events::pipeline::Pipeline;
use events::{Dataset, Item, Recording};
use std::io::Read;
use std::path::PathBuf;

/// The recordings behind a pipeline whose stages do not look at the time of day.
fn through(source: &str, pipeline: &Pipeline) -> Vec<Recording> {
    let dataset = Dataset::open(source, None).unwrap().through(pipeline).unwrap();
    let recording = |item: &Item| match item {
        Item::Recording(recording) => recording.clone(),
        _ => panic!("no recording"),
    };
    dataset.items().iter().map(recording).collect()
}

#[test]
fn gestures_in_three_formats_pass_the_same_pipeline() {
    let Some(folder) =
        std::env::var_os("STOP_FPGA_DATA").map(|data| PathBuf::from(data).join("dvs-gesture-10"))
    else {
        println!("not run: STOP_FPGA_DATA, a folder of data sets, is not set");
        return;
    };
    if !folder.is_dir() {
        println!("not run: there is no {}", folder.display());
        return;
    }
    // The list that comes with them names its columns otherwise.
    let work = tempfile::tempdir().unwrap();
    let aedat = folder.join("derived-aedat31/gestures_a.aedat");
    let given = std::fs::read_to_string(folder.join("derived-aedat31/gestures_a_labels.csv")).unwrap();
    let mut parts = "label,start_us,end_us,file\n".to_owned();
    let mut lists = [("bs2", "file,label\n".to_owned()), ("bs3", "file,label\n".to_owned())];
    let mut starts_us = Vec::new();
    let mut zip =
        zip::ZipArchive::new(std::fs::File::open(folder.join("dvs-gesture-samples.zip")).unwrap()).unwrap();
    for line in given.lines().skip(1) {
        let numbers: Vec<u64> = line.split(',').map(|number| number.trim().parse().unwrap()).collect();
        let [class, start_us, end_us] = numbers[..] else { panic!("{line}") };
        parts += &format!("{class},{start_us},{end_us},\"{}\"\n", aedat.display());
        starts_us.push(start_us);
        for (kind, list) in &mut lists {
            let of_class = |name: &&str| name.starts_with(&format!("{class:02}_")) && name.ends_with(*kind);
            let name = zip.file_names().find(of_class).unwrap().to_owned();
            let mut bytes = Vec::new();
            zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
            let file = name.replace('/', "_");
            // Neither format states its sensor, so they are written in two that do.
            let options = events::recording::Options::default();
            let mut reader =
                events::recording::from_reader(&name, std::io::Cursor::new(bytes), &options).unwrap();
            let format = if *kind == "bs2" { "es" } else { "aedat4" };
            let file = work.path().join(file).with_extension(format);
            let sensor = Some(events::recording::Sensor { width: 128, height: 128 });
            let out = std::fs::File::create(&file).unwrap();
            let mut writer = events::recording::create(&name, out, format.parse().unwrap(), sensor).unwrap();
            writer.write(&reader.read_to_end(1 << 20).unwrap()).unwrap();
            writer.finish().unwrap();
            *list += &format!("{},{class}\n", file.file_name().unwrap().display());
        }
    }
    let source = |name: &str, list: &str| {
        let path = work.path().join(name).with_extension("csv");
        std::fs::write(&path, list).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let pipeline = "crop=96x96 | background=10ms | downsample=4 | polarity=on".parse().unwrap();
    let wanted = through(&source("parts", &parts), &pipeline);
    assert!(wanted.len() > 5 && wanted.iter().all(|recording| recording.events.len() > 1000));
    for (kind, list) in &lists {
        let seen = through(&source(kind, list), &pipeline);
        assert_eq!(seen.len(), wanted.len());
        for ((seen, wanted), start_us) in seen.iter().zip(&wanted).zip(&starts_us) {
            assert_eq!((seen.label, seen.width, seen.height), (wanted.label, wanted.width, wanted.height));
            let moved =
                seen.events.iter().map(|event| events::Event { t_us: event.t_us + start_us, ..*event });
            assert!(moved.eq(wanted.events.iter().copied()), "{} and {}", seen.name, wanted.name);
        }
    }
}
