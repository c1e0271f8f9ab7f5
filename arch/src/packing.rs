//! How events travel: sorted within a step and delta-coded, about a byte each.
//!
//! A stream of bytes, cut into frames anywhere. A decoder holds one address, `next`, which is 0 at the start of a
//! step:
//!
//! | byte | means |
//! |---|---|
//! | 0 … 252 | an event at `next + byte`; `next` becomes the address after it |
//! | 253 | no event; `next` grows by 253 |
//! | 254 | the step is complete |
//! | 255 | never sent |

/// Largest gap that one byte bridges to an event.
pub const MAX_GAP: u8 = 252;
/// Skip: no event, [`SKIP_LENGTH`] further.
pub const SKIP: u8 = 253;
/// How far a skip moves.
pub const SKIP_LENGTH: u32 = 253;
/// End of a time step.
pub const END_OF_STEP: u8 = 254;

/// Appends one step's events to `packed`.
///
/// `events` are ascending, without repetitions: anything else would not arrive as it was sent.
pub fn pack_step(events: impl IntoIterator<Item = u32>, packed: &mut Vec<u8>) {
    let mut next = 0;
    for event in events {
        debug_assert!(event >= next, "events of a step must be ascending and distinct");
        let mut gap = event.saturating_sub(next);
        while gap > u32::from(MAX_GAP) {
            packed.push(SKIP);
            gap -= SKIP_LENGTH;
        }
        packed.push(gap as u8);
        next = event + 1;
    }
    packed.push(END_OF_STEP);
}

/// What one packed byte says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacked {
    /// An event at this address.
    Event(u32),
    /// The step is complete.
    EndOfStep,
    /// Nothing yet: a skip.
    Skip,
}

/// A byte stream that can't be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Byte 255.
    #[error("byte 255 in the packed events: never sent")]
    Reserved,
    /// An event outside the first layer's input.
    #[error("event address {address}: the first layer has {inputs} inputs")]
    OutOfRange {
        /// Its address.
        address: u32,
        /// Inputs there are.
        inputs: u32,
    },
}

/// Decoder of packed events; carries the address from one frame to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unpacker {
    next: u32,
}

impl Unpacker {
    /// Takes one byte. An address at or beyond `inputs` is refused.
    pub fn push(&mut self, byte: u8, inputs: u32) -> Result<Unpacked, UnpackError> {
        match byte {
            END_OF_STEP => {
                self.next = 0;
                Ok(Unpacked::EndOfStep)
            }
            SKIP => {
                // Beyond the last input every further event is refused anyway: the address need not grow on.
                self.next = (self.next + SKIP_LENGTH).min(inputs);
                Ok(Unpacked::Skip)
            }
            0..=MAX_GAP => {
                let address = self.next + u32::from(byte);
                if address >= inputs {
                    return Err(UnpackError::OutOfRange { address, inputs });
                }
                self.next = address + 1;
                Ok(Unpacked::Event(address))
            }
            _ => Err(UnpackError::Reserved),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unpack(packed: &[u8], inputs: u32) -> Result<Vec<Vec<u32>>, UnpackError> {
        let mut unpacker = Unpacker::default();
        let (mut steps, mut step) = (Vec::new(), Vec::new());
        for &byte in packed {
            match unpacker.push(byte, inputs)? {
                Unpacked::Event(address) => step.push(address),
                Unpacked::EndOfStep => steps.push(std::mem::take(&mut step)),
                Unpacked::Skip => {}
            }
        }
        Ok(steps)
    }

    proptest! {
        #[test]
        fn steps_arrive_as_sent(steps in prop::collection::vec(prop::collection::btree_set(0u32..65_535, 0..40), 0..8)) {
            let mut packed = Vec::new();
            for step in &steps {
                pack_step(step.iter().copied(), &mut packed);
            }
            let sent: Vec<Vec<u32>> = steps.iter().map(|step| step.iter().copied().collect()).collect();
            prop_assert_eq!(unpack(&packed, 65_535), Ok(sent));
        }

        #[test]
        fn any_bytes_unpack_to_ascending_addresses_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(steps) = unpack(&bytes, 500) {
                for step in steps {
                    prop_assert!(step.windows(2).all(|pair| pair[0] < pair[1]));
                    prop_assert!(step.iter().all(|&address| address < 500));
                }
            }
        }
    }

    #[test]
    fn gaps_at_the_edges_of_a_byte() {
        for event in [0, 252, 253, 505, 506, 507, 60_000] {
            let mut packed = Vec::new();
            pack_step([event], &mut packed);
            assert_eq!(unpack(&packed, 65_535), Ok(vec![vec![event]]), "{event}");
        }
    }

    #[test]
    fn addresses_outside_the_layer_are_refused() {
        assert_eq!(unpack(&[9], 10), Ok(vec![]));
        assert_eq!(unpack(&[10], 10), Err(UnpackError::OutOfRange { address: 10, inputs: 10 }));
        assert_eq!(unpack(&[9, 0], 10), Err(UnpackError::OutOfRange { address: 10, inputs: 10 }));
        assert_eq!(unpack(&[SKIP, SKIP, 0], 10), Err(UnpackError::OutOfRange { address: 10, inputs: 10 }));
        assert_eq!(unpack(&[255], 10), Err(UnpackError::Reserved));
    }
}
