//! A run's end: as a table in the terminal, as the data of the report.

use arch::protocol::{Begin, Teacher};
use arch::registers::Space;
use arch::{Layout, Network, Parameters};
use comfy_table::{CellAlignment, Table, TableComponent, presets};
use driver::Sample;
use miette::{Result, miette};
use model::fixed::Engine;

use crate::board::BoardFacts;
use crate::crew::board_table;
use crate::data::Data;
use crate::report::{EpochRow, Evaluation, LayerFacts, Raster, RasterRow, Report, RunFacts};
use crate::training::Trained;

/// A table with few lines; all columns but the first are aligned to the right.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).remove_style(TableComponent::HorizontalLines);
    table.remove_style(TableComponent::MiddleIntersections);
    if !header.is_empty() {
        table.set_header(header);
    }
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table
}

/// Prints how a run ended.
pub fn print(trained: &Trained, facts: &BoardFacts) {
    let run = &trained.run;
    let mut table = table(&[]);
    let percent = |part: f64| format!("{:.1} %", 100.0 * part);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_owned(), value]);
    };
    row("network", format!("{}, {}, T = {}", run.topology, run.recipe.learn, run.steps));
    row("configuration", facts.configuration.clone());
    if let Some(shares) = run.shares {
        row("shares of an epoch", shares.to_string());
    }
    row("recordings learned", format!("{} × {} epochs", run.train_recordings, run.epochs.len()));
    if let Some(evaluation) = &trained.evaluation {
        row("test accuracy", format!("{} of {}", percent(evaluation.accuracy), evaluation.recordings));
    }
    if let Some(last) = run.epochs.last() {
        row("accuracy while learning", percent(last.train_accuracy));
        row("leaks α", last.leaks.iter().map(|leak| format!("{leak:.3}")).collect::<Vec<_>>().join("  "));
    }
    for (at, thresholds) in trained.thresholds.iter().enumerate() {
        let mean = thresholds.iter().sum::<f64>() / thresholds.len().max(1) as f64;
        let (min, max) = thresholds.iter().fold((f64::MAX, f64::MIN), |(a, b), &t| (a.min(t), b.max(t)));
        row(&format!("thresholds θ, layer {}", at + 1), format!("{min:.2} … {max:.2}, mean {mean:.2}"));
    }
    if let Some(parameters) = &trained.parameters {
        row("parameters sha256", parameters.sha256()[..16].to_owned() + "…");
    }
    if !trained.speeds.is_empty() {
        let mean = trained.speeds.len() as f64 / trained.speeds.iter().map(|speed| 1.0 / speed).sum::<f64>();
        row("speed", format!("{mean:.0} recordings learned a second"));
    }
    if let Some(engine) = facts.engine(&trained.work, trained.cycles) {
        row("engine", engine.words());
    }
    if let Some(link) = facts.link {
        row("link", link.words());
    }
    if let Some(throughput) = facts.throughput(trained) {
        row("throughput", throughput.words());
    }
    println!("{table}");
    print_boards(facts);
}

/// Prints what each of several boards did.
pub fn print_boards(facts: &BoardFacts) {
    if !facts.boards.is_empty() {
        println!("{}", board_table(&facts.boards));
    }
}

/// The data of the report.
pub fn report(
    trained: &Trained,
    facts: &BoardFacts,
    board_name: &str,
    test: Option<&Data>,
    test_source: Option<&String>,
    seconds: f64,
) -> Result<Report> {
    let run = &trained.run;
    let skipped = run.epochs.len() - trained.speeds.len();
    let epochs = run.epochs.iter().enumerate().map(|(at, epoch)| EpochRow {
        epoch: epoch.epoch,
        train_accuracy: epoch.train_accuracy,
        test_accuracy: epoch.test_accuracy,
        wrong_spikes: epoch.wrong_spikes,
        delta_density: epoch.delta_density,
        leaks: epoch.leaks.clone(),
        recordings_per_second: at.checked_sub(skipped).and_then(|at| trained.speeds.get(at)).copied(),
    });
    let leaks = run.epochs.last().map_or(&[][..], |epoch| &epoch.leaks);
    let raster = match (&trained.parameters, test.and_then(|data| data.samples().first()), test_source) {
        (Some(parameters), Some(sample), Some(source)) => {
            Some(raster(&trained.network, parameters, sample, source)?)
        }
        _ => None,
    };
    Ok(Report {
        run: RunFacts {
            command: command_line(),
            board: board_name.to_owned(),
            configuration: facts.configuration.clone(),
            network: run.topology.clone(),
            learn: run.recipe.learn.to_string(),
            steps: run.steps,
            seed: run.seed,
            train_recordings: run.train_recordings,
            test_recordings: test.map_or(0, Data::len),
            parameters_sha256: trained.parameters.as_ref().map_or_else(String::new, Parameters::sha256),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seconds,
            link: facts.link,
            throughput: facts.throughput(trained),
            boards: facts.boards.clone(),
        },
        epochs: epochs.collect(),
        layers: layer_facts(&trained.network, &trained.thresholds, leaks, trained.parameters.is_some()),
        raster,
        evaluation: trained.evaluation.as_ref().map(evaluation),
        counts: run.counts,
        engine: facts.engine(&trained.work, trained.cycles),
    })
}

/// What was typed.
pub fn command_line() -> String {
    let words = std::env::args().skip(1).map(quoted);
    std::iter::once("stop-fpga".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word of a command, as a shell takes it for one.
pub fn quoted(word: String) -> String {
    if word.contains(|c: char| c.is_whitespace() || "'\"$&|;<>*?".contains(c)) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        word
    }
}

/// The layers, for the report.
pub fn layer_facts(
    network: &Network,
    thresholds: &[Vec<f64>],
    leaks: &[f64],
    integers: bool,
) -> Vec<LayerFacts> {
    let last = network.layers.len() - 1;
    let facts = |(at, layer): (usize, &arch::Layer)| LayerFacts {
        name: if at == last { "output".to_owned() } else { format!("hidden {}", at + 1) },
        inputs: layer.inputs(),
        outputs: layer.outputs(),
        weight_fraction_bits: integers.then_some(layer.weight_fraction_bits),
        thresholds: thresholds.get(at).cloned().unwrap_or_default(),
        leak: leaks.get(at).copied().unwrap_or(f64::NAN),
    };
    network.layers.iter().enumerate().map(facts).collect()
}

/// A test's result, for the report.
pub fn evaluation(evaluation: &driver::Evaluation) -> Evaluation {
    Evaluation {
        accuracy: evaluation.accuracy,
        recordings: evaluation.recordings,
        confusion: evaluation.confusion.clone(),
    }
}

/// Every spike of one sample, from the bit-exact model: the spikes a board fires on it.
pub fn raster(network: &Network, parameters: &Parameters, sample: &Sample, source: &str) -> Result<Raster> {
    let broken = |what: String| miette!("drawing the spikes of {source}: {what}");
    let misfit = |error: arch::layout::LayoutError| broken(error.to_string());
    let capacity = Layout::smallest(network, 1).map_err(misfit)?;
    let layout = Layout::new(network, &capacity).map_err(misfit)?;
    let mut engine = Engine::new(&capacity);
    let status = |status: arch::protocol::Status| broken(status.words().to_owned());
    engine.load(network).map_err(misfit)?;
    engine.set_parameters(parameters).map_err(status)?;
    let (label, steps, first_loss_step) = (sample.label, sample.steps, sample.first_loss_step);
    engine.begin(Begin { teacher: Teacher::Nobody, label, steps, first_loss_step }).map_err(status)?;
    let mut rows = vec![RasterRow { name: "input".to_owned(), size: network.inputs(), spikes: Vec::new() }];
    for (at, layer) in network.layers.iter().enumerate() {
        let name =
            if at + 1 == network.layers.len() { "output".to_owned() } else { format!("hidden {}", at + 1) };
        rows.push(RasterRow { name, size: layer.outputs(), spikes: Vec::new() });
    }
    for (step, events) in (0..).zip(sample.unpack()) {
        rows[0].spikes.extend(events.iter().map(|&input| (step, input)));
        engine.step(&events).map_err(status)?;
        for (row, descriptor) in rows[1..].iter_mut().zip(&layout.descriptors) {
            let mut spikes = Vec::new();
            let (base, outputs) = (descriptor.neuron_base, descriptor.output.size());
            engine.read(Space::Spikes, base, outputs, &mut spikes).map_err(status)?;
            let fired = (0..).zip(&spikes).filter(|(_, spike)| **spike != 0);
            row.spikes.extend(fired.map(|(neuron, _)| (step, neuron)));
        }
    }
    let result = engine.end().map_err(status)?;
    Ok(Raster { source: source.to_owned(), label, prediction: result.prediction, steps, rows })
}
