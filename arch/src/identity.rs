//! What a board says of itself on connect, and whether a driver can talk to it.

use crate::capacity::{Capacity, WeightBits};
use crate::protocol::{ABI, MAX_PAYLOAD, MAX_WINDOW};
use crate::registers::{FORMATS, IDENTITY_REGISTERS, MAGIC, Register};

/// Longest board name.
pub const NAME_BYTES: usize = 16;

/// The identity registers, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Identifies what was built.
    pub build: u32,
    /// Board name, at most [`NAME_BYTES`] bytes.
    pub name: String,
    /// What it holds.
    pub capacity: Capacity,
    /// See [`crate::registers::features`].
    pub features: u32,
    /// Longest payload.
    pub max_payload: u32,
    /// Frames the host may have unanswered.
    pub window: u32,
    /// Bytes of unanswered frames that the receiver holds.
    pub receive_buffer: u32,
}

/// A board that a driver refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Something else answered.
    #[error(
        "the answer starts with {seen:#010x}, not with {MAGIC:#010x} (`STOP`): is this a stop-fpga board?"
    )]
    Magic {
        /// First word of the answer.
        seen: u32,
    },
    /// An answer of another length.
    #[error("the identity has {seen} bytes, wanted {}: is this a stop-fpga board?", IDENTITY_REGISTERS * 4)]
    Length {
        /// Bytes seen.
        seen: usize,
    },
    /// Another ABI.
    #[error(
        "the board speaks ABI {board}, this driver ABI {ABI}: rebuild the bitstream or use the matching driver"
    )]
    Abi {
        /// The board's.
        board: u32,
    },
    /// Other number formats.
    #[error(
        "the board's number formats are {board:#010x}, this driver's {FORMATS:#010x}: rebuild the bitstream"
    )]
    Formats {
        /// The board's.
        board: u32,
    },
    /// A value no board can have.
    #[error("the board reports {what} = {seen}: wanted {wanted}")]
    Value {
        /// Which.
        what: &'static str,
        /// Its value.
        seen: u32,
        /// What it may be.
        wanted: &'static str,
    },
}

impl Identity {
    /// The identity registers, from [`Register::Magic`] on.
    pub fn registers(&self) -> [u32; IDENTITY_REGISTERS] {
        let mut words = [0; IDENTITY_REGISTERS];
        let mut set = |register: Register, value: u32| words[register as usize] = value;
        set(Register::Magic, MAGIC);
        set(Register::Abi, ABI);
        set(Register::Build, self.build);
        set(Register::Lanes, self.capacity.lanes.into());
        set(Register::WeightBits, self.capacity.weight_bits.bits());
        set(Register::Synapses, self.capacity.synapses);
        set(Register::Neurons, self.capacity.neurons);
        set(Register::Inputs, self.capacity.inputs);
        set(Register::Classes, self.capacity.classes);
        set(Register::Layers, self.capacity.layers.into());
        set(Register::ClockHz, self.capacity.clock_hz);
        set(Register::Features, self.features);
        set(Register::Formats, FORMATS);
        set(Register::MaxPayload, self.max_payload);
        set(Register::Window, self.window);
        set(Register::ReceiveBuffer, self.receive_buffer);
        for (at, chunk) in self.name.as_bytes().chunks(4).take(NAME_BYTES / 4).enumerate() {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            words[Register::Name0 as usize + at] = u32::from_le_bytes(word);
        }
        words
    }

    /// Reads the answer to an identify frame, refusing what this version can't talk to.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdentityError> {
        let (words, rest) = bytes.as_chunks::<4>();
        let words: Vec<u32> = words.iter().map(|&word| u32::from_le_bytes(word)).collect();
        match words.first() {
            Some(&MAGIC) => {}
            Some(&seen) => return Err(IdentityError::Magic { seen }),
            None => return Err(IdentityError::Length { seen: bytes.len() }),
        }
        // The ABI comes before the length: another ABI may have another length.
        let abi = words.get(Register::Abi as usize).copied();
        match abi {
            Some(ABI) => {}
            Some(board) => return Err(IdentityError::Abi { board }),
            None => return Err(IdentityError::Length { seen: bytes.len() }),
        }
        if words.len() != IDENTITY_REGISTERS || !rest.is_empty() {
            return Err(IdentityError::Length { seen: bytes.len() });
        }
        let get = |register: Register| words[register as usize];
        if get(Register::Formats) != FORMATS {
            return Err(IdentityError::Formats { board: get(Register::Formats) });
        }
        let bounded = |register: Register, max: u32, wanted: &'static str| match get(register) {
            seen if (1..=max).contains(&seen) => Ok(seen),
            seen => Err(IdentityError::Value { what: register.info().name, seen, wanted }),
        };
        let weight_bits =
            u8::try_from(get(Register::WeightBits)).ok().and_then(|b| WeightBits::try_from(b).ok());
        let name: Vec<u8> = words[Register::Name0 as usize..=Register::Name3 as usize]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .take_while(|&byte| byte != 0)
            .collect();
        Ok(Self {
            build: get(Register::Build),
            // Board names are ASCII; a name that is not is shown as well as it can be.
            name: String::from_utf8_lossy(&name).into_owned(),
            capacity: Capacity {
                lanes: bounded(Register::Lanes, 1024, "1 to 1024")? as u16,
                weight_bits: weight_bits.ok_or(IdentityError::Value {
                    what: "weight_bits",
                    seen: get(Register::WeightBits),
                    wanted: "8 or 16",
                })?,
                synapses: bounded(Register::Synapses, 1 << 28, "1 to 2^28")?,
                neurons: bounded(Register::Neurons, 1 << 24, "1 to 2^24")?,
                inputs: bounded(Register::Inputs, 1 << 24, "1 to 2^24")?,
                classes: bounded(Register::Classes, 1 << 16, "1 to 65536")?,
                layers: bounded(Register::Layers, 256, "1 to 256")? as u16,
                clock_hz: get(Register::ClockHz),
            },
            features: get(Register::Features),
            max_payload: match get(Register::MaxPayload) {
                seen if (128..=MAX_PAYLOAD as u32).contains(&seen) => seen,
                seen => {
                    return Err(IdentityError::Value { what: "max_payload", seen, wanted: "128 to 508" });
                }
            },
            window: bounded(Register::Window, MAX_WINDOW, "1 to 64")?,
            receive_buffer: match get(Register::ReceiveBuffer) {
                seen if (512..=1 << 24).contains(&seen) => seen,
                seen => {
                    return Err(IdentityError::Value { what: "receive_buffer", seen, wanted: "512 to 2^24" });
                }
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            build: 0xdead_beef,
            name: "icebreaker".to_owned(),
            capacity: Capacity {
                lanes: 8,
                weight_bits: WeightBits::Eight,
                synapses: 131_072,
                neurons: 512,
                inputs: 1024,
                classes: 256,
                layers: 8,
                clock_hz: 24_000_000,
            },
            features: 3,
            max_payload: 508,
            window: 4,
            receive_buffer: 1024,
        }
    }

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn an_identity_reads_back_as_written() {
        assert_eq!(Identity::decode(&bytes(&identity().registers())), Ok(identity()));
    }

    #[test]
    fn strangers_are_refused_with_both_values() {
        for (register, value, message) in [
            (Register::Magic, 7, "0x00000007, not with 0x504f5453"),
            (Register::Abi, 7, "the board speaks ABI 7, this driver ABI 2"),
            (Register::Formats, 1, "0x00000001, this driver's 0x07060508"),
            (Register::WeightBits, 12, "weight_bits = 12: wanted 8 or 16"),
            (Register::Lanes, 0, "lanes = 0: wanted 1 to 1024"),
            (Register::Window, 200, "window = 200"),
        ] {
            let mut words = identity().registers();
            words[register as usize] = value;
            let error = Identity::decode(&bytes(&words)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        assert_eq!(Identity::decode(&[]), Err(IdentityError::Length { seen: 0 }));
        let short = &bytes(&identity().registers())[..40];
        assert_eq!(Identity::decode(short), Err(IdentityError::Length { seen: 40 }));
    }
}
