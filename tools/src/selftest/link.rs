//! How quickly bytes pass, and whether all of them do.

use std::time::Duration;

use arch::registers::{Register, Space};
use driver::transport::paced::BYTE_BITS;
use driver::{LinkCounts, Session, SessionError};

use crate::finding::Finding;

/// The most round trips that the mean is of.
const ROUND_TRIPS: u32 = 64;
/// How long each measurement goes on, unless it has come to its end.
const ENOUGH: Duration = Duration::from_millis(250);
/// Bytes of weights that travel at a time, and how often at most.
const BLOCK: usize = 2048;
const BLOCKS: u32 = 32;
/// A short answer that waits longer than this, in seconds, waits for an adapter's latency timer.
const LONG_WAIT: f64 = 2e-3;

/// A line that loses or changes bytes. The protocol repeats what was lost, so that nothing but time is.
#[derive(Debug, thiserror::Error)]
pub enum LinkFault {
    /// Frames did not get through at first.
    #[error("{repeated} frames were sent again, {damaged} came back damaged, of {frames}: wanted 0")]
    Lossy {
        /// Frames sent.
        frames: u64,
        /// Of those, how many again.
        repeated: u64,
        /// Frames that came damaged.
        damaged: u64,
    },
}

/// Payload bytes a second.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// To the board.
    pub write: f64,
    /// From it.
    pub read: f64,
}

/// Measures round trips and throughput. Weights are written with what they hold.
pub fn measure(session: &mut Session, baud: Option<u32>) -> Result<(Speed, Finding), SessionError> {
    let (trips, _, took) = repeated(session, ROUND_TRIPS, |session| {
        session.read_register(Register::Magic)?;
        Ok(())
    })?;
    let round_trip = took.as_secs_f64() / f64::from(trips);
    let capacity = &session.identity().capacity;
    let width = capacity.weight_bits.bytes();
    let elements = capacity.synapses.min((BLOCK / width) as u32);
    let bytes = f64::from(elements) * width as f64;
    let held = session.read(Space::Weights, 0, elements)?;
    let (reads, read_counts, reading) = repeated(session, BLOCKS, |session| {
        session.read(Space::Weights, 0, elements)?;
        Ok(())
    })?;
    let (writes, write_counts, writing) =
        repeated(session, BLOCKS, |session| session.write(Space::Weights, 0, &held))?;
    let rate = |blocks: u32, took: Duration| f64::from(blocks) * bytes / took.as_secs_f64().max(1e-9);
    let speed = Speed { write: rate(writes, writing), read: rate(reads, reading) };
    let mut detail = format!(
        "{:.0} µs a round trip\n{:.0} kB/s written, {:.0} kB/s read",
        round_trip * 1e6,
        speed.write / 1e3,
        speed.read / 1e3
    );
    let wait = session.pace().wait.unwrap_or(0.0);
    if wait > LONG_WAIT {
        detail += &format!("\n{}", waits(wait));
    }
    let mut measured = vec![
        ("answer_waits_us", wait * 1e6),
        ("round_trip_us", round_trip * 1e6),
        ("write_bytes_per_second", speed.write),
        ("read_bytes_per_second", speed.read),
    ];
    if let Some(baud) = baud {
        // The frames' own bytes are counted, too.
        let part = |bytes: u64, took: Duration| {
            (bytes * u64::from(BYTE_BITS)) as f64 / took.as_secs_f64().max(1e-9) / f64::from(baud.max(1))
        };
        let (write, read) =
            (part(write_counts.bytes_sent, writing), part(read_counts.bytes_received, reading));
        detail += &format!("\n{:.0} % and {:.0} % of {baud} baud", 100.0 * write, 100.0 * read);
        if write.max(read) > 1.01 {
            detail += ": no such line is between, but a pseudo-terminal";
        }
        measured.extend([("write_part_of_baud", write), ("read_part_of_baud", read)]);
    }
    let finding = Finding { measured: measured.into_iter().collect(), ..Finding::good("link", detail) };
    Ok((speed, finding))
}

/// What to do about an adapter that holds back short answers.
fn waits(wait: f64) -> String {
    format!(
        "short answers wait {:.1} ms in the adapter; FTDI's wait 1 ms after (for ttyUSB0)\n    \
         echo 1 | sudo tee /sys/bus/usb-serial/devices/ttyUSB0/latency_timer",
        wait * 1e3
    )
}

/// Does something up to `most` times: how often, what passed the link meanwhile, how long it took.
fn repeated(
    session: &mut Session,
    most: u32,
    mut what: impl FnMut(&mut Session) -> Result<(), SessionError>,
) -> Result<(u32, LinkCounts, Duration), SessionError> {
    let (before, start) = (session.link_counts(), session.now());
    let (mut times, mut took) = (0, Duration::ZERO);
    while times < most && (times == 0 || took < ENOUGH) {
        what(session)?;
        times += 1;
        took = session.now().saturating_duration_since(start);
    }
    Ok((times, since(before, session.link_counts()), took))
}

fn since(before: LinkCounts, now: LinkCounts) -> LinkCounts {
    LinkCounts {
        frames: now.frames - before.frames,
        pushes: now.pushes - before.pushes,
        repeated: now.repeated - before.repeated,
        asked: now.asked - before.asked,
        damaged: now.damaged - before.damaged,
        bytes_sent: now.bytes_sent - before.bytes_sent,
        bytes_received: now.bytes_received - before.bytes_received,
    }
}

/// Whether every frame got through at once.
pub fn check(before: LinkCounts, now: LinkCounts) -> Result<String, LinkFault> {
    let LinkCounts { frames, repeated, damaged, bytes_sent, bytes_received, .. } = since(before, now);
    if repeated > 0 || damaged > 0 {
        return Err(LinkFault::Lossy { frames, repeated, damaged });
    }
    Ok(format!("{frames} frames, {} kB, each once", (bytes_sent + bytes_received) / 1000))
}
