//! Windows, of recordings and of streams.

use super::words::any_window;
use super::*;

/// Windows as their times and the times of their events.
fn windows(text: &str, times: &[u64]) -> Vec<(Option<std::ops::Range<u64>>, Vec<u64>)> {
    let rows: Vec<Row> = times.iter().map(|&t_us| (t_us, 0, 0, true)).collect();
    let windows = pipeline(text).prepare(recording(1, 1, &rows)).unwrap();
    let times = |window: Recording| window.events.iter().map(|event| event.t_us).collect();
    windows.into_iter().map(|window| (window.window_us.clone(), times(window))).collect()
}

#[test]
fn windows_of_time_begin_with_the_first_event() {
    let times = [100, 105, 109, 110, 131, 135];
    let cut = windows("window=10us", &times);
    let whole =
        [(Some(100..110), vec![100, 105, 109]), (Some(110..120), vec![110]), (Some(120..130), vec![])];
    assert_eq!(cut, whole);
    let kept = windows("window=10us,last=keep", &times);
    assert_eq!((&kept[..3], &kept[3]), (&whole[..], &(Some(130..140), vec![131, 135])));
    // The last event fills the window: it is whole.
    assert_eq!(windows("window=10us", &[0, 9]), [(Some(0..10), vec![0, 9])]);
    assert_eq!(windows("window=10us", &[0, 8]), []);
    // The last moment that 64 bits hold.
    assert_eq!(
        windows("window=10us,last=keep", &[u64::MAX - 3]),
        [(Some(u64::MAX - 3..u64::MAX), vec![u64::MAX - 3])]
    );
}

#[test]
fn windows_overlap_or_leave_gaps() {
    let times = [0, 5, 10, 15, 20];
    let cut = windows("window=10us,every=5us", &times);
    assert_eq!(cut, [(Some(0..10), vec![0, 5]), (Some(5..15), vec![5, 10]), (Some(10..20), vec![10, 15])]);
    // What is left is kept once, not once for each window that would hold it.
    let cut = windows("window=10us,every=5us,last=keep", &times);
    assert_eq!(cut[3..], [(Some(15..25), vec![15, 20])]);
    let cut = windows("window=5us,every=10us,last=keep", &times);
    assert_eq!(cut, [(Some(0..5), vec![0]), (Some(10..15), vec![10]), (Some(20..25), vec![20])]);
    let cut = windows("window=3events,every=1events", &times);
    assert_eq!(cut, [(None, vec![0, 5, 10]), (None, vec![5, 10, 15]), (None, vec![10, 15, 20])]);
    assert_eq!(windows("window=1events,every=3events", &times), [(None, vec![0]), (None, vec![15])]);
}

#[test]
fn a_part_is_cut_from_its_start_to_its_end() {
    let part =
        Recording { window_us: Some(90..130), ..recording(1, 1, &[(101, 0, 0, true), (112, 0, 0, true)]) };
    let windows = pipeline("window=10us").prepare(part.clone()).unwrap();
    let counts: Vec<_> =
        windows.iter().map(|w| (w.window_us.clone().unwrap().start, w.events.len())).collect();
    assert_eq!(counts, [(90, 0), (100, 1), (110, 1), (120, 0)]);
    assert_eq!(pipeline("window=30us,last=keep").prepare(part).unwrap().len(), 1, "nothing is left but time");
}

#[test]
fn windows_of_events_hold_as_many() {
    let times = [0, 0, 0, 7, 9];
    assert_eq!(windows("window=2events", &times), [(None, vec![0, 0]), (None, vec![0, 7])]);
    assert_eq!(windows("window=2events,last=keep", &times)[2], (None, vec![9]));
    assert_eq!(windows("window=5events,last=keep", &times), [(None, times.to_vec())]);
    assert_eq!(windows("window=6events", &times), []);
}

#[test]
fn a_window_is_an_item_named_after_its_recording() {
    let pipeline = pipeline("window=2us | downsample=2");
    let windows =
        pipeline.prepare(recording(4, 4, &[(0, 3, 3, true), (1, 0, 0, true), (3, 2, 2, true)])).unwrap();
    let names: Vec<_> =
        windows.iter().map(|window| (window.name.as_str(), window.label, window.width)).collect();
    assert_eq!(names, [("here#0", 3, 2), ("here#1", 3, 2)]);
}

#[test]
fn what_cannot_end_is_refused() {
    let refused =
        |text: &str, rows: &[Row]| pipeline(text).prepare(recording(1, 1, rows)).unwrap_err().to_string();
    let seen = refused("window=1us", &[(0, 0, 0, true), (1 << 20, 0, 0, true)]);
    assert!(
        seen.contains("stage 1 of the pipeline, `window=1us`") && seen.contains("65536 windows"),
        "{seen}"
    );
    let many = vec![(0, 0, 0, true); 1 << 16];
    let late: Vec<Row> = many.iter().copied().chain([(5000, 0, 0, true), (7000, 0, 0, true)]).collect();
    assert!(pipeline("window=5ms,every=1us").prepare(recording(1, 1, &late)).is_ok());
    let mut spread: Vec<Row> = (0..1 << 13).map(|t| (t, 0, 0, true)).collect();
    spread.extend(vec![(1 << 13, 0, 0, true); 1 << 14]);
    spread.push((1 << 15, 0, 0, true));
    let seen = refused("window=8192us,every=1us", &spread);
    assert!(seen.contains("overlap") && seen.contains("67108864 events"), "{seen}");
}

prop_compose! {
    pub(super) fn any_recording()(mut rows in prop::collection::vec((0u64..20_000, 0u16..8, 0u16..6, any::<bool>()), 0..300)) -> Recording {
        rows.sort_by_key(|row| row.0);
        recording(8, 6, &rows)
    }
}

proptest! {
    /// However a stream comes in, its windows are those of the recording.
    #[test]
    fn a_stream_gives_the_windows_of_its_recording(
        recording in any_recording(),
        chunks in prop::collection::vec(1usize..50, 1..10),
        window in any_window(),
    ) {
        let window = Stage::Window(Window { keep_last: false, ..window });
        let stages = format!("crop=6x6 | background=3ms | quantise=1ms | downsample=2 | {window} | polarity=swap | quantise=500us");
        let pipeline = pipeline(&stages);
        let whole = pipeline.prepare(recording.clone()).unwrap();
        let mut live = pipeline.live(Sensor { width: 8, height: 6 }).unwrap();
        let (mut windows, mut rest) = (Vec::new(), &recording.events[..]);
        for size in chunks.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, others) = rest.split_at((*size).min(rest.len()));
            windows.extend(live.push(chunk).unwrap());
            rest = others;
        }
        // The last window of a recording may be full to its last µs: known at the end.
        windows.extend(live.finish().unwrap().0);
        prop_assert_eq!(windows.len(), whole.len());
        for (live, whole) in windows.iter().zip(&whole) {
            prop_assert_eq!(&live.events, &whole.events);
            prop_assert_eq!(&live.window_us, &whole.window_us);
            prop_assert_eq!((live.width, live.height), (whole.width, whole.height));
        }
    }
}

#[test]
fn a_stream_must_be_cut_and_keeps_to_its_sensor_and_to_time() {
    let sensor = Sensor { width: 8, height: 6 };
    let seen = pipeline("crop=4x4").live(sensor).err().unwrap().to_string();
    assert!(seen.contains("`crop=4x4` has no window") && seen.contains("window=100ms"), "{seen}");
    assert!(pipeline("crop=9x4 | window=1ms").live(sensor).is_err());
    let mut live = pipeline("window=10us | shift=2").live(sensor).unwrap();
    let event = |t_us, x| Event { t_us, x, y: 0, on: true };
    // 90 µs comes after 102: it is taken for 102.
    let windows = live.push(&[event(100, 1), event(102, 2), event(90, 3), event(110, 4)]).unwrap();
    assert_eq!(windows.len(), 1);
    assert_eq!(rows(&windows[0]), [(100, 1, 0, true), (102, 2, 0, true), (102, 3, 0, true)]);
    let seen = live.push(&[event(111, 8)]).unwrap_err().to_string();
    assert!(seen.contains("x = 8, y = 0") && seen.contains("8x6"), "{seen}");
    let seen = live.push(&[event(u64::MAX, 0)]).unwrap_err().to_string();
    assert!(seen.contains("more than 65536 windows"), "{seen}");
}

#[test]
fn a_window_may_be_put_in_place_of_another() {
    let Stage::Window(window) = pipeline("window=5ms").stages()[0].clone() else { panic!("no window") };
    for (before, after) in [
        ("", "window=5ms"),
        ("crop=4x4 | window=1s | shift=2", "crop=4x4 | window=5ms | shift=2"),
        ("crop=4x4 | shift=2 | drop=0.1", "crop=4x4 | window=5ms | shift=2 | drop=0.1"),
    ] {
        assert_eq!(pipeline(before).with_window(window).unwrap(), pipeline(after));
    }
}

#[test]
fn a_quiet_stream_is_cut_by_the_clock() {
    let sensor = Sensor { width: 8, height: 6 };
    let event = |t_us| Event { t_us, x: 1, y: 0, on: true };
    let mut live = pipeline("window=10us").live(sensor).unwrap();
    assert_eq!(live.until(50).unwrap().len(), 0, "nothing has begun");
    assert_eq!(live.push(&[event(100)]).unwrap().len(), 0);
    assert_eq!(live.until(109).unwrap().len(), 0);
    let windows = live.until(125).unwrap();
    assert_eq!(
        windows.iter().map(|w| w.window_us.clone().unwrap()).collect::<Vec<_>>(),
        [100..110, 110..120]
    );
    assert_eq!(rows(&windows[0]), [(100, 1, 0, true)]);
    // What comes late all the same is taken for an event of now.
    assert_eq!(live.push(&[event(115), event(126)]).unwrap().len(), 0);
    let (windows, left) = live.finish().unwrap();
    assert_eq!((windows.len(), left), (0, 2));
    let mut live = pipeline("window=10us,last=keep").live(sensor).unwrap();
    live.push(&[event(100)]).unwrap();
    let (windows, left) = live.finish().unwrap();
    assert_eq!((windows.len(), left), (1, 0));
}

#[test]
fn a_stream_learns_its_hot_pixels_in_the_first_second() {
    let mut live = pipeline("hot-pixels=5 | window=1s").live(Sensor { width: 2, height: 1 }).unwrap();
    let tenths = |from: u64| (from..from + 10).map(|n| Event { t_us: n * 100_000, x: 0, y: 0, on: true });
    let cold = |second: u64| Event { t_us: second * 1_000_000 + 999_999, x: 1, y: 0, on: true };
    let mut events: Vec<Event> = Vec::new();
    for second in 0..3 {
        events.extend(tenths(second * 10));
        events.push(cold(second));
    }
    let windows = live.push(&events).unwrap();
    let counts: Vec<_> = windows.iter().map(|window| window.events.len()).collect();
    assert_eq!(counts, [11, 1]);
}
