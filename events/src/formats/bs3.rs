//! SLAYER's `.bs3`: seven bytes an event, the most significant byte first, no header.
//!
//! ```text
//! byte       0            1              2         3       4          5          6
//!        +----------+------+-------+---------+---------+----------+----------+----------+
//!        |  x 11..4 | 3..0 | 11..8 |  y 7..0 | 1 or 0  |  23..16  |  15...8  |  7....0  |
//!        +----------+------+-------+---------+---------+----------+----------+----------+
//!                              y              polarity   time in µs
//! ```

use super::{Decode, Encode, Opened, records};
use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Input, Options, Sensor, Unfit};

/// Bytes an event.
const EVENT_BYTES: usize = 7;

const TIME_BITS: u32 = 24;

pub(super) fn open(_: &mut Input, options: &Options) -> Opened {
    Ok((Box::new(Bs3 { sensor: options.sensor }), options.sensor))
}

/// Whether the start of a file reads as events in the order of their times, with polarities of 0 and 1.
pub(crate) fn is_likely(bytes: &[u8], whole: bool) -> bool {
    super::ascends::<EVENT_BYTES>(bytes, whole, |record| (record[3] <= 1).then(|| event(record).t_us))
}

fn event(record: &[u8; EVENT_BYTES]) -> Event {
    let [x, both, y, on, high, middle, low] = *record;
    Event {
        t_us: u64::from(u32::from_be_bytes([0, high, middle, low])),
        x: u16::from(x) << 4 | u16::from(both >> 4),
        y: u16::from(both & 0xF) << 8 | u16::from(y),
        on: on & 1 == 1,
    }
}

struct Bs3 {
    sensor: Option<Sensor>,
}

impl Decode for Bs3 {
    fn decode(&mut self, input: &mut Input, chunk: &mut Chunk, faults: &mut Faults) -> Result<bool, Fault> {
        records::decode(input, chunk, faults, self.sensor, event, |_| ())
    }
}

pub(super) struct Encoder;

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            super::fits(index, event, TIME_BITS, 12, 12)?;
            let [_, high, middle, low] = (event.t_us as u32).to_be_bytes();
            let both = (event.x << 4) as u8 | (event.y >> 8) as u8;
            bytes.extend([(event.x >> 4) as u8, both, event.y as u8, event.on.into(), high, middle, low]);
        }
        Ok(())
    }
}
