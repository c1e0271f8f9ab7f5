//! `events`: looking at recordings.

use clap::{Args, Subcommand};

/// The verbs of `events`.
#[derive(Debug, Subcommand)]
pub enum Events {
    /// Look at a source once: what it holds, and every file that is damaged
    Check(Check),
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
