//! The tables of the page.

use maud::{Markup, html};

use crate::crew::BoardUse;
use crate::engine_use::EngineUse;

use super::data::{EpochRow, Evaluation, LayerFacts, RunFacts};
use super::numbers::{NONE, decimal, duration, grouped, median, per, percent};

/// What was run, and what it takes to run it again.
pub fn run(run: &RunFacts) -> Markup {
    let whole = |count: usize| grouped(count as u128);
    html! {
        table.facts {
            (fact("Command", html! { code { (run.command) } }))
            (fact("Learning", html! { (run.learn) }))
            (fact("Network", html! { (run.network) }))
            (fact("Board", html! { (run.board) }))
            (fact("Configuration", html! { (run.configuration) }))
            (fact("Time steps of a recording", html! { (run.steps) }))
            (fact("Training recordings", html! { (whole(run.train_recordings)) }))
            (fact("Test recordings", html! { (whole(run.test_recordings)) }))
            (fact("Seed", html! { (run.seed) }))
            (fact("SHA-256 of the parameters", html! { code { (run.parameters_sha256) } }))
            (fact("Version", html! { (run.version) }))
            (fact("Time taken", html! { (duration(run.seconds)) }))
            @if let Some(link) = &run.link { (fact("Link", html! { (link.words()) })) }
            @if let Some(throughput) = &run.throughput {
                (fact("Throughput", html! { (throughput.words()) }))
            }
        }
    }
}

/// What each of several boards did.
pub fn boards(boards: &[BoardUse]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "board" }
                @for name in ["parts", "recordings", "taken over", "given up"] { th.number scope="col" { (name) } }
                th scope="col" { "state" }
                th scope="col" { "link" }
            } }
            tbody { @for board in boards { tr {
                th scope="row" { (board.board) ", " (board.configuration) }
                @for count in [board.parts, board.recordings, board.taken_over, board.given_up] {
                    td.number { (grouped(count.into())) }
                }
                td { (board.state()) }
                td { (board.link.map_or(NONE.into(), |link| link.words())) }
            } } }
        }
    }
}

fn fact(name: &str, value: Markup) -> Markup {
    html! { tr { th scope="row" { (name) } td { (value) } } }
}

/// The layers, a row each.
pub fn layers(layers: &[LayerFacts]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "layer" }
                @for name in ["inputs", "neurons", "synapses", "weight fraction bits", "leak α", "median θ"] {
                    th.number scope="col" { (name) }
                }
            } }
            tbody { @for layer in layers { tr {
                th scope="row" { (layer.name) }
                td.number { (grouped(layer.inputs.into())) }
                td.number { (grouped(layer.outputs.into())) }
                td.number { (grouped(u128::from(layer.inputs) * u128::from(layer.outputs))) }
                td.number { (layer.weight_fraction_bits.map_or("none".into(), |bits| bits.to_string())) }
                td.number { (decimal(layer.leak, 4)) }
                td.number { (median(&layer.thresholds).map_or(NONE.into(), |middle| decimal(middle, 4))) }
            } } }
        }
    }
}

/// The numbers behind the curves.
pub fn epochs(rows: &[EpochRow]) -> Markup {
    html! {
        table {
            thead { tr {
                @for name in
                    ["epoch", "while learning", "test", "wrong spikes", "δ ≠ 0", "leaks α", "a second"]
                {
                    th.number scope="col" { (name) }
                }
            } }
            tbody { @for row in rows { tr {
                th.number scope="row" { (row.epoch) }
                td.number { (percent(row.train_accuracy)) }
                td.number { (row.test_accuracy.map_or(NONE.into(), percent)) }
                td.number { (decimal(row.wrong_spikes, 2)) }
                td.number { (percent(row.delta_density)) }
                td.number { (row.leaks.iter().map(|leak| decimal(*leak, 4)).collect::<Vec<_>>().join(" ")) }
                td.number { (row.recordings_per_second.map_or(NONE.into(), |speed| decimal(speed, 1))) }
            } } }
        }
    }
}

/// Counted work: in total and for each recording that was run.
pub fn work(counts: &arch::Counts) -> Markup {
    let arch::Counts { integrated, back_propagated, updated, .. } = *counts;
    let operations = u128::from(integrated) + u128::from(back_propagated) + u128::from(updated);
    let row = |class: &str, name: &str, count: u128, meaning: &str| {
        html! { tr class=(class) {
            th scope="row" { (name) }
            td.number { (grouped(count)) }
            td.number { (per(count, counts.samples)) }
            td.remark { (meaning) }
        } }
    };
    let count = |name: &str, count: u64, meaning: &str| row("", name, count.into(), meaning);
    let part = |name: &str, count: u64, meaning: &str| row("part", name, count.into(), meaning);
    html! {
        table {
            thead { tr {
                th scope="col" { "work" }
                th.number scope="col" { "total" }
                th.number scope="col" { "a recording" }
                th scope="col" { "what counts as one" }
            } }
            tbody {
                (count("Recordings run", counts.samples, "a recording, each time it runs to learn or test"))
                (count("Time steps", counts.steps, "a step of a recording through all layers"))
                (part("learning", counts.learning_steps, "a step that also learned"))
                (count("Input events", counts.events, "a spike of the input"))
                (row("sum", "Synaptic operations", operations, "the sum of the next three"))
                (part("integrated", integrated, "a weight added to a membrane because its input spiked"))
                (part("back-propagated", back_propagated, "a synapse that carried an error down a layer"))
                (part("updated", updated, "a weight changed: δ ≠ 0 above it, and its trace is not 0"))
                (count("Neuron visits", counts.neuron_visits, "a neuron at a time step"))
                (count("Chances of an error", counts.error_chances, "a neuron at a step with a loss"))
                (part("errors", counts.errors, "of those, one with δ ≠ 0"))
                (count("Words read to integrate", counts.integrate_words, "a memory word: one weight a lane"))
                (count("Words visited to learn", counts.learn_words, "a memory word, also one weight a lane"))
            }
        }
    }
}

/// The engine's cycles: in total, for each recording, and how large a part they are.
pub fn cycles(engine: &EngineUse) -> Markup {
    let total = engine.cycles.total();
    let row = |class: &str, name: &str, cycles: u64, meaning: &str| {
        html! { tr class=(class) {
            th scope="row" { (name) }
            td.number { (grouped(cycles.into())) }
            td.number { (per(cycles.into(), engine.recordings)) }
            td.number { (percent(cycles as f64 / total as f64)) }
            td.remark { (meaning) }
        } }
    };
    let meaning = |kind: &str| match kind {
        "integrate" => "weights added to currents",
        "fire" => "a layer's neurons, and the traces below it",
        "learn" => "errors carried back, weights updated",
        "update" => "thresholds and leaks updated",
        _ => "records of layers read, samples cleared",
    };
    html! {
        table {
            thead { tr {
                th scope="col" { "cycles" }
                @for name in ["total", "a recording", "part"] { th.number scope="col" { (name) } }
                th scope="col" { "spent on" }
            } }
            tbody {
                @for (kind, cycles) in engine.cycles.by_kind() { (row("", kind, cycles, meaning(kind))) }
                (row("sum", "All", total, "from a command to its end"))
                (row("part", "ideal", engine.ideal_cycles, "what the counted work asks for"))
            }
        }
    }
}

/// The confusion matrix: a row a label, a column a prediction.
pub fn confusion(evaluation: &Evaluation) -> Markup {
    let matrix = &evaluation.confusion;
    let columns = matrix.iter().map(Vec::len).max().unwrap_or(0).max(matrix.len());
    html! {
        table.confusion {
            thead {
                tr { td {} th colspan=(columns) scope="colgroup" { "prediction" } td {} }
                tr {
                    th scope="col" { "label" }
                    @for prediction in 0..columns { th scope="col" { (prediction) } }
                    th.number scope="col" { "right" }
                }
            }
            tbody { @for (label, row) in matrix.iter().enumerate() {
                @let total = row.iter().map(|count| u64::from(*count)).sum::<u64>();
                tr {
                    th scope="row" { (label) }
                    @for prediction in 0..columns {
                        (cell(label == prediction, row.get(prediction).copied().unwrap_or(0), total))
                    }
                    td.number { (percent(f64::from(row.get(label).copied().unwrap_or(0)) / total as f64)) }
                }
            } }
        }
    }
}

fn cell(right: bool, count: u32, total: u64) -> Markup {
    if count == 0 {
        return html! { td.nothing { "0" } };
    }
    // The root lets a single mistake be seen beside a row of successes. The count is not 0: nor is the total.
    let heat = (f64::from(count) / total as f64).sqrt();
    let class = match (right, heat > 0.85) {
        (true, true) => "right hot",
        (true, false) => "right",
        (false, true) => "wrong hot",
        (false, false) => "wrong",
    };
    html! { td class=(class) style={ "--heat: " (decimal(heat, 2)) } { (count) } }
}
