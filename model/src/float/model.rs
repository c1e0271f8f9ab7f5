//! A network together with its state: what runs and learns.

use super::learn::Sink;
use super::{Counts, Gradients, Network, NetworkError, Rates, Scalar, State, Target};

/// A weight trace below this is taken to be 0 when training in `f32`: 2⁻²⁰, far below what moves a weight.
pub const F32_TRACE_FLOOR: f64 = 1.0 / (1u64 << 20) as f64;

/// A network, its state, and the gradients of the sample that is running.
///
/// A sample is [`Model::begin_sample`], then for each time step [`Model::step`] and, where there is a loss,
/// [`Model::accumulate`] or [`Model::update`]; after a sample that accumulated, [`Model::apply`].
/// [`Model::run_sample`] does all of it.
#[derive(Debug, Clone)]
pub struct Model<F> {
    pub(super) network: Network<F>,
    pub(super) state: State<F>,
    pub(super) schedule: Vec<Schedule>,
    /// Empty until a sample accumulates.
    pub(super) gradients: Vec<Gradients<F>>,
    pub(super) counts: Vec<Counts>,
    pub(super) trace_floor: F,
    /// Whether the sample that is running keeps traces.
    pub(super) learning: bool,
}

/// Which rows and columns have work. It makes the model fast and decides nothing; its lists keep their capacity.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// Inputs whose weight trace is not 0, in no order.
    pub active: Vec<u32>,
    /// Neurons that spiked in the last step, ascending.
    pub spiking: Vec<u32>,
    /// Neurons whose δ is not 0, ascending.
    pub erring: Vec<u32>,
    /// Inputs whose row of the gradient is not 0, and the same as flags.
    pub touched: Vec<u32>,
    pub is_touched: Vec<bool>,
}

impl Schedule {
    fn new(inputs: usize, outputs: usize) -> Self {
        Self {
            active: Vec::with_capacity(inputs),
            spiking: Vec::with_capacity(outputs),
            erring: Vec::with_capacity(outputs),
            touched: Vec::with_capacity(inputs),
            is_touched: vec![false; inputs],
        }
    }
}

impl<F: Scalar> Model<F> {
    /// A model at rest that drops no trace.
    ///
    /// # Errors
    /// A network that [`Network::check`] refuses.
    pub fn new(network: Network<F>) -> Result<Self, NetworkError> {
        network.check()?;
        let layers = &network.layers;
        Ok(Self {
            state: State::new(&network),
            schedule: layers.iter().map(|layer| Schedule::new(layer.inputs, layer.outputs)).collect(),
            gradients: Vec::new(),
            counts: vec![Counts::default(); layers.len()],
            trace_floor: F::zero(),
            learning: false,
            network,
        })
    }

    /// Takes a weight trace at or below `floor` to be 0 from then on, so that its row is not visited any more.
    ///
    /// With 0, the default, a trace ends only where it underflows. [`F32_TRACE_FLOOR`] is for training.
    pub fn with_trace_floor(self, floor: F) -> Self {
        Self { trace_floor: floor, ..self }
    }

    /// The network as it is now.
    pub fn network(&self) -> &Network<F> {
        &self.network
    }

    /// The network as it is now, without its state.
    pub fn into_network(self) -> Network<F> {
        self.network
    }

    /// The state after the last step.
    pub fn state(&self) -> &State<F> {
        &self.state
    }

    /// Sums since the sample began, one a layer, before they are applied; empty where nothing was accumulated yet.
    pub fn gradients(&self) -> &[Gradients<F>] {
        &self.gradients
    }

    /// Work of each layer since it was last cleared.
    pub fn counts(&self) -> &[Counts] {
        &self.counts
    }

    /// Starts counting from 0.
    pub fn clear_counts(&mut self) {
        self.counts.fill(Counts::default());
    }

    /// Brings every layer to rest and every gradient to 0; `learning` says whether this sample keeps traces.
    pub fn begin_sample(&mut self, learning: bool) {
        self.learning = learning;
        for layer in 0..self.network.layers.len() {
            self.state.layers[layer].clear();
            let schedule = &mut self.schedule[layer];
            schedule.active.clear();
            schedule.spiking.clear();
            schedule.erring.clear();
            self.clear_gradients(layer);
        }
    }

    /// Adds the gradients of this time step, against `target`, to [`Model::gradients`]. Returns its loss.
    ///
    /// The sample must have begun as one that learns, and the step must have run.
    pub fn accumulate(&mut self, target: Target<F>) -> f64 {
        if self.gradients.is_empty() {
            self.gradients = self.network.layers.iter().map(Gradients::zero).collect();
        }
        self.learn(target, Sink::Accumulate)
    }

    /// Learns from this time step at once, with `rates` for each layer. Returns its loss.
    ///
    /// Called in the place of [`Model::accumulate`].
    pub fn update(&mut self, target: Target<F>, rates: &[Rates<F>]) -> f64 {
        self.learn(target, Sink::Update(rates))
    }

    /// Back to zero, touching only the rows that are not.
    pub(super) fn clear_gradients(&mut self, layer: usize) {
        let Some(gradients) = self.gradients.get_mut(layer) else { return };
        let outputs = self.network.layers[layer].outputs;
        let schedule = &mut self.schedule[layer];
        for row in schedule.touched.drain(..) {
            gradients.weights[row as usize * outputs..][..outputs].fill(F::zero());
            schedule.is_touched[row as usize] = false;
        }
        gradients.thresholds.fill(F::zero());
        gradients.leak = F::zero();
    }
}
