//! `boards`: which boards there are, what is built for them, which networks they hold.

use std::process::ExitCode;

use arch::layout::{LayoutError, Needs};
use arch::network::{Shifts, Topology};
use arch::{Board, Capacity, Layer, Layout, Learn, Network, Shape, Surrogate, Updates};
use miette::{IntoDiagnostic, Result};
use serde::Serialize;

use super::print_json;
use super::summary::table;
use crate::cli::Boards;
use crate::recipe::fraction_bits;

/// The networks of docs/accuracy.md: MNIST, and the bundled N-MNIST recordings.
const REFERENCES: [&str; 2] = ["784-160-10", "2x17x17-200-10"];

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    description: String,
    /// What must be done to the board first.
    #[serde(skip_serializing_if = "Option::is_none")]
    preparation: Option<String>,
    part: String,
    engine: Capacity,
    /// Bits a second on the serial line.
    baud: u32,
    /// openFPGALoader's name of the board, and another program's command.
    programmer: Option<arch::board::Programmer>,
    /// Its engine is built; else it exists in the model only.
    hardware: bool,
    /// One a network.
    networks: Vec<Verdict>,
}

#[derive(Debug, Serialize)]
struct Verdict {
    network: String,
    fits: bool,
    /// What the network takes, padding included; absent where the board would refuse it at any size.
    needs: Option<Needs>,
    /// What there is too little of.
    short: Vec<Short>,
    /// Why not, where no memory is too small.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// A memory that is too small.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Short {
    what: &'static str,
    needed: u64,
    available: u64,
}

/// Runs `boards`.
pub fn run(command: &Boards) -> Result<ExitCode> {
    let networks = match &command.network {
        Some(network) => vec![network.clone()],
        None => REFERENCES.map(str::parse).into_iter().collect::<Result<_, _>>().into_diagnostic()?,
    };
    let mut rows = Vec::new();
    for name in Board::names() {
        let board = Board::named(name).into_diagnostic()?;
        rows.extend(row(board, &networks));
    }
    if command.json {
        print_json(&rows)?;
    } else {
        print(&rows, &networks);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is said of a board; nothing of a configuration without a device.
fn row(board: Board, networks: &[Topology]) -> Option<Row> {
    let device = board.device.as_ref()?;
    Some(Row {
        part: device.full_name(),
        hardware: rtl::top::sizes(&board).is_ok(),
        networks: networks.iter().map(|network| verdict(network, &board.engine)).collect(),
        baud: board.uart.as_ref().map_or(0, |uart| uart.baud),
        name: board.name,
        description: board.description,
        preparation: board.preparation,
        engine: board.engine,
        programmer: board.programmer,
    })
}

/// Whether a configuration holds a network, by the rule by which a driver places it.
fn verdict(topology: &Topology, capacity: &Capacity) -> Verdict {
    let network = network(topology, capacity);
    let (mut short, mut refused) = (Vec::new(), None);
    // A network too large for one memory may be too large for others: the error names the first.
    let needs = match Layout::new(&network, capacity) {
        Ok(layout) => Some(layout.needs),
        Err(LayoutError::TooLarge { .. }) => match Layout::smallest(&network, capacity.lanes) {
            Ok(needed) => {
                let needs = Needs {
                    synapses: needed.synapses.into(),
                    neurons: needed.neurons.into(),
                    inputs: needed.inputs.into(),
                    classes: needed.classes.into(),
                    layers: needed.layers.into(),
                };
                short = shortages(&needs, capacity);
                Some(needs)
            }
            Err(error) => {
                refused = Some(error.to_string());
                None
            }
        },
        Err(error) => {
            refused = Some(error.to_string());
            None
        }
    };
    let fits = short.is_empty() && refused.is_none();
    Verdict { network: topology.to_string(), fits, needs, short, refused }
}

/// The network that is trained where nothing else is said; sizes alone decide whether it fits.
fn network(topology: &Topology, capacity: &Capacity) -> Network {
    let mut input = topology.input;
    let layer = |&size: &u16| {
        let output = Shape::flat(size);
        let layer = Layer {
            input,
            output,
            weight_fraction_bits: fraction_bits(input.size(), capacity.weight_bits),
            surrogate: Surrogate::Shift,
            learn: Learn::WTL,
            shifts: Shifts { weight: 12, threshold: 16, leak: 21 },
        };
        input = output;
        layer
    };
    let layers = topology.layers.iter().map(layer).collect();
    Network { weight_bits: capacity.weight_bits, updates: Updates::Online, layers }
}

fn shortages(needs: &Needs, capacity: &Capacity) -> Vec<Short> {
    let memories = [
        ("synapses", needs.synapses, u64::from(capacity.synapses)),
        ("neurons", needs.neurons, u64::from(capacity.neurons)),
        ("inputs", needs.inputs, u64::from(capacity.inputs)),
        ("classes", needs.classes, u64::from(capacity.classes)),
        ("layers", needs.layers, u64::from(capacity.layers)),
    ];
    let short = memories.into_iter().filter(|(_, needed, available)| needed > available);
    short.map(|(what, needed, available)| Short { what, needed, available }).collect()
}

fn print(rows: &[Row], networks: &[Topology]) {
    let mut boards = table(&[
        "board",
        "part",
        "lanes",
        "bits",
        "synapses",
        "neurons",
        "inputs",
        "MHz",
        "Mbaud",
        "openFPGALoader -b",
    ]);
    for row in rows {
        let engine = &row.engine;
        let loader = row.programmer.as_ref().and_then(|programmer| programmer.openfpgaloader.clone());
        boards.add_row([
            row.name.clone(),
            row.part.clone(),
            engine.lanes.to_string(),
            engine.weight_bits.bits().to_string(),
            engine.synapses.to_string(),
            engine.neurons.to_string(),
            engine.inputs.to_string(),
            format!("{}", f64::from(engine.clock_hz) / 1e6),
            format!("{}", f64::from(row.baud) / 1e6),
            loader.unwrap_or_else(|| "–".to_owned()),
        ]);
    }
    println!("{boards}");
    let names: Vec<String> = networks.iter().map(Topology::to_string).collect();
    let mut header = vec!["board"];
    header.extend(names.iter().map(String::as_str));
    header.push("engine");
    let mut fits = table(&header);
    for row in rows {
        let mut cells = vec![row.name.clone()];
        cells.extend(row.networks.iter().map(|verdict| words(verdict, &row.engine)));
        cells.push(if row.hardware { "built" } else { "model only" }.to_owned());
        fits.add_row(cells);
    }
    println!("{fits}");
    let prepared: Vec<_> = rows.iter().filter_map(|row| Some((row, row.preparation.as_ref()?))).collect();
    for (row, preparation) in prepared {
        println!("{}: {preparation}", row.name);
    }
    println!("No board has been tried.");
}

/// A verdict in a cell of the table.
fn words(verdict: &Verdict, engine: &Capacity) -> String {
    if let Some(refused) = &verdict.refused {
        return refused.clone();
    }
    if verdict.fits {
        let synapses = verdict.needs.map_or(0, |needs| needs.synapses);
        return format!(
            "fits: {:.0} % of the synapses",
            100.0 * synapses as f64 / f64::from(engine.synapses)
        );
    }
    let short =
        verdict.short.iter().map(|short| format!("{} {}", short.needed - short.available, short.what));
    format!("{} short", short.collect::<Vec<_>>().join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict is that of a driver, and each memory that is too small is named.
    #[test]
    fn everything_that_is_short_is_named() {
        let capacity = Board::named("hx8k-breakout").unwrap().engine;
        let seen = verdict(&"784-160-10".parse().unwrap(), &capacity);
        let names: Vec<&str> = seen.short.iter().map(|short| short.what).collect();
        assert_eq!(names, ["synapses", "neurons", "inputs"]);
        assert!(!seen.fits);
        for short in &seen.short {
            assert!(short.needed > short.available, "{short:?}");
        }
        let fits = verdict(&"64-32-10".parse().unwrap(), &capacity);
        assert!(fits.fits && fits.short.is_empty(), "{fits:?}");
        // 64 rows of 32 weights and 32 rows of 10, padded to 12 by 4 lanes.
        assert_eq!(fits.needs.unwrap().synapses, 64 * 32 + 32 * 12);
    }

    /// Sizes that no board takes are refused in the words of whoever refuses them, not by a number below 0.
    #[test]
    fn the_verdict_agrees_with_the_layout() {
        for name in Board::names() {
            let capacity = Board::named(name).unwrap().engine;
            for topology in
                ["784-160-10", "2x17x17-200-10", "65535-65535-65535", "1-1", "9-9-9-9-9-9-9-9-9-9"]
            {
                let topology: Topology = topology.parse().unwrap();
                let fits = Layout::new(&network(&topology, &capacity), &capacity).is_ok();
                let seen = verdict(&topology, &capacity);
                assert_eq!(seen.fits, fits, "{name}, {topology}: {seen:?}");
                assert_eq!(fits, seen.short.is_empty() && seen.refused.is_none());
            }
        }
    }
}
