//! `events info`: what a recording holds, without keeping it in memory.

use std::process::ExitCode;

use events::recording::{Loss, SensorFrom, Step, Summary, Tally};
use miette::Result;

use super::interrupted;
use crate::cli::events::Info;
use crate::commands::print_json;
use crate::commands::summary::table;
use crate::interrupt::Interrupt;
use crate::report::numbers::grouped;

/// Runs `events info`.
pub fn run(command: &Info, interrupt: &Interrupt) -> Result<ExitCode> {
    let mut opened = command.input.open()?;
    let mut tally = Tally::default();
    let whole = opened.each(interrupt, |events| {
        tally.add(events);
        Ok(())
    })?;
    if !whole {
        return Ok(interrupted());
    }
    let summary = tally.summary(opened.reader.header(), opened.reader.report());
    drop(opened);
    if command.json {
        print_json(&summary)?;
    } else {
        print(&summary);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(summary: &Summary) {
    let mut rows =
        vec![("format", format!("{}{}", summary.format, if summary.gzip { ", in gzip" } else { "" }))];
    let sensor = match (summary.width, summary.height, summary.sensor) {
        (Some(width), Some(height), SensorFrom::Stated) => format!("{width}x{height}"),
        (Some(width), Some(height), SensorFrom::Seen) => {
            format!("not stated; events lie within {width}x{height}")
        }
        _ => "not stated".into(),
    };
    rows.push(("sensor", sensor));
    rows.push(("events", count(summary.events)));
    if let Some(((first, last), (earliest, latest))) =
        summary.first_us.zip(summary.last_us).zip(summary.earliest_us.zip(summary.latest_us))
    {
        rows.push(("first event", time(first)));
        rows.push(("last event", time(last)));
        if (first, last) != (earliest, latest) {
            rows.push(("earliest and latest", format!("{}, {}", time(earliest), time(latest))));
        }
        rows.push(("duration", time(summary.duration_us)));
        let mean = summary.mean_rate.map_or("–".into(), rate);
        rows.push(("mean rate", mean));
        rows.push(("peak rate, over 10 ms", rate(summary.peak_rate)));
        let part = |events: u64| {
            format!("{}, {:.1} %", count(events), 100.0 * events as f64 / summary.events as f64)
        };
        rows.push(("ON events", part(summary.on_events)));
        rows.push(("OFF events", part(summary.off_events)));
        rows.push(("largest gap", summary.largest_gap.map_or("none".into(), step)));
    }
    let reversals =
        summary.largest_reversal.map_or(String::new(), |largest| format!("; largest {}", step(largest)));
    rows.push(("time reversals", format!("{}{reversals}", count(summary.time_reversals))));
    let skipped = &summary.skipped;
    for (what, number) in [
        ("frames, skipped", skipped.frames),
        ("IMU samples, skipped", skipped.imu),
        ("triggers, skipped", skipped.triggers),
        ("not valid, skipped", skipped.invalid),
        ("without a time, skipped", skipped.untimed),
        ("other parts, skipped", skipped.other),
    ] {
        if number > 0 {
            rows.push((what, count(number)));
        }
    }
    if !summary.loss.is_empty() {
        let Loss { faults, events, bytes, .. } = &summary.loss;
        let lost = format!("{} places: {} events, {} bytes", count(*faults), count(*events), count(*bytes));
        rows.push(("damaged", lost));
    }
    let mut shown = table(&[]);
    for (what, value) in rows {
        shown.add_row([what, &value]);
    }
    println!("{shown}");
    for (offset, damage) in &summary.loss.first {
        println!("byte {offset}: {damage}");
    }
}

fn count(number: u64) -> String {
    grouped(number.into())
}

fn time(us: u64) -> String {
    format!("{} µs", count(us))
}

fn rate(events_a_second: f64) -> String {
    format!("{} events/s", count(events_a_second.round() as u64))
}

fn step(step: Step) -> String {
    format!("{} before event {}, after {}", time(step.us), count(step.event), time(step.after_us))
}
