//! Writes a small corpus for every target into `corpus/` beside this file: `cargo run --example seeds`.

use events::Event;
use events::recording::{self, Format, Sensor};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let sensor = Some(Sensor { width: 128, height: 128 });
    let event =
        |i: u64| Event { t_us: i * i * 3, x: (i * 7 % 128) as u16, y: (i * i % 128) as u16, on: i % 3 == 0 };
    let row = |i: u64| Event { t_us: 50, x: i as u16, y: 9, on: true };
    let moving: Vec<Event> = (0..40).map(event).collect();
    let still: Vec<Event> = (0..20).map(row).collect();
    for format in Format::ALL {
        let target = match format {
            Format::Aedat31 => "aedat31",
            Format::Evt21 => "evt21",
            _ => format.name(),
        };
        for (name, events) in [("none", &[][..]), ("moving", &moving), ("row", &still)] {
            let mut writer = recording::create(name, Vec::new(), format, sensor)?;
            writer.write(events)?;
            let bytes = writer.finish()?;
            for folder in [root.join(target), root.join("any")] {
                std::fs::create_dir_all(&folder)?;
                std::fs::write(folder.join(format!("{target}-{name}")), &bytes)?;
            }
        }
    }
    Ok(())
}
