//! The forward half of a time step: integrate, fire, traces, layer by layer from the input.

use arch::formats::{LEAK_USED_BITS, Leak, TRACE_ONE};

use super::{ActiveLayer, Engine, Memories, kernels};

/// The part of a leak that multiplies, Q0.8.
pub(super) fn leak_used(leak: u16) -> i16 {
    (leak >> (Leak::FRAC_NBITS - LEAK_USED_BITS)) as i16
}

impl Engine {
    /// F1 to F4 of the contract for every layer. Traces are kept only while learning.
    pub(super) fn forward(&mut self, events: &[u32], learn: bool, with_loss: bool) {
        let Self { memories: m, layers, counts, scratch, capacity, .. } = self;
        counts.steps += 1;
        counts.learning_steps += u64::from(learn);
        counts.events += events.len() as u64;
        scratch.events.clear();
        scratch.events.extend_from_slice(events);
        for (at, layer) in layers.iter_mut().enumerate() {
            let neurons = layer.neurons();
            let alpha = leak_used(m.leaks[at]);
            let rows = &scratch.events;

            // F1 integrate.
            let current = &mut scratch.current[..layer.outputs];
            let bits = layer.descriptor.weight_fraction_bits;
            kernels::integrate(
                &m.weights[layer.rows()],
                layer.pitch,
                rows,
                (capacity.weight_bits, bits),
                current,
            );
            counts.integrated += (rows.len() * layer.outputs) as u64;
            let words = layer.outputs.div_ceil(capacity.lanes.into());
            counts.integrate_words += (rows.len() * words) as u64;

            // F2 neuron traces, from the membrane and the spike of the step before.
            let rule = layer.descriptor.learn;
            if learn && rule.thresholds {
                let traces = &mut m.threshold_traces[neurons.clone()];
                kernels::threshold_traces(alpha, rule.traces, &m.spikes[neurons.clone()], traces);
            }
            if learn && rule.leaks {
                let kept = if rule.traces { alpha } else { 0 };
                let traces = &mut m.leak_traces[neurons.clone()];
                kernels::leak_traces(kept, &m.membranes[neurons.clone()], traces);
            }

            // F3 decay, add, fire, reset.
            kernels::fire(
                alpha,
                current,
                &m.thresholds[neurons.clone()],
                &mut m.membranes[neurons.clone()],
                &mut m.spikes[neurons.clone()],
            );
            counts.neuron_visits += layer.outputs as u64;
            if layer.descriptor.output_layer && with_loss {
                count_output(m, neurons.clone());
            }

            // F4 weight traces.
            if learn && rule.weights {
                advance_weight_traces(layer, &mut m.weight_traces, if rule.traces { alpha } else { 0 }, rows);
            }

            scratch.events.clear();
            let spikes = m.spikes[neurons].iter().enumerate();
            scratch.events.extend(spikes.filter(|(_, s)| **s != 0).map(|(i, _)| i as u32));
        }
    }
}

/// Adds this step's output spikes and membranes u = v + θ·s to the sample's scores.
fn count_output(m: &mut Memories, neurons: std::ops::Range<usize>) {
    for (class, i) in neurons.enumerate() {
        m.spike_counts[class] += u16::from(m.spikes[i]);
        let reset = if m.spikes[i] == 0 { 0 } else { i32::from(m.thresholds[i]) };
        m.membrane_sums[class] = m.membrane_sums[class].saturating_add(i32::from(m.membranes[i]) + reset);
    }
}

/// w̃ = sat((α·w̃) >> 8 + x), rounded down so that a trace reaches 0. Only active traces are visited; they are the
/// rows of this step's update.
fn advance_weight_traces(layer: &mut ActiveLayer, traces: &mut [u8], alpha: i16, events: &[u32]) {
    let range = layer.traces();
    let traces = &mut traces[range];
    layer.active.retain(|&input| {
        let trace = &mut traces[input as usize];
        *trace = ((u32::from(*trace) * alpha as u32) >> LEAK_USED_BITS) as u8;
        *trace != 0
    });
    for &input in events {
        let trace = &mut traces[input as usize];
        if *trace == 0 {
            layer.active.push(input);
        }
        *trace = trace.saturating_add(TRACE_ONE.to_bits());
    }
}
