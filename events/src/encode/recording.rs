//! Binning: a recording's events, sorted into time steps of equal width.

use super::scale;
use crate::error::Error;
use crate::item::Recording;
use crate::shape::Shape;
use crate::spikes::SpikeTrain;

/// Cuts the recording's window, or else its own duration `[first, last]`, into `steps` equal parts. An event at `t`
/// belongs to step `(t - first) * steps / (last - first + 1)`, rounded down. However many events share a step and an input
/// location, that input spikes once. A recording without events is silent.
///
/// Channel 0 holds the OFF events and channel 1 the ON events; a single channel holds both.
pub(super) fn bin(recording: &Recording, shape: Shape, steps: u16) -> Result<SpikeTrain, Error> {
    recording.check()?;
    let Shape { channels, height, width } = place_on_sensor(recording, shape)?;
    let (rows, columns) = (scale::cells(recording.height, height), scale::cells(recording.width, width));
    let (height, width) = (u32::from(height), u32::from(width));

    let inputs = shape.inputs();
    let mut train = SpikeTrain::with_capacity(inputs as u32, steps.into());
    let mut active = ActiveSet::new(inputs);
    let events = &recording.events;
    let own = || events.first().zip(events.last()).map_or((0, 0), |(a, b)| (a.t_us, b.t_us));
    let (first, last) = recording.window_us.as_ref().map_or_else(own, |w| (w.start, w.end.saturating_sub(1)));
    let duration = u128::from(last.saturating_sub(first)) + 1;
    let mut events = events.iter().peekable();
    for step in 1..=u64::from(steps) {
        // (t - first) * steps < step * duration, for times of 64 bits.
        let end = (u128::from(step) * duration).div_ceil(u128::from(steps));
        while let Some(event) = events.next_if(|event| u128::from(event.t_us - first) < end) {
            let channel = u32::from(event.on && channels == 2);
            for y in rows[usize::from(event.y)].clone() {
                for x in columns[usize::from(event.x)].clone() {
                    active.insert((channel * height + y) * width + x);
                }
            }
        }
        train.push_step(active.drain())?;
    }
    Ok(train)
}

/// The shape as channels of a sensor: a flat one must be the sensor's native size.
fn place_on_sensor(recording: &Recording, shape: Shape) -> Result<Shape, Error> {
    let native = |channels| Shape { channels, height: recording.height, width: recording.width };
    if shape.is_flat() {
        return [native(1), native(2)].into_iter().find(|n| n.inputs() == shape.inputs()).ok_or_else(|| {
            Error::FlatRecording {
                name: recording.name.clone(),
                seen: shape.inputs(),
                merged: native(1).inputs(),
                apart: native(2).inputs(),
            }
        });
    }
    if !matches!(shape.channels, 1 | 2) {
        return Err(Error::RecordingChannels { name: recording.name.clone(), shape });
    }
    Ok(shape)
}

/// A set of input locations, one bit each, that is emptied in ascending order.
struct ActiveSet(Vec<u64>);

impl ActiveSet {
    fn new(inputs: usize) -> Self {
        ActiveSet(vec![0; inputs.div_ceil(64)])
    }

    fn insert(&mut self, index: u32) {
        self.0[index as usize / 64] |= 1 << (index % 64);
    }

    fn drain(&mut self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter_mut().enumerate().flat_map(|(position, word)| {
            let mut bits = std::mem::take(word);
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros())?;
                bits &= bits - 1;
                Some(position as u32 * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Event;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn recording(width: u16, height: u16, events: &[(u32, u16, u16, bool)]) -> Recording {
        let events =
            events.iter().map(|&(t_us, x, y, on)| Event { t_us: u64::from(t_us), x, y, on }).collect();
        Recording { label: 0, name: "here".into(), width, height, events, window_us: None }
    }

    fn steps(recording: &Recording, shape: &str, steps: u16) -> Vec<Vec<u32>> {
        let train = bin(recording, shape.parse().unwrap(), steps).unwrap();
        train.iter().map(<[u32]>::to_vec).collect()
    }

    #[test]
    fn a_step_is_an_equal_part_of_the_duration() {
        // 100..=109 µs: 10 µs, so two steps of 5 µs; the doubled event spikes once.
        let events =
            [(100, 0, 0, true), (104, 1, 0, true), (104, 1, 0, true), (105, 0, 1, true), (109, 1, 1, true)];
        let recording = recording(2, 2, &events);
        assert_eq!(steps(&recording, "1x2x2", 2), [vec![0, 1], vec![2, 3]]);
        assert_eq!(steps(&recording, "1x2x2", 1), [vec![0, 1, 2, 3]]);
    }

    #[test]
    fn the_steps_of_a_window_are_parts_of_it_whatever_happens_in_it() {
        let recording = Recording {
            window_us: Some(100..110),
            ..recording(2, 2, &[(104, 0, 0, true), (105, 1, 0, true)])
        };
        assert_eq!(steps(&recording, "1x2x2", 2), [[0], [1]]);
        assert_eq!(steps(&recording, "1x2x2", 5), [vec![], vec![], vec![0, 1], vec![], vec![]]);
    }

    #[test]
    fn channels_are_off_then_on_and_one_channel_merges_them() {
        let recording = recording(2, 2, &[(0, 0, 0, true), (0, 0, 0, false), (0, 1, 1, true)]);
        assert_eq!(steps(&recording, "2x2x2", 1), [[0, 4, 7]]);
        assert_eq!(steps(&recording, "8", 1), [[0, 4, 7]]);
        assert_eq!(steps(&recording, "1x2x2", 1), [[0, 3]]);
        assert_eq!(steps(&recording, "4", 1), [[0, 3]]);
    }

    #[test]
    fn a_smaller_network_merges_pixels_and_a_larger_one_repeats_them() {
        let recording = recording(4, 2, &[(0, 0, 0, true), (0, 3, 1, true)]);
        assert_eq!(steps(&recording, "1x2x2", 1), [[0, 3]]);
        assert_eq!(steps(&recording, "1x2x8", 1), [[0, 1, 14, 15]]);
        assert_eq!(steps(&recording, "1x4x2", 1), [[0, 2, 5, 7]]);
    }

    #[test]
    fn one_event_and_none_are_recordings_too() {
        assert_eq!(steps(&recording(1, 1, &[(u32::MAX, 0, 0, true)]), "2x1x1", 3), [vec![1], vec![], vec![]]);
        assert_eq!(steps(&recording(1, 1, &[]), "2x1x1", 2), [vec![], vec![0; 0]]);
        let longest = recording(1, 1, &[(0, 0, 0, true), (u32::MAX, 0, 0, false)]);
        let train = bin(&longest, "2x1x1".parse().unwrap(), u16::MAX).unwrap();
        assert_eq!((train.steps(), train.step(0), train.step(65_534)), (65_535, &[1][..], &[0][..]));
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let recording = recording(34, 34, &[(0, 0, 0, true)]);
        let message = bin(&recording, "3x17x17".parse().unwrap(), 1).unwrap_err().to_string();
        assert!(message.contains("`here`") && message.contains("3x17x17") && message.contains("2xHxW"));
        let message = bin(&recording, "578".parse().unwrap(), 1).unwrap_err().to_string();
        assert!(message.contains("578") && message.contains("2312") && message.contains("1156"), "{message}");
    }

    #[test]
    fn a_recording_that_contradicts_itself_is_refused() {
        let outside = recording(2, 2, &[(0, 2, 0, true)]);
        assert!(matches!(bin(&outside, "1x2x2".parse().unwrap(), 1), Err(Error::OutsideSensor { .. })));
        let backwards = recording(2, 2, &[(1, 0, 0, true), (0, 0, 0, true)]);
        assert!(matches!(bin(&backwards, "1x2x2".parse().unwrap(), 1), Err(Error::TimeBackwards { .. })));
    }

    prop_compose! {
        fn any_recording()(width in 1u16..12, height in 1u16..12)(
            width in Just(width),
            height in Just(height),
            mut events in prop::collection::vec((0u32..1000, 0..width, 0..height, any::<bool>()), 0..60),
        ) -> Recording {
            events.sort_by_key(|event| event.0);
            recording(width, height, &events)
        }
    }

    proptest! {
        /// Against the definition, cell by cell.
        #[test]
        fn a_cell_spikes_if_and_only_if_an_event_falls_into_it(
            recording in any_recording(),
            channels in 1u16..=2,
            height in 2u16..12,
            width in 1u16..12,
            steps in 1u16..20,
        ) {
            let shape = Shape { channels, height, width };
            let train = bin(&recording, shape, steps).unwrap();
            let first = recording.events.first().map_or(0, |event| event.t_us);
            let last = recording.events.last().map_or(0, |event| event.t_us);
            let reaches = |pixel: u16, from: u16, cell: u16, to: u16| {
                if to <= from { pixel * to / from == cell } else { cell * from / to == pixel }
            };
            let mut wanted = BTreeSet::new();
            for event in &recording.events {
                let step = (event.t_us - first) * u64::from(steps) / (last - first + 1);
                let channel = if channels == 2 { u16::from(event.on) } else { 0 };
                for y in (0..height).filter(|&y| reaches(event.y, recording.height, y, height)) {
                    for x in (0..width).filter(|&x| reaches(event.x, recording.width, x, width)) {
                        wanted.insert((step as usize, u32::from((channel * height + y) * width + x)));
                    }
                }
            }
            let seen: BTreeSet<_> =
                train.iter().enumerate().flat_map(|(t, step)| step.iter().map(move |&i| (t, i))).collect();
            prop_assert_eq!(train.steps(), usize::from(steps));
            prop_assert_eq!(train.spikes(), wanted.len());
            prop_assert_eq!(seen, wanted);
        }
    }
}
