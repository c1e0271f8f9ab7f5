//! The events that were decoded last.

use super::{Fault, Faults, Sensor};
use crate::item::Event;

/// The most events a chunk holds: with 16 bytes each they stay in a core's second-level cache.
pub const CHUNK_EVENTS: usize = 1 << 13;

/// Room for [`CHUNK_EVENTS`] events, filled from the front. It is reused, so that nothing is cleared or
/// reserved while a recording is read.
pub(crate) struct Chunk {
    events: Box<[Event]>,
    len: usize,
}

impl Chunk {
    pub(crate) fn new() -> Self {
        Chunk { events: vec![Event::default(); CHUNK_EVENTS].into(), len: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events[..self.len]
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many more events it takes.
    pub(crate) fn room(&self) -> usize {
        self.events.len() - self.len
    }

    /// The places of the next events; [`advance`](Self::advance) says how many were written.
    pub(crate) fn free(&mut self) -> &mut [Event] {
        &mut self.events[self.len..]
    }

    /// Takes the first `count` of the [`free`](Self::free) places as events.
    pub(crate) fn advance(&mut self, count: usize) {
        self.len += count.min(self.room());
    }

    /// Takes an event. There must be room.
    pub(crate) fn push(&mut self, event: Event) {
        debug_assert!(self.room() > 0);
        if let Some(place) = self.events.get_mut(self.len) {
            *place = event;
            self.len += 1;
        }
    }

    /// Checks the events from number `from` on against the sensor and takes those outside it off. `offset_of`
    /// gives the byte of one of them, counted from `from`; it is only asked about events outside.
    pub(crate) fn check_sensor(
        &mut self,
        from: usize,
        sensor: Option<Sensor>,
        faults: &mut Faults,
        mut offset_of: impl FnMut(usize) -> u64,
    ) -> Result<(), Fault> {
        let Some(sensor) = sensor else { return Ok(()) };
        let outside = |event: &Event| (event.x >= sensor.width) | (event.y >= sensor.height);
        let new = &self.events[from..self.len];
        if !new.iter().fold(false, |any, event| any | outside(event)) {
            return Ok(());
        }
        self.retain(
            from,
            |event| !outside(event),
            |index, event| faults.outside(offset_of(index), event, sensor),
        )
    }

    /// Takes off the events from number `from` on that are not to be kept. `report` is told of each, with its
    /// number counted from `from`; its error ends the events there.
    pub(crate) fn retain(
        &mut self,
        from: usize,
        keep: impl Fn(&Event) -> bool,
        mut report: impl FnMut(usize, &Event) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut kept = from;
        for position in from..self.len {
            let event = self.events[position];
            if keep(&event) {
                self.events[kept] = event;
                kept += 1;
            } else if let Err(fault) = report(position - from, &event) {
                self.len = kept;
                return Err(fault);
            }
        }
        self.len = kept;
        Ok(())
    }
}
