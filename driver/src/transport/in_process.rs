//! A device in the same process: bytes in, bytes out, and no wire between.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::{Transport, TransportError};

/// A device that is moved by being given bytes.
pub trait ByteDevice {
    /// Takes what the host sends, which may be nothing, and appends what the device sends back.
    ///
    /// A device that computes over time does so here. With bytes from the host it may stop as soon as they are taken; without, it goes on for as long as it has something to
    /// do.
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>);

    /// Why it can do nothing any more, where that is so.
    fn failure(&self) -> Option<String> {
        None
    }
}

/// A device that something else looks at too.
impl<D: ByteDevice + ?Sized> ByteDevice for Rc<RefCell<D>> {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        self.borrow_mut().exchange(from_host, to_host);
    }

    fn failure(&self) -> Option<String> {
        self.borrow().failure()
    }
}

impl<D: ByteDevice + ?Sized> ByteDevice for Box<D> {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        (**self).exchange(from_host, to_host);
    }

    fn failure(&self) -> Option<String> {
        (**self).failure()
    }
}

/// A device whose power can be taken for a moment: its memories and its session are gone, as after power-up.
pub trait PowerCycle {
    /// Takes it.
    fn power_cycle(&mut self);
}

impl<D: PowerCycle + ?Sized> PowerCycle for Rc<RefCell<D>> {
    fn power_cycle(&mut self) {
        self.borrow_mut().power_cycle();
    }
}

/// Transport to a [`ByteDevice`].
#[derive(Debug)]
pub struct InProcess<D> {
    device: D,
    arrived: Vec<u8>,
    taken: usize,
}

impl<D: ByteDevice> InProcess<D> {
    /// A transport to `device`.
    pub fn new(device: D) -> Self {
        Self { device, arrived: Vec::new(), taken: 0 }
    }
}

impl<D: ByteDevice> Transport for InProcess<D> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        if self.taken == self.arrived.len() {
            self.arrived.clear();
            self.taken = 0;
        }
        self.device.exchange(bytes, &mut self.arrived);
        let failed = |problem| TransportError::Device { description: self.description(), problem };
        self.device.failure().map_or(Ok(()), |problem| Err(failed(problem)))
    }

    fn receive(&mut self, buffer: &mut [u8], _timeout: Duration) -> Result<usize, TransportError> {
        if self.taken == self.arrived.len() {
            self.send(&[])?;
        }
        let waiting = &self.arrived[self.taken..];
        let count = waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&waiting[..count]);
        self.taken += count;
        Ok(count)
    }

    fn description(&self) -> String {
        "the board in this process".to_owned()
    }
}
