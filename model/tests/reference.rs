//! The reference's gradients against dual numbers on the graph that STOP differentiates exactly.

mod dual;

use dual::{Graph, gradients, largest_relative_error, random_case};
use model::float::{Loss, Surrogate};
use model::reference::{Case, CaseError, ReferenceResult, run};

const TOLERANCE: f64 = 1e-9;
const SURROGATES: [Surrogate; 6] = [
    Surrogate::Exponential,
    Surrogate::Shift,
    Surrogate::RECTANGLE,
    Surrogate::Rectangle { width: 3.0 },
    Surrogate::TRIANGLE,
    Surrogate::Triangle { width: 2.5 },
];
const SIZES: [&[usize]; 4] = [&[6, 3], &[6, 5, 3], &[5, 4, 4, 3], &[5, 4, 4, 4, 3]];

fn reference(case: &Case) -> ReferenceResult {
    run(&serde_json::to_string(case).unwrap()).unwrap()
}

fn flat(result: &ReferenceResult) -> Vec<Vec<f64>> {
    let layers = result.gradients.iter().map(|layer| {
        let mut all = layer.weights_by_input.concat();
        all.extend(layer.thresholds.as_ref().unwrap());
        all.push(layer.leak.unwrap());
        all
    });
    layers.collect()
}

fn cases() -> impl Iterator<Item = Case> {
    let seeds = SIZES.into_iter().flat_map(|sizes| (0..6).map(move |seed| (sizes, seed)));
    seeds.flat_map(|(sizes, seed)| {
        SURROGATES.into_iter().flat_map(move |surrogate| {
            [Loss::Squared, Loss::CrossEntropy].map(|loss| random_case(sizes, 8, surrogate, loss, seed))
        })
    })
}

#[test]
fn gradients_are_the_derivatives_on_the_restricted_graph() {
    let (mut largest, mut count, mut parameters, mut zero) = (0.0f64, 0, 0, 0);
    for case in cases() {
        let result = reference(&case);
        let wanted = gradients(&case, Graph::Restricted);
        let error = largest_relative_error(&flat(&result), &wanted);
        assert!(error < TOLERANCE, "relative error {error:e} in {}", serde_json::to_string(&case).unwrap());
        let loss = dual::loss(&case, Graph::Restricted, 0, dual::Parameter::Leak).v;
        assert!((result.loss - loss).abs() <= 1e-12 * loss.abs().max(1.0));
        largest = largest.max(error);
        count += 1;
        parameters += wanted.iter().map(Vec::len).sum::<usize>();
        zero += wanted.iter().flatten().filter(|d| **d == 0.0).count();
    }
    println!(
        "{count} networks, {parameters} parameters ({zero} derivatives are 0): largest relative error {largest:e}"
    );
    assert!(zero * 2 < parameters, "most derivatives are 0: the cases show little");
}

#[test]
fn without_traces_gradients_are_the_derivatives_within_a_step() {
    for mut case in cases().step_by(5) {
        case.learn = "no-trace".into();
        let wanted = gradients(&case, Graph::NoTime);
        let result = reference(&case);
        let seen: Vec<_> = result.gradients.iter().map(|l| l.weights_by_input.concat()).collect();
        let wanted: Vec<_> = wanted.iter().zip(&seen).map(|(w, s)| w[..s.len()].to_vec()).collect();
        assert!(largest_relative_error(&seen, &wanted) < TOLERANCE);
        assert!(result.gradients.iter().all(|layer| layer.thresholds.is_none() && layer.leak.is_none()));
    }
}

/// The comparison above sees a trace that does not decay right, a missing term and a mean in the place of a sum.
#[test]
fn planted_faults_exceed_the_tolerance() {
    let mut seen_faults = [0; 3];
    for case in cases().step_by(7) {
        let wanted = gradients(&case, Graph::Restricted);
        let right = reference(&case);
        let no_trace = reference(&Case { learn: "no-trace".into(), ..case.clone() });
        let mut faulty = [right.clone(), right.clone(), right.clone()];
        for (l, layer) in right.gradients.iter().enumerate() {
            faulty[0].gradients[l].weights_by_input = no_trace.gradients[l].weights_by_input.clone();
            for (n, gradient) in faulty[1].gradients[l].thresholds.as_mut().unwrap().iter_mut().enumerate() {
                *gradient += right.steps.iter().map(|step| step.layers[l].errors[n]).sum::<f64>();
            }
            faulty[2].gradients[l].leak = layer.leak_mean;
        }
        for (seen, fault) in seen_faults.iter_mut().zip(&faulty) {
            *seen += usize::from(largest_relative_error(&flat(fault), &wanted) > TOLERANCE);
        }
    }
    let cases = cases().step_by(7).count();
    assert!(seen_faults.iter().all(|&seen| seen * 10 > cases * 9), "{seen_faults:?} of {cases}");
}

const SMALL: &str = r#"{
  "layers": [{"weights_by_input": [[0.5], [1.0]], "thresholds": [1.0], "leak": 0.5}],
  "loss": "squared", "spike_indices": [[0], [0, 1]], "label": 0
}"#;

#[test]
fn refusals_say_where_what_and_wanted() {
    let refused = |from: &str, to: &str| {
        assert!(SMALL.contains(from), "{from}");
        run(&SMALL.replacen(from, to, 1)).expect_err(to).to_string()
    };
    assert!(run(SMALL).is_ok());
    for (from, to, said) in [
        ("[1.0]]", "[1e999]]", "layers[0].weights_by_input[1][0]: number out of range"),
        ("[1.0]]", "[null]]", "layers[0].weights_by_input[1][0]: invalid type: null, expected f64"),
        ("[1.0]]", "[1.0, 2.0]]", "layers[0].weights_by_input[1] is a row of 2 weights"),
        ("[1.0], \"leak\"", "[0.0], \"leak\"", "layers[0].thresholds[0] is 0: it must be finite and above 0"),
        ("0.5}]", "1.5}]", "layers[0].leak is 1.5: it must be between 0 and 1"),
        ("\"leak\"", "\"leek\"", "unknown field `leek`"),
        (
            "0.5}]",
            "0.5, \"surrogate\": \"sigmoid\"}]",
            "layers[0].surrogate: no surrogate is called `sigmoid`",
        ),
        ("[0, 1]]", "[1, 0]]", "spike_indices[1][1] is 0: it must be above the index before it, 1"),
        ("[0, 1]]", "[0, 2]]", "spike_indices[1][1] is 2: it must be below the number of inputs, 2"),
        ("[[0], [0, 1]]", "[]", "spike_indices is empty"),
        ("[[0], [0, 1]]", "[[0]], \"spike_vectors\": [[0, 1]]", "gives both of `spike_indices`"),
        ("\"label\": 0", "\"label\": 1", "label is 1: it must be below the number of outputs, 1"),
        ("\"label\": 0", "\"targets\": [[1.0]]", "targets is a list of 1 steps"),
        ("\"label\": 0", "\"targets\": [[1.0], []]", "targets[1] is a list of 0 values"),
        ("\"label\": 0", "\"label\": 0, \"first_loss_step\": 2", "first_loss_step is 2"),
        (
            "\"label\": 0",
            "\"label\": 0, \"learn\": \"x\"",
            "learn is \"x\": it must be one of no-trace, w, wt",
        ),
        ("squared", "cubed", "loss: unknown variant `cubed`"),
        (", \"label\": 0", "", "neither of `label` and `targets`"),
        ("\"label\": 0\n}", "\"label\": 0}}", "after the case: trailing characters"),
        (
            "\"layers\": [{\"weights_by_input\": [[0.5], [1.0]], \"thresholds\": [1.0], \"leak\": 0.5}]",
            "\"layers\": []",
            "the network has no layers",
        ),
        ("[[0.5], [1.0]]", "[[1e308], [1e308]]", "steps[1].layers[0].membranes[0] leaves the range"),
    ] {
        let message = refused(from, to);
        assert!(message.contains(said), "`{message}` does not say `{said}`");
    }
}

#[test]
fn both_forms_of_spikes_say_the_same() {
    let vectors =
        SMALL.replacen("\"spike_indices\": [[0], [0, 1]]", "\"spike_vectors\": [[1, 0], [1, 1]]", 1);
    assert_eq!(run(SMALL).unwrap(), run(&vectors).unwrap());
    let two = vectors.replacen("[1, 1]]", "[1, 2]]", 1);
    assert!(run(&two).unwrap_err().to_string().starts_with("spike_vectors[1][1] is 2: it must be 0 or 1"));
}

#[test]
fn a_case_or_a_result_beyond_the_limits_is_refused_before_it_is_computed() {
    let long = " ".repeat(model::reference::MAX_CASE_BYTES + 1);
    assert!(matches!(run(&long), Err(CaseError::TooLong { .. })));
    let steps = vec!["[]"; 1_000_000].join(",");
    let many = SMALL.replacen("[[0], [0, 1]]", &format!("[{steps}]"), 1);
    assert!(matches!(run(&many), Err(CaseError::TooLarge { .. })));
}

/// The example in the documentation: its first JSON is the case, its second what comes of it.
#[test]
fn the_documented_example_gives_the_documented_result() {
    let page = include_str!("../../docs/reference.md");
    let mut blocks = page.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let (case, result) = (blocks.next().unwrap(), blocks.next().unwrap());
    let documented: ReferenceResult = serde_json::from_str(result).unwrap();
    let computed = run(case).unwrap();
    assert_eq!(computed, documented);
    let through_json: ReferenceResult =
        serde_json::from_str(&serde_json::to_string(&computed).unwrap()).unwrap();
    assert_eq!(computed, through_json);

    let vectors =
        case.replace("[[0, 1], [1], [1]]", "[[1, 1], [0, 1], [0, 1]]").replace("_indices", "_vectors");
    let wanted = gradients(&serde_json::from_str(&vectors).unwrap(), Graph::Restricted);
    assert!(largest_relative_error(&flat(&computed), &wanted) < TOLERANCE);
}
