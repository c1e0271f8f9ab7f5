//! `events`: looking at recordings.

use clap::{Args, Subcommand};

use crate::commands::events::{Convert, Info, Render};

/// The verbs of `events`.
#[derive(Debug, Subcommand)]
pub enum Events {
    /// Say what a recording holds: format, sensor, duration, events, rates, gaps, what is skipped or lost
    Info(Info),
    /// Look at a source once: what it holds, and every file that is damaged
    Check(Check),
    /// Write a recording in another format
    Convert(Convert),
    /// Draw a recording: a strip or folder of frames, an animation, or columns and rows over time
    Render(Render),
}

/// `events check`
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// What to look at: anything that train takes
    #[arg(value_name = "SRC")]
    pub source: String,

    /// Print the findings as JSON on stdout
    #[arg(long)]
    pub json: bool,
}
