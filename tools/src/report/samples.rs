//! Reports for tests.

use arch::Cycles;

use crate::engine_use::EngineUse;
use crate::link_use::LinkUse;
use crate::throughput::{Spent, Throughput};

use super::{EpochRow, Evaluation, LayerFacts, Raster, RasterRow, Report, RunFacts};

/// A small report that has everything.
pub fn full() -> Report {
    let epoch = |epoch: u32| EpochRow {
        epoch,
        train_accuracy: 0.5 + 0.0625 * f64::from(epoch),
        test_accuracy: epoch.is_multiple_of(2).then_some(0.5),
        wrong_spikes: 12.5,
        delta_density: 0.03125,
        leaks: vec![0.9375, 0.875],
        recordings_per_second: Some(100.0),
    };
    let layer = |name: &str, inputs, outputs| LayerFacts {
        name: name.into(),
        inputs,
        outputs,
        weight_fraction_bits: Some(6),
        thresholds: vec![0.75, 1.25],
        leak: 0.9375,
    };
    let row = |name: &str, size, spikes| RasterRow { name: name.into(), size, spikes };
    Report {
        run: RunFacts {
            command: "stop-fpga train --net 5-2-3".into(),
            board: "model".into(),
            configuration: "icebreaker".into(),
            network: "5-2-3".into(),
            learn: "WTL".into(),
            steps: 4,
            seed: 18_446_744_073_709_551_615,
            train_recordings: 800,
            test_recordings: 100,
            parameters_sha256: "c0ffee".into(),
            version: "0.1.0".into(),
            seconds: 61.25,
            link: Some(LinkUse {
                link: driver::LinkCounts { frames: 900, repeated: 2, asked: 1, ..Default::default() },
                recovery: driver::RecoveryCounts::default(),
                injected: None,
            }),
            throughput: Throughput::of(
                &Spent { seconds: 10.0, waited: 9.0, bytes_sent: 2_850_000, ..Spent::default() },
                driver::Pace {
                    payload: 504,
                    pushes: false,
                    bound: Some(290_000.0),
                    line_rate: Some(300_000),
                    wait: Some(0.001),
                },
                1_000_000,
                0,
                24_000_000,
            ),
            boards: vec![],
        },
        epochs: (1..=4).map(epoch).collect(),
        layers: vec![layer("first", 5, 2), layer("second", 2, 3)],
        raster: Some(Raster {
            source: "bundled:test, recording 3".into(),
            label: 2,
            prediction: 1,
            steps: 4,
            rows: vec![
                row("input", 5, vec![(0, 0), (1, 4)]),
                row("first", 2, vec![(2, 1)]),
                row("second", 3, vec![(3, 2), (3, 1)]),
            ],
        }),
        evaluation: Some(Evaluation {
            accuracy: 0.7313,
            recordings: 100,
            confusion: vec![vec![30, 2, 1], vec![0, 33, 0], vec![0, 34, 0]],
        }),
        counts: arch::Counts {
            samples: 10,
            integrated: 1_000_000,
            back_propagated: 200_000,
            updated: 30_000,
            ..arch::Counts::default()
        },
        engine: EngineUse::of(
            &arch::Counts { samples: 10, integrate_words: 1_200_000, ..arch::Counts::default() },
            Cycles { control: 1, integrate: 1_499_990, fire: 2, learn: 3, update: 4 },
            24_000_000,
            1,
        ),
    }
}

/// A report of nothing but the run.
pub fn bare() -> Report {
    Report { epochs: vec![], layers: vec![], raster: None, evaluation: None, engine: None, ..full() }
}

/// A report in which no number is one, and every series is empty or odd.
pub fn odd() -> Report {
    let mut report = full();
    report.run.seconds = f64::NAN;
    for (row, value) in report.epochs.iter_mut().zip([f64::NAN, f64::INFINITY, -1e300, f64::MAX]) {
        (row.train_accuracy, row.test_accuracy) = (value, Some(value));
        (row.wrong_spikes, row.delta_density, row.recordings_per_second) = (value, value, Some(value));
        row.leaks = vec![value];
    }
    report.epochs[0].leaks = vec![];
    report.epochs[3].epoch = u32::MAX;
    report.layers[0].thresholds = vec![];
    report.layers[1].thresholds = vec![f64::NAN, f64::NEG_INFINITY];
    let raster = report.raster.as_mut().unwrap();
    (raster.steps, raster.label) = (0, u16::MAX);
    raster.rows[0] = RasterRow { name: String::new(), size: 0, spikes: vec![] };
    raster.rows[1].spikes = vec![(u16::MAX, u32::MAX), (0, 0)];
    report.evaluation = Some(Evaluation {
        accuracy: f64::NAN,
        recordings: 0,
        confusion: vec![vec![], vec![1, 2, 3], vec![0]],
    });
    report.counts =
        arch::Counts { samples: 0, integrated: u64::MAX, updated: u64::MAX, ..arch::Counts::default() };
    report
}
