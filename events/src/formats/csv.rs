//! Text: one event a line, its numbers apart by commas, semicolons, tabs or spaces.
//!
//! ```text
//! t,x@320,y@240,on          a header is optional, and so is the sensor's size in it
//! 0,17,4,1
//! ```
//!
//! Without a header the order is t, x, y, polarity; after a line `%geometry:WIDTH,HEIGHT`, as Prophesee's
//! tools write it, x, y, polarity, t. Times are whole µs, or seconds if the first has a decimal point.
//! Polarity is 1, on or true, and 0, -1, off or false. Other lines that begin with `#` or `%` are passed over.

use super::{Decode, Encode, Opened};
use crate::item::Event;
use crate::recording::{Chunk, Damage, Fault, Faults, Input, Options, Sensor, Unfit, field};
use std::io::Write;

/// The most bytes of a line.
const MAX_LINE: usize = 4096;

/// The most bytes before the first event.
const MAX_HEADER: usize = 32 << 10;

/// Which column holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    separator: u8,
    t: usize,
    x: usize,
    y: usize,
    on: usize,
    seconds: bool,
}

/// What the lines before the first event say.
#[derive(Debug, PartialEq, Eq)]
struct Preamble {
    layout: Layout,
    sensor: Option<Sensor>,
    length: usize,
}

/// Whether the start of a file is text whose first line of numbers is an event.
pub(crate) fn is_likely(bytes: &[u8]) -> bool {
    let is_text = |&byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    bytes.iter().all(is_text) && matches!(preamble(bytes, true), Ok(Some(_)))
}

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let mut seen = 0;
    let preamble = loop {
        let bytes = input.fill(seen + 1);
        let ended = bytes.len() == seen || bytes.len() > MAX_HEADER;
        seen = bytes.len();
        match preamble(bytes, ended)? {
            Some(preamble) => break preamble,
            None if ended => {
                let damage = field("the first line", "missing", "a line with t, x, y and polarity");
                return Err(Fault { offset: 0, damage });
            }
            None => {}
        }
    };
    input.consume(preamble.length);
    let sensor = preamble.sensor.or(options.sensor);
    Ok((Box::new(Csv { layout: preamble.layout, sensor }), sensor))
}

/// Reads up to the first line of numbers. None if more bytes are needed for that.
fn preamble(bytes: &[u8], ended: bool) -> Result<Option<Preamble>, Fault> {
    let mut length = 0;
    let mut geometry = None;
    let mut names = None;
    loop {
        let rest = &bytes[length..];
        let line_end = rest.iter().take(MAX_LINE).position(|&byte| byte == b'\n');
        let (line, next) = match line_end {
            Some(end) => (&rest[..end], length + end + 1),
            None if ended && !rest.is_empty() => (rest, bytes.len()),
            None => return Ok(None),
        };
        let fault = |damage| Fault { offset: length as u64, damage };
        let line = line.trim_ascii();
        if let Some(sides) = line.strip_prefix(b"%geometry:") {
            geometry = Some(sides_of(sides).ok_or_else(|| {
                fault(field("the geometry", String::from_utf8_lossy(sides), "WIDTH,HEIGHT from 1 to 65535"))
            })?);
        } else if line.is_empty() || matches!(line[0], b'#' | b'%') {
            // No event.
        } else if names.is_none() && (line[0].is_ascii_alphabetic() || line[0] == b'"') {
            names = Some(named_columns(line).map_err(fault)?);
        } else {
            let separator = separator_of(line);
            let (columns, named) = match (names, geometry) {
                (Some((columns, sensor)), _) => (columns, sensor),
                (None, Some(_)) => ([3, 0, 1, 2], None),
                (None, None) => ([0, 1, 2, 3], None),
            };
            let [t, x, y, on] = columns;
            let mut layout = Layout { separator, t, x, y, on, seconds: false };
            layout.seconds = column(line, separator, t).is_some_and(|text| text.contains(&b'.'));
            event(line, &layout).map_err(fault)?;
            return Ok(Some(Preamble { layout, sensor: named.or(geometry), length }));
        }
        length = next;
    }
}

fn sides_of(text: &[u8]) -> Option<Sensor> {
    let mut sides = text.split(|&byte| byte == b',').map(|side| number::<u16>(side.trim_ascii()));
    let sensor = Sensor { width: sides.next()??, height: sides.next()?? };
    (sensor.width > 0 && sensor.height > 0).then_some(sensor)
}

fn separator_of(line: &[u8]) -> u8 {
    [b',', b';', b'\t'].into_iter().find(|separator| line.contains(separator)).unwrap_or(b' ')
}

/// The columns of t, x, y and polarity in a line of names, and the sensor if the names of x and y have it.
fn named_columns(line: &[u8]) -> Result<([usize; 4], Option<Sensor>), Damage> {
    let text = String::from_utf8_lossy(line).to_ascii_lowercase();
    let names: Vec<&str> = columns(text.as_bytes(), separator_of(line))
        .map(|name| std::str::from_utf8(name).unwrap_or_default().trim_matches('"'))
        .collect();
    let find = |wanted: &[&str]| {
        let base =
            |name: &str| wanted.contains(&name.split(['@', '[', '(']).next().unwrap_or_default().trim());
        names.iter().position(|name| base(name))
    };
    let t = find(&["t", "ts", "time", "times", "timestamp", "timestamps", "t_us", "time_us"]);
    let on = find(&["on", "p", "pol", "polarity", "is_increase"]);
    let found = (t, find(&["x"]), find(&["y"]), on);
    let (Some(t), Some(x), Some(y), Some(on)) = found else {
        let wanted = "t, x, y and on (or timestamp, polarity) among its names";
        return Err(field("the header line", format!("`{text}`"), wanted));
    };
    let side = |column: usize| names[column].split_once('@').and_then(|(_, side)| side.parse().ok());
    let sensor = side(x).zip(side(y)).map(|(width, height)| Sensor { width, height });
    Ok(([t, x, y, on], sensor.filter(|sensor| sensor.width > 0 && sensor.height > 0)))
}

/// The columns of a line. Spaces are no columns of their own.
fn columns(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    line.split(move |&byte| byte == separator)
        .map(<[u8]>::trim_ascii)
        .filter(move |text| separator != b' ' || !text.is_empty())
}

fn column(line: &[u8], separator: u8, number: usize) -> Option<&[u8]> {
    columns(line, separator).nth(number)
}

fn event(line: &[u8], layout: &Layout) -> Result<Event, Damage> {
    let (mut t, mut x, mut y, mut on) = (None, None, None, None);
    for (number, text) in columns(line, layout.separator).enumerate() {
        match number {
            _ if number == layout.t => t = Some(text),
            _ if number == layout.x => x = Some(text),
            _ if number == layout.y => y = Some(text),
            _ if number == layout.on => on = Some(text),
            _ => {}
        }
    }
    let bad = |what, text: Option<&[u8]>, wanted| {
        field(what, format!("`{}`", String::from_utf8_lossy(text.unwrap_or_default())), wanted)
    };
    let time = if layout.seconds { seconds } else { number::<u64> };
    Ok(Event {
        t_us: t
            .and_then(time)
            .ok_or_else(|| bad("a time", t, "a number of µs, or of seconds with a point"))?,
        x: x.and_then(number).ok_or_else(|| bad("a column", x, "a number from 0 to 65535"))?,
        y: y.and_then(number).ok_or_else(|| bad("a row", y, "a number from 0 to 65535"))?,
        on: on.and_then(polarity).ok_or_else(|| bad("a polarity", on, "0 or 1, -1 or 1, off or on"))?,
    })
}

/// A number of decimal digits.
fn number<T: TryFrom<u64>>(text: &[u8]) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let digits = text.iter().try_fold(0u64, |number, digit| {
        digit.is_ascii_digit().then_some(())?;
        number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    });
    T::try_from(digits?).ok()
}

/// Seconds with a decimal point, in µs, rounded to the nearest.
fn seconds(text: &[u8]) -> Option<u64> {
    let point = text.iter().position(|&byte| byte == b'.').unwrap_or(text.len());
    let fraction = text.get(point + 1..).unwrap_or_default();
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |place: usize| fraction.get(place).map_or(0, |digit| u64::from(digit - b'0'));
    let us = (0..6).fold(0, |us, place| us * 10 + digit(place)) + u64::from(digit(6) >= 5);
    let whole = if point == 0 { 0 } else { number::<u64>(&text[..point])? };
    whole.checked_mul(1_000_000)?.checked_add(us)
}

fn polarity(text: &[u8]) -> Option<bool> {
    match text {
        b"1" | b"+1" => Some(true),
        b"0" | b"-1" => Some(false),
        _ if text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"on") => Some(true),
        _ if text.eq_ignore_ascii_case(b"false") || text.eq_ignore_ascii_case(b"off") => Some(false),
        _ => None,
    }
}

struct Csv {
    layout: Layout,
    sensor: Option<Sensor>,
}

impl Decode for Csv {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        let mut offset = input.offset();
        let mut bytes = input.fill(1);
        if bytes.is_empty() {
            return Ok(false);
        }
        if !bytes.contains(&b'\n') {
            bytes = input.fill(MAX_LINE);
        }
        let mut used = 0;
        let mut fault = Ok(());
        while chunk.room() > 0 && fault.is_ok() {
            let rest = &bytes[used..];
            let (line, next) = match rest.iter().position(|&byte| byte == b'\n') {
                Some(end) => (&rest[..end], end + 1),
                // The last line may have no end.
                None if used == 0 && rest.len() < MAX_LINE => (rest, rest.len()),
                None if used == 0 => {
                    let damage = field("a line", "longer than 4096 bytes", "a line an event");
                    used = rest.len();
                    fault = faults.bytes(offset, rest.len() as u64, damage);
                    break;
                }
                None => break,
            };
            if next == 0 {
                break;
            }
            let text = line.trim_ascii();
            if text.is_empty() || matches!(text[0], b'#' | b'%') {
                faults.skipped.other += u64::from(!text.is_empty());
            } else {
                match event(text, &self.layout) {
                    Err(damage) => fault = faults.bytes(offset, next as u64, damage),
                    Ok(event) => match self.sensor {
                        Some(sensor) if !sensor.contains(event.x, event.y) => {
                            fault = faults.outside(offset, &event, sensor);
                        }
                        _ => chunk.push(event),
                    },
                }
            }
            used += next;
            offset += next as u64;
        }
        input.consume(used);
        fault.map(|()| true)
    }
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Box<dyn Encode> {
    match sensor {
        Some(Sensor { width, height }) => bytes.extend(format!("t,x@{width},y@{height},on\n").bytes()),
        None => bytes.extend(b"t,x,y,on\n"),
    }
    Box::new(Encoder)
}

struct Encoder;

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for Event { t_us, x, y, on } in events {
            // Writing to memory does not fail.
            let _ = writeln!(bytes, "{t_us},{x},{y},{}", u8::from(*on));
        }
        Ok(())
    }
}
