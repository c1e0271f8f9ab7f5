//! An independent computation of the gradients: dual numbers carried forward through a plain dense simulation.
//!
//! A dual number `v + d ε` with `ε² = 0` carries a value and its derivative with respect to the one parameter whose
//! ε part was set to 1. Nothing here is shared with the model but the case it reads.

use std::ops::{Add, Div, Mul, Sub};

use model::float::{Loss, Surrogate};
use model::reference::{Case, CaseLayer};

#[derive(Clone, Copy, Default)]
pub struct Dual {
    pub v: f64,
    pub d: f64,
}

impl Dual {
    fn constant(v: f64) -> Self {
        Self { v, d: 0.0 }
    }
    fn detach(self) -> Self {
        Self::constant(self.v)
    }
    fn exp(self) -> Self {
        Self { v: self.v.exp(), d: self.d * self.v.exp() }
    }
    fn ln(self) -> Self {
        Self { v: self.v.ln(), d: self.d / self.v }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self { v: self.v + o.v, d: self.d + o.d }
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self { v: self.v - o.v, d: self.d - o.d }
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Self { v: self.v * o.v, d: self.d * o.v + self.v * o.d }
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        Self { v: self.v / o.v, d: (self.d * o.v - self.v * o.d) / (o.v * o.v) }
    }
}

/// A parameter of a layer.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Parameter {
    Weight(usize, usize),
    Threshold(usize),
    Leak,
}

/// Where derivatives flow.
#[derive(Clone, Copy, PartialEq)]
pub enum Graph {
    /// Through time within the parameter's layer, from membrane to membrane; through space at equal times.
    Restricted,
    /// Through space at equal times only.
    NoTime,
    /// Everywhere.
    Full,
}

fn phi(surrogate: Surrogate, x: f64) -> f64 {
    let x = x.abs();
    match surrogate {
        Surrogate::Exponential => (-x).exp(),
        Surrogate::Shift => (0..8).find(|&k| x < f64::from(k + 1)).map_or(0.0, |k| 1.0 / f64::from(1 << k)),
        Surrogate::Rectangle { width } => f64::from(u8::from(2.0 * x < width)),
        Surrogate::Triangle { width } => {
            if x < width {
                (width - x) / width
            } else {
                0.0
            }
        }
    }
}

/// `Σ_t E[t]` of `case` (spikes as vectors) and its derivative with respect to `parameter` of `layer` on `graph`.
pub fn loss(case: &Case, graph: Graph, layer: usize, parameter: Parameter) -> Dual {
    let spikes = case.spike_vectors.as_ref().expect("a case with spike vectors");
    let mut carried: Vec<Vec<(Dual, Dual)>> =
        case.layers.iter().map(|l| vec![Default::default(); l.thresholds.len()]).collect();
    let mut total = Dual::default();
    for (t, spikes) in spikes.iter().enumerate() {
        let mut x: Vec<Dual> = spikes.iter().map(|&s| Dual::constant(f64::from(s))).collect();
        for (l, data) in case.layers.iter().enumerate() {
            let wanted = (l == layer).then_some(parameter);
            for carried in &mut carried[l] {
                if graph != Graph::Full {
                    carried.1 = carried.1.detach();
                }
                if graph == Graph::NoTime || (graph == Graph::Restricted && l != layer) {
                    carried.0 = carried.0.detach();
                }
            }
            x = step(data, wanted, &x, &mut carried[l]);
        }
        if t >= case.first_loss_step {
            total = total + step_loss(case, t, &x);
        }
    }
    total
}

fn step(layer: &CaseLayer, wanted: Option<Parameter>, x: &[Dual], carried: &mut [(Dual, Dual)]) -> Vec<Dual> {
    let dual = |v, parameter| Dual { v, d: f64::from(u8::from(wanted == Some(parameter))) };
    let alpha = dual(layer.leak, Parameter::Leak);
    for (n, (u, s)) in carried.iter_mut().enumerate() {
        let theta = dual(layer.thresholds[n], Parameter::Threshold(n));
        *u = alpha * (*u - theta * *s);
        for (i, &x) in x.iter().enumerate() {
            *u = *u + dual(layer.weights_by_input[i][n], Parameter::Weight(i, n)) * x;
        }
        let above = *u - theta;
        *s = Dual { v: if u.v >= theta.v { 1.0 } else { 0.0 }, d: phi(layer.surrogate, above.v) * above.d };
    }
    carried.iter().map(|(_, s)| *s).collect()
}

fn step_loss(case: &Case, t: usize, s: &[Dual]) -> Dual {
    let y = |n: usize| match &case.targets {
        Some(targets) => Dual::constant(targets[t][n]),
        None => Dual::constant(f64::from(u8::from(case.label == Some(n)))),
    };
    let zero = Dual::default();
    match case.loss {
        Loss::Squared => {
            (0..s.len()).fold(zero, |sum, n| sum + (s[n] - y(n)) * (s[n] - y(n)) * Dual::constant(0.5))
        }
        Loss::CrossEntropy => {
            let partition = s.iter().fold(zero, |sum, s| sum + s.exp());
            (0..s.len()).fold(zero, |sum, n| sum - y(n) * (s[n].exp() / partition).ln())
        }
    }
}

/// Every parameter's derivative, layer by layer in the order W by rows, θ, α.
pub fn gradients(case: &Case, graph: Graph) -> Vec<Vec<f64>> {
    let layers = case.layers.iter().enumerate().map(|(l, layer)| {
        let outputs = layer.thresholds.len();
        let weights = (0..layer.weights_by_input.len())
            .flat_map(|i| (0..outputs).map(move |n| Parameter::Weight(i, n)));
        let parameters = weights.chain((0..outputs).map(Parameter::Threshold)).chain([Parameter::Leak]);
        parameters.map(|parameter| loss(case, graph, l, parameter).d).collect()
    });
    layers.collect()
}

/// The largest `|seen − wanted| / |wanted|`; a derivative smaller than 10⁻⁶ of its layer's largest counts as that.
pub fn largest_relative_error(seen: &[Vec<f64>], wanted: &[Vec<f64>]) -> f64 {
    let mut largest = 0.0f64;
    assert_eq!(seen.len(), wanted.len());
    for (seen, wanted) in seen.iter().zip(wanted) {
        assert_eq!(seen.len(), wanted.len());
        let scale = wanted.iter().fold(0.0f64, |scale, v| scale.max(v.abs()));
        for (seen, wanted) in seen.iter().zip(wanted) {
            let difference = (seen - wanted).abs();
            if difference > 0.0 {
                largest = largest.max(difference / wanted.abs().max(1e-6 * scale));
            }
        }
    }
    largest
}

/// Random numbers in ±`bound`, as many as asked for.
fn numbers(count: usize, bound: f64, seed: u64, stream: usize) -> Vec<f64> {
    model::init::uniform_weights(1, count, bound / 3f64.sqrt(), seed, stream)
}

/// A random network of `sizes` and a random sample of `steps` steps for it; every layer has its own θ and α.
pub fn random_case(sizes: &[usize], steps: usize, surrogate: Surrogate, loss: Loss, seed: u64) -> Case {
    let layers = sizes.windows(2).enumerate().map(|(l, pair)| {
        let weights = model::init::uniform_weights(pair[0], pair[1], 1.6, seed, l);
        CaseLayer {
            weights_by_input: weights.chunks(pair[1]).map(<[f64]>::to_vec).collect(),
            thresholds: numbers(pair[1], 0.4, seed, 100 + l).iter().map(|v| 0.8 + v).collect(),
            leak: 0.7 + numbers(1, 0.25, seed, 200 + l)[0],
            surrogate,
        }
    });
    let layers = layers.collect();
    let draws = numbers(steps * sizes[0], 1.0, seed, 300);
    let outputs = sizes[sizes.len() - 1];
    let by_label = seed.is_multiple_of(2);
    Case {
        layers,
        loss,
        learn: "wtl".into(),
        spike_indices: None,
        spike_vectors: Some(
            draws.chunks(sizes[0]).map(|step| step.iter().map(|v| u8::from(*v > 0.1)).collect()).collect(),
        ),
        label: by_label.then_some(seed as usize / 2 % outputs),
        targets: (!by_label).then(|| (0..steps).map(|t| numbers(outputs, 1.0, seed, 400 + t)).collect()),
        first_loss_step: if seed.is_multiple_of(3) { 2 } else { 0 },
    }
}
