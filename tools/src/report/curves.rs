//! What changes from epoch to epoch: accuracy, loss, leaks, and how sparse the errors are.

use super::axis::Axis;
use super::data::{EpochRow, Report};
use super::lines::{Line, LineChart};
use super::palette::{self, BLUE, VERMILLION};

/// Accuracy while learning and on the test recordings.
pub fn accuracy(report: &Report) -> LineChart {
    let percent = |part: f64| part * 100.0;
    let test =
        report.epochs.iter().filter_map(|row| Some((row.epoch, percent(row.test_accuracy?)))).collect();
    let lines = vec![
        Line {
            name: "while learning".into(),
            colour: BLUE,
            points: over(report, |row| percent(row.train_accuracy)),
        },
        Line { name: "test".into(), colour: VERMILLION, points: test },
    ];
    let y = Axis::around(values(&lines), 0.0..=100.0);
    LineChart { title: "Accuracy", unit: "% of recordings classified right", lines, y }
}

/// The loss.
pub fn loss(report: &Report) -> LineChart {
    let lines =
        vec![Line { name: "loss".into(), colour: BLUE, points: over(report, |row| row.wrong_spikes) }];
    let y = Axis::from_zero(values(&lines));
    LineChart { title: "Loss", unit: "wrong output spikes a recording", lines, y }
}

/// The leak of each layer.
pub fn leaks(report: &Report) -> LineChart {
    let layers = report.epochs.iter().map(|row| row.leaks.len()).max().unwrap_or(0);
    let line = |layer: usize| Line {
        name: report
            .layers
            .get(layer)
            .map_or_else(|| format!("layer {}", layer + 1), |facts| facts.name.clone()),
        colour: palette::layer(layer),
        points: report.epochs.iter().filter_map(|row| Some((row.epoch, *row.leaks.get(layer)?))).collect(),
    };
    let lines: Vec<Line> = (0..layers).map(line).collect();
    let y = Axis::around(values(&lines), 0.0..=1.0);
    LineChart { title: "Leak α", unit: "part of a membrane left a step later", lines, y }
}

/// How many neurons have an error to pass on.
pub fn sparsity(report: &Report) -> LineChart {
    let points = over(report, |row| row.delta_density * 100.0);
    let lines = vec![Line { name: "δ ≠ 0".into(), colour: BLUE, points }];
    let y = Axis::from_zero(values(&lines));
    LineChart { title: "Error density", unit: "% of neuron visits with δ ≠ 0", lines, y }
}

fn over(report: &Report, value: impl Fn(&EpochRow) -> f64) -> Vec<(u32, f64)> {
    report.epochs.iter().map(|row| (row.epoch, value(row))).collect()
}

fn values(lines: &[Line]) -> impl Iterator<Item = f64> + '_ {
    lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value)
}
