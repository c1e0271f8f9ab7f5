use std::sync::Mutex;

use events::Event as CameraEvent;
use events::recording::Sensor;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::stream::tally::Tally;

fn decision(window: u64, prediction: u16, label: Option<u16>) -> Decision {
    let time_us = (window * 300_000..(window + 1) * 300_000).into();
    Decision {
        window,
        time_us,
        events: 4321,
        label,
        learned: false,
        prediction,
        spikes: 9,
        latency_us: 1_234,
    }
}

fn drawn(scene: &Scene) -> (String, Terminal<TestBackend>) {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    terminal.draw(|frame| scene.draw(frame)).unwrap();
    (terminal.backend().to_string(), terminal)
}

#[test]
fn everything_that_is_promised_is_to_be_seen() {
    let mut scene = Scene { events: 123_456, late: 17, queued: 3, line: Some(300_000.0), ..Scene::default() };
    scene.activity = vec![0, 2, 14];
    scene.decide(decision(0, 1, Some(2)));
    scene.decide(decision(1, 2, Some(2)));
    scene.decide(decision(2, 2, None));
    let start = Instant::now();
    scene.measure(start, LinkCounts::default());
    scene.events += 1_000;
    let later = LinkCounts { bytes_sent: 60_000, bytes_received: 500, repeated: 2, ..LinkCounts::default() };
    scene.measure(start + Duration::from_secs(1), later);
    let (text, _) = drawn(&scene);
    for said in [
        "events 124456",
        "1000/s",
        "late 17",
        "queue 3/16",
        "decisions 3",
        "right 1 of 2",
        "60.0 kB/s",
        "(20 % of the line)",
        "0.5 kB/s",
        "frames sent again 2",
        "0.900 s",
        "is 2",
        "right",
        "4321",
        "1234 µs",
        "spikes of the outputs",
        "14",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn events_are_where_they_were_in_the_colour_of_their_polarity() {
    let tally = Tally::new(Sensor { width: 4, height: 4 }, true);
    let event = |x, y, on| CameraEvent { t_us: 0, x, y, on };
    let picture = tally.picture.as_ref().map(Mutex::lock).unwrap().unwrap().take();
    let (_, blank) = drawn(&Scene { picture: Some(picture), ..Scene::default() });
    tally.picture.as_ref().unwrap().lock().unwrap().add(&[event(0, 0, true), event(3, 3, false)]);
    let picture = tally.picture.as_ref().unwrap().lock().unwrap().take();
    let (_, seen) = drawn(&Scene { picture: Some(picture), ..Scene::default() });
    let at = |terminal: &Terminal<TestBackend>, x, y| {
        let cell = terminal.backend().buffer().cell((x, y)).unwrap();
        (cell.fg, cell.bg)
    };
    let black = Color::Rgb(0, 0, 0);
    assert_eq!(at(&blank, 1, 1), (black, black));
    // 48 by 48 half characters for 4 by 4 pixels: 12 columns and 6 lines each.
    assert_eq!(at(&seen, 1, 1).0, Color::Rgb(60, 130, 255));
    assert_eq!(at(&seen, 14, 1).0, black);
    assert_eq!(at(&seen, 48, 24), (Color::Rgb(230, 140, 20), Color::Rgb(230, 140, 20)));
}

/// A terminal of a few characters is drawn without a panic.
#[test]
fn a_small_terminal_is_drawn() {
    let tally = Tally::new(Sensor { width: 346, height: 260 }, true);
    let picture = tally.picture.as_ref().unwrap().lock().unwrap().take();
    let scene = Scene { picture: Some(picture), activity: vec![1; 10], ..Scene::default() };
    for (width, height) in [(1, 1), (3, 2), (20, 5), (300, 80)] {
        Terminal::new(TestBackend::new(width, height)).unwrap().draw(|frame| scene.draw(frame)).unwrap();
    }
}
