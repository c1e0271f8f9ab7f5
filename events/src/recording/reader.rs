//! From a file to chunks of events.

use super::{Chunk, Damage, Fault, Faults, Format, Header, Input, Mode, Options, Report, detect};
use crate::error::Error;
use crate::formats::{self, Decode};
use crate::item::Event;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens a file and finds out its format from its content.
///
/// # Errors
/// A file that cannot be read; a format that is not recognised; a damaged header, also in lenient mode:
/// without its header nothing of a recording can be told.
pub fn open(path: &Path, options: &Options) -> Result<Reader, Error> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|cause| Error::Io { path: name.clone(), cause })?;
    from_reader(&name, file, options)
}

/// Reads what `source` gives: standard input, a socket, bytes. `name` stands in messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader(
    name: &str,
    source: impl Read + Send + 'static,
    options: &Options,
) -> Result<Reader, Error> {
    let mut input = Input::new(Box::new(source));
    let gzip = input.fill(2).starts_with(&[0x1F, 0x8B]);
    if gzip {
        input = Input::new(Box::new(MultiGzDecoder::new(input.into_reader())));
    }
    let format = options.format.or_else(|| detect::format(&mut input));
    let opened = format.map(|format| formats::decoder(format, &mut input, options));
    // With a header, what was read before the failure is still to be decoded.
    if !matches!(opened, Some(Ok(_)))
        && let Some(cause) = input.failure()
    {
        return Err(Error::Io { path: name.into(), cause });
    }
    let Some((format, opened)) = format.zip(opened) else {
        let first = input.fill(8);
        if first.is_empty() {
            return Err(Error::EmptyFile { name: name.into() });
        }
        let first = first[..first.len().min(8)].to_vec();
        return Err(Error::UnknownRecording { name: name.into(), first });
    };
    let (decoder, sensor) = opened.map_err(|fault| damaged(name, format, fault))?;
    let header = Header { format, gzip, sensor };
    Ok(Reader {
        name: name.into(),
        header,
        input,
        decoder,
        chunk: Chunk::new(),
        faults: Faults::new(options.mode),
        report: Report::default(),
        last_us: 0,
        state: State::Reading,
    })
}

/// A recording that is being read.
pub struct Reader {
    name: String,
    header: Header,
    input: Input,
    decoder: Box<dyn Decode>,
    chunk: Chunk,
    faults: Faults,
    report: Report,
    last_us: u64,
    state: State,
}

enum State {
    Reading,
    /// The events before the damage were handed out: now comes the error.
    Failed(Error),
    Ended,
}

impl Reader {
    /// What the recording says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where the recording came from, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts up to the chunk that was handed out last.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The position of the byte that is decoded next.
    pub fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// The next events, in the order of the file: 1 to [`CHUNK_EVENTS`](super::CHUNK_EVENTS), or none at the
    /// end. Of a live stream, what has arrived: it waits for the next event only.
    ///
    /// # Errors
    /// A reader that fails; in strict mode damage, once the events before it were handed out. After an error
    /// there are no more events.
    pub fn next_chunk(&mut self) -> Result<&[Event], Error> {
        self.chunk.clear();
        while self.chunk.len() == 0 && matches!(self.state, State::Reading) {
            let decoded = self.decoder.decode(&mut self.input, &mut self.chunk, &mut self.faults);
            let failure = self.input.failure();
            self.state = match (failure, decoded) {
                (Some(cause), _) => self.failed(cause),
                (None, Ok(true)) => State::Reading,
                (None, Ok(false)) => State::Ended,
                (None, Err(fault)) => State::Failed(damaged(&self.name, self.header.format, fault)),
            };
        }
        self.count();
        if self.chunk.len() == 0
            && let State::Failed(_) = self.state
            && let State::Failed(error) = std::mem::replace(&mut self.state, State::Ended)
        {
            return Err(error);
        }
        Ok(self.chunk.events())
    }

    /// All events that are left.
    ///
    /// # Errors
    /// As [`next_chunk`](Self::next_chunk); more than `limit` events.
    pub fn read_to_end(&mut self, limit: usize) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        loop {
            let chunk = self.next_chunk()?;
            if chunk.is_empty() {
                return Ok(events);
            }
            if chunk.len() > limit - events.len() {
                return Err(Error::LongRecording { name: self.name.clone(), limit });
            }
            events.extend_from_slice(chunk);
        }
    }

    /// A cut or damaged gzip stream is damage; whatever else keeps a reader from reading is an error.
    fn failed(&mut self, cause: io::Error) -> State {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        let unpacking =
            self.header.gzip && matches!(cause.kind(), InvalidData | InvalidInput | UnexpectedEof);
        if !unpacking {
            return State::Failed(Error::Io { path: self.name.clone(), cause });
        }
        let damage = Damage::Compressed { cause: cause.to_string() };
        match self.faults.bytes(self.input.offset(), 0, damage) {
            // What was unpacked before is still to be decoded.
            Ok(()) => State::Reading,
            Err(fault) => State::Failed(damaged(&self.name, self.header.format, fault)),
        }
    }

    fn count(&mut self) {
        let events = self.chunk.events();
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            let before = u64::from(self.report.events > 0 && first.t_us < self.last_us);
            let within: u64 = events.windows(2).map(|pair| u64::from(pair[1].t_us < pair[0].t_us)).sum();
            self.report.time_reversals += before + within;
            self.last_us = last.t_us;
            self.report.events += events.len() as u64;
        }
        self.report.skipped = self.faults.skipped;
        if self.faults.mode == Mode::Lenient && self.report.loss != self.faults.loss {
            self.report.loss = self.faults.loss.clone();
        }
    }
}

fn damaged(name: &str, format: Format, fault: Fault) -> Error {
    Error::Damaged { name: name.into(), format, offset: fault.offset, damage: fault.damage }
}
