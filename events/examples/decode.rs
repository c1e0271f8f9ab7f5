//! Decodes recordings and says what is in them: `cargo run -p events --release --example decode -- FILE…`.

use events::recording::{self, Mode, Options};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let options = Options { mode: Mode::Lenient, ..Options::default() };
        let started = Instant::now();
        let mut reader = recording::open(Path::new(&path), &options)?;
        let (mut first, mut last) = (None, None);
        loop {
            let events = reader.next_chunk()?;
            first = first.or(events.first().copied());
            let Some(event) = events.last() else { break };
            last = Some(*event);
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{path}: {:?}", reader.header());
        println!("  first {first:?}\n  last  {last:?}\n  {:?}", reader.report());
        println!("  {:.1} million events/s", reader.report().events as f64 / seconds / 1e6);
    }
    Ok(())
}
