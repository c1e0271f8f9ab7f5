//! Does it learn? A decision that must be remembered, in `f32`, both ways of updating.

use model::float::{
    F32_TRACE_FLOOR, Layer, Learn, Loss, Model, Network, Rates, Surrogate, Training, Updates,
};
use model::init::uniform_weights;

const INPUTS: usize = 20;
const STEPS: usize = 10;
const FIRST_LOSS_STEP: usize = 6;

/// One half of the inputs spikes more often during the first steps: which is the class. Then silence.
fn sample(index: u64) -> (Vec<Vec<u32>>, usize) {
    let label = index as usize % 2;
    let steps = (0..STEPS).map(|step| {
        let draws = uniform_weights(1, INPUTS, 1.0 / 3f64.sqrt(), index, step);
        let spikes = |i: &u32| {
            let favoured = (*i as usize >= INPUTS / 2) == (label == 1);
            step < FIRST_LOSS_STEP && draws[*i as usize] > if favoured { 0.2 } else { 0.6 }
        };
        (0..INPUTS as u32).filter(spikes).collect()
    });
    (steps.collect(), label)
}

fn accuracy(learn: Learn, updates: Updates) -> f64 {
    let sizes = [INPUTS, 16, 2];
    let layers = (0..2).map(|l| {
        let shape = (sizes[l], sizes[l + 1]);
        let weights = uniform_weights(shape.0, shape.1, 1.0, 3, l);
        Layer::new(shape, &weights, 1.0, 0.9, Surrogate::Exponential, learn)
    });
    let network: Network<f32> = Network { layers: layers.collect(), loss: Loss::CrossEntropy };
    let mut model = Model::new(network).unwrap().with_trace_floor(F32_TRACE_FLOOR as f32);
    let training =
        Training { updates, rates: vec![Rates { weights: 0.02, thresholds: 0.002, leak: 0.002 }; 2] };
    for index in 0..2000 {
        let (steps, label) = sample(index);
        model.run_sample(&steps, label, FIRST_LOSS_STEP, Some(&training)).unwrap();
    }
    let right = (0..200u64).filter(|index| {
        let (steps, label) = sample(1_000_000 + index);
        model.run_sample(&steps, label, FIRST_LOSS_STEP, None).unwrap().prediction == label
    });
    right.count() as f64 / 200.0
}

#[test]
fn traces_remember_what_the_loss_asks_for_later() {
    for learn in [Learn::W, Learn::WT, Learn::WL, Learn::WTL] {
        for updates in [Updates::PerSample, Updates::Online] {
            let accuracy = accuracy(learn, updates);
            println!("{learn} {updates:?}: {accuracy}");
            assert!(accuracy > 0.9, "{learn} {updates:?}: {accuracy}");
        }
    }
    let without = accuracy(Learn::NO_TRACE, Updates::PerSample);
    println!("no-trace: {without}");
    assert!(without < 0.75, "no-trace: {without}");
}
