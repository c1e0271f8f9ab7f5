//! What formats with records of one size have in common.

use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Input, Sensor};

/// Decodes records of `N` bytes, one event each, as many as are buffered and fit; `finish` may change them
/// together afterwards. False at the end.
pub(super) fn decode<const N: usize>(
    input: &mut Input,
    chunk: &mut Chunk,
    faults: &mut Faults,
    sensor: Option<Sensor>,
    event: impl Fn(&[u8; N]) -> Event,
    finish: impl FnOnce(&mut [Event]),
) -> Result<bool, Fault> {
    let offset = input.offset();
    let Some(records) = whole::<N>(input, faults)? else { return Ok(false) };
    let from = chunk.len();
    let count = records.len().min(chunk.room());
    let free = &mut chunk.free()[..count];
    free.iter_mut().zip(records).for_each(|(place, record)| *place = event(record));
    finish(free);
    chunk.advance(count);
    input.consume(count * N);
    chunk.check_sensor(from, sensor, faults, |index| offset + (index * N) as u64)?;
    Ok(true)
}

/// Decodes up to `limit` records of `N` bytes of which some are no events: `event` gets a record and its byte
/// offset. False at the end.
pub(super) fn scan<const N: usize>(
    input: &mut Input,
    chunk: &mut Chunk,
    faults: &mut Faults,
    sensor: Option<Sensor>,
    limit: usize,
    mut event: impl FnMut(&[u8; N], u64, &mut Faults) -> Result<Option<Event>, Fault>,
) -> Result<bool, Fault> {
    let mut offset = input.offset();
    let Some(records) = whole::<N>(input, faults)? else { return Ok(false) };
    let sensor = sensor.unwrap_or(Sensor { width: u16::MAX, height: u16::MAX });
    let free = chunk.free();
    let mut filled = 0;
    let mut used = 0;
    let mut stopped = Ok(());
    for record in records.iter().take(limit) {
        if filled == free.len() {
            break;
        }
        used += 1;
        match event(record, offset, faults) {
            Ok(Some(event)) if sensor.contains(event.x, event.y) => {
                free[filled] = event;
                filled += 1;
            }
            Ok(Some(event)) => stopped = faults.outside(offset, &event, sensor),
            Ok(None) => {}
            Err(fault) => stopped = Err(fault),
        }
        if stopped.is_err() {
            break;
        }
        offset += N as u64;
    }
    chunk.advance(filled);
    input.consume(used * N);
    stopped.map(|()| true)
}

/// The whole records that are buffered, at least one. None at the end, where a part of a record is damage.
fn whole<'a, const N: usize>(
    input: &'a mut Input,
    faults: &mut Faults,
) -> Result<Option<&'a [[u8; N]]>, Fault> {
    let seen = input.fill(N).len();
    if seen < N {
        let offset = input.offset();
        input.consume(seen);
        if seen > 0 {
            faults.cut(offset, "a record", seen, N)?;
        }
        return Ok(None);
    }
    Ok(Some(input.fill(N).as_chunks::<N>().0))
}
