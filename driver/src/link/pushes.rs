//! What a link sends for its own sake: pushes between frames, and the probes that tell whether they are of use.

use std::time::Duration;

use arch::protocol::Opcode;

use super::Link;
use crate::LinkError;
use crate::pace::{Measured, PUSH, Probe};

impl Link {
    /// Bytes that are unanswered.
    pub(super) fn under_way(&self) -> usize {
        self.unanswered.iter().map(|frame| frame.wire.len()).sum()
    }

    /// Whether enough has been sent since the last push for another.
    pub(super) fn push_is_due(&self) -> bool {
        let since = self.unanswered.iter().rev().take_while(|frame| !frame.push);
        let (frames, bytes) =
            since.fold((0, 0), |(frames, bytes), frame| (frames + 1, bytes + frame.wire.len()));
        frames >= self.buffers.window / 2 || bytes >= self.pace.payload / 2
    }

    /// Sends a push, where they are of use, one is not the newest frame, and it fits.
    pub(super) fn push(&mut self) {
        let Some(newest) = self.unanswered.back().filter(|newest| self.pace.pushes && !newest.push) else {
            return;
        };
        let room = self.unanswered.len() < self.buffers.window
            && self.under_way() + PUSH <= self.buffers.receive_buffer;
        if room && newest.opcode != Opcode::Identify {
            self.probe(Probe::Push);
            self.counts.pushes += 1;
        }
    }

    fn probe(&mut self, probe: Probe) {
        let (opcode, payload) = probe.frame();
        self.submit(opcode, &payload);
        if let Some(frame) = self.unanswered.back_mut() {
            frame.push = true;
        }
    }

    /// Measures how long answers take beside their bytes: by themselves and, where that is long, with a push behind them.
    pub(super) fn measure(&mut self, rate: u32) -> Result<Measured, LinkError> {
        let wait = self.time_of(rate, &[Probe::Short])?;
        let half = Duration::from_secs_f64((self.buffers.receive_buffer / 2) as f64 / f64::from(rate));
        let pushed = if wait > half && self.buffers.window > 1 {
            Some(self.time_of(rate, &[Probe::Short, Probe::Push])?)
        } else {
            None
        };
        Ok(Measured { rate, wait, pushed })
    }

    /// The time from sending `probes` to the answer to the first, without that of the bytes of them all; the median of three.
    fn time_of(&mut self, rate: u32, probes: &[Probe]) -> Result<Duration, LinkError> {
        let bytes: usize = probes.iter().map(|probe| probe.bytes()).sum();
        let line = Duration::from_secs_f64(bytes as f64 / f64::from(rate));
        let mut times = [Duration::ZERO; 3];
        for time in &mut times {
            let start = self.transport.now();
            probes.iter().for_each(|&probe| self.probe(probe));
            self.answer(&mut |_, _| {})?;
            *time = self.transport.now().saturating_duration_since(start).saturating_sub(line);
            while !self.unanswered.is_empty() {
                self.answer(&mut |_, _| {})?;
            }
        }
        times.sort_unstable();
        Ok(times[1])
    }
}
