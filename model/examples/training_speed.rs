//! Samples a second that the `f32` model trains on one core: `cargo run --release -p model --example training_speed`.
//!
//! Random spikes with the activity of the data sets stand in for them: as many events, spread evenly.

use std::time::Instant;

use model::float::{
    F32_TRACE_FLOOR, Layer, Learn, Loss, Model, Network, Rates, Surrogate, Training, Updates,
};
use model::init::uniform_weights;

struct Workload {
    name: &'static str,
    sizes: [usize; 3],
    steps: usize,
    events: usize,
    /// Inputs that ever spike.
    used: usize,
}

const WORKLOADS: [Workload; 2] = [
    Workload { name: "MNIST", sizes: [784, 160, 10], steps: 8, events: 821, used: 200 },
    Workload { name: "N-MNIST", sizes: [578, 200, 10], steps: 16, events: 643, used: 300 },
];

fn sample(workload: &Workload, index: u64) -> Vec<Vec<u32>> {
    let (inputs, used) = (workload.sizes[0], workload.used);
    let rate = workload.events as f64 / (workload.steps * used) as f64;
    let step = |t| {
        let draws = uniform_weights(1, used, 1.0 / 3f64.sqrt(), index, t);
        let spiking = (0..used).filter(|&i| (draws[i] + 1.0) / 2.0 < rate);
        spiking.map(|i| (i * inputs / used) as u32).collect()
    };
    (0..workload.steps).map(step).collect()
}

fn main() {
    println!("workload  surrogate    loss           updates    samples/s");
    for workload in &WORKLOADS {
        let samples: Vec<_> = (0..200).map(|index| sample(workload, index)).collect();
        for (surrogate, loss) in
            [(Surrogate::Shift, Loss::Squared), (Surrogate::Exponential, Loss::CrossEntropy)]
        {
            for updates in [Updates::Online, Updates::PerSample] {
                let layers = workload.sizes.windows(2).enumerate().map(|(l, pair)| {
                    let weights = uniform_weights(pair[0], pair[1], 1.0, 1, l);
                    Layer::new((pair[0], pair[1]), &weights, 1.0, 0.5, surrogate, Learn::WTL)
                });
                let network: Network<f32> = Network { layers: layers.collect(), loss };
                let mut model = Model::new(network)
                    .expect("a network that fits")
                    .with_trace_floor(F32_TRACE_FLOOR as f32);
                let rates = vec![Rates { weights: 1e-3, thresholds: 1e-4, leak: 1e-4 }; 2];
                let training = Training { updates, rates };
                let start = Instant::now();
                let rounds = 5;
                for _ in 0..rounds {
                    for (index, steps) in samples.iter().enumerate() {
                        model.run_sample(steps, index % 10, 0, Some(&training)).expect("a sample that fits");
                    }
                }
                let rate = (rounds * samples.len()) as f64 / start.elapsed().as_secs_f64();
                let loss = format!("{loss:?}");
                println!(
                    "{:<9} {:<12} {loss:<14} {:<10} {rate:>9.0}",
                    workload.name,
                    surrogate.to_string(),
                    format!("{updates:?}")
                );
            }
        }
    }
}
