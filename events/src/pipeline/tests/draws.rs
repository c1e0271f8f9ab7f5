//! Stages that draw.

use super::words::{any_stage, any_window};
use super::*;

fn draw(epoch: u32, item: u64) -> Option<Draw> {
    Some(Draw { seed: 5, epoch, item })
}

/// A hundred recordings through a stage that draws.
fn drawn(text: &str, from: &Recording) -> Vec<Recording> {
    let pipeline = pipeline(text);
    (0..100).map(|item| pipeline.finish(from.clone(), draw(0, item)).unwrap()).collect()
}

#[test]
fn a_shift_moves_a_recording_by_up_to_so_much() {
    let from = recording(9, 9, &[(0, 4, 4, true), (1, 5, 4, false)]);
    let moved = drawn("shift=2x1", &from);
    let places: std::collections::BTreeSet<_> =
        moved.iter().map(|r| (r.events[0].x, r.events[0].y)).collect();
    assert_eq!(places, (2..7).flat_map(|x| (3..6).map(move |y| (x, y))).collect());
    assert!(moved.iter().all(|r| r.events[1].x == r.events[0].x + 1 && r.events[1].y == r.events[0].y));
    let edge = drawn("shift=1", &recording(1, 1, &[(0, 0, 0, true)]));
    assert!(edge.iter().any(|r| r.events.is_empty()) && edge.iter().any(|r| r.events.len() == 1));
}

#[test]
fn a_flip_mirrors_half_of_the_recordings_whose_labels_allow_it() {
    let from = recording(5, 3, &[(0, 0, 1, true)]);
    let of_label = |text: &str, label| drawn(text, &Recording { label, ..from.clone() });
    let seen = |recordings: &[Recording]| {
        recordings
            .iter()
            .map(|r| (r.label, r.events[0].x, r.events[0].y))
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(seen(&of_label("flip=columns,keep=all", 3)), [(3, 0, 1), (3, 4, 1)].into());
    assert_eq!(seen(&of_label("flip=columns,swap=3/6", 3)), [(3, 0, 1), (6, 4, 1)].into());
    assert_eq!(seen(&of_label("flip=columns,swap=3/6", 6)), [(6, 0, 1), (3, 4, 1)].into());
    assert_eq!(seen(&of_label("flip=columns,swap=3/6", 7)), [(7, 0, 1)].into());
    assert_eq!(seen(&of_label("flip=columns,keep=0+7", 7)), [(7, 0, 1), (7, 4, 1)].into());
    assert_eq!(seen(&of_label("flip=columns,keep=0+7", 1)), [(1, 0, 1)].into());
    let up = drawn("flip=rows,keep=all", &recording(5, 3, &[(0, 0, 0, true)]));
    assert_eq!(seen(&up), [(3, 0, 0), (3, 0, 2)].into());
    let flipped = up.iter().filter(|r| r.events[0].y == 2).count();
    assert!((30..70).contains(&flipped), "{flipped} of 100");
}

#[test]
fn jitter_moves_events_but_not_out_of_their_time() {
    let from = recording(100, 1, &(0..100).map(|n| (1000 + 10 * n, n as u16, 0, true)).collect::<Vec<_>>());
    let moved = &drawn("jitter=25us", &from)[0];
    assert!(moved.check().is_ok());
    assert_eq!(moved.events.len(), 100);
    let by = |event: &Event| event.t_us as i64 - from.events[usize::from(event.x)].t_us as i64;
    assert!(moved.events.iter().all(|event| by(event).abs() <= 25));
    assert!(
        moved.events.iter().any(|event| by(event) > 15) && moved.events.iter().any(|event| by(event) < -15)
    );
    assert!(!moved.events.is_sorted_by_key(|event| event.x), "some overtake others");
    assert!(moved.events.iter().all(|event| (1000..=1990).contains(&event.t_us)));
    let window = Recording { window_us: Some(900..2100), ..from };
    let last = |r: &Recording| r.events.last().unwrap().t_us;
    assert!(drawn("jitter=25us", &window).iter().any(|r| last(r) > 1990), "a window leaves room");
}

#[test]
fn a_drop_takes_its_part_of_the_events() {
    let from = recording(1, 1, &vec![(0, 0, 0, true); 1000]);
    let left: usize = drawn("drop=0.3", &from).iter().map(|r| r.events.len()).sum();
    assert!((69_000..71_000).contains(&left), "{left} of 100000");
    assert_eq!(drawn("drop=0", &from)[0], from);
    assert!(drawn("drop=1", &from)[0].events.is_empty());
}

/// A word on every machine: these numbers must not change.
#[test]
fn draws_are_what_they_were() {
    let from = recording(20, 20, &(0..8).map(|n| (n * 100, 10, 10, true)).collect::<Vec<_>>());
    let pipeline = pipeline("shift=5 | jitter=50us | drop=0.25");
    let drawn = rows(&pipeline.finish(from, Some(Draw { seed: 1, epoch: 2, item: 3 })).unwrap());
    assert_eq!(drawn, [(7, 11, 11, true), (338, 11, 11, true), (479, 11, 11, true), (694, 11, 11, true)]);
}

#[test]
fn draws_depend_on_seed_epoch_item_and_stage_and_happen_in_learning_only() {
    let from = recording(9, 9, &(0..200).map(|n| (n * 10, 4, 4, true)).collect::<Vec<_>>());
    let drops = pipeline("drop=0.5");
    let with = |draw: Option<Draw>| drops.finish(from.clone(), draw).unwrap();
    assert_eq!(with(None), from);
    assert_eq!(with(draw(0, 0)), with(draw(0, 0)));
    let others = [draw(1, 0), draw(0, 1), Some(Draw { seed: 6, epoch: 0, item: 0 })];
    assert!(others.into_iter().all(|other| with(other) != with(draw(0, 0))));
    let second = pipeline("polarity=merge | drop=0.5");
    assert!(second.draws() && !pipeline("polarity=merge").draws());
    let prepared = second.prepare(from.clone()).unwrap().remove(0);
    assert_eq!(prepared, from, "nothing is drawn yet");
    assert_ne!(second.finish(prepared, draw(0, 0)).unwrap(), with(draw(0, 0)), "another stage");
    // What stands behind a stage that draws acts in testing, too.
    assert_eq!(through("drop=0.5 | downsample=3", from.clone()).width, 3);
}

proptest! {
    /// Whatever the stages, what comes out is a recording, or the pipeline does not fit and says so.
    #[test]
    fn every_pipeline_gives_recordings_or_an_error(
        recording in super::windows::any_recording(),
        before in prop::collection::vec(any_stage(), 0..3),
        window in prop::option::of(any_window()),
        after in prop::collection::vec(any_stage(), 0..5),
    ) {
        let undrawn = before.into_iter().filter(|stage| !stage.rule().draws());
        let pipeline = Pipeline::new(undrawn.chain(window.map(Stage::Window)).chain(after).collect()).unwrap();
        let fits = pipeline.sensor(Sensor { width: 8, height: 6 });
        let prepared = pipeline.prepare(recording);
        let Ok(prepared) = prepared else {
            prop_assert!(prepared.unwrap_err().to_string().starts_with("stage "));
            return Ok(());
        };
        for (item, window) in (0..).zip(prepared) {
            prop_assert!(window.check().is_ok());
            let Ok(drawn) = pipeline.finish(window, draw(0, item)) else {
                prop_assert!(fits.is_err());
                return Ok(());
            };
            prop_assert!(drawn.check().is_ok());
            prop_assert_eq!(Some(Sensor { width: drawn.width, height: drawn.height }), fits.as_ref().ok().copied());
        }
    }
}
