//! How do recordings and images become time-stepped spikes?
//!
//! A [`Dataset`] is opened from a source: a folder or zip of event-camera recordings, an IDX file of images,
//! the recordings bundled with this crate, or a synthetic task. An [`Encoding`] (network input shape, number
//! of time steps, seed) turns each of its items into a [`Sample`]: a label and a [`SpikeTrain`].
//! Before that, a [`pipeline`] may crop, filter, cut and augment its recordings.
//!
//! ```
//! use events::{Dataset, Encoding, ImageCode};
//!
//! let recordings = Dataset::open("bundled:test", Some(10))?;
//! let encoding = Encoding { shape: "2x17x17".parse()?, steps: 16, seed: 0, image_code: ImageCode::default() };
//! let samples = recordings.encode(&encoding)?;
//!
//! assert_eq!(samples.len(), 10);
//! for active in samples[0].spikes.iter() {
//!     assert!(active.iter().all(|&input| input < 578)); // ascending indices of the inputs that spike
//! }
//! # Ok::<(), events::Error>(())
//! ```
//!
//! The same source, limit and encoding give the same samples on every machine.

mod bounded;
pub mod check;
mod dataset;
mod encode;
mod epoch;
mod error;
mod formats;
mod item;
pub mod pack;
pub mod pipeline;
mod random;
pub mod recording;
pub mod render;
mod shape;
pub mod sources;
mod spikes;
mod split;

pub use dataset::Dataset;
pub use encode::{DIFFERENCE_THRESHOLD, Encoding, ImageCode};
pub use epoch::{Balance, Epoch};
pub use error::{Error, Place};
pub use item::{Event, Image, Item, Recording};
pub use shape::{MAX_INPUTS, Shape};
pub use spikes::{Sample, SpikeTrain};
pub use split::SeededSplit;
