//! The loss of one time step and its derivative with respect to the output spikes.

use serde::{Deserialize, Serialize};

use super::Scalar;

/// What is minimised, at every step from the first one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// `E = ½ Σ_n (s_n − y_n)²`, so `∂E/∂s = s − y`: −1, 0 or 1. The hardware's.
    Squared,
    /// `E = −Σ_n y_n log softmax(s)_n`, so `∂E/∂s = softmax(s) Σ_n y_n − y`.
    CrossEntropy,
}

/// What the output layer should do at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a, F> {
    /// The neuron of this class spikes and no other: y is 1 there and 0 elsewhere. Below the number of outputs.
    Class(usize),
    /// y itself, one value per output.
    Values(&'a [F]),
}

impl<F: Scalar> Target<'_, F> {
    /// `y_n`.
    pub fn at(&self, n: usize) -> F {
        match self {
            Self::Class(class) if *class == n => F::one(),
            Self::Class(_) => F::zero(),
            Self::Values(values) => values[n],
        }
    }
}

impl Loss {
    /// Returns `E` of one step and writes `∂E/∂s` to `error`, one value per output like `spikes`.
    pub fn differentiate<F: Scalar>(self, spikes: &[bool], target: Target<F>, error: &mut [F]) -> f64 {
        let spike = |n: usize| if spikes[n] { F::one() } else { F::zero() };
        let mut loss = F::zero();
        match self {
            Self::Squared => {
                for (n, error) in error.iter_mut().enumerate() {
                    *error = spike(n) - target.at(n);
                    loss += F::of(0.5) * *error * *error;
                }
            }
            Self::CrossEntropy => {
                let (mut partition, mut mass) = (F::zero(), F::zero());
                for n in 0..spikes.len() {
                    partition += spike(n).exp();
                    mass += target.at(n);
                }
                let log_partition = partition.ln();
                for (n, error) in error.iter_mut().enumerate() {
                    loss += target.at(n) * (log_partition - spike(n));
                    *error = (spike(n) - log_partition).exp() * mass - target.at(n);
                }
            }
        }
        loss.real()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squared_error_is_the_difference() {
        let mut error = [0.0f64; 3];
        let loss = Loss::Squared.differentiate(&[true, true, false], Target::Class(1), &mut error);
        assert_eq!((loss, error), (0.5, [1.0, 0.0, 0.0]));
    }

    #[test]
    fn cross_entropy_of_equal_spikes_is_the_logarithm_of_their_number() {
        let mut error = [0.0f64; 4];
        let loss = Loss::CrossEntropy.differentiate(&[true; 4], Target::Class(2), &mut error);
        assert!((loss - 4f64.ln()).abs() < 1e-15);
        let wanted = [0.25, 0.25, -0.75, 0.25];
        assert!(error.iter().zip(wanted).all(|(seen, wanted)| (seen - wanted).abs() < 1e-15), "{error:?}");
        let same = Loss::CrossEntropy.differentiate(
            &[true; 4],
            Target::Values(&[0.0, 0.0, 1.0, 0.0]),
            &mut [0.0; 4],
        );
        assert_eq!(loss, same);
    }
}
