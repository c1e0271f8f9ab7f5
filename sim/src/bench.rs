//! An engine on the bench: its native simulation or its Verilog, driven through its ports, without a link.
//!
//! ```text
//!   Bench ──ports──> Native     rtl::alone, an engine stepped
//!         └─ports──> Verilated  the emitted Verilog in Verilator
//! ```

use std::path::{Path, PathBuf};

use arch::protocol::{Begin, Teacher};
use arch::registers::Space;
use arch::{Capacity, Layout, Network, Parameters};
use rtl::alone::{Alone, INPUTS, OUTPUTS};
use rtl::record::{LEAK_WORD, RECORD_WORDS, record};
use rtl::step::StepError;

use crate::toolchain::running::{ModelError, Running};

/// No command takes longer: the wiping of a large memory does not, nor a step of a large network.
const LIMIT: u64 = 10_000_000;

/// An engine that could not be driven.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The native block does not settle.
    #[error(transparent)]
    Native(#[from] StepError),
    /// The model stopped.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A waveform that was not written.
    #[error("waveform: {0}")]
    Waveform(#[from] std::io::Error),
    /// The network does not fit.
    #[error(transparent)]
    Layout(#[from] arch::layout::LayoutError),
    /// A memory's promise is broken: in a device the value read would be any.
    #[error("{count} times a memory was read and written at one address in one cycle")]
    Collision {
        /// How often.
        count: u64,
    },
    /// A command that does not end.
    #[error("the engine is still busy after {LIMIT} cycles of `{command}`")]
    Hangs {
        /// The command.
        command: &'static str,
    },
}

/// Something with an engine's ports.
pub trait Pins {
    /// A cycle for each record of inputs: the outputs before its rising edge.
    fn cycles(&mut self, inputs: &[Vec<u128>]) -> Result<Vec<Vec<u128>>, BenchError>;

    /// Cycles with all inputs 0 until one with `done` has passed: how many, that one included.
    fn until_done(&mut self, limit: u64) -> Result<Option<u64>, BenchError>;

    /// Begins a waveform (VCD) that goes to `path`.
    fn start_trace(&mut self, path: &Path) -> Result<(), BenchError>;

    /// Ends it: the file is whole.
    fn stop_trace(&mut self) -> Result<(), BenchError>;
}

/// The native simulation.
pub struct Native {
    engine: Box<dyn Alone>,
    trace: Option<PathBuf>,
}

impl Native {
    /// An engine after configuration.
    pub fn new(engine: Box<dyn Alone>) -> Self {
        Self { engine, trace: None }
    }

    fn cycle(&mut self, inputs: &[u128]) -> Result<Vec<u128>, BenchError> {
        let outputs = self.engine.cycle(inputs)?;
        match self.engine.collisions() {
            0 => Ok(outputs),
            count => Err(BenchError::Collision { count }),
        }
    }
}

impl Pins for Native {
    fn cycles(&mut self, inputs: &[Vec<u128>]) -> Result<Vec<Vec<u128>>, BenchError> {
        inputs.iter().map(|record| self.cycle(record)).collect()
    }

    fn until_done(&mut self, limit: u64) -> Result<Option<u64>, BenchError> {
        let idle = vec![0; INPUTS.len()];
        for cycle in 1..=limit {
            if self.cycle(&idle)?[output("done")] == 1 {
                return Ok(Some(cycle));
            }
        }
        Ok(None)
    }

    fn start_trace(&mut self, path: &Path) -> Result<(), BenchError> {
        self.engine.keep_waveform(LIMIT);
        self.trace = Some(path.to_owned());
        Ok(())
    }

    fn stop_trace(&mut self) -> Result<(), BenchError> {
        let Some(path) = self.trace.take() else { return Ok(()) };
        Ok(std::fs::write(path, self.engine.waveform())?)
    }
}

/// The emitted Verilog in Verilator. The model's ports are in the order of the emitted file.
pub struct Verilated {
    running: Running,
    /// For each of the model's inputs, its place in [`INPUTS`].
    inputs: Vec<usize>,
    /// For each of [`OUTPUTS`], its place among the model's.
    outputs: Vec<usize>,
}

impl Verilated {
    /// A model of an emitted engine.
    pub fn new(running: Running) -> Self {
        let place = |names: &[&str], name: &str| names.iter().position(|&n| n == name).unwrap_or(0);
        let inputs = running.ports().inputs.0.iter().map(|port| place(INPUTS, &port.name)).collect();
        let outputs = OUTPUTS.iter().map(|name| running.ports().outputs.index(name).unwrap_or(0)).collect();
        Self { running, inputs, outputs }
    }
}

impl Pins for Verilated {
    fn cycles(&mut self, inputs: &[Vec<u128>]) -> Result<Vec<Vec<u128>>, BenchError> {
        let ports = self.running.ports().clone();
        let mut records = Vec::new();
        for record in inputs {
            let values: Vec<u128> = self.inputs.iter().map(|&at| record[at]).collect();
            ports.inputs.pack_into(&values, &mut records);
        }
        let answers = self.running.cycles(&records)?;
        let unpack = |bytes: &[u8]| {
            let values = ports.outputs.unpack(bytes);
            self.outputs.iter().map(|&at| values[at]).collect()
        };
        Ok(answers.chunks(ports.outputs.bytes()).map(unpack).collect())
    }

    fn until_done(&mut self, limit: u64) -> Result<Option<u64>, BenchError> {
        let idle = vec![0; self.inputs.len()];
        let record = self.running.ports().inputs.pack(&idle);
        let ran = self.running.run_until(&record, &[self.outputs[output("done")]], limit)?;
        // The cycle with `done` is still to pass.
        self.running.cycle(&record)?;
        Ok(ran.reached.then_some(ran.cycles + 1))
    }

    fn start_trace(&mut self, path: &Path) -> Result<(), BenchError> {
        Ok(self.running.start_trace(path)?)
    }

    fn stop_trace(&mut self) -> Result<(), BenchError> {
        Ok(self.running.stop_trace()?)
    }
}

fn output(name: &str) -> usize {
    OUTPUTS.iter().position(|&known| known == name).unwrap_or(0)
}

fn record_of(values: &[(&str, u128)]) -> Vec<u128> {
    let mut record = vec![0; INPUTS.len()];
    for (at, name) in INPUTS.iter().enumerate() {
        if let Some((_, value)) = values.iter().find(|(known, _)| known == name) {
            record[at] = *value;
        }
    }
    record
}

/// An engine of a capacity with a network.
pub struct Bench<P> {
    pins: P,
    capacity: Capacity,
    weight_latency: usize,
    layers: u128,
    words: u32,
}

impl<P: Pins> Bench<P> {
    /// An engine after configuration, once it has wiped its memories.
    pub fn new(pins: P, capacity: Capacity) -> Result<Self, BenchError> {
        let weight_latency = rtl::alone::weight_latency(&capacity).unwrap_or(1);
        let mut bench = Self { pins, capacity, weight_latency, layers: 0, words: 0 };
        bench.wait("configuration")?;
        Ok(bench)
    }

    /// The engine's ports.
    pub fn pins(&mut self) -> &mut P {
        &mut self.pins
    }

    /// What it holds.
    pub fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// Writes a network, its parameters and the noise generator's state, and activates it.
    pub fn load(&mut self, network: &Network, parameters: &Parameters, seed: u32) -> Result<(), BenchError> {
        let layout = Layout::new(network, &self.capacity)?;
        let mut writes = Vec::new();
        let mut write = |space: Space, address: u32, data: u16| {
            writes.push(record_of(&[
                ("host_write", 1),
                ("host_space", space as u128),
                ("host_address", address.into()),
                ("host_data", data.into()),
            ]));
        };
        for (at, (d, p)) in layout.descriptors.iter().zip(&parameters.layers).enumerate() {
            for (word, data) in record(d, p.leak.to_bits(), &self.capacity).into_iter().enumerate() {
                write(Space::Descriptors, (at * RECORD_WORDS + word) as u32, data);
            }
            for (neuron, threshold) in (d.neuron_base..).zip(&p.thresholds) {
                write(Space::Thresholds, neuron, threshold.to_bits() as u16);
            }
            let rows = p.weights.chunks(d.output.size() as usize);
            for (row, weights) in (0..).map(|row| d.row_base + row * layout.row_pitch[at]).zip(rows) {
                for (address, &weight) in (row..).zip(weights) {
                    write(Space::Weights, address, weight as u16);
                }
            }
        }
        writes.push(record_of(&[("seed_load", 1), ("seed_value", seed.into())]));
        self.pins.cycles(&writes)?;
        self.layers = network.layers.len() as u128;
        self.words = network.inputs().div_ceil(16);
        self.command("activate", &[("activate", 1)])?;
        Ok(())
    }

    /// Begins a sample; the cycles it took.
    pub fn begin(&mut self, begin: Begin) -> Result<u64, BenchError> {
        let learning = u128::from(begin.teacher.learns());
        let host_teaches = u128::from(begin.teacher == Teacher::Host);
        self.command(
            "begin",
            &[
                ("begin_sample", 1),
                ("learning", learning),
                ("host_teaches", host_teaches),
                ("label", begin.label.into()),
                ("layers", self.layers),
            ],
        )
    }

    /// Runs a time step on ascending events; the cycles it took, without those in which the events were written.
    pub fn step(&mut self, events: &[u32], with_loss: bool) -> Result<u64, BenchError> {
        let mut words = vec![0u16; self.words as usize];
        events.iter().for_each(|event| words[*event as usize / 16] |= 1 << (event % 16));
        let writes: Vec<_> = words
            .iter()
            .zip(0u128..)
            .map(|(&bits, word)| {
                record_of(&[("event_write", 1), ("event_word", word), ("event_data", bits.into())])
            })
            .collect();
        self.pins.cycles(&writes)?;
        let any = u128::from(!events.is_empty());
        self.command("step", &[("step", 1), ("with_loss", u128::from(with_loss)), ("any_event", any)])
    }

    /// Writes δ of the output neurons from the first on and lets the step learn from them; the cycles that took, without those in
    /// which δ were written.
    pub fn teach(&mut self, errors: &[i8]) -> Result<u64, BenchError> {
        let write = |(neuron, &error): (u128, &i8)| {
            record_of(&[
                ("host_write", 1),
                ("host_space", Space::OutputErrors as u128),
                ("host_address", neuron),
                ("host_data", (error as u8).into()),
            ])
        };
        let mut writes: Vec<_> = (0..).zip(errors).map(write).collect();
        // The last is on its way.
        writes.push(record_of(&[]));
        self.pins.cycles(&writes)?;
        self.command("teach", &[("teach", 1)])
    }

    /// Ends the sample: its wrong spikes, and the cycles it took.
    pub fn end(&mut self) -> Result<(u32, u64), BenchError> {
        let cycles = self.command("end", &[("end_sample", 1)])?;
        let outputs = self.pins.cycles(&[record_of(&[])])?.swap_remove(0);
        Ok((outputs[output("wrong_spikes")] as u32, cycles))
    }

    /// Clears the counters.
    pub fn clear_counts(&mut self) -> Result<(), BenchError> {
        self.command("clear counts", &[("clear_counts", 1)])?;
        Ok(())
    }

    /// The noise generator's state.
    pub fn seed(&mut self) -> Result<u32, BenchError> {
        let outputs = self.pins.cycles(&[record_of(&[])])?.swap_remove(0);
        Ok(outputs[output("seed")] as u32)
    }

    /// Elements of a space, zero-extended.
    pub fn read(&mut self, space: Space, address: u32, count: u32) -> Result<Vec<u32>, BenchError> {
        let element = |at: u32| match space {
            Space::Leaks => (Space::Descriptors, at * RECORD_WORDS as u32 + LEAK_WORD as u32),
            _ => (space, at),
        };
        let read = |at: u32| {
            let (space, at) = element(at);
            record_of(&[("host_read", 1), ("host_space", space as u128), ("host_address", at.into())])
        };
        let mut records: Vec<_> = (address..address + count).map(read).collect();
        let latency = if space == Space::Weights { self.weight_latency } else { 1 };
        records.extend(vec![record_of(&[]); latency]);
        let answers = self.pins.cycles(&records)?;
        Ok(answers[latency..].iter().map(|outputs| outputs[output("host_value")] as u32).collect())
    }

    fn command(&mut self, name: &'static str, values: &[(&str, u128)]) -> Result<u64, BenchError> {
        self.pins.cycles(&[record_of(values)])?;
        Ok(1 + self.wait(name)?)
    }

    fn wait(&mut self, command: &'static str) -> Result<u64, BenchError> {
        self.pins.until_done(LIMIT)?.ok_or(BenchError::Hangs { command })
    }
}
