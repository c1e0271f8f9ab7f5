//! What a source may hold in memory.

use crate::error::Error;
use crate::item::Item;

/// The most events a source may hold together: N-MNIST's 60,000 training recordings have 250 million, the gestures
/// of DVS128 Gesture more.
pub(crate) const MAX_EVENTS: usize = 1 << 29;

/// Counts the events that are kept in memory.
pub(super) struct Kept {
    root: String,
    items: usize,
    events: usize,
}

impl Kept {
    pub(super) fn new(root: String) -> Self {
        Kept { root, items: 0, events: 0 }
    }

    /// Counts an item.
    ///
    /// # Errors
    /// It is one too many.
    pub(super) fn add(&mut self, item: &Item) -> Result<(), Error> {
        // A pixel of an image takes less than an event.
        self.events += match item {
            Item::Recording(recording) => recording.events.len(),
            Item::Image(image) => image.pixels.len(),
            Item::Spikes(sample) => sample.spikes.spikes(),
        };
        if self.events > MAX_EVENTS {
            return Err(Error::TooManyEvents {
                root: self.root.clone(),
                items: self.items,
                limit: MAX_EVENTS,
            });
        }
        self.items += 1;
        Ok(())
    }
}
