//! `serve`, as it is typed.

use std::path::PathBuf;

use clap::Args;

use super::On;

/// `serve`
#[derive(Debug, Clone, Args)]
pub struct Serve {
    #[command(flatten)]
    pub on: On,

    /// Listen on HOST:PORT; :PORT is this machine only, port 0 any that is free
    #[arg(long, default_value = ":5767", value_name = "HOST:PORT")]
    pub listen: String,

    /// File whose first line is the token; without it the token is STOP_FPGA_TOKEN's, or a new one that is printed
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// How long an owner may be silent before another client gets the board
    #[arg(long, default_value_t = driver::share::IDLE.as_secs() as u32, value_name = "SECONDS")]
    pub idle: u32,

    /// Print address and configuration as JSON on stdout, on one line
    #[arg(long)]
    pub json: bool,
}
