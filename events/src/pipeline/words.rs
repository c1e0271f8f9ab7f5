//! A stage as words: `window=100ms,every=50ms` on a command line, or a table of the same keys in TOML.

use super::problem::Problem;
use std::str::FromStr;

/// The keys of a stage that has none.
pub(super) const NO_KEYS: &str = "nothing after its value";

/// A stage's name and value, and its other keys, before it is known what they mean.
pub(super) struct Words {
    pub name: String,
    value: String,
    others: Vec<(String, String)>,
}

impl Words {
    /// Takes `name=value,key=value,…` apart. Spaces around the words do not count.
    pub fn parse(text: &str) -> Words {
        let pair = |text: &str| {
            let (key, value) = text.split_once('=').unwrap_or((text, ""));
            (key.trim().to_owned(), value.trim().to_owned())
        };
        let mut pairs = text.split(',').map(pair);
        let (name, value) = pairs.next().unwrap_or_default();
        Words { name, value, others: pairs.collect() }
    }

    pub fn new(name: String, value: String, others: Vec<(String, String)>) -> Words {
        Words { name, value, others }
    }

    /// The value after the stage's name.
    pub fn value<T: FromStr>(&self, wanted: &'static str) -> Result<T, Problem> {
        if self.value.is_empty() {
            return Err(Problem::NoValue { wanted });
        }
        self.read(&self.name, &self.value, wanted)
    }

    /// The value of another key, if that is given.
    pub fn take<T: FromStr>(&mut self, key: &str, wanted: &'static str) -> Result<Option<T>, Problem> {
        let Some(at) = self.others.iter().position(|(name, _)| name == key) else { return Ok(None) };
        let (_, value) = self.others.remove(at);
        if self.others.iter().any(|(name, _)| name == key) {
            return Err(Problem::Twice { key: key.into() });
        }
        self.read(key, &value, wanted).map(Some)
    }

    /// Refuses what no [`take`](Self::take) has asked for; `keys` are those that it might have been.
    pub fn end(&self, keys: &'static str) -> Result<(), Problem> {
        match self.others.first() {
            Some((key, _)) => Err(Problem::Key { key: key.clone(), keys }),
            None => Ok(()),
        }
    }

    fn read<T: FromStr>(&self, key: &str, value: &str, wanted: &'static str) -> Result<T, Problem> {
        value.parse().map_err(|_| Problem::Value { key: key.into(), seen: value.into(), wanted })
    }
}

/// Two sides, `2x3`, or one number for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sides(pub u16, pub u16);

impl FromStr for Sides {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse().map_err(|_| ());
        let (columns, rows) = text.split_once('x').unwrap_or((text, text));
        Ok(Sides(number(columns)?, number(rows)?))
    }
}

impl std::fmt::Display for Sides {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == self.1 { write!(f, "{}", self.0) } else { write!(f, "{}x{}", self.0, self.1) }
    }
}
