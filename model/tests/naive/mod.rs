//! The contract, naively: every operation visits everything, in 64-bit arithmetic, with its own noise and rounding.

use arch::protocol::{Begin, SampleResult, Teacher};
use arch::{Learn, Parameters, Surrogate, Updates};

/// A deliberate mistake, to see the comparison fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// One bit of the noise inverted.
    NoiseBit,
    /// Decay without its rounding constant.
    DecayRounding,
    /// Weights updated before errors pass through them.
    UpdateBeforeBackPropagate,
    /// Weight traces advanced after the update that uses them.
    TraceAfterUse,
    /// Weights wrap instead of saturating.
    WeightWraps,
    /// Thresholds move the wrong way.
    ThresholdSign,
    /// Leak traces take the membrane of this step.
    LeakTraceOfThisStep,
    /// Weights rounded to nearest.
    NearestRounding,
}

pub struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    bits: u32,
    fraction_bits: u32,
    surrogate: Surrogate,
    learn: Learn,
    shifts: [u32; 3],
    pub weights: Vec<i64>,
    pub thresholds: Vec<i64>,
    pub leak: i64,
    pub membranes: Vec<i64>,
    pub spikes: Vec<i64>,
    pub weight_traces: Vec<i64>,
    pub threshold_traces: Vec<i64>,
    pub leak_traces: Vec<i64>,
    pub errors: Vec<i64>,
    weight_gradients: Vec<i64>,
    threshold_gradients: Vec<i64>,
    leak_gradient: i64,
}

pub struct Network {
    pub layers: Vec<Layer>,
    pub seed: u32,
    per_sample: bool,
    fault: Fault,
    begin: Option<Begin>,
    step: u16,
    scores: Vec<(i64, i64)>,
    wrong: u32,
}

fn sat16(x: i64) -> i64 {
    x.clamp(-32768, 32767)
}

fn xorshift(mut s: u32) -> u32 {
    s ^= s << 13;
    s ^= s >> 17;
    s ^ (s << 5)
}

fn reversed(x: u32) -> u32 {
    (0..16).map(|bit| ((x >> bit) & 1) << (15 - bit)).sum()
}

fn rotated(x: u32, by: u32) -> u32 {
    ((x << by) | (x >> (16 - by))) & 0xffff
}

fn round_against(gradient: i64, shift: u32, noise: u32) -> i64 {
    // ⌊noise/2^16 − gradient/2^shift⌋ over the common denominator 2^48.
    ((i64::from(noise) << 32) - (gradient << (48 - shift))) >> 48
}

impl Layer {
    fn phi(&self, i: usize) -> i64 {
        let u = self.membranes[i] + self.spikes[i] * self.thresholds[i];
        let d = (u - self.thresholds[i]).abs();
        match self.surrogate {
            Surrogate::Shift if d < 8 * 256 => 128 >> (d / 256),
            Surrogate::Rectangle if d < 128 => 128,
            Surrogate::Triangle if d < 256 => (256 - d) / 2,
            _ => 0,
        }
    }

    /// A sum of weights, in their own format, as a membrane.
    fn scaled(&self, sum: i64) -> i64 {
        let f = self.fraction_bits;
        sat16(if f <= 8 { sum << (8 - f) } else { (sum + (1 << (f - 9))) >> (f - 8) })
    }

    fn forward(&mut self, events: &[u32], learning: bool, fault: Fault) -> Vec<u32> {
        let a = self.leak >> 8;
        let rounding = if fault == Fault::DecayRounding { 0 } else { 128 };
        let decay = |x: i64, a: i64| (a * x + rounding) >> 8;
        let kept = if self.learn.traces { a } else { 0 };
        for i in 0..self.outputs {
            let mut sum = 0;
            let top = 1i64 << (self.bits + 7);
            for &j in events {
                sum = (sum + self.weights[j as usize * self.outputs + i]).clamp(-top, top - 1);
            }
            let current = self.scaled(sum);
            if learning && self.learn.thresholds {
                let past = if self.learn.traces { self.threshold_traces[i] } else { 0 };
                self.threshold_traces[i] = ((a * (past + 32 * self.spikes[i])) >> 8).min(255);
            }
            let before = self.membranes[i];
            let u = sat16(decay(before, a) + current);
            self.spikes[i] = i64::from(u >= self.thresholds[i]);
            self.membranes[i] = u - self.spikes[i] * self.thresholds[i];
            if learning && self.learn.leaks {
                let v = if fault == Fault::LeakTraceOfThisStep { self.membranes[i] } else { before };
                self.leak_traces[i] = sat16(((kept * self.leak_traces[i] + 128) >> 8) + v);
            }
        }
        if fault != Fault::TraceAfterUse {
            self.advance_weight_traces(events, learning);
        }
        (0..self.outputs as u32).filter(|&i| self.spikes[i as usize] == 1).collect()
    }

    fn advance_weight_traces(&mut self, events: &[u32], learning: bool) {
        let kept = if self.learn.traces { self.leak >> 8 } else { 0 };
        if learning && self.learn.weights {
            for j in 0..self.inputs {
                let x = i64::from(events.contains(&(j as u32)));
                self.weight_traces[j] = (((kept * self.weight_traces[j]) >> 8) + 32 * x).min(255);
            }
        }
    }

    fn limits(&self) -> (i64, i64) {
        let top = 1i64 << (self.bits - 1);
        (-top, top - 1)
    }
}

impl Network {
    pub fn new(network: &arch::Network, parameters: &Parameters, seed: u32, fault: Fault) -> Self {
        let layers = network.layers.iter().zip(&parameters.layers).map(|(layer, p)| {
            let (inputs, outputs) = (layer.inputs() as usize, layer.outputs() as usize);
            Layer {
                inputs,
                outputs,
                bits: network.weight_bits.bits(),
                fraction_bits: layer.weight_fraction_bits.into(),
                surrogate: layer.surrogate,
                learn: layer.learn,
                shifts: [layer.shifts.weight, layer.shifts.threshold, layer.shifts.leak].map(u32::from),
                weights: p.weights.iter().map(|&w| w.into()).collect(),
                thresholds: p.thresholds.iter().map(|t| t.to_bits().into()).collect(),
                leak: p.leak.to_bits().into(),
                membranes: vec![0; outputs],
                spikes: vec![0; outputs],
                weight_traces: vec![0; inputs],
                threshold_traces: vec![0; outputs],
                leak_traces: vec![0; outputs],
                errors: vec![0; outputs],
                weight_gradients: vec![0; inputs * outputs],
                threshold_gradients: vec![0; outputs],
                leak_gradient: 0,
            }
        });
        Self {
            layers: layers.collect(),
            seed,
            per_sample: network.updates == Updates::PerSample,
            fault,
            begin: None,
            step: 0,
            scores: Vec::new(),
            wrong: 0,
        }
    }

    fn noise(&self, row: u32, column: u32) -> u32 {
        let seed = (self.seed >> 16 ^ self.seed) & 0xffff;
        let fault = if self.fault == Fault::NoiseBit { 0x0100 } else { 0 };
        seed ^ rotated(row, 5) ^ rotated(reversed(row), 3) ^ reversed(column) ^ fault
    }

    pub fn begin(&mut self, begin: Begin) {
        for layer in &mut self.layers {
            for memory in [
                &mut layer.membranes,
                &mut layer.spikes,
                &mut layer.weight_traces,
                &mut layer.threshold_traces,
                &mut layer.leak_traces,
                &mut layer.errors,
                &mut layer.weight_gradients,
                &mut layer.threshold_gradients,
            ] {
                memory.fill(0);
            }
            layer.leak_gradient = 0;
        }
        self.scores = vec![(0, 0); self.layers.last().unwrap().outputs];
        (self.begin, self.step, self.wrong) = (Some(begin), 0, 0);
    }

    pub fn step(&mut self, events: &[u32]) {
        let begin = self.begin.unwrap();
        let loss = self.step >= begin.first_loss_step;
        let learns = begin.teacher.learns();
        if learns {
            self.seed = xorshift(self.seed);
        }
        let mut inputs = vec![events.to_vec()];
        for layer in &mut self.layers {
            let spikes = layer.forward(inputs.last().unwrap(), learns, self.fault);
            inputs.push(spikes);
        }
        if loss {
            let output = self.layers.last_mut().unwrap();
            for i in 0..output.outputs {
                let e = match begin.teacher {
                    Teacher::Host => 0,
                    _ => 64 * (output.spikes[i] - i64::from(i == usize::from(begin.label))),
                };
                self.wrong += u32::from(e != 0);
                let u = output.membranes[i] + output.spikes[i] * output.thresholds[i];
                self.scores[i].0 += output.spikes[i];
                self.scores[i].1 += u;
                if learns {
                    output.errors[i] = ((e * output.phi(i) + 64) >> 7).clamp(-128, 127);
                }
            }
        }
        if loss && learns {
            self.down();
        }
        if self.fault == Fault::TraceAfterUse {
            for (layer, events) in self.layers.iter_mut().zip(&inputs) {
                layer.advance_weight_traces(events, learns);
            }
        }
        self.step += 1;
    }

    /// δ of output neurons from `first` on at the step that ran last, from the host.
    pub fn teach(&mut self, first: usize, errors: &[i8]) {
        for (i, &error) in errors.iter().enumerate() {
            self.layers.last_mut().unwrap().errors[first + i] = error.into();
        }
        self.down();
    }

    fn down(&mut self) {
        for l in (0..self.layers.len()).rev() {
            if self.fault == Fault::UpdateBeforeBackPropagate {
                self.update(l);
                self.back_propagate(l);
            } else {
                self.back_propagate(l);
                self.update(l);
            }
        }
    }

    fn back_propagate(&mut self, l: usize) {
        if l == 0 {
            return;
        }
        let (below, above) = self.layers.split_at_mut(l);
        let (below, layer) = (&mut below[l - 1], &above[0]);
        let f = layer.fraction_bits;
        for j in 0..layer.inputs {
            let row = &layer.weights[j * layer.outputs..][..layer.outputs];
            let e: i64 = row.iter().zip(&layer.errors).map(|(w, d)| w * d).sum();
            below.errors[j] = ((e * below.phi(j) + (1 << (f + 6))) >> (f + 7)).clamp(-128, 127);
        }
    }

    fn update(&mut self, l: usize) {
        let layer = &self.layers[l];
        let (mut weights, mut thresholds, mut leak) = (Vec::new(), Vec::new(), 0);
        for j in 0..layer.inputs {
            weights.extend(layer.errors.iter().map(|d| d * layer.weight_traces[j]));
        }
        for i in 0..layer.outputs {
            thresholds.push(-layer.errors[i] * (layer.threshold_traces[i] + 32));
            leak += layer.errors[i] * layer.leak_traces[i];
        }
        let layer = &mut self.layers[l];
        if self.per_sample {
            layer.weight_gradients.iter_mut().zip(&weights).for_each(|(sum, g)| *sum += g);
            layer.threshold_gradients.iter_mut().zip(&thresholds).for_each(|(sum, g)| *sum += g);
            layer.leak_gradient += leak;
        } else {
            self.apply(l, &weights, &thresholds, leak);
        }
    }

    fn apply(&mut self, l: usize, weights: &[i64], thresholds: &[i64], leak: i64) {
        let (outputs, learn, shifts) = (self.layers[l].outputs, self.layers[l].learn, self.layers[l].shifts);
        let (min, max) = self.layers[l].limits();
        if learn.weights {
            for (at, &gradient) in weights.iter().enumerate() {
                let mut noise = self.noise((at / outputs) as u32, (at % outputs) as u32);
                if self.fault == Fault::NearestRounding {
                    noise = 0x8000;
                }
                let w = self.layers[l].weights[at] + round_against(gradient, shifts[0], noise);
                self.layers[l].weights[at] = match self.fault {
                    Fault::WeightWraps => i64::from(w as i8),
                    _ => w.clamp(min, max),
                };
            }
        }
        if learn.thresholds {
            for (i, &gradient) in thresholds.iter().enumerate() {
                let sign = if self.fault == Fault::ThresholdSign { -1 } else { 1 };
                let step = round_against(sign * gradient, shifts[1], self.noise(0xffff, i as u32));
                self.layers[l].thresholds[i] = (self.layers[l].thresholds[i] + step).clamp(64, 1024);
            }
        }
        if learn.leaks {
            let step = round_against(leak, shifts[2], self.noise(0xfffe, 0));
            self.layers[l].leak = (self.layers[l].leak + step).clamp(4096, 252 * 256);
        }
    }

    pub fn end(&mut self) -> SampleResult {
        if self.begin.unwrap().teacher.learns() && self.per_sample {
            self.seed = xorshift(self.seed);
            for l in 0..self.layers.len() {
                let layer = &self.layers[l];
                let gradients =
                    (layer.weight_gradients.clone(), layer.threshold_gradients.clone(), layer.leak_gradient);
                self.apply(l, &gradients.0, &gradients.1, gradients.2);
            }
        }
        let best = (0..self.scores.len()).max_by_key(|&i| (self.scores[i], std::cmp::Reverse(i))).unwrap();
        SampleResult { prediction: best as u16, spikes: self.scores[best].0 as u16, wrong_spikes: self.wrong }
    }
}
