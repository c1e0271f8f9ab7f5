//! AEDAT 2.0 of jAER: lines of text that begin with `#`, then eight bytes a record, the most significant byte
//! first: an address and a time in µs, both of 32 bits. What the address means depends on the camera.
//!
//! ```text
//! DVS128   bit 15 special; y bits 14..8, x 7..1, bit 0: 0 is ON
//! DAVIS    bit 31 sample of a frame or of the inertial unit (bits 11..10 = 3); y bits 30..22, x 21..12,
//!          bit 11: 1 is ON; bit 10 special
//! ```
//!
//! jAER counts rows from below, and the columns of a DVS128 from the right; here rows count from above and
//! columns from the left. The header names the camera after `AEChip:`; without a name it is a DVS128.

use super::clock::Clock;
use super::{Decode, Encode, Opened, records};
use crate::error::Error;
use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Format, Input, Options, Sensor, TextHeader, Unfit, field};

const MAGIC: &str = "#!AER-DAT2.0";

/// Bytes a record.
const RECORD_BYTES: usize = 8;

const TIME_BITS: u32 = 32;

const DVS128: Sensor = Sensor { width: 128, height: 128 };

/// The sensors of the DAVIS cameras, by a part of the chip's name.
const DAVIS: [(&str, Sensor); 5] = [
    ("240", Sensor { width: 240, height: 180 }),
    ("346", Sensor { width: 346, height: 260 }),
    ("128", DVS128),
    ("208", Sensor { width: 208, height: 192 }),
    ("640", Sensor { width: 640, height: 480 }),
];

pub(super) fn open(input: &mut Input, options: &Options) -> Opened {
    let header = TextHeader::read(input, "#", "# End of ASCII Header")?;
    if !header.lines().first().is_some_and(|line| line.starts_with(MAGIC)) {
        return Err(Fault { offset: 0, damage: field("the first line", "another", MAGIC) });
    }
    let chip = chip(header.lines());
    let is_davis = chip.contains("davi") || chip.contains("sbret");
    let known = DAVIS.iter().find(|(part, _)| chip.contains(part)).map(|&(_, sensor)| sensor);
    let sensor = if is_davis { known.or(options.sensor) } else { Some(DVS128) };
    let Some(sensor) = sensor else {
        let wanted = "a DAVIS128, 208, 240, 346 or 640, or the sensor given by hand";
        return Err(Fault { offset: 0, damage: field("the chip", format!("`{chip}`"), wanted) });
    };
    Ok((Box::new(Aedat2 { is_davis, sensor, clock: Clock::new(TIME_BITS) }), Some(sensor)))
}

/// The chip's name in small letters, without the package of the class that stands for it.
fn chip(lines: &[String]) -> String {
    let named = lines.iter().find_map(|line| line.split_once("AEChip:").map(|(_, name)| name.trim()));
    let name = named.unwrap_or_default().to_ascii_lowercase();
    name.rsplit('.').next().unwrap_or_default().into()
}

struct Aedat2 {
    is_davis: bool,
    sensor: Sensor,
    clock: Clock,
}

impl Decode for Aedat2 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        let (is_davis, sensor, clock) = (self.is_davis, self.sensor, &mut self.clock);
        records::scan::<RECORD_BYTES>(input, chunk, faults, Some(sensor), usize::MAX, |record, _, faults| {
            let [a, b, c, d, e, f, g, h] = *record;
            let address = u32::from_be_bytes([a, b, c, d]);
            let t_us = clock.extend(u32::from_be_bytes([e, f, g, h]).into());
            let (x, y, on) = if is_davis {
                match (address >> 31, address >> 10 & 3) {
                    (0, 0 | 2) => {}
                    (0, _) => {
                        faults.skipped.triggers += 1;
                        return Ok(None);
                    }
                    (_, 3) => {
                        faults.skipped.imu += 1;
                        return Ok(None);
                    }
                    _ => {
                        faults.skipped.frames += 1;
                        return Ok(None);
                    }
                }
                let up = (address >> 22 & 0x1FF) as u16;
                ((address >> 12 & 0x3FF) as u16, flip(up, sensor.height), address >> 11 & 1 == 1)
            } else {
                if address & 0x8000 != 0 {
                    faults.skipped.triggers += 1;
                    return Ok(None);
                }
                let (left, up) = ((address >> 1 & 0x7F) as u16, (address >> 8 & 0x7F) as u16);
                (127 - left, 127 - up, address & 1 == 0)
            };
            Ok(Some(Event { t_us, x, y, on }))
        })
    }
}

/// The row from above of a row from below; one that is not on the sensor stays off it.
fn flip(row: u16, height: u16) -> u16 {
    (height - 1).checked_sub(row).unwrap_or(row)
}

pub(super) fn encoder(sensor: Option<Sensor>, bytes: &mut Vec<u8>) -> Result<Box<dyn Encode>, Error> {
    let sensor = super::required(Format::Aedat2, sensor, 1 << 10)?;
    let davis = DAVIS.iter().find(|(_, davis)| *davis == sensor && sensor != DVS128);
    let chip = match davis {
        Some((name, _)) => format!("eu.seebetter.ini.chips.davis.DAVIS{name}"),
        None if sensor == DVS128 => "ch.unizh.ini.jaer.chip.retina.DVS128".into(),
        None => return Err(Error::Camera { format: Format::Aedat2, sensor }),
    };
    bytes.extend(format!("{MAGIC}\r\n# AEChip: {chip}\r\n# End of ASCII Header\r\n").bytes());
    Ok(Box::new(Encoder { is_davis: davis.is_some(), sensor }))
}

struct Encoder {
    is_davis: bool,
    sensor: Sensor,
}

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::fits(index, event, TIME_BITS, 16, 16)?;
            super::on_sensor(index, event, self.sensor)?;
            let (x, up) = (u32::from(event.x), u32::from(self.sensor.height - 1 - event.y));
            let address = if self.is_davis {
                up << 22 | x << 12 | u32::from(event.on) << 11
            } else {
                up << 8 | (127 - x) << 1 | u32::from(!event.on)
            };
            bytes.extend(address.to_be_bytes());
            bytes.extend((event.t_us as u32).to_be_bytes());
        }
        Ok(())
    }
}
