//! `events`: looking at recordings. One file a verb.

mod check;
mod convert;
mod info;
mod render;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use events::recording::{self, Reader};
use events::{Error, Event};
use miette::{IntoDiagnostic, Result};

use crate::cli::events::Input;
use crate::cli::{EXIT_INTERRUPTED, Events};
use crate::interrupt::Interrupt;
use crate::progress::Late;

/// Runs `events`.
pub fn run(command: &Events, interrupt: &Interrupt) -> Result<ExitCode> {
    match command {
        Events::Info(command) => info::run(command, interrupt),
        Events::Check(command) => check::run(command),
        Events::Convert(command) => convert::run(command, interrupt),
        Events::Render(command) => render::run(command, interrupt),
    }
}

impl Input {
    /// Whether this is standard input, which can be read only once.
    fn is_stdin(&self) -> bool {
        self.file == "-"
    }

    fn open(&self) -> Result<Opened> {
        let options = self.reading.options();
        let read = Arc::new(AtomicU64::new(0));
        let (source, length): (Box<dyn Read + Send>, u64) = if self.is_stdin() {
            (Box::new(io::stdin()), 0)
        } else {
            let fail = |cause| Error::Io { path: self.file.clone(), cause };
            let file = File::open(&self.file).map_err(fail).into_diagnostic()?;
            let metadata = file.metadata().map_err(fail).into_diagnostic()?;
            (Box::new(file), metadata.len())
        };
        let name = if self.is_stdin() { "standard input" } else { &self.file };
        let source = Counted { source, read: read.clone() };
        let reader = recording::from_reader(name, source, &options).into_diagnostic()?;
        let short = Path::new(name).file_name().map_or_else(|| name.into(), |name| name.to_string_lossy());
        Ok(Opened { reader, bar: Late::of_bytes(&short, length), read })
    }
}

/// A recording that is being read, with a bar over its bytes.
struct Opened {
    reader: Reader,
    bar: Late,
    read: Arc<AtomicU64>,
}

impl Opened {
    /// Hands all chunks to `take`. False if it was interrupted.
    fn each(
        &mut self,
        interrupt: &Interrupt,
        mut take: impl FnMut(&[Event]) -> Result<(), Error>,
    ) -> Result<bool> {
        while !interrupt.requested() {
            let events = self.reader.next_chunk().into_diagnostic()?;
            if events.is_empty() {
                return Ok(true);
            }
            take(events).into_diagnostic()?;
            self.bar.advance_to(self.read.load(Ordering::Relaxed));
        }
        Ok(false)
    }
}

/// Counts what is read, whatever is unpacked of it later.
struct Counted {
    source: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Nothing was written.
fn interrupted() -> ExitCode {
    eprintln!("interrupted: nothing is written");
    ExitCode::from(EXIT_INTERRUPTED)
}
