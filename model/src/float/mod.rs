//! The equations: STOP on dense layers in floating point, `f64` as the reference and `f32` to train.
//!
//! `docs/algorithm.md` derives what is computed here. With λ = α, or 0 where gradients do not reach back in time,
//! one step of a layer is, in this order:
//!
//! | step | computes | for |
//! |---|---|---|
//! | 1 reset | `r = u − θ s` from the last step's u and s | each neuron |
//! | 2 neuron traces | `α̃ = λ α̃ + r`, `θ̃ = λ θ̃ − α s` | each neuron, where α or θ learns |
//! | 3 decay | `u = α r` | each neuron |
//! | 4 integrate | `u += W[i]` | each input `i` that spikes |
//! | 5 fire | `s = 1` if `u ≥ θ`, else 0 | each neuron |
//! | 6 weight traces | `w̃ = λ w̃ + x` | each input with a trace or a spike, where W learns |
//!
//! and then, at steps that have a loss, from the last layer to the first one that has a reason:
//!
//! | step | computes | for |
//! |---|---|---|
//! | 7 error | `δ = ∂E/∂s φ(u − θ)` above all, else `δ = (Σ_n W⁺[i][n] δ⁺[n]) φ(u − θ)` from the layer above | each neuron |
//! | 8 back-propagate | the sum in step 7 for the layer below, with W as it is before step 9 | each input whose φ is not 0 |
//! | 9 update | `W[i] −= rate w̃[i] δ`, `θ −= rate δ (θ̃ − 1)`, `α −= rate mean(δ α̃)` | rows with a trace |
//!
//! Updating [`Updates::PerSample`], step 9 adds to a sum instead, which is applied after the sample.
//! With [`Updates::Online`] and thresholds that learn, the next step's reset subtracts the threshold as updated; the
//! fixed-point contract (`docs/fixed-point.md`, F3) resets before the update. Gradients of a sample are the same.
//!
//! ```
//! use model::float::{Layer, Learn, Loss, Model, Network, Rates, Surrogate, Training, Updates};
//!
//! let weights = model::init::uniform_weights(3, 2, 1.0, 1, 0);
//! let layer = Layer::new((3, 2), &weights, 1.0, 0.5, Surrogate::Exponential, Learn::WTL);
//! let network: Network<f32> = Network { layers: vec![layer], loss: Loss::CrossEntropy };
//! let mut model = Model::new(network)?;
//! let rates = vec![Rates { weights: 0.1, thresholds: 0.01, leak: 0.01 }];
//! let training = Training { updates: Updates::PerSample, rates };
//!
//! let sample = [vec![0, 2], vec![], vec![0]]; // ascending indices of the inputs that spike, step by step
//! for _ in 0..50 {
//!     model.run_sample(&sample, 1, 0, Some(&training))?;
//! }
//! let outcome = model.run_sample(&sample, 1, 0, None)?;
//! assert_eq!(outcome.prediction, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod bptt;
mod counts;
mod forward;
mod gradients;
mod learn;
mod loss;
mod model;
mod network;
mod sample;
mod scalar;
mod state;
mod surrogate;

pub use arch::network::{Learn, Updates};
pub use counts::Counts;
pub use gradients::{Gradients, LEAK_BOUNDS, Rates, THRESHOLD_BOUNDS};
pub use loss::{Loss, Target};
pub use model::{F32_TRACE_FLOOR, Model};
pub use network::{Layer, Network, NetworkError};
pub use sample::{Outcome, SampleError, Training, predict};
pub use scalar::Scalar;
pub use state::{LayerState, State};
pub use surrogate::{Surrogate, UnknownSurrogate};
