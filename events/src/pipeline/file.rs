//! The TOML spelling: a table `[[stage]]` each, with the keys of the one-line spelling.

use super::problem::Problem;
use super::words::Words;
use super::{Pipeline, Stage, wrong};
use crate::bounded;
use crate::error::Error;
use serde::Deserialize;
use std::fs::File;
use std::path::Path;
use toml::{Table, Value};

/// The most bytes a pipeline's file may have.
const MAX_BYTES: usize = 64 << 10;

/// What a file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stages {
    #[serde(default)]
    stage: Vec<Table>,
}

impl Pipeline {
    /// Reads the TOML file if `text` ends in `.toml`, else `text` itself.
    ///
    /// # Errors
    /// A file that cannot be read or is no TOML; a stage that cannot be.
    pub fn open(text: &str) -> Result<Self, Error> {
        if !text.ends_with(".toml") {
            return text.parse();
        }
        let file = File::open(Path::new(text)).map_err(|cause| Error::Io { path: text.into(), cause })?;
        let bytes = bounded::read_to_end(file, text, MAX_BYTES)?;
        Self::from_toml(text, &String::from_utf8_lossy(&bytes))
    }

    /// Reads the content of a TOML file; `name` stands in messages.
    ///
    /// # Errors
    /// What is no TOML; a stage that cannot be.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, Error> {
        let no_toml = |cause: toml::de::Error| Error::NoToml { path: name.into(), cause: cause.to_string() };
        let Stages { stage } = toml::from_str(text).map_err(no_toml)?;
        let read = |(at, table): (usize, &Table)| {
            words(table).and_then(Stage::read).map_err(|problem| wrong(at, &shown(table), problem))
        };
        Pipeline::new(stage.iter().enumerate().map(read).collect::<Result<_, _>>()?)
    }
}

/// A table of a TOML file in one line, for messages.
fn shown(table: &Table) -> String {
    let pair = |(key, value): (&String, &Value)| format!("{key} = {value}");
    table.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// The stage's name is the only key that is one; the others are its keys.
fn words(table: &Table) -> Result<Words, Problem> {
    let (mut named, others): (Vec<_>, Vec<_>) =
        table.iter().map(|(key, value)| (key.clone(), text(value))).partition(|(key, _)| Stage::is_name(key));
    match (named.pop(), named.len()) {
        (Some((name, value)), 0) => Ok(Words::new(name, value, others)),
        (last, more) => {
            Err(Problem::Table { seen: more + usize::from(last.is_some()), names: Stage::names() })
        }
    }
}

/// A value as it is typed in one line; a list as its parts with `+` between them.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text).collect::<Vec<_>>().join("+"),
        other => other.to_string(),
    }
}
