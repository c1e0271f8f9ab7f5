//! Steps 7 to 9 of the [table](super): errors through space, and what they change.

use super::gradients::{descend_leak, descend_threshold};
use super::model::Schedule;
use super::{Gradients, Layer, LayerState, Model, Rates, Scalar, Target};

/// One column in this many with an error is where visiting columns one by one stops being faster than all at once.
const SPARSE: usize = 8;

/// Where a step's gradients go.
#[derive(Clone, Copy)]
pub(super) enum Sink<'a, F> {
    /// Into the sums of the sample.
    Accumulate,
    /// Into the parameters, at these rates, one a layer.
    Update(&'a [Rates<F>]),
}

impl<F: Scalar> Model<F> {
    /// One learning step, from the last layer down to the first that learns. Returns the loss.
    pub(super) fn learn(&mut self, target: Target<F>, sink: Sink<F>) -> f64 {
        let layers = self.network.layers.len();
        let top = layers - 1;
        let loss = {
            let state = &mut self.state.layers[top];
            let loss = self.network.loss.differentiate(&state.spikes, target, &mut state.errors);
            close(&self.network.layers[top], state);
            loss
        };
        let learns = |layer: &Layer<F>| layer.learn.weights || layer.learn.thresholds || layer.learn.leaks;
        let lowest = self.network.layers.iter().position(learns).unwrap_or(layers);
        for index in (lowest..layers).rev() {
            let layer = &self.network.layers[index];
            let schedule = &mut self.schedule[index];
            list_errors(&self.state.layers[index].errors, &mut schedule.erring);
            let counts = &mut self.counts[index];
            counts.error_chances += layer.outputs as u64;
            counts.errors += schedule.erring.len() as u64;
            if index > lowest {
                let (below, above) = self.state.layers.split_at_mut(index);
                let below_layer = &self.network.layers[index - 1];
                let open = back_propagate(
                    layer,
                    &above[0].errors,
                    &schedule.erring,
                    below_layer,
                    &mut below[index - 1],
                );
                counts.back_propagated += (open * schedule.erring.len()) as u64;
            }
            if schedule.erring.is_empty() {
                continue;
            }
            if layer.learn.weights {
                counts.updated += (schedule.active.len() * schedule.erring.len()) as u64;
            }
            let (layer, state) = (&mut self.network.layers[index], &self.state.layers[index]);
            match sink {
                Sink::Accumulate => accumulate(layer, state, schedule, &mut self.gradients[index]),
                Sink::Update(rates) => update(layer, state, schedule, &rates[index]),
            }
        }
        loss
    }

    /// Ends a sample that accumulated: one step of gradient descent with `rates` for each layer; gradients become 0.
    pub fn apply(&mut self, rates: &[Rates<F>]) {
        for (index, rates) in rates.iter().enumerate().take(self.gradients.len()) {
            let layer = &mut self.network.layers[index];
            let gradients = &self.gradients[index];
            for &row in &self.schedule[index].touched {
                let row = row as usize * layer.outputs..(row as usize + 1) * layer.outputs;
                F::add_scaled(&mut layer.weights[row.clone()], -rates.weights, &gradients.weights[row]);
            }
            if layer.learn.thresholds {
                for (threshold, &gradient) in layer.thresholds.iter_mut().zip(&gradients.thresholds) {
                    descend_threshold(threshold, rates.thresholds, gradient);
                }
            }
            if layer.learn.leaks {
                descend_leak(&mut layer.leak, rates.leak, gradients.leak_mean());
            }
            self.clear_gradients(index);
        }
    }
}

/// `δ = e φ(u − θ)`, from e in place.
fn close<F: Scalar>(layer: &Layer<F>, state: &mut LayerState<F>) {
    for n in 0..layer.outputs {
        if state.errors[n] != F::zero() {
            state.errors[n] *= layer.phi(n, state.membranes[n]);
        }
    }
}

fn list_errors<F: Scalar>(errors: &[F], erring: &mut Vec<u32>) {
    erring.clear();
    erring.extend((0u32..).zip(errors).filter(|(_, error)| **error != F::zero()).map(|(n, _)| n));
}

/// δ of the layer below, `(Σ_n W[i][n] δ[n]) φ(u_i − θ_i)`. Returns the number of rows whose φ is not 0.
fn back_propagate<F: Scalar>(
    layer: &Layer<F>,
    errors: &[F],
    erring: &[u32],
    below: &Layer<F>,
    below_state: &mut LayerState<F>,
) -> usize {
    if erring.is_empty() {
        below_state.errors.fill(F::zero());
        return 0;
    }
    let mut open = 0;
    for (i, row) in layer.weights.chunks_exact(layer.outputs).enumerate() {
        let phi = below.phi(i, below_state.membranes[i]);
        below_state.errors[i] = if phi == F::zero() {
            F::zero()
        } else {
            open += 1;
            F::dot(row, errors) * phi
        };
    }
    open
}

/// `row += scale δ`, visiting only the columns with an error where they are few.
fn add_errors<F: Scalar>(row: &mut [F], scale: F, errors: &[F], erring: &[u32]) {
    if erring.len() * SPARSE < errors.len() {
        for &n in erring {
            row[n as usize] += scale * errors[n as usize];
        }
    } else {
        F::add_scaled(row, scale, errors);
    }
}

/// Step 9 into the sums: `w̃ δᵀ`, `δ (θ̃ − 1)` and `Σ_n δ α̃`.
fn accumulate<F: Scalar>(
    layer: &Layer<F>,
    state: &LayerState<F>,
    schedule: &mut Schedule,
    gradients: &mut Gradients<F>,
) {
    let errors = &state.errors;
    if layer.learn.weights {
        for &row in &schedule.active {
            let row_gradients = &mut gradients.weights[row as usize * layer.outputs..][..layer.outputs];
            add_errors(row_gradients, state.weight_trace(row as usize), errors, &schedule.erring);
            if !std::mem::replace(&mut schedule.is_touched[row as usize], true) {
                schedule.touched.push(row);
            }
        }
    }
    if layer.learn.thresholds {
        for &n in &schedule.erring {
            let n = n as usize;
            gradients.thresholds[n] += errors[n] * (state.threshold_traces[n] - F::one());
        }
    }
    if layer.learn.leaks {
        gradients.leak += F::dot(errors, &state.leak_traces);
    }
}

/// Step 9 into the parameters.
fn update<F: Scalar>(layer: &mut Layer<F>, state: &LayerState<F>, schedule: &Schedule, rates: &Rates<F>) {
    let errors = &state.errors;
    if layer.learn.weights {
        for &row in &schedule.active {
            let weights = &mut layer.weights[row as usize * layer.outputs..][..layer.outputs];
            let scale = -rates.weights * state.weight_trace(row as usize);
            add_errors(weights, scale, errors, &schedule.erring);
        }
    }
    if layer.learn.thresholds {
        for &n in &schedule.erring {
            let n = n as usize;
            let gradient = errors[n] * (state.threshold_traces[n] - F::one());
            descend_threshold(&mut layer.thresholds[n], rates.thresholds, gradient);
        }
    }
    if layer.learn.leaks {
        let mean = F::dot(errors, &state.leak_traces) / F::of(layer.outputs as f64);
        descend_leak(&mut layer.leak, rates.leak, mean);
    }
}
