//! A sample as it travels: its events packed once, sent as often as it is learned.

use arch::packing::{Unpacked, Unpacker, pack_step};

/// A labelled recording in time steps, ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The right class.
    pub label: u16,
    /// Time steps.
    pub steps: u16,
    /// Steps before this one carry no loss.
    pub first_loss_step: u16,
    /// Events in all.
    pub events: u32,
    /// The events, packed as `arch::packing` says.
    pub packed: Vec<u8>,
}

/// Steps that can't be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// None at all, or too many to count.
    #[error("a sample of {seen} time steps: wanted 1 to 65535")]
    Steps {
        /// How many.
        seen: usize,
    },
    /// Events that do not ascend.
    #[error("step {step} lists input {second} after input {first}: list each input once, in ascending order")]
    Order {
        /// Time step, from 0.
        step: usize,
        /// An input.
        first: u32,
        /// The one after it.
        second: u32,
    },
}

impl Sample {
    /// Packs the ascending input locations that spike in each step.
    pub fn new<S: AsRef<[u32]>>(
        label: u16,
        first_loss_step: u16,
        steps: impl IntoIterator<Item = S>,
    ) -> Result<Self, SampleError> {
        let (mut count, mut events, mut packed) = (0, 0, Vec::new());
        for (step, inputs) in steps.into_iter().enumerate() {
            let inputs = inputs.as_ref();
            if let Some(pair) = inputs.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(SampleError::Order { step, first: pair[0], second: pair[1] });
            }
            pack_step(inputs.iter().copied(), &mut packed);
            count += 1;
            events += inputs.len() as u32;
        }
        let steps = match u16::try_from(count) {
            Ok(steps) if steps > 0 => steps,
            _ => return Err(SampleError::Steps { seen: count }),
        };
        packed.shrink_to_fit();
        Ok(Self { label, steps, first_loss_step, events, packed })
    }

    /// The input locations that spike in each step.
    pub fn unpack(&self) -> Vec<Vec<u32>> {
        let mut unpacker = Unpacker::default();
        let mut steps = vec![Vec::new()];
        for &byte in &self.packed {
            match unpacker.push(byte, u32::MAX) {
                Ok(Unpacked::Event(input)) => steps.last_mut().into_iter().for_each(|step| step.push(input)),
                Ok(Unpacked::EndOfStep) => steps.push(Vec::new()),
                // Packed by `new`: nothing else stands in it.
                Ok(Unpacked::Skip) | Err(_) => {}
            }
        }
        steps.pop();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_unpacks_to_its_steps() {
        let steps = vec![vec![], vec![0, 5, 900], vec![577]];
        let sample = Sample::new(3, 1, &steps).unwrap();
        assert_eq!((sample.steps, sample.events), (3, 4));
        assert_eq!(sample.unpack(), steps);
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(Sample::new(0, 0, Vec::<Vec<u32>>::new()), Err(SampleError::Steps { seen: 0 }));
        let twice = Sample::new(0, 0, [[4, 4]]);
        assert_eq!(twice, Err(SampleError::Order { step: 0, first: 4, second: 4 }));
        assert_eq!(Sample::new(0, 0, vec![vec![]; 65_536]), Err(SampleError::Steps { seen: 65_536 }));
    }
}
