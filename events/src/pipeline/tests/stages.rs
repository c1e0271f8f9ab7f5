//! Stages that do not draw, one by one.

use super::*;

#[test]
fn crop_keeps_a_rectangle_whose_corner_becomes_the_origin() {
    let corners = recording(
        6,
        4,
        &[(0, 1, 1, true), (1, 0, 1, true), (2, 1, 0, true), (3, 4, 2, false), (4, 5, 2, true)],
    );
    let cropped = through("crop=4x2+1+1", corners.clone());
    assert_eq!((cropped.width, cropped.height), (4, 2));
    assert_eq!(rows(&cropped), [(0, 0, 0, true), (3, 3, 1, false)]);
    assert_eq!(through("crop=4x2", corners.clone()), cropped, "the middle");
    // 6 - 3 = 3 columns are left over: one to the left, two to the right.
    assert_eq!(rows(&through("crop=3x4", corners)), [(0, 0, 1, true), (2, 0, 0, true)]);
}

#[test]
fn downsampling_merges_blocks_and_loses_no_event() {
    let corners = recording(5, 3, &[(0, 0, 0, true), (1, 1, 1, true), (2, 4, 2, false)]);
    let coarse = through("downsample=2", corners.clone());
    assert_eq!((coarse.width, coarse.height), (3, 2));
    assert_eq!(rows(&coarse), [(0, 0, 0, true), (1, 0, 0, true), (2, 2, 1, false)]);
    let coarse = through("downsample=5x1", corners);
    assert_eq!((coarse.width, coarse.height), (1, 3));
    assert_eq!(rows(&coarse)[2], (2, 0, 2, false));
}

#[test]
fn a_tick_holds_an_event_a_pixel_and_polarity() {
    let events = [(7, 0, 0, true), (10, 0, 0, true), (10, 0, 0, false), (16, 1, 0, true), (17, 0, 0, true)];
    let wanted = [(7, 0, 0, true), (7, 0, 0, false), (7, 1, 0, true), (17, 0, 0, true)];
    assert_eq!(rows(&through("quantise=10us", recording(2, 1, &events))), wanted);
    // In a window ticks count from its start, at 5 µs.
    let window = Recording { window_us: Some(5..100), ..recording(2, 1, &events) };
    let wanted = [(5, 0, 0, true), (5, 0, 0, false), (15, 1, 0, true), (15, 0, 0, true)];
    assert_eq!(rows(&through("quantise=10us", window)), wanted);
}

#[test]
fn a_hot_pixel_loses_all_its_events_and_others_none() {
    // Ten milliseconds: pixel 0 gives 5 events, 500 a second, pixel 1 gives 4.
    let mut events: Vec<Row> = (0..5).map(|n| (n * 2000, 0, 0, n % 2 == 0)).collect();
    events.extend((0..4).map(|n| (n * 2000 + 1, 1, 0, true)));
    events.push((9_999, 2, 0, true));
    events.sort();
    let hot = recording(3, 1, &events);
    assert_eq!(through("hot-pixels=500", hot.clone()), hot, "not more than 500 a second");
    let cold = through("hot-pixels=499", hot.clone());
    assert_eq!(rows(&cold), events.iter().copied().filter(|row| row.1 > 0).collect::<Vec<_>>());
    // In the first 2 ms pixel 0 and pixel 1 give one event each: one alone makes none hot.
    assert_eq!(through("hot-pixels=1,over=2ms", hot.clone()), hot);
    // In the first 4 ms they give two each, 500 a second.
    assert_eq!(rows(&through("hot-pixels=499,over=4ms", hot)), [(9_999, 2, 0, true)]);
}

#[test]
fn an_event_without_a_neighbour_is_background() {
    let events = [
        (0, 1, 1, true),
        // The same pixel does not support itself, two columns aside is no neighbour.
        (1, 1, 1, true),
        (2, 3, 1, true),
        // (1, 1) at 1 µs: the last moment that it supports, then too late.
        (11, 0, 0, false),
        (22, 1, 1, true),
    ];
    let kept = through("background=10us", recording(4, 3, &events));
    assert_eq!(rows(&kept), [(11, 0, 0, false)]);
    assert_eq!(rows(&through("background=11us", recording(4, 3, &events))), [events[3], events[4]]);
    // All eight neighbours, in every corner of the smallest sensor that has them.
    for (x, y) in (0..3).flat_map(|x| (0..3).map(move |y| (x, y))).filter(|&place| place != (1, 1)) {
        let pair = [(0, 1, 1, true), (5, x, y, true)];
        assert_eq!(rows(&through("background=5us", recording(3, 3, &pair))), pair[1..], "{x}, {y}");
    }
}

#[test]
fn polarities_are_chosen_merged_or_swapped() {
    let both = recording(2, 1, &[(0, 0, 0, true), (1, 1, 0, false)]);
    let seen = |text: &str| rows(&through(text, both.clone()));
    assert_eq!(seen("polarity=on"), [(0, 0, 0, true)]);
    assert_eq!(seen("polarity=off"), [(1, 1, 0, false)]);
    assert_eq!(seen("polarity=merge"), [(0, 0, 0, true), (1, 1, 0, true)]);
    assert_eq!(seen("polarity=swap"), [(0, 0, 0, false), (1, 1, 0, true)]);
}
