//! From an item to spikes in time steps.

mod image;
mod recording;
mod scale;

pub use image::{DIFFERENCE_THRESHOLD, ImageCode};

use crate::error::Error;
use crate::item::Item;
use crate::shape::Shape;
use crate::spikes::Sample;

/// How items become spikes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Encoding {
    /// The network's input.
    pub shape: Shape,
    /// Time steps T, at least 1.
    pub steps: u16,
    /// Of the random numbers in an image's firing rates; recordings need none.
    pub seed: u64,
    /// How an image's brightness becomes spikes.
    pub image_code: ImageCode,
}

impl Item {
    /// Encodes one item. `index` is its position in the data set: each image has its own random numbers, so
    /// that a sample depends neither on a limit nor on the order in which items are encoded.
    ///
    /// # Errors
    /// No time steps; a shape that this item cannot take; a [`Recording`](crate::Recording) or
    /// [`Image`](crate::Image) that contradicts itself.
    pub fn encode(&self, index: usize, encoding: &Encoding) -> Result<Sample, Error> {
        if encoding.steps == 0 {
            return Err(Error::NoSteps);
        }
        encoding.shape.check()?;
        let spikes = match self {
            Item::Recording(recording) => recording::bin(recording, encoding.shape, encoding.steps)?,
            Item::Image(image) => image::code(image, index, encoding)?,
            Item::Spikes(sample) => return fixed(sample, encoding),
        };
        Ok(Sample { label: self.label(), spikes, first_loss_step: 0 })
    }
}

/// A sample that is spikes already comes out as it is, if the network takes it.
fn fixed(sample: &Sample, encoding: &Encoding) -> Result<Sample, Error> {
    let (inputs, steps) = (sample.spikes.inputs() as usize, sample.spikes.steps());
    if encoding.shape.inputs() != inputs || usize::from(encoding.steps) != steps {
        return Err(Error::FixedSpikes { inputs, steps, shape: encoding.shape, asked: encoding.steps });
    }
    Ok(sample.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spikes::SpikeTrain;

    fn sample() -> Sample {
        let spikes = SpikeTrain::from_steps(vec![vec![1], vec![], vec![5]], 6).unwrap();
        Sample { label: 2, spikes, first_loss_step: 1 }
    }

    fn encoding(shape: &str, steps: u16) -> Encoding {
        Encoding { shape: shape.parse().unwrap(), steps, seed: 0, image_code: ImageCode::Rate }
    }

    #[test]
    fn ready_made_spikes_pass_unchanged() {
        assert_eq!(Item::Spikes(sample()).encode(0, &encoding("6", 3)).unwrap(), sample());
        assert_eq!(Item::Spikes(sample()).encode(0, &encoding("1x2x3", 3)).unwrap(), sample());
    }

    #[test]
    fn what_ready_made_spikes_do_not_fit_is_refused() {
        for (shape, steps) in [("7", 3), ("6", 4)] {
            let message = Item::Spikes(sample()).encode(0, &encoding(shape, steps)).unwrap_err().to_string();
            assert!(message.contains("6 inputs and 3 time steps"), "{message}");
            assert!(message.contains(&format!("1x1x{shape} and {steps}")), "{message}");
        }
    }

    #[test]
    fn no_steps_and_no_inputs_are_refused() {
        let message = Item::Spikes(sample()).encode(0, &encoding("6", 0)).unwrap_err().to_string();
        assert!(message.contains("0 time steps"), "{message}");
        let empty = Encoding { shape: Shape { channels: 2, height: 0, width: 3 }, ..encoding("6", 1) };
        let message = Item::Spikes(sample()).encode(0, &empty).unwrap_err().to_string();
        assert!(message.contains("2x0x3"), "{message}");
    }
}
