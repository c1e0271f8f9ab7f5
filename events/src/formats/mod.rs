//! The formats of recordings: one file each, that decodes and encodes it.

mod aedat2;
mod aedat31;
mod aedat4;
pub(crate) mod bin;
pub(crate) mod bs3;
mod clock;
pub(crate) mod csv;
mod dat;
mod event_stream;
mod evt2;
mod evt21;
mod evt3;
mod flatbuffer;
mod records;

use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Damage, Fault, Faults, Format, Input, Options, Sensor, Unfit, field};

/// A decoder of one format.
pub(crate) trait Decode: Send {
    /// Decodes what is buffered into the chunk's room, waiting for more bytes only where the next event needs
    /// them. False at the end of the recording, and whenever it is asked again after that.
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault>;
}

/// An encoder of one format.
pub(crate) trait Encode {
    /// Appends the events' bytes.
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit>;

    /// Appends what ends a recording.
    fn finish(&mut self, _bytes: &mut Vec<u8>) {}
}

/// A decoder and the sensor that its events lie on.
pub(crate) type Opened = Result<(Box<dyn Decode>, Option<Sensor>), Fault>;

/// Reads the header and makes a decoder for what follows it.
pub(crate) fn decoder(format: Format, input: &mut Input, options: &Options) -> Opened {
    match format {
        Format::Aedat2 => aedat2::open(input, options),
        Format::Aedat31 => aedat31::open(input, options),
        Format::Aedat4 => aedat4::open(input, options),
        Format::Evt2 => evt2::open(input, options),
        Format::Evt21 => evt21::open(input, options),
        Format::Evt3 => evt3::open(input, options),
        Format::Dat => dat::open(input, options),
        Format::EventStream => event_stream::open(input, options),
        Format::Bin => bin::open(input, options),
        Format::Bs3 => bs3::open(input, options),
        Format::Csv => csv::open(input, options),
    }
}

/// Appends the header and makes an encoder for what follows it.
pub(crate) fn encoder(
    format: Format,
    sensor: Option<Sensor>,
    bytes: &mut Vec<u8>,
) -> Result<Box<dyn Encode>, Error> {
    match format {
        Format::Aedat2 => aedat2::encoder(sensor, bytes),
        Format::Aedat31 => aedat31::encoder(sensor, bytes),
        Format::Aedat4 => aedat4::encoder(sensor, aedat4::Compression::Lz4, bytes),
        Format::Evt2 => evt2::encoder(sensor, bytes),
        Format::Evt21 => evt21::encoder(sensor, bytes),
        Format::Evt3 => evt3::encoder(sensor, bytes),
        Format::Dat => dat::encoder(sensor, bytes),
        Format::EventStream => event_stream::encoder(sensor, bytes),
        Format::Bin => Ok(Box::new(bin::Encoder)),
        Format::Bs3 => Ok(Box::new(bs3::Encoder)),
        Format::Csv => Ok(csv::encoder(sensor, bytes)),
    }
}

/// The sensor, with sides of 1 to `limit` pixels, that a format's header needs.
fn required(format: Format, sensor: Option<Sensor>, limit: u16) -> Result<Sensor, Error> {
    let sensor = sensor.ok_or(Error::SensorNeeded { format })?;
    let fits = |side| (1..=limit).contains(&side);
    if fits(sensor.width) && fits(sensor.height) {
        return Ok(sensor);
    }
    Err(Error::SensorSize { format, sensor, limit })
}

/// The lines of text before a recording of Prophesee's encoding `version`.
fn prophesee_header(
    format: Format,
    version: &str,
    sensor: Option<Sensor>,
    limit: u16,
    bytes: &mut Vec<u8>,
) -> Result<(), Error> {
    let sensor = required(format, sensor, limit)?;
    bytes.extend(format!("% evt {version}\n% geometry {sensor}\n% end\n").bytes());
    Ok(())
}

/// Checks an event against the bits that a format has for its time, column and row.
fn fits(index: usize, event: &Event, t_bits: u32, x_bits: u32, y_bits: u32) -> Result<(), Unfit> {
    let fields = [
        ("time in µs", event.t_us, t_bits),
        ("column", event.x.into(), x_bits),
        ("row", event.y.into(), y_bits),
    ];
    let unfit = fields.into_iter().find(|&(_, seen, bits)| bits < 64 && seen >> bits > 0);
    unfit.map_or(Ok(()), |(what, seen, bits)| {
        Err(Unfit { index, what, seen, wanted: format!("0 to {}", (1u64 << bits) - 1) })
    })
}

/// Checks an event against a sensor whose sides its format needs to write it.
fn on_sensor(index: usize, event: &Event, sensor: Sensor) -> Result<(), Unfit> {
    if sensor.contains(event.x, event.y) {
        return Ok(());
    }
    let (what, seen, side) = if event.x >= sensor.width {
        ("column", event.x, sensor.width)
    } else {
        ("row", event.y, sensor.height)
    };
    Err(Unfit { index, what, seen: seen.into(), wanted: format!("0 to {}", side - 1) })
}

/// What is wrong with a word of a type that no version of Prophesee's formats has.
fn word_type(kind: u32) -> Damage {
    field("the type of a word", format!("{kind:X}"), "one that the format has, in hexadecimal")
}

/// Whether a file of records of `N` bytes without a header may begin with `bytes`: `time_of` reads a record's
/// time, or None of what is no record. Times step back in few places at most.
fn ascends<const N: usize>(bytes: &[u8], whole: bool, time_of: impl Fn(&[u8; N]) -> Option<u64>) -> bool {
    let (records, rest) = bytes.as_chunks::<N>();
    if records.is_empty() || (whole && !rest.is_empty()) {
        return false;
    }
    let Some(times) = records.iter().map(time_of).collect::<Option<Vec<u64>>>() else { return false };
    let back = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
    back * 16 <= times.len()
}
