//! Steps 1 to 6 of the [table](super): membranes, spikes and traces.

use super::model::Schedule;
use super::{Layer, LayerState, Model, Scalar};

impl<F: Scalar> Model<F> {
    /// Runs one time step on the ascending indices of the inputs that spike.
    ///
    /// # Panics
    /// If an index is not below [`super::Network::inputs`]; [`Model::run_sample`] checks instead.
    pub fn step(&mut self, spikes: &[u32]) {
        for index in 0..self.network.layers.len() {
            let layer = &self.network.layers[index];
            let state = &mut self.state.layers[index];
            let (below, above) = self.schedule.split_at_mut(index);
            let rows = below.last().map_or(spikes, |below| &below.spiking);
            let schedule = &mut above[0];
            decay(layer, state, self.learning);
            for &row in rows {
                F::add_row(
                    &mut state.membranes,
                    &layer.weights[row as usize * layer.outputs..][..layer.outputs],
                );
            }
            fire(layer, state, &mut schedule.spiking);
            if self.learning && layer.learn.weights {
                if layer.learn.traces {
                    trace_inputs(layer.leak, self.trace_floor, rows, state, schedule);
                } else {
                    keep_inputs(rows, state, schedule);
                }
            }
            let counts = &mut self.counts[index];
            counts.integrated += (rows.len() * layer.outputs) as u64;
            counts.neuron_visits += layer.outputs as u64;
        }
    }
}

/// Steps 1 to 3: reset, neuron traces, decay.
fn decay<F: Scalar>(layer: &Layer<F>, state: &mut LayerState<F>, learning: bool) {
    for n in 0..layer.outputs {
        if state.spikes[n] {
            state.membranes[n] -= layer.thresholds[n];
        }
    }
    let kept = layer.trace_decay();
    if learning && layer.learn.leaks {
        for (trace, &rest) in state.leak_traces.iter_mut().zip(&state.membranes) {
            *trace = kept * *trace + rest;
        }
    }
    if learning && layer.learn.thresholds {
        for (trace, &spike) in state.threshold_traces.iter_mut().zip(&state.spikes) {
            *trace = kept * *trace - if spike { layer.leak } else { F::zero() };
        }
    }
    for membrane in &mut state.membranes {
        *membrane *= layer.leak;
    }
}

/// Step 5: spikes, as flags and as a list.
fn fire<F: Scalar>(layer: &Layer<F>, state: &mut LayerState<F>, spiking: &mut Vec<u32>) {
    spiking.clear();
    for n in 0..layer.outputs {
        let spike = state.membranes[n] >= layer.thresholds[n];
        state.spikes[n] = spike;
        if spike {
            spiking.push(n as u32);
        }
    }
}

/// Step 6: decays the weight traces that are not 0 and adds the spikes.
fn trace_inputs<F: Scalar>(
    leak: F,
    floor: F,
    rows: &[u32],
    state: &mut LayerState<F>,
    schedule: &mut Schedule,
) {
    let traces = &mut state.weight_traces;
    schedule.active.retain(|&row| {
        let trace = &mut traces[row as usize];
        *trace *= leak;
        let kept = *trace > floor;
        if !kept {
            *trace = F::zero();
        }
        kept
    });
    for &row in rows {
        let trace = &mut traces[row as usize];
        if *trace == F::zero() {
            schedule.active.push(row);
        }
        *trace += F::one();
    }
}

/// Step 6 without traces: the input spikes stand in their place.
fn keep_inputs<F: Scalar>(rows: &[u32], state: &mut LayerState<F>, schedule: &mut Schedule) {
    for row in schedule.active.drain(..) {
        state.input_spikes[row as usize] = false;
    }
    for &row in rows {
        state.input_spikes[row as usize] = true;
    }
    schedule.active.extend_from_slice(rows);
}
