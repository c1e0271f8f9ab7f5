//! The page: sections in order, each left out where there is nothing to show.

use maud::{Markup, html};

use crate::engine_use::EngineUse;

use super::data::{Raster, Report};
use super::document::{document, figure};
use super::drawing::svg;
use super::lines::LineChart;
use super::numbers::{decimal, duration, grouped, percent};
use super::{curves, raster, tables, thresholds};

/// Size of a chart over epochs, in pixels: two fit beside each other.
const CHART: (u32, u32) = (432, 280);
/// Width of a figure that has a row to itself, in pixels.
const WIDE: u32 = 880;

/// The whole page; it refers to nothing outside itself.
pub fn page(report: &Report) -> Markup {
    let kind = if report.epochs.is_empty() { "Evaluation" } else { "Training run" };
    document(
        &format!("{kind} of {}", report.run.network),
        &html! {
            (headline(report, kind))
            (learning(report))
            @if let Some(spikes) = &report.raster { (spikes_section(spikes)) }
            (layers(report))
            (confusion(report))
            (work(report))
            @if let Some(engine) = &report.engine { (engine_section(engine)) }
            section id="run" {
                h2 { "Run" }
                p.caption {
                    "What it takes to run it again; the hash tells if the same parameters came out."
                }
                div.wide { (tables::run(&report.run)) }
                @if !report.run.boards.is_empty() { div.wide { (tables::boards(&report.run.boards)) } }
            }
        },
    )
}

fn headline(report: &Report, kind: &str) -> Markup {
    let run = &report.run;
    let last = report.epochs.last();
    let in_training = last.and_then(|row| row.test_accuracy).map(|_| run.test_recordings);
    let tested = report.evaluation.as_ref().map(|evaluation| evaluation.recordings).or(in_training);
    let test = |accuracy: f64| (percent(accuracy), "of the test recordings classified right");
    let (number, meaning) = match (&report.evaluation, last.and_then(|row| row.test_accuracy), last) {
        (Some(evaluation), _, _) => test(evaluation.accuracy),
        (None, Some(accuracy), _) => test(accuracy),
        (None, None, Some(row)) => {
            (percent(row.train_accuracy), "of the training recordings classified right while learning")
        }
        (None, None, None) => ("–".into(), "no accuracy was measured"),
    };
    let recordings = |count: usize| grouped(count as u128);
    html! {
        header id="headline" {
            h1 { (kind) " of " (run.network) }
            p.result { strong { (number) } " " (meaning) }
            dl {
                div { dt { "board" } dd { (run.board) ", " (run.configuration) } }
                @if !report.epochs.is_empty() {
                    div {
                        dt { "epochs" }
                        dd { (report.epochs.len()) " of " (recordings(run.train_recordings)) " recordings" }
                    }
                }
                @if let Some(tested) = tested {
                    div { dt { "tested on" } dd { (recordings(tested)) " recordings" } }
                }
                div { dt { "time taken" } dd { (duration(run.seconds)) } }
            }
        }
    }
}

fn learning(report: &Report) -> Markup {
    let figures = [
        curve(
            "accuracy",
            &curves::accuracy(report),
            "Higher is better: where the line of the test stays \
            below the one while learning, the network knows its training recordings better than new ones.",
        ),
        curve(
            "loss",
            &curves::loss(report),
            "Lower is better: output spikes that should not have been there, \
            or were missing, for each training recording.",
        ),
        curve(
            "leaks",
            &curves::leaks(report),
            "Each line is a layer: near 1 it remembers many steps, near 0 \
            only the present one; a flat one has not learned.",
        ),
        curve(
            "sparsity",
            &curves::sparsity(report),
            "Only neurons with an error δ cause work when learning: \
            the lower the line, the less there is to do.",
        ),
    ];
    html! {
        @if figures.iter().any(Option::is_some) {
            section id="learning" {
                h2 { "Over the epochs" }
                div.pair { @for figure in figures.into_iter().flatten() { (figure) } }
                details { summary { "The numbers" } div.wide { (tables::epochs(&report.epochs)) } }
            }
        }
    }
}

fn curve(id: &str, chart: &LineChart, caption: &str) -> Option<Markup> {
    let draw = || svg(CHART, |area| chart.draw(area).map(|()| String::new()));
    (!chart.is_empty()).then(|| figure(id, chart.title, &draw(), caption))
}

fn spikes_section(spikes: &Raster) -> Markup {
    let size = (WIDE, raster::comfortable_height(spikes));
    let image = svg(size, |area| raster::draw(area, spikes));
    html! {
        @if !spikes.rows.is_empty() {
            section id="raster" {
                h2 { (raster::title(spikes)) }
                p.caption { (spikes.source) }
                (figure("spikes", "Spikes of each layer over the time steps", &image, "Each tick is a spike \
                    of one neuron, by its index, at one time step; in the lowest panel the label's neuron is \
                    blue, every other one vermillion."))
            }
        }
    }
}

fn layers(report: &Report) -> Markup {
    html! {
        @if !report.layers.is_empty() {
            section id="layers" {
                h2 { "Layers" }
                div.wide { (tables::layers(&report.layers)) }
                @if let Some(image) = thresholds::thresholds(&report.layers) {
                    (figure("thresholds", "Histogram of the thresholds of each layer", &image, "Each bar \
                        counts the neurons whose firing threshold θ lies there, on one scale for all layers; \
                        a single bar means that the thresholds have not learned."))
                }
            }
        }
    }
}

fn confusion(report: &Report) -> Markup {
    let counted = report.evaluation.as_ref().filter(|evaluation| !evaluation.confusion.is_empty());
    html! {
        @if let Some(evaluation) = counted {
            section id="confusion" {
                h2 { "Confusion matrix" }
                div.wide { (tables::confusion(evaluation)) }
                p.caption {
                    "Each of " (grouped(evaluation.recordings as u128)) " test recordings is in the row of \
                     its label and the column of its prediction: blue is right, vermillion wrong, and the \
                     stronger the colour the larger the part of its row."
                }
            }
        }
    }
}

fn work(report: &Report) -> Markup {
    html! {
        section id="work" {
            h2 { "Counted work" }
            div.wide { (tables::work(&report.counts)) }
            p.caption {
                "Counted while the recordings ran, not measured with a clock: the same run counts the same \
                 on every machine."
            }
        }
    }
}

fn engine_section(engine: &EngineUse) -> Markup {
    html! {
        section id="engine" {
            h2 { "The engine's cycles" }
            div.wide { (tables::cycles(engine)) }
            p.caption {
                "Counted by the engine itself. Ideal is a cycle for a word to integrate, two for a word to learn, one for a \
                 neuron: " strong { (percent(engine.utilisation)) } " of the cycles. At "
                (decimal(f64::from(engine.clock_hz) / 1e6, 1)) " MHz they are enough for "
                strong { (decimal(engine.recordings_per_second, 1)) } " recordings a second, if the wire brings as many."
            }
        }
    }
}
