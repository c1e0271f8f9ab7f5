//! The waveform of the last cycles, so that a long run can be looked at where it failed.
//!
//! Two stretches of VCD are kept, each starting with a full dump: the current one and the one before. When the
//! current one is full the older one is dropped.

use rust_hdl_core::block::Block;
use rust_hdl_core::vcd_probe::{VCDProbe, write_vcd_change, write_vcd_dump, write_vcd_header};
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

/// Picoseconds of a clock period in the waveform: 40 ns, 25 MHz.
const PERIOD: u64 = 40_000;

#[derive(Clone, Default)]
struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Stretch {
    buffer: Buffer,
    /// Bytes of the declarations at its beginning.
    header: usize,
    first_cycle: u64,
    probe: Option<VCDProbe<Buffer>>,
}

/// A bounded waveform.
pub struct Trace {
    cycles: u64,
    before: Option<Stretch>,
    current: Option<Stretch>,
}

impl Trace {
    /// Keeps at least the last `cycles` cycles.
    pub fn new(cycles: u64) -> Self {
        Self { cycles: cycles.max(1), before: None, current: None }
    }

    pub(super) fn record(&mut self, cycle: u64, high: bool, block: &dyn Block) -> std::io::Result<()> {
        if self.current.as_ref().is_none_or(|s| cycle - s.first_cycle >= self.cycles) {
            let buffer = Buffer::default();
            let mut probe = write_vcd_header(buffer.clone(), block);
            let header = buffer.0.borrow().len();
            probe.timestamp(time(cycle, high))?;
            let probe = Some(write_vcd_dump(probe, block));
            self.before = self.current.replace(Stretch { buffer, header, first_cycle: cycle, probe });
            return Ok(());
        }
        let Some(stretch) = &mut self.current else { return Ok(()) };
        let Some(mut probe) = stretch.probe.take() else { return Ok(()) };
        probe.timestamp(time(cycle, high))?;
        stretch.probe = Some(write_vcd_change(probe, block));
        Ok(())
    }

    /// The kept stretches as one VCD text.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for stretch in self.before.iter().chain(&self.current) {
            let from = if text.is_empty() { 0 } else { stretch.header };
            text.extend_from_slice(&stretch.buffer.0.borrow()[from..]);
        }
        text
    }
}

fn time(cycle: u64, high: bool) -> u64 {
    cycle * PERIOD + if high { PERIOD / 2 } else { 0 }
}
