//! A model that runs: a process that reads commands and writes answers. `runner.cpp` is its side and says how both look.

use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::design::Ports;
use super::process::end_of;
use super::verilator::{MASKED_PORTS, Options};

/// Bytes of records that go to the model at a time. It takes them all before it answers.
const PORTION: usize = 1 << 20;

const CYCLES: u8 = 1;
const RUN_UNTIL: u8 = 2;
const START_TRACE: u8 = 3;
const STOP_TRACE: u8 = 4;
const SERIAL: u8 = 5;
const BYTES: u8 = 6;

/// A model that could not be driven.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It did not start.
    #[error("{}: {error}", program.display())]
    Start {
        /// Its executable.
        program: PathBuf,
        /// The system's word.
        error: std::io::Error,
    },
    /// It stopped: a failed assertion, `$fatal`, `$finish`, a loop that does not settle.
    #[error("the model stopped ({status}):\n{stderr}")]
    Stopped {
        /// How it ended.
        status: String,
        /// The end of what it said.
        stderr: String,
    },
    /// The bytes are no records.
    #[error("{bytes} bytes are no whole number of records of {record} bytes")]
    Records {
        /// How many came.
        bytes: usize,
        /// Bytes of one record.
        record: usize,
    },
    /// There is no such port among the first 64 outputs, to which a run can be tied.
    #[error("output {index} is not among the first {} outputs", (*ports).min(MASKED_PORTS))]
    Port {
        /// What was asked for.
        index: usize,
        /// How many outputs there are.
        ports: usize,
    },
    /// It was built without.
    #[error("this model writes no traces: build it with Options {{ trace: true }}")]
    NoTrace,
}

/// Where a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Whether an output that was waited for is set; if not, the limit was reached.
    pub reached: bool,
    /// Cycles that passed before.
    pub cycles: u64,
    /// The outputs in the cycle in which it ended, which has not had its rising edge.
    pub outputs: Vec<u8>,
}

/// The pins and the rate of a serial line: places among the inputs and the outputs, of ports of one bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialPins {
    /// The input on which the model receives.
    pub receive: usize,
    /// The output on which it sends.
    pub transmit: usize,
    /// The output that is 1 while it has something to do.
    pub busy: usize,
    /// Cycles a bit.
    pub divider: u32,
}

/// The pins of a byte stream with a handshake each way: places among the inputs and the outputs, of ports of up to 8 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BytePins {
    /// Inputs: there is a byte for the model, the byte, the host takes one.
    pub inputs: [usize; 3],
    /// Outputs: the model takes one, there is a byte for the host, the byte, the model has something to do.
    pub outputs: [usize; 4],
}

/// What passed on a serial line or a byte stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The bytes that the model sent.
    pub bytes: Vec<u8>,
    /// Cycles that passed.
    pub cycles: u64,
    /// It has nothing more to do.
    pub idle: bool,
}

/// A model that runs. It ends when this is dropped.
///
/// A cycle: the inputs are applied with the clock low, the outputs are read, the clock rises. So an output that depends
/// on an input without a register between them shows it in the same cycle. The falling edge comes with the next inputs.
#[derive(Debug)]
pub struct Running {
    process: Child,
    /// Taken when it ends: the end of its input is what tells it.
    commands: Option<ChildStdin>,
    answers: ChildStdout,
    /// What it says; a file, so that nobody has to read it while it runs.
    said: std::fs::File,
    ports: Ports,
    options: Options,
    input_bytes: usize,
    output_bytes: usize,
    command: Vec<u8>,
    answer: Vec<u8>,
}

impl Running {
    pub(super) fn start(
        program: &Path,
        arguments: [u32; 2],
        ports: &Ports,
        options: Options,
    ) -> Result<Self, ModelError> {
        let failed = |error| ModelError::Start { program: program.to_owned(), error };
        let said = tempfile::tempfile().map_err(failed)?;
        let mut process = Command::new(program)
            .args(arguments.map(|number| number.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said.try_clone().map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let (Some(commands), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(failed(std::io::Error::other("no pipes to it")));
        };
        Ok(Self {
            process,
            commands: Some(commands),
            answers,
            said,
            ports: ports.clone(),
            options,
            input_bytes: ports.inputs.bytes(),
            output_bytes: ports.outputs.bytes(),
            command: Vec::new(),
            answer: Vec::new(),
        })
    }

    /// The ports.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// One cycle: a record of inputs, answered by the outputs of that cycle before its rising edge.
    pub fn cycle(&mut self, inputs: &[u8]) -> Result<&[u8], ModelError> {
        self.whole_records(inputs, 1)?;
        self.answer.clear();
        self.portion(1, inputs)?;
        Ok(&self.answer)
    }

    /// Many cycles: records of inputs one after the other, answered by as many records of outputs.
    pub fn cycles(&mut self, inputs: &[u8]) -> Result<Vec<u8>, ModelError> {
        let count = inputs.len() / self.input_bytes.max(1);
        self.whole_records(inputs, count)?;
        self.answer = Vec::with_capacity(count * self.output_bytes);
        let records = PORTION / (self.input_bytes + self.output_bytes).max(1) + 1;
        for portion in inputs.chunks(records * self.input_bytes.max(1)) {
            self.portion((portion.len() / self.input_bytes) as u32, portion)?;
        }
        Ok(std::mem::take(&mut self.answer))
    }

    /// One cycle, with a number a port ([`super::Layout::pack`] and [`super::Layout::unpack`]).
    ///
    /// # Panics
    ///
    /// Where there are not as many values as inputs.
    pub fn step(&mut self, values: &[u128]) -> Result<Vec<u128>, ModelError> {
        let inputs = self.ports.inputs.pack(values);
        self.cycle(&inputs)?;
        Ok(self.ports.outputs.unpack(&self.answer))
    }

    /// Runs with the same inputs until one of the outputs `until` (their places among the outputs) is not 0, for at most
    /// `limit` cycles. The cycle in which it ends is not clocked: what follows is another look at it, with inputs of its
    /// own. With no output to wait for it runs `limit` cycles.
    pub fn run_until(&mut self, inputs: &[u8], until: &[usize], limit: u64) -> Result<Ran, ModelError> {
        self.whole_records(inputs, 1)?;
        let ports = self.ports.outputs.0.len();
        let mut mask = 0_u64;
        for &index in until {
            if index >= ports.min(MASKED_PORTS) {
                return Err(ModelError::Port { index, ports });
            }
            mask |= 1 << index;
        }
        self.command.clear();
        self.command.push(RUN_UNTIL);
        self.command.extend(mask.to_le_bytes());
        self.command.extend(limit.to_le_bytes());
        self.command.extend(inputs);
        self.answer.clear();
        self.exchange(9 + self.output_bytes)?;
        let (head, outputs) = self.answer.split_at(9);
        let mut cycles = [0; 8];
        cycles.copy_from_slice(&head[1..]);
        Ok(Ran { reached: head[0] != 0, cycles: u64::from_le_bytes(cycles), outputs: outputs.to_owned() })
    }

    /// Sends `bytes` on a serial line, all other inputs 0, and notes what comes back. With `until_idle` that goes on until the
    /// model was not busy and silent for `quiet` cycles, else until the last bit is sent; for at most `limit` cycles.
    pub fn serial(
        &mut self,
        pins: SerialPins,
        bytes: &[u8],
        until_idle: bool,
        quiet: u32,
        limit: u64,
    ) -> Result<Said, ModelError> {
        let (inputs, outputs) = (&self.ports.inputs, &self.ports.outputs);
        for (index, ports) in [(pins.receive, inputs), (pins.transmit, outputs), (pins.busy, outputs)] {
            if index >= ports.0.len() {
                return Err(ModelError::Port { index, ports: ports.0.len() });
            }
        }
        let places = [
            inputs.range(pins.receive).start,
            outputs.range(pins.transmit).start,
            outputs.range(pins.busy).start,
        ];
        self.command.clear();
        self.command.push(SERIAL);
        self.command.extend(places.iter().flat_map(|&place| (place as u32).to_le_bytes()));
        self.command.extend(pins.divider.to_le_bytes());
        self.command.extend(quiet.to_le_bytes());
        self.command.extend(limit.to_le_bytes());
        self.command.push(u8::from(until_idle));
        self.said(bytes)
    }

    /// Offers `bytes` on a byte stream and takes what comes, all other inputs 0, until the model was not busy and silent for `quiet`
    /// cycles; for at most `limit` cycles. In `pauses` of 256 cycles, by chance, nothing new is offered or nothing taken.
    pub fn bytes(
        &mut self,
        pins: BytePins,
        bytes: &[u8],
        pauses: u8,
        quiet: u32,
        limit: u64,
    ) -> Result<Said, ModelError> {
        let (inputs, outputs) = (&self.ports.inputs, &self.ports.outputs);
        let places = pins.inputs.map(|pin| (pin, inputs)).into_iter();
        let places = places.chain(pins.outputs.map(|pin| (pin, outputs)));
        self.command.clear();
        self.command.push(BYTES);
        for (index, ports) in places {
            if index >= ports.0.len() {
                return Err(ModelError::Port { index, ports: ports.0.len() });
            }
            self.command.extend((ports.range(index).start as u32).to_le_bytes());
        }
        self.command.push(pauses);
        self.command.extend(quiet.to_le_bytes());
        self.command.extend(limit.to_le_bytes());
        self.said(bytes)
    }

    /// The end of a command that sends bytes, and its answer.
    fn said(&mut self, bytes: &[u8]) -> Result<Said, ModelError> {
        self.command.extend((bytes.len() as u32).to_le_bytes());
        self.command.extend(bytes);
        self.answer.clear();
        self.exchange(13)?;
        let mut cycles = [0; 8];
        cycles.copy_from_slice(&self.answer[..8]);
        let idle = self.answer[8] != 0;
        let mut count = [0; 4];
        count.copy_from_slice(&self.answer[9..]);
        self.answer.clear();
        self.command.clear();
        self.exchange(u32::from_le_bytes(count) as usize)?;
        Ok(Said { bytes: std::mem::take(&mut self.answer), cycles: u64::from_le_bytes(cycles), idle })
    }

    /// Writes a trace (VCD) to `path` from here on.
    pub fn start_trace(&mut self, path: &Path) -> Result<(), ModelError> {
        if !self.options.trace {
            return Err(ModelError::NoTrace);
        }
        let path = path.as_os_str().as_encoded_bytes();
        self.command.clear();
        self.command.push(START_TRACE);
        self.command.extend((path.len() as u32).to_le_bytes());
        self.command.extend(path);
        self.exchange(1)
    }

    /// Ends the trace; the file is whole then.
    pub fn stop_trace(&mut self) -> Result<(), ModelError> {
        self.command.clear();
        self.command.push(STOP_TRACE);
        self.exchange(1)
    }

    fn whole_records(&self, inputs: &[u8], count: usize) -> Result<(), ModelError> {
        if inputs.len() == count * self.input_bytes {
            Ok(())
        } else {
            Err(ModelError::Records { bytes: inputs.len(), record: self.input_bytes })
        }
    }

    fn portion(&mut self, count: u32, inputs: &[u8]) -> Result<(), ModelError> {
        self.command.clear();
        self.command.push(CYCLES);
        self.command.extend(count.to_le_bytes());
        self.command.extend(inputs);
        self.exchange(count as usize * self.output_bytes)
    }

    /// Sends the command and appends the `bytes` of its answer.
    fn exchange(&mut self, bytes: usize) -> Result<(), ModelError> {
        let from = self.answer.len();
        self.answer.resize(from + bytes, 0);
        let sent = self.commands.as_mut().is_some_and(|pipe| pipe.write_all(&self.command).is_ok());
        if sent && self.answers.read_exact(&mut self.answer[from..]).is_ok() {
            Ok(())
        } else {
            Err(self.stopped())
        }
    }

    /// How it ended, now that a pipe is closed.
    fn stopped(&mut self) -> ModelError {
        self.commands = None;
        let status = self.process.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let mut said = Vec::new();
        let read = self.said.rewind().and_then(|()| self.said.read_to_end(&mut said));
        let stderr = match read {
            Ok(_) => end_of(&String::from_utf8_lossy(&said)).to_owned(),
            Err(error) => format!("what it said could not be read: {error}"),
        };
        ModelError::Stopped { status, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.process.wait();
    }
}
