//! What frames ask for, done on the bit-exact model: registers, memories, samples.

use arch::Identity;
use arch::counts::COUNTERS;
use arch::packing::{Unpacked, Unpacker};
use arch::protocol::{Begin, Opcode, Status};
use arch::registers::{Access, IDENTITY_REGISTERS, REGISTERS, Register, Space};
use model::fixed::Engine;

/// The engine and the registers around it.
#[derive(Debug, Clone)]
pub struct Device {
    pub engine: Engine,
    identity: [u32; IDENTITY_REGISTERS],
    unpacker: Unpacker,
    /// Events of the step whose end has not arrived.
    step: Vec<u32>,
    /// Steps of the open sample that have run.
    steps_run: u16,
    max_payload: usize,
}

impl Device {
    pub fn new(identity: &Identity) -> Self {
        Self {
            engine: Engine::new(&identity.capacity).with_features(identity.features),
            identity: identity.registers(),
            unpacker: Unpacker::default(),
            step: Vec::new(),
            steps_run: 0,
            max_payload: identity.max_payload as usize,
        }
    }

    /// Appends the identity registers.
    pub fn identify(&self, answer: &mut Vec<u8>) {
        answer.extend(self.identity.iter().flat_map(|word| word.to_le_bytes()));
    }

    /// Executes a frame that is neither identify nor a repetition. `answer` gets what follows the status; on an error
    /// the device is as it was before.
    pub fn execute(&mut self, opcode: Opcode, payload: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        match opcode {
            Opcode::Read => self.read(payload, answer),
            Opcode::Write => self.write(payload),
            Opcode::Begin => {
                self.engine.begin(Begin::decode(payload).ok_or(Status::BadLength)?)?;
                self.close_step();
                self.steps_run = 0;
                Ok(())
            }
            Opcode::Events => {
                self.events(payload)?;
                answer.extend(self.steps_run.to_le_bytes());
                Ok(())
            }
            Opcode::End => {
                empty(payload)?;
                if !self.step.is_empty() {
                    return Err(Status::StepCount);
                }
                answer.extend(self.engine.end()?.encode());
                Ok(())
            }
            Opcode::Abandon => {
                empty(payload)?;
                self.abandon();
                Ok(())
            }
            Opcode::Identify | Opcode::Repeat => Err(Status::UnknownOpcode),
        }
    }

    /// Abandons an open sample.
    pub fn abandon(&mut self) {
        self.engine.abandon();
        self.close_step();
    }

    fn close_step(&mut self) {
        self.unpacker = Unpacker::default();
        self.step.clear();
    }

    fn read(&self, payload: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        let &[space, a0, a1, a2, a3, c0, c1] = payload else { return Err(Status::BadLength) };
        let space = Space::from_code(space).filter(|space| space.info().access != Access::WriteOnly);
        let space = space.ok_or(Status::BadAddress)?;
        let address = u32::from_le_bytes([a0, a1, a2, a3]);
        let count = u32::from(u16::from_le_bytes([c0, c1]));
        let width = space.element_bytes(self.engine.capacity().weight_bits);
        if 1 + count as usize * width > self.max_payload {
            return Err(Status::BadLength);
        }
        if space != Space::Registers {
            return self.engine.read(space, address, count, answer);
        }
        let end = address.checked_add(count).filter(|&end| end <= REGISTERS.len() as u32);
        for at in address..end.ok_or(Status::BadAddress)? {
            answer.extend(self.register(REGISTERS[at as usize].register).to_le_bytes());
        }
        Ok(())
    }

    fn register(&self, register: Register) -> u32 {
        let address = register.address();
        match register {
            _ if (address as usize) < IDENTITY_REGISTERS => self.identity[address as usize],
            Register::Network => self.engine.active_layers(),
            Register::Seed => self.engine.seed(),
            Register::Status => self.engine.steps_left().map_or(0, |left| 1 | u32::from(left.min(255)) << 8),
            _ if COUNTERS.contains(&address) => {
                self.engine.counts().to_registers()[(address - COUNTERS.start()) as usize]
            }
            _ => 0,
        }
    }

    fn write(&mut self, payload: &[u8]) -> Result<(), Status> {
        let Some((&[space, a0, a1, a2, a3], bytes)) = payload.split_first_chunk() else {
            return Err(Status::BadLength);
        };
        let space = Space::from_code(space).ok_or(Status::BadAddress)?;
        let address = u32::from_le_bytes([a0, a1, a2, a3]);
        if space != Space::Registers {
            return self.engine.write(space, address, bytes);
        }
        // One at a time: what one register refuses leaves no other half written.
        let value = u32::from_le_bytes(bytes.try_into().map_err(|_| Status::BadLength)?);
        let info = REGISTERS.get(address as usize).ok_or(Status::BadAddress)?;
        if info.access == Access::ReadOnly {
            return Err(Status::ReadOnly);
        }
        if self.engine.steps_left().is_some() {
            return Err(Status::SampleOpen);
        }
        match info.register {
            Register::Network => self.engine.activate(value).map_err(|_| Status::BadDescriptor),
            Register::Seed => self.engine.set_seed(value),
            Register::ClearCounters if value == 1 => {
                self.engine.clear_counts();
                Ok(())
            }
            _ => Err(Status::BadValue),
        }
    }

    /// Takes packed events. The whole payload is looked at before any of it is executed.
    fn events(&mut self, payload: &[u8]) -> Result<(), Status> {
        let mut left = self.engine.steps_left().ok_or(Status::NoSample)?;
        let inputs = self.engine.inputs();
        let mut unpacker = self.unpacker;
        for &byte in payload {
            if left == 0 {
                return Err(Status::StepCount);
            }
            match unpacker.push(byte, inputs).map_err(|_| Status::BadEvent)? {
                Unpacked::EndOfStep => left -= 1,
                Unpacked::Event(_) | Unpacked::Skip => {}
            }
        }
        for &byte in payload {
            match self.unpacker.push(byte, inputs).map_err(|_| Status::BadEvent)? {
                Unpacked::Event(input) => self.step.push(input),
                Unpacked::EndOfStep => {
                    self.engine.step(&self.step)?;
                    self.step.clear();
                    self.steps_run += 1;
                }
                Unpacked::Skip => {}
            }
        }
        Ok(())
    }
}

fn empty(payload: &[u8]) -> Result<(), Status> {
    if payload.is_empty() { Ok(()) } else { Err(Status::BadLength) }
}
