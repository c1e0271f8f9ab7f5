//! What becomes of recordings before they are encoded, as the user states it: `docs/pipelines.md`.

use clap::Args;
use events::pipeline::Pipeline;
use events::{Balance, SeededSplit};
use serde::{Deserialize, Serialize};

/// How recordings are prepared. A run that goes on must prepare them as it did.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Recordings")]
pub struct Preparation {
    /// Stages that recordings pass, between |, such as 'crop=96x96 | downsample=2 | window=100ms | shift=4', or a file of them
    /// that ends in .toml; docs/pipelines.md defines them
    #[arg(long, value_name = "STAGES", value_parser = Pipeline::open)]
    pub pipeline: Option<Pipeline>,

    /// Learn from this part of --train and test on the rest: PART or PART,seed=N, such as 0.8,seed=1; each label is divided so
    #[arg(long, value_name = "SPLIT", conflicts_with_all = ["test", "hold_out"])]
    pub split: Option<SeededSplit>,

    /// Learn as often from every class in each epoch: oversample repeats items of the rarer, cap leaves out some of the others
    #[arg(long, value_name = "HOW")]
    pub balance: Option<Balance>,
}

impl Preparation {
    /// The options that are given, for messages: name and value.
    pub fn options(&self) -> [(&'static str, String); 3] {
        let shown =
            |value: Option<String>| value.filter(|v| !v.is_empty()).unwrap_or_else(|| "(none)".to_owned());
        [
            ("--pipeline", shown(self.pipeline.as_ref().map(Pipeline::to_string))),
            ("--split", shown(self.split.map(|split| split.to_string()))),
            ("--balance", shown(self.balance.map(|balance| balance.to_string()))),
        ]
    }

    /// Whether recordings stay as they are.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
