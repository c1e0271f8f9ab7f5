//! The `.bin` recordings of N-MNIST and N-Caltech101, SLAYER's `.bs2`: five bytes an event, no header.
//!
//! ```text
//! byte       0         1         2                      3          4
//!        +---------+---------+--------------------+----------+----------+
//!        |    x    |    y    | on | time 22 .. 16 | 15 ... 8 | 7 .... 0 |
//!        +---------+---------+--------------------+----------+----------+
//!                             bit 7                            µs
//! ```

use super::{Decode, Encode, Opened, records};
use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Input, Options, Sensor, Unfit};

/// Bytes an event.
const EVENT_BYTES: usize = 5;

const TIME_BITS: u32 = 23;

/// No camera of this format has more rows: some tools mark an overflow of the time by y = 240.
const MAX_SENSOR: Sensor = Sensor { width: 256, height: 240 };

pub(super) fn open(_: &mut Input, options: &Options) -> Opened {
    Ok((Box::new(Bin { sensor: options.sensor }), options.sensor))
}

/// Whether the start of a file reads as events in the order of their times.
pub(crate) fn is_likely(bytes: &[u8], whole: bool) -> bool {
    super::ascends::<EVENT_BYTES>(bytes, whole, |record| {
        let event = event(record);
        MAX_SENSOR.contains(event.x, event.y).then_some(event.t_us)
    })
}

fn event(record: &[u8; EVENT_BYTES]) -> Event {
    let [x, y, high, middle, low] = *record;
    Event {
        t_us: u64::from(u32::from_be_bytes([0, high & 0x7F, middle, low])),
        x: x.into(),
        y: y.into(),
        on: high & 0x80 != 0,
    }
}

struct Bin {
    sensor: Option<Sensor>,
}

impl Decode for Bin {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        records::decode(input, chunk, faults, Some(self.sensor.unwrap_or(MAX_SENSOR)), event, |_| ())
    }
}

pub(super) struct Encoder;

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::fits(index, event, TIME_BITS, 8, 8)?;
            let [_, high, middle, low] = (event.t_us as u32).to_be_bytes();
            bytes.extend([event.x as u8, event.y as u8, u8::from(event.on) << 7 | high, middle, low]);
        }
        Ok(())
    }
}
