//! The equations on a case given as JSON: what another implementation is compared with.
//!
//! [`run`] takes a network with all its parameters and the spikes of one sample, and returns every spike, membrane,
//! surrogate, trace and error of every step together with the summed gradients, in `f64` with all its digits.
//! Nothing is updated. `docs/reference.md` describes both documents with a worked example.

mod case;
mod checks;
mod result;

pub use case::{Case, CaseLayer};
pub use checks::{CaseError, MAX_CASE_BYTES, MAX_RESULT_VALUES};
pub use result::{LayerGradients, LayerStep, ReferenceResult, StepResult};

use crate::float::{Model, predict};

/// Computes the case in `case_json`, at most [`MAX_CASE_BYTES`] long.
///
/// # Errors
/// Text that is not a case, a case whose parts do not fit, or one whose numbers leave the range of `f64`.
pub fn run(case_json: &str) -> Result<ReferenceResult, CaseError> {
    Case::parse(case_json)?.run()
}

impl Case {
    /// Reads a case; its parts are checked by [`Case::run`].
    ///
    /// # Errors
    /// Text that is too long or no JSON of this form, with the place where it stops being so.
    pub fn parse(json: &str) -> Result<Self, CaseError> {
        if json.len() > MAX_CASE_BYTES {
            return Err(CaseError::TooLong { seen: json.len() });
        }
        let mut reader = serde_json::Deserializer::from_str(json);
        let case: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let place = error.path().to_string();
            CaseError::Json { place, problem: error.into_inner().to_string() }
        })?;
        reader.end().map_err(|error| CaseError::Json {
            place: "after the case".into(),
            problem: error.to_string(),
        })?;
        Ok(case)
    }

    /// Computes the case.
    ///
    /// # Errors
    /// Parts that do not fit, or numbers that leave the range of `f64`.
    pub fn run(&self) -> Result<ReferenceResult, CaseError> {
        let network = self.network()?;
        let steps = self.steps(network.inputs())?;
        self.check_targets(network.outputs(), steps.len())?;
        checks::check_size(&network, steps.len())?;

        let mut model = Model::new(network).map_err(CaseError::Network)?;
        let outputs = model.network().outputs();
        let mut result = ReferenceResult {
            loss: 0.0,
            prediction: 0,
            spike_counts: vec![0; outputs],
            membrane_sums: vec![0.0; outputs],
            gradients: Vec::new(),
            steps: Vec::with_capacity(steps.len()),
        };
        model.begin_sample(true);
        for (step, spikes) in steps.iter().enumerate() {
            model.step(spikes);
            let counts = step >= self.first_loss_step;
            let loss = if counts { model.accumulate(self.target(step)) } else { 0.0 };
            let record = StepResult::of(&model, loss);
            checks::check_finite(step, &record)?;
            result.loss += loss;
            if counts && let Some(output) = record.layers.last() {
                for n in 0..outputs {
                    result.spike_counts[n] += u32::from(output.spikes[n]);
                    result.membrane_sums[n] += output.membranes[n];
                }
            }
            result.steps.push(record);
        }
        result.prediction = predict(&result.spike_counts, &result.membrane_sums);
        result.gradients = result::gradients(&model);
        checks::check_finite_sums(&result)?;
        Ok(result)
    }
}
