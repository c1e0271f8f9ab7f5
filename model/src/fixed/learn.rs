//! The backward half of a time step: output error, back-propagation, updates, layer by layer from the output.

use arch::formats::{
    DELTA_FRACTION_BITS, LEAK_MAX, LEAK_MIN, NOISE_BITS, THRESHOLD_MAX, THRESHOLD_MIN, TRACE_ONE,
};
use arch::noise::{LEAK_ROW, THRESHOLD_ROW, next_seed, noise, row_noise};
use arch::surrogate::{delta, distance, output_error, phi};
use arch::{Updates, WeightBits};

use super::kernels::{self, RowUpdate, runs_of_blocks};
use super::rounding::descent;
use super::{ActiveLayer, Counts, Engine, Memories};

impl Engine {
    /// B1: δ of the output layer from the label. Returns how many spikes were wrong; stores δ only if `learn`.
    pub(super) fn output_errors(&mut self, label: u16, learn: bool) -> u32 {
        let m = &mut self.memories;
        let Some(layer) = self.layers.last() else { return 0 };
        let mut wrong = 0;
        for (class, i) in layer.neurons().enumerate() {
            let error = output_error(m.spikes[i], class == usize::from(label));
            wrong += u32::from(error != 0);
            if learn {
                let open =
                    phi(layer.descriptor.surrogate, distance(m.membranes[i], m.spikes[i], m.thresholds[i]));
                m.errors[i] = delta(error, 0, open);
            }
        }
        wrong
    }

    /// B2 to B4 for every layer from the output down, from the output layer's δ. Only at steps with a loss: before the first of
    /// them every δ is 0.
    pub(super) fn learn(&mut self) {
        let limits = (self.capacity.weight_bits.min(), self.capacity.weight_bits.max());
        for at in (0..self.layers.len()).rev() {
            let (below, above) = self.layers.split_at_mut(at);
            let (layer, below) = (&mut above[0], below.last());
            let m = &mut self.memories;
            let erring = &mut self.scratch.erring;
            erring.clear();
            let errors = &m.errors[layer.neurons()];
            erring.extend((0..layer.outputs as u32).filter(|&i| errors[i as usize] != 0));
            self.counts.errors += erring.len() as u64;

            // B2 back-propagate, with the weights as they are before this step's update.
            let mut open = 0;
            if let Some(below) = below {
                open = back_propagate(m, layer, below, erring, &mut self.counts);
            }
            if erring.is_empty() {
                continue;
            }
            // B3 update the weights.
            let words = words_with_errors(erring, self.capacity.lanes);
            if layer.descriptor.learn.weights {
                let scratch = &mut self.scratch;
                let runs = &mut scratch.runs;
                runs.clear();
                runs_of_blocks(&scratch.erring, runs);
                match layer.descriptor.updates {
                    Updates::Online => {
                        let scaled = &mut scratch.scaled_errors[..layer.outputs];
                        let shift = NOISE_BITS - u32::from(layer.descriptor.shifts.weight);
                        for (scaled, &error) in scaled.iter_mut().zip(&m.errors[layer.neurons()]) {
                            *scaled = error << shift;
                        }
                        let update = RowUpdate {
                            scaled_errors: scaled,
                            column_noise: &self.column_noise,
                            runs,
                            limits,
                        };
                        update_weights(m, layer, &update, self.seed);
                    }
                    Updates::PerSample => accumulate_weights(m, layer, &scratch.erring),
                }
                self.counts.updated += (layer.active.len() * scratch.erring.len()) as u64;
                let traces = &m.weight_traces[layer.traces()];
                let only_traced = match below {
                    Some(below) => layer
                        .active
                        .iter()
                        .filter(|&&i| traces[i as usize] != 0 && !is_open(m, below, i))
                        .count(),
                    None => layer.active.len(),
                };
                open += only_traced;
            }
            self.counts.learn_words += (open * words) as u64;
            // B4 thresholds and the leak.
            update_neurons(m, layer, &self.scratch.erring, at, self.seed);
        }
    }

    /// The end of a sample whose gradients were accumulated: one more seed, then every update at once.
    pub(super) fn apply_gradients(&mut self) {
        self.seed = next_seed(self.seed);
        let seed = self.seed;
        let m = &mut self.memories;
        for (at, layer) in self.layers.iter().enumerate() {
            let d = &layer.descriptor;
            if d.updates != Updates::PerSample {
                continue;
            }
            if d.learn.weights {
                let rows = layer.gradients.weights.chunks_exact(layer.outputs);
                let weights = m.weights[layer.rows()].chunks_exact_mut(layer.pitch);
                for (input, (gradients, weights)) in rows.zip(weights).enumerate() {
                    if !layer.gradients.touched[input] {
                        continue;
                    }
                    for (column, (&gradient, w)) in gradients.iter().zip(weights).enumerate() {
                        let noise = noise(seed, input as u16, column as u16);
                        *w = moved(
                            *w,
                            descent(gradient.into(), d.shifts.weight, noise),
                            self.capacity.weight_bits,
                        );
                    }
                }
            }
            if d.learn.thresholds {
                for (column, (&gradient, i)) in
                    layer.gradients.thresholds.iter().zip(layer.neurons()).enumerate()
                {
                    move_threshold(&mut m.thresholds[i], gradient.into(), d.shifts.threshold, seed, column);
                }
            }
            if d.learn.leaks {
                move_leak(&mut m.leaks[at], layer.gradients.leak, d.shifts.leak, seed);
            }
        }
    }
}

/// Whether the surrogate of neuron `i` of `layer` is not 0.
fn is_open(m: &Memories, layer: &ActiveLayer, i: u32) -> bool {
    open_phi(m, layer, i as usize) != 0
}

fn open_phi(m: &Memories, layer: &ActiveLayer, i: usize) -> i64 {
    let i = layer.neurons().start + i;
    phi(layer.descriptor.surrogate, distance(m.membranes[i], m.spikes[i], m.thresholds[i]))
}

/// δ of the layer below, `(Wᵀ δ)·φ`. Returns how many of its neurons have an open surrogate.
fn back_propagate(
    m: &mut Memories,
    layer: &ActiveLayer,
    below: &ActiveLayer,
    erring: &[u32],
    counts: &mut Counts,
) -> usize {
    let target = below.neurons();
    if erring.is_empty() {
        m.errors[target].fill(0);
        return 0;
    }
    let (rows, source) = (layer.rows().start, layer.neurons().start);
    let bits = u32::from(layer.descriptor.weight_fraction_bits);
    let mut open = 0;
    for j in 0..below.outputs {
        let phi = open_phi(m, below, j);
        m.errors[target.start + j] = if phi == 0 {
            0
        } else {
            open += 1;
            let row = &m.weights[rows + j * layer.pitch..][..layer.outputs];
            let product =
                |&i: &u32| i64::from(i32::from(row[i as usize]) * i32::from(m.errors[source + i as usize]));
            delta(erring.iter().map(product).sum(), bits, phi)
        };
    }
    counts.back_propagated += (open * erring.len()) as u64;
    open
}

fn update_weights(m: &mut Memories, layer: &ActiveLayer, update: &RowUpdate<'_>, seed: u32) {
    let (rows, traces) = (layer.rows().start, layer.traces().start);
    for &input in &layer.active {
        let trace = m.weight_traces[traces + input as usize];
        let row = &mut m.weights[rows + input as usize * layer.pitch..][..layer.outputs];
        kernels::update_row(row, update, row_noise(seed, input as u16), trace.into());
    }
}

fn accumulate_weights(m: &Memories, layer: &mut ActiveLayer, erring: &[u32]) {
    let (traces, neurons) = (layer.traces().start, layer.neurons().start);
    for &input in &layer.active {
        let trace = i32::from(m.weight_traces[traces + input as usize]);
        layer.gradients.touched[input as usize] = true;
        let row = &mut layer.gradients.weights[input as usize * layer.outputs..][..layer.outputs];
        for &i in erring {
            // At most 2^15 a step: 65,535 steps stay within 31 bits.
            row[i as usize] += i32::from(m.errors[neurons + i as usize]) * trace;
        }
    }
}

fn update_neurons(m: &mut Memories, layer: &mut ActiveLayer, erring: &[u32], at: usize, seed: u32) {
    let (rule, shifts) = (layer.descriptor.learn, layer.descriptor.shifts);
    let base = layer.neurons().start;
    let online = layer.descriptor.updates == Updates::Online;
    if rule.thresholds {
        for &column in erring {
            let i = base + column as usize;
            // δ·(θ̃ − 1), with θ̃ = −m.
            let gradient =
                -i32::from(m.errors[i]) * (i32::from(m.threshold_traces[i]) + i32::from(TRACE_ONE.to_bits()));
            if online {
                move_threshold(
                    &mut m.thresholds[i],
                    gradient.into(),
                    shifts.threshold,
                    seed,
                    column as usize,
                );
            } else {
                layer.gradients.thresholds[column as usize] += gradient;
            }
        }
    }
    if rule.leaks {
        let product = |&i: &u32| {
            let i = base + i as usize;
            i64::from(i32::from(m.errors[i]) * i32::from(m.leak_traces[i]))
        };
        let gradient: i64 = erring.iter().map(product).sum();
        if online {
            move_leak(&mut m.leaks[at], gradient, shifts.leak, seed);
        } else {
            layer.gradients.leak += gradient;
        }
    }
}

fn moved(w: i16, steps: i64, bits: WeightBits) -> i16 {
    (i64::from(w) + steps).clamp(bits.min().into(), bits.max().into()) as i16
}

fn move_threshold(threshold: &mut i16, gradient: i64, shift: u8, seed: u32, neuron: usize) {
    let steps = descent(gradient, shift, noise(seed, THRESHOLD_ROW, neuron as u16));
    let limits = (THRESHOLD_MIN.to_bits().into(), THRESHOLD_MAX.to_bits().into());
    *threshold = (i64::from(*threshold) + steps).clamp(limits.0, limits.1) as i16;
}

fn move_leak(leak: &mut u16, gradient: i64, shift: u8, seed: u32) {
    let steps = descent(gradient, shift, noise(seed, LEAK_ROW, 0));
    let limits = (LEAK_MIN.to_bits().into(), LEAK_MAX.to_bits().into());
    *leak = (i64::from(*leak) + steps).clamp(limits.0, limits.1) as u16;
}

/// Words of `lanes` columns that hold an error; `erring` is ascending.
fn words_with_errors(erring: &[u32], lanes: u16) -> usize {
    let mut words = 0;
    let mut last = None;
    for word in erring.iter().map(|&i| i / u32::from(lanes)) {
        words += usize::from(last != Some(word));
        last = Some(word);
    }
    words
}

const _: () = assert!(DELTA_FRACTION_BITS == 6, "δ's products are bounded for 6 fraction bits");
