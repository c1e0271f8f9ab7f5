//! How far STOP's gradient points from that of back-propagation through time:
//! `cargo run --release -p model --example cosine`.
//!
//! Random networks 40-30-20-10 with random input, exponential surrogate and cross-entropy at every step; the mean
//! over 20 seeds of the cosine between the two gradients, for each layer.

use model::float::{Gradients, Layer, Learn, Loss, Model, Network, Surrogate, Target, bptt};
use model::init::uniform_weights;

const SIZES: [usize; 4] = [40, 30, 20, 10];
const SEEDS: u64 = 20;

fn network(leak: f64, seed: u64, learn: Learn) -> Network<f64> {
    let layers = SIZES.windows(2).enumerate().map(|(l, pair)| {
        let weights = uniform_weights(pair[0], pair[1], 2.0, seed, l);
        Layer::new((pair[0], pair[1]), &weights, 1.0, leak, Surrogate::Exponential, learn)
    });
    Network { layers: layers.collect(), loss: Loss::CrossEntropy }
}

/// Each input spikes with probability 0.3.
fn spikes(steps: usize, seed: u64) -> Vec<Vec<u32>> {
    let step = |t| {
        let draws = uniform_weights(1, SIZES[0], 1.0 / 3f64.sqrt(), seed, 1000 + t);
        (0u32..).zip(draws).filter(|(_, draw)| *draw > 0.4).map(|(i, _)| i).collect()
    };
    (0..steps).map(step).collect()
}

fn stop(network: Network<f64>, steps: &[Vec<u32>], label: usize) -> Vec<Gradients<f64>> {
    let mut model = Model::new(network).expect("a network that fits");
    model.begin_sample(true);
    for spikes in steps {
        model.step(spikes);
        model.accumulate(Target::Class(label));
    }
    model.gradients().to_vec()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn main() {
    println!("   T   leak  traces  parameter     layer 1  layer 2  layer 3");
    for (steps, leak) in [(6, 0.5), (20, 0.9)] {
        for learn in [Learn::WTL, Learn { traces: false, ..Learn::WTL }] {
            let mut sums = [[0.0; 3]; 2];
            for seed in 0..SEEDS {
                let (steps, label) = (spikes(steps, seed), seed as usize % SIZES[3]);
                let through_time =
                    bptt::gradients(&network(leak, seed, learn), &steps, |_| Target::Class(label), 0)
                        .expect("spikes in order");
                let stop = stop(network(leak, seed, learn), &steps, label);
                for (l, (stop, bptt)) in stop.iter().zip(&through_time).enumerate() {
                    sums[0][l] += cosine(&stop.weights, &bptt.weights) / SEEDS as f64;
                    sums[1][l] += cosine(&stop.thresholds, &bptt.thresholds) / SEEDS as f64;
                }
            }
            for (name, mean) in ["weights", "thresholds"].iter().zip(sums) {
                let traces = if learn.traces { "yes" } else { "no" };
                println!(
                    "{steps:>4} {leak:>6} {traces:>7}  {name:<12} {:>8.3} {:>8.3} {:>8.3}",
                    mean[0], mean[1], mean[2]
                );
            }
        }
    }
}
