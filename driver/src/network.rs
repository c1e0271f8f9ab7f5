//! Loading a network and its parameters, and reading them back.

use arch::formats::{Leak, Membrane};
use arch::parameters::LayerParameters;
use arch::registers::{Register, Space, features};
use arch::{Identity, Layout, Network, Parameters, WeightBits};

use crate::session::Loaded;
use crate::{Session, SessionError};

/// Where `network` would lie on a board that says this of itself, or why it does not fit.
pub fn fit(identity: &Identity, network: &Network) -> Result<Layout, SessionError> {
    let board = || identity.name.clone();
    let layout = Layout::new(network, &identity.capacity)
        .map_err(|error| SessionError::Layout { board: board(), error })?;
    let missing = network.features() & !identity.features;
    if let Some(&(_, what, instead)) = features::NAMED.iter().find(|(bit, ..)| missing & bit != 0) {
        return Err(SessionError::NotBuilt { board: board(), what, instead });
    }
    Ok(layout)
}

impl Session {
    /// Writes the network's layer table and activates it. Parameters on the board stay as they are, so a network of the
    /// same shapes and other learning rates can be loaded between epochs.
    ///
    /// Errors: a network that does not fit, or needs what was not built in, is refused before anything is written.
    pub fn load_network(&mut self, network: &Network) -> Result<(), SessionError> {
        let layout = self.fit(network)?;
        let words: Vec<u8> =
            layout.descriptors.iter().flat_map(|d| d.encode()).flat_map(u16::to_le_bytes).collect();
        self.loaded = None;
        self.write(Space::Descriptors, 0, &words)?;
        self.write_register(Register::Network, layout.descriptors.len() as u32).map_err(
            |error| match error {
                SessionError::Refused { status, .. } => {
                    SessionError::Refused { what: "the layer table", status }
                }
                other => other,
            },
        )?;
        self.loaded = Some(Loaded { network: network.clone(), layout });
        Ok(())
    }

    /// Where `network` would lie on the board, or why it does not fit.
    pub fn fit(&self, network: &Network) -> Result<Layout, SessionError> {
        fit(self.identity(), network)
    }

    /// Writes the parameters of the loaded network, rows padded to the board's lanes with zeros.
    pub fn write_parameters(&mut self, parameters: &Parameters) -> Result<(), SessionError> {
        let Loaded { network, layout } = self.loaded.as_ref().ok_or(SessionError::NoNetwork)?;
        if !parameters.matches(network) {
            return Err(SessionError::Parameters);
        }
        let mut writes = Vec::new();
        let parts = parameters.layers.iter().zip(&layout.descriptors).zip(&layout.row_pitch);
        for (at, ((layer, descriptor), &pitch)) in parts.enumerate() {
            let mut weights = Vec::new();
            for row in layer.weights.chunks_exact(layer.thresholds.len()) {
                let padding = pitch as usize - row.len();
                let row = row.iter().copied().chain(std::iter::repeat_n(0, padding));
                match network.weight_bits {
                    WeightBits::Eight => weights.extend(row.map(|weight| weight as u8)),
                    WeightBits::Sixteen => weights.extend(row.flat_map(i16::to_le_bytes)),
                }
            }
            let thresholds = layer.thresholds.iter().flat_map(|theta| theta.to_le_bytes()).collect();
            writes.push((Space::Weights, descriptor.row_base, weights));
            writes.push((Space::Thresholds, descriptor.neuron_base, thresholds));
            writes.push((Space::Leaks, at as u32, layer.leak.to_le_bytes().to_vec()));
        }
        writes.into_iter().try_for_each(|(space, address, bytes)| self.write(space, address, &bytes))
    }

    /// Reads the parameters of the loaded network back.
    pub fn read_parameters(&mut self) -> Result<Parameters, SessionError> {
        let Loaded { network, layout } = self.loaded.as_ref().ok_or(SessionError::NoNetwork)?;
        let weight_bits = network.weight_bits;
        let parts: Vec<_> = network
            .layers
            .iter()
            .zip(&layout.descriptors)
            .zip(&layout.row_pitch)
            .map(|((layer, d), &pitch)| (layer.inputs(), layer.outputs(), d.row_base, d.neuron_base, pitch))
            .collect();
        let mut layers = Vec::new();
        for (at, (inputs, outputs, row_base, neuron_base, pitch)) in parts.into_iter().enumerate() {
            let bytes = self.read(Space::Weights, row_base, inputs * pitch)?;
            let rows: Vec<i16> = match weight_bits {
                WeightBits::Eight => bytes.iter().map(|&byte| i16::from(byte as i8)).collect(),
                WeightBits::Sixteen => words(&bytes).map(i16::from_le_bytes).collect(),
            };
            let thresholds = self.read(Space::Thresholds, neuron_base, outputs)?;
            let leak = self.read(Space::Leaks, at as u32, 1)?;
            layers.push(LayerParameters {
                weights: rows
                    .chunks_exact(pitch as usize)
                    .flat_map(|row| &row[..outputs as usize])
                    .copied()
                    .collect(),
                thresholds: words(&thresholds).map(Membrane::from_le_bytes).collect(),
                leak: Leak::from_le_bytes([leak[0], leak[1]]),
            });
        }
        Ok(Parameters { weight_bits, layers })
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 2]> + '_ {
    bytes.as_chunks::<2>().0.iter().copied()
}
