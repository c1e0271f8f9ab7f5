//! How long decisions took, and how many were right.

use comfy_table::CellAlignment;
use hdrhistogram::Histogram;
use serde::Serialize;

use super::desk::Decision;
use crate::commands::table;

/// Longest time that is told from longer ones: an hour, in µs.
const LONGEST_US: u64 = 3_600_000_000;
/// Width of the longest bar, in characters.
const BAR: u64 = 40;

/// What a stream's decisions came to.
pub struct Latencies {
    histogram: Histogram<u64>,
    labelled: u64,
    right: u64,
    learned: u64,
}

/// The same in numbers; times in µs, to three digits.
#[derive(Debug, Serialize)]
pub struct LatencySummary {
    /// How many decisions there were.
    pub decisions: u64,
    /// Of windows whose class was known.
    pub labelled: u64,
    /// Of those, right ones.
    pub right: u64,
    /// Windows that were learned.
    pub learned: u64,
    /// The shortest.
    pub min_us: u64,
    /// Half of the decisions took at most so long.
    pub p50_us: u64,
    /// Nine in ten.
    pub p90_us: u64,
    /// 99 in 100.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

impl Latencies {
    /// Of no decision yet.
    pub fn new() -> Self {
        let histogram =
            Histogram::new_with_bounds(1, LONGEST_US, 3).expect("constants that the library takes");
        Self { histogram, labelled: 0, right: 0, learned: 0 }
    }

    /// Counts a decision.
    pub fn add(&mut self, decision: &Decision) {
        self.histogram.saturating_record(decision.latency_us.max(1));
        self.labelled += u64::from(decision.label.is_some());
        self.right += u64::from(decision.label == Some(decision.prediction));
        self.learned += u64::from(decision.learned);
    }

    /// In numbers.
    pub fn summary(&self) -> LatencySummary {
        let of = |quantile| self.histogram.value_at_quantile(quantile);
        LatencySummary {
            decisions: self.histogram.len(),
            labelled: self.labelled,
            right: self.right,
            learned: self.learned,
            min_us: self.histogram.min(),
            p50_us: of(0.5),
            p90_us: of(0.9),
            p99_us: of(0.99),
            max_us: self.histogram.max(),
        }
    }

    /// As a picture: a bar for each doubling.
    pub fn bars(&self) -> String {
        let mut table = table(&["latency", "decisions", ""]);
        let counts: Vec<(u64, u64)> = self
            .histogram
            .iter_log(1, 2.0)
            .map(|step| (step.value_iterated_to(), step.count_since_last_iteration()))
            .skip_while(|&(_, count)| count == 0)
            .collect();
        let most = counts.iter().map(|&(_, count)| count).max().unwrap_or(1).max(1);
        for (to, count) in counts {
            let bar = "█".repeat((count * BAR).div_ceil(most) as usize);
            table.add_row([format!("≤ {}", time(to)), count.to_string(), bar]);
        }
        if let Some(bars) = table.column_mut(2) {
            bars.set_cell_alignment(CellAlignment::Left);
        }
        table.to_string()
    }
}

/// µs in words.
pub fn time(us: u64) -> String {
    match us {
        0..=9_999 => format!("{us} µs"),
        10_000..=9_999_999 => format!("{:.1} ms", us as f64 / 1e3),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}
