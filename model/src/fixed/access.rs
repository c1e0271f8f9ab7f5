//! Reading and writing every memory by space and address, as the wire does.

use arch::formats::{LEAK_MAX, LEAK_MIN, THRESHOLD_MAX, THRESHOLD_MIN};
use arch::protocol::Status;
use arch::registers::{Access, Space};
use arch::{Parameters, WeightBits, parameters::LayerParameters};

use super::Engine;

impl Engine {
    /// Appends `count` elements from `address` on to `out`, little-endian.
    ///
    /// Registers are the link's, not the engine's: [`Status::BadAddress`], as for anything outside a memory or only written.
    pub fn read(&self, space: Space, address: u32, count: u32, out: &mut Vec<u8>) -> Result<(), Status> {
        let end = address.checked_add(count).ok_or(Status::BadAddress)?;
        if space.info().access == Access::WriteOnly
            || space == Space::Registers
            || end > space.len(&self.capacity)
        {
            return Err(Status::BadAddress);
        }
        let range = address as usize..end as usize;
        let m = &self.memories;
        match space {
            Space::Registers | Space::OutputErrors => {}
            Space::Descriptors => out.extend(m.descriptors[range].iter().flat_map(|v| v.to_le_bytes())),
            Space::Weights => match self.capacity.weight_bits {
                WeightBits::Eight => out.extend(m.weights[range].iter().map(|&v| v as u8)),
                WeightBits::Sixteen => out.extend(m.weights[range].iter().flat_map(|v| v.to_le_bytes())),
            },
            Space::Thresholds => out.extend(m.thresholds[range].iter().flat_map(|v| v.to_le_bytes())),
            Space::Leaks => out.extend(m.leaks[range].iter().flat_map(|v| v.to_le_bytes())),
            Space::Membranes => out.extend(m.membranes[range].iter().flat_map(|v| v.to_le_bytes())),
            Space::Spikes => out.extend_from_slice(&m.spikes[range]),
            Space::WeightTraces => out.extend_from_slice(&m.weight_traces[range]),
            Space::ThresholdTraces => out.extend_from_slice(&m.threshold_traces[range]),
            Space::LeakTraces => out.extend(m.leak_traces[range].iter().flat_map(|v| v.to_le_bytes())),
            Space::Errors => out.extend(m.errors[range].iter().map(|&v| v as u8)),
            Space::SpikeCounts => out.extend(m.spike_counts[range].iter().flat_map(|v| v.to_le_bytes())),
            Space::MembraneSums => out.extend(m.membrane_sums[range].iter().flat_map(|v| v.to_le_bytes())),
        }
        Ok(())
    }

    /// Writes whole little-endian elements from `address` on. On an error nothing is written.
    ///
    /// Errors: outside the memory; a space that can only be read; a part of an element; a threshold or leak outside
    /// its range; any write while a sample is open. Writing a descriptor deactivates the network; writing output errors is
    /// [`Engine::teach`].
    pub fn write(&mut self, space: Space, address: u32, bytes: &[u8]) -> Result<(), Status> {
        let width = space.element_bytes(self.capacity.weight_bits);
        if !bytes.len().is_multiple_of(width) {
            return Err(Status::BadLength);
        }
        let count = u32::try_from(bytes.len() / width).map_err(|_| Status::BadAddress)?;
        if space == Space::OutputErrors {
            let errors: Vec<i8> = bytes.iter().map(|&byte| byte as i8).collect();
            return self.teach(address, &errors);
        }
        let end = address.checked_add(count).ok_or(Status::BadAddress)?;
        if space == Space::Registers || end > space.len(&self.capacity) {
            return Err(Status::BadAddress);
        }
        if space.info().access == Access::ReadOnly {
            return Err(Status::ReadOnly);
        }
        if self.sample.is_some() {
            return Err(Status::SampleOpen);
        }
        let range = address as usize..end as usize;
        let (words, _) = bytes.as_chunks::<2>();
        let signed = || words.iter().map(|&word| i16::from_le_bytes(word));
        let unsigned = || words.iter().map(|&word| u16::from_le_bytes(word));
        let m = &mut self.memories;
        match space {
            Space::Descriptors => {
                fill(&mut m.descriptors[range], unsigned());
                self.deactivate();
            }
            Space::Weights => match self.capacity.weight_bits {
                WeightBits::Eight => fill(&mut m.weights[range], bytes.iter().map(|&b| i16::from(b as i8))),
                WeightBits::Sixteen => fill(&mut m.weights[range], signed()),
            },
            Space::Thresholds => {
                if !signed().all(|v| (THRESHOLD_MIN.to_bits()..=THRESHOLD_MAX.to_bits()).contains(&v)) {
                    return Err(Status::BadValue);
                }
                fill(&mut m.thresholds[range], signed());
            }
            Space::Leaks => {
                if !unsigned().all(|v| (LEAK_MIN.to_bits()..=LEAK_MAX.to_bits()).contains(&v)) {
                    return Err(Status::BadValue);
                }
                fill(&mut m.leaks[range], unsigned());
            }
            _ => return Err(Status::ReadOnly),
        }
        Ok(())
    }

    /// The active network's parameters, without padding.
    pub fn parameters(&self) -> Parameters {
        let layers = self.layers.iter().enumerate().map(|(at, layer)| LayerParameters {
            weights: self.memories.weights[layer.rows()]
                .chunks_exact(layer.pitch)
                .flat_map(|row| &row[..layer.outputs])
                .copied()
                .collect(),
            thresholds: self.memories.thresholds[layer.neurons()]
                .iter()
                .map(|&bits| arch::formats::Membrane::from_bits(bits))
                .collect(),
            leak: arch::formats::Leak::from_bits(self.memories.leaks[at]),
        });
        Parameters { weight_bits: self.capacity.weight_bits, layers: layers.collect() }
    }

    /// Sets the active network's parameters. [`Status::BadValue`] where their shape is not the network's or a value is
    /// out of range.
    pub fn set_parameters(&mut self, parameters: &Parameters) -> Result<(), Status> {
        let fits = parameters.weight_bits == self.capacity.weight_bits
            && parameters.layers.len() == self.layers.len()
            && parameters.layers.iter().zip(&self.layers).all(|(p, layer)| {
                p.weights.len() == layer.inputs * layer.outputs
                    && p.thresholds.len() == layer.outputs
                    && p.thresholds.iter().all(|t| (THRESHOLD_MIN..=THRESHOLD_MAX).contains(t))
                    && (LEAK_MIN..=LEAK_MAX).contains(&p.leak)
                    && p.weights
                        .iter()
                        .all(|w| (parameters.weight_bits.min()..=parameters.weight_bits.max()).contains(w))
            });
        if !fits {
            return Err(Status::BadValue);
        }
        for (at, (p, layer)) in parameters.layers.iter().zip(&self.layers).enumerate() {
            let rows = self.memories.weights[layer.rows()].chunks_exact_mut(layer.pitch);
            for (row, values) in rows.zip(p.weights.chunks_exact(layer.outputs)) {
                row[..layer.outputs].copy_from_slice(values);
            }
            fill(&mut self.memories.thresholds[layer.neurons()], p.thresholds.iter().map(|t| t.to_bits()));
            self.memories.leaks[at] = p.leak.to_bits();
        }
        Ok(())
    }
}

pub(super) fn fill<T>(memory: &mut [T], values: impl Iterator<Item = T>) {
    memory.iter_mut().zip(values).for_each(|(cell, value)| *cell = value);
}
