//! A source, opened: items to classify and how many classes there are.

use crate::encode::Encoding;
use crate::error::Error;
use crate::item::Item;
use crate::pipeline::Pipeline;
use crate::shape::Shape;
use crate::sources::{MAX_EVENTS, MAX_FILES, Source};
use crate::spikes::Sample;

/// The items of a source, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    items: Vec<Item>,
    classes: u16,
}

impl Dataset {
    /// Opens what `source` names (`docs/events.md` lists the sources) and reads its first `limit` items, or
    /// all of them.
    ///
    /// # Errors
    /// Nothing of that name; a file that is damaged, cut, too large or of another format.
    pub fn open(source: &str, limit: Option<usize>) -> Result<Dataset, Error> {
        let loaded = Source::find(source)?.load(limit)?;
        Ok(Dataset { items: loaded.items, classes: loaded.classes })
    }

    /// The items, in the source's order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether a limit of 0 left no items.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// One more than the highest label of the source, whether or not a limit kept an item of each.
    pub fn classes(&self) -> u16 {
        self.classes
    }

    /// Takes the last `count` items off, at most all of them: a dataset of their own with the same classes.
    pub fn split_off_last(&mut self, count: usize) -> Dataset {
        let items = self.items.split_off(self.items.len().saturating_sub(count));
        Dataset { items, classes: self.classes }
    }

    /// Divides the items, in their order, into those of which `first` is true and the others.
    pub(crate) fn partition(self, first: impl FnMut(&Item) -> bool) -> (Dataset, Dataset) {
        let classes = self.classes;
        let (first, others) = self.items.into_iter().partition(first);
        (Dataset { items: first, classes }, Dataset { items: others, classes })
    }

    /// Sends every recording through what of a pipeline is the same in every epoch
    /// ([`Pipeline::prepare`]); where windows are cut, each is an item.
    ///
    /// # Errors
    /// The first error of a recording; an image or spikes, which have no events; labels of the pipeline that are no
    /// classes; more windows or events than are kept.
    pub fn through(self, pipeline: &Pipeline) -> Result<Dataset, Error> {
        if pipeline.is_empty() {
            return Ok(self);
        }
        pipeline.check_labels(self.classes)?;
        let mut items = Vec::with_capacity(self.items.len());
        let mut events = 0;
        for (number, item) in self.items.into_iter().enumerate() {
            let recording = match item {
                Item::Recording(recording) => recording,
                Item::Image(_) => {
                    return Err(Error::NotARecordingToPass { item: number, what: "is an image" });
                }
                Item::Spikes(_) => {
                    return Err(Error::NotARecordingToPass { item: number, what: "is spikes already" });
                }
            };
            for piece in pipeline.prepare(recording)? {
                events += piece.events.len();
                if events > MAX_EVENTS {
                    return Err(Error::PipelineSize { what: "events", limit: MAX_EVENTS });
                }
                if items.len() == MAX_FILES {
                    return Err(Error::PipelineSize { what: "windows", limit: MAX_FILES });
                }
                items.push(Item::Recording(piece));
            }
        }
        Ok(Dataset { items, classes: self.classes })
    }

    /// Sends every recording that came [`through`](Self::through) a pipeline through the rest of it without drawing
    /// ([`Pipeline::finish`]), as testing wants it.
    ///
    /// # Errors
    /// The first error of a recording.
    pub fn undrawn(self, pipeline: &Pipeline) -> Result<Dataset, Error> {
        let finish = |item| match item {
            Item::Recording(recording) => pipeline.finish(recording, None).map(Item::Recording),
            other => Ok(other),
        };
        let items = self.items.into_iter().map(finish).collect::<Result<_, _>>()?;
        Ok(Dataset { items, classes: self.classes })
    }

    /// The input shape that loses nothing: of the first item 2 × sensor height × width, an image's
    /// channels × height × width, or a synthetic task's inputs. None without items.
    pub fn native_shape(&self) -> Option<Shape> {
        Some(match self.items.first()? {
            Item::Recording(item) => Shape { channels: 2, height: item.height, width: item.width },
            Item::Image(item) => Shape { channels: item.channels, height: item.height, width: item.width },
            Item::Spikes(sample) => {
                Shape { channels: 1, height: 1, width: u16::try_from(sample.spikes.inputs()).ok()? }
            }
        })
    }

    /// The number of time steps of a source whose items are spikes already; None if any number will do.
    pub fn native_steps(&self) -> Option<u16> {
        match self.items.first()? {
            Item::Spikes(sample) => u16::try_from(sample.spikes.steps()).ok(),
            Item::Recording(_) | Item::Image(_) => None,
        }
    }

    /// Encodes every item, in order.
    ///
    /// # Errors
    /// The first error of [`Item::encode`].
    pub fn encode(&self, encoding: &Encoding) -> Result<Vec<Sample>, Error> {
        self.items.iter().enumerate().map(|(index, item)| item.encode(index, encoding)).collect()
    }
}
