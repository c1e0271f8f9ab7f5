//! What a recording held besides events, and what was lost of it.

use super::{Mode, Sensor};
use crate::item::Event;
use serde::{Serialize, Serializer};
use std::fmt;

/// Counts of what was read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events handed out.
    pub events: u64,
    /// Events with a time before that of the event that precedes them. They are handed out as they are.
    pub time_reversals: u64,
    /// What is whole, but no event.
    pub skipped: Skipped,
    /// What is damaged. Only [`Mode::Lenient`](super::Mode::Lenient) reads on after damage.
    pub loss: Loss,
}

/// Parts of a recording that are passed over because they hold no event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// External triggers and other special events.
    pub triggers: u64,
    /// Frames of grey levels; in AEDAT 2.0 and ATIS files, single samples of them.
    pub frames: u64,
    /// Samples, or packets of samples, of an inertial measurement unit.
    pub imu: u64,
    /// Events that their camera marked as not valid.
    pub invalid: u64,
    /// Events before the recording's first word of time: it is not known when they were.
    pub untimed: u64,
    /// Parts of other kinds: words, packets or lines that the format allows and that carry no events.
    pub other: u64,
}

impl Skipped {
    /// All of them together.
    pub fn total(&self) -> u64 {
        self.triggers + self.frames + self.imu + self.invalid + self.untimed + self.other
    }
}

/// What could not be decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Places of damage.
    pub faults: u64,
    /// Events that were there but made no sense: outside the sensor, for instance.
    pub events: u64,
    /// Bytes that were passed over.
    pub bytes: u64,
    /// The first [`Loss::LISTED`] places: byte offset and what was wrong there.
    #[serde(serialize_with = "places")]
    pub first: Vec<(u64, Damage)>,
}

/// Places of damage as JSON: `{"offset": 21, "damage": "an event at …"}`.
fn places<S: Serializer>(first: &[(u64, Damage)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Place {
        offset: u64,
        damage: String,
    }
    let place = |(offset, damage): &(u64, Damage)| Place { offset: *offset, damage: damage.to_string() };
    serializer.collect_seq(first.iter().map(place))
}

impl Loss {
    /// How many places are listed one by one.
    pub const LISTED: usize = 16;

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.faults == 0
    }
}

/// What is wrong at a place in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The file ends within something.
    Cut {
        /// Within what.
        what: &'static str,
        /// How many bytes of it there are.
        seen: u64,
        /// How many it has.
        wanted: u64,
    },
    /// An event where the sensor has no pixel.
    Outside {
        /// Its column.
        x: u16,
        /// Its row.
        y: u16,
        /// The sensor.
        sensor: Sensor,
    },
    /// A field with a value that it cannot have.
    Field {
        /// Its name.
        what: &'static str,
        /// Its value.
        seen: String,
        /// The values it can have.
        wanted: String,
    },
    /// Compressed bytes that cannot be unpacked.
    Compressed {
        /// What the decompressor said.
        cause: String,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Cut { what, seen, wanted } => {
                write!(f, "the file ends within {what}: there are {seen} of {wanted} bytes")
            }
            Damage::Outside { x, y, sensor } => {
                write!(f, "an event at x = {x}, y = {y}: wanted x and y on the sensor of {sensor} pixels")
            }
            Damage::Field { what, seen, wanted } => write!(f, "{what} is {seen}: wanted {wanted}"),
            Damage::Compressed { cause } => {
                write!(f, "compressed bytes cannot be unpacked: {cause}; wanted a whole compressed stream")
            }
        }
    }
}

/// The damage at which a strict reader stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) offset: u64,
    pub(crate) damage: Damage,
}

/// Where decoders report damage: it decides whether they go on.
pub(crate) struct Faults {
    pub(crate) mode: Mode,
    pub(crate) skipped: Skipped,
    pub(crate) loss: Loss,
}

impl Faults {
    pub(crate) fn new(mode: Mode) -> Self {
        Faults { mode, skipped: Skipped::default(), loss: Loss::default() }
    }

    /// Damage that costs `bytes` bytes. An error means: stop.
    pub(crate) fn bytes(&mut self, offset: u64, bytes: u64, damage: Damage) -> Result<(), Fault> {
        self.add(offset, 0, bytes, damage)
    }

    /// Damage that costs `events` events. An error means: stop.
    pub(crate) fn events(&mut self, offset: u64, events: u64, damage: Damage) -> Result<(), Fault> {
        self.add(offset, events, 0, damage)
    }

    /// An event that is not on the sensor.
    pub(crate) fn outside(&mut self, offset: u64, event: &Event, sensor: Sensor) -> Result<(), Fault> {
        self.events(offset, 1, Damage::Outside { x: event.x, y: event.y, sensor })
    }

    /// The file ends within `what`, of which it has `seen` of `wanted` bytes from `offset` on.
    pub(crate) fn cut(
        &mut self,
        offset: u64,
        what: &'static str,
        seen: usize,
        wanted: usize,
    ) -> Result<(), Fault> {
        let (seen, wanted) = (seen as u64, wanted as u64);
        self.bytes(offset, seen, Damage::Cut { what, seen, wanted })
    }

    fn add(&mut self, offset: u64, events: u64, bytes: u64, damage: Damage) -> Result<(), Fault> {
        if self.mode == Mode::Strict {
            return Err(Fault { offset, damage });
        }
        self.loss.faults += 1;
        self.loss.events += events;
        self.loss.bytes += bytes;
        if self.loss.first.len() < Loss::LISTED {
            self.loss.first.push((offset, damage));
        }
        Ok(())
    }
}

/// A field with a value that it cannot have, for short.
pub(crate) fn field(what: &'static str, seen: impl fmt::Display, wanted: impl fmt::Display) -> Damage {
    Damage::Field { what, seen: seen.to_string(), wanted: wanted.to_string() }
}
