//! The bit-exact model: the integers the hardware computes, in the order it computes them.
//!
//! [`Engine`] holds every memory of a configuration and runs one network at a time on them. `docs/fixed-point.md` is
//! the contract that this module, the RTL and their tests are held to; its step names stand in the comments here.

mod access;
mod forward;
mod initial;
mod kernels;
mod learn;
mod rounding;

use arch::descriptor::{DESCRIPTOR_WORDS, DescriptorError};
use arch::layout::LayoutError;
use arch::noise::{RESET_SEED, column_noise, next_seed};
use arch::protocol::{Begin, SampleResult, Status, Teacher};
use arch::registers::{RESET_LEAK, RESET_THRESHOLD, features};
use arch::{Capacity, Descriptor, Layout, Network, Updates};

use access::fill;

pub use arch::Counts;
pub use initial::{Initial, initial_parameters};

/// An engine of one configuration: its memories, and at most one active network.
#[derive(Debug, Clone)]
pub struct Engine {
    capacity: Capacity,
    /// What is built in.
    features: u32,
    memories: Memories,
    layers: Vec<ActiveLayer>,
    sample: Option<OpenSample>,
    seed: u32,
    counts: Counts,
    /// [`column_noise`] of every column a row can have.
    column_noise: Vec<u16>,
    scratch: Scratch,
}

/// Every memory, at its full size.
#[derive(Debug, Clone)]
struct Memories {
    descriptors: Vec<u16>,
    /// Weights of either width; an 8-bit weight never leaves −128 … 127.
    weights: Vec<i16>,
    thresholds: Vec<i16>,
    leaks: Vec<u16>,
    membranes: Vec<i16>,
    spikes: Vec<u8>,
    weight_traces: Vec<u8>,
    threshold_traces: Vec<u8>,
    leak_traces: Vec<i16>,
    /// δ; kept as 16 bits for the update's arithmetic.
    errors: Vec<i16>,
    /// One a class, as the sums below.
    spike_counts: Vec<u16>,
    membrane_sums: Vec<i32>,
}

/// A layer of the active network and what belongs to it alone.
#[derive(Debug, Clone)]
struct ActiveLayer {
    descriptor: Descriptor,
    inputs: usize,
    outputs: usize,
    /// Weights from one row to the next.
    pitch: usize,
    /// Input locations whose weight trace is not 0, in no order.
    active: Vec<u32>,
    /// Gradients, where updates come once a sample; else empty.
    gradients: Gradients,
}

impl ActiveLayer {
    fn neurons(&self) -> std::ops::Range<usize> {
        let base = self.descriptor.neuron_base as usize;
        base..base + self.outputs
    }

    fn traces(&self) -> std::ops::Range<usize> {
        let base = self.descriptor.trace_base as usize;
        base..base + self.inputs
    }

    fn rows(&self) -> std::ops::Range<usize> {
        let base = self.descriptor.row_base as usize;
        base..base + self.inputs * self.pitch
    }
}

/// Accumulated gradients of a layer.
#[derive(Debug, Clone, Default)]
struct Gradients {
    /// Σ δ·w̃, `[inputs][outputs]`.
    weights: Vec<i32>,
    /// Whether a row of the above may hold anything but 0.
    touched: Vec<bool>,
    /// Σ −δ·(1 − θ̃).
    thresholds: Vec<i32>,
    /// Σ δ·α̃.
    leak: i64,
}

#[derive(Debug, Clone, Copy)]
struct OpenSample {
    begin: Begin,
    steps_run: u16,
    wrong_spikes: u32,
    /// The step that ran last has a loss, and the host has not written its errors.
    awaits_errors: bool,
}

/// Buffers of a time step; nothing in them outlives it.
#[derive(Debug, Clone, Default)]
struct Scratch {
    current: Vec<i16>,
    scaled_errors: Vec<i16>,
    /// Neurons of the layer that have an error.
    erring: Vec<u32>,
    /// Runs of blocks of columns that hold an error.
    runs: Vec<(u32, u32)>,
    /// Input spikes of the layer being computed.
    events: Vec<u32>,
}

impl Engine {
    /// An engine as it is after power-up: memories at their reset values, no network.
    pub fn new(capacity: &Capacity) -> Self {
        let (neurons, inputs) = (capacity.neurons as usize, capacity.inputs as usize);
        let classes = capacity.classes as usize;
        let layers = usize::from(capacity.layers);
        Self {
            memories: Memories {
                descriptors: vec![0; layers * DESCRIPTOR_WORDS],
                weights: vec![0; capacity.synapses as usize],
                thresholds: vec![RESET_THRESHOLD.to_bits(); neurons],
                leaks: vec![RESET_LEAK.to_bits(); layers],
                membranes: vec![0; neurons],
                spikes: vec![0; neurons],
                weight_traces: vec![0; inputs],
                threshold_traces: vec![0; neurons],
                leak_traces: vec![0; neurons],
                errors: vec![0; neurons],
                spike_counts: vec![0; classes],
                membrane_sums: vec![0; classes],
            },
            layers: Vec::new(),
            sample: None,
            seed: RESET_SEED,
            counts: Counts::default(),
            column_noise: (0..neurons.min(1 << 16)).map(|column| column_noise(column as u16)).collect(),
            scratch: Scratch::default(),
            capacity: capacity.clone(),
            features: features::ALL,
        }
    }

    /// The same with no more built in than these bits of [`arch::registers::features`].
    pub fn with_features(self, features: u32) -> Self {
        Self { features, ..self }
    }

    /// What it holds.
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// Checks the first `layers` descriptors and makes them the active network; 0 deactivates. Abandons an open
    /// sample. On an error the engine is left without a network.
    pub fn activate(&mut self, layers: u32) -> Result<(), LayoutError> {
        self.deactivate();
        if layers == 0 {
            return Ok(());
        }
        if layers > u32::from(self.capacity.layers) {
            return Err(LayoutError::TooLarge {
                what: "layers",
                needed: layers.into(),
                available: self.capacity.layers.into(),
                lanes: self.capacity.lanes,
            });
        }
        let (records, _) = self.memories.descriptors.as_chunks::<DESCRIPTOR_WORDS>();
        let descriptors: Vec<Descriptor> = records[..layers as usize]
            .iter()
            .enumerate()
            .map(|(at, words)| {
                let refused = |error| LayoutError::Layer { layer: at + 1, error };
                let descriptor = Descriptor::decode(words, self.capacity.weight_bits).map_err(refused)?;
                let missing = descriptor.features() & !self.features;
                match features::NAMED.iter().find(|(bit, ..)| missing & bit != 0) {
                    Some(&(_, name, _)) => Err(refused(DescriptorError::NotBuilt(name))),
                    None => Ok(descriptor),
                }
            })
            .collect::<Result<_, _>>()?;
        let network = Layout::network(&descriptors, &self.capacity)?;
        let layout = Layout::new(&network, &self.capacity)?;
        self.layers = descriptors
            .into_iter()
            .zip(&layout.row_pitch)
            .map(|(descriptor, &pitch)| ActiveLayer::new(descriptor, pitch as usize))
            .collect();
        let widest = self.layers.iter().map(|layer| layer.pitch).max().unwrap_or(0);
        self.scratch.current.resize(widest, 0);
        self.scratch.scaled_errors.resize(widest, 0);
        self.wipe_state();
        Ok(())
    }

    /// Writes the descriptors of `network` and activates it. Parameters stay as they are.
    pub fn load(&mut self, network: &Network) -> Result<(), LayoutError> {
        let layout = Layout::new(network, &self.capacity)?;
        let words: Vec<u16> = layout.descriptors.iter().flat_map(|d| d.encode()).collect();
        self.memories.descriptors[..words.len()].copy_from_slice(&words);
        self.activate(layout.descriptors.len() as u32)
    }

    /// Layers of the active network; 0 where there is none.
    pub fn active_layers(&self) -> u32 {
        self.layers.len() as u32
    }

    /// Input locations of the active network's first layer; 0 where there is none.
    pub fn inputs(&self) -> u32 {
        self.layers.first().map_or(0, |layer| layer.inputs as u32)
    }

    /// The noise generator's state.
    pub fn seed(&self) -> u32 {
        self.seed
    }

    /// Sets the noise generator's state; 0 is refused, the generator would stay there.
    pub fn set_seed(&mut self, seed: u32) -> Result<(), Status> {
        if seed == 0 {
            return Err(Status::BadValue);
        }
        self.seed = seed;
        Ok(())
    }

    /// Work done since the counters were cleared.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Clears the counters.
    pub fn clear_counts(&mut self) {
        self.counts = Counts::default();
    }

    /// Opens a sample: clears membranes, spikes, traces, errors and accumulated gradients.
    ///
    /// Errors: no network; a sample is open already; no steps, or a label that is no output neuron.
    pub fn begin(&mut self, begin: Begin) -> Result<(), Status> {
        let Some(output) = self.layers.last() else { return Err(Status::NoNetwork) };
        if self.sample.is_some() {
            return Err(Status::SampleOpen);
        }
        if begin.steps == 0 || usize::from(begin.label) >= output.outputs {
            return Err(Status::BadValue);
        }
        self.clear_state();
        self.sample = Some(OpenSample { begin, steps_run: 0, wrong_spikes: 0, awaits_errors: false });
        Ok(())
    }

    /// Steps the open sample still waits for; `None` where no sample is open.
    pub fn steps_left(&self) -> Option<u16> {
        self.sample.map(|sample| sample.begin.steps - sample.steps_run)
    }

    /// Runs one time step on the input locations that spike, ascending and distinct.
    ///
    /// Errors: no sample is open; all its steps have run; an event outside the input or out of order.
    pub fn step(&mut self, events: &[u32]) -> Result<(), Status> {
        let Some(sample) = self.sample else { return Err(Status::NoSample) };
        if sample.steps_run == sample.begin.steps {
            return Err(Status::StepCount);
        }
        let ascending = events.is_sorted_by(|a, b| a < b);
        if !ascending || events.last().is_some_and(|&last| last >= self.inputs()) {
            return Err(Status::BadEvent);
        }
        let Begin { teacher, label, .. } = sample.begin;
        let with_loss = sample.steps_run >= sample.begin.first_loss_step;
        if teacher.learns() {
            self.seed = next_seed(self.seed);
        }
        self.forward(events, teacher.learns(), with_loss);
        let mut wrong_spikes = 0;
        if with_loss {
            match teacher {
                Teacher::Host => self.clear_errors(),
                Teacher::Label | Teacher::Nobody => {
                    wrong_spikes = self.output_errors(label, teacher.learns())
                }
            }
            if teacher.learns() {
                self.counts.error_chances +=
                    self.layers.iter().map(|layer| layer.outputs as u64).sum::<u64>();
            }
            if teacher == Teacher::Label {
                self.learn();
            }
        }
        if let Some(sample) = &mut self.sample {
            sample.steps_run += 1;
            sample.wrong_spikes += wrong_spikes;
            sample.awaits_errors = with_loss && teacher == Teacher::Host;
        }
        Ok(())
    }

    /// Takes δ of output neurons `first` and following at the step that ran last, and learns from them (B2 to B4). Neurons that are
    /// left out have none.
    ///
    /// Errors: no step waits for them; neurons that the output layer does not have.
    pub fn teach(&mut self, first: u32, errors: &[i8]) -> Result<(), Status> {
        let waiting = self.sample.as_mut().filter(|sample| sample.awaits_errors).ok_or(Status::NotAwaited)?;
        let output = self.layers.last().ok_or(Status::NoNetwork)?;
        let end = (first as usize).checked_add(errors.len()).filter(|&end| end <= output.outputs);
        let end = end.ok_or(Status::BadAddress)?;
        waiting.awaits_errors = false;
        let outputs = &mut self.memories.errors[output.neurons()];
        fill(&mut outputs[first as usize..end], errors.iter().map(|&error| error.into()));
        self.learn();
        Ok(())
    }

    /// Ends the open sample: applies gradients where they were accumulated, and says which class won.
    ///
    /// Errors: no sample is open; steps are missing.
    pub fn end(&mut self) -> Result<SampleResult, Status> {
        let Some(sample) = self.sample else { return Err(Status::NoSample) };
        if sample.steps_run != sample.begin.steps {
            return Err(Status::StepCount);
        }
        self.sample = None;
        self.counts.samples += 1;
        if sample.begin.teacher.learns()
            && self.layers.iter().any(|l| l.descriptor.updates == Updates::PerSample)
        {
            self.apply_gradients();
        }
        let classes = self.layers.last().map_or(0, |layer| layer.outputs);
        let (counts, sums) =
            (&self.memories.spike_counts[..classes], &self.memories.membrane_sums[..classes]);
        // The first of the largest, by spikes and then by membrane sum.
        let mut best = 0;
        for i in 1..counts.len() {
            if (counts[i], sums[i]) > (counts[best], sums[best]) {
                best = i;
            }
        }
        Ok(SampleResult {
            prediction: best as u16,
            spikes: counts.get(best).copied().unwrap_or(0),
            wrong_spikes: sample.wrong_spikes,
        })
    }

    /// δ of every layer, until the host writes those of the outputs.
    fn clear_errors(&mut self) {
        for layer in &self.layers {
            self.memories.errors[layer.neurons()].fill(0);
        }
    }

    /// Abandons an open sample. What it has learned online so far stays.
    pub fn abandon(&mut self) {
        self.sample = None;
    }

    fn deactivate(&mut self) {
        self.layers.clear();
        self.sample = None;
    }

    /// Every memory of state, also where the network that is now active has nothing.
    fn wipe_state(&mut self) {
        let m = &mut self.memories;
        m.membranes.fill(0);
        m.spikes.fill(0);
        m.weight_traces.fill(0);
        m.threshold_traces.fill(0);
        m.leak_traces.fill(0);
        m.errors.fill(0);
        self.clear_state();
    }

    fn clear_state(&mut self) {
        self.memories.spike_counts.fill(0);
        self.memories.membrane_sums.fill(0);
        for layer in &mut self.layers {
            let (neurons, traces) = (layer.neurons(), layer.traces());
            let m = &mut self.memories;
            m.membranes[neurons.clone()].fill(0);
            m.spikes[neurons.clone()].fill(0);
            m.threshold_traces[neurons.clone()].fill(0);
            m.leak_traces[neurons.clone()].fill(0);
            m.errors[neurons].fill(0);
            m.weight_traces[traces].fill(0);
            layer.active.clear();
            layer.gradients.clear();
        }
    }
}

impl ActiveLayer {
    fn new(descriptor: Descriptor, pitch: usize) -> Self {
        let (inputs, outputs) = (descriptor.input.size() as usize, descriptor.output.size() as usize);
        let gradients = match descriptor.updates {
            Updates::Online => Gradients::default(),
            Updates::PerSample => Gradients {
                weights: vec![0; inputs * outputs],
                touched: vec![false; inputs],
                thresholds: vec![0; outputs],
                leak: 0,
            },
        };
        Self { descriptor, inputs, outputs, pitch, active: Vec::new(), gradients }
    }
}

impl Gradients {
    fn clear(&mut self) {
        if !self.touched.is_empty() {
            let outputs = self.weights.len() / self.touched.len();
            for (row, touched) in self.weights.chunks_exact_mut(outputs).zip(&mut self.touched) {
                if std::mem::take(touched) {
                    row.fill(0);
                }
            }
        }
        self.thresholds.fill(0);
        self.leak = 0;
    }
}
