//! `stream`: events as they come, through a board.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use events::pipeline::{Pipeline, Stage, Window};

use super::On;
use super::events::Reading;

/// When events are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pace {
    /// At the recording's own clock
    Recorded,
    /// As soon as they are there and the board has room
    Fast,
}

/// `stream`
#[derive(Debug, Clone, Args)]
pub struct Stream {
    /// Where events come from: a FILE, stdin, tcp:HOST:PORT to connect to, or udp:HOST:PORT to listen on
    #[arg(long, value_name = "FROM")]
    pub source: String,

    /// Weights file of the network that decides
    #[arg(long, value_name = "FILE")]
    pub weights: PathBuf,

    #[command(flatten)]
    pub on: On,

    /// A decision for each window: 100ms, or 5000events; 100ms,every=20ms overlaps. As trained where absent
    #[arg(long, value_name = "WINDOW", value_parser = window)]
    pub window: Option<Window>,

    /// Stages that events pass, between |, or a file of them that ends in .toml; as trained where absent, and none for ''
    #[arg(long, value_name = "STAGES", value_parser = Pipeline::open)]
    pub pipeline: Option<Pipeline>,

    /// Time steps of a window; as trained where absent
    #[arg(long, value_name = "T")]
    pub steps: Option<u16>,

    /// Pace of the events [default: recorded for a file, fast for the rest]
    #[arg(long, value_name = "PACE")]
    pub pace: Option<Pace>,

    #[command(flatten)]
    pub reading: Reading,

    /// The right class from time to time: a CSV file with the columns label, start_us and end_us
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,

    /// Learn every window that lies within a label's time
    #[arg(long, requires = "labels")]
    pub learn: bool,

    /// Write the weights as they are at the end into this file
    #[arg(long, value_name = "FILE", requires = "learn")]
    pub out: Option<PathBuf>,

    /// Watch: events, outputs, decisions, queue and link, in the terminal
    #[arg(long, conflicts_with = "json")]
    pub view: bool,

    /// Print each decision, and the summary at the end, as a line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Reads what stands behind `window=` in a pipeline.
fn window(text: &str) -> Result<Window, events::Error> {
    let pipeline: Pipeline = format!("window={text}").parse()?;
    match pipeline.stages() {
        [Stage::Window(window)] => Ok(*window),
        // A further stage behind a |.
        _ => Err(events::Error::NoWindow { pipeline: pipeline.to_string() }),
    }
}
