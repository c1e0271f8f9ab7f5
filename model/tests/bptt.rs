//! Back-propagation through time against dual numbers on the whole graph, and STOP beside it.

mod dual;

use dual::{Graph, largest_relative_error, random_case};
use model::float::bptt;
use model::float::{Gradients, Layer, Learn, Loss, Model, Network, Surrogate, Target};
use model::reference::Case;

fn network(case: &Case) -> Network<f64> {
    let layers = case.layers.iter().map(|layer| Layer {
        inputs: layer.weights_by_input.len(),
        outputs: layer.thresholds.len(),
        weights: layer.weights_by_input.concat(),
        thresholds: layer.thresholds.clone(),
        leak: layer.leak,
        surrogate: layer.surrogate,
        learn: Learn::WTL,
    });
    Network { layers: layers.collect(), loss: case.loss }
}

fn steps(case: &Case) -> Vec<Vec<u32>> {
    let vectors = case.spike_vectors.as_ref().unwrap();
    let indices = |step: &Vec<u8>| (0u32..).zip(step).filter(|(_, s)| **s == 1).map(|(i, _)| i).collect();
    vectors.iter().map(indices).collect()
}

fn target(case: &Case, step: usize) -> Target<'_, f64> {
    match (&case.targets, case.label) {
        (Some(targets), _) => Target::Values(&targets[step]),
        (None, label) => Target::Class(label.unwrap()),
    }
}

fn flat(gradients: Vec<Gradients<f64>>) -> Vec<Vec<f64>> {
    gradients.into_iter().map(|g| [g.weights, g.thresholds, vec![g.leak]].concat()).collect()
}

fn bptt(case: &Case) -> Vec<Vec<f64>> {
    let target = |step| target(case, step);
    flat(bptt::gradients(&network(case), &steps(case), target, case.first_loss_step).unwrap())
}

#[test]
fn gradients_are_the_derivatives_on_the_whole_graph() {
    let mut largest = 0.0f64;
    let sizes: [&[usize]; 3] = [&[6, 3], &[5, 4, 3], &[5, 4, 4, 3]];
    for (sizes, seed) in sizes.into_iter().flat_map(|sizes| (0..4).map(move |seed| (sizes, seed))) {
        for surrogate in [Surrogate::Exponential, Surrogate::Shift, Surrogate::TRIANGLE] {
            for loss in [Loss::Squared, Loss::CrossEntropy] {
                let case = random_case(sizes, 7, surrogate, loss, seed);
                let error = largest_relative_error(&bptt(&case), &dual::gradients(&case, Graph::Full));
                assert!(
                    error < 1e-9,
                    "relative error {error:e} in {}",
                    serde_json::to_string(&case).unwrap()
                );
                largest = largest.max(error);
            }
        }
    }
    println!("largest relative error {largest:e}");
}

/// The comparison would see the difference between the two graphs.
#[test]
fn the_restricted_graph_is_not_the_whole_one() {
    let case = random_case(&[5, 4, 4, 3], 7, Surrogate::Exponential, Loss::Squared, 1);
    let error = largest_relative_error(&bptt(&case), &dual::gradients(&case, Graph::Restricted));
    assert!(error > 1e-3, "{error:e}");
}

/// Without traces thresholds and leaks can learn too; their gradients are then those within a step.
#[test]
fn all_parameters_without_traces() {
    for seed in 0..6 {
        let case = random_case(&[5, 4, 4, 3], 7, Surrogate::Exponential, Loss::CrossEntropy, seed);
        let mut network = network(&case);
        network.layers.iter_mut().for_each(|layer| layer.learn.traces = false);
        let mut model = Model::new(network).unwrap();
        model.begin_sample(true);
        for (step, spikes) in steps(&case).iter().enumerate() {
            model.step(spikes);
            if step >= case.first_loss_step {
                model.accumulate(target(&case, step));
            }
        }
        let error =
            largest_relative_error(&flat(model.gradients().to_vec()), &dual::gradients(&case, Graph::NoTime));
        assert!(error < 1e-9, "{error:e}");
    }
}
