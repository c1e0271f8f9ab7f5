//! `events`: looking at recordings.

use std::path::PathBuf;

use ::events::recording::{Format, Mode, Options, Sensor};
use ::events::render::{MAX_FRAMES, Scale};
use clap::{Args, Subcommand, ValueEnum};

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

/// A recording to read, and how.
#[derive(Debug, Clone, Args)]
pub struct Input {
    /// The recording; - reads standard input
    #[arg(value_name = "FILE")]
    pub file: String,

    #[command(flatten)]
    pub reading: Reading,
}

/// How events are read, of a file or as they come.
#[derive(Debug, Clone, Copy, Args)]
pub struct Reading {
    /// Their format, where their content does not say: aedat2, aedat3.1, aedat4, evt2, evt2.1, evt3, dat, es, bin, bs3 or csv
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Their sensor, where they do not state it
    #[arg(long, value_name = "WxH")]
    pub sensor: Option<Sensor>,

    /// Read on after damage, and say what was lost
    #[arg(long)]
    pub lenient: bool,
}

impl Reading {
    /// The same for a reader.
    pub fn options(&self) -> Options {
        let mode = if self.lenient { Mode::Lenient } else { Mode::Strict };
        Options { mode, format: self.format, sensor: self.sensor }
    }
}

/// `events info`
#[derive(Debug, Clone, Args)]
pub struct Info {
    #[command(flatten)]
    pub input: Input,

    /// Print it as JSON on stdout
    #[arg(long)]
    pub json: bool,
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

/// `events convert`
#[derive(Debug, Clone, Args)]
pub struct Convert {
    #[command(flatten)]
    pub input: Input,

    /// The file to write; its extension names the format
    #[arg(value_name = "OUT")]
    pub out: PathBuf,

    /// The format to write, where OUT's extension does not name it: one of those of --format
    #[arg(long, value_name = "FORMAT")]
    pub to: Option<Format>,

    /// Print what was written as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// `events render`
#[derive(Debug, Clone, Args)]
pub struct Render {
    #[command(flatten)]
    pub input: Input,

    /// The picture to write: a .png, a .gif, or a folder of frames
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,

    /// What to draw; where absent, OUT's extension says: .gif an animation, .png a strip, none a folder of frames
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,

    /// Equal parts of the time, a frame each; where absent 8, of an animation as many as show it as fast as it was, 250 at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_FRAMES)))]
    pub frames: Option<u32>,

    /// Begin here, in seconds after the first event
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub from: Option<u64>,

    /// End here, in seconds after the first event
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub to: Option<u64>,

    /// Picture pixels a pixel of the sensor, such as 2 or 1/4; where absent, so that it fits a screen
    #[arg(long, value_name = "SCALE")]
    pub scale: Option<Scale>,

    /// Frames a second of an animation, 1 to 50
    #[arg(long, default_value_t = 25, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub fps: u32,

    /// Print what was drawn as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// What to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Frames side by side in one PNG, with times and a legend
    Strip,
    /// A folder with a PNG of each frame
    Frames,
    /// An animated GIF
    Gif,
    /// Columns over time above rows over time, in one PNG
    Raster,
}

/// A time on the command line, in µs.
fn seconds(text: &str) -> Result<u64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.0..1e9).contains(seconds));
    let seconds = seconds.ok_or_else(|| "wanted seconds from 0 to a billion, such as 0.25".to_owned())?;
    Ok((seconds * 1e6).round() as u64)
}
