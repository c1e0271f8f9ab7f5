//! What formats with records of one size have in common.

use crate::item::Event;
use crate::recording::{Chunk, Fault, Faults, Input, Sensor};

/// Decodes records of `N` bytes, one event each, as many as are buffered and fit. False at the end.
pub(super) fn decode<const N: usize>(
    input: &mut Input,
    chunk: &mut Chunk,
    faults: &mut Faults,
    sensor: Option<Sensor>,
    event: impl Fn(&[u8; N]) -> Event,
) -> Result<bool, Fault> {
    let offset = input.offset();
    let Some(bytes) = whole::<N>(input, faults)? else { return Ok(false) };
    let (records, _) = bytes.as_chunks::<N>();
    let from = chunk.len();
    let count = records.len().min(chunk.room());
    chunk.free().iter_mut().zip(&records[..count]).for_each(|(place, record)| *place = event(record));
    chunk.advance(count);
    input.consume(count * N);
    chunk.check_sensor(from, sensor, faults, |index| offset + (index * N) as u64)?;
    Ok(true)
}

/// What is buffered, at least one record of `N` bytes. None at the end, where a part of a record is damage.
pub(super) fn whole<'a, const N: usize>(
    input: &'a mut Input,
    faults: &mut Faults,
) -> Result<Option<&'a [u8]>, Fault> {
    let seen = input.fill(N).len();
    if seen < N {
        let offset = input.offset();
        input.consume(seen);
        if seen > 0 {
            faults.cut(offset, "a record", seen, N)?;
        }
        return Ok(None);
    }
    Ok(Some(input.fill(N)))
}
