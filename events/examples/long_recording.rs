//! Writes a long recording, decodes it and says how much memory that took:
//! `cargo run -p events --release --example long_recording -- FILE GIBIBYTES [FORMAT]`.

use events::Event;
use events::recording::{self, Format, Options, Sensor};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, gibibytes, format) = match &arguments[..] {
        [path, gibibytes] => (path, gibibytes, Format::Evt3),
        [path, gibibytes, format] => (path, gibibytes, format.parse()?),
        _ => return Err("wanted: long_recording FILE GIBIBYTES [FORMAT]".into()),
    };
    let wanted = (gibibytes.parse::<f64>()? * f64::from(1 << 30)) as u64;
    let sensor = Sensor { width: 1280, height: 720 };
    let mut writer = recording::create(path, BufWriter::new(File::create(path)?), format, Some(sensor))?;
    let mut events = vec![Event::default(); 1 << 16];
    let mut number = 0;
    while std::fs::metadata(path)?.len() < wanted {
        for event in &mut events {
            let place = number * 2_654_435_761 % 921_600;
            let (x, y) = ((place % 1280) as u16, (place / 1280) as u16);
            *event = Event { t_us: number / 10, x, y, on: place % 3 == 0 };
            number += 1;
        }
        writer.write(&events)?;
    }
    writer.finish()?;
    let before = peak_kib();
    let started = Instant::now();
    let mut reader = recording::open(Path::new(path), &Options::default())?;
    let mut sum = 0;
    loop {
        let chunk = reader.next_chunk()?;
        if chunk.is_empty() {
            break;
        }
        sum += chunk.iter().map(|event| u64::from(event.x)).sum::<u64>();
    }
    let (seen, seconds) = (reader.report().events, started.elapsed().as_secs_f64());
    assert_eq!(seen, number, "every event came back");
    println!(
        "{} bytes, {seen} events in {seconds:.1} s (sum of columns {sum})",
        std::fs::metadata(path)?.len()
    );
    println!("peak memory in KiB: {before} after writing, {} after reading", peak_kib());
    Ok(())
}

/// The most memory that this process had at once; 0 where the system does not say.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
