//! What the thread that reads says to the one that watches.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use events::Event;
use events::recording::Sensor;

/// Cells of a picture of the events, at most, each way.
const CELLS: u16 = 64;

/// Counts of a stream so far.
#[derive(Debug)]
pub struct Tally {
    /// Events that were handed on.
    pub events: AtomicU64,
    /// Those that were late.
    pub late: AtomicU64,
    /// Windows that wait for the board.
    pub queued: AtomicU64,
    /// Set to end the stream.
    pub stop: AtomicBool,
    /// Where events were of late; absent where nobody watches.
    pub picture: Option<Mutex<Picture>>,
}

impl Tally {
    /// Of a stream from `sensor`, with a picture where somebody watches.
    pub fn new(sensor: Sensor, watched: bool) -> Self {
        Self {
            events: AtomicU64::new(0),
            late: AtomicU64::new(0),
            queued: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            picture: watched.then(|| Mutex::new(Picture::new(sensor))),
        }
    }

    /// Whether the stream is to end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Events of each polarity by place: cells of `side` by `side` pixels.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Cells in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    side: u16,
    /// OFF and ON events of each cell, row by row.
    pub cells: Vec<[u32; 2]>,
}

impl Picture {
    fn new(sensor: Sensor) -> Self {
        let side = sensor.width.max(sensor.height).div_ceil(CELLS).max(1);
        let (columns, rows) = (sensor.width.div_ceil(side), sensor.height.div_ceil(side));
        let cells = vec![[0; 2]; usize::from(columns) * usize::from(rows)];
        Self { columns, rows, side, cells }
    }

    /// Adds events.
    pub fn add(&mut self, events: &[Event]) {
        for event in events {
            let at = usize::from(event.y / self.side) * usize::from(self.columns)
                + usize::from(event.x / self.side);
            if let Some(cell) = self.cells.get_mut(at) {
                let count = &mut cell[usize::from(event.on)];
                *count = count.saturating_add(1);
            }
        }
    }

    /// Takes the picture as it is, and lets half of it fade.
    pub fn take(&mut self) -> Self {
        let taken = self.clone();
        self.cells.iter_mut().flatten().for_each(|count| *count /= 2);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_every_event_and_fades() {
        let mut picture = Picture::new(Sensor { width: 346, height: 260 });
        assert_eq!((picture.side, picture.columns, picture.rows), (6, 58, 44));
        let event = |x, y, on| Event { t_us: 0, x, y, on };
        picture.add(&[event(0, 0, true), event(5, 5, true), event(345, 259, false), event(6, 0, true)]);
        let taken = picture.take();
        assert_eq!((taken.cells[0], taken.cells[1]), ([0, 2], [0, 1]));
        assert_eq!(taken.cells.last(), Some(&[1, 0]));
        assert_eq!((picture.cells[0], picture.cells[1]), ([0, 1], [0, 0]));
    }
}
